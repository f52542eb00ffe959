//! Conditions as a table: value, operator, expected, and what comes of it.

use latchkey_domain::value::Value;
use serde_json::{Value as Json, json};

use super::world::{pool, run};

fn judge(value: Json, operator: &str, expected: Json) -> Result<bool, String> {
    let condition = json!({
        "variable_selector": ["n", "v"], "comparison_operator": operator, "value": expected,
    });
    let data = json!({"cases": [
        {"case_id": "yes", "logical_operator": "and", "conditions": [condition]},
    ]});
    let attempt = run("if-else", data, &pool(json!({"n": {"v": value}})));
    match attempt.outcome {
        Ok(()) => Ok(attempt.handle.as_deref() == Some("yes")),
        Err(failure) => Err(failure.message),
    }
}

#[test]
fn operators_compare_as_python_does() {
    for (value, operator, expected, holds) in [
        (json!("Hello"), "contains", json!("ell"), true),
        (json!("Hello"), "contains", json!(""), true),
        (json!(""), "contains", json!(""), false),
        (json!([1, 2]), "contains", json!("1"), false),
        (json!(["a"]), "not contains", json!("b"), true),
        (json!("ab"), "start with", json!("a"), true),
        (json!("ab"), "end with", json!("a"), false),
        (json!(null), "is not", json!("x"), false),
        (json!(0), "empty", json!(""), true),
        (json!("b"), "in", json!(["a", "b"]), true),
        (json!("c"), "not in", json!(["a", "b"]), true),
        (json!(["a", "b"]), "all of", json!(["a", "b"]), true),
        (json!(3), "=", json!(" +3 "), true),
        (json!(3), "=", json!("0_3"), true),
        (json!(2.5), "=", json!("2.50"), true),
        (json!(3), "≠", json!("3"), false),
        (json!(3), ">", json!("2.5"), true),
        (
            json!(9_007_199_254_740_993_i64),
            ">",
            json!("9007199254740992"),
            true,
        ),
        (json!(1.5), "<", json!("inf"), true),
        (json!(2), "≥", json!("2"), true),
        (json!(2), "≤", json!("1e0"), false),
        (json!(true), "is", json!("1"), true),
        (json!(true), "=", json!("false"), false),
        (json!(null), "null", json!(""), true),
        (json!(""), "not null", json!(""), true),
        (json!(false), "exists", json!("nonsense"), true),
    ] {
        let text = format!("{value} {operator} {expected}");
        assert_eq!(judge(value, operator, expected), Ok(holds), "{text}");
    }
}

#[test]
fn comparisons_that_make_no_sense_fail_the_node() {
    for (value, operator, expected, words) in [
        (json!(3), "contains", json!("3"), "string or array"),
        (json!(3), "is", json!("3"), "string or boolean"),
        (
            json!(3),
            "=",
            json!("3.0"),
            "invalid literal for int() with base 10: '3.0'",
        ),
        (
            json!(3),
            ">",
            json!(null),
            "Cannot convert <class 'NoneType'> to number",
        ),
        (
            json!(3),
            ">",
            json!("abc"),
            "Cannot convert 'abc' to number",
        ),
        (json!("x"), "in", json!("xyz"), "expected value type: array"),
        (json!(true), "empty", json!(""), "Expecting value"),
        (json!(["a"]), "all of", json!("a"), "homogeneous list"),
    ] {
        let text = format!("{value} {operator} {expected}");
        let failure = judge(value, operator, expected).unwrap_err();
        assert!(failure.contains(words), "{text}: {failure}");
    }
}

#[test]
fn conditions_are_joined_and_not_asked_in_vain() {
    let holds = json!({"variable_selector": ["n", "v"], "comparison_operator": "not null"});
    let fails = json!({"variable_selector": ["n", "v"], "comparison_operator": "null"});
    let missing = json!({"variable_selector": ["n", "ghost"], "comparison_operator": "null"});
    for (join, conditions, handle) in [
        ("and", json!([]), Some("c")),
        ("or", json!([]), Some("false")),
        ("and", json!([holds, fails]), Some("false")),
        ("or", json!([holds, missing]), Some("c")),
        ("and", json!([fails, missing]), Some("false")),
        ("and", json!([holds, missing]), None),
    ] {
        let data = json!({"cases": [
            {"case_id": "c", "logical_operator": join, "conditions": conditions},
        ]});
        let attempt = run("if-else", data, &pool(json!({"n": {"v": 1}})));
        assert_eq!(attempt.handle.as_deref(), handle, "{join} {conditions}");
    }
}

#[test]
fn old_files_have_one_case_without_a_list() {
    let conditions = json!([
        {"variable_selector": ["n", "v"], "comparison_operator": "is", "value": "x"},
    ]);
    let old = json!({"logical_operator": "and", "conditions": conditions});
    let pool = pool(json!({"n": {"v": "x"}}));
    assert_eq!(run("if-else", old, &pool).handle.as_deref(), Some("true"));
    let empty = json!({"cases": [], "conditions": conditions});
    assert_eq!(
        run("if-else", empty, &pool).handle.as_deref(),
        Some("false")
    );
}

#[test]
fn what_is_compared_with_a_secret_shows_its_mask() {
    let data = json!({"cases": [{"case_id": "true", "logical_operator": "and", "conditions": [
        {"variable_selector": ["n", "x"], "comparison_operator": "is", "value": "{{#env.KEY#}}"},
    ]}]});
    let mut variables = pool(json!({"n": {"x": "test-key-0123456789"}}));
    variables.set("env", "KEY", Value::Secret("test-key-0123456789".into()));
    let attempt = run("if-else", data, &variables);
    assert_eq!(attempt.handle.as_deref(), Some("true"));
    assert_eq!(
        attempt.inputs["conditions"][0]["expected_value"],
        "test-k************89"
    );
}
