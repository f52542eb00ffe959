//! Google's Gemini API: `generateContent` and its stream, and the vectors of texts.
//!
//! A question is put with the model in its address and the key in the header `x-goog-api-key`; Vertex AI speaks the same
//! format at other addresses with tokens of its own.

pub(super) mod answer;
mod embeddings;
pub(super) mod failure;
pub(super) mod question;
mod schema;

use async_trait::async_trait;
use futures::stream;
use serde_json::{Map, json};

use latchkey_outbound::{Request, Response};

use crate::chat::{ChatRequest, Message, Role};
use crate::error::InvokeError;
use crate::provider::{
    Access, ChunkStream, Provider, ProviderAnswer, ProviderCall, Trial, TrialAnswer, WholeAnswer,
};
use crate::providers::events::{self, Framing};
use crate::providers::openai::failure::unreached;
use crate::providers::openai::{REQUEST_ID, WHILE_SOMEBODY_WAITS};
use crate::providers::parameters::unusable;

/// The module. It holds no state.
pub(crate) struct Gemini;

#[async_trait]
impl Provider for Gemini {
    async fn chat(
        &self,
        call: ProviderCall<'_>,
        request: &ChatRequest,
    ) -> Result<ProviderAnswer, InvokeError> {
        let resource = resource(&request.model)?;
        let base_url = base_url(call.access);
        let url = format!("{base_url}/{resource}:streamGenerateContent?alt=sse");
        let body = question::body(request)?;
        let response = send(&call, Request::post_json(&url, body)).await?;
        answered(response).await
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
            Trial::Models => Request::get(&format!("{base_url}/models?pageSize=1")),
            Trial::Chat(model) => {
                let url = format!("{base_url}/{}:generateContent", resource(model)?);
                Request::post_json(&url, probe(model)?)
            }
            Trial::Embedding(model) => {
                let body = json!({"content": {"parts": [{"text": "ping"}]}});
                let url = format!("{base_url}/{}:embedContent", resource(model)?);
                Request::post_json(&url, body.to_string())
            }
            Trial::Rerank(_) => return Err(unusable("Gemini has no rerank models")),
        };
        let response = send(&call, request.deadlines(WHILE_SOMEBODY_WAITS)).await?;
        tried_out(response, trial).await
    }
}

/// The shortest question, to try a key out.
pub(super) fn probe(model: &str) -> Result<Vec<u8>, InvokeError> {
    let limit = Map::from_iter([("max_tokens".to_owned(), json!(1))]);
    question::body(&ChatRequest {
        model: model.to_owned(),
        messages: vec![Message::text(Role::User, "ping")],
        parameters: limit,
        ..ChatRequest::default()
    })
}

/// Reads the pieces of an answer whose head has come.
pub(super) async fn answered(response: Response) -> Result<ProviderAnswer, InvokeError> {
    let http_status = Some(response.status);
    let is_stream = response
        .header("content-type")
        .is_none_or(|kind| !kind.to_ascii_lowercase().contains("json"));
    let chunks: ChunkStream = if is_stream {
        events::read(response.body, Framing::sse(), answer::Reading::default())
    } else {
        // Some gateways answer at once although a stream was asked for.
        let text = response.bytes().await.map_err(|cause| unreached(&cause))?;
        Box::pin(stream::iter(answer::read_whole(&text)))
    };
    Ok(ProviderAnswer {
        // It stands in the answer itself.
        request_id: None,
        http_status,
        chunks,
    })
}

/// What an answer to a trial has used.
pub(super) async fn tried_out(
    response: Response,
    trial: Trial<'_>,
) -> Result<TrialAnswer, InvokeError> {
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

/// Sends with the key, and sorts everything that is no success.
async fn send(call: &ProviderCall<'_>, request: Request) -> Result<Response, InvokeError> {
    let mut request = request.header(REQUEST_ID, &call.id.to_string());
    if let Some(key) = call.access.values.secret("api_key") {
        request = request.sensitive_header("x-goog-api-key", key);
    }
    let sent = call.outbound.send(request).await;
    let response = sent.map_err(|cause| unreached(&cause))?;
    if (200..300).contains(&response.status) {
        return Ok(response);
    }
    Err(failure::refused(response).await)
}

/// Where the API is. Credentials that were stored for the imitation of OpenAI's format lead to the real one beside it.
fn base_url(access: &Access) -> &str {
    let url = access.base_url.as_str();
    url.strip_suffix("/openai").unwrap_or(url)
}

/// A model as the addresses name it: `models/gemini-2.5-pro`, `tunedModels/mine`.
fn resource(model: &str) -> Result<String, InvokeError> {
    let (collection, name) = match model.split_once('/') {
        Some((collection @ ("models" | "tunedModels"), name)) => (collection, name),
        _ => ("models", model),
    };
    Ok(format!("{collection}/{}", segment(name)?))
}

/// A name as one part of an address, which it cannot leave.
pub(super) fn segment(name: &str) -> Result<&str, InvokeError> {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'@');
    let is_name = name.bytes().all(is_plain) && name.bytes().any(|byte| byte != b'.');
    is_name
        .then_some(name)
        .ok_or_else(|| unusable(&format!("{name:?} is no name of a model here")))
}

#[cfg(test)]
mod tests {
    use super::resource;

    #[test]
    fn a_model_cannot_lead_elsewhere() {
        for (model, told) in [
            ("gemini-2.5-pro", Some("models/gemini-2.5-pro")),
            ("models/gemini-2.5-pro", Some("models/gemini-2.5-pro")),
            ("tunedModels/mine-1", Some("tunedModels/mine-1")),
            ("../../v1/projects", None),
            ("models/..", None),
            ("a?key=b", None),
            ("a#b", None),
            ("a%2e%2e", None),
            ("", None),
        ] {
            assert_eq!(resource(model).ok().as_deref(), told, "{model}");
        }
    }
}
