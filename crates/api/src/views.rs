//! The bodies of the API: what is read and what is answered, apart from the domain, so that each can change alone.

pub(crate) mod app;
pub(crate) mod audit;
pub(crate) mod credential;
pub(crate) mod credential_version;
pub(crate) mod dataset;
pub(crate) mod document;
pub(crate) mod file;
pub(crate) mod form;
pub(crate) mod key;
pub(crate) mod ledger;
pub(crate) mod limits;
pub(crate) mod master_key;
pub(crate) mod member;
pub(crate) mod pool;
pub(crate) mod price;
pub(crate) mod provider;
pub(crate) mod resolution;
pub(crate) mod run;
pub(crate) mod search;
pub(crate) mod session;
pub(crate) mod status;
pub(crate) mod tool;
pub(crate) mod tool_binding;
pub(crate) mod trigger;
pub(crate) mod workflow;
pub(crate) mod workspace;
