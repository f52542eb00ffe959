//! What the formats of Anthropic and of Bedrock share: parameters that have no place there, objects where a text may be
//! none, and forms of answers that have to be told in words.

use serde_json::{Value as Json, json};

use crate::chat::{ChatRequest, ResponseFormat};
use crate::error::InvokeError;
use crate::providers::parameters::{self, Parameters};

/// Parameters that only OpenAI's format and its imitators know, and those that are sent in other places. A file whose
/// model was changed for another provider's still has them.
const ELSEWHERE: [&str; 22] = [
    "model",
    "messages",
    "stream",
    "stream_options",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "stop",
    "user",
    "response_format",
    "json_schema",
    "seed",
    "n",
    "presence_penalty",
    "frequency_penalty",
    "repetition_penalty",
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "enable_thinking",
    "verbosity",
    "modalities",
];

/// Whether a parameter has no place of its own in these formats.
pub(crate) fn is_elsewhere(name: &str) -> bool {
    ELSEWHERE.contains(&name)
}

/// The texts at which the model stops. Those that are nothing but blanks are refused.
pub(crate) fn stops(request: &ChatRequest) -> Vec<String> {
    let mut stops = parameters::stops(request);
    stops.retain(|text| !text.trim().is_empty());
    stops
}

/// The form that the answer must have. Here a `json_schema` is enough, and `JSON` is a word for it as well.
///
/// # Errors
/// When `json_schema` holds no JSON.
pub(crate) fn form(request: &ChatRequest) -> Result<Option<ResponseFormat>, InvokeError> {
    let given = Parameters(&request.parameters);
    let word = given.text("response_format");
    if request.response_format.is_none() && word == Some("JSON") {
        return Ok(Some(ResponseFormat::JsonObject));
    }
    if request.response_format.is_some() || given.get("response_format").is_some() {
        return parameters::form(request);
    }
    Ok(given
        .json("json_schema")?
        .map(|schema| ResponseFormat::JsonSchema {
            name: "answer".to_owned(),
            schema,
            strict: false,
        }))
}

/// A form that the model is not held to in the provider's own way, as an instruction.
pub(crate) fn told_form(format: Option<&ResponseFormat>, holds_schemas: bool) -> Option<String> {
    match format? {
        ResponseFormat::Text => None,
        ResponseFormat::JsonObject => {
            Some("Answer with one valid JSON object and nothing else.".to_owned())
        }
        ResponseFormat::JsonSchema { .. } if holds_schemas => None,
        ResponseFormat::JsonSchema { schema, .. } => Some(format!(
            "Answer with one JSON value and nothing else. It must be valid by this JSON Schema:\n{schema}"
        )),
    }
}

/// The schema of a tool's arguments; whatever is no schema of an object takes no arguments.
pub(crate) fn object_schema(schema: &Json) -> Json {
    let Some(given) = schema.as_object() else {
        return json!({"type": "object", "properties": {}});
    };
    let mut object = given.clone();
    object.entry("type").or_insert_with(|| json!("object"));
    Json::Object(object)
}

/// The arguments of a tool's call as an object; what is none is left out, since formats that want an object refuse a text.
pub(crate) fn arguments(text: &str) -> Json {
    match serde_json::from_str(text) {
        Ok(Json::Object(arguments)) => Json::Object(arguments),
        _ => json!({}),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{arguments, form, object_schema, stops, told_form};
    use crate::chat::{ChatRequest, ResponseFormat};

    fn request(parameters: &Json) -> ChatRequest {
        ChatRequest {
            parameters: parameters.as_object().cloned().unwrap(),
            ..ChatRequest::default()
        }
    }

    #[test]
    fn blanks_stop_nothing() {
        assert_eq!(stops(&request(&json!({"stop": ["END", " ", ""]}))), ["END"]);
    }

    #[test]
    fn a_schema_alone_is_a_form() {
        let schema = json!({"type": "object"});
        let of_schema = Some(ResponseFormat::JsonSchema {
            name: "answer".to_owned(),
            schema: schema.clone(),
            strict: false,
        });
        for (given, expected) in [
            (json!({}), None),
            (
                json!({"response_format": "text", "json_schema": schema}),
                None,
            ),
            (
                json!({"response_format": "JSON"}),
                Some(ResponseFormat::JsonObject),
            ),
            (
                json!({"json_schema": schema.to_string()}),
                of_schema.clone(),
            ),
            (json!({"json_schema": schema}), of_schema.clone()),
            (json!({"json_schema": "  "}), None),
            (
                json!({"response_format": "json_schema", "json_schema": schema}),
                of_schema.clone(),
            ),
        ] {
            assert_eq!(form(&request(&given)).unwrap(), expected, "{given}");
        }
        let error = form(&request(&json!({"json_schema": "{"}))).unwrap_err();
        assert_eq!(error.message, "the parameter json_schema holds no JSON");
    }

    #[test]
    fn what_a_model_is_not_held_to_is_told() {
        let schema = ResponseFormat::JsonSchema {
            name: "a".into(),
            schema: json!({"type": "null"}),
            strict: true,
        };
        assert_eq!(told_form(Some(&schema), true), None);
        let told = told_form(Some(&schema), false).unwrap();
        assert!(told.ends_with("{\"type\":\"null\"}"), "{told}");
        assert!(told_form(Some(&ResponseFormat::JsonObject), true).is_some());
        assert_eq!(told_form(None, false), None);
    }

    #[test]
    fn arguments_and_their_schemas_are_objects() {
        assert_eq!(arguments("{\"a\": 1}"), json!({"a": 1}));
        assert_eq!(arguments("[1]"), json!({}));
        assert_eq!(arguments("{\"a\": "), json!({}));
        let nothing = json!({"type": "object", "properties": {}});
        assert_eq!(object_schema(&Json::Null), nothing);
        let typed = json!({"properties": {}, "type": "object"});
        assert_eq!(object_schema(&json!({"properties": {}})), typed);
    }
}
