//! Datasets.

use latchkey_domain::credential::CredentialChoice;
use latchkey_domain::knowledge::{
    Chunking, Dataset, EmbeddingModel, Retrieval, SearchMethod, Source, Technique, Unit,
};
use latchkey_domain::provider::ProviderId;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

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
