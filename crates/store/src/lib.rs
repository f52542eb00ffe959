//! What is kept: workspaces, workflows, credentials, runs with their journals, and the ledger, in SQLite or PostgreSQL, and
//! the contents of files beside it.
//!
//! Everything that belongs to a run goes through one batching writer: what waits shares a transaction, and an answer means
//! *committed*. Nothing here opens a sealed value or decides who may do what.

mod app_settings;
mod audit;
mod blobs;
mod budget_events;
mod claim;
mod codec;
mod conversations;
mod credential_versions;
mod credentials;
mod data_keys;
mod dataset_documents;
mod dataset_segments;
mod datasets;
mod durable;
mod duties;
mod end_users;
mod entities;
mod error;
mod files;
mod forms;
mod glance;
mod health;
mod invitations;
mod key;
mod large;
mod ledger;
mod members;
mod messages;
mod open;
mod page;
mod pools;
mod prices;
mod pruning;
mod resealing;
mod run_log;
mod run_secrets;
mod runs;
mod search;
mod sessions;
mod spending;
mod tools;
mod triggers;
mod usage;
mod versions;
mod workers;
mod workflow_rules;
mod workflows;
mod workspaces;
mod writer;

pub use crate::audit::{AuditEntry, AuditFilter};
pub use crate::blobs::{BlobError, BlobStream, BlobWriter, Blobs, Bucket, BucketKey, Written};
pub use crate::budget_events::{BudgetEvent, BudgetWebhook, Delivery};
pub use crate::claim::Claim;
pub use crate::conversations::{ConversationOrder, ConversationQuery};
pub use crate::credential_versions::{Replaced, Usable};
pub use crate::credentials::{CredentialChange, DefaultKey, SealedValues};
pub use crate::data_keys::{NewDataKey, OlderKey, Rewrapped, WrappedKeys};
pub use crate::dataset_documents::{DocumentBody, DocumentPlace};
pub use crate::dataset_segments::{NewSegment, VectorModel};
pub use crate::error::StoreError;
pub use crate::glance::{LimitsInUse, Payer, RunCount, RunCountQuery, UnfinishedRuns};
pub use crate::health::PayerHealth;
pub use crate::ledger::CallFilter;
pub use crate::members::{MemberChange, MemberError};
pub use crate::open::{ChangeState, Options, Store, Sync};
pub use crate::page::{Page, Paged};
pub use crate::prices::StatedPrice;
pub use crate::pruning::Part;
pub use crate::resealing::{Resealed, Sealed, SealedPlace, SealedTable};
pub use crate::run_log::RunLogQuery;
pub use crate::run_secrets::RunSecret;
pub use crate::runs::{RunDocument, RunFilter, ToolCaller};
pub use crate::search::{Admitted, Found};
pub use crate::sessions::Session;
pub use crate::spending::BudgetState;
pub use crate::triggers::{Fired, KeptTrigger, NewTrigger, TriggerChange, WebhookAddress};
pub use crate::usage::{Dimension, UsageKey, UsageQuery, UsageRow};
pub use crate::versions::NewVersion;
pub use crate::workers::{ActiveRuns, Company, QueueState, WaitingRun, Worker};
pub use crate::workflows::{Besides, DocumentText};
pub use crate::workspaces::{Installation, Workspace};
pub use crate::writer::{
    AppendError, Claimed, IdempotencyKey, Inserted, MOST_CLAIMS, NewRun, OpenCalls, Pending, Place,
};
