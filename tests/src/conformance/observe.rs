//! What can be seen of a run, in the form of a case's `expect`.

use serde_json::{Map, Value as Json, json};

use latchkey_domain::document::Document;
use latchkey_domain::event::{EventBody, RunEvent, RunFinished, RunPaused};
use latchkey_domain::inputs::declared;
use latchkey_domain::run::{NodeExecution, NodeStatus, RunStatus};
use latchkey_domain::value::File;
use latchkey_domain::workflow::Mode;
use latchkey_engine::state::RunState;

use super::case::Case;
use super::script::Call;

/// What was seen, and the texts of failures by node; `""` is the run's.
pub(super) type Seen = Map<String, Json>;

/// A document that was refused.
pub(super) fn rejected(problem: String) -> Seen {
    Map::from_iter([
        ("status".to_owned(), json!("rejected")),
        ("error".to_owned(), json!(problem)),
    ])
}

/// Everything about a run that `expect` may speak of.
pub(super) fn seen(
    case: &Case,
    document: &Document,
    state: &RunState,
    events: &[RunEvent],
    calls: &[Call],
) -> Seen {
    let mode = case.mode();
    let mut seen = Map::new();
    let mut nodes = Nodes {
        human: case.map("human"),
        entries: Vec::new(),
    };
    let (mut stream, mut reasoning) = (String::new(), String::new());
    for event in events {
        match &event.body {
            EventBody::NodeStarted(node) => nodes.entry(node.node_id.as_str()).started += 1,
            EventBody::NodeRetry { node_id, .. } => nodes.entry(node_id.as_str()).retries += 1,
            EventBody::NodeFinished(node) => nodes.finished(document, node),
            EventBody::TextChunk { text, .. } => stream.push_str(text),
            EventBody::ReasoningChunk { text, .. } => reasoning.push_str(text),
            EventBody::RunPaused(run) => {
                nodes.paused(run);
                paused(&mut seen, run);
            }
            EventBody::RunFinished(run) => finished(&mut seen, mode, run),
            EventBody::RunStarted { .. }
            | EventBody::AgentLog { .. }
            | EventBody::ModelCall { .. }
            | EventBody::NodeRestarted { .. }
            | EventBody::IterationStarted(_)
            | EventBody::IterationNext(_)
            | EventBody::IterationSucceeded(_)
            | EventBody::IterationFailed(_)
            | EventBody::LoopStarted(_)
            | EventBody::LoopNext(_)
            | EventBody::LoopSucceeded(_)
            | EventBody::LoopFailed(_)
            | EventBody::FormRequested(_)
            | EventBody::FormAnswered { .. } => {}
        }
    }
    seen.insert("nodes".to_owned(), nodes.shown());
    let mut skipped: Vec<&str> = state.skipped().iter().map(|id| id.as_str()).collect();
    skipped.sort_unstable();
    seen.insert("skipped".to_owned(), json!(skipped));
    seen.insert("stream".to_owned(), json!(stream));
    seen.insert("reasoning".to_owned(), json!(reasoning));
    let conversation = state.pool().node_values("conversation").into_iter();
    let conversation = conversation.map(|(name, value)| (name, plain(value.expose_json())));
    seen.insert(
        "conversation_after".to_owned(),
        Json::Object(conversation.collect()),
    );
    asked(&mut seen, document, calls);
    seen
}

fn paused(seen: &mut Seen, run: &RunPaused) {
    seen.insert("status".to_owned(), json!(RunStatus::Paused.as_str()));
    seen.insert("steps".to_owned(), json!(run.steps));
    seen.insert("tokens".to_owned(), json!(run.usage.tokens.total()));
    seen.insert("exceptions".to_owned(), json!(run.exceptions));
}

fn finished(seen: &mut Seen, mode: Mode, run: &RunFinished) {
    let mut outputs = plain(Json::Object(run.outputs.clone()));
    if let (Mode::AdvancedChat, Json::Object(outputs)) = (mode, &mut outputs) {
        if let Some(answer) = outputs.shift_remove("answer") {
            seen.insert("answer".to_owned(), answer);
        }
        if outputs.get("files") == Some(&json!([])) {
            outputs.shift_remove("files");
        }
    }
    seen.insert("status".to_owned(), json!(run.status.as_str()));
    seen.insert("outputs".to_owned(), outputs);
    seen.insert("steps".to_owned(), json!(run.steps));
    seen.insert("tokens".to_owned(), json!(run.usage.tokens.total()));
    seen.insert("exceptions".to_owned(), json!(run.exceptions));
    if let Some(error) = &run.error {
        seen.insert("error".to_owned(), json!(error.message));
    }
}

/// The prompts and settings of the calls of `llm` nodes.
fn asked(seen: &mut Seen, document: &Document, calls: &[Call]) {
    let nodes = &document.graph().nodes;
    let is_llm = |id: &str| {
        nodes
            .iter()
            .any(|node| node.id.as_str() == id && node.node_type == "llm")
    };
    let (mut prompts, mut settings) = (json!({}), json!({}));
    let add = |all: &mut Json, node: &str, one: &Json| {
        if !all[node].is_array() {
            all[node] = json!([]);
        }
        if let Some(list) = all[node].as_array_mut() {
            list.push(one.clone());
        }
    };
    for call in calls.iter().filter(|call| is_llm(&call.node)) {
        add(&mut prompts, &call.node, &call.messages);
        if call.settings != json!({}) {
            add(&mut settings, &call.node, &call.settings);
        }
    }
    seen.insert("prompts".to_owned(), prompts);
    seen.insert("model_settings".to_owned(), settings);
}

struct Nodes {
    /// The answers to forms, by node.
    human: Map<String, Json>,
    entries: Vec<(String, Entry)>,
}

#[derive(Default)]
struct Entry {
    started: u32,
    retries: u32,
    statuses: Map<String, Json>,
    /// The outputs of every execution, in the order of their ends.
    each: Vec<Json>,
    shown: Map<String, Json>,
}

impl Nodes {
    fn entry(&mut self, id: &str) -> &mut Entry {
        let at = self.entries.iter().position(|(known, _)| known == id);
        let at = at.unwrap_or_else(|| {
            self.entries.push((id.to_owned(), Entry::default()));
            self.entries.len() - 1
        });
        &mut self.entries[at].1
    }

    fn finished(&mut self, document: &Document, node: &NodeExecution) {
        let mut shown = Map::new();
        let status = node.status.as_str();
        shown.insert("status".to_owned(), json!(status));
        let mut outputs = node.outputs.clone().unwrap_or_default();
        if node.node_type == "start" {
            keep_own(document, node, &mut outputs);
        }
        if let (Some(said), Json::Object(outputs)) =
            (self.human.get(node.node_id.as_str()), &mut outputs)
        {
            // The reference engine has for outputs what the case answers, and nothing of its own.
            let said = said["outputs"].as_object();
            outputs.retain(|name, _| said.is_some_and(|said| said.contains_key(name)));
        }
        if node.status == NodeStatus::Failed {
            if let Some(error) = &node.error {
                shown.insert("error".to_owned(), json!(error.message));
                if !error.error_type.is_empty() {
                    shown.insert("error_type".to_owned(), json!(error.error_type));
                }
            }
        } else {
            shown.insert("outputs".to_owned(), plain(outputs));
            if let Some(handle) = node.handle.as_ref().filter(|handle| *handle != "source") {
                shown.insert("handle".to_owned(), json!(handle));
            }
        }
        let entry = self.entry(node.node_id.as_str());
        let count = entry.statuses.get(status).and_then(Json::as_u64);
        let count = json!(count.unwrap_or(0) + 1);
        entry.statuses.insert(status.to_owned(), count);
        let outputs = shown.get("outputs").cloned();
        entry.each.push(outputs.unwrap_or_default());
        entry.shown = shown;
    }

    fn paused(&mut self, run: &RunPaused) {
        for form in &run.forms {
            let shown = Map::from_iter([("status".to_owned(), json!("paused"))]);
            self.entry(form.node_id.as_str()).shown = shown;
        }
    }

    fn shown(self) -> Json {
        let entries = self.entries.into_iter().map(|(id, entry)| {
            let mut shown = if entry.started == 1 {
                entry.shown
            } else {
                Map::from_iter([
                    ("executions".to_owned(), json!(entry.started)),
                    ("statuses".to_owned(), Json::Object(entry.statuses)),
                    ("each".to_owned(), Json::Array(entry.each)),
                ])
            };
            if entry.retries > 0 {
                shown.insert("retries".to_owned(), json!(entry.retries));
            }
            (id, Json::Object(shown))
        });
        Json::Object(entries.collect())
    }
}

/// A start node is judged by its own variables only.
fn keep_own(document: &Document, node: &NodeExecution, outputs: &mut Json) {
    let found = document
        .graph()
        .nodes
        .iter()
        .find(|it| it.id == node.node_id);
    let own = found.map(declared).unwrap_or_default();
    if let Json::Object(outputs) = outputs {
        outputs.retain(|name, _| own.iter().any(|variable| variable.name == *name));
    }
}

/// The comparable form: files by seven attributes, usage by its counts.
fn plain(value: Json) -> Json {
    if let Some(file) = File::from_json(&value) {
        return json!({
            "type": file.file_type.as_str(),
            "transfer_method": file.transfer_method.as_str(),
            "filename": file.filename,
            "extension": file.extension,
            "mime_type": file.mime_type,
            "size": file.size,
            "url": file.address(),
        });
    }
    match value {
        Json::Array(items) => items.into_iter().map(plain).collect(),
        Json::Object(map) => {
            let trimmed = map.into_iter().map(|(key, value)| {
                let value = match (key.as_str(), value) {
                    ("usage" | "__usage", Json::Object(usage)) => counts(usage),
                    // What is measured in the log of an agent.
                    ("elapsed_time", Json::Number(_)) => json!(0),
                    (_, value) => plain(value),
                };
                (key, value)
            });
            Json::Object(trimmed.collect())
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => value,
    }
}

fn counts(usage: Map<String, Json>) -> Json {
    if !usage.contains_key("total_tokens") {
        return plain(Json::Object(usage));
    }
    let is_count =
        |key: &str| matches!(key, "prompt_tokens" | "completion_tokens" | "total_tokens");
    let counts = usage.into_iter().filter(|(key, _)| is_count(key));
    Json::Object(counts.collect())
}
