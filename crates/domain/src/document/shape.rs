//! What the data of a node must have before its type is looked at: fields without which Dify refuses the file.

use serde_json::{Map, Value as Json};

use super::GraphNode;
use super::problem::Problem;

/// What a required field must be.
#[derive(Clone, Copy)]
enum Kind {
    List,
    Mapping,
    Text,
    Present,
}

/// Required fields by node type (Dify DSL reference, part 4).
const REQUIRED: &[(&str, &[(&str, Kind)])] = &[
    (
        "code",
        &[
            ("variables", Kind::List),
            ("code", Kind::Text),
            ("code_language", Kind::Text),
            ("outputs", Kind::Mapping),
        ],
    ),
    (
        "llm",
        &[
            ("model", Kind::Mapping),
            ("prompt_template", Kind::Present),
            ("context", Kind::Mapping),
        ],
    ),
    (
        "iteration",
        &[
            ("iterator_selector", Kind::List),
            ("output_selector", Kind::List),
        ],
    ),
    (
        "loop",
        &[
            ("loop_count", Kind::Present),
            ("break_conditions", Kind::List),
        ],
    ),
    (
        "template-transform",
        &[("template", Kind::Text), ("variables", Kind::List)],
    ),
    ("answer", &[("answer", Kind::Text)]),
    (
        "question-classifier",
        &[("model", Kind::Mapping), ("classes", Kind::List)],
    ),
    (
        "parameter-extractor",
        &[("model", Kind::Mapping), ("parameters", Kind::List)],
    ),
    ("variable-aggregator", &[("variables", Kind::List)]),
    ("tool", &[("tool_name", Kind::Text)]),
    (
        "http-request",
        &[("method", Kind::Text), ("url", Kind::Text)],
    ),
];

/// What is missing in one node.
pub(super) fn check(node: &GraphNode, problems: &mut Vec<Problem>) {
    let Some((_, fields)) = REQUIRED
        .iter()
        .find(|(node_type, _)| *node_type == node.node_type)
    else {
        return;
    };
    for (field, kind) in *fields {
        if let Some(message) = missing(&node.data, field, *kind) {
            let message = format!("{message} (a {} node)", node.node_type);
            let problem = Problem::error("node_invalid", message)
                .at_node(&node.id)
                .in_field(format!("data.{field}"));
            problems.push(problem.on_line(node.place));
        }
    }
}

fn missing(data: &Map<String, Json>, field: &str, kind: Kind) -> Option<String> {
    let Some(value) = data.get(field).filter(|value| !value.is_null()) else {
        return Some(format!("the field {field} is missing"));
    };
    let (fits, expected) = match kind {
        Kind::List => (value.is_array(), "a list"),
        Kind::Mapping => (value.is_object(), "a mapping"),
        Kind::Text => (value.is_string(), "a text"),
        Kind::Present => (true, "present"),
    };
    (!fits).then(|| format!("the field {field} must be {expected}"))
}
