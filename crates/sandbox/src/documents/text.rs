//! Plain texts: which characters their bytes are, and files of keys and values.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

/// How much of a text its encoding is guessed from, in bytes.
const LOOKED_AT: usize = 1 << 20;

/// The text of bytes: by their mark, as UTF-8, or by what they look like. What is no character is left out.
pub(super) fn decoded(content: &[u8]) -> String {
    let (encoding, content) = match Encoding::for_bom(content) {
        Some((encoding, length)) => (encoding, &content[length..]),
        None if std::str::from_utf8(content).is_ok() => (UTF_8, content),
        None => (guessed(content), content),
    };
    let (text, had_errors) = encoding.decode_without_bom_handling(content);
    if had_errors {
        return text.replace('\u{fffd}', "");
    }
    text.into_owned()
}

fn guessed(content: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let looked_at = &content[..content.len().min(LOOKED_AT)];
    detector.feed(looked_at, true);
    detector.guess(None, Utf8Detection::Allow)
}

/// Keys and values as `key: value`; comments stay.
pub(super) fn properties(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(property).collect();
    lines.join("\n")
}

fn property(line: &str) -> String {
    let line = line.trim();
    if line.is_empty() || line.starts_with(['#', '!']) {
        return line.to_owned();
    }
    let pair = line.split_once('=').or_else(|| line.split_once(':'));
    let (key, value) = pair.unwrap_or((line, ""));
    format!("{}: {}", key.trim(), value.trim())
}
