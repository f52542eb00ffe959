//! Processes that execute runs, and what waits for one of them. Whether a process lives is told by its heartbeat and the clock of
//! the database, the only one that all of them share.

use latchkey_domain::id::{RunId, WorkerId, WorkflowId, WorkspaceId};
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DbBackend, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, Statement,
};
use uuid::Uuid;

use crate::codec::{self, long};
use crate::entities::{run, worker};
use crate::error::StoreError;
use crate::open::Store;

/// How long a process may be silent before its runs are taken up by others, in milliseconds.
pub(crate) const DEAD_AFTER: i64 = 10_000;
/// After what time a silent process is forgotten, in milliseconds.
const FORGOTTEN_AFTER: i64 = 24 * 60 * 60 * 1000;

/// Whether other processes may be working on the same database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Company {
    /// No: whoever else is in the tables has died.
    Alone,
    /// Yes: they are alive as long as their hearts beat.
    Others,
}

/// A process that executes runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// Its id, new with every start.
    pub id: WorkerId,
    /// What people know it by.
    pub name: String,
    /// When it started, by the database's clock.
    pub started_at: Timestamp,
    /// When its heart beat last, by the database's clock.
    pub beat_at: Timestamp,
    /// Whether that was recently enough.
    pub is_alive: bool,
}

/// A run that waits for a process to take it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingRun {
    /// The run.
    pub run: RunId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its workflow.
    pub workflow: WorkflowId,
    /// Whether somebody executed it before, and has died.
    pub is_orphaned: bool,
}

/// What waits and what is at work, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct QueueState {
    /// Runs that wait to be taken up.
    pub queued: u64,
    /// How long the oldest of them has waited, in milliseconds.
    pub oldest_ms: u64,
    /// Runs that somebody executes, or executed when it died.
    pub running: u64,
    /// Runs that wait for people.
    pub paused: u64,
    /// Living workers.
    pub workers: u64,
}

/// Runs at work, of one workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActiveRuns {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The workflow.
    pub workflow: WorkflowId,
    /// Runs of it that are executed.
    pub running: u64,
    /// Runs of it that wait to be taken up.
    pub queued: u64,
}

impl Store {
    /// Enters a process, or tells that its heart still beats.
    ///
    /// # Errors
    /// When the database fails: the beat does not count then.
    pub async fn beat(&self, worker: WorkerId, name: &str) -> Result<(), StoreError> {
        let backend = self.write.get_database_backend();
        let now = now(backend);
        let [id, label] = places(backend);
        let sql = format!(
            "INSERT INTO workers (id, name, started_at, beat_at) VALUES ({id}, {label}, {now}, {now}) \
             ON CONFLICT (id) DO UPDATE SET beat_at = {now}"
        );
        let values = [worker.uuid().into(), name.into()];
        let beat = Statement::from_sql_and_values(backend, sql, values);
        self.pulse.execute_raw(beat).await?;
        Ok(())
    }

    /// Forgets all other processes, for one that begins and knows that it is alone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_others(&self, worker: WorkerId) -> Result<(), StoreError> {
        worker::Entity::delete_many()
            .filter(worker::Column::Id.ne(worker.uuid()))
            .exec(&self.write)
            .await?;
        Ok(())
    }

    /// Removes a process that ends in order, and those that have been silent for a day.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leave(&self, worker: WorkerId) -> Result<(), StoreError> {
        worker::Entity::delete_by_id(worker.uuid())
            .exec(&self.write)
            .await?;
        let backend = self.write.get_database_backend();
        let sql = format!(
            "DELETE FROM workers WHERE beat_at < {} - {FORGOTTEN_AFTER}",
            now(backend)
        );
        self.write.execute_unprepared(&sql).await?;
        Ok(())
    }

    /// The processes that execute runs, in the order of their starts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn workers(&self) -> Result<Vec<Worker>, StoreError> {
        let living = living_ids(&self.read).await?;
        let rows = worker::Entity::find()
            .order_by_asc(worker::Column::Id)
            .all(&self.read)
            .await?;
        let workers = rows.into_iter().map(|row| Worker {
            id: WorkerId::new(row.id),
            name: row.name,
            started_at: codec::time(row.started_at),
            beat_at: codec::time(row.beat_at),
            is_alive: living.contains(&row.id),
        });
        Ok(workers.collect())
    }

    /// Runs that wait to be taken up: queued ones, and those whose process has died. At most so many, fairly between workspaces: those
    /// with the fewest runs at work come first, within one the oldest. Tools of other runs are not among them: whoever uses them
    /// takes them up. `but` are workflows of which no more may begin.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting_runs(
        &self,
        most: u64,
        but: &[WorkflowId],
    ) -> Result<Vec<WaitingRun>, StoreError> {
        let backend = self.read.get_database_backend();
        let living = living(backend);
        let but: Vec<String> = but.iter().map(|id| literal(backend, id.uuid())).collect();
        let but = if but.is_empty() {
            String::new()
        } else {
            format!(" AND workflow_id NOT IN ({})", but.join(", "))
        };
        let sql = format!(
            "SELECT waiting.id, waiting.workspace_id, waiting.workflow_id, waiting.orphaned FROM \
             (SELECT id, workspace_id, workflow_id, CASE WHEN status = 'queued' THEN 0 ELSE 1 END AS orphaned, coalesce(queued_at, created_at) AS since, \
                row_number() OVER (PARTITION BY workspace_id ORDER BY CASE WHEN status = 'queued' THEN 1 ELSE 0 END, coalesce(queued_at, created_at), id) AS turn \
              FROM runs WHERE finished_at IS NULL AND parent_run_id IS NULL AND (status = 'queued' OR (status = 'running' AND (worker_id IS NULL OR worker_id NOT IN ({living})))){but}) AS waiting \
             LEFT JOIN (SELECT workspace_id, count(*) AS active FROM runs WHERE finished_at IS NULL AND status = 'running' AND worker_id IN ({living}) GROUP BY workspace_id) AS busy \
               ON busy.workspace_id = waiting.workspace_id \
             ORDER BY waiting.turn + coalesce(busy.active, 0), waiting.since, waiting.id LIMIT {most}"
        );
        let rows = self
            .read
            .query_all_raw(Statement::from_string(backend, sql))
            .await?;
        let waiting = rows.iter().map(|row| {
            Ok(WaitingRun {
                run: RunId::new(row.try_get_by_index(0)?),
                workspace: WorkspaceId::new(row.try_get_by_index(1)?),
                workflow: WorkflowId::new(row.try_get_by_index(2)?),
                is_orphaned: number(backend, row, 3)? != 0,
            })
        });
        waiting.collect()
    }

    /// Runs that have never begun and wait since before a time, at most so many, with their epochs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn queued_before(
        &self,
        time: Timestamp,
        most: u64,
    ) -> Result<Vec<(RunId, WorkspaceId, u32)>, StoreError> {
        let backend = self.read.get_database_backend();
        let [place, _] = places(backend);
        let sql = format!(
            "SELECT id, workspace_id, epoch FROM runs WHERE status = 'queued' AND started_at IS NULL AND queued_at < {place} ORDER BY queued_at LIMIT {most}"
        );
        let find = Statement::from_sql_and_values(backend, sql, [time.millis().into()]);
        with_epochs(&self.read.query_all_raw(find).await?)
    }

    /// Unfinished runs that are tools of runs which were over before a time: nobody waits for them any more, and whoever executes them
    /// has not heard of it. With their epochs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn abandoned_tools(
        &self,
        before: Timestamp,
    ) -> Result<Vec<(RunId, WorkspaceId, u32)>, StoreError> {
        let backend = self.read.get_database_backend();
        let [place, _] = places(backend);
        let sql = format!(
            "SELECT tool.id, tool.workspace_id, tool.epoch FROM runs AS tool JOIN runs AS around ON around.id = tool.parent_run_id \
             WHERE tool.finished_at IS NULL AND around.finished_at < {place}"
        );
        let find = Statement::from_sql_and_values(backend, sql, [before.millis().into()]);
        with_epochs(&self.read.query_all_raw(find).await?)
    }

    /// Unfinished runs that are tools of a run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unfinished_tools(
        &self,
        of: RunId,
    ) -> Result<Vec<(RunId, WorkspaceId)>, StoreError> {
        let rows = run::Entity::find()
            .filter(run::Column::ParentRunId.eq(of.uuid()))
            .filter(run::Column::FinishedAt.is_null())
            .all(&self.read)
            .await?;
        let tools = rows.iter();
        Ok(tools
            .map(|row| (RunId::new(row.id), WorkspaceId::new(row.workspace_id)))
            .collect())
    }

    /// The epoch of a run that this process is to execute; none when it is another's, or not at work.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn epoch_here(
        &self,
        run: RunId,
        worker: WorkerId,
    ) -> Result<Option<u32>, StoreError> {
        let row = run::Entity::find_by_id(run.uuid())
            .filter(run::Column::FinishedAt.is_null())
            .filter(run::Column::Status.eq("running"))
            .filter(run::Column::WorkerId.eq(worker.uuid()))
            .one(&self.read)
            .await?;
        Ok(row.map(|row| codec::count(row.epoch)))
    }

    /// Where a run is, if it is not over and nobody's tool.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unfinished(&self, run: RunId) -> Result<Option<WaitingRun>, StoreError> {
        let row = run::Entity::find_by_id(run.uuid())
            .filter(run::Column::FinishedAt.is_null())
            .filter(run::Column::ParentRunId.is_null())
            .one(&self.read)
            .await?;
        Ok(row.map(|row| WaitingRun {
            run,
            workspace: WorkspaceId::new(row.workspace_id),
            workflow: WorkflowId::new(row.workflow_id),
            is_orphaned: row.status != "queued",
        }))
    }

    /// What waits and what is at work.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn queue_state(&self, now: Timestamp) -> Result<QueueState, StoreError> {
        let runs = self.unfinished_where(Condition::all(), now).await?;
        Ok(QueueState {
            queued: runs.queued,
            oldest_ms: runs.oldest_ms,
            running: runs.running,
            paused: runs.paused,
            workers: living_ids(&self.read).await?.len() as u64,
        })
    }

    /// How many runs of each workflow other processes than this one have at work, and how many wait.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn active_elsewhere(&self, worker: WorkerId) -> Result<Vec<ActiveRuns>, StoreError> {
        let backend = self.read.get_database_backend();
        let (living, [place, _]) = (living(backend), places(backend));
        let sql = format!(
            "SELECT workspace_id, workflow_id, sum(CASE WHEN status = 'running' AND worker_id <> {place} AND worker_id IN ({living}) THEN 1 ELSE 0 END), \
             sum(CASE WHEN status = 'queued' THEN 1 ELSE 0 END) FROM runs WHERE finished_at IS NULL AND status IN ('queued', 'running') GROUP BY workspace_id, workflow_id"
        );
        let find = Statement::from_sql_and_values(backend, sql, [worker.uuid().into()]);
        let rows = self.read.query_all_raw(find).await?;
        let active = rows.iter().map(|row| {
            Ok(ActiveRuns {
                workspace: WorkspaceId::new(row.try_get_by_index(0)?),
                workflow: WorkflowId::new(row.try_get_by_index(1)?),
                running: long(row.try_get_by_index(2)?),
                queued: long(row.try_get_by_index(3)?),
            })
        });
        active.collect()
    }
}

fn with_epochs(
    rows: &[sea_orm::QueryResult],
) -> Result<Vec<(RunId, WorkspaceId, u32)>, StoreError> {
    let runs = rows.iter().map(|row| {
        let run = RunId::new(row.try_get_by_index(0)?);
        let workspace = WorkspaceId::new(row.try_get_by_index(1)?);
        Ok((run, workspace, codec::count(row.try_get_by_index(2)?)))
    });
    runs.collect()
}

/// A whole number that a database computes: PostgreSQL gives the small ones in four bytes.
fn number(backend: DbBackend, row: &sea_orm::QueryResult, at: usize) -> Result<i64, StoreError> {
    if backend == DbBackend::Postgres {
        return Ok(i64::from(row.try_get_by_index::<i32>(at)?));
    }
    Ok(row.try_get_by_index(at)?)
}

/// The ids of the living.
pub(crate) async fn living_ids(
    connection: &impl ConnectionTrait,
) -> Result<std::collections::HashSet<Uuid>, StoreError> {
    let backend = connection.get_database_backend();
    let find = Statement::from_string(backend, living(backend));
    let rows = connection.query_all_raw(find).await?;
    let ids = rows.iter().map(|row| Ok(row.try_get_by_index(0)?));
    ids.collect()
}

/// A query for the ids of the living.
pub(crate) fn living(backend: DbBackend) -> String {
    format!(
        "SELECT id FROM workers WHERE beat_at >= {} - {DEAD_AFTER}",
        now(backend)
    )
}

/// Calls of runs whose process has died are under way no more; whoever takes such a run up closes them.
pub(crate) fn of_the_living(backend: DbBackend) -> SimpleExpr {
    let living = living(backend);
    Expr::cust(format!(
        "(run_id IS NULL OR run_id NOT IN (SELECT id FROM runs WHERE finished_at IS NULL AND worker_id IS NOT NULL AND worker_id NOT IN ({living})))"
    ))
}

/// Now by the database's clock, in milliseconds.
fn now(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "(extract(epoch from clock_timestamp()) * 1000)::bigint",
        DbBackend::Sqlite | DbBackend::MySql | _ => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
    }
}

/// An id in a statement.
fn literal(backend: DbBackend, id: Uuid) -> String {
    match backend {
        DbBackend::Postgres => format!("'{id}'"),
        DbBackend::Sqlite | DbBackend::MySql | _ => format!("X'{}'", id.simple()),
    }
}

fn places(backend: DbBackend) -> [&'static str; 2] {
    match backend {
        DbBackend::Postgres => ["$1", "$2"],
        DbBackend::Sqlite | DbBackend::MySql | _ => ["?", "?"],
    }
}
