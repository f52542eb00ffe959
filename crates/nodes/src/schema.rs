//! JSON Schema (draft 7), as far as start variables and structured answers need it. Nothing is ever fetched: a `$ref`
//! finds only what the schema itself defines. `format` says nothing, as draft 7 permits.

mod checker;

use fancy_regex::{Regex, RegexBuilder};
use serde_json::{Map, Value as Json};

use self::checker::{Broken, Checker};

const TYPES: [&str; 7] = [
    "object", "array", "string", "number", "integer", "boolean", "null",
];
/// How often a pattern may turn back.
const TURNS: usize = 100_000;

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

    /// Whether a value fits; the error names the path, or says that finding out takes too many steps.
    pub(crate) fn check(&self, value: &Json) -> Result<(), String> {
        Checker::new(&self.0, value)
            .check(&self.0, value, "$", 0)
            .map_err(Broken::message)
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
                    if key == "patternProperties" && pattern(name).is_none() {
                        return Err(format!("{path}.{key} {name:?} cannot be read"));
                    }
                    well_formed(schema, &format!("{path}.{key}.{name}"))?;
                }
            }
            Some(_) => return Err(format!("{path}.{key} must be a mapping")),
        }
    }
    for key in [
        "additionalProperties",
        "additionalItems",
        "not",
        "if",
        "then",
        "else",
        "contains",
        "propertyNames",
    ] {
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
    well_formed_dependencies(map, path)?;
    match map.get("items") {
        None => Ok(()),
        Some(Json::Array(inner)) => well_formed_list(inner, &format!("{path}.items")),
        Some(inner) => well_formed(inner, &format!("{path}.items")),
    }
}

fn well_formed_dependencies(map: &Map<String, Json>, path: &str) -> Result<(), String> {
    for key in ["dependencies", "dependentRequired", "dependentSchemas"] {
        let inner = match map.get(key) {
            None => continue,
            Some(Json::Object(inner)) => inner,
            Some(_) => return Err(format!("{path}.{key} must be a mapping")),
        };
        for (name, wanted) in inner {
            let path = format!("{path}.{key}.{name}");
            match wanted {
                Json::Array(names) if names.iter().all(Json::is_string) => {}
                Json::Array(_) => return Err(format!("{path} must be a list of names")),
                schema @ (Json::Null
                | Json::Bool(_)
                | Json::Number(_)
                | Json::String(_)
                | Json::Object(_)) => well_formed(schema, &path)?,
            }
        }
    }
    Ok(())
}

/// A pattern, made ready; none if it cannot be read. Looking ahead and behind is known, at a bounded price.
fn pattern(text: &str) -> Option<Regex> {
    RegexBuilder::new(text).backtrack_limit(TURNS).build().ok()
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
        Some(Json::String(text)) => match pattern(text) {
            Some(_) => Ok(()),
            None => Err(format!("{path}.pattern cannot be read")),
        },
        Some(_) => Err(format!("{path}.pattern must be a text")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::Schema;

    fn told(schema: Json, value: &Json) -> String {
        let schema = Schema::new(schema).unwrap();
        schema.check(value).err().unwrap_or_default()
    }

    /// Values that fit and values that do not.
    fn check(schema: Json, fits: &[Json], does_not: &[Json]) {
        for value in fits {
            assert_eq!(told(schema.clone(), value), "", "{schema} {value}");
        }
        for value in does_not {
            assert_ne!(told(schema.clone(), value), "", "{schema} {value}");
        }
    }

    #[test]
    fn every_word_of_draft_7_says_something() {
        check(
            json!({"contains": {"type": "string"}}),
            &[json!([1, "a"]), json!(3)],
            &[json!([1, 2]), json!([])],
        );
        check(
            json!({"propertyNames": {"maxLength": 2}}),
            &[json!({"ab": 1})],
            &[json!({"abc": 1})],
        );
        check(
            json!({"patternProperties": {"^x-": {"type": "integer"}}, "additionalProperties": false, "properties": {"a": true}}),
            &[json!({"x-one": 1, "a": "b"}), json!({})],
            &[json!({"x-one": "1"}), json!({"b": 1})],
        );
        check(
            json!({"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"required": ["c"]}}),
            &[json!({"a": 1, "b": 2}), json!({"c": 1})],
            &[json!({"a": 3}), json!({"d": 1})],
        );
        check(
            json!({"dependencies": {"a": ["b"], "c": {"minProperties": 3}}}),
            &[json!({"a": 1, "b": 1}), json!({"c": 1, "d": 1, "e": 1})],
            &[json!({"a": 1}), json!({"c": 1})],
        );
        check(
            json!({"items": [{"type": "string"}], "additionalItems": {"type": "integer"}}),
            &[json!(["a", 1, 2]), json!([])],
            &[json!(["a", "b"]), json!([1])],
        );
        check(
            json!({"enum": [1.0, {"a": [2]}]}),
            &[json!(1), json!({"a": [2.0]})],
            &[json!(2), json!("1")],
        );
        check(
            json!({"pattern": "^(?!no)"}),
            &[json!("yes")],
            &[json!("nothing")],
        );
        check(
            json!({"uniqueItems": true}),
            &[json!([1, "1", [1], {"a": 1}])],
            &[json!([1, 1.0]), json!([{"a": 1, "b": 2}, {"b": 2, "a": 1}])],
        );
    }

    #[test]
    fn a_schema_that_asks_for_too_many_steps_is_told_so() {
        let mut definitions = serde_json::Map::new();
        for level in 0..28 {
            let next = json!({"$ref": format!("#/definitions/d{}", level + 1)});
            definitions.insert(format!("d{level}"), json!({"allOf": [next, next]}));
        }
        definitions.insert("d28".to_owned(), json!(true));
        let all = json!({"definitions": definitions, "$ref": "#/definitions/d0"});
        assert!(told(all, &json!({})).contains("too many steps"));
        let slow = json!({"pattern": "^(?:(?=a)a|(?=a)a)+$"});
        let text = format!("{}b", "a".repeat(60));
        assert!(told(slow, &json!(text)).contains("too many steps"));
    }

    #[test]
    fn a_large_value_is_no_reason() {
        let numbers: Vec<u32> = (0..200_000).collect();
        let schema = json!({"uniqueItems": true, "items": {"type": "integer", "minimum": 0}});
        assert_eq!(told(schema, &json!(numbers)), "");
    }

    #[test]
    fn what_is_no_schema_is_refused_with_its_place() {
        for (schema, place) in [
            (
                json!({"properties": {"a": {"pattern": "("}}}),
                "$.properties.a.pattern",
            ),
            (
                json!({"patternProperties": {"(": true}}),
                "$.patternProperties",
            ),
            (json!({"dependencies": {"a": [1]}}), "$.dependencies.a"),
            (json!({"then": 3}), "$.then"),
        ] {
            let told = Schema::new(schema).err().unwrap();
            assert!(told.starts_with(place), "{told}");
        }
    }
}
