//! What is told to operators: counts that they fetch, and traces that are sent to them. Neither is anybody's data, and neither is
//! waited for.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::event::EventBody;
use latchkey_domain::id::{ModelCallId, RunId, WorkflowId};
use latchkey_domain::ledger::{ModelCallEnd, ModelCallStart};
use latchkey_domain::run::NodeExecution;
use latchkey_domain::workflow::Workflow;
use latchkey_models::catalogue::Catalogue;
use latchkey_secrets::Secret;
use latchkey_store::UnfinishedRuns;

use crate::error::{Error, ErrorKind};
use crate::execution::Live;
use crate::metrics::{Metrics, Standing};
use crate::remembered::Remembered;
use crate::traces::{TraceSettings, Traces};
use crate::{Service, lock, require, require_workspace};

/// Calls whose ends are waited for, at most: more of them would have been lost.
const OPEN: usize = 100_000;
/// What stands for every provider of tools.
const TOOL: &str = "tool";

/// What operators are told, and who may ask.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    /// The token that lets its bearer read the counts.
    pub metrics_token: Option<Secret<String>>,
    /// Where traces go; none: nowhere.
    pub traces: Option<TraceSettings>,
}

/// How the server stands, for whoever works with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerStatus {
    /// What people should know before anything else: a stable word; none when all is well.
    pub banner: Option<&'static str>,
    /// Workers that live.
    pub workers: u64,
    /// The caller's runs that are not over.
    pub runs: UnfinishedRuns,
}

/// Counts and traces of this process.
pub(crate) struct Observed {
    pub(crate) metrics: Metrics,
    traces: OnceLock<Traces>,
    token: OnceLock<Secret<String>>,
    catalogue: Catalogue,
    open: Mutex<HashMap<ModelCallId, ModelCallStart>>,
}

impl Observed {
    pub(crate) fn new() -> Self {
        Self {
            metrics: Metrics::new(),
            traces: OnceLock::new(),
            token: OnceLock::new(),
            catalogue: Catalogue::built_in(),
            open: Mutex::default(),
        }
    }

    pub(crate) fn call_opened(&self, start: ModelCallStart) {
        let mut open = lock(&self.open);
        if open.len() < OPEN {
            open.insert(start.id, start);
        }
    }

    pub(crate) fn call_closed(&self, id: ModelCallId, end: &ModelCallEnd) {
        let start = lock(&self.open).remove(&id);
        let Some(start) = start else {
            return;
        };
        let is_tool = start.provider.as_str().starts_with("tool/");
        let known = self.catalogue.provider(&start.provider);
        let provider = known.map(|_| start.provider.as_str());
        let provider = if is_tool { Some(TOOL) } else { provider };
        self.metrics.called(provider, end);
        if let Some(traces) = self.traces.get() {
            traces.call_ended(&start, end);
        }
    }

    pub(crate) fn node_ended(&self, run: RunId, node: &NodeExecution) {
        if let Some(traces) = self.traces.get() {
            traces.node_ended(run, node);
        }
    }

    /// A run is over, paused or somebody else's; only the first is told.
    pub(crate) fn run_ended(&self, live: &Live, names: &Remembered<WorkflowId, Workflow>) {
        let last = live.hub.last();
        let Some(EventBody::RunFinished(end)) = last.as_ref().map(|last| &last.body) else {
            return;
        };
        self.metrics.run_ended(end.status);
        if let Some(traces) = self.traces.get()
            && let Some(run) = live.ended()
        {
            let name = names.get(&run.workflow).ok();
            traces.run_ended(&run, name.map(|workflow| workflow.name));
        }
    }
}

impl Service {
    /// Says what operators are told; once, before anything happens.
    pub fn observe(&self, observation: Observation) {
        let observed = &self.inner.observed;
        if let Some(token) = observation.metrics_token {
            // It is said once.
            let _ = observed.token.set(token);
        }
        if let Some(settings) = observation.traces {
            let (traces, exporter) = Traces::new(settings, observed.metrics.clone());
            if observed.traces.set(traces).is_ok() {
                // Longer than the runs, of whose ends it tells.
                let work = exporter.work(self.inner.gone.clone());
                self.inner.beats.spawn_on(work, &self.inner.runtime);
            }
        }
    }

    /// All counts as text (OpenMetrics), for whoever has the operator's token. Without such a token, and as long as there is one
    /// workspace only, for a key of it that may read usage.
    ///
    /// # Errors
    /// When the bearer may not, or the database fails.
    pub async fn metrics(&self, bearer: Option<&str>) -> Result<String, Error> {
        let Some(bearer) = bearer else {
            return Err(unauthenticated());
        };
        // Hashes, so that the time of the comparison tells nothing.
        let hash = |text: &str| self.inner.body_hash.hash(text.as_bytes());
        match self.inner.observed.token.get() {
            Some(token) if hash(bearer) == hash(token.expose()) => {}
            Some(_) => return Err(unauthenticated()),
            None => {
                let caller = self.authenticate(bearer).await?;
                require_workspace(&caller, Permission::UsageRead)?;
                if self.inner.store.workspaces().await?.len() > 1 {
                    let detail = "the counts are of all workspaces: LATCHKEY_METRICS_TOKEN says who may read them";
                    return Err(Error::new(ErrorKind::Forbidden, "forbidden", detail));
                }
            }
        }
        let here = lock(&self.inner.live).len();
        let standing = self.whole_standing().await?;
        Ok(self.inner.observed.metrics.text(here, &standing))
    }

    /// How the server stands: whether somebody works at all, and how much waits.
    ///
    /// # Errors
    /// When the caller may not, or the database fails.
    pub async fn server_status(&self, caller: &Caller) -> Result<ServerStatus, Error> {
        require(caller, Permission::RunsRead)?;
        let workers = self.whole_standing().await?.workers;
        let store = &self.inner.store;
        let runs = store
            .unfinished_runs_of(caller.workspace, caller.workflow, self.now())
            .await?;
        Ok(ServerStatus {
            banner: (workers == 0).then_some("no_worker_alive"),
            workers,
            runs,
        })
    }

    async fn whole_standing(&self) -> Result<Standing, Error> {
        let state = self.inner.store.queue_state(self.now()).await?;
        Ok(Standing {
            queued: state.queued,
            oldest: Duration::from_millis(state.oldest_ms),
            active: state.running,
            paused: state.paused,
            workers: state.workers,
        })
    }

    /// Counts an answer of the API; `route` is its pattern, never what was asked.
    pub fn answered(&self, method: &str, route: Option<String>, status: u16, within: Duration) {
        let metrics = &self.inner.observed.metrics;
        metrics.answered(method, route, status, within);
    }
}

fn unauthenticated() -> Error {
    let detail = "the token of the metrics is needed: Authorization: Bearer …";
    Error::new(ErrorKind::Unauthenticated, "unauthenticated", detail)
}
