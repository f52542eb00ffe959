//! Indexing: documents are cut, embedded and kept batch by batch by a few workers in the background. Each batch is one
//! transaction, so a crash loses one batch at most, and the next start goes on after the last one. A document that is
//! deleted meanwhile is not found any more when its next batch is to be kept. Of several processes one works at a document: it is
//! a duty, kept batch by batch, that another takes up when that process has died.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use latchkey_domain::credential::Environment;
use latchkey_domain::credential::{CredentialCode, Overrides, Principal};
use latchkey_domain::id::{DocumentId, SegmentId, WorkspaceId};
use latchkey_domain::knowledge::{
    Dataset, Document, EmbeddingModel, IndexingError, Segment, Status, normalised,
};
use latchkey_domain::provider::ModelType;
use latchkey_engine::clock::Clock;
use latchkey_models::{ErrorKind, InvokeError, ModelInstance, ModelManager, WorkflowContext};
use latchkey_store::{DocumentBody, NewSegment, Store, StoreError, VectorModel};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::chunking::segments;
use crate::knowledge::model_of;
use crate::lock;

/// Documents that are indexed at the same time.
const WORKERS: usize = 2;
/// Segments of one batch of a dataset without vectors.
const BATCH: usize = 64;
/// The most segments of a document.
const MOST: usize = 20_000;
/// How often a batch is embedded again that the provider could not take, and the pause before the first time.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How long a process has a document before it must say that it still has it, in milliseconds: longer than any batch.
const TERM: i64 = 10 * 60 * 1000;
/// The pause before a document is taken up again that the database could not keep.
const AWAY: Duration = Duration::from_secs(1);

/// Indexes documents.
pub(crate) struct Indexer {
    store: Store,
    models: Arc<ModelManager>,
    clock: Arc<dyn Clock>,
    runtime: Handle,
    tracker: TaskTracker,
    stop: CancellationToken,
    state: Mutex<State>,
    /// This process, among others.
    process: Uuid,
}

#[derive(Default)]
struct State {
    workers: usize,
    /// How often somebody has said that there is work: whoever found none since then may rest.
    asked: u64,
    active: HashSet<DocumentId>,
}

/// What the duty to index a document is called.
fn duty(document: DocumentId) -> String {
    format!("index {document}")
}

/// Why indexing a document came to an end before its end.
enum Halt {
    /// The process ends, or the document is gone: nothing is to be said about it.
    Leave,
    /// The database is away.
    Away(StoreError),
    /// It cannot be indexed.
    Fail(IndexingError),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Away(error)
    }
}

/// A piece of a document: a text, or a question with its answer.
type Piece = (String, Option<String>);

impl Indexer {
    pub(crate) fn new(
        store: Store,
        models: Arc<ModelManager>,
        clock: Arc<dyn Clock>,
        runtime: Handle,
        process: Uuid,
    ) -> Self {
        Self {
            process,
            store,
            models,
            clock,
            runtime,
            tracker: TaskTracker::new(),
            stop: CancellationToken::new(),
            state: Mutex::default(),
        }
    }

    /// Says that there may be work.
    pub(crate) fn wake(self: &Arc<Self>) {
        let mut state = lock(&self.state);
        state.asked += 1;
        if self.stop.is_cancelled() || state.workers >= WORKERS {
            return;
        }
        state.workers += 1;
        let work = Arc::clone(self).work();
        self.tracker.spawn_on(work, &self.runtime);
    }

    /// Begins to end: calls under way are given up, and their documents are taken up by the next start.
    pub(crate) fn end(&self) {
        self.stop.cancel();
        self.tracker.close();
    }

    /// Waits until nobody works any more.
    pub(crate) async fn ended(&self) {
        self.tracker.wait().await;
    }

    async fn work(self: Arc<Self>) {
        while !self.stop.is_cancelled() {
            let asked = lock(&self.state).asked;
            match self.take().await {
                Ok(Some(document)) => {
                    let id = document.id;
                    if let Err(Halt::Away(cause)) = self.index(document).await {
                        tracing::warn!(document = %id, %cause, "indexing waits for the database");
                        self.pause(AWAY).await;
                    }
                    if let Err(cause) = self.store.leave_duty(&duty(id), self.process).await {
                        tracing::warn!(document = %id, %cause, "other processes learn late that it is free");
                    }
                    lock(&self.state).active.remove(&id);
                }
                Ok(None) => {
                    let mut state = lock(&self.state);
                    if state.asked == asked {
                        state.workers -= 1;
                        return;
                    }
                }
                Err(cause) => {
                    tracing::warn!(%cause, "indexing waits for the database");
                    self.pause(AWAY).await;
                }
            }
        }
        lock(&self.state).workers -= 1;
    }

    /// A document that nobody works at.
    async fn take(&self) -> Result<Option<Document>, StoreError> {
        let mut elsewhere = Vec::new();
        loop {
            let mut active: Vec<DocumentId> = lock(&self.state).active.iter().copied().collect();
            active.extend(&elsewhere);
            let Some(next) = self.store.next_unindexed(&active).await? else {
                return Ok(None);
            };
            if !self.is_ours(next.id).await? {
                elsewhere.push(next.id);
            } else if lock(&self.state).active.insert(next.id) {
                return Ok(Some(next));
            }
        }
    }

    /// Whether this process works at a document; it has it for a term then.
    async fn is_ours(&self, id: DocumentId) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let until = now.plus_millis(TERM);
        self.store
            .take_duty(&duty(id), self.process, now, until)
            .await
    }

    async fn pause(&self, time: Duration) {
        // Whoever is told to end does not wait.
        let _ = tokio::time::timeout(time, self.stop.cancelled()).await;
    }

    /// Indexes a document; what went wrong with it is kept with it.
    async fn index(&self, document: Document) -> Result<(), Halt> {
        let id = document.id;
        match self.index_to_end(document).await {
            Err(Halt::Fail(error)) => {
                let from = [Status::Waiting, Status::Indexing];
                let moved = self.move_to(id, &from, Status::Error, Some(&error)).await;
                moved.map(drop).map_err(Halt::Away)
            }
            other => other,
        }
    }

    async fn index_to_end(&self, mut document: Document) -> Result<(), Halt> {
        let from = [Status::Waiting, Status::Indexing];
        if !self
            .move_to(document.id, &from, Status::Indexing, None)
            .await?
        {
            return Ok(());
        }
        let dataset = self
            .store
            .dataset(document.workspace, document.dataset)
            .await?;
        let dataset = dataset.ok_or(Halt::Leave)?;
        let pieces = self.pieces(&document).await?;
        let embedder = Embedder::of(self, &dataset, &document);
        let batch = embedder
            .as_ref()
            .map_or(BATCH, |one| one.instance.embedding_batch());
        let done = usize::try_from(document.segments)
            .unwrap_or(usize::MAX)
            .min(pieces.len());
        for pieces in pieces[done..].chunks(batch) {
            let vectors = match &embedder {
                Some(embedder) => embedder
                    .vectors(self, &dataset, pieces)
                    .await?
                    .into_iter()
                    .map(Some)
                    .collect(),
                None => vec![None; pieces.len()],
            };
            let new = self.segments(&document, pieces, vectors);
            let model = embedder.as_ref().map(|one| &one.model);
            let now = self.clock.now();
            if self.stop.is_cancelled()
                || !self.is_ours(document.id).await?
                || !self.store.add_segments(&document, &new, model, now).await?
            {
                return Err(Halt::Leave);
            }
            document.segments += new.len() as u64;
        }
        self.move_to(document.id, &[Status::Indexing], Status::Completed, None)
            .await?;
        Ok(())
    }

    async fn move_to(
        &self,
        document: DocumentId,
        from: &[Status],
        to: Status,
        error: Option<&IndexingError>,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        self.store
            .move_document(document, from, to, error, now)
            .await
    }

    /// What a document is cut into.
    async fn pieces(&self, document: &Document) -> Result<Vec<Piece>, Halt> {
        let body = self.store.document_body(document.id, document.form).await?;
        let lost = "its text is not there any more: add the document again";
        let body = body.ok_or_else(|| fail("internal", lost))?;
        let chunking = document.chunking.clone();
        let cutting = self.runtime.spawn_blocking(move || match body {
            DocumentBody::Text(text) => {
                let pieces = segments(&text, &chunking).into_iter();
                pieces.map(|piece| (piece, None)).collect::<Vec<Piece>>()
            }
            DocumentBody::Pairs(pairs) => {
                let pairs = pairs.into_iter();
                pairs
                    .map(|pair| (pair.question, Some(pair.answer)))
                    .collect()
            }
        });
        let pieces = cutting.await.map_err(|cause| {
            tracing::error!(document = %document.id, %cause, "a document cannot be cut");
            fail(
                "internal",
                "the document could not be cut; the server's log says why",
            )
        })?;
        if pieces.is_empty() {
            return Err(fail(
                "document_empty",
                "there is nothing in it that could be found",
            ));
        }
        if pieces.len() > MOST {
            let text = format!(
                "it has {} segments, {MOST} is the most: make them longer, or divide it",
                pieces.len()
            );
            return Err(fail("document_too_many_segments", text));
        }
        Ok(pieces)
    }

    fn segments(
        &self,
        document: &Document,
        pieces: &[Piece],
        vectors: Vec<Option<Vec<f32>>>,
    ) -> Vec<NewSegment> {
        let first = u32::try_from(document.segments).unwrap_or(u32::MAX);
        let numbered = (first.saturating_add(1)..).zip(pieces).zip(vectors);
        let new = numbered.map(|((position, (content, answer)), vector)| NewSegment {
            segment: Segment {
                id: SegmentId::new(Uuid::now_v7()),
                document: document.id,
                dataset: document.dataset,
                position,
                content: content.clone(),
                answer: answer.clone(),
                hits: 0,
                created_at: self.clock.now(),
            },
            vector,
        });
        new.collect()
    }
}

/// The model of a dataset, ready to be asked by whoever asked for a document.
struct Embedder {
    instance: ModelInstance,
    model: VectorModel,
}

impl Embedder {
    fn of(indexer: &Indexer, dataset: &Dataset, document: &Document) -> Option<Self> {
        let embedding: &EmbeddingModel = dataset.embedding.as_ref()?;
        let caller = without_run(
            document.workspace,
            document.created_by,
            document.environment.clone(),
        );
        let asked = model_of(
            &embedding.provider,
            &embedding.name,
            ModelType::TextEmbedding,
            &dataset.choice,
        );
        let instance = indexer.models.model_instance(&caller, &asked);
        Some(Self {
            instance: instance.stopped_by(indexer.stop.clone()),
            model: VectorModel::of(embedding),
        })
    }

    /// The vectors of pieces: of a pair, that of its question. What the provider cannot take now is tried again.
    async fn vectors(
        &self,
        indexer: &Indexer,
        dataset: &Dataset,
        pieces: &[Piece],
    ) -> Result<Vec<Vec<f32>>, Halt> {
        let texts: Vec<String> = pieces.iter().map(|(text, _)| text.clone()).collect();
        let mut pause = PAUSE;
        let mut tries = 1;
        let answered = loop {
            match self.instance.embed(&texts).await {
                Ok(answered) => break answered.value,
                Err(error) if error.kind == ErrorKind::RunOver => return Err(Halt::Leave),
                Err(error) if tries < TRIES && may_pass(&error) => {
                    let asked = error.retry_after.unwrap_or(pause);
                    indexer.pause(asked.min(LONGEST_PAUSE)).await;
                    pause *= 2;
                    tries += 1;
                }
                Err(error) => return Err(Halt::Fail(told(&error))),
            }
        };
        let known = indexer.store.vector_dimension(dataset.id).await?;
        let length = answered.first().map(|vector| vector.len() as u64);
        if let (Some(known), Some(length)) = (known, length)
            && known != length
        {
            let text = format!(
                "the model's vectors have {length} numbers now, those of the dataset have {known}: make a new dataset"
            );
            return Err(fail("embedding_dimension_changed", text));
        }
        let vectors = answered.iter().map(|vector| normalised(vector));
        let vectors: Option<Vec<Vec<f32>>> = vectors.collect();
        let nothing = "the model gave a vector of zeros, which is near to nothing";
        vectors.ok_or_else(|| fail("embedding_invalid", nothing))
    }
}

fn fail(code: &str, message: impl Into<String>) -> Halt {
    Halt::Fail(IndexingError {
        code: code.to_owned(),
        message: message.into(),
    })
}

/// Whether the same may go well later.
fn may_pass(error: &InvokeError) -> bool {
    let of_ours = error.credential.as_ref().map(|failure| failure.code);
    match error.kind {
        ErrorKind::RateLimit | ErrorKind::Connection | ErrorKind::ServerUnavailable => {
            !error.misdirected
        }
        ErrorKind::Credential => of_ours == Some(CredentialCode::RateLimited),
        ErrorKind::Authorization
        | ErrorKind::BadRequest
        | ErrorKind::RunOver
        | ErrorKind::Internal => false,
    }
}

/// What is kept of a failed call. Of a credential only the code: who reads documents may not read credentials.
pub(crate) fn told(error: &InvokeError) -> IndexingError {
    let code = error.code();
    let message = match &error.credential {
        Some(_) => format!("the credential that is to pay for it cannot be used: {code}"),
        None => error.message.clone(),
    };
    IndexingError { code, message }
}

/// The context of a call that belongs to no run: whoever asked for it is the caller and the author.
pub(crate) const fn without_run(
    workspace: WorkspaceId,
    caller: Principal,
    environment: Environment,
) -> WorkflowContext {
    WorkflowContext {
        workspace,
        workflow: None,
        workflow_name: None,
        version: None,
        author: caller,
        caller,
        run: None,
        epoch: 0,
        node: None,
        node_execution: None,
        iteration_path: Vec::new(),
        environment,
        end_user: None,
        overrides: Overrides::new(),
        attempt: 1,
    }
}
