//! The simulated model: answers without a model, an account or a network, the same to the same question.

mod tools;
mod vectors;

use std::time::Duration;

use async_trait::async_trait;
use futures::{StreamExt as _, stream};
use serde_json::{Map, Value as Json, json};

use latchkey_domain::ledger::Tokens;

use crate::chat::{ChatChunk, ChatRequest, ReportedUsage, ResponseFormat, Role};
use crate::error::InvokeError;
use crate::instance::RerankRequest;
use crate::provider::{
    Provider, ProviderAnswer, ProviderCall, Ranked, Trial, TrialAnswer, WholeAnswer,
};
use crate::tokens::{estimate, estimate_request};

/// What every simulated answer begins with, so that nobody takes it for a model's.
const LABEL: &str = "[simulated] ";

/// The module.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Simulated;

#[async_trait]
impl Provider for Simulated {
    async fn chat(
        &self,
        _: ProviderCall<'_>,
        request: &ChatRequest,
    ) -> Result<ProviderAnswer, InvokeError> {
        let call = tools::call(request);
        let text = match &call {
            Some(_) => String::new(),
            None => answer(request),
        };
        let said = call.as_ref().map_or(&text, |call| &call.arguments);
        let usage = ReportedUsage {
            tokens: Tokens {
                input: estimate_request(request),
                output: estimate(said),
                ..Tokens::default()
            },
            raw: json!({"simulated": true}),
        };
        let last = ChatChunk {
            finish_reason: Some(if call.is_some() { "tool_calls" } else { "stop" }.to_owned()),
            tool_calls: call.into_iter().collect(),
            usage: Some(usage),
            ..ChatChunk::default()
        };
        let words: Vec<ChatChunk> = text
            .split_inclusive(' ')
            .map(ChatChunk::of_text)
            .chain([last])
            .collect();
        let delay = delay(&request.parameters);
        let chunks = stream::iter(words).then(move |chunk| async move {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            Ok(chunk)
        });
        Ok(ProviderAnswer {
            request_id: None,
            http_status: None,
            chunks: Box::pin(chunks),
        })
    }

    async fn embed(
        &self,
        _: ProviderCall<'_>,
        _: &str,
        texts: &[String],
    ) -> Result<WholeAnswer<Vec<Vec<f32>>>, InvokeError> {
        let vectors = texts.iter().map(|text| vectors::vector(text)).collect();
        let input = texts.iter().map(|text| estimate(text)).sum();
        Ok(whole(input, vectors))
    }

    async fn rerank(
        &self,
        _: ProviderCall<'_>,
        _: &str,
        request: &RerankRequest,
    ) -> Result<WholeAnswer<Vec<Ranked>>, InvokeError> {
        let scores = vectors::relevance(&request.query, &request.documents);
        let ranked = scores.into_iter().enumerate();
        let ranked = ranked.map(|(index, score)| Ranked { index, score });
        let texts = request.documents.iter().chain([&request.query]);
        Ok(whole(
            texts.map(|text| estimate(text)).sum(),
            ranked.collect(),
        ))
    }

    async fn try_out(&self, _: ProviderCall<'_>, _: Trial<'_>) -> Result<TrialAnswer, InvokeError> {
        Ok(TrialAnswer::default())
    }
}

fn whole<T>(input: u64, value: T) -> WholeAnswer<T> {
    let tokens = Tokens {
        input,
        ..Tokens::default()
    };
    WholeAnswer {
        request_id: None,
        http_status: None,
        usage: Some(ReportedUsage {
            tokens,
            raw: json!({"simulated": true}),
        }),
        value: Ok(value),
    }
}

/// How long it waits before each word: the parameter `delay_ms`, at most a second; none by default.
fn delay(parameters: &Map<String, Json>) -> Duration {
    let millis = parameters.get("delay_ms").and_then(Json::as_u64);
    Duration::from_millis(millis.unwrap_or(0).min(1000))
}

fn answer(request: &ChatRequest) -> String {
    let asked = request
        .messages
        .iter()
        .rev()
        .find(|message| message.role == Role::User)
        .or(request.messages.last())
        .map(|message| message.content.plain())
        .unwrap_or_default();
    match &request.response_format {
        Some(ResponseFormat::JsonSchema { schema, .. }) => example(schema, &asked, 0).to_string(),
        Some(ResponseFormat::JsonObject) => json!({"simulated": true, "echo": asked}).to_string(),
        Some(ResponseFormat::Text) | None => format!("{LABEL}{}", asked.trim()),
    }
}

/// The plainest value of a schema.
fn example(schema: &Json, asked: &str, depth: usize) -> Json {
    if let Some(first) = schema.get("enum").and_then(|values| values.get(0)) {
        return first.clone();
    }
    match schema.get("type").and_then(Json::as_str) {
        Some("object") if depth < 16 => {
            let fields = schema.get("properties").and_then(Json::as_object);
            let fields = fields.into_iter().flatten();
            Json::Object(
                fields
                    .map(|(name, inner)| (name.clone(), example(inner, asked, depth + 1)))
                    .collect(),
            )
        }
        Some("array") => json!([]),
        Some("integer" | "number") => json!(0),
        Some("boolean") => json!(false),
        Some("null") => Json::Null,
        _ => Json::String(format!("{LABEL}{}", asked.trim())),
    }
}
