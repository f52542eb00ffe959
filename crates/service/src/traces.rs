//! Traces for the operator's collector: a run is a trace, its node executions and model calls are the spans in it, named as the
//! GenAI conventions of OpenTelemetry have it. A run that is another one's tool is a trace of its own that names that one.
//!
//! A span is made of what has ended, from facts and counts only: names, ids, times, tokens, outcomes. No input, output, prompt,
//! header or value of a credential has a way in here.

mod export;
mod words;

use std::time::Duration;

use latchkey_domain::id::RunId;
use latchkey_domain::ledger::{CallOutcome, ModelCallEnd, ModelCallStart};
use latchkey_domain::provider::ModelType;
use latchkey_domain::run::{NodeExecution, NodeStatus, Run, RunStatus, RunVersion};
use latchkey_domain::time::Timestamp;
use latchkey_outbound::Outbound;
use latchkey_secrets::Secret;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{Span, Status};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::metrics::Metrics;

pub(crate) use self::export::Exporter;

/// Spans on their way to the collector; what finds no room is dropped and counted, since nothing waits for a collector.
const ON_THE_WAY: usize = 4096;

/// Where traces go.
#[derive(Clone, Debug)]
pub struct TraceSettings {
    /// The collector's address without `/v1/traces`.
    pub endpoint: String,
    /// Headers of every request, such as one that lets us in.
    pub headers: Vec<(String, Secret<String>)>,
    /// The way there, which is the operator's and may be private.
    pub outbound: Outbound,
}

/// The way of spans to the collector. Clones share it.
#[derive(Clone)]
pub(crate) struct Traces {
    spans: mpsc::Sender<Span>,
    metrics: Metrics,
}

impl Traces {
    /// The way, and its other end.
    pub(crate) fn new(settings: TraceSettings, metrics: Metrics) -> (Self, Exporter) {
        let (spans, waiting) = mpsc::channel(ON_THE_WAY);
        (Self { spans, metrics }, Exporter::new(settings, waiting))
    }

    fn send(&self, span: Span) {
        if self.spans.try_send(span).is_err() {
            self.metrics.span_dropped();
        }
    }

    /// A run is over, as it is in the database now.
    pub(crate) fn run_ended(&self, run: &Run, name: Option<String>) {
        let code = run.error.as_ref().map(|error| error.code.as_str());
        let failed = run.status == RunStatus::Failed;
        let mut attributes = vec![
            text(words::OPERATION, "invoke_workflow"),
            text(words::RUN, run.id.to_string()),
            text(words::WORKFLOW_ID, run.workflow.to_string()),
            text(words::WORKSPACE_ID, run.workspace.to_string()),
            text(words::ENVIRONMENT, run.environment.to_string()),
            text(words::STATUS, run.status.as_str()),
            count(words::INPUT_TOKENS, run.usage.tokens.prompt()),
            count(words::OUTPUT_TOKENS, run.usage.tokens.completion()),
        ];
        if let RunVersion::Published(number) = run.version {
            attributes.push(count(words::VERSION, number.into()));
        }
        let parent = run.parent.map(|run| text(words::PARENT, run.to_string()));
        attributes.extend(parent);
        attributes.extend(name.as_deref().map(|name| text(words::WORKFLOW_NAME, name)));
        attributes.extend(code.map(|code| text(words::ERROR, code)));
        self.send(Span {
            span_id: root_of(run.id),
            trace_id: trace_of(run.id),
            name: name.map_or_else(
                || "invoke_workflow".to_owned(),
                |name| format!("invoke_workflow {name}"),
            ),
            kind: SpanKind::Internal.into(),
            start_time_unix_nano: nanos(run.started_at.unwrap_or(run.created_at)),
            end_time_unix_nano: nanos(run.finished_at.unwrap_or(run.created_at)),
            attributes,
            status: status(failed, code),
            ..Span::default()
        });
    }

    /// A node is over.
    pub(crate) fn node_ended(&self, run: RunId, node: &NodeExecution) {
        let Some(ended) = node.finished_at else {
            return;
        };
        let error = node
            .error
            .as_ref()
            .map(|failure| failure.error_type.as_str());
        let error = error.filter(|error| !error.is_empty());
        let mut attributes = vec![
            text(words::NODE_ID, node.node_id.to_string()),
            text(words::NODE_TYPE, node.node_type.as_str()),
            text(words::RUN, run.to_string()),
            text(words::STATUS, node.status.as_str()),
            count(words::ATTEMPTS, node.attempts.into()),
        ];
        attributes.extend(error.map(|error| text(words::ERROR, error)));
        self.send(Span {
            span_id: of_uuid(node.id.uuid()),
            parent_span_id: root_of(run),
            trace_id: trace_of(run),
            name: format!("node {}", node.node_type),
            kind: SpanKind::Internal.into(),
            start_time_unix_nano: nanos(node.started_at),
            end_time_unix_nano: nanos(ended),
            attributes,
            status: status(node.status == NodeStatus::Failed, error),
            ..Span::default()
        });
    }

    /// A call of a model is over. One without a run is a trace of its own.
    pub(crate) fn call_ended(&self, call: &ModelCallStart, end: &ModelCallEnd) {
        let operation = operation_of(call.model_type);
        let failed = end.outcome != CallOutcome::Succeeded;
        let error = failed.then(|| end.error_code.as_deref().unwrap_or(end.outcome.as_str()));
        let mut attributes = vec![
            text(words::OPERATION, operation),
            text(words::PROVIDER, call.provider.to_string()),
            text(words::MODEL, call.model.as_str()),
            text(words::CALL, call.id.to_string()),
            count(words::INPUT_TOKENS, end.tokens.prompt()),
            count(words::OUTPUT_TOKENS, end.tokens.completion()),
            count(words::CACHE_READ_TOKENS, end.tokens.cache_read),
            count(words::CACHE_WRITE_TOKENS, end.tokens.cache_write),
            count(words::REASONING_TOKENS, end.tokens.reasoning),
            count(words::ATTEMPT, call.attempt.into()),
        ];
        attributes.extend(call.level.map(|level| text(words::LEVEL, level.as_str())));
        attributes.extend(end.first_token_ms.map(|ms| count(words::FIRST_TOKEN, ms)));
        attributes.extend(
            end.http_status
                .map(|code| count(words::HTTP_STATUS, code.into())),
        );
        attributes.extend(error.map(|error| text(words::ERROR, error)));
        let parent = call.node_execution.map(|id| of_uuid(id.uuid()));
        self.send(Span {
            span_id: of_uuid(call.id.uuid()),
            parent_span_id: parent.or_else(|| call.run.map(root_of)).unwrap_or_default(),
            trace_id: call
                .run
                .map_or_else(|| call.id.uuid().as_bytes().to_vec(), trace_of),
            name: format!("{operation} {}", call.model),
            kind: SpanKind::Client.into(),
            start_time_unix_nano: nanos(call.at),
            end_time_unix_nano: nanos(end.at),
            attributes,
            status: status(failed, error),
            ..Span::default()
        });
    }
}

/// The name of what a model does (GenAI conventions, `gen_ai.operation.name`).
const fn operation_of(model: ModelType) -> &'static str {
    match model {
        ModelType::Llm => "chat",
        ModelType::TextEmbedding => "embeddings",
        ModelType::Rerank => "rerank",
        ModelType::Speech2text => "speech_to_text",
        ModelType::Tts => "text_to_speech",
        ModelType::Moderation => "moderation",
        ModelType::Tool => "execute_tool",
    }
}

fn trace_of(run: RunId) -> Vec<u8> {
    run.uuid().as_bytes().to_vec()
}

fn root_of(run: RunId) -> Vec<u8> {
    of_uuid(run.uuid())
}

/// The second half of an id, which is random or a hash.
fn of_uuid(id: Uuid) -> Vec<u8> {
    id.as_bytes()[8..].to_vec()
}

fn nanos(at: Timestamp) -> u64 {
    let at = Duration::from_millis(u64::try_from(at.millis()).unwrap_or_default());
    u64::try_from(at.as_nanos()).unwrap_or(u64::MAX)
}

fn status(failed: bool, code: Option<&str>) -> Option<Status> {
    failed.then(|| Status {
        code: StatusCode::Error.into(),
        message: code.unwrap_or_default().to_owned(),
    })
}

fn text(key: &str, value: impl Into<String>) -> KeyValue {
    pair(key, Value::StringValue(value.into()))
}

fn count(key: &str, value: u64) -> KeyValue {
    pair(
        key,
        Value::IntValue(i64::try_from(value).unwrap_or(i64::MAX)),
    )
}

fn pair(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}
