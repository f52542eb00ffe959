//! Datasets, their documents and segments, and what a search finds.

use latchkey_domain::credential::CredentialChoice;
use latchkey_domain::knowledge::{
    Chunking, Condition, Dataset, Document, EmbeddingModel, Filter, Form, Logic, Operator, Pair,
    Retrieval, SearchMethod, Segment, Source, Technique, Unit,
};
use latchkey_domain::provider::ProviderId;
use latchkey_service::Hit;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::{IntoParams, ToSchema};

use crate::body::Object;

/// A model of a dataset.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DatasetModel {
    /// Its provider, such as `openai`.
    provider: String,
    /// Its name there.
    name: String,
}

impl From<DatasetModel> for EmbeddingModel {
    fn from(model: DatasetModel) -> Self {
        Self {
            provider: ProviderId::normalise(&model.provider),
            name: model.name,
        }
    }
}

impl From<EmbeddingModel> for DatasetModel {
    fn from(model: EmbeddingModel) -> Self {
        Self {
            provider: model.provider.to_string(),
            name: model.name,
        }
    }
}

/// The knowledge of somebody else that a dataset stands for.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExternalBody {
    /// What the other side calls it.
    pub(crate) knowledge_id: String,
}

/// How a text is cut: `max_tokens` or `max_characters`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChunkingBody {
    /// How many tokens a segment may have, roughly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_tokens: Option<u32>,
    /// How many characters a segment may have; 1024 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_characters: Option<u32>,
    /// How much of the segment before is repeated where a passage had to be cut; 50 unless said, never over half a segment.
    overlap: Option<u32>,
    /// Where a text is always cut; a blank line unless said.
    separator: Option<String>,
}

impl From<ChunkingBody> for Chunking {
    fn from(body: ChunkingBody) -> Self {
        let usual = Self::default();
        let (unit, max) = match (body.max_tokens, body.max_characters) {
            (Some(max), _) => (Unit::Tokens, max),
            (None, max) => (Unit::Characters, max.unwrap_or(usual.max)),
        };
        Self {
            unit,
            max,
            overlap: body.overlap.unwrap_or(usual.overlap.min(max / 2)),
            separator: body.separator.unwrap_or(usual.separator),
        }
    }
}

impl From<Chunking> for ChunkingBody {
    fn from(chunking: Chunking) -> Self {
        let max = |unit| (chunking.unit == unit).then_some(chunking.max);
        Self {
            max_tokens: max(Unit::Tokens),
            max_characters: max(Unit::Characters),
            overlap: Some(chunking.overlap),
            separator: Some(chunking.separator),
        }
    }
}

/// How a dataset is searched when nobody says otherwise.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetrievalBody {
    /// `semantic`, `full_text` or `hybrid`; by vectors where there are any, unless said.
    #[schema(value_type = Option<String>)]
    search_method: Option<SearchMethod>,
    /// How many segments are found at most: 1 to 100, 4 unless said.
    top_k: Option<u32>,
    /// What a segment must score at least.
    score_threshold: Option<f64>,
}

impl From<RetrievalBody> for Retrieval {
    fn from(body: RetrievalBody) -> Self {
        Self {
            search_method: body.search_method,
            top_k: body.top_k.unwrap_or(Self::default().top_k),
            score_threshold: body.score_threshold,
        }
    }
}

impl From<Retrieval> for RetrievalBody {
    fn from(retrieval: Retrieval) -> Self {
        Self {
            search_method: retrieval.search_method,
            top_k: Some(retrieval.top_k),
            score_threshold: retrieval.score_threshold,
        }
    }
}

/// A dataset that is to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDatasetBody {
    /// Its name, unique in the workspace.
    pub(crate) name: String,
    /// What is in it: a model that has to choose between datasets reads this.
    #[serde(default)]
    pub(crate) description: String,
    /// What other installations call it: the ids that stand in imported files.
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    /// The knowledge of somebody else that it stands for; its content is here unless said.
    #[schema(value_type = Option<ExternalBody>)]
    pub(crate) external: Option<Object<ExternalBody>>,
    /// `high_quality` (vectors and words) or `economy` (words alone); the former if there is a model, unless said.
    #[schema(value_type = Option<String>)]
    pub(crate) technique: Option<Technique>,
    /// The model of its vectors.
    #[schema(value_type = Option<DatasetModel>)]
    pub(crate) embedding_model: Option<Object<DatasetModel>>,
    /// The credential that pays for its calls, by id.
    pub(crate) credential_id: Option<String>,
    /// The credential that pays for its calls, by name.
    pub(crate) credential_name: Option<String>,
    /// How it is searched when nobody says otherwise.
    #[schema(value_type = Option<RetrievalBody>)]
    pub(crate) retrieval: Option<Object<RetrievalBody>>,
    /// How documents are cut when they do not say otherwise.
    #[schema(value_type = Option<ChunkingBody>)]
    pub(crate) chunking: Option<Object<ChunkingBody>>,
}

/// What is changed of a dataset; absent fields stay.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DatasetChangeBody {
    /// Its name.
    pub(crate) name: Option<String>,
    /// What is in it.
    pub(crate) description: Option<String>,
    /// What other installations call it: all of them.
    pub(crate) aliases: Option<Vec<String>>,
    /// The knowledge of somebody else that it stands for.
    #[schema(value_type = Option<ExternalBody>)]
    pub(crate) external: Option<Object<ExternalBody>>,
    /// The model of its vectors; only while it has no documents.
    #[schema(value_type = Option<DatasetModel>)]
    pub(crate) embedding_model: Option<Object<DatasetModel>>,
    /// The credential that pays for its calls, by id; null: whoever pays for such calls anyway.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub(crate) credential_id: Option<Option<String>>,
    /// The same by name. If one of the two is given, both are what is given.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub(crate) credential_name: Option<Option<String>>,
    /// How it is searched when nobody says otherwise.
    #[schema(value_type = Option<RetrievalBody>)]
    pub(crate) retrieval: Option<Object<RetrievalBody>>,
    /// How new documents are cut.
    #[schema(value_type = Option<ChunkingBody>)]
    pub(crate) chunking: Option<Object<ChunkingBody>>,
}

impl DatasetChangeBody {
    /// The new choice of who pays, if the body says anything about it.
    pub(crate) fn choice(&self) -> Option<CredentialChoice> {
        let is_said = self.credential_id.is_some() || self.credential_name.is_some();
        is_said.then(|| CredentialChoice {
            credential_id: self.credential_id.clone().flatten(),
            credential_name: self.credential_name.clone().flatten(),
        })
    }
}

/// Tells null from absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A dataset.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DatasetView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// What is in it.
    description: String,
    /// What other installations call it.
    aliases: Vec<String>,
    /// The knowledge of somebody else that it stands for.
    external: Option<ExternalBody>,
    /// `high_quality` or `economy`.
    technique: String,
    /// The model of its vectors.
    embedding_model: Option<DatasetModel>,
    /// The credential that pays for its calls, by id.
    credential_id: Option<String>,
    /// The credential that pays for its calls, by name.
    credential_name: Option<String>,
    /// How it is searched when nobody says otherwise.
    retrieval: RetrievalBody,
    /// How documents are cut when they do not say otherwise.
    chunking: ChunkingBody,
    /// How many documents it has.
    documents: u64,
    /// When it was made.
    created_at: String,
    /// When it was last changed.
    updated_at: String,
}

impl From<Dataset> for DatasetView {
    fn from(dataset: Dataset) -> Self {
        Self {
            id: dataset.id.to_string(),
            name: dataset.name,
            description: dataset.description,
            aliases: dataset.aliases,
            external: match dataset.source {
                Source::Own => None,
                Source::External { knowledge_id } => Some(ExternalBody { knowledge_id }),
            },
            technique: dataset.technique.as_str().to_owned(),
            embedding_model: dataset.embedding.map(DatasetModel::from),
            credential_id: dataset.choice.credential_id,
            credential_name: dataset.choice.credential_name,
            retrieval: dataset.retrieval.into(),
            chunking: dataset.chunking.into(),
            documents: dataset.documents,
            created_at: dataset.created_at.to_string(),
            updated_at: dataset.updated_at.to_string(),
        }
    }
}

/// A question with its answer.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PairBody {
    /// What is searched.
    question: String,
    /// What is found with it.
    answer: String,
}

impl From<PairBody> for Pair {
    fn from(pair: PairBody) -> Self {
        Self {
            question: pair.question,
            answer: pair.answer,
        }
    }
}

/// A document that is to be added: a text, or questions with their answers.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDocumentBody {
    /// Its name.
    pub(crate) name: String,
    /// Its text.
    pub(crate) text: Option<String>,
    /// Questions with their answers, instead of a text.
    #[schema(value_type = Option<Vec<PairBody>>)]
    pub(crate) pairs: Option<Vec<Object<PairBody>>>,
    /// Facts about it by which a search can be narrowed: texts, numbers, true or false.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(crate) metadata: Map<String, Json>,
    /// How it is cut; as the dataset says, unless said.
    #[schema(value_type = Option<ChunkingBody>)]
    pub(crate) chunking: Option<Object<ChunkingBody>>,
}

/// What a document that is sent as a plain text is called.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocumentQuery {
    /// The name of a document whose body is its text.
    pub(crate) name: Option<String>,
}

/// A document.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DocumentView {
    /// Its id.
    id: String,
    /// Its dataset.
    dataset_id: String,
    /// Its name.
    name: String,
    /// Facts about it.
    #[schema(value_type = Object)]
    metadata: Map<String, Json>,
    /// `text` or `qa`.
    form: String,
    /// How it is cut.
    chunking: ChunkingBody,
    /// waiting, indexing, completed or error.
    status: String,
    /// Why it could not be indexed.
    error: Option<DocumentErrorView>,
    /// How many segments it has so far.
    segments: u64,
    /// How many characters they have.
    characters: u64,
    /// When it was added.
    created_at: String,
    /// When its status last changed.
    updated_at: String,
}

/// Why a document could not be indexed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DocumentErrorView {
    /// A stable code, or the class of the provider's error.
    code: String,
    /// The text, for people.
    message: String,
}

impl From<Document> for DocumentView {
    fn from(document: Document) -> Self {
        Self {
            id: document.id.to_string(),
            dataset_id: document.dataset.to_string(),
            name: document.name,
            metadata: document.metadata,
            form: match document.form {
                Form::Text => "text".to_owned(),
                Form::Qa => "qa".to_owned(),
            },
            chunking: document.chunking.into(),
            status: document.status.as_str().to_owned(),
            error: document.error.map(|error| DocumentErrorView {
                code: error.code,
                message: error.message,
            }),
            segments: document.segments,
            characters: document.characters,
            created_at: document.created_at.to_string(),
            updated_at: document.updated_at.to_string(),
        }
    }
}

/// A piece of a document.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SegmentView {
    /// Its id.
    id: String,
    /// Its document.
    document_id: String,
    /// Its place in the document, from 1.
    position: u32,
    /// Its text; of a pair, the question.
    content: String,
    /// The answer, of a pair.
    answer: Option<String>,
    /// How many characters it has.
    characters: u64,
    /// How often runs have found it.
    hits: u64,
}

impl From<Segment> for SegmentView {
    fn from(segment: Segment) -> Self {
        Self {
            id: segment.id.to_string(),
            document_id: segment.document.to_string(),
            position: segment.position,
            characters: segment.characters(),
            content: segment.content,
            answer: segment.answer,
            hits: segment.hits,
        }
    }
}

/// A question to a dataset.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchBody {
    /// The question.
    pub(crate) query: String,
    /// How many segments are wanted: 1 to 100; as the dataset says, unless said.
    pub(crate) top_k: Option<u32>,
    /// What each must score at least.
    pub(crate) score_threshold: Option<f64>,
    /// `semantic`, `full_text` or `hybrid`.
    #[schema(value_type = Option<String>)]
    pub(crate) search_method: Option<SearchMethod>,
    /// A model that orders what was found.
    #[schema(value_type = Option<RerankBody>)]
    pub(crate) rerank: Option<Object<RerankBody>>,
    /// Which documents are searched.
    #[schema(value_type = Option<FilterBody>)]
    pub(crate) filters: Option<Object<FilterBody>>,
}

/// A model that orders what was found.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RerankBody {
    /// Its provider.
    provider: String,
    /// Its name there.
    model: String,
    /// The credential that pays, by id.
    credential_id: Option<String>,
    /// The credential that pays, by name.
    credential_name: Option<String>,
}

impl From<RerankBody> for (EmbeddingModel, CredentialChoice) {
    fn from(body: RerankBody) -> Self {
        let model = EmbeddingModel {
            provider: ProviderId::normalise(&body.provider),
            name: body.model,
        };
        let choice = CredentialChoice {
            credential_id: body.credential_id,
            credential_name: body.credential_name,
        };
        (model, choice)
    }
}

/// Which documents are searched.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FilterBody {
    /// `and` (default) or `or`.
    #[schema(value_type = Option<String>)]
    logical_operator: Option<Logic>,
    /// The conditions.
    #[schema(value_type = Vec<ConditionBody>)]
    conditions: Vec<Object<ConditionBody>>,
}

/// A condition on the metadata of documents.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConditionBody {
    /// The fact about the document.
    name: String,
    /// `contains`, `not contains`, `start with`, `end with`, `is`, `is not`, `in`, `not in`, `empty`, `not empty`, `before` (`<`), `after` (`>`), `≤` or `≥`.
    #[schema(value_type = String)]
    comparison_operator: Operator,
    /// With what it is compared.
    #[serde(default)]
    value: Json,
}

impl From<FilterBody> for Filter {
    fn from(body: FilterBody) -> Self {
        let conditions = body.conditions.into_iter().map(|condition| Condition {
            name: condition.0.name,
            comparison_operator: condition.0.comparison_operator,
            value: condition.0.value,
        });
        Self {
            logical_operator: body.logical_operator.unwrap_or_default(),
            conditions: conditions.collect(),
        }
    }
}

/// What a search has found, the best first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FoundView {
    /// What was found.
    pub(crate) data: Vec<HitView>,
}

/// Something that was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct HitView {
    /// How well it fits: the cosine of the vectors, the share of the words, both, or what a model says.
    score: f64,
    /// What is shown.
    content: String,
    /// The segment; null of somebody else's knowledge.
    segment: Option<SegmentView>,
    /// The document's id.
    document_id: String,
    /// The document's name.
    document_name: String,
    /// Facts about the document.
    #[schema(value_type = Object)]
    metadata: Map<String, Json>,
}

impl From<Hit> for HitView {
    fn from(hit: Hit) -> Self {
        Self {
            score: hit.score,
            content: hit.content,
            segment: hit.segment.map(SegmentView::from),
            document_id: hit.document_id,
            document_name: hit.document_name,
            metadata: hit.metadata,
        }
    }
}
