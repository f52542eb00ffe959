//! A parameter that is to be extracted: its name, its type and the values that it may have.

use serde_json::{Map, Value as Json, json};

use latchkey_domain::value::{ArrayKind, ValueKind};
use latchkey_engine::node::BuildProblem;

use crate::data::{self, Data, problem};

/// Names that the node's own outputs have.
const RESERVED: [&str; 2] = ["__reason", "__is_success"];

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) description: String,
    pub(super) required: bool,
    /// The values of a selection; empty when any will do.
    pub(super) options: Vec<String>,
}

/// What a parameter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    String,
    Number,
    Boolean,
    List(ArrayKind),
}

impl Parameter {
    /// Reads a parameter, under the old names of types too.
    pub(super) fn of(data: &Data) -> Result<Self, BuildProblem> {
        let name = data::text(data, "name").unwrap_or_default();
        if name.is_empty() || RESERVED.contains(&name) {
            let message = format!("{name:?} cannot be the name of a parameter");
            return Err(problem("parameters", message));
        }
        let word = data::text(data, "type").unwrap_or_default();
        let kind = Kind::parse(word).ok_or_else(|| {
            let message = format!("the parameter {name} has the unknown type {word:?}");
            problem("parameters", message)
        })?;
        let options = data::list(data, "options").iter();
        Ok(Self {
            name: name.to_owned(),
            kind,
            description: data::text(data, "description")
                .unwrap_or_default()
                .to_owned(),
            required: data::flag(data, "required"),
            options: options
                .filter_map(|option| option.as_str().map(str::to_owned))
                .collect(),
        })
    }

    /// Its JSON Schema.
    pub(super) fn schema(&self) -> Json {
        let mut schema = match self.kind {
            Kind::String => json!({"type": "string"}),
            Kind::Number => json!({"type": "number"}),
            Kind::Boolean => json!({"type": "boolean"}),
            Kind::List(kind) => match kind {
                ArrayKind::String => json!({"type": "array", "items": {"type": "string"}}),
                ArrayKind::Number => json!({"type": "array", "items": {"type": "number"}}),
                ArrayKind::Boolean => json!({"type": "array", "items": {"type": "boolean"}}),
                ArrayKind::Object => json!({"type": "array", "items": {"type": "object"}}),
                ArrayKind::Any | ArrayKind::File => json!({"type": "array"}),
            },
        };
        schema["description"] = json!(self.description);
        if !self.options.is_empty() {
            schema["enum"] = json!(self.options);
        }
        schema
    }
}

impl Kind {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "string" | "select" => Some(Self::String),
            "number" => Some(Self::Number),
            "boolean" | "bool" => Some(Self::Boolean),
            other => match ArrayKind::parse(other)? {
                ArrayKind::Any | ArrayKind::File => None,
                kind @ (ArrayKind::String
                | ArrayKind::Number
                | ArrayKind::Object
                | ArrayKind::Boolean) => Some(Self::List(kind)),
            },
        }
    }

    /// The type as documents spell it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::String => ValueKind::String.as_str(),
            Self::Number => ValueKind::Number.as_str(),
            Self::Boolean => ValueKind::Boolean.as_str(),
            Self::List(kind) => kind.as_str(),
        }
    }

    /// Whether a value is of this type; numbers include booleans, as in the reference.
    pub(super) fn accepts(self, value: &Json) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Number => value.is_number() || value.is_boolean(),
            Self::Boolean => value.is_boolean(),
            Self::List(kind) => value
                .as_array()
                .is_some_and(|items| items.iter().all(|item| kind.accepts(item))),
        }
    }
}

/// The JSON Schema of all parameters together.
pub(super) fn schema(parameters: &[Parameter]) -> Json {
    let properties: Map<String, Json> = parameters
        .iter()
        .map(|parameter| (parameter.name.clone(), parameter.schema()))
        .collect();
    let required: Vec<&str> = parameters
        .iter()
        .filter(|parameter| parameter.required)
        .map(|parameter| parameter.name.as_str())
        .collect();
    json!({"type": "object", "properties": properties, "required": required})
}
