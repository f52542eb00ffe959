//! Messages as blocks of the Converse API.

use serde_json::{Value as Json, json};

use crate::chat::{Content, Message, Part, Role, ToolCall};
use crate::error::InvokeError;
use crate::providers::media::{Media, Place, media};
use crate::providers::parameters::unusable;
use crate::providers::shape::arguments;
use crate::providers::turns::Turns;

/// MIME types and the names that the API has for them.
const IMAGES: [(&str, &str); 5] = [
    ("image/png", "png"),
    ("image/jpeg", "jpeg"),
    ("image/jpg", "jpeg"),
    ("image/gif", "gif"),
    ("image/webp", "webp"),
];
const DOCUMENTS: [(&str, &str); 10] = [
    ("application/pdf", "pdf"),
    ("text/csv", "csv"),
    ("application/msword", "doc"),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "docx",
    ),
    ("application/vnd.ms-excel", "xls"),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xlsx",
    ),
    ("text/html", "html"),
    ("text/plain", "txt"),
    ("text/markdown", "md"),
    ("application/json", "txt"),
];
const SOUNDS: [(&str, &str); 8] = [
    ("audio/mpeg", "mp3"),
    ("audio/mp3", "mp3"),
    ("audio/wav", "wav"),
    ("audio/x-wav", "wav"),
    ("audio/flac", "flac"),
    ("audio/ogg", "ogg"),
    ("audio/aac", "aac"),
    ("audio/mp4", "m4a"),
];
const FILMS: [(&str, &str); 8] = [
    ("video/mp4", "mp4"),
    ("video/quicktime", "mov"),
    ("video/webm", "webm"),
    ("video/x-matroska", "mkv"),
    ("video/x-flv", "flv"),
    ("video/mpeg", "mpeg"),
    ("video/x-ms-wmv", "wmv"),
    ("video/3gpp", "three_gp"),
];

/// The turns of a conversation, as the API wants them.
pub(super) fn messages(turns: &Turns<'_>) -> Result<Vec<Json>, InvokeError> {
    let mut written = Vec::with_capacity(turns.turns.len());
    let mut documents = 0;
    for turn in &turns.turns {
        let mut blocks = Vec::new();
        for message in &turn.messages {
            match message.role {
                Role::Assistant => blocks.extend(said_by_model(message)),
                Role::Tool => blocks.push(result(message)),
                Role::System | Role::User => {
                    blocks.extend(asked(&message.content, &mut documents)?)
                }
            }
        }
        let has = |name: &str| blocks.iter().any(|block| block.get(name).is_some());
        if has("document") && !has("text") {
            // The API wants words beside a document.
            blocks.push(json!({"text": "Read the document."}));
        }
        if !blocks.is_empty() {
            let role = if turn.by_model { "assistant" } else { "user" };
            written.push(json!({"role": role, "content": blocks}));
        }
    }
    Ok(written)
}

/// What the model said goes back as it was, if its answer is carried; else as text and calls.
fn said_by_model(message: &Message) -> Vec<Json> {
    if !message.carried.is_empty() {
        let is_known = |block: &&Json| {
            let id = block.pointer("/toolUse/toolUseId").and_then(Json::as_str);
            id.is_none_or(|id| message.tool_calls.iter().any(|call| call.id == id))
        };
        return message.carried.iter().filter(is_known).cloned().collect();
    }
    let mut blocks: Vec<Json> = text(&message.content.plain()).into_iter().collect();
    blocks.extend(message.tool_calls.iter().map(call));
    blocks
}

fn call(call: &ToolCall) -> Json {
    let input = arguments(&call.arguments);
    json!({"toolUse": {"toolUseId": call.id, "name": call.name, "input": input}})
}

fn result(message: &Message) -> Json {
    let id = message.tool_call_id.as_deref().unwrap_or_default();
    let content = message.content.plain();
    let content: Vec<Json> = text(&content).into_iter().collect();
    json!({"toolResult": {"toolUseId": id, "content": content}})
}

fn asked(content: &Content, documents: &mut usize) -> Result<Vec<Json>, InvokeError> {
    match content {
        Content::Text(said) => Ok(text(said).into_iter().collect()),
        Content::Parts(parts) => {
            let blocks: Result<Vec<_>, _> =
                parts.iter().map(|part| block(part, documents)).collect();
            Ok(blocks?.into_iter().flatten().collect())
        }
    }
}

/// A block of text; the API refuses blank ones.
fn text(text: &str) -> Option<Json> {
    (!text.trim().is_empty()).then(|| json!({"text": text}))
}

fn block(part: &Part, documents: &mut usize) -> Result<Option<Json>, InvokeError> {
    let Some(media) = media(part) else {
        return Ok(part.as_text().and_then(text));
    };
    let block = match part {
        Part::Text(said) => return Ok(text(said)),
        Part::Image { .. } => json!({"image": file(&media, &IMAGES)?}),
        Part::Audio { .. } => json!({"audio": file(&media, &SOUNDS)?}),
        Part::Video { .. } => json!({"video": file(&media, &FILMS)?}),
        Part::Document { .. } => {
            // A file's own name could be read as an instruction.
            *documents += 1;
            let mut file = file(&media, &DOCUMENTS)?;
            file["name"] = json!(format!("document {documents}"));
            json!({"document": file})
        }
    };
    Ok(Some(block))
}

fn file(media: &Media<'_>, formats: &[(&str, &str)]) -> Result<Json, InvokeError> {
    let kind = media.mime_type.split(';').next().unwrap_or_default().trim();
    let Some((_, format)) = formats.iter().find(|(known, _)| *known == kind) else {
        return Err(unusable(&format!(
            "Bedrock takes no files of the type {kind}"
        )));
    };
    match media.place {
        Place::Here(data) => Ok(json!({"format": format, "source": {"bytes": data}})),
        Place::There(_) => Err(unusable(
            "Bedrock takes files by their contents, not by an address: upload the file instead of naming its URL",
        )),
    }
}
