//! Reading Gemini's answers: each event is a whole answer with the next pieces in it. Everything is optional, unknown
//! fields and unknown words are let be.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use latchkey_domain::ledger::Tokens;

use crate::chat::{ChatChunk, ReportedUsage, ToolCallPiece};
use crate::error::{ErrorKind, InvokeError};
use crate::providers::events::{Events, Pieces, Progress};

use super::failure::told_in_stream;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    candidates: Option<Vec<Candidate>>,
    #[serde(default)]
    prompt_feedback: Option<Feedback>,
    #[serde(default)]
    usage_metadata: Option<Json>,
    #[serde(default)]
    response_id: Option<String>,
    #[serde(default)]
    error: Option<Json>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    #[serde(default)]
    index: u32,
    #[serde(default)]
    content: Option<Content>,
    #[serde(default)]
    finish_reason: Option<String>,
    #[serde(default)]
    finish_message: Option<String>,
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    parts: Option<Vec<Part>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    thought: Option<bool>,
    #[serde(default)]
    thought_signature: Option<String>,
    #[serde(default)]
    function_call: Option<FunctionCall>,
}

#[derive(Deserialize)]
struct FunctionCall {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    args: Option<Map<String, Json>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    #[serde(default)]
    block_reason: Option<String>,
    #[serde(default)]
    block_reason_message: Option<String>,
}

/// What is carried of a signed call of a tool: its id and the signature, which has to go back with it.
pub(super) const CALL: &str = "call";
pub(super) const SIGNATURE: &str = "thoughtSignature";

/// Reads the events of one answer.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// How many tools the model has called.
    calls: u32,
    has_said: bool,
    finished: bool,
    counted: bool,
}

impl Events for Reading {
    fn event(&mut self, data: &str) -> Pieces {
        let data = data.trim();
        if data.is_empty() {
            return Vec::new();
        }
        match serde_json::from_str::<Answer>(data) {
            Ok(answer) => self.answer(answer),
            Err(_) => vec![Err(nonsense())],
        }
    }

    fn progress(&self) -> Progress {
        match (self.finished, self.counted) {
            (false, _) => Progress::Begun,
            (true, false) => Progress::Finished,
            (true, true) => Progress::Counted,
        }
    }
}

impl Reading {
    fn answer(&mut self, answer: Answer) -> Pieces {
        if let Some(error) = answer.error.filter(|error| !error.is_null()) {
            return vec![Err(told_in_stream(&error))];
        }
        let mut chunk = ChatChunk {
            request_id: answer.response_id.filter(|id| !id.is_empty()),
            ..ChatChunk::default()
        };
        let candidates = answer.candidates.unwrap_or_default();
        let one = candidates.into_iter().find(|one| one.index == 0);
        let refusal = match one {
            Some(candidate) => self.candidate(candidate, &mut chunk),
            None => answer.prompt_feedback.and_then(blocked),
        };
        // Each event has counts, of what has come so far: only the last ones are those of the answer.
        if self.finished || refusal.is_some() {
            let usage = answer.usage_metadata.filter(Json::is_object);
            self.counted |= usage.is_some();
            chunk.usage = usage.map(reported);
        }
        let mut pieces = vec![Ok(chunk)];
        pieces.extend(refusal.map(Err));
        pieces
    }

    /// Takes what a candidate says; gives an error when the model has given up without having said anything.
    fn candidate(&mut self, candidate: Candidate, chunk: &mut ChatChunk) -> Option<InvokeError> {
        let parts = candidate.content.and_then(|content| content.parts);
        for part in parts.unwrap_or_default() {
            self.part(part, chunk);
        }
        self.has_said |= chunk.says_something();
        let reason = candidate.finish_reason?;
        // The word for "none yet".
        if reason.is_empty() || reason == "FINISH_REASON_UNSPECIFIED" {
            return None;
        }
        self.finished = true;
        let word = match reason.as_str() {
            "STOP" if self.calls > 0 => "tool_calls",
            "STOP" => "stop",
            "MAX_TOKENS" => "length",
            reason if is_filtered(reason) => "content_filter",
            other if self.has_said => other,
            other => {
                let more = candidate.finish_message.unwrap_or_default();
                return Some(gave_up(other, &more));
            }
        };
        chunk.finish_reason = Some(word.to_ascii_lowercase());
        None
    }

    fn part(&mut self, part: Part, chunk: &mut ChatChunk) {
        let text = part.text.unwrap_or_default();
        if part.thought == Some(true) {
            chunk.reasoning.push_str(&text);
        } else {
            chunk.text.push_str(&text);
        }
        if let Some(call) = part.function_call {
            // Most servers give calls no id; messages need one.
            let made = || format!("call_{}", self.calls);
            let id = call.id.filter(|id| !id.is_empty()).unwrap_or_else(made);
            if let Some(signature) = part.thought_signature {
                chunk.carried.push(json!({CALL: id, SIGNATURE: signature}));
            }
            chunk.tool_calls.push(ToolCallPiece {
                index: self.calls,
                id: Some(id),
                name: Some(call.name),
                arguments: Json::Object(call.args.unwrap_or_default()).to_string(),
            });
            self.calls += 1;
        }
    }
}

fn is_filtered(reason: &str) -> bool {
    matches!(
        reason,
        "SAFETY"
            | "RECITATION"
            | "BLOCKLIST"
            | "PROHIBITED_CONTENT"
            | "SPII"
            | "LANGUAGE"
            | "IMAGE_SAFETY"
            | "IMAGE_PROHIBITED_CONTENT"
            | "IMAGE_RECITATION"
            | "MODEL_ARMOR"
    )
}

/// The question itself was not let through.
fn blocked(feedback: Feedback) -> Option<InvokeError> {
    let reason = feedback.block_reason?;
    let more = feedback.block_reason_message.unwrap_or_default();
    let text = format!("the provider blocked the question: {reason} {more}");
    Some(InvokeError::new(ErrorKind::BadRequest, text.trim_end()).sent())
}

fn gave_up(reason: &str, more: &str) -> InvokeError {
    let text = format!("the model gave no answer: {reason} {more}");
    InvokeError::new(ErrorKind::BadRequest, text.trim_end()).sent()
}

fn nonsense() -> InvokeError {
    let text = "the provider's answer is none in Gemini's format";
    InvokeError::new(ErrorKind::BadRequest, text).sent()
}

/// Reads an answer that came at once, or in a list.
pub(crate) fn read_whole(body: &[u8]) -> Pieces {
    let mut reading = Reading::default();
    let answers = match serde_json::from_slice::<Json>(body) {
        Ok(Json::Array(answers)) => answers,
        Ok(answer) => vec![answer],
        Err(_) => return vec![Err(nonsense())],
    };
    let mut pieces: Pieces = Vec::new();
    for answer in answers {
        pieces.extend(reading.event(&answer.to_string()));
    }
    if !reading.finished && !pieces.iter().any(Result::is_err) {
        pieces.push(Err(nonsense()));
    }
    pieces
}

/// The counts of an answer that nobody wants to read.
pub(crate) fn counts(body: &[u8]) -> ChatChunk {
    let answer = serde_json::from_slice::<Answer>(body).ok();
    let usage = answer.and_then(|answer| answer.usage_metadata.filter(Json::is_object));
    ChatChunk {
        usage: usage.map(reported),
        ..ChatChunk::default()
    }
}

/// What the provider counted, in our columns and in its own words.
pub(super) fn reported(raw: Json) -> ReportedUsage {
    ReportedUsage {
        tokens: tokens(&raw),
        raw,
    }
}

/// The provider's counts in disjoint columns. What a tool of the provider's own adds to the question is counted apart;
/// so are thoughts, unless the sum says that they are part of the answer.
fn tokens(usage: &Json) -> Tokens {
    let count = |key: &str| usage.get(key).and_then(Json::as_u64);
    let prompt = count("promptTokenCount").unwrap_or(0);
    let added = count("toolUsePromptTokenCount").unwrap_or(0);
    let cached = count("cachedContentTokenCount").unwrap_or(0).min(prompt);
    let answer = count("candidatesTokenCount")
        .or(count("responseTokenCount"))
        .unwrap_or(0);
    let thoughts = count("thoughtsTokenCount").unwrap_or(0);
    let read = prompt.saturating_add(added);
    let is_part = thoughts <= answer
        && thoughts > 0
        && count("totalTokenCount") == Some(read.saturating_add(answer));
    Tokens {
        input: (prompt - cached).saturating_add(added),
        cache_read: cached,
        cache_write: 0,
        output: if is_part { answer - thoughts } else { answer },
        reasoning: thoughts,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{read_whole, tokens};

    #[test]
    fn counts_fall_into_columns_that_do_not_overlap() {
        for (usage, columns) in [
            (
                json!({"promptTokenCount": 100, "candidatesTokenCount": 20, "totalTokenCount": 120}),
                [100, 0, 20, 0],
            ),
            (
                json!({"promptTokenCount": 100, "cachedContentTokenCount": 40, "candidatesTokenCount": 20,
                    "thoughtsTokenCount": 30, "totalTokenCount": 150}),
                [60, 40, 20, 30],
            ),
            // A server that counts thoughts into the answer.
            (
                json!({"promptTokenCount": 100, "candidatesTokenCount": 50, "thoughtsTokenCount": 30, "totalTokenCount": 150}),
                [100, 0, 20, 30],
            ),
            (
                json!({"promptTokenCount": 100, "toolUsePromptTokenCount": 50, "candidatesTokenCount": 20,
                    "totalTokenCount": 170}),
                [150, 0, 20, 0],
            ),
            (
                json!({"promptTokenCount": 5, "cachedContentTokenCount": 9}),
                [0, 5, 0, 0],
            ),
            (json!({}), [0, 0, 0, 0]),
        ] {
            let told = tokens(&usage);
            let columns_told = [told.input, told.cache_read, told.output, told.reasoning];
            assert_eq!(columns_told, columns, "{usage}");
        }
    }

    fn whole(answer: &Json) -> Vec<String> {
        let pieces = read_whole(answer.to_string().as_bytes()).into_iter();
        pieces
            .map(|piece| match piece {
                Ok(chunk) => format!("{} {}", chunk.text, chunk.finish_reason.unwrap_or_default()),
                Err(error) => error.message,
            })
            .collect()
    }

    #[test]
    fn an_answer_ends_as_the_neutral_words_say() {
        for (reason, told) in [
            ("STOP", "x stop"),
            ("MAX_TOKENS", "x length"),
            ("SAFETY", "x content_filter"),
            ("RECITATION", "x content_filter"),
            ("NEW_REASON", "x new_reason"),
        ] {
            let answer = json!({"candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": reason}]});
            assert_eq!(whole(&answer), [told], "{reason}");
            assert_eq!(whole(&json!([answer])), [told], "{reason} in a list");
        }
    }

    #[test]
    fn a_model_that_says_nothing_has_failed() {
        let malformed = json!({"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL", "finishMessage": "print(x)"}]});
        let told = whole(&malformed);
        assert_eq!(
            told[1],
            "the model gave no answer: MALFORMED_FUNCTION_CALL print(x)"
        );
        let told = whole(&json!({"promptFeedback": {"blockReason": "SAFETY"}}));
        assert_eq!(told[1], "the provider blocked the question: SAFETY");
        let told = whole(&json!({"candidates": [{"content": {"parts": [{"text": "x"}]}}]}));
        assert_eq!(told[1], "the provider's answer is none in Gemini's format");
        assert_eq!(whole(&json!("text")).len(), 1);
    }
}
