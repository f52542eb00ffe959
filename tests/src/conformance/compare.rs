//! Comparing what was seen with what a case expects.

use serde_json::{Map, Value as Json, json};

use latchkey_domain::event::RunEvent;

use super::Outcome;
use super::case::{Case, Dsl};
use super::text::Stated;

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

    /// Something that the case does not have.
    pub(super) fn unexpected(path: String, actual: &Json) -> Self {
        Self {
            path,
            expected: Json::Null,
            actual: actual.clone(),
        }
    }

    /// A case that needs node types which do not exist yet.
    pub(super) fn not_built(types: &[String]) -> Self {
        Self {
            path: "/".to_owned(),
            expected: Json::Null,
            actual: json!(format!("not built: {}", types.join(", "))),
        }
    }

    /// The first event that the journal shows otherwise.
    pub(super) fn of_replay(live: &[RunEvent], replayed: &[RunEvent]) -> Option<Self> {
        let shown =
            |events: &[RunEvent], at: usize| json!(events.get(at).map(|it| format!("{it:?}")));
        let at =
            (0..live.len().max(replayed.len())).find(|at| live.get(*at) != replayed.get(*at))?;
        Some(Self {
            path: format!("/replay/{at}"),
            expected: shown(live, at),
            actual: shown(replayed, at),
        })
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
const MUST: [&str; 8] = [
    "outputs",
    "answer",
    "stream",
    "skipped",
    "conversation_after",
    "requests",
    "tools",
    "tokens",
];

/// What an entry of a node tells whenever there is any: absent means none. Outputs that are absent are not compared.
const TOLD: [&str; 5] = ["handle", "retries", "error_type", "executions", "statuses"];

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
fn own_texts(case: &Case) -> Vec<String> {
    let mut own = Vec::new();
    for key in ["models", "http", "human"] {
        if let Some(replies) = case.get(key) {
            add_texts(replies, &mut own);
        }
    }
    let tree = match case.dsl() {
        Ok(Dsl::Tree(tree)) => tree,
        Ok(Dsl::Text(text)) => serde_yaml::from_str(&text).unwrap_or_default(),
        Err(_) => Json::Null,
    };
    let nodes = tree.pointer("/workflow/graph/nodes");
    let nodes = nodes.and_then(Json::as_array).into_iter().flatten();
    let code = nodes.filter_map(|node| node.pointer("/data/code")?.as_str());
    own.extend(code.map(str::to_owned));
    own
}

fn add_texts(value: &Json, own: &mut Vec<String>) {
    match value {
        Json::String(text) => own.push(text.clone()),
        Json::Array(items) => items.iter().for_each(|item| add_texts(item, own)),
        Json::Object(map) => map.values().for_each(|item| add_texts(item, own)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

struct Judge {
    own_texts: Vec<String>,
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
                // A run of which everything is told, and no stream, streamed nothing; so with requests.
                "stream" if expect.contains_key("nodes") => Some(json!("")),
                "requests" | "tools" if expect.contains_key("nodes") && seen.get(key).is_some() => {
                    Some(json!([]))
                }
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
                    matches!(key, "requests" | "tools"),
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
        if !omitted.contains(&"prompts") {
            self.prompts(expect, seen);
        }
        if let Some(Json::Object(nodes)) = expect.get("nodes") {
            self.nodes(nodes, &seen["nodes"]);
        }
    }

    /// Every call of every `llm` node is told; a run of which the nodes are told, and no prompts, asked no model.
    fn prompts(&mut self, expect: &Map<String, Json>, seen: &Json) {
        let expected = match expect.get("prompts") {
            Some(prompts) => prompts.as_object().cloned().unwrap_or_default(),
            None if expect.contains_key("nodes") => Map::new(),
            None => return,
        };
        let seen = seen["prompts"].as_object().cloned().unwrap_or_default();
        for (node, calls) in &expected {
            let path = format!("/prompts/{node}");
            compare_unordered(&path, calls, seen.get(node), true, &mut self.must);
        }
        let unlisted = seen
            .iter()
            .filter(|(node, _)| !expected.contains_key(*node));
        for (node, calls) in unlisted {
            self.must
                .push(Difference::unexpected(format!("/prompts/{node}"), calls));
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
                self.must
                    .push(Difference::unexpected(format!("/nodes/{id}"), actual));
            }
        }
    }

    fn node(&mut self, path: &str, entry: &Map<String, Json>, actual: &Json) {
        for key in TOLD {
            if let (None, Some(actual)) = (entry.get(key), actual.get(key)) {
                self.must
                    .push(Difference::unexpected(format!("{path}/{key}"), actual));
            }
        }
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
        if self.own_texts.iter().any(|text| text.contains(wanted)) {
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
    if let Some(stated) = Stated::of(expected) {
        if !stated.holds(actual) {
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
                found.push(Difference::unexpected(format!("{path}/{key}"), value));
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::path::PathBuf;

    use serde_json::{Map, Value as Json, json};

    use super::super::Outcome;
    use super::super::case::Case;
    use super::judge;

    /// The paths of what must and of what should be otherwise.
    fn judged(case: Json, seen: Json) -> (Vec<String>, Vec<String>) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(case.to_string().as_bytes()).unwrap();
        let case = Case::read(file.path()).unwrap();
        let mut outcome = Outcome {
            file: PathBuf::new(),
            name: String::new(),
            diff: Vec::new(),
            warnings: Vec::new(),
            unbuilt: Vec::new(),
            seen: None,
            millis: 0,
        };
        let seen: Map<String, Json> = seen.as_object().unwrap().clone();
        judge(&case, &seen, &mut outcome);
        let paths = |found: Vec<super::Difference>| found.into_iter().map(|it| it.path).collect();
        (paths(outcome.diff), paths(outcome.warnings))
    }

    #[test]
    fn what_a_node_has_beside_its_entry_is_a_difference() {
        let case = json!({"expect": {"status": "failed", "nodes": {"a": {"status": "failed"}}}});
        let node = json!({"status": "failed", "retries": 1, "handle": "h", "error_type": "E", "outputs": {}});
        let seen = json!({"status": "failed", "stream": "", "skipped": [], "nodes": {"a": node}});
        let (must, _) = judged(case, seen);
        assert_eq!(
            must,
            ["/nodes/a/handle", "/nodes/a/retries", "/nodes/a/error_type"]
        );
    }

    #[test]
    fn a_call_of_a_node_that_is_not_listed_is_a_difference() {
        for prompts in [json!(null), json!({}), json!({"b": [["x"]]})] {
            let case = json!({"expect": {"status": "succeeded", "nodes": {}, "prompts": prompts}});
            let seen = json!({
                "status": "succeeded", "stream": "", "skipped": [], "nodes": {},
                "prompts": {"a": [["x"]], "b": [["x"]]},
            });
            let (must, _) = judged(case, seen);
            assert!(must.contains(&"/prompts/a".to_owned()), "{prompts}");
        }
    }

    #[test]
    fn a_text_of_the_case_is_recognised_in_its_plain_form() {
        let said = "no \"quota\"\nleft: é";
        let case = |models: Json| json!({"models": models, "dsl": {}, "expect": {"status": "failed", "error_contains": said}});
        let seen = || json!({"status": "failed", "error": "something else"});
        let own = json!([{"error": {"type": "rate_limit", "message": said}}]);
        assert_eq!(judged(case(own), seen()).0, ["/error"]);
        assert_eq!(judged(case(json!([])), seen()).1, ["/error"]);
    }
}
