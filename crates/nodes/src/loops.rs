//! `loop`: a graph of its own, again and again, with variables of its own, until its conditions are met.

use serde_json::Value as Json;

use latchkey_domain::document::GraphNode;
use latchkey_domain::value::{ArrayKind, Value, ValueKind};
use latchkey_engine::node::{
    BuildProblem, Condition, Container, Loop, LoopSource, LoopVariable, NodeSpec,
};
use latchkey_engine::pool::Pool;

use crate::data::{self, Data, problem};
use crate::if_else::Conditions;
use crate::iteration::start;

pub(crate) fn build(node: &GraphNode) -> Result<NodeSpec, BuildProblem> {
    let data = &node.data;
    let count = data.get("loop_count").and_then(Json::as_u64);
    let count = count
        .filter(|count| *count > 0)
        .ok_or_else(|| problem("loop_count", "loop_count must be a whole number from 1"))?;
    let variables = data::mappings(data, "loop_variables").map(variable);
    let turns = Loop {
        start: start(data),
        count: u32::try_from(count).unwrap_or(u32::MAX),
        variables: variables.collect::<Result<_, _>>()?,
        until: Box::new(Until(Conditions::of(data, "break_conditions")?)),
    };
    Ok(NodeSpec::container(Container::Loop(turns)))
}

/// When a loop ends early: never, without conditions.
struct Until(Conditions);

impl Condition for Until {
    fn holds(&self, pool: &Pool) -> Result<bool, String> {
        if self.0.is_empty() {
            return Ok(false);
        }
        self.0.hold(pool)
    }
}

fn variable(data: &Data) -> Result<LoopVariable, BuildProblem> {
    let refuse = |message: String| problem("loop_variables", message);
    let label = data::text(data, "label")
        .ok_or_else(|| refuse("a loop variable has no label".to_owned()))?;
    let kind = data::text(data, "var_type").unwrap_or_default();
    let kind = ValueKind::parse(kind)
        .ok_or_else(|| refuse(format!("the loop variable {label} is of the type {kind:?}")))?;
    let value = data.get("value").cloned().unwrap_or(Json::Null);
    let source = match data::text(data, "value_type") {
        Some("variable") => LoopSource::Variable(data::selector_of(&value)),
        Some("constant") => LoopSource::Constant(constant(label, kind, value)),
        other => {
            let other = other.unwrap_or_default();
            return Err(refuse(format!("unknown value type {other:?} of {label}")));
        }
    };
    Ok(LoopVariable {
        label: label.to_owned(),
        source,
    })
}

/// A constant under its type (Dify DSL reference, 4.16): lists are written as JSON text, and what is no text is an empty
/// list; anything else may be written as it is or as JSON text.
fn constant(label: &str, kind: ValueKind, raw: Json) -> Result<Value, String> {
    let wrong = |cause: &dyn std::fmt::Display| {
        format!("the loop variable {label} has a value of another type: {cause}")
    };
    let is_list_text = matches!(
        kind,
        ValueKind::Array(ArrayKind::String | ArrayKind::Number | ArrayKind::Object)
    );
    if is_list_text {
        let value = match &raw {
            Json::String(text) if !text.is_empty() => {
                serde_json::from_str(text).map_err(|cause| wrong(&cause))?
            }
            Json::Null
            | Json::Bool(_)
            | Json::Number(_)
            | Json::String(_)
            | Json::Array(_)
            | Json::Object(_) => Json::Array(Vec::new()),
        };
        return Value::typed(kind, value).map_err(|cause| wrong(&cause));
    }
    Value::typed(kind, raw.clone()).or_else(|cause| {
        let parsed = raw
            .as_str()
            .and_then(|text| serde_json::from_str(text).ok());
        let parsed: Json = parsed.ok_or_else(|| wrong(&cause))?;
        Value::typed(kind, parsed).map_err(|cause| wrong(&cause))
    })
}
