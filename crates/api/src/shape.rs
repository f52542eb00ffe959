//! What is wrong with the shape of a body or a query, in words that people read: the field and what it needs, without the value
//! and without the names of our types.

use latchkey_service::{Error, ErrorItem, ErrorKind};
use serde_path_to_error::{Path, Segment};

use crate::problem::Refusal;

/// The refusal of a body, from serde's words and the place where they were said.
pub(crate) fn refusal(text: &str, path: &Path) -> Refusal {
    let text = text.split(" at line ").next().unwrap_or_default();
    let mut pointer = pointer(path);
    let (kind, code, message) = if let Some(name) = quoted(text, "unknown field ") {
        push(&mut pointer, name);
        let message = match known(text) {
            Some(known) => format!("unknown field {name} (known: {known})"),
            None => format!("unknown field {name}"),
        };
        (ErrorKind::Malformed, "unknown_field", message)
    } else if let Some(name) = quoted(text, "missing field ") {
        push(&mut pointer, name);
        let message = format!("the field {name} is needed");
        (ErrorKind::Unprocessable, "invalid_input", message)
    } else if let Some(name) = quoted(text, "duplicate field ") {
        push(&mut pointer, name);
        let message = format!("the field {name} is given twice");
        (ErrorKind::Unprocessable, "invalid_input", message)
    } else {
        let message = needed(text);
        (ErrorKind::Unprocessable, "invalid_input", message)
    };
    let place = pointer.trim_start_matches('/').replace('/', ".");
    let detail = match place.as_str() {
        "" => format!("the body: {message}"),
        _ if message.ends_with("is needed") && !message.starts_with("the field") => {
            format!("{place}: {message}")
        }
        _ => message.clone(),
    };
    let item = ErrorItem {
        code: code.to_owned(),
        message,
        pointer: Some(pointer),
        ..ErrorItem::default()
    };
    Error::new(kind, code, detail).with([item]).into()
}

/// What is needed instead of what is there.
pub(crate) fn needed(text: &str) -> String {
    if text.contains("UUID") {
        return "an id is needed".to_owned();
    }
    if text.contains("true` or `false") {
        return "true or false is needed".to_owned();
    }
    if text.contains("digit") || text.contains("parse integer") || text.contains("number too") {
        return "a whole number that is not negative is needed".to_owned();
    }
    let expected = text.rsplit_once("expected ").map_or("", |(_, what)| what);
    let what = match expected {
        "a string" | "string" => "a text",
        "a boolean" => "true or false",
        "a sequence" | "sequence" => "a list",
        "a map" | "map" | "an object" => "an object",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number that is not negative",
        "i8" | "i16" | "i32" | "i64" => "a whole number",
        "f32" | "f64" => "a number",
        _ if expected.contains("struct ") || expected.contains("tagged enum ") => "an object",
        _ if expected.contains('`') => {
            let words = expected.replace('`', "").replace(" or ", ", ");
            let words = words.trim_start_matches("one of ");
            let several = if words.contains(", ") { "one of " } else { "" };
            return format!("{several}{words} is needed");
        }
        _ => return "this value is not of the form that is needed".to_owned(),
    };
    format!("{what} is needed")
}

/// The names that there are instead of an unknown one.
pub(crate) fn known(text: &str) -> Option<String> {
    let (_, known) = text.rsplit_once("expected ")?;
    let known = known.replace('`', "").replace(" or ", ", ");
    Some(known.trim_start_matches("one of ").to_owned())
}

/// The name in backticks after these words.
pub(crate) fn quoted<'a>(text: &'a str, before: &str) -> Option<&'a str> {
    text.strip_prefix(before)?.split('`').nth(1)
}

fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => push(&mut pointer, &index.to_string()),
            Segment::Map { key } => push(&mut pointer, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

/// Adds a name unless the path ends with it already: some errors are told at the field, some at the object around it.
fn push(pointer: &mut String, name: &str) {
    let part = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
    if !pointer.ends_with(&part) {
        pointer.push_str(&part);
    }
}
