//! Runs after their start: read, listed, stopped; and the end of those that a crash interrupted.

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt as _, stream};
use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::id::RunId;
use latchkey_domain::run::{NodeExecution, Run, RunStatus};
use latchkey_store::{OpenCalls, Page, Paged, RunFilter};
use tokio::time::timeout;

use crate::error::{Error, ErrorKind};
use crate::execution::Without;
use crate::start::Started;
use crate::{Service, lock, require};

/// How long the nodes of a run that is stopped may take to end.
const STOPPING: Duration = Duration::from_secs(6);
/// Interrupted runs that are ended at the same time.
const AT_ONCE: usize = 64;

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
        match &started.live {
            Some(live) => {
                live.hub.ended().await;
                if let Some(run) = live.ended() {
                    return Ok(run);
                }
            }
            None => {
                if let Some(hub) = self.live(id) {
                    hub.ended().await;
                }
            }
        }
        let run = self.run_of_start(caller, started).await?;
        if run.status.is_terminal() || run.status == RunStatus::Paused {
            return Ok(run);
        }
        Err(unfinished())
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
        let live = lock(&self.inner.live).get(&id).cloned();
        if let Some(live) = live {
            live.cancel.cancel();
            // Its nodes may take their time to end; whatever then is not over is ended without them.
            if timeout(STOPPING, live.hub.ended()).await.is_err() {
                live.stop_now.cancel();
                let written = timeout(STOPPING, live.hub.ended()).await;
                written.map_err(|_| unfinished())?;
            }
            if live.is_paused() {
                // It came to its pause before it heard of the stop.
                self.end_without_worker(id, run.workspace, Without::Stopped)
                    .await?;
                self.forget_inline(&run).await;
            }
        } else {
            self.end_without_worker(id, run.workspace, Without::Stopped)
                .await?;
            self.forget_inline(&run).await;
        }
        self.audit(caller, "run.stop", id, serde_json::json!({}))
            .await?;
        Ok(RunStatus::Running)
    }

    /// Ends the runs that no process executes any more: they are marked, and their open calls are lost, so that nothing looks as if
    /// it were still going on. How many there were.
    pub(crate) async fn end_interrupted_runs(&self) -> Result<usize, Error> {
        let unfinished = self.inner.store.unfinished_runs().await?;
        let ended = unfinished.iter().map(|(run, workspace)| async move {
            let ended = self.end_without_worker(*run, *workspace, Without::Interrupted);
            if let Err(error) = ended.await {
                tracing::error!(run.id = %run, %error, "an interrupted run cannot be ended");
            }
        });
        stream::iter(ended)
            .for_each_concurrent(AT_ONCE, |ended| ended)
            .await;
        let store = &self.inner.store;
        store.lose_open_calls(OpenCalls::All, self.now()).await?;
        Ok(unfinished.len())
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
