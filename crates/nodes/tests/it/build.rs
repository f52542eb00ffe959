//! Data that make no sense are refused when the plan is built, with the field that is wrong.

use serde_json::json;

use latchkey_nodes::SUPPORTED_TYPES;

use super::world::{World, node};

#[test]
fn bad_data_name_the_field() {
    let condition = json!({"variable_selector": ["n", "v"], "comparison_operator": "resembles"});
    for (node_type, data, field) in [
        ("answer", json!({}), Some("data.answer")),
        ("template-transform", json!({}), Some("data.template")),
        (
            "if-else",
            json!({"cases": [{"conditions": [condition]}]}),
            Some("data.cases"),
        ),
        (
            "assigner",
            json!({"write_mode": "over-write"}),
            Some("data.assigned_variable_selector"),
        ),
        (
            "assigner",
            json!({"version": "2", "items": [{"operation": "?"}]}),
            Some("data.items"),
        ),
        ("llm", json!({}), Some("data.model")),
        ("code", json!({}), Some("data.code_language")),
        ("start", json!({"variables": [{}]}), Some("data.variables")),
        ("iteration", json!({}), Some("data.iterator_selector")),
        (
            "iteration",
            json!({"iterator_selector": ["a", "b"], "output_selector": ["c", "d"], "error_handle_mode": "hope"}),
            Some("data.error_handle_mode"),
        ),
        ("loop", json!({"loop_count": 0}), Some("data.loop_count")),
        (
            "loop",
            json!({"loop_count": 1, "break_conditions": [condition]}),
            Some("data.cases"),
        ),
        (
            "loop",
            json!({"loop_count": 1, "loop_variables": [{"label": "n", "var_type": "numeral", "value_type": "constant"}]}),
            Some("data.loop_variables"),
        ),
        ("gadget", json!({}), None),
    ] {
        let built = World::saying(&[]).build(&node(node_type, data));
        let problem = built.err().expect(node_type);
        assert_eq!(problem.field.as_deref(), field, "{node_type}: {problem}");
    }
}

#[test]
fn every_supported_type_has_a_builder() {
    for node_type in SUPPORTED_TYPES {
        if let Err(problem) = World::saying(&[]).build(&node(node_type, json!({}))) {
            assert_ne!(problem.code, "node_type_unsupported", "{node_type}");
        }
    }
}
