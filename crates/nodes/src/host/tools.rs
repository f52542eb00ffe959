//! Tools: what they are called, what they take, and how they are used. Tool nodes and agents share this port.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Map, Value as Json};

use latchkey_domain::credential::{CredentialSelector, RenderedSelector, Resolution};
use latchkey_domain::journal::NodeUsage;
use latchkey_domain::run::Failure;
use latchkey_domain::value::{File, Value};
use latchkey_engine::node::{NodeContext, RunFacts};

/// The way to tools.
#[async_trait]
pub trait Tools: Send + Sync {
    /// What a tool takes.
    ///
    /// # Errors
    /// When there is no such tool here, or it is not bound to anything that can run.
    async fn definition(&self, run: &RunFacts, tool: &ToolRef)
    -> Result<ToolDefinition, ToolError>;

    /// Uses a tool once.
    ///
    /// # Errors
    /// When it cannot be used or fails.
    async fn invoke(&self, call: ToolCall<'_>) -> Result<ToolAnswer, ToolError>;
}

/// A tool as a document names it (Dify DSL, tool `provider_type`, `provider_id`, `tool_name`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ToolRef {
    /// `builtin`, `plugin`, `api`, `workflow`, `mcp` …
    pub provider_type: String,
    /// The provider's id, as it stands in the document.
    pub provider: String,
    /// The tool's name.
    pub tool: String,
}

/// A tool and what it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolDefinition {
    /// The name by which a model calls it.
    pub name: String,
    /// What it does, for models.
    pub description: String,
    /// What it takes, in order.
    pub parameters: Vec<ToolParameter>,
}

/// One parameter of a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolParameter {
    /// Its name.
    pub name: String,
    /// What it is, for models.
    pub description: String,
    /// Dify's type: `string`, `number`, `boolean`, `select`, `file`, `files`, `array`, `object`, `secret-input` …
    pub kind: String,
    /// Whether a call without it is refused.
    pub required: bool,
    /// Who says it.
    pub form: ParameterForm,
    /// What it is when nobody says it.
    pub default: Option<Json>,
    /// The values of a selection; empty when any will do.
    pub options: Vec<String>,
    /// Its JSON schema, when the tool declares one.
    pub schema: Option<Json>,
}

/// Who says what a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterForm {
    /// A model, or the author.
    Llm,
    /// The author alone.
    Form,
}

/// One use of a tool.
pub struct ToolCall<'a> {
    /// The node that uses it.
    pub context: &'a NodeContext,
    /// The tool.
    pub tool: &'a ToolRef,
    /// What the node says about the tool's credential, as it stands in the document.
    pub selector_source: CredentialSelector,
    /// The same after its templates were rendered strictly.
    pub rendered: RenderedSelector,
    /// What it is given, by name; values that its definition does not declare are not sent.
    pub arguments: Map<String, Json>,
    /// Files among what it is given, by the name of the parameter.
    pub files: Vec<(String, File)>,
    /// Where is told what holds also if the use fails.
    pub proof: &'a ToolProof,
}

/// What is known of a use of a tool however it ends: who would pay and why, and what was paid for on the way.
#[derive(Debug, Default)]
pub struct ToolProof {
    told: Mutex<(NodeUsage, Option<Resolution>)>,
}

impl ToolProof {
    /// The credential is decided.
    pub fn resolved(&self, resolution: &Resolution) {
        self.told().1 = Some(resolution.clone());
    }

    /// Calls of models inside it have used this, all together.
    pub fn used(&self, usage: NodeUsage) {
        self.told().0 = usage;
    }

    /// Usage and reason, when the use is over.
    #[must_use]
    pub fn into_parts(self) -> (NodeUsage, Option<Resolution>) {
        self.told
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// A panic of somebody else leaves nothing half-told behind this lock.
    fn told(&self) -> MutexGuard<'_, (NodeUsage, Option<Resolution>)> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a tool answered.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ToolAnswer {
    /// In order.
    pub messages: Vec<ToolMessage>,
    /// What model calls inside it used (a workflow as a tool).
    pub usage: NodeUsage,
    /// Which credential it was used with, and why.
    pub resolution: Option<Resolution>,
}

/// One message of a tool.
#[derive(Clone, Debug, PartialEq)]
pub enum ToolMessage {
    /// A text.
    Text(String),
    /// An address.
    Link(String),
    /// A file that it made.
    File(File),
    /// A JSON value.
    Json(Json),
    /// An output of its own.
    Variable {
        /// Its name.
        name: String,
        /// Its value.
        value: Value,
    },
}

/// Why a tool was not used, or failed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ToolError {
    /// There is none of this name here, or it is bound to nothing. The text says how to mend it.
    #[error("{0}")]
    Unbound(String),
    /// Its arguments are not what it takes.
    #[error("{0}")]
    Parameter(String),
    /// It was used and failed.
    #[error("{0}")]
    Invoke(String),
    /// It was asked and said no, or was not reached: that may be its credential's fault.
    #[error("{}", .0.text)]
    Refused(ToolRefusal),
    /// Its credential cannot be used.
    #[error("{}", .0.message)]
    Credential(Box<Failure>),
}

/// What a tool's server says when it says no, as far as it may tell something about the credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolRefusal {
    /// Its words, for people. They may repeat the key: mask them.
    pub text: String,
    /// The status of HTTP; none when there was no answer.
    pub status: Option<u16>,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
    /// Whether it may have seen the request.
    pub sent: bool,
}

impl ToolRefusal {
    /// An answer that is no success.
    #[must_use]
    pub const fn answered(status: u16, retry_after: Option<Duration>, text: String) -> Self {
        Self {
            text,
            status: Some(status),
            retry_after,
            sent: true,
        }
    }

    /// No answer.
    #[must_use]
    pub fn unreached(cause: &latchkey_outbound::Error, text: String) -> Self {
        Self {
            text,
            status: None,
            retry_after: None,
            sent: cause.may_have_arrived(),
        }
    }
}

/// A host without tools.
pub struct NoTools;

#[async_trait]
impl Tools for NoTools {
    async fn definition(&self, _: &RunFacts, tool: &ToolRef) -> Result<ToolDefinition, ToolError> {
        Err(ToolError::Unbound(format!(
            "there is no tool {:?} of {:?} here",
            tool.tool, tool.provider
        )))
    }

    async fn invoke(&self, call: ToolCall<'_>) -> Result<ToolAnswer, ToolError> {
        let missing = self.definition(&call.context.run, call.tool).await;
        missing.map(|_| ToolAnswer::default())
    }
}
