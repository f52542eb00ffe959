//! `json_process`: finds, inserts, replaces and deletes in a JSON text by JSONPath.

use serde_json::{Map, Value as Json};
use serde_json_path::{JsonPath, NormalizedPath, PathElement};

use latchkey_domain::time::Timestamp;
use latchkey_domain::value::{json_compact, python_text};

use super::{Arguments, flag, text};
use crate::host::ToolError;

/// How many levels `create_path` makes, and how long a list it fills.
const MADE: usize = 1000;

/// Where something is: keys and indices, from the root.
type Location = Vec<Step>;

#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Index(usize),
}

pub(super) fn parse(arguments: &Arguments, _: Timestamp) -> Result<String, ToolError> {
    let content = content(arguments)?;
    let filter = text(arguments, "json_filter");
    if filter.trim().is_empty() {
        return Ok(written(&content, arguments));
    }
    let path = path(filter)?;
    let found = path.query(&content).all();
    Ok(match found[..] {
        [] => String::new(),
        [one @ (Json::Object(_) | Json::Array(_))] => written(one, arguments),
        [one] => python_text(one),
        _ => written(&found.into_iter().cloned().collect(), arguments),
    })
}

pub(super) fn insert(arguments: &Arguments, _: Timestamp) -> Result<String, ToolError> {
    let mut content = content(arguments)?;
    let new = value(arguments, "new_value")?;
    let query = text(arguments, "query");
    let found = locations(&content, query)?;
    if found.is_empty() && flag(arguments, "create_path") {
        create(&mut content, query, new)?;
        return Ok(written(&content, arguments));
    }
    let index = arguments.get("index").and_then(Json::as_i64);
    for location in found {
        let Some(place) = at(&mut content, &location) else {
            continue;
        };
        match place {
            Json::Object(map) => match &new {
                Json::Object(more) => map.extend(more.clone()),
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
                    return Err(failed("only an object can be inserted into an object"));
                }
            },
            Json::Array(list) => {
                let at = index.map_or(list.len(), |index| slot(index, list.len()));
                list.insert(at, new.clone());
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => *place = new.clone(),
        }
    }
    Ok(written(&content, arguments))
}

pub(super) fn replace(arguments: &Arguments, _: Timestamp) -> Result<String, ToolError> {
    let mut content = content(arguments)?;
    let locations = locations(&content, text(arguments, "query"))?;
    let new = text(arguments, "replace_value");
    match text(arguments, "replace_model") {
        "pattern" => {
            let pattern = text(arguments, "replace_pattern");
            for location in locations {
                match at(&mut content, &location) {
                    Some(Json::String(text)) => *text = replaced(text, pattern, new)?,
                    _ => return Err(failed("a pattern can be replaced in texts only")),
                }
            }
        }
        "key" => locations
            .iter()
            .for_each(|location| rename(&mut content, location, new)),
        "value" => {
            let new = value(arguments, "replace_value")?;
            for location in locations {
                if let Some(place) = at(&mut content, &location) {
                    *place = new.clone();
                }
            }
        }
        _ => return Err(failed("replace_model is key, value or pattern")),
    }
    Ok(written(&content, arguments))
}

pub(super) fn delete(arguments: &Arguments, _: Timestamp) -> Result<String, ToolError> {
    let mut content = content(arguments)?;
    // From the end, so that what is left of a list keeps its indices.
    for location in locations(&content, text(arguments, "query"))?.iter().rev() {
        let Some((last, around)) = location.split_last() else {
            return Err(failed("the whole text cannot be deleted"));
        };
        match (at(&mut content, around), last) {
            (Some(Json::Object(map)), Step::Key(key)) => drop(map.shift_remove(key)),
            (Some(Json::Array(list)), Step::Index(index)) if *index < list.len() => {
                list.remove(*index);
            }
            _ => {}
        }
    }
    Ok(written(&content, arguments))
}

fn failed(text: &str) -> ToolError {
    ToolError::Invoke(text.to_owned())
}

fn content(arguments: &Arguments) -> Result<Json, ToolError> {
    let content = text(arguments, "content");
    serde_json::from_str(content)
        .map_err(|cause| ToolError::Invoke(format!("the content is no JSON: {cause}")))
}

/// The given value: a text, or what the text says as JSON.
fn value(arguments: &Arguments, name: &str) -> Result<Json, ToolError> {
    let given = text(arguments, name);
    if !flag(arguments, "value_decode") {
        return Ok(Json::from(given));
    }
    serde_json::from_str(given).map_err(|_| failed("Cannot decode new value to json object"))
}

/// A path; as in Dify, the root may be left out.
fn path(query: &str) -> Result<JsonPath, ToolError> {
    let query = query.trim();
    let whole = match query.as_bytes().first() {
        Some(b'$') => query.to_owned(),
        Some(b'[' | b'.') => format!("${query}"),
        _ => format!("$.{query}"),
    };
    JsonPath::parse(&whole)
        .map_err(|cause| ToolError::Invoke(format!("{query:?} is no JSONPath: {cause}")))
}

fn locations(content: &Json, query: &str) -> Result<Vec<Location>, ToolError> {
    let path = path(query)?;
    let found = path.query_located(content);
    Ok(found.locations().map(location).collect())
}

fn location(path: &NormalizedPath<'_>) -> Location {
    let steps = path.iter().map(|element| match element {
        PathElement::Name(name) => Step::Key((*name).to_owned()),
        PathElement::Index(index) => Step::Index(*index),
    });
    steps.collect()
}

/// What is there now; an earlier change may have taken it away.
fn at<'a>(content: &'a mut Json, location: &[Step]) -> Option<&'a mut Json> {
    location.iter().try_fold(content, |place, step| match step {
        Step::Key(key) => place.as_object_mut()?.get_mut(key),
        Step::Index(index) => place.as_array_mut()?.get_mut(*index),
    })
}

/// Where Python's `list.insert` would put it.
fn slot(index: i64, length: usize) -> usize {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let from_start = if index < 0 { index + length } else { index };
    usize::try_from(from_start.clamp(0, length)).unwrap_or_default()
}

fn replaced(text: &str, pattern: &str, new: &str) -> Result<String, ToolError> {
    if pattern.is_empty() {
        return Err(failed("a pattern is needed"));
    }
    let times = text.matches(pattern).count();
    if times.saturating_mul(new.len()) > 64 << 20 {
        return Err(failed("the replaced text would be too long"));
    }
    Ok(text.replace(pattern, new))
}

/// Gives a key another name, at its place.
fn rename(content: &mut Json, location: &[Step], new: &str) {
    let Some((Step::Key(key), around)) = location.split_last() else {
        return;
    };
    let Some(Json::Object(map)) = at(content, around) else {
        return;
    };
    let old = std::mem::take(map);
    let renamed = old.into_iter().map(|(name, value)| {
        let name = if name == *key { new.to_owned() } else { name };
        (name, value)
    });
    *map = renamed.collect();
}

/// Makes the plain path `a.b[0].c` and puts the value at its end.
fn create(content: &mut Json, query: &str, new: Json) -> Result<(), ToolError> {
    let mut place = content;
    let query = query.trim().trim_start_matches('$');
    let words = query.split(['.', '[']).map(str::trim);
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    if words.is_empty() || words.len() > MADE {
        return Err(failed("no such path can be made"));
    }
    for word in words {
        place = match word.strip_suffix(']') {
            Some(inside) => element(place, inside)?,
            None => member(place, word)?,
        };
    }
    *place = new;
    Ok(())
}

fn member<'a>(place: &'a mut Json, key: &str) -> Result<&'a mut Json, ToolError> {
    if place.is_null() {
        *place = Json::Object(Map::new());
    }
    let map = place.as_object_mut();
    let map = map.ok_or_else(|| failed("the path goes through what is no object"))?;
    Ok(map.entry(key).or_insert(Json::Null))
}

fn element<'a>(place: &'a mut Json, inside: &str) -> Result<&'a mut Json, ToolError> {
    let quoted = inside.trim_matches(['\'', '"']);
    if quoted != inside {
        return member(place, quoted);
    }
    let index: usize = inside
        .parse()
        .map_err(|_| failed("no such path can be made"))?;
    if place.is_null() {
        *place = Json::Array(Vec::new());
    }
    let list = place.as_array_mut().filter(|_| index < MADE);
    let list = list.ok_or_else(|| failed("the path goes through what is no list"))?;
    while list.len() <= index {
        list.push(Json::Null);
    }
    Ok(&mut list[index])
}

/// As Python's `json.dumps` writes it.
fn written(value: &Json, arguments: &Arguments) -> String {
    let text = json_compact(value);
    if flag(arguments, "ensure_ascii") {
        ascii(&text)
    } else {
        text
    }
}

/// JSON in ASCII: what is not stands only inside of texts, where it may be escaped.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii() {
            out.push(letter);
            continue;
        }
        let mut units = [0; 2];
        for unit in letter.encode_utf16(&mut units) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use latchkey_domain::time::Timestamp;

    use super::super::Work;
    use super::{delete, insert, parse, replace};

    fn answer(work: Work, arguments: Json) -> String {
        match work(arguments.as_object().unwrap(), Timestamp::default()) {
            Ok(text) => text,
            Err(cause) => format!("! {cause}"),
        }
    }

    const BOOKS: &str = r#"{"books": [{"title": "A", "price": 3}, {"title": "B"}], "n": null}"#;

    #[test]
    fn values_are_found() {
        for (filter, told) in [
            ("$.books[0].title", "A"),
            ("books[*].title", r#"["A", "B"]"#),
            ("$.books[0]", r#"{"title": "A", "price": 3}"#),
            ("$.books[?@.price > 2].title", "A"),
            ("n", "None"),
            ("$.missing", ""),
        ] {
            let arguments = json!({"content": BOOKS, "json_filter": filter});
            assert_eq!(answer(parse, arguments), told, "{filter}");
        }
        let wrong = answer(parse, json!({"content": "{", "json_filter": "a"}));
        assert!(wrong.starts_with("! the content is no JSON"), "{wrong}");
    }

    #[test]
    fn texts_are_ascii_only_when_that_is_wanted() {
        let told = |ascii: bool| {
            let arguments = json!({"content": "[\"é😀\"]", "ensure_ascii": ascii});
            answer(parse, arguments)
        };
        assert_eq!(told(false), "[\"é😀\"]");
        assert_eq!(told(true), r#"["\u00e9\ud83d\ude00"]"#);
    }

    #[test]
    fn values_are_inserted() {
        for (query, value, more, told) in [
            ("$.a", "3", json!({}), r#"{"a": [1, "3"]}"#),
            (
                "$.a",
                "3",
                json!({"index": 0, "value_decode": true}),
                r#"{"a": [3, 1]}"#,
            ),
            ("$.a[0]", "x", json!({}), r#"{"a": ["x"]}"#),
            (
                "$.b.c[1].d",
                "x",
                json!({"create_path": true}),
                r#"{"a": [1], "b": {"c": [null, {"d": "x"}]}}"#,
            ),
            ("$.b", "x", json!({}), r#"{"a": [1]}"#),
            (
                "$",
                "x",
                json!({}),
                "! only an object can be inserted into an object",
            ),
        ] {
            let mut arguments = json!({"content": "{\"a\": [1]}", "query": query});
            let map = arguments.as_object_mut().unwrap();
            map.insert("new_value".to_owned(), json!(value));
            map.extend(more.as_object().unwrap().clone());
            assert_eq!(answer(insert, arguments), told, "{query}");
        }
    }

    #[test]
    fn values_keys_and_patterns_are_replaced() {
        for (model, query, pattern, value, told) in [
            ("pattern", "$.a", "l", "L", r#"{"a": "heLLo", "b": 1}"#),
            ("key", "$.a", "", "z", r#"{"z": "hello", "b": 1}"#),
            ("value", "$.b", "", "2", r#"{"a": "hello", "b": "2"}"#),
            (
                "pattern",
                "$.b",
                "l",
                "L",
                "! a pattern can be replaced in texts only",
            ),
        ] {
            let arguments = json!({"content": "{\"a\": \"hello\", \"b\": 1}", "query": query,
                "replace_pattern": pattern, "replace_value": value, "replace_model": model});
            assert_eq!(answer(replace, arguments), told, "{model} {query}");
        }
    }

    #[test]
    fn values_are_deleted_all_of_them() {
        for (query, told) in [
            ("$.a[*]", r#"{"a": [], "b": 1}"#),
            ("$.a[0:2]", r#"{"a": [3], "b": 1}"#),
            ("$.b", r#"{"a": [1, 2, 3]}"#),
            ("$.x", r#"{"a": [1, 2, 3], "b": 1}"#),
            ("$", "! the whole text cannot be deleted"),
        ] {
            let arguments = json!({"content": "{\"a\": [1, 2, 3], \"b\": 1}", "query": query});
            assert_eq!(answer(delete, arguments), told, "{query}");
        }
    }
}
