//! Messages as blocks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use crate::chat::{Content, Message, Part, Role, ToolCall};
use crate::error::InvokeError;
use crate::providers::anthropic::caching::{Caching, Kept};
use crate::providers::media::{Media, Place, media};
use crate::providers::parameters::unusable;
use crate::providers::shape::arguments;
use crate::providers::turns::{Turn, Turns};

/// The turns of a conversation, as the API wants them.
pub(super) fn messages(turns: &Turns<'_>, caching: &Caching) -> Result<Vec<Json>, InvokeError> {
    let mut written = Vec::with_capacity(turns.turns.len());
    for turn in &turns.turns {
        let mut blocks = Vec::new();
        for message in &turn.messages {
            match message.role {
                Role::Assistant => blocks.extend(said_by_model(message, caching)),
                Role::Tool => blocks.push(result(message, caching)),
                Role::System | Role::User => blocks.extend(asked(&message.content, caching)?),
            }
        }
        if !blocks.is_empty() {
            written.push(json!({"role": role(turn), "content": blocks}));
        }
    }
    trim_end(&mut written);
    Ok(written)
}

const fn role(turn: &Turn<'_>) -> &'static str {
    if turn.by_model { "assistant" } else { "user" }
}

/// What the model said goes back as it was, if its answer is carried; else as text and calls.
fn said_by_model(message: &Message, caching: &Caching) -> Vec<Json> {
    if !message.carried.is_empty() {
        let is_known = |block: &&Json| {
            let id = block.get("id").and_then(Json::as_str);
            let is_call = block.get("type").and_then(Json::as_str) == Some("tool_use");
            !is_call
                || message
                    .tool_calls
                    .iter()
                    .any(|call| Some(call.id.as_str()) == id)
        };
        return message.carried.iter().filter(is_known).cloned().collect();
    }
    let mut blocks: Vec<Json> = text(&message.content.plain(), caching)
        .into_iter()
        .collect();
    blocks.extend(message.tool_calls.iter().map(call));
    blocks
}

fn call(call: &ToolCall) -> Json {
    json!({"type": "tool_use", "id": call.id, "name": call.name, "input": arguments(&call.arguments)})
}

fn result(message: &Message, caching: &Caching) -> Json {
    let mut block = json!({"type": "tool_result", "tool_use_id": message.tool_call_id.as_deref().unwrap_or_default()});
    let content = message.content.plain();
    if !content.is_empty() {
        block["content"] = json!(content);
    }
    caching.part(Kept::Result, &mut block);
    block
}

fn asked(content: &Content, caching: &Caching) -> Result<Vec<Json>, InvokeError> {
    match content {
        Content::Text(said) => Ok(text(said, caching).into_iter().collect()),
        Content::Parts(parts) => {
            let blocks: Result<Vec<_>, _> = parts.iter().map(|part| block(part, caching)).collect();
            Ok(blocks?.into_iter().flatten().collect())
        }
    }
}

/// A block of text; the API refuses empty ones.
fn text(text: &str, caching: &Caching) -> Option<Json> {
    (!text.trim().is_empty()).then(|| {
        let mut block = json!({"type": "text", "text": text});
        caching.part(Kept::Text, &mut block);
        block
    })
}

fn block(part: &Part, caching: &Caching) -> Result<Option<Json>, InvokeError> {
    let (kept, mut block) = match (part, media(part)) {
        (Part::Text(said), _) => return Ok(text(said, caching)),
        (Part::Image { .. }, Some(media)) => (
            Kept::Image,
            json!({"type": "image", "source": source(&media)}),
        ),
        (Part::Document { .. }, Some(media)) => (
            Kept::Document,
            json!({"type": "document", "source": document(&media)?}),
        ),
        (
            Part::Image { .. } | Part::Document { .. } | Part::Audio { .. } | Part::Video { .. },
            _,
        ) => {
            return Err(unusable(
                "this provider takes text, images and documents only, no sound or films",
            ));
        }
    };
    caching.part(kept, &mut block);
    Ok(Some(block))
}

fn source(media: &Media<'_>) -> Json {
    match media.place {
        Place::Here(data) => json!({"type": "base64", "media_type": media.mime_type, "data": data}),
        Place::There(url) => json!({"type": "url", "url": url}),
    }
}

/// A PDF as it is, any text as text.
fn document(media: &Media<'_>) -> Result<Json, InvokeError> {
    let kind = media.mime_type.as_str();
    if kind == "application/pdf" {
        return Ok(source(media));
    }
    let is_text = kind.starts_with("text/")
        || matches!(
            kind,
            "application/json" | "application/xml" | "application/yaml"
        );
    if let (true, Place::Here(data)) = (is_text, &media.place) {
        let bytes = STANDARD.decode(data);
        let bytes = bytes.map_err(|_| unusable("the contents of a document are not base64"))?;
        let text = String::from_utf8_lossy(&bytes);
        return Ok(json!({"type": "text", "media_type": "text/plain", "data": text}));
    }
    Err(unusable(&format!(
        "this provider takes PDF documents, and texts by their contents, but not {kind}: extract its text first"
    )))
}

/// The API refuses blanks at the end of an answer that it shall go on with.
fn trim_end(messages: &mut [Json]) {
    let Some(last) = messages.last_mut() else {
        return;
    };
    if last["role"] == json!("assistant")
        && let Some(text) = last
            .pointer_mut("/content")
            .and_then(Json::as_array_mut)
            .and_then(|blocks| blocks.last_mut())
        && let Some(Json::String(text)) = text.get_mut("text")
    {
        text.truncate(text.trim_end().len());
    }
}
