//! Knowledge: datasets, their documents, and the segments that questions find. What a text is made of for searching is
//! in `terms`, how well a segment fits a question in `score`, conditions on the metadata of documents in `filter`.
//!
//! Nothing here reads or embeds anything.

mod filter;
mod score;
mod terms;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};

pub use self::filter::{Condition, Filter, Logic, Operator};
pub use self::score::{cosine, keyword_scores, normalised};
pub use self::terms::{Term, terms, terms_of_query};

use crate::credential::{CredentialChoice, Environment, Principal};
use crate::id::{DatasetId, DocumentId, SegmentId, WorkspaceId};
use crate::provider::ProviderId;
use crate::time::Timestamp;

/// Documents that are searched together, with one way of indexing and one choice of who pays for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Its id.
    pub id: DatasetId,
    /// The workspace that owns it.
    pub workspace: WorkspaceId,
    /// Its name, unique in its workspace.
    pub name: String,
    /// What is in it: a model that has to choose between datasets reads this.
    pub description: String,
    /// What other installations call it: ids in imported files, unique in its workspace.
    pub aliases: Vec<String>,
    /// Where its content is.
    pub source: Source,
    /// How it is indexed.
    pub technique: Technique,
    /// The model of its vectors; none without vectors.
    pub embedding: Option<EmbeddingModel>,
    /// Who pays for its calls, for indexing as for questions; empty: whoever pays for such a call anyway.
    pub choice: CredentialChoice,
    /// How it is searched when nobody says otherwise.
    pub retrieval: Retrieval,
    /// How documents are cut when they do not say otherwise.
    pub chunking: Chunking,
    /// How many documents it has; counted when it is read.
    pub documents: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Where the content of a dataset is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Source {
    /// Here.
    Own,
    /// At a server that speaks Dify's external knowledge API.
    External {
        /// What that server calls it.
        knowledge_id: String,
    },
}

/// How a dataset is indexed (Dify: `indexing_technique`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Technique {
    /// By vectors and by words.
    #[default]
    HighQuality,
    /// By words alone: no model is needed.
    Economy,
}

impl Technique {
    /// The name used in tables and bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HighQuality => "high_quality",
            Self::Economy => "economy",
        }
    }
}

/// An embedding model.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbeddingModel {
    /// Its provider.
    pub provider: ProviderId,
    /// Its name there.
    pub name: String,
}

/// How segments are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum SearchMethod {
    /// By the nearness of vectors.
    #[default]
    Semantic,
    /// By words.
    FullText,
    /// By both.
    Hybrid,
}

/// How a dataset is searched.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retrieval {
    /// How; none: by vectors where there are any.
    #[serde(default)]
    pub search_method: Option<SearchMethod>,
    /// How many segments are found at most.
    pub top_k: u32,
    /// What a segment must score at least.
    #[serde(default)]
    pub score_threshold: Option<f64>,
}

impl Retrieval {
    /// The most segments that one search finds.
    pub const MOST: u32 = 100;
}

impl Default for Retrieval {
    fn default() -> Self {
        Self {
            search_method: None,
            top_k: 4,
            score_threshold: None,
        }
    }
}

/// How a text is cut into segments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunking {
    /// What is counted.
    pub unit: Unit,
    /// How long a segment may be.
    pub max: u32,
    /// How much of the segment before is repeated, where a passage had to be cut.
    pub overlap: u32,
    /// Where a text is always cut.
    pub separator: String,
}

impl Default for Chunking {
    /// Dify's defaults.
    fn default() -> Self {
        Self {
            unit: Unit::Characters,
            max: 1024,
            overlap: 50,
            separator: "\n\n".to_owned(),
        }
    }
}

/// What the length of a segment is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Characters.
    Characters,
    /// Tokens, roughly: a character of a script without spaces, or four letters.
    Tokens,
}

/// A document of a dataset, without its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The dataset.
    pub dataset: DatasetId,
    /// Its name.
    pub name: String,
    /// Facts about it by which a search can be narrowed: texts and numbers.
    pub metadata: Map<String, Json>,
    /// What its text is.
    pub form: Form,
    /// How it is cut.
    pub chunking: Chunking,
    /// How far its indexing is.
    pub status: Status,
    /// What went wrong with it.
    pub error: Option<IndexingError>,
    /// How many segments it has so far.
    pub segments: u64,
    /// How many characters they have.
    pub characters: u64,
    /// Who asked for it to be indexed: the caller of the calls that this needs.
    pub created_by: Principal,
    /// The environment of these calls.
    pub environment: Environment,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its status last changed.
    pub updated_at: Timestamp,
}

/// What the text of a document is (Dify: `doc_form`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A text.
    #[default]
    Text,
    /// Questions with their answers: the question is searched, both are found.
    Qa,
}

/// How far the indexing of a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has begun.
    Waiting,
    /// Somebody is at it; a start of the server goes on with it.
    Indexing,
    /// It can be found.
    Completed,
    /// It could not be indexed.
    Error,
}

impl Status {
    /// The name used in tables and bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Indexing => "indexing",
            Self::Completed => "completed",
            Self::Error => "error",
        }
    }

    /// Reads [`Status::as_str`] back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::Waiting, Self::Indexing, Self::Completed, Self::Error];
        all.into_iter().find(|status| status.as_str() == text)
    }
}

/// Why a document could not be indexed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexingError {
    /// A stable code, or the class of the provider's error.
    pub code: String,
    /// The text, for people.
    pub message: String,
}

/// A question with its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// What is searched.
    pub question: String,
    /// What is found with it.
    pub answer: String,
}

/// A piece of a document, as searches find it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its id.
    pub id: SegmentId,
    /// Its document.
    pub document: DocumentId,
    /// Its dataset.
    pub dataset: DatasetId,
    /// Its place in the document, from 1.
    pub position: u32,
    /// Its text; of a pair, the question.
    pub content: String,
    /// The answer, of a pair.
    pub answer: Option<String>,
    /// How often runs have found it.
    pub hits: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Segment {
    /// What is shown of it (Dify DSL, knowledge-retrieval: pairs).
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.answer {
            Some(answer) => format!("question:{} \nanswer:{answer}", self.content),
            None => self.content.clone(),
        }
    }

    /// A hash of what it says (Dify: `index_node_hash`): SHA-256 in hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> String {
        let digest = Sha256::digest(self.shown());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// How many characters it has.
    #[must_use]
    pub fn characters(&self) -> u64 {
        let answer = self.answer.as_deref().unwrap_or_default();
        (self.content.chars().count() + answer.chars().count()) as u64
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{Segment, Status};
    use crate::id::{DatasetId, DocumentId, SegmentId};
    use crate::time::Timestamp;

    #[test]
    fn a_pair_is_shown_as_workflows_know_it() {
        let mut segment = Segment {
            id: SegmentId::new(Uuid::nil()),
            document: DocumentId::new(Uuid::nil()),
            dataset: DatasetId::new(Uuid::nil()),
            position: 1,
            content: "Why?".to_owned(),
            answer: None,
            hits: 0,
            created_at: Timestamp::default(),
        };
        assert_eq!(
            (segment.shown().as_str(), segment.characters()),
            ("Why?", 4)
        );
        segment.answer = Some("Because.".to_owned());
        let shown = "question:Why? \nanswer:Because.";
        assert_eq!(
            (segment.shown().as_str(), segment.characters()),
            (shown, 12)
        );
    }

    #[test]
    fn a_status_is_read_back() {
        for status in [
            Status::Waiting,
            Status::Indexing,
            Status::Completed,
            Status::Error,
        ] {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
        assert_eq!(Status::parse("done"), None);
    }
}
