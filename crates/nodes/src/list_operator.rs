//! `list-operator`: filters a list, takes one element of it, orders it and cuts it off, in this order (Dify DSL, 4.19).

mod filter;

use std::cmp::Ordering;

use serde_json::{Map, Value as Json, json};

use latchkey_domain::document::GraphNode;
use latchkey_domain::run::Failure;
use latchkey_domain::value::{Array, ArrayKind, File, Value, python_repr};
use latchkey_engine::node::{Attempt, BuildProblem, NodeKind, NodeSpec, PureNode};
use latchkey_engine::pool::Pool;
use latchkey_engine::template::Template;

use crate::data::{self, Data, problem};
use crate::number::integer;

use self::filter::{Condition, file_text};

struct ListOperator {
    variable: Vec<String>,
    conditions: Vec<Condition>,
    /// The position, from 1.
    serial: Option<Template>,
    order: Option<Order>,
    limit: Option<i64>,
}

struct Order {
    /// The attribute of files.
    key: String,
    is_descending: bool,
}

/// Why a list cannot be made.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// Dify's own errors of this node, which carry no class.
    #[error("{0}")]
    Operator(String),
    /// Python's errors, which are told as those of a node.
    #[error("{0}")]
    Value(String),
}

impl Error {
    fn failure(&self) -> Failure {
        let class = match self {
            Self::Operator(_) => "",
            Self::Value(_) => "WorkflowNodeError",
        };
        Failure::new(class, self.to_string())
    }
}

pub(crate) fn build(node: &GraphNode) -> Result<NodeSpec, BuildProblem> {
    let data = &node.data;
    let enabled = |key: &str| data::mapping(data, key).filter(|part| data::flag(part, "enabled"));
    let conditions = match enabled("filter_by") {
        None => Vec::new(),
        Some(filter) => data::mappings(filter, "conditions")
            .map(Condition::of)
            .collect::<Result<_, _>>()?,
    };
    let operator = ListOperator {
        variable: data::selector(data, "variable"),
        conditions,
        serial: enabled("extract_by").map(serial).transpose()?,
        order: enabled("order_by").map(Order::of).transpose()?,
        limit: enabled("limit").map(limit).transpose()?,
    };
    Ok(NodeSpec::pure(NodeKind::Executable, operator))
}

fn serial(extract: &Data) -> Result<Template, BuildProblem> {
    match extract.get("serial") {
        None => Ok(Template::parse("1")),
        Some(Json::String(text)) => Ok(Template::parse(text)),
        Some(_) => Err(problem("extract_by.serial", "it is no text")),
    }
}

fn limit(limit: &Data) -> Result<i64, BuildProblem> {
    match limit.get("size") {
        None => Ok(-1),
        Some(size) => integer(size).map_err(|why| problem("limit.size", why)),
    }
}

impl Order {
    fn of(order: &Data) -> Result<Self, BuildProblem> {
        let is_descending = match data::text(order, "value") {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(other) => {
                let why = format!("unknown order {other:?}");
                return Err(problem("order_by.value", why));
            }
        };
        Ok(Self {
            key: data::text(order, "key").unwrap_or_default().to_owned(),
            is_descending,
        })
    }
}

impl PureNode for ListOperator {
    fn run(&self, pool: &Pool) -> Attempt {
        let selector = self.variable.iter().map(String::as_str).collect::<Json>();
        let selector = python_repr(&selector);
        let Some(value) = pool.get(&self.variable) else {
            let text = format!("Variable not found for selector: {selector}");
            return Attempt::failed(Failure::new("", text));
        };
        let kind = value.kind();
        let list = match value {
            Value::Array(array) if is_supported(array.kind()) => array,
            value if value.is_truthy() => {
                let text = format!("Variable {selector} is not an array type, actual type: {kind}");
                return Attempt::failed(Failure::new("", text));
            }
            Value::Array(array) => array,
            Value::None
            | Value::Boolean(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::Secret(_)
            | Value::Object(_)
            | Value::File(_) => Array::new(ArrayKind::Any, Vec::new()),
        };
        let told = json!({"variable": Value::Array(list.clone()).to_json()});
        let told = told.as_object().cloned().unwrap_or_default();
        let is_empty = list.items().is_empty();
        let made = if is_empty {
            Ok(list)
        } else {
            self.applied(list, pool)
        };
        let mut attempt = match made {
            Ok(made) => succeeded(made),
            Err(cause) => Attempt::failed(cause.failure()),
        };
        attempt.process_data = Map::clone(&told);
        attempt.with_inputs(told)
    }
}

fn is_supported(kind: ArrayKind) -> bool {
    matches!(
        kind,
        ArrayKind::String | ArrayKind::Number | ArrayKind::Boolean | ArrayKind::File
    )
}

fn succeeded(list: Array) -> Attempt {
    let record = |item: Option<&Json>| item.cloned().map_or(Value::None, Value::infer);
    let (first, last) = (record(list.items().first()), record(list.items().last()));
    Attempt::succeeded(vec![
        ("result".to_owned(), Value::Array(list)),
        ("first_record".to_owned(), first),
        ("last_record".to_owned(), last),
    ])
}

impl ListOperator {
    /// The list after all that is enabled.
    fn applied(&self, list: Array, pool: &Pool) -> Result<Array, Error> {
        let kind = list.kind();
        let mut items = list.into_items();
        for condition in &self.conditions {
            items = condition.filtered(kind, items, pool)?;
        }
        if let Some(serial) = &self.serial {
            items = vec![extracted(serial, items, pool)?];
        }
        if let Some(order) = &self.order {
            order.apply(kind, &mut items)?;
        }
        if let Some(limit) = self.limit {
            cut(&mut items, limit);
        }
        Ok(Array::new(kind, items))
    }
}

/// The element at a position that counts from 1.
fn extracted(serial: &Template, items: Vec<Json>, pool: &Pool) -> Result<Json, Error> {
    let position = integer(&serial.render_text(pool).into()).map_err(Error::Value)?;
    if position < 1 {
        let text = format!("Invalid serial index: must be >= 1, got {position}");
        return Err(Error::Value(text));
    }
    let length = items.len();
    let index = usize::try_from(position - 1).unwrap_or(usize::MAX);
    items.into_iter().nth(index).ok_or_else(|| {
        Error::Operator(format!(
            "Invalid serial index: must be <= {length}, got {position}"
        ))
    })
}

/// Python's `items[:size]`: a negative size counts from the end.
fn cut(items: &mut Vec<Json>, size: i64) {
    let many = usize::try_from(size.unsigned_abs()).unwrap_or(usize::MAX);
    items.truncate(if size < 0 {
        items.len().saturating_sub(many)
    } else {
        many
    });
}

impl Order {
    /// Orders by code point, by number, or by an attribute of files; equal elements keep their order both ways.
    fn apply(&self, kind: ArrayKind, items: &mut [Json]) -> Result<(), Error> {
        if kind != ArrayKind::File {
            items.sort_by(|one, other| self.directed(natural(one, other)));
            return Ok(());
        }
        let key = self.key.as_str();
        let is_known = key == "size" || file_text(&File::default(), key).is_some();
        if !is_known {
            return Err(Error::Operator(format!("Invalid order key: {key}")));
        }
        items.sort_by_cached_key(|item| {
            let file = File::from_json(item).unwrap_or_default();
            let text = file_text(&file, key).unwrap_or_default();
            Directed {
                key: (file.size * i64::from(key == "size"), text),
                is_descending: self.is_descending,
            }
        });
        Ok(())
    }

    fn directed(&self, order: Ordering) -> Ordering {
        if self.is_descending {
            order.reverse()
        } else {
            order
        }
    }
}

/// A sort key with its direction.
#[derive(PartialEq, Eq)]
struct Directed {
    key: (i64, String),
    is_descending: bool,
}

impl PartialOrd for Directed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Directed {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = self.key.cmp(&other.key);
        if self.is_descending {
            order.reverse()
        } else {
            order
        }
    }
}

/// The order of texts, of numbers and of booleans; what cannot be compared is equal.
fn natural(one: &Json, other: &Json) -> Ordering {
    match (one, other) {
        (Json::String(one), Json::String(other)) => one.cmp(other),
        (Json::Bool(one), Json::Bool(other)) => one.cmp(other),
        (one, other) => match (one.as_i64(), other.as_i64()) {
            (Some(one), Some(other)) => one.cmp(&other),
            _ => {
                let order = one.as_f64().zip(other.as_f64());
                order.map_or(Ordering::Equal, |(one, other)| one.total_cmp(&other))
            }
        },
    }
}
