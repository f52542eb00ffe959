//! Schemas as Claude's structured answers take them: every object is closed, and limits of numbers, lengths and counts
//! are told in words, since the API refuses them as keywords.

use serde_json::{Map, Value as Json, json};

/// Keywords that are taken as they stand.
const TAKEN: [&str; 12] = [
    "$ref",
    "additionalProperties",
    "const",
    "default",
    "description",
    "enum",
    "items",
    "properties",
    "required",
    "title",
    "type",
    "format",
];
/// Keywords that hold schemas by name.
const NAMED: [&str; 3] = ["properties", "$defs", "definitions"];
/// Keywords that hold lists of schemas; the API knows no `oneOf`.
const LISTED: [(&str, &str); 3] = [("anyOf", "anyOf"), ("oneOf", "anyOf"), ("allOf", "allOf")];
/// The formats of texts that are taken.
const FORMATS: [&str; 10] = [
    "date-time",
    "time",
    "date",
    "duration",
    "email",
    "hostname",
    "uri",
    "ipv4",
    "ipv6",
    "uuid",
];

/// The same schema, closed and without what the API refuses.
pub(crate) fn closed(schema: &Json) -> Json {
    let Json::Object(given) = schema else {
        // `true` and `false` are schemas as well: of anything.
        return if schema.is_boolean() {
            json!({})
        } else {
            schema.clone()
        };
    };
    let mut closed = Map::new();
    let mut in_words = Vec::new();
    for (name, value) in given {
        match name.as_str() {
            named if NAMED.contains(&named) => {
                let schemas = value.as_object().into_iter().flatten();
                let schemas = schemas.map(|(name, schema)| (name.clone(), self::closed(schema)));
                closed.insert(name.clone(), Json::Object(schemas.collect()));
            }
            "items" => {
                closed.insert(name.clone(), self::closed(value));
            }
            "format"
                if !value
                    .as_str()
                    .is_some_and(|format| FORMATS.contains(&format)) =>
            {
                in_words.push(format!("{name}: {value}"));
            }
            // A list of one or more is the only count that is taken.
            "minItems" if matches!(value.as_u64(), Some(0 | 1)) => {
                closed.insert(name.clone(), value.clone());
            }
            "additionalProperties" | "$schema" | "$id" | "examples" => {}
            taken if TAKEN.contains(&taken) => {
                closed.insert(name.clone(), value.clone());
            }
            other => match LISTED.iter().find(|(listed, _)| *listed == other) {
                Some((_, written)) => {
                    let schemas = value.as_array().into_iter().flatten().map(self::closed);
                    closed.insert((*written).to_owned(), schemas.collect());
                }
                None => in_words.push(format!("{name}: {value}")),
            },
        }
    }
    let is_object = closed
        .get("type")
        .is_some_and(|kind| *kind == json!("object"));
    if is_object || closed.contains_key("properties") {
        closed.insert("additionalProperties".to_owned(), json!(false));
    }
    if !in_words.is_empty() {
        let before = closed.get("description").and_then(Json::as_str);
        let before = before.map_or_else(String::new, |text| format!("{text}\n\n"));
        let told = format!("{before}({})", in_words.join(", "));
        closed.insert("description".to_owned(), Json::String(told));
    }
    Json::Object(closed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::closed;

    #[test]
    fn objects_are_closed_and_limits_told_in_words() {
        for (given, expected) in [
            (
                json!({"type": "object", "properties": {"a": {"type": "object", "properties": {}}}, "additionalProperties": true}),
                json!({"type": "object", "properties": {"a": {"type": "object", "properties": {}, "additionalProperties": false}},
                "additionalProperties": false}),
            ),
            (
                json!({"type": "integer", "minimum": 1, "description": "A number"}),
                json!({"type": "integer", "description": "A number\n\n(minimum: 1)"}),
            ),
            (
                json!({"type": "string", "format": "date"}),
                json!({"type": "string", "format": "date"}),
            ),
            (
                json!({"type": "string", "format": "phone"}),
                json!({"type": "string", "description": "(format: \"phone\")"}),
            ),
            (
                json!({"type": "array", "items": {"type": "object", "properties": {"x": {"maxLength": 3}}}, "minItems": 1}),
                json!({"type": "array", "items": {"type": "object", "properties": {"x": {"description": "(maxLength: 3)"}},
                "additionalProperties": false}, "minItems": 1}),
            ),
            (
                json!({"$schema": "x", "$defs": {"d": {"oneOf": [{"type": "null"}, {"type": "string"}]}}, "$ref": "#/$defs/d"}),
                json!({"$defs": {"d": {"anyOf": [{"type": "null"}, {"type": "string"}]}}, "$ref": "#/$defs/d"}),
            ),
            (
                json!({"enum": ["a", "b"], "default": "a"}),
                json!({"enum": ["a", "b"], "default": "a"}),
            ),
            (json!(true), json!({})),
        ] {
            assert_eq!(closed(&given), expected, "{given}");
        }
    }
}
