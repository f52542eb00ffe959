//! The steps of an agent: told to the run as they begin and end, and kept for the output `json`.

use std::time::Duration;

use serde_json::{Map, Value as Json, json};
use tokio::time::Instant;

use latchkey_domain::agent::{AgentLog, AgentLogStatus};
use latchkey_engine::node::{NodeContext, Sink};

/// How long a text in a step's data may be, in characters: steps are stored and shown, not used.
const SHOWN: usize = 4_000;

/// All steps so far, in the order in which they began.
pub(super) struct Steps {
    prefix: String,
    node: String,
    logs: Vec<AgentLog>,
}

/// A step under way.
#[derive(Clone)]
pub(super) struct Step {
    at: usize,
    log: AgentLog,
    began: Instant,
}

/// What came of a step.
pub(super) struct StepEnd {
    pub(super) data: Json,
    pub(super) error: Option<String>,
    pub(super) metadata: Map<String, Json>,
}

impl Steps {
    pub(super) fn new(context: &NodeContext) -> Self {
        Self {
            prefix: format!("{}-{}", context.execution_id, context.attempt),
            node: context.node_id.to_string(),
            logs: Vec::new(),
        }
    }

    /// A step begins.
    pub(super) async fn begin(
        &mut self,
        sink: &Sink,
        label: String,
        parent: Option<&Step>,
        metadata: Map<String, Json>,
    ) -> Step {
        let log = AgentLog {
            id: format!("{}-{}", self.prefix, self.logs.len() + 1),
            label,
            parent_id: parent.map(|parent| parent.log.id.clone()),
            status: AgentLogStatus::Start,
            error: None,
            data: Map::new(),
            metadata,
        };
        self.logs.push(log.clone());
        sink.agent_log(log.clone()).await;
        Step {
            at: self.logs.len() - 1,
            log,
            began: Instant::now(),
        }
    }

    /// Keeps what came of a step.
    pub(super) fn keep(&mut self, step: Step) {
        self.logs[step.at] = step.log;
    }

    /// The steps as the output `json` has them.
    pub(super) fn shown(&self) -> Vec<Json> {
        let logs = self.logs.iter();
        let shown = logs.map(|log| {
            let mut shown = json!(log);
            shown["node_id"] = json!(self.node);
            shown
        });
        shown.collect()
    }
}

impl Step {
    /// Tells the end of the step, and answers it for [`Steps::keep`].
    pub(super) async fn end(mut self, sink: &Sink, end: StepEnd) -> Self {
        let StepEnd {
            data,
            error,
            metadata,
        } = end;
        self.log.status = match error {
            None => AgentLogStatus::Success,
            Some(_) => AgentLogStatus::Error,
        };
        self.log.error = error.map(|error| cut(&error, SHOWN));
        if let Json::Object(data) = shortened(data) {
            self.log.data = data;
        }
        self.log.metadata.extend(metadata);
        let elapsed = seconds(self.began.elapsed());
        self.log
            .metadata
            .insert("elapsed_time".to_owned(), json!(elapsed));
        sink.agent_log(self.log.clone()).await;
        self
    }
}

fn seconds(duration: Duration) -> f64 {
    duration.as_millis() as f64 / 1000.0
}

fn shortened(data: Json) -> Json {
    match data {
        Json::String(text) => Json::String(cut(&text, SHOWN)),
        Json::Array(items) => items.into_iter().map(shortened).collect(),
        Json::Object(map) => {
            let fields = map.into_iter().map(|(key, item)| (key, shortened(item)));
            Json::Object(fields.collect())
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => data,
    }
}

/// The beginning of a text, and how much is left out.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => {
            let left = text[end..].chars().count();
            format!("{}… ({left} more characters)", &text[..end])
        }
    }
}
