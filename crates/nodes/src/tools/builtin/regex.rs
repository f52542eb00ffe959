//! `regex`: everything in a text that an expression matches, as Python's `re.findall` tells it.

use fancy_regex::{Captures, RegexBuilder};

use latchkey_domain::time::Timestamp;
use latchkey_domain::value::python_repr;
use serde_json::Value as Json;

use super::{Arguments, text};
use crate::host::ToolError;

/// How many steps back one match may take: looking around can cost more than the text is long.
const BACKTRACKS: usize = 1_000_000;
/// How much a compiled expression may hold, in bytes.
const SIZE: usize = 10 << 20;
/// How many matches are told.
const MATCHES: usize = 100_000;

pub(super) fn extract(arguments: &Arguments, _: Timestamp) -> Result<String, ToolError> {
    let (content, expression) = (text(arguments, "content"), text(arguments, "expression"));
    let failed = |cause: fancy_regex::Error| {
        ToolError::Invoke(format!("Failed to extract result, error: {cause}"))
    };
    let regex = RegexBuilder::new(expression)
        .backtrack_limit(BACKTRACKS)
        .delegate_size_limit(SIZE)
        .build()
        .map_err(failed)?;
    let mut found = Vec::new();
    for captures in regex.captures_iter(content).take(MATCHES) {
        found.push(shown(&captures.map_err(failed)?));
    }
    Ok(format!("[{}]", found.join(", ")))
}

/// The whole match, the only group, or the tuple of all groups.
fn shown(captures: &Captures<'_>) -> String {
    let group = |at: usize| {
        let text = captures.get(at).map_or("", |group| group.as_str());
        python_repr(&Json::from(text))
    };
    match captures.len() {
        1 => group(0),
        2 => group(1),
        count => {
            let groups: Vec<String> = (1..count).map(group).collect();
            format!("({})", groups.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use latchkey_domain::time::Timestamp;

    use super::extract;

    fn found(content: &str, expression: &str) -> Result<String, String> {
        let arguments = json!({"content": content, "expression": expression});
        let told = extract(arguments.as_object().unwrap(), Timestamp::default());
        told.map_err(|cause| cause.to_string())
    }

    #[test]
    fn matches_are_told_as_python_does() {
        for (content, expression, told) in [
            ("a1 b22", r"\d+", "['1', '22']"),
            ("a=1, b=2", r"(\w)=(\d)", "[('a', '1'), ('b', '2')]"),
            ("it's", r"\w+'s", "[\"it's\"]"),
            ("price: 5 EUR", r"(?<=price: )\d+", "['5']"),
            ("x", r"(y)?x", "['']"),
            ("nothing", r"\d", "[]"),
        ] {
            assert_eq!(found(content, expression).as_deref(), Ok(told));
        }
    }

    #[test]
    fn hostile_expressions_end() {
        let text = format!("{}!", "a".repeat(200));
        let told = found(&text, r"(?=(a+)+b)\1").unwrap_err();
        assert!(told.starts_with("Failed to extract result"), "{told}");
        assert!(found("a", "(").is_err());
        assert!(found("a", r"(\w{1000}){1000}").is_err());
    }
}
