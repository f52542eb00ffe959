//! What nodes are given by whoever runs them: the ways to models, to the network, to files and to tools.
//!
//! The ports are traits because they truly vary: over the database in a server, in memory for the command line and the
//! conformance runner. A host that lacks something answers that it does, and the node fails with that reason.

mod files;
mod tools;

use std::sync::Arc;

use latchkey_models::ModelManager;
use latchkey_outbound::Outbound;

pub use self::files::{FileError, Files, MadeFile, MemoryFiles, RemoteFiles};
pub use self::tools::{
    NoTools, ParameterForm, ToolAnswer, ToolCall, ToolDefinition, ToolError, ToolMessage,
    ToolParameter, ToolRef, Tools,
};

/// How long the output of a template may be, in characters, unless the host says otherwise (Dify:
/// `TEMPLATE_TRANSFORM_MAX_LENGTH`).
pub const TEMPLATE_LENGTH: usize = 400_000;

/// What nodes are given by whoever runs them. Clones share everything.
#[derive(Clone)]
pub struct Host {
    /// The way to models.
    pub models: Arc<ModelManager>,
    /// The way to other machines.
    pub outbound: Outbound,
    /// The contents of files.
    pub files: Arc<dyn Files>,
    /// Tools.
    pub tools: Arc<dyn Tools>,
    /// How long the output of a template may be, in characters.
    pub template_length: usize,
}

impl Host {
    /// A host with the usual limits, that reads files from their URLs only and has no tools.
    #[must_use]
    pub fn new(models: Arc<ModelManager>, outbound: Outbound) -> Self {
        Self {
            models,
            files: Arc::new(RemoteFiles::new(outbound.clone())),
            tools: Arc::new(NoTools),
            outbound,
            template_length: TEMPLATE_LENGTH,
        }
    }
}
