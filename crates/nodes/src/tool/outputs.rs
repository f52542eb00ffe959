//! The outputs that a tool's messages make (Dify DSL reference, 4.12).

use serde_json::{Value as Json, json};

use latchkey_domain::value::{Array, File, NamedValues, Value};

use crate::host::ToolMessage;

/// What a tool has said.
pub(super) struct Said {
    /// The texts, one for each message that has one.
    pub(super) pieces: Vec<String>,
    pub(super) outputs: NamedValues,
}

/// Texts and links are joined, files and objects are listed, and a tool's own variables stand beside them.
pub(super) fn of(messages: Vec<ToolMessage>) -> Said {
    let mut pieces = Vec::new();
    let mut files: Vec<File> = Vec::new();
    let mut objects: Vec<Json> = Vec::new();
    let mut variables = NamedValues::new();
    for message in messages {
        match message {
            ToolMessage::Text(text) => pieces.push(text),
            ToolMessage::Link(url) => pieces.push(format!("Link: {url}\n")),
            ToolMessage::File(file) => files.push(file),
            ToolMessage::Json(value) if is_empty(&value) => {}
            ToolMessage::Json(value) => objects.push(value),
            ToolMessage::Variable { name, value } => set(&mut variables, name, value),
        }
    }
    if objects.is_empty() {
        objects.push(json!({"data": []}));
    }
    let mut outputs = vec![
        ("text".to_owned(), Value::string(pieces.concat())),
        ("files".to_owned(), Value::Array(Array::of_files(&files))),
        ("json".to_owned(), Value::infer(Json::Array(objects))),
    ];
    for (name, value) in variables {
        set(&mut outputs, name, value);
    }
    Said { pieces, outputs }
}

/// What Python takes for false.
fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(items) => items.is_empty(),
        Json::Object(map) => map.is_empty(),
        Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    }
}

fn set(values: &mut NamedValues, name: String, value: Value) {
    match values.iter_mut().find(|(known, _)| *known == name) {
        Some((_, old)) => *old = value,
        None => values.push((name, value)),
    }
}
