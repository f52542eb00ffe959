//! Pools: names for several credentials of one provider, with their members in order.

use std::collections::HashMap;

use latchkey_domain::credential::{Pool, PoolEntry, PoolStrategy};
use latchkey_domain::id::{CredentialId, CredentialPoolId, WorkspaceId};
use latchkey_domain::provider::ProviderId;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DatabaseTransaction,
    EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use crate::codec::{self, count, word};
use crate::entities::{credential_name, credential_pool, credential_pool_member};
use crate::error::StoreError;
use crate::open::Store;
use crate::workflows::changed_one;

impl Store {
    /// Keeps a new pool.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when its name is a credential's or a pool's already, [`StoreError::NotFound`] when a member is
    /// no credential of its provider (any more), or the database's.
    pub async fn insert_pool(&self, new: &Pool) -> Result<(), StoreError> {
        let transaction = self.write.begin().await?;
        self.hold_members(&transaction, new).await?;
        let name = credential_name::Model {
            workspace_id: new.workspace.uuid(),
            provider: new.provider.to_string(),
            name: new.name.clone(),
            credential_id: new.id.uuid(),
        };
        name.into_active_model().insert(&transaction).await?;
        let row = row_of(new).into_active_model();
        row.insert(&transaction).await?;
        insert_members(&transaction, new).await?;
        Ok(transaction.commit().await?)
    }

    /// The pools of a workspace, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pools(&self, workspace: WorkspaceId) -> Result<Vec<Pool>, StoreError> {
        let rows = credential_pool::Entity::find()
            .filter(credential_pool::Column::WorkspaceId.eq(workspace.uuid()))
            .order_by_desc(credential_pool::Column::Id)
            .all(&self.read)
            .await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let members = credential_pool_member::Entity::find()
            .filter(credential_pool_member::Column::WorkspaceId.eq(workspace.uuid()))
            .order_by_asc(credential_pool_member::Column::Place)
            .all(&self.read)
            .await?;
        let mut of_pools: HashMap<Uuid, Vec<PoolEntry>> = HashMap::new();
        for member in members {
            let of_pool = of_pools.entry(member.pool_id).or_default();
            of_pool.push(entry_of(&member));
        }
        let pools = rows.into_iter().map(|row| {
            let members = of_pools.remove(&row.id).unwrap_or_default();
            pool_of(row, members)
        });
        pools.collect()
    }

    /// A pool.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pool(
        &self,
        workspace: WorkspaceId,
        id: CredentialPoolId,
    ) -> Result<Option<Pool>, StoreError> {
        let find = credential_pool::Entity::find_by_id(id.uuid())
            .filter(credential_pool::Column::WorkspaceId.eq(workspace.uuid()));
        let Some(row) = find.one(&self.read).await? else {
            return Ok(None);
        };
        let members = credential_pool_member::Entity::find()
            .filter(credential_pool_member::Column::PoolId.eq(id.uuid()))
            .order_by_asc(credential_pool_member::Column::Place)
            .all(&self.read)
            .await?;
        pool_of(row, members.iter().map(entry_of).collect()).map(Some)
    }

    /// Changes a pool of its workspace if it is still at the revision before its own; its provider stays.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when it is not, [`StoreError::Taken`] when its new name is taken, [`StoreError::NotFound`]
    /// when a member is no credential of its provider (any more), or the database's.
    pub async fn change_pool(&self, new: &Pool) -> Result<(), StoreError> {
        let transaction = self.write.begin().await?;
        self.hold_members(&transaction, new).await?;
        credential_name::Entity::update_many()
            .col_expr(credential_name::Column::Name, Expr::value(new.name.clone()))
            .filter(credential_name::Column::CredentialId.eq(new.id.uuid()))
            .filter(credential_name::Column::WorkspaceId.eq(new.workspace.uuid()))
            .exec(&transaction)
            .await?;
        let row = row_of(new);
        let done = credential_pool::Entity::update_many()
            .col_expr(credential_pool::Column::Name, Expr::value(row.name))
            .col_expr(credential_pool::Column::Strategy, Expr::value(row.strategy))
            .col_expr(credential_pool::Column::Revision, Expr::value(row.revision))
            .col_expr(
                credential_pool::Column::UpdatedAt,
                Expr::value(row.updated_at),
            )
            .filter(credential_pool::Column::Id.eq(row.id))
            .filter(credential_pool::Column::WorkspaceId.eq(row.workspace_id))
            .filter(credential_pool::Column::Revision.eq(row.revision - 1))
            .exec(&transaction)
            .await?;
        changed_one(done.rows_affected)?;
        credential_pool_member::Entity::delete_many()
            .filter(credential_pool_member::Column::PoolId.eq(new.id.uuid()))
            .exec(&transaction)
            .await?;
        insert_members(&transaction, new).await?;
        Ok(transaction.commit().await?)
    }

    /// Removes a pool and its name; its members stay.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when this workspace has none of that id, or the database's.
    pub async fn delete_pool(
        &self,
        workspace: WorkspaceId,
        id: CredentialPoolId,
    ) -> Result<(), StoreError> {
        let transaction = self.write.begin().await?;
        credential_name::Entity::delete_many()
            .filter(credential_name::Column::CredentialId.eq(id.uuid()))
            .filter(credential_name::Column::WorkspaceId.eq(workspace.uuid()))
            .exec(&transaction)
            .await?;
        // The members go with it.
        let gone = credential_pool::Entity::delete_many()
            .filter(credential_pool::Column::Id.eq(id.uuid()))
            .filter(credential_pool::Column::WorkspaceId.eq(workspace.uuid()))
            .exec(&transaction)
            .await?;
        if gone.rows_affected == 0 {
            return Err(StoreError::NotFound);
        }
        Ok(transaction.commit().await?)
    }

    /// Holds on to the names of the members until the end of the transaction: none of them is deleted meanwhile.
    async fn hold_members(
        &self,
        transaction: &DatabaseTransaction,
        pool: &Pool,
    ) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = pool
            .members
            .iter()
            .map(|member| member.credential_id.uuid())
            .collect();
        let mut find = credential_name::Entity::find()
            .filter(credential_name::Column::WorkspaceId.eq(pool.workspace.uuid()))
            .filter(credential_name::Column::Provider.eq(pool.provider.as_str()))
            .filter(credential_name::Column::CredentialId.is_in(ids.clone()))
            .order_by_asc(credential_name::Column::Name);
        if self.is_postgres() {
            find = find.lock_shared();
        }
        let found = find.all(transaction).await?;
        let all = ids
            .iter()
            .all(|id| found.iter().any(|name| name.credential_id == *id));
        if all {
            Ok(())
        } else {
            Err(StoreError::NotFound)
        }
    }
}

/// Takes a credential out of the pools that it is in.
pub(crate) async fn leave_pools(
    connection: &impl ConnectionTrait,
    workspace: WorkspaceId,
    credential: CredentialId,
) -> Result<(), StoreError> {
    let of_credential = credential_pool_member::Column::CredentialId.eq(credential.uuid());
    let of_workspace = credential_pool_member::Column::WorkspaceId.eq(workspace.uuid());
    let pools: Vec<Uuid> = credential_pool_member::Entity::find()
        .select_only()
        .column(credential_pool_member::Column::PoolId)
        .filter(of_credential.clone())
        .filter(of_workspace.clone())
        .into_tuple()
        .all(connection)
        .await?;
    if pools.is_empty() {
        return Ok(());
    }
    credential_pool_member::Entity::delete_many()
        .filter(of_credential)
        .filter(of_workspace)
        .exec(connection)
        .await?;
    // Whoever changes one of them meanwhile changes what is no more.
    credential_pool::Entity::update_many()
        .col_expr(
            credential_pool::Column::Revision,
            Expr::cust("revision + 1"),
        )
        .filter(credential_pool::Column::Id.is_in(pools))
        .exec(connection)
        .await?;
    Ok(())
}

async fn insert_members(connection: &impl ConnectionTrait, pool: &Pool) -> Result<(), StoreError> {
    let rows = (0..).zip(&pool.members).map(|(place, member)| {
        credential_pool_member::Model {
            pool_id: pool.id.uuid(),
            credential_id: member.credential_id.uuid(),
            workspace_id: pool.workspace.uuid(),
            place,
            weight: member.weight.into(),
        }
        .into_active_model()
    });
    credential_pool_member::Entity::insert_many(rows)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

fn row_of(of: &Pool) -> credential_pool::Model {
    credential_pool::Model {
        id: of.id.uuid(),
        workspace_id: of.workspace.uuid(),
        provider: of.provider.to_string(),
        name: of.name.clone(),
        strategy: of.strategy.as_str().to_owned(),
        revision: of.revision.into(),
        created_at: of.created_at.millis(),
        updated_at: of.updated_at.millis(),
    }
}

fn pool_of(row: credential_pool::Model, members: Vec<PoolEntry>) -> Result<Pool, StoreError> {
    Ok(Pool {
        id: CredentialPoolId::new(row.id),
        workspace: WorkspaceId::new(row.workspace_id),
        provider: ProviderId::normalise(&row.provider),
        name: row.name,
        strategy: word(&row.strategy, PoolStrategy::parse)?,
        members,
        revision: i32::try_from(row.revision).unwrap_or(i32::MAX),
        created_at: codec::time(row.created_at),
        updated_at: codec::time(row.updated_at),
    })
}

fn entry_of(row: &credential_pool_member::Model) -> PoolEntry {
    PoolEntry {
        credential_id: CredentialId::new(row.credential_id),
        weight: count(row.weight),
    }
}
