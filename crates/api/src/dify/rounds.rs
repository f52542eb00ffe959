//! Iterations and loops in a stream: they tell of their rounds instead of starting and finishing as nodes do, and the nodes in
//! them say which they belong to.

use std::collections::HashMap;

use latchkey_domain::event::{RoundStarted, RoundsFinished, RoundsStarted};
use latchkey_domain::id::{NodeExecutionId, NodeId};
use latchkey_domain::run::{IterationPath, IterationStep};
use latchkey_domain::time::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::shapes::elapsed;

/// The two kinds of containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Iteration,
    Loop,
}

impl Kind {
    /// What a node type is, if it is a container.
    pub(crate) fn of(node_type: &str) -> Option<Self> {
        match node_type {
            "iteration" => Some(Self::Iteration),
            "loop" => Some(Self::Loop),
            _ => None,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Iteration => "iteration",
            Self::Loop => "loop",
        }
    }
}

/// A container that has begun.
#[derive(Clone, Debug)]
struct Container {
    kind: Kind,
    node_id: NodeId,
    title: String,
    began: Timestamp,
    path: IterationPath,
    inputs: Json,
    tokens: u64,
}

/// The containers of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rounds {
    begun: HashMap<NodeExecutionId, Container>,
    kinds: HashMap<NodeId, Kind>,
}

impl Rounds {
    /// A container has begun as a node.
    pub(crate) fn begin(
        &mut self,
        kind: Kind,
        node: &latchkey_domain::event::NodeStarted,
        at: Timestamp,
    ) {
        self.kinds.insert(node.node_id.clone(), kind);
        let container = Container {
            kind,
            node_id: node.node_id.clone(),
            title: node.title.clone(),
            began: at,
            path: node.iteration_path.clone(),
            inputs: json!({}),
            tokens: 0,
        };
        self.begun.insert(node.execution_id, container);
    }

    /// A node inside has used tokens.
    pub(crate) fn used(&mut self, path: &[IterationStep], tokens: u64) {
        for container in self.begun.values_mut() {
            let depth = container.path.len();
            let is_inside = path.len() > depth
                && path[..depth] == container.path[..]
                && path[depth].node_id == container.node_id;
            if is_inside {
                container.tokens += tokens;
            }
        }
    }

    /// The innermost container of a node, as its events name it: under the name of its kind.
    pub(crate) fn place(&self, path: &[IterationStep]) -> (Json, Json) {
        let Some(last) = path.last() else {
            return (Json::Null, Json::Null);
        };
        match self.kinds.get(&last.node_id) {
            Some(Kind::Loop) => (Json::Null, json!(last.node_id)),
            Some(Kind::Iteration) | None => (json!(last.node_id), Json::Null),
        }
    }

    /// The same for the metadata of an execution, with the number of the round.
    pub(crate) fn metadata(&self, path: &[IterationStep], into: &mut Map<String, Json>) {
        if let Some(last) = path.last() {
            let kind = self.kinds.get(&last.node_id).copied();
            let word = kind.unwrap_or(Kind::Iteration).word();
            into.insert(format!("{word}_id"), json!(last.node_id));
            into.insert(format!("{word}_index"), json!(last.index));
        }
    }

    pub(crate) fn started(&mut self, told: &RoundsStarted) -> Option<(String, Json)> {
        let container = self.begun.get_mut(&told.execution_id)?;
        container.inputs = json!(told.inputs);
        let word = container.kind.word();
        let data = json!({
            "id": told.node_id,
            "node_id": told.node_id,
            "node_type": word,
            "title": container.title,
            "created_at": container.began.seconds(),
            "extras": {},
            "metadata": {format!("{}_length", if word == "loop" { "loop" } else { "iterator" }): told.length},
            "inputs": told.inputs,
            "inputs_truncated": false,
        });
        Some((format!("{word}_started"), data))
    }

    pub(crate) fn next(&self, told: &RoundStarted, at: Timestamp) -> Option<(String, Json)> {
        let container = self.begun.get(&told.execution_id)?;
        let word = container.kind.word();
        let mut data = json!({
            "id": told.node_id,
            "node_id": told.node_id,
            "node_type": word,
            "title": container.title,
            "index": told.index,
            "created_at": at.seconds(),
            "extras": {},
        });
        if container.kind == Kind::Loop {
            data["pre_loop_output"] = told.previous.clone().unwrap_or(json!({}));
        }
        Some((format!("{word}_next"), data))
    }

    pub(crate) fn finished(&self, told: &RoundsFinished, at: Timestamp) -> Option<(String, Json)> {
        let container = self.begun.get(&told.execution_id)?;
        let word = container.kind.word();
        let durations = told.durations_ms.iter().enumerate();
        let durations: Map<String, Json> = durations
            .map(|(round, millis)| (round.to_string(), json!(*millis as f64 / 1000.0)))
            .collect();
        let mut metadata = json!({
            "total_tokens": container.tokens,
            format!("{word}_duration_map"): durations,
        });
        if let Some(reason) = told.reason {
            metadata["completed_reason"] = json!(reason.as_str());
        }
        let status = if told.error.is_none() {
            "succeeded"
        } else {
            "failed"
        };
        let data = json!({
            "id": told.node_id,
            "node_id": told.node_id,
            "node_type": word,
            "title": container.title,
            "outputs": told.outputs,
            "outputs_truncated": false,
            "created_at": container.began.seconds(),
            "extras": {},
            "inputs": container.inputs,
            "inputs_truncated": false,
            "status": status,
            "error": null,
            "elapsed_time": elapsed(container.began, at),
            "total_tokens": container.tokens,
            "execution_metadata": metadata,
            "finished_at": at.seconds(),
            "steps": told.steps,
        });
        Some((format!("{word}_completed"), data))
    }
}
