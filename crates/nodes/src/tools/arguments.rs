//! What a tool is given, made into what it takes: defaults, and the casts of Dify's parameter types.

use serde_json::{Map, Number, Value as Json};

use latchkey_domain::value::{File, python_text};

use crate::host::{ToolDefinition, ToolError, ToolParameter};

/// The arguments that a tool declares, each of its type; what it does not declare is left out.
///
/// # Errors
/// [`ToolError::Parameter`] when one is missing that the tool needs, or cannot be what it must be.
pub fn prepare(
    definition: &ToolDefinition,
    mut given: Map<String, Json>,
    files: &[(String, File)],
) -> Result<Map<String, Json>, ToolError> {
    let mut prepared = Map::new();
    for parameter in &definition.parameters {
        let name = &parameter.name;
        let said = given.shift_remove(name).filter(|value| !value.is_null());
        let value = match said {
            Some(value) => cast(parameter, value)?,
            None => None,
        };
        let value = match value {
            Some(value) => Some(value),
            None => match parameter.default.clone() {
                Some(default) => cast(parameter, default)?,
                None => None,
            },
        };
        match value {
            Some(value) => drop(prepared.insert(name.clone(), value)),
            None if parameter.required && !files.iter().any(|(of, _)| of == name) => {
                let text = format!("tool parameter {name} not found in tool config");
                return Err(ToolError::Parameter(text));
            }
            None => {}
        }
    }
    Ok(prepared)
}

/// A value as its parameter wants it; none when it says nothing, as an empty text does where a number is wanted.
fn cast(parameter: &ToolParameter, value: Json) -> Result<Option<Json>, ToolError> {
    let wrong = |value: &Json| {
        let (shown, kind) = (python_text(value), &parameter.kind);
        let shown: String = shown.chars().take(100).collect();
        let text = format!("The tool parameter value {shown} is not in correct type of {kind}.");
        ToolError::Parameter(text)
    };
    let cast = match parameter.kind.as_str() {
        "number" => number(&value).ok_or_else(|| wrong(&value))?,
        "boolean" | "checkbox" => Some(Json::Bool(boolean(&value))),
        "array" => Some(array(value)),
        "object" => Some(object(value).map_err(|value| wrong(&value))?),
        "file" | "files" | "system-files" | "any" => Some(value),
        _ => Some(Json::String(text(&value))),
    };
    if parameter.kind == "select" && !parameter.options.is_empty() {
        return chosen(parameter, cast);
    }
    Ok(cast)
}

/// One of the options; an empty text chooses nothing.
fn chosen(parameter: &ToolParameter, value: Option<Json>) -> Result<Option<Json>, ToolError> {
    let text = value.as_ref().and_then(Json::as_str).unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    if parameter.options.iter().any(|option| option == text) {
        return Ok(value);
    }
    let (name, options) = (&parameter.name, parameter.options.join(", "));
    let shown: String = text.chars().take(100).collect();
    let text = format!("tool parameter {name} value {shown} not in options {options}");
    Err(ToolError::Parameter(text))
}

/// The outer result is none when it is no number at all.
fn number(value: &Json) -> Option<Option<Json>> {
    match value {
        Json::Number(_) => Some(Some(value.clone())),
        Json::Bool(yes) => Some(Some(Json::from(i64::from(*yes)))),
        Json::String(text) => {
            let text = text.trim();
            if text.is_empty() {
                return Some(None);
            }
            let whole = text.parse::<i64>().ok().map(Json::from);
            let float = || text.parse::<f64>().ok().and_then(Number::from_f64);
            let number = whole.or_else(|| float().map(Json::Number));
            number.map(Some)
        }
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// Dify's reading: some words mean no, everything else that is not empty means yes.
fn boolean(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Bool(yes) => *yes,
        Json::Number(number) => number.as_f64() != Some(0.0),
        Json::String(text) => !matches!(
            text.trim().to_lowercase().as_str(),
            "" | "no" | "n" | "false" | "f" | "0"
        ),
        Json::Array(items) => !items.is_empty(),
        Json::Object(map) => !map.is_empty(),
    }
}

fn array(value: Json) -> Json {
    if let Json::String(text) = &value
        && let Ok(list @ Json::Array(_)) = serde_json::from_str(text)
    {
        return list;
    }
    match value {
        Json::Array(_) => value,
        one
        @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_)) => {
            Json::Array(vec![one])
        }
    }
}

fn object(value: Json) -> Result<Json, Json> {
    match value {
        Json::Object(_) => Ok(value),
        Json::String(text) if text.trim().is_empty() => Ok(Json::Object(Map::new())),
        Json::String(text) => match serde_json::from_str(&text) {
            Ok(map @ Json::Object(_)) => Ok(map),
            Ok(_) | Err(_) => Err(Json::String(text)),
        },
        other @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_)) => Err(other),
    }
}

/// As Python's `str` writes it, but structures as JSON.
fn text(value: &Json) -> String {
    match value {
        Json::Array(_) | Json::Object(_) => value.to_string(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => python_text(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::prepare;
    use crate::host::{ParameterForm, ToolDefinition, ToolError, ToolParameter};

    fn tool(kind: &str, required: bool, default: Option<Json>) -> ToolDefinition {
        let parameter = ToolParameter {
            name: "p".to_owned(),
            description: String::new(),
            kind: kind.to_owned(),
            required,
            form: ParameterForm::Llm,
            default,
            options: vec!["on".to_owned(), "off".to_owned()],
            schema: None,
        };
        ToolDefinition {
            name: "t".to_owned(),
            description: String::new(),
            parameters: vec![parameter],
        }
    }

    fn given(kind: &str, value: Json) -> Result<Json, ToolError> {
        let map = json!({"p": value, "undeclared": 1});
        let prepared = prepare(
            &tool(kind, false, None),
            map.as_object().unwrap().clone(),
            &[],
        );
        prepared.map(|prepared| json!(prepared))
    }

    #[test]
    fn values_become_what_the_parameter_is() {
        for (kind, value, cast) in [
            ("string", json!(true), json!("True")),
            ("string", json!({"a": 1}), json!("{\"a\":1}")),
            ("number", json!("7"), json!(7)),
            ("number", json!(" 2.5 "), json!(2.5)),
            ("number", json!(true), json!(1)),
            ("boolean", json!("False"), json!(false)),
            ("boolean", json!("anything"), json!(true)),
            ("boolean", json!(0), json!(false)),
            ("array", json!("[1, 2]"), json!([1, 2])),
            ("array", json!("a, b"), json!(["a, b"])),
            ("object", json!("{\"a\": 1}"), json!({"a": 1})),
            ("object", json!(""), json!({})),
            ("select", json!("on"), json!("on")),
            ("secret-input", json!(5), json!("5")),
        ] {
            assert_eq!(given(kind, value), Ok(json!({"p": cast})), "{kind}");
        }
        assert_eq!(given("number", json!("")), Ok(json!({})));
    }

    #[test]
    fn what_cannot_be_cast_is_a_wrong_parameter() {
        for (kind, value) in [
            ("number", json!("seven")),
            ("number", json!([1])),
            ("object", json!("{'a': 1}")),
            ("object", json!([1])),
            ("select", json!("middle")),
        ] {
            let refused = given(kind, value.clone());
            assert!(matches!(refused, Err(ToolError::Parameter(_))), "{value}");
        }
    }

    #[test]
    fn a_missing_value_has_its_default_or_is_told() {
        let none = || json!({"p": null}).as_object().unwrap().clone();
        let with = prepare(&tool("number", true, Some(json!("3"))), none(), &[]);
        assert_eq!(json!(with.unwrap()), json!({"p": 3}));
        let without = prepare(&tool("string", true, None), none(), &[]).unwrap_err();
        let told = "tool parameter p not found in tool config";
        assert_eq!(without, ToolError::Parameter(told.to_owned()));
    }
}
