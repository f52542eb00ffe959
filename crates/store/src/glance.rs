//! What lists show at a glance beside their rows: room that is taken of limits, who paid for runs, how many runs there were, and how many
//! wait.

use std::collections::{BTreeMap, HashMap};

use latchkey_domain::credential::{Holder, Limits};
use latchkey_domain::id::{CredentialId, RunId, WorkflowId, WorkspaceId};
use latchkey_domain::run::RunStatus;
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use uuid::Uuid;

use crate::codec::{self, long, word};
use crate::entities::{call_guard, model_call, run};
use crate::error::StoreError;
use crate::open::Store;
use crate::workers::of_the_living;

/// A minute in the unit of guards, nanoseconds.
const MINUTE: i64 = 60_000_000_000;
const PER_MILLI: i64 = 1_000_000;
const DAY: i64 = 86_400_000;

/// What is taken of limits at a time. A minute's worth may be taken at once and comes back evenly, so this falls while nobody
/// calls. What is not limited is not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct LimitsInUse {
    /// Of the calls per minute.
    pub requests: Option<u64>,
    /// Of the tokens per minute.
    pub tokens: Option<u64>,
    /// Calls under way.
    pub calls: Option<u64>,
}

/// A credential that was asked to pay for a call of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payer {
    /// The credential; it may be gone.
    pub credential: Option<CredentialId>,
    /// Its name at the time.
    pub name: String,
    /// Its provider.
    pub provider: String,
    /// Whether one of its calls has succeeded or is under way.
    pub has_paid: bool,
}

/// Which runs are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunCountQuery {
    /// Of one workflow.
    pub workflow: Option<WorkflowId>,
    /// Made at this time or later.
    pub from: Timestamp,
    /// Made before this time.
    pub to: Timestamp,
}

/// How many runs of a workflow a day had in one status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunCount {
    /// The workflow.
    pub workflow: WorkflowId,
    /// The beginning of the day, by UTC.
    pub day: Timestamp,
    /// The status.
    pub status: RunStatus,
    /// So many.
    pub runs: u64,
}

/// Runs of one workspace that are not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct UnfinishedRuns {
    /// Those that wait for a worker.
    pub queued: u64,
    /// How long the oldest of them has waited, in ms.
    pub oldest_ms: u64,
    /// Those at work.
    pub running: u64,
    /// Those that wait for a person.
    pub paused: u64,
}

impl Store {
    /// What is taken of the limits of some credentials of a workspace at a time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn limits_in_use(
        &self,
        workspace: WorkspaceId,
        limits: &[(CredentialId, Limits)],
        at: Timestamp,
    ) -> Result<HashMap<CredentialId, LimitsInUse>, StoreError> {
        let keys = limits.iter().map(|(id, _)| Holder::Credential(*id).key());
        let guards = call_guard::Entity::find()
            .filter(call_guard::Column::WorkspaceId.eq(workspace.uuid()))
            .filter(call_guard::Column::Holder.is_in(keys))
            .all(&self.read)
            .await?;
        let guards: HashMap<String, call_guard::Model> = guards
            .into_iter()
            .map(|guard| (guard.holder.clone(), guard))
            .collect();
        let limited = limits
            .iter()
            .filter(|(_, limits)| limits.concurrent_calls.is_some());
        let under_way = self
            .calls_under_way(workspace, limited.map(|(id, _)| id.uuid()).collect())
            .await?;
        let use_of = |(id, limits): &(CredentialId, Limits)| {
            let guard = guards.get(&Holder::Credential(*id).key());
            let taken = |until: fn(&call_guard::Model) -> i64, limit: u64| {
                guard.map_or(0, |guard| taken_of(until(guard), at, limit))
            };
            let requests = limits.requests_per_minute.map(u64::from);
            let in_use = LimitsInUse {
                requests: requests.map(|limit| taken(|guard| guard.requests_at, limit)),
                tokens: limits
                    .tokens_per_minute
                    .map(|limit| taken(|guard| guard.tokens_at, limit)),
                calls: limits
                    .concurrent_calls
                    .map(|_| under_way.get(&id.uuid()).copied().unwrap_or_default()),
            };
            (*id, in_use)
        };
        Ok(limits.iter().map(use_of).collect())
    }

    async fn calls_under_way(
        &self,
        workspace: WorkspaceId,
        credentials: Vec<Uuid>,
    ) -> Result<HashMap<Uuid, u64>, StoreError> {
        if credentials.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<(Option<Uuid>, i64)> = model_call::Entity::find()
            .select_only()
            .column(model_call::Column::CredentialId)
            .column_as(Expr::col(model_call::Column::Id).count(), "calls")
            .filter(model_call::Column::WorkspaceId.eq(workspace.uuid()))
            .filter(model_call::Column::CredentialId.is_in(credentials))
            .filter(model_call::Column::ClosedAt.is_null())
            .filter(model_call::Column::Level.is_not_null())
            .filter(of_the_living(self.read.get_database_backend()))
            .group_by(model_call::Column::CredentialId)
            .into_tuple()
            .all(&self.read)
            .await?;
        let counted = rows.into_iter();
        Ok(counted
            .filter_map(|(id, calls)| Some((id?, long(calls))))
            .collect())
    }

    /// Whose credentials were asked to pay for some runs of a workspace, in the order of their first calls.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn payers(
        &self,
        workspace: WorkspaceId,
        runs: &[RunId],
    ) -> Result<HashMap<RunId, Vec<Payer>>, StoreError> {
        use model_call::Column;
        type Row = (Option<Uuid>, Option<Uuid>, Option<String>, String, i32);
        let paid =
            Expr::cust("max(CASE WHEN outcome IS NULL OR outcome = 'succeeded' THEN 1 ELSE 0 END)");
        let rows: Vec<Row> = model_call::Entity::find()
            .select_only()
            .columns([
                Column::RunId,
                Column::CredentialId,
                Column::CredentialName,
                Column::Provider,
            ])
            .column_as(paid, "paid")
            .filter(Column::WorkspaceId.eq(workspace.uuid()))
            .filter(Column::RunId.is_in(runs.iter().map(|run| run.uuid())))
            .filter(Column::CredentialName.is_not_null())
            .group_by(Column::RunId)
            .group_by(Column::CredentialId)
            .group_by(Column::CredentialName)
            .group_by(Column::Provider)
            .order_by_asc(Expr::col(Column::OpenedAt).min())
            .into_tuple()
            .all(&self.read)
            .await?;
        let mut found: HashMap<RunId, Vec<Payer>> = HashMap::new();
        for (run, credential, name, provider, paid) in rows {
            let (Some(run), Some(name)) = (run, name) else {
                continue;
            };
            found.entry(RunId::new(run)).or_default().push(Payer {
                credential: credential.map(CredentialId::new),
                name,
                provider,
                has_paid: paid != 0,
            });
        }
        Ok(found)
    }

    /// How many runs the workflows of a workspace had, by workflow, day and status.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_counts(
        &self,
        workspace: WorkspaceId,
        query: &RunCountQuery,
    ) -> Result<Vec<RunCount>, StoreError> {
        use run::Column;
        // As a literal: PostgreSQL takes two placeholders for two expressions.
        let day = Expr::cust(format!("created_at / {DAY}"));
        let mut find = run::Entity::find()
            .select_only()
            .column(Column::WorkflowId)
            .column(Column::Status)
            .column_as(day.clone(), "day")
            .column_as(Expr::col(Column::Id).count(), "runs")
            .filter(Column::WorkspaceId.eq(workspace.uuid()))
            .filter(Column::CreatedAt.gte(query.from.millis()))
            .filter(Column::CreatedAt.lt(query.to.millis()));
        if let Some(workflow) = query.workflow {
            find = find.filter(Column::WorkflowId.eq(workflow.uuid()));
        }
        let rows: Vec<(Uuid, String, i64, i64)> = find
            .group_by(Column::WorkflowId)
            .group_by(Column::Status)
            .group_by(day)
            .into_tuple()
            .all(&self.read)
            .await?;
        let mut counts = BTreeMap::new();
        for (workflow, status, day, runs) in rows {
            let count = RunCount {
                workflow: WorkflowId::new(workflow),
                day: codec::time(day.saturating_mul(DAY)),
                status: word(&status, RunStatus::parse)?,
                runs: long(runs),
            };
            counts.insert((workflow, day, status), count);
        }
        Ok(counts.into_values().collect())
    }

    /// The runs of a workspace, or of one of its workflows, that are not over at a time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unfinished_runs_of(
        &self,
        workspace: WorkspaceId,
        workflow: Option<WorkflowId>,
        at: Timestamp,
    ) -> Result<UnfinishedRuns, StoreError> {
        let of_workflow = workflow.map(|workflow| run::Column::WorkflowId.eq(workflow.uuid()));
        let wanted = Condition::all()
            .add(run::Column::WorkspaceId.eq(workspace.uuid()))
            .add_option(of_workflow);
        self.unfinished_where(wanted, at).await
    }

    /// The runs that are not over and meet a condition.
    pub(crate) async fn unfinished_where(
        &self,
        wanted: Condition,
        at: Timestamp,
    ) -> Result<UnfinishedRuns, StoreError> {
        use run::Column;
        let since = Expr::col(Column::QueuedAt).if_null(Expr::col(Column::CreatedAt));
        let rows: Vec<(String, i64, Option<i64>)> = run::Entity::find()
            .select_only()
            .column(Column::Status)
            .column_as(Expr::col(Column::Id).count(), "runs")
            .column_as(Expr::expr(since).min(), "since")
            .filter(wanted)
            .filter(Column::FinishedAt.is_null())
            .group_by(Column::Status)
            .into_tuple()
            .all(&self.read)
            .await?;
        let mut unfinished = UnfinishedRuns::default();
        for (status, runs, since) in rows {
            match status.as_str() {
                "queued" => {
                    unfinished.queued = long(runs);
                    let since = since.map_or(at, codec::time);
                    unfinished.oldest_ms = at.millis_since(since);
                }
                "running" => unfinished.running = long(runs),
                "paused" => unfinished.paused = long(runs),
                _ => {}
            }
        }
        Ok(unfinished)
    }
}

/// How much of a limit per minute is taken, when its room is taken until some time.
fn taken_of(until: i64, at: Timestamp, limit: u64) -> u64 {
    let now = at.millis().saturating_mul(PER_MILLI);
    let left = until.saturating_sub(now).clamp(0, MINUTE);
    let taken = (u128::from(long(left)) * u128::from(limit)).div_ceil(u128::from(long(MINUTE)));
    u64::try_from(taken).map_or(limit, |taken| Ord::min(taken, limit))
}

#[cfg(test)]
mod tests {
    use latchkey_domain::time::Timestamp;

    use super::{MINUTE, PER_MILLI, taken_of};

    #[test]
    fn room_comes_back_evenly() {
        let now = Timestamp::from_millis(1_795_000_000_000);
        let start = now.millis() * PER_MILLI;
        assert_eq!(taken_of(0, now, 60), 0);
        assert_eq!(taken_of(start + 42 * 1_000_000_000, now, 60), 42);
        let later = Timestamp::from_millis(now.millis() + 40_000);
        assert_eq!(taken_of(start + 42 * 1_000_000_000, later, 60), 2);
        assert_eq!(taken_of(start + 3 * MINUTE, now, 60), 60);
        assert_eq!(taken_of(start + 1, now, 200_000), 1);
    }
}
