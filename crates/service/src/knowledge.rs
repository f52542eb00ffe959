//! The datasets of the database as nodes search them: the `Knowledge` port of the server. A dataset's own choice decides
//! who pays for the vector of a question; a dataset that chooses nobody is paid for like any other call of its run.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use latchkey_domain::credential::{
    CredentialChoice, CredentialSelector, RenderedChoice, RenderedSelector,
};
use latchkey_domain::id::{DatasetId, SegmentId, WorkspaceId};
use latchkey_domain::knowledge::{
    Dataset, EmbeddingModel, Filter, SearchMethod, Source, Technique, cosine, keyword_scores,
    normalised, terms_of_query,
};
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_models::catalogue::EXTERNAL_KNOWLEDGE;
use latchkey_models::{
    Answered, ErrorKind, InvokeError, ModelInstance, ModelManager, ModelRef, Passage,
    RetrieveRequest,
};
use latchkey_nodes::{
    AskedModel, DatasetCard, Hit, Knowledge, KnowledgeError, KnowledgeQuestion, best,
};
use latchkey_store::{Admitted, Found, Store, StoreError, VectorModel};
use serde_json::{Value as Json, json};

/// How much the nearness of vectors counts where both are searched; the rest is the words.
const VECTORS: f64 = 0.7;
/// How many segments with fitting words are compared, for each that is wanted.
const CANDIDATES: usize = 5;
/// The most facts that a model is told of.
const FACTS: usize = 50;

/// The way to the datasets of the database.
pub(crate) struct Library {
    store: Store,
    models: Arc<ModelManager>,
}

/// What several datasets can share: the vector of a question by one model and one payer.
type Vectors = HashMap<(EmbeddingModel, CredentialChoice), Vec<f32>>;

impl Library {
    pub(crate) const fn new(store: Store, models: Arc<ModelManager>) -> Self {
        Self { store, models }
    }

    /// What is found in datasets, each searched as it says itself unless `method` says otherwise.
    pub(crate) async fn look(
        &self,
        question: &KnowledgeQuestion<'_>,
        datasets: &[Dataset],
        method: Option<SearchMethod>,
        asked: &mut Vec<AskedModel>,
    ) -> Result<Vec<Hit>, KnowledgeError> {
        let mut vectors = Vectors::new();
        let mut hits = Vec::new();
        for dataset in datasets {
            if let Source::External { knowledge_id } = &dataset.source {
                hits.extend(
                    self.external(question, dataset, knowledge_id, asked)
                        .await?,
                );
                continue;
            }
            let method = method_of(dataset, method);
            let vector = match &dataset.embedding {
                Some(embedding) if method != SearchMethod::FullText => {
                    let key = (embedding.clone(), dataset.choice.clone());
                    if !vectors.contains_key(&key) {
                        let vector = self
                            .vector(question, embedding, &dataset.choice, asked)
                            .await?;
                        vectors.insert(key.clone(), vector);
                    }
                    vectors.get(&key)
                }
                Some(_) | None => None,
            };
            hits.extend(self.own(question, dataset, method, vector).await?);
        }
        Ok(hits)
    }

    async fn own(
        &self,
        question: &KnowledgeQuestion<'_>,
        dataset: &Dataset,
        method: SearchMethod,
        vector: Option<&Vec<f32>>,
    ) -> Result<Vec<Hit>, KnowledgeError> {
        let (store, workspace) = (&self.store, question.caller.workspace);
        let admitted = store.admitted(workspace, dataset.id, question.filter).await;
        let admitted = admitted.map_err(unread)?;
        let mut ids: Vec<SegmentId> = Vec::new();
        if let (Some(vector), Some(model)) = (vector, &dataset.embedding) {
            self.check_length(dataset, vector.len()).await?;
            let model = VectorModel::of(model);
            let near = store
                .nearest(
                    workspace,
                    dataset.id,
                    &model,
                    vector,
                    &admitted,
                    question.top_k,
                )
                .await;
            ids.extend(near.map_err(unread)?.into_iter().map(|(id, _)| id));
        }
        if method != SearchMethod::Semantic {
            ids.extend(self.with_words(question, dataset, &admitted).await?);
            ids.sort_unstable();
            ids.dedup();
        }
        let found = store
            .found(workspace, dataset.id, &ids)
            .await
            .map_err(unread)?;
        let hits = scored(found, question.query, dataset, method, vector);
        Ok(best(hits, None, question.top_k))
    }

    /// Vectors of another length than the dataset's would find nothing, and nobody would know why.
    async fn check_length(&self, dataset: &Dataset, length: usize) -> Result<(), KnowledgeError> {
        let known = self
            .store
            .vector_dimension(dataset.id)
            .await
            .map_err(unread)?;
        match known {
            Some(known) if known != length as u64 => {
                let text = format!(
                    "the model's vectors have {length} numbers now, those of the dataset {} have {known}",
                    dataset.name
                );
                Err(InvokeError::new(ErrorKind::BadRequest, text).into())
            }
            Some(_) | None => Ok(()),
        }
    }

    async fn with_words(
        &self,
        question: &KnowledgeQuestion<'_>,
        dataset: &Dataset,
        admitted: &Admitted,
    ) -> Result<Vec<SegmentId>, KnowledgeError> {
        let asked = terms_of_query(question.query);
        let most = (question.top_k * CANDIDATES).max(50);
        let workspace = question.caller.workspace;
        let found = self
            .store
            .with_words(workspace, dataset.id, &asked, admitted, most)
            .await;
        found.map_err(unread)
    }

    /// The vector of a question, of length one.
    async fn vector(
        &self,
        question: &KnowledgeQuestion<'_>,
        embedding: &EmbeddingModel,
        choice: &CredentialChoice,
        asked: &mut Vec<AskedModel>,
    ) -> Result<Vec<f32>, KnowledgeError> {
        let EmbeddingModel { provider, name } = embedding;
        let instance = self.instance(question, provider, name, ModelType::TextEmbedding, choice);
        let texts = [question.query.to_owned()];
        let vectors = note(name, instance.embed(&texts).await, asked)?;
        let vector = vectors.first().and_then(|vector| normalised(vector));
        vector.ok_or_else(|| {
            let text = "the model gave a vector of zeros, which is near to nothing";
            KnowledgeError::Invoke(InvokeError::new(ErrorKind::BadRequest, text))
        })
    }

    async fn external(
        &self,
        question: &KnowledgeQuestion<'_>,
        dataset: &Dataset,
        knowledge_id: &str,
        asked: &mut Vec<AskedModel>,
    ) -> Result<Vec<Hit>, KnowledgeError> {
        let request = RetrieveRequest {
            knowledge_id: knowledge_id.to_owned(),
            query: question.query.to_owned(),
            top_k: question.top_k,
            score_threshold: dataset.retrieval.score_threshold.unwrap_or_default(),
            metadata_condition: question
                .filter
                .filter(|filter| !filter.is_empty())
                .map(condition),
        };
        let provider = ProviderId::normalise(EXTERNAL_KNOWLEDGE);
        // The ledger has no kind for it; like a model that reranks, it judges how well passages answer.
        let instance = self.instance(
            question,
            &provider,
            knowledge_id,
            ModelType::Rerank,
            &dataset.choice,
        );
        let passages = note(knowledge_id, instance.retrieve(&request).await, asked)?;
        let hits = passages
            .into_iter()
            .map(|passage| foreign(passage, dataset));
        Ok(best(hits.collect(), None, question.top_k))
    }

    fn instance(
        &self,
        question: &KnowledgeQuestion<'_>,
        provider: &ProviderId,
        name: &str,
        model_type: ModelType,
        choice: &CredentialChoice,
    ) -> ModelInstance {
        let model = model_of(provider, name, model_type, choice);
        let instance = self.models.model_instance(question.caller, &model);
        instance.stopped_by(question.cancel.clone())
    }
}

#[async_trait]
impl Knowledge for Library {
    async fn datasets(
        &self,
        workspace: WorkspaceId,
        named: &[String],
    ) -> Result<Vec<DatasetCard>, KnowledgeError> {
        let found = self
            .store
            .named_datasets(workspace, named)
            .await
            .map_err(unread)?;
        let mut cards: Vec<DatasetCard> = Vec::new();
        for (_, dataset) in found {
            if cards.iter().any(|card| card.id == dataset.id) {
                continue;
            }
            cards.push(DatasetCard {
                id: dataset.id,
                has_documents: dataset.documents > 0 || dataset.source != Source::Own,
                name: dataset.name,
                description: dataset.description,
                retrieval: dataset.retrieval,
            });
        }
        Ok(cards)
    }

    async fn metadata_names(
        &self,
        workspace: WorkspaceId,
        datasets: &[DatasetId],
    ) -> Result<Vec<String>, KnowledgeError> {
        let mut names = Vec::new();
        for dataset in datasets {
            let of_one = self.store.metadata_names(workspace, *dataset, FACTS).await;
            names.extend(of_one.map_err(unread)?);
        }
        names.sort();
        names.dedup();
        names.truncate(FACTS);
        Ok(names)
    }

    async fn search(
        &self,
        question: &KnowledgeQuestion<'_>,
        asked: &mut Vec<AskedModel>,
    ) -> Result<Vec<Hit>, KnowledgeError> {
        let mut datasets = Vec::with_capacity(question.datasets.len());
        for id in question.datasets {
            let dataset = self.store.dataset(question.caller.workspace, *id).await;
            datasets.extend(dataset.map_err(unread)?);
        }
        let hits = self.look(question, &datasets, None, asked).await?;
        let segments: Vec<SegmentId> = hits
            .iter()
            .filter_map(|hit| Some(hit.segment.as_ref()?.id))
            .collect();
        if !segments.is_empty()
            && let Err(error) = self.store.count_hits(&segments).await
        {
            tracing::warn!(%error, "what was found cannot be counted");
        }
        Ok(hits)
    }
}

/// A model that a dataset uses, with the dataset's choice of who pays for it: what a run states does not change that.
pub(crate) fn model_of(
    provider: &ProviderId,
    name: &str,
    model_type: ModelType,
    choice: &CredentialChoice,
) -> ModelRef {
    let selector = CredentialSelector {
        choice: choice.clone(),
        ..CredentialSelector::default()
    };
    let is_silent = selector.is_silent();
    let rendered = RenderedChoice {
        choice: choice.clone(),
        by_run: false,
    };
    ModelRef {
        provider: provider.clone(),
        model: name.to_owned(),
        model_type,
        selector_source: CredentialSelector {
            locked: !is_silent,
            ..selector
        },
        rendered: if is_silent {
            RenderedSelector::Silent
        } else {
            RenderedSelector::Choice(rendered)
        },
    }
}

/// How a dataset is searched: without vectors by words, whatever anybody says.
fn method_of(dataset: &Dataset, stated: Option<SearchMethod>) -> SearchMethod {
    match dataset.technique {
        Technique::Economy => SearchMethod::FullText,
        Technique::HighQuality => stated
            .or(dataset.retrieval.search_method)
            .unwrap_or_default(),
    }
}

/// What was found, scored as it was searched.
fn scored(
    found: Vec<Found>,
    query: &str,
    dataset: &Dataset,
    method: SearchMethod,
    vector: Option<&Vec<f32>>,
) -> Vec<Hit> {
    let contents: Vec<String> = found.iter().map(|one| one.segment.shown()).collect();
    let texts: Vec<&str> = contents.iter().map(String::as_str).collect();
    let words = keyword_scores(query, &texts);
    let all = found.into_iter().zip(contents.iter().zip(words));
    let hit = |(one, (content, words)): (Found, (&String, f64))| {
        let near = vector.zip(one.vector.as_ref());
        let near = near.map(|(asked, own)| f64::from(cosine(asked, own)));
        let nearness = near.unwrap_or_default();
        Hit {
            dataset: dataset.id,
            dataset_name: dataset.name.clone(),
            document_id: one.document.id.to_string(),
            document_name: one.document.name,
            metadata: one.document.metadata,
            segment: Some(one.segment),
            content: content.clone(),
            score: match method {
                SearchMethod::Semantic => nearness,
                SearchMethod::FullText => words,
                SearchMethod::Hybrid => VECTORS * nearness + (1.0 - VECTORS) * words,
            },
            vector_score: near,
        }
    };
    all.map(hit).collect()
}

fn foreign(passage: Passage, dataset: &Dataset) -> Hit {
    let id = passage.metadata.get("document_id").and_then(Json::as_str);
    Hit {
        dataset: dataset.id,
        dataset_name: dataset.name.clone(),
        document_id: id.unwrap_or(&passage.title).to_owned(),
        document_name: passage.title,
        metadata: passage.metadata.clone(),
        segment: None,
        content: passage.content,
        score: passage.score,
        vector_score: None,
    }
}

/// Conditions as the external knowledge API has them.
fn condition(filter: &Filter) -> Json {
    let conditions = filter.conditions.iter().map(|one| {
        json!({"name": [one.name], "comparison_operator": one.comparison_operator, "value": one.value})
    });
    json!({"logical_operator": filter.logical_operator, "conditions": conditions.collect::<Vec<_>>()})
}

/// Takes note of the calls that an answer took.
pub(crate) fn note<T>(
    model: &str,
    answered: Result<Answered<T>, InvokeError>,
    asked: &mut Vec<AskedModel>,
) -> Result<T, InvokeError> {
    match answered {
        Ok(answered) => {
            let resolution = answered.resolution.as_ref();
            let calls = answered.calls.iter();
            asked.extend(calls.map(|report| AskedModel::of(model, resolution, report)));
            Ok(answered.value)
        }
        Err(error) => {
            asked.push(AskedModel::failed(model, &error));
            Err(error)
        }
    }
}

fn unread(error: StoreError) -> KnowledgeError {
    tracing::error!(%error, "datasets cannot be read");
    KnowledgeError::Unavailable("the datasets cannot be read now".to_owned())
}
