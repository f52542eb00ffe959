//! OpenAI's chat completions, and the many servers that imitate them.
//!
//! Requests are built from the official types; answers are read with types of our own that forgive what imitators
//! leave out or add.

mod answer;
mod failure;
mod question;

use std::collections::VecDeque;

use async_trait::async_trait;
use futures::stream;

use latchkey_outbound::{Request, Response};

use crate::chat::ChatRequest;
use crate::error::{ErrorKind, InvokeError};
use crate::provider::{ChunkStream, Provider, ProviderAnswer, ProviderCall};
use crate::providers::openai::answer::{Reading, read_whole};
use crate::providers::openai::failure::{refused, unreached};
use crate::sse::Parser;

/// Our id of a call travels in this header.
const REQUEST_ID: &str = "x-client-request-id";

/// The module. It holds no state.
pub(crate) struct OpenAi;

#[async_trait]
impl Provider for OpenAi {
    async fn chat(
        &self,
        call: ProviderCall<'_>,
        request: &ChatRequest,
    ) -> Result<ProviderAnswer, InvokeError> {
        let body = question::body(request, question::Delivery::Streamed)?;
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

    async fn validate(
        &self,
        call: ProviderCall<'_>,
        model: Option<&str>,
    ) -> Result<(), InvokeError> {
        let url = format!("{}/models", call.access.base_url);
        let refusal = match send(&call, Request::get(&url)).await {
            Ok(_) => return Ok(()),
            Err(refusal) => refusal,
        };
        match (refusal.http_status, model) {
            // Not every server lists its models; then only a question can tell.
            (Some(404 | 405 | 501), Some(model)) => {
                let body = question::probe(model)?;
                let url = format!("{}/chat/completions", call.access.base_url);
                send(&call, Request::post_json(&url, body)).await.map(drop)
            }
            _ => Err(refusal),
        }
    }
}

/// Sends with the key, and sorts everything that is no success.
async fn send(call: &ProviderCall<'_>, request: Request) -> Result<Response, InvokeError> {
    let access = call.access;
    let mut request = request.header(REQUEST_ID, &call.id.to_string());
    if let Some(key) = access.values.secret("api_key") {
        request = request.sensitive_header("authorization", &format!("Bearer {key}"));
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
    Err(refused(response, &access.values).await)
}

/// Reads a stream of events into pieces.
fn streamed(response: Response) -> ChunkStream {
    struct State {
        body: latchkey_outbound::Body,
        parser: Parser,
        reading: Reading,
        ready: VecDeque<Result<crate::chat::ChatChunk, InvokeError>>,
        over: bool,
    }
    let state = State {
        body: response.body,
        parser: Parser::default(),
        reading: Reading::default(),
        ready: VecDeque::new(),
        over: false,
    };
    Box::pin(stream::unfold(state, |mut state| async move {
        loop {
            if let Some(piece) = state.ready.pop_front() {
                state.over |= piece.is_err();
                if piece.is_err() {
                    state.ready.clear();
                }
                return Some((piece, state));
            }
            if state.over {
                return None;
            }
            match state.body.next().await {
                Some(Ok(bytes)) => match state.parser.push(&bytes) {
                    Ok(events) => {
                        let pieces = events.iter().filter_map(|event| state.reading.event(event));
                        state.ready.extend(pieces);
                    }
                    Err(_) => {
                        let text = "the provider sent an event that is too long";
                        let error = InvokeError::new(ErrorKind::BadRequest, text).sent();
                        state.ready.push_back(Err(error));
                    }
                },
                Some(Err(cause)) => state.ready.push_back(Err(unreached(&cause))),
                None => {
                    state.over = true;
                    let last = state.parser.finish();
                    let last = last.and_then(|event| state.reading.event(&event));
                    state.ready.extend(last);
                    state.ready.extend(state.reading.end());
                }
            }
        }
    }))
}
