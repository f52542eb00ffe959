//! The names of types, as documents spell them.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::File;

/// The kind of a list's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArrayKind {
    /// Anything, also mixed.
    Any,
    /// Texts.
    String,
    /// Integers and floats.
    Number,
    /// Mappings.
    Object,
    /// Booleans.
    Boolean,
    /// Files.
    File,
}

impl ArrayKind {
    const ALL: [Self; 6] = [
        Self::Any,
        Self::String,
        Self::Number,
        Self::Object,
        Self::Boolean,
        Self::File,
    ];

    /// The name used in documents, such as `array[string]`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "array[any]",
            Self::String => "array[string]",
            Self::Number => "array[number]",
            Self::Object => "array[object]",
            Self::Boolean => "array[boolean]",
            Self::File => "array[file]",
        }
    }

    /// Reads [`ArrayKind::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        ValueKind::parse(name)?.elements()
    }

    /// Whether an element may stand in a list of this kind (the reference's validity test: numbers include booleans).
    #[must_use]
    pub fn accepts(self, item: &Json) -> bool {
        match self {
            Self::Any => true,
            Self::String => item.is_string(),
            Self::Number => item.is_number() || item.is_boolean(),
            Self::Object => item.is_object(),
            Self::Boolean => item.is_boolean(),
            Self::File => File::is_marked(item),
        }
    }
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueKind {
    /// Null.
    None,
    /// A boolean.
    Boolean,
    /// Integer or float: only ever declared, never the type of a value.
    Number,
    /// An integer.
    Integer,
    /// A float.
    Float,
    /// A text.
    String,
    /// A text that logs mask.
    Secret,
    /// A mapping.
    Object,
    /// A file.
    File,
    /// A list.
    Array(ArrayKind),
}

impl ValueKind {
    /// The name used in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::String => "string",
            Self::Secret => "secret",
            Self::Object => "object",
            Self::File => "file",
            Self::Array(kind) => kind.as_str(),
        }
    }

    /// The kind of a list's elements; `None` for anything but a list.
    #[must_use]
    pub const fn elements(self) -> Option<ArrayKind> {
        if let Self::Array(kind) = self {
            Some(kind)
        } else {
            None
        }
    }

    /// Reads [`ValueKind::as_str`] back; `None` for a name that is no type.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::None,
            Self::Boolean,
            Self::Number,
            Self::Integer,
            Self::Float,
            Self::String,
            Self::Secret,
            Self::Object,
            Self::File,
        ]
        .into_iter()
        .chain(ArrayKind::ALL.into_iter().map(Self::Array))
        .find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for ValueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
