//! JSON in what a model writes: between fences, between prose, or cut off.

use serde_json::{Map, Value as Json};

/// What may begin a block of JSON, in the order in which it is looked for (Dify DSL reference, 4.5).
const BEGINNINGS: [&str; 6] = ["```json", "```", "``", "`", "{", "["];
/// What may end it.
const ENDS: [&str; 5] = ["```", "``", "`", "}", "]"];

/// The text that looks like a block of JSON; none when nothing does.
pub(crate) fn block(text: &str) -> Option<&str> {
    let is_bracket = |mark: &str| matches!(mark, "{" | "[" | "}" | "]");
    let (begin, mark) = BEGINNINGS
        .iter()
        .find_map(|mark| Some((text.find(mark)?, *mark)))?;
    let begin = if is_bracket(mark) {
        begin
    } else {
        begin + mark.len()
    };
    let rest = &text[begin..];
    let (end, mark) = ENDS
        .iter()
        .find_map(|mark| Some((rest.rfind(mark)?, *mark)))?;
    let end = if is_bracket(mark) {
        end + mark.len()
    } else {
        end
    };
    (end > 0).then(|| rest[..end].trim())
}

/// The first complete JSON object that stands anywhere in a text.
pub(crate) fn first_object(text: &str) -> Option<Map<String, Json>> {
    first_object_where(text, |_| true)
}

/// The first complete JSON object that stands anywhere in a text and fits.
pub(crate) fn first_object_where(
    text: &str,
    fits: impl Fn(&Map<String, Json>) -> bool,
) -> Option<Map<String, Json>> {
    let places = text.match_indices('{');
    places
        .filter_map(|(at, _)| value_at(&text[at..]))
        .find_map(|value| match value {
            Json::Object(map) => fits(&map).then_some(map),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => None,
        })
}

/// The JSON object that a text begins with, whatever follows it.
pub(crate) fn object_at(text: &str) -> Option<Json> {
    value_at(text).filter(Json::is_object)
}

/// The JSON value that a text begins with, whatever follows it.
fn value_at(text: &str) -> Option<Json> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Json>();
    values.next()?.ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{block, first_object};

    #[test]
    fn a_block_is_what_stands_between_marks() {
        for (text, expected) in [
            ("so:\n```json\n{\"a\": 1}\n```\nthat is it", "{\"a\": 1}"),
            ("```\n[1]\n```", "[1]"),
            ("it is `{\"a\": 1}`.", "{\"a\": 1}"),
            ("it is {\"a\": {\"b\": 1}} or so", "{\"a\": {\"b\": 1}}"),
            ("[{\"a\": 1}]", "{\"a\": 1}"),
            ("[1, 2]", "[1, 2]"),
        ] {
            assert_eq!(block(text), Some(expected), "{text}");
        }
        for text in ["", "nothing", "{\"a\": ", "```json"] {
            assert_eq!(block(text), None, "{text}");
        }
    }

    #[test]
    fn the_first_complete_object_counts() {
        let found = |text| first_object(text).map(Json::Object);
        for (text, expected) in [
            ("set {x} then {\"a\": \"{b}\"} and {}", json!({"a": "{b}"})),
            ("[[1], {\"a\": \"]\"}]", json!({"a": "]"})),
            ("{\"a\": {\"b\": 1} {\"c\": 2}", json!({"b": 1})),
        ] {
            assert_eq!(found(text), Some(expected), "{text}");
        }
        assert_eq!(found("[1] {\"a\": "), None);
    }

    #[test]
    fn endless_brackets_are_no_object() {
        assert_eq!(first_object(&"{\"a\":".repeat(5_000)), None);
    }
}
