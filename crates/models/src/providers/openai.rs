//! OpenAI's chat completions, and the many servers that imitate them.
//!
//! Requests are built from the official types; answers are read with types of our own that forgive what imitators
//! leave out or add.

mod answer;
mod embeddings;
pub(crate) mod failure;
pub(crate) mod question;
mod rerank;

use std::time::Duration;

use async_trait::async_trait;
use futures::stream;
use serde_json::json;

use latchkey_domain::provider::ModelType;
use latchkey_outbound::{Deadlines, Request, Response};

use crate::catalogue::{KeyHeader, Wire};
use crate::chat::ChatRequest;
use crate::error::InvokeError;
use crate::instance::RerankRequest;
use crate::provider::{
    ChunkStream, Provider, ProviderAnswer, ProviderCall, Ranked, Trial, TrialAnswer, WholeAnswer,
};
use crate::providers::events::{self, Framing};
use crate::providers::openai::answer::{Reading, read_whole};
use crate::providers::openai::failure::{refused, unreached};
use crate::providers::{azure, responses};

/// Our id of a call travels in this header.
pub(crate) const REQUEST_ID: &str = "x-client-request-id";

/// Deadlines of a request that a person waits for.
pub(crate) const WHILE_SOMEBODY_WAITS: Deadlines = Deadlines {
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
        if answers_in_items(&call, &request.model) {
            return responses::chat(&call, request).await;
        }
        let delivery = question::Delivery::Streamed {
            with_counts: call.provider.dialect.counts_on_request,
        };
        let body = question::body(request, family(&call, &request.model), delivery)?;
        let url = address(&call, "chat/completions", &request.model)?;
        let response = send(&call, Request::post_json(&url, body)).await?;
        let request_id = request_id(&response);
        let http_status = Some(response.status);
        let is_stream = response
            .header("content-type")
            .is_none_or(|kind| !kind.to_ascii_lowercase().contains("json"));
        let chunks: ChunkStream = if is_stream {
            events::read(response.body, Framing::sse(), Reading::default())
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
        let request = match trial {
            Trial::Models => Request::get(&address(&call, "models", "")?),
            Trial::Chat(model) if answers_in_items(&call, model) => {
                return responses::ping(&call, model).await;
            }
            Trial::Chat(model) => {
                let body = question::probe(model, family(&call, model))?;
                Request::post_json(&address(&call, "chat/completions", model)?, body)
            }
            Trial::Embedding(model) => {
                let body = json!({"model": model, "input": "ping"});
                Request::post_json(&address(&call, "embeddings", model)?, body.to_string())
            }
            Trial::Rerank(model) => {
                let body = json!({"model": model, "query": "ping", "documents": ["ping"]});
                Request::post_json(&rerank::url(&call.access.base_url), body.to_string())
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

/// The address of one path of the API.
pub(crate) fn address(
    call: &ProviderCall<'_>,
    path: &str,
    model: &str,
) -> Result<String, InvokeError> {
    match call.provider.wire {
        Wire::AzureOpenAi => azure::address(call.access, path, model),
        Wire::OpenAi
        | Wire::OpenAiResponses
        | Wire::Anthropic
        | Wire::Gemini
        | Wire::VertexAi
        | Wire::Bedrock
        | Wire::Ollama
        | Wire::Simulated
        | Wire::Tool
        | Wire::ExternalKnowledge
        | Wire::Scripted
        | Wire::Unsupported => Ok(format!("{}/{path}", call.access.base_url)),
    }
}

/// The model's name as its maker gives it. Azure's deployments have names of their own; the credential can say what is
/// behind them.
pub(crate) fn family<'a>(call: &ProviderCall<'a>, model: &'a str) -> &'a str {
    let stated = call.access.settings.get("base_model");
    stated.map_or(model, String::as_str)
}

/// Whether a model is asked in the format of responses: the credential says so, or the model speaks no other.
fn answers_in_items(call: &ProviderCall<'_>, model: &str) -> bool {
    match call.access.settings.get("api").map(String::as_str) {
        Some("responses") => true,
        Some("chat") => false,
        Some(_) | None => {
            let model = call.provider.model(family(call, model), ModelType::Llm);
            model.wire == Some(Wire::OpenAiResponses)
        }
    }
}

/// The provider's id of a request.
pub(crate) fn request_id(response: &Response) -> Option<String> {
    ["x-request-id", "request-id", "apim-request-id"]
        .iter()
        .find_map(|name| response.header(name))
        .map(str::to_owned)
}

/// Sends with the key, and sorts everything that is no success.
pub(crate) async fn send(
    call: &ProviderCall<'_>,
    request: Request,
) -> Result<Response, InvokeError> {
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
    }
}
