//! What an agent is to do: its parameters, rendered (Dify DSL, `agent_parameters: {name: {type, value}}`).

use serde_json::{Map, Value as Json, json};

use latchkey_domain::value::{Value, json_compact};
use latchkey_engine::pool::Pool;
use latchkey_engine::template::Template;

use crate::data::{self, Data};

use super::Error;

/// How many rounds with tools there are when nobody says, and at most.
const ROUNDS: u32 = 3;
const MOST_ROUNDS: u32 = 99;

/// What an agent is to do.
pub(super) struct Task {
    /// What the author wants it to mind.
    pub(super) instruction: String,
    /// What it is asked.
    pub(super) query: String,
    /// What it is told beside, such as what was found in a knowledge base.
    pub(super) context: String,
    /// How many rounds with tools it has.
    pub(super) rounds: u32,
}

impl Task {
    /// Renders the parameters.
    ///
    /// # Errors
    /// When a variable is missing, or a parameter that is needed.
    pub(super) fn of(parameters: &Data, pool: &Pool) -> Result<Self, Error> {
        let text = |name: &str| -> Result<Option<String>, Error> {
            let value = value(parameters, name, pool)?;
            Ok(value.map(|value| Value::infer(value).text().into_owned()))
        };
        let query = text("query")?;
        let query =
            query.ok_or_else(|| Error::Parameter("the parameter query is missing".to_owned()))?;
        Ok(Self {
            instruction: text("instruction")?.unwrap_or_default(),
            query,
            context: value(parameters, "context", pool)?
                .map_or_else(String::new, |value| context(&value)),
            rounds: rounds(value(parameters, "maximum_iterations", pool)?)?,
        })
    }

    /// What the model is told before anything else; none when there is nothing to tell.
    pub(super) fn system(&self) -> Option<String> {
        let mut text = self.instruction.clone();
        if !self.context.trim().is_empty() {
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(&format!(
                "What is known about the question:\n<context>\n{}\n</context>",
                self.context
            ));
        }
        (!text.trim().is_empty()).then_some(text)
    }

    /// What goes in, for people.
    pub(super) fn inputs(&self, parameters: &Data, pool: &Pool) -> Map<String, Json> {
        let shown = |name: &str| {
            let parameter = data::mapping(parameters, name)?;
            let text = data::text(parameter, "value")?;
            Some(Template::parse(text).render_shown(pool))
        };
        let mut inputs = Map::new();
        for (name, text) in [("query", &self.query), ("instruction", &self.instruction)] {
            let text = shown(name).unwrap_or_else(|| text.clone());
            inputs.insert(name.to_owned(), text.into());
        }
        inputs.insert("maximum_iterations".to_owned(), json!(self.rounds));
        inputs
    }
}

/// A parameter's value; none when it is absent or null.
fn value(parameters: &Data, name: &str, pool: &Pool) -> Result<Option<Json>, Error> {
    let Some(parameter) = data::mapping(parameters, name) else {
        return Ok(None);
    };
    let value = match data::text(parameter, "type") {
        Some("variable") => {
            let selector = data::selector(parameter, "value");
            let found = pool.get(&selector);
            let found = found.ok_or_else(|| Error::VariableNotFound(selector.join(".")))?;
            found.expose_json()
        }
        _ => interpolated(parameter.get("value").unwrap_or(&Json::Null), pool),
    };
    Ok(Some(value).filter(|value| !value.is_null()))
}

/// A value with the placeholders in all of its texts filled. The reference fills its JSON text as a whole, which a
/// quotation mark in a variable breaks.
pub(super) fn interpolated(value: &Json, pool: &Pool) -> Json {
    match value {
        Json::String(text) => Json::String(Template::parse(text).render_text(pool)),
        Json::Array(items) => items.iter().map(|item| interpolated(item, pool)).collect(),
        Json::Object(map) => {
            let fields = map.iter();
            let fields = fields.map(|(key, item)| (key.clone(), interpolated(item, pool)));
            Json::Object(fields.collect())
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => value.clone(),
    }
}

/// A text, or the contents of a list such as a knowledge base gives.
fn context(value: &Json) -> String {
    let line = |item: &Json| match item {
        Json::String(text) => text.clone(),
        Json::Object(map) => map
            .get("content")
            .and_then(Json::as_str)
            .map_or_else(|| json_compact(item), str::to_owned),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) => json_compact(item),
    };
    let items = value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice);
    items.iter().map(line).collect::<Vec<_>>().join("\n\n")
}

fn rounds(said: Option<Json>) -> Result<u32, Error> {
    let number = match said {
        None => return Ok(ROUNDS),
        Some(Json::Number(number)) => number.as_f64(),
        Some(Json::String(text)) if text.trim().is_empty() => return Ok(ROUNDS),
        Some(Json::String(text)) => text.trim().parse().ok(),
        Some(Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_)) => None,
    };
    let wrong = || Error::Parameter("the parameter maximum_iterations is no number".to_owned());
    let number = number.filter(|number| number.is_finite());
    Ok((number.ok_or_else(wrong)? as u32).clamp(1, MOST_ROUNDS))
}
