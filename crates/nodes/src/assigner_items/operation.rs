//! The operations: which types and values each of them takes, and what it makes of them.

use serde_json::{Number, Value as Json};

use latchkey_domain::value::{Array, ArrayKind, TypeError, Value, ValueKind};

/// What an item does to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    OverWrite,
    Clear,
    Append,
    Extend,
    Set,
    Add,
    Subtract,
    Multiply,
    Divide,
    RemoveFirst,
    RemoveLast,
}

const NAMES: [(&str, Operation); 11] = [
    ("over-write", Operation::OverWrite),
    ("clear", Operation::Clear),
    ("append", Operation::Append),
    ("extend", Operation::Extend),
    ("set", Operation::Set),
    ("+=", Operation::Add),
    ("-=", Operation::Subtract),
    ("*=", Operation::Multiply),
    ("/=", Operation::Divide),
    ("remove-first", Operation::RemoveFirst),
    ("remove-last", Operation::RemoveLast),
];

impl Operation {
    pub(super) fn parse(name: &str) -> Option<Self> {
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, operation)| *operation)
    }

    pub(super) fn as_str(self) -> &'static str {
        let found = NAMES.iter().find(|(_, operation)| *operation == self);
        found.map_or("", |(name, _)| name)
    }

    const fn is_arithmetic(self) -> bool {
        matches!(
            self,
            Self::Add | Self::Subtract | Self::Multiply | Self::Divide
        )
    }

    /// Whether it needs no value.
    pub(super) const fn ignores_input(self) -> bool {
        matches!(self, Self::Clear | Self::RemoveFirst | Self::RemoveLast)
    }

    /// Whether a target of this type can be changed so.
    pub(super) const fn supports(self, kind: ValueKind) -> bool {
        match self {
            Self::OverWrite | Self::Clear => true,
            Self::Set => is_scalar(kind),
            Self::Add | Self::Subtract | Self::Multiply | Self::Divide => is_number(kind),
            Self::Append | Self::Extend | Self::RemoveFirst | Self::RemoveLast => {
                matches!(kind, ValueKind::Array(_))
            }
        }
    }

    /// Whether its value may be a variable's.
    pub(super) const fn takes_variable(self) -> bool {
        !matches!(self, Self::Set) && !self.is_arithmetic()
    }

    /// Whether its value may be a constant.
    pub(super) const fn takes_constant(self, kind: ValueKind) -> bool {
        match self {
            Self::OverWrite | Self::Set => is_scalar(kind),
            Self::Add | Self::Subtract | Self::Multiply | Self::Divide => is_number(kind),
            Self::Clear | Self::Append | Self::Extend | Self::RemoveFirst | Self::RemoveLast => {
                false
            }
        }
    }

    /// Whether a value fits a target of this type.
    pub(super) fn accepts(self, kind: ValueKind, value: &Json) -> bool {
        match (self, kind) {
            (operation, _) if operation.ignores_input() => true,
            (Self::Divide, _) if as_f64(value) == Some(0.0) => false,
            (Self::Append, ValueKind::Array(kind)) => is_element(kind, value),
            (_, ValueKind::Array(kind)) => value
                .as_array()
                .is_some_and(|items| items.iter().all(|item| is_element(kind, item))),
            (_, ValueKind::String) => value.is_string(),
            (_, ValueKind::Boolean) => value.is_boolean(),
            (_, ValueKind::Object) => value.is_object(),
            (_, ValueKind::Integer | ValueKind::Float | ValueKind::Number) => {
                as_f64(value).is_some()
            }
            (_, ValueKind::None | ValueKind::Secret | ValueKind::File) => false,
        }
    }

    /// The new value of a target; the value fits.
    pub(super) fn compute(self, target: &Value, input: Json) -> Result<Value, TypeError> {
        match (self, target) {
            (Self::Clear, target) => Value::zero(target.kind()),
            (operation, target) if operation.is_arithmetic() => {
                Ok(operation.arithmetic(target, &input))
            }
            (Self::Append, Value::Array(array)) => {
                let mut items = array.items().to_vec();
                items.push(input);
                Ok(Value::array(array.kind(), items))
            }
            (Self::Extend, Value::Array(array)) => {
                let mut items = array.items().to_vec();
                items.extend(items_of(input));
                Ok(Value::array(array.kind(), items))
            }
            (Self::RemoveFirst | Self::RemoveLast, Value::Array(array)) => {
                Ok(Value::Array(self.removed(array)))
            }
            // A list keeps the type that it was declared with.
            (_, Value::Array(array)) => Ok(Value::array(array.kind(), items_of(input))),
            (_, _) => Ok(Value::infer(input)),
        }
    }

    fn removed(self, array: &Array) -> Array {
        let items = array.items();
        let kept = match (self, items) {
            (Self::RemoveFirst, [_, rest @ ..]) | (_, [rest @ .., _]) => rest,
            (_, []) => items,
        };
        Array::new(array.kind(), kept.to_vec())
    }

    /// Python's arithmetic: division gives a float, everything else keeps integers as long as they fit.
    fn arithmetic(self, target: &Value, input: &Json) -> Value {
        let whole = if let (Value::Integer(left), Some(right)) = (target, as_i64(input)) {
            self.whole(*left, right)
        } else {
            None
        };
        if let Some(whole) = whole {
            return Value::Integer(whole);
        }
        let left = as_f64(&target.expose_json()).unwrap_or_default();
        let right = as_f64(input).unwrap_or_default();
        Value::Float(match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide
            | Self::OverWrite
            | Self::Clear
            | Self::Append
            | Self::Extend
            | Self::Set
            | Self::RemoveFirst
            | Self::RemoveLast => left / right,
        })
    }

    fn whole(self, left: i64, right: i64) -> Option<i64> {
        match self {
            Self::Add => left.checked_add(right),
            Self::Subtract => left.checked_sub(right),
            Self::Multiply => left.checked_mul(right),
            Self::Divide
            | Self::OverWrite
            | Self::Clear
            | Self::Append
            | Self::Extend
            | Self::Set
            | Self::RemoveFirst
            | Self::RemoveLast => None,
        }
    }
}

/// The items of a list that is known to be one.
fn items_of(value: Json) -> Vec<Json> {
    if let Json::Array(items) = value {
        items
    } else {
        Vec::new()
    }
}

const fn is_number(kind: ValueKind) -> bool {
    matches!(
        kind,
        ValueKind::Integer | ValueKind::Float | ValueKind::Number
    )
}

const fn is_scalar(kind: ValueKind) -> bool {
    is_number(kind)
        || matches!(
            kind,
            ValueKind::String | ValueKind::Object | ValueKind::Boolean
        )
}

/// Whether a value may be an element; `any` takes texts, numbers and mappings, files are never taken.
fn is_element(kind: ArrayKind, value: &Json) -> bool {
    match kind {
        ArrayKind::File => false,
        ArrayKind::Any => !value.is_null() && !value.is_array(),
        ArrayKind::String | ArrayKind::Number | ArrayKind::Object | ArrayKind::Boolean => {
            kind.accepts(value)
        }
    }
}

/// A number; booleans are numbers to Python.
fn as_f64(value: &Json) -> Option<f64> {
    match value {
        Json::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Json::Number(number) => number.as_f64(),
        Json::Null | Json::String(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

fn as_i64(value: &Json) -> Option<i64> {
    match value {
        Json::Bool(truth) => Some(i64::from(*truth)),
        Json::Number(number) => Number::as_i64(number),
        Json::Null | Json::String(_) | Json::Array(_) | Json::Object(_) => None,
    }
}
