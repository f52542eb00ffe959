//! Asking a dataset without a run: what a node would find in it.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::CredentialChoice;
use latchkey_domain::id::DatasetId;
use latchkey_domain::knowledge::{EmbeddingModel, Filter, Retrieval, SearchMethod};
use latchkey_domain::provider::ModelType;
use latchkey_models::{InvokeError, RerankRequest};
use latchkey_nodes::{Hit, KnowledgeError, KnowledgeQuestion, best};
use tokio_util::sync::CancellationToken;

use crate::access::check_text;
use crate::error::{Error, ErrorKind};
use crate::indexing::{told, without_run};
use crate::knowledge::{model_of, note};
use crate::{Service, require, require_workspace};

use super::checks::check_retrieval;
use super::environment_of;

/// The longest question, in characters.
const QUERY: usize = 8000;

/// A question to one dataset.
#[derive(Clone, Debug, Default)]
pub struct SearchRequest {
    /// The question.
    pub query: String,
    /// How many segments are wanted; none: as the dataset says.
    pub top_k: Option<u32>,
    /// What each must score; none: as the dataset says.
    pub score_threshold: Option<f64>,
    /// How it is searched; none: as the dataset says.
    pub search_method: Option<SearchMethod>,
    /// A model that orders what was found, and who pays for it.
    pub rerank: Option<(EmbeddingModel, CredentialChoice)>,
    /// Which documents are searched.
    pub filter: Option<Filter>,
}

impl Service {
    /// What is found in a dataset: what a node would find, and how each scored.
    ///
    /// # Errors
    /// When the caller may not, there is no such dataset, or a model that is needed did not answer.
    pub async fn search_dataset(
        &self,
        caller: &Caller,
        id: DatasetId,
        request: SearchRequest,
    ) -> Result<Vec<Hit>, Error> {
        let change = move |service: Self, caller: Caller| async move {
            service.search_dataset_now(&caller, id, request).await
        };
        self.complete(caller, change).await
    }

    async fn search_dataset_now(
        &self,
        caller: &Caller,
        id: DatasetId,
        request: SearchRequest,
    ) -> Result<Vec<Hit>, Error> {
        require_workspace(caller, Permission::DatasetsRead)?;
        let dataset = self.known_dataset(caller, id).await?;
        check_text(&request.query, "/query", QUERY)?;
        if request.query.trim().is_empty() {
            return Err(Error::field("required", "/query", "a question is needed"));
        }
        let stated = Retrieval {
            top_k: request.top_k.unwrap_or(dataset.retrieval.top_k),
            score_threshold: request
                .score_threshold
                .or(dataset.retrieval.score_threshold),
            search_method: request.search_method,
        };
        check_retrieval(&stated)?;
        if let Some((model, choice)) = &request.rerank {
            self.callable(&model.provider, "/rerank/provider")?;
            if *choice != CredentialChoice::default() {
                require(caller, Permission::CredentialsBind)?;
            }
        }
        let context = without_run(caller.workspace, caller.principal, environment_of(caller));
        let cancel = CancellationToken::new();
        let question = KnowledgeQuestion {
            caller: &context,
            datasets: &[id],
            query: &request.query,
            top_k: stated.top_k as usize,
            filter: request.filter.as_ref(),
            cancel: &cancel,
        };
        // The calls are in the ledger; there is no run that sums them up.
        let mut asked = Vec::new();
        let library = &self.inner.library;
        let found = library
            .look(&question, &[dataset], request.search_method, &mut asked)
            .await;
        let mut hits = found.map_err(not_searched)?;
        if let Some(rerank) = &request.rerank {
            hits = self.reranked(&question, rerank, hits).await?;
        }
        Ok(best(hits, stated.score_threshold, stated.top_k as usize))
    }

    /// What was found in the order of a model.
    async fn reranked(
        &self,
        question: &KnowledgeQuestion<'_>,
        (model, choice): &(EmbeddingModel, CredentialChoice),
        hits: Vec<Hit>,
    ) -> Result<Vec<Hit>, Error> {
        let model = model_of(&model.provider, &model.name, ModelType::Rerank, choice);
        let instance = self.inner.models.model_instance(question.caller, &model);
        let ask = RerankRequest {
            query: question.query.to_owned(),
            documents: hits.iter().map(|hit| hit.content.clone()).collect(),
            top_n: hits.len(),
        };
        let ranked = note(&model.model, instance.rerank(&ask).await, &mut Vec::new());
        let ranked = ranked.map_err(|error| not_asked(&error))?.into_iter();
        let hit = |index: usize, score: f64| {
            let mut hit = hits.get(index)?.clone();
            hit.score = score;
            Some(hit)
        };
        Ok(ranked.filter_map(|one| hit(one.index, one.score)).collect())
    }
}

fn not_searched(error: KnowledgeError) -> Error {
    match error {
        KnowledgeError::Invoke(error) => not_asked(&error),
        KnowledgeError::Unavailable(detail) => {
            Error::new(ErrorKind::Unavailable, "database_unavailable", detail)
        }
    }
}

/// A model that is needed did not answer. Of a credential only the code is told: who searches may not read credentials.
fn not_asked(error: &InvokeError) -> Error {
    match &error.credential {
        Some(failure) => Error::of_credential(failure.code, told(error).message),
        None => Error::unprocessable("model_call_failed", error.message.clone()),
    }
}
