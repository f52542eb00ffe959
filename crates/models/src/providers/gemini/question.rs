//! Questions in Gemini's format. Parameters that the format does not know are left out: its servers refuse a request
//! for a single unknown name, and documents keep parameters of models that they had before.

use serde_json::{Map, Value as Json, json};

use crate::chat::{ChatRequest, Content, Message, Part, ResponseFormat, Role, Tool, ToolCall};
use crate::error::InvokeError;
use crate::providers::media::{Place, media};
use crate::providers::parameters::{Parameters, ToolChoice, form, stops, tool_choice, unusable};

use super::answer::{CALL, SIGNATURE};
use super::schema;

/// Stands for a signature that a call of a tool does not have: a question with an example in it was never signed.
/// <https://ai.google.dev/gemini-api/docs/thought-signatures>
const UNSIGNED: &str = "skip_thought_signature_validator";

/// Parameters of `generationConfig`, by the names of documents and of the format.
const CONFIG: [(&[&str], &str); 10] = [
    (&["temperature"], "temperature"),
    (&["top_p", "topP"], "topP"),
    (&["top_k", "topK"], "topK"),
    (
        &[
            "max_output_tokens",
            "max_tokens",
            "max_completion_tokens",
            "maxOutputTokens",
        ],
        "maxOutputTokens",
    ),
    (&["seed"], "seed"),
    (&["presence_penalty", "presencePenalty"], "presencePenalty"),
    (
        &["frequency_penalty", "frequencyPenalty"],
        "frequencyPenalty",
    ),
    (&["media_resolution", "mediaResolution"], "mediaResolution"),
    (
        &["response_modalities", "responseModalities"],
        "responseModalities",
    ),
    (&["speech_config", "speechConfig"], "speechConfig"),
];

/// The body of a question.
pub(crate) fn body(request: &ChatRequest) -> Result<Vec<u8>, InvokeError> {
    let mut body = Map::new();
    let (system, contents) = conversation(request)?;
    body.insert("contents".to_owned(), Json::Array(contents));
    if let Some(system) = system {
        body.insert(
            "systemInstruction".to_owned(),
            json!({"parts": [{"text": system}]}),
        );
    }
    let config = config(request)?;
    if !config.is_empty() {
        body.insert("generationConfig".to_owned(), Json::Object(config));
    }
    let tools = tools(request);
    if !tools.is_empty() {
        body.insert("tools".to_owned(), Json::Array(tools));
    }
    if let Some(choice) = tool_choice(request).filter(|_| !request.tools.is_empty()) {
        body.insert("toolConfig".to_owned(), tool_config(choice));
    }
    let parameters = Parameters(&request.parameters);
    for (name, wire) in [
        ("safety_settings", "safetySettings"),
        ("safetySettings", "safetySettings"),
        ("cached_content", "cachedContent"),
    ] {
        if let Some(value) = parameters.json(name)? {
            body.insert(wire.to_owned(), value);
        }
    }
    serde_json::to_vec(&body).map_err(|_| unusable("the request cannot be written as JSON"))
}

/// The instructions and the turns. The format has no place for instructions between turns: they all stand in front.
fn conversation(request: &ChatRequest) -> Result<(Option<String>, Vec<Json>), InvokeError> {
    let said: Vec<String> = request
        .messages
        .iter()
        .filter(|message| message.role == Role::System)
        .map(|message| message.content.plain())
        .filter(|text| !text.is_empty())
        .collect();
    let system = (!said.is_empty()).then(|| said.join("\n\n"));
    let mut turns: Vec<(&str, Vec<Json>)> = Vec::new();
    for (at, message) in request.messages.iter().enumerate() {
        let (role, parts) = match message.role {
            Role::System => continue,
            Role::User => ("user", user(&message.content)),
            Role::Assistant => ("model", model(message, &request.model)?),
            Role::Tool => ("user", vec![result(message, &request.messages[..at])]),
        };
        match turns.last_mut() {
            // Turns take turns; the results of calls that were made together belong together.
            Some((last, before)) if *last == role => before.extend(parts),
            _ => turns.push((role, parts)),
        }
    }
    turns.retain(|(_, parts)| !parts.is_empty());
    if turns.is_empty() {
        // A question has to have a turn: instructions alone become one.
        let text = system.ok_or_else(|| unusable("there is nothing to ask"))?;
        return Ok((
            None,
            vec![json!({"role": "user", "parts": [{"text": text}]})],
        ));
    }
    let turns = turns.into_iter();
    let contents = turns.map(|(role, parts)| json!({"role": role, "parts": parts}));
    Ok((system, contents.collect()))
}

fn user(content: &Content) -> Vec<Json> {
    match content {
        Content::Text(text) => vec![json!({"text": text})],
        Content::Parts(parts) => parts.iter().map(part).collect(),
    }
}

fn part(part: &Part) -> Json {
    let Some(media) = media(part) else {
        return json!({"text": part.as_text().unwrap_or_default()});
    };
    match media.place {
        Place::Here(data) => json!({"inlineData": {"mimeType": media.mime_type, "data": data}}),
        Place::There(url) => json!({"fileData": {"mimeType": media.mime_type, "fileUri": url}}),
    }
}

fn model(message: &Message, model: &str) -> Result<Vec<Json>, InvokeError> {
    let mut parts = Vec::new();
    let text = message.content.plain();
    if !text.is_empty() {
        parts.push(json!({"text": text}));
    }
    for (at, call) in message.tool_calls.iter().enumerate() {
        let mut part = Map::new();
        part.insert("functionCall".to_owned(), function_call(call)?);
        // Only the first of calls that were made together is signed.
        let missing = (at == 0 && wants_signatures(model)).then_some(UNSIGNED);
        if let Some(signature) = signature(message, call).or(missing) {
            part.insert(SIGNATURE.to_owned(), json!(signature));
        }
        parts.push(Json::Object(part));
    }
    Ok(parts)
}

fn signature<'a>(message: &'a Message, call: &ToolCall) -> Option<&'a str> {
    let mut carried = message.carried.iter();
    let signed = carried.find(|one| one.get(CALL).and_then(Json::as_str) == Some(&call.id))?;
    signed.get(SIGNATURE)?.as_str()
}

fn function_call(call: &ToolCall) -> Result<Json, InvokeError> {
    let text = call.arguments.trim();
    let arguments = if text.is_empty() { "{}" } else { text };
    let arguments = serde_json::from_str::<Map<String, Json>>(arguments).map_err(|_| {
        let text = format!(
            "the arguments of an earlier call of {} are no JSON object",
            call.name
        );
        unusable(&text)
    })?;
    Ok(json!({"name": call.name, "args": arguments}))
}

/// The result of a tool. The format knows calls by their tool's name, messages by the call's id.
fn result(message: &Message, before: &[Message]) -> Json {
    let id = message.tool_call_id.as_deref().unwrap_or_default();
    let mut calls = before.iter().rev().flat_map(|message| &message.tool_calls);
    let name = calls
        .find(|call| call.id == id)
        .map_or(id, |call| call.name.as_str());
    let text = message.content.plain();
    let response = match serde_json::from_str::<Json>(&text) {
        Ok(Json::Object(object)) => Json::Object(object),
        Ok(_) | Err(_) => json!({"result": text}),
    };
    json!({"functionResponse": {"name": name, "response": response}})
}

fn config(request: &ChatRequest) -> Result<Map<String, Json>, InvokeError> {
    let parameters = Parameters(&request.parameters);
    let mut config = Map::new();
    for (names, wire) in CONFIG {
        if let Some(value) = parameters.first(names) {
            config.insert(wire.to_owned(), value.clone());
        }
    }
    let stops = stops(request);
    if !stops.is_empty() {
        config.insert("stopSequences".to_owned(), json!(stops));
    }
    match form(request)? {
        None | Some(ResponseFormat::Text) => {}
        Some(ResponseFormat::JsonObject) => {
            config.insert("responseMimeType".to_owned(), json!("application/json"));
        }
        Some(ResponseFormat::JsonSchema { schema, .. }) => {
            config.insert("responseMimeType".to_owned(), json!("application/json"));
            if takes_json_schema(&request.model) {
                config.insert("responseJsonSchema".to_owned(), schema);
            } else {
                config.insert("responseSchema".to_owned(), schema::openapi(&schema));
            }
        }
    }
    let thinking = thinking(parameters, &request.model);
    if !thinking.is_empty() {
        config.insert("thinkingConfig".to_owned(), Json::Object(thinking));
    }
    Ok(config)
}

/// How much the model thinks first: a budget in tokens for the second generation, a level from the third on.
fn thinking(parameters: Parameters<'_>, model: &str) -> Map<String, Json> {
    let mut thinking = Map::new();
    let effort = parameters.text("reasoning_effort");
    if let Some(budget) = parameters.whole("thinking_budget") {
        thinking.insert("thinkingBudget".to_owned(), json!(budget));
    } else if let Some(level) = parameters.text("thinking_level") {
        thinking.insert("thinkingLevel".to_owned(), json!(level.to_lowercase()));
    } else if let Some(effort) = effort {
        if wants_signatures(model) {
            let level = if effort == "none" { "minimal" } else { effort };
            thinking.insert("thinkingLevel".to_owned(), json!(level));
        } else if let Some(budget) = budget_of(effort) {
            thinking.insert("thinkingBudget".to_owned(), json!(budget));
        }
    } else if let Some(false) = parameters.switch("enable_thinking") {
        thinking.insert("thinkingBudget".to_owned(), json!(0));
    }
    if let Some(shown) = parameters.switch("include_thoughts") {
        thinking.insert("includeThoughts".to_owned(), json!(shown));
    }
    thinking
}

/// What Google's own imitation of OpenAI's format makes of the words.
fn budget_of(effort: &str) -> Option<u32> {
    match effort {
        "none" => Some(0),
        "minimal" | "low" => Some(1024),
        "medium" => Some(8192),
        "high" | "xhigh" => Some(24_576),
        _ => None,
    }
}

fn tools(request: &ChatRequest) -> Vec<Json> {
    let mut tools = Vec::new();
    if !request.tools.is_empty() {
        let with_schema = takes_json_schema(&request.model);
        let declared = request.tools.iter().map(|tool| declared(tool, with_schema));
        tools.push(json!({"functionDeclarations": declared.collect::<Vec<_>>()}));
    }
    let parameters = Parameters(&request.parameters);
    for (name, wire) in [
        ("grounding", "googleSearch"),
        ("url_context", "urlContext"),
        ("code_execution", "codeExecution"),
    ] {
        if parameters.switch(name) == Some(true) {
            tools.push(json!({wire: {}}));
        }
    }
    tools
}

fn declared(tool: &Tool, with_schema: bool) -> Json {
    let mut declared = Map::new();
    declared.insert("name".to_owned(), json!(tool.name));
    declared.insert("description".to_owned(), json!(tool.description));
    // A tool without arguments has none declared: an object without properties is refused.
    let has_arguments = tool
        .parameters
        .get("properties")
        .and_then(Json::as_object)
        .is_some_and(|properties| !properties.is_empty());
    if has_arguments && with_schema {
        declared.insert("parametersJsonSchema".to_owned(), tool.parameters.clone());
    } else if has_arguments {
        declared.insert("parameters".to_owned(), schema::openapi(&tool.parameters));
    }
    Json::Object(declared)
}

fn tool_config(choice: ToolChoice) -> Json {
    let calling = match choice {
        ToolChoice::Auto => json!({"mode": "AUTO"}),
        ToolChoice::Never => json!({"mode": "NONE"}),
        ToolChoice::Required => json!({"mode": "ANY"}),
        ToolChoice::One(name) => json!({"mode": "ANY", "allowedFunctionNames": [name]}),
    };
    json!({"functionCallingConfig": calling})
}

/// The generation in a model's name; none for names of another kind.
fn generation(model: &str) -> Option<(u32, u32)> {
    let name = model.rsplit('/').next().unwrap_or(model);
    let number = name.strip_prefix("gemini-")?.split('-').next()?;
    let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Whether a model refuses its own earlier calls of tools without their signatures.
fn wants_signatures(model: &str) -> bool {
    generation(model).is_some_and(|(major, _)| major >= 3)
}

/// Whether a model reads JSON Schema as it is. The older ones read a part of OpenAPI's.
fn takes_json_schema(model: &str) -> bool {
    generation(model).is_none_or(|generation| generation >= (2, 5))
}

#[cfg(test)]
mod tests {
    use super::{generation, takes_json_schema, wants_signatures};

    #[test]
    fn a_models_name_tells_its_generation() {
        for (model, told) in [
            ("gemini-2.5-pro", Some((2, 5))),
            ("gemini-3-pro-preview", Some((3, 0))),
            ("models/gemini-3.1-flash", Some((3, 1))),
            ("gemini-1.5-flash-8b", Some((1, 5))),
            ("gemini-flash-latest", None),
            ("gemma-3-27b-it", None),
        ] {
            assert_eq!(generation(model), told, "{model}");
        }
        assert!(wants_signatures("gemini-3-pro-preview") && !wants_signatures("gemini-2.5-pro"));
        assert!(takes_json_schema("gemini-flash-latest") && !takes_json_schema("gemini-2.0-flash"));
    }
}
