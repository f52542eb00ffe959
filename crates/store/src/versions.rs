//! Published versions of workflows. They never change, and outlive their workflow, since runs name them.

use latchkey_domain::credential::Principal;
use latchkey_domain::id::WorkflowId;
use latchkey_domain::time::Timestamp;
use latchkey_domain::workflow::PublishedVersion;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use crate::codec::{self, count, text, value};
use crate::entities::{workflow, workflow_version};
use crate::error::StoreError;
use crate::open::Store;
use crate::triggers::{self, NewTrigger, Published};
use crate::workflows::{DocumentText, changed_one};

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
    /// All triggers that it has.
    pub triggers: Vec<NewTrigger>,
}

impl Store {
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
        let number = insert_version(&transaction, id, revision, version).await?;
        transaction.commit().await?;
        Ok(number)
    }

    /// The published versions of a workflow, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn versions(&self, id: WorkflowId) -> Result<Vec<PublishedVersion>, StoreError> {
        let rows = workflow_version::Entity::find()
            .filter(workflow_version::Column::WorkflowId.eq(id.uuid()))
            .order_by_desc(workflow_version::Column::Number)
            .select_only()
            .columns([
                workflow_version::Column::Number,
                workflow_version::Column::Note,
                workflow_version::Column::Author,
                workflow_version::Column::PublishedAt,
            ])
            .into_model::<VersionHead>()
            .all(&self.read)
            .await?;
        rows.into_iter().map(VersionHead::version).collect()
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
        let document = DocumentText {
            json: row.document,
            secrets: row.secrets,
        };
        let head = VersionHead {
            number: row.number,
            note: row.note,
            author: row.author,
            published_at: row.published_at,
        };
        Ok(Some((head.version()?, document)))
    }
}

/// A published version without its document.
#[derive(FromQueryResult)]
struct VersionHead {
    number: i64,
    note: String,
    author: String,
    published_at: i64,
}

impl VersionHead {
    fn version(self) -> Result<PublishedVersion, StoreError> {
        Ok(PublishedVersion {
            number: count(self.number),
            note: self.note,
            author: value(&self.author)?,
            published_at: codec::time(self.published_at),
        })
    }
}

/// Adds a version if the draft is at this revision; its number.
pub(crate) async fn insert_version(
    connection: &impl ConnectionTrait,
    id: WorkflowId,
    revision: u32,
    version: NewVersion,
) -> Result<u32, StoreError> {
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
        .filter(workflow::Column::DeletedAt.is_null())
        .filter(workflow::Column::DraftRevision.eq(i64::from(revision)))
        .exec(connection)
        .await?;
    changed_one(moved.rows_affected)?;
    let number: Option<Option<i64>> = workflow::Entity::find_by_id(id.uuid())
        .select_only()
        .column(workflow::Column::PublishedVersion)
        .into_tuple()
        .one(connection)
        .await?;
    let number = number.flatten().ok_or(StoreError::NotFound)?;
    let row = workflow_version::Model {
        workflow_id: id.uuid(),
        number,
        document: version.document.json,
        secrets: version.document.secrets,
        note: version.note,
        author: text(&version.author)?,
        published_at: version.at.millis(),
    };
    row.into_active_model().insert(connection).await?;
    let published = Published {
        workflow: id,
        number,
        author: version.author,
        at: version.at,
    };
    triggers::replace(connection, &published, version.triggers).await?;
    Ok(count(number))
}
