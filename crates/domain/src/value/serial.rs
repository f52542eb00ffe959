//! The journal's form of values: JSON that keeps what plain JSON loses (kinds of lists, files, secrets, odd floats).
//!
//! Null, booleans, numbers and texts stand for themselves; everything else is a mapping with one key, the type.
//! A secret is written masked: the journal never holds one, and whoever replays puts the plain text back.

use std::sync::Arc;

use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value as Json};

use super::{Array, File, Value, ValueKind, mask, python};

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_unit(),
            Self::Boolean(truth) => serializer.serialize_bool(*truth),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Float(number) if number.is_finite() => serializer.serialize_f64(*number),
            Self::Float(number) => tagged(serializer, ValueKind::Float, &python::float(*number)),
            Self::String(text) => serializer.serialize_str(text),
            Self::Secret(text) => tagged(serializer, ValueKind::Secret, &mask(text)),
            Self::Object(map) => tagged(serializer, ValueKind::Object, map.as_ref()),
            Self::Array(array) => tagged(serializer, ValueKind::Array(array.kind()), array.items()),
            Self::File(file) => tagged(serializer, ValueKind::File, &file.to_json()),
        }
    }
}

fn tagged<S: Serializer, T: Serialize + ?Sized>(
    serializer: S,
    kind: ValueKind,
    content: &T,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(kind.as_str(), content)?;
    map.end()
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Json::deserialize(deserializer)? {
            Json::Object(map) => {
                untag(map).ok_or_else(|| D::Error::custom("not the journal's form of a value"))
            }
            Json::Array(_) => Err(D::Error::custom("a list without its kind")),
            plain @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_)) => {
                Ok(Self::infer(plain))
            }
        }
    }
}

fn untag(map: Map<String, Json>) -> Option<Value> {
    let (kind, content) = map.into_iter().next()?;
    let kind = ValueKind::parse(&kind)?;
    match content {
        Json::String(text) if kind == ValueKind::Float => text.parse().ok().map(Value::Float),
        Json::String(text) if kind == ValueKind::Secret => Some(Value::Secret(text.into())),
        Json::Object(map) if kind == ValueKind::File => File::from_map(&map).map(Value::file),
        Json::Object(map) if kind == ValueKind::Object => Some(Value::Object(Arc::new(map))),
        Json::Array(items) => kind
            .elements()
            .map(|kind| Value::Array(Array::new(kind, items))),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Array, ArrayKind, File, Value};

    #[test]
    fn values_survive_the_journal_with_their_types() {
        let file = File {
            filename: Some("a.txt".into()),
            size: 3,
            ..File::default()
        };
        for value in [
            Value::None,
            Value::Boolean(true),
            Value::Integer(2),
            Value::Float(2.0),
            Value::Float(f64::INFINITY),
            Value::string("text"),
            Value::infer(json!({"array[string]": [], "deep": {"x": 1.0}})),
            Value::array(ArrayKind::String, vec![]),
            Value::array(ArrayKind::Any, vec![json!(1), json!("x")]),
            Value::Array(Array::of_files([&file])),
            Value::file(file),
        ] {
            let written = serde_json::to_string(&value).unwrap();
            assert_eq!(
                serde_json::from_str::<Value>(&written).unwrap(),
                value,
                "{written}"
            );
        }
    }

    #[test]
    fn the_journal_never_holds_a_secret() {
        let written = serde_json::to_string(&Value::Secret("test-key-acme".into())).unwrap();
        assert_eq!(written, r#"{"secret":"test-k************me"}"#);
    }
}
