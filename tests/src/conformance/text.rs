//! Texts as cases state them: in full, by a part (`$contains`), or by a digest (`$sha256`) where the text is somebody else's.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

/// How much of a digest a case states, in hexadecimal digits.
const DIGITS: usize = 16;

/// What is stated of a value that does not stand in the case itself.
pub(super) enum Stated<'a> {
    /// A text has this part.
    Contains(&'a str),
    /// A text, or the JSON of a value with its keys in order, has this digest.
    Digest(&'a str),
}

impl<'a> Stated<'a> {
    pub(super) fn of(expected: &'a Json) -> Option<Self> {
        let map = expected.as_object().filter(|map| map.len() == 1)?;
        let (word, text) = map.iter().next()?;
        match word.as_str() {
            "$contains" => text.as_str().map(Self::Contains),
            "$sha256" => text.as_str().map(Self::Digest),
            _ => None,
        }
    }

    pub(super) fn holds(&self, actual: &Json) -> bool {
        match self {
            Self::Contains(part) => actual.as_str().is_some_and(|text| text.contains(part)),
            Self::Digest(digest) => digest_of(actual) == *digest,
        }
    }
}

/// Whether a text is the expected one.
pub(super) fn fits(expected: &Json, text: &str) -> bool {
    match Stated::of(expected) {
        Some(stated) => stated.holds(&Json::from(text)),
        None => expected.as_str() == Some(text),
    }
}

/// The digest by which a case states a value.
pub(super) fn digest_of(value: &Json) -> String {
    let text = match value {
        Json::String(text) => text.clone(),
        other @ (Json::Null
        | Json::Bool(_)
        | Json::Number(_)
        | Json::Array(_)
        | Json::Object(_)) => ordered(other).to_string(),
    };
    let mut digits = String::with_capacity(DIGITS);
    for byte in Sha256::digest(text.as_bytes()).iter().take(DIGITS / 2) {
        digits.push_str(&format!("{byte:02x}"));
    }
    digits
}

fn ordered(value: &Json) -> Json {
    match value {
        Json::Object(map) => {
            let sorted: BTreeMap<&String, Json> = map
                .iter()
                .map(|(key, value)| (key, ordered(value)))
                .collect();
            let pairs = sorted.into_iter();
            Json::Object(pairs.map(|(key, value)| (key.clone(), value)).collect())
        }
        Json::Array(items) => items.iter().map(ordered).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Stated, digest_of, fits};

    #[test]
    fn a_text_is_stated_in_full_by_a_part_or_by_its_digest() {
        let digest = json!({"$sha256": digest_of(&json!("héllo"))});
        for (stated, text, holds) in [
            (json!("héllo"), "héllo", true),
            (json!("hello"), "héllo", false),
            (json!({"$contains": "llo"}), "héllo", true),
            (digest.clone(), "héllo", true),
            (digest, "hello", false),
            (json!(5), "5", false),
        ] {
            assert_eq!(fits(&stated, text), holds, "{stated} {text}");
        }
    }

    #[test]
    fn the_digest_of_a_value_does_not_depend_on_the_order_of_its_keys() {
        let value = json!({"b": [1, {"d": 1, "c": 2}], "a": "x"});
        let other = json!({"a": "x", "b": [1, {"c": 2, "d": 1}]});
        assert_eq!(digest_of(&value), digest_of(&other));
        // What any other tool makes of the same: printf \'%s\' \'{"a":1}\' | sha256sum
        assert_eq!(digest_of(&json!({"a": 1})), "015abd7f5cc57a2d");
        assert!(Stated::of(&json!({"$sha256": "x", "more": 1})).is_none());
    }
}
