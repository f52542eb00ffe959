//! The inputs of a run: what a start node declares, and how given values are checked against it (Dify DSL, start node,
//! input preparation). Undeclared inputs are dropped; the first thing wrong with each declared one is told.

mod files;

use serde_json::{Map, Value as Json};

use crate::document::{Document, GraphNode};
use crate::id::NodeId;
use crate::trigger::webhook_variables;
use crate::value::{ArrayKind, File, NamedValues, Value};

pub use self::files::{FileRules, FindFile, fill_files, named_files, sent_files, stored_id};

/// A variable that a start node declares.
#[derive(Clone, Debug, PartialEq)]
pub struct StartVariable {
    /// Its name.
    pub name: String,
    /// Its label, for forms.
    pub label: String,
    /// Its form type, such as `text-input`; `text-input` when the file says none.
    pub form: String,
    /// Whether a run must give it.
    pub required: bool,
    /// The value when none is given.
    pub default: Json,
    /// The longest text in characters, or the most files; none: unbounded.
    pub max_length: Option<u64>,
    /// The choices of a `select`.
    pub options: Vec<String>,
    /// Which files are taken.
    pub files: FileRules,
}

impl StartVariable {
    /// Whether its value is a file or a list of files.
    #[must_use]
    pub fn is_file(&self) -> bool {
        matches!(self.form.as_str(), "file" | "file-list")
    }
}

/// One input that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputProblem {
    /// The variable.
    pub name: String,
    /// Which item of its list, from 0; none for the whole.
    pub item: Option<usize>,
    /// A stable code: `input_required`, `input_type`, `input_option`, `input_too_long`, `file_unknown`, `file_refused`.
    pub code: &'static str,
    /// The text (Dify's).
    pub message: String,
}

/// The variables that the entry node of a document declares, in file order: those of a start node, or what a webhook hands
/// on. Other triggers declare none.
#[must_use]
pub fn start_variables(document: &Document, entry: &NodeId) -> Vec<StartVariable> {
    match node_of(document, entry) {
        Some(node) if node.node_type == "trigger-webhook" => webhook_variables(&node.data),
        Some(node) if node.node_type.starts_with("trigger-") => Vec::new(),
        Some(node) => declared(node),
        None => Vec::new(),
    }
}

/// Checks given inputs against what the entry node of a document declares, as [`prepare_inputs`] does. The event of a plugin
/// (`trigger-plugin`) is declared nowhere: it is taken as it is given.
///
/// # Errors
/// Everything that is wrong, one problem for each variable.
pub fn prepare_entry(
    document: &Document,
    entry: &NodeId,
    given: &Map<String, Json>,
) -> Result<NamedValues, Vec<InputProblem>> {
    let is_event = node_of(document, entry).is_some_and(|node| node.node_type == "trigger-plugin");
    if is_event {
        let pairs = given.iter();
        return Ok(pairs
            .map(|(name, value)| (name.clone(), Value::infer(value.clone())))
            .collect());
    }
    prepare_inputs(&start_variables(document, entry), given)
}

fn node_of<'a>(document: &'a Document, id: &NodeId) -> Option<&'a GraphNode> {
    document.graph().nodes.iter().find(|node| node.id == *id)
}

/// The variables that a start node declares, in file order; unreadable ones are left out (import reports them).
#[must_use]
pub fn declared(node: &GraphNode) -> Vec<StartVariable> {
    let variables = node.data.get("variables").and_then(Json::as_array);
    variables.into_iter().flatten().filter_map(read).collect()
}

fn read(raw: &Json) -> Option<StartVariable> {
    let text = |key: &str| raw.get(key).and_then(Json::as_str);
    let texts = |key: &str| {
        let items = raw.get(key).and_then(Json::as_array);
        let items = items.into_iter().flatten();
        items.filter_map(Json::as_str).map(str::to_owned).collect()
    };
    let name = text("variable")?.to_owned();
    Some(StartVariable {
        label: text("label").unwrap_or(&name).to_owned(),
        form: text("type").unwrap_or("text-input").to_owned(),
        required: raw.get("required").and_then(Json::as_bool).unwrap_or(false),
        default: raw.get("default").cloned().unwrap_or(Json::Null),
        max_length: raw
            .get("max_length")
            .and_then(Json::as_u64)
            .filter(|most| *most > 0),
        options: texts("options"),
        files: FileRules {
            types: texts("allowed_file_types"),
            extensions: texts("allowed_file_extensions"),
            methods: texts("allowed_file_upload_methods"),
            most: None,
        },
        name,
    })
}

/// Checks given inputs against the declared variables and gives them their types, in declared order.
///
/// # Errors
/// Everything that is wrong, one problem for each variable.
pub fn prepare_inputs(
    variables: &[StartVariable],
    given: &Map<String, Json>,
) -> Result<NamedValues, Vec<InputProblem>> {
    let mut values = NamedValues::new();
    let mut problems = Vec::new();
    for variable in variables {
        match prepare(variable, given.get(&variable.name)) {
            Ok(value) => values.push((variable.name.clone(), value)),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(values)
    } else {
        Err(problems)
    }
}

fn prepare(variable: &StartVariable, given: Option<&Json>) -> Result<Value, InputProblem> {
    let given = given.filter(|value| !value.is_null());
    let raw = match given {
        None if variable.required => {
            let message = format!("{} is required in input form", variable.name);
            return Err(wrong(variable, "input_required", message));
        }
        None => &variable.default,
        Some(raw) => raw,
    };
    if raw.is_null() {
        return Ok(Value::infer(Json::Null));
    }
    check_shape(variable, raw)?;
    match variable.form.as_str() {
        "text-input" | "paragraph" | "select" => text(variable, raw),
        "number" => number(variable, raw),
        "checkbox" => Ok(Value::infer(checkbox(raw))),
        "file" => file(variable, raw),
        "file-list" => files(variable, raw),
        "json_object" => object(variable, raw),
        form => match ArrayKind::parse(form) {
            Some(kind) => list(variable, kind, raw),
            None => Ok(Value::infer(raw.clone())),
        },
    }
}

/// A mapping, or a list of them, belongs to few types only.
fn check_shape(variable: &StartVariable, raw: &Json) -> Result<(), InputProblem> {
    let form = variable.form.as_str();
    let is_list_of_maps = raw
        .as_array()
        .is_some_and(|items| !items.is_empty() && items.iter().all(Json::is_object));
    let misplaced = raw.is_object() && !matches!(form, "file" | "json_object")
        || is_list_of_maps && !matches!(form, "file-list" | "array[object]" | "array[any]");
    if misplaced {
        let message = format!("Invalid input type for {}", variable.name);
        return Err(wrong(variable, "input_type", message));
    }
    Ok(())
}

fn text(variable: &StartVariable, raw: &Json) -> Result<Value, InputProblem> {
    let name = &variable.name;
    let Some(text) = raw.as_str() else {
        let message = format!(
            "(type '{}') {name} in input form must be a string",
            variable.form
        );
        return Err(wrong(variable, "input_type", message));
    };
    if variable.form == "select" && !variable.options.iter().any(|option| option == text) {
        let message = format!(
            "{name} in input form must be one of the following: {:?}",
            variable.options
        );
        return Err(wrong(variable, "input_option", message));
    }
    if let Some(most) = variable.max_length
        && text.chars().count() as u64 > most
    {
        let message = format!("{name} in input form must be less than {most} characters");
        return Err(wrong(variable, "input_too_long", message));
    }
    Ok(Value::string(text.replace('\0', "")))
}

fn number(variable: &StartVariable, raw: &Json) -> Result<Value, InputProblem> {
    let invalid = || {
        let message = format!("{} in input form must be a valid number", variable.name);
        wrong(variable, "input_type", message)
    };
    match raw {
        Json::Number(number) => Ok(Value::number(number)),
        Json::String(text) if text.trim().is_empty() => Ok(Value::infer(Json::Null)),
        Json::String(text) => {
            let text = text.trim().replace('_', "");
            let parsed = if text.contains('.') {
                text.parse::<f64>()
                    .ok()
                    .and_then(serde_json::Number::from_f64)
            } else {
                text.parse::<i64>().ok().map(Into::into)
            };
            parsed.as_ref().map(Value::number).ok_or_else(invalid)
        }
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => Err(invalid()),
    }
}

fn checkbox(raw: &Json) -> Json {
    match raw {
        Json::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Json::Bool(true),
            "false" | "0" | "no" | "off" => Json::Bool(false),
            _ => raw.clone(),
        },
        Json::Number(number) => match number.as_i64() {
            Some(1) => Json::Bool(true),
            Some(0) => Json::Bool(false),
            Some(_) | None => raw.clone(),
        },
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => raw.clone(),
    }
}

fn file(variable: &StartVariable, raw: &Json) -> Result<Value, InputProblem> {
    if raw.as_str() == Some("") && !variable.required {
        return Ok(Value::infer(Json::Null));
    }
    one_file(variable, raw).map(Value::file)
}

fn files(variable: &StartVariable, raw: &Json) -> Result<Value, InputProblem> {
    if raw.as_str() == Some("") && !variable.required {
        return Ok(Value::infer(Json::Null));
    }
    let Some(items) = raw.as_array() else {
        let message = format!("{} in input form must be a list of files", variable.name);
        return Err(wrong(variable, "input_type", message));
    };
    if let Some(most) = variable.max_length
        && items.len() as u64 > most
    {
        let message = format!(
            "{} in input form must have at most {most} files",
            variable.name
        );
        return Err(wrong(variable, "input_too_long", message));
    }
    let read = |(index, item)| {
        one_file(variable, item)
            .map(|file| file.to_json())
            .map_err(|problem| InputProblem {
                item: Some(index),
                ..problem
            })
    };
    let files = items.iter().enumerate().map(read);
    Ok(Value::array(
        ArrayKind::File,
        files.collect::<Result<_, _>>()?,
    ))
}

fn one_file(variable: &StartVariable, raw: &Json) -> Result<File, InputProblem> {
    let message = |what: &str| format!("{} in input form {what}", variable.name);
    let file = File::from_json(raw);
    let file = file.ok_or_else(|| wrong(variable, "input_type", message("must be a file")))?;
    match variable.files.broken_by(&file) {
        None => Ok(file),
        Some(why) => Err(wrong(variable, "file_refused", message(why))),
    }
}

/// A list, as webhooks declare them.
fn list(variable: &StartVariable, kind: ArrayKind, raw: &Json) -> Result<Value, InputProblem> {
    match raw {
        Json::Array(items) if items.iter().all(|item| kind.accepts(item)) => {
            Ok(Value::array(kind, items.clone()))
        }
        Json::Null
        | Json::Bool(_)
        | Json::Number(_)
        | Json::String(_)
        | Json::Array(_)
        | Json::Object(_) => {
            let message = format!("{} must be an {}", variable.name, kind.as_str());
            Err(wrong(variable, "input_type", message))
        }
    }
}

fn object(variable: &StartVariable, raw: &Json) -> Result<Value, InputProblem> {
    match raw {
        Json::Object(map) => Ok(Value::object(map.clone())),
        Json::String(text) if text.is_empty() => Ok(Value::infer(Json::Null)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
            let message = format!("{} in input form must be a JSON object", variable.name);
            Err(wrong(variable, "input_type", message))
        }
    }
}

fn wrong(variable: &StartVariable, code: &'static str, message: String) -> InputProblem {
    InputProblem {
        name: variable.name.clone(),
        item: None,
        code,
        message,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{declared, prepare_inputs};
    use crate::document::GraphNode;

    fn prepared(variable: Json, given: Json) -> Result<Json, &'static str> {
        let node = GraphNode {
            id: "start".into(),
            node_type: "start".into(),
            version: "1".into(),
            title: String::new(),
            data: std::sync::Arc::new(
                json!({ "variables": [variable] })
                    .as_object()
                    .unwrap()
                    .clone(),
            ),
            container: None,
            place: None,
        };
        prepare_inputs(&declared(&node), given.as_object().unwrap())
            .map(|values| values[0].1.to_json())
            .map_err(|problems| problems[0].code)
    }

    #[test]
    fn inputs_are_checked_as_dify_checks_them() {
        let of = |form: &str| json!({"variable": "x", "type": form, "max_length": 3, "options": ["a", "b"]});
        let mut required = of("text-input");
        required["required"] = json!(true);
        let mut defaulted = of("paragraph");
        defaulted["default"] = json!("d");
        for (variable, given, expected) in [
            (required.clone(), json!({}), Err("input_required")),
            (required, json!({"x": "abc", "y": 1}), Ok(json!("abc"))),
            (defaulted, json!({}), Ok(json!("d"))),
            (of("text-input"), json!({}), Ok(Json::Null)),
            (
                of("text-input"),
                json!({"x": "abcd"}),
                Err("input_too_long"),
            ),
            (of("text-input"), json!({"x": "a\u{0}b"}), Ok(json!("ab"))),
            (of("text-input"), json!({"x": 5}), Err("input_type")),
            (of("text-input"), json!({"x": {}}), Err("input_type")),
            (of("select"), json!({"x": "c"}), Err("input_option")),
            (of("select"), json!({"x": "b"}), Ok(json!("b"))),
            (of("number"), json!({"x": "1.5"}), Ok(json!(1.5))),
            (of("number"), json!({"x": "7"}), Ok(json!(7))),
            (of("number"), json!({"x": " "}), Ok(Json::Null)),
            (of("number"), json!({"x": "many"}), Err("input_type")),
            (of("number"), json!({"x": true}), Err("input_type")),
            (of("checkbox"), json!({"x": " Yes "}), Ok(json!(true))),
            (of("checkbox"), json!({"x": 0}), Ok(json!(false))),
            (
                of("json_object"),
                json!({"x": {"a": 1}}),
                Ok(json!({"a": 1})),
            ),
            (of("json_object"), json!({"x": [1]}), Err("input_type")),
            (of("file-list"), json!({"x": "f"}), Err("input_type")),
            (of("file"), json!({"x": ""}), Ok(Json::Null)),
            (of("array[object]"), json!({"x": [{}]}), Ok(json!([{}]))),
            (of("array[number]"), json!({"x": ["1"]}), Err("input_type")),
            (of("array[string]"), json!({"x": "a"}), Err("input_type")),
        ] {
            assert_eq!(
                prepared(variable.clone(), given.clone()),
                expected,
                "{variable} {given}"
            );
        }
    }
}
