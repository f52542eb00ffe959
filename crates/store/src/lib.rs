//! What is kept: workspaces, workflows, credentials, runs with their journals, and the ledger, in SQLite or PostgreSQL.
//!
//! Everything that belongs to a run goes through one batching writer: what waits shares a transaction, and an answer means
//! *committed*. Nothing here opens a sealed value or decides who may do what.

mod audit;
mod codec;
mod credentials;
mod entities;
mod error;
mod ledger;
mod open;
mod page;
mod runs;
mod usage;
mod workflows;
mod workspaces;
mod writer;

pub use crate::audit::AuditEntry;
pub use crate::credentials::{CredentialChange, DefaultKey, SealedValues};
pub use crate::error::StoreError;
pub use crate::ledger::CallFilter;
pub use crate::open::{Options, Store, Sync};
pub use crate::page::{Page, Paged};
pub use crate::runs::{RunDocument, RunFilter};
pub use crate::usage::{Dimension, UsageKey, UsageQuery, UsageRow};
pub use crate::workflows::{DocumentText, NewVersion};
pub use crate::workspaces::Workspace;
pub use crate::writer::{AppendError, IdempotencyKey, Inserted, NewRun, OpenCalls, Pending};
