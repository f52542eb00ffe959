//! Reading the fields of a node's data: tolerant where Dify is, with a problem that names the field where it is not.

use serde_json::{Map, Value as Json};

use latchkey_engine::node::BuildProblem;

/// The data of a node, or any mapping inside it.
pub(crate) type Data = Map<String, Json>;

/// A text; none when it is absent, null or something else.
pub(crate) fn text<'a>(data: &'a Data, key: &str) -> Option<&'a str> {
    data.get(key)?.as_str()
}

/// A boolean; false unless it says true.
pub(crate) fn flag(data: &Data, key: &str) -> bool {
    data.get(key).and_then(Json::as_bool) == Some(true)
}

/// A list; empty when it is absent, null or something else.
pub(crate) fn list<'a>(data: &'a Data, key: &str) -> &'a [Json] {
    data.get(key)
        .and_then(Json::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The mappings in a list.
pub(crate) fn mappings<'a>(data: &'a Data, key: &str) -> impl Iterator<Item = &'a Data> {
    list(data, key).iter().filter_map(Json::as_object)
}

/// A mapping; none when it is absent, null or something else.
pub(crate) fn mapping<'a>(data: &'a Data, key: &str) -> Option<&'a Data> {
    data.get(key)?.as_object()
}

/// A selector: its parts as texts; empty when it is absent or null.
pub(crate) fn selector(data: &Data, key: &str) -> Vec<String> {
    data.get(key).map(selector_of).unwrap_or_default()
}

/// A selector from its JSON form.
pub(crate) fn selector_of(raw: &Json) -> Vec<String> {
    let parts = raw.as_array().map_or(&[][..], Vec::as_slice);
    parts
        .iter()
        .map(|part| {
            part.as_str()
                .map_or_else(|| part.to_string(), str::to_owned)
        })
        .collect()
}

/// The variables `{variable, value_selector}` of a list, in order.
pub(crate) fn variables(data: &Data, key: &str) -> Vec<(String, Vec<String>)> {
    mappings(data, key)
        .filter_map(|item| {
            let name = text(item, "variable")?.to_owned();
            Some((name, selector(item, "value_selector")))
        })
        .collect()
}

/// A problem with one field.
pub(crate) fn problem(field: &str, message: impl Into<String>) -> BuildProblem {
    BuildProblem {
        field: Some(format!("data.{field}")),
        ..BuildProblem::invalid(message)
    }
}
