//! Workflows: drafts and live credential settings.

use latchkey_domain::id::{WorkflowId, WorkspaceId};
use latchkey_domain::settings::CredentialSettings;
use latchkey_domain::time::Timestamp;
use latchkey_domain::workflow::{Mode, Workflow};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};
use uuid::Uuid;

use crate::codec::{self, count, text, value, word};
use crate::entities::workflow;
use crate::error::StoreError;
use crate::open::Store;
use crate::page::{Page, Paged};
use crate::triggers;
use crate::versions::{NewVersion, insert_version};

/// A document as it is kept: its JSON without the values of secret variables, and those values sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentText {
    /// The JSON.
    pub json: String,
    /// The sealed values; none when the document has no secret variables.
    pub secrets: Option<Vec<u8>>,
}

/// What is written together with a draft.
#[derive(Clone, Debug, Default)]
pub struct Besides {
    /// New live credential settings.
    pub settings: Option<CredentialSettings>,
    /// The version that is published.
    pub version: Option<NewVersion>,
}

impl Store {
    /// Keeps a new workflow with its first draft and, perhaps, its settings and its first version. The workflow as it is then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_workflow(
        &self,
        new: &Workflow,
        draft: &DocumentText,
        besides: Besides,
    ) -> Result<Workflow, StoreError> {
        let transaction = self.write.begin().await?;
        let kept = insert_workflow(&transaction, new, draft, besides).await?;
        transaction.commit().await?;
        Ok(kept)
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
        head(&self.read, workspace, id).await
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
        let found = living()
            .filter(workflow::Column::Id.eq(id.uuid()))
            .filter(workflow::Column::WorkspaceId.eq(workspace.uuid()))
            .one(&self.read)
            .await?;
        let Some(row) = found else {
            return Ok(None);
        };
        let draft = DocumentText {
            json: row.draft.clone(),
            secrets: row.draft_secrets.clone(),
        };
        Ok(Some((Head::from(row).workflow()?, draft)))
    }

    /// A workflow's live credential settings, and their revision.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn credential_settings(
        &self,
        workspace: WorkspaceId,
        id: WorkflowId,
    ) -> Result<Option<(CredentialSettings, u32)>, StoreError> {
        let found: Option<(String, i64)> = living()
            .filter(workflow::Column::Id.eq(id.uuid()))
            .filter(workflow::Column::WorkspaceId.eq(workspace.uuid()))
            .select_only()
            .column(workflow::Column::Settings)
            .column(workflow::Column::SettingsRevision)
            .into_tuple()
            .one(&self.read)
            .await?;
        let read = |(settings, revision): (String, i64)| Ok((value(&settings)?, count(revision)));
        found.map(read).transpose()
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
        let mut find = heads().filter(workflow::Column::WorkspaceId.eq(workspace.uuid()));
        if let Some(after) = page.after {
            find = find.filter(workflow::Column::Id.lt(after));
        }
        let rows = find
            .order_by_desc(workflow::Column::Id)
            .limit(page.limit + 1)
            .into_model::<Head>()
            .all(&self.read)
            .await?;
        Paged::of(rows, page, |row| row.id).try_map(Head::workflow)
    }

    /// Replaces a draft that is still at the expected revision and, perhaps, the settings, and publishes a version: all of it or
    /// nothing. The workflow as it is then.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when it is at another revision or gone, or the database's.
    pub async fn replace_draft(
        &self,
        changed: &Workflow,
        expected: u32,
        draft: &DocumentText,
        besides: Besides,
    ) -> Result<Workflow, StoreError> {
        let transaction = self.write.begin().await?;
        let update = workflow::Entity::update_many()
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
            .filter(workflow::Column::WorkspaceId.eq(changed.workspace.uuid()))
            .filter(workflow::Column::DeletedAt.is_null())
            .filter(workflow::Column::DraftRevision.eq(i64::from(expected)));
        changed_one(update.exec(&transaction).await?.rows_affected)?;
        write_besides(&transaction, changed, besides).await?;
        let kept = head(&transaction, changed.workspace, changed.id).await?;
        transaction.commit().await?;
        kept.ok_or(StoreError::NotFound)
    }

    /// Replaces a workflow's live credential settings if they are still at the expected revision (any, when none is expected).
    /// Their new one.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when they are not, [`StoreError::NotFound`] when none was expected and there is no such workflow, or
    /// the database's.
    pub async fn replace_settings(
        &self,
        workspace: WorkspaceId,
        id: WorkflowId,
        expected: Option<u32>,
        settings: &CredentialSettings,
        at: Timestamp,
    ) -> Result<u32, StoreError> {
        let transaction = self.write.begin().await?;
        put_settings(&transaction, (workspace, id), expected, settings, at).await?;
        let kept = head(&transaction, workspace, id).await?;
        transaction.commit().await?;
        Ok(kept.ok_or(StoreError::NotFound)?.settings_revision)
    }

    /// Deletes a workflow: its draft is gone and it is found no more, and its triggers begin no more runs. Its published versions
    /// stay, since runs name them.
    ///
    /// # Errors
    /// When it is not there, or the database fails.
    pub async fn delete_workflow(
        &self,
        workspace: WorkspaceId,
        id: WorkflowId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let transaction = self.write.begin().await?;
        let gone = workflow::Entity::update_many()
            .col_expr(workflow::Column::DeletedAt, Expr::value(at.millis()))
            .col_expr(workflow::Column::Draft, Expr::value("{}"))
            .col_expr(workflow::Column::DraftSecrets, Expr::value(None::<Vec<u8>>))
            .filter(workflow::Column::Id.eq(id.uuid()))
            .filter(workflow::Column::WorkspaceId.eq(workspace.uuid()))
            .filter(workflow::Column::DeletedAt.is_null())
            .exec(&transaction)
            .await?;
        if gone.rows_affected == 0 {
            return Err(StoreError::NotFound);
        }
        triggers::remove_all(&transaction, id, at).await?;
        Ok(transaction.commit().await?)
    }
}

pub(crate) const fn changed_one(rows: u64) -> Result<(), StoreError> {
    if rows == 0 {
        Err(StoreError::Changed)
    } else {
        Ok(())
    }
}

/// A workflow without what may be large.
#[derive(FromQueryResult)]
struct Head {
    id: Uuid,
    workspace_id: Uuid,
    name: String,
    mode: String,
    description: String,
    draft_revision: i64,
    published_version: Option<i64>,
    settings_revision: i64,
    created_at: i64,
    updated_at: i64,
}

impl Head {
    fn workflow(self) -> Result<Workflow, StoreError> {
        Ok(Workflow {
            id: WorkflowId::new(self.id),
            workspace: WorkspaceId::new(self.workspace_id),
            mode: word(&self.mode, Mode::parse)?,
            name: self.name,
            description: self.description,
            draft_revision: count(self.draft_revision),
            published_version: self.published_version.map(count),
            settings_revision: count(self.settings_revision),
            created_at: codec::time(self.created_at),
            updated_at: codec::time(self.updated_at),
        })
    }
}

impl From<workflow::Model> for Head {
    fn from(row: workflow::Model) -> Self {
        Self {
            id: row.id,
            workspace_id: row.workspace_id,
            name: row.name,
            mode: row.mode,
            description: row.description,
            draft_revision: row.draft_revision,
            published_version: row.published_version,
            settings_revision: row.settings_revision,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Workflows that are not deleted.
fn living() -> Select<workflow::Entity> {
    workflow::Entity::find().filter(workflow::Column::DeletedAt.is_null())
}

fn heads() -> Select<workflow::Entity> {
    living().select_only().columns([
        workflow::Column::Id,
        workflow::Column::WorkspaceId,
        workflow::Column::Name,
        workflow::Column::Mode,
        workflow::Column::Description,
        workflow::Column::DraftRevision,
        workflow::Column::PublishedVersion,
        workflow::Column::SettingsRevision,
        workflow::Column::CreatedAt,
        workflow::Column::UpdatedAt,
    ])
}

async fn head(
    connection: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: WorkflowId,
) -> Result<Option<Workflow>, StoreError> {
    let found = heads()
        .filter(workflow::Column::Id.eq(id.uuid()))
        .filter(workflow::Column::WorkspaceId.eq(workspace.uuid()))
        .into_model::<Head>()
        .one(connection)
        .await?;
    found.map(Head::workflow).transpose()
}

/// See [`Store::insert_workflow`].
pub(crate) async fn insert_workflow(
    connection: &impl ConnectionTrait,
    new: &Workflow,
    draft: &DocumentText,
    besides: Besides,
) -> Result<Workflow, StoreError> {
    let row = workflow::Model {
        id: new.id.uuid(),
        workspace_id: new.workspace.uuid(),
        name: new.name.clone(),
        mode: new.mode.as_str().to_owned(),
        description: new.description.clone(),
        draft: draft.json.clone(),
        draft_secrets: draft.secrets.clone(),
        draft_revision: new.draft_revision.into(),
        published_version: None,
        settings: text(&besides.settings.unwrap_or_default())?,
        settings_revision: new.settings_revision.into(),
        created_at: new.created_at.millis(),
        updated_at: new.updated_at.millis(),
        deleted_at: None,
    };
    row.into_active_model().insert(connection).await?;
    let published_version = match besides.version {
        Some(version) => {
            Some(insert_version(connection, new.id, new.draft_revision, version).await?)
        }
        None => None,
    };
    Ok(Workflow {
        published_version,
        ..new.clone()
    })
}

/// What is written after the draft of `changed` has been replaced.
async fn write_besides(
    connection: &impl ConnectionTrait,
    changed: &Workflow,
    besides: Besides,
) -> Result<(), StoreError> {
    if let Some(settings) = besides.settings {
        let place = (changed.workspace, changed.id);
        put_settings(connection, place, None, &settings, changed.updated_at).await?;
    }
    if let Some(version) = besides.version {
        let revision = changed.draft_revision.saturating_add(1);
        insert_version(connection, changed.id, revision, version).await?;
    }
    Ok(())
}

async fn put_settings(
    connection: &impl ConnectionTrait,
    (workspace, id): (WorkspaceId, WorkflowId),
    expected: Option<u32>,
    settings: &CredentialSettings,
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut update = workflow::Entity::update_many()
        .col_expr(workflow::Column::Settings, Expr::value(text(settings)?))
        .col_expr(
            workflow::Column::SettingsRevision,
            Expr::cust("settings_revision + 1"),
        )
        .col_expr(workflow::Column::UpdatedAt, Expr::value(at.millis()))
        .filter(workflow::Column::Id.eq(id.uuid()))
        .filter(workflow::Column::WorkspaceId.eq(workspace.uuid()))
        .filter(workflow::Column::DeletedAt.is_null());
    if let Some(expected) = expected {
        update = update.filter(workflow::Column::SettingsRevision.eq(i64::from(expected)));
    }
    match update.exec(connection).await?.rows_affected {
        0 if expected.is_none() => Err(StoreError::NotFound),
        rows => changed_one(rows),
    }
}
