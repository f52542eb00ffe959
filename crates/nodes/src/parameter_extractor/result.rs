//! What is made of a reply: the parameters that it gives, checked, and forced into their types as far as that goes
//! (Dify DSL reference, 4.17).

use serde_json::{Map, Number, Value as Json};

use latchkey_domain::value::{ArrayKind, NamedValues, Value};

use crate::json_text;
use crate::model_call::reply::Reply;

use super::parameter::{Kind, Parameter};

const NOTHING: &str =
    "Failed to extract result from function call or text response, using empty result.";

/// The parameters, whether the reply was as it should be, and if not why.
pub(super) fn outputs(reply: &Reply, parameters: &[Parameter]) -> NamedValues {
    let (found, mut reason) = match reply.tool_calls.first() {
        Some(call) => (
            json_text::first_object(&call.arguments).unwrap_or_default(),
            None,
        ),
        None => match json_text::first_object(&reply.text).filter(|found| !found.is_empty()) {
            Some(found) => (found, None),
            None => (defaults(parameters), Some(NOTHING.to_owned())),
        },
    };
    if let Err(cause) = check(&found, parameters) {
        reason = Some(cause);
    }
    let mut outputs: NamedValues = parameters
        .iter()
        .map(|parameter| {
            let value = found.get(&parameter.name);
            let value = value.and_then(|value| forced(parameter.kind, value));
            let value = value.unwrap_or_else(|| empty(parameter.kind));
            (parameter.name.clone(), value)
        })
        .collect();
    let is_success = Value::Integer(i64::from(reason.is_none()));
    outputs.push(("__is_success".to_owned(), is_success));
    let reason = reason.map_or(Value::None, Value::string);
    outputs.push(("__reason".to_owned(), reason));
    outputs
}

/// What stands in when nothing was found; lists have nothing.
fn defaults(parameters: &[Parameter]) -> Map<String, Json> {
    let given = parameters.iter().filter_map(|parameter| {
        let value = match parameter.kind {
            Kind::String => Json::from(""),
            Kind::Number => Json::from(0),
            Kind::Boolean => Json::from(false),
            Kind::List(_) => return None,
        };
        Some((parameter.name.clone(), value))
    });
    given.collect()
}

/// The first thing that is wrong with what was found.
fn check(found: &Map<String, Json>, parameters: &[Parameter]) -> Result<(), String> {
    if found.len() != parameters.len() {
        return Err("Invalid number of parameters".to_owned());
    }
    for parameter in parameters {
        let Parameter { name, kind, .. } = parameter;
        let value = found.get(name);
        if parameter.required && value.is_none() {
            return Err(format!("Parameter {name} is required"));
        }
        let value = value.unwrap_or(&Json::Null);
        if !kind.accepts(value) {
            let is = Value::infer(value.clone()).kind();
            return Err(format!(
                "Invalid value for parameter {name}: expected {}, found {is}",
                kind.as_str()
            ));
        }
        let is_option = |text: &str| parameter.options.iter().any(|option| option == text);
        if !parameter.options.is_empty() && value.as_str().is_some_and(|text| !is_option(text)) {
            return Err(format!("Invalid `select` value for parameter {name}"));
        }
    }
    Ok(())
}

/// A value as one of this type; none when it cannot be one.
fn forced(kind: Kind, value: &Json) -> Option<Value> {
    match kind {
        Kind::String => value.as_str().map(Value::string),
        Kind::Number => number(value).map(|number| Value::number(&number)),
        Kind::Boolean => match value {
            Json::Bool(truth) => Some(Value::Boolean(*truth)),
            Json::Number(number) => number.as_i64().map(|it| Value::Boolean(it != 0)),
            Json::Null | Json::String(_) | Json::Array(_) | Json::Object(_) => None,
        },
        Kind::List(kind) => {
            let items = value.as_array()?.iter();
            let items = items.filter_map(|item| {
                if kind == ArrayKind::Number {
                    number(item).map(Json::Number)
                } else {
                    kind.accepts(item).then(|| item.clone())
                }
            });
            Some(Value::array(kind, items.collect()))
        }
    }
}

fn number(value: &Json) -> Option<Number> {
    match value {
        Json::Bool(truth) => Some(Number::from(i64::from(*truth))),
        Json::Number(number) => Some(number.clone()),
        Json::String(text) if text.contains('.') => {
            text.trim().parse().ok().and_then(Number::from_f64)
        }
        Json::String(text) => text.trim().parse::<i64>().ok().map(Number::from),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

fn empty(kind: Kind) -> Value {
    match kind {
        Kind::String => Value::string(""),
        Kind::Number => Value::Integer(0),
        Kind::Boolean => Value::Boolean(false),
        Kind::List(kind) => Value::array(kind, Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use latchkey_domain::value::to_json_map;
    use latchkey_models::ToolCall;
    use serde_json::{Value as Json, json};

    use super::super::parameter::Parameter;
    use super::outputs;
    use crate::model_call::reply::Reply;

    fn extracted(parameters: Json, reply: &Reply) -> Json {
        let parameters = parameters.as_array().unwrap().iter();
        let parameters: Vec<Parameter> = parameters
            .map(|raw| Parameter::of(raw.as_object().unwrap()).unwrap())
            .collect();
        Json::Object(to_json_map(&outputs(reply, &parameters)))
    }

    fn text(text: &str) -> Reply {
        Reply {
            text: text.to_owned(),
            ..Reply::default()
        }
    }

    #[test]
    fn values_are_forced_into_their_types() {
        for (kind, given, value, is_success) in [
            ("number", json!(true), json!(1), 1),
            ("number", json!(" 7 "), json!(7), 0),
            ("number", json!("2.5"), json!(2.5), 0),
            ("number", json!("many"), json!(0), 0),
            ("bool", json!(1), json!(true), 0),
            ("boolean", json!("true"), json!(false), 0),
            (
                "array[number]",
                json!([1, "2", "x", true]),
                json!([1, 2, 1]),
                0,
            ),
            ("array[boolean]", json!([true, 1]), json!([true]), 0),
            ("array[object]", json!([{"a": 1}]), json!([{"a": 1}]), 1),
            ("array[string]", json!("x"), json!([]), 0),
            ("string", json!(null), json!(""), 0),
        ] {
            let parameters = json!([{"name": "p", "type": kind, "required": true}]);
            let found = extracted(parameters, &text(&json!({"p": given}).to_string()));
            assert_eq!(
                (&found["p"], &found["__is_success"]),
                (&value, &json!(is_success)),
                "{kind} {given}"
            );
        }
    }

    #[test]
    fn what_is_missing_is_told_and_stands_empty() {
        let parameters = json!([
            {"name": "city", "type": "string", "required": true},
            {"name": "tags", "type": "array[string]", "required": true},
        ]);
        for (reply, reason) in [
            ("no idea", "Invalid number of parameters"),
            (r#"{"city": "Rome", "x": 1}"#, "Parameter tags is required"),
            ("{}", "Invalid number of parameters"),
        ] {
            let found = extracted(parameters.clone(), &text(reply));
            assert_eq!(found["__reason"], reason, "{reply}");
            assert_eq!(found["tags"], json!([]));
        }
    }

    #[test]
    fn a_tool_call_comes_before_the_text() {
        let call = ToolCall {
            id: "c".to_owned(),
            name: "extract_parameters".to_owned(),
            arguments: "sure: {\"city\": \"Rome\"}".to_owned(),
        };
        let reply = Reply {
            tool_calls: vec![call],
            ..text(r#"{"city": "Paris"}"#)
        };
        let parameters = json!([{"name": "city", "type": "select", "options": ["Rome"]}]);
        let found = extracted(parameters, &reply);
        assert_eq!(
            (&found["city"], &found["__reason"]),
            (&json!("Rome"), &Json::Null)
        );
    }
}
