//! Reading Ollama's answers: each line is a message with the next pieces in it, the last one says `done`.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use latchkey_domain::ledger::Tokens;

use crate::chat::{ChatChunk, ReportedUsage, ToolCallPiece};
use crate::error::{ErrorKind, InvokeError};
use crate::providers::events::{Events, Pieces, Progress};

use super::told_in_stream;

/// The fields of the last line that are kept as they are: the counts, and how long each part has taken.
const COUNTED: [&str; 6] = [
    "prompt_eval_count",
    "eval_count",
    "total_duration",
    "load_duration",
    "prompt_eval_duration",
    "eval_duration",
];

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    message: Option<Said>,
    #[serde(default)]
    done: bool,
    #[serde(default)]
    done_reason: Option<String>,
    #[serde(default)]
    error: Option<Json>,
    #[serde(flatten)]
    rest: Map<String, Json>,
}

#[derive(Deserialize, Default)]
struct Said {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    thinking: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<Called>>,
}

#[derive(Deserialize)]
struct Called {
    #[serde(default)]
    id: Option<String>,
    function: Function,
}

#[derive(Deserialize)]
struct Function {
    #[serde(default)]
    name: String,
    #[serde(default)]
    arguments: Option<Json>,
}

/// Reads the lines of one answer.
#[derive(Debug, Default)]
pub(super) struct Reading {
    calls: u32,
    done: bool,
}

impl Events for Reading {
    fn event(&mut self, data: &str) -> Pieces {
        match serde_json::from_str::<Line>(data) {
            Ok(line) => vec![self.line(line)],
            Err(_) => vec![Err(nonsense())],
        }
    }

    fn progress(&self) -> Progress {
        if self.done {
            Progress::Done
        } else {
            Progress::Begun
        }
    }
}

impl Reading {
    fn line(&mut self, line: Line) -> Result<ChatChunk, InvokeError> {
        if let Some(error) = line.error.filter(|error| !error.is_null()) {
            return Err(told_in_stream(&error));
        }
        if line.message.is_none() && !line.done {
            return Err(nonsense());
        }
        let said = line.message.unwrap_or_default();
        let mut chunk = ChatChunk {
            text: said.content.unwrap_or_default(),
            reasoning: said.thinking.unwrap_or_default(),
            ..ChatChunk::default()
        };
        for call in said.tool_calls.unwrap_or_default() {
            let made = || format!("call_{}", self.calls);
            chunk.tool_calls.push(ToolCallPiece {
                index: self.calls,
                // Calls have no ids in older versions; messages need one.
                id: Some(call.id.filter(|id| !id.is_empty()).unwrap_or_else(made)),
                name: Some(call.function.name),
                arguments: match call.function.arguments {
                    None | Some(Json::Null) => "{}".to_owned(),
                    Some(Json::String(text)) => text,
                    Some(other) => other.to_string(),
                },
            });
            self.calls += 1;
        }
        if line.done {
            self.done = true;
            let reason = line.done_reason.as_deref().unwrap_or("stop");
            let is_call = reason == "stop" && self.calls > 0;
            let reason = if is_call { "tool_calls" } else { reason };
            chunk.finish_reason = Some(reason.to_owned());
            chunk.usage = counted(&line.rest);
        }
        Ok(chunk)
    }
}

fn nonsense() -> InvokeError {
    let text = "the provider's answer is none of Ollama's";
    InvokeError::new(ErrorKind::BadRequest, text).sent()
}

/// The counts of the last line. A question that the server still knew is not counted at all.
fn counted(rest: &Map<String, Json>) -> Option<ReportedUsage> {
    let count = |key: &str| rest.get(key).and_then(Json::as_u64);
    count("eval_count").or(count("prompt_eval_count"))?;
    let known = COUNTED
        .iter()
        .filter_map(|key| Some((*key, rest.get(*key)?)));
    let raw: Map<String, Json> = known
        .map(|(key, value)| (key.to_owned(), value.clone()))
        .collect();
    let tokens = Tokens {
        input: count("prompt_eval_count").unwrap_or(0),
        output: count("eval_count").unwrap_or(0),
        ..Tokens::default()
    };
    Some(ReportedUsage {
        tokens,
        raw: json!(raw),
    })
}

/// Reads an answer that came at once: one line, or all of them.
pub(super) fn read_whole(body: &[u8]) -> Pieces {
    let mut reading = Reading::default();
    let mut pieces: Pieces = Vec::new();
    let text = String::from_utf8_lossy(body);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    for line in lines {
        if !reading.done && !pieces.iter().any(Result::is_err) {
            pieces.extend(reading.event(line));
        }
    }
    if !reading.done && !pieces.iter().any(Result::is_err) {
        pieces.push(Err(nonsense()));
    }
    pieces
}

/// The counts of an answer that nobody wants to read.
pub(super) fn counts(body: &[u8]) -> ChatChunk {
    let answer = serde_json::from_slice::<Map<String, Json>>(body);
    ChatChunk {
        usage: answer.ok().and_then(|answer| counted(&answer)),
        ..ChatChunk::default()
    }
}
