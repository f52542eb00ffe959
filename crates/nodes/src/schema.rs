//! JSON Schema (draft 7), as far as start variables and structured answers need it. Nothing is ever fetched: a `$ref`
//! finds only what the schema itself defines.

use regex::Regex;
use serde_json::{Map, Value as Json};

const TYPES: [&str; 7] = [
    "object", "array", "string", "number", "integer", "boolean", "null",
];
/// How deep references and nested schemas are followed.
const MAX_DEPTH: usize = 64;

/// A schema that makes sense.
#[derive(Clone, Debug)]
pub(crate) struct Schema(Json);

impl Schema {
    /// Takes a schema; the error says what is wrong with it.
    pub(crate) fn new(raw: Json) -> Result<Self, String> {
        if !raw.is_object() {
            return Err("the schema must be a JSON object".to_owned());
        }
        well_formed(&raw, "$")?;
        Ok(Self(raw))
    }

    /// The schema as it was given.
    pub(crate) const fn raw(&self) -> &Json {
        &self.0
    }

    /// Whether a value fits; the error names the path.
    pub(crate) fn check(&self, value: &Json) -> Result<(), String> {
        Checker { root: &self.0 }.check(&self.0, value, "$", 0)
    }
}

fn well_formed(schema: &Json, path: &str) -> Result<(), String> {
    let map = match schema {
        Json::Bool(_) => return Ok(()),
        Json::Object(map) => map,
        Json::Null | Json::Number(_) | Json::String(_) | Json::Array(_) => {
            return Err(format!("{path} is no schema"));
        }
    };
    check_words(map, path)?;
    for key in ["properties", "definitions", "$defs", "patternProperties"] {
        match map.get(key) {
            None => {}
            Some(Json::Object(inner)) => {
                for (name, schema) in inner {
                    well_formed(schema, &format!("{path}.{key}.{name}"))?;
                }
            }
            Some(_) => return Err(format!("{path}.{key} must be a mapping")),
        }
    }
    for key in ["additionalProperties", "not", "contains", "propertyNames"] {
        if let Some(inner) = map.get(key) {
            well_formed(inner, &format!("{path}.{key}"))?;
        }
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        match map.get(key) {
            None => {}
            Some(Json::Array(inner)) => well_formed_list(inner, &format!("{path}.{key}"))?,
            Some(_) => return Err(format!("{path}.{key} must be a list")),
        }
    }
    match map.get("items") {
        None => Ok(()),
        Some(Json::Array(inner)) => well_formed_list(inner, &format!("{path}.items")),
        Some(inner) => well_formed(inner, &format!("{path}.items")),
    }
}

fn well_formed_list(schemas: &[Json], path: &str) -> Result<(), String> {
    schemas
        .iter()
        .try_for_each(|schema| well_formed(schema, path))
}

/// The keywords whose values are no schemas.
fn check_words(map: &Map<String, Json>, path: &str) -> Result<(), String> {
    let is_type = |name: &Json| name.as_str().is_some_and(|name| TYPES.contains(&name));
    match map.get("type") {
        None => {}
        Some(Json::Array(names)) if names.iter().all(is_type) => {}
        Some(name) if is_type(name) => {}
        Some(other) => return Err(format!("{path}.type {other} is no type")),
    }
    let is_names = |value: &Json| {
        value
            .as_array()
            .is_some_and(|names| names.iter().all(Json::is_string))
    };
    if map.get("required").is_some_and(|value| !is_names(value)) {
        return Err(format!("{path}.required must be a list of names"));
    }
    if map.get("enum").is_some_and(|value| !value.is_array()) {
        return Err(format!("{path}.enum must be a list"));
    }
    match map.get("pattern") {
        None => Ok(()),
        Some(Json::String(pattern)) => Regex::new(pattern)
            .map(|_| ())
            .map_err(|_| format!("{path}.pattern cannot be read")),
        Some(_) => Err(format!("{path}.pattern must be a text")),
    }
}

struct Checker<'a> {
    root: &'a Json,
}

type Found = Result<(), String>;

impl Checker<'_> {
    fn check(&self, schema: &Json, value: &Json, path: &str, depth: usize) -> Found {
        if depth > MAX_DEPTH {
            return Err(format!("{path}: the schema is nested too deeply"));
        }
        let map = match schema {
            Json::Bool(false) => return Err(format!("{path}: nothing is allowed here")),
            Json::Object(map) => map,
            Json::Null | Json::Bool(true) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
                return Ok(());
            }
        };
        if let Some(reference) = map.get("$ref").and_then(Json::as_str) {
            let target = reference
                .strip_prefix('#')
                .and_then(|pointer| self.root.pointer(pointer))
                .ok_or_else(|| format!("{path}: {reference} is not defined"))?;
            return self.check(target, value, path, depth + 1);
        }
        check_value(map, value, path)?;
        self.combined(map, value, path, depth)?;
        match value {
            Json::Object(object) => self.object(map, object, path, depth),
            Json::Array(items) => self.array(map, items, path, depth),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Ok(()),
        }
    }

    fn combined(&self, map: &Map<String, Json>, value: &Json, path: &str, depth: usize) -> Found {
        let all = |key: &str| map.get(key).and_then(Json::as_array);
        let fits = |schema: &&Json| self.check(schema, value, path, depth + 1).is_ok();
        for schema in all("allOf").into_iter().flatten() {
            self.check(schema, value, path, depth + 1)?;
        }
        if all("anyOf").is_some_and(|schemas| !schemas.iter().any(|schema| fits(&schema))) {
            return Err(format!("{path}: none of the alternatives fits"));
        }
        if all("oneOf").is_some_and(|schemas| schemas.iter().filter(fits).count() != 1) {
            return Err(format!("{path}: not exactly one of the alternatives fits"));
        }
        if map.get("not").is_some_and(|schema| fits(&schema)) {
            return Err(format!("{path}: this is what it must not be"));
        }
        Ok(())
    }

    fn object(
        &self,
        map: &Map<String, Json>,
        object: &Map<String, Json>,
        path: &str,
        depth: usize,
    ) -> Found {
        for name in map
            .get("required")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
        {
            let name = name.as_str().unwrap_or_default();
            if !object.contains_key(name) {
                return Err(format!("{path}: {name:?} is a required property"));
            }
        }
        bounds(map, ["minProperties", "maxProperties"], object.len(), path)?;
        let properties = map.get("properties").and_then(Json::as_object);
        for (name, value) in object {
            let known = properties.and_then(|properties| properties.get(name));
            let schema = known.or_else(|| map.get("additionalProperties"));
            match schema {
                None => {}
                Some(Json::Bool(false)) => {
                    return Err(format!("{path}: {name:?} was not expected"));
                }
                Some(schema) => {
                    self.check(schema, value, &format!("{path}.{name}"), depth + 1)?;
                }
            }
        }
        Ok(())
    }

    fn array(&self, map: &Map<String, Json>, items: &[Json], path: &str, depth: usize) -> Found {
        bounds(map, ["minItems", "maxItems"], items.len(), path)?;
        let is_unique = map.get("uniqueItems") == Some(&Json::Bool(true));
        for (at, item) in items.iter().enumerate() {
            let path = format!("{path}[{at}]");
            if is_unique && items[..at].contains(item) {
                return Err(format!("{path}: stands there twice"));
            }
            let schema = match map.get("items") {
                Some(Json::Array(schemas)) => schemas.get(at),
                other => other,
            };
            if let Some(schema) = schema {
                self.check(schema, item, &path, depth + 1)?;
            }
        }
        Ok(())
    }
}

/// What concerns the value itself.
fn check_value(map: &Map<String, Json>, value: &Json, path: &str) -> Found {
    let fits = match map.get("type") {
        Some(Json::Array(names)) => names.iter().any(|name| is_of(name, value)),
        Some(name) => is_of(name, value),
        None => true,
    };
    if !fits {
        return Err(format!("{path}: {value} is not of type {}", map["type"]));
    }
    let is_other = |expected: &Json| expected != value;
    if map.get("const").is_some_and(is_other) {
        return Err(format!("{path}: {value} is not the one value allowed"));
    }
    let among = map.get("enum").and_then(Json::as_array);
    if among.is_some_and(|values| !values.contains(value)) {
        return Err(format!("{path}: {value} is none of the values allowed"));
    }
    match value {
        Json::Number(number) => check_number(map, number.as_f64().unwrap_or_default(), path),
        Json::String(text) => check_text(map, text, path),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => Ok(()),
    }
}

fn is_of(name: &Json, value: &Json) -> bool {
    match name.as_str().unwrap_or_default() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}

fn check_number(map: &Map<String, Json>, number: f64, path: &str) -> Found {
    let limit = |key: &str| map.get(key).and_then(Json::as_f64);
    let broken = limit("minimum").is_some_and(|least| number < least)
        || limit("maximum").is_some_and(|most| number > most)
        || limit("exclusiveMinimum").is_some_and(|least| number <= least)
        || limit("exclusiveMaximum").is_some_and(|most| number >= most)
        || limit("multipleOf").is_some_and(|step| step != 0.0 && (number / step).fract() != 0.0);
    if broken {
        return Err(format!("{path}: {number} is out of bounds"));
    }
    Ok(())
}

fn check_text(map: &Map<String, Json>, text: &str, path: &str) -> Found {
    bounds(map, ["minLength", "maxLength"], text.chars().count(), path)?;
    let pattern = map.get("pattern").and_then(Json::as_str);
    let pattern = pattern.and_then(|pattern| Regex::new(pattern).ok());
    if pattern.is_some_and(|pattern| !pattern.is_match(text)) {
        return Err(format!("{path}: the text does not match the pattern"));
    }
    Ok(())
}

fn bounds(map: &Map<String, Json>, keys: [&str; 2], size: usize, path: &str) -> Found {
    let [least, most] = keys.map(|key| map.get(key).and_then(Json::as_f64));
    let size = size as f64;
    if least.is_some_and(|least| size < least) || most.is_some_and(|most| size > most) {
        return Err(format!("{path}: the size {size} is out of bounds"));
    }
    Ok(())
}
