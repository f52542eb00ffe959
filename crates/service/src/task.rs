//! The task of one run: between the engine, which says what happened, the database, which makes it true, and the listeners.
//!
//! Records are committed in order, several with one write when they have gathered meanwhile. Nothing is told before the run itself
//! is accepted.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use latchkey_domain::event::{EventBody, RunEvent};
use latchkey_domain::id::{RunId, WorkspaceId};
use latchkey_domain::journal::{JournalEntry, JournalRecord};
use latchkey_domain::run::NodeExecution;
use latchkey_store::{AppendError, Inserted, Pending, Store, StoreError};
use tokio::sync::{mpsc, oneshot, watch};

use crate::hub::Hub;

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
    /// Runs until the run is over, or is not ours.
    pub(crate) async fn run(mut self, inserted: Pending<Inserted>, accepted: Accepted) {
        let mut inserted = Box::pin(inserted.committed());
        let mut accepted = Some(accepted);
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
            tokio::select! {
                answer = &mut inserted, if accepted.is_some() => {
                    let is_ours = matches!(answer, Ok(Inserted::New));
                    if is_ours {
                        self.hub.say(gathered.early.drain(..));
                    }
                    if let Some(accepted) = accepted.take() {
                        // Whoever asked may be gone; the run goes on.
                        let _ = accepted.send(answer);
                    }
                    if !is_ours {
                        break;
                    }
                }
                event = self.events.recv(), if more_events => match event {
                    Some(event) => self.take(event, &mut gathered, accepted.is_none()),
                    None => more_events = false,
                },
                record = self.journal.recv(), if more_records => match record {
                    Some(record) => gathered.records.push(record),
                    None => more_records = false,
                },
                (last, done) = poll(&mut append), if append.is_some() => {
                    append = None;
                    if let Err(error) = done {
                        if let Some(accepted) = accepted.take() {
                            // A start that repeats another has no run to append to, which the answer to its insertion
                            // says. Whoever asked may be gone.
                            let _ = accepted.send((&mut inserted).await);
                        }
                        self.abandon(&error);
                        break;
                    }
                    self.committed.send_replace(last);
                }
            }
        }
        self.hub.end();
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
            gathered.nodes.push(NodeExecution::clone(node));
        }
        if is_accepted {
            self.hub.say([event]);
        } else {
            gathered.early.push_back(event);
        }
    }

    fn append(&self, gathered: &mut Gathered) -> Append {
        let records = std::mem::take(&mut gathered.records);
        let nodes = std::mem::take(&mut gathered.nodes);
        let (store, workspace, run, epoch) =
            (self.store.clone(), self.workspace, self.run, self.epoch);
        Box::pin(async move {
            let last = records.last().map_or(0, |record| record.sequence);
            let finished = records.iter().find_map(|record| match &record.entry {
                JournalEntry::Finished(end) => Some((end, record.at)),
                JournalEntry::Started { .. }
                | JournalEntry::NodeSucceeded { .. }
                | JournalEntry::NodeFailed { .. }
                | JournalEntry::RetryDue { .. }
                | JournalEntry::StopAsked { .. } => None,
            });
            (
                last,
                store
                    .append(run, workspace, epoch, &records, &nodes, finished)
                    .await,
            )
        })
    }

    /// The journal is closed by dropping it: the engine begins nothing more.
    fn abandon(&self, error: &AppendError) {
        match error {
            AppendError::NotOurs => {
                tracing::info!(run = %self.run, "the run was taken over or was never accepted")
            }
            AppendError::Store(cause) => {
                tracing::error!(run = %self.run, %cause, "the run's journal cannot be written")
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
