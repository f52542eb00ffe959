//! Completion parameters as documents write them: by the names of Dify's forms, numbers sometimes as texts, an object
//! sometimes as its JSON text.

use serde_json::{Map, Value as Json};

use crate::chat::{ChatRequest, ResponseFormat};
use crate::error::{ErrorKind, InvokeError};

/// The parameters of a question.
#[derive(Clone, Copy)]
pub(crate) struct Parameters<'a>(pub(crate) &'a Map<String, Json>);

impl<'a> Parameters<'a> {
    /// The first of these names that has a value.
    pub(crate) fn first(self, names: &[&str]) -> Option<&'a Json> {
        names.iter().find_map(|name| self.get(name))
    }

    /// A value, unless it is null.
    pub(crate) fn get(self, name: &str) -> Option<&'a Json> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text that is not empty.
    pub(crate) fn text(self, name: &str) -> Option<&'a str> {
        self.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// A switch; old forms write it as a text.
    pub(crate) fn switch(self, name: &str) -> Option<bool> {
        let value = self.get(name)?;
        match value.as_str() {
            Some("true" | "enabled" | "on") => Some(true),
            Some("false" | "disabled" | "off") => Some(false),
            Some(_) | None => value.as_bool(),
        }
    }

    /// A whole number; old forms write it as a text.
    pub(crate) fn whole(self, name: &str) -> Option<i64> {
        let value = self.get(name)?;
        let rounded = || value.as_f64().filter(|number| number.fract() == 0.0);
        value
            .as_i64()
            .or_else(|| value.as_str()?.trim().parse().ok())
            .or_else(|| rounded().map(|number| number as i64))
    }

    /// A value whose JSON may be written as a text.
    ///
    /// # Errors
    /// When the text is no JSON.
    pub(crate) fn json(self, name: &str) -> Result<Option<Json>, InvokeError> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Json::String(text)) => match serde_json::from_str(text) {
                Ok(json) => Ok(Some(json)),
                Err(_) => Err(unusable(&format!("the parameter {name} holds no JSON"))),
            },
            Some(other) => Ok(Some(other.clone())),
        }
    }
}

/// Where the model stops: what the question says, else what the parameters say.
pub(crate) fn stops(request: &ChatRequest) -> Vec<String> {
    if !request.stop.is_empty() {
        return request.stop.clone();
    }
    match Parameters(&request.parameters).get("stop") {
        Some(Json::String(text)) if !text.is_empty() => vec![text.clone()],
        Some(Json::Array(texts)) => {
            let texts = texts.iter().filter_map(Json::as_str);
            texts.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// The form that the answer must have: what the question says, else the parameter `response_format` with its schema
/// beside it.
///
/// # Errors
/// When the parameter asks for a schema and there is none.
pub(crate) fn form(request: &ChatRequest) -> Result<Option<ResponseFormat>, InvokeError> {
    if let Some(form) = &request.response_format {
        return Ok(Some(form.clone()));
    }
    let parameters = Parameters(&request.parameters);
    let Some(wanted) = parameters.get("response_format") else {
        return Ok(None);
    };
    // Either a bare word, or the object of OpenAI's format.
    let word = wanted.as_str().or_else(|| wanted.get("type")?.as_str());
    match word {
        Some("json_object" | "json" | "application/json") => Ok(Some(ResponseFormat::JsonObject)),
        Some("json_schema") => {
            let beside = parameters.json("json_schema")?;
            let schema = wanted.get("json_schema").cloned().or(beside);
            let missing = || unusable("the parameter json_schema holds no JSON");
            schema.map(schema_form).ok_or_else(missing).map(Some)
        }
        Some(_) | None => Ok(None),
    }
}

/// A schema, alone or with a name around it.
fn schema_form(json: Json) -> ResponseFormat {
    let name = json.get("name").and_then(Json::as_str);
    match (name, json.get("schema")) {
        (Some(name), Some(schema)) => ResponseFormat::JsonSchema {
            name: name.to_owned(),
            schema: schema.clone(),
            strict: json.get("strict").and_then(Json::as_bool).unwrap_or(false),
        },
        _ => ResponseFormat::JsonSchema {
            name: "answer".to_owned(),
            schema: json,
            strict: false,
        },
    }
}

/// Which tools the model may or must call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ToolChoice {
    /// As it likes.
    Auto,
    /// None.
    Never,
    /// One at least.
    Required,
    /// This one.
    One(String),
}

/// The parameter `tool_choice`, as OpenAI's and Anthropic's formats write it.
pub(crate) fn tool_choice(request: &ChatRequest) -> Option<ToolChoice> {
    let value = Parameters(&request.parameters).get("tool_choice")?;
    let kind = value.as_str().or_else(|| value.get("type")?.as_str())?;
    let name = value
        .pointer("/function/name")
        .or_else(|| value.get("name"))
        .and_then(Json::as_str);
    match (kind, name) {
        ("auto", _) => Some(ToolChoice::Auto),
        ("none", _) => Some(ToolChoice::Never),
        ("required" | "any", _) => Some(ToolChoice::Required),
        (_, Some(name)) => Some(ToolChoice::One(name.to_owned())),
        (_, None) => None,
    }
}

/// A question that cannot be put in this provider's format.
pub(crate) fn unusable(text: &str) -> InvokeError {
    InvokeError::new(ErrorKind::BadRequest, text)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{Parameters, ToolChoice, form, stops, tool_choice};
    use crate::chat::{ChatRequest, ResponseFormat};

    fn request(parameters: Json) -> ChatRequest {
        ChatRequest {
            parameters: parameters.as_object().cloned().unwrap_or_default(),
            ..ChatRequest::default()
        }
    }

    #[test]
    fn numbers_and_switches_are_understood_as_old_forms_write_them() {
        let request = request(
            json!({"a": 7, "b": "8", "c": 9.0, "d": 9.5, "e": null, "f": "true",
            "g": false, "h": "disabled", "i": "x"}),
        );
        let parameters = Parameters(&request.parameters);
        let whole = ["a", "b", "c", "d", "e", "i"].map(|name| parameters.whole(name));
        assert_eq!(whole, [Some(7), Some(8), Some(9), None, None, None]);
        let switches = ["f", "g", "h", "i", "e"].map(|name| parameters.switch(name));
        assert_eq!(switches, [Some(true), Some(false), Some(false), None, None]);
    }

    #[test]
    fn the_question_itself_says_best_where_to_stop() {
        assert_eq!(stops(&request(json!({"stop": "A"}))), ["A"]);
        let mut both = request(json!({"stop": ["A", 1, "B"]}));
        assert_eq!(stops(&both), ["A", "B"]);
        both.stop = vec!["C".to_owned()];
        assert_eq!(stops(&both), ["C"]);
    }

    #[test]
    fn a_form_is_a_word_or_an_object_and_its_schema_stands_beside_it_or_in_it() {
        let schema = json!({"type": "object"});
        let answer = |name: &str, strict| {
            Some(ResponseFormat::JsonSchema {
                name: name.to_owned(),
                schema: schema.clone(),
                strict,
            })
        };
        for (parameters, expected) in [
            (json!({}), None),
            (json!({"response_format": "text"}), None),
            (
                json!({"response_format": "json_object"}),
                Some(ResponseFormat::JsonObject),
            ),
            (
                json!({"response_format": "json_schema", "json_schema": schema.to_string()}),
                answer("answer", false),
            ),
            (
                json!({"response_format": {"type": "json_schema",
                    "json_schema": {"name": "city", "schema": schema, "strict": true}}}),
                answer("city", true),
            ),
        ] {
            assert_eq!(
                form(&request(parameters.clone())).unwrap(),
                expected,
                "{parameters}"
            );
        }
        for parameters in [
            json!({"response_format": "json_schema"}),
            json!({"response_format": "json_schema", "json_schema": "{"}),
        ] {
            let refused = form(&request(parameters)).unwrap_err();
            assert_eq!(refused.error_type(), "InvokeBadRequestError");
        }
    }

    #[test]
    fn a_choice_of_tools_is_understood_in_two_formats() {
        for (value, expected) in [
            (json!("auto"), Some(ToolChoice::Auto)),
            (json!("none"), Some(ToolChoice::Never)),
            (json!("required"), Some(ToolChoice::Required)),
            (json!({"type": "any"}), Some(ToolChoice::Required)),
            (
                json!({"type": "function", "function": {"name": "f"}}),
                Some(ToolChoice::One("f".to_owned())),
            ),
            (
                json!({"type": "tool", "name": "f"}),
                Some(ToolChoice::One("f".to_owned())),
            ),
            (json!("perhaps"), None),
        ] {
            let request = request(json!({"tool_choice": value}));
            assert_eq!(tool_choice(&request), expected, "{value}");
        }
    }
}
