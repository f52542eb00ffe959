//! Runs that wait are taken up: new ones for which there was no room, those that were answered, and those whose process has died. What
//! their journals have is never done again.
//!
//! Whether a run is taken up here is one guarded update; whatever makes a process try (a wake-up, a look at the database, a start)
//! may come twice, early or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use latchkey_domain::chat::Exchange;
use latchkey_domain::event::RunEvent;
use latchkey_domain::id::{RunId, WorkflowId, WorkspaceId};
use latchkey_domain::journal::JournalEntry;
use latchkey_domain::run::Run;
use latchkey_engine::node::RunFacts;
use latchkey_engine::run::{Past, resume};
use latchkey_engine::state::replay_events;
use latchkey_store::{Claimed, NewRun, WaitingRun};

use crate::documents::Prepared;
use crate::error::{Error, ErrorKind};
use crate::execution::{Live, Without};
use crate::queue::Slot;
use crate::signals::Executes;
use crate::{Service, lock};

/// How often the database is looked at when nothing says that something waits.
const LOOK: Duration = Duration::from_secs(2);
/// The same after it has failed.
const TRY_AGAIN: Duration = Duration::from_secs(1);
/// How long whoever executes the tool of a run that is over has to hear of it, in milliseconds.
const HEARS_OF_ITS_END: i64 = 5_000;
/// Runs that are looked at together.
const AT_ONCE: usize = 512;
/// With so many claims left the next ones are looked for.
const FEW: usize = 64;

/// What came of trying to take up a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenUp {
    /// It is executed here from now on, if it is still free.
    Tried,
    /// There is no room for it here now: it waits on.
    NoRoom,
    /// It is over, unknown, or executed here already.
    NothingToDo,
}

/// Claims under way: thousands are made one after the other, and the next ones are looked for when few are left.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    under_way: AtomicUsize,
    /// Whether there were more when they were looked for.
    has_more: AtomicBool,
}

/// A run that this process has claimed.
pub(crate) struct ClaimedRun {
    run: Run,
    epoch: u32,
    workflow_name: String,
    prepared: Arc<Prepared>,
    past: Past,
    events: Vec<RunEvent>,
    /// What was said before in its conversation.
    history: Vec<Exchange>,
}

impl Service {
    /// Tries to take up one run, as a wake-up asks. When this answers, the claim is under way; it need not succeed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_up(&self, run: RunId) -> Result<TakenUp, Error> {
        if self.inner.work.executes == Executes::Nothing || self.live(run).is_some() {
            return Ok(TakenUp::NothingToDo);
        }
        let Some(waiting) = self.inner.store.unfinished(run).await? else {
            return Ok(TakenUp::NothingToDo);
        };
        Ok(self.try_to_take_up(waiting))
    }

    /// Takes up what waits, as long as there is room, fairly between workspaces; how many were tried.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_up_waiting(&self) -> Result<usize, Error> {
        let store = &self.inner.store;
        let mut tried = 0;
        let mut full: Vec<WorkflowId> = Vec::new();
        loop {
            let room = self.inner.queue.room().min(AT_ONCE);
            if room == 0 || self.inner.tasks.is_closed() {
                return Ok(tried);
            }
            let most = u64::try_from(room).unwrap_or(u64::MAX);
            let waiting = store.waiting_runs(most, &full).await?;
            let claims = &self.inner.claims;
            claims
                .has_more
                .store(waiting.len() == room, Ordering::Relaxed);
            let before = (tried, full.len());
            for one in waiting {
                match self.try_to_take_up(one) {
                    TakenUp::Tried => tried += 1,
                    TakenUp::NoRoom => full.push(one.workflow),
                    TakenUp::NothingToDo => {}
                }
            }
            full.sort_unstable();
            full.dedup();
            let is_busy = claims.under_way.load(Ordering::Relaxed) > FEW;
            if (tried, full.len()) == before || is_busy {
                return Ok(tried);
            }
        }
    }

    fn try_to_take_up(&self, waiting: WaitingRun) -> TakenUp {
        if lock(&self.inner.taken_up).contains(&waiting.run) || self.live(waiting.run).is_some() {
            return TakenUp::NothingToDo;
        }
        match self.inner.queue.take(waiting.workspace, waiting.workflow) {
            Some(slot) => {
                self.begin_to_take_up(waiting.run, waiting.workspace, Some(slot));
                TakenUp::Tried
            }
            None => TakenUp::NoRoom,
        }
    }

    /// Has a task of its own claim a run and execute it to its end or its next pause.
    fn begin_to_take_up(&self, id: RunId, workspace: WorkspaceId, slot: Option<Slot>) {
        let service = self.clone();
        self.inner.claims.under_way.fetch_add(1, Ordering::Relaxed);
        let task = async move {
            // Rebuilding takes a processor and memory: not all of thousands at the same time.
            let permit = service.inner.rebuilding.acquire().await;
            let claimed = service.claimed(id, workspace).await;
            drop(permit);
            service.claim_is_over();
            match claimed {
                Ok(Some(claimed)) => Box::pin(service.go_on(claimed, 0)).await,
                // Its claim may be this process's all the same: an answer can be lost with the database's connection.
                Ok(None) => drop(lock(&service.inner.doubtful).insert(id)),
                Err(error) => {
                    tracing::error!(run.id = %id, %error, "a run cannot be taken up yet");
                    lock(&service.inner.doubtful).insert(id);
                    tokio::time::sleep(TRY_AGAIN).await;
                }
            }
            lock(&service.inner.taken_up).remove(&id);
            drop(slot);
        };
        // With the lock that `drain` closes under, as for a run that begins.
        let _all = lock(&self.inner.live);
        if !self.inner.tasks.is_closed() && lock(&self.inner.taken_up).insert(id) {
            self.inner.tasks.spawn_on(task, &self.inner.runtime);
        } else {
            self.inner.claims.under_way.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn claim_is_over(&self) {
        let claims = &self.inner.claims;
        let left = claims.under_way.fetch_sub(1, Ordering::Relaxed) - 1;
        if left <= FEW && claims.has_more.swap(false, Ordering::Relaxed) {
            self.inner.queue.wake();
        }
    }

    /// Claims a run and rebuilds it. None when it is somebody else's, or over.
    async fn claimed(
        &self,
        id: RunId,
        workspace: WorkspaceId,
    ) -> Result<Option<ClaimedRun>, Error> {
        let store = &self.inner.store;
        let epoch = match store
            .claim_run(id, self.inner.work.worker, self.now())
            .await?
        {
            Claimed::Taken(epoch) => epoch,
            Claimed::NotFree => return Ok(None),
            Claimed::Poisoned(epoch) => {
                tracing::error!(run.id = %id, "the run was taken up again and again without coming further: it is given up");
                self.end_without_worker(id, workspace, &mut Some(epoch), Without::Poisoned)
                    .await?;
                return Ok(None);
            }
        };
        match self.rebuilt(id, workspace, epoch).await {
            Ok(claimed) => Ok(Some(claimed)),
            Err(error) if error.kind == ErrorKind::Unavailable => {
                // Whoever is able to may try it next.
                store.park_run(id, epoch, self.now()).await?;
                Err(error)
            }
            Err(error) => {
                tracing::error!(run.id = %id, %error, "a run cannot be rebuilt");
                self.end_without_worker(id, workspace, &mut Some(epoch), Without::Lost)
                    .await?;
                Ok(None)
            }
        }
    }

    async fn rebuilt(
        &self,
        id: RunId,
        workspace: WorkspaceId,
        epoch: u32,
    ) -> Result<ClaimedRun, Error> {
        let store = &self.inner.store;
        let run = store.run(workspace, id).await?;
        let run = run.ok_or_else(|| Error::not_found("run"))?;
        let prepared = self.prepare_run(&run).await?;
        let workflow = store.workflow(workspace, run.workflow).await?;
        let answers = store.unrecorded_answers(id).await?;
        let records = store.journal(id).await?;
        let (plan, secrets) = (Arc::clone(&prepared.plan), prepared.secrets.clone());
        let (events, records) = self
            .at_length(move |_| {
                let events = replay_events(plan, id, secrets, &records);
                (events, records)
            })
            .await?;
        if records.is_empty() {
            return Err(Error::internal("a run was accepted without a journal"));
        }
        let answers = answers.into_iter();
        Ok(ClaimedRun {
            run,
            epoch,
            workflow_name: workflow.map_or_else(String::new, |workflow| workflow.name),
            history: self.history_of(workspace, id).await?,
            prepared,
            past: Past {
                records,
                answers: answers
                    .map(|(form, answer)| (form.execution(), answer))
                    .collect(),
            },
            events,
        })
    }

    /// Executes a claimed run to its end or its next pause.
    async fn go_on(&self, claimed: ClaimedRun, depth: u32) {
        let new = NewRun::of(claimed.run.clone());
        let live = Arc::new(Live::new(new, depth, self.signals()));
        self.go_on_as(claimed, live).await;
    }

    async fn go_on_as(&self, claimed: ClaimedRun, live: Arc<Live>) {
        let ClaimedRun {
            run,
            epoch,
            workflow_name,
            prepared,
            past,
            events,
            history,
        } = claimed;
        if let Some(last) = past.records.last() {
            live.hub.committed(last.sequence);
            let was_paused = matches!(last.entry, JournalEntry::Paused(_));
            if past.records.len() > 1 && !was_paused {
                self.inner.observed.metrics.run_recovered();
            }
        }
        live.hub.say_again(events);
        lock(&self.inner.live).insert(run.id, Arc::clone(&live));
        self.inner.live_changed.notify_waiters();
        let facts = RunFacts {
            history,
            ..facts_of(&run, workflow_name, &prepared, epoch)
        };
        let last = past.records.last().map_or(0, |record| record.sequence);
        let (ports, pump) = self.connected(&facts, &live, last);
        let work = async {
            let work = resume(
                Arc::clone(&prepared.plan),
                Arc::new(facts),
                past,
                prepared.secrets.clone(),
                ports,
                live.cancel.clone(),
            );
            tokio::join!(Box::pin(work), Box::pin(pump.run(None))).1
        };
        self.see_through(run.id, run.workspace, epoch, &live, Box::pin(work))
            .await;
    }

    /// Takes up a run that is the tool of one which is executed here, after whoever executed both has died. None when it is over.
    pub(crate) async fn take_up_tool(
        &self,
        tool: &Run,
        depth: u32,
    ) -> Result<Option<Arc<Live>>, Error> {
        let Some(claimed) = self.claimed(tool.id, tool.workspace).await? else {
            lock(&self.inner.doubtful).insert(tool.id);
            return Ok(None);
        };
        let new = NewRun::of(claimed.run.clone());
        let live = Arc::new(Live::new(new, depth, self.signals()));
        let (service, executed) = (self.clone(), Arc::clone(&live));
        let task = async move { service.go_on_as(claimed, executed).await };
        let _all = lock(&self.inner.live);
        if self.inner.tasks.is_closed() {
            return Ok(None);
        }
        self.inner
            .tasks
            .spawn_on(Box::pin(task), &self.inner.runtime);
        Ok(Some(live))
    }

    /// Takes up what waits, again and again, until the server ends.
    pub(crate) fn watch_queue(&self) {
        let service = self.clone();
        let watching = async move {
            while !service.inner.ending.is_cancelled() {
                let pause = match Box::pin(service.look_at_queue()).await {
                    Ok(()) => LOOK,
                    Err(error) => {
                        tracing::error!(%error, "runs that wait cannot be looked at");
                        TRY_AGAIN
                    }
                };
                tokio::select! {
                    () = service.inner.ending.cancelled() => {}
                    () = service.inner.queue.woken() => {}
                    () = tokio::time::sleep(pause) => {}
                }
            }
        };
        self.inner.tasks.spawn_on(watching, &self.inner.runtime);
    }

    async fn look_at_queue(&self) -> Result<(), Error> {
        let (store, work) = (&self.inner.store, &self.inner.work);
        let active = store.active_elsewhere(work.worker).await?;
        self.inner.queue.heard(&active);
        if work.executes == Executes::Nothing {
            return Ok(());
        }
        let wait = i64::try_from(work.limits.longest_wait.as_millis()).unwrap_or(i64::MAX);
        let since = self.now().plus_millis(wait.saturating_neg());
        // At the epoch at which they were found: one that has been taken up meanwhile does not wait any more.
        for (run, workspace, epoch) in store.queued_before(since, 100).await? {
            self.end_without_worker(run, workspace, &mut Some(epoch), Without::QueueTimeout)
                .await?;
        }
        let heard = self.now().plus_millis(-HEARS_OF_ITS_END);
        for (run, workspace, epoch) in store.abandoned_tools(heard).await? {
            self.end_without_worker(run, workspace, &mut Some(epoch), Without::Abandoned)
                .await?;
        }
        self.let_go_of_doubtful().await?;
        self.take_up_waiting().await?;
        Ok(())
    }

    /// Lets go of runs that are this process's by a claim that it has not heard of, or whose rebuilding the database has stopped:
    /// nobody else would ever take them up.
    async fn let_go_of_doubtful(&self) -> Result<(), Error> {
        let doubtful: Vec<RunId> = lock(&self.inner.doubtful).iter().copied().collect();
        for run in doubtful {
            let (store, worker) = (&self.inner.store, self.inner.work.worker);
            let epoch = store.epoch_here(run, worker).await?;
            if self.live(run).is_none() && lock(&self.inner.taken_up).contains(&run) {
                // It is being taken up: what comes of that is not known yet.
                continue;
            }
            if let Some(epoch) = epoch
                && self.live(run).is_none()
            {
                // Guarded by the epoch: whatever it has come to meanwhile stays.
                store.park_run(run, epoch, self.now()).await?;
                tracing::info!(run.id = %run, "a run that was claimed unheard waits again");
            }
            lock(&self.inner.doubtful).remove(&run);
        }
        Ok(())
    }
}

fn facts_of(run: &Run, workflow_name: String, prepared: &Prepared, epoch: u32) -> RunFacts {
    RunFacts {
        run: run.id,
        workspace: run.workspace,
        workflow: Some(run.workflow),
        workflow_name,
        version: prepared.number,
        author: run.author,
        caller: run.caller,
        environment: run.environment.clone(),
        end_user: run.end_user.clone(),
        overrides: run.overrides.clone(),
        mode: prepared.document.mode(),
        epoch,
        history: Vec::new(),
    }
}
