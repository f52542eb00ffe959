//! The journal: the ordered log of every input of a run's state machine. Feeding it in again rebuilds the state.

mod report;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::credential::Resolution;
use crate::event::{RunFinished, RunPaused};
use crate::form::{FormAnswer, FormRequest};
use crate::id::{NodeExecutionId, NodeId};
use crate::ledger::Tokens;
use crate::run::Failure;
use crate::time::Timestamp;
use crate::value::{NamedValues, Value};

pub use self::report::{Report, ReportBody};

/// One record, keyed `(run, sequence)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JournalRecord {
    /// Its number in its run, from 1, without gaps.
    pub sequence: u64,
    /// The epoch of whoever wrote it.
    pub epoch: u32,
    /// When it happened.
    pub at: Timestamp,
    /// What running nodes reported since the record before, in order: replay shows it again, chunk by chunk.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        with = "report::compact"
    )]
    pub reports: Vec<Report>,
    /// What happened.
    pub entry: JournalEntry,
}

/// What happened: an input of the state machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum JournalEntry {
    /// The run began.
    Started {
        /// With these values; those of secret variables are not among them.
        values: Box<StartValues>,
        /// Under these limits.
        limits: Limits,
    },
    /// An attempt of a node ended well.
    NodeSucceeded {
        /// The node execution.
        execution_id: NodeExecutionId,
        /// When the attempt began.
        started_at: Timestamp,
        /// What came of it.
        result: Box<NodeResult>,
    },
    /// An attempt of a node failed; the state machine decides what follows.
    NodeFailed {
        /// The node execution.
        execution_id: NodeExecutionId,
        /// When the attempt began.
        started_at: Timestamp,
        /// Why.
        failure: Failure,
        /// What the attempt still used and tells; its outputs are discarded.
        result: Box<NodeResult>,
    },
    /// The wait before a repetition is over.
    RetryDue {
        /// The node execution.
        execution_id: NodeExecutionId,
    },
    /// Somebody asked the run to stop, or a limit did.
    StopAsked {
        /// The reason, for people.
        reason: String,
    },
    /// A node asks a person: no further node starts until there is an answer.
    FormAsked {
        /// When the node began.
        started_at: Timestamp,
        /// What it asks.
        request: Box<FormRequest>,
    },
    /// Somebody else goes on with the run: whoever executed it has died, or has let go of it. What ran then and has no end here starts
    /// over.
    TakenOver,
    /// The run has taken as long as it may.
    TimeOver,
    /// A form was answered, or its deadline has passed: the run goes on.
    FormAnswered {
        /// The node execution that asked.
        execution_id: NodeExecutionId,
        /// The answer.
        answer: FormAnswer,
    },
    /// Nothing runs any more and everything waits for forms: whoever executed the run lets go of it.
    Paused(RunPaused),
    /// The run ended.
    Finished(RunFinished),
}

/// The values that a run begins with.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct StartValues {
    /// The start variables, checked and of their declared types.
    pub inputs: NamedValues,
    /// The system variables without their prefix; null ones are left out.
    pub system: NamedValues,
    /// The environment variables that are no secrets.
    pub environment: NamedValues,
    /// The conversation variables; the value of a secret one is not kept.
    pub conversation: NamedValues,
    /// Values of nodes that the run does not have: what a node reads that is run alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<GivenNode>,
    /// Results of nodes of another run that need not be come to again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reused: Vec<ReusedNode>,
}

/// Stated values of a node, which stand for its outputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GivenNode {
    /// The node.
    pub node_id: NodeId,
    /// Its values.
    pub values: NamedValues,
}

/// A result that a repeated run takes over from the run that it repeats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReusedNode {
    /// The node, at top level.
    pub node_id: NodeId,
    /// What came of it there; it uses nothing again.
    pub result: Box<NodeResult>,
}

/// What bounds a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Node starts, retries not counted (Dify: `WORKFLOW_MAX_EXECUTION_STEPS`).
    pub max_steps: u32,
    /// Milliseconds (Dify: `WORKFLOW_MAX_EXECUTION_TIME`, in seconds).
    pub max_millis: u64,
    /// Nodes with effects that run at the same time; others wait.
    pub slots: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_steps: 500,
            max_millis: 1_200_000,
            slots: 10,
        }
    }
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct NodeResult {
    /// What went in, for people.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub inputs: Map<String, Json>,
    /// The outputs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: NamedValues,
    /// What happened inside, for people.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub process_data: Map<String, Json>,
    /// The branch that was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// Variables that it changed, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub updates: Vec<VariableUpdate>,
    /// What its model calls used.
    #[serde(default)]
    pub usage: NodeUsage,
    /// Why this key (of the last model call).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// The secrets that stand masked in the outputs and updates, so that a replay can put them back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sealed: Vec<Sealed>,
}

/// A secret environment variable in a result, whose text no journal has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Where it stands: `outputs` or `updates`, the index, then keys and indices inside the value.
    pub path: Vec<String>,
    /// The variable's name.
    pub secret: String,
}

/// What the model calls of one attempt used.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct NodeUsage {
    /// Tokens.
    pub tokens: Tokens,
    /// Money by currency.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cost: Vec<crate::ledger::Money>,
    /// Calls whose price is unknown.
    #[serde(default)]
    pub unpriced_calls: u64,
}

impl NodeUsage {
    /// Adds what another call used.
    pub fn add(&mut self, more: &Self) {
        let (sum, added) = (&mut self.tokens, &more.tokens);
        sum.input += added.input;
        sum.cache_read += added.cache_read;
        sum.cache_write += added.cache_write;
        sum.output += added.output;
        sum.reasoning += added.reasoning;
        self.unpriced_calls += more.unpriced_calls;
        for money in &more.cost {
            let mut known = self.cost.iter_mut();
            match known.find(|known| known.currency == money.currency) {
                Some(known) => known.amount += money.amount,
                None => self.cost.push(money.clone()),
            }
        }
    }
}

/// A variable that a node changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariableUpdate {
    /// The variable: two parts.
    pub selector: [String; 2],
    /// Its new value.
    pub value: Value,
}
