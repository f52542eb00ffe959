//! Models and who pays for them: credential resolution, the opening and closing of calls, and the providers.
//!
//! A call goes: resolve (pure, over a [`Snapshot`]) → open the ledger's row ([`CallBook`]) → open the credential's
//! values ([`CredentialSource`]) → provider → stream → close the row, once. No committed row, no call.
//! This crate stores nothing, and renders no templates: selectors come in rendered.

mod book;
pub mod catalogue;
mod chat;
mod configuration;
mod context;
mod dry_run;
mod error;
mod form;
mod hosts;
mod instance;
mod manager;
mod mask;
pub mod memory;
mod prices;
mod provider;
mod providers;
mod resolve;
mod source;
mod sse;
mod stream;
mod tokens;
mod tool;
mod traffic;
mod verdict;

pub use crate::book::{BookError, CallBook, OpenError};
pub use crate::chat::{
    ChatChunk, ChatRequest, Content, Message, Part, ReportedUsage, ResponseFormat, Role, Tool,
    ToolCall, ToolCallPiece,
};
pub use crate::configuration::{ProviderConfiguration, ProviderManager};
pub use crate::context::{ModelRef, WorkflowContext};
pub use crate::dry_run::{
    DryRunOutcome, DryRunRow, OverrideProblem, PlannedModel, PlannedSelector,
};
pub use crate::error::{ErrorKind, InvokeError, KeyFault};
pub use crate::form::{FormProblem, FormValues, check_form};
pub use crate::hosts::{is_host_entry, is_listed};
pub use crate::instance::{Answered, ModelInstance, RerankRequest, RetrieveRequest};
pub use crate::manager::{ModelManager, Validation};
pub use crate::prices::StatedPrices;
pub use crate::provider::{
    Access, ChunkStream, Passage, Provider, ProviderAnswer, ProviderCall, Ranked, Trial,
    TrialAnswer, WholeAnswer,
};
pub use crate::resolve::levels::override_provider;
pub use crate::resolve::{Candidate, Candidates};
pub use crate::source::{
    CredentialSource, CredentialValues, Credentials, Snapshot, SourceError, SystemCredential,
};
pub use crate::sse::{Parser as SseParser, TooLong as SseTooLong};
pub use crate::stream::{CallReport, ChatStream};
pub use crate::tokens::estimate as estimate_tokens;
pub use crate::tool::{ToolCredential, ToolFailed, ToolFault, ToolPlace, ToolUse};
