//! The sandbox: takes a process that is ready, gives it the job, and sees to it that it is gone afterwards.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Map;
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::error::SandboxError;
use crate::job::{Job, Language, Output};
use crate::network::{Network, beside, certificates};
use crate::pool::Pool;
use crate::process::Process;
use crate::python::{self, Python};
use crate::spec::{Bounds, Engine, Seen, Spec, Tree, WayOut};

/// Finds its proxy as any library does, and connects to it.
const CONNECT: &str = "import os, socket, urllib.parse
def main():
    proxy = urllib.parse.urlsplit(os.environ['http_proxy'])
    socket.create_connection((proxy.hostname, proxy.port), 5).close()
    return {}
";

/// Runs jobs, each in a confined process of its own. Dropping it ends the processes that wait.
pub struct Sandbox {
    config: Config,
    python: OnceCell<Result<Python, String>>,
    pool: Pool,
    slots: Arc<Semaphore>,
    network: Option<Network>,
    /// Ended processes on their way out; each keeps its slot until it is gone.
    leaving: TaskTracker,
}

/// What this machine can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confinement {
    /// Whether a process can be confined; else why not, and how to mend it.
    pub walls: Result<(), String>,
    /// The version of Python that runs confined; else why none does.
    pub python: Result<String, String>,
    /// Whether Python reaches the network that the sandbox has; none: it has none.
    pub network: Option<Result<(), String>>,
}

impl Sandbox {
    /// A sandbox; nothing is started before the first job.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            python: OnceCell::new(),
            pool: Pool::new(config.launcher.clone(), config.kept_ready),
            slots: Arc::new(Semaphore::new(config.jobs_at_once.max(1))),
            leaving: TaskTracker::new(),
            network: None,
            config,
        }
    }

    /// With a way out for Python: what it says to its proxy, this network serves. JavaScript and parsers never have one.
    #[must_use]
    pub fn with_network(self, network: Network) -> Self {
        Self {
            network: Some(network),
            ..self
        }
    }

    /// Runs one job within the limits of the configuration. A caller who gives up ends the job's process.
    ///
    /// # Errors
    /// With the reason why there is no result.
    pub async fn run(&self, job: Job) -> Result<Output, SandboxError> {
        let limits = &self.config.limits;
        let time = match job.engine() {
            Engine::Python | Engine::JavaScript | Engine::Function => limits.time,
            Engine::Document => limits.document_time,
        };
        self.run_within(job, time).await
    }

    /// Runs one job that may take at most `time`, and never longer than the configuration says.
    ///
    /// # Errors
    /// With the reason why there is no result.
    pub async fn run_within(&self, job: Job, time: Duration) -> Result<Output, SandboxError> {
        Box::pin(self.do_within(job, time)).await
    }

    async fn do_within(&self, job: Job, time: Duration) -> Result<Output, SandboxError> {
        let (engine, limits) = (job.engine(), &self.config.limits);
        let spec = self.spec(engine).await?;
        let (head, body) = job.into_parts();
        if (head.len() + body.len()) as u64 > limits.input {
            return Err(SandboxError::InputTooLarge(limits.input));
        }
        let time = match engine {
            Engine::Python | Engine::JavaScript | Engine::Function => time.min(limits.time),
            Engine::Document => time.min(limits.document_time),
        };
        let slot = self.slot().await?;
        let mut process = self.pool.take(engine, &spec).await?;
        let listener = process.listener();
        let work = async {
            process.send(&head, &body).await;
            // While the job runs, the next process starts.
            self.pool.fill(engine, &spec);
            Box::pin(process.answer(limits.result, limits.printed)).await
        };
        let served = self.network.as_ref().zip(listener);
        let done = beside(served, timeout(time, work)).await;
        let done = match done {
            Ok(Err(SandboxError::Ended(_))) => Err(SandboxError::Ended(process.end().await)),
            Ok(done) => done,
            Err(_) => Err(SandboxError::TimedOut(time)),
        };
        self.leaving.spawn(leave(process, slot));
        done.map(|text| Output { text })
    }

    /// What this machine can do, found out by doing it.
    pub async fn check(&self) -> Confinement {
        let nothing = |language, code: &str| Job::Code {
            language,
            code: code.to_owned(),
            inputs: Map::new(),
        };
        let script = nothing(Language::JavaScript, "function main() { return {} }");
        let walls = self.run(script).await;
        let source = "def main():\n    return {}\n";
        let confined = self.run(nothing(Language::Python, source)).await;
        let network = match &self.network {
            None => None,
            Some(_) => {
                let reached = self.run(nothing(Language::Python, CONNECT)).await;
                Some(reached.map(drop).map_err(|cause| cause.to_string()))
            }
        };
        let version = match self.python.get() {
            Some(Ok(python)) => python.version.clone(),
            Some(Err(_)) | None => String::new(),
        };
        Confinement {
            walls: walls.map(drop).map_err(|cause| cause.to_string()),
            python: confined.map(|_| version).map_err(|cause| cause.to_string()),
            network,
        }
    }

    /// Ends the processes that wait, and waits for those that are leaving.
    pub async fn close(&self) {
        self.pool.clear();
        self.leaving.close();
        self.leaving.wait().await;
    }

    async fn slot(&self) -> Result<OwnedSemaphorePermit, SandboxError> {
        let slot = Arc::clone(&self.slots).acquire_owned().await;
        slot.map_err(|_| SandboxError::Start("the sandbox is closed".to_owned()))
    }

    async fn spec(&self, engine: Engine) -> Result<Spec, SandboxError> {
        let bounds = Bounds::of(engine, &self.config.limits);
        if engine != Engine::Python {
            return Ok(Spec {
                engine,
                program: None,
                packages: None,
                tree: Tree::default(),
                bounds,
                way_out: None,
            });
        }
        let python = self.python().await?;
        let packages = self.config.packages.as_ref();
        let way_out = self.network.as_ref().map(|_| WayOut {
            certificates: certificates(),
        });
        let mut tree = python.tree.clone();
        let trusted = way_out.iter().filter_map(|way| way.certificates.clone());
        tree.files.extend(trusted.map(Seen::same));
        Ok(Spec {
            engine,
            program: Some(python.program.clone()),
            packages: packages.map(|_| python::PACKAGES.into()),
            tree,
            bounds,
            way_out,
        })
    }

    /// The interpreter, looked for once.
    async fn python(&self) -> Result<&Python, SandboxError> {
        let (named, packages) = (self.config.python.clone(), self.config.packages.clone());
        let find = || async {
            let find = move || Python::find(named.as_deref(), packages.as_deref());
            let found = tokio::task::spawn_blocking(find).await;
            found.unwrap_or_else(|cause| Err(cause.to_string()))
        };
        let found = self.python.get_or_init(find).await;
        found
            .as_ref()
            .map_err(|why| SandboxError::NoPython(why.clone()))
    }
}

/// Ends a process for good; only then another may take its place.
async fn leave(process: Process, slot: OwnedSemaphorePermit) {
    process.kill().await;
    drop(slot);
}
