//! OpenAI's Responses API: items instead of messages, events that say what they are.
//!
//! Nothing is kept at the provider (`store: false`, unless the document says otherwise): the whole conversation is sent
//! each time, and what a reasoning model has thought between calls of tools goes back in the form in which it came,
//! encrypted.

mod answer;
mod question;

use async_trait::async_trait;
use futures::stream;

use latchkey_outbound::Request;

use crate::chat::ChatRequest;
use crate::error::InvokeError;
use crate::instance::RerankRequest;
use crate::provider::{
    ChunkStream, Provider, ProviderAnswer, ProviderCall, Ranked, Trial, TrialAnswer, WholeAnswer,
};
use crate::providers::events::{self, Framing};
use crate::providers::openai::failure::unreached;
use crate::providers::openai::{OpenAi, WHILE_SOMEBODY_WAITS, address, family, request_id, send};

/// The module. It holds no state. What is no chat is as in OpenAI's other format.
pub(crate) struct Responses;

#[async_trait]
impl Provider for Responses {
    async fn chat(
        &self,
        call: ProviderCall<'_>,
        request: &ChatRequest,
    ) -> Result<ProviderAnswer, InvokeError> {
        chat(&call, request).await
    }

    async fn embed(
        &self,
        call: ProviderCall<'_>,
        model: &str,
        texts: &[String],
    ) -> Result<WholeAnswer<Vec<Vec<f32>>>, InvokeError> {
        OpenAi.embed(call, model, texts).await
    }

    async fn rerank(
        &self,
        call: ProviderCall<'_>,
        model: &str,
        request: &RerankRequest,
    ) -> Result<WholeAnswer<Vec<Ranked>>, InvokeError> {
        OpenAi.rerank(call, model, request).await
    }

    async fn try_out(
        &self,
        call: ProviderCall<'_>,
        trial: Trial<'_>,
    ) -> Result<TrialAnswer, InvokeError> {
        match trial {
            Trial::Chat(model) => ping(&call, model).await,
            Trial::Models | Trial::Embedding(_) | Trial::Rerank(_) => {
                OpenAi.try_out(call, trial).await
            }
        }
    }
}

/// Asks a language model.
pub(crate) async fn chat(
    call: &ProviderCall<'_>,
    request: &ChatRequest,
) -> Result<ProviderAnswer, InvokeError> {
    let body = question::body(request, family(call, &request.model))?;
    let url = address(call, "responses", &request.model)?;
    let response = send(call, Request::post_json(&url, body)).await?;
    let request_id = request_id(&response);
    let http_status = Some(response.status);
    let is_stream = response
        .header("content-type")
        .is_none_or(|kind| !kind.to_ascii_lowercase().contains("json"));
    let chunks: ChunkStream = if is_stream {
        events::read(response.body, Framing::sse(), answer::Reading::default())
    } else {
        // Some servers answer at once although a stream was asked for.
        let text = response.bytes().await.map_err(|cause| unreached(&cause))?;
        Box::pin(stream::iter(answer::read_whole(&text)))
    };
    Ok(ProviderAnswer {
        request_id,
        http_status,
        chunks,
    })
}

/// The shortest question, to try a key out.
pub(crate) async fn ping(call: &ProviderCall<'_>, model: &str) -> Result<TrialAnswer, InvokeError> {
    let url = address(call, "responses", model)?;
    let request = Request::post_json(&url, question::probe(model).to_string());
    let response = send(call, request.deadlines(WHILE_SOMEBODY_WAITS)).await?;
    let http_status = Some(response.status);
    let text = response.bytes().await.map_err(|cause| unreached(&cause))?;
    Ok(TrialAnswer {
        http_status,
        counts: Some(answer::counts(&text)),
    })
}
