//! Segments of documents: written in batches with their vectors and their words, and read.

use latchkey_domain::id::{DatasetId, DocumentId, SegmentId, WorkspaceId};
use latchkey_domain::knowledge::{Document, EmbeddingModel, Segment, terms};
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::{Expr, IntoColumnRef};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbBackend, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Statement,
};
use uuid::Uuid;

use crate::codec::{self, column, count, long};
use crate::dataset_documents::DocumentPlace;
use crate::entities::{dataset_document, dataset_segment, dataset_vector};
use crate::error::StoreError;
use crate::open::Store;
use crate::page::{Page, Paged};
use crate::search::{bytes_of, dataset_mark, document_mark};

/// A segment that is to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct NewSegment {
    /// The segment.
    pub segment: Segment,
    /// Its vector, of length one.
    pub vector: Option<Vec<f32>>,
}

/// The model of vectors, as rows name it: vectors of different models are never compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VectorModel(String);

impl VectorModel {
    /// The name of a model.
    #[must_use]
    pub fn of(model: &EmbeddingModel) -> Self {
        Self(format!("{}:{}", model.provider, model.name))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Store {
    /// Adds segments to a document that is being indexed and has exactly as many as its row says; whether it was so. In one
    /// transaction with their vectors and their words: a document is never found in halves of a batch.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_segments(
        &self,
        document: &Document,
        new: &[NewSegment],
        model: Option<&VectorModel>,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let characters: u64 = new.iter().map(|one| one.segment.characters()).sum();
        let transaction = self.write.begin().await?;
        let held = dataset_document::Entity::update_many()
            .col_expr(
                dataset_document::Column::Segments,
                grown(dataset_document::Column::Segments, new.len() as u64),
            )
            .col_expr(
                dataset_document::Column::Characters,
                grown(dataset_document::Column::Characters, characters),
            )
            .col_expr(
                dataset_document::Column::UpdatedAt,
                Expr::value(at.millis()),
            )
            .filter(dataset_document::Column::Id.eq(document.id.uuid()))
            .filter(dataset_document::Column::Status.eq("indexing"))
            .filter(dataset_document::Column::Segments.eq(column(document.segments)))
            .exec(&transaction)
            .await?;
        if held.rows_affected == 0 {
            return Ok(false);
        }
        if new.is_empty() {
            return Ok(true);
        }
        let rows = new
            .iter()
            .map(|one| row_of(document.workspace, &one.segment));
        dataset_segment::Entity::insert_many(rows.map(dataset_segment::Model::into_active_model))
            .exec_without_returning(&transaction)
            .await?;
        if let Some(model) = model {
            insert_vectors(&transaction, document.workspace, new, model).await?;
        }
        for one in new {
            let statement = words_of(&one.segment, self.is_postgres());
            transaction.execute_raw(statement).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// The segments of a document, in its order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn segments(
        &self,
        place: DocumentPlace,
        page: Page,
    ) -> Result<Paged<Segment>, StoreError> {
        let mut find = dataset_segment::Entity::find()
            .filter(dataset_segment::Column::DocumentId.eq(place.document.uuid()))
            .filter(dataset_segment::Column::DatasetId.eq(place.dataset.uuid()))
            .filter(dataset_segment::Column::WorkspaceId.eq(place.workspace.uuid()));
        if let Some(after) = page.after {
            find = find.filter(dataset_segment::Column::Id.gt(after));
        }
        let rows = find
            .order_by_asc(dataset_segment::Column::Id)
            .limit(page.limit + 1)
            .all(&self.read)
            .await?;
        let page = Paged::of(rows, page, |row| row.id);
        page.try_map(|row| Ok(segment_of(row)))
    }

    /// The dimension of the vectors that a dataset has already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn vector_dimension(&self, dataset: DatasetId) -> Result<Option<u64>, StoreError> {
        let known: Option<i64> = dataset_vector::Entity::find()
            .select_only()
            .column(dataset_vector::Column::Dimension)
            .filter(dataset_vector::Column::DatasetId.eq(dataset.uuid()))
            .limit(1)
            .into_tuple()
            .one(&self.read)
            .await?;
        Ok(known.map(long))
    }

    /// Counts that a run has found segments.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_hits(&self, segments: &[SegmentId]) -> Result<(), StoreError> {
        let ids = segments.iter().map(|id| id.uuid());
        dataset_segment::Entity::update_many()
            .col_expr(
                dataset_segment::Column::Hits,
                grown(dataset_segment::Column::Hits, 1),
            )
            .filter(dataset_segment::Column::Id.is_in(ids))
            .exec(&self.write)
            .await?;
        Ok(())
    }
}

/// A column and so much more.
fn grown(of: impl IntoColumnRef, by: u64) -> Expr {
    use sea_orm::ExprTrait as _;

    Expr::col(of).add(column(by))
}

async fn insert_vectors(
    connection: &impl ConnectionTrait,
    workspace: WorkspaceId,
    new: &[NewSegment],
    model: &VectorModel,
) -> Result<(), StoreError> {
    let rows = new.iter().filter_map(|one| {
        let vector = one.vector.as_ref()?;
        Some(dataset_vector::Model {
            dataset_id: one.segment.dataset.uuid(),
            segment_id: one.segment.id.uuid(),
            workspace_id: workspace.uuid(),
            document_id: one.segment.document.uuid(),
            model: model.as_str().to_owned(),
            dimension: column(vector.len() as u64),
            vector: bytes_of(vector),
        })
    });
    let rows: Vec<_> = rows.map(dataset_vector::Model::into_active_model).collect();
    if !rows.is_empty() {
        dataset_vector::Entity::insert_many(rows)
            .exec_without_returning(connection)
            .await?;
    }
    Ok(())
}

/// The statement that keeps the words of a segment: of a pair, those of both parts. Marks that no text can have in it say
/// of which dataset and document they are.
fn words_of(segment: &Segment, is_postgres: bool) -> Statement {
    let mut words = vec![
        dataset_mark(segment.dataset.uuid()),
        document_mark(segment.document.uuid()),
    ];
    words.extend(terms(&segment.content));
    words.extend(segment.answer.iter().flat_map(|answer| terms(answer)));
    let words = words.join(" ");
    let id = segment.id.uuid();
    if is_postgres {
        let sql = "INSERT INTO segment_terms (segment, terms) VALUES ($1, array_to_tsvector(string_to_array($2, ' ')))";
        return Statement::from_sql_and_values(DbBackend::Postgres, sql, [id.into(), words.into()]);
    }
    let sql = "INSERT INTO segment_terms (segment, terms) VALUES (?, ?)";
    Statement::from_sql_and_values(
        DbBackend::Sqlite,
        sql,
        [id.to_string().into(), words.into()],
    )
}

fn row_of(workspace: WorkspaceId, of: &Segment) -> dataset_segment::Model {
    dataset_segment::Model {
        id: of.id.uuid(),
        workspace_id: workspace.uuid(),
        dataset_id: of.dataset.uuid(),
        document_id: of.document.uuid(),
        position: of.position.into(),
        content: of.content.clone(),
        answer: of.answer.clone(),
        hits: column(of.hits),
        created_at: of.created_at.millis(),
    }
}

pub(crate) fn segment_of(row: dataset_segment::Model) -> Segment {
    Segment {
        id: SegmentId::new(row.id),
        document: DocumentId::new(row.document_id),
        dataset: DatasetId::new(row.dataset_id),
        position: count(row.position),
        content: row.content,
        answer: row.answer,
        hits: long(row.hits),
        created_at: codec::time(row.created_at),
    }
}

/// The ids of segments as search finds them.
pub(crate) type Ids = Vec<Uuid>;
