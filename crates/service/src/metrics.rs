//! What an operator counts. Labels are words of ours and names of the catalogue, never what a user has chosen, so that their
//! number is bounded.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use latchkey_domain::ledger::{ModelCallEnd, Tokens};
use latchkey_domain::run::RunStatus;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// The bounds of the times of commits, in seconds.
const COMMITS: [f64; 10] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0,
];
/// The bounds of the times of answers, in seconds.
const ANSWERS: [f64; 9] = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0, 60.0, 300.0];
/// What stands for everything that is not in a list of ours.
const OTHER: &str = "other";

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    status: &'static str,
}

/// Whose call ended how.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Called {
    provider: String,
    outcome: &'static str,
}

/// Whose tokens, of which kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Used {
    provider: String,
    kind: &'static str,
}

/// Which route was answered how.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

/// How it stands with the queue and the workers, as the database has it.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Standing {
    /// Runs that wait for a worker.
    pub queued: u64,
    /// How long the first of them has waited.
    pub oldest: Duration,
    /// Runs that are executed, anywhere.
    pub active: u64,
    /// Runs that wait for people.
    pub paused: u64,
    /// Workers that live.
    pub workers: u64,
}

/// Everything that is counted. Clones count together.
#[derive(Clone)]
pub(crate) struct Metrics {
    registry: Arc<Registry>,
    started: Counter,
    ended: Family<Ended, Counter>,
    recovered: Counter,
    here: Gauge,
    queued: Gauge,
    oldest: Gauge<f64, AtomicU64>,
    active: Gauge,
    paused: Gauge,
    workers: Gauge,
    commits: Histogram,
    calls: Family<Called, Counter>,
    tokens: Family<Used, Counter>,
    requests: Family<Answered, Counter>,
    answers: Histogram,
    spans_dropped: Counter,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Arc::default(),
            started: Counter::default(),
            ended: Family::default(),
            recovered: Counter::default(),
            here: Gauge::default(),
            queued: Gauge::default(),
            oldest: Gauge::default(),
            active: Gauge::default(),
            paused: Gauge::default(),
            workers: Gauge::default(),
            commits: Histogram::new(COMMITS),
            calls: Family::default(),
            tokens: Family::default(),
            requests: Family::default(),
            answers: Histogram::new(ANSWERS),
            spans_dropped: Counter::default(),
        };
        metrics.registry = Arc::new(metrics.registered());
        metrics
    }

    fn registered(&self) -> Registry {
        let mut all = Registry::with_prefix("latchkey");
        all.register(
            "runs_started",
            "Runs that this process has accepted",
            self.started.clone(),
        );
        all.register(
            "runs_ended",
            "Runs that have ended in this process",
            self.ended.clone(),
        );
        let text = "Runs that this process has taken over from one that died";
        all.register("runs_recovered", text, self.recovered.clone());
        all.register(
            "runs_here",
            "Runs that this process executes",
            self.here.clone(),
        );
        all.register(
            "runs_queued",
            "Runs that wait for a worker",
            self.queued.clone(),
        );
        let text = "How long the first run of the queue has waited";
        all.register_with_unit("queue_age", text, Unit::Seconds, self.oldest.clone());
        all.register(
            "runs_active",
            "Runs that are executed anywhere",
            self.active.clone(),
        );
        all.register(
            "runs_paused",
            "Runs that wait for people",
            self.paused.clone(),
        );
        all.register(
            "workers_alive",
            "Workers whose heartbeat is fresh",
            self.workers.clone(),
        );
        let text = "How long records wait for their commit";
        all.register_with_unit("journal_commit", text, Unit::Seconds, self.commits.clone());
        all.register(
            "model_calls",
            "Calls of models that have ended",
            self.calls.clone(),
        );
        all.register(
            "model_tokens",
            "Tokens of calls of models",
            self.tokens.clone(),
        );
        all.register(
            "http_requests",
            "Requests that were answered",
            self.requests.clone(),
        );
        let text = "How long the heads of answers took";
        all.register_with_unit("http_answer", text, Unit::Seconds, self.answers.clone());
        let text = "Spans that found no room on their way to the collector";
        all.register("spans_dropped", text, self.spans_dropped.clone());
        all
    }

    pub(crate) fn run_started(&self) {
        self.started.inc();
    }

    pub(crate) fn run_ended(&self, status: RunStatus) {
        let status = status.as_str();
        self.ended.get_or_create(&Ended { status }).inc();
    }

    pub(crate) fn run_recovered(&self) {
        self.recovered.inc();
    }

    pub(crate) fn committed(&self, within: Duration) {
        self.commits.observe(within.as_secs_f64());
    }

    pub(crate) fn span_dropped(&self) {
        self.spans_dropped.inc();
    }

    /// A call of a provider has ended; `provider` is a name of the catalogue, or none.
    pub(crate) fn called(&self, provider: Option<&str>, end: &ModelCallEnd) {
        let provider = provider.unwrap_or(OTHER);
        let outcome = end.outcome.as_str();
        let called = Called {
            provider: provider.to_owned(),
            outcome,
        };
        self.calls.get_or_create(&called).inc();
        for (kind, count) in kinds(&end.tokens) {
            if count > 0 {
                let provider = provider.to_owned();
                self.tokens
                    .get_or_create(&Used { provider, kind })
                    .inc_by(count);
            }
        }
    }

    pub(crate) fn answered(
        &self,
        method: &str,
        route: Option<String>,
        status: u16,
        within: Duration,
    ) {
        let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
        let answered = Answered {
            method: known
                .into_iter()
                .find(|known| *known == method)
                .unwrap_or(OTHER),
            route: route.unwrap_or_else(|| OTHER.to_owned()),
            status,
        };
        self.requests.get_or_create(&answered).inc();
        self.answers.observe(within.as_secs_f64());
    }

    /// All of it as text, with how it stands now.
    pub(crate) fn text(&self, here: usize, standing: &Standing) -> String {
        let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.here.set(i64::try_from(here).unwrap_or(i64::MAX));
        self.queued.set(whole(standing.queued));
        self.oldest.set(standing.oldest.as_secs_f64());
        self.active.set(whole(standing.active));
        self.paused.set(whole(standing.paused));
        self.workers.set(whole(standing.workers));
        let mut text = String::new();
        // Writing to a text does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

const fn kinds(tokens: &Tokens) -> [(&'static str, u64); 5] {
    [
        ("input", tokens.input),
        ("cache_read", tokens.cache_read),
        ("cache_write", tokens.cache_write),
        ("output", tokens.output),
        ("reasoning", tokens.reasoning),
    ]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use latchkey_domain::run::RunStatus;

    use super::{Metrics, Standing};

    #[test]
    fn what_is_counted_is_told_with_words_of_ours_only() {
        let metrics = Metrics::new();
        metrics.run_started();
        metrics.run_ended(RunStatus::Failed);
        metrics.committed(Duration::from_millis(3));
        metrics.answered("BREW", None, 404, Duration::from_millis(1));
        let standing = Standing {
            queued: 3,
            oldest: Duration::from_millis(1500),
            workers: 2,
            ..Standing::default()
        };
        let text = metrics.text(4, &standing);
        for line in [
            "latchkey_runs_started_total 1",
            "latchkey_runs_ended_total{status=\"failed\"} 1",
            "latchkey_runs_here 4",
            "latchkey_runs_queued 3",
            "latchkey_queue_age_seconds 1.5",
            "latchkey_workers_alive 2",
            "latchkey_journal_commit_seconds_bucket{le=\"0.005\"} 1",
            "latchkey_http_requests_total{method=\"other\",route=\"other\",status=\"404\"} 1",
        ] {
            assert!(text.lines().any(|told| told == line), "{line}\n{text}");
        }
    }
}
