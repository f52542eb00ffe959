//! Reading answers. Unknown events, blocks and fields are let be.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use latchkey_domain::ledger::Tokens;

use crate::chat::{ChatChunk, ReportedUsage, ToolCallPiece};
use crate::error::{ErrorKind, InvokeError};
use crate::providers::anthropic::failure::told_in_stream;
use crate::providers::events::{Events, Pieces, Progress};
use crate::providers::shape::arguments;

/// The most blocks of one answer; a server that sends more means no good.
const MOST_BLOCKS: usize = 10_000;

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    message: Option<Whole>,
    #[serde(default)]
    index: Option<u32>,
    #[serde(default)]
    content_block: Option<Part>,
    #[serde(default)]
    delta: Option<Delta>,
    #[serde(default)]
    usage: Option<Map<String, Json>>,
    #[serde(default)]
    error: Option<Json>,
}

/// A message, whole or begun.
#[derive(Deserialize, Default)]
struct Whole {
    #[serde(default)]
    content: Option<Vec<Part>>,
    #[serde(default)]
    stop_reason: Option<String>,
    #[serde(default)]
    usage: Option<Map<String, Json>>,
    #[serde(default)]
    error: Option<Json>,
}

/// A block of an answer.
#[derive(Deserialize, Default)]
struct Part {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    thinking: Option<String>,
    #[serde(default)]
    signature: Option<String>,
    #[serde(default)]
    data: Option<String>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    input: Option<Json>,
}

/// More of a block, or of the message.
#[derive(Deserialize, Default)]
struct Delta {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    thinking: Option<String>,
    #[serde(default)]
    signature: Option<String>,
    #[serde(default)]
    partial_json: Option<String>,
    #[serde(default)]
    stop_reason: Option<String>,
}

/// A block that has been told, as it will go back.
enum Block {
    Text(String),
    Thought {
        text: String,
        signature: String,
    },
    Hidden(String),
    Call {
        place: u32,
        id: String,
        name: String,
        arguments: String,
        given: Option<Json>,
    },
    /// What we do not know.
    Other,
}

/// Reads the events of one stream.
#[derive(Default)]
pub(super) struct Reading {
    blocks: BTreeMap<u32, Block>,
    usage: Map<String, Json>,
    calls: u32,
    over: bool,
}

impl Events for Reading {
    fn event(&mut self, data: &str) -> Pieces {
        match serde_json::from_str::<Event>(data) {
            Ok(event) => self.take(event).transpose().into_iter().collect(),
            Err(_) => vec![Err(nonsense())],
        }
    }

    /// Counts come before the end, but only the end says that nothing is missing.
    fn progress(&self) -> Progress {
        if self.over {
            Progress::Done
        } else {
            Progress::Begun
        }
    }
}

impl Reading {
    fn take(&mut self, event: Event) -> Result<Option<ChatChunk>, InvokeError> {
        let index = event.index.unwrap_or_default();
        match event.kind.as_str() {
            "message_start" => {
                self.count(event.message.and_then(|message| message.usage));
                Ok(None)
            }
            "content_block_start" => {
                if self.blocks.len() >= MOST_BLOCKS {
                    return Err(nonsense());
                }
                Ok(event.content_block.and_then(|part| self.begin(index, part)))
            }
            "content_block_delta" => Ok(event.delta.and_then(|delta| self.more(index, delta))),
            "content_block_stop" => Ok(self.stop(index)),
            "message_delta" => {
                self.count(event.usage);
                let reason = event.delta.and_then(|delta| delta.stop_reason);
                Ok(Some(ChatChunk {
                    finish_reason: reason.map(|reason| finish_reason(&reason)),
                    usage: Some(reported(&self.usage)),
                    ..ChatChunk::default()
                }))
            }
            "message_stop" => {
                self.over = true;
                let carried = self.carried();
                Ok((!carried.is_empty()).then(|| ChatChunk {
                    carried,
                    ..ChatChunk::default()
                }))
            }
            // An error of a gateway may have no type.
            "error" | "" if event.error.is_some() => {
                Err(told_in_stream(&event.error.unwrap_or_default()))
            }
            _ => Ok(None),
        }
    }

    /// Counts are of everything so far; what an event does not say stands as it was said before.
    fn count(&mut self, usage: Option<Map<String, Json>>) {
        let said = usage.unwrap_or_default().into_iter();
        self.usage
            .extend(said.filter(|(_, count)| !count.is_null()));
    }

    fn begin(&mut self, index: u32, part: Part) -> Option<ChatChunk> {
        let mut chunk = ChatChunk::default();
        let block = match part.kind.as_str() {
            "text" => {
                let text = part.text.unwrap_or_default();
                chunk.text.clone_from(&text);
                Block::Text(text)
            }
            "thinking" => {
                let text = part.thinking.unwrap_or_default();
                chunk.reasoning.clone_from(&text);
                Block::Thought {
                    text,
                    signature: part.signature.unwrap_or_default(),
                }
            }
            "redacted_thinking" => Block::Hidden(part.data.unwrap_or_default()),
            "tool_use" => {
                let place = self.calls;
                self.calls += 1;
                let (id, name) = (part.id.unwrap_or_default(), part.name.unwrap_or_default());
                chunk.tool_calls.push(ToolCallPiece {
                    index: place,
                    id: Some(id.clone()),
                    name: Some(name.clone()),
                    arguments: String::new(),
                });
                Block::Call {
                    place,
                    id,
                    name,
                    arguments: String::new(),
                    given: part.input,
                }
            }
            _ => Block::Other,
        };
        self.blocks.insert(index, block);
        chunk.says_something().then_some(chunk)
    }

    fn more(&mut self, index: u32, delta: Delta) -> Option<ChatChunk> {
        let mut chunk = ChatChunk::default();
        match self.blocks.get_mut(&index)? {
            Block::Text(text) => {
                chunk.text = delta.text?;
                text.push_str(&chunk.text);
            }
            Block::Thought { text, signature } => {
                signature.push_str(&delta.signature.unwrap_or_default());
                chunk.reasoning = delta.thinking?;
                text.push_str(&chunk.reasoning);
            }
            Block::Call {
                place, arguments, ..
            } => {
                let more = delta.partial_json.filter(|more| !more.is_empty())?;
                arguments.push_str(&more);
                chunk.tool_calls.push(ToolCallPiece {
                    index: *place,
                    arguments: more,
                    ..ToolCallPiece::default()
                });
            }
            Block::Hidden(_) | Block::Other => return None,
        }
        Some(chunk)
    }

    /// A call whose arguments did not come in pieces has them from its beginning, or none.
    fn stop(&mut self, index: u32) -> Option<ChatChunk> {
        let Block::Call {
            place,
            arguments,
            given,
            ..
        } = self.blocks.get_mut(&index)?
        else {
            return None;
        };
        if !arguments.is_empty() {
            return None;
        }
        *arguments = given
            .take()
            .filter(Json::is_object)
            .unwrap_or_else(|| json!({}))
            .to_string();
        let piece = ToolCallPiece {
            index: *place,
            arguments: arguments.clone(),
            ..ToolCallPiece::default()
        };
        Some(ChatChunk {
            tool_calls: vec![piece],
            ..ChatChunk::default()
        })
    }

    /// The whole answer, if it has thoughts: they must go back as they were, and where they were.
    fn carried(&self) -> Vec<Json> {
        let is_thought = |block: &Block| match block {
            Block::Thought { .. } | Block::Hidden(_) => true,
            Block::Text(_) | Block::Call { .. } | Block::Other => false,
        };
        if !self.blocks.values().any(is_thought) {
            return Vec::new();
        }
        self.blocks.values().filter_map(block).collect()
    }
}

fn block(block: &Block) -> Option<Json> {
    match block {
        Block::Text(text) => {
            (!text.trim().is_empty()).then(|| json!({"type": "text", "text": text}))
        }
        Block::Thought { text, signature } => {
            Some(json!({"type": "thinking", "thinking": text, "signature": signature}))
        }
        Block::Hidden(data) => Some(json!({"type": "redacted_thinking", "data": data})),
        Block::Call {
            id,
            name,
            arguments: written,
            ..
        } => Some(json!({"type": "tool_use", "id": id, "name": name, "input": arguments(written)})),
        Block::Other => None,
    }
}

/// Reads an answer that came at once.
pub(super) fn read_whole(body: &[u8]) -> Result<ChatChunk, InvokeError> {
    let whole: Whole = serde_json::from_slice(body).map_err(|_| nonsense())?;
    if let Some(error) = whole.error.filter(|error| !error.is_null()) {
        return Err(told_in_stream(&error));
    }
    let content = whole.content.ok_or_else(nonsense)?;
    let mut reading = Reading::default();
    let mut all = ChatChunk {
        finish_reason: whole.stop_reason.as_deref().map(finish_reason),
        usage: whole.usage.as_ref().map(reported),
        ..ChatChunk::default()
    };
    for (index, part) in (0..).zip(content) {
        let begun = reading.begin(index, part);
        let stopped = reading.stop(index);
        for chunk in begun.into_iter().chain(stopped) {
            all.text.push_str(&chunk.text);
            all.reasoning.push_str(&chunk.reasoning);
            all.tool_calls.extend(chunk.tool_calls);
        }
    }
    all.carried = reading.carried();
    Ok(all)
}

/// The counts of an answer that nobody wants to read.
pub(super) fn counts(body: &[u8]) -> ChatChunk {
    let whole = serde_json::from_slice::<Whole>(body).unwrap_or_default();
    ChatChunk {
        usage: whole.usage.as_ref().map(reported),
        ..ChatChunk::default()
    }
}

/// Why the model stopped, in the words that all formats share. Those without such a word stay.
fn finish_reason(reason: &str) -> String {
    match reason {
        "end_turn" | "stop_sequence" => "stop",
        "max_tokens" | "model_context_window_exceeded" => "length",
        "tool_use" => "tool_calls",
        "refusal" => "content_filter",
        other => other,
    }
    .to_owned()
}

/// The provider's counts in disjoint columns. Its input has nothing of the cache in it, its output the thoughts.
fn reported(usage: &Map<String, Json>) -> ReportedUsage {
    let count = |name: &str| usage.get(name).and_then(Json::as_u64).unwrap_or(0);
    let output = count("output_tokens");
    let details = usage.get("output_tokens_details");
    let thoughts = details.and_then(|details| details.get("thinking_tokens")?.as_u64());
    let reasoning = thoughts.unwrap_or(0).min(output);
    ReportedUsage {
        tokens: Tokens {
            input: count("input_tokens"),
            cache_read: count("cache_read_input_tokens"),
            cache_write: count("cache_creation_input_tokens"),
            output: output - reasoning,
            reasoning,
        },
        raw: Json::Object(usage.clone()),
    }
}

fn nonsense() -> InvokeError {
    let text = "the provider's answer is no message of the Messages API";
    InvokeError::new(ErrorKind::BadRequest, text).sent()
}
