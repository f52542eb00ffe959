//! Building requests out of the official types. Parameters that the types do not know are passed on as they stand.

use async_openai::types::chat::{
    ChatCompletionMessageToolCall, ChatCompletionMessageToolCalls,
    ChatCompletionRequestAssistantMessage, ChatCompletionRequestMessage,
    ChatCompletionRequestMessageContentPartImage, ChatCompletionRequestMessageContentPartText,
    ChatCompletionRequestSystemMessage, ChatCompletionRequestToolMessage,
    ChatCompletionRequestUserMessage, ChatCompletionRequestUserMessageContent,
    ChatCompletionRequestUserMessageContentPart as UserPart, ChatCompletionStreamOptions,
    ChatCompletionTool, ChatCompletionTools, CreateChatCompletionRequest, FunctionCall,
    FunctionObject, ImageDetail, ImageUrl, ResponseFormatJsonSchema, StopConfiguration,
};
use serde_json::{Map, Value as Json, json};

use crate::chat::{ChatRequest, Content, Message, Part, ResponseFormat, Role, ToolCall};
use crate::error::{ErrorKind, InvokeError};

/// How the answer should come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// Piece by piece.
    Streamed {
        /// Whether the counts are asked for, which come in the last piece.
        with_counts: bool,
    },
    /// At once.
    Whole,
}

/// Parameters whose names or values are not passed on as they stand.
const OWN: [&str; 8] = [
    "model",
    "messages",
    "stream",
    "stream_options",
    "tools",
    "stop",
    "user",
    "json_schema",
];

/// The body of a question. `family` is the model's name as its maker gives it.
pub(crate) fn body(
    request: &ChatRequest,
    family: &str,
    delivery: Delivery,
) -> Result<Vec<u8>, InvokeError> {
    let messages: Result<Vec<_>, _> = request.messages.iter().map(message).collect();
    let (streamed, with_counts) = match delivery {
        Delivery::Streamed { with_counts } => (true, with_counts),
        Delivery::Whole => (false, false),
    };
    let typed = CreateChatCompletionRequest {
        model: request.model.clone(),
        messages: messages?,
        stream: Some(streamed),
        stream_options: with_counts.then_some(ChatCompletionStreamOptions {
            include_usage: Some(true),
            include_obfuscation: None,
        }),
        // Models that think first refuse it.
        stop: (!request.stop.is_empty() && !thinks_first(family))
            .then(|| StopConfiguration::StringArray(request.stop.clone())),
        tools: (!request.tools.is_empty()).then(|| request.tools.iter().map(tool).collect()),
        ..CreateChatCompletionRequest::default()
    };
    let Ok(Json::Object(mut body)) = serde_json::to_value(typed) else {
        return Err(unusable("the request cannot be written as JSON"));
    };
    if let Some(user) = &request.user {
        body.insert("user".to_owned(), Json::String(user.clone()));
    }
    if let Some(format) = &request.response_format {
        body.insert("response_format".to_owned(), response_format(format));
    }
    add_parameters(&mut body, &request.parameters, family)?;
    serde_json::to_vec(&body).map_err(|_| unusable("the request cannot be written as JSON"))
}

/// The shortest question, to try a key out.
pub(crate) fn probe(model: &str, family: &str) -> Result<Vec<u8>, InvokeError> {
    let request = ChatRequest {
        model: model.to_owned(),
        messages: vec![Message::text(Role::User, "ping")],
        parameters: Map::from_iter([("max_tokens".to_owned(), json!(1))]),
        ..ChatRequest::default()
    };
    body(&request, family, Delivery::Whole)
}

fn message(message: &Message) -> Result<ChatCompletionRequestMessage, InvokeError> {
    use ChatCompletionRequestMessage as Wire;
    let plain = || message.content.plain();
    Ok(match message.role {
        Role::System => Wire::System(ChatCompletionRequestSystemMessage {
            content: plain().into(),
            ..Default::default()
        }),
        Role::User => Wire::User(ChatCompletionRequestUserMessage {
            content: user_content(&message.content)?,
            ..Default::default()
        }),
        Role::Assistant => {
            let text = plain();
            let calls = message.tool_calls.iter().map(tool_call).collect();
            Wire::Assistant(ChatCompletionRequestAssistantMessage {
                content: (!text.is_empty() || message.tool_calls.is_empty()).then(|| text.into()),
                tool_calls: (!message.tool_calls.is_empty()).then_some(calls),
                ..Default::default()
            })
        }
        Role::Tool => Wire::Tool(ChatCompletionRequestToolMessage {
            content: plain().into(),
            tool_call_id: message.tool_call_id.clone().unwrap_or_default(),
        }),
    })
}

fn user_content(content: &Content) -> Result<ChatCompletionRequestUserMessageContent, InvokeError> {
    use ChatCompletionRequestUserMessageContent as Wire;
    match content {
        Content::Text(text) => Ok(Wire::Text(text.clone())),
        Content::Parts(parts) => {
            let parts: Result<Vec<_>, _> = parts.iter().map(part).collect();
            Ok(Wire::Array(parts?))
        }
    }
}

fn part(part: &Part) -> Result<UserPart, InvokeError> {
    match part {
        Part::Text(text) => Ok(UserPart::Text(
            ChatCompletionRequestMessageContentPartText {
                text: text.clone(),
                ..Default::default()
            },
        )),
        Part::Image { url, detail, .. } => Ok(UserPart::ImageUrl(
            ChatCompletionRequestMessageContentPartImage {
                image_url: ImageUrl {
                    url: url.clone(),
                    detail: detail.as_deref().and_then(image_detail),
                },
                ..Default::default()
            },
        )),
        Part::Document { .. } | Part::Audio { .. } | Part::Video { .. } => Err(unusable(
            "this provider takes text and images only, no documents, sound or films",
        )),
    }
}

fn image_detail(text: &str) -> Option<ImageDetail> {
    match text {
        "low" => Some(ImageDetail::Low),
        "high" => Some(ImageDetail::High),
        "auto" => Some(ImageDetail::Auto),
        _ => None,
    }
}

fn tool(tool: &crate::chat::Tool) -> ChatCompletionTools {
    ChatCompletionTools::Function(ChatCompletionTool {
        function: FunctionObject {
            name: tool.name.clone(),
            description: Some(tool.description.clone()),
            parameters: Some(tool.parameters.clone()),
            strict: None,
        },
    })
}

fn tool_call(call: &ToolCall) -> ChatCompletionMessageToolCalls {
    ChatCompletionMessageToolCalls::Function(ChatCompletionMessageToolCall {
        id: call.id.clone(),
        function: FunctionCall {
            name: call.name.clone(),
            arguments: call.arguments.clone(),
        },
    })
}

fn response_format(format: &ResponseFormat) -> Json {
    match format {
        ResponseFormat::Text => json!({"type": "text"}),
        ResponseFormat::JsonObject => json!({"type": "json_object"}),
        ResponseFormat::JsonSchema {
            name,
            schema,
            strict,
        } => {
            let schema = ResponseFormatJsonSchema {
                description: None,
                name: name.clone(),
                schema: schema.clone(),
                strict: Some(*strict),
            };
            json!({"type": "json_schema", "json_schema": schema})
        }
    }
}

/// Adds the document's parameters. A response format is written there as a bare word, with its schema as a text beside
/// it.
fn add_parameters(
    body: &mut Map<String, Json>,
    parameters: &Map<String, Json>,
    family: &str,
) -> Result<(), InvokeError> {
    for (name, value) in parameters {
        if OWN.contains(&name.as_str()) || value.is_null() {
            continue;
        }
        let value = match value.as_str().filter(|_| name == "response_format") {
            Some("json_schema") => schema_parameter(parameters.get("json_schema"))?,
            Some(word) => json!({"type": word}),
            None => value.clone(),
        };
        let name = if name == "max_tokens" && thinks_first(family) {
            "max_completion_tokens"
        } else {
            name
        };
        body.entry(name.to_owned()).or_insert(value);
    }
    Ok(())
}

/// Whether the model is one of OpenAI's that think first: those refuse `max_tokens` and `stop`.
pub(crate) fn thinks_first(model: &str) -> bool {
    let by_generation = |rest: &str| {
        let number = rest.split(['-', '.']).next().unwrap_or_default();
        number
            .parse::<u32>()
            .is_ok_and(|generation| generation >= 5)
    };
    model.strip_prefix("gpt-").is_some_and(by_generation)
        || ["o1", "o3", "o4"]
            .iter()
            .any(|family| model == *family || model.starts_with(&format!("{family}-")))
}

fn schema_parameter(schema: Option<&Json>) -> Result<Json, InvokeError> {
    let parsed = match schema {
        Some(Json::String(text)) => serde_json::from_str(text).ok(),
        Some(object @ Json::Object(_)) => Some(object.clone()),
        _ => None,
    };
    let schema = parsed.ok_or_else(|| unusable("the parameter json_schema holds no JSON"))?;
    let named = schema.get("schema").is_some() && schema.get("name").is_some();
    let schema = if named {
        schema
    } else {
        json!({"name": "answer", "schema": schema})
    };
    Ok(json!({"type": "json_schema", "json_schema": schema}))
}

fn unusable(text: &str) -> InvokeError {
    InvokeError::new(ErrorKind::BadRequest, text)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{Delivery, body};
    use crate::chat::{ChatRequest, Message, Role, ToolCall};

    fn written(model: &str, parameters: Json) -> Json {
        let request = ChatRequest {
            model: model.to_owned(),
            parameters: parameters.as_object().cloned().unwrap_or_default(),
            ..ChatRequest::default()
        };
        serde_json::from_slice(&body(&request, &request.model, Delivery::Whole).unwrap()).unwrap()
    }

    #[test]
    fn models_that_think_first_have_their_own_limit() {
        for (model, name) in [
            ("gpt-4o", "max_tokens"),
            ("o3-mini", "max_completion_tokens"),
            ("o1", "max_completion_tokens"),
            ("gpt-5-mini", "max_completion_tokens"),
            ("gpt-5.1", "max_completion_tokens"),
            ("gpt-12-next", "max_completion_tokens"),
            ("gpt-50x", "max_tokens"),
            ("o1x", "max_tokens"),
        ] {
            assert_eq!(written(model, json!({"max_tokens": 7}))[name], 7, "{model}");
        }
    }

    #[test]
    fn a_response_format_is_a_word_in_the_document() {
        let schema = json!({"type": "object"});
        for (parameters, expected) in [
            (
                json!({"response_format": "json_object"}),
                json!({"type": "json_object"}),
            ),
            (
                json!({"response_format": "json_schema", "json_schema": schema.to_string()}),
                json!({"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}),
            ),
        ] {
            let written = written("gpt-4o", parameters);
            assert_eq!(written["response_format"], expected);
            assert_eq!(written.get("json_schema"), None);
        }
    }

    #[test]
    fn models_that_think_first_are_not_told_where_to_stop() {
        for (model, stop) in [("gpt-4o", json!(["END"])), ("gpt-5", Json::Null)] {
            let request = ChatRequest {
                model: model.to_owned(),
                stop: vec!["END".to_owned()],
                ..ChatRequest::default()
            };
            let body = body(&request, &request.model, Delivery::Whole).unwrap();
            let body: Json = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["stop"], stop, "{model}");
        }
    }

    #[test]
    fn calls_of_tools_and_their_results_go_back() {
        let call = ToolCall {
            id: "c1".to_owned(),
            name: "weather".to_owned(),
            arguments: "{\"city\": \"Rome\"}".to_owned(),
        };
        let called = |text: &str| Message {
            tool_calls: vec![call.clone()],
            ..Message::text(Role::Assistant, text)
        };
        let result = Message {
            tool_call_id: Some("c1".to_owned()),
            ..Message::text(Role::Tool, "sunny")
        };
        let request = ChatRequest {
            messages: vec![called(""), called("let me see"), result],
            ..ChatRequest::default()
        };
        let body = body(&request, &request.model, Delivery::Whole).unwrap();
        let body: Json = serde_json::from_slice(&body).unwrap();
        let calls = json!([{"id": "c1", "type": "function",
            "function": {"name": "weather", "arguments": "{\"city\": \"Rome\"}"}}]);
        assert_eq!(
            body["messages"],
            json!([
                {"role": "assistant", "tool_calls": calls},
                {"role": "assistant", "content": "let me see", "tool_calls": calls},
                {"role": "tool", "tool_call_id": "c1", "content": "sunny"},
            ])
        );
    }
}
