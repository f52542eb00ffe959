//! Small files to build tests from.

use latchkey_domain::document::{Document, ImportOptions, import};

pub(crate) fn options() -> ImportOptions<'static> {
    ImportOptions {
        confirm_newer: false,
        supported: &|node_type| node_type != "code",
    }
}

/// A workflow of a start node and the given nodes and edges, as YAML.
pub(crate) fn file(nodes: &str, edges: &str) -> String {
    const HEAD: &str = "kind: app
version: 0.7.0
app: {name: t, mode: workflow}
workflow:
  environment_variables:
  - {id: s, name: token, value_type: secret, value: test-secret-value}
  - {id: r, name: region, value_type: string, value: eu}
  graph:
    nodes:
    - {id: start, type: custom, data: {type: start, title: Start, variables: []}}
";
    let edges = if edges.is_empty() {
        "    edges: []\n".to_owned()
    } else {
        format!("    edges:\n{edges}")
    };
    format!("{HEAD}{nodes}{edges}")
}

pub(crate) fn llm(id: &str, model: &str) -> String {
    format!(
        "    - {{id: {id}, type: custom, data: {{type: llm, title: {id}, model: {{provider: openai, name: m, mode: chat, {model}}}, prompt_template: [], context: {{enabled: false}}}}}}\n"
    )
}

/// The code, line and node of the first problem.
pub(crate) fn first(text: &str) -> (String, Option<u32>, Option<String>) {
    let report = import(text, &options()).report;
    let problem = report
        .items
        .first()
        .unwrap_or_else(|| panic!("no problem in {text}"));
    (
        problem.code.clone(),
        problem.line,
        problem.node_id.as_ref().map(ToString::to_string),
    )
}

pub(crate) fn document(text: &str) -> Document {
    let import = import(text, &options());
    import
        .document
        .unwrap_or_else(|| panic!("{:?}", import.report))
}
