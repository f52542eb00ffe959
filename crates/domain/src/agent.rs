//! What an agent tells of its steps: rounds, thoughts and tools.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// A step of an agent: told when it begins, and again under the same id when it is over (Dify: `agent_log`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentLog {
    /// Its id, unique in its run.
    pub id: String,
    /// What it is, for people, such as `ROUND 1` or `CALL weather`.
    pub label: String,
    /// The step around it.
    pub parent_id: Option<String>,
    /// How far it is.
    pub status: AgentLogStatus,
    /// Why it failed.
    pub error: Option<String>,
    /// What went in and came out; long texts are cut.
    pub data: Map<String, Json>,
    /// Facts about it: `provider`, `elapsed_time` (seconds), `total_tokens`.
    pub metadata: Map<String, Json>,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentLogStatus {
    /// It has begun.
    Start,
    /// It went well.
    Success,
    /// It failed, which need not fail the agent.
    Error,
}
