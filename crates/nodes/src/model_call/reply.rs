//! A whole answer that nobody reads while it comes, and the tool calls of any answer, put together from their pieces.

use serde_json::Value as Json;

use latchkey_models::{ChatChunk, ChatStream, InvokeError, ToolCall, ToolCallPiece};

/// What a model answered.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Reply {
    /// Its text; what the provider tells apart as thoughts is not in it.
    pub(crate) text: String,
    /// The tools that it calls, in order.
    pub(crate) tool_calls: Vec<ToolCall>,
    /// Why it stopped.
    pub(crate) finish_reason: Option<String>,
    /// What its provider wants to get back with it.
    pub(crate) carried: Vec<Json>,
}

impl Reply {
    /// Reads an answer to its end.
    pub(crate) async fn read(stream: &mut ChatStream) -> Result<Self, InvokeError> {
        let mut reply = Self::default();
        let mut calls = ToolCalls::default();
        while let Some(chunk) = stream.next().await {
            let ChatChunk {
                text,
                tool_calls,
                finish_reason,
                carried,
                ..
            } = chunk?;
            reply.carried.extend(carried);
            reply.text.push_str(&text);
            calls.push(tool_calls);
            reply.finish_reason = reply.finish_reason.or(finish_reason);
        }
        reply.tool_calls = calls.finished();
        Ok(reply)
    }
}

/// Tool calls that are being received.
#[derive(Debug, Default)]
pub(crate) struct ToolCalls(Vec<(u32, ToolCall)>);

impl ToolCalls {
    /// Takes more pieces. Pieces of one index belong together, except that a new id begins a new call: some servers
    /// give every call the same index.
    pub(crate) fn push(&mut self, pieces: Vec<ToolCallPiece>) {
        for piece in pieces {
            let known = self.0.iter_mut().rfind(|(index, _)| *index == piece.index);
            let known = known.map(|(_, call)| call).filter(|call| {
                let same = |id: &String| call.id.is_empty() || *id == call.id;
                piece.id.as_ref().is_none_or(same)
            });
            match known {
                Some(call) => {
                    if let (true, Some(id)) = (call.id.is_empty(), piece.id) {
                        call.id = id;
                    }
                    if let (true, Some(name)) = (call.name.is_empty(), piece.name) {
                        call.name = name;
                    }
                    call.arguments.push_str(&piece.arguments);
                }
                None => {
                    let call = ToolCall {
                        id: piece.id.unwrap_or_default(),
                        name: piece.name.unwrap_or_default(),
                        arguments: piece.arguments,
                    };
                    self.0.push((piece.index, call));
                }
            }
        }
    }

    /// The calls in the order in which they began; one without an id gets one, because its result must name it.
    pub(crate) fn finished(self) -> Vec<ToolCall> {
        let calls = self.0.into_iter().enumerate();
        calls
            .map(|(at, (_, mut call))| {
                if call.id.is_empty() {
                    call.id = format!("call_{at}");
                }
                call
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use latchkey_models::ToolCallPiece;

    use super::ToolCalls;

    fn calls(pieces: &[(u32, Option<&str>, Option<&str>, &str)]) -> Vec<String> {
        let mut calls = ToolCalls::default();
        for (index, id, name, arguments) in pieces {
            calls.push(vec![ToolCallPiece {
                index: *index,
                id: id.map(str::to_owned),
                name: name.map(str::to_owned),
                arguments: (*arguments).to_owned(),
            }]);
        }
        let calls = calls.finished().into_iter();
        calls
            .map(|call| format!("{} {} {}", call.id, call.name, call.arguments))
            .collect()
    }

    #[test]
    fn pieces_of_one_index_are_one_call() {
        let pieces = [
            (0, Some("a"), Some("f"), "{\"x\""),
            (1, Some("b"), Some("g"), "{"),
            (0, None, None, ":1}"),
            (1, Some("b"), None, "}"),
        ];
        assert_eq!(calls(&pieces), ["a f {\"x\":1}", "b g {}"]);
    }

    #[test]
    fn a_new_id_under_an_old_index_is_a_new_call() {
        let pieces = [
            (0, Some("a"), Some("f"), "{}"),
            (0, Some("b"), Some("g"), "{}"),
        ];
        assert_eq!(calls(&pieces), ["a f {}", "b g {}"]);
    }

    #[test]
    fn a_call_without_an_id_gets_one() {
        assert_eq!(calls(&[(0, None, Some("f"), "{}")]), ["call_0 f {}"]);
    }
}
