//! Writing a tree as YAML that PyYAML reads as the same tree.

use serde_json::Value as Json;

use super::scalar::{self, Scalar};

/// A key that is written with more bytes needs a question mark: parsers look no further than 1,024 characters for its colon.
const MAX_SIMPLE_KEY: usize = 1_000;

/// The tree as a YAML document, key order kept.
pub(super) fn yaml(tree: &Json) -> String {
    let mut text = String::new();
    match tree {
        Json::Object(map) if !map.is_empty() => block(tree, 0, &mut text),
        Json::Array(items) if !items.is_empty() => block(tree, 0, &mut text),
        Json::Object(_)
        | Json::Array(_)
        | Json::Null
        | Json::Bool(_)
        | Json::Number(_)
        | Json::String(_) => {
            inline(tree, 0, &mut text);
            text.push('\n');
        }
    }
    text
}

fn block(value: &Json, indent: usize, text: &mut String) {
    match value {
        Json::Object(map) => {
            for (number, (key, value)) in map.iter().enumerate() {
                if number > 0 {
                    pad(indent, text);
                }
                let begin = text.len();
                scalar_text(key, text);
                if text.len() - begin > MAX_SIMPLE_KEY {
                    text.insert_str(begin, "? ");
                    text.push('\n');
                    pad(indent, text);
                }
                text.push(':');
                entry(value, indent, text);
            }
        }
        Json::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    pad(indent, text);
                }
                text.push('-');
                match item {
                    Json::Object(map) if !map.is_empty() => {
                        text.push(' ');
                        block(item, indent + 2, text);
                    }
                    Json::Object(_)
                    | Json::Array(_)
                    | Json::Null
                    | Json::Bool(_)
                    | Json::Number(_)
                    | Json::String(_) => entry(item, indent, text),
                }
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
            inline(value, indent, text)
        }
    }
}

/// What follows a `key:` or a `-`.
fn entry(value: &Json, indent: usize, text: &mut String) {
    let nested = match value {
        Json::Object(map) => !map.is_empty(),
        Json::Array(items) => !items.is_empty(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    };
    if nested {
        text.push('\n');
        pad(indent + 2, text);
        block(value, indent + 2, text);
    } else {
        text.push(' ');
        inline(value, indent, text);
        text.push('\n');
    }
}

fn inline(value: &Json, indent: usize, text: &mut String) {
    match value {
        Json::Null => text.push_str("null"),
        Json::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Json::Number(number) => text.push_str(&number_text(number)),
        Json::String(string) if is_literal(string) => literal(string, indent + 2, text),
        Json::String(string) => scalar_text(string, text),
        Json::Array(_) => text.push_str("[]"),
        Json::Object(_) => text.push_str("{}"),
    }
}

/// A float that YAML 1.1 reads as one: `1e-7` needs a dot and a sign.
fn number_text(number: &serde_json::Number) -> String {
    let text = number.to_string();
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text;
    };
    let dot = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) {
        ""
    } else {
        "+"
    };
    format!("{mantissa}{dot}e{sign}{exponent}")
}

fn pad(indent: usize, text: &mut String) {
    text.extend(std::iter::repeat_n(' ', indent));
}

/// Whether a text of several lines can stand as a literal block.
fn is_literal(string: &str) -> bool {
    string.contains('\n')
        && !string.starts_with([' ', '\n', '\t'])
        && string
            .chars()
            .all(|c| c == '\n' || c == '\t' || is_printable(c))
        && string.split('\n').all(|line| !line.ends_with([' ', '\t']))
}

fn literal(string: &str, indent: usize, text: &mut String) {
    let body = string.trim_end_matches('\n');
    let breaks = string.len() - body.len();
    text.push_str(match breaks {
        0 => "|-",
        1 => "|",
        _ => "|+",
    });
    for line in body.split('\n') {
        text.push('\n');
        if !line.is_empty() {
            pad(indent, text);
            text.push_str(line);
        }
    }
    text.extend(std::iter::repeat_n('\n', breaks.saturating_sub(1)));
}

fn scalar_text(string: &str, text: &mut String) {
    if is_plain(string) {
        text.push_str(string);
    } else if string.chars().all(is_printable) {
        text.push('\'');
        text.push_str(&string.replace('\'', "''"));
        text.push('\'');
    } else {
        double_quoted(string, text);
    }
}

fn is_plain(string: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ' ');
    string.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        && string.chars().all(|c| word(c) && is_printable(c))
        && !string.ends_with(' ')
        && scalar::plain(string) == Scalar::Text
        && !string.starts_with(|c: char| c.is_ascii_digit())
}

fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
}

fn double_quoted(string: &str, text: &mut String) {
    text.push('"');
    for c in string.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            c if is_printable(c) => text.push(c),
            c if u32::from(c) <= 0xff => text.push_str(&format!("\\x{:02X}", u32::from(c))),
            c if u32::from(c) <= 0xffff => text.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => text.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::read::read;
    use super::yaml;

    #[test]
    fn what_is_written_reads_back_the_same() {
        for tree in [
            json!({"a": 1, "b": [1, 2.0, -0.5, 1e-7, 1e300], "c": {"d": null, "e": true}, "f": {}, "g": []}),
            json!({"texts": ["yes", "017", "12:30", "1_000", "~", "", " x", "x ", "- a", "a: b", "a #b", "#", "'", "\"", "1e5", ".5", "2024-01-01", "{{#a.b#}}", "<<", "=", "@x", "%x", "!x", "&x", "*x", "|", ">", "?", "null", "0.6.0"]}),
            json!({"lines": ["a\nb", "a\nb\n", "a\n\n", "\na", " a\nb", "a \nb", "a\n  b\n\nc", "tab\there\nb", "cr\r\nb", "\u{7}", "\u{feff}x", "\u{85}", "\u{2028}", "é\n🔑", "🔑"]}),
            json!([[1, [2, {"x": [{"y": "a\nb"}, []]}]], {"k": [{}]}]),
            json!({"k".repeat(5000): {"\u{7}".repeat(900): [1], "\'".repeat(600): {}}, "é".repeat(1000): null}),
            json!([{"k".repeat(5000): 1, "b": 2}]),
            json!({"yes": 1, "a: b": 2, "": 3, "line\nbreak": 4}),
            json!("text"),
        ] {
            let text = yaml(&tree);
            assert_eq!(read(&text).unwrap().root, tree, "{text}");
        }
    }
}
