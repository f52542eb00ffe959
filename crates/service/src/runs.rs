//! Runs after their start: read, listed, stopped.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::id::RunId;
use latchkey_domain::run::{NodeExecution, Run, RunStatus};
use latchkey_store::{Company, OpenCalls, Page, Paged, Payer, RunCount, RunCountQuery, RunFilter};
use tokio::time::timeout;

use crate::error::{Error, ErrorKind};
use crate::execution::Without;
use crate::signals::Executes;
use crate::start::Started;
use crate::{Service, lock, require};

/// How long the nodes of a run that is stopped may take to end.
const STOPPING: Duration = Duration::from_millis(3500);
/// How long a run that is cut off may take to be over.
const STOPPED: Duration = Duration::from_secs(1);
/// How often a run is looked at that is executed elsewhere, or waits.
const LOOK: Duration = Duration::from_millis(500);

impl Service {
    /// A run.
    ///
    /// # Errors
    /// When the caller may not, or there is no such run.
    pub async fn run(&self, caller: &Caller, id: RunId) -> Result<Run, Error> {
        require(caller, Permission::RunsRead)?;
        let run = self.inner.store.run(caller.workspace, id).await?;
        run.filter(|run| caller.sees(run.workflow))
            .ok_or_else(|| Error::not_found("run"))
    }

    /// The runs of the caller's workspace.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn runs(
        &self,
        caller: &Caller,
        mut filter: RunFilter,
        page: Page,
    ) -> Result<Paged<Run>, Error> {
        require(caller, Permission::RunsRead)?;
        if filter.credential.is_some() {
            // Which runs a credential paid for is told to those who may know that it exists.
            require(caller, Permission::CredentialsRead)?;
        }
        if caller.workflow.is_some() {
            filter.workflow = caller.workflow;
        }
        Ok(self
            .inner
            .store
            .runs(caller.workspace, &filter, page)
            .await?)
    }

    /// Whose credentials were asked to pay for some runs of the caller's; nothing for those who may not know.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn payers(
        &self,
        caller: &Caller,
        runs: &[RunId],
    ) -> Result<HashMap<RunId, Vec<Payer>>, Error> {
        if runs.is_empty() || !caller.may(Permission::CredentialsRead) {
            return Ok(HashMap::new());
        }
        Ok(self.inner.store.payers(caller.workspace, runs).await?)
    }

    /// How many runs the caller's workflows had, by workflow, day and status.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn run_counts(
        &self,
        caller: &Caller,
        mut query: RunCountQuery,
    ) -> Result<Vec<RunCount>, Error> {
        require(caller, Permission::RunsRead)?;
        if caller.workflow.is_some() {
            query.workflow = caller.workflow;
        }
        let store = &self.inner.store;
        Ok(store.run_counts(caller.workspace, &query).await?)
    }

    /// The node executions of a run that have ended.
    ///
    /// # Errors
    /// When the caller may not, or there is no such run.
    pub async fn node_executions(
        &self,
        caller: &Caller,
        id: RunId,
    ) -> Result<Vec<NodeExecution>, Error> {
        self.run(caller, id).await?;
        Ok(self
            .inner
            .store
            .node_executions(caller.workspace, id)
            .await?)
    }

    /// The run that a start has begun, as it is now. Who may start it may hear of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_of_start(&self, caller: &Caller, started: &Started) -> Result<Run, Error> {
        let run = self.inner.store.run(caller.workspace, started.run).await?;
        run.ok_or_else(|| Error::not_found("run"))
    }

    /// Waits until a run is over or paused and answers it. What was executed here is known and not read again.
    ///
    /// # Errors
    /// When the caller may not, or its end could not be written.
    pub async fn run_to_end(&self, caller: &Caller, started: &Started) -> Result<Run, Error> {
        let id = started.run;
        if let Some(live) = &started.live {
            live.hub.ended().await;
            if let Some(run) = live.ended() {
                return Ok(run);
            }
        }
        loop {
            let changed = self.inner.live_changed.notified();
            if let Some(hub) = self.live(id) {
                hub.ended().await;
            }
            let run = self.run_of_start(caller, started).await?;
            if run.status.is_terminal() || run.status == RunStatus::Paused {
                return Ok(run);
            }
            if self.inner.ending.is_cancelled() {
                return Err(unfinished());
            }
            tokio::select! {
                () = changed => {}
                () = self.inner.ending.cancelled() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Stops a run: when this answers, its end is committed. One that is over stays as it is; the answer is where it stood.
    ///
    /// # Errors
    /// When the caller may not, or there is no such run.
    pub async fn stop_run(&self, caller: &Caller, id: RunId) -> Result<RunStatus, Error> {
        let change = move |service: Self, caller: Caller| async move {
            service.stop_run_now(&caller, id).await
        };
        self.complete(caller, change).await
    }

    async fn stop_run_now(&self, caller: &Caller, id: RunId) -> Result<RunStatus, Error> {
        require(caller, Permission::RunsWrite)?;
        let run = self.run(caller, id).await?;
        if run.status.is_terminal() {
            return Ok(run.status);
        }
        // Its nodes may take their time to end, here or elsewhere; whatever then is not over is ended without them.
        if !self.cut_off(id).await && run.status == RunStatus::Running {
            self.inner.work.signals.stop(id, STOPPING).await;
        }
        self.end_without_worker(id, run.workspace, &mut None, Without::Stopped)
            .await?;
        self.end_tools_of(id).await?;
        self.forget_inline(&run).await;
        self.audit(caller, "run.stop", id, serde_json::json!({}))
            .await?;
        Ok(RunStatus::Running)
    }

    /// Ends the runs that are tools of one that is over, and theirs: whoever executes them may not have heard of it.
    async fn end_tools_of(&self, id: RunId) -> Result<(), Error> {
        let mut around = vec![id];
        while let Some(outer) = around.pop() {
            for (tool, workspace) in self.inner.store.unfinished_tools(outer).await? {
                self.end_without_worker(tool, workspace, &mut None, Without::Abandoned)
                    .await?;
                around.push(tool);
            }
        }
        Ok(())
    }

    /// Enters this process and begins to take up what waits; how much that is.
    pub(crate) async fn begin_to_work(&self) -> Result<u64, Error> {
        let (store, work) = (&self.inner.store, &self.inner.work);
        let now = self.now();
        if work.executes == Executes::Runs {
            self.enter().await?;
            self.keep_beating();
        }
        if work.company == Company::Alone {
            store.forget_others(work.worker).await?;
            // Calls without a run; those of runs are lost when somebody goes on with them.
            store.lose_open_calls(OpenCalls::WithoutRun, now).await?;
            // What a process that has died was about, its successor need not wait for.
            store.free_duties().await?;
        }
        let state = store.queue_state(now).await?;
        self.watch_queue();
        Ok(state.queued + state.running)
    }

    /// Cuts off a run that is executed here, as whoever stops it elsewhere asks, and waits for its end; whether it was here.
    pub async fn cut_off(&self, id: RunId) -> bool {
        let live = lock(&self.inner.live).get(&id).cloned();
        let Some(live) = live else {
            return false;
        };
        live.cancel.cancel();
        if timeout(STOPPING, live.hub.ended()).await.is_err() {
            live.stop_now.cancel();
            // Whoever asks ends it, if this does not come to it.
            let _ = timeout(STOPPED, live.hub.ended()).await;
        }
        true
    }

    /// The run's hub, if it is executed here.
    pub(crate) fn live(&self, id: RunId) -> Option<Arc<crate::hub::Hub>> {
        lock(&self.inner.live)
            .get(&id)
            .map(|live| Arc::clone(&live.hub))
    }
}

fn unfinished() -> Error {
    let detail = "the run's end could not be written yet; ask for it again";
    Error::new(ErrorKind::Unavailable, "run_unfinished", detail)
}
