//! Anthropic's Messages API.
//!
//! The version of the API that is asked for is the one that still takes sampling parameters, so that older models and
//! older files go on working; what newer models refuse is left out by their names.

mod answer;
mod caching;
mod failure;
mod messages;
mod question;
mod schema;

use async_trait::async_trait;
use futures::stream;

use latchkey_domain::provider::ModelType;
use latchkey_outbound::{Request, Response};

use crate::chat::ChatRequest;
use crate::error::{ErrorKind, InvokeError};
use crate::provider::{ChunkStream, Provider, ProviderAnswer, ProviderCall, Trial, TrialAnswer};
use crate::providers::anthropic::answer::{Reading, read_whole};
use crate::providers::anthropic::failure::refused;
use crate::providers::anthropic::question::Question;
use crate::providers::events::{self, Framing};
use crate::providers::openai::failure::unreached;
use crate::providers::openai::{REQUEST_ID, WHILE_SOMEBODY_WAITS};

pub(crate) use crate::providers::anthropic::schema::closed;

/// The version of the API.
const VERSION: &str = "2023-06-01";

/// The module. It holds no state.
pub(crate) struct Anthropic;

#[async_trait]
impl Provider for Anthropic {
    async fn chat(
        &self,
        call: ProviderCall<'_>,
        request: &ChatRequest,
    ) -> Result<ProviderAnswer, InvokeError> {
        let info = call.provider.model(&request.model, ModelType::Llm);
        let question = Question::streamed(request, info.max_output)?;
        let response = send(&call, asking(&call, question)).await?;
        let request_id = response.header("request-id").map(str::to_owned);
        let http_status = Some(response.status);
        let is_stream = response
            .header("content-type")
            .is_none_or(|kind| !kind.to_ascii_lowercase().contains("json"));
        let chunks: ChunkStream = if is_stream {
            events::read(response.body, Framing::sse(), Reading::default())
        } else {
            // Some gateways answer at once although a stream was asked for.
            let text = response.bytes().await.map_err(|cause| unreached(&cause))?;
            Box::pin(stream::iter([read_whole(&text)]))
        };
        Ok(ProviderAnswer {
            request_id,
            http_status,
            chunks,
        })
    }

    async fn try_out(
        &self,
        call: ProviderCall<'_>,
        trial: Trial<'_>,
    ) -> Result<TrialAnswer, InvokeError> {
        let request = match trial {
            Trial::Models => Request::get(&url(&call, "models?limit=1")),
            Trial::Chat(model) => asking(&call, Question::probe(model)?),
            Trial::Embedding(_) | Trial::Rerank(_) => {
                let text = format!("{} has only language models", call.provider.id);
                return Err(InvokeError::new(ErrorKind::BadRequest, text));
            }
        };
        let response = send(&call, request.deadlines(WHILE_SOMEBODY_WAITS)).await?;
        let http_status = Some(response.status);
        let counts = match trial {
            Trial::Models => None,
            Trial::Chat(_) | Trial::Embedding(_) | Trial::Rerank(_) => {
                let text = response.bytes().await.map_err(|cause| unreached(&cause))?;
                Some(answer::counts(&text))
            }
        };
        Ok(TrialAnswer {
            http_status,
            counts,
        })
    }
}

/// Where a part of the API is. Addresses are written with and without the version at their end.
fn url(call: &ProviderCall<'_>, path: &str) -> String {
    let base_url = call.access.base_url.trim_end_matches('/');
    let base_url = base_url.strip_suffix("/v1").unwrap_or(base_url);
    format!("{base_url}/v1/{path}")
}

fn asking(call: &ProviderCall<'_>, question: Question) -> Request {
    let request = Request::post_json(&url(call, "messages"), question.body);
    if question.betas.is_empty() {
        return request;
    }
    request.header("anthropic-beta", &question.betas.join(","))
}

/// Sends with the key, and sorts everything that is no success.
async fn send(call: &ProviderCall<'_>, request: Request) -> Result<Response, InvokeError> {
    let key = call.access.values.secret("api_key").unwrap_or_default();
    let request = request
        .header(REQUEST_ID, &call.id.to_string())
        .header("anthropic-version", VERSION)
        .sensitive_header("x-api-key", key);
    let sent = call.outbound.send(request).await;
    let response = sent.map_err(|cause| unreached(&cause))?;
    if (200..300).contains(&response.status) {
        return Ok(response);
    }
    Err(refused(response).await)
}
