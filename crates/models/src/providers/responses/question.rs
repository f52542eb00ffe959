//! Questions as items of the Responses API. Parameters that only the other format has (`stop`, `seed`, penalties) are
//! left out: the API refuses them.

use serde_json::{Map, Value as Json, json};

use crate::chat::{ChatRequest, Content, Message, Part, ResponseFormat, Role, ToolCall};
use crate::error::InvokeError;
use crate::providers::media::{Place, media};
use crate::providers::openai::question::thinks_first;
use crate::providers::parameters::{Parameters, ToolChoice, form, tool_choice, unusable};

/// Parameters whose names or values are not passed on as they stand.
const OWN: [&str; 29] = [
    "model",
    "input",
    "messages",
    "instructions",
    "previous_response_id",
    "stream",
    "stream_options",
    "background",
    "tools",
    "tool_choice",
    "user",
    "text",
    "verbosity",
    "response_format",
    "json_schema",
    "reasoning",
    "reasoning_effort",
    "reasoning_summary",
    "max_tokens",
    "max_output_tokens",
    "max_completion_tokens",
    // What the API does not have.
    "stop",
    "seed",
    "n",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "enable_thinking",
];

/// The least that an answer may be limited to.
const LEAST_OUTPUT: i64 = 16;

/// The body of a question. `family` is the model's name as its maker gives it.
pub(super) fn body(request: &ChatRequest, family: &str) -> Result<Vec<u8>, InvokeError> {
    let parameters = Parameters(&request.parameters);
    let mut input = Vec::new();
    for message in &request.messages {
        add_items(&mut input, message)?;
    }
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(request.model));
    body.insert("input".to_owned(), Json::Array(input));
    body.insert("stream".to_owned(), json!(true));
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            json!({"type": "function", "name": tool.name, "description": tool.description,
                "parameters": tool.parameters, "strict": false})
        });
        body.insert("tools".to_owned(), tools.collect());
        if let Some(choice) = tool_choice(request) {
            body.insert("tool_choice".to_owned(), choice_of(choice));
        }
    }
    add_text(&mut body, request)?;
    add_reasoning(&mut body, parameters)?;
    let limits = ["max_output_tokens", "max_tokens", "max_completion_tokens"];
    if let Some(limit) = limits.iter().find_map(|name| parameters.whole(name)) {
        body.insert(
            "max_output_tokens".to_owned(),
            json!(limit.max(LEAST_OUTPUT)),
        );
    }
    if let Some(user) = &request.user {
        body.insert("user".to_owned(), json!(user));
    }
    for (name, value) in &request.parameters {
        if !OWN.contains(&name.as_str()) && !value.is_null() {
            body.insert(name.clone(), value.clone());
        }
    }
    body.entry("store").or_insert_with(|| json!(false));
    if body["store"] == false && thinks_first(family) && !request.tools.is_empty() {
        body.entry("include")
            .or_insert_with(|| json!(["reasoning.encrypted_content"]));
    }
    serde_json::to_vec(&body).map_err(|_| unusable("the request cannot be written as JSON"))
}

/// The shortest question, to try a key out.
pub(super) fn probe(model: &str) -> Json {
    json!({"model": model, "input": "ping", "max_output_tokens": LEAST_OUTPUT, "store": false})
}

fn add_items(input: &mut Vec<Json>, message: &Message) -> Result<(), InvokeError> {
    let text = || message.content.plain();
    match message.role {
        Role::System => input.push(json!({"role": "system", "content": text()})),
        Role::User => input.push(json!({"role": "user", "content": user(&message.content)?})),
        Role::Assistant => {
            // Thoughts belong before what came of them.
            input.extend(message.carried.iter().cloned());
            let text = text();
            if !text.is_empty() || message.tool_calls.is_empty() {
                input.push(json!({"role": "assistant", "content": text}));
            }
            input.extend(message.tool_calls.iter().map(function_call));
        }
        Role::Tool => {
            let id = message.tool_call_id.as_deref().unwrap_or_default();
            input.push(json!({"type": "function_call_output", "call_id": id, "output": text()}));
        }
    }
    Ok(())
}

fn function_call(call: &ToolCall) -> Json {
    json!({"type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments})
}

fn user(content: &Content) -> Result<Json, InvokeError> {
    match content {
        Content::Text(text) => Ok(json!(text)),
        Content::Parts(parts) => {
            let parts: Result<Vec<Json>, InvokeError> = parts.iter().map(part).collect();
            parts.map(Json::Array)
        }
    }
}

fn part(part: &Part) -> Result<Json, InvokeError> {
    match part {
        Part::Text(text) => Ok(json!({"type": "input_text", "text": text})),
        Part::Image { url, detail, .. } => {
            let detail = detail.as_deref().unwrap_or("auto");
            Ok(json!({"type": "input_image", "image_url": url, "detail": detail}))
        }
        Part::Document { url, .. } => match media(part).map(|media| media.place) {
            Some(Place::Here(_)) => {
                Ok(json!({"type": "input_file", "filename": "document.pdf", "file_data": url}))
            }
            Some(Place::There(_)) | None => Ok(json!({"type": "input_file", "file_url": url})),
        },
        Part::Audio { .. } | Part::Video { .. } => Err(unusable(
            "this provider takes text, images and documents only, no sound or films",
        )),
    }
}

fn choice_of(choice: ToolChoice) -> Json {
    match choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::Never => json!("none"),
        ToolChoice::Required => json!("required"),
        ToolChoice::One(name) => json!({"type": "function", "name": name}),
    }
}

/// The form of the answer, and how much is said in it.
fn add_text(body: &mut Map<String, Json>, request: &ChatRequest) -> Result<(), InvokeError> {
    let parameters = Parameters(&request.parameters);
    let mut text = match parameters.json("text")? {
        Some(Json::Object(text)) => text,
        _ => Map::new(),
    };
    let format = match form(request)? {
        None => None,
        Some(ResponseFormat::Text) => Some(json!({"type": "text"})),
        Some(ResponseFormat::JsonObject) => Some(json!({"type": "json_object"})),
        Some(ResponseFormat::JsonSchema {
            name,
            schema,
            strict,
        }) => {
            Some(json!({"type": "json_schema", "name": name, "schema": schema, "strict": strict}))
        }
    };
    if let Some(format) = format {
        text.insert("format".to_owned(), format);
    }
    if let Some(verbosity) = parameters.text("verbosity") {
        text.insert("verbosity".to_owned(), json!(verbosity));
    }
    if !text.is_empty() {
        body.insert("text".to_owned(), Json::Object(text));
    }
    Ok(())
}

/// How much the model thinks, and whether it tells what.
fn add_reasoning(
    body: &mut Map<String, Json>,
    parameters: Parameters<'_>,
) -> Result<(), InvokeError> {
    let mut reasoning = match parameters.json("reasoning")? {
        Some(Json::Object(reasoning)) => reasoning,
        _ => Map::new(),
    };
    for (name, word) in [
        ("reasoning_effort", "effort"),
        ("reasoning_summary", "summary"),
    ] {
        if let Some(value) = parameters.text(name) {
            reasoning.insert(word.to_owned(), json!(value));
        }
    }
    if !reasoning.is_empty() {
        body.insert("reasoning".to_owned(), Json::Object(reasoning));
    }
    Ok(())
}
