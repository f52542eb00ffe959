//! The data keys of workspaces, wrapped: the one in force, and older ones as long as something is sealed with them.

use latchkey_domain::id::WorkspaceId;
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DatabaseTransaction, EntityTrait as _,
    IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
};

use crate::codec;
use crate::durable;
use crate::entities::{data_key, fact, workspace};
use crate::error::StoreError;
use crate::open::Store;

/// The data keys of a workspace, wrapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKeys {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The key that seals.
    pub current: Vec<u8>,
    /// Keys that still open something.
    pub older: Vec<OlderKey>,
}

/// A data key that a newer one has replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OlderKey {
    /// Its id.
    pub id: String,
    /// The key, wrapped.
    pub wrapped: Vec<u8>,
    /// When it was replaced.
    pub replaced_at: Timestamp,
}

/// All data keys wrapped anew.
#[derive(Debug)]
pub struct Rewrapped {
    /// The fact that tells which key wraps them: its name, its value until now, and from now on.
    pub record: (String, Vec<u8>, Vec<u8>),
    /// Further facts, by name; they replace those of the same names.
    pub facts: Vec<(String, Vec<u8>)>,
    /// The keys of every workspace, as they were read and as they shall be, in the same order.
    pub keys: Vec<(WrappedKeys, WrappedKeys)>,
}

/// A new data key for a workspace.
#[derive(Debug)]
pub struct NewDataKey {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The key until now, wrapped, as it was read.
    pub expected: Vec<u8>,
    /// The id of the key until now.
    pub expected_id: String,
    /// The new key, wrapped.
    pub wrapped: Vec<u8>,
}

impl Store {
    /// The data keys of all workspaces, oldest workspace first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn wrapped_keys(&self) -> Result<Vec<WrappedKeys>, StoreError> {
        // In one transaction, so that a key that is replaced meanwhile is found in one of the two places.
        let transaction = durable::look(&self.read).await?;
        let workspaces = workspace::Entity::find()
            .order_by_asc(workspace::Column::Id)
            .all(&transaction)
            .await?;
        let older = data_key::Entity::find()
            .order_by_asc(data_key::Column::KeyId)
            .all(&transaction)
            .await?;
        transaction.rollback().await?;
        let of = |row: workspace::Model| WrappedKeys {
            workspace: WorkspaceId::new(row.id),
            current: row.data_key,
            older: older
                .iter()
                .filter(|key| key.workspace_id == row.id)
                .map(|key| OlderKey {
                    id: key.key_id.clone(),
                    wrapped: key.wrapped.clone(),
                    replaced_at: codec::time(key.replaced_at),
                })
                .collect(),
        };
        Ok(workspaces.into_iter().map(of).collect())
    }

    /// Replaces every wrapped key, and the facts that go with them: all or nothing.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when one of them is another one by now, or the database's.
    pub async fn rewrap_keys(&self, new: &Rewrapped) -> Result<(), StoreError> {
        let transaction = self.write.begin().await?;
        let (name, before, after) = &new.record;
        let replaced = fact::Entity::update_many()
            .col_expr(fact::Column::Value, Expr::value(after.clone()))
            .filter(fact::Column::Name.eq(name.clone()))
            .filter(fact::Column::Value.eq(before.clone()))
            .exec(&transaction)
            .await?;
        let workspaces = workspace::Entity::find().count(&transaction).await?;
        if replaced.rows_affected != 1 || workspaces != new.keys.len() as u64 {
            return Err(StoreError::Changed);
        }
        for (name, value) in &new.facts {
            put_fact(&transaction, name, value).await?;
        }
        for (before, after) in &new.keys {
            rewrap(&transaction, before, after).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Gives workspaces new data keys; those until now are kept beside them. All or nothing.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when one of them has another key by now, or the database's.
    pub async fn renew_data_keys(
        &self,
        new: &[NewDataKey],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let transaction = self.write.begin().await?;
        for key in new {
            set_current(&transaction, key.workspace, &key.expected, &key.wrapped).await?;
            let row = data_key::Model {
                workspace_id: key.workspace.uuid(),
                key_id: key.expected_id.clone(),
                wrapped: key.expected.clone(),
                replaced_at: at.millis(),
            };
            row.into_active_model().insert(&transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Forgets a data key with which nothing is sealed any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_data_key(
        &self,
        workspace: WorkspaceId,
        id: &str,
    ) -> Result<(), StoreError> {
        let key = (workspace.uuid(), id.to_owned());
        data_key::Entity::delete_by_id(key)
            .exec(&self.write)
            .await?;
        Ok(())
    }
}

async fn set_current(
    transaction: &DatabaseTransaction,
    workspace: WorkspaceId,
    before: &[u8],
    after: &[u8],
) -> Result<(), StoreError> {
    let done = workspace::Entity::update_many()
        .col_expr(workspace::Column::DataKey, Expr::value(after.to_vec()))
        .filter(workspace::Column::Id.eq(workspace.uuid()))
        .filter(workspace::Column::DataKey.eq(before.to_vec()))
        .exec(transaction)
        .await?;
    if done.rows_affected == 1 {
        Ok(())
    } else {
        Err(StoreError::Changed)
    }
}

async fn rewrap(
    transaction: &DatabaseTransaction,
    before: &WrappedKeys,
    after: &WrappedKeys,
) -> Result<(), StoreError> {
    set_current(
        transaction,
        before.workspace,
        &before.current,
        &after.current,
    )
    .await?;
    for (old, new) in before.older.iter().zip(&after.older) {
        let wrapped = Expr::value(new.wrapped.clone());
        let done = data_key::Entity::update_many()
            .col_expr(data_key::Column::Wrapped, wrapped)
            .filter(data_key::Column::WorkspaceId.eq(before.workspace.uuid()))
            .filter(data_key::Column::KeyId.eq(old.id.clone()))
            .filter(data_key::Column::Wrapped.eq(old.wrapped.clone()))
            .exec(transaction)
            .await?;
        if done.rows_affected != 1 {
            return Err(StoreError::Changed);
        }
    }
    Ok(())
}

async fn put_fact(
    transaction: &DatabaseTransaction,
    name: &str,
    value: &[u8],
) -> Result<(), StoreError> {
    let row = fact::Model {
        name: name.to_owned(),
        value: value.to_vec(),
    };
    let replace = OnConflict::column(fact::Column::Name)
        .update_column(fact::Column::Value)
        .to_owned();
    fact::Entity::insert(row.into_active_model())
        .on_conflict(replace)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}
