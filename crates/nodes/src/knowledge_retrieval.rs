//! `knowledge-retrieval`: finds segments of datasets that answer a question (Dify DSL reference, 4.7).
//!
//! Parts: what the data say (`config`), the models that are asked which dataset and which documents (`choose`), the order
//! of what is found (`rank`), and how it is shown (`shown`). Searching itself is the host's.

mod ask;
mod choose;
mod config;
mod rank;
mod shown;

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value as Json, json};

use latchkey_domain::document::GraphNode;
use latchkey_domain::id::DatasetId;
use latchkey_domain::knowledge::Filter;
use latchkey_domain::run::Failure;
use latchkey_domain::value::{ArrayKind, Value};
use latchkey_engine::node::{Attempt, BuildProblem, Node, NodeContext, NodeSpec};
use latchkey_models::InvokeError;

use crate::host::{DatasetCard, Hit, Host, KnowledgeError, KnowledgeQuestion};

use self::ask::Asker;
use self::config::{Config, Filtering, Mode, Multiple, Reranking};
pub use self::rank::{best, by_weights};

struct KnowledgeRetrieval {
    config: Config,
    host: Host,
}

pub(crate) fn build(node: &GraphNode, host: &Host) -> Result<NodeSpec, BuildProblem> {
    let retrieval = KnowledgeRetrieval {
        config: Config::of(node)?,
        host: host.clone(),
    };
    Ok(NodeSpec::effect(Arc::new(retrieval)))
}

/// Why the node failed.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("Query variable is not string type.")]
    QueryType,
    #[error("{0}")]
    Config(&'static str),
    #[error("{0}")]
    Unavailable(String),
    #[error(transparent)]
    Invoke(#[from] InvokeError),
}

impl From<KnowledgeError> for Error {
    fn from(error: KnowledgeError) -> Self {
        match error {
            KnowledgeError::Invoke(error) => Self::Invoke(error),
            KnowledgeError::Unavailable(text) => Self::Unavailable(text),
        }
    }
}

impl Error {
    fn failure(&self) -> Failure {
        match self {
            Self::QueryType | Self::Config(_) | Self::Unavailable(_) => {
                Failure::new("KnowledgeRetrievalNodeError", self.to_string())
            }
            Self::Invoke(cause) => cause.failure(),
        }
    }
}

#[async_trait]
impl Node for KnowledgeRetrieval {
    async fn run(&self, context: NodeContext) -> Attempt {
        let mut attempt = Attempt::succeeded(Vec::new());
        match self.attempt(&context, &mut attempt).await {
            Ok(hits) => {
                let items = hits.iter().zip(1..).map(|(hit, at)| shown::item(hit, at));
                let result = Value::array(ArrayKind::Object, items.collect());
                attempt.outputs = vec![("result".to_owned(), result)];
            }
            Err(cause) => attempt.outcome = Err(cause.failure()),
        }
        attempt
    }
}

impl KnowledgeRetrieval {
    /// One attempt; what is known before it fails is left in `attempt`.
    async fn attempt(
        &self,
        context: &NodeContext,
        attempt: &mut Attempt,
    ) -> Result<Vec<Hit>, Error> {
        let config = &self.config;
        if config.query.is_empty() {
            return Ok(Vec::new());
        }
        let query = context.pool.get(&config.query);
        let query = query
            .as_ref()
            .and_then(Value::as_str)
            .ok_or(Error::QueryType)?;
        attempt.inputs.insert("query".to_owned(), json!(query));
        let knowledge = &self.host.knowledge;
        let mut cards = knowledge
            .datasets(context.run.workspace, &config.datasets)
            .await?;
        cards.retain(|card| card.has_documents);
        if query.trim().is_empty() || cards.is_empty() {
            return Ok(Vec::new());
        }
        let mut asker = Asker::new(&self.host, context, attempt);
        match &config.mode {
            Mode::Single(model) => {
                let Some(card) = choose::dataset(&mut asker, model.as_ref(), &cards, query).await?
                else {
                    return Ok(Vec::new());
                };
                asker.keep("dataset", json!({"id": card.id, "name": card.name}));
                let found = self
                    .found(&mut asker, &[card], query, card.retrieval.top_k)
                    .await?;
                let (threshold, top_k) = (card.retrieval.score_threshold, card.retrieval.top_k);
                Ok(best(found, threshold, top_k as usize))
            }
            Mode::Multiple(multiple) => {
                let all: Vec<&DatasetCard> = cards.iter().collect();
                let found = self.found(&mut asker, &all, query, multiple.top_k).await?;
                ordered(&mut asker, multiple, found, query).await
            }
        }
    }

    /// What is found in datasets, in the documents that the node's conditions admit.
    async fn found(
        &self,
        asker: &mut Asker<'_>,
        cards: &[&DatasetCard],
        query: &str,
        top_k: u32,
    ) -> Result<Vec<Hit>, Error> {
        let ids: Vec<DatasetId> = cards.iter().map(|card| card.id).collect();
        let filter = self.filter(asker, &ids, query).await?;
        if let Some(filter) = filter.as_ref().filter(|filter| !filter.is_empty()) {
            asker.keep("metadata_filter", json!(filter));
        }
        let question = KnowledgeQuestion {
            caller: &asker.caller(),
            datasets: &ids,
            query,
            top_k: top_k as usize,
            filter: filter.as_ref(),
            cancel: &asker.context.cancel,
        };
        let mut asked = Vec::new();
        let found = self.host.knowledge.search(&question, &mut asked).await;
        for call in asked {
            asker.note(call).await;
        }
        Ok(found?)
    }

    async fn filter(
        &self,
        asker: &mut Asker<'_>,
        datasets: &[DatasetId],
        query: &str,
    ) -> Result<Option<Filter>, Error> {
        match &self.config.filtering {
            Filtering::Disabled => Ok(None),
            Filtering::Manual(filter) => Ok(Some(filter.rendered(&asker.context.pool))),
            Filtering::Automatic(model) => {
                let workspace = asker.context.run.workspace;
                let names = self
                    .host
                    .knowledge
                    .metadata_names(workspace, datasets)
                    .await?;
                choose::filter(asker, model.as_deref(), &names, query).await
            }
        }
    }
}

/// What was found in several datasets, in one order.
async fn ordered(
    asker: &mut Asker<'_>,
    multiple: &Multiple,
    found: Vec<Hit>,
    query: &str,
) -> Result<Vec<Hit>, Error> {
    let found = match &multiple.reranking {
        Reranking::None => found,
        Reranking::Weights(None) => return Err(Error::Config("weights is required")),
        Reranking::Weights(Some([vector, keyword])) => by_weights(found, query, *vector, *keyword),
        Reranking::Model(place) => rank::by_model(asker, place, found, query).await?,
    };
    Ok(best(
        found,
        multiple.score_threshold,
        multiple.top_k as usize,
    ))
}

/// A JSON text of a list of things.
fn listed(items: impl IntoIterator<Item = Json>) -> String {
    Json::Array(items.into_iter().collect()).to_string()
}
