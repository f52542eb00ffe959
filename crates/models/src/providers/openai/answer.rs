//! Reading answers. Everything is optional, unknown fields and unknown words are let be.

use serde::Deserialize;
use serde_json::Value as Json;

use latchkey_domain::ledger::Tokens;

use crate::chat::{ChatChunk, ReportedUsage, ToolCallPiece};
use crate::error::{ErrorKind, InvokeError};
use crate::providers::events::{END_MARK, Events, Pieces, Progress};
use crate::providers::openai::failure::told_in_stream;

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    choices: Option<Vec<Choice>>,
    #[serde(default)]
    usage: Option<Json>,
    #[serde(default)]
    error: Option<Json>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    index: u32,
    /// In a stream.
    #[serde(default)]
    delta: Option<Said>,
    /// In a whole answer.
    #[serde(default)]
    message: Option<Said>,
    #[serde(default)]
    finish_reason: Option<String>,
    /// One large imitator reports here.
    #[serde(default)]
    usage: Option<Json>,
}

#[derive(Deserialize, Default)]
struct Said {
    #[serde(default)]
    content: Option<Json>,
    #[serde(default)]
    reasoning_content: Option<String>,
    #[serde(default)]
    reasoning: Option<Json>,
    #[serde(default)]
    refusal: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<CalledTool>>,
}

#[derive(Deserialize)]
struct CalledTool {
    #[serde(default)]
    index: Option<u32>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    function: Option<CalledFunction>,
}

#[derive(Deserialize)]
struct CalledFunction {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    arguments: Option<Json>,
}

/// Reads the events of one stream.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    done: bool,
    finished: bool,
    counted: bool,
}

impl Events for Reading {
    /// What an event says; nothing for the end mark and for whatever follows it.
    fn event(&mut self, data: &str) -> Pieces {
        let data = data.trim();
        if data.is_empty() || self.done {
            return Pieces::new();
        }
        if data == END_MARK {
            self.done = true;
            return Pieces::new();
        }
        let chunk = serde_json::from_str::<Answer>(data)
            .map_err(|_| nonsense())
            .and_then(chunk);
        if let Ok(chunk) = &chunk {
            self.finished |= chunk.finish_reason.is_some();
            self.counted |= chunk.usage.is_some();
        }
        vec![chunk]
    }

    fn progress(&self) -> Progress {
        match (self.done, self.finished, self.counted) {
            (true, _, _) => Progress::Done,
            (false, true, true) => Progress::Counted,
            (false, true, false) => Progress::Finished,
            (false, false, _) => Progress::Begun,
        }
    }
}

/// Reads an answer that came at once.
pub(crate) fn read_whole(body: &[u8]) -> Result<ChatChunk, InvokeError> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| nonsense())?;
    if answer.choices.is_none() && answer.error.is_none() {
        return Err(nonsense());
    }
    chunk(answer)
}

/// The counts of an answer that nobody wants to read.
pub(crate) fn counts(body: &[u8]) -> ChatChunk {
    let usage = serde_json::from_slice::<Answer>(body).ok();
    let usage = usage.and_then(|answer| answer.usage.filter(Json::is_object));
    ChatChunk {
        usage: usage.map(reported),
        ..ChatChunk::default()
    }
}

fn reported(raw: Json) -> ReportedUsage {
    ReportedUsage {
        tokens: tokens(&raw),
        raw,
    }
}

fn nonsense() -> InvokeError {
    InvokeError::new(
        ErrorKind::BadRequest,
        "the provider's answer is no chat completion",
    )
    .sent()
}

fn chunk(answer: Answer) -> Result<ChatChunk, InvokeError> {
    if let Some(error) = answer.error.filter(|error| !error.is_null()) {
        return Err(told_in_stream(&error));
    }
    let mut chunk = ChatChunk::default();
    let mut usage = answer.usage.filter(Json::is_object);
    // Only one answer is asked for; the others of a server that sends more would be mixed into it.
    let choices = answer.choices.unwrap_or_default();
    if let Some(choice) = choices.into_iter().find(|choice| choice.index == 0) {
        chunk.finish_reason = choice.finish_reason.filter(|reason| !reason.is_empty());
        usage = usage.or(choice.usage.filter(Json::is_object));
        let said = choice.delta.or(choice.message).unwrap_or_default();
        chunk.text = said.content.map(text_of).unwrap_or_default();
        chunk.text.push_str(&said.refusal.unwrap_or_default());
        chunk.reasoning = said
            .reasoning_content
            .or_else(|| said.reasoning.map(text_of))
            .unwrap_or_default();
        let calls = said.tool_calls.unwrap_or_default();
        chunk.tool_calls = (0..)
            .zip(calls)
            .map(|(place, call)| piece(place, call))
            .collect();
    }
    chunk.usage = usage.map(reported);
    Ok(chunk)
}

/// A text, or the texts of a list of parts.
fn text_of(content: Json) -> String {
    match content {
        Json::String(text) => text,
        Json::Array(parts) => parts
            .iter()
            .filter_map(|part| part.as_str().or_else(|| part.get("text")?.as_str()))
            .collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => String::new(),
    }
}

fn piece(place: u32, call: CalledTool) -> ToolCallPiece {
    let (name, arguments) = match call.function {
        Some(function) => (function.name, function.arguments),
        None => (None, None),
    };
    ToolCallPiece {
        index: call.index.unwrap_or(place),
        id: call.id.filter(|id| !id.is_empty()),
        name: name.filter(|name| !name.is_empty()),
        arguments: match arguments {
            None | Some(Json::Null) => String::new(),
            Some(Json::String(text)) => text,
            // Some servers send the object instead of its text.
            Some(other) => other.to_string(),
        },
    }
}

/// The provider's counts in disjoint columns. Cached tokens are part of its prompt tokens, reasoning of its completion
/// tokens, unless their sum or their number says that the server counts reasoning apart.
fn tokens(usage: &Json) -> Tokens {
    let count = |path: &str| usage.pointer(path).and_then(Json::as_u64);
    let prompt = count("/prompt_tokens")
        .or(count("/input_tokens"))
        .unwrap_or(0);
    let completion = count("/completion_tokens")
        .or(count("/output_tokens"))
        .unwrap_or(0);
    let cached = count("/prompt_tokens_details/cached_tokens")
        .or(count("/prompt_cache_hit_tokens"))
        .unwrap_or(0)
        .min(prompt);
    let reasoning = count("/completion_tokens_details/reasoning_tokens").unwrap_or(0);
    let total = count("/total_tokens");
    let is_apart = reasoning > completion
        || (reasoning > 0
            && total == Some(prompt.saturating_add(completion).saturating_add(reasoning)));
    Tokens {
        input: prompt - cached,
        cache_read: cached,
        cache_write: 0,
        output: if is_apart {
            completion
        } else {
            completion - reasoning
        },
        reasoning,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::tokens;

    #[test]
    fn reasoning_is_part_of_the_completion_unless_the_sum_says_otherwise() {
        for (total, completion, reasoning, output) in [
            (Some(150), 50, 30, 20),
            (None, 50, 30, 20),
            (Some(180), 50, 30, 50),
            (Some(150), 50, 0, 50),
            // More reasoning than completion cannot be a part of it.
            (None, 50, 70, 50),
        ] {
            let told = tokens(&json!({
                "prompt_tokens": 100, "completion_tokens": completion, "total_tokens": total,
                "completion_tokens_details": {"reasoning_tokens": reasoning}
            }));
            let columns = (told.input, told.output, told.reasoning);
            assert_eq!(columns, (100, output, reasoning), "{total:?} {reasoning}");
        }
    }
}
