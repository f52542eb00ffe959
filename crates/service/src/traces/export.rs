//! Spans leave in batches, as OTLP over HTTP. A collector that is away is tried a few times; then the batch is dropped, since no run
//! waits for it.

use std::time::Duration;

use latchkey_outbound::{Deadlines, Method, Request};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message as _;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use super::{TraceSettings, text};

/// Spans of a batch at most.
const BATCH: usize = 512;
/// How long a span waits for others.
const WAIT: Duration = Duration::from_secs(2);
/// How long the collector may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The pauses before a batch is sent again.
const AGAIN_AFTER: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];
/// How long the last batch may take when the process ends.
const LAST: Duration = Duration::from_secs(2);

/// The other end of the way of spans.
pub(crate) struct Exporter {
    settings: TraceSettings,
    waiting: mpsc::Receiver<Span>,
}

impl Exporter {
    pub(super) const fn new(settings: TraceSettings, waiting: mpsc::Receiver<Span>) -> Self {
        Self { settings, waiting }
    }

    /// Sends what comes until the process ends; what is there then is sent once more.
    pub(crate) async fn work(mut self, ending: CancellationToken) {
        let mut spans = Vec::with_capacity(BATCH);
        loop {
            let more = tokio::select! {
                more = self.waiting.recv() => more,
                () = ending.cancelled() => break,
            };
            let Some(first) = more else {
                return;
            };
            spans.push(first);
            let until = Instant::now() + WAIT;
            while spans.len() < BATCH && !ending.is_cancelled() {
                tokio::select! {
                    more = timeout_at(until, self.waiting.recv()) => match more {
                        Ok(Some(span)) => spans.push(span),
                        Ok(None) | Err(_) => break,
                    },
                    () = ending.cancelled() => {}
                }
            }
            if ending.is_cancelled() {
                break;
            }
            let batch = std::mem::take(&mut spans);
            tokio::select! {
                () = self.send(batch) => {}
                () = ending.cancelled() => break,
            }
        }
        // The runs that end with the process tell of it too.
        sleep(LAST / 4).await;
        while let Ok(span) = self.waiting.try_recv() {
            spans.push(span);
        }
        if !spans.is_empty() {
            let _ = tokio::time::timeout(LAST, self.post(body_of(spans))).await;
        }
    }

    async fn send(&self, spans: Vec<Span>) {
        let count = spans.len();
        let body = body_of(spans);
        let mut failed = self.post(body.clone()).await;
        for pause in AGAIN_AFTER {
            if failed.is_ok() {
                return;
            }
            sleep(pause).await;
            failed = self.post(body.clone()).await;
        }
        if let Err(cause) = failed {
            tracing::warn!(%cause, spans = count, "spans are dropped: the collector does not take them");
        }
    }

    /// One request: why the collector did not take it.
    async fn post(&self, body: Vec<u8>) -> Result<(), String> {
        let url = format!("{}/v1/traces", self.settings.endpoint);
        let mut request = Request::new(Method::new("POST"), &url)
            .header("content-type", "application/x-protobuf")
            .body(body)
            .deadlines(Deadlines {
                head: PATIENCE,
                idle: PATIENCE,
                total: PATIENCE,
            });
        for (name, value) in &self.settings.headers {
            request = request.sensitive_header(name, value.expose());
        }
        let answer = self.settings.outbound.send(request).await;
        match answer.map(|answer| answer.status) {
            Ok(200..=299) => Ok(()),
            Ok(status) => Err(format!("it answers {status}")),
            Err(error) => Err(error.to_string()),
        }
    }
}

fn body_of(spans: Vec<Span>) -> Vec<u8> {
    let service = [
        text("service.name", "latchkey"),
        text("service.version", env!("CARGO_PKG_VERSION")),
    ];
    let scope = InstrumentationScope {
        name: "latchkey".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    };
    let spans = ScopeSpans {
        scope: Some(scope),
        spans,
        ..ScopeSpans::default()
    };
    let resource = Resource {
        attributes: service.into(),
        ..Resource::default()
    };
    let request = ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource),
            scope_spans: vec![spans],
            ..ResourceSpans::default()
        }],
    };
    request.encode_to_vec()
}
