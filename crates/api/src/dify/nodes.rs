//! What a stream tells of nodes: their starts, their repetitions and their ends.

use latchkey_domain::event::NodeStarted;
use latchkey_domain::id::NodeExecutionId;
use latchkey_domain::run::{Failure, NodeExecution, NodeStatus};
use latchkey_domain::time::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::events::{Said, Translator};
use super::rounds::Kind;
use super::shapes::{elapsed, files_in};

impl Translator {
    pub(super) fn node_started(&mut self, node: &NodeStarted, at: Timestamp) -> Option<Said> {
        if let Some(kind) = Kind::of(&node.node_type) {
            self.rounds.begin(kind, node, at);
            return None;
        }
        self.begun.insert(node.execution_id, (node.clone(), at));
        (!is_hidden(&node.node_type))
            .then(|| self.flow("node_started", self.beginning_of(node, at)))
    }

    /// What is told when a node starts.
    fn beginning_of(&self, node: &NodeStarted, at: Timestamp) -> Json {
        let (iteration, turns) = self.rounds.place(&node.iteration_path);
        let agents = self.place.told.agents.iter();
        let mut agents = agents.filter(|(id, _)| *id == node.node_id);
        json!({
            "id": node.execution_id, "node_id": node.node_id, "node_type": node.node_type, "title": node.title,
            "index": node.index, "predecessor_node_id": null, "inputs": null, "inputs_truncated": false,
            "created_at": at.seconds(), "extras": {}, "iteration_id": iteration, "loop_id": turns,
            "agent_strategy": agents.next().map(|(_, strategy)| strategy),
        })
    }

    pub(super) fn node_retry(
        &self,
        execution: NodeExecutionId,
        index: u32,
        error: &Failure,
        at: Timestamp,
    ) -> Option<Said> {
        let (node, began) = self.begun.get(&execution)?;
        let (iteration, turns) = self.rounds.place(&node.iteration_path);
        let mut metadata = Map::new();
        self.rounds.metadata(&node.iteration_path, &mut metadata);
        let data = json!({
            "id": execution, "node_id": node.node_id, "node_type": node.node_type, "title": node.title,
            "index": node.index, "predecessor_node_id": null, "inputs": null, "inputs_truncated": false,
            "process_data": null, "process_data_truncated": false, "outputs": null, "outputs_truncated": false,
            "status": "retry", "error": error.message, "elapsed_time": elapsed(*began, at),
            "execution_metadata": metadata, "created_at": began.seconds(), "finished_at": at.seconds(),
            "files": [], "iteration_id": iteration, "loop_id": turns, "retry_index": index,
        });
        Some(self.flow("node_retry", data))
    }

    pub(super) fn node_finished(&mut self, node: &NodeExecution) -> Option<Said> {
        let usage = usage_of(node);
        if let Some(usage) = &usage {
            self.usage.add(usage);
        }
        self.resources.extend(sources_of(node).cloned());
        if Kind::of(&node.node_type).is_some() || is_hidden(&node.node_type) {
            return None;
        }
        self.rounds.used(&node.iteration_path, node.tokens.total());
        let status = match node.status {
            NodeStatus::Succeeded | NodeStatus::Reused => "succeeded",
            NodeStatus::Failed => "failed",
            NodeStatus::Exception => "exception",
            // They end with their run, of which its own end tells.
            NodeStatus::Running | NodeStatus::Stopped | NodeStatus::Paused => return None,
        };
        let data = self.end_of(node, status, usage);
        Some(self.flow("node_finished", data))
    }

    fn end_of(&self, node: &NodeExecution, status: &str, usage: Option<Map<String, Json>>) -> Json {
        let (iteration, turns) = self.rounds.place(&node.iteration_path);
        let mut metadata = Map::new();
        if let Some(usage) = usage {
            for key in ["total_tokens", "total_price", "currency"] {
                let value = usage.get(key).cloned();
                metadata.extend(value.map(|value| (key.to_owned(), value)));
            }
        }
        self.rounds.metadata(&node.iteration_path, &mut metadata);
        let finished = node.finished_at.unwrap_or(node.started_at);
        let outputs = node.outputs.as_ref().and_then(Json::as_object);
        json!({
            "id": node.id, "node_id": node.node_id, "node_type": node.node_type, "title": node.title,
            "index": node.index, "predecessor_node_id": null, "inputs": node.inputs, "inputs_truncated": false,
            "process_data": node.process_data, "process_data_truncated": false,
            "outputs": node.outputs, "outputs_truncated": false, "status": status,
            "error": node.error.as_ref().map(|error| error.message.as_str()),
            "elapsed_time": elapsed(node.started_at, finished), "execution_metadata": metadata,
            "created_at": node.started_at.seconds(), "finished_at": finished.seconds(),
            "files": outputs.map(files_in).unwrap_or_default(), "iteration_id": iteration, "loop_id": turns,
        })
    }
}

/// What a model node has answered from.
pub(super) fn sources_of(node: &NodeExecution) -> impl Iterator<Item = &Json> {
    let told = node.process_data.as_ref();
    let told = told.filter(|_| node.node_type == "llm");
    let found = told.and_then(|told| told.get("retriever_resources")?.as_array());
    found.into_iter().flatten()
}

/// Nodes by which the graphs of containers begin are told by nobody.
fn is_hidden(node_type: &str) -> bool {
    matches!(node_type, "iteration-start" | "loop-start")
}

/// What the models of a node have used.
fn usage_of(node: &NodeExecution) -> Option<Map<String, Json>> {
    let of = |from: &Option<Json>| {
        let usage = from.as_ref()?.get("usage")?.as_object()?;
        (!usage.is_empty()).then(|| usage.clone())
    };
    of(&node.process_data).or_else(|| of(&node.outputs))
}
