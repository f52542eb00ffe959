//! Findings and the places that they point to.

use latchkey_domain::document::{Status, import};

use crate::files::{document, file, llm, options};

/// Code, line, column and node of every finding.
fn told(text: &str) -> Vec<(String, u32, u32, String)> {
    let items = import(text, &options()).report.items.into_iter();
    items
        .map(|item| {
            let node = item.node_id.map(|node| node.to_string());
            (
                item.code,
                item.line.unwrap_or_default(),
                item.column.unwrap_or_default(),
                node.unwrap_or_default(),
            )
        })
        .collect()
}

fn one(code: &str, line: u32, column: u32, node: &str) -> Vec<(String, u32, u32, String)> {
    vec![(code.to_owned(), line, column, node.to_owned())]
}

#[test]
fn findings_say_line_and_column_of_the_node_or_its_field() {
    let code = "    - id: c
      data:
        title: X
        type: code
        variables: []
        code: ''
        code_language: python3
        outputs: {}\n";
    assert_eq!(
        told(&file(code, "")),
        one("node_type_unsupported", 14, 15, "c")
    );
    let without = code.replace("        code: ''\n", "");
    assert_eq!(
        told(&file(&without, ""))[0],
        one("node_invalid", 11, 7, "c")[0]
    );
    let wrong = code.replace("outputs: {}", "outputs: []");
    let edge = "    - {source: start, target: c}\n";
    assert_eq!(
        told(&file(&wrong, edge))[0],
        one("node_invalid", 18, 18, "c")[0]
    );
    let cycle = "    - {source: c, target: c}\n";
    assert_eq!(
        told(&file(code, cycle))[0],
        one("graph_cycle", 11, 7, "c")[0]
    );
}

#[test]
fn a_newer_version_has_its_line() {
    let text = file("", "").replace("version: 0.7.0", "version: 0.8.0");
    assert_eq!(told(&text), one("version_newer", 2, 10, ""));
}

#[test]
fn models_and_tools_say_who_names_them() {
    let tool = "    - {id: t, data: {type: tool, provider_id: p, tool_name: search}}\n";
    let nodes = format!("{}{}{tool}", llm("a", ""), llm("b", ""));
    let report = import(&file(&nodes, ""), &options()).report;
    let model = &report.models[0];
    let nodes: Vec<_> = model.node_ids.iter().map(ToString::to_string).collect();
    assert_eq!((nodes.join(","), model.line), ("a,b".to_owned(), Some(11)));
    let tool = &report.tools[0];
    assert_eq!((tool.name.as_str(), tool.line), ("p/search", Some(13)));
    let list = "{tools: {value: [{enabled: true, type: builtin, provider_name: time, tool_name: weekday}, {enabled: false, provider_name: p, tool_name: off}]}}";
    let agent = format!("    - {{id: a, data: {{type: agent, agent_parameters: {list}}}}}\n");
    let report = import(&file(&agent, ""), &options()).report;
    let names: Vec<&str> = report.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["time/weekday"]);
    let place = document(&file(&llm("a", ""), ""))
        .model_places()
        .remove(0)
        .place;
    assert_eq!(place.map(|place| (place.line, place.column)), Some((11, 7)));
}

#[test]
fn a_graph_that_is_no_list_is_refused_and_not_taken_for_empty() {
    for (from, to, line, column) in [
        ("edges: []", "edges: {}", 11, 12),
        ("edges: []", "edges: text", 11, 12),
        ("    nodes:\n", "    nodes: {}\n    others:\n", 9, 12),
    ] {
        let text = file("", "").replace(from, to);
        assert_eq!(
            told(&text),
            one("graph_invalid", line, column, ""),
            "{text}"
        );
    }
    for to in ["edges: null", "viewport: {}"] {
        let text = file("", "").replace("edges: []", to);
        assert_eq!(told(&text), [], "{text}");
    }
}

#[test]
fn features_that_are_no_mapping_are_told() {
    let text = file("", "").replace("  graph:", "  features: [1]\n  graph:");
    assert_eq!(told(&text), one("features_invalid", 8, 13, ""));
    assert_eq!(
        import(&text, &options()).report.status,
        Status::CompletedWithWarnings
    );
}

#[test]
fn a_mark_of_a_container_that_is_gone_takes_no_node_out_of_the_run() {
    for mark in ["iteration_id: gone", "loop_id: start", "iteration_id: x"] {
        let node = format!("    - {{id: x, data: {{type: answer, answer: hi, {mark}}}}}\n");
        assert_eq!(told(&file(&node, "")), one("container_unknown", 11, 7, "x"));
        assert_eq!(document(&file(&node, "")).graph().nodes[1].container, None);
    }
    let inside = "    - {id: l, data: {type: loop, loop_count: 1, break_conditions: []}}
    - {id: a, data: {type: answer, answer: hi, iteration_id: gone, loop_id: l}}
    - {id: b, parentId: l, data: {type: answer, answer: hi}}\n";
    let document = document(&file(inside, ""));
    for node in &document.graph().nodes[2..] {
        let container = node.container.as_ref().map(ToString::to_string);
        assert_eq!(container.as_deref(), Some("l"));
    }
}

#[test]
fn containers_inside_themselves_are_refused() {
    let nodes = "    - {id: l, data: {type: loop, loop_count: 1, break_conditions: [], loop_id: m}}
    - {id: m, parentId: l, data: {type: loop, loop_count: 1, break_conditions: []}}\n";
    assert_eq!(told(&file(nodes, "")), one("container_cycle", 11, 7, "l"));
}

#[test]
fn two_start_nodes_and_unknown_ids_are_told_with_their_place() {
    let second = "    - {id: s2, data: {type: start, variables: []}}\n";
    assert_eq!(
        told(&file(second, "")),
        one("graph_several_starts", 11, 7, "s2")
    );
    let edge = "    - {source: start, target: nowhere}\n";
    assert_eq!(
        told(&file("", edge)),
        one("edge_unknown_node", 12, 7, "nowhere")
    );
}
