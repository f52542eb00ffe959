//! The comparison operators, with Python's ideas of truth and equality (Dify DSL reference, 4.4).

use std::cmp::Ordering;

use serde_json::Value as Json;

use latchkey_domain::value::{Value, python_text};

use crate::number::{float, integer, parse_float, type_name};

macro_rules! operators {
    ($($name:ident = $word:literal),+ $(,)?) => {
        /// A comparison operator.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Operator { $($name),+ }

        impl Operator {
            pub(super) fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)+ _ => None }
            }

            pub(super) const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

operators! {
    Contains = "contains",
    NotContains = "not contains",
    StartWith = "start with",
    EndWith = "end with",
    Is = "is",
    IsNot = "is not",
    Empty = "empty",
    NotEmpty = "not empty",
    In = "in",
    NotIn = "not in",
    AllOf = "all of",
    Equal = "=",
    NotEqual = "≠",
    Greater = ">",
    Less = "<",
    GreaterOrEqual = "≥",
    LessOrEqual = "≤",
    Null = "null",
    NotNull = "not null",
    Exists = "exists",
    NotExists = "not exists",
}

impl Operator {
    /// Whether it asks the files of a list one by one.
    pub(super) const fn asks_files(self) -> bool {
        matches!(self, Self::Contains | Self::NotContains | Self::AllOf)
    }

    /// Whether it does not even look at what is expected.
    pub(super) const fn ignores_expected(self) -> bool {
        matches!(self, Self::Exists | Self::NotExists)
    }
}

const STRING_OR_ARRAY: &str = "Invalid actual value type: string or array";
const LIST_EXPECTED: &str = "Invalid expected value type: array";

/// Whether `value operator expected` holds.
pub(super) fn holds(operator: Operator, value: &Value, expected: &Json) -> Result<bool, String> {
    let is_null = *value == Value::None;
    match operator {
        Operator::Contains => contains(value, expected),
        Operator::NotContains => contains(value, expected).map(|holds| !holds),
        Operator::StartWith | Operator::EndWith => starts_or_ends(operator, value, expected),
        Operator::Is | Operator::IsNot if is_null => Ok(false),
        Operator::Is => is(value, expected),
        Operator::IsNot => is(value, expected).map(|holds| !holds),
        Operator::Empty => Ok(!value.is_truthy()),
        Operator::NotEmpty => Ok(value.is_truthy()),
        Operator::In | Operator::NotIn => {
            let found = value.is_truthy() && {
                let items = expected.as_array().ok_or(LIST_EXPECTED)?;
                let value = value.expose_json();
                items.iter().any(|item| equal(item, &value))
            };
            Ok(found == (operator == Operator::In))
        }
        Operator::AllOf => all_of(value, expected),
        Operator::Equal | Operator::NotEqual if is_null => Ok(false),
        Operator::Equal => number_equal(value, expected),
        Operator::NotEqual => number_equal(value, expected).map(|holds| !holds),
        Operator::Greater | Operator::Less | Operator::GreaterOrEqual | Operator::LessOrEqual
            if is_null =>
        {
            Ok(false)
        }
        Operator::Greater => Ok(order(value, expected)? == Some(Ordering::Greater)),
        Operator::Less => Ok(order(value, expected)? == Some(Ordering::Less)),
        Operator::GreaterOrEqual => Ok(order(value, expected)?.is_some_and(Ordering::is_ge)),
        Operator::LessOrEqual => Ok(order(value, expected)?.is_some_and(Ordering::is_le)),
        Operator::Null | Operator::NotExists => Ok(is_null),
        Operator::NotNull | Operator::Exists => Ok(!is_null),
    }
}

fn contains(value: &Value, expected: &Json) -> Result<bool, String> {
    if !value.is_truthy() {
        return Ok(false);
    }
    match (value.as_str(), value) {
        (Some(text), _) => Ok(text.contains(&python_text(expected))),
        (None, Value::Array(array)) => Ok(array.items().iter().any(|item| equal(item, expected))),
        (None, _) => Err(STRING_OR_ARRAY.to_owned()),
    }
}

fn starts_or_ends(operator: Operator, value: &Value, expected: &Json) -> Result<bool, String> {
    if !value.is_truthy() {
        return Ok(false);
    }
    let text = value.as_str().ok_or("Invalid actual value type: string")?;
    let expected = expected
        .as_str()
        .ok_or("Expected value must be a string for startswith and endswith")?;
    Ok(if operator == Operator::StartWith {
        text.starts_with(expected)
    } else {
        text.ends_with(expected)
    })
}

fn is(value: &Value, expected: &Json) -> Result<bool, String> {
    match (value.as_str(), value) {
        (Some(_), _) | (None, Value::Boolean(_)) => Ok(equal(&value.expose_json(), expected)),
        (None, _) => Err("Invalid actual value type: string or boolean".to_owned()),
    }
}

fn all_of(value: &Value, expected: &Json) -> Result<bool, String> {
    let items = expected
        .as_array()
        .filter(|items| items.iter().all(Json::is_string) || items.iter().all(Json::is_boolean));
    let items = items.ok_or("all of operator expects homogeneous list of strings or booleans")?;
    if !value.is_truthy() {
        return Ok(false);
    }
    match (value.as_str(), value) {
        (Some(text), _) => Ok(items
            .iter()
            .all(|item| item.as_str().is_some_and(|item| text.contains(item)))),
        (None, Value::Array(array)) => Ok(items
            .iter()
            .all(|item| array.items().iter().any(|known| equal(known, item)))),
        (None, _) => Ok(false),
    }
}

fn number_equal(value: &Value, expected: &Json) -> Result<bool, String> {
    match value {
        Value::Boolean(_) => Ok(equal(&value.expose_json(), expected)),
        Value::Integer(number) => Ok(*number == integer(expected)?),
        Value::Float(number) => Ok(*number == float(expected)?),
        Value::None
        | Value::String(_)
        | Value::Secret(_)
        | Value::Object(_)
        | Value::Array(_)
        | Value::File(_) => Err("Invalid actual value type: number or boolean".to_owned()),
    }
}

/// How a number stands to what is expected; none when one of them is no number at all.
fn order(value: &Value, expected: &Json) -> Result<Option<Ordering>, String> {
    let (whole, left) = match value {
        Value::Boolean(truth) => (Some(i64::from(*truth)), f64::from(u8::from(*truth))),
        Value::Integer(number) => (Some(*number), *number as f64),
        Value::Float(number) => (None, *number),
        Value::None
        | Value::String(_)
        | Value::Secret(_)
        | Value::Object(_)
        | Value::Array(_)
        | Value::File(_) => return Err("Invalid actual value type: number".to_owned()),
    };
    let right = match expected {
        Json::String(text) => {
            parse_float(text).ok_or_else(|| format!("Cannot convert '{text}' to number"))?
        }
        Json::Bool(_) | Json::Number(_) => float(expected)?,
        Json::Null | Json::Array(_) | Json::Object(_) => {
            let name = type_name(expected);
            return Err(format!("Cannot convert <class '{name}'> to number"));
        }
    };
    // Two integers that a float cannot tell apart are compared as what they are.
    let exact = expected
        .as_i64()
        .or_else(|| expected.as_str()?.trim().parse().ok());
    Ok(match (whole, exact) {
        (Some(whole), Some(exact)) => Some(whole.cmp(&exact)),
        _ => left.partial_cmp(&right),
    })
}

/// Python's equality: numbers by value whatever their kind, booleans are numbers.
fn equal(left: &Json, right: &Json) -> bool {
    let number = |value: &Json| match value {
        Json::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Json::Number(number) => number.as_f64(),
        Json::Null | Json::String(_) | Json::Array(_) | Json::Object(_) => None,
    };
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left == right,
        _ => match (left, right) {
            (Json::Array(left), Json::Array(right)) => {
                left.len() == right.len() && left.iter().zip(right).all(|(a, b)| equal(a, b))
            }
            _ => left == right,
        },
    }
}
