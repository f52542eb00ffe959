//! From JSON schemas to parameters in Dify's words.

use serde_json::Value as Json;

use crate::host::{ParameterForm, ToolParameter};

/// How deep a schema is read.
const DEEPEST: usize = 24;

/// The parameter of a property.
pub(super) fn parameter(name: &str, schema: &Json, required: bool) -> ToolParameter {
    let text = |key: &str| schema.get(key).and_then(Json::as_str).unwrap_or_default();
    let options = options(schema);
    ToolParameter {
        name: name.to_owned(),
        description: text("description").to_owned(),
        kind: kind(schema, !options.is_empty()).to_owned(),
        required,
        form: ParameterForm::Llm,
        default: schema
            .get("default")
            .filter(|value| !value.is_null())
            .cloned(),
        options,
        schema: Some(schema.clone()),
    }
}

/// The first type that is not null; OpenAPI 3.1 and JSON Schema allow lists of them.
pub(super) fn type_of(schema: &Json) -> Option<&str> {
    match schema.get("type") {
        Some(Json::String(one)) => Some(one),
        Some(Json::Array(several)) => {
            let mut named = several.iter().filter_map(Json::as_str);
            named.find(|name| *name != "null")
        }
        _ => None,
    }
}

fn kind(schema: &Json, has_options: bool) -> &'static str {
    let is_file = |schema: &Json| {
        type_of(schema).is_none_or(|name| name == "string")
            && schema.get("format").and_then(Json::as_str) == Some("binary")
    };
    if is_file(schema) {
        return "file";
    }
    match type_of(schema) {
        Some("integer" | "number") => "number",
        Some("boolean") => "boolean",
        Some("array") if schema.get("items").is_some_and(is_file) => "files",
        Some("array") => "array",
        Some("object") => "object",
        Some(_) if has_options => "select",
        Some(_) => "string",
        None if schema.get("properties").is_some() => "object",
        None if ["anyOf", "oneOf", "allOf"]
            .iter()
            .any(|key| schema.get(*key).is_some()) =>
        {
            "any"
        }
        None => "string",
    }
}

/// The values of an enumeration of texts.
fn options(schema: &Json) -> Vec<String> {
    let values = schema.get("enum").and_then(Json::as_array);
    let values = values.map_or(&[][..], Vec::as_slice);
    let texts: Option<Vec<String>> = values
        .iter()
        .map(|value| value.as_str().map(str::to_owned))
        .collect();
    texts.unwrap_or_default()
}

/// A schema that needs nothing around it: each reference is replaced by what it names, and one that leads back into
/// itself, or goes on for ever, by the schema that allows everything.
pub(super) struct Resolver<'a> {
    root: &'a Json,
    /// How many values may still be made: references to references could grow without end.
    left: usize,
}

impl<'a> Resolver<'a> {
    pub(super) const fn new(root: &'a Json, most: usize) -> Self {
        Self { root, left: most }
    }

    /// What a value with a reference names, or the value itself.
    pub(super) fn follow(&self, value: &'a Json) -> &'a Json {
        let mut value = value;
        for _ in 0..DEEPEST {
            let Some(reference) = value.get("$ref").and_then(Json::as_str) else {
                return value;
            };
            match self.named(reference) {
                Some(next) => value = next,
                None => return &Json::Null,
            }
        }
        &Json::Null
    }

    /// The value of a reference into the same document.
    fn named(&self, reference: &str) -> Option<&'a Json> {
        self.root.pointer(reference.strip_prefix('#')?)
    }

    pub(super) fn whole(&mut self, value: &'a Json) -> Json {
        let mut open = Vec::new();
        self.copied(value, &mut open, 0)
    }

    fn copied(&mut self, value: &'a Json, open: &mut Vec<&'a str>, depth: usize) -> Json {
        if self.left == 0 || depth > DEEPEST {
            return Json::Object(serde_json::Map::new());
        }
        self.left -= 1;
        if let Some(reference) = value.get("$ref").and_then(Json::as_str) {
            let named = self.named(reference).filter(|_| !open.contains(&reference));
            let Some(named) = named else {
                return Json::Object(serde_json::Map::new());
            };
            open.push(reference);
            let copied = self.copied(named, open, depth + 1);
            open.pop();
            return copied;
        }
        match value {
            Json::Array(items) => {
                let items = items.iter().map(|item| self.copied(item, open, depth + 1));
                Json::Array(items.collect())
            }
            Json::Object(map) => {
                let pairs = map.iter();
                let pairs =
                    pairs.map(|(key, inner)| (key.clone(), self.copied(inner, open, depth + 1)));
                Json::Object(pairs.collect())
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => value.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{Resolver, parameter};

    #[test]
    fn schemas_have_their_kind() {
        for (schema, kind) in [
            (json!({"type": "integer"}), "number"),
            (json!({"type": ["null", "boolean"]}), "boolean"),
            (json!({"type": "string", "enum": ["a", "b"]}), "select"),
            (json!({"type": "string", "format": "binary"}), "file"),
            (
                json!({"type": "array", "items": {"type": "string", "format": "binary"}}),
                "files",
            ),
            (json!({"type": "array", "items": {}}), "array"),
            (json!({"properties": {}}), "object"),
            (json!({"anyOf": [{"type": "string"}]}), "any"),
            (json!({}), "string"),
        ] {
            assert_eq!(parameter("p", &schema, false).kind, kind, "{schema}");
        }
    }

    #[test]
    fn references_are_replaced_and_circles_are_cut() {
        let root = json!({"defs": {
            "node": {"type": "object", "properties": {"next": {"$ref": "#/defs/node"}, "name": {"$ref": "#/defs/name"}}},
            "name": {"type": "string"},
            "lost": {"$ref": "other.json#/x"},
        }});
        let whole = |name: &str| Resolver::new(&root, 1000).whole(&root["defs"][name]);
        assert_eq!(
            whole("node")["properties"],
            json!({"next": {"type": "object", "properties": {"next": {}, "name": {"type": "string"}}},
                "name": {"type": "string"}})
        );
        assert_eq!(whole("lost"), json!({}));
    }

    #[test]
    fn a_document_that_grows_out_of_itself_is_cut() {
        let mut defs = serde_json::Map::new();
        for level in 0..20 {
            let next = json!({"$ref": format!("#/defs/{}", level + 1)});
            defs.insert(level.to_string(), json!([next, next, next, next]));
        }
        defs.insert("20".to_owned(), json!("end"));
        let root = json!({"defs": Json::Object(defs)});
        let whole = Resolver::new(&root, 5000).whole(&root["defs"]["0"]);
        assert!(whole.to_string().len() < 100_000);
    }
}
