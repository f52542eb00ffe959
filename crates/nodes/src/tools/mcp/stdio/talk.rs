//! What is said to a process and by it, a line for a message, without any input or output: who waits for which answer, and
//! when a process has said enough to be ended.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tokio::sync::oneshot;

use crate::tools::mcp::exchange::result_of;
use crate::tools::mcp::{LONGEST, McpError};

/// How many answers may be waited for at a time; further requests wait before they are sent.
const WAITED_FOR: usize = 64;
/// How much may wait to be read by the process before nothing more is sent, in bytes.
const UNREAD: usize = 16 << 20;
/// How many messages, and how many bytes, may come between two answers.
const UNASKED: usize = 10_000;
const UNASKED_BYTES: usize = 64 << 20;

/// The code of JSON-RPC for a method that is not known.
const UNKNOWN_METHOD: i64 = -32601;

/// One request, and who waits for its result.
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) params: Json,
    pub(super) tell: oneshot::Sender<Result<Json, McpError>>,
}

struct Waiting {
    method: String,
    tell: oneshot::Sender<Result<Json, McpError>>,
    since: Instant,
}

/// A conversation.
pub(super) struct Talk {
    next: u64,
    waiting: HashMap<u64, Waiting>,
    unread: Vec<u8>,
    /// The beginning of a line.
    begun: Vec<u8>,
    unasked: usize,
    unasked_bytes: usize,
    heard_at: Instant,
}

impl Talk {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            next: 1,
            waiting: HashMap::new(),
            unread: Vec::new(),
            begun: Vec::new(),
            unasked: 0,
            unasked_bytes: 0,
            heard_at: now,
        }
    }

    /// Whether another request can be sent now.
    pub(super) fn has_room(&self) -> bool {
        self.waiting.len() < WAITED_FOR && self.unread.len() < UNREAD
    }

    /// Whether nobody waits for anything.
    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Sends a request, or a notification when nobody can be answered.
    pub(super) fn ask(&mut self, asked: Asked, now: Instant) {
        let Asked {
            method,
            params,
            tell,
        } = asked;
        if method.starts_with("notifications/") {
            self.say(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
            // Whoever has left does not wait.
            let _ = tell.send(Ok(Json::Null));
            return;
        }
        let id = self.next;
        self.next += 1;
        self.say(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        let waiting = Waiting {
            method,
            tell,
            since: now,
        };
        self.waiting.insert(id, waiting);
    }

    fn say(&mut self, message: &Json) {
        self.unread
            .extend_from_slice(message.to_string().as_bytes());
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

    /// Hears what the process says; the error is why it cannot go on.
    pub(super) fn hear(&mut self, bytes: &[u8], now: Instant) -> Result<(), String> {
        self.heard_at = now;
        self.unasked_bytes += bytes.len();
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = (&rest[..end], &rest[end + 1..]);
            self.fits(line)?;
            if self.begun.is_empty() {
                self.line(line)?;
            } else {
                self.begun.extend_from_slice(line);
                let whole = std::mem::take(&mut self.begun);
                self.line(&whole)?;
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
        Ok(())
    }

    fn fits(&self, more: &[u8]) -> Result<(), String> {
        if (self.begun.len() + more.len()) as u64 > LONGEST {
            return Err(format!("a message is longer than {LONGEST} bytes"));
        }
        Ok(())
    }

    fn line(&mut self, line: &[u8]) -> Result<(), String> {
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
        messages
            .into_iter()
            .try_for_each(|message| self.message(message))
    }

    fn message(&mut self, message: Json) -> Result<(), String> {
        if message.get("method").is_some() {
            self.unasked += 1;
            self.answer(&message);
            return Ok(());
        }
        if message.get("result").is_none() && message.get("error").is_none() {
            return Err("a message of it is neither a request nor an answer".to_owned());
        }
        let id = match message.get("id") {
            Some(Json::Number(id)) => id.as_u64(),
            // An error about a message that could not be read has no id.
            None | Some(Json::Null) if self.waiting.len() == 1 => {
                self.waiting.keys().next().copied()
            }
            None
            | Some(
                Json::Null | Json::Bool(_) | Json::String(_) | Json::Array(_) | Json::Object(_),
            ) => None,
        };
        let id = id.filter(|id| (1..self.next).contains(id));
        let id = id.ok_or("it answered a request that nobody made")?;
        // One that nobody waits for any more is late.
        let Some(waiting) = self.waiting.remove(&id) else {
            self.unasked += 1;
            return Ok(());
        };
        (self.unasked, self.unasked_bytes) = (0, 0);
        // Whoever has left does not wait.
        let _ = waiting.tell.send(result_of(message, &waiting.method));
        Ok(())
    }

    /// A request of the process: it hears that we are here, and that we do nothing for it.
    fn answer(&mut self, message: &Json) {
        let Some(id) = message.get("id") else {
            return;
        };
        let is_ping = message.get("method").and_then(Json::as_str) == Some("ping");
        let answer = if is_ping {
            json!({"jsonrpc": "2.0", "id": id, "result": {}})
        } else {
            let error = json!({"code": UNKNOWN_METHOD, "message": "not offered by this client"});
            json!({"jsonrpc": "2.0", "id": id, "error": error})
        };
        self.say(&answer);
    }

    /// Forgets those who have left; the error is that the process has not said a word since it was asked.
    pub(super) fn look(&mut self, now: Instant, patience: Duration) -> Result<(), String> {
        let left: Vec<u64> = self
            .waiting
            .iter()
            .filter(|(_, waiting)| waiting.tell.is_closed())
            .map(|(id, _)| *id)
            .collect();
        for id in left {
            let Some(waiting) = self.waiting.remove(&id) else {
                continue;
            };
            let has_waited = now.saturating_duration_since(waiting.since) >= patience;
            if has_waited && self.heard_at <= waiting.since {
                return Err("it does not say anything any more".to_owned());
            }
            let params = json!({"requestId": id, "reason": "nobody waits for it any more"});
            self.say(
                &json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}),
            );
        }
        Ok(())
    }

    /// Tells everybody who waits that there will be no answer.
    pub(super) fn give_up(&mut self, why: &McpError) {
        for (_, waiting) in self.waiting.drain() {
            // Whoever has left does not wait.
            let _ = waiting.tell.send(Err(why.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::{Value as Json, json};
    use tokio::sync::oneshot;

    use super::{Asked, Talk, UNASKED};
    use crate::tools::mcp::{LONGEST, McpError};

    type Told = oneshot::Receiver<Result<Json, McpError>>;

    fn talk() -> (Talk, Instant) {
        let now = Instant::now();
        (Talk::new(now), now)
    }

    fn ask(talk: &mut Talk, method: &str, now: Instant) -> Told {
        let (tell, told) = oneshot::channel();
        let params = json!({});
        let method = method.to_owned();
        talk.ask(
            Asked {
                method,
                params,
                tell,
            },
            now,
        );
        told
    }

    fn unsent(talk: &mut Talk) -> Vec<Json> {
        let lines = talk.unsent().split(|byte| *byte == b'\n');
        let lines = lines.filter(|line| !line.is_empty());
        let said = lines.map(|line| serde_json::from_slice(line).unwrap());
        let said = said.collect();
        talk.sent(talk.unsent().len());
        said
    }

    #[test]
    fn answers_find_those_who_asked_in_any_order_and_in_any_pieces() {
        let (mut talk, now) = talk();
        let mut first = ask(&mut talk, "tools/list", now);
        let mut second = ask(&mut talk, "tools/call", now);
        let said = unsent(&mut talk);
        assert_eq!((&said[0]["id"], &said[1]["id"]), (&json!(1), &json!(2)));
        let answers = "hello, I am a server\n{\"id\": 2, \"result\": {\"n\": 2}}\r\n[{\"id\": 1, \"error\": {\"code\": 5, \"message\": \"no\"}}]\n";
        for piece in answers.as_bytes().chunks(7) {
            talk.hear(piece, now).unwrap();
        }
        assert_eq!(second.try_recv().unwrap().unwrap(), json!({"n": 2}));
        let refused = first.try_recv().unwrap().unwrap_err();
        assert!(
            matches!(refused, McpError::Refused { code: 5, .. }),
            "{refused}"
        );
        assert!(talk.is_idle());
    }

    #[test]
    fn requests_of_the_server_are_answered_and_its_news_are_not() {
        let (mut talk, now) = talk();
        let news = "{\"id\": \"a\", \"method\": \"ping\"}\n{\"id\": 7, \"method\": \"sampling/createMessage\"}\n{\"method\": \"notifications/message\"}\n";
        talk.hear(news.as_bytes(), now).unwrap();
        let said = unsent(&mut talk);
        assert_eq!(said[0], json!({"jsonrpc": "2.0", "id": "a", "result": {}}));
        assert_eq!(said[1]["error"]["code"], -32601);
        assert_eq!(said.len(), 2);
    }

    #[test]
    fn what_breaks_the_protocol_ends_it() {
        for (said, part) in [
            ("{\"id\": 1, \"result\": {}\n", "no JSON"),
            ("{\"id\": 2, \"result\": {}}\n", "nobody made"),
            ("{\"id\": \"1\", \"result\": {}}\n", "nobody made"),
            ("{\"id\": -1, \"error\": {}}\n", "nobody made"),
            ("{}\n", "neither"),
            ("[1]\n", "neither"),
        ] {
            let (mut talk, now) = talk();
            let mut told = ask(&mut talk, "x", now);
            let why = talk.hear(said.as_bytes(), now).expect_err(said);
            assert!(why.contains(part), "{said}: {why}");
            assert!(told.try_recv().is_err());
            talk.give_up(&McpError::Ended(why));
            assert!(matches!(told.try_recv(), Ok(Err(McpError::Ended(_)))));
        }
    }

    #[test]
    fn floods_end_it() {
        let (mut talk, now) = talk();
        let long = vec![b'x'; 1 << 20];
        let mut pieces = std::iter::repeat_with(|| talk.hear(&long, now));
        let why = pieces.find_map(Result::err).unwrap();
        assert_eq!(why, format!("a message is longer than {LONGEST} bytes"));
        let (mut talk, now) = self::talk();
        let news = b"{\"method\": \"notifications/message\"}\n";
        let mut heard = (0..=UNASKED).map(|_| talk.hear(news, now));
        let why = heard.find_map(Result::err).unwrap();
        assert!(why.contains("without end"), "{why}");
        // Whoever asks, and never reads the answers.
        let (mut talk, now) = self::talk();
        let id = "x".repeat(1 << 20);
        let ping = format!("{{\"id\": \"{id}\", \"method\": \"ping\"}}\n");
        let mut heard = (0..100).map(|_| talk.hear(ping.as_bytes(), now));
        let why = heard.find_map(Result::err).unwrap();
        assert!(why.contains("does not read"), "{why}");
    }

    #[test]
    fn whoever_leaves_is_forgotten_and_a_late_answer_does_no_harm() {
        let (mut talk, now) = talk();
        let patience = Duration::from_secs(10);
        drop(ask(&mut talk, "x", now));
        unsent(&mut talk);
        let later = now + Duration::from_secs(1);
        assert_eq!(talk.look(later, patience), Ok(()));
        assert_eq!(unsent(&mut talk)[0]["params"]["requestId"], 1);
        assert!(talk.is_idle());
        talk.hear(b"{\"id\": 1, \"result\": {}}\n", later).unwrap();
        // One that has heard nothing for as long as it was ready to wait.
        drop(ask(&mut talk, "y", later));
        assert!(talk.look(later + patience, patience).is_err());
    }
}
