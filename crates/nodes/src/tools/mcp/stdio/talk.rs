//! What is said to a process and by it, a line for a message, without any input or output: which answers are awaited, and when
//! a process has said enough to be ended. Whom an answer is for, the library of the protocol knows.

use std::collections::HashSet;

use rmcp::model::{ClientJsonRpcMessage, ClientNotification, RequestId, ServerJsonRpcMessage};
use serde_json::Value as Json;

use crate::tools::mcp::LONGEST;

/// How much may wait to be read by the process before nothing more is sent, in bytes.
const UNREAD: usize = 16 << 20;
/// How many messages, and how many bytes, may come between two answers.
const UNASKED: usize = 10_000;
const UNASKED_BYTES: usize = 64 << 20;

/// A conversation.
#[derive(Default)]
pub(super) struct Talk {
    /// The highest id of a request.
    newest: i64,
    waiting: HashSet<i64>,
    unread: Vec<u8>,
    /// The beginning of a line.
    begun: Vec<u8>,
    unasked: usize,
    unasked_bytes: usize,
}

impl Talk {
    /// Whether another message can be sent now.
    pub(super) fn has_room(&self) -> bool {
        self.unread.len() < UNREAD
    }

    /// Sends a message.
    pub(super) fn say(&mut self, message: &ClientJsonRpcMessage) {
        match message {
            ClientJsonRpcMessage::Request(request) => {
                if let RequestId::Number(id) = request.id {
                    self.newest = self.newest.max(id);
                    self.waiting.insert(id);
                }
            }
            ClientJsonRpcMessage::Notification(told) => {
                if let ClientNotification::CancelledNotification(left) = &told.notification
                    && let Some(RequestId::Number(id)) = left.params.request_id
                {
                    self.waiting.remove(&id);
                }
            }
            ClientJsonRpcMessage::Response(_) | ClientJsonRpcMessage::Error(_) => {}
        }
        // What the library makes can be written.
        let text = serde_json::to_vec(message).unwrap_or_default();
        self.unread.extend_from_slice(&text);
        self.unread.push(b'\n');
    }

    /// What the process has not been sent yet.
    pub(super) fn unsent(&self) -> &[u8] {
        &self.unread
    }

    /// So much of it was sent.
    pub(super) fn sent(&mut self, bytes: usize) {
        self.unread.drain(..bytes);
    }

    /// Hears what the process says: its messages; the error is why it cannot go on.
    pub(super) fn hear(&mut self, bytes: &[u8]) -> Result<Vec<ServerJsonRpcMessage>, String> {
        let mut heard = Vec::new();
        self.unasked_bytes += bytes.len();
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = (&rest[..end], &rest[end + 1..]);
            self.fits(line)?;
            if self.begun.is_empty() {
                self.line(line, &mut heard)?;
            } else {
                self.begun.extend_from_slice(line);
                let whole = std::mem::take(&mut self.begun);
                self.line(&whole, &mut heard)?;
            }
            rest = after;
        }
        self.fits(rest)?;
        self.begun.extend_from_slice(rest);
        if self.unasked > UNASKED || self.unasked_bytes > UNASKED_BYTES {
            return Err("it sends messages without end".to_owned());
        }
        if self.unread.len() > 2 * UNREAD {
            return Err("it does not read what it is answered".to_owned());
        }
        Ok(heard)
    }

    fn fits(&self, more: &[u8]) -> Result<(), String> {
        if (self.begun.len() + more.len()) as u64 > LONGEST {
            return Err(format!("a message is longer than {LONGEST} bytes"));
        }
        Ok(())
    }

    fn line(&mut self, line: &[u8], heard: &mut Vec<ServerJsonRpcMessage>) -> Result<(), String> {
        let line = line.trim_ascii();
        if !line.starts_with(b"{") && !line.starts_with(b"[") {
            // Many programs greet whoever reads their output; that is no message, and does no harm.
            self.unasked += 1;
            return Ok(());
        }
        let message: Json =
            serde_json::from_slice(line).map_err(|_| "a message of it is no JSON")?;
        let messages = match message {
            Json::Array(messages) => messages,
            one @ (Json::Null
            | Json::Bool(_)
            | Json::Number(_)
            | Json::String(_)
            | Json::Object(_)) => vec![one],
        };
        for message in messages {
            heard.extend(self.message(message)?);
        }
        Ok(())
    }

    fn message(&mut self, mut message: Json) -> Result<Option<ServerJsonRpcMessage>, String> {
        if message.get("method").is_some() {
            self.unasked += 1;
            // A request or news that the library has no words for is not listened to.
            return Ok(serde_json::from_value(message).ok());
        }
        if message.get("result").is_none() && message.get("error").is_none() {
            return Err("a message of it is neither a request nor an answer".to_owned());
        }
        let id = match message.get("id") {
            Some(Json::Number(id)) => id.as_i64(),
            // An error about a message that could not be read has no id.
            None | Some(Json::Null) if self.waiting.len() == 1 => {
                self.waiting.iter().next().copied()
            }
            None
            | Some(
                Json::Null | Json::Bool(_) | Json::String(_) | Json::Array(_) | Json::Object(_),
            ) => None,
        };
        let id = id.filter(|id| (0..=self.newest).contains(id));
        let id = id.ok_or("it answered a request that nobody made")?;
        // One that nobody waits for any more is late.
        if !self.waiting.remove(&id) {
            self.unasked += 1;
            return Ok(None);
        }
        (self.unasked, self.unasked_bytes) = (0, 0);
        message["id"] = id.into();
        let answer = serde_json::from_value(message);
        answer
            .map(Some)
            .map_err(|_| "an answer of it is not understood".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use rmcp::model::{ClientJsonRpcMessage, RequestId, ServerJsonRpcMessage};
    use serde_json::{Value as Json, json};

    use super::{Talk, UNASKED};
    use crate::tools::mcp::LONGEST;

    fn say(talk: &mut Talk, message: Json) {
        talk.say(&serde_json::from_value::<ClientJsonRpcMessage>(message).unwrap());
    }

    fn ask(talk: &mut Talk, id: i64) {
        say(
            talk,
            json!({"jsonrpc": "2.0", "id": id, "method": "tools/list"}),
        );
    }

    fn ids(heard: Vec<ServerJsonRpcMessage>) -> Vec<Json> {
        let ids = heard.into_iter().map(|message| match message {
            ServerJsonRpcMessage::Response(answer) => answer.id.into_json_value(),
            ServerJsonRpcMessage::Error(error) => {
                error.id.map(RequestId::into_json_value).unwrap_or_default()
            }
            ServerJsonRpcMessage::Request(request) => request.id.into_json_value(),
            ServerJsonRpcMessage::Notification(_) => Json::Null,
        });
        ids.collect()
    }

    #[test]
    fn messages_come_whole_in_any_pieces() {
        let mut talk = Talk::default();
        ask(&mut talk, 1);
        ask(&mut talk, 2);
        let said = talk.unsent().split(|byte| *byte == b'\n');
        let said: Vec<&[u8]> = said.filter(|line| !line.is_empty()).collect();
        assert_eq!(said.len(), 2);
        let said: Json = serde_json::from_slice(said[1]).unwrap();
        assert_eq!(
            (&said["id"], &said["method"]),
            (&json!(2), &json!("tools/list"))
        );
        let answers = "hello, I am a server\n{\"jsonrpc\": \"2.0\", \"id\": 2, \"result\": {\"n\": 2}}\r\n\
            [{\"jsonrpc\": \"2.0\", \"id\": \"a\", \"method\": \"ping\"}, {\"jsonrpc\": \"2.0\", \"error\": {\"code\": 5, \"message\": \"no\"}}]\n";
        let heard = answers.as_bytes().chunks(7);
        let heard = heard.flat_map(|piece| talk.hear(piece).unwrap()).collect();
        assert_eq!(ids(heard), [json!(2), json!("a"), json!(1)]);
    }

    #[test]
    fn what_breaks_the_protocol_ends_it() {
        for (said, part) in [
            ("{\"id\": 1, \"result\": {}\n", "no JSON"),
            ("{\"id\": 2, \"result\": {}}\n", "nobody made"),
            ("{\"id\": \"1\", \"result\": {}}\n", "nobody made"),
            ("{\"id\": -1, \"error\": {}}\n", "nobody made"),
            ("{\"id\": 1, \"error\": {}}\n", "not understood"),
            ("{}\n", "neither"),
            ("[1]\n", "neither"),
        ] {
            let mut talk = Talk::default();
            ask(&mut talk, 1);
            let why = talk.hear(said.as_bytes()).expect_err(said);
            assert!(why.contains(part), "{said}: {why}");
        }
    }

    #[test]
    fn floods_end_it() {
        let mut talk = Talk::default();
        let long = vec![b'x'; 1 << 20];
        let mut pieces = std::iter::repeat_with(|| talk.hear(&long));
        let why = pieces.find_map(Result::err).unwrap();
        assert_eq!(why, format!("a message is longer than {LONGEST} bytes"));
        let mut talk = Talk::default();
        let news = b"{\"jsonrpc\": \"2.0\", \"method\": \"notifications/message\"}\n";
        let mut heard = (0..=UNASKED).map(|_| talk.hear(news));
        let why = heard.find_map(Result::err).unwrap();
        assert!(why.contains("without end"), "{why}");
        // Whoever asks, and never reads the answers.
        let mut talk = Talk::default();
        let id = "x".repeat(1 << 20);
        let ping = format!("{{\"jsonrpc\": \"2.0\", \"id\": \"{id}\", \"method\": \"ping\"}}\n");
        let why = (0..100).find_map(|_| {
            let heard = talk.hear(ping.as_bytes());
            say(&mut talk, json!({"jsonrpc": "2.0", "id": id, "result": {}}));
            heard.err()
        });
        let why = why.unwrap();
        assert!(why.contains("does not read"), "{why}");
    }

    #[test]
    fn a_late_answer_does_no_harm() {
        let mut talk = Talk::default();
        ask(&mut talk, 1);
        let left = json!({"requestId": 1, "reason": "left"});
        say(
            &mut talk,
            json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": left}),
        );
        let late = b"{\"jsonrpc\": \"2.0\", \"id\": 1, \"result\": {}}\n";
        assert!(talk.hear(late).unwrap().is_empty());
    }
}
