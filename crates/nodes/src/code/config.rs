//! What the data of a `code` node say (Dify DSL, code).

use serde_json::{Map, Value as Json};

use latchkey_domain::value::ArrayKind;
use latchkey_engine::node::BuildProblem;
use latchkey_sandbox::Language;

use crate::data::{self, Data, problem};

/// A `code` node.
pub(super) struct Config {
    pub(super) language: Language,
    pub(super) code: String,
    pub(super) variables: Vec<(String, Vec<String>)>,
    pub(super) outputs: Outputs,
}

/// Declared outputs, in their order.
pub(super) type Outputs = Vec<(String, Output)>;

/// What an output is declared to be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Output {
    Text,
    Number,
    Boolean,
    /// A mapping; with its children, if they are declared.
    Object(Option<Outputs>),
    /// A list; elements of an `array[object]` may have declared children.
    List(ArrayKind, Option<Outputs>),
}

impl Config {
    pub(super) fn of(data: &Data) -> Result<Self, BuildProblem> {
        let language = match data::text(data, "code_language") {
            Some("python3") => Language::Python,
            Some("javascript") => Language::JavaScript,
            Some(_) | None => {
                let text = "code_language must be python3 or javascript";
                return Err(problem("code_language", text));
            }
        };
        let code = data::text(data, "code");
        let code = code.ok_or_else(|| problem("code", "the field code must be a text"))?;
        let none = Map::new();
        let declared = data::mapping(data, "outputs").unwrap_or(&none);
        Ok(Self {
            language,
            code: code.to_owned(),
            variables: data::variables(data, "variables"),
            outputs: outputs(declared, "outputs")?,
        })
    }
}

fn outputs(declared: &Data, place: &str) -> Result<Outputs, BuildProblem> {
    let each = declared.iter().map(|(name, raw)| {
        let place = format!("{place}.{name}");
        let raw = raw.as_object();
        let raw = raw.ok_or_else(|| problem(&place, "an output is a mapping with a type"))?;
        Ok((name.clone(), output(raw, &place)?))
    });
    each.collect()
}

fn output(raw: &Data, place: &str) -> Result<Output, BuildProblem> {
    let children = raw.get("children").and_then(Json::as_object);
    let children = children.map(|children| outputs(children, &format!("{place}.children")));
    let children = children.transpose()?;
    Ok(match data::text(raw, "type").unwrap_or_default() {
        "string" => Output::Text,
        "number" => Output::Number,
        "boolean" => Output::Boolean,
        "object" => Output::Object(children),
        "array[string]" => Output::List(ArrayKind::String, None),
        "array[number]" => Output::List(ArrayKind::Number, None),
        "array[boolean]" => Output::List(ArrayKind::Boolean, None),
        "array[object]" => Output::List(ArrayKind::Object, children),
        other => {
            let text = format!("an output of a code node cannot be of type {other:?}");
            return Err(problem(&format!("{place}.type"), text));
        }
    })
}
