//! The text forms of requests: lines of `key:value`, URL encoding, and parts of a form, as Dify's HTTP client writes them.

use std::collections::HashMap;
use std::fmt::Write as _;

/// The lines of a text as Python splits them.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let is_break = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'
                ..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    text.split(is_break)
}

/// The `key:value` pairs of a text, one in a line, trimmed; a line without a colon is a key. Blank lines are none.
pub(super) fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    lines(text)
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (key, value) = line.split_once(':').unwrap_or((line, ""));
            (key.trim(), value.trim())
        })
}

/// Pairs of which a later one takes the place of an earlier one with the same key.
pub(super) fn collapse<V>(pairs: impl IntoIterator<Item = (String, V)>) -> Vec<(String, V)> {
    let mut kept: Vec<(String, V)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (key, value) in pairs {
        match places.get(&key) {
            Some(place) => kept[*place].1 = value,
            None => {
                places.insert(key.clone(), kept.len());
                kept.push((key, value));
            }
        }
    }
    kept
}

/// Pairs with those of one key together, at the place of the first.
pub(super) fn group(pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut grouped: Vec<(String, Vec<String>)> = Vec::new();
    for (key, value) in pairs {
        match grouped.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => grouped.push((key, vec![value])),
        }
    }
    let each = |(key, values): (String, Vec<String>)| {
        values.into_iter().map(move |value| (key.clone(), value))
    };
    grouped.into_iter().flat_map(each).collect()
}

/// `key=value&…`, a space as a plus.
pub(super) fn url_encoded(pairs: &[(String, String)]) -> String {
    let mut text = String::new();
    for (at, (key, value)) in pairs.iter().enumerate() {
        if at > 0 {
            text.push('&');
        }
        quote(key, &mut text);
        text.push('=');
        quote(value, &mut text);
    }
    text
}

fn quote(plain: &str, text: &mut String) {
    for byte in plain.bytes() {
        match byte {
            b' ' => text.push('+'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                text.push(char::from(byte));
            }
            // Writing to a text cannot fail.
            _ => drop(write!(text, "%{byte:02X}")),
        }
    }
}

/// A file of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FilePart {
    pub(super) name: String,
    pub(super) filename: String,
    pub(super) mime_type: String,
    pub(super) content: bytes::Bytes,
}

/// The body of a form: its fields, then its files.
pub(super) fn multipart(
    boundary: &str,
    fields: &[(String, String)],
    files: &[FilePart],
) -> Vec<u8> {
    let mut body = Vec::new();
    let mut part = |head: &str, content: &[u8]| {
        body.extend_from_slice(format!("--{boundary}\r\n{head}\r\n\r\n").as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    };
    for (name, value) in fields {
        part(&disposition(name, ""), value.as_bytes());
    }
    for file in files {
        let mime_type = if file
            .mime_type
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~'))
        {
            &file.mime_type
        } else {
            "application/octet-stream"
        };
        let disposition = disposition(&file.name, &file.filename);
        let head = format!("{disposition}\r\nContent-Type: {mime_type}");
        part(&head, &file.content);
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body
}

fn disposition(name: &str, filename: &str) -> String {
    let mut head = format!("Content-Disposition: form-data; name=\"{}\"", escaped(name));
    if !filename.is_empty() {
        head += &format!("; filename=\"{}\"", escaped(filename));
    }
    head
}

/// A parameter's value, in which no quote and no line break can end it.
fn escaped(plain: &str) -> String {
    let mut text = String::new();
    for sign in plain.chars() {
        match sign {
            '"' => text.push_str("%22"),
            '\\' => text.push_str("\\\\"),
            '\0'..='\u{1f}' => drop(write!(text, "%{:02X}", u32::from(sign))),
            sign => text.push(sign),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{FilePart, group, multipart, pairs, url_encoded};

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let pairs = pairs.iter();
        pairs
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn lines_end_where_python_ends_them() {
        let text = "a: 1\r\n b :2:3 \n\n flag\u{2028}c:4\u{b}:no key";
        let found: Vec<_> = pairs(text).collect();
        let all = [
            ("a", "1"),
            ("b", "2:3"),
            ("flag", ""),
            ("c", "4"),
            ("", "no key"),
        ];
        assert_eq!(found, all);
    }

    #[test]
    fn parameters_of_one_name_stand_together() {
        let grouped = group(owned(&[("a", "1"), ("b", "2"), ("a", "x y~*é")]));
        assert_eq!(url_encoded(&grouped), "a=1&a=x+y~%2A%C3%A9&b=2");
    }

    #[test]
    fn a_part_cannot_be_left_by_its_name() {
        let file = FilePart {
            name: "f\"\r\nX: 1".to_owned(),
            filename: "a\\\"b\n.txt".to_owned(),
            mime_type: "text/plain\r\nX: 1".to_owned(),
            content: "data".into(),
        };
        let body = multipart("B", &owned(&[("k\r\n", "v")]), &[file]);
        let expected = "--B\r\nContent-Disposition: form-data; name=\"k%0D%0A\"\r\n\r\nv\r\n\
            --B\r\nContent-Disposition: form-data; name=\"f%22%0D%0AX: 1\"; filename=\"a\\\\%22b%0A.txt\"\r\n\
            Content-Type: application/octet-stream\r\n\r\ndata\r\n--B--\r\n";
        assert_eq!(String::from_utf8(body).unwrap(), expected);
    }
}
