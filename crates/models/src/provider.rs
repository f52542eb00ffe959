//! What a provider module is.

use std::collections::BTreeMap;
use std::pin::Pin;

use async_trait::async_trait;
use futures::Stream;
use serde_json::{Map, Value as Json};

use latchkey_domain::id::{ModelCallId, NodeId};
use latchkey_domain::provider::ProviderId;
use latchkey_domain::time::Timestamp;
use latchkey_outbound::Outbound;

use crate::catalogue::{ModelInfo, ProviderInfo};
use crate::chat::{ChatChunk, ChatRequest, ReportedUsage};
use crate::error::{ErrorKind, InvokeError};
use crate::instance::{RerankRequest, RetrieveRequest};
use crate::source::CredentialValues;

/// The pieces of an answer.
pub type ChunkStream = Pin<Box<dyn Stream<Item = Result<ChatChunk, InvokeError>> + Send>>;

/// Speaks one provider's format.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Asks a language model. The answer's head has arrived when this returns.
    ///
    /// # Errors
    /// When the provider was not reached or refused.
    async fn chat(
        &self,
        call: ProviderCall<'_>,
        request: &ChatRequest,
    ) -> Result<ProviderAnswer, InvokeError>;

    /// Asks for the vectors of texts, in their order.
    ///
    /// # Errors
    /// When the provider was not reached or refused, or has no such models.
    async fn embed(
        &self,
        call: ProviderCall<'_>,
        model: &str,
        texts: &[String],
    ) -> Result<WholeAnswer<Vec<Vec<f32>>>, InvokeError> {
        let _ = (model, texts);
        Err(unsupported(&call, "embeddings"))
    }

    /// Asks how well documents answer a query.
    ///
    /// # Errors
    /// When the provider was not reached or refused, or has no such models.
    async fn rerank(
        &self,
        call: ProviderCall<'_>,
        model: &str,
        request: &RerankRequest,
    ) -> Result<WholeAnswer<Vec<Ranked>>, InvokeError> {
        let _ = (model, request);
        Err(unsupported(&call, "rerank"))
    }

    /// Asks for passages of somebody else's knowledge.
    ///
    /// # Errors
    /// When the provider was not reached or refused, or has no knowledge.
    async fn retrieve(
        &self,
        call: ProviderCall<'_>,
        request: &RetrieveRequest,
    ) -> Result<WholeAnswer<Vec<Passage>>, InvokeError> {
        let _ = request;
        Err(unsupported(&call, "knowledge"))
    }

    /// Tries a credential out with one request. An answer of a model is given back for its counts.
    ///
    /// # Errors
    /// When the provider was not reached or refused.
    async fn try_out(
        &self,
        call: ProviderCall<'_>,
        trial: Trial<'_>,
    ) -> Result<TrialAnswer, InvokeError>;

    /// How many texts go into one call of an embedding model; what the catalogue says, unless it depends on the model.
    fn embedding_batch(&self, provider: &ProviderInfo, model: &str) -> usize {
        let _ = model;
        provider.embedding_batch
    }

    /// Facts about a model that the catalogue does not have; `None` leaves it to the catalogue.
    fn model(&self, provider: &ProviderId, model: &str) -> Option<ModelInfo> {
        let _ = (provider, model);
        None
    }
}

/// A request that tries a credential out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trial<'a> {
    /// For the list of models, which costs nothing.
    Models,
    /// The shortest question to a language model.
    Chat(&'a str),
    /// The shortest text to an embedding model.
    Embedding(&'a str),
    /// The shortest document to a rerank model.
    Rerank(&'a str),
}

/// One call, as a provider module sees it.
#[derive(Clone, Copy, Debug)]
pub struct ProviderCall<'a> {
    /// The catalogue's row.
    pub provider: &'a ProviderInfo,
    /// What may be used and where it may go.
    pub access: &'a Access,
    /// Our id of the call, which is sent along.
    pub id: ModelCallId,
    /// When it was opened, by the clock of whoever keeps the ledger: what is signed says when.
    pub at: Timestamp,
    /// The node that asks, for scripted providers.
    pub node: Option<&'a NodeId>,
    /// The way out.
    pub outbound: &'a Outbound,
}

/// The opened credential of one call.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Where the provider is, without a slash at the end.
    pub base_url: String,
    /// The credential's fields that are no secrets.
    pub settings: BTreeMap<String, String>,
    /// Its secrets.
    pub values: CredentialValues,
}

/// What a provider answered to a trial.
#[derive(Debug, Default)]
pub struct TrialAnswer {
    /// The status.
    pub http_status: Option<u16>,
    /// What a model that was asked has used.
    pub counts: Option<ChatChunk>,
}

/// An answer that was read whole.
#[derive(Debug)]
pub struct WholeAnswer<T> {
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// The status.
    pub http_status: Option<u16>,
    /// What the provider counted.
    pub usage: Option<ReportedUsage>,
    /// What it says, or why that cannot be understood.
    pub value: Result<T, InvokeError>,
}

/// How well one document answers a query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked {
    /// Which document, from 0.
    pub index: usize,
    /// How well; most models answer from 0 to 1.
    pub score: f64,
}

/// A passage of somebody else's knowledge.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Passage {
    /// Its text.
    pub content: String,
    /// How well it answers, from 0 to 1.
    pub score: f64,
    /// What it is from.
    pub title: String,
    /// Facts about it.
    pub metadata: Map<String, Json>,
}

fn unsupported(call: &ProviderCall<'_>, kind: &str) -> InvokeError {
    let text = format!("{} cannot be asked for {kind} here", call.provider.id);
    InvokeError::new(ErrorKind::BadRequest, text)
}

/// An answer whose head has arrived.
pub struct ProviderAnswer {
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// The status.
    pub http_status: Option<u16>,
    /// The pieces.
    pub chunks: ChunkStream,
}
