//! Values of the variable pool with Dify's types (Dify DSL reference, value types): inference, explicit typing,
//! zero values. Their text forms live in `text`, files in `file`, the journal's form in `serial`.

mod file;
mod kind;
mod python;
mod serial;
mod text;

use std::sync::Arc;

use serde_json::{Map, Number, Value as Json};

pub use self::file::{File, FileType, TransferMethod};
pub use self::kind::{ArrayKind, ValueKind};
pub use self::python::{float as python_float, repr as python_repr, text as python_text};
pub use self::text::{json_compact, json_indented, mask};

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
    /// A text that logs and JSON mask.
    Secret(Arc<str>),
    /// A mapping; key order counts in its text forms.
    Object(Arc<Map<String, Json>>),
    /// A list with the kind of its elements.
    Array(Array),
    /// A file.
    File(Arc<File>),
}

/// Named values in order: outputs of a node, inputs of a run.
pub type NamedValues = Vec<(String, Value)>;

/// A list that knows the kind of its elements; files in it are kept in their dictionary form.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    kind: ArrayKind,
    items: Arc<Vec<Json>>,
}

impl Array {
    /// A list of a kind; whether the items fit is the caller's business (see [`Array::is_valid`]).
    #[must_use]
    pub fn new(kind: ArrayKind, items: Vec<Json>) -> Self {
        Self {
            kind,
            items: Arc::new(items),
        }
    }

    /// A list of files.
    #[must_use]
    pub fn of_files<'a>(files: impl IntoIterator<Item = &'a File>) -> Self {
        let items = files.into_iter().map(File::to_json).collect();
        Self::new(ArrayKind::File, items)
    }

    /// The kind of its elements.
    #[must_use]
    pub const fn kind(&self) -> ArrayKind {
        self.kind
    }

    /// Its elements.
    #[must_use]
    pub fn items(&self) -> &[Json] {
        &self.items
    }

    /// Its elements, cloned only when somebody else holds them.
    #[must_use]
    pub fn into_items(self) -> Vec<Json> {
        Arc::try_unwrap(self.items).unwrap_or_else(|shared| (*shared).clone())
    }

    /// The elements that are files.
    #[must_use]
    pub fn files(&self) -> Vec<File> {
        self.items.iter().filter_map(File::from_json).collect()
    }

    /// Whether every element fits the kind.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.items.iter().all(|item| self.kind.accepts(item))
    }
}

/// Why a raw value is not of a declared type, or why a type has no zero value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypeError {
    /// The value is of another type.
    #[error("expected a value of type {expected}, found {found}")]
    Mismatch {
        /// What was declared.
        expected: ValueKind,
        /// What was found.
        found: ValueKind,
    },
    /// The type has no zero value.
    #[error("unsupported variable type: {0}")]
    NoZero(ValueKind),
}

impl Value {
    /// A text.
    #[must_use]
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::String(text.into())
    }

    /// A mapping.
    #[must_use]
    pub fn object(map: Map<String, Json>) -> Self {
        Self::Object(Arc::new(map))
    }

    /// A list of a kind.
    #[must_use]
    pub fn array(kind: ArrayKind, items: Vec<Json>) -> Self {
        Self::Array(Array::new(kind, items))
    }

    /// A file.
    #[must_use]
    pub fn file(file: File) -> Self {
        Self::File(Arc::new(file))
    }

    /// The value of a raw JSON value, typed by looking at it; mappings with the mark of a file become files.
    #[must_use]
    pub fn infer(raw: Json) -> Self {
        match raw {
            Json::Null => Self::None,
            Json::Bool(truth) => Self::Boolean(truth),
            Json::Number(number) => Self::number(&number),
            Json::String(text) => Self::String(text.into()),
            Json::Array(items) => Self::array(infer_array(&items), items),
            Json::Object(map) => match File::from_map(&map) {
                Some(file) => Self::file(file),
                None => Self::object(map),
            },
        }
    }

    /// An integer where the number is one, else a float.
    #[must_use]
    pub fn number(number: &Number) -> Self {
        match number.as_i64() {
            Some(integer) => Self::Integer(integer),
            None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
        }
    }

    /// The value of a raw JSON value under a declared type.
    ///
    /// # Errors
    /// When the inferred type is another; an empty list fits every list type, and `number` takes both kinds of numbers.
    pub fn typed(kind: ValueKind, raw: Json) -> Result<Self, TypeError> {
        match (kind, raw) {
            (ValueKind::Secret, Json::String(text)) => Ok(Self::Secret(text.into())),
            (ValueKind::Array(kind), Json::Array(items)) if items.is_empty() => {
                Ok(Self::array(kind, items))
            }
            (kind, raw) => {
                let value = Self::infer(raw);
                let found = value.kind();
                let number = matches!(found, ValueKind::Integer | ValueKind::Float);
                if found == kind || (kind == ValueKind::Number && number) {
                    Ok(value)
                } else {
                    Err(TypeError::Mismatch {
                        expected: kind,
                        found,
                    })
                }
            }
        }
    }

    /// The zero value of a type.
    ///
    /// # Errors
    /// For `file`, `array[file]`, `secret` and `none`, which have none.
    pub fn zero(kind: ValueKind) -> Result<Self, TypeError> {
        match kind {
            ValueKind::String => Ok(Self::string("")),
            ValueKind::Integer | ValueKind::Number => Ok(Self::Integer(0)),
            ValueKind::Float => Ok(Self::Float(0.0)),
            ValueKind::Boolean => Ok(Self::Boolean(false)),
            ValueKind::Object => Ok(Self::object(Map::new())),
            ValueKind::Array(kind) if kind != ArrayKind::File => Ok(Self::array(kind, Vec::new())),
            ValueKind::Array(_) | ValueKind::File | ValueKind::Secret | ValueKind::None => {
                Err(TypeError::NoZero(kind))
            }
        }
    }

    /// Its type.
    #[must_use]
    pub const fn kind(&self) -> ValueKind {
        match self {
            Self::None => ValueKind::None,
            Self::Boolean(_) => ValueKind::Boolean,
            Self::Integer(_) => ValueKind::Integer,
            Self::Float(_) => ValueKind::Float,
            Self::String(_) => ValueKind::String,
            Self::Secret(_) => ValueKind::Secret,
            Self::Object(_) => ValueKind::Object,
            Self::File(_) => ValueKind::File,
            Self::Array(array) => ValueKind::Array(array.kind),
        }
    }

    /// Python's truth: null, zero, and everything empty are false.
    #[must_use]
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::None => false,
            Self::Boolean(truth) => *truth,
            Self::Integer(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::String(text) | Self::Secret(text) => !text.is_empty(),
            Self::Object(map) => !map.is_empty(),
            Self::Array(array) => !array.items.is_empty(),
            Self::File(_) => true,
        }
    }

    /// The raw text of a string or secret.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) | Self::Secret(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// Its JSON form for the API, events and tables: files in their dictionary form, secrets masked.
    #[must_use]
    pub fn to_json(&self) -> Json {
        if let Self::Secret(text) = self {
            Json::String(mask(text))
        } else {
            self.expose_json()
        }
    }

    /// Its JSON form for the nodes that compute with it: as [`Value::to_json`], but secrets are plain.
    #[must_use]
    pub fn expose_json(&self) -> Json {
        match self {
            Self::None => Json::Null,
            Self::Boolean(truth) => Json::Bool(*truth),
            Self::Integer(number) => Json::Number((*number).into()),
            // JSON has no NaN and no infinity.
            Self::Float(number) => Number::from_f64(*number).map_or(Json::Null, Json::Number),
            Self::String(text) | Self::Secret(text) => Json::String(text.as_ref().to_owned()),
            Self::Object(map) => Json::Object(map.as_ref().clone()),
            Self::Array(array) => Json::Array(array.items.as_ref().clone()),
            Self::File(file) => file.to_json(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::string(text)
    }
}

/// The JSON forms of named values, secrets masked.
#[must_use]
pub fn to_json_map(values: &[(String, Value)]) -> Map<String, Json> {
    values
        .iter()
        .map(|(name, value)| (name.clone(), value.to_json()))
        .collect()
}

/// The kind of a list, judged by its elements.
fn infer_array(items: &[Json]) -> ArrayKind {
    let Some(first) = items.first().map(infer_element) else {
        return ArrayKind::Any;
    };
    if items.iter().all(|item| infer_element(item) == first) {
        first
    } else {
        ArrayKind::Any
    }
}

/// The kind of list that an element asks for; lists and nulls ask for `any`.
fn infer_element(item: &Json) -> ArrayKind {
    match item {
        Json::Null | Json::Array(_) => ArrayKind::Any,
        Json::Bool(_) => ArrayKind::Boolean,
        Json::Number(_) => ArrayKind::Number,
        Json::String(_) => ArrayKind::String,
        Json::Object(_) if File::is_marked(item) => ArrayKind::File,
        Json::Object(_) => ArrayKind::Object,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ArrayKind, File, Value, ValueKind};

    #[test]
    fn types_are_inferred_as_dify_does() {
        let file = File::default().to_json();
        for (raw, kind) in [
            (json!(null), "none"),
            (json!(true), "boolean"),
            (json!(1), "integer"),
            (json!(1.0), "float"),
            (json!("x"), "string"),
            (json!({"a": 1}), "object"),
            (file.clone(), "file"),
            (json!([]), "array[any]"),
            (json!([[]]), "array[any]"),
            (json!([["a"], ["b"]]), "array[any]"),
            (json!(["a", "b"]), "array[string]"),
            (json!([1, 2.5]), "array[number]"),
            (json!([true]), "array[boolean]"),
            (json!([{}]), "array[object]"),
            (json!([file.clone()]), "array[file]"),
            (json!([file, {}]), "array[any]"),
            (json!([null]), "array[any]"),
            (json!([true, 1]), "array[any]"),
            (json!(["a", null]), "array[any]"),
        ] {
            assert_eq!(Value::infer(raw.clone()).kind().as_str(), kind, "{raw}");
        }
    }

    #[test]
    fn a_declared_type_must_be_the_inferred_one() {
        for (kind, raw, fits) in [
            ("none", json!(null), true),
            ("string", json!(null), false),
            ("number", json!(1), true),
            ("number", json!(1.5), true),
            ("number", json!(true), false),
            ("integer", json!(1.0), false),
            ("secret", json!("x"), true),
            ("array[object]", json!([]), true),
            ("object", json!([]), false),
            ("array[object]", json!([1]), false),
            ("array[any]", json!([1, "x"]), true),
        ] {
            let declared = ValueKind::parse(kind).unwrap();
            assert_eq!(
                Value::typed(declared, raw.clone()).is_ok(),
                fits,
                "{kind} {raw}"
            );
        }
        let empty = Value::typed(ValueKind::Array(ArrayKind::String), json!([])).unwrap();
        assert_eq!(empty.kind().as_str(), "array[string]");
    }

    #[test]
    fn zero_values_are_empty_and_false() {
        for kind in [
            "string",
            "integer",
            "number",
            "float",
            "boolean",
            "object",
            "array[any]",
        ] {
            let zero = Value::zero(ValueKind::parse(kind).unwrap()).unwrap();
            assert!(!zero.is_truthy(), "{kind}");
        }
        for kind in ["file", "array[file]", "secret", "none"] {
            assert!(
                Value::zero(ValueKind::parse(kind).unwrap()).is_err(),
                "{kind}"
            );
        }
    }
}
