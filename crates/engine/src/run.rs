//! The dispatcher: one task per run that feeds the state machine and does what it decides.
//!
//! It owns the only copy of the state and puts everything that happens into one order. It decides nothing itself.

mod dispatcher;

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use latchkey_domain::event::{RunEvent, RunFinished, RunPaused};
use latchkey_domain::form::FormAnswer;
use latchkey_domain::id::NodeExecutionId;
use latchkey_domain::journal::{JournalRecord, Limits, StartValues};
use latchkey_domain::value::NamedValues;

use crate::clock::Clock;
use crate::node::RunFacts;
use crate::plan::Plan;

use self::dispatcher::Dispatcher;

/// The run's ways to the outside.
pub struct Ports {
    /// Records to commit, in order. Bounded: a slow writer slows the run.
    pub journal: mpsc::Sender<JournalRecord>,
    /// The number of the last committed record; 0 before the first.
    pub committed: watch::Receiver<u64>,
    /// Events as they happen. Bounded, so the receiver must keep up or be dropped; dropping it does not stop the run.
    pub events: mpsc::Sender<RunEvent>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Until when effects may begin, as far as anybody knows whose the run is. None: always.
    pub lease: Option<Lease>,
}

/// A promise that runs are this process's, up to a time. It is looked at, not told: a process that was stopped for a while sees that
/// its time is over before it does anything else.
#[derive(Clone, Debug)]
pub struct Lease(watch::Receiver<Instant>);

impl Lease {
    /// A promise that somebody renews.
    #[must_use]
    pub const fn new(until: watch::Receiver<Instant>) -> Self {
        Self(until)
    }

    /// Whether an effect may begin now.
    #[must_use]
    pub fn holds(&self) -> bool {
        Instant::now() < *self.0.borrow()
    }

    /// Waits until it holds. When nobody renews it any more it never does again.
    pub async fn held(&mut self) {
        let renewed = self.0.wait_for(|until| Instant::now() < *until);
        let is_over = renewed.await.is_err();
        if is_over {
            std::future::pending::<()>().await;
        }
    }
}

/// How the execution of a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The run is over.
    Finished(RunFinished),
    /// It waits for forms; [`resume`] goes on with it.
    Paused(RunPaused),
}

/// A run that was executed before, as it is known now.
pub struct Past {
    /// Its journal.
    pub records: Vec<JournalRecord>,
    /// The answers that it waited for and that are in no record yet.
    pub answers: Vec<(NodeExecutionId, FormAnswer)>,
}

/// Why a run ended without a terminal state: its journal is gone, so another worker or a later start continues it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the run's journal was closed before its end")]
pub struct Abandoned;

/// Executes a run from its start to its end or its pause. `secrets` are the secret environment variables; `cancel` stops the run.
///
/// Nodes with effects start only when everything recorded before them is committed, and `run_finished` is sent only
/// when the terminal state is. Dropping the future ends all nodes at once and records nothing.
///
/// # Errors
/// When the journal or the committed position is closed: nothing more may happen in this run here.
pub async fn execute(
    plan: Arc<Plan>,
    facts: Arc<RunFacts>,
    start: StartValues,
    secrets: NamedValues,
    limits: Limits,
    ports: Ports,
    cancel: CancellationToken,
) -> Result<Outcome, Abandoned> {
    Dispatcher::new(plan, facts, secrets, ports, cancel)
        .run(start, limits)
        .await
}

/// Goes on with a run that was paused, queued, or left by whoever executed it: it is rebuilt from its journal, takes in the answers,
/// and then goes as [`execute`] does, in the epoch of the facts. What was at work starts over.
///
/// # Errors
/// When the journal or the committed position is closed: nothing more may happen in this run here. The same when it is paused and
/// there is no answer.
pub async fn resume(
    plan: Arc<Plan>,
    facts: Arc<RunFacts>,
    past: Past,
    secrets: NamedValues,
    ports: Ports,
    cancel: CancellationToken,
) -> Result<Outcome, Abandoned> {
    Dispatcher::new(plan, facts, secrets, ports, cancel)
        .resume(past)
        .await
}
