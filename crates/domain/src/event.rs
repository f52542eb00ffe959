//! Run events: what happens in a run, in one order, for whoever watches it.

mod rounds;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::agent::AgentLog;
use crate::credential::Resolution;
use crate::form::{FormAnswer, FormRequest};
use crate::id::{ModelCallId, NodeExecutionId, NodeId, RunId};
use crate::run::{Failure, IterationPath, NodeExecution, RunError, RunStatus, RunUsage};
use crate::time::Timestamp;

pub use self::rounds::{LoopEnd, RoundStarted, RoundsFinished, RoundsStarted};

/// The place of an event: the journal record that caused it, and its number among that record's events.
///
/// Its text form `epoch.sequence.part` is the SSE id; it can be given back to continue after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// The run's epoch.
    pub epoch: u32,
    /// The journal record's number.
    pub sequence: u64,
    /// The event's number among those that this record caused.
    pub part: u32,
}

impl Position {
    /// Reads the text form `epoch.sequence.part`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let position = Self {
            epoch: parts.next()?.parse().ok()?,
            sequence: parts.next()?.parse().ok()?,
            part: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(position)
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.epoch, self.sequence, self.part)
    }
}

/// One event of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunEvent {
    /// The run.
    pub run_id: RunId,
    /// Its place.
    pub position: Position,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub body: EventBody,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventBody {
    /// The run began.
    RunStarted {
        /// Its inputs.
        inputs: Map<String, Json>,
        /// The system variables that it begins with, without their prefix.
        system: Map<String, Json>,
    },
    /// A node began.
    NodeStarted(NodeStarted),
    /// A model call was opened.
    ModelCall {
        /// The ledger's row.
        call_id: ModelCallId,
        /// The node.
        node_id: NodeId,
        /// The node execution.
        execution_id: NodeExecutionId,
        /// Which attempt, from 1.
        attempt: u32,
        /// The model.
        model: String,
        /// Why this key.
        resolution: Box<Resolution>,
    },
    /// An agent's step began or is over.
    AgentLog {
        /// The node.
        node_id: NodeId,
        /// The node execution.
        execution_id: NodeExecutionId,
        /// The step.
        #[serde(flatten)]
        log: Box<AgentLog>,
    },
    /// Text for the reader, in template order.
    TextChunk {
        /// The node that is shown as the source.
        node_id: NodeId,
        /// The variable that it comes from.
        selector: Vec<String>,
        /// The text.
        text: String,
        /// Whether this source says no more.
        is_final: bool,
    },
    /// Reasoning text of a model (`reasoning_format: separated`).
    ReasoningChunk {
        /// The llm node.
        node_id: NodeId,
        /// The text.
        text: String,
        /// Whether this source says no more.
        is_final: bool,
    },
    /// An attempt failed and will be repeated.
    NodeRetry {
        /// The node execution.
        execution_id: NodeExecutionId,
        /// The node.
        node_id: NodeId,
        /// Which repetition follows, from 1.
        retry_index: u32,
        /// Why.
        error: Failure,
    },
    /// A node starts over, because whoever executed the run is gone: what it had said does not count.
    NodeRestarted {
        /// The node execution.
        execution_id: NodeExecutionId,
        /// The node.
        node_id: NodeId,
        /// The text of the answer that remains valid: it takes the place of all text so far.
        text: String,
    },
    /// An iteration has its items.
    IterationStarted(RoundsStarted),
    /// An item of an iteration begins.
    IterationNext(RoundStarted),
    /// An iteration ended well.
    IterationSucceeded(RoundsFinished),
    /// An iteration failed.
    IterationFailed(RoundsFinished),
    /// A loop has its variables.
    LoopStarted(RoundsStarted),
    /// A turn of a loop begins.
    LoopNext(RoundStarted),
    /// A loop ended well.
    LoopSucceeded(RoundsFinished),
    /// A loop failed.
    LoopFailed(RoundsFinished),
    /// A node asks a person.
    FormRequested(Box<FormRequest>),
    /// A form was answered, or its deadline has passed.
    FormAnswered {
        /// The node.
        node_id: NodeId,
        /// The node execution that asked.
        execution_id: NodeExecutionId,
        /// The answer.
        #[serde(flatten)]
        answer: FormAnswer,
    },
    /// A node ended.
    NodeFinished(Box<NodeExecution>),
    /// The run waits for forms.
    RunPaused(RunPaused),
    /// The run ended.
    RunFinished(RunFinished),
}

/// A node began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeStarted {
    /// The node execution.
    pub execution_id: NodeExecutionId,
    /// The node.
    pub node_id: NodeId,
    /// Its type.
    #[serde(rename = "type")]
    pub node_type: String,
    /// Its title.
    pub title: String,
    /// Its place in the order of starts, from 1.
    pub index: u32,
    /// The rounds of the containers around it.
    pub iteration_path: IterationPath,
    /// The node whose end made it ready.
    pub predecessor: Option<NodeId>,
}

/// The run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunFinished {
    /// How.
    pub status: RunStatus,
    /// Its outputs.
    pub outputs: Map<String, Json>,
    /// Why it failed.
    pub error: Option<RunError>,
    /// What it used.
    pub usage: RunUsage,
    /// Started attempts of top-level nodes.
    pub steps: u32,
    /// Failed attempts.
    pub exceptions: u32,
}

/// The run waits for forms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunPaused {
    /// What it waits for.
    pub forms: Vec<FormRequest>,
    /// Its outputs so far.
    pub outputs: Map<String, Json>,
    /// What it has used so far.
    pub usage: RunUsage,
    /// Started attempts of top-level nodes so far.
    pub steps: u32,
    /// Failed attempts so far.
    pub exceptions: u32,
}

impl EventBody {
    /// The name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RunStarted { .. } => "run_started",
            Self::NodeStarted(_) => "node_started",
            Self::ModelCall { .. } => "model_call",
            Self::AgentLog { .. } => "agent_log",
            Self::TextChunk { .. } => "text_chunk",
            Self::ReasoningChunk { .. } => "reasoning_chunk",
            Self::NodeRetry { .. } => "node_retry",
            Self::NodeRestarted { .. } => "node_restarted",
            Self::IterationStarted(_) => "iteration_started",
            Self::IterationNext(_) => "iteration_next",
            Self::IterationSucceeded(_) => "iteration_succeeded",
            Self::IterationFailed(_) => "iteration_failed",
            Self::LoopStarted(_) => "loop_started",
            Self::LoopNext(_) => "loop_next",
            Self::LoopSucceeded(_) => "loop_succeeded",
            Self::LoopFailed(_) => "loop_failed",
            Self::FormRequested(_) => "form_requested",
            Self::FormAnswered { .. } => "form_answered",
            Self::NodeFinished(_) => "node_finished",
            Self::RunPaused(_) => "run_paused",
            Self::RunFinished(_) => "run_finished",
        }
    }

    /// Whether the run says nothing after it.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        matches!(self, Self::RunFinished(_))
    }
}
