//! Documents of datasets and their segments.

use latchkey_domain::knowledge::{Document, Form, Pair, Segment};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::{IntoParams, ToSchema};

use super::dataset::ChunkingBody;
use crate::body::Object;

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
    /// Its name; needed unless it is made of a file, which has one.
    pub(crate) name: Option<String>,
    /// Its text.
    pub(crate) text: Option<String>,
    /// An uploaded file, instead of a text: what can be read of it now.
    pub(crate) file_id: Option<String>,
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
