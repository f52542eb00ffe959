//! Retention: what is older than it is to be kept goes, a little at a time, from one process at a time.

use std::time::Duration;

use latchkey_domain::id::{RunId, WorkspaceId};
use latchkey_domain::time::Timestamp;
use latchkey_store::{Part, StoreError};

use crate::Service;
use crate::error::Error;

/// How often somebody looks.
const LOOK: Duration = Duration::from_secs(60 * 60);
/// How long a process has the duty before it must say that it still has it.
const TERM: Duration = Duration::from_secs(5 * 60);
/// What the duty is called.
const DUTY: &str = "pruning";
/// Runs or files that are removed with one transaction.
const AT_ONCE: u64 = 50;
/// Rows of the ledger that are removed at once.
const CALLS: u64 = 500;
/// The pause between two removals, in which others get to the database.
const PAUSE: Duration = Duration::from_millis(20);

/// How long things are kept in every workspace; none: for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Retention {
    /// Runs, after their end, with everything that is theirs but their files and their rows of the ledger.
    pub runs: Option<Duration>,
    /// Their events: the journal.
    pub events: Option<Duration>,
    /// What their nodes took in and gave out.
    pub nodes: Option<Duration>,
    /// Files, after they were uploaded or made.
    pub files: Option<Duration>,
    /// Rows of the ledger.
    pub ledger: Option<Duration>,
}

/// What was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Runs.
    pub runs: u64,
    /// Runs that have lost their events.
    pub events: u64,
    /// Runs that have lost their node executions.
    pub nodes: u64,
    /// Files.
    pub files: u64,
    /// Rows of the ledger.
    pub calls: u64,
    /// Rows that nobody asks for any more.
    pub swept: u64,
}

impl Service {
    /// Begins to remove what is older than it is to be kept, now and every hour, until the server ends.
    pub fn watch_retention(&self, retention: Retention) {
        let service = self.clone();
        let watching = async move {
            while !service.inner.ending.is_cancelled() {
                let mut wait = LOOK;
                match Box::pin(service.prune(&retention)).await {
                    Ok(Some(pruned)) if pruned != Pruned::default() => {
                        tracing::info!(?pruned, "what was older than it is to be kept was removed");
                    }
                    Ok(Some(_)) => {}
                    // Whoever has the duty may have died.
                    Ok(None) => wait = TERM,
                    Err(error) => {
                        tracing::warn!(%error, "what is old cannot be removed now");
                    }
                }
                let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
                let next = service.now().plus_millis(wait);
                tokio::select! {
                    () = service.inner.ending.cancelled() => {}
                    () = service.inner.clock.sleep_until(next) => {}
                }
            }
        };
        self.inner.tasks.spawn_on(watching, &self.inner.runtime);
    }

    /// Removes what is older than it is to be kept; none when another process does it.
    ///
    /// # Errors
    /// When the database or the file store fails; what was removed stays so.
    pub async fn prune(&self, retention: &Retention) -> Result<Option<Pruned>, Error> {
        if !self.on_duty().await? {
            return Ok(None);
        }
        let pruned = Box::pin(self.prune_all(retention)).await;
        // The next one need not wait for the end of the term.
        let left = self.inner.store.leave_duty(DUTY, self.inner.process);
        left.await?;
        pruned.map(Some)
    }

    async fn prune_all(&self, retention: &Retention) -> Result<Pruned, Error> {
        let mut pruned = Pruned {
            swept: self.inner.store.sweep(self.now()).await?,
            ..Pruned::default()
        };
        let before = |age: Option<Duration>| age.map(|age| earlier(self.now(), age));
        if let Some(before) = before(retention.runs) {
            pruned.runs = self.prune_runs(before).await?;
        }
        if let Some(before) = before(retention.events) {
            pruned.events = self.prune_part(Part::Events, before).await?;
        }
        if let Some(before) = before(retention.nodes) {
            pruned.nodes = self.prune_part(Part::Nodes, before).await?;
        }
        if let Some(before) = before(retention.files) {
            pruned.files = self.prune_files(before).await?;
        }
        if let Some(before) = before(retention.ledger) {
            pruned.calls = self.prune_calls(before).await?;
        }
        Ok(pruned)
    }

    /// Whether there is more to be done by this process: it is not ending, and still has the duty.
    async fn on_duty(&self) -> Result<bool, Error> {
        if self.inner.ending.is_cancelled() {
            return Ok(false);
        }
        let (now, term) = (self.now(), i64::try_from(TERM.as_millis()));
        let until = now.plus_millis(term.unwrap_or(i64::MAX));
        let holder = self.inner.process;
        Ok(self.inner.store.take_duty(DUTY, holder, now, until).await?)
    }

    async fn prune_runs(&self, before: Timestamp) -> Result<u64, Error> {
        let (store, mut gone, mut after) = (&self.inner.store, 0, None);
        loop {
            let runs = store.runs_ended_before(before, after, AT_ONCE).await?;
            let Some(last) = self.rest(&runs).await? else {
                return Ok(gone);
            };
            store.delete_runs(&runs).await?;
            gone += runs.len() as u64;
            after = Some(last);
        }
    }

    async fn prune_part(&self, part: Part, before: Timestamp) -> Result<u64, Error> {
        let (store, mut gone, mut after) = (&self.inner.store, 0, None);
        loop {
            let runs = store.runs_with(part, before, after, AT_ONCE).await?;
            let Some(last) = self.rest(&runs).await? else {
                return Ok(gone);
            };
            store.delete_part(part, &runs).await?;
            gone += runs.len() as u64;
            after = Some(last);
        }
    }

    /// The last of some runs, after a pause; none when there is nothing more to do for this process.
    async fn rest(&self, runs: &[(RunId, WorkspaceId)]) -> Result<Option<RunId>, Error> {
        let Some((last, _)) = runs.last() else {
            return Ok(None);
        };
        tokio::time::sleep(PAUSE).await;
        Ok(self.on_duty().await?.then_some(*last))
    }

    async fn prune_files(&self, before: Timestamp) -> Result<u64, Error> {
        let (store, files, mut gone) = (&self.inner.store, &self.inner.files, 0);
        loop {
            let found = store.files_made_before(before, AT_ONCE).await?;
            if found.is_empty() || !self.on_duty().await? {
                return Ok(gone);
            }
            for (id, workspace) in found {
                // The content first: what is left over after a crash is found again.
                files.delete_content(workspace, id).await?;
                match store.delete_file(workspace, id).await {
                    Ok(()) | Err(StoreError::NotFound) => gone += 1,
                    Err(error) => return Err(error.into()),
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn prune_calls(&self, before: Timestamp) -> Result<u64, Error> {
        let mut gone = 0;
        loop {
            let some = self.inner.store.delete_calls_before(before, CALLS).await?;
            gone += some;
            if some < CALLS || !self.on_duty().await? {
                return Ok(gone);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn earlier(now: Timestamp, age: Duration) -> Timestamp {
    let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(now.millis().saturating_sub(age))
}
