//! The task of one run: between the engine, which says what happened, the database, which makes it true, and the listeners.
//!
//! Records are committed in order, several with one write when they have gathered meanwhile. Nothing is told before the run itself
//! is accepted. While the database is away the run stands still; it is not given up.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use latchkey_domain::event::{EventBody, RunEvent};
use latchkey_domain::id::{RunId, WorkspaceId};
use latchkey_domain::journal::{JournalEntry, JournalRecord};
use latchkey_domain::run::NodeExecution;
use latchkey_store::{AppendError, Inserted, Pending, Store, StoreError};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::hub::Hub;
use crate::observed::Observed;

/// Records that gather while others are written; then the engine waits, so a slow database slows the run.
const GATHERED: usize = 256;
/// The pause before records are written again that the database could not take.
const PAUSE: Duration = Duration::from_secs(1);

/// The answer to whether the run is accepted.
pub(crate) type Accepted = oneshot::Sender<Result<Inserted, StoreError>>;

/// Everything that the task needs.
pub(crate) struct Pump {
    pub(crate) store: Store,
    pub(crate) workspace: WorkspaceId,
    pub(crate) run: RunId,
    pub(crate) epoch: u32,
    pub(crate) hub: Arc<Hub>,
    pub(crate) committed: watch::Sender<u64>,
    pub(crate) journal: mpsc::Receiver<JournalRecord>,
    pub(crate) events: mpsc::Receiver<RunEvent>,
    pub(crate) observed: Arc<Observed>,
}

/// How the work at a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Its terminal state or its pause is committed, or it was never this task's.
    Settled,
    /// Somebody else has taken it over, or ended it.
    Taken,
    /// Nobody knows what became of it, or its journal cannot be written: somebody must say how it ended.
    Broken,
}

type Append = Pin<Box<dyn Future<Output = (u64, Result<(), AppendError>)> + Send>>;

/// What has gathered.
#[derive(Default)]
struct Gathered {
    records: Vec<JournalRecord>,
    nodes: Vec<NodeExecution>,
    /// Events that were said before the run was accepted.
    early: VecDeque<RunEvent>,
}

impl Pump {
    /// Works until the run is over, or is not ours. Dropping the journal tells the engine to begin nothing more.
    /// A run that goes on was accepted long ago.
    pub(crate) async fn run(mut self, acceptance: Option<(Pending, Accepted)>) -> End {
        let (pending, mut accepted) = acceptance.unzip();
        let mut inserted = Box::pin(async {
            match pending {
                Some(pending) => pending.committed().await,
                None => std::future::pending().await,
            }
        });
        let mut gathered = Gathered::default();
        let mut append: Option<Append> = None;
        let (mut more_records, mut more_events) = (true, true);
        while accepted.is_some()
            || more_records
            || more_events
            || append.is_some()
            || !gathered.records.is_empty()
        {
            if append.is_none() && !gathered.records.is_empty() {
                self.take_waiting(&mut gathered, accepted.is_none());
                append = Some(self.append(&mut gathered));
            }
            // The answer of the writer about the run itself comes first: what it says of records follows from that one.
            tokio::select! {
                biased;
                answer = &mut inserted, if accepted.is_some() => {
                    let end = self.accepted(&answer, &mut gathered);
                    if let Some(accepted) = accepted.take() {
                        // Whoever asked may be gone; the run goes on.
                        let _ = accepted.send(answer);
                    }
                    if let Some(end) = end {
                        return end;
                    }
                }
                (last, done) = poll(&mut append), if append.is_some() => {
                    append = None;
                    if let Err(error) = done {
                        return self.abandon(&error);
                    }
                    self.committed.send_replace(last);
                    self.hub.committed(last);
                }
                record = self.journal.recv(), if more_records && gathered.records.len() < GATHERED => match record {
                    Some(record) => gathered.records.push(record),
                    None => more_records = false,
                },
                event = self.events.recv(), if more_events => match event {
                    Some(event) => self.take(event, &mut gathered, accepted.is_none()),
                    None => more_events = false,
                },
            }
        }
        End::Settled
    }

    /// Tells what had to wait for the acceptance; the end, when there is nothing to work at.
    fn accepted(
        &self,
        answer: &Result<Inserted, StoreError>,
        gathered: &mut Gathered,
    ) -> Option<End> {
        match answer {
            Ok(Inserted::New) => {
                self.observed.metrics.run_started();
                self.hub.say(gathered.early.drain(..));
                None
            }
            Ok(Inserted::Existing(_) | Inserted::KeyConflict) => Some(End::Settled),
            Err(_) => Some(End::Broken),
        }
    }

    /// Takes what waits already, so that it is part of the next write.
    fn take_waiting(&mut self, gathered: &mut Gathered, is_accepted: bool) {
        while let Ok(record) = self.journal.try_recv() {
            gathered.records.push(record);
        }
        while let Ok(event) = self.events.try_recv() {
            self.take(event, gathered, is_accepted);
        }
    }

    fn take(&self, event: RunEvent, gathered: &mut Gathered, is_accepted: bool) {
        if let EventBody::NodeFinished(node) = &event.body {
            self.observed.node_ended(self.run, node);
            gathered.nodes.push(NodeExecution::clone(node));
        }
        if is_accepted {
            self.hub.say([event]);
        } else {
            gathered.early.push_back(event);
        }
    }

    /// Writes what has gathered, again and again while the database is away.
    fn append(&self, gathered: &mut Gathered) -> Append {
        let records = std::mem::take(&mut gathered.records);
        let nodes = std::mem::take(&mut gathered.nodes);
        let (store, workspace, run, epoch) =
            (self.store.clone(), self.workspace, self.run, self.epoch);
        let (metrics, begun) = (self.observed.metrics.clone(), Instant::now());
        Box::pin(async move {
            let last = records.last().map_or(0, |record| record.sequence);
            let finished = records.iter().find_map(|record| match &record.entry {
                JournalEntry::Finished(end) => Some((end, record.at)),
                JournalEntry::Started { .. }
                | JournalEntry::NodeSucceeded { .. }
                | JournalEntry::NodeFailed { .. }
                | JournalEntry::RetryDue { .. }
                | JournalEntry::StopAsked { .. }
                | JournalEntry::TakenOver
                | JournalEntry::TimeOver
                | JournalEntry::FormAsked { .. }
                | JournalEntry::FormAnswered { .. }
                | JournalEntry::Paused(_) => None,
            });
            let mut done = store
                .append(run, workspace, epoch, &records, &nodes, finished)
                .await;
            while let Err(AppendError::Store(StoreError::Unavailable(cause))) = &done {
                tracing::warn!(run.id = %run, %cause, "the run waits for the database");
                tokio::time::sleep(PAUSE).await;
                done = store
                    .append_again(run, workspace, epoch, &records, &nodes, finished)
                    .await;
            }
            metrics.committed(begun.elapsed());
            (last, done)
        })
    }

    fn abandon(&self, error: &AppendError) -> End {
        match error {
            AppendError::NotOurs => {
                tracing::info!(run.id = %self.run, "the run was taken over");
                // Before its nodes are dropped: what they have begun is somebody else's too.
                self.hub.lose();
                End::Taken
            }
            AppendError::Store(cause) => {
                tracing::error!(run.id = %self.run, %cause, "the run's journal cannot be written");
                End::Broken
            }
        }
    }
}

async fn poll(append: &mut Option<Append>) -> (u64, Result<(), AppendError>) {
    match append {
        Some(append) => append.await,
        None => std::future::pending().await,
    }
}
