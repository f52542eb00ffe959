//! Both versions of the assigner, as tables.

use latchkey_domain::value::Value;
use serde_json::{Value as Json, json};

use super::world::{pool, run};

/// What one item makes of a variable, or why not.
fn item(old: Json, operation: &str, value: Json) -> Result<Json, String> {
    let is_variable = value
        .as_array()
        .is_some_and(|parts| parts.len() == 2 && parts[0] == "n");
    let data = json!({"version": "2", "items": [{
        "variable_selector": ["conversation", "x"],
        "input_type": if is_variable { "variable" } else { "constant" },
        "operation": operation,
        "value": value,
    }]});
    let pool = pool(json!({
        "conversation": {"x": old},
        "n": {"one": 1, "word": "w", "words": ["a", "b"], "none": null},
    }));
    let attempt = run("assigner", data, &pool);
    attempt.outcome.map_err(|failure| failure.message)?;
    let updated = attempt.updates.first();
    Ok(updated.map_or(Json::Null, |(_, value)| value.to_json()))
}

#[test]
fn items_change_variables_of_their_types() {
    for (old, operation, value, new) in [
        (json!(5), "+=", json!(2), json!(7)),
        (json!(5), "/=", json!(2), json!(2.5)),
        (json!(2.5), "*=", json!(2), json!(5.0)),
        (
            json!(i64::MAX),
            "+=",
            json!(1),
            json!(9_223_372_036_854_775_807_i64 as f64),
        ),
        (
            json!("a"),
            "set",
            json!("{{#n.word#}}"),
            json!("{{#n.word#}}"),
        ),
        (json!({}), "set", json!("{\"k\": 1}"), json!({"k": 1})),
        (json!("a"), "over-write", json!(["n", "word"]), json!("w")),
        (
            json!(["x"]),
            "append",
            json!(["n", "word"]),
            json!(["x", "w"]),
        ),
        (
            json!(["x"]),
            "extend",
            json!(["n", "words"]),
            json!(["x", "a", "b"]),
        ),
        (
            json!([1, 2]),
            "remove-first",
            json!(["n", "one"]),
            json!([2]),
        ),
        (
            json!([1, 2]),
            "remove-last",
            json!(["n", "one"]),
            json!([1]),
        ),
        (json!([1]), "clear", json!(["n", "one"]), json!([])),
        (json!("a"), "over-write", json!(["n", "none"]), json!(null)),
    ] {
        let text = format!("{old} {operation} {value}");
        assert_eq!(item(old, operation, value), Ok(new), "{text}");
    }
}

#[test]
fn items_that_do_not_fit_fail_the_node() {
    for (old, operation, value, words) in [
        (
            json!("a"),
            "+=",
            json!(1),
            "Operation += is not supported for type string",
        ),
        (json!(1), "/=", json!(0), "Invalid input value 0"),
        (
            json!(1),
            "+=",
            json!(["n", "one"]),
            "Input type variable is not supported",
        ),
        (
            json!([1]),
            "append",
            json!(3),
            "Input type constant is not supported",
        ),
        (
            json!(["x"]),
            "append",
            json!(["n", "one"]),
            "Invalid input value 1",
        ),
        (
            json!({}),
            "set",
            json!("{broken"),
            "Invalid input value {broken",
        ),
        (
            json!("a"),
            "over-write",
            json!(["n", "ghost"]),
            "n.ghost not found",
        ),
    ] {
        let text = format!("{old} {operation} {value}");
        let failure = item(old, operation, value).unwrap_err();
        assert!(failure.contains(words), "{text}: {failure}");
    }
}

#[test]
fn a_failing_item_undoes_the_ones_before() {
    let change = |value: Json| json!({"variable_selector": ["conversation", "x"], "input_type": "constant", "operation": "set", "value": value});
    let pool = pool(json!({"conversation": {"x": 1}}));
    let data = json!({"version": "2", "items": [change(json!(2)), change(json!("text"))]});
    assert!(run("assigner", data, &pool).updates.is_empty());
    let data = json!({"version": "2", "items": [change(json!(2)), change(json!(3))]});
    let updates = run("assigner", data, &pool).updates;
    assert_eq!(updates.len(), 1);
    assert_eq!(updates[0].1.to_json(), json!(3));
}

#[test]
fn the_first_version_does_not_look_at_types() {
    for (mode, source, new) in [
        ("over-write", "word", Ok(json!("w"))),
        ("append", "word", Ok(json!([1, "w"]))),
        ("clear", "word", Ok(json!([]))),
        ("append", "ghost", Err("input value not found".to_owned())),
    ] {
        let data = json!({
            "assigned_variable_selector": ["conversation", "x"],
            "input_variable_selector": ["n", source],
            "write_mode": mode,
        });
        let pool = pool(json!({"conversation": {"x": [1]}, "n": {"word": "w"}}));
        let attempt = run("assigner", data, &pool);
        let updated = attempt.updates.first().map(|(_, value)| value.to_json());
        let outcome = attempt.outcome.map_err(|failure| failure.message);
        assert_eq!(outcome.map(|()| updated.unwrap()), new, "{mode} {source}");
    }
}

#[test]
fn a_variable_that_took_a_secret_keeps_it_and_takes_a_text_again() {
    let mut variables = pool(json!({"conversation": {"x": "a"}}));
    variables.set("env", "KEY", Value::Secret("test-key-0123456789".into()));
    let item = |operation: &str, input: Json| {
        let kind = if input.is_array() {
            "variable"
        } else {
            "constant"
        };
        json!({"version": "2", "items": [{
            "variable_selector": ["conversation", "x"],
            "operation": operation, "input_type": kind, "value": input,
        }]})
    };
    let taken = run(
        "assigner",
        item("over-write", json!(["env", "KEY"])),
        &variables,
    );
    let (_, value) = taken.updates.into_iter().next().unwrap();
    assert_eq!(value, Value::Secret("test-key-0123456789".into()));
    assert_eq!(taken.process_data["x"], "test-k************89");
    variables.set("conversation", "x", value);
    for (operation, input, after) in [
        ("set", json!("b"), "b"),
        ("clear", json!(["env", "KEY"]), ""),
    ] {
        let attempt = run("assigner", item(operation, input), &variables);
        assert_eq!(attempt.updates[0].1, Value::from(after), "{operation}");
    }
}
