//! Datasets, documents and segments; finding them again is in `search`.

use latchkey_domain::credential::{CredentialChoice, Environment, Principal};
use latchkey_domain::id::{DatasetId, DocumentId, SegmentId, WorkspaceId};
use latchkey_domain::knowledge::{
    Chunking, Dataset, Document, EmbeddingModel, Form, IndexingError, Retrieval, Segment, Source,
    Status, Technique, terms_of_query,
};
use latchkey_domain::provider::ProviderId;
use latchkey_store::{
    Admitted, DocumentBody, DocumentPlace, NewSegment, Page, StoreError, VectorModel,
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::samples::NOW;
use crate::world::{World, on_both};

pub(crate) fn dataset(workspace: WorkspaceId, name: &str) -> Dataset {
    Dataset {
        id: DatasetId::new(Uuid::now_v7()),
        workspace,
        name: name.to_owned(),
        description: String::new(),
        aliases: Vec::new(),
        source: Source::Own,
        technique: Technique::HighQuality,
        embedding: Some(model()),
        choice: CredentialChoice::default(),
        retrieval: Retrieval::default(),
        chunking: Chunking::default(),
        documents: 0,
        created_at: NOW,
        updated_at: NOW,
    }
}

pub(crate) fn model() -> EmbeddingModel {
    EmbeddingModel {
        provider: ProviderId::normalise("simulated"),
        name: "simulated-embedding".to_owned(),
    }
}

pub(crate) fn vector_model() -> VectorModel {
    VectorModel::of(&model())
}

pub(crate) fn place(of: &Document) -> DocumentPlace {
    DocumentPlace {
        workspace: of.workspace,
        dataset: of.dataset,
        document: of.id,
    }
}

impl World {
    pub(crate) async fn dataset(&self, name: &str) -> Dataset {
        let new = dataset(self.workspace, name);
        self.store.insert_dataset(&new).await.unwrap();
        new
    }

    /// A document that is being indexed and has no segments yet.
    async fn indexing(&self, of: &Dataset, metadata: Json) -> Document {
        let document = Document {
            id: DocumentId::new(Uuid::now_v7()),
            workspace: of.workspace,
            dataset: of.id,
            name: "document".to_owned(),
            metadata: metadata.as_object().unwrap().clone(),
            form: Form::Text,
            chunking: Chunking::default(),
            status: Status::Waiting,
            error: None,
            segments: 0,
            characters: 0,
            created_by: Principal::Operator,
            environment: Environment("production".to_owned()),
            created_at: NOW,
            updated_at: NOW,
        };
        let body = DocumentBody::Text("the text".to_owned());
        self.store.insert_document(&document, &body).await.unwrap();
        assert!(
            self.moved(&document, Status::Waiting, Status::Indexing)
                .await
        );
        document
    }

    async fn moved(&self, document: &Document, from: Status, to: Status) -> bool {
        self.store
            .move_document(document.id, &[from], to, None, NOW)
            .await
            .unwrap()
    }

    /// A document that is indexed, with these texts and vectors.
    pub(crate) async fn indexed(
        &self,
        of: &Dataset,
        metadata: Json,
        texts: &[(&str, &[f32])],
    ) -> Document {
        let document = self.indexing(of, metadata).await;
        let new = segments(&document, texts);
        let model = vector_model();
        let added = self
            .store
            .add_segments(&document, &new, Some(&model), NOW)
            .await;
        assert!(added.unwrap());
        assert!(
            self.moved(&document, Status::Indexing, Status::Completed)
                .await
        );
        document
    }

    pub(crate) async fn nearest(
        &self,
        of: &Dataset,
        vector: &[f32],
        admitted: &Admitted,
    ) -> Vec<SegmentId> {
        let found = self
            .store
            .nearest(of.workspace, of.id, &vector_model(), vector, admitted, 3)
            .await;
        found.unwrap().into_iter().map(|(id, _)| id).collect()
    }

    /// The texts with words of a question, sorted.
    pub(crate) async fn with_words(&self, of: &Dataset, question: &str) -> Vec<String> {
        let terms = terms_of_query(question);
        let ids = self
            .store
            .with_words(of.workspace, of.id, &terms, &Admitted::All, 10)
            .await
            .unwrap();
        let found = self.store.found(of.workspace, of.id, &ids).await.unwrap();
        let mut texts: Vec<String> = found.into_iter().map(|one| one.segment.content).collect();
        texts.sort();
        texts
    }
}

fn segments(document: &Document, texts: &[(&str, &[f32])]) -> Vec<NewSegment> {
    let first = u32::try_from(document.segments).unwrap() + 1;
    let numbered = (first..).zip(texts);
    let new = numbered.map(|(position, (text, vector))| NewSegment {
        segment: Segment {
            id: SegmentId::new(Uuid::now_v7()),
            document: document.id,
            dataset: document.dataset,
            position,
            content: (*text).to_owned(),
            answer: None,
            hits: 0,
            created_at: NOW,
        },
        vector: (!vector.is_empty()).then(|| vector.to_vec()),
    });
    new.collect()
}

#[tokio::test]
async fn a_dataset_is_kept_as_it_is_and_found_by_all_it_is_called() {
    on_both(async |world| {
        let mut new = dataset(world.workspace, "manual");
        new.aliases = vec!["from-dify/==".to_owned(), "other".to_owned()];
        new.choice.credential_name = Some("house".to_owned());
        new.retrieval.score_threshold = Some(0.5);
        world.store.insert_dataset(&new).await.unwrap();
        let kept = world.store.dataset(world.workspace, new.id).await.unwrap();
        assert_eq!(kept.as_ref(), Some(&new));
        let id = new.id.to_string();
        let names = [&*id, "other", "manual", "from-dify/==", "nobody"].map(str::to_owned);
        let found = world
            .store
            .named_datasets(world.workspace, &names)
            .await
            .unwrap();
        let found: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(found, [&*id, "other", "manual", "from-dify/=="]);
        let neighbour = world.neighbour().await;
        assert!(
            world
                .store
                .named_datasets(neighbour, &names)
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(world.store.dataset(neighbour, new.id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn names_and_aliases_are_taken_once_in_a_workspace() {
    on_both(async |world| {
        let mut first = world.dataset("first").await;
        first.aliases = vec!["alias".to_owned()];
        world.store.change_dataset(&first).await.unwrap();
        let mut second = dataset(world.workspace, "first");
        assert_eq!(
            world.store.insert_dataset(&second).await,
            Err(StoreError::Taken)
        );
        second.name = "second".to_owned();
        second.aliases = vec!["alias".to_owned()];
        assert_eq!(
            world.store.insert_dataset(&second).await,
            Err(StoreError::Taken)
        );
        let unheard = world.store.dataset(world.workspace, second.id).await;
        assert_eq!(unheard.unwrap(), None, "half a dataset");
        first.aliases.clear();
        world.store.change_dataset(&first).await.unwrap();
        world.store.insert_dataset(&second).await.unwrap();
        let mut theirs = dataset(world.neighbour().await, "first");
        theirs.aliases = vec!["alias".to_owned()];
        world.store.insert_dataset(&theirs).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_batch_is_kept_only_after_the_one_before_it() {
    on_both(async |world| {
        let of = world.dataset("manual").await;
        let mut document = world.indexing(&of, json!({})).await;
        let batch = segments(&document, &[("one", &[]), ("two", &[])]);
        let add = async |document: &Document, batch: &[NewSegment]| {
            world
                .store
                .add_segments(document, batch, None, NOW)
                .await
                .unwrap()
        };
        assert!(add(&document, &batch).await);
        assert!(!add(&document, &segments(&document, &[("again", &[])])).await);
        document.segments = 2;
        assert!(add(&document, &segments(&document, &[("three", &[])])).await);
        let kept = world
            .store
            .segments(place(&document), Page::first(2))
            .await
            .unwrap();
        let texts: Vec<&str> = kept.rows.iter().map(|one| one.content.as_str()).collect();
        assert_eq!((texts, kept.next.is_some()), (vec!["one", "two"], true));
        let whole = world
            .store
            .document(place(&document))
            .await
            .unwrap()
            .unwrap();
        assert_eq!((whole.segments, whole.characters), (3, 11));
        assert!(
            world.with_words(&of, "one").await.is_empty(),
            "it is not completed"
        );
        assert!(
            world
                .moved(&document, Status::Indexing, Status::Completed)
                .await
        );
        assert_eq!(world.with_words(&of, "one three").await, ["one", "three"]);
        let body = world.store.document_body(document.id, Form::Text).await;
        assert_eq!(body.unwrap(), None, "its text is needed no more");
    })
    .await;
}

#[tokio::test]
async fn what_a_crash_has_left_is_taken_up_again() {
    on_both(async |world| {
        let of = world.dataset("manual").await;
        let half = world.indexing(&of, json!({})).await;
        let done = world.indexed(&of, json!({}), &[]).await;
        let failed = world.indexing(&of, json!({})).await;
        let error = IndexingError {
            code: "document_empty".to_owned(),
            message: "nothing".to_owned(),
        };
        let store = &world.store;
        let from = [Status::Indexing];
        store
            .move_document(failed.id, &from, Status::Error, Some(&error), NOW)
            .await
            .unwrap();
        let world = world.reopened().await;
        let next = world.store.next_unindexed(&[]).await.unwrap();
        assert_eq!(next.map(|document| document.id), Some(half.id));
        assert_eq!(world.store.next_unindexed(&[half.id]).await.unwrap(), None);
        let failed = world.store.document(place(&failed)).await.unwrap().unwrap();
        assert_eq!(failed.error, Some(error));
        assert!(!world.moved(&done, Status::Error, Status::Waiting).await);
        world.store.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_document_that_is_deleted_while_it_is_indexed_leaves_nothing() {
    on_both(async |world| {
        let of = world.dataset("manual").await;
        let mut document = world.indexing(&of, json!({})).await;
        let batch = segments(&document, &[("secret plans", &[1.0, 0.0])]);
        let model = vector_model();
        let add = async |document: &Document, batch: &[NewSegment]| {
            world
                .store
                .add_segments(document, batch, Some(&model), NOW)
                .await
                .unwrap()
        };
        assert!(add(&document, &batch).await);
        let elsewhere = DocumentPlace {
            workspace: world.neighbour().await,
            ..place(&document)
        };
        assert_eq!(
            world.store.delete_document(elsewhere).await,
            Err(StoreError::NotFound)
        );
        world.store.delete_document(place(&document)).await.unwrap();
        document.segments = 1;
        assert!(!add(&document, &segments(&document, &[("more", &[])])).await);
        assert!(world.with_words(&of, "secret plans").await.is_empty());
        assert_eq!(world.store.vector_dimension(of.id).await.unwrap(), None);
        assert!(
            !world
                .moved(&document, Status::Indexing, Status::Completed)
                .await
        );
        assert_eq!(
            world.store.delete_document(place(&document)).await,
            Err(StoreError::NotFound)
        );
    })
    .await;
}

#[tokio::test]
async fn a_deleted_dataset_takes_everything_with_it_and_nothing_else() {
    on_both(async |world| {
        let (ours, other) = (world.dataset("ours").await, world.dataset("other").await);
        for _ in 0..3 {
            world.indexed(&ours, json!({}), &[("word", &[1.0])]).await;
        }
        world.indexed(&other, json!({}), &[("word", &[1.0])]).await;
        let neighbour = world.neighbour().await;
        let refused = world.store.delete_dataset(neighbour, ours.id).await;
        assert_eq!(refused, Err(StoreError::NotFound));
        world
            .store
            .delete_dataset(world.workspace, ours.id)
            .await
            .unwrap();
        assert!(world.with_words(&ours, "word").await.is_empty());
        assert!(
            world
                .nearest(&ours, &[1.0], &Admitted::All)
                .await
                .is_empty()
        );
        assert_eq!(world.with_words(&other, "word").await, ["word"]);
        assert_eq!(world.nearest(&other, &[1.0], &Admitted::All).await.len(), 1);
        let gone = world.store.delete_dataset(world.workspace, ours.id).await;
        assert_eq!(gone, Err(StoreError::NotFound));
    })
    .await;
}

#[tokio::test]
async fn what_runs_find_is_counted() {
    on_both(async |world| {
        let of = world.dataset("manual").await;
        let document = world
            .indexed(&of, json!({}), &[("one", &[]), ("two", &[])])
            .await;
        let kept = world
            .store
            .segments(place(&document), Page::first(10))
            .await
            .unwrap();
        let first = kept.rows[0].id;
        for _ in 0..2 {
            world.store.count_hits(&[first]).await.unwrap();
        }
        let kept = world
            .store
            .segments(place(&document), Page::first(10))
            .await
            .unwrap();
        let hits: Vec<u64> = kept.rows.iter().map(|one| one.hits).collect();
        assert_eq!(hits, [2, 0]);
    })
    .await;
}

#[tokio::test]
async fn a_document_needs_its_dataset() {
    on_both(async |world| {
        let of = dataset(world.workspace, "never made");
        let document = Document {
            id: DocumentId::new(Uuid::now_v7()),
            workspace: of.workspace,
            dataset: of.id,
            name: "document".to_owned(),
            metadata: serde_json::Map::new(),
            form: Form::Text,
            chunking: Chunking::default(),
            status: Status::Waiting,
            error: None,
            segments: 0,
            characters: 0,
            created_by: Principal::Operator,
            environment: Environment("production".to_owned()),
            created_at: NOW,
            updated_at: NOW,
        };
        let body = DocumentBody::Text("text".to_owned());
        let kept = world.store.insert_document(&document, &body).await;
        assert_eq!(kept, Err(StoreError::NotFound));
    })
    .await;
}
