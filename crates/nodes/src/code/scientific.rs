//! Texts that look like numbers with an exponent become numbers (Dify DSL, code): its sandbox always did that.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Number, Value as Json};

static SCIENTIFIC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^-?[0-9]+\.?[0-9]*[eE][+-][0-9]+$").expect("the pattern is constant")
});

/// The same with floats in place of such texts, at any depth.
pub(super) fn numbers_of(map: Map<String, Json>) -> Map<String, Json> {
    let each = map
        .into_iter()
        .map(|(name, value)| (name, number_of(value)));
    each.collect()
}

fn number_of(value: Json) -> Json {
    match value {
        Json::String(text) if SCIENTIFIC.is_match(&text) => {
            // What is too large for a float stays a text.
            let number = text.parse().ok().and_then(Number::from_f64);
            number.map_or(Json::String(text), Json::Number)
        }
        Json::Array(items) => items.into_iter().map(number_of).collect(),
        Json::Object(map) => Json::Object(numbers_of(map)),
        other @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_)) => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::number_of;

    #[test]
    fn only_an_exponent_with_its_sign_counts() {
        for (text, number) in [
            (json!("1e+5"), json!(100_000.0)),
            (json!("-2.5E-3"), json!(-0.0025)),
            (json!("1.e+1"), json!(10.0)),
            (json!(["2e+2", {"k": "1e-3"}]), json!([200.0, {"k": 0.001}])),
        ] {
            assert_eq!(number_of(text), number);
        }
        for text in [
            "1e5", "e+5", "1e+", " 1e+5", "1e+5 ", "+1e+5", "1e+5x", "1e+999", "100",
        ] {
            assert_eq!(number_of(json!(text)), json!(text));
        }
    }
}
