//! The execution of a run in this process, from its acceptance to its terminal state, whatever happens on the way.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
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
use latchkey_engine::state::first_record;
use latchkey_models::WorkflowContext;
use latchkey_store::{AppendError, CallFilter, Inserted, NewRun, OpenCalls, Page, Place};
use serde_json::Map;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::documents::Prepared;
use crate::error::Error;
use crate::hub::Hub;
use crate::queue::Slot;
use crate::signals::Signals;
use crate::start::{Started, ending, known, started};
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
    /// Lets go of it: somebody else goes on with it.
    pub(crate) let_go: CancellationToken,
    /// How many runs are around it: it is the tool of the innermost of them.
    pub(crate) depth: u32,
    /// The runs that it has as tools, in this process.
    pub(crate) tools: Mutex<HashSet<RunId>>,
    /// As it was handed to the writer.
    new: NewRun,
}

impl Live {
    pub(crate) fn new(new: NewRun, depth: u32, signals: Arc<dyn Signals>) -> Self {
        Self {
            hub: Arc::new(Hub::new(signals)),
            cancel: CancellationToken::new(),
            stop_now: CancellationToken::new(),
            let_go: CancellationToken::new(),
            depth,
            tools: Mutex::default(),
            new,
        }
    }

    /// Whether it waits for forms: its pause has been told, which is after its commit.
    pub(crate) fn is_paused(&self) -> bool {
        let last = self.hub.last();
        last.is_some_and(|last| matches!(last.body, EventBody::RunPaused(_)))
    }

    /// Whether its end has been told.
    pub(crate) fn is_over(&self) -> bool {
        let last = self.hub.last();
        last.is_some_and(|last| matches!(last.body, EventBody::RunFinished(_)))
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
        let message = self.new.message.as_deref();
        message.map(|message| message.place(self.run()))
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

/// A run whose acceptance is waited for. The tool of another run is given up with the wait for it: nobody else would ever ask for it.
struct Unheard<'a>(Option<&'a Live>);

impl Unheard<'_> {
    fn heard(mut self) {
        self.0 = None;
    }
}

impl Drop for Unheard<'_> {
    fn drop(&mut self) {
        if let Some(live) = self.0.filter(|live| live.new.run.parent.is_some()) {
            live.cancel.cancel();
            live.stop_now.cancel();
        }
    }
}

/// Why a run ends that nobody executes any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Without {
    /// Somebody wants it to stop.
    Stopped,
    /// Whoever takes it up dies of it.
    Poisoned,
    /// What is kept of it is not enough to go on.
    Lost,
    /// Nobody has taken it up in time.
    QueueTimeout,
    /// The run whose tool it is does not wait for it any more.
    Abandoned,
    /// Its execution has failed by our own fault.
    Broken,
}

impl Without {
    fn end(self) -> (RunStatus, RunError) {
        let (status, code, message) = match self {
            Self::Stopped => (RunStatus::Stopped, "stopped", "stopped on request"),
            Self::Poisoned => (
                RunStatus::Failed,
                "run_poisoned",
                "the process that executed the run has died again and again without coming further",
            ),
            Self::Lost => (
                RunStatus::Failed,
                "run_unrecoverable",
                "the run was interrupted, and what is kept of it cannot be gone on with",
            ),
            Self::QueueTimeout => (
                RunStatus::Failed,
                "queue_timeout",
                "no process has taken the run up in time",
            ),
            Self::Abandoned => (
                RunStatus::Stopped,
                "run_interrupted",
                "the run that used this one as a tool is over",
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

/// What is left to do when the work at a run has ended here.
enum Left {
    /// Nothing.
    Settled,
    /// Nothing of ours: it is somebody else's.
    Taken,
    /// Somebody else is to go on with it.
    LetGo,
    /// It is to be ended.
    Ends(Without),
}

impl From<End> for Left {
    fn from(end: End) -> Self {
        match end {
            End::Settled => Self::Settled,
            End::Taken => Self::Taken,
            End::Broken => Self::Ends(Without::Broken),
        }
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
        mut new: NewRun,
        slot: Option<Slot>,
    ) -> Result<Started, Error> {
        let run = new.run.id;
        new.place = Place::Here(self.inner.work.worker);
        let history = match new.message.as_deref() {
            Some(message) => self.history_before(message).await?,
            None => Vec::new(),
        };
        let facts = RunFacts {
            history,
            ..facts(workflow, prepared, context, run)
        };
        let depth = new.run.parent.map_or(0, |around| self.depth_of(around) + 1);
        let live = Arc::new(Live::new(new, depth, self.signals()));
        let (accepted, answer) = oneshot::channel();
        let workspace = facts.workspace;
        let (ports, pump) = self.connected(&facts, &live, 0);
        let work = Box::pin(execute(
            Arc::clone(&prepared.plan),
            Arc::new(facts),
            values,
            prepared.secrets.clone(),
            self.run_limits(),
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
            service
                .see_through(run, workspace, 1, &executed, work)
                .await;
            drop(slot);
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
        let unheard = Unheard(Some(&live));
        let answer = answer.await;
        unheard.heard();
        match answer {
            Ok(answer) => started(answer?, live),
            Err(_) => self.let_go_before(workspace, &live).await,
        }
    }

    /// What became of a start whose run was let go of before anybody heard of its acceptance.
    async fn let_go_before(&self, workspace: WorkspaceId, live: &Live) -> Result<Started, Error> {
        // The writer was asked first for the run, and then to let go of it: after that it is known.
        live.hub.ended().await;
        let known = self.inner.store.run(workspace, live.run()).await?;
        known.ok_or_else(ending)?;
        Ok(Started {
            run: live.run(),
            is_repeated: false,
            message: live.message(),
            live: None,
        })
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
            observed: Arc::clone(&self.inner.observed),
        };
        let ports = Ports {
            journal,
            committed: commits,
            events,
            clock: Arc::clone(&self.inner.clock),
            lease: Some(self.inner.heart.lease()),
        };
        (ports, pump)
    }

    /// The way to the other processes.
    pub(crate) fn signals(&self) -> Arc<dyn Signals> {
        Arc::clone(&self.inner.work.signals)
    }

    /// What bounds a run that begins now.
    pub(crate) fn run_limits(&self) -> Limits {
        let longest = self.inner.work.limits.longest_run.as_millis();
        Limits {
            max_millis: u64::try_from(longest).unwrap_or(u64::MAX),
            ..Limits::default()
        }
    }

    /// Accepts a run that waits to be taken up.
    pub(crate) async fn enqueue(
        &self,
        prepared: &Prepared,
        values: StartValues,
        mut new: NewRun,
    ) -> Result<Started, Error> {
        let (run, plan, now) = (new.run.id, Arc::clone(&prepared.plan), self.now());
        let first = first_record(plan, run, now, values, self.run_limits());
        new.records.extend(first);
        new.place = Place::Queue;
        new.run.status = RunStatus::Queued;
        new.run.started_at = None;
        let inserted = self.inner.store.insert_run(&new).await?.committed().await?;
        if inserted != Inserted::New {
            return known(inserted);
        }
        self.inner.queue.wake();
        self.inner.work.signals.queued(run);
        Ok(Started {
            run,
            is_repeated: false,
            message: new.message.as_deref().map(|message| message.place(run)),
            live: None,
        })
    }

    /// Works at a run to its end or its pause; a run whose work breaks or panics is ended all the same, and one that cannot come to its
    /// end here is let go of, so that others go on with it. What is somebody else's meanwhile is left to them.
    pub(crate) async fn see_through(
        &self,
        run: RunId,
        workspace: WorkspaceId,
        epoch: u32,
        live: &Live,
        work: impl Future<Output = End>,
    ) {
        let done = tokio::select! {
            done = AssertUnwindSafe(work).catch_unwind() => done.unwrap_or(End::Broken).into(),
            () = live.stop_now.cancelled() => Left::Ends(Without::Stopped),
            () = live.let_go.cancelled() => Left::LetGo,
            () = self.inner.giving_up.cancelled() => Left::LetGo,
        };
        match done {
            Left::Settled => {}
            Left::Taken => self.tell_what_others_did(run, workspace, live).await,
            Left::LetGo => {
                // Nodes that were cut off first hand over what their calls came to.
                tokio::time::sleep(CUT_OFF).await;
                // What cannot be let go of now is taken up when this process is found to be dead.
                if let Err(error) = self.inner.store.park_run(run, epoch, self.now()).await {
                    tracing::warn!(run.id = %run, %error, "the run cannot be let go of");
                }
                if live.new.run.parent.is_none() {
                    self.inner.work.signals.queued(run);
                }
            }
            Left::Ends(why) => {
                tokio::time::sleep(CUT_OFF).await;
                let mut at = Some(epoch);
                // The listeners wait for the end, so it is written however long the database is away.
                while let Err(error) = self.end_and_tell(run, workspace, &mut at, live, why).await {
                    tracing::error!(run.id = %run, %error, "the end of the run cannot be written");
                    if self.inner.giving_up.is_cancelled() {
                        break;
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        if live.is_over() {
            // Before anybody hears that it is over.
            self.forget_inline(&live.new.run).await;
            self.keep_said(live).await;
        }
        self.inner.observed.run_ended(live, &self.inner.heads);
        live.hub.end();
        {
            let mut all = lock(&self.inner.live);
            // Not another execution of it, which began when this one was thought dead.
            if all
                .get(&run)
                .is_some_and(|known| Arc::ptr_eq(&known.hub, &live.hub))
            {
                all.remove(&run);
            }
        }
        lock(&self.inner.taken_up).remove(&run);
        self.inner.work.signals.silent(run);
        self.inner.live_changed.notify_waiters();
        if live.is_paused() {
            // It has deadlines, and may have been answered while it was still at work.
            self.inner.forms_changed.notify_one();
            self.inner.queue.wake();
        }
    }

    /// A run is somebody else's: whoever listens here hears its end, if it has come to one.
    async fn tell_what_others_did(&self, run: RunId, workspace: WorkspaceId, live: &Live) {
        match self.inner.store.journal(run).await {
            Ok(records) => {
                let is_over =
                    |record: &JournalRecord| matches!(record.entry, JournalEntry::Finished(_));
                if records.last().is_some_and(is_over) {
                    let events = self.last_events(run, workspace, &records).await;
                    live.hub.say_again(events);
                }
            }
            Err(error) => {
                tracing::warn!(run.id = %run, %error, "what became of the run cannot be read");
            }
        }
    }

    /// Ends a run without its work and tells its listeners the end that is in its journal, whoever has written it.
    async fn end_and_tell(
        &self,
        run: RunId,
        workspace: WorkspaceId,
        at: &mut Option<u32>,
        live: &Live,
        why: Without,
    ) -> Result<(), Error> {
        self.end_without_worker(run, workspace, at, why).await?;
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

    /// Ends a run without whoever executes it: its open calls are lost, and nothing older is recorded from then on. `at`: only if it is
    /// still at this epoch, which is raised; whoever asks again after a failure does so at that one. Without an epoch the run is over when
    /// this answers, whoever takes it up meanwhile.
    pub(crate) async fn end_without_worker(
        &self,
        run: RunId,
        workspace: WorkspaceId,
        at: &mut Option<u32>,
        why: Without,
    ) -> Result<(), Error> {
        while let Some(epoch) = self.inner.store.seize_run(run, *at).await? {
            *at = at.map(|_| epoch);
            if self.end_at(run, workspace, epoch, why).await? || at.is_some() {
                break;
            }
        }
        Ok(())
    }

    /// Ends a run that was seized; false when somebody has taken it up since.
    async fn end_at(
        &self,
        run: RunId,
        workspace: WorkspaceId,
        epoch: u32,
        why: Without,
    ) -> Result<bool, Error> {
        let (store, now) = (&self.inner.store, self.now());
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
            Ok(()) => Ok(true),
            Err(AppendError::NotOurs) => Ok(false),
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
