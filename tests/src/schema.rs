//! Compares JSON with the schemas of the OpenAPI document: the part of JSON Schema that the document uses, read strictly.
//!
//! Two things are stricter than the standard, since they find more: a keyword that is unknown here is a failure, and so is
//! a field that the schema of an object does not name.

use serde_json::{Map, Value as Json};

/// The schemas that others refer to, by name.
pub struct Schemas<'a>(pub &'a Json);

/// Keywords that say nothing about the value.
const NOTES: [&str; 6] = [
    "description",
    "format",
    "default",
    "examples",
    "title",
    "propertyNames",
];

impl Schemas<'_> {
    /// Everything about a value that its schema does not allow, each with its place.
    #[must_use]
    pub fn problems(&self, schema: &Json, value: &Json) -> Vec<String> {
        let mut found = Vec::new();
        self.check(schema, value, "", &mut found);
        found
    }

    fn check(&self, schema: &Json, value: &Json, at: &str, found: &mut Vec<String>) {
        let Some(rules) = schema.as_object() else {
            return found.push(format!("{at}: the schema is no object"));
        };
        for (keyword, rule) in rules {
            match keyword.as_str() {
                "$ref" => self.check(self.named(rule), value, at, found),
                "type" => {
                    if !is_of_type(rule, value) {
                        found.push(format!("{at}: {value} is no {rule}"));
                    }
                }
                "enum" => {
                    if !rule.as_array().is_some_and(|words| words.contains(value)) {
                        found.push(format!("{at}: {value} is none of {rule}"));
                    }
                }
                "minimum" => {
                    if value.as_f64() < rule.as_f64() && value.is_number() {
                        found.push(format!("{at}: {value} is less than {rule}"));
                    }
                }
                "maximum" => {
                    if value.as_f64() > rule.as_f64() && value.is_number() {
                        found.push(format!("{at}: {value} is more than {rule}"));
                    }
                }
                "items" => {
                    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(rule, item, &format!("{at}/{place}"), found);
                    }
                }
                "oneOf" => self.one_of(rule, value, at, found),
                "properties" | "required" | "additionalProperties" => {}
                note if NOTES.contains(&note) => {}
                unknown => found.push(format!("{at}: the keyword {unknown} is not checked yet")),
            }
        }
        if let Some(fields) = value.as_object() {
            self.object(rules, fields, at, found);
        }
    }

    fn one_of(&self, schemas: &Json, value: &Json, at: &str, found: &mut Vec<String>) {
        let schemas = schemas.as_array().into_iter().flatten();
        let tries: Vec<_> = schemas.map(|one| self.problems(one, value)).collect();
        let fit = tries.iter().filter(|problems| problems.is_empty()).count();
        if fit != 1 {
            found.push(format!("{at}: {fit} schemas fit instead of one: {tries:?}"));
        }
    }

    fn object(
        &self,
        rules: &Map<String, Json>,
        fields: &Map<String, Json>,
        at: &str,
        found: &mut Vec<String>,
    ) {
        let properties = rules.get("properties").and_then(Json::as_object);
        let required = rules.get("required").and_then(Json::as_array);
        for name in required.into_iter().flatten().filter_map(Json::as_str) {
            if !fields.contains_key(name) {
                found.push(format!("{at}: {name} is missing"));
            }
        }
        let others = rules.get("additionalProperties");
        for (name, field) in fields {
            let place = format!("{at}/{name}");
            match (properties.and_then(|known| known.get(name)), others) {
                (Some(schema), _) => self.check(schema, field, &place, found),
                (None, Some(schema @ Json::Object(_))) => self.check(schema, field, &place, found),
                (None, _) if properties.is_some() => {
                    found.push(format!("{place} is not in the description"));
                }
                // An object without any named field may hold everything.
                (None, _) => {}
            }
        }
    }

    fn named(&self, reference: &Json) -> &Json {
        let path = reference.as_str().unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default();
        &self.0[name]
    }
}

fn is_of_type(rule: &Json, value: &Json) -> bool {
    let one = |name: &Json| match (name.as_str(), value) {
        (Some("null"), Json::Null)
        | (Some("boolean"), Json::Bool(_))
        | (Some("string"), Json::String(_))
        | (Some("array"), Json::Array(_))
        | (Some("object"), Json::Object(_))
        | (Some("number"), Json::Number(_)) => true,
        (Some("integer"), Json::Number(number)) => number.is_i64() || number.is_u64(),
        _ => false,
    };
    match rule.as_array() {
        Some(names) => names.iter().any(one),
        None => one(rule),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Schemas;

    #[test]
    fn what_a_schema_does_not_allow_is_told_with_its_place() {
        let named = json!({"Name": {"type": "string", "enum": ["a", "b"]}});
        let schema = json!({"type": "object", "required": ["id"], "properties": {
            "id": {"type": "integer", "minimum": 1, "maximum": 9},
            "name": {"oneOf": [{"$ref": "#/components/schemas/Name"}, {"type": "null"}]},
            "rest": {"type": "array", "items": {"type": "object"}}}});
        let check = |value| Schemas(&named).problems(&schema, &value).join("; ");
        for (value, expected) in [
            (json!({"id": 1, "name": null, "rest": [{"free": 1}]}), ""),
            (json!({"id": 1, "name": "a"}), ""),
            (json!({}), ": id is missing"),
            (json!({"id": 0}), "/id: 0 is less than 1"),
            (json!({"id": 10}), "/id: 10 is more than 9"),
            (json!({"id": "1"}), "/id: \"1\" is no \"integer\""),
            (json!({"id": 1, "rest": [1]}), "/rest/0: 1 is no \"object\""),
            (
                json!({"id": 1, "more": 1}),
                "/more is not in the description",
            ),
            (json!([]), ": [] is no \"object\""),
        ] {
            assert_eq!(check(value), expected);
        }
        assert!(check(json!({"id": 1, "name": "c"})).contains("0 schemas fit"));
    }
}
