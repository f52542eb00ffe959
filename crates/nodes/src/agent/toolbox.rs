//! The tools of an agent: what the model is told of them, and how its calls become uses of them.
//!
//! The model says only what it is asked for: what the author has settled, and what a tool takes from its author alone,
//! it can neither see nor change.

use futures::future::try_join_all;
use serde_json::{Map, Value as Json, json};

use latchkey_domain::credential::{CredentialSelector, RenderedSelector};
use latchkey_engine::node::NodeContext;
use latchkey_engine::pool::Pool;
use latchkey_engine::selector;
use latchkey_models::Tool;

use crate::data::{self, Data};
use crate::host::{
    Host, ParameterForm, ToolAnswer, ToolCall, ToolDefinition, ToolError, ToolParameter, ToolProof,
    ToolRef,
};
use crate::json_text;

use super::config::ToolPlace;
use super::parameters::interpolated;

/// The longest name that providers take for a tool.
const NAME_LENGTH: usize = 64;

/// The tools, by the names under which the model calls them.
pub(super) struct Toolbox {
    tools: Vec<Offered>,
}

/// A tool as it is offered to the model.
pub(super) struct Offered {
    name: String,
    description: String,
    tool: ToolRef,
    /// What the model may say, by name.
    asked: Vec<(String, Json)>,
    required: Vec<String>,
    /// What the author has settled.
    settled: Map<String, Json>,
    selector: CredentialSelector,
    rendered: RenderedSelector,
}

impl Toolbox {
    /// Looks the tools up.
    ///
    /// # Errors
    /// When one of them does not exist here.
    pub(super) async fn open(
        places: &[ToolPlace],
        host: &Host,
        context: &NodeContext,
    ) -> Result<Self, ToolError> {
        let defined = places
            .iter()
            .map(|place| host.tools.definition(&context.run, &place.tool));
        let defined = try_join_all(defined).await?;
        let mut tools: Vec<Offered> = Vec::new();
        for (place, definition) in places.iter().zip(defined) {
            let mut tool = Offered::of(place, definition, context);
            tool.name = unused(&tool.name, &tools);
            tools.push(tool);
        }
        Ok(Self { tools })
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.tools.is_empty()
    }

    /// What the model is told.
    pub(super) fn offered(&self) -> Vec<Tool> {
        self.tools.iter().map(Offered::told).collect()
    }

    /// The names, in order.
    pub(super) fn names(&self) -> Vec<&str> {
        self.tools.iter().map(|tool| tool.name.as_str()).collect()
    }

    /// The tool of a name.
    ///
    /// # Errors
    /// When there is none; the text is for the model.
    pub(super) fn find(&self, name: &str) -> Result<&Offered, String> {
        let found = self.tools.iter().find(|tool| tool.name == name.trim());
        found.ok_or_else(|| {
            let names = self.names().join(", ");
            format!("there is no tool {name:?}; the tools are: {names}")
        })
    }
}

impl Offered {
    fn of(place: &ToolPlace, definition: ToolDefinition, context: &NodeContext) -> Self {
        let pool = &context.pool;
        let mut settled = Map::new();
        for (name, raw) in &place.settings {
            let said = raw.get("value").unwrap_or(raw);
            add(&mut settled, name, value(said, pool));
        }
        for (name, raw) in &place.parameters {
            add(&mut settled, name, parameter(raw, pool));
        }
        let is_asked = |parameter: &&ToolParameter| {
            parameter.form == ParameterForm::Llm && !settled.contains_key(&parameter.name)
        };
        let parameters = definition.parameters.iter().filter(is_asked);
        let asked: Vec<&ToolParameter> = parameters.filter(|it| is_sayable(it)).collect();
        let description = place.description.clone();
        Self {
            name: safe(&definition.name),
            description: description.unwrap_or(definition.description),
            tool: place.tool.clone(),
            required: asked
                .iter()
                .filter(|parameter| parameter.required && parameter.default.is_none())
                .map(|parameter| parameter.name.clone())
                .collect(),
            asked: asked
                .into_iter()
                .map(|parameter| (parameter.name.clone(), schema(parameter)))
                .collect(),
            settled,
            rendered: selector::render(&place.selector, pool, &context.entry),
            selector: place.selector.clone(),
        }
    }

    fn told(&self) -> Tool {
        let properties: Map<String, Json> = self.asked.iter().cloned().collect();
        Tool {
            name: self.name.clone(),
            description: self.description.clone(),
            parameters: json!({
                "type": "object", "properties": properties, "required": self.required,
            }),
        }
    }

    /// The provider, for people.
    pub(super) fn provider(&self) -> &str {
        &self.tool.provider
    }

    /// What the model says, read out of what it wrote. A lone text is meant for the only parameter.
    ///
    /// # Errors
    /// When it is no JSON object; the text is for the model.
    pub(super) fn arguments(&self, written: &str) -> Result<Map<String, Json>, String> {
        if written.trim().is_empty() {
            return Ok(Map::new());
        }
        let said = match serde_json::from_str(written) {
            Ok(said) => said,
            Err(cause) => match json_text::first_object(written) {
                Some(found) => Json::Object(found),
                None => {
                    return Err(format!(
                        "the arguments are no JSON: {cause}; write them anew"
                    ));
                }
            },
        };
        match (said, self.asked.as_slice()) {
            (Json::Object(map), _) => Ok(map),
            (Json::Null, _) => Ok(Map::new()),
            (Json::String(text), [(only, _)]) => {
                Ok(Map::from_iter([(only.clone(), Json::String(text))]))
            }
            (_, _) => Err("the arguments are no JSON object; write them anew".to_owned()),
        }
    }

    /// Uses the tool with what the model says and the author has settled.
    pub(super) async fn invoke(
        &self,
        said: Map<String, Json>,
        host: &Host,
        context: &NodeContext,
        proof: &ToolProof,
    ) -> Result<ToolAnswer, ToolError> {
        let is_asked = |name: &String| self.asked.iter().any(|(known, _)| known == name);
        let mut arguments = self.settled.clone();
        arguments.extend(said.into_iter().filter(|(name, _)| is_asked(name)));
        let call = ToolCall {
            context,
            tool: &self.tool,
            selector_source: self.selector.clone(),
            rendered: self.rendered.clone(),
            arguments,
            files: Vec::new(),
            proof,
        };
        host.tools.invoke(call).await
    }
}

fn add(settled: &mut Map<String, Json>, name: &str, value: Option<Json>) {
    if let Some(value) = value {
        settled.insert(name.to_owned(), value);
    }
}

/// What the author says of a parameter; none when the model is to say it. Older files have bare values here, empty
/// ones for what is left open.
fn parameter(raw: &Json, pool: &Pool) -> Option<Json> {
    let Some(map) = raw.as_object().filter(|map| map.contains_key("auto")) else {
        return value(raw, pool).filter(|value| value != "");
    };
    let is_open = |auto: &Json| *auto != Json::Bool(false) && auto.as_i64() != Some(0);
    if map.get("auto").is_none_or(is_open) {
        return None;
    }
    let said = map.get("value")?;
    let is_wrapped = said.get("type").is_none();
    value(
        said.get("value").filter(|_| is_wrapped).unwrap_or(said),
        pool,
    )
}

/// A value `{type, value}`, or a bare one; none for null and for a variable that does not exist.
fn value(raw: &Json, pool: &Pool) -> Option<Json> {
    let typed = raw.as_object().and_then(|map| {
        let kind = data::text(map, "type")?;
        ["mixed", "constant", "variable"]
            .contains(&kind)
            .then_some((kind, map))
    });
    let value = match typed {
        Some(("variable", map)) => variable(map, pool)?,
        Some((_, map)) => interpolated(map.get("value")?, pool),
        None => interpolated(raw, pool),
    };
    (!value.is_null()).then_some(value)
}

fn variable(map: &Data, pool: &Pool) -> Option<Json> {
    Some(pool.get(&data::selector(map, "value"))?.expose_json())
}

/// Whether a model can say it at all: it has no files.
fn is_sayable(parameter: &ToolParameter) -> bool {
    !["file", "files", "system-files", "secret-input"].contains(&parameter.kind.as_str())
}

fn schema(parameter: &ToolParameter) -> Json {
    let mut schema = match &parameter.schema {
        Some(schema @ Json::Object(_)) => schema.clone(),
        _ => match parameter.kind.as_str() {
            "number" => json!({"type": "number"}),
            "boolean" | "checkbox" => json!({"type": "boolean"}),
            "array" => json!({"type": "array", "items": {}}),
            "object" => json!({"type": "object"}),
            "any" => json!({}),
            _ => json!({"type": "string"}),
        },
    };
    if !parameter.description.is_empty() {
        schema["description"] = json!(parameter.description);
    }
    if !parameter.options.is_empty() {
        schema["enum"] = json!(parameter.options);
    }
    schema
}

/// A name of letters, digits, `_` and `-` only, as providers want it.
fn safe(name: &str) -> String {
    let is_safe = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let letters = name.chars().take(NAME_LENGTH);
    let safe: String = letters
        .map(|letter| if is_safe(letter) { letter } else { '_' })
        .collect();
    if safe.is_empty() {
        "tool".to_owned()
    } else {
        safe
    }
}

/// The name, or with a number behind it when another tool has it.
fn unused(name: &str, tools: &[Offered]) -> String {
    let is_free = |name: &String| tools.iter().all(|tool| tool.name != *name);
    let numbered = (2..).map(|number| {
        let end = format!("_{number}");
        let head: String = name.chars().take(NAME_LENGTH - end.len()).collect();
        head + &end
    });
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(is_free).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use latchkey_domain::value::Value;
    use latchkey_engine::pool::Pool;

    use super::{parameter, safe};

    #[test]
    fn parameters_are_open_or_settled() {
        let mut pool = Pool::new();
        pool.set("n", "v", Value::infer(json!([1, 2])));
        pool.set("n", "s", Value::infer(json!("say \"x\"")));
        let variable = json!({"type": "variable", "value": ["n", "v"]});
        for (raw, settled) in [
            (json!({"auto": 1, "value": null}), None),
            (
                json!({"auto": 1, "value": {"type": "mixed", "value": "x"}}),
                None,
            ),
            (
                json!({"auto": 0, "value": {"type": "mixed", "value": "a {{#n.s#}}"}}),
                Some(json!("a say \"x\"")),
            ),
            (json!({"auto": 0, "value": {"value": 3}}), Some(json!(3))),
            (
                json!({"auto": 0, "value": "{{#n.s#}}"}),
                Some(json!("say \"x\"")),
            ),
            (json!({"auto": 0, "value": variable}), Some(json!([1, 2]))),
            (
                json!({"auto": 0, "value": {"type": "variable", "value": ["n", "ghost"]}}),
                None,
            ),
            (json!(""), None),
            (json!(5), Some(json!(5))),
            (Json::Null, None),
        ] {
            assert_eq!(parameter(&raw, &pool), settled, "{raw}");
        }
    }

    #[test]
    fn names_are_what_providers_take() {
        assert_eq!(safe("get weather/日"), "get_weather__");
        assert_eq!(safe(&"x".repeat(100)).len(), 64);
        assert_eq!(safe(""), "tool");
    }
}
