//! What a call of a tool came to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use rmcp::model::{CallToolResult, ContentBlock, ResourceContents};
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
pub(super) fn read(tool: &McpTool, result: CallToolResult) -> Result<Vec<Answered>, ToolError> {
    let CallToolResult {
        content,
        structured_content,
        is_error,
        ..
    } = result;
    if is_error == Some(true) {
        let texts = content.iter().filter_map(ContentBlock::as_text);
        let texts: Vec<&str> = texts.map(|said| said.text.as_str()).collect();
        let text = shortened(&texts.join("\n"));
        let text = format!("the tool {} has failed: {text}", tool.name);
        return Err(ToolError::Invoke(text));
    }
    let structured = structured_content.filter(|value| !value.is_null());
    check(tool, structured.as_ref())?;
    let is_empty = content.is_empty();
    let mut answered = Vec::new();
    for item in content {
        one(item, &mut answered)?;
    }
    if let (Some(Json::Object(map)), Some(_)) = (&structured, &tool.output_schema) {
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
    if is_empty && let Some(value) = structured {
        answered.push(Answered::Message(ToolMessage::Json(value)));
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

fn one(item: ContentBlock, answered: &mut Vec<Answered>) -> Result<(), ToolError> {
    match item {
        ContentBlock::Text(said) => words(&said.text, answered),
        ContentBlock::Image(image) => {
            answered.push(file(&image.data, Some(image.mime_type), None)?);
        }
        ContentBlock::Audio(audio) => {
            answered.push(file(&audio.data, Some(audio.mime_type), None)?);
        }
        ContentBlock::ResourceLink(link) => {
            answered.push(Answered::Message(ToolMessage::Link(link.uri)));
        }
        ContentBlock::Resource(held) => match held.resource {
            ResourceContents::TextResourceContents { text, .. } => {
                answered.push(Answered::text(text));
            }
            ResourceContents::BlobResourceContents {
                uri,
                mime_type,
                blob,
                ..
            } => answered.push(file(&blob, mime_type, uri.rsplit('/').next())?),
            _ => return Err(protocol("a resource of its kind is not understood").into()),
        },
        _ => return Err(protocol("content of its type is not understood").into()),
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

fn file(data: &str, mime_type: Option<String>, name: Option<&str>) -> Result<Answered, ToolError> {
    let content = STANDARD.decode(data);
    let content =
        content.map_err(|_| McpError::Protocol("a file of it is no base64".to_owned()))?;
    Ok(Answered::Made(MadeFile {
        filename: name.filter(|name| !name.is_empty()).map(str::to_owned),
        mime_type,
        content: Bytes::from(content),
    }))
}
