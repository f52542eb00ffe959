//! The execution of a run in this process, from its acceptance to its terminal state, whatever happens on the way.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use latchkey_domain::chat::MessagePlace;
use latchkey_domain::event::{EventBody, Position, RunEvent, RunFinished};
use latchkey_domain::id::{RunId, WorkflowId, WorkspaceId};
use latchkey_domain::journal::{JournalEntry, JournalRecord, Limits, StartValues};
use latchkey_domain::ledger::{ModelCall, Money, UsageSource};
use latchkey_domain::run::{NodeExecution, Run, RunError, RunStatus, RunUsage};
use latchkey_domain::workflow::Workflow;
use latchkey_engine::node::RunFacts;
use latchkey_engine::run::{Ports, execute};
use latchkey_models::WorkflowContext;
use latchkey_store::{AppendError, CallFilter, NewRun, OpenCalls, Page};
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

/// How long nodes that were cut off have to close their calls.
const CUT_OFF: Duration = Duration::from_millis(50);

/// A run that is executed here.
pub(crate) struct Live {
    pub(crate) hub: Arc<Hub>,
    /// Asks it to stop; its nodes may still tell what they have.
    pub(crate) cancel: CancellationToken,
    /// Stops it without its nodes.
    pub(crate) stop_now: CancellationToken,
    /// How many runs are around it: it is the tool of the innermost of them.
    pub(crate) depth: u32,
    /// As it was handed to the writer.
    new: NewRun,
}

impl Live {
    pub(crate) fn new(new: NewRun, depth: u32) -> Self {
        Self {
            hub: Arc::new(Hub::new()),
            cancel: CancellationToken::new(),
            stop_now: CancellationToken::new(),
            depth,
            new,
        }
    }

    /// Whether it waits for forms: its pause has been told, which is after its commit.
    pub(crate) fn is_paused(&self) -> bool {
        let last = self.hub.last();
        last.is_some_and(|last| matches!(last.body, EventBody::RunPaused(_)))
    }

    pub(crate) const fn run(&self) -> RunId {
        self.new.run.id
    }

    /// The run as it was accepted.
    pub(crate) const fn accepted(&self) -> &Run {
        &self.new.run
    }

    /// The question of a conversation that it answers.
    pub(crate) fn message(&self) -> Option<MessagePlace> {
        let new = self.new.message.as_deref()?;
        Some(MessagePlace {
            message: new.id,
            conversation: new.conversation.id,
            parent: new.parent,
            created_at: new.created_at,
            run: self.run(),
        })
    }

    /// The workflow that it executes, if somebody outside asked for it.
    pub(crate) fn asked_workflow(&self) -> Option<WorkflowId> {
        let run = &self.new.run;
        run.parent.is_none().then_some(run.workflow)
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
            paid_by: None,
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
        let history = match new.message.as_deref() {
            Some(message) => self.history_before(message).await?,
            None => Vec::new(),
        };
        let facts = RunFacts {
            history,
            ..facts(workflow, prepared, context, run)
        };
        let depth = new.run.parent.map_or(0, |around| self.depth_of(around) + 1);
        let live = Arc::new(Live::new(new, depth));
        let (accepted, answer) = oneshot::channel();
        let workspace = facts.workspace;
        let (ports, pump) = self.connected(&facts, &live, 0);
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
                        let pump = Box::pin(pump.run(Some((inserted, accepted))));
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

    /// The ways between the engine, the database and the listeners of a run whose journal has so many records.
    pub(crate) fn connected(&self, facts: &RunFacts, live: &Live, records: u64) -> (Ports, Pump) {
        let (journal, journalled) = mpsc::channel(ON_THE_WAY);
        let (events, said) = mpsc::channel(ON_THE_WAY);
        let (committed, commits) = watch::channel(records);
        let pump = Pump {
            store: self.inner.store.clone(),
            workspace: facts.workspace,
            run: facts.run,
            epoch: facts.epoch,
            hub: Arc::clone(&live.hub),
            committed,
            journal: journalled,
            events: said,
        };
        let ports = Ports {
            journal,
            committed: commits,
            events,
            clock: Arc::clone(&self.inner.clock),
        };
        (ports, pump)
    }

    /// Works at a run to its end or its pause; a run whose work breaks, panics or is given up is ended all the same. Nobody else
    /// ends a run that is executed here.
    pub(crate) async fn see_through(
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
            // Nodes that were cut off first hand over what their calls came to.
            tokio::time::sleep(CUT_OFF).await;
            // The listeners wait for the end, so it is written however long the database is away.
            while let Err(error) = self.end_and_tell(run, workspace, live, why).await {
                tracing::error!(run.id = %run, %error, "the end of the run cannot be written");
                if self.inner.giving_up.is_cancelled() {
                    break;
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
        if !live.is_paused() {
            // Before anybody hears that it is over.
            self.forget_inline(&live.new.run).await;
            self.keep_said(live).await;
        }
        live.hub.end();
        lock(&self.inner.live).remove(&run);
        if live.is_paused() {
            // It has deadlines, and may have been answered while it was still at work.
            self.inner.forms_changed.notify_one();
        }
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
        if !records.is_empty() {
            live.hub
                .say(self.last_events(run, workspace, &records).await);
        }
        Ok(())
    }

    /// What the last record of a run tells: the nodes that its end cuts short, and the end.
    async fn last_events(
        &self,
        run: RunId,
        workspace: WorkspaceId,
        records: &[JournalRecord],
    ) -> Vec<RunEvent> {
        let Some(last) = records.last() else {
            return Vec::new();
        };
        let replayed = async {
            let row = self.inner.store.run(workspace, run).await?;
            let row = row.ok_or_else(|| Error::not_found("run"))?;
            self.replayed(&row, records.to_vec()).await
        };
        match (replayed.await, &last.entry) {
            (Ok(mut events), _) => {
                events.retain(|event| event.position.sequence == last.sequence);
                events
            }
            // A document that cannot be read any more hides the nodes, not the end.
            (Err(error), JournalEntry::Finished(end)) => {
                tracing::warn!(run.id = %run, %error, "the nodes that the end cut short are not told");
                let position = Position {
                    epoch: last.epoch,
                    sequence: last.sequence,
                    part: 0,
                };
                vec![RunEvent {
                    run_id: run,
                    position,
                    at: last.at,
                    body: EventBody::RunFinished(end.clone()),
                }]
            }
            (Err(_), _) => Vec::new(),
        }
    }

    /// What the calls of a run used, as the ledger has it: its journal does not know those that were cut off.
    async fn used(&self, run: RunId, workspace: WorkspaceId) -> Result<RunUsage, Error> {
        let filter = CallFilter {
            run: Some(run),
            ..CallFilter::default()
        };
        let (mut usage, mut page) = (RunUsage::default(), Page::first(200));
        loop {
            let calls = self
                .inner
                .store
                .model_calls(workspace, &filter, page)
                .await?;
            for call in &calls.rows {
                add_call(&mut usage, call);
            }
            if calls.next.is_none() {
                return Ok(usage);
            }
            page.after = calls.next;
        }
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
        let mut records = store.journal(run).await?;
        let used = self.used(run, workspace).await?;
        let end = end_of(&records, used, why);
        let record = JournalRecord {
            sequence: records.last().map_or(0, |record| record.sequence) + 1,
            epoch,
            at: now,
            reports: Vec::new(),
            entry: JournalEntry::Finished(end.clone()),
        };
        records.push(record);
        let events = self.last_events(run, workspace, &records).await;
        let nodes: Vec<NodeExecution> = events
            .into_iter()
            .filter_map(|event| {
                let EventBody::NodeFinished(node) = event.body else {
                    return None;
                };
                Some(*node)
            })
            .collect();
        let (last, finished) = (&records[records.len() - 1..], Some((&end, now)));
        match store
            .append(run, workspace, epoch, last, &nodes, finished)
            .await
        {
            // Somebody else has taken it over to end it.
            Ok(()) | Err(AppendError::NotOurs) => Ok(()),
            Err(AppendError::Store(error)) => Err(error.into()),
        }
    }
}

fn end_of(records: &[JournalRecord], usage: RunUsage, why: Without) -> RunFinished {
    // A pause has counted what was before it.
    let paused = records.iter().enumerate().rev().find_map(|(at, record)| {
        if let JournalEntry::Paused(paused) = &record.entry {
            Some((at, paused.steps, paused.exceptions))
        } else {
            None
        }
    });
    let (from, steps, exceptions) = paused.unwrap_or((0, 0, 0));
    let count = |is_meant: fn(&JournalEntry) -> bool| {
        let records = records[from..].iter();
        let meant = records.filter(|record| is_meant(&record.entry));
        u32::try_from(meant.count()).unwrap_or(u32::MAX)
    };
    let (status, error) = why.end();
    RunFinished {
        status,
        outputs: Map::new(),
        error: Some(error),
        usage,
        steps: steps
            + count(|entry| {
                matches!(
                    entry,
                    JournalEntry::NodeSucceeded { .. } | JournalEntry::NodeFailed { .. }
                )
            }),
        exceptions: exceptions + count(|entry| matches!(entry, JournalEntry::NodeFailed { .. })),
    }
}

fn add_call(usage: &mut RunUsage, call: &ModelCall) {
    let Some(end) = &call.end else {
        return;
    };
    let (sum, more) = (&mut usage.tokens, &end.tokens);
    sum.input += more.input;
    sum.cache_read += more.cache_read;
    sum.cache_write += more.cache_write;
    sum.output += more.output;
    sum.reasoning += more.reasoning;
    match &call.cost {
        None => usage.unpriced_calls += u64::from(end.usage_source != UsageSource::None),
        Some(money) => {
            let known = usage.cost.iter_mut();
            match known.into_iter().find(|sum| sum.currency == money.currency) {
                Some(sum) => sum.amount += money.amount,
                None => usage.cost.push(Money::clone(money)),
            }
        }
    }
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
