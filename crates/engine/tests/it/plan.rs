//! What a plan refuses.

use latchkey_domain::journal::Limits;
use latchkey_engine::plan::PlanProblem;

use super::graph::plan;
use super::world::{World, start_values};

#[track_caller]
fn check(text: &str, expected: &[(&str, Option<&str>)]) {
    let problems = plan(text).err().unwrap_or_default();
    let found: Vec<_> = problems
        .iter()
        .map(|PlanProblem { code, node_id, .. }| (*code, node_id.as_ref().map(|id| id.as_str())))
        .collect();
    assert_eq!(found, expected, "{problems:?}");
}

#[test]
fn good_graphs_pass() {
    check("start: start\na: text A\nstart -> a", &[]);
    check("start: start\na: odd-tool\nb: text B\na -> b", &[]);
    check("start: start", &[]);
}

#[test]
fn a_graph_needs_an_entry() {
    check("a: text A", &[("root_missing", None)]);
}

#[test]
fn edges_lead_somewhere_and_ids_are_unique() {
    check(
        "start: start\nstart: text A\nstart -> gone",
        &[
            ("node_duplicate", Some("start")),
            ("edge_unknown_node", Some("gone")),
        ],
    );
}

#[test]
fn cycles_are_refused_wherever_they_are() {
    check(
        "start: start\nb: text B\na: text A\nb -> a -> b",
        &[("graph_cycle", Some("a"))],
    );
    check(
        "start: start\na: text A\na -> a",
        &[("graph_cycle", Some("a"))],
    );
}

#[test]
fn unsupported_types_within_reach_are_listed() {
    check(
        "start: start\na: odd-tool\nb: odd-agent\nc: odd-tool\nstart -> a -> b",
        &[
            ("node_type_unsupported", Some("a")),
            ("node_type_unsupported", Some("b")),
        ],
    );
    check(
        "hook: trigger-webhook",
        &[("node_type_unsupported", Some("hook"))],
    );
}

#[test]
fn a_type_that_nobody_knows_is_refused_wherever_it_is() {
    check(
        "start: start\na: odd-tool\nb: teleporter",
        &[("node_type_unsupported", Some("b"))],
    );
}

#[test]
fn bad_data_fails_even_out_of_reach() {
    check(
        "start: start\na: text invalid",
        &[("node_invalid", Some("a"))],
    );
    for default in [
        r#"{"key": "n", "type": "number", "value": "seven"}"#,
        r#"{"key": "n", "type": "object", "value": "[1]"}"#,
        r#"{"key": "n", "type": "array[string]", "value": ["a", 1]}"#,
        r#"{"key": "n", "type": "string", "value": 1}"#,
        r#"{"key": "n", "type": "odd", "value": 1}"#,
    ] {
        let text = format!("start: start\na: model | {{\"default_value\": [{default}]}}");
        check(&text, &[("node_invalid", Some("a"))]);
    }
}

#[test]
fn a_graph_of_many_answers_costs_no_more_than_its_size() {
    let begun = std::time::Instant::now();
    let mut text = String::from("start: start\n");
    for at in 0..3_000 {
        text += &format!("a{at:04}: answer {{{{#start.q#}}}}\nstart -> a{at:04}\n");
    }
    let limits = Limits {
        max_steps: 10_000,
        ..Limits::default()
    };
    let world = World::with(&text, start_values(), limits);
    assert_eq!(world.end().steps, 3_001);
    assert_eq!(world.stream().len(), 6_000);
    // Without optimisation, and on a busy machine.
    assert!(begun.elapsed() < std::time::Duration::from_secs(20));
}
