//! OpenAI's chat completions, and the many servers that imitate them.
//!
//! Requests are built from the official types; answers are read with types of our own that forgive what imitators
//! leave out or add.

mod answer;
mod embeddings;
pub(crate) mod failure;
mod question;
mod rerank;
mod streamed;

use std::time::Duration;

use async_trait::async_trait;
use futures::stream;
use serde_json::json;

use latchkey_outbound::{Deadlines, Request, Response};

use crate::catalogue::KeyHeader;
use crate::chat::ChatRequest;
use crate::error::InvokeError;
use crate::instance::RerankRequest;
use crate::provider::{
    ChunkStream, Provider, ProviderAnswer, ProviderCall, Ranked, Trial, TrialAnswer, WholeAnswer,
};
use crate::providers::openai::answer::read_whole;
use crate::providers::openai::failure::{refused, unreached};
use crate::providers::openai::streamed::streamed;

/// Our id of a call travels in this header.
pub(crate) const REQUEST_ID: &str = "x-client-request-id";

/// Deadlines of a request that a person waits for.
const WHILE_SOMEBODY_WAITS: Deadlines = Deadlines {
    head: Duration::from_secs(15),
    idle: Duration::from_secs(15),
    total: Duration::from_secs(15),
};

/// Deadlines of a request whose answer no model has to write.
pub(crate) const QUICK: Deadlines = Deadlines {
    head: Duration::from_secs(120),
    idle: Duration::from_secs(30),
    total: Duration::from_secs(300),
};

/// The module. It holds no state.
pub(crate) struct OpenAi;

#[async_trait]
impl Provider for OpenAi {
    async fn chat(
        &self,
        call: ProviderCall<'_>,
        request: &ChatRequest,
    ) -> Result<ProviderAnswer, InvokeError> {
        let delivery = question::Delivery::Streamed {
            with_counts: call.provider.dialect.counts_on_request,
        };
        let body = question::body(request, delivery)?;
        let url = format!("{}/chat/completions", call.access.base_url);
        let response = send(&call, Request::post_json(&url, body)).await?;
        let request_id = response
            .header("x-request-id")
            .or_else(|| response.header("request-id"))
            .map(str::to_owned);
        let http_status = Some(response.status);
        let is_stream = response
            .header("content-type")
            .is_none_or(|kind| !kind.to_ascii_lowercase().contains("json"));
        let chunks: ChunkStream = if is_stream {
            streamed(response)
        } else {
            // Some servers answer at once although a stream was asked for.
            let text = response.bytes().await.map_err(|cause| unreached(&cause))?;
            Box::pin(stream::iter([read_whole(&text)]))
        };
        Ok(ProviderAnswer {
            request_id,
            http_status,
            chunks,
        })
    }

    async fn embed(
        &self,
        call: ProviderCall<'_>,
        model: &str,
        texts: &[String],
    ) -> Result<WholeAnswer<Vec<Vec<f32>>>, InvokeError> {
        embeddings::embed(&call, model, texts).await
    }

    async fn rerank(
        &self,
        call: ProviderCall<'_>,
        model: &str,
        request: &RerankRequest,
    ) -> Result<WholeAnswer<Vec<Ranked>>, InvokeError> {
        rerank::rerank(&call, model, request).await
    }

    async fn try_out(
        &self,
        call: ProviderCall<'_>,
        trial: Trial<'_>,
    ) -> Result<TrialAnswer, InvokeError> {
        let base_url = &call.access.base_url;
        let request = match trial {
            Trial::Models => Request::get(&format!("{base_url}/models")),
            Trial::Chat(model) => {
                let body = question::probe(model)?;
                Request::post_json(&format!("{base_url}/chat/completions"), body)
            }
            Trial::Embedding(model) => {
                let body = json!({"model": model, "input": "ping"});
                Request::post_json(&format!("{base_url}/embeddings"), body.to_string())
            }
            Trial::Rerank(model) => {
                let body = json!({"model": model, "query": "ping", "documents": ["ping"]});
                Request::post_json(&rerank::url(base_url), body.to_string())
            }
        };
        let response = send(&call, request.deadlines(WHILE_SOMEBODY_WAITS)).await?;
        let http_status = Some(response.status);
        if trial == Trial::Models {
            return Ok(TrialAnswer {
                http_status,
                counts: None,
            });
        }
        let text = response.bytes().await.map_err(|cause| unreached(&cause))?;
        Ok(TrialAnswer {
            http_status,
            counts: Some(answer::counts(&text)),
        })
    }
}

/// Sends with the key, and sorts everything that is no success.
async fn send(call: &ProviderCall<'_>, request: Request) -> Result<Response, InvokeError> {
    let access = call.access;
    let mut request = request.header(REQUEST_ID, &call.id.to_string());
    if let Some(key) = access.values.secret("api_key") {
        request = with_key(request, call.provider.dialect.key_header, key);
    }
    if let Some(organization) = access.settings.get("organization") {
        request = request.header("openai-organization", organization);
    }
    let response = call
        .outbound
        .send(request)
        .await
        .map_err(|cause| unreached(&cause))?;
    if (200..300).contains(&response.status) {
        return Ok(response);
    }
    Err(refused(response).await)
}

fn with_key(request: Request, header: KeyHeader, key: &str) -> Request {
    let bearer = format!("Bearer {key}");
    match header {
        KeyHeader::Bearer => request.sensitive_header("authorization", &bearer),
        KeyHeader::ApiKey => request.sensitive_header("api-key", key),
        // The imitated format wants the one, the provider's own list of models the other.
        KeyHeader::Anthropic if request.method().as_str() == "GET" => request
            .header("anthropic-version", "2023-06-01")
            .sensitive_header("x-api-key", key),
        KeyHeader::Anthropic => request.sensitive_header("authorization", &bearer),
    }
}
