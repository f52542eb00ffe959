//! Values of the variable pool with Dify's types and text forms (Dify DSL, value types; text, markdown and log forms).

use std::sync::Arc;

use serde_json::{Map, Value as Json};

/// A typed value. Cloning is cheap: everything big is shared.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Null.
    None,
    /// A boolean.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A float.
    Float(f64),
    /// A text.
    String(Arc<str>),
    /// A text that logs mask.
    Secret(Arc<str>),
    /// A mapping; key order counts in its text forms.
    Object(Arc<Map<String, Json>>),
}
