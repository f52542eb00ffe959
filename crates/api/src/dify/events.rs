//! The events of a run as Dify's streams tell them (service API reference, 12 and 13): a plain function from what happened to what
//! is said, so that a stream that is joined later tells the same.

use std::collections::HashMap;

use latchkey_domain::agent::AgentLog;
use latchkey_domain::chat::{ChatUsage, EndUser, MessagePlace};
use latchkey_domain::event::{EventBody, NodeStarted, RunEvent, RunFinished, RunPaused};
use latchkey_domain::form::FormRequest;
use latchkey_domain::id::{NodeExecutionId, NodeId};
use latchkey_domain::run::{Run, RunStatus, RunVersion};
use latchkey_domain::time::Timestamp;
use latchkey_service::Told;
use serde_json::{Map, Value as Json, json};

use super::rounds::Rounds;
use super::shapes::{elapsed, files_in, filled, form, reason};
use super::thoughts::Thoughts;

/// Whose stream it is.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) run: Run,
    pub(crate) user: EndUser,
    /// The message that the run answers, in a conversation.
    pub(crate) message: Option<MessagePlace>,
    pub(crate) told: Told,
}

impl Place {
    /// The id of the version that runs.
    pub(crate) fn version(&self) -> String {
        let number = match self.run.version {
            RunVersion::Published(number) => number,
            RunVersion::Draft(_) => 0,
        };
        self.run.workflow.version(number).to_string()
    }
}

/// Something that is said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    pub(crate) name: &'static str,
    pub(crate) body: Json,
}

/// Turns events into what is said. Everything that a run has told must be pushed, also what is not sent any more.
pub(crate) struct Translator {
    pub(super) place: Place,
    began: Timestamp,
    pub(super) begun: HashMap<NodeExecutionId, (NodeStarted, Timestamp)>,
    pub(super) rounds: Rounds,
    forms: HashMap<NodeExecutionId, FormRequest>,
    inputs: Map<String, Json>,
    is_paused: bool,
    answer: String,
    pub(super) usage: ChatUsage,
    pub(super) resources: Vec<Json>,
    thoughts: Thoughts,
}

impl Translator {
    pub(crate) fn new(place: Place) -> Self {
        Self {
            began: place.run.created_at,
            place,
            begun: HashMap::new(),
            rounds: Rounds::default(),
            forms: HashMap::new(),
            inputs: Map::new(),
            is_paused: false,
            answer: String::new(),
            usage: ChatUsage::default(),
            resources: Vec::new(),
            thoughts: Thoughts::default(),
        }
    }

    pub(crate) const fn place(&self) -> &Place {
        &self.place
    }

    /// What has been said to the reader.
    pub(crate) fn answer(&self) -> &str {
        &self.answer
    }

    pub(crate) const fn usage(&self) -> &ChatUsage {
        &self.usage
    }

    /// What an event says.
    pub(crate) fn push(&mut self, event: &RunEvent) -> Vec<Said> {
        let at = event.at;
        let mut said = Vec::new();
        if self.is_paused && !matches!(event.body, EventBody::RunPaused(_)) {
            self.is_paused = false;
            said.push(self.workflow_started("resumption", at));
        }
        match &event.body {
            EventBody::RunStarted { inputs, system } => {
                self.began = at;
                self.inputs = with_system(inputs, system);
                said.push(self.workflow_started("initial", at));
            }
            EventBody::NodeStarted(node) => said.extend(self.node_started(node, at)),
            EventBody::AgentLog {
                node_id,
                execution_id,
                log,
            } => {
                let data = json!({
                    "node_execution_id": execution_id, "id": log.id, "label": log.label, "parent_id": log.parent_id,
                    "error": log.error, "status": log.status, "data": log.data, "metadata": log.metadata, "node_id": node_id,
                });
                said.push(self.flow("agent_log", data));
                said.extend(self.thought(*execution_id, log));
            }
            EventBody::TextChunk { selector, text, .. } => said.push(self.text(selector, text)),
            EventBody::ReasoningChunk {
                node_id,
                text,
                is_final,
            } => said.push(self.reasoning(node_id, text, *is_final)),
            EventBody::NodeRestarted { text, .. } => said.push(self.restarted(text)),
            EventBody::NodeRetry {
                execution_id,
                retry_index,
                error,
                ..
            } => said.extend(self.node_retry(*execution_id, *retry_index, error, at)),
            EventBody::IterationStarted(told) | EventBody::LoopStarted(told) => {
                let told = self.rounds.started(told);
                said.extend(told.map(|(name, data)| self.flow_named(&name, data)));
            }
            EventBody::IterationNext(told) | EventBody::LoopNext(told) => {
                let told = self.rounds.next(told, at);
                said.extend(told.map(|(name, data)| self.flow_named(&name, data)));
            }
            EventBody::IterationSucceeded(told)
            | EventBody::IterationFailed(told)
            | EventBody::LoopSucceeded(told)
            | EventBody::LoopFailed(told) => {
                let told = self.rounds.finished(told, at);
                said.extend(told.map(|(name, data)| self.flow_named(&name, data)));
            }
            EventBody::FormRequested(request) => {
                let asked = FormRequest::clone(request);
                self.forms.insert(request.execution_id, asked);
                said.push(self.flow("human_input_required", Json::Object(form(request))));
            }
            EventBody::FormAnswered {
                execution_id,
                answer,
                ..
            } => {
                if let Some(request) = self.forms.get(execution_id) {
                    let (name, data) = filled(request, answer);
                    said.push(self.flow(name, data));
                }
            }
            EventBody::NodeFinished(node) => said.extend(self.node_finished(node)),
            EventBody::RunPaused(paused) => {
                self.is_paused = true;
                said.push(self.paused(paused, at));
            }
            EventBody::RunFinished(end) => said.extend(self.finished(end, at)),
            EventBody::ModelCall { .. } => {}
        }
        said
    }

    /// An event of the workflow: one that names its run.
    pub(crate) fn flow(&self, name: &'static str, data: Json) -> Said {
        let mut body = self.envelope(name);
        body.insert("workflow_run_id".to_owned(), json!(self.place.run.id));
        body.insert("data".to_owned(), data);
        Said {
            name,
            body: Json::Object(body),
        }
    }

    fn flow_named(&self, name: &str, data: Json) -> Said {
        let names = [
            "iteration_started",
            "iteration_next",
            "iteration_completed",
            "loop_started",
            "loop_next",
            "loop_completed",
        ];
        let known = names.into_iter().find(|known| *known == name);
        self.flow(known.unwrap_or("iteration_next"), data)
    }

    /// What every event says about where it belongs.
    fn envelope(&self, name: &str) -> Map<String, Json> {
        let mut body = Map::new();
        body.insert("event".to_owned(), json!(name));
        match &self.place.message {
            None => {
                body.insert("workflow_run_id".to_owned(), json!(self.place.run.id));
            }
            Some(message) => {
                body.insert("conversation_id".to_owned(), json!(message.conversation));
                body.insert("message_id".to_owned(), json!(message.message));
                body.insert("created_at".to_owned(), json!(message.created_at.seconds()));
            }
        }
        body.insert("task_id".to_owned(), json!(self.place.run.id.task()));
        body
    }

    /// An event of a conversation.
    fn message(&self, name: &'static str, more: Json) -> Said {
        let mut body = self.envelope(name);
        if let Some(message) = &self.place.message {
            body.insert("id".to_owned(), json!(message.message));
        }
        if let Json::Object(more) = more {
            body.extend(more);
        }
        Said {
            name,
            body: Json::Object(body),
        }
    }

    /// What a step of an agent changes of its thoughts, for the clients of agent apps.
    fn thought(&mut self, execution: NodeExecutionId, log: &AgentLog) -> Option<Said> {
        self.place.message.as_ref()?;
        let told = self.thoughts.push(execution, log)?;
        Some(self.message("agent_thought", told))
    }

    /// The files that an answer holds, for the clients of apps that had no graph.
    fn files(&self, outputs: &Map<String, Json>) -> Vec<Said> {
        let told = files_in(outputs).into_iter().map(|file| {
            let id = file.get("related_id").filter(|id| !id.is_null());
            let id = id.or_else(|| file.get("reference")).or_else(|| file.get("id"));
            let more = json!({"id": id, "type": file["type"], "belongs_to": "assistant", "url": file["url"]});
            self.message("message_file", more)
        });
        told.collect()
    }

    fn workflow_started(&self, reason: &str, at: Timestamp) -> Said {
        let data = json!({
            "id": self.place.run.id, "workflow_id": self.place.version(), "inputs": self.inputs,
            "created_at": at.seconds(), "reason": reason,
        });
        self.flow("workflow_started", data)
    }

    fn text(&mut self, selector: &[String], text: &str) -> Said {
        self.answer.push_str(text);
        if self.place.message.is_some() {
            let more = json!({"answer": text, "from_variable_selector": selector});
            return self.message("message", more);
        }
        let data = json!({"text": text, "from_variable_selector": selector});
        self.flow("text_chunk", data)
    }

    /// A node starts over: this is the text that still counts.
    fn restarted(&mut self, text: &str) -> Said {
        text.clone_into(&mut self.answer);
        self.replaced()
            .unwrap_or_else(|| self.flow("text_replace", json!({"text": text})))
    }

    /// What stands in for the text so far.
    pub(crate) fn replaced(&self) -> Option<Said> {
        let message = self.place.message.as_ref()?;
        let more = json!({"id": message.message, "answer": self.answer, "reason": ""});
        Some(self.message("message_replace", more))
    }

    fn reasoning(&self, node: &NodeId, text: &str, is_final: bool) -> Said {
        let mut data = json!({"reasoning": text, "node_id": node, "is_final": is_final});
        if let Some(message) = &self.place.message {
            data["message_id"] = json!(message.message);
        }
        self.flow("reasoning_chunk", data)
    }

    fn paused(&self, paused: &RunPaused, at: Timestamp) -> Said {
        let forms = paused.forms.iter();
        let data = json!({
            "workflow_run_id": self.place.run.id,
            "paused_nodes": forms.clone().map(|form| &form.node_id).collect::<Vec<_>>(),
            "outputs": {},
            "reasons": forms.map(reason).collect::<Vec<_>>(),
            "status": "paused", "created_at": self.began.seconds(), "elapsed_time": elapsed(self.began, at),
            "total_tokens": paused.usage.tokens.total(), "total_steps": paused.steps,
        });
        self.flow("workflow_paused", data)
    }

    fn finished(&self, end: &RunFinished, at: Timestamp) -> Vec<Said> {
        let mut said = Vec::new();
        let is_good = matches!(
            end.status,
            RunStatus::Succeeded | RunStatus::PartialSucceeded
        );
        if self.place.message.is_some() && is_good {
            said.extend(self.files(&end.outputs));
            said.push(self.message_end(&end.outputs));
        }
        said.push(self.workflow_finished(end, at));
        said
    }

    /// The end of a run, as its stream and its detail tell it.
    fn workflow_finished(&self, end: &RunFinished, at: Timestamp) -> Said {
        let user = &self.place.user;
        let error = end.error.as_ref();
        let error = match end.status {
            RunStatus::Stopped => Some(stopped(
                error.map(|error| error.code.as_str()),
                error.map(|error| error.message.as_str()),
            )),
            RunStatus::Queued
            | RunStatus::Running
            | RunStatus::Succeeded
            | RunStatus::PartialSucceeded
            | RunStatus::Failed
            | RunStatus::Paused => error.map(|error| error.message.clone()),
        };
        let data = json!({
            "id": self.place.run.id, "workflow_id": self.place.version(), "status": end.status.as_str(),
            "outputs": end.outputs, "error": error, "elapsed_time": elapsed(self.began, at),
            "total_tokens": end.usage.tokens.total(), "total_steps": end.steps,
            "created_by": {"id": user.id, "user": user.session}, "created_at": self.began.seconds(),
            "finished_at": at.seconds(), "exceptions_count": end.exceptions, "files": files_in(&end.outputs),
        });
        self.flow("workflow_finished", data)
    }

    fn message_end(&self, outputs: &Map<String, Json>) -> Said {
        let more = json!({"metadata": self.metadata(), "files": files_in(outputs)});
        self.message("message_end", more)
    }

    /// What is told about an answer beside it.
    pub(crate) fn metadata(&self) -> Json {
        json!({
            "annotation_reply": null,
            "retriever_resources": if self.place.told.cites { sources(&self.resources) } else { Vec::new() },
            "usage": self.usage.to_json(),
        })
    }
}

/// Why a run was stopped, in Dify's words where a person did it.
pub(crate) fn stopped(code: Option<&str>, message: Option<&str>) -> String {
    match (code, message) {
        (Some("stopped") | None, _) | (_, None) => "Stopped by user.".to_owned(),
        (Some(_), Some(message)) => message.to_owned(),
    }
}

/// The inputs of a run with those of the system; which conversation it is stands elsewhere.
pub(crate) fn with_system(
    inputs: &Map<String, Json>,
    system: &Map<String, Json>,
) -> Map<String, Json> {
    let mut all = inputs.clone();
    let system = system.iter().filter(|(name, _)| *name != "conversation_id");
    all.extend(system.map(|(name, value)| (format!("sys.{name}"), value.clone())));
    all
}

/// Each document once, numbered from 1.
pub(crate) fn sources(resources: &[Json]) -> Vec<Json> {
    let mut seen = Vec::new();
    let mut kept = Vec::new();
    for resource in resources {
        let place = (&resource["dataset_id"], &resource["document_id"]);
        if seen.contains(&place) {
            continue;
        }
        seen.push(place);
        let mut resource = resource.clone();
        resource["position"] = json!(kept.len() + 1);
        kept.push(resource);
    }
    kept
}
