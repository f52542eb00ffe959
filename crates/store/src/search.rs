//! Finding segments: by the nearness of their vectors, exactly, over all of a dataset's in batches; and by their words,
//! with the full-text index of the database. Memory is bounded by the batch and by what is wanted, not by the dataset.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use latchkey_domain::id::{DatasetId, DocumentId, SegmentId, WorkspaceId};
use latchkey_domain::knowledge::{Document, Filter, Segment, Term, cosine};
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Statement,
};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::codec::{column, value};
use crate::dataset_documents::document_of;
use crate::dataset_segments::{Ids, VectorModel, segment_of};
use crate::entities::{dataset_document, dataset_segment, dataset_vector};
use crate::error::StoreError;
use crate::open::Store;

/// How many bytes of vectors are looked at together.
const BATCH: usize = 2 << 20;
/// How many documents' facts are looked at together.
const FACTS: u64 = 500;
/// How many segments with fitting words are looked at together, and at most.
const WORDS: u64 = 200;
const MOST_WORDS: u64 = 2000;

/// The documents that a search looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// All that are indexed.
    All,
    /// These only.
    Only(HashSet<DocumentId>),
}

/// A segment with its document.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The segment.
    pub segment: Segment,
    /// The document.
    pub document: Document,
    /// Its vector, if it has one.
    pub vector: Option<Vec<f32>>,
}

impl Admitted {
    fn has(&self, document: Uuid) -> bool {
        match self {
            Self::All => true,
            Self::Only(these) => these.contains(&DocumentId::new(document)),
        }
    }

    fn is_none(&self) -> bool {
        matches!(self, Self::Only(these) if these.is_empty())
    }
}

impl Store {
    /// The indexed documents of a dataset that a filter admits.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn admitted(
        &self,
        workspace: WorkspaceId,
        dataset: DatasetId,
        filter: Option<&Filter>,
    ) -> Result<Admitted, StoreError> {
        let Some(filter) = filter.filter(|filter| !filter.is_empty()) else {
            return Ok(Admitted::All);
        };
        let mut these = HashSet::new();
        self.each_metadata(workspace, dataset, |document, metadata| {
            if filter.admits(metadata) {
                these.insert(document);
            }
        })
        .await?;
        Ok(Admitted::Only(these))
    }

    /// The names of the facts that a dataset's documents have, sorted; at most so many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn metadata_names(
        &self,
        workspace: WorkspaceId,
        dataset: DatasetId,
        most: usize,
    ) -> Result<Vec<String>, StoreError> {
        let mut names = HashSet::new();
        self.each_metadata(workspace, dataset, |_, metadata| {
            for name in metadata.keys() {
                if names.len() < most && !names.contains(name) {
                    names.insert(name.clone());
                }
            }
        })
        .await?;
        let mut names: Vec<String> = names.into_iter().collect();
        names.sort();
        Ok(names)
    }

    async fn each_metadata(
        &self,
        workspace: WorkspaceId,
        dataset: DatasetId,
        mut look: impl FnMut(DocumentId, &Map<String, Json>),
    ) -> Result<(), StoreError> {
        let mut after = Uuid::nil();
        loop {
            let rows: Vec<(Uuid, String)> = dataset_document::Entity::find()
                .select_only()
                .columns([
                    dataset_document::Column::Id,
                    dataset_document::Column::Metadata,
                ])
                .filter(dataset_document::Column::WorkspaceId.eq(workspace.uuid()))
                .filter(dataset_document::Column::DatasetId.eq(dataset.uuid()))
                .filter(dataset_document::Column::Status.eq("completed"))
                .filter(dataset_document::Column::Id.gt(after))
                .order_by_asc(dataset_document::Column::Id)
                .limit(FACTS)
                .into_tuple()
                .all(&self.read)
                .await?;
            let Some((last, _)) = rows.last() else {
                return Ok(());
            };
            after = *last;
            for (id, metadata) in &rows {
                look(DocumentId::new(*id), &value(metadata)?);
            }
        }
    }

    /// The segments whose vectors are nearest to one of length one, the nearest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn nearest(
        &self,
        workspace: WorkspaceId,
        dataset: DatasetId,
        model: &VectorModel,
        vector: &[f32],
        admitted: &Admitted,
        most: usize,
    ) -> Result<Vec<(SegmentId, f32)>, StoreError> {
        let mut best = Best::new(most);
        if vector.is_empty() || admitted.is_none() {
            return Ok(Vec::new());
        }
        let limit = (BATCH / (vector.len() * 4)).clamp(16, 2048) as u64;
        let mut after = Uuid::nil();
        loop {
            let rows: Vec<(Uuid, Uuid, Vec<u8>)> = dataset_vector::Entity::find()
                .select_only()
                .columns([
                    dataset_vector::Column::SegmentId,
                    dataset_vector::Column::DocumentId,
                    dataset_vector::Column::Vector,
                ])
                .filter(dataset_vector::Column::DatasetId.eq(dataset.uuid()))
                .filter(dataset_vector::Column::WorkspaceId.eq(workspace.uuid()))
                .filter(dataset_vector::Column::Model.eq(model.as_str()))
                .filter(dataset_vector::Column::Dimension.eq(column(vector.len() as u64)))
                .filter(dataset_vector::Column::DocumentId.in_subquery(indexed(dataset)))
                .filter(dataset_vector::Column::SegmentId.gt(after))
                .order_by_asc(dataset_vector::Column::SegmentId)
                .limit(limit)
                .into_tuple()
                .all(&self.read)
                .await?;
            let Some((last, ..)) = rows.last() else {
                return Ok(best.sorted());
            };
            after = *last;
            for (segment, document, bytes) in &rows {
                if admitted.has(*document) {
                    best.take(*segment, cosine(vector, &vector_of(bytes)));
                }
            }
        }
    }

    /// Segments with words of a question, roughly the best first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn with_words(
        &self,
        workspace: WorkspaceId,
        dataset: DatasetId,
        asked: &[Term],
        admitted: &Admitted,
        most: usize,
    ) -> Result<Vec<SegmentId>, StoreError> {
        let mut found = Vec::new();
        if asked.is_empty() || admitted.is_none() {
            return Ok(found);
        }
        let mut begin = 0;
        while begin < MOST_WORDS && found.len() < most {
            let ids = self.matching(dataset, asked, begin).await?;
            let heads: Vec<(Uuid, Uuid)> = dataset_segment::Entity::find()
                .select_only()
                .columns([
                    dataset_segment::Column::Id,
                    dataset_segment::Column::DocumentId,
                ])
                .filter(dataset_segment::Column::Id.is_in(ids.iter().copied()))
                .filter(dataset_segment::Column::WorkspaceId.eq(workspace.uuid()))
                .filter(dataset_segment::Column::DatasetId.eq(dataset.uuid()))
                .filter(dataset_segment::Column::DocumentId.in_subquery(indexed(dataset)))
                .into_tuple()
                .all(&self.read)
                .await?;
            let documents: HashMap<Uuid, Uuid> = heads.into_iter().collect();
            let is_admitted = |id: &&Uuid| documents.get(id).is_some_and(|of| admitted.has(*of));
            found.extend(ids.iter().filter(is_admitted).map(|id| SegmentId::new(*id)));
            if (ids.len() as u64) < WORDS {
                break;
            }
            begin += WORDS;
        }
        found.truncate(most);
        Ok(found)
    }

    async fn matching(
        &self,
        dataset: DatasetId,
        asked: &[Term],
        begin: u64,
    ) -> Result<Ids, StoreError> {
        let [limit, begin] = [WORDS, begin].map(column);
        let mark = dataset_mark(dataset.uuid());
        if self.is_postgres() {
            let sql = "SELECT segment FROM segment_terms WHERE terms @@ $1::tsquery ORDER BY ts_rank(terms, $1::tsquery) DESC, segment LIMIT $2 OFFSET $3";
            let term = |term: &Term| match term {
                Term::Whole(word) => format!("'{word}'"),
                Term::Prefix(begin) => format!("'{begin}':*"),
            };
            let any = asked.iter().map(term).collect::<Vec<_>>().join(" | ");
            let query = format!("'{mark}' & ({any})");
            let values = [query.into(), limit.into(), begin.into()];
            let ask = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
            let rows = self.read.query_all_raw(ask).await?;
            let ids = rows.iter().map(|row| row.try_get("", "segment"));
            return Ok(ids.collect::<Result<_, _>>()?);
        }
        let sql = "SELECT segment FROM segment_terms WHERE segment_terms MATCH ? ORDER BY rank, rowid LIMIT ? OFFSET ?";
        let term = |term: &Term| match term {
            Term::Whole(word) => format!("\"{word}\""),
            Term::Prefix(begin) => format!("\"{begin}\" *"),
        };
        let any = asked.iter().map(term).collect::<Vec<_>>().join(" OR ");
        let query = format!("\"{mark}\" AND ({any})");
        let values = [query.into(), limit.into(), begin.into()];
        let ask = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
        let rows = self.read.query_all_raw(ask).await?;
        let ids = rows.iter().map(|row| {
            let id: String = row.try_get("", "segment")?;
            let corrupt = |_| StoreError::Corrupt("a segment's id is none".to_owned());
            id.parse().map_err(corrupt)
        });
        ids.collect()
    }

    /// These segments of a dataset with their documents and vectors, in no order; what is gone is left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn found(
        &self,
        workspace: WorkspaceId,
        dataset: DatasetId,
        segments: &[SegmentId],
    ) -> Result<Vec<Found>, StoreError> {
        let ids: Ids = segments.iter().map(|id| id.uuid()).collect();
        let rows = dataset_segment::Entity::find()
            .filter(dataset_segment::Column::Id.is_in(ids.iter().copied()))
            .filter(dataset_segment::Column::WorkspaceId.eq(workspace.uuid()))
            .filter(dataset_segment::Column::DatasetId.eq(dataset.uuid()))
            .all(&self.read)
            .await?;
        let of: HashSet<Uuid> = rows.iter().map(|row| row.document_id).collect();
        let documents = dataset_document::Entity::find()
            .filter(dataset_document::Column::Id.is_in(of))
            .all(&self.read)
            .await?;
        let vectors: Vec<(Uuid, Vec<u8>)> = dataset_vector::Entity::find()
            .select_only()
            .columns([
                dataset_vector::Column::SegmentId,
                dataset_vector::Column::Vector,
            ])
            .filter(dataset_vector::Column::DatasetId.eq(dataset.uuid()))
            .filter(dataset_vector::Column::SegmentId.is_in(ids))
            .into_tuple()
            .all(&self.read)
            .await?;
        let mut vectors: HashMap<Uuid, Vec<u8>> = vectors.into_iter().collect();
        let mut known = HashMap::new();
        for row in documents {
            known.insert(row.id, document_of(row)?);
        }
        let whole = |row: dataset_segment::Model| {
            Some(Found {
                document: known.get(&row.document_id)?.clone(),
                vector: vectors.remove(&row.id).map(|bytes| vector_of(&bytes)),
                segment: segment_of(row),
            })
        };
        Ok(rows.into_iter().filter_map(whole).collect())
    }
}

/// The indexed documents of a dataset, as a subquery.
fn indexed(dataset: DatasetId) -> SelectStatement {
    Query::select()
        .column(dataset_document::Column::Id)
        .from(dataset_document::Entity)
        .and_where(dataset_document::Column::DatasetId.eq(dataset.uuid()))
        .and_where(dataset_document::Column::Status.eq("completed"))
        .to_owned()
}

/// The word by which all segments of a dataset are found. No text has it in it: it begins with a character for private
/// use, which is no letter.
pub(crate) fn dataset_mark(id: Uuid) -> String {
    format!("\u{e000}{}", id.simple())
}

/// The word by which all segments of a document are found.
pub(crate) fn document_mark(id: Uuid) -> String {
    format!("\u{e001}{}", id.simple())
}

/// A vector as a column has it.
pub(crate) fn bytes_of(vector: &[f32]) -> Vec<u8> {
    vector
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect()
}

fn vector_of(bytes: &[u8]) -> Vec<f32> {
    let (numbers, _) = bytes.as_chunks::<4>();
    numbers
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect()
}

/// The best of many, of which only so many are kept.
struct Best {
    most: usize,
    heap: BinaryHeap<Reverse<Rated>>,
}

#[derive(PartialEq)]
struct Rated(f32, Uuid);

impl Eq for Rated {}

impl PartialOrd for Rated {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rated {
    /// Of two that are as near, the older one is the better.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let by_score = self.0.total_cmp(&other.0);
        by_score.then_with(|| other.1.cmp(&self.1))
    }
}

impl Best {
    fn new(most: usize) -> Self {
        Self {
            most,
            heap: BinaryHeap::new(),
        }
    }

    fn take(&mut self, segment: Uuid, score: f32) {
        self.heap.push(Reverse(Rated(score, segment)));
        if self.heap.len() > self.most {
            self.heap.pop();
        }
    }

    fn sorted(self) -> Vec<(SegmentId, f32)> {
        let rated = self.heap.into_sorted_vec().into_iter();
        rated
            .map(|Reverse(Rated(score, id))| (SegmentId::new(id), score))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{Best, bytes_of, vector_of};

    #[test]
    fn a_vector_survives_its_column() {
        let vector = [0.5, -1.0, f32::MIN_POSITIVE];
        assert_eq!(vector_of(&bytes_of(&vector)), vector);
    }

    #[test]
    fn the_best_are_kept_and_the_older_one_of_two_that_are_as_good() {
        let mut best = Best::new(2);
        for (id, score) in [(4, 0.1), (3, 0.9), (2, 0.5), (1, 0.5)] {
            best.take(Uuid::from_u128(id), score);
        }
        let sorted = best.sorted().into_iter();
        let ids: Vec<u128> = sorted.map(|(id, _)| id.uuid().as_u128()).collect();
        assert_eq!(ids, [3, 1]);
    }
}
