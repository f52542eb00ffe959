//! `assigner`, version 2: a list of typed changes; a failing one undoes all of them.

mod operation;

use serde_json::{Map, Value as Json, json};

use latchkey_domain::document::GraphNode;
use latchkey_domain::run::Failure;
use latchkey_domain::value::{Value, ValueKind, python_text};
use latchkey_engine::node::{Attempt, BuildProblem, NodeKind, NodeSpec, PureNode};
use latchkey_engine::pool::Pool;

use crate::data::{self, Data, problem};

use self::operation::Operation;

/// Where the value of an item comes from.
enum Input {
    Variable(Vec<String>),
    Constant(Json),
}

impl Input {
    const fn name(&self) -> &'static str {
        match self {
            Self::Variable(_) => "variable",
            Self::Constant(_) => "constant",
        }
    }
}

struct Item {
    target: [String; 2],
    operation: Operation,
    input: Input,
}

struct Assigner {
    items: Vec<Item>,
}

pub(crate) fn build(node: &GraphNode) -> Result<NodeSpec, BuildProblem> {
    let items: Vec<Item> = data::mappings(&node.data, "items")
        .map(item)
        .collect::<Result<_, _>>()?;
    let writes = items.iter().map(|item| item.target.clone()).collect();
    let mut spec = NodeSpec::pure(NodeKind::Executable, Assigner { items });
    spec.writes = writes;
    Ok(spec)
}

fn item(item: &Data) -> Result<Item, BuildProblem> {
    let refuse = |message: String| problem("items", message);
    let target = data::selector(item, "variable_selector")
        .try_into()
        .map_err(|_| refuse("a target needs two parts".to_owned()))?;
    let name = data::text(item, "operation").unwrap_or_default();
    let operation =
        Operation::parse(name).ok_or_else(|| refuse(format!("unknown operation {name:?}")))?;
    let value = item.get("value").cloned().unwrap_or(Json::Null);
    let input = match data::text(item, "input_type") {
        Some("variable") => Input::Variable(data::selector_of(&value)),
        Some("constant") => Input::Constant(value),
        other => {
            let other = other.unwrap_or_default();
            return Err(refuse(format!("unknown input type {other:?}")));
        }
    };
    Ok(Item {
        target,
        operation,
        input,
    })
}

impl PureNode for Assigner {
    fn run(&self, pool: &Pool) -> Attempt {
        let mut copy = pool.clone();
        let mut changed: Vec<&[String; 2]> = Vec::new();
        for item in &self.items {
            match item.apply(&copy) {
                Ok(None) => {}
                Ok(Some(value)) => {
                    copy.set(&item.target[0], &item.target[1], value);
                    if !changed.contains(&&item.target) {
                        changed.push(&item.target);
                    }
                }
                // The reference reports no class here.
                Err(message) => return Attempt::failed(Failure::new("", message)),
            }
        }
        let updates = changed
            .into_iter()
            .filter_map(|target| Some((target.clone(), copy.get(target)?)))
            .collect();
        succeeded(updates)
    }
}

fn succeeded(updates: Vec<([String; 2], Value)>) -> Attempt {
    let told: Vec<Json> = updates
        .iter()
        .map(|(selector, value)| {
            json!({
                "name": selector[1],
                "selector": selector,
                "value_type": value.kind().as_str(),
                "new_value": value.to_json(),
            })
        })
        .collect();
    let mut attempt = Attempt::succeeded(Vec::new());
    let mut process_data: Map<String, Json> = updates
        .iter()
        .map(|(selector, value)| (selector[1].clone(), value.to_json()))
        .collect();
    process_data.insert("__updated_variables".to_owned(), Json::Array(told));
    attempt.process_data = process_data;
    attempt.updates = updates;
    attempt
}

impl Item {
    /// The target's new value; none when a null source leaves it alone.
    fn apply(&self, pool: &Pool) -> Result<Option<Value>, String> {
        let operation = self.operation;
        let target = pool
            .get(&self.target)
            .ok_or_else(|| not_found(&self.target))?;
        // A text that came from a secret is one: whatever a text can become, it can.
        let target = if let Value::Secret(text) = target {
            Value::String(text)
        } else {
            target
        };
        let kind = target.kind();
        if !operation.supports(kind) {
            return Err(format!(
                "Operation {} is not supported for type {kind}",
                operation.as_str()
            ));
        }
        let takes = match &self.input {
            Input::Variable(_) => operation.takes_variable(),
            Input::Constant(_) => operation.takes_constant(kind),
        };
        if !takes {
            return Err(format!(
                "Input type {} is not supported for operation {}",
                self.input.name(),
                operation.as_str()
            ));
        }
        let Some(input) = self.input_value(kind, pool)? else {
            return Ok(None);
        };
        if !operation.accepts(kind, &input) {
            return Err(invalid(&input));
        }
        if let Some(secret) = self.secret(pool) {
            return Ok(Some(secret));
        }
        operation
            .compute(&target, input)
            .map(Some)
            .map_err(|cause| cause.to_string())
    }

    /// A secret that takes the target's place as a whole: it stays one.
    fn secret(&self, pool: &Pool) -> Option<Value> {
        let (Input::Variable(selector), Operation::OverWrite) = (&self.input, self.operation)
        else {
            return None;
        };
        pool.get(selector)
            .filter(|value| value.kind() == ValueKind::Secret)
    }

    fn input_value(&self, kind: ValueKind, pool: &Pool) -> Result<Option<Json>, String> {
        let value = match &self.input {
            Input::Variable(_) if self.operation.ignores_input() => Json::Null,
            Input::Variable(selector) => match pool.get(selector) {
                None => return Err(not_found(selector)),
                Some(Value::None) => return Ok(None),
                Some(value) => value.expose_json(),
            },
            Input::Constant(value) => value.clone(),
        };
        // An object may be written down as JSON text.
        if let (Operation::Set, ValueKind::Object, Json::String(text)) =
            (self.operation, kind, &value)
        {
            return serde_json::from_str(text)
                .map(Some)
                .map_err(|_| invalid(&value));
        }
        Ok(Some(value))
    }
}

fn not_found(selector: &[String]) -> String {
    format!("Variable {} not found", selector.join("."))
}

fn invalid(value: &Json) -> String {
    format!("Invalid input value {}", python_text(value))
}
