//! Reading the events of ConverseStream. Unknown events, blocks and fields are let be.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use latchkey_domain::ledger::Tokens;

use crate::chat::{ChatChunk, ReportedUsage, ToolCallPiece};
use crate::error::{ErrorKind, InvokeError};
use crate::providers::bedrock::failure::told_in_stream;
use crate::providers::events::{Events, Pieces, Progress};
use crate::providers::shape::arguments;

/// The most blocks of one answer; a server that sends more means no good.
const MOST_BLOCKS: usize = 10_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Begun {
    #[serde(default)]
    start: Start,
    #[serde(default)]
    content_block_index: u32,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Start {
    #[serde(default)]
    tool_use: Option<ToolUse>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct ToolUse {
    #[serde(default)]
    tool_use_id: String,
    #[serde(default)]
    name: String,
    /// A tool that the provider itself uses.
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    input: Option<Json>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct More {
    #[serde(default)]
    delta: Delta,
    #[serde(default)]
    content_block_index: u32,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Delta {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    tool_use: Option<ToolUse>,
    #[serde(default)]
    reasoning_content: Option<Thought>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Thought {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    signature: Option<String>,
    #[serde(default)]
    redacted_content: Option<String>,
}

/// A block that has been told, as it will go back.
#[derive(Debug)]
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
    },
    /// What we do not know.
    Other,
}

/// Reads the events of one stream.
#[derive(Debug, Default)]
pub(super) struct Reading {
    blocks: BTreeMap<u32, Block>,
    calls: u32,
    stopped: bool,
    counted: bool,
}

impl Events for Reading {
    fn event(&mut self, data: &str) -> Pieces {
        let event = serde_json::from_str::<Map<String, Json>>(data).ok();
        match event.and_then(|event| event.into_iter().next()) {
            Some((kind, said)) => self.take(&kind, said).transpose().into_iter().collect(),
            None => vec![Err(nonsense())],
        }
    }

    /// The counts are the last event, and nothing is whole without them.
    fn progress(&self) -> Progress {
        if self.stopped && self.counted {
            Progress::Done
        } else {
            Progress::Begun
        }
    }
}

impl Reading {
    fn take(&mut self, kind: &str, said: Json) -> Result<Option<ChatChunk>, InvokeError> {
        match kind {
            "contentBlockStart" => self.begin(read(said)?),
            "contentBlockDelta" => self.more(read(said)?),
            "contentBlockStop" => {
                let index = said.get("contentBlockIndex").and_then(Json::as_u64);
                Ok(self.stop(u32::try_from(index.unwrap_or_default()).unwrap_or_default()))
            }
            "messageStop" => {
                self.stopped = true;
                let reason = said.get("stopReason").and_then(Json::as_str);
                Ok(Some(ChatChunk {
                    finish_reason: reason.map(finish_reason),
                    carried: self.carried(),
                    ..ChatChunk::default()
                }))
            }
            "metadata" => {
                self.counted = true;
                let usage = said.get("usage").filter(|usage| usage.is_object());
                Ok(usage.map(|usage| ChatChunk {
                    usage: Some(reported(usage)),
                    ..ChatChunk::default()
                }))
            }
            kind if kind == "error" || kind.ends_with("Exception") => {
                Err(told_in_stream(kind, &said))
            }
            _ => Ok(None),
        }
    }

    fn begin(
        &mut self,
        Begun {
            start,
            content_block_index: index,
        }: Begun,
    ) -> Result<Option<ChatChunk>, InvokeError> {
        self.check_room()?;
        let Some(call) = start.tool_use.filter(|call| call.kind.is_none()) else {
            self.blocks.insert(index, Block::Other);
            return Ok(None);
        };
        let place = self.calls;
        self.calls += 1;
        let piece = ToolCallPiece {
            index: place,
            id: Some(call.tool_use_id.clone()),
            name: Some(call.name.clone()),
            arguments: String::new(),
        };
        let (id, name) = (call.tool_use_id, call.name);
        self.blocks.insert(
            index,
            Block::Call {
                place,
                id,
                name,
                arguments: String::new(),
            },
        );
        Ok(Some(ChatChunk {
            tool_calls: vec![piece],
            ..ChatChunk::default()
        }))
    }

    /// Texts and thoughts begin with their first piece.
    fn more(
        &mut self,
        More {
            delta,
            content_block_index: index,
        }: More,
    ) -> Result<Option<ChatChunk>, InvokeError> {
        if !self.blocks.contains_key(&index) {
            self.check_room()?;
            let begun = match &delta {
                Delta { text: Some(_), .. } => Block::Text(String::new()),
                Delta {
                    reasoning_content: Some(thought),
                    ..
                } if thought.redacted_content.is_some() => Block::Hidden(String::new()),
                Delta {
                    reasoning_content: Some(_),
                    ..
                } => Block::Thought {
                    text: String::new(),
                    signature: String::new(),
                },
                Delta { .. } => Block::Other,
            };
            self.blocks.insert(index, begun);
        }
        let mut chunk = ChatChunk::default();
        match self.blocks.get_mut(&index) {
            Some(Block::Text(text)) => {
                chunk.text = delta.text.unwrap_or_default();
                text.push_str(&chunk.text);
            }
            Some(Block::Thought { text, signature }) => {
                let thought = delta.reasoning_content.unwrap_or_default();
                signature.push_str(&thought.signature.unwrap_or_default());
                chunk.reasoning = thought.text.unwrap_or_default();
                text.push_str(&chunk.reasoning);
            }
            Some(Block::Hidden(data)) => {
                let thought = delta.reasoning_content.unwrap_or_default();
                data.push_str(&thought.redacted_content.unwrap_or_default());
            }
            Some(Block::Call {
                place, arguments, ..
            }) => {
                let more = match delta.tool_use.and_then(|call| call.input) {
                    Some(Json::String(text)) => text,
                    Some(object @ Json::Object(_)) => object.to_string(),
                    _ => String::new(),
                };
                arguments.push_str(&more);
                let piece = ToolCallPiece {
                    index: *place,
                    arguments: more,
                    ..ToolCallPiece::default()
                };
                chunk
                    .tool_calls
                    .extend(Some(piece).filter(|piece| !piece.arguments.is_empty()));
            }
            Some(Block::Other) | None => {}
        }
        Ok(chunk.says_something().then_some(chunk))
    }

    fn check_room(&self) -> Result<(), InvokeError> {
        if self.blocks.len() < MOST_BLOCKS {
            Ok(())
        } else {
            Err(nonsense())
        }
    }

    /// A call of a tool that takes nothing has arguments all the same.
    fn stop(&mut self, index: u32) -> Option<ChatChunk> {
        let Block::Call {
            place, arguments, ..
        } = self.blocks.get_mut(&index)?
        else {
            return None;
        };
        if !arguments.is_empty() {
            return None;
        }
        "{}".clone_into(arguments);
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

    /// The whole answer, if it has thoughts that somebody has signed: they must go back as they were, and where they were.
    fn carried(&self) -> Vec<Json> {
        let is_signed = |block: &Block| match block {
            Block::Thought { signature, .. } => !signature.is_empty(),
            Block::Hidden(_) => true,
            Block::Text(_) | Block::Call { .. } | Block::Other => false,
        };
        if !self.blocks.values().any(is_signed) {
            return Vec::new();
        }
        self.blocks.values().filter_map(block).collect()
    }
}

fn block(block: &Block) -> Option<Json> {
    match block {
        Block::Text(text) => (!text.trim().is_empty()).then(|| json!({"text": text})),
        Block::Thought { text, signature } => Some(
            json!({"reasoningContent": {"reasoningText": {"text": text, "signature": signature}}}),
        ),
        Block::Hidden(data) => Some(json!({"reasoningContent": {"redactedContent": data}})),
        Block::Call {
            id,
            name,
            arguments: written,
            ..
        } => Some(json!({"toolUse": {"toolUseId": id, "name": name, "input": arguments(written)}})),
        Block::Other => None,
    }
}

/// The counts of a whole answer that nobody wants to read.
pub(super) fn counts(body: &[u8]) -> ChatChunk {
    let answer = serde_json::from_slice::<Json>(body).unwrap_or_default();
    ChatChunk {
        usage: answer
            .get("usage")
            .filter(|usage| usage.is_object())
            .map(reported),
        ..ChatChunk::default()
    }
}

/// Why the model stopped, in the words that all formats share. Those without such a word stay.
fn finish_reason(reason: &str) -> String {
    match reason {
        "end_turn" | "stop_sequence" => "stop",
        "max_tokens" | "model_context_window_exceeded" => "length",
        "tool_use" => "tool_calls",
        "guardrail_intervened" | "content_filtered" | "refusal" => "content_filter",
        other => other,
    }
    .to_owned()
}

/// The provider's counts in disjoint columns. Its input has nothing of the cache in it, unless the sum says otherwise;
/// thoughts are not counted apart from the output.
fn reported(usage: &Json) -> ReportedUsage {
    let count = |name: &str| usage.get(name).and_then(Json::as_u64).unwrap_or(0);
    let (mut input, output) = (count("inputTokens"), count("outputTokens"));
    let (cache_read, cache_write) = (
        count("cacheReadInputTokens"),
        count("cacheWriteInputTokens"),
    );
    let cached = cache_read.saturating_add(cache_write);
    if count("totalTokens") == input.saturating_add(output) && cached <= input {
        input -= cached;
    }
    ReportedUsage {
        tokens: Tokens {
            input,
            cache_read,
            cache_write,
            output,
            reasoning: 0,
        },
        raw: usage.clone(),
    }
}

fn read<T: serde::de::DeserializeOwned>(said: Json) -> Result<T, InvokeError> {
    serde_json::from_value(said).map_err(|_| nonsense())
}

fn nonsense() -> InvokeError {
    let text = "the provider's answer is no stream of the Converse API";
    InvokeError::new(ErrorKind::BadRequest, text).sent()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::reported;

    #[test]
    fn what_was_cached_is_no_input() {
        for (usage, columns) in [
            (
                json!({"inputTokens": 4, "outputTokens": 10, "totalTokens": 14}),
                (4, 0, 0, 10),
            ),
            (
                json!({"inputTokens": 4, "outputTokens": 10, "totalTokens": 1071, "cacheReadInputTokens": 1000, "cacheWriteInputTokens": 57}),
                (4, 1000, 57, 10),
            ),
            // The sum says that the cache is part of the input.
            (
                json!({"inputTokens": 100, "outputTokens": 10, "totalTokens": 110, "cacheReadInputTokens": 60}),
                (40, 60, 0, 10),
            ),
            (json!({}), (0, 0, 0, 0)),
        ] {
            let told = reported(&usage).tokens;
            assert_eq!(
                (told.input, told.cache_read, told.cache_write, told.output),
                columns,
                "{usage}"
            );
        }
    }
}
