//! What was read: JSON whose numbers are still the digits that stood there.

use std::collections::HashMap;
use std::fmt;

use serde_json::{Number, Value as Json};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    /// `true`, `false`, `null` or a number, as it is written.
    Literal(String),
    /// A text.
    Text(String),
    /// A list.
    Array(Vec<Tree>),
    /// A mapping.
    Object(Entries),
}

/// The entries of a mapping: of a key that stands twice the last value counts, at the first place.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entries {
    all: Vec<(String, Tree)>,
    places: HashMap<String, usize>,
}

impl Entries {
    pub(super) fn set(&mut self, key: String, value: Tree) {
        match self.places.get(&key) {
            Some(place) => self.all[*place].1 = value,
            None => {
                self.places.insert(key.clone(), self.all.len());
                self.all.push((key, value));
            }
        }
    }
}

impl Tree {
    /// What a word without quotes means.
    pub(super) fn of_word(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "true" => Self::Literal("true".to_owned()),
            "false" => Self::Literal("false".to_owned()),
            "null" | "none" => Self::Literal("null".to_owned()),
            _ => Self::number(word).unwrap_or_else(|| Self::Text(word.to_owned())),
        }
    }

    /// A number, also in the forms that Python reads and JSON does not.
    pub(super) fn number(word: &str) -> Option<Self> {
        if serde_json::from_str::<Number>(word).is_ok() {
            return Some(Self::Literal(word.to_owned()));
        }
        if !word.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let plain = word.replace('_', "");
        let plain = plain.strip_prefix('+').unwrap_or(&plain);
        let number = match plain.parse::<i64>() {
            Ok(whole) => Number::from(whole),
            Err(_) => Number::from_f64(plain.parse().ok()?)?,
        };
        Some(Self::Literal(number.to_string()))
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(literal) => f.write_str(literal),
            Self::Text(text) => write!(f, "{}", Json::from(text.as_str())),
            Self::Array(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    f.write_str(if at > 0 { "," } else { "" })?;
                    item.fmt(f)?;
                }
                f.write_str("]")
            }
            Self::Object(entries) => {
                f.write_str("{")?;
                for (at, (key, value)) in entries.all.iter().enumerate() {
                    f.write_str(if at > 0 { "," } else { "" })?;
                    write!(f, "{}:{value}", Json::from(key.as_str()))?;
                }
                f.write_str("}")
            }
        }
    }
}
