//! The scripted provider: answers each call with the first unused reply that fits, and remembers what it was asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use serde_json::{Value as Json, json};

use latchkey_domain::ledger::Tokens;
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_domain::value::json_compact;
use latchkey_models::catalogue::{Feature, ModelInfo};
use latchkey_models::{
    ChatChunk, ChatRequest, Content, ErrorKind, InvokeError, Message, Part, Provider,
    ProviderAnswer, ProviderCall, ReportedUsage, ToolCallPiece, Trial, TrialAnswer,
};

use super::case::Case;

/// A call that was made.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) node: String,
    pub(super) messages: Json,
    /// The completion parameters and the stop list, if there are any.
    pub(super) settings: Json,
}

struct Reply {
    raw: Json,
    left: u64,
}

/// The provider of one case.
pub(super) struct Script {
    replies: Mutex<Vec<Reply>>,
    calls: Mutex<Vec<Call>>,
    features: Vec<Feature>,
    context_size: Option<u32>,
}

const FEATURES: [Feature; 6] = [
    Feature::Vision,
    Feature::Document,
    Feature::Audio,
    Feature::Video,
    Feature::ToolCall,
    Feature::StructuredOutput,
];

impl Script {
    pub(super) fn of(case: &Case) -> Arc<Self> {
        let replies = case.list("models").iter().map(|raw| Reply {
            left: raw.get("times").and_then(Json::as_u64).unwrap_or(1),
            raw: raw.clone(),
        });
        let named = case.get("model_features").and_then(Json::as_array);
        let has = |feature: &Feature| {
            named.is_none_or(|names| names.iter().any(|name| name == feature.as_str()))
        };
        Arc::new(Self {
            replies: Mutex::new(replies.collect()),
            calls: Mutex::default(),
            features: FEATURES.into_iter().filter(has).collect(),
            context_size: case
                .limit("context_size")
                .and_then(|size| u32::try_from(size).ok()),
        })
    }

    /// The calls in the order in which they were made.
    pub(super) fn calls(&self) -> Vec<Call> {
        lock(&self.calls).clone()
    }

    fn take(&self, node: &str, prompt: &str) -> Option<Json> {
        let mut replies = lock(&self.replies);
        let fits = |reply: &Reply| {
            let text = |key: &str| reply.raw.get(key).and_then(Json::as_str);
            text("node").is_none_or(|name| name == node)
                && text("when").is_none_or(|words| prompt.contains(words))
        };
        let unused = replies
            .iter_mut()
            .find(|reply| reply.left > 0 && fits(reply));
        if let Some(reply) = unused {
            reply.left -= 1;
            return Some(reply.raw.clone());
        }
        let repeats = |reply: &&Reply| fits(reply) && reply.raw["repeat"] == true;
        replies
            .iter()
            .rev()
            .find(repeats)
            .map(|reply| reply.raw.clone())
    }
}

#[async_trait]
impl Provider for Script {
    async fn chat(
        &self,
        call: ProviderCall<'_>,
        request: &ChatRequest,
    ) -> Result<ProviderAnswer, InvokeError> {
        let node = call.node.map_or("", |node| node.as_str()).to_owned();
        let messages: Json = request.messages.iter().map(described).collect();
        let prompt = json_compact(&messages);
        let mut settings = json!({});
        if !request.parameters.is_empty() {
            settings["parameters"] = Json::Object(request.parameters.clone());
        }
        if !request.stop.is_empty() {
            settings["stop"] = json!(request.stop);
        }
        lock(&self.calls).push(Call {
            node: node.clone(),
            messages,
            settings,
        });
        let reply = self.take(&node, &prompt).ok_or_else(|| {
            let text = format!("no scripted model reply for node {node:?}");
            InvokeError::new(ErrorKind::Internal, text)
        })?;
        wait(&reply, "delay_ms").await;
        let starts = reply.get("chunks").is_some() || reply.get("text").is_some();
        if let (Some(error), false) = (reply.get("error"), starts) {
            return Err(failure(error));
        }
        let pieces = pieces(&reply, request.response_format.is_some());
        let chunks = futures::stream::iter(pieces).then(move |piece| {
            let reply = reply.clone();
            async move {
                wait(&reply, "chunk_delay_ms").await;
                piece
            }
        });
        Ok(ProviderAnswer {
            request_id: None,
            http_status: None,
            chunks: Box::pin(chunks),
        })
    }

    async fn try_out(&self, _: ProviderCall<'_>, _: Trial<'_>) -> Result<TrialAnswer, InvokeError> {
        Ok(TrialAnswer::default())
    }

    fn model(&self, _: &ProviderId, model: &str) -> Option<ModelInfo> {
        Some(ModelInfo {
            context_size: self.context_size,
            features: Some(self.features.clone()),
            ..ModelInfo::unknown(model, ModelType::Llm)
        })
    }
}

async fn wait(reply: &Json, key: &str) {
    if let Some(millis) = reply.get(key).and_then(Json::as_u64) {
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}

/// The pieces of an answer: the text in chunks, the counts with the last one, perhaps an error behind them.
fn pieces(reply: &Json, structured: bool) -> Vec<Result<ChatChunk, InvokeError>> {
    let text_of = |value: &Json| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let texts: Vec<String> = match (reply.get("chunks"), reply.get("text")) {
        (Some(Json::Array(chunks)), _) => chunks.iter().map(text_of).collect(),
        (_, Some(text)) => vec![text_of(text)],
        (_, None) => vec![
            reply
                .get("structured")
                .map_or_else(String::new, json_compact),
        ],
    };
    let mut chunks: Vec<ChatChunk> = texts.into_iter().map(ChatChunk::of_text).collect();
    let error = reply.get("error").map(failure);
    if error.is_some() {
        // The reference counts nothing of a call that breaks off; we would estimate unless the provider says so.
        chunks.push(ChatChunk {
            usage: Some(ReportedUsage::default()),
            ..ChatChunk::default()
        });
    }
    if error.is_none()
        && let Some(last) = chunks.last_mut()
    {
        last.finish_reason = Some(reply.get("finish_reason").map_or("stop".into(), text_of));
        last.usage = Some(usage(reply));
        last.tool_calls = tool_calls(reply);
        last.structured = reply.get("structured").filter(|_| structured).cloned();
    }
    chunks.into_iter().map(Ok).chain(error.map(Err)).collect()
}

fn usage(reply: &Json) -> ReportedUsage {
    let count = |key: &str, usual: u64| {
        let usage = reply.get("usage");
        usage.map_or(usual, |usage| usage[key].as_u64().unwrap_or(0))
    };
    ReportedUsage {
        tokens: Tokens {
            input: count("prompt_tokens", 10),
            output: count("completion_tokens", 5),
            ..Tokens::default()
        },
        raw: Json::Null,
    }
}

fn tool_calls(reply: &Json) -> Vec<ToolCallPiece> {
    let calls = reply.get("tool_calls").and_then(Json::as_array);
    let piece = |(index, call): (usize, &Json)| ToolCallPiece {
        index: u32::try_from(index).unwrap_or(u32::MAX),
        id: Some(format!("call-{index}")),
        name: Some(
            call["name"]
                .as_str()
                .unwrap_or("extract_parameters")
                .to_owned(),
        ),
        arguments: call["arguments"]
            .as_str()
            .map_or_else(|| json_compact(&call["arguments"]), str::to_owned),
    };
    calls.into_iter().flatten().enumerate().map(piece).collect()
}

fn failure(error: &Json) -> InvokeError {
    let (kind, message) = match error.as_str() {
        Some(text) => ("bad_request", text),
        None => (
            error["type"].as_str().unwrap_or("bad_request"),
            error["message"].as_str().unwrap_or_default(),
        ),
    };
    let kind = match kind {
        "rate_limit" => ErrorKind::RateLimit,
        "authorization" => ErrorKind::Authorization,
        "connection" => ErrorKind::Connection,
        "server_unavailable" => ErrorKind::ServerUnavailable,
        _ => ErrorKind::BadRequest,
    };
    InvokeError::new(kind, message)
}

fn described(message: &Message) -> Json {
    let content = match &message.content {
        Content::Text(text) => json!(text),
        Content::Parts(parts) => parts.iter().map(part).collect(),
    };
    json!({"role": message.role, "content": content})
}

fn part(part: &Part) -> Json {
    match part {
        Part::Text(text) => json!({"type": "text", "text": text}),
        Part::Image {
            url,
            mime_type,
            detail,
        } => json!({"type": "image", "url": url, "mime_type": mime_type, "detail": detail}),
        Part::Document { url, mime_type } => {
            json!({"type": "document", "url": url, "mime_type": mime_type})
        }
        Part::Audio { url, mime_type } => {
            json!({"type": "audio", "url": url, "mime_type": mime_type})
        }
        Part::Video { url, mime_type } => {
            json!({"type": "video", "url": url, "mime_type": mime_type})
        }
    }
}

/// A panic of somebody else leaves nothing half-done behind these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
