//! Comparing what was seen with what a case expects.

use serde_json::{Map, Value as Json, json};

use super::Outcome;
use super::case::Case;

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Where, such as `/nodes/llm/outputs/text`.
    pub path: String,
    /// What the case says.
    pub expected: Json,
    /// What was seen; null when nothing was.
    pub actual: Json,
}

impl Difference {
    /// A case that could not be judged.
    pub(super) fn broken(cause: &anyhow::Error) -> Self {
        Self {
            path: "/".to_owned(),
            expected: Json::Null,
            actual: json!(format!("{cause:#}")),
        }
    }

    /// The form of the runner's JSON output.
    #[must_use]
    pub fn to_json(&self) -> Json {
        json!({"path": self.path, "expected": self.expected, "actual": self.actual})
    }
}

/// What should be as expected; a difference is a warning.
const SHOULD: [&str; 5] = [
    "reasoning",
    "model_settings",
    "steps",
    "exceptions",
    "error_contains",
];
/// What must be as expected.
const MUST: [&str; 7] = [
    "outputs",
    "answer",
    "stream",
    "skipped",
    "conversation_after",
    "requests",
    "tokens",
];

/// Adds everything that differs to the outcome.
pub(super) fn judge(case: &Case, seen: &Map<String, Json>, outcome: &mut Outcome) {
    let mut seen = Json::Object(seen.clone());
    let omitted: Vec<&str> = case.list("omit").iter().filter_map(Json::as_str).collect();
    for path in &omitted {
        let path: Vec<&str> = path.split('/').collect();
        remove(&mut seen, &path);
    }
    let mut judge = Judge {
        own_texts: own_texts(case),
        must: Vec::new(),
        should: Vec::new(),
    };
    let expect = case.map("expect");
    judge.all(&expect, &seen, &omitted);
    outcome.diff.append(&mut judge.must);
    outcome.warnings.append(&mut judge.should);
}

fn remove(tree: &mut Json, path: &[&str]) {
    match (tree.as_object_mut(), path) {
        (Some(map), [last]) => {
            map.shift_remove(*last);
        }
        (Some(map), [first, rest @ ..]) => {
            if let Some(inner) = map.get_mut(*first) {
                remove(inner, rest);
            }
        }
        (_, _) => {}
    }
}

/// The texts that the case itself brings: an error text among them must be shown, others may be worded differently.
fn own_texts(case: &Case) -> String {
    let replies = ["models", "http"].map(|key| Json::Array(case.list(key).to_vec()).to_string());
    let nodes = case
        .get("dsl")
        .and_then(|dsl| dsl.pointer("/workflow/graph/nodes"));
    let nodes = nodes.and_then(Json::as_array).into_iter().flatten();
    let code = nodes.filter_map(|node| node.pointer("/data/code")?.as_str());
    replies
        .iter()
        .map(String::as_str)
        .chain(code)
        .collect::<Vec<_>>()
        .join("\n")
}

struct Judge {
    own_texts: String,
    must: Vec<Difference>,
    should: Vec<Difference>,
}

impl Judge {
    fn all(&mut self, expect: &Map<String, Json>, seen: &Json, omitted: &[&str]) {
        compare(
            "/status",
            &expect["status"],
            seen.get("status"),
            &mut self.must,
        );
        for key in MUST {
            let unsaid = match key {
                // A run of which everything is told, and no stream, streamed nothing.
                "stream" if expect.contains_key("nodes") => Some(json!("")),
                "skipped" if expect.contains_key("nodes") => Some(json!([])),
                _ => None,
            };
            let expected = expect.get(key).cloned().or(unsaid);
            if let Some(expected) = expected.filter(|_| !omitted.contains(&key)) {
                let path = format!("/{key}");
                compare_unordered(
                    &path,
                    &expected,
                    seen.get(key),
                    key == "requests",
                    &mut self.must,
                );
            }
        }
        for key in SHOULD {
            if let Some(expected) = expect.get(key) {
                if key == "error_contains" {
                    self.error("/error", expected, &seen["error"]);
                } else {
                    compare(
                        &format!("/{key}"),
                        expected,
                        seen.get(key),
                        &mut self.should,
                    );
                }
            }
        }
        self.prompts(expect, seen);
        if let Some(Json::Object(nodes)) = expect.get("nodes") {
            self.nodes(nodes, &seen["nodes"]);
        }
    }

    fn prompts(&mut self, expect: &Map<String, Json>, seen: &Json) {
        if let Some(Json::Object(prompts)) = expect.get("prompts") {
            for (node, calls) in prompts {
                let actual = seen.pointer(&format!("/prompts/{node}"));
                let path = format!("/prompts/{node}");
                compare_unordered(&path, calls, actual, true, &mut self.must);
            }
        }
    }

    fn nodes(&mut self, expected: &Map<String, Json>, seen: &Json) {
        for (id, entry) in expected {
            let path = format!("/nodes/{id}");
            match (seen.get(id), entry) {
                (Some(actual), Json::Object(entry)) => self.node(&path, entry, actual),
                (actual, entry) => compare(&path, entry, actual, &mut self.must),
            }
        }
        for (id, actual) in seen.as_object().into_iter().flatten() {
            if !expected.contains_key(id) {
                self.must.push(Difference {
                    path: format!("/nodes/{id}"),
                    expected: Json::Null,
                    actual: actual.clone(),
                });
            }
        }
    }

    fn node(&mut self, path: &str, entry: &Map<String, Json>, actual: &Json) {
        for (key, expected) in entry {
            let path = format!("{path}/{key}");
            match key.as_str() {
                "error_contains" => self.error(&path, expected, &actual["error"]),
                "outputs" if entry.get("status") == Some(&json!("exception")) => {
                    let (mut wanted, mut found) = (expected.clone(), actual["outputs"].clone());
                    let message = ["error_message"];
                    let texts = [&wanted, &found].map(|it| it["error_message"].clone());
                    remove(&mut wanted, &message);
                    remove(&mut found, &message);
                    compare(&path, &wanted, Some(&found), &mut self.must);
                    let wanted = texts[0].get("$contains").unwrap_or(&texts[0]);
                    if !wanted.is_null() {
                        self.error(&format!("{path}/error_message"), wanted, &texts[1]);
                    }
                }
                _ => compare(&path, expected, actual.get(key), &mut self.must),
            }
        }
    }

    /// A text of a failure: own wordings are fine unless the text is the case's own.
    fn error(&mut self, path: &str, expected: &Json, actual: &Json) {
        let wanted = expected.as_str().unwrap_or_default();
        if actual.as_str().unwrap_or_default().contains(wanted) {
            return;
        }
        let found = Difference {
            path: path.to_owned(),
            expected: expected.clone(),
            actual: actual.clone(),
        };
        if self.own_texts.contains(wanted) {
            self.must.push(found);
        } else {
            self.should.push(found);
        }
    }
}

fn compare_unordered(
    path: &str,
    expected: &Json,
    actual: Option<&Json>,
    unordered: bool,
    found: &mut Vec<Difference>,
) {
    let (Json::Array(wanted), Some(Json::Array(seen)), true) = (expected, actual, unordered) else {
        return compare(path, expected, actual, found);
    };
    let mut left: Vec<&Json> = seen.iter().collect();
    let mut missing = Vec::new();
    for one in wanted {
        let fits = |actual: &&Json| {
            let mut differences = Vec::new();
            compare("", one, Some(actual), &mut differences);
            differences.is_empty()
        };
        match left.iter().position(fits) {
            Some(at) => {
                left.remove(at);
            }
            None => missing.push(one),
        }
    }
    // What is left over is told against what is missing, so that one changed call shows as one difference.
    for at in 0..missing.len().max(left.len()) {
        let wanted = missing.get(at).copied().unwrap_or(&Json::Null);
        compare(
            &format!("{path}/{at}"),
            wanted,
            left.get(at).copied(),
            found,
        );
    }
}

fn compare(path: &str, expected: &Json, actual: Option<&Json>, found: &mut Vec<Difference>) {
    let differs = |found: &mut Vec<Difference>| {
        found.push(Difference {
            path: path.to_owned(),
            expected: expected.clone(),
            actual: actual.cloned().unwrap_or(Json::Null),
        });
    };
    let Some(actual) = actual else {
        return differs(found);
    };
    if let Some(part) = contains(expected) {
        if !actual.as_str().is_some_and(|text| text.contains(part)) {
            differs(found);
        }
        return;
    }
    match (expected, actual) {
        (Json::Object(wanted), Json::Object(seen)) => {
            for (key, value) in wanted {
                compare(&format!("{path}/{key}"), value, seen.get(key), found);
            }
            for (key, value) in seen.iter().filter(|(key, _)| !wanted.contains_key(*key)) {
                found.push(Difference {
                    path: format!("{path}/{key}"),
                    expected: Json::Null,
                    actual: value.clone(),
                });
            }
        }
        (Json::Array(wanted), Json::Array(seen)) if wanted.len() == seen.len() => {
            for (at, (value, actual)) in wanted.iter().zip(seen).enumerate() {
                compare(&format!("{path}/{at}"), value, Some(actual), found);
            }
        }
        (Json::Number(wanted), Json::Number(seen)) => {
            // An integer and a float are different, whatever their values.
            if wanted.is_f64() != seen.is_f64() || wanted.as_f64() != seen.as_f64() {
                differs(found);
            }
        }
        (wanted, seen) if wanted == seen => {}
        (_, _) => differs(found),
    }
}

fn contains(expected: &Json) -> Option<&str> {
    let map = expected.as_object().filter(|map| map.len() == 1)?;
    map.get("$contains")?.as_str()
}
