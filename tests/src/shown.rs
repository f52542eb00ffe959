//! Answers as snapshots show them: status and whole body, with what differs from run to run replaced.
//!
//! Times are those of the test's clock and stay. Ids are numbered in order of appearance, so that a snapshot still shows
//! which of them are the same.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::client::Answer;
use crate::sse::Event;

/// What is measured with a clock that no test moves.
const MEASURED: [&str; 6] = [
    "closed_at",
    "latency_ms",
    "first_token_ms",
    "latency",
    "time_to_first_token",
    "time_to_generate",
];
/// What fits on one line is not broken into several.
const LINE: usize = 110;

/// Status and body.
#[must_use]
pub fn answer(answer: &Answer) -> String {
    match serde_json::from_str(&answer.text) {
        Ok(body) => format!("{}\n{}", answer.status, json(&body)),
        Err(_) => format!("{}\n{}", answer.status, Ids::default().text(&answer.text)),
    }
}

/// A value.
#[must_use]
pub fn json(value: &Json) -> String {
    let mut text = String::new();
    write(&Ids::default().value("", value), 0, &mut text);
    text
}

/// Events, one a line.
#[must_use]
pub fn events(events: &[Event]) -> String {
    let mut ids = Ids::default();
    let line = |event: &Event| format!("{} {}", event.name, ids.value("", &event.data));
    events.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Ids that were seen, in order.
#[derive(Default)]
struct Ids(Vec<String>);

impl Ids {
    fn value(&mut self, name: &str, value: &Json) -> Json {
        match value {
            Json::Object(fields) => {
                let mut shown = Map::new();
                for (name, field) in fields {
                    shown.insert(self.text(name), self.value(name, field));
                }
                Json::Object(shown)
            }
            Json::Array(items) => items.iter().map(|item| self.value(name, item)).collect(),
            Json::String(text) => Json::from(match name {
                "fingerprint" | "prefix" | "key" => format!("<{name}>"),
                name if MEASURED.contains(&name) => "<measured>".to_owned(),
                _ => self.text(text),
            }),
            Json::Number(_) if MEASURED.contains(&name) => Json::from("<measured>"),
            Json::Null | Json::Bool(_) | Json::Number(_) => value.clone(),
        }
    }

    /// A text with its ids numbered and its loopback ports left out.
    fn text(&mut self, text: &str) -> String {
        let mut shown = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if let Some(id) = rest.get(..36).filter(|id| Uuid::try_parse(id).is_ok()) {
                let known = self.0.iter().position(|one| one == id);
                let number = known.unwrap_or_else(|| {
                    self.0.push(id.to_owned());
                    self.0.len() - 1
                });
                // Writing into a text cannot fail.
                let _ = write!(shown, "<id {}>", number + 1);
                rest = &rest[36..];
            } else if let Some(after) = rest.strip_prefix("127.0.0.1:") {
                shown.push_str("<provider>");
                rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
            } else {
                shown.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        shown
    }
}

fn write(value: &Json, depth: usize, into: &mut String) {
    let flat = value.to_string();
    let indent = "  ".repeat(depth);
    let lines: Vec<(String, &Json)> = match value {
        _ if indent.len() + flat.len() <= LINE => return into.push_str(&flat),
        Json::Object(fields) => {
            let name = |(name, field)| (format!("{}: ", Json::from(name as &str)), field);
            fields.iter().map(|(n, f)| name((n.as_str(), f))).collect()
        }
        Json::Array(items) => items.iter().map(|item| (String::new(), item)).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
            return into.push_str(&flat);
        }
    };
    let (open, close) = if value.is_object() {
        ('{', '}')
    } else {
        ('[', ']')
    };
    into.push(open);
    for (place, (name, field)) in lines.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        *into += &format!("{comma}\n{indent}  {name}");
        write(field, depth + 1, into);
    }
    *into += &format!("\n{indent}{close}");
}
