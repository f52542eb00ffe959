//! What nodes are given by whoever runs them: the ways to models, to the network, to files, to tools, to knowledge and to the
//! sandbox.
//!
//! The ports are traits because they truly vary: over the database in a server, in memory for the command line and the
//! conformance runner. A host that lacks something answers that it does, and the node fails with that reason.

mod code;
mod files;
mod knowledge;
mod tools;

use std::sync::Arc;
use std::time::Duration;

use latchkey_models::ModelManager;
use latchkey_outbound::Outbound;
use latchkey_sandbox::Sandbox;

use crate::tools::BuiltinTools;

pub use self::code::CodeLimits;
pub use self::files::{FileError, Files, MadeFile, MemoryFiles, RemoteFiles};
pub use self::knowledge::{
    AskedModel, DatasetCard, Hit, Knowledge, KnowledgeError, KnowledgeQuestion, NoKnowledge,
};
pub use self::tools::{
    NoTools, ParameterForm, ToolAnswer, ToolCall, ToolDefinition, ToolError, ToolMessage,
    ToolParameter, ToolProof, ToolRef, ToolRefusal, Tools,
};

/// How long the output of a template may be, in characters, unless the host says otherwise (Dify:
/// `TEMPLATE_TRANSFORM_MAX_LENGTH`).
pub const TEMPLATE_LENGTH: usize = 400_000;

/// How long a template or a tool may take in the sandbox, where code may take longer.
pub(crate) const APART: Duration = Duration::from_secs(15);

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
    /// Where code and parsers run; without one they are refused.
    pub sandbox: Option<Arc<Sandbox>>,
    /// What code may answer.
    pub code: CodeLimits,
    /// Datasets.
    pub knowledge: Arc<dyn Knowledge>,
    /// How long the output of a template may be, in characters.
    pub template_length: usize,
}

impl Host {
    /// A host with the usual limits, that reads files from their URLs only, has the built-in tools, and has neither datasets
    /// nor a sandbox.
    #[must_use]
    pub fn new(models: Arc<ModelManager>, outbound: Outbound) -> Self {
        Self {
            models,
            files: Arc::new(RemoteFiles::new(outbound.clone())),
            tools: Arc::new(BuiltinTools::new(outbound.clone())),
            knowledge: Arc::new(NoKnowledge),
            outbound,
            sandbox: None,
            code: CodeLimits::default(),
            template_length: TEMPLATE_LENGTH,
        }
    }
}
