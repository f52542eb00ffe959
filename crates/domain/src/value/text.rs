//! The three text forms of values (Dify DSL reference, text forms): text for prompts and conditions, markdown for
//! answers, log for people who must not see secrets.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::Value as Json;

use super::{Array, ArrayKind, File, Value, python};

impl Value {
    /// The form that prompts, requests and conditions use.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::String(text) | Self::Secret(text) => Cow::Borrowed(text),
            Self::None | Self::File(_) => Cow::Borrowed(""),
            Self::Boolean(true) => Cow::Borrowed("True"),
            Self::Boolean(false) => Cow::Borrowed("False"),
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::Float(number) => Cow::Owned(python::float(*number)),
            Self::Object(map) => {
                let mut out = String::new();
                write_map(&mut out, map, None);
                Cow::Owned(out)
            }
            Self::Array(array) => Cow::Owned(array_text(array)),
        }
    }

    /// The form that answers and streamed values use.
    #[must_use]
    pub fn markdown(&self) -> Cow<'_, str> {
        match self {
            Self::Object(map) => Cow::Owned(indented(map)),
            Self::File(file) => Cow::Owned(file.markdown()),
            Self::Array(array) => Cow::Owned(array_markdown(array)),
            Self::None
            | Self::Boolean(_)
            | Self::Integer(_)
            | Self::Float(_)
            | Self::String(_)
            | Self::Secret(_) => self.text(),
        }
    }

    /// The form that logs use: secrets are masked.
    #[must_use]
    pub fn log(&self) -> Cow<'_, str> {
        match self {
            Self::Secret(text) => Cow::Owned(mask(text)),
            Self::Object(map) => Cow::Owned(indented(map)),
            Self::Array(array) if array.kind() == ArrayKind::File => Cow::Borrowed(""),
            Self::Array(array) => Cow::Owned(list_repr(array.items())),
            Self::None
            | Self::Boolean(_)
            | Self::Integer(_)
            | Self::Float(_)
            | Self::String(_)
            | Self::File(_) => self.text(),
        }
    }
}

/// What a log shows of a secret: nothing of one shorter than twelve characters, six characters and two of a longer one.
/// Dify shows as much from nine characters on.
#[must_use]
pub fn mask(secret: &str) -> String {
    let letters = secret.chars().count();
    match letters {
        0 => String::new(),
        1..=11 => "*".repeat(20),
        _ => {
            let head: String = secret.chars().take(6).collect();
            let tail: String = secret.chars().skip(letters - 2).collect();
            format!("{head}{}{tail}", "*".repeat(12))
        }
    }
}

/// JSON on one line as Python writes it: `, ` and `: ` between, nothing but control characters escaped.
#[must_use]
pub fn json_compact(value: &Json) -> String {
    let mut out = String::new();
    write_json(&mut out, value, None);
    out
}

/// JSON indented by two as Python writes it.
#[must_use]
pub fn json_indented(value: &Json) -> String {
    let mut out = String::new();
    write_json(&mut out, value, Some(0));
    out
}

fn indented(map: &serde_json::Map<String, Json>) -> String {
    let mut out = String::new();
    write_map(&mut out, map, Some(0));
    out
}

fn array_text(array: &Array) -> String {
    if array.items().is_empty() {
        return String::new();
    }
    match array.kind() {
        ArrayKind::File => String::new(),
        ArrayKind::String => {
            let mut out = String::new();
            write_list(&mut out, array.items(), None);
            out
        }
        ArrayKind::Any | ArrayKind::Number | ArrayKind::Object | ArrayKind::Boolean => {
            list_repr(array.items())
        }
    }
}

fn array_markdown(array: &Array) -> String {
    let lines: Vec<String> = array
        .items()
        .iter()
        .map(|item| match (array.kind(), File::from_json(item)) {
            (ArrayKind::File, Some(file)) => file.markdown(),
            _ => format!("- {}", python::text(item)),
        })
        .collect();
    lines.join("\n")
}

fn list_repr(items: &[Json]) -> String {
    let mut out = String::from("[");
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        python::write_repr(&mut out, item);
    }
    out.push(']');
    out
}

/// Writes JSON; `depth` is the depth of indentation, or none for one line.
fn write_json(out: &mut String, value: &Json, depth: Option<usize>) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(true) => out.push_str("true"),
        Json::Bool(false) => out.push_str("false"),
        Json::Number(number) => python::write_number(out, number),
        Json::String(text) => write_text(out, text),
        Json::Array(items) => write_list(out, items, depth),
        Json::Object(map) => write_map(out, map, depth),
    }
}

fn write_list(out: &mut String, items: &[Json], depth: Option<usize>) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        separate(out, index, depth);
        write_json(out, item, depth.map(|depth| depth + 1));
    }
    close(out, items.is_empty(), depth);
    out.push(']');
}

fn write_map(out: &mut String, map: &serde_json::Map<String, Json>, depth: Option<usize>) {
    out.push('{');
    for (index, (key, item)) in map.iter().enumerate() {
        separate(out, index, depth);
        write_text(out, key);
        out.push_str(": ");
        write_json(out, item, depth.map(|depth| depth + 1));
    }
    close(out, map.is_empty(), depth);
    out.push('}');
}

fn separate(out: &mut String, index: usize, depth: Option<usize>) {
    match depth {
        Some(depth) => {
            if index > 0 {
                out.push(',');
            }
            new_line(out, depth + 1);
        }
        None if index > 0 => out.push_str(", "),
        None => {}
    }
}

fn close(out: &mut String, is_empty: bool, depth: Option<usize>) {
    if let (false, Some(depth)) = (is_empty, depth) {
        new_line(out, depth);
    }
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    for _ in 0..depth {
        out.push_str("  ");
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            letter if letter < ' ' => {
                write!(out, "\\u{:04x}", u32::from(letter)).expect("writing to a text cannot fail")
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{ArrayKind, File, FileType, Value};

    fn file(file_type: FileType, filename: Option<&str>) -> File {
        File {
            file_type,
            filename: filename.map(str::to_owned),
            url: Some("https://files.test/x".into()),
            ..File::default()
        }
    }

    #[track_caller]
    fn check(value: &Value, text: &str, markdown: &str, log: &str) {
        assert_eq!(value.text(), text, "text of {value:?}");
        assert_eq!(value.markdown(), markdown, "markdown of {value:?}");
        assert_eq!(value.log(), log, "log of {value:?}");
    }

    #[test]
    fn plain_values_look_alike_in_all_forms() {
        for (value, shown) in [
            (Value::None, ""),
            (Value::string("as is\n"), "as is\n"),
            (Value::Integer(-3), "-3"),
            (Value::Float(2.0), "2.0"),
            (Value::Float(1e-7), "1e-07"),
            (Value::Boolean(true), "True"),
            (Value::Boolean(false), "False"),
        ] {
            check(&value, shown, shown, shown);
        }
    }

    #[test]
    fn secrets_are_masked_in_logs_and_json_only() {
        for (secret, masked) in [
            ("", ""),
            ("12345678", "********************"),
            ("12345678901", "********************"),
            ("123456789012", "123456************12"),
            ("schlüssel-ß-ä", "schlüs************-ä"),
        ] {
            let value = Value::Secret(secret.into());
            check(&value, secret, secret, masked);
            assert_eq!(value.to_json(), json!(masked));
            assert_eq!(value.expose_json(), json!(secret));
        }
    }

    #[test]
    fn objects_are_json_as_python_writes_it() {
        let value =
            Value::infer(json!({"b": 1, "a": null, "é": [1.0, "x\n\u{1}"], "o": {}, "l": []}));
        let text = r#"{"b": 1, "a": null, "é": [1.0, "x\n\u0001"], "o": {}, "l": []}"#;
        let lines = "{\n  \"b\": 1,\n  \"a\": null,\n  \"é\": [\n    1.0,\n    \"x\\n\\u0001\"\n  ],\n  \"o\": {},\n  \"l\": []\n}";
        check(&value, text, lines, lines);
        check(&Value::infer(json!({})), "{}", "{}", "{}");
    }

    #[test]
    fn lists_have_three_different_forms() {
        for (items, text, markdown, log) in [
            (json!([]), "", "", "[]"),
            (json!(["a", "é"]), r#"["a", "é"]"#, "- a\n- é", "['a', 'é']"),
            (json!([1, 2.5]), "[1, 2.5]", "- 1\n- 2.5", "[1, 2.5]"),
            (
                json!([true, false]),
                "[True, False]",
                "- True\n- False",
                "[True, False]",
            ),
            (
                json!([{"a": "x", "n": null}]),
                "[{'a': 'x', 'n': None}]",
                "- {'a': 'x', 'n': None}",
                "[{'a': 'x', 'n': None}]",
            ),
            (
                json!([1, "x", null]),
                "[1, 'x', None]",
                "- 1\n- x\n- None",
                "[1, 'x', None]",
            ),
        ] {
            check(&Value::infer(items), text, markdown, log);
        }
        let empty = Value::array(ArrayKind::String, vec![]);
        check(&empty, "", "", "[]");
    }

    #[test]
    fn files_show_only_in_markdown() {
        let (cat, text) = (
            file(FileType::Image, Some("cat.png")),
            file(FileType::Document, None),
        );
        let both = Value::Array(super::super::Array::of_files([&cat, &text]));
        let (picture, link) = (
            "![cat.png](https://files.test/x)",
            "[https://files.test/x](https://files.test/x)",
        );
        check(&both, "", &format!("{picture}\n{link}"), "");
        check(&Value::file(cat), "", picture, "");
        check(&Value::file(text), "", link, "");
    }
}
