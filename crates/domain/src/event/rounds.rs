//! What an iteration or a loop tells about its rounds; its nodes tell about themselves, and so does it as a node.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::id::{NodeExecutionId, NodeId};
use crate::run::{Failure, IterationPath};

/// An iteration or a loop knows what it will do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoundsStarted {
    /// Its execution.
    pub execution_id: NodeExecutionId,
    /// The iteration or loop node.
    pub node_id: NodeId,
    /// The rounds of the containers around it.
    pub iteration_path: IterationPath,
    /// How many rounds there are to be: all items, or at most so many turns.
    pub length: u32,
    /// The items, or the number of turns and the variables that they begin with.
    pub inputs: Map<String, Json>,
}

/// A round begins: every item of an iteration, and every turn of a loop but the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoundStarted {
    /// The container's execution.
    pub execution_id: NodeExecutionId,
    /// The iteration or loop node.
    pub node_id: NodeId,
    /// The rounds of the containers around it.
    pub iteration_path: IterationPath,
    /// The round, from 0.
    pub index: u32,
    /// What the round before it came to: an item's result, if it is there already, or the variables of the loop.
    pub previous: Option<Json>,
}

/// All rounds are over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoundsFinished {
    /// The container's execution.
    pub execution_id: NodeExecutionId,
    /// The iteration or loop node.
    pub node_id: NodeId,
    /// The rounds of the containers around it.
    pub iteration_path: IterationPath,
    /// Items, or turns that were possible (Dify counts those, also of a loop that was left early).
    pub steps: u32,
    /// What came out; of an iteration that failed, the results that it had.
    pub outputs: Map<String, Json>,
    /// Why it failed.
    pub error: Option<Failure>,
    /// Why a loop ended; none for an iteration.
    pub reason: Option<LoopEnd>,
    /// How long each round took, in milliseconds and in the order of the rounds.
    pub durations_ms: Vec<u64>,
}

/// Why a loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoopEnd {
    /// Its conditions were met, or a `loop-end` was.
    LoopBreak,
    /// It had all its turns.
    LoopCompleted,
    /// A turn or a condition failed.
    Error,
}

impl LoopEnd {
    /// The name used in bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LoopBreak => "loop_break",
            Self::LoopCompleted => "loop_completed",
            Self::Error => "error",
        }
    }
}
