//! `start`: hands the prepared inputs on, and checks JSON inputs against their schemas.

use serde_json::Value as Json;

use latchkey_domain::document::GraphNode;
use latchkey_domain::id::NodeId;
use latchkey_domain::run::Failure;
use latchkey_domain::value::{NamedValues, Value, to_json_map};
use latchkey_engine::node::{Attempt, BuildProblem, NodeKind, NodeSpec, PureNode};
use latchkey_engine::pool::Pool;

use crate::data::{self, Data, problem};
use crate::schema::Schema;

/// A declared variable.
struct Declared {
    name: String,
    object: Option<ObjectRule>,
}

/// What a `json_object` variable must be.
struct ObjectRule {
    required: bool,
    schema: Option<Schema>,
}

struct Start {
    id: NodeId,
    variables: Vec<Declared>,
}

pub(crate) fn build(node: &GraphNode) -> Result<NodeSpec, BuildProblem> {
    let variables = data::mappings(&node.data, "variables")
        .map(declared)
        .collect::<Result<_, _>>()?;
    let start = Start {
        id: node.id.clone(),
        variables,
    };
    Ok(NodeSpec::pure(NodeKind::Root, start))
}

fn declared(item: &Data) -> Result<Declared, BuildProblem> {
    let name = data::text(item, "variable")
        .ok_or_else(|| problem("variables", "a start variable has no name"))?;
    let object = if data::text(item, "type") == Some("json_object") {
        Some(ObjectRule {
            required: data::flag(item, "required"),
            schema: schema(item, name)?,
        })
    } else {
        None
    };
    Ok(Declared {
        name: name.to_owned(),
        object,
    })
}

/// The schema stands there as a mapping or as JSON text; blank means none.
fn schema(item: &Data, name: &str) -> Result<Option<Schema>, BuildProblem> {
    let refuse = |why: String| problem("variables", format!("json_schema of {name}: {why}"));
    let raw = match item.get("json_schema") {
        None | Some(Json::Null) => return Ok(None),
        Some(Json::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Json::String(text)) => {
            serde_json::from_str(text).map_err(|cause| refuse(cause.to_string()))?
        }
        Some(raw) => raw.clone(),
    };
    Schema::new(raw).map(Some).map_err(refuse)
}

impl PureNode for Start {
    fn run(&self, pool: &Pool) -> Attempt {
        let value = |name: &str| pool.variable(self.id.as_str(), name).cloned();
        let outputs: NamedValues = self
            .variables
            .iter()
            .map(|declared| {
                let value = value(&declared.name).unwrap_or(Value::None);
                (declared.name.clone(), value)
            })
            .collect();
        let inputs = to_json_map(&outputs);
        let rules = self.variables.iter().zip(&outputs);
        let broken = rules.filter_map(|(declared, (_, value))| {
            let rule = declared.object.as_ref()?;
            rule.broken(&declared.name, value)
        });
        let attempt = match broken.into_iter().next() {
            None => Attempt::succeeded(outputs),
            Some(message) => Attempt::failed(Failure::new("WorkflowNodeError", message)),
        };
        attempt.with_inputs(inputs)
    }
}

impl ObjectRule {
    /// What is wrong with the value.
    fn broken(&self, name: &str, value: &Value) -> Option<String> {
        match value {
            Value::None if self.required => Some(format!("{name} is required in input form")),
            Value::None => None,
            Value::Object(map) => {
                let schema = self.schema.as_ref()?;
                let found = schema.check(&Json::Object(map.as_ref().clone())).err()?;
                Some(format!(
                    "JSON object for {name} does not match schema: {found}"
                ))
            }
            Value::Boolean(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::Secret(_)
            | Value::Array(_)
            | Value::File(_) => Some(format!("{name} must be a JSON object")),
        }
    }
}
