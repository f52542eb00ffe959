//! What the data of a `tool` node say, and what the tool is given by them.

use serde_json::{Map, Value as Json};

use latchkey_domain::credential::CredentialSelector;
use latchkey_domain::document::GraphNode;
use latchkey_domain::value::{File, Value, json_compact, python_text};
use latchkey_engine::node::BuildProblem;
use latchkey_engine::pool::Pool;
use latchkey_engine::template::{Part, Template};

use crate::data::{self, Data, problem};
use crate::host::{ToolDefinition, ToolError, ToolParameter, ToolRef};

pub(super) struct Config {
    pub(super) tool: ToolRef,
    /// As it stands in the document, for people.
    pub(super) provider_id: String,
    pub(super) plugin: Option<String>,
    pub(super) selector: CredentialSelector,
    /// By parameter, each once.
    inputs: Vec<(String, Input)>,
}

/// What an author says about a parameter.
enum Input {
    /// A text with placeholders.
    Text(Template),
    /// A value that is no text.
    Constant(Json),
    /// A variable.
    Variable(Vec<String>),
}

/// What a tool is given.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) arguments: Map<String, Json>,
    pub(super) files: Vec<(String, File)>,
    /// The same for people: secrets are masked.
    pub(super) shown: Map<String, Json>,
}

impl Config {
    pub(super) fn of(node: &GraphNode) -> Result<Self, BuildProblem> {
        let data = &*node.data;
        let place = node.tool_places().into_iter().next();
        let place = place.ok_or_else(|| problem("tool_name", "the node names no tool"))?;
        if let Some(conflict) = place.conflict {
            return Err(problem("credential_name", conflict));
        }
        if place.tool.tool.is_empty() || place.tool.provider.is_empty() {
            return Err(problem("tool_name", "the node names no tool"));
        }
        let id = data::text(data, "provider_id").unwrap_or(&place.tool.provider);
        Ok(Self {
            provider_id: id.to_owned(),
            plugin: data::text(data, "plugin_unique_identifier").map(str::to_owned),
            tool: ToolRef {
                provider_type: place.tool.provider_type,
                provider: place.tool.provider,
                tool: place.tool.tool,
            },
            selector: place.selector,
            inputs: inputs(data)?,
        })
    }

    /// What the tool is given; what it does not declare is left out.
    pub(super) fn given(
        &self,
        definition: &ToolDefinition,
        pool: &Pool,
    ) -> Result<Given, ToolError> {
        let mut given = Given::default();
        for (name, input) in &self.inputs {
            let mut declared = definition.parameters.iter();
            if let Some(parameter) = declared.find(|parameter| parameter.name == *name) {
                given.take(parameter, input, pool)?;
            }
        }
        Ok(given)
    }
}

/// The parameters, and those settings that have a type, which newer files write beside them. The parameters win.
fn inputs(data: &Data) -> Result<Vec<(String, Input)>, BuildProblem> {
    let mut all: Vec<(String, Input)> = Vec::new();
    for key in ["tool_parameters", "tool_configurations"] {
        for (name, said) in data::mapping(data, key).into_iter().flatten() {
            let is_new = all.iter().all(|(known, _)| known != name);
            let input = Input::of(said).map_err(|text| problem(&format!("{key}.{name}"), text))?;
            if let Some(input) = input.filter(|_| is_new) {
                all.push((name.clone(), input));
            }
        }
    }
    Ok(all)
}

impl Input {
    /// None when nothing is said.
    fn of(said: &Json) -> Result<Option<Self>, String> {
        let typed = said.as_object().filter(|map| map.contains_key("type"));
        let Some(typed) = typed else {
            return Ok(Self::constant(said));
        };
        let value = typed.get("value").unwrap_or(&Json::Null);
        match data::text(typed, "type") {
            Some("variable") => {
                let selector = data::selector_of(value);
                match (value, selector.len()) {
                    (Json::Null, _) => Ok(None),
                    (_, 0 | 1) => Err("a variable is a list of at least two texts".to_owned()),
                    (_, _) => Ok(Some(Self::Variable(selector))),
                }
            }
            Some("mixed" | "constant") => Ok(Self::constant(value)),
            other => Err(format!("unknown type {:?}", other.unwrap_or_default())),
        }
    }

    fn constant(value: &Json) -> Option<Self> {
        match value {
            Json::Null => None,
            Json::String(text) => Some(Self::Text(Template::parse(text))),
            Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                Some(Self::Constant(value.clone()))
            }
        }
    }
}

impl Given {
    fn take(
        &mut self,
        parameter: &ToolParameter,
        input: &Input,
        pool: &Pool,
    ) -> Result<(), ToolError> {
        let name = &parameter.name;
        let is_file = matches!(parameter.kind.as_str(), "file" | "files" | "system-files");
        match input {
            Input::Text(template) => match template.parts() {
                [Part::Variable(selector)] if is_file => {
                    self.variable(parameter, selector, pool)?
                }
                _ => {
                    let shown = template.render_shown(pool);
                    self.shown.insert(name.clone(), Json::String(shown));
                    let text = template.render_text(pool);
                    self.arguments.insert(name.clone(), Json::String(text));
                }
            },
            Input::Constant(value) => {
                let is_whole = matches!(parameter.kind.as_str(), "array" | "object" | "any");
                let value = constant(value, is_whole, pool);
                self.shown.insert(name.clone(), value.clone());
                self.arguments.insert(name.clone(), value);
            }
            Input::Variable(selector) => self.variable(parameter, selector, pool)?,
        }
        Ok(())
    }

    fn variable(
        &mut self,
        parameter: &ToolParameter,
        selector: &[String],
        pool: &Pool,
    ) -> Result<(), ToolError> {
        let name = &parameter.name;
        let Some(value) = pool.get(selector) else {
            if parameter.required {
                let variable = selector.join(".");
                let text = format!("Variable {variable} does not exist");
                return Err(ToolError::Parameter(text));
            }
            return Ok(());
        };
        self.shown.insert(name.clone(), value.to_json());
        match &value {
            Value::File(file) => self.files.push((name.clone(), File::clone(file))),
            Value::Array(array) if !array.files().is_empty() => {
                let files = array.files().into_iter();
                self.files.extend(files.map(|file| (name.clone(), file)));
            }
            Value::None
            | Value::Boolean(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::Secret(_)
            | Value::Object(_)
            | Value::Array(_) => {
                self.arguments.insert(name.clone(), value.expose_json());
            }
        }
        Ok(())
    }
}

/// A value that is no text: as a whole where the tool takes one, else as Python's `str` writes it (Dify DSL reference,
/// 4.12). Placeholders in its texts are rendered.
fn constant(value: &Json, is_whole: bool, pool: &Pool) -> Json {
    match value {
        Json::Array(_) | Json::Object(_) if is_whole => rendered(value, pool),
        Json::Array(_) | Json::Object(_) => Json::String(json_compact(&rendered(value, pool))),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
            Json::String(python_text(value))
        }
    }
}

fn rendered(value: &Json, pool: &Pool) -> Json {
    match value {
        Json::String(text) => Json::String(Template::parse(text).render_text(pool)),
        Json::Array(items) => items.iter().map(|item| rendered(item, pool)).collect(),
        Json::Object(map) => {
            let pairs = map.iter();
            let pairs = pairs.map(|(key, value)| (key.clone(), rendered(value, pool)));
            Json::Object(pairs.collect())
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => value.clone(),
    }
}
