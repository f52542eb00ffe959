//! Reading answers of the Responses API. Everything is optional, unknown events and unknown items are let be.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use latchkey_domain::ledger::Tokens;

use crate::chat::{ChatChunk, ReportedUsage, ToolCallPiece};
use crate::error::{ErrorKind, InvokeError};
use crate::providers::events::{Events, Pieces, Progress};
use crate::providers::openai::failure::told_in_stream;

#[derive(Deserialize)]
struct Event {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    delta: Option<String>,
    #[serde(default)]
    arguments: Option<String>,
    #[serde(default)]
    output_index: u32,
    #[serde(default)]
    summary_index: u32,
    #[serde(default)]
    item: Option<Json>,
    #[serde(default)]
    response: Option<Json>,
    /// Of an error: it stands in the event itself, or one step further in.
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    error: Option<Json>,
}

/// Reads the events of one answer.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The calls of tools that have been begun, and those whose arguments have come.
    begun: BTreeSet<u32>,
    with_arguments: BTreeSet<u32>,
    has_text: bool,
    done: bool,
}

impl Events for Reading {
    fn event(&mut self, data: &str) -> Pieces {
        let data = data.trim();
        if data.is_empty() || data == "[DONE]" {
            return Vec::new();
        }
        match serde_json::from_str::<Event>(data) {
            Ok(event) => self.take(event),
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
    fn take(&mut self, event: Event) -> Pieces {
        let delta = || event.delta.clone().unwrap_or_default();
        let mut chunk = ChatChunk::default();
        match event.kind.as_str() {
            "response.output_text.delta" | "response.refusal.delta" => {
                chunk.text = delta();
                self.has_text |= !chunk.text.is_empty();
            }
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                chunk.reasoning = delta();
            }
            "response.reasoning_summary_part.added" if event.summary_index > 0 => {
                chunk.reasoning = "\n\n".to_owned();
            }
            "response.function_call_arguments.delta" => {
                let more = delta();
                self.arguments(&mut chunk, event.output_index, more);
            }
            "response.function_call_arguments.done" => {
                let whole = event.arguments.unwrap_or_default();
                self.whole_arguments(&mut chunk, event.output_index, whole);
            }
            "response.output_item.added" => {
                self.begin(&mut chunk, event.output_index, event.item.as_ref());
            }
            "response.output_item.done" => {
                if let Some(item) = &event.item {
                    self.item(&mut chunk, event.output_index, item);
                }
            }
            "response.completed"
            | "response.incomplete"
            | "response.failed"
            | "response.cancelled" => {
                let status = event.kind.trim_start_matches("response.");
                return self.finish(&event.response.unwrap_or_default(), status);
            }
            "error" => {
                let beside = json!({"code": event.code, "message": event.message});
                let error = event.error.filter(Json::is_object).unwrap_or(beside);
                return vec![Err(failed(&error))];
            }
            // An error without a word around it, as gateways send it.
            "" if event.error.is_some() => {
                return vec![Err(told_in_stream(&event.error.unwrap_or_default()))];
            }
            _ => {}
        }
        vec![Ok(chunk)]
    }

    /// A call of a tool begins.
    fn begin(&mut self, chunk: &mut ChatChunk, index: u32, item: Option<&Json>) {
        let Some(item) = item.filter(|item| item["type"] == "function_call") else {
            return;
        };
        let text = |key: &str| item.get(key).and_then(Json::as_str).map(str::to_owned);
        if self.begun.insert(index) {
            chunk.tool_calls.push(ToolCallPiece {
                index,
                id: text("call_id").or_else(|| text("id")),
                name: text("name"),
                arguments: String::new(),
            });
        }
    }

    fn arguments(&mut self, chunk: &mut ChatChunk, index: u32, more: String) {
        self.with_arguments.insert(index);
        chunk.tool_calls.push(ToolCallPiece {
            index,
            arguments: more,
            ..ToolCallPiece::default()
        });
    }

    /// Some servers send arguments only when they are whole.
    fn whole_arguments(&mut self, chunk: &mut ChatChunk, index: u32, whole: String) {
        if !self.with_arguments.contains(&index) && !whole.is_empty() {
            self.arguments(chunk, index, whole);
        }
    }

    /// A whole item: what of it has not come in pieces.
    fn item(&mut self, chunk: &mut ChatChunk, index: u32, item: &Json) {
        match item["type"].as_str() {
            Some("function_call") => {
                self.begin(chunk, index, Some(item));
                let whole = item["arguments"].as_str().unwrap_or_default();
                self.whole_arguments(chunk, index, whole.to_owned());
            }
            Some("reasoning") if item["encrypted_content"].is_string() => {
                chunk.carried.push(json!({
                    "type": "reasoning",
                    "id": item["id"],
                    "summary": item.get("summary").filter(|it| it.is_array()).cloned().unwrap_or(json!([])),
                    "encrypted_content": item["encrypted_content"],
                }));
            }
            _ => {}
        }
    }

    /// The answer is over, in one way or another.
    fn finish(&mut self, response: &Json, status: &str) -> Pieces {
        self.done = true;
        let mut chunk = ChatChunk::default();
        if !self.has_text {
            chunk.text = text_of(response);
        }
        if self.begun.is_empty() {
            let calls = (0..).zip(items(response));
            for (index, item) in calls.filter(|(_, item)| item["type"] == "function_call") {
                self.item(&mut chunk, index, item);
            }
        }
        let usage = response.get("usage").filter(|usage| usage.is_object());
        chunk.usage = usage.map(reported);
        let incomplete = response.pointer("/incomplete_details/reason");
        let incomplete = incomplete.and_then(Json::as_str);
        let is_error = response["error"].is_object();
        let reason = match (status, incomplete) {
            ("failed" | "cancelled", _) => None,
            (_, _) if is_error => None,
            (_, Some("max_output_tokens")) => Some("length"),
            (_, Some(other)) => Some(other),
            ("incomplete", None) => Some("incomplete"),
            (_, None) if self.begun.is_empty() => Some("stop"),
            (_, None) => Some("tool_calls"),
        };
        chunk.finish_reason = reason.map(str::to_owned);
        let failure = reason.is_none().then(|| {
            let error = Some(&response["error"]).filter(|error| error.is_object());
            let ended = json!({"message": format!("the answer is {status}")});
            failed(error.unwrap_or(&ended))
        });
        let mut pieces = vec![Ok(chunk)];
        pieces.extend(failure.map(Err));
        pieces
    }
}

fn items(response: &Json) -> impl Iterator<Item = &Json> {
    response["output"].as_array().into_iter().flatten()
}

/// The text of a whole answer, refusals included.
fn text_of(response: &Json) -> String {
    let messages = items(response).filter(|item| item["type"] == "message");
    let contents = messages.filter_map(|item| item["content"].as_array());
    contents
        .flatten()
        .filter_map(|part| part["text"].as_str().or_else(|| part["refusal"].as_str()))
        .collect()
}

/// An error of the provider's inside a stream.
fn failed(error: &Json) -> InvokeError {
    let code = error["code"].as_str().unwrap_or_default();
    let kind = error["type"].as_str().filter(|kind| *kind != "error");
    let message = error["message"].as_str().filter(|text| !text.is_empty());
    let told = json!({
        "message": message.unwrap_or("the provider failed to answer"),
        "code": error["code"],
        "type": kind.unwrap_or(code),
    });
    let mut failure = told_in_stream(&told);
    if code.starts_with("invalid_") && failure.key_fault.is_none() {
        failure.kind = ErrorKind::BadRequest;
    }
    failure
}

fn nonsense() -> InvokeError {
    let text = "the provider's answer is none of the Responses API";
    InvokeError::new(ErrorKind::BadRequest, text).sent()
}

/// Reads an answer that came at once.
pub(super) fn read_whole(body: &[u8]) -> Pieces {
    match serde_json::from_slice::<Json>(body) {
        Ok(response) if response["error"].is_object() || response["output"].is_array() => {
            let mut reading = Reading::default();
            let mut carried = ChatChunk::default();
            for (index, item) in (0..).zip(items(&response)) {
                reading.item(&mut carried, index, item);
            }
            let mut pieces = vec![Ok(carried)];
            let status = response["status"].as_str().unwrap_or("completed");
            pieces.extend(reading.finish(&response, status));
            pieces
        }
        Ok(_) | Err(_) => vec![Err(nonsense())],
    }
}

/// The counts of an answer that nobody wants to read.
pub(super) fn counts(body: &[u8]) -> ChatChunk {
    let response = serde_json::from_slice::<Json>(body).unwrap_or_default();
    let usage = response.get("usage").filter(|usage| usage.is_object());
    ChatChunk {
        usage: usage.map(reported),
        ..ChatChunk::default()
    }
}

fn reported(raw: &Json) -> ReportedUsage {
    ReportedUsage {
        tokens: tokens(raw),
        raw: raw.clone(),
    }
}

/// The provider's counts in disjoint columns: cached tokens are part of the input, reasoning of the output.
fn tokens(usage: &Json) -> Tokens {
    let count = |path: &str| usage.pointer(path).and_then(Json::as_u64).unwrap_or(0);
    let (input, output) = (count("/input_tokens"), count("/output_tokens"));
    let cached = count("/input_tokens_details/cached_tokens").min(input);
    let reasoning = count("/output_tokens_details/reasoning_tokens").min(output);
    Tokens {
        input: input - cached,
        cache_read: cached,
        cache_write: 0,
        output: output - reasoning,
        reasoning,
    }
}
