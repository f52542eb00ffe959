//! Files and drafts that would cost too much: each is refused in time, with a code and, where there is one, a line.

use std::time::{Duration, Instant};

use latchkey_domain::document::{Document, import};
use serde_json::{Value as Json, json};

use crate::files::{document, file, options};

/// Generous, because tests are built without optimisation and run beside others; quadratic work takes minutes.
const IN_TIME: Duration = Duration::from_secs(30);

/// The code and line of the first finding.
fn told(text: &str) -> (String, Option<u32>) {
    let started = Instant::now();
    let items = import(text, &options()).report.items;
    assert!(started.elapsed() < IN_TIME, "{:?}", started.elapsed());
    let first = items.into_iter().next();
    first.map_or_else(Default::default, |item| (item.code, item.line))
}

fn answers(count: usize) -> String {
    (0..count)
        .map(|at| format!("    - {{id: n{at}, data: {{type: answer, answer: x}}}}\n"))
        .collect()
}

fn edges(ends: impl Iterator<Item = (usize, usize)>) -> String {
    ends.map(|(source, target)| format!("    - {{source: n{source}, target: n{target}}}\n"))
        .collect()
}

#[test]
fn hostile_texts_are_refused_with_a_line() {
    for (text, code, line) in [
        ("a: 1\nb: [\n".to_owned(), "yaml_syntax", 2),
        ("a: 1\na: 2\n".to_owned(), "yaml_duplicate_key", 2),
        (format!("a:\n  {}\n", "- ".repeat(200)), "yaml_too_deep", 2),
        (
            format!("a: 1\nb: {}", "[".repeat(100_000)),
            "yaml_too_deep",
            2,
        ),
        (
            format!(
                "a: &a {}\nb: [{}]\n",
                "x".repeat(1_000_000),
                "*a,".repeat(20_000)
            ),
            "yaml_too_much_text",
            2,
        ),
    ] {
        assert_eq!(told(&text), (code.to_owned(), Some(line)));
    }
    let large = "x".repeat(10 * 1024 * 1024 + 1);
    assert_eq!(told(&large), ("too_large".to_owned(), None));
}

#[test]
fn a_syntax_error_has_its_column() {
    let item = import("app:\n  name: 'x\n", &options())
        .report
        .items
        .remove(0);
    assert_eq!((item.line, item.column), (Some(2), Some(9)), "{item:?}");
}

#[test]
fn long_keys_above_many_values_cost_no_memory_for_their_paths() {
    let key = "k".repeat(1_000);
    let before: String = (0..90).map(|_| format!("{{{key}: ")).collect();
    let text = format!(
        "l: {before}[{}]{}\n{}",
        "0,".repeat(100_000),
        "}".repeat(90),
        file("", "")
    );
    assert_eq!(told(&text).0, "");
}

#[test]
fn a_graph_has_at_most_5000_nodes_and_20000_edges() {
    let nodes = told(&file(&answers(5_000), ""));
    assert_eq!(nodes, ("graph_too_many_nodes".to_owned(), Some(5_010)));
    let two = answers(2);
    let too_many = edges(std::iter::repeat_n((0, 1), 20_001));
    assert_eq!(
        told(&file(&two, &too_many)),
        ("graph_too_many_edges".to_owned(), Some(20_014))
    );
    let most = edges(std::iter::repeat_n((0, 1), 20_000));
    assert_eq!(told(&file(&two, &most)).0, "");
}

#[test]
fn the_largest_graphs_are_read_in_time() {
    const NODES: usize = 4_999;
    let nodes = answers(NODES);
    let cycle = edges((0..NODES).map(|at| (at, (at + 1) % NODES)));
    assert_eq!(told(&file(&nodes, &cycle)).0, "graph_cycle");
    let chain = edges((1..NODES).map(|at| (at - 1, at)));
    assert_eq!(told(&file(&nodes, &chain)).0, "");
}

#[test]
fn the_nodes_of_a_long_cycle_are_not_all_named() {
    let nodes = answers(30);
    let cycle = edges((0..30).map(|at| (at, (at + 1) % 30)));
    let item = import(&file(&nodes, &cycle), &options())
        .report
        .items
        .remove(0);
    assert!(item.message.ends_with("n18, n19 and 10 more"), "{item:?}");
}

#[test]
fn a_report_has_no_more_than_a_thousand_findings() {
    let nodes: String = (0..3_000)
        .map(|at| {
            format!("    - {{id: n{at}, parentId: gone, data: {{type: answer, answer: x}}}}\n")
        })
        .collect();
    let items = import(&file(&nodes, ""), &options()).report.items;
    assert_eq!(items.len(), 1_001);
    assert_eq!(items[1_000].message, "and 2000 more findings");
}

/// A draft with something else in it.
fn draft(extra: Json) -> Json {
    let mut raw = document(&file("", "")).to_json().clone();
    raw["extra"] = extra;
    raw
}

#[test]
fn a_draft_has_the_limits_of_a_file() {
    let mut deep = json!(1);
    for _ in 0..99 {
        deep = json!([deep]);
    }
    let mut deeper = json!([deep]);
    assert!(Document::from_json(draft(deeper.take()[0].take()), &options()).is_ok());
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    for (extra, code) in [
        (deep, "yaml_too_deep"),
        (json!(vec![0; 1_000_000]), "yaml_too_many_values"),
        (json!("x".repeat(50_000_000)), "yaml_too_much_text"),
    ] {
        let problems = Document::from_json(draft(extra), &options()).unwrap_err();
        assert_eq!(problems[0].code, code);
    }
}

#[test]
fn a_draft_with_long_keys_reads_back_from_its_export() {
    let long = "k".repeat(3_000);
    let raw = draft(json!({long.clone(): {long: [1]}, "\n".repeat(600): null}));
    let kept = Document::from_json(raw.clone(), &options()).unwrap();
    assert_eq!(document(&kept.to_yaml()).to_json(), &raw);
}
