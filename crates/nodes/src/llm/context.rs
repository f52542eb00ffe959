//! What stands for `{{#context#}}`, and what comes with it.

use serde_json::Value as Json;

use latchkey_domain::value::{File, Value, json_compact};
use latchkey_engine::pool::Pool;

use super::Error;

/// What a node is told beside its prompt.
#[derive(Default)]
pub(super) struct Context {
    /// The text; none when there is no such variable, or one of another type.
    pub(super) text: Option<String>,
    /// The files that came with knowledge.
    pub(super) files: Vec<File>,
}

/// The context in a variable: a text, or one line for each item of a list.
pub(super) fn of(selector: Option<&[String]>, pool: &Pool) -> Result<Context, Error> {
    let Some(value) = selector.and_then(|selector| pool.get(selector)) else {
        return Ok(Context::default());
    };
    if let Some(text) = value.as_str() {
        return Ok(Context {
            text: Some(text.to_owned()),
            files: Vec::new(),
        });
    }
    let Value::Array(array) = &value else {
        return Ok(Context::default());
    };
    let (mut lines, mut files) = (Vec::new(), Vec::new());
    for item in array.items() {
        add(&mut lines, item)?;
        if item.pointer("/metadata/_source").and_then(Json::as_str) == Some("knowledge") {
            let found = item.get("files").and_then(Json::as_array);
            files.extend(found.into_iter().flatten().filter_map(File::from_json));
        }
    }
    Ok(Context {
        text: Some(lines.join("\n").trim().to_owned()),
        files,
    })
}

fn add(lines: &mut Vec<String>, item: &Json) -> Result<(), Error> {
    if let Json::String(text) = item {
        lines.push(text.clone());
        return Ok(());
    }
    let content = item
        .get("content")
        .ok_or_else(|| Error::InvalidContext(json_compact(item)))?;
    let summary = item.get("summary").and_then(Json::as_str);
    lines.extend(summary.filter(|text| !text.is_empty()).map(str::to_owned));
    lines.push(Value::infer(content.clone()).text().into_owned());
    Ok(())
}
