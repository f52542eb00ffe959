//! End users of workflows: those for whom callers say that they act.

use latchkey_domain::chat::EndUser;
use latchkey_domain::id::{EndUserId, WorkflowId, WorkspaceId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};

use crate::codec;
use crate::entities::end_user;
use crate::error::StoreError;
use crate::key::row_of_key;
use crate::open::Store;

impl Store {
    /// Keeps an end user, unless it is known already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_end_user(&self, new: &EndUser) -> Result<(), StoreError> {
        let row = end_user::Model {
            id: new.id.uuid(),
            workspace_id: new.workspace.uuid(),
            workflow_id: new.workflow.uuid(),
            session: new.session.clone(),
            is_anonymous: i64::from(new.is_anonymous),
            created_at: new.created_at.millis(),
        };
        end_user::Entity::insert(row.into_active_model())
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.write)
            .await?;
        Ok(())
    }

    /// An end user of a workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_user(
        &self,
        workspace: WorkspaceId,
        id: EndUserId,
    ) -> Result<Option<EndUser>, StoreError> {
        let find = end_user::Entity::find_by_id(id.uuid())
            .filter(end_user::Column::WorkspaceId.eq(workspace.uuid()));
        let row = row_of_key(find, &self.read).await?;
        Ok(row.map(|row| EndUser {
            id: EndUserId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            workflow: WorkflowId::new(row.workflow_id),
            session: row.session,
            is_anonymous: row.is_anonymous != 0,
            created_at: codec::time(row.created_at),
        }))
    }
}
