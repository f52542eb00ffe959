//! JSON Schema as the part of OpenAPI's schemas that Gemini's older models read.

use std::cell::Cell;

use serde_json::{Map, Value as Json, json};

/// Words that mean the same in both.
const SAME: [&str; 16] = [
    "title",
    "description",
    "format",
    "nullable",
    "enum",
    "default",
    "required",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
    "minProperties",
    "maxProperties",
    "pattern",
];
/// How deep schemas may lie in one another, and how many one may consist of once its references are resolved; what is
/// beyond may be anything.
const DEEPEST: usize = 32;
const MOST: usize = 2000;

/// The schema without what such models refuse. References are resolved within the schema.
pub(crate) fn openapi(schema: &Json) -> Json {
    one(schema, schema, DEEPEST, &Cell::new(MOST))
}

fn one(schema: &Json, root: &Json, depth: usize, left: &Cell<usize>) -> Json {
    let object = schema.as_object();
    let Some(object) = object.filter(|_| depth > 0 && left.get() > 0) else {
        return json!({});
    };
    left.set(left.get() - 1);
    if let Some(target) = object.get("$ref").and_then(Json::as_str) {
        let target = target.strip_prefix('#').and_then(|path| root.pointer(path));
        return target.map_or_else(|| json!({}), |target| one(target, root, depth - 1, left));
    }
    let below = |schema: &Json| one(schema, root, depth - 1, left);
    let mut made = Map::new();
    for (word, value) in object {
        match word.as_str() {
            "type" => add_type(&mut made, value),
            "const" => {
                made.insert("enum".to_owned(), json!([value]));
            }
            "properties" => {
                let properties = value.as_object().into_iter().flatten();
                let properties = properties.map(|(name, schema)| (name.clone(), below(schema)));
                made.insert(word.clone(), Json::Object(properties.collect()));
            }
            "items" => {
                made.insert(word.clone(), below(value));
            }
            "anyOf" | "oneOf" => {
                let choices = value.as_array().into_iter().flatten().map(below);
                made.insert("anyOf".to_owned(), choices.collect());
            }
            word if SAME.contains(&word) => {
                made.insert(word.to_owned(), value.clone());
            }
            _ => {}
        }
    }
    Json::Object(made)
}

/// `["string", "null"]` is a text that may be null.
fn add_type(made: &mut Map<String, Json>, value: &Json) {
    let Some(types) = value.as_array() else {
        made.insert("type".to_owned(), value.clone());
        return;
    };
    if types.iter().any(|one| one == "null") {
        made.insert("nullable".to_owned(), json!(true));
    }
    let types: Vec<&Json> = types.iter().filter(|one| *one != "null").collect();
    match types.as_slice() {
        [] => {}
        [one] => {
            made.insert("type".to_owned(), (*one).clone());
        }
        several => {
            let choices = several.iter().map(|one| json!({"type": one}));
            made.insert("anyOf".to_owned(), choices.collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::openapi;

    #[test]
    fn what_older_models_refuse_is_left_out_or_said_otherwise() {
        for (schema, expected) in [
            (
                json!({"$schema": "x", "type": "object", "additionalProperties": false, "required": ["a"],
                    "properties": {"a": {"type": ["string", "null"]}, "b": {"type": ["string", "integer"]}}}),
                json!({"type": "object", "required": ["a"], "properties": {
                    "a": {"nullable": true, "type": "string"},
                    "b": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}}),
            ),
            (
                json!({"type": "array", "items": {"const": "x"}, "uniqueItems": true}),
                json!({"type": "array", "items": {"enum": ["x"]}}),
            ),
            (
                json!({"oneOf": [{"$ref": "#/$defs/a"}, {"$ref": "elsewhere"}], "$defs": {"a": {"type": "string"}}}),
                json!({"anyOf": [{"type": "string"}, {}]}),
            ),
            (json!(true), json!({})),
        ] {
            assert_eq!(openapi(&schema), expected);
        }
    }

    #[test]
    fn a_schema_that_holds_itself_has_an_end() {
        let itself = json!({"$ref": "#"});
        let schema =
            json!({"type": "object", "properties": {"a": itself, "b": itself, "c": itself}});
        let made = openapi(&schema).to_string();
        assert!(made.len() < 100_000, "{} bytes", made.len());
    }
}
