//! The text that stands for `{{#context#}}`.

use serde_json::Value as Json;

use latchkey_domain::value::{Value, json_compact};
use latchkey_engine::pool::Pool;

use super::Error;

/// The text of a variable: itself, or one line for each item of a list. Anything else, also nothing, gives no text.
pub(super) fn text(selector: Option<&[String]>, pool: &Pool) -> Result<String, Error> {
    let Some(value) = selector.and_then(|selector| pool.get(selector)) else {
        return Ok(String::new());
    };
    match (value.as_str(), &value) {
        (Some(text), _) => Ok(text.to_owned()),
        (None, Value::Array(array)) => {
            let mut lines = Vec::new();
            for item in array.items() {
                add(&mut lines, item)?;
            }
            Ok(lines.join("\n").trim().to_owned())
        }
        (None, _) => Ok(String::new()),
    }
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
