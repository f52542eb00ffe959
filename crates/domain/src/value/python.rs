//! Python's own text forms: what `repr` and `str` make of a value. Files on disk and people's prompts depend on them.

use std::fmt::Write as _;

use serde_json::{Number, Value as Json};

/// `repr(value)`.
#[must_use]
pub fn repr(value: &Json) -> String {
    let mut out = String::new();
    write_repr(&mut out, value);
    out
}

/// `str(value)`: as [`repr`], except that a text is itself.
#[must_use]
pub fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| repr(value), str::to_owned)
}

/// `repr` of a float: the shortest digits that read back, with an exponent below 1e-4 and from 1e16 on.
#[must_use]
pub fn float(number: f64) -> String {
    if number.is_nan() {
        return "nan".into();
    }
    if number.is_infinite() {
        return if number > 0.0 {
            "inf".into()
        } else {
            "-inf".into()
        };
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.unsigned_abs());
    }
    let plain = format!("{number}");
    if plain.contains('.') {
        plain
    } else {
        plain + ".0"
    }
}

pub(super) fn write_number(out: &mut String, number: &Number) {
    match (number.as_i64(), number.as_u64()) {
        (Some(integer), _) => write!(out, "{integer}"),
        (None, Some(integer)) => write!(out, "{integer}"),
        (None, None) => out.write_str(&float(number.as_f64().unwrap_or(f64::NAN))),
    }
    .expect("writing to a text cannot fail");
}

pub(super) fn write_repr(out: &mut String, value: &Json) {
    match value {
        Json::Null => out.push_str("None"),
        Json::Bool(true) => out.push_str("True"),
        Json::Bool(false) => out.push_str("False"),
        Json::Number(number) => write_number(out, number),
        Json::String(text) => write_str(out, text),
        Json::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_repr(out, item);
            }
            out.push(']');
        }
        Json::Object(map) => {
            out.push('{');
            for (index, (key, item)) in map.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_str(out, key);
                out.push_str(": ");
                write_repr(out, item);
            }
            out.push('}');
        }
    }
}

/// `repr` of a text.
fn write_str(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter == quote => {
                out.push('\\');
                out.push(letter);
            }
            letter if is_printable(letter) => out.push(letter),
            letter => write_escape(out, letter),
        }
    }
    out.push(quote);
}

fn write_escape(out: &mut String, letter: char) {
    let code = u32::from(letter);
    match code {
        0..=0xff => write!(out, "\\x{code:02x}"),
        0x100..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    }
    .expect("writing to a text cannot fail");
}

/// Python's `isprintable`: no control, format, surrogate, private, unassigned or separator character but the space.
fn is_printable(letter: char) -> bool {
    if letter.is_ascii() {
        return !letter.is_ascii_control();
    }
    if letter.is_alphanumeric() {
        return true;
    }
    // The standard library knows the same categories; behind another letter it does not escape combining marks.
    let mut buffer = [b'a', 0, 0, 0, 0];
    let length = letter.encode_utf8(&mut buffer[1..]).len();
    let shown = std::str::from_utf8(&buffer[..=length]).unwrap_or_default();
    shown.escape_debug().count() == 2
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{float, repr};

    #[test]
    fn floats_read_as_python_writes_them() {
        for (number, expected) in [
            (2.0, "2.0"),
            (0.1, "0.1"),
            (-0.0, "-0.0"),
            (0.0, "0.0"),
            (1e21, "1e+21"),
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (123_456_789.123, "123456789.123"),
            (1.5e-7, "1.5e-07"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (1.797_693_134_862_315_7e308, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(float(number), expected);
        }
    }

    #[test]
    fn texts_are_quoted_and_escaped_as_python_does() {
        for (value, expected) in [
            (json!("plain"), "'plain'"),
            (json!("it's"), "\"it's\""),
            (json!("it's \"so\""), "'it\\'s \"so\"'"),
            (json!("a\\b\n\t\r"), "'a\\\\b\\n\\t\\r'"),
            (
                json!("\u{0}\u{7f}\u{80}\u{a0}\u{ad}"),
                "'\\x00\\x7f\\x80\\xa0\\xad'",
            ),
            (json!("é 中文 🙂 e\u{301}"), "'é 中文 🙂 e\u{301}'"),
            (json!("\u{200b}\u{2028}\u{e000}"), "'\\u200b\\u2028\\ue000'"),
            (
                json!({"k": [1, 2.5, null, true], "o": {}}),
                "{'k': [1, 2.5, None, True], 'o': {}}",
            ),
        ] {
            assert_eq!(repr(&value), expected);
        }
    }
}
