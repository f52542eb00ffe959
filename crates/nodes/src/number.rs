//! Numbers as Python reads them from text.

use serde_json::Value as Json;

use latchkey_domain::value::python_repr;

/// `int(value)`.
pub(crate) fn integer(value: &Json) -> Result<i64, String> {
    match value {
        Json::Bool(truth) => Ok(i64::from(*truth)),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Ok(integer),
            (None, Some(float)) => Ok(float as i64),
            (None, None) => Err(format!("{number} is out of range")),
        },
        Json::String(text) => digits(text.trim())
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(|| {
                format!(
                    "invalid literal for int() with base 10: {}",
                    python_repr(value)
                )
            }),
        Json::Null | Json::Array(_) | Json::Object(_) => Err(format!(
            "int() argument must be a string, a bytes-like object or a real number, not '{}'",
            type_name(value)
        )),
    }
}

/// `float(value)`.
pub(crate) fn float(value: &Json) -> Result<f64, String> {
    match value {
        Json::Bool(truth) => Ok(f64::from(u8::from(*truth))),
        Json::Number(number) => Ok(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => parse_float(text)
            .ok_or_else(|| format!("could not convert string to float: {}", python_repr(value))),
        Json::Null | Json::Array(_) | Json::Object(_) => Err(format!(
            "float() argument must be a string or a real number, not '{}'",
            type_name(value)
        )),
    }
}

/// A float from text: spaces around it, single underscores in it, `inf` and `nan` in any case.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let text = digits(text.trim())?;
    text.parse().ok()
}

/// The text without its underscores, which may only stand between digits.
fn digits(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_digit = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    let fits = bytes
        .iter()
        .enumerate()
        .all(|(at, byte)| *byte != b'_' || (is_digit(at.checked_sub(1)) && is_digit(Some(at + 1))));
    fits.then(|| text.replace('_', ""))
}

/// Python's name of a JSON value's type.
pub(crate) const fn type_name(value: &Json) -> &'static str {
    match value {
        Json::Null => "NoneType",
        Json::Bool(_) => "bool",
        Json::Number(_) => "float",
        Json::String(_) => "str",
        Json::Array(_) => "list",
        Json::Object(_) => "dict",
    }
}
