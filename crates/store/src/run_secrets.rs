//! Values that runs state themselves, sealed: kept until their run ends, and no longer than they may.

use latchkey_domain::id::{RunId, WorkspaceId};
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::Query;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};

use crate::codec;
use crate::entities::{run, run_secret};
use crate::error::StoreError;
use crate::open::Store;

/// How long values may be there before their run is, in milliseconds: a start that has not come to its run by then never will.
const BEFORE_ITS_RUN: i64 = 10 * 60 * 1000;

/// The sealed values of one run.
#[derive(Clone, PartialEq, Eq)]
pub struct RunSecret {
    /// The run.
    pub run: RunId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The run's own key, sealed under the workspace's.
    pub run_key: Vec<u8>,
    /// The values, sealed under the run's key.
    pub sealed: Vec<u8>,
    /// When they were stated.
    pub created_at: Timestamp,
    /// When they end, even if the run does not.
    pub ends_at: Timestamp,
}

impl std::fmt::Debug for RunSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RunSecret({}, {} bytes)", self.run, self.sealed.len())
    }
}

impl Store {
    /// Keeps the values of a run that is about to begin.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_run_secret(&self, new: &RunSecret) -> Result<(), StoreError> {
        let row = run_secret::Model {
            run_id: new.run.uuid(),
            workspace_id: new.workspace.uuid(),
            run_key: new.run_key.clone(),
            sealed: new.sealed.clone(),
            created_at: new.created_at.millis(),
            ends_at: new.ends_at.millis(),
        };
        row.into_active_model().insert(&self.write).await?;
        Ok(())
    }

    /// The values of a run, if they have not ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_secret(
        &self,
        workspace: WorkspaceId,
        run: RunId,
        now: Timestamp,
    ) -> Result<Option<RunSecret>, StoreError> {
        let find = run_secret::Entity::find_by_id(run.uuid())
            .filter(run_secret::Column::WorkspaceId.eq(workspace.uuid()))
            .filter(run_secret::Column::EndsAt.gt(now.millis()));
        let row = find.one(&self.read).await?;
        Ok(row.map(|row| RunSecret {
            run: RunId::new(row.run_id),
            workspace: WorkspaceId::new(row.workspace_id),
            run_key: row.run_key,
            sealed: row.sealed,
            created_at: codec::time(row.created_at),
            ends_at: codec::time(row.ends_at),
        }))
    }

    /// Destroys the values of a run, whether it is over or not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_run_secret(&self, run: RunId) -> Result<(), StoreError> {
        run_secret::Entity::delete_by_id(run.uuid())
            .exec(&self.write)
            .await?;
        Ok(())
    }

    /// Destroys the values of runs that are over, of those that never began, and those whose time is up; how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_ended_run_secrets(&self, now: Timestamp) -> Result<u64, StoreError> {
        let runs = |over: bool| {
            let mut select = Query::select();
            select.column(run::Column::Id).from(run::Entity);
            if over {
                select.and_where(run::Column::FinishedAt.is_not_null());
            }
            let of_secrets = Query::select()
                .column(run_secret::Column::RunId)
                .from(run_secret::Entity)
                .to_owned();
            select.and_where(run::Column::Id.in_subquery(of_secrets));
            select
        };
        let never_began = Condition::all()
            .add(run_secret::Column::CreatedAt.lt(now.millis() - BEFORE_ITS_RUN))
            .add(run_secret::Column::RunId.not_in_subquery(runs(false)));
        let ended = Condition::any()
            .add(run_secret::Column::EndsAt.lte(now.millis()))
            .add(run_secret::Column::RunId.in_subquery(runs(true)))
            .add(never_began);
        let gone = run_secret::Entity::delete_many()
            .filter(ended)
            .exec(&self.write)
            .await?;
        Ok(gone.rows_affected)
    }
}
