//! Documents of our own: what is refused and where, what reading repairs.

use latchkey_domain::document::{ImportOptions, Status, import};
use serde_json::json;

use crate::files::{document, file, first, options};

#[test]
fn broken_graphs_are_refused_with_code_line_and_node() {
    let end = "    - {id: end, type: custom, data: {type: end, title: End, outputs: []}}\n";
    for (text, expected) in [
        (
            file(end, "    - {source: start, target: nowhere}\n"),
            ("edge_unknown_node", Some(13), Some("nowhere")),
        ),
        (
            file(&end.repeat(2), ""),
            ("node_duplicate", Some(12), Some("end")),
        ),
        (
            file(end, "    - {source: end, target: end}\n"),
            ("graph_cycle", Some(11), Some("end")),
        ),
        (
            file(
                "    - {id: t, type: custom, data: {type: trigger-webhook, title: T}}\n",
                "",
            ),
            ("graph_start_and_trigger", Some(11), Some("t")),
        ),
        (
            file(
                "    - {id: x, type: custom, data: {type: '', title: X}}\n",
                "",
            ),
            ("node_type_missing", Some(11), Some("x")),
        ),
        (
            file(
                "    - {id: c, type: custom, data: {type: code, title: X}}\n",
                "    - {source: start, target: c}\n",
            ),
            ("node_invalid", Some(11), Some("c")),
        ),
    ] {
        let (code, line, node) = first(&text);
        assert_eq!((code.as_str(), line, node.as_deref()), expected, "{text}");
    }
}

#[test]
fn what_is_no_workflow_file_says_so() {
    for (text, code) in [
        ("", "not_a_mapping"),
        ("- a\n", "not_a_mapping"),
        ("app: {name: x\nkind: app\n", "yaml_syntax"),
        ("app: {name: x}\nversion: 0.1\n", "version_invalid"),
        ("app: {name: x}\nversion: nonsense\n", "version_invalid"),
        ("kind: app\n", "app_missing"),
        ("app: {name: x}\n", "mode_missing"),
        ("app: {mode: chat}\n", "unsupported_mode"),
        ("kind: rag_pipeline\nrag_pipeline: {}\n", "unsupported_kind"),
        ("app: {mode: workflow}\n", "workflow_missing"),
        ("app: {mode: workflow}\nworkflow: {}\n", "graph_missing"),
    ] {
        assert_eq!(first(text).0, code, "{text}");
    }
    let large = format!("app: {{name: {}}}\n", "x".repeat(11 * 1024 * 1024));
    assert_eq!(first(&large).0, "too_large");
}

#[test]
fn a_newer_file_waits_for_a_confirmation() {
    let text = file("", "").replace("version: 0.7.0", "version: 0.8.0");
    assert_eq!(import(&text, &options()).report.status, Status::Pending);
    let confirmed = import(
        &text,
        &ImportOptions {
            confirm_newer: true,
            ..options()
        },
    );
    assert_eq!(confirmed.report.status, Status::CompletedWithWarnings);
    let older = import(&text.replace("0.8.0", "0.3.1"), &options()).report;
    assert_eq!(older.status, Status::CompletedWithWarnings);
    assert_eq!(
        import(&file("", ""), &options()).report.status,
        Status::Completed
    );
}

#[test]
fn unknown_types_import_and_are_named() {
    let code = "    - {id: c, type: custom, data: {type: code, title: X, variables: [], code: '', code_language: python3, outputs: {}}}\n";
    let report = import(&file(code, ""), &options()).report;
    assert_eq!(report.status, Status::CompletedWithWarnings);
    assert_eq!(
        (report.items[0].code.as_str(), report.items[0].line),
        ("node_type_unsupported", Some(11))
    );
}

#[test]
fn an_old_iteration_gets_its_start_node_and_old_names_become_todays() {
    let nodes = "    - {id: it, type: custom, data: {type: iteration, title: I, start_node_id: a, iterator_selector: [start, x], output_selector: [a, output]}}\n    - {id: a, type: custom, data: {type: variable-assigner, title: A, variables: [], isIterationStart: true, iteration_id: it}}\n    - {id: n, type: custom-note, data: {type: '', text: hello}}\n";
    let document = document(&file(nodes, "    - {source: n, target: a}\n"));
    let kinds: Vec<_> = document
        .graph()
        .nodes
        .iter()
        .map(|node| (node.id.as_str(), node.node_type.as_str()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("start", "start"),
            ("it", "iteration"),
            ("a", "variable-aggregator"),
            ("itstart", "iteration-start")
        ]
    );
    assert_eq!(
        document.graph().edges.len(),
        1,
        "the edge from the note is gone"
    );
    assert_eq!(
        document
            .to_json()
            .pointer("/workflow/graph/nodes")
            .unwrap()
            .as_array()
            .unwrap()
            .len(),
        4,
        "the raw tree keeps everything"
    );
}

#[test]
fn of_two_marks_the_one_that_is_the_parent_says_where_a_node_is() {
    let container = |id: &str, kind: &str, more: &str| {
        format!(
            "    - {{id: {id}, type: custom, data: {{type: {kind}, title: C, loop_count: 1, break_conditions: [], iterator_selector: [start, x], output_selector: [a, b]{more}}}}}\n"
        )
    };
    let inner = |parent: &str| {
        format!(
            "    - {{id: a, type: custom{parent}, data: {{type: end, title: A, outputs: [], iteration_id: it, loop_id: lp}}}}\n"
        )
    };
    for (parent, expected) in [
        ("", "it"),
        (", parentId: lp", "lp"),
        (", parentId: it", "it"),
    ] {
        let nodes = container("it", "iteration", "")
            + &container("lp", "loop", ", iteration_id: it")
            + &inner(parent);
        let document = document(&file(&nodes, ""));
        let nodes = &document.graph().nodes;
        let node = nodes.iter().find(|node| node.id.as_str() == "a").unwrap();
        assert_eq!(
            node.container.as_ref().unwrap().as_str(),
            expected,
            "{parent}"
        );
    }
}

#[test]
fn an_answer_of_an_export_call_is_read_as_the_file_in_it() {
    let wrapped = json!({"data": file("", "")}).to_string();
    assert_eq!(document(&wrapped).name(), "t");
}
