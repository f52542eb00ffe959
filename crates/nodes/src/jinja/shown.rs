//! Values of templates as texts and as JSON. A value that a template made may be deeper than any stack, may contain
//! itself, and may be small and yet endless when written: what is written is bounded in depth and paid for in fuel.

use minijinja::value::{Tuple, ValueKind};
use minijinja::{Error, ErrorKind, Output, State, Value as Jinja};
use serde_json::{Map, Value as Json};

use latchkey_domain::value::{python_repr, python_text};

/// How deep a value may be when it is written.
const DEPTH: usize = 100;
/// How many bytes cost a unit of fuel.
const BYTES: usize = 64;

/// Writes a value as Python's `str` does.
pub(super) fn write(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Jinja,
) -> Result<(), Error> {
    match value.as_str() {
        Some(text) => out.write_str(text),
        None => out.write_str(&text(state, value)?),
    }
    .map_err(Error::from)
}

/// `str(value)`.
pub(super) fn text(state: &State<'_, '_>, value: &Jinja) -> Result<String, Error> {
    if value.is_undefined() {
        return Ok(String::new());
    }
    if let Some(text) = value.as_str() {
        return Ok(text.to_owned());
    }
    let mut writer = Writer {
        state,
        out: String::new(),
        depth: 0,
    };
    writer.shown(value)?;
    Ok(writer.out)
}

fn too_deep() -> Error {
    let text = format!("a value is nested more than {DEPTH} levels deep");
    Error::new(ErrorKind::InvalidOperation, text)
}

struct Writer<'a, 'env, 'source> {
    state: &'a State<'env, 'source>,
    out: String,
    depth: usize,
}

impl Writer<'_, '_, '_> {
    fn push(&mut self, text: &str) -> Result<(), Error> {
        // Items without a length cost something too, else empty lists of empty lists would be free.
        self.state.consume_fuel(1 + (text.len() / BYTES) as u64)?;
        self.out.push_str(text);
        Ok(())
    }

    /// `str(value)` of anything but a text.
    fn shown(&mut self, value: &Jinja) -> Result<(), Error> {
        let kind = value.kind();
        if let Some(tuple) = value.downcast_object_ref::<Tuple>() {
            let end = if tuple.len() == 1 { ",)" } else { ")" };
            return self.nested("(", end, tuple.iter().cloned(), Self::repr);
        }
        let has_length = value.len().is_some();
        if kind == ValueKind::Seq || (kind == ValueKind::Iterable && has_length) {
            return self.nested("[", "]", value.try_iter()?, Self::repr);
        }
        if kind == ValueKind::Map {
            return self.nested("{", "}", value.try_iter()?, |writer, key| {
                let inner = value.get_item(key).unwrap_or_default();
                writer.repr(key)?;
                writer.push(": ")?;
                writer.repr(&inner)
            });
        }
        let text = match serde_json::to_value(value) {
            Ok(number @ Json::Number(_)) if kind == ValueKind::Number => python_text(&number),
            Ok(_) | Err(_) => value.to_string(),
        };
        self.push(&text)
    }

    fn nested(
        &mut self,
        begin: &str,
        end: &str,
        items: impl Iterator<Item = Jinja>,
        write: impl Fn(&mut Self, &Jinja) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(too_deep());
        }
        self.push(begin)?;
        for (at, item) in items.enumerate() {
            if at > 0 {
                self.push(", ")?;
            }
            write(self, &item)?;
        }
        self.depth -= 1;
        self.push(end)
    }

    /// `repr(value)`.
    fn repr(&mut self, value: &Jinja) -> Result<(), Error> {
        match value.as_str() {
            Some(text) => self.push(&python_repr(&Json::from(text))),
            None if value.is_undefined() => self.push("Undefined"),
            None => self.shown(value),
        }
    }
}

/// The JSON of a value, the keys of its mappings in order.
pub(super) fn json(state: &State<'_, '_>, value: &Jinja) -> Result<Json, Error> {
    json_at(state, value, 0)
}

fn json_at(state: &State<'_, '_>, value: &Jinja, depth: usize) -> Result<Json, Error> {
    if depth > DEPTH {
        return Err(too_deep());
    }
    let length = value.as_str().map_or(0, str::len);
    state.consume_fuel(1 + (length / BYTES) as u64)?;
    let kind = value.kind();
    if kind == ValueKind::Seq || kind == ValueKind::Iterable {
        let items = value.try_iter()?;
        return items.map(|item| json_at(state, &item, depth + 1)).collect();
    }
    if kind != ValueKind::Map {
        return serde_json::to_value(value).map_err(unserialisable);
    }
    let mut pairs = Vec::new();
    for key in value.try_iter()? {
        let inner = value.get_item(&key)?;
        pairs.push((key_of(&key)?, json_at(state, &inner, depth + 1)?));
    }
    pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(Json::Object(pairs.into_iter().collect::<Map<_, _>>()))
}

fn key_of(key: &Jinja) -> Result<String, Error> {
    match key.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => match serde_json::to_value(key).map_err(unserialisable)? {
            Json::Array(_) | Json::Object(_) => {
                let text = "a list or a mapping cannot be a key of JSON";
                Err(Error::new(ErrorKind::BadSerialization, text))
            }
            plain @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_)) => {
                Ok(plain.to_string())
            }
        },
    }
}

fn unserialisable(cause: serde_json::Error) -> Error {
    Error::new(ErrorKind::BadSerialization, cause.to_string())
}
