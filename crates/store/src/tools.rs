//! Tool providers of workspaces, and what tools of documents are bound to.

use latchkey_domain::id::{ToolProviderId, WorkflowId, WorkspaceId};
use latchkey_domain::time::Timestamp;
use latchkey_domain::tool::{ToolBinding, ToolProvider};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _,
};
use uuid::Uuid;

use crate::codec::{self, count, text, value};
use crate::entities::{tool_binding, tool_provider};
use crate::error::StoreError;
use crate::open::Store;
use crate::workflows::changed_one;

impl Store {
    /// Keeps a new tool provider.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when its name is taken, or the database's.
    pub async fn insert_tool_provider(&self, new: &ToolProvider) -> Result<(), StoreError> {
        let row = row_of(new)?.into_active_model();
        row.insert(&self.write).await?;
        Ok(())
    }

    /// The tool providers of a workspace, newest first: they are few.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tool_providers(
        &self,
        workspace: WorkspaceId,
    ) -> Result<Vec<ToolProvider>, StoreError> {
        let rows = tool_provider::Entity::find()
            .filter(tool_provider::Column::WorkspaceId.eq(workspace.uuid()))
            .order_by_desc(tool_provider::Column::Id)
            .all(&self.read)
            .await?;
        rows.iter().map(provider_of).collect()
    }

    /// A tool provider.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tool_provider(
        &self,
        workspace: WorkspaceId,
        id: ToolProviderId,
    ) -> Result<Option<ToolProvider>, StoreError> {
        let find = tool_provider::Entity::find_by_id(id.uuid())
            .filter(tool_provider::Column::WorkspaceId.eq(workspace.uuid()));
        let row = find.one(&self.read).await?;
        row.as_ref().map(provider_of).transpose()
    }

    /// The tool provider of a name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tool_provider_by_name(
        &self,
        workspace: WorkspaceId,
        name: &str,
    ) -> Result<Option<ToolProvider>, StoreError> {
        let find = tool_provider::Entity::find()
            .filter(tool_provider::Column::WorkspaceId.eq(workspace.uuid()))
            .filter(tool_provider::Column::Name.eq(name));
        let row = find.one(&self.read).await?;
        row.as_ref().map(provider_of).transpose()
    }

    /// Changes a tool provider of its workspace if it is still at the revision before its own.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when it is not, or the database's.
    pub async fn change_tool_provider(&self, new: &ToolProvider) -> Result<(), StoreError> {
        let row = row_of(new)?;
        let done = tool_provider::Entity::update_many()
            .col_expr(
                tool_provider::Column::Description,
                Expr::value(row.description),
            )
            .col_expr(tool_provider::Column::Source, Expr::value(row.source))
            .col_expr(tool_provider::Column::Auth, Expr::value(row.auth))
            .col_expr(tool_provider::Column::Revision, Expr::value(row.revision))
            .col_expr(
                tool_provider::Column::UpdatedAt,
                Expr::value(row.updated_at),
            )
            .filter(tool_provider::Column::Id.eq(row.id))
            .filter(tool_provider::Column::WorkspaceId.eq(row.workspace_id))
            .filter(tool_provider::Column::Revision.eq(row.revision - 1))
            .exec(&self.write)
            .await?;
        changed_one(done.rows_affected)
    }

    /// Forgets a tool provider.
    ///
    /// # Errors
    /// When this workspace has none of that id, or the database fails.
    pub async fn delete_tool_provider(
        &self,
        workspace: WorkspaceId,
        id: ToolProviderId,
    ) -> Result<(), StoreError> {
        let gone = tool_provider::Entity::delete_many()
            .filter(tool_provider::Column::Id.eq(id.uuid()))
            .filter(tool_provider::Column::WorkspaceId.eq(workspace.uuid()))
            .exec(&self.write)
            .await?;
        if gone.rows_affected == 0 {
            return Err(StoreError::NotFound);
        }
        Ok(())
    }

    /// What tools are bound to, in the workspace or in one of its workflows, and its revision: 0 before anything was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tool_bindings(
        &self,
        workspace: WorkspaceId,
        workflow: Option<WorkflowId>,
    ) -> Result<(Vec<ToolBinding>, u32), StoreError> {
        let key = (workspace.uuid(), of(workflow));
        let row = tool_binding::Entity::find_by_id(key)
            .one(&self.read)
            .await?;
        match row {
            None => Ok((Vec::new(), 0)),
            Some(row) => Ok((value(&row.bindings)?, count(row.revision))),
        }
    }

    /// Replaces them, if they are still at the expected revision; the new one.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when they are not, or the database's.
    pub async fn replace_tool_bindings(
        &self,
        workspace: WorkspaceId,
        workflow: Option<WorkflowId>,
        expected: Option<u32>,
        bindings: &[ToolBinding],
        at: Timestamp,
    ) -> Result<u32, StoreError> {
        let transaction = self.write.begin().await?;
        let key = (workspace.uuid(), of(workflow));
        let empty = tool_binding::Model {
            workspace_id: key.0,
            workflow_id: key.1,
            bindings: "[]".to_owned(),
            revision: 0,
            updated_at: at.millis(),
        };
        tool_binding::Entity::insert(empty.into_active_model())
            .on_conflict(
                OnConflict::columns([
                    tool_binding::Column::WorkspaceId,
                    tool_binding::Column::WorkflowId,
                ])
                .do_nothing()
                .to_owned(),
            )
            .exec_without_returning(&transaction)
            .await?;
        let mut update = tool_binding::Entity::update_many()
            .col_expr(
                tool_binding::Column::Bindings,
                Expr::value(text(&bindings)?),
            )
            .col_expr(tool_binding::Column::Revision, Expr::cust("revision + 1"))
            .col_expr(tool_binding::Column::UpdatedAt, Expr::value(at.millis()))
            .filter(tool_binding::Column::WorkspaceId.eq(key.0))
            .filter(tool_binding::Column::WorkflowId.eq(key.1));
        if let Some(expected) = expected {
            update = update.filter(tool_binding::Column::Revision.eq(i64::from(expected)));
        }
        changed_one(update.exec(&transaction).await?.rows_affected)?;
        let row = tool_binding::Entity::find_by_id(key)
            .one(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(row.map_or(0, |row| count(row.revision)))
    }
}

/// The workflow of a row; the whole workspace's has none.
fn of(workflow: Option<WorkflowId>) -> Uuid {
    workflow.map_or_else(Uuid::nil, WorkflowId::uuid)
}

fn row_of(of: &ToolProvider) -> Result<tool_provider::Model, StoreError> {
    Ok(tool_provider::Model {
        id: of.id.uuid(),
        workspace_id: of.workspace.uuid(),
        name: of.name.clone(),
        description: of.description.clone(),
        source: text(&of.source)?,
        auth: text(&of.auth)?,
        revision: of.revision.into(),
        created_at: of.created_at.millis(),
        updated_at: of.updated_at.millis(),
    })
}

fn provider_of(row: &tool_provider::Model) -> Result<ToolProvider, StoreError> {
    Ok(ToolProvider {
        id: ToolProviderId::new(row.id),
        workspace: WorkspaceId::new(row.workspace_id),
        name: row.name.clone(),
        description: row.description.clone(),
        source: value(&row.source)?,
        auth: value(&row.auth)?,
        revision: i32::try_from(row.revision).unwrap_or(i32::MAX),
        created_at: codec::time(row.created_at),
        updated_at: codec::time(row.updated_at),
    })
}
