//! Building requests of the Converse API. What a model takes beyond it goes along as a field of its own; the API says what
//! it does not take.

use serde_json::{Map, Value as Json, json};

use crate::chat::{ChatRequest, Message, ResponseFormat, Role, Tool};
use crate::error::InvokeError;
use crate::providers::anthropic::closed;
use crate::providers::bedrock::messages::messages;
use crate::providers::claude::{self, Generation, Thinking};
use crate::providers::parameters::{Parameters, ToolChoice, tool_choice};
use crate::providers::shape::{self, form, is_elsewhere, object_schema, told_form};
use crate::providers::turns::Turns;

/// What is asked where an answer stands last, of models that do not go on with one.
const GO_ON: &str = "Go on.";

/// Parameters that have a meaning here of their own.
const OWN: [&str; 26] = [
    "max_tokens",
    "max_tokens_to_sample",
    "max_completion_tokens",
    "max_new_tokens",
    "temperature",
    "top_p",
    "top_k",
    "thinking",
    "thinking_budget",
    "thinking_display",
    "reasoning_type",
    "reasoning_budget",
    "effort",
    "anthropic_beta",
    "context_1m",
    "system_cache_checkpoint",
    "latest_two_messages_cache_checkpoint",
    // Dify's form chooses the model by these; here its name does.
    "model_name",
    "cross-region",
    "refusal_fallback",
    // Switches of the plugin for Anthropic's own API.
    "prompt_caching_message_flow",
    "prompt_caching_ttl",
    "prompt_caching_system_message",
    "prompt_caching_tool_definitions",
    "prompt_caching_tool_results",
    "additionalModelRequestFields",
];
/// Parts of the API itself, which are passed on as they stand.
const PARTS: [&str; 5] = [
    "guardrailConfig",
    "performanceConfig",
    "promptVariables",
    "requestMetadata",
    "serviceTier",
];
/// Makers whose models are not held to a schema.
const NO_SCHEMAS: [&str; 4] = ["amazon.", "meta.", "cohere.", "ai21."];

/// The body of a question.
pub(super) fn body(request: &ChatRequest, longest: Option<u32>) -> Result<Vec<u8>, InvokeError> {
    let given = &request.parameters;
    let turns = Turns::of(&request.messages);
    let form = form(request)?;
    let can_hold = holds_schemas(&request.model);
    let mut system = turns.system.clone();
    system.extend(told_form(form.as_ref(), can_hold));
    let choice = tool_choice(request).filter(|_| !request.tools.is_empty());
    system.extend(claude::told_choice(&request.model, choice.as_ref()));
    let mut body = Map::new();
    let mut put = |name: &str, value: Json| body.insert(name.to_owned(), value);
    let parameters = Parameters(given);
    put("messages", said(request, &turns)?);
    if !system.is_empty() {
        put("system", instructions(request, &system));
    }
    if let Some(tools) = tools(request, &turns) {
        put("toolConfig", tools);
    }
    let mut thinking = thinking(request);
    let is_taken_back = thinking.taking_back(request);
    let sampling = claude::sampling(&request.model, given, &thinking);
    let inference = inference(request, &sampling, longest);
    if !inference.is_empty() {
        put("inferenceConfig", Json::Object(inference));
    }
    if let Some(ResponseFormat::JsonSchema { name, schema, .. }) = form.filter(|_| can_hold) {
        put("outputConfig", output(&name, &schema));
    }
    for name in PARTS {
        if let Some(value) = parameters.get(name) {
            put(name, value.clone());
        }
    }
    let more = more(request, &sampling, thinking, is_taken_back);
    if !more.is_empty() {
        put("additionalModelRequestFields", Json::Object(more));
    }
    Ok(Json::Object(body).to_string().into_bytes())
}

fn said(request: &ChatRequest, turns: &Turns<'_>) -> Result<Json, InvokeError> {
    let mut said = messages(turns)?;
    let ends_with_answer = said
        .last()
        .is_some_and(|last| last["role"] == json!("assistant"));
    if ends_with_answer && !claude::goes_on_with_an_answer(&request.model) {
        said.push(json!({"role": "user", "content": [{"text": GO_ON}]}));
    }
    let switch = Parameters(&request.parameters).switch("latest_two_messages_cache_checkpoint");
    if switch == Some(true) {
        keep_latest(&mut said);
    }
    Ok(Json::Array(said))
}

fn instructions(request: &ChatRequest, texts: &[String]) -> Json {
    let mut blocks: Vec<Json> = texts.iter().map(|text| json!({"text": text})).collect();
    let switch = Parameters(&request.parameters).switch("system_cache_checkpoint");
    if switch == Some(true) {
        blocks.push(mark());
    }
    Json::Array(blocks)
}

/// The shortest question, to try a key out.
pub(super) fn probe(model: &str) -> Result<Vec<u8>, InvokeError> {
    let request = ChatRequest {
        model: model.to_owned(),
        messages: vec![Message::text(Role::User, "ping")],
        parameters: Map::from_iter([("max_tokens".to_owned(), json!(1))]),
        ..ChatRequest::default()
    };
    body(&request, None)
}

fn is_claude(model: &str) -> bool {
    model.contains("anthropic.") || model.contains("claude")
}

/// Whether the model is held to a schema: all of Claude's from 4.5 on, and those of most other makers.
fn holds_schemas(model: &str) -> bool {
    if is_claude(model) {
        return Generation::of(model).is_none_or(|own| own >= Generation::SCHEMAS);
    }
    !NO_SCHEMAS.iter().any(|maker| model.contains(maker))
}

/// Only Claude is told in Anthropic's words how to think.
fn thinking(request: &ChatRequest) -> Thinking {
    if is_claude(&request.model) {
        claude::thinking(&request.model, &request.parameters)
    } else {
        Thinking::default()
    }
}

/// What every model takes. Without a limit the model's own holds, which for Claude is not its longest answer.
fn inference(
    request: &ChatRequest,
    sampling: &[(&'static str, &Json)],
    longest: Option<u32>,
) -> Map<String, Json> {
    let mut inference = Map::new();
    let names = [
        "max_tokens",
        "max_completion_tokens",
        "max_tokens_to_sample",
        "max_new_tokens",
    ];
    let stated = Parameters(&request.parameters).first(&names).cloned();
    if let Some(most) = stated.or_else(|| longest.map(|most| json!(most))) {
        inference.insert("maxTokens".to_owned(), most);
    }
    for (name, value) in sampling {
        let name = match *name {
            "temperature" => "temperature",
            "top_p" => "topP",
            _ => continue,
        };
        inference.insert(name.to_owned(), (*value).clone());
    }
    let stop = shape::stops(request);
    if !stop.is_empty() {
        inference.insert("stopSequences".to_owned(), json!(stop));
    }
    inference
}

/// What only some models take.
fn more(
    request: &ChatRequest,
    sampling: &[(&'static str, &Json)],
    thinking: Thinking,
    is_taken_back: bool,
) -> Map<String, Json> {
    let (given, model) = (&request.parameters, request.model.as_str());
    let own = given
        .get("additionalModelRequestFields")
        .and_then(Json::as_object);
    let mut more = own.cloned().unwrap_or_default();
    if let Some((_, most)) = sampling.iter().find(|(name, _)| *name == "top_k") {
        if model.contains("amazon.nova") {
            more.insert("inferenceConfig".to_owned(), json!({"topK": most}));
        } else {
            let name = if model.contains("cohere.") {
                "k"
            } else {
                "top_k"
            };
            more.insert(name.to_owned(), (*most).clone());
        }
    }
    if let Some(config) = thinking.config {
        more.insert("thinking".to_owned(), config);
    }
    if let Some(effort) = thinking.effort {
        more.insert("output_config".to_owned(), json!({"effort": effort}));
    }
    let mut betas = betas(request);
    betas.extend(is_taken_back.then(|| claude::BINDING_BETA.to_owned()));
    if !betas.is_empty() {
        more.insert("anthropic_beta".to_owned(), json!(betas));
    }
    for (name, value) in given {
        let is_own =
            OWN.contains(&name.as_str()) || PARTS.contains(&name.as_str()) || is_elsewhere(name);
        let is_told =
            is_claude(model) && name == "reasoning_effort" || name.starts_with("prompt_caching_");
        if !is_own && !is_told && !value.is_null() {
            more.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    more
}

fn betas(request: &ChatRequest) -> Vec<String> {
    let parameters = Parameters(&request.parameters);
    let stated = parameters.text("anthropic_beta").unwrap_or_default();
    let stated = stated
        .split(',')
        .map(str::trim)
        .filter(|beta| !beta.is_empty());
    let mut betas: Vec<String> = stated.map(str::to_owned).collect();
    // Newer models have the long context anyway.
    let is_old = Generation::of(&request.model).is_some_and(|own| own < Generation::SCHEMAS);
    let long = "context-1m-2025-08-07";
    if is_old
        && parameters.switch("context_1m") == Some(true)
        && !betas.iter().any(|beta| beta == long)
    {
        betas.push(long.to_owned());
    }
    betas
}

fn output(name: &str, schema: &Json) -> Json {
    // The API wants the schema as a text.
    let schema = closed(schema).to_string();
    json!({"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": schema, "name": name}}}})
}

/// Tools with their choice. Tools that stand in the conversation are declared even where none is offered: the API wants
/// it. It has no word for calling none, so that tools which must not be called are not told.
fn tools(request: &ChatRequest, turns: &Turns<'_>) -> Option<Json> {
    let choice = tool_choice(request);
    let is_never = choice == Some(ToolChoice::Never);
    let offered: Vec<Json> = if is_never {
        Vec::new()
    } else {
        request.tools.iter().map(tool).collect()
    };
    if offered.is_empty() {
        let called = turns.called().into_iter();
        let called: Vec<Json> = called
            .map(|name| json!({"toolSpec": {"name": name, "inputSchema": {"json": {"type": "object"}}}}))
            .collect();
        return (!called.is_empty()).then(|| json!({"tools": called}));
    }
    let mut config = json!({"tools": offered});
    match choice.filter(|choice| !claude::is_bound(&request.model) || *choice == ToolChoice::Auto) {
        Some(ToolChoice::Auto) => config["toolChoice"] = json!({"auto": {}}),
        Some(ToolChoice::Required) => config["toolChoice"] = json!({"any": {}}),
        Some(ToolChoice::One(name)) => config["toolChoice"] = json!({"tool": {"name": name}}),
        Some(ToolChoice::Never) | None => {}
    }
    Some(config)
}

fn tool(tool: &Tool) -> Json {
    let mut spec =
        json!({"name": tool.name, "inputSchema": {"json": object_schema(&tool.parameters)}});
    if !tool.description.trim().is_empty() {
        spec["description"] = json!(tool.description);
    }
    json!({"toolSpec": spec})
}

fn mark() -> Json {
    json!({"cachePoint": {"type": "default"}})
}

/// The two latest questions are marked to be kept in the provider's cache.
fn keep_latest(written: &mut [Json]) {
    let is_user = |message: &&mut Json| message["role"] == json!("user");
    for message in written.iter_mut().rev().filter(is_user).take(2) {
        if let Some(Json::Array(blocks)) = message.get_mut("content") {
            blocks.push(mark());
        }
    }
}
