//! Server-sent events, as a client reads them.

use serde_json::Value as Json;

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its `id`; empty without one.
    pub id: String,
    /// Its `event`; `message` without one.
    pub name: String,
    /// Its `data` as JSON; null if it is none.
    pub data: Json,
}

/// Collects bytes and gives events.
#[derive(Default)]
pub struct Frames {
    bytes: Vec<u8>,
}

impl Frames {
    /// Adds what has arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole event. Comments are skipped, and so is `ping`, which carries nothing.
    pub fn take(&mut self) -> Option<Event> {
        loop {
            let end = self.bytes.windows(2).position(|two| two == b"\n\n")?;
            let frame: Vec<u8> = self.bytes.drain(..end + 2).collect();
            let event = parse(&String::from_utf8_lossy(&frame));
            if let Some(event) = event.filter(|event| event.name != "ping") {
                return Some(event);
            }
        }
    }
}

fn parse(frame: &str) -> Option<Event> {
    let (mut id, mut name, mut data) = (String::new(), "message".to_owned(), String::new());
    for line in frame.lines().filter(|line| !line.starts_with(':')) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" => id = value.to_owned(),
            "event" => name = value.to_owned(),
            "data" => data.push_str(value),
            _ => {}
        }
    }
    let is_comment = data.is_empty() && name == "message" && id.is_empty();
    (!is_comment).then(|| Event {
        id,
        name,
        data: serde_json::from_str(&data).unwrap_or(Json::Null),
    })
}
