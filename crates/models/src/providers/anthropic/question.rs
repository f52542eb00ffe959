//! Building requests. Parameters that are known to belong to other formats are left out, unknown ones are passed on: the
//! API says what it does not take.

use serde_json::{Map, Value as Json, json};

use crate::chat::{ChatRequest, Message, ResponseFormat, Role, Tool};
use crate::error::InvokeError;
use crate::providers::anthropic::caching::Caching;
use crate::providers::anthropic::messages::messages;
use crate::providers::anthropic::schema::closed;
use crate::providers::claude::{self, Generation, is_on};
use crate::providers::parameters::{Parameters, ToolChoice, tool_choice};
use crate::providers::shape::{self, form, is_elsewhere, object_schema, told_form};
use crate::providers::turns::Turns;

/// The longest answer of a model of which nothing is known. The API wants a number; this is what Dify asks for.
const USUAL_LENGTH: u32 = 4096;

/// What is asked where an answer stands last, of models that do not go on with one.
const GO_ON: &str = "Go on.";

/// Parameters that have a meaning here of their own.
const OWN: [&str; 20] = [
    "max_tokens",
    "max_tokens_to_sample",
    "max_completion_tokens",
    "system",
    "temperature",
    "top_p",
    "top_k",
    "thinking",
    "thinking_budget",
    "thinking_display",
    "reasoning_type",
    "reasoning_budget",
    "effort",
    "reasoning_effort",
    "task_budget",
    "output_config",
    "context_1m",
    "extended_output",
    "anthropic_beta",
    "metadata",
];

/// A request.
#[derive(Debug)]
pub(super) struct Question {
    /// The body.
    pub(super) body: Vec<u8>,
    /// What of the API is asked for that is still being tried out.
    pub(super) betas: Vec<String>,
}

impl Question {
    /// A question whose answer is to come in pieces.
    pub(super) fn streamed(
        request: &ChatRequest,
        longest: Option<u32>,
    ) -> Result<Self, InvokeError> {
        let mut body = body(request, longest)?;
        body.insert("stream".to_owned(), json!(true));
        Ok(Self {
            body: Json::Object(body).to_string().into_bytes(),
            betas: betas(request),
        })
    }

    /// The shortest question, to try a key out.
    pub(super) fn probe(model: &str) -> Result<Self, InvokeError> {
        let request = ChatRequest {
            model: model.to_owned(),
            messages: vec![Message::text(Role::User, "ping")],
            parameters: Map::from_iter([("max_tokens".to_owned(), json!(1))]),
            ..ChatRequest::default()
        };
        let body = body(&request, None)?;
        Ok(Self {
            body: Json::Object(body).to_string().into_bytes(),
            betas: Vec::new(),
        })
    }
}

fn body(request: &ChatRequest, longest: Option<u32>) -> Result<Map<String, Json>, InvokeError> {
    let given = &request.parameters;
    let caching = Caching::of(given);
    let turns = Turns::of(&request.messages);
    let format = form(request)?;
    let mut body = Map::new();
    let mut put = |name: &str, value: Json| body.insert(name.to_owned(), value);
    put("model", json!(request.model));
    put("max_tokens", max_tokens(given, longest));
    put("messages", said(request, &turns, &caching)?);
    let can_hold = Generation::of(&request.model).is_none_or(|own| own >= Generation::SCHEMAS);
    let instructions = instructions(request, &turns, told_form(format.as_ref(), can_hold));
    if !instructions.is_empty() {
        put("system", caching.system(&instructions.join("\n")));
    }
    let (tools, choice) = tools(request, &turns, &caching);
    if !tools.is_empty() {
        put("tools", Json::Array(tools));
    }
    if let Some(choice) = choice {
        put("tool_choice", choice);
    }
    let stop = shape::stops(request);
    if !stop.is_empty() {
        put("stop_sequences", json!(stop));
    }
    let mut thinking = claude::thinking(&request.model, given);
    thinking.taking_back(request);
    for (name, value) in claude::sampling(&request.model, given, &thinking) {
        put(name, value.clone());
    }
    let schema = format.as_ref().and_then(schema_of).filter(|_| can_hold);
    let output = output(given, thinking.effort, schema);
    if !output.is_empty() {
        put("output_config", Json::Object(output));
    }
    if let Some(config) = thinking.config {
        put("thinking", config);
    }
    let metadata = metadata(request);
    if !metadata.is_empty() {
        put("metadata", Json::Object(metadata));
    }
    for (name, value) in given {
        let is_own = OWN.contains(&name.as_str()) || Caching::reads(name) || is_elsewhere(name);
        if !is_own && !value.is_null() {
            body.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    Caching::prune(&mut body);
    Ok(body)
}

fn said(request: &ChatRequest, turns: &Turns<'_>, caching: &Caching) -> Result<Json, InvokeError> {
    let mut said = messages(turns, caching)?;
    let ends_with_answer = said
        .last()
        .is_some_and(|last| last["role"] == json!("assistant"));
    if ends_with_answer && !claude::goes_on_with_an_answer(&request.model) {
        said.push(json!({"role": "user", "content": [{"type": "text", "text": GO_ON}]}));
    }
    Ok(Json::Array(said))
}

fn instructions(request: &ChatRequest, turns: &Turns<'_>, form: Option<String>) -> Vec<String> {
    let choice = tool_choice(request).filter(|_| !request.tools.is_empty());
    let choice = claude::told_choice(&request.model, choice.as_ref());
    let own = turns.system.iter().cloned();
    own.chain(form).chain(choice).collect()
}

fn metadata(request: &ChatRequest) -> Map<String, Json> {
    let own = request.parameters.get("metadata").and_then(Json::as_object);
    let mut metadata = own.cloned().unwrap_or_default();
    if let Some(user) = &request.user {
        metadata.entry("user_id").or_insert_with(|| json!(user));
    }
    metadata
}

fn max_tokens(given: &Map<String, Json>, longest: Option<u32>) -> Json {
    let names = [
        "max_tokens",
        "max_tokens_to_sample",
        "max_completion_tokens",
    ];
    let stated = Parameters(given).first(&names);
    stated
        .cloned()
        .unwrap_or_else(|| json!(longest.unwrap_or(USUAL_LENGTH)))
}

/// Tools with their choice. Tools that stand in the conversation are declared even where none is offered: the API wants
/// it.
fn tools(request: &ChatRequest, turns: &Turns<'_>, caching: &Caching) -> (Vec<Json>, Option<Json>) {
    let mut tools: Vec<Json> = request.tools.iter().map(tool).collect();
    if tools.is_empty() {
        let named = turns.called().into_iter();
        let tools: Vec<Json> = named
            .map(|name| json!({"name": name, "input_schema": {"type": "object"}}))
            .collect();
        let choice = (!tools.is_empty()).then(|| json!({"type": "none"}));
        return (tools, choice);
    }
    caching.tools(&mut tools);
    let given = Parameters(&request.parameters);
    let own = given
        .get("tool_choice")
        .and_then(|choice| choice.get("disable_parallel_tool_use"));
    let one_by_one =
        given.switch("parallel_tool_calls") == Some(false) || own == Some(&json!(true));
    let mut choice = match tool_choice(request) {
        Some(ToolChoice::Auto) => Some(json!({"type": "auto"})),
        Some(ToolChoice::Never) => return (tools, Some(json!({"type": "none"}))),
        Some(ToolChoice::Required | ToolChoice::One(_)) if claude::is_bound(&request.model) => {
            Some(json!({"type": "auto"}))
        }
        Some(ToolChoice::Required) => Some(json!({"type": "any"})),
        Some(ToolChoice::One(name)) => Some(json!({"type": "tool", "name": name})),
        None => one_by_one.then(|| json!({"type": "auto"})),
    };
    if let Some(Json::Object(choice)) = choice.as_mut().filter(|_| one_by_one) {
        choice.insert("disable_parallel_tool_use".to_owned(), json!(true));
    }
    (tools, choice)
}

fn tool(tool: &Tool) -> Json {
    let mut written = json!({
        "name": tool.name,
        "input_schema": object_schema(&tool.parameters),
    });
    if !tool.description.is_empty() {
        written["description"] = json!(tool.description);
    }
    written
}

fn schema_of(format: &ResponseFormat) -> Option<Json> {
    match format {
        ResponseFormat::JsonSchema { schema, .. } => Some(closed(schema)),
        ResponseFormat::Text | ResponseFormat::JsonObject => None,
    }
}

/// What the answer must be: its form, and how much effort it is worth.
fn output(
    given: &Map<String, Json>,
    effort: Option<String>,
    schema: Option<Json>,
) -> Map<String, Json> {
    let own = given.get("output_config").and_then(Json::as_object);
    let mut output = own.cloned().unwrap_or_default();
    if let Some(effort) = effort {
        output.entry("effort").or_insert_with(|| json!(effort));
    }
    if let Some(schema) = schema {
        let format = json!({"type": "json_schema", "schema": schema});
        output.entry("format").or_insert(format);
    }
    // Less than this is refused by the API, and 0 means none in the document.
    if let Some(total) = given
        .get("task_budget")
        .and_then(Json::as_u64)
        .filter(|total| *total >= 20_000)
    {
        output
            .entry("task_budget")
            .or_insert_with(|| json!({"type": "tokens", "total": total}));
    }
    output
}

fn betas(request: &ChatRequest) -> Vec<String> {
    let given = &request.parameters;
    let is_on = |name: &str| given.get(name).is_some_and(is_on);
    let is_new = Generation::of(&request.model).is_some_and(|own| own >= Generation::SCHEMAS);
    let stated = given
        .get("anthropic_beta")
        .and_then(Json::as_str)
        .unwrap_or_default();
    let stated = stated
        .split(',')
        .map(str::trim)
        .filter(|beta| !beta.is_empty());
    let mut betas: Vec<String> = stated.map(str::to_owned).collect();
    let budget = given.get("task_budget").and_then(Json::as_u64);
    for (beta, wanted) in [
        // Newer models have the long context anyway.
        ("context-1m-2025-08-07", is_on("context_1m") && !is_new),
        ("output-128k-2025-02-19", is_on("extended_output")),
        (
            claude::BINDING_BETA,
            claude::thinking(&request.model, given).taking_back(request),
        ),
        (
            "task-budgets-2026-03-13",
            budget.is_some_and(|total| total >= 20_000),
        ),
    ] {
        if wanted && !betas.iter().any(|known| known == beta) {
            betas.push(beta.to_owned());
        }
    }
    betas
}
