//! Documents of datasets and how far their indexing is.

use latchkey_domain::credential::Environment;
use latchkey_domain::id::{DatasetId, DocumentId, WorkspaceId};
use latchkey_domain::knowledge::{Document, Form, IndexingError, Pair, Status};
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Statement,
};
use uuid::Uuid;

use crate::codec::{self, column, long, optional, text, value, word};
use crate::entities::{dataset_document, dataset_segment, dataset_text, dataset_vector};
use crate::error::StoreError;
use crate::open::Store;
use crate::page::{Page, Paged};
use crate::search::document_mark;

/// What a document consists of before it is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentBody {
    /// A text.
    Text(String),
    /// Questions with their answers.
    Pairs(Vec<Pair>),
}

/// Which document: nothing is done about one that is elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentPlace {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The dataset.
    pub dataset: DatasetId,
    /// The document.
    pub document: DocumentId,
}

impl Store {
    /// Keeps a new document, which waits to be indexed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when its dataset is gone, or the database's.
    pub async fn insert_document(
        &self,
        new: &Document,
        body: &DocumentBody,
    ) -> Result<(), StoreError> {
        let body = match body {
            DocumentBody::Text(text) => text.clone(),
            DocumentBody::Pairs(pairs) => text(pairs)?,
        };
        let transaction = self.write.begin().await?;
        row_of(new)?
            .into_active_model()
            .insert(&transaction)
            .await?;
        let row = dataset_text::Model {
            document_id: new.id.uuid(),
            body,
        };
        // Not `insert`, which would read the whole text back.
        dataset_text::Entity::insert(row.into_active_model())
            .exec_without_returning(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// A document.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn document(&self, place: DocumentPlace) -> Result<Option<Document>, StoreError> {
        let row = dataset_document::Entity::find()
            .filter(dataset_document::Column::Id.eq(place.document.uuid()))
            .filter(dataset_document::Column::DatasetId.eq(place.dataset.uuid()))
            .filter(dataset_document::Column::WorkspaceId.eq(place.workspace.uuid()))
            .one(&self.read)
            .await?;
        row.map(document_of).transpose()
    }

    /// The documents of a dataset.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn documents(
        &self,
        workspace: WorkspaceId,
        dataset: DatasetId,
        page: Page,
    ) -> Result<Paged<Document>, StoreError> {
        let mut find = dataset_document::Entity::find()
            .filter(dataset_document::Column::DatasetId.eq(dataset.uuid()))
            .filter(dataset_document::Column::WorkspaceId.eq(workspace.uuid()));
        if let Some(after) = page.after {
            find = find.filter(dataset_document::Column::Id.lt(after));
        }
        let rows = find
            .order_by_desc(dataset_document::Column::Id)
            .limit(page.limit + 1)
            .all(&self.read)
            .await?;
        Paged::of(rows, page, |row| row.id).try_map(document_of)
    }

    /// Removes a document with everything that was made of it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there, or the database's.
    pub async fn delete_document(&self, place: DocumentPlace) -> Result<(), StoreError> {
        if self.document(place).await?.is_none() {
            return Err(StoreError::NotFound);
        }
        if self.remove_document(place.document.uuid()).await? {
            return Ok(());
        }
        Err(StoreError::NotFound)
    }

    /// Removes a document, whosever it is; whether it was there. Its own row is the last but held from the first, so that
    /// whoever indexes it either is done before or finds it gone.
    pub(crate) async fn remove_document(&self, document: Uuid) -> Result<bool, StoreError> {
        let transaction = self.write.begin().await?;
        let held = dataset_document::Entity::update_many()
            .col_expr(dataset_document::Column::Status, Expr::value("error"))
            .filter(dataset_document::Column::Id.eq(document))
            .exec(&transaction)
            .await?;
        if held.rows_affected == 0 {
            return Ok(false);
        }
        self.remove_terms(&transaction, document).await?;
        dataset_vector::Entity::delete_many()
            .filter(dataset_vector::Column::DocumentId.eq(document))
            .exec(&transaction)
            .await?;
        dataset_segment::Entity::delete_many()
            .filter(dataset_segment::Column::DocumentId.eq(document))
            .exec(&transaction)
            .await?;
        dataset_document::Entity::delete_by_id(document)
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn remove_terms(
        &self,
        connection: &impl ConnectionTrait,
        document: Uuid,
    ) -> Result<(), StoreError> {
        let remove = if self.is_postgres() {
            let sql = "DELETE FROM segment_terms WHERE segment IN (SELECT id FROM dataset_segments WHERE document_id = $1)";
            Statement::from_sql_and_values(sea_orm::DbBackend::Postgres, sql, [document.into()])
        } else {
            let sql = "DELETE FROM segment_terms WHERE segment_terms MATCH ?";
            let mark = format!("\"{}\"", document_mark(document));
            Statement::from_sql_and_values(sea_orm::DbBackend::Sqlite, sql, [mark.into()])
        };
        connection.execute_raw(remove).await?;
        Ok(())
    }

    /// The oldest document of all workspaces that is to be indexed, or was left half-indexed, and none of these.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_unindexed(
        &self,
        besides: &[DocumentId],
    ) -> Result<Option<Document>, StoreError> {
        let besides: Vec<Uuid> = besides.iter().map(|id| id.uuid()).collect();
        let row = dataset_document::Entity::find()
            .filter(dataset_document::Column::Status.is_in(["waiting", "indexing"]))
            .filter(dataset_document::Column::Id.is_not_in(besides))
            .order_by_asc(dataset_document::Column::Id)
            .limit(1)
            .one(&self.read)
            .await?;
        row.map(document_of).transpose()
    }

    /// What a document consists of; none once it is indexed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn document_body(
        &self,
        document: DocumentId,
        form: Form,
    ) -> Result<Option<DocumentBody>, StoreError> {
        let row = dataset_text::Entity::find_by_id(document.uuid())
            .one(&self.read)
            .await?;
        let body = |row: dataset_text::Model| match form {
            Form::Text => Ok(DocumentBody::Text(row.body)),
            Form::Qa => Ok(DocumentBody::Pairs(value(&row.body)?)),
        };
        row.map(body).transpose()
    }

    /// Says how far a document is; whether it is still there and was in one of these states. A document that is completed
    /// needs its text no more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn move_document(
        &self,
        document: DocumentId,
        from: &[Status],
        to: Status,
        error: Option<&IndexingError>,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.write.begin().await?;
        let from = from.iter().map(|status| status.as_str());
        let done = dataset_document::Entity::update_many()
            .col_expr(dataset_document::Column::Status, Expr::value(to.as_str()))
            .col_expr(
                dataset_document::Column::Error,
                Expr::value(error.map(text).transpose()?),
            )
            .col_expr(
                dataset_document::Column::UpdatedAt,
                Expr::value(at.millis()),
            )
            .filter(dataset_document::Column::Id.eq(document.uuid()))
            .filter(dataset_document::Column::Status.is_in(from))
            .exec(&transaction)
            .await?;
        if to == Status::Completed && done.rows_affected == 1 {
            dataset_text::Entity::delete_by_id(document.uuid())
                .exec(&transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(done.rows_affected == 1)
    }
}

fn row_of(of: &Document) -> Result<dataset_document::Model, StoreError> {
    Ok(dataset_document::Model {
        id: of.id.uuid(),
        workspace_id: of.workspace.uuid(),
        dataset_id: of.dataset.uuid(),
        name: of.name.clone(),
        metadata: text(&of.metadata)?,
        form: text(&of.form)?,
        chunking: text(&of.chunking)?,
        status: of.status.as_str().to_owned(),
        error: of.error.as_ref().map(text).transpose()?,
        segments: column(of.segments),
        characters: column(of.characters),
        created_by: text(&of.created_by)?,
        environment: of.environment.0.clone(),
        created_at: of.created_at.millis(),
        updated_at: of.updated_at.millis(),
    })
}

pub(crate) fn document_of(row: dataset_document::Model) -> Result<Document, StoreError> {
    Ok(Document {
        id: DocumentId::new(row.id),
        workspace: WorkspaceId::new(row.workspace_id),
        dataset: DatasetId::new(row.dataset_id),
        name: row.name,
        metadata: value(&row.metadata)?,
        form: value(&row.form)?,
        chunking: value(&row.chunking)?,
        status: word(&row.status, Status::parse)?,
        error: optional(row.error.as_ref())?,
        segments: long(row.segments),
        characters: long(row.characters),
        created_by: value(&row.created_by)?,
        environment: Environment(row.environment),
        created_at: codec::time(row.created_at),
        updated_at: codec::time(row.updated_at),
    })
}
