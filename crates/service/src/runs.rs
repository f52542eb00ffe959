//! Runs after their start: read, listed, stopped; and the end of those that a crash interrupted.

use std::sync::Arc;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::event::RunFinished;
use latchkey_domain::id::RunId;
use latchkey_domain::journal::{JournalEntry, JournalRecord};
use latchkey_domain::ledger::Money;
use latchkey_domain::run::{NodeExecution, Run, RunError, RunStatus, RunUsage};
use latchkey_store::{Page, Paged, RunFilter};
use serde_json::Map;

use crate::error::Error;
use crate::{Service, lock, require};

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

    /// Waits until a run is over and answers it.
    ///
    /// # Errors
    /// When the caller may not, or there is no such run.
    pub async fn run_to_end(&self, caller: &Caller, id: RunId) -> Result<Run, Error> {
        let live = lock(&self.inner.live).get(&id).cloned();
        if let Some(live) = live {
            live.hub.ended().await;
        }
        self.run(caller, id).await
    }

    /// Asks a run to stop; answers where it stands. One that is over stays as it is.
    ///
    /// # Errors
    /// When the caller may not, or there is no such run.
    pub async fn stop_run(&self, caller: &Caller, id: RunId) -> Result<RunStatus, Error> {
        require(caller, Permission::RunsWrite)?;
        let run = self.run(caller, id).await?;
        if run.status.is_terminal() {
            return Ok(run.status);
        }
        let live = lock(&self.inner.live).get(&id).cloned();
        match live {
            Some(live) => live.cancel.cancel(),
            None => self.end_without_worker(&run, stopped()).await?,
        }
        self.audit(caller, "run.stop", id, serde_json::json!({}))
            .await?;
        Ok(RunStatus::Running)
    }

    /// Ends the runs that no process executes any more: they are marked, and their open calls are lost, so that nothing looks as if
    /// it were still going on. How many there were.
    pub(crate) async fn end_interrupted_runs(&self) -> Result<usize, Error> {
        let unfinished = self.inner.store.unfinished_runs().await?;
        for run in &unfinished {
            self.end_without_worker(run, interrupted()).await?;
        }
        Ok(unfinished.len())
    }

    async fn end_without_worker(
        &self,
        run: &Run,
        (status, error): (RunStatus, RunError),
    ) -> Result<(), Error> {
        let Some(epoch) = self.inner.store.seize_run(run.id).await? else {
            return Ok(());
        };
        let now = self.now();
        self.inner.store.lose_open_calls(run.id, now).await?;
        let records = self.inner.store.journal(run.id).await?;
        let end = RunFinished {
            status,
            outputs: Map::new(),
            error: Some(error),
            usage: used(&records),
            steps: u32::try_from(records.iter().filter(|record| is_attempt(record)).count())
                .unwrap_or(u32::MAX),
            exceptions: u32::try_from(
                records
                    .iter()
                    .filter(|record| matches!(record.entry, JournalEntry::NodeFailed { .. }))
                    .count(),
            )
            .unwrap_or(u32::MAX),
        };
        let record = JournalRecord {
            sequence: records.last().map_or(0, |record| record.sequence) + 1,
            epoch,
            at: now,
            reports: Vec::new(),
            entry: JournalEntry::Finished(end.clone()),
        };
        let appended = self
            .inner
            .store
            .append(
                run.id,
                run.workspace,
                epoch,
                &[record],
                &[],
                Some((&end, now)),
            )
            .await;
        appended.map_err(Error::internal)
    }

    /// The run's hub, if it is executed here.
    pub(crate) fn live(&self, id: RunId) -> Option<Arc<crate::hub::Hub>> {
        lock(&self.inner.live)
            .get(&id)
            .map(|live| Arc::clone(&live.hub))
    }
}

fn interrupted() -> (RunStatus, RunError) {
    let error = RunError {
        code: "run_interrupted".to_owned(),
        message: "the process that executed the run has died".to_owned(),
        node_id: None,
    };
    (RunStatus::Failed, error)
}

fn stopped() -> (RunStatus, RunError) {
    let error = RunError {
        code: "stopped".to_owned(),
        message: "stopped on request".to_owned(),
        node_id: None,
    };
    (RunStatus::Stopped, error)
}

const fn is_attempt(record: &JournalRecord) -> bool {
    matches!(
        record.entry,
        JournalEntry::NodeSucceeded { .. } | JournalEntry::NodeFailed { .. }
    )
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
