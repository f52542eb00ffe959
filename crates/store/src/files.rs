//! Files: what is known of them. Their contents are in [`crate::Blobs`].

use latchkey_domain::file::StoredFile;
use latchkey_domain::id::{FileId, RunId, WorkflowId, WorkspaceId};
use latchkey_domain::value::FileType;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};

use crate::codec::{self, column, long, text, value, word};
use crate::entities::file;
use crate::error::StoreError;
use crate::key::row_of_key;
use crate::open::Store;

impl Store {
    /// Keeps what is known of a new file.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_file(&self, new: &StoredFile) -> Result<(), StoreError> {
        let row = file::Model {
            id: new.id.uuid(),
            workspace_id: new.workspace.uuid(),
            workflow_id: new.workflow.map(WorkflowId::uuid),
            name: new.name.clone(),
            extension: new.extension.clone(),
            mime_type: new.mime_type.clone(),
            size: column(new.size),
            file_type: new.file_type.as_str().to_owned(),
            created_by: text(&new.created_by)?,
            run_id: new.run.map(RunId::uuid),
            end_user: new.end_user.clone(),
            created_at: new.created_at.millis(),
            checksum: new.checksum.clone(),
        };
        row.into_active_model().insert(&self.write).await?;
        Ok(())
    }

    /// A file of a workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn file(
        &self,
        workspace: WorkspaceId,
        id: FileId,
    ) -> Result<Option<StoredFile>, StoreError> {
        let find = file::Entity::find_by_id(id.uuid())
            .filter(file::Column::WorkspaceId.eq(workspace.uuid()));
        let row = row_of_key(find, &self.read).await?;
        row.map(file_of).transpose()
    }

    /// Those of the named files that a workspace has, in no order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn files(
        &self,
        workspace: WorkspaceId,
        ids: &[FileId],
    ) -> Result<Vec<StoredFile>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = file::Entity::find()
            .filter(file::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
            .filter(file::Column::WorkspaceId.eq(workspace.uuid()))
            .all(&self.read)
            .await?;
        rows.into_iter().map(file_of).collect()
    }

    /// A file of any workspace: for whoever has proved by a signature that it was shown to them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn file_of_anybody(&self, id: FileId) -> Result<Option<StoredFile>, StoreError> {
        let find = file::Entity::find_by_id(id.uuid());
        let row = row_of_key(find, &self.read).await?;
        row.map(file_of).transpose()
    }

    /// Forgets a file of a workspace.
    ///
    /// # Errors
    /// When this workspace has none of that id, or the database fails.
    pub async fn delete_file(&self, workspace: WorkspaceId, id: FileId) -> Result<(), StoreError> {
        let gone = file::Entity::delete_many()
            .filter(file::Column::Id.eq(id.uuid()))
            .filter(file::Column::WorkspaceId.eq(workspace.uuid()))
            .exec(&self.write)
            .await?;
        if gone.rows_affected == 0 {
            return Err(StoreError::NotFound);
        }
        Ok(())
    }
}

fn file_of(row: file::Model) -> Result<StoredFile, StoreError> {
    Ok(StoredFile {
        id: FileId::new(row.id),
        workspace: WorkspaceId::new(row.workspace_id),
        workflow: row.workflow_id.map(WorkflowId::new),
        name: row.name,
        extension: row.extension,
        mime_type: row.mime_type,
        size: long(row.size),
        file_type: word(&row.file_type, FileType::parse)?,
        created_by: value(&row.created_by)?,
        run: row.run_id.map(RunId::new),
        end_user: row.end_user,
        created_at: codec::time(row.created_at),
        checksum: row.checksum,
    })
}
