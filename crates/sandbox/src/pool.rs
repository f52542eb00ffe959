//! Processes that have started and wait for their one job. None is ever given a second one.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::SandboxError;
use crate::process::Process;
use crate::spec::{Engine, Spec};

pub(crate) struct Pool {
    launcher: PathBuf,
    kept: usize,
    waiting: Mutex<HashMap<Engine, Vec<Process>>>,
}

impl Pool {
    pub(crate) fn new(launcher: PathBuf, kept: usize) -> Self {
        let none = Engine::ALL.map(|engine| (engine, Vec::new()));
        Self {
            launcher,
            kept,
            waiting: Mutex::new(none.into()),
        }
    }

    /// A process that waits for its job: the one that has waited longest, else a new one.
    pub(crate) async fn take(&self, engine: Engine, spec: &Spec) -> Result<Process, SandboxError> {
        while let Some(mut process) = self.longest(engine) {
            // One that has died while it waited says nothing about the next one.
            if process.ready().await.is_ok() {
                return Ok(process);
            }
        }
        let mut process = self.start(spec)?;
        process.ready().await?;
        Ok(process)
    }

    /// Starts what is missing; whoever needs one that could not be started is told then.
    pub(crate) fn fill(&self, engine: Engine, spec: &Spec) {
        let has = |all: &HashMap<Engine, Vec<Process>>| all.get(&engine).map_or(0, Vec::len);
        while has(&self.waiting()) < self.kept {
            match self.start(spec) {
                Ok(process) => self.waiting().entry(engine).or_default().push(process),
                Err(cause) => {
                    tracing::warn!(%cause, "no process could be kept ready");
                    return;
                }
            }
        }
    }

    /// Ends those that wait.
    pub(crate) fn clear(&self) {
        self.waiting().clear();
    }

    fn longest(&self, engine: Engine) -> Option<Process> {
        let mut waiting = self.waiting();
        let of_engine = waiting.get_mut(&engine)?;
        (!of_engine.is_empty()).then(|| of_engine.remove(0))
    }

    fn start(&self, spec: &Spec) -> Result<Process, SandboxError> {
        Process::start(&self.launcher, spec)
            .map_err(|cause| SandboxError::Start(format!("{}: {cause}", self.launcher.display())))
    }

    /// A panic of somebody else leaves nothing half-done behind the lock.
    fn waiting(&self) -> MutexGuard<'_, HashMap<Engine, Vec<Process>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
