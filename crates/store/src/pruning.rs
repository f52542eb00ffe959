//! Removing what is older than it is to be kept, some of it at a time. Only what is over goes: a run that has not ended keeps
//! everything.
//!
//! Ids of runs, files and calls are in the order of their making, so that the oldest are found without an index of their own.

use std::collections::HashSet;

use latchkey_domain::credential::BudgetPeriod;
use latchkey_domain::id::{FileId, RunId, WorkspaceId};
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Query};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, Order, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use crate::entities::{
    call_guard, credential_health, file, form, idempotency_key, journal, message, model_call,
    node_execution, run, run_document, run_secret, spending, timer,
};
use crate::error::StoreError;
use crate::health::INLINE;
use crate::large::name_in;
use crate::open::Store;

/// How long sums of periods that are over, and guards that nobody has used, are kept, in milliseconds: longer than any period.
const SUMS: i64 = 62 * 24 * 60 * 60 * 1000;
/// How long a name of a start holds, in milliseconds.
const NAMES: i64 = 24 * 60 * 60 * 1000;

/// Removes the rows of tables that belong to some runs.
macro_rules! delete_of {
    ($ids:ident, $transaction:ident, $($table:ident),*) => {$(
        $table::Entity::delete_many()
            .filter($table::Column::RunId.is_in($ids.iter().copied()))
            .exec(&$transaction)
            .await?;
    )*};
}

/// What of a run may go before the run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Its journal, from which its events are told and from which it could be repeated.
    Events,
    /// What its nodes took in and gave out.
    Nodes,
}

impl Store {
    /// Runs that have ended before a time, the oldest first, after one of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn runs_ended_before(
        &self,
        before: Timestamp,
        after: Option<RunId>,
        limit: u64,
    ) -> Result<Vec<(RunId, WorkspaceId)>, StoreError> {
        let find = run::Entity::find()
            .select_only()
            .columns([run::Column::Id, run::Column::WorkspaceId])
            .filter(run::Column::Id.lt(made_at(before)))
            .filter(run::Column::FinishedAt.lt(before.millis()))
            .filter(run::Column::Id.gt(after.map_or(Uuid::nil(), RunId::uuid)))
            .order_by(run::Column::Id, Order::Asc)
            .limit(limit);
        let rows: Vec<(Uuid, Uuid)> = find.into_tuple().all(&self.read).await?;
        let ids = rows.into_iter();
        Ok(ids
            .map(|(run, workspace)| (RunId::new(run), WorkspaceId::new(workspace)))
            .collect())
    }

    /// The same of those that still have a part.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn runs_with(
        &self,
        part: Part,
        before: Timestamp,
        after: Option<RunId>,
        limit: u64,
    ) -> Result<Vec<(RunId, WorkspaceId)>, StoreError> {
        let (bound, after) = (made_at(before), after.map_or(Uuid::nil(), RunId::uuid));
        let mut with = Query::select();
        match part {
            Part::Events => with
                .column(journal::Column::RunId)
                .from(journal::Entity)
                .and_where(journal::Column::RunId.lt(bound))
                .and_where(journal::Column::RunId.gt(after)),
            Part::Nodes => with
                .column(node_execution::Column::RunId)
                .from(node_execution::Entity)
                .and_where(node_execution::Column::RunId.lt(bound))
                .and_where(node_execution::Column::RunId.gt(after)),
        };
        let find = run::Entity::find()
            .select_only()
            .columns([run::Column::Id, run::Column::WorkspaceId])
            .filter(run::Column::FinishedAt.lt(before.millis()))
            .filter(run::Column::Id.in_subquery(with))
            .order_by(run::Column::Id, Order::Asc)
            .limit(limit);
        let rows: Vec<(Uuid, Uuid)> = find.into_tuple().all(&self.read).await?;
        let ids = rows.into_iter();
        Ok(ids
            .map(|(run, workspace)| (RunId::new(run), WorkspaceId::new(workspace)))
            .collect())
    }

    /// Removes runs that have ended, with everything that is theirs but the ledger's rows and the files that they made. Their
    /// large values go first: what is left over after a crash is found again.
    ///
    /// # Errors
    /// When the database or the file store fails.
    pub async fn delete_runs(&self, runs: &[(RunId, WorkspaceId)]) -> Result<(), StoreError> {
        let answers = self.answers_of(runs).await?;
        for (run, workspace, answer) in &answers {
            // The conversation goes on without its runs: it keeps what they have answered.
            self.keep_said(*workspace, *run, answer).await?;
        }
        for (run, workspace) in runs {
            self.delete_large_values(*workspace, *run).await?;
        }
        let ids: Vec<Uuid> = runs.iter().map(|(run, _)| run.uuid()).collect();
        let transaction = self.write.begin().await?;
        delete_of!(
            ids,
            transaction,
            journal,
            node_execution,
            form,
            timer,
            run_secret,
            run_document
        );
        run::Entity::delete_many()
            .filter(run::Column::Id.is_in(ids.iter().copied()))
            .exec(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// What runs have answered in conversations, as far as their messages do not have it themselves.
    async fn answers_of(
        &self,
        runs: &[(RunId, WorkspaceId)],
    ) -> Result<Vec<(RunId, WorkspaceId, String)>, StoreError> {
        let ids = runs.iter().map(|(run, _)| run.uuid());
        let named: Vec<Option<Uuid>> = message::Entity::find()
            .select_only()
            .column(message::Column::RunId)
            .filter(message::Column::RunId.is_in(ids))
            .filter(message::Column::Said.is_null())
            .into_tuple()
            .all(&self.read)
            .await?;
        let named = named.into_iter().flatten();
        let rows = run::Entity::find().filter(run::Column::Id.is_in(named));
        let whole = self.whole_runs(rows.all(&self.read).await?).await?;
        let answered = whole.into_iter().filter_map(|run| {
            let answer = run.outputs.as_ref()?.get("answer")?.as_str()?;
            Some((run.id, run.workspace, answer.to_owned()))
        });
        Ok(answered.collect())
    }

    /// Removes a part of runs that have ended.
    ///
    /// # Errors
    /// When the database or the file store fails.
    pub async fn delete_part(
        &self,
        part: Part,
        runs: &[(RunId, WorkspaceId)],
    ) -> Result<(), StoreError> {
        for (run, workspace) in runs {
            self.delete_values_of(part, *run, *workspace).await?;
        }
        let ids = runs.iter().map(|(run, _)| run.uuid());
        match part {
            Part::Events => {
                journal::Entity::delete_many()
                    .filter(journal::Column::RunId.is_in(ids))
                    .exec(&self.write)
                    .await?;
            }
            Part::Nodes => {
                node_execution::Entity::delete_many()
                    .filter(node_execution::Column::RunId.is_in(ids))
                    .exec(&self.write)
                    .await?;
            }
        }
        Ok(())
    }

    /// Removes the large values that only this part of a run names.
    async fn delete_values_of(
        &self,
        part: Part,
        id: RunId,
        workspace: WorkspaceId,
    ) -> Result<(), StoreError> {
        let Some(blobs) = &self.blobs else {
            return Ok(());
        };
        let records: Vec<String> = journal::Entity::find()
            .select_only()
            .column(journal::Column::Record)
            .filter(journal::Column::RunId.eq(id.uuid()))
            .filter(journal::Column::Record.starts_with(crate::large::MARK))
            .into_tuple()
            .all(&self.read)
            .await?;
        let nodes: Vec<String> = node_execution::Entity::find()
            .select_only()
            .column(node_execution::Column::Body)
            .filter(node_execution::Column::RunId.eq(id.uuid()))
            .filter(node_execution::Column::Body.starts_with(crate::large::MARK))
            .into_tuple()
            .all(&self.read)
            .await?;
        let row: Option<(String, Option<String>)> = run::Entity::find_by_id(id.uuid())
            .select_only()
            .columns([run::Column::Inputs, run::Column::Outputs])
            .into_tuple()
            .one(&self.read)
            .await?;
        let (going, other) = match part {
            Part::Events => (records, nodes),
            Part::Nodes => (nodes, records),
        };
        let (inputs, outputs) = row.unwrap_or_default();
        let staying = other.iter().chain([&inputs]).chain(&outputs);
        let staying: HashSet<&str> = staying.filter_map(|text| name_in(text)).collect();
        for name in going.iter().filter_map(|text| name_in(text)) {
            if !staying.contains(name) {
                blobs.delete_of_run_named(workspace, id, name).await?;
            }
        }
        Ok(())
    }

    /// Files that were made before a time, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn files_made_before(
        &self,
        before: Timestamp,
        limit: u64,
    ) -> Result<Vec<(FileId, WorkspaceId)>, StoreError> {
        let find = file::Entity::find()
            .select_only()
            .columns([file::Column::Id, file::Column::WorkspaceId])
            .filter(file::Column::Id.lt(made_at(before)))
            .filter(file::Column::CreatedAt.lt(before.millis()))
            .order_by(file::Column::Id, Order::Asc)
            .limit(limit);
        let rows: Vec<(Uuid, Uuid)> = find.into_tuple().all(&self.read).await?;
        let ids = rows.into_iter();
        Ok(ids
            .map(|(file, workspace)| (FileId::new(file), WorkspaceId::new(workspace)))
            .collect())
    }

    /// Removes rows of the ledger that were opened before a time and are closed; how many, at most so many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_calls_before(
        &self,
        before: Timestamp,
        limit: u64,
    ) -> Result<u64, StoreError> {
        let ids: Vec<Uuid> = model_call::Entity::find()
            .select_only()
            .column(model_call::Column::Id)
            .filter(model_call::Column::Id.lt(made_at(before)))
            .filter(model_call::Column::OpenedAt.lt(before.millis()))
            .filter(model_call::Column::ClosedAt.is_not_null())
            .order_by(model_call::Column::Id, Order::Asc)
            .limit(limit)
            .into_tuple()
            .all(&self.read)
            .await?;
        if ids.is_empty() {
            return Ok(0);
        }
        let gone = model_call::Entity::delete_many()
            .filter(model_call::Column::Id.is_in(ids))
            .exec(&self.write)
            .await?;
        Ok(gone.rows_affected)
    }

    /// Removes what nobody asks for any more, whatever is to be kept: sums of budgets of periods that are over, guards and health
    /// that nobody has used for two months, and names of starts that hold no more; how many rows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        let old = now.millis() - SUMS;
        let names = idempotency_key::Entity::delete_many()
            .filter(idempotency_key::Column::CreatedAt.lte(now.millis() - NAMES))
            .exec(&self.write)
            .await?;
        let sums = spending::Entity::delete_many()
            .filter(spending::Column::StartAt.lt(old))
            .filter(spending::Column::Period.ne(BudgetPeriod::Total.as_str()))
            .exec(&self.write)
            .await?;
        // Guards count in nanoseconds. One without a rate is as old as what is known of the budgets that it stands before.
        let old_guard = old.saturating_mul(1_000_000);
        let spends = Query::select()
            .column(spending::Column::Holder)
            .from(spending::Entity)
            .to_owned();
        let guards = call_guard::Entity::delete_many()
            .filter(call_guard::Column::RequestsAt.lt(old_guard))
            .filter(call_guard::Column::TokensAt.lt(old_guard))
            .filter(call_guard::Column::Holder.not_in_subquery(spends))
            .exec(&self.write)
            .await?;
        let is_old = |at: credential_health::Column| {
            Condition::any()
                .add(at.is_null())
                .add(Expr::col(at).lt(old))
        };
        let health = credential_health::Entity::delete_many()
            .filter(credential_health::Column::Version.eq(INLINE))
            .filter(is_old(credential_health::Column::LastSuccessAt))
            .filter(is_old(credential_health::Column::LastFailureAt))
            .filter(is_old(credential_health::Column::CoolingUntil))
            .filter(is_old(credential_health::Column::ProbeAt))
            .exec(&self.write)
            .await?;
        let all = [names, sums, guards, health];
        Ok(all.iter().map(|gone| gone.rows_affected).sum())
    }
}

/// The smallest id of what is made at a time (RFC 9562, version 7: milliseconds first).
fn made_at(at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.millis()).unwrap_or_default();
    Uuid::from_u128(u128::from(millis) << 80)
}
