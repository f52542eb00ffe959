//! Questions in Ollama's format.

use std::collections::HashMap;

use serde_json::{Map, Value as Json, json};

use crate::chat::{ChatRequest, Content, Message, Part, ResponseFormat, Role, ToolCall};
use crate::error::InvokeError;
use crate::providers::media::{Place, media};
use crate::providers::parameters::{Parameters, ToolChoice, form, stops, tool_choice, unusable};

/// Parameters of the request itself; all others are options of the model.
const TOP: [&str; 13] = [
    "format",
    "json_schema",
    "response_format",
    "keep_alive",
    "think",
    "enable_thinking",
    "reasoning_effort",
    "tool_choice",
    "stop",
    "stream",
    "model",
    "messages",
    "tools",
];
/// Options that other formats know by other names.
const RENAMED: [(&str, &str); 3] = [
    ("max_tokens", "num_predict"),
    ("max_output_tokens", "num_predict"),
    ("context_size", "num_ctx"),
];

/// The body of a question. Images that stood at an address have been fetched.
pub(super) fn body(
    request: &ChatRequest,
    images: &HashMap<String, String>,
) -> Result<Vec<u8>, InvokeError> {
    let parameters = Parameters(&request.parameters);
    let mut messages = Vec::with_capacity(request.messages.len());
    for (at, message) in request.messages.iter().enumerate() {
        messages.push(one(message, &request.messages[..at], images)?);
    }
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(request.model));
    body.insert("messages".to_owned(), Json::Array(messages));
    body.insert("stream".to_owned(), json!(true));
    // The format knows no choice; without tools there is nothing to call.
    let may_call = tool_choice(request) != Some(ToolChoice::Never);
    if !request.tools.is_empty() && may_call {
        let tools = request.tools.iter().map(|tool| {
            json!({"type": "function", "function": {"name": tool.name, "description": tool.description,
                "parameters": tool.parameters}})
        });
        body.insert("tools".to_owned(), tools.collect());
    }
    if let Some(format) = format(request)? {
        body.insert("format".to_owned(), format);
    }
    if let Some(think) = think(parameters) {
        body.insert("think".to_owned(), think);
    }
    if let Some(keep) = parameters.get("keep_alive") {
        body.insert("keep_alive".to_owned(), keep.clone());
    }
    let options = options(request);
    if !options.is_empty() {
        body.insert("options".to_owned(), Json::Object(options));
    }
    serde_json::to_vec(&body).map_err(|_| unusable("the request cannot be written as JSON"))
}

fn one(
    message: &Message,
    before: &[Message],
    images: &HashMap<String, String>,
) -> Result<Json, InvokeError> {
    let role = match message.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    };
    let mut one = Map::new();
    one.insert("role".to_owned(), json!(role));
    one.insert("content".to_owned(), json!(message.content.plain()));
    let shown = shown(&message.content, images)?;
    if !shown.is_empty() {
        one.insert("images".to_owned(), json!(shown));
    }
    if !message.tool_calls.is_empty() {
        let calls: Result<Vec<Json>, InvokeError> = message.tool_calls.iter().map(called).collect();
        one.insert("tool_calls".to_owned(), Json::Array(calls?));
    }
    if let Some(id) = &message.tool_call_id {
        let mut calls = before.iter().rev().flat_map(|message| &message.tool_calls);
        if let Some(call) = calls.find(|call| call.id == *id) {
            one.insert("tool_name".to_owned(), json!(call.name));
        }
    }
    Ok(Json::Object(one))
}

fn shown<'a>(
    content: &'a Content,
    images: &'a HashMap<String, String>,
) -> Result<Vec<&'a str>, InvokeError> {
    let Content::Parts(parts) = content else {
        return Ok(Vec::new());
    };
    let mut shown = Vec::new();
    for part in parts {
        match part {
            Part::Text(_) => {}
            Part::Image { url, .. } => match media(part).map(|media| media.place) {
                Some(Place::Here(data)) => shown.push(data),
                Some(Place::There(_)) | None => {
                    let fetched = images.get(url);
                    let fetched = fetched.ok_or_else(|| unusable("an image is missing"))?;
                    shown.push(fetched);
                }
            },
            Part::Document { .. } | Part::Audio { .. } | Part::Video { .. } => {
                return Err(unusable(
                    "this provider takes text and images only, no documents, sound or films",
                ));
            }
        }
    }
    Ok(shown)
}

fn called(call: &ToolCall) -> Result<Json, InvokeError> {
    let text = call.arguments.trim();
    let arguments = if text.is_empty() { "{}" } else { text };
    let arguments = serde_json::from_str::<Map<String, Json>>(arguments).map_err(|_| {
        let text = format!(
            "the arguments of an earlier call of {} are no JSON object",
            call.name
        );
        unusable(&text)
    })?;
    Ok(json!({"function": {"name": call.name, "arguments": arguments}}))
}

fn format(request: &ChatRequest) -> Result<Option<Json>, InvokeError> {
    Ok(match form(request)? {
        Some(ResponseFormat::JsonObject) => Some(json!("json")),
        Some(ResponseFormat::JsonSchema { schema, .. }) => Some(schema),
        Some(ResponseFormat::Text) => None,
        // Dify's form of Ollama has a parameter of this name: the word, or a schema.
        None => match Parameters(&request.parameters).get("format") {
            Some(Json::String(text)) if text == "json" => Some(json!("json")),
            Some(Json::String(text)) => serde_json::from_str(text).ok().filter(Json::is_object),
            Some(Json::Object(schema)) => Some(Json::Object(schema.clone())),
            _ => None,
        },
    })
}

/// Whether, or how much, the model thinks first. Not said at all, the server decides.
fn think(parameters: Parameters<'_>) -> Option<Json> {
    if let Some(level @ ("low" | "medium" | "high")) = parameters.text("think") {
        return Some(json!(level));
    }
    if let Some(switch) = parameters
        .switch("think")
        .or(parameters.switch("enable_thinking"))
    {
        return Some(json!(switch));
    }
    match parameters.text("reasoning_effort")? {
        "none" => Some(json!(false)),
        "minimal" => Some(json!("low")),
        "xhigh" => Some(json!("high")),
        level => Some(json!(level)),
    }
}

fn options(request: &ChatRequest) -> Map<String, Json> {
    let mut options = Map::new();
    for (name, value) in &request.parameters {
        if TOP.contains(&name.as_str()) || value.is_null() {
            continue;
        }
        let renamed = RENAMED.iter().find(|(known, _)| known == name);
        let name = renamed.map_or(name.as_str(), |(_, wire)| wire);
        options.insert(name.to_owned(), value.clone());
    }
    let stops = stops(request);
    if !stops.is_empty() {
        options.insert("stop".to_owned(), json!(stops));
    }
    options
}
