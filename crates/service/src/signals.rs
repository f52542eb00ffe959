//! What the processes of one installation tell each other about runs: the port that whoever connects them implements.
//!
//! Nothing here is needed for anything to be right. Runs, their owners and their stops are rows of the database; a signal that is
//! late, doubled or lost costs time and nothing else. What comes in from other processes goes to [`Service::take_up`],
//! [`Service::take_up_waiting`] and [`Service::cut_off`].
//!
//! [`Service::take_up`]: crate::Service::take_up
//! [`Service::take_up_waiting`]: crate::Service::take_up_waiting
//! [`Service::cut_off`]: crate::Service::cut_off

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use latchkey_domain::event::RunEvent;
use latchkey_domain::id::{RunId, WorkerId};
use latchkey_store::Company;
use tokio::sync::mpsc;

/// The way to the other processes.
#[async_trait]
pub trait Signals: Send + Sync {
    /// A run waits to be taken up: somebody should try. Said after the commit that queued it. Must not block; what cannot be sent is
    /// dropped, since whoever looks for waiting runs finds it.
    fn queued(&self, run: RunId);

    /// Asks whoever executes a run elsewhere to stop it, and waits until it says that its calls are cut off and its end is committed, at
    /// most `patience`. Whoever is not heard in time is ended without its help.
    async fn stop(&self, run: RunId, patience: Duration);

    /// Something happened in a run that this process executes; in order. Must not block: what cannot be sent is dropped, and whoever
    /// misses it reads the journal.
    fn said(&self, event: &Arc<RunEvent>);

    /// This process says nothing more about a run: it is over, paused or somebody else's.
    fn silent(&self, run: RunId);

    /// What other processes say about a run from now on, in order, with gaps where something was lost; none when nobody tells, and then
    /// its journal is looked at again and again.
    async fn listen(&self, run: RunId) -> Option<mpsc::Receiver<Arc<RunEvent>>>;
}

/// There is no other process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unconnected;

#[async_trait]
impl Signals for Unconnected {
    fn queued(&self, _: RunId) {}

    async fn stop(&self, _: RunId, _: Duration) {}

    fn said(&self, _: &Arc<RunEvent>) {}

    fn silent(&self, _: RunId) {}

    async fn listen(&self, _: RunId) -> Option<mpsc::Receiver<Arc<RunEvent>>> {
        None
    }
}

/// Whether a process executes runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Executes {
    /// It does: it has a heartbeat and takes up what waits.
    Runs,
    /// It only answers: every run that it accepts waits for another process.
    Nothing,
}

/// How much is worked at, and for how long. Everything is bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkLimits {
    /// Runs that one process executes at the same time; others wait. Paused runs and tools of other runs are not counted.
    pub per_process: usize,
    /// Runs of one workspace at the same time, in all processes together.
    pub per_workspace: usize,
    /// Runs of one workflow at the same time, in all processes together.
    pub per_workflow: usize,
    /// Runs of one workspace that wait; further starts are refused.
    pub waiting_per_workspace: usize,
    /// How long a run waits before it has failed.
    pub longest_wait: Duration,
    /// How long a run may take, waiting for people and for a process not counted.
    pub longest_run: Duration,
}

impl Default for WorkLimits {
    fn default() -> Self {
        Self {
            per_process: 20_000,
            per_workspace: 10_000,
            per_workflow: 10_000,
            waiting_per_workspace: 10_000,
            longest_wait: Duration::from_secs(3600),
            longest_run: Duration::from_secs(1200),
        }
    }
}

/// How a process takes part in the work at runs.
#[derive(Clone)]
pub struct Work {
    /// Its id, new with every start.
    pub worker: WorkerId,
    /// What people know it by.
    pub name: String,
    /// Whether other processes may be working on the same database.
    pub company: Company,
    /// Whether it executes runs.
    pub executes: Executes,
    /// The way to the other processes.
    pub signals: Arc<dyn Signals>,
    /// How much is worked at.
    pub limits: WorkLimits,
}

impl Work {
    /// The work of a process that is alone.
    #[must_use]
    pub fn alone() -> Self {
        Self {
            worker: WorkerId::new(uuid::Uuid::now_v7()),
            name: format!("process {}", std::process::id()),
            company: Company::Alone,
            executes: Executes::Runs,
            signals: Arc::new(Unconnected),
            limits: WorkLimits::default(),
        }
    }
}
