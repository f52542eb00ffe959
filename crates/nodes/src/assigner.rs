//! `assigner`, version 1: changes one variable, without looking at types.

use serde_json::{Map, json};

use latchkey_domain::document::GraphNode;
use latchkey_domain::run::Failure;
use latchkey_domain::value::{Array, Value, ValueKind};
use latchkey_engine::node::{Attempt, BuildProblem, NodeKind, NodeSpec, PureNode};
use latchkey_engine::pool::Pool;

use crate::data::{self, problem};

enum Mode {
    OverWrite,
    Append,
    Clear,
}

struct Assigner {
    target: [String; 2],
    source: Vec<String>,
    mode: Mode,
}

pub(crate) fn build(node: &GraphNode) -> Result<NodeSpec, BuildProblem> {
    let data = &node.data;
    let target: [String; 2] = data::selector(data, "assigned_variable_selector")
        .try_into()
        .map_err(|_| problem("assigned_variable_selector", "the target needs two parts"))?;
    let mode = match data::text(data, "write_mode") {
        Some("over-write") => Mode::OverWrite,
        Some("append") => Mode::Append,
        Some("clear") => Mode::Clear,
        other => {
            let text = format!("unknown write mode {:?}", other.unwrap_or_default());
            return Err(problem("write_mode", text));
        }
    };
    let assigner = Assigner {
        target: target.clone(),
        source: data::selector(data, "input_variable_selector"),
        mode,
    };
    let mut spec = NodeSpec::pure(NodeKind::Executable, assigner);
    spec.writes = vec![target];
    Ok(spec)
}

impl PureNode for Assigner {
    fn run(&self, pool: &Pool) -> Attempt {
        match self.value(pool) {
            Ok(value) => {
                let json = value.to_json();
                let mut attempt = Attempt::succeeded(Vec::new())
                    .with_inputs(Map::from_iter([("value".to_owned(), json.clone())]));
                attempt.process_data.insert(
                    "__updated_variables".to_owned(),
                    json!([{
                        "name": self.target[1],
                        "selector": self.target,
                        "value_type": value.kind().as_str(),
                        "new_value": json,
                    }]),
                );
                attempt.updates.push((self.target.clone(), value));
                attempt
            }
            Err(message) => Attempt::failed(Failure::new("WorkflowNodeError", message)),
        }
    }
}

impl Assigner {
    fn value(&self, pool: &Pool) -> Result<Value, String> {
        let target = pool
            .get(&self.target)
            .ok_or("assigned variable not found")?;
        let source = || pool.get(&self.source).ok_or("input value not found");
        match self.mode {
            Mode::OverWrite => Ok(source()?),
            // A text that came from a secret is cleared like any text.
            Mode::Clear if target.kind() == ValueKind::Secret => Ok(Value::string("")),
            Mode::Clear => Value::zero(target.kind()).map_err(|cause| cause.to_string()),
            Mode::Append => {
                let Value::Array(array) = target else {
                    return Err("append mode requires an array variable".to_owned());
                };
                let kind = array.kind();
                let mut items = array.into_items();
                items.push(source()?.expose_json());
                Ok(Value::Array(Array::new(kind, items)))
            }
        }
    }
}
