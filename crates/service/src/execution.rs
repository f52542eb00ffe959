//! The execution of a run in this process, from its acceptance to its terminal state, whatever happens on the way.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use latchkey_domain::event::{EventBody, Position, RunEvent, RunFinished};
use latchkey_domain::id::{RunId, WorkspaceId};
use latchkey_domain::journal::{JournalEntry, JournalRecord, Limits, StartValues};
use latchkey_domain::ledger::Money;
use latchkey_domain::run::{Run, RunError, RunStatus, RunUsage};
use latchkey_domain::workflow::Workflow;
use latchkey_engine::node::RunFacts;
use latchkey_engine::run::{Ports, execute};
use latchkey_models::WorkflowContext;
use latchkey_store::{AppendError, NewRun, OpenCalls};
use serde_json::Map;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::documents::Prepared;
use crate::error::Error;
use crate::hub::Hub;
use crate::start::{Started, ending, started};
use crate::task::{End, Pump};
use crate::{Service, lock};

/// Records and events on their way out of the engine.
const ON_THE_WAY: usize = 64;
/// The pause before the end of a run is written again that the database could not take.
const PAUSE: Duration = Duration::from_secs(1);

/// A run that is executed here.
pub(crate) struct Live {
    pub(crate) hub: Arc<Hub>,
    /// Asks it to stop; its nodes may still tell what they have.
    pub(crate) cancel: CancellationToken,
    /// Stops it without its nodes.
    pub(crate) stop_now: CancellationToken,
    /// As it was handed to the writer.
    new: NewRun,
}

impl Live {
    pub(crate) const fn run(&self) -> RunId {
        self.new.run.id
    }

    /// The run as it is in the database, once its end has been told, which is after its commit.
    pub(crate) fn ended(&self) -> Option<Run> {
        let last = self.hub.last()?;
        let EventBody::RunFinished(end) = &last.body else {
            return None;
        };
        let end = end.clone();
        Some(Run {
            status: end.status,
            outputs: Some(end.outputs),
            error: end.error,
            usage: end.usage,
            steps: end.steps,
            exceptions: end.exceptions,
            epoch: last.position.epoch,
            finished_at: Some(last.at),
            ..self.new.run.clone()
        })
    }
}

/// Why a run ends that nobody executes any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Without {
    /// Somebody wants it to stop.
    Stopped,
    /// The process that executed it has died, or had to end before the run.
    Interrupted,
    /// Its execution has failed by our own fault.
    Broken,
}

impl Without {
    fn end(self) -> (RunStatus, RunError) {
        let (status, code, message) = match self {
            Self::Stopped => (RunStatus::Stopped, "stopped", "stopped on request"),
            Self::Interrupted => (
                RunStatus::Failed,
                "run_interrupted",
                "the process that executed the run has ended",
            ),
            Self::Broken => (
                RunStatus::Failed,
                "internal",
                "the server failed; its log says why",
            ),
        };
        let error = RunError {
            code: code.to_owned(),
            message: message.to_owned(),
            public_code: None,
            node_id: None,
        };
        (status, error)
    }
}

impl Service {
    /// Has a task of its own hand the run to the writer and to the engine at once; answers when it is accepted. A caller who
    /// leaves meanwhile leaves no run behind that nobody executes.
    pub(crate) async fn launch(
        &self,
        workflow: &Workflow,
        prepared: &Prepared,
        context: WorkflowContext,
        values: StartValues,
        new: NewRun,
    ) -> Result<Started, Error> {
        let run = new.run.id;
        let facts = facts(workflow, prepared, context, run);
        let live = Arc::new(Live {
            hub: Arc::new(Hub::new()),
            cancel: CancellationToken::new(),
            stop_now: CancellationToken::new(),
            new,
        });
        let (journal, records) = mpsc::channel(ON_THE_WAY);
        let (events, said) = mpsc::channel(ON_THE_WAY);
        let (committed, commits) = watch::channel(0);
        let (accepted, answer) = oneshot::channel();
        let workspace = facts.workspace;
        let pump = Pump {
            store: self.inner.store.clone(),
            workspace,
            run,
            epoch: facts.epoch,
            hub: Arc::clone(&live.hub),
            committed,
            journal: records,
            events: said,
        };
        let ports = Ports {
            journal,
            committed: commits,
            events,
            clock: Arc::clone(&self.inner.clock),
        };
        let work = Box::pin(execute(
            Arc::clone(&prepared.plan),
            Arc::new(facts),
            values,
            prepared.secrets.clone(),
            Limits::default(),
            ports,
            live.cancel.clone(),
        ));
        let (service, executed) = (self.clone(), Arc::clone(&live));
        let task = async move {
            let work = async {
                // In one go with the work, so that the records of a short run are with the writer before it looks.
                match service.inner.store.insert_run(&executed.new).await {
                    Ok(inserted) => {
                        let pump = Box::pin(pump.run(inserted, accepted));
                        tokio::join!(work, pump).1
                    }
                    Err(error) => {
                        // Whoever asked may be gone.
                        let _ = accepted.send(Err(error));
                        End::Settled
                    }
                }
            };
            service.see_through(run, workspace, &executed, work).await;
        };
        {
            // With the lock that `drain` closes under: a run is either waited for, or not begun.
            let mut all = lock(&self.inner.live);
            if self.inner.tasks.is_closed() {
                return Err(ending());
            }
            all.insert(run, Arc::clone(&live));
            self.inner.tasks.spawn_on(task, &self.inner.runtime);
        }
        match answer.await {
            Ok(answer) => started(answer?, live),
            Err(_) => Err(Error::internal(
                "a run's task ended before its run was accepted",
            )),
        }
    }

    /// Works at a run to its end; a run whose work breaks, panics or is given up is ended all the same. Nobody else ends a run
    /// that is executed here.
    async fn see_through(
        &self,
        run: RunId,
        workspace: WorkspaceId,
        live: &Live,
        work: impl Future<Output = End>,
    ) {
        let done = tokio::select! {
            done = AssertUnwindSafe(work).catch_unwind() => done.map_or(Some(Without::Broken), |end| match end {
                End::Settled => None,
                End::Broken => Some(Without::Broken),
            }),
            () = live.stop_now.cancelled() => Some(Without::Stopped),
            () = self.inner.giving_up.cancelled() => Some(Without::Interrupted),
        };
        if let Some(why) = done {
            // The listeners wait for the end, so it is written however long the database is away.
            while let Err(error) = self.end_and_tell(run, workspace, live, why).await {
                tracing::error!(run.id = %run, %error, "the end of the run cannot be written");
                if self.inner.giving_up.is_cancelled() {
                    break;
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
        live.hub.end();
        lock(&self.inner.live).remove(&run);
    }

    /// Ends a run without its work and tells its listeners the end that is in its journal, whoever has written it.
    async fn end_and_tell(
        &self,
        run: RunId,
        workspace: WorkspaceId,
        live: &Live,
        why: Without,
    ) -> Result<(), Error> {
        self.end_without_worker(run, workspace, why).await?;
        if live.ended().is_some() {
            return Ok(());
        }
        let records = self.inner.store.journal(run).await?;
        // Without a journal it was never accepted, and nobody listens.
        if let Some(record) = records.into_iter().last()
            && let JournalEntry::Finished(end) = record.entry
        {
            let position = Position {
                epoch: record.epoch,
                sequence: record.sequence,
                part: 0,
            };
            live.hub.say([RunEvent {
                run_id: run,
                position,
                at: record.at,
                body: EventBody::RunFinished(end),
            }]);
        }
        Ok(())
    }

    /// Ends a run that nobody executes any more: its open calls are lost, and nothing older is recorded from then on.
    pub(crate) async fn end_without_worker(
        &self,
        run: RunId,
        workspace: WorkspaceId,
        why: Without,
    ) -> Result<(), Error> {
        let store = &self.inner.store;
        let Some(epoch) = store.seize_run(run).await? else {
            return Ok(());
        };
        let now = self.now();
        store.lose_open_calls(OpenCalls::OfRun(run), now).await?;
        let records = store.journal(run).await?;
        let end = end_of(&records, why);
        let record = JournalRecord {
            sequence: records.last().map_or(0, |record| record.sequence) + 1,
            epoch,
            at: now,
            reports: Vec::new(),
            entry: JournalEntry::Finished(end.clone()),
        };
        let finished = Some((&end, now));
        match store
            .append(run, workspace, epoch, &[record], &[], finished)
            .await
        {
            // Somebody else has taken it over to end it.
            Ok(()) | Err(AppendError::NotOurs) => Ok(()),
            Err(AppendError::Store(error)) => Err(error.into()),
        }
    }
}

fn end_of(records: &[JournalRecord], why: Without) -> RunFinished {
    let count = |is_meant: fn(&JournalEntry) -> bool| {
        let meant = records.iter().filter(|record| is_meant(&record.entry));
        u32::try_from(meant.count()).unwrap_or(u32::MAX)
    };
    let (status, error) = why.end();
    RunFinished {
        status,
        outputs: Map::new(),
        error: Some(error),
        usage: used(records),
        steps: count(|entry| {
            matches!(
                entry,
                JournalEntry::NodeSucceeded { .. } | JournalEntry::NodeFailed { .. }
            )
        }),
        exceptions: count(|entry| matches!(entry, JournalEntry::NodeFailed { .. })),
    }
}

/// What the recorded attempts used.
fn used(records: &[JournalRecord]) -> RunUsage {
    let mut usage = RunUsage::default();
    for record in records {
        let (JournalEntry::NodeSucceeded { result, .. } | JournalEntry::NodeFailed { result, .. }) =
            &record.entry
        else {
            continue;
        };
        let tokens = &result.usage.tokens;
        usage.tokens.input += tokens.input;
        usage.tokens.cache_read += tokens.cache_read;
        usage.tokens.cache_write += tokens.cache_write;
        usage.tokens.output += tokens.output;
        usage.tokens.reasoning += tokens.reasoning;
        usage.unpriced_calls += result.usage.unpriced_calls;
        for money in &result.usage.cost {
            match usage
                .cost
                .iter_mut()
                .find(|sum| sum.currency == money.currency)
            {
                Some(sum) => sum.amount += money.amount,
                None => usage.cost.push(Money::clone(money)),
            }
        }
    }
    usage
}

fn facts(
    workflow: &Workflow,
    prepared: &Prepared,
    context: WorkflowContext,
    run: RunId,
) -> RunFacts {
    RunFacts {
        run,
        workspace: context.workspace,
        workflow: context.workflow,
        workflow_name: workflow.name.clone(),
        version: prepared.number,
        author: context.author,
        caller: context.caller,
        environment: context.environment,
        end_user: context.end_user,
        overrides: context.overrides,
        mode: prepared.document.mode(),
        epoch: 1,
        history: Vec::new(),
    }
}
