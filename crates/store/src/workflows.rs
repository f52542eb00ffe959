//! Workflows: drafts, published versions and live credential settings.

use latchkey_domain::credential::Principal;
use latchkey_domain::id::{WorkflowId, WorkspaceId};
use latchkey_domain::settings::CredentialSettings;
use latchkey_domain::time::Timestamp;
use latchkey_domain::workflow::{Mode, PublishedVersion, Workflow};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, TransactionTrait as _,
};

use crate::codec::{self, count, text, value, word};
use crate::entities::{workflow, workflow_version};
use crate::error::StoreError;
use crate::open::Store;
use crate::page::{Page, Paged};

/// A document as it is kept: its JSON without the values of secret variables, and those values sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentText {
    /// The JSON.
    pub json: String,
    /// The sealed values; none when the document has no secret variables.
    pub secrets: Option<Vec<u8>>,
}

/// A version that is to be published.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// What it runs.
    pub document: DocumentText,
    /// What its author says about it.
    pub note: String,
    /// Who publishes it.
    pub author: Principal,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// Keeps a new workflow with its first draft.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_workflow(
        &self,
        new: &Workflow,
        draft: &DocumentText,
        settings: &CredentialSettings,
    ) -> Result<(), StoreError> {
        let row = workflow::Model {
            id: new.id.uuid(),
            workspace_id: new.workspace.uuid(),
            name: new.name.clone(),
            mode: new.mode.as_str().to_owned(),
            description: new.description.clone(),
            draft: draft.json.clone(),
            draft_secrets: draft.secrets.clone(),
            draft_revision: new.draft_revision.into(),
            published_version: new.published_version.map(i64::from),
            settings: text(settings)?,
            settings_revision: new.settings_revision.into(),
            created_at: new.created_at.millis(),
            updated_at: new.updated_at.millis(),
        };
        row.into_active_model().insert(&self.write).await?;
        Ok(())
    }

    /// A workflow of a workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn workflow(
        &self,
        workspace: WorkspaceId,
        id: WorkflowId,
    ) -> Result<Option<Workflow>, StoreError> {
        let row = self.workflow_row(workspace, id).await?;
        row.as_ref().map(workflow_of).transpose()
    }

    async fn workflow_row(
        &self,
        workspace: WorkspaceId,
        id: WorkflowId,
    ) -> Result<Option<workflow::Model>, StoreError> {
        let find = workflow::Entity::find_by_id(id.uuid())
            .filter(workflow::Column::WorkspaceId.eq(workspace.uuid()));
        Ok(find.one(&self.read).await?)
    }

    /// A workflow with its draft.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn draft(
        &self,
        workspace: WorkspaceId,
        id: WorkflowId,
    ) -> Result<Option<(Workflow, DocumentText)>, StoreError> {
        let Some(row) = self.workflow_row(workspace, id).await? else {
            return Ok(None);
        };
        let workflow = workflow_of(&row)?;
        let draft = DocumentText {
            json: row.draft,
            secrets: row.draft_secrets,
        };
        Ok(Some((workflow, draft)))
    }

    /// A workflow's live credential settings.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn credential_settings(
        &self,
        workspace: WorkspaceId,
        id: WorkflowId,
    ) -> Result<Option<CredentialSettings>, StoreError> {
        let row = self.workflow_row(workspace, id).await?;
        row.map(|row| value(&row.settings)).transpose()
    }

    /// The workflows of a workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn workflows(
        &self,
        workspace: WorkspaceId,
        page: Page,
    ) -> Result<Paged<Workflow>, StoreError> {
        let mut find =
            workflow::Entity::find().filter(workflow::Column::WorkspaceId.eq(workspace.uuid()));
        if let Some(after) = page.after {
            find = find.filter(workflow::Column::Id.lt(after));
        }
        let rows = find
            .order_by_desc(workflow::Column::Id)
            .limit(page.limit + 1)
            .all(&self.read)
            .await?;
        Paged::of(rows, page, |row| row.id).try_map(|row| workflow_of(&row))
    }

    /// Replaces a draft if it is still at the expected revision (any, when none is expected), which raises the revision.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when it is not, [`StoreError::NotFound`] when none was expected and there is no such workflow, or
    /// the database's.
    pub async fn replace_draft(
        &self,
        changed: &Workflow,
        expected: Option<u32>,
        draft: &DocumentText,
    ) -> Result<(), StoreError> {
        let mut update = workflow::Entity::update_many()
            .col_expr(workflow::Column::Name, Expr::value(changed.name.clone()))
            .col_expr(
                workflow::Column::Description,
                Expr::value(changed.description.clone()),
            )
            .col_expr(workflow::Column::Mode, Expr::value(changed.mode.as_str()))
            .col_expr(workflow::Column::Draft, Expr::value(draft.json.clone()))
            .col_expr(
                workflow::Column::DraftSecrets,
                Expr::value(draft.secrets.clone()),
            )
            .col_expr(
                workflow::Column::DraftRevision,
                Expr::cust("draft_revision + 1"),
            )
            .col_expr(
                workflow::Column::UpdatedAt,
                Expr::value(changed.updated_at.millis()),
            )
            .filter(workflow::Column::Id.eq(changed.id.uuid()))
            .filter(workflow::Column::WorkspaceId.eq(changed.workspace.uuid()));
        if let Some(expected) = expected {
            update = update.filter(workflow::Column::DraftRevision.eq(i64::from(expected)));
        }
        let rows = update.exec(&self.write).await?.rows_affected;
        if rows == 0 && expected.is_none() {
            return Err(StoreError::NotFound);
        }
        changed_one(rows)
    }

    /// Replaces a workflow's live credential settings.
    ///
    /// # Errors
    /// When it is gone, or the database fails.
    pub async fn replace_settings(
        &self,
        workspace: WorkspaceId,
        id: WorkflowId,
        settings: &CredentialSettings,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let done = workflow::Entity::update_many()
            .col_expr(workflow::Column::Settings, Expr::value(text(settings)?))
            .col_expr(
                workflow::Column::SettingsRevision,
                Expr::cust("settings_revision + 1"),
            )
            .col_expr(workflow::Column::UpdatedAt, Expr::value(at.millis()))
            .filter(workflow::Column::Id.eq(id.uuid()))
            .filter(workflow::Column::WorkspaceId.eq(workspace.uuid()))
            .exec(&self.write)
            .await?;
        if done.rows_affected == 0 {
            Err(StoreError::NotFound)
        } else {
            Ok(())
        }
    }

    /// Publishes a version; its number. The draft must still be at `revision`.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when the draft is at another revision, or the database's.
    pub async fn publish(
        &self,
        id: WorkflowId,
        revision: u32,
        version: NewVersion,
    ) -> Result<u32, StoreError> {
        let transaction = self.write.begin().await?;
        let moved = workflow::Entity::update_many()
            .col_expr(
                workflow::Column::PublishedVersion,
                Expr::cust("COALESCE(published_version, 0) + 1"),
            )
            .col_expr(
                workflow::Column::UpdatedAt,
                Expr::value(version.at.millis()),
            )
            .filter(workflow::Column::Id.eq(id.uuid()))
            .filter(workflow::Column::DraftRevision.eq(i64::from(revision)))
            .exec(&transaction)
            .await?;
        changed_one(moved.rows_affected)?;
        let row = workflow::Entity::find_by_id(id.uuid())
            .one(&transaction)
            .await?
            .ok_or(StoreError::NotFound)?;
        let number = row.published_version.unwrap_or(1);
        let row = workflow_version::Model {
            workflow_id: id.uuid(),
            number,
            document: version.document.json,
            secrets: version.document.secrets,
            note: version.note,
            author: text(&version.author)?,
            published_at: version.at.millis(),
        };
        row.into_active_model().insert(&transaction).await?;
        transaction.commit().await?;
        Ok(count(number))
    }

    /// The published versions of a workflow, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn versions(&self, id: WorkflowId) -> Result<Vec<PublishedVersion>, StoreError> {
        let rows = workflow_version::Entity::find()
            .filter(workflow_version::Column::WorkflowId.eq(id.uuid()))
            .order_by_desc(workflow_version::Column::Number)
            .all(&self.read)
            .await?;
        rows.iter().map(version_of).collect()
    }

    /// One published version with its document.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn version(
        &self,
        id: WorkflowId,
        number: u32,
    ) -> Result<Option<(PublishedVersion, DocumentText)>, StoreError> {
        let Some(row) = workflow_version::Entity::find_by_id((id.uuid(), i64::from(number)))
            .one(&self.read)
            .await?
        else {
            return Ok(None);
        };
        let version = version_of(&row)?;
        let document = DocumentText {
            json: row.document,
            secrets: row.secrets,
        };
        Ok(Some((version, document)))
    }

    /// Removes a workflow and its versions; its runs and its rows of the ledger stay.
    ///
    /// # Errors
    /// When it is not there, or the database fails.
    pub async fn delete_workflow(
        &self,
        workspace: WorkspaceId,
        id: WorkflowId,
    ) -> Result<(), StoreError> {
        let gone = workflow::Entity::delete_many()
            .filter(workflow::Column::Id.eq(id.uuid()))
            .filter(workflow::Column::WorkspaceId.eq(workspace.uuid()))
            .exec(&self.write)
            .await?;
        if gone.rows_affected == 0 {
            Err(StoreError::NotFound)
        } else {
            Ok(())
        }
    }
}

const fn changed_one(rows: u64) -> Result<(), StoreError> {
    if rows == 0 {
        Err(StoreError::Changed)
    } else {
        Ok(())
    }
}

fn workflow_of(row: &workflow::Model) -> Result<Workflow, StoreError> {
    Ok(Workflow {
        id: WorkflowId::new(row.id),
        workspace: WorkspaceId::new(row.workspace_id),
        name: row.name.clone(),
        mode: word(&row.mode, Mode::parse)?,
        description: row.description.clone(),
        draft_revision: count(row.draft_revision),
        published_version: row.published_version.map(count),
        settings_revision: count(row.settings_revision),
        created_at: codec::time(row.created_at),
        updated_at: codec::time(row.updated_at),
    })
}

fn version_of(row: &workflow_version::Model) -> Result<PublishedVersion, StoreError> {
    Ok(PublishedVersion {
        number: count(row.number),
        note: row.note.clone(),
        author: value(&row.author)?,
        published_at: codec::time(row.published_at),
    })
}
