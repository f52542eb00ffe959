//! Runs and node executions: their statuses and the records that people read.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::credential::{
    CredentialCode, CredentialFailure, Environment, Overrides, Principal, Resolution,
};
use crate::id::{NodeExecutionId, NodeId, RunId, WorkflowId, WorkspaceId};
use crate::ledger::{Money, Tokens};
use crate::time::Timestamp;

/// Where a run stands (Dify DSL, run status; `queued` is ours).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunStatus {
    /// Accepted, not yet executing.
    Queued,
    /// Executing.
    Running,
    /// Ended without a failure.
    Succeeded,
    /// Ended; some attempts failed and were tolerated.
    PartialSucceeded,
    /// Ended by a failure.
    Failed,
    /// Ended by a person or a limit.
    Stopped,
    /// Waits for somebody.
    Paused,
}

impl RunStatus {
    /// The name used in tables and bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::PartialSucceeded => "partial-succeeded",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::Paused => "paused",
        }
    }

    /// Reads [`RunStatus::as_str`] back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Queued,
            Self::Running,
            Self::Succeeded,
            Self::PartialSucceeded,
            Self::Failed,
            Self::Stopped,
            Self::Paused,
        ]
        .into_iter()
        .find(|s| s.as_str() == text)
    }

    /// Whether nothing can follow.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::Succeeded | Self::PartialSucceeded | Self::Failed | Self::Stopped
        )
    }
}

/// Where a node execution stands (Dify DSL, node status).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeStatus {
    /// Executing.
    Running,
    /// Done.
    Succeeded,
    /// Failed, and nothing tolerates it.
    Failed,
    /// Failed, and an error strategy took over.
    Exception,
    /// Ended with its run.
    Stopped,
    /// Waits for somebody.
    Paused,
    /// Its result is that of the run which is repeated.
    Reused,
}

impl NodeStatus {
    /// The name used in tables and bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Exception => "exception",
            Self::Stopped => "stopped",
            Self::Paused => "paused",
            Self::Reused => "reused",
        }
    }

    /// Reads [`NodeStatus::as_str`] back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Running,
            Self::Succeeded,
            Self::Failed,
            Self::Exception,
            Self::Stopped,
            Self::Paused,
            Self::Reused,
        ]
        .into_iter()
        .find(|s| s.as_str() == text)
    }
}

/// The version of a workflow that a run executes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunVersion {
    /// The draft at this revision.
    Draft(u32),
    /// The published version of this number, from 1.
    Published(u32),
}

/// The rounds of the containers around a node, outermost first; empty at top level.
pub type IterationPath = Vec<IterationStep>;

/// One round of one container.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct IterationStep {
    /// The iteration or loop node.
    pub node_id: NodeId,
    /// Its round, from 0.
    pub index: u32,
}

/// A failure as a run or a node carries it: data, not an error of ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// The class that error strategies and `error_type` see, such as `InvokeRateLimitError`; may be empty.
    pub error_type: String,
    /// The text.
    pub message: String,
    /// For `CredentialError`: the whole story, for those who may read credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Box<CredentialFailure>>,
    /// Who paid for the call that failed, for those who may read credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_by: Option<String>,
    /// After how many milliseconds another attempt may come to more, if anybody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl Failure {
    /// A failure of a class.
    #[must_use]
    pub fn new(error_type: &str, message: impl Into<String>) -> Self {
        Self {
            error_type: error_type.into(),
            message: message.into(),
            credential: None,
            paid_by: None,
            retry_after_ms: None,
        }
    }
}

/// Why a run failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunError {
    /// A stable code: `node_failed`, `stopped`, `step_limit`, `time_limit`, or a credential code.
    pub code: String,
    /// The text.
    pub message: String,
    /// The code of a credential's failure for those who may not read credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_code: Option<CredentialCode>,
    /// Who paid for the call that failed, for those who may read credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_by: Option<String>,
    /// The node that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<NodeId>,
}

/// A run as it is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The workflow.
    pub workflow: WorkflowId,
    /// What it executes.
    pub version: RunVersion,
    /// The identity of whoever published that version, or runs the draft.
    pub author: Principal,
    /// Who started it.
    pub caller: Principal,
    /// The end user's label.
    pub end_user: Option<String>,
    /// Its environment.
    pub environment: Environment,
    /// Its overrides (stored credentials only).
    pub overrides: Overrides,
    /// Where it stands.
    pub status: RunStatus,
    /// Raised by whoever takes it over or stops it.
    pub epoch: u32,
    /// Its inputs.
    pub inputs: Map<String, Json>,
    /// Its outputs, once it has ended.
    pub outputs: Option<Map<String, Json>>,
    /// Why it failed.
    pub error: Option<RunError>,
    /// The run that it repeats.
    pub retried_from: Option<RunId>,
    /// The node at which it begins, where that was said: a trigger's, or the one that its caller named.
    pub trigger: Option<NodeId>,
    /// The only node of the draft that it runs, with stated values for what that node reads.
    pub only_node: Option<NodeId>,
    /// The run that uses its workflow as a tool.
    pub parent: Option<RunId>,
    /// Counts of all its calls.
    pub usage: RunUsage,
    /// Started attempts of top-level nodes.
    pub steps: u32,
    /// Failed attempts.
    pub exceptions: u32,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it began to execute.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// What a run has used.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RunUsage {
    /// All tokens.
    pub tokens: Tokens,
    /// Money by currency.
    pub cost: Vec<Money>,
    /// Calls whose price is unknown.
    pub unpriced_calls: u64,
}

/// One execution of one node, all its attempts together, as it is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeExecution {
    /// Its id.
    pub id: NodeExecutionId,
    /// The node.
    pub node_id: NodeId,
    /// The node's type.
    #[serde(rename = "type")]
    pub node_type: String,
    /// The node's title.
    pub title: String,
    /// Its place in the order of starts, from 1.
    pub index: u32,
    /// The rounds of the containers around it.
    pub iteration_path: IterationPath,
    /// Where it stands.
    pub status: NodeStatus,
    /// What went in.
    pub inputs: Option<Json>,
    /// What came out.
    pub outputs: Option<Json>,
    /// What happened inside, for people.
    pub process_data: Option<Json>,
    /// The chosen branch.
    pub handle: Option<String>,
    /// The failure of the last attempt.
    pub error: Option<Failure>,
    /// Attempts, from 1.
    pub attempts: u32,
    /// Why this key (of the last model call).
    pub resolution: Option<Resolution>,
    /// Tokens of all attempts.
    pub tokens: Tokens,
    /// When the first attempt began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}
