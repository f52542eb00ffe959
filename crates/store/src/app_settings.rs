//! The switches of apps: how others reach a workflow. An app without a row has the defaults.

use latchkey_domain::chat::AppSettings;
use latchkey_domain::id::{WorkflowId, WorkspaceId};
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};

use crate::codec::{text, value};
use crate::entities::app_setting;
use crate::error::StoreError;
use crate::key::row_of_key;
use crate::open::Store;

impl Store {
    /// The switches of a workflow's app.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn app_settings(
        &self,
        workspace: WorkspaceId,
        workflow: WorkflowId,
    ) -> Result<AppSettings, StoreError> {
        let find = app_setting::Entity::find_by_id(workflow.uuid())
            .filter(app_setting::Column::WorkspaceId.eq(workspace.uuid()));
        let row = row_of_key(find, &self.read).await?;
        row.map_or_else(|| Ok(AppSettings::default()), |row| value(&row.settings))
    }

    /// The switches of all apps of a workspace that have any.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all_app_settings(
        &self,
        workspace: WorkspaceId,
    ) -> Result<Vec<(WorkflowId, AppSettings)>, StoreError> {
        let rows = app_setting::Entity::find()
            .filter(app_setting::Column::WorkspaceId.eq(workspace.uuid()))
            .all(&self.read)
            .await?;
        let read =
            |row: app_setting::Model| Ok((WorkflowId::new(row.workflow_id), value(&row.settings)?));
        rows.into_iter().map(read).collect()
    }

    /// Replaces the switches of a workflow's app.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_app_settings(
        &self,
        workspace: WorkspaceId,
        workflow: WorkflowId,
        settings: &AppSettings,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let row = app_setting::Model {
            workflow_id: workflow.uuid(),
            workspace_id: workspace.uuid(),
            settings: text(settings)?,
            revision: 1,
            updated_at: at.millis(),
        };
        let mut replace = OnConflict::column(app_setting::Column::WorkflowId);
        replace
            .update_columns([
                app_setting::Column::Settings,
                app_setting::Column::UpdatedAt,
            ])
            .action_and_where(app_setting::Column::WorkspaceId.eq(workspace.uuid()));
        app_setting::Entity::insert(row.into_active_model())
            .on_conflict(replace)
            .exec_without_returning(&self.write)
            .await?;
        Ok(())
    }
}
