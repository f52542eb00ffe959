//! The thoughts of an agent app, which Dify tells instead of the steps of a graph (service API reference, 6 and 12.12): one for each round of
//! its agent, told when the round begins, when the model has answered, and when its tools have.

use latchkey_domain::agent::{AgentLog, AgentLogStatus};
use latchkey_domain::id::{MessageId, NodeExecutionId};
use latchkey_domain::run::NodeExecution;
use latchkey_domain::time::Timestamp;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

/// The thoughts of one run so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Thoughts(Vec<Thought>);

/// A round of an agent.
#[derive(Clone, Debug)]
struct Thought {
    id: Uuid,
    /// The id of the round's step.
    round: String,
    thought: String,
    tools: Vec<String>,
    input: Map<String, Json>,
    observation: Map<String, Json>,
}

impl Thoughts {
    /// Takes a step of an agent; the thought that it changes, as its event tells it.
    pub(super) fn push(&mut self, execution: NodeExecutionId, log: &AgentLog) -> Option<Json> {
        let Some(round) = &log.parent_id else {
            return self.round(execution, log);
        };
        let is_over = log.status != AgentLogStatus::Start;
        let at = self.0.iter().position(|one| one.round == *round)?;
        let thought = &mut self.0[at];
        if let Some(name) = log.label.strip_prefix("CALL ") {
            if is_over {
                thought.used(name, log);
            } else if !thought.tools.iter().any(|known| known == name) {
                thought.tools.push(name.to_owned());
            }
            return None;
        }
        if !is_over {
            return None;
        }
        thought.asked(log);
        Some(self.told(at))
    }

    /// A round begins, or is over.
    fn round(&mut self, execution: NodeExecutionId, log: &AgentLog) -> Option<Json> {
        if log.status == AgentLogStatus::Start {
            let number = self.0.len() as u128 + 1;
            self.0.push(Thought {
                // Of a run's thoughts each has its own, and always the same.
                id: Uuid::from_u128(execution.uuid().as_u128() ^ number),
                round: log.id.clone(),
                thought: String::new(),
                tools: Vec::new(),
                input: Map::new(),
                observation: Map::new(),
            });
            return Some(self.told(self.0.len() - 1));
        }
        let at = self.0.iter().position(|one| one.round == log.id)?;
        (!self.0[at].observation.is_empty()).then(|| self.told(at))
    }

    fn told(&self, at: usize) -> Json {
        let mut told = self.0[at].fields(at);
        told.insert("message_files".to_owned(), json!([]));
        Json::Object(told)
    }

    /// The thoughts of a run that is over, out of what its agent has left.
    pub(super) fn of(executions: &[NodeExecution]) -> Self {
        let mut thoughts = Self::default();
        for execution in executions {
            if execution.node_type != "agent" {
                continue;
            }
            let steps = execution
                .outputs
                .as_ref()
                .and_then(|all| all.get("json")?.as_array());
            let mut logs: Vec<AgentLog> = Vec::new();
            for step in steps.into_iter().flatten() {
                logs.extend(serde_json::from_value::<AgentLog>(step.clone()).ok());
            }
            // They are kept in the order in which they began, as they ended.
            for log in &logs {
                let mut begun = log.clone();
                begun.status = AgentLogStatus::Start;
                thoughts.push(execution.id, &begun);
                thoughts.push(execution.id, log);
            }
        }
        thoughts
    }

    /// As the messages of a conversation tell them.
    pub(super) fn listed(&self, message: MessageId, created_at: Timestamp) -> Vec<Json> {
        let listed = self.0.iter().enumerate().map(|(at, thought)| {
            let mut told = thought.fields(at);
            told.insert("chain_id".to_owned(), Json::Null);
            told.insert("message_id".to_owned(), json!(message));
            told.insert("files".to_owned(), json!([]));
            told.insert("created_at".to_owned(), json!(created_at.seconds()));
            Json::Object(told)
        });
        listed.collect()
    }
}

impl Thought {
    /// The model has answered.
    fn asked(&mut self, log: &AgentLog) {
        let said = log.data.get("output").and_then(Json::as_str);
        said.unwrap_or_default().clone_into(&mut self.thought);
        let calls = log.data.get("tool_calls").and_then(Json::as_array);
        for call in calls.into_iter().flatten() {
            let Some(name) = call["name"].as_str() else {
                continue;
            };
            self.tools.push(name.to_owned());
            let arguments = call["args"].as_str().unwrap_or_default();
            let arguments = serde_json::from_str(arguments);
            let arguments = arguments.unwrap_or_else(|_| call["args"].clone());
            self.input.insert(name.to_owned(), arguments);
        }
    }

    /// A tool has answered.
    fn used(&mut self, name: &str, log: &AgentLog) {
        let of = |key: &str| log.data.get(key).cloned();
        let observed = of("output").or_else(|| log.error.as_deref().map(Json::from));
        let observed = observed.unwrap_or_else(|| json!(""));
        self.observation.insert(name.to_owned(), observed);
        if let Some(arguments) = of("tool_call_args") {
            self.input.insert(name.to_owned(), arguments);
        }
    }

    fn fields(&self, at: usize) -> Map<String, Json> {
        let text = |map: &Map<String, Json>| {
            if map.is_empty() {
                String::new()
            } else {
                json!(map).to_string()
            }
        };
        let label = |name: &String| (name.clone(), json!({"en_US": name, "zh_Hans": name}));
        let told = json!({
            "id": self.id, "position": at + 1, "thought": self.thought, "observation": text(&self.observation),
            "tool": self.tools.join(";"), "tool_labels": self.tools.iter().map(label).collect::<Map<_, _>>(),
            "tool_input": text(&self.input),
        });
        match told {
            Json::Object(told) => told,
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
                Map::new()
            }
        }
    }
}
