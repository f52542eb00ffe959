//! What a call of a tool came to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value as Json;

use latchkey_domain::tool::McpTool;
use latchkey_domain::value::{Value, python_text};

use super::{McpError, protocol};
use crate::host::{MadeFile, ToolError, ToolMessage};
use crate::schema::Schema;
use crate::tools::answer::{Answered, shortened};

/// Outputs that every tool node has: a structured answer does not take their place.
const RESERVED: [&str; 3] = ["text", "files", "json"];

/// Reads a result, which must be what the tool has promised.
pub(super) fn read(tool: &McpTool, result: Json) -> Result<Vec<Answered>, ToolError> {
    let content = match result.get("content") {
        None => &[][..],
        Some(Json::Array(items)) => items.as_slice(),
        Some(_) => return Err(protocol("the content of a result is no list").into()),
    };
    let has_failed = result.get("isError") == Some(&Json::Bool(true));
    if has_failed {
        let texts = content.iter().filter_map(|item| item.get("text")?.as_str());
        let text = texts.collect::<Vec<_>>().join("\n");
        let text = format!("the tool {} has failed: {}", tool.name, shortened(&text));
        return Err(ToolError::Invoke(text));
    }
    let structured = result
        .get("structuredContent")
        .filter(|value| !value.is_null());
    check(tool, structured)?;
    let mut answered = Vec::new();
    for item in content {
        one(item, &mut answered)?;
    }
    if let (Some(Json::Object(map)), Some(_)) = (structured, &tool.output_schema) {
        let own = map
            .iter()
            .filter(|(name, _)| !RESERVED.contains(&name.as_str()));
        answered.extend(own.map(|(name, value)| {
            Answered::Message(ToolMessage::Variable {
                name: name.clone(),
                value: Value::infer(value.clone()),
            })
        }));
    }
    if content.is_empty()
        && let Some(value) = structured
    {
        answered.push(Answered::Message(ToolMessage::Json(value.clone())));
    }
    Ok(answered)
}

/// Whether the structured answer is what the tool's own schema promises.
fn check(tool: &McpTool, structured: Option<&Json>) -> Result<(), ToolError> {
    let Some(schema) = &tool.output_schema else {
        return Ok(());
    };
    let broken = |what: String| {
        let text = format!("the tool {} breaks its promise: {what}", tool.name);
        ToolError::from(McpError::Protocol(text))
    };
    let value = structured.ok_or_else(|| broken("there is no structured answer".to_owned()))?;
    let schema = Schema::new(schema.clone()).map_err(&broken)?;
    schema.check(value).map_err(broken)
}

fn one(item: &Json, answered: &mut Vec<Answered>) -> Result<(), ToolError> {
    let text = |key: &str| item.get(key).and_then(Json::as_str);
    match text("type") {
        Some("text") => words(text("text").unwrap_or_default(), answered),
        Some("image" | "audio") => {
            let made = file(text("data"), text("mimeType"), None)?;
            answered.push(Answered::Made(made));
        }
        Some("resource_link") => {
            let uri = text("uri").unwrap_or_default().to_owned();
            answered.push(Answered::Message(ToolMessage::Link(uri)));
        }
        Some("resource") => resource(item.get("resource").unwrap_or(&Json::Null), answered)?,
        other => {
            let text = format!("content of the type {:?}", other.unwrap_or_default());
            return Err(McpError::Protocol(format!("{text} is not understood")).into());
        }
    }
    Ok(())
}

/// As Dify reads the texts of MCP servers: JSON in one is told as JSON.
fn words(text: &str, answered: &mut Vec<Answered>) {
    let json = |value: Json| Answered::Message(ToolMessage::Json(value));
    match serde_json::from_str::<Json>(text) {
        Ok(value @ Json::Object(_)) => answered.push(json(value)),
        Ok(Json::Array(items)) if !items.is_empty() && items.iter().all(Json::is_object) => {
            answered.extend(items.into_iter().map(json));
        }
        Ok(value @ (Json::Bool(_) | Json::Number(_))) => {
            answered.push(Answered::text(python_text(&value)));
        }
        Ok(Json::Null | Json::String(_) | Json::Array(_)) | Err(_) => {
            answered.push(Answered::text(text));
        }
    }
}

fn resource(resource: &Json, answered: &mut Vec<Answered>) -> Result<(), ToolError> {
    let text = |key: &str| resource.get(key).and_then(Json::as_str);
    match (text("text"), text("blob")) {
        (Some(said), _) => answered.push(Answered::text(said)),
        (None, Some(_)) => {
            let name = text("uri").and_then(|uri| uri.rsplit('/').next());
            let made = file(text("blob"), text("mimeType"), name)?;
            answered.push(Answered::Made(made));
        }
        (None, None) => return Err(protocol("a resource has no content").into()),
    }
    Ok(())
}

fn file(
    data: Option<&str>,
    mime_type: Option<&str>,
    name: Option<&str>,
) -> Result<MadeFile, ToolError> {
    let content = STANDARD.decode(data.unwrap_or_default());
    let content =
        content.map_err(|_| McpError::Protocol("a file of it is no base64".to_owned()))?;
    Ok(MadeFile {
        filename: name.filter(|name| !name.is_empty()).map(str::to_owned),
        mime_type: mime_type.map(str::to_owned),
        content: Bytes::from(content),
    })
}
