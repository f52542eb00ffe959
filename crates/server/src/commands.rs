//! The commands that speak to a running server over HTTP.
//!
//! They know the contract of the API and nothing of what is behind it.

pub(crate) mod credentials;
pub(crate) mod export;
pub(crate) mod import;
mod import_report;
pub(crate) mod keys;
pub(crate) mod resolve;
