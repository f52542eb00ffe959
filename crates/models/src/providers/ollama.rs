//! Ollama's own format: a JSON text on each line. Its imitation of OpenAI's format has no `num_ctx`, no `think`, and no
//! counts of what was read from where.

mod answer;
mod embeddings;
mod images;
mod question;

use async_trait::async_trait;
use futures::stream;
use serde_json::{Value as Json, json};

use latchkey_outbound::{Request, Response};

use crate::chat::ChatRequest;
use crate::error::{ErrorKind, InvokeError, KeyFault};
use crate::provider::{
    Access, ChunkStream, Provider, ProviderAnswer, ProviderCall, Trial, TrialAnswer, WholeAnswer,
};
use crate::providers::events::{self, Framing};
use crate::providers::openai::failure::unreached;
use crate::providers::openai::{REQUEST_ID, WHILE_SOMEBODY_WAITS};
use crate::providers::parameters::unusable;
use crate::providers::refusal::Refusal;

/// The module. It holds no state.
pub(crate) struct Ollama;

#[async_trait]
impl Provider for Ollama {
    async fn chat(
        &self,
        call: ProviderCall<'_>,
        request: &ChatRequest,
    ) -> Result<ProviderAnswer, InvokeError> {
        let images = images::fetched(&call, request).await?;
        let body = question::body(request, &images)?;
        let url = format!("{}/api/chat", base_url(call.access));
        let response = send(&call, Request::post_json(&url, body)).await?;
        let http_status = Some(response.status);
        let chunks: ChunkStream = if is_whole(&response) {
            // Some proxies wait for the whole stream: it is one of lines all the same.
            let text = response.bytes().await.map_err(|cause| unreached(&cause))?;
            Box::pin(stream::iter(answer::read_whole(&text)))
        } else {
            events::read(response.body, Framing::lines(), answer::Reading::default())
        };
        Ok(ProviderAnswer {
            request_id: None,
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

    async fn try_out(
        &self,
        call: ProviderCall<'_>,
        trial: Trial<'_>,
    ) -> Result<TrialAnswer, InvokeError> {
        let base_url = base_url(call.access);
        let request = match trial {
            Trial::Models => Request::get(&format!("{base_url}/api/tags")),
            Trial::Chat(model) => {
                let body = json!({"model": model, "stream": false, "options": {"num_predict": 1},
                    "messages": [{"role": "user", "content": "ping"}]});
                Request::post_json(&format!("{base_url}/api/chat"), body.to_string())
            }
            Trial::Embedding(model) => {
                let body = json!({"model": model, "input": "ping"});
                Request::post_json(&format!("{base_url}/api/embed"), body.to_string())
            }
            Trial::Rerank(_) => return Err(unusable("Ollama has no rerank models")),
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

fn is_whole(response: &Response) -> bool {
    let kind = response.header("content-type").unwrap_or_default();
    let kind = kind.to_ascii_lowercase();
    kind.starts_with("application/json")
}

/// Sends, with a key if there is one (a proxy in front of the server wants it, or Ollama's own cloud).
async fn send(call: &ProviderCall<'_>, request: Request) -> Result<Response, InvokeError> {
    let mut request = request.header(REQUEST_ID, &call.id.to_string());
    if let Some(key) = call.access.values.secret("api_key") {
        request = request.sensitive_header("authorization", &format!("Bearer {key}"));
    }
    let sent = call.outbound.send(request).await;
    let response = sent.map_err(|cause| unreached(&cause))?;
    if (200..300).contains(&response.status) {
        return Ok(response);
    }
    let refusal = Refusal::read(response).await;
    let body = refusal.json();
    let error = refusal.error(body["error"].as_str());
    Err(error.about_key(match refusal.status {
        401 => Some(KeyFault::Dead),
        402 => Some(KeyFault::Exhausted),
        _ => None,
    }))
}

/// An error inside a stream that had begun well: nothing but a text.
fn told_in_stream(error: &Json) -> InvokeError {
    let text = error
        .as_str()
        .map_or_else(|| error.to_string(), str::to_owned);
    InvokeError::new(ErrorKind::ServerUnavailable, text).sent()
}

/// Where the server is. Credentials that were stored for the imitation of OpenAI's format end with its path.
fn base_url(access: &Access) -> &str {
    let url = access.base_url.as_str();
    let url = url.strip_suffix("/v1").or(url.strip_suffix("/api"));
    url.unwrap_or(&access.base_url)
}
