//! The words of Latchkey: ids, the workflow document, values, run events, statuses, credentials and the ledger.
//!
//! No I/O, no async, no clock: everything here is data and the rules that need nothing but data.

pub mod access;
pub mod agent;
pub mod chat;
pub mod credential;
pub mod document;
pub mod event;
pub mod file;
pub mod form;
pub mod id;
pub mod inputs;
pub mod journal;
pub mod knowledge;
pub mod ledger;
pub mod member;
pub mod points;
pub mod price;
pub mod provider;
pub mod run;
pub mod settings;
pub mod time;
pub mod tool;
pub mod trigger;
pub mod value;
pub mod workflow;
