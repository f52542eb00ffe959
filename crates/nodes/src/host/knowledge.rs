//! Knowledge: which datasets there are, and what is found in them.

use async_trait::async_trait;
use serde_json::{Map, Value as Json};
use tokio_util::sync::CancellationToken;

use latchkey_domain::credential::Resolution;
use latchkey_domain::id::{DatasetId, ModelCallId, WorkspaceId};
use latchkey_domain::journal::NodeUsage;
use latchkey_domain::knowledge::{Filter, Retrieval, Segment};
use latchkey_models::{CallReport, InvokeError, WorkflowContext};

/// The way to knowledge.
#[async_trait]
pub trait Knowledge: Send + Sync {
    /// The datasets of a workspace that these texts name (ids, aliases or names), each once and in this order. One that
    /// names nothing here is left out.
    ///
    /// # Errors
    /// When they cannot be read.
    async fn datasets(
        &self,
        workspace: WorkspaceId,
        named: &[String],
    ) -> Result<Vec<DatasetCard>, KnowledgeError>;

    /// The names of the facts by which the documents of these datasets can be told apart.
    ///
    /// # Errors
    /// When they cannot be read.
    async fn metadata_names(
        &self,
        workspace: WorkspaceId,
        datasets: &[DatasetId],
    ) -> Result<Vec<String>, KnowledgeError>;

    /// What is found in some datasets, of each as many as are wanted, in no order. Model calls are told in `asked`, whatever
    /// comes of the search.
    ///
    /// # Errors
    /// When a dataset cannot be searched, or its question cannot be embedded.
    async fn search(
        &self,
        question: &KnowledgeQuestion<'_>,
        asked: &mut Vec<AskedModel>,
    ) -> Result<Vec<Hit>, KnowledgeError>;
}

/// A dataset as whoever has to choose one sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct DatasetCard {
    /// Its id here.
    pub id: DatasetId,
    /// Its name.
    pub name: String,
    /// What is in it.
    pub description: String,
    /// How it is searched when nobody says otherwise.
    pub retrieval: Retrieval,
    /// Whether there is anything to be found.
    pub has_documents: bool,
}

/// A question to datasets.
#[derive(Clone, Copy, Debug)]
pub struct KnowledgeQuestion<'a> {
    /// Who asks.
    pub caller: &'a WorkflowContext,
    /// Where.
    pub datasets: &'a [DatasetId],
    /// What.
    pub query: &'a str,
    /// How many segments of each dataset are wanted.
    pub top_k: usize,
    /// Which documents are searched; none: all.
    pub filter: Option<&'a Filter>,
    /// Asks it to end.
    pub cancel: &'a CancellationToken,
}

/// A model call that a search took.
#[derive(Clone, Debug, PartialEq)]
pub struct AskedModel {
    /// The call, if one was opened.
    pub call: Option<ModelCallId>,
    /// The model.
    pub model: String,
    /// Who paid or was to pay.
    pub resolution: Option<Resolution>,
    /// What it used.
    pub usage: NodeUsage,
}

impl AskedModel {
    /// A call that went well.
    #[must_use]
    pub fn of(model: &str, resolution: Option<&Resolution>, report: &CallReport) -> Self {
        Self {
            call: Some(report.id),
            model: model.to_owned(),
            resolution: resolution.cloned(),
            usage: NodeUsage {
                tokens: report.tokens,
                cost: report.cost.clone().into_iter().collect(),
                unpriced_calls: u64::from(report.cost.is_none()),
            },
        }
    }

    /// A call that failed.
    #[must_use]
    pub fn failed(model: &str, error: &InvokeError) -> Self {
        Self {
            call: error.call,
            model: model.to_owned(),
            resolution: error.resolution.as_deref().cloned(),
            usage: NodeUsage::default(),
        }
    }
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The dataset.
    pub dataset: DatasetId,
    /// Its name.
    pub dataset_name: String,
    /// The document's id; of somebody else's knowledge, as that calls it.
    pub document_id: String,
    /// The document's name.
    pub document_name: String,
    /// Facts about the document.
    pub metadata: Map<String, Json>,
    /// The segment; none of somebody else's knowledge.
    pub segment: Option<Segment>,
    /// What is shown.
    pub content: String,
    /// How well it fits, as its dataset is searched.
    pub score: f64,
    /// How near its vector is, if it has one.
    pub vector_score: Option<f64>,
}

/// Why knowledge cannot be searched.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum KnowledgeError {
    /// A model or somebody else's knowledge did not answer.
    #[error(transparent)]
    Invoke(#[from] InvokeError),
    /// What is kept here cannot be read.
    #[error("{0}")]
    Unavailable(String),
}

/// A host without datasets: whoever names one is told so.
pub struct NoKnowledge;

#[async_trait]
impl Knowledge for NoKnowledge {
    async fn datasets(
        &self,
        _: WorkspaceId,
        named: &[String],
    ) -> Result<Vec<DatasetCard>, KnowledgeError> {
        if named.is_empty() {
            return Ok(Vec::new());
        }
        Err(no_datasets())
    }

    async fn metadata_names(
        &self,
        _: WorkspaceId,
        _: &[DatasetId],
    ) -> Result<Vec<String>, KnowledgeError> {
        Err(no_datasets())
    }

    async fn search(
        &self,
        _: &KnowledgeQuestion<'_>,
        _: &mut Vec<AskedModel>,
    ) -> Result<Vec<Hit>, KnowledgeError> {
        Err(no_datasets())
    }
}

fn no_datasets() -> KnowledgeError {
    KnowledgeError::Unavailable("datasets are kept by a server, and there is none here".to_owned())
}
