//! start, end, answer and the aggregator.

use serde_json::json;

use super::world::{outcome, pool, run};

#[test]
fn an_answer_is_markdown_with_the_files_that_it_names() {
    let file = json!({
        "dify_model_identity": "__dify__file__", "type": "image", "transfer_method": "remote_url",
        "filename": "cat.png", "url": "https://files.test/cat.png", "size": 1,
    });
    let pool = pool(json!({"n": {"f": file, "l": ["a", "b"]}}));
    let data = json!({"answer": "{{#n.f#}}\n{{#n.l#}} {{#n.ghost#}}"});
    let outputs = outcome(&run("answer", data, &pool)).unwrap();
    let text = "![cat.png](https://files.test/cat.png)\n- a\n- b n.ghost";
    assert_eq!(outputs["answer"], text);
    assert_eq!(outputs["files"][0]["filename"], "cat.png");
}

#[test]
fn an_end_gives_raw_values_and_null_for_what_is_missing() {
    let pool = pool(json!({"n": {"x": [1]}}));
    let data = json!({"outputs": [
        {"variable": "a", "value_selector": ["n", "x"]},
        {"variable": "b", "value_selector": ["n", "ghost"]},
    ]});
    let outputs = outcome(&run("end", data, &pool));
    assert_eq!(outputs, Ok(json!({"a": [1], "b": null})));
}

#[test]
fn an_aggregator_takes_what_exists_even_null() {
    let pool = pool(json!({"n": {"none": null, "x": 1}}));
    let variables = json!([["n", "ghost"], ["n", "none"], ["n", "x"]]);
    let outputs = outcome(&run(
        "variable-aggregator",
        json!({"variables": variables}),
        &pool,
    ));
    assert_eq!(outputs, Ok(json!({"output": null})));
    let grouped = json!({"variables": [], "advanced_settings": {"group_enabled": true, "groups": [
        {"group_name": "g", "variables": [["n", "ghost"], ["n", "x"]]},
        {"group_name": "h", "variables": [["n", "ghost"]]},
    ]}});
    let outputs = outcome(&run("variable-assigner", grouped, &pool));
    assert_eq!(outputs, Ok(json!({"g": {"output": 1}})));
}

#[test]
fn a_start_checks_json_against_its_schema() {
    let schema =
        r#"{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}"#;
    let data = json!({"variables": [
        {"variable": "o", "type": "json_object", "required": true, "json_schema": schema},
    ]});
    for (value, words) in [
        (json!({"n": 1}), None),
        (json!({"n": "x"}), Some("does not match schema: $.n")),
        (json!({}), Some("required property")),
        (json!(null), Some("o is required")),
    ] {
        let pool = pool(json!({"it": {"o": value}}));
        let outcome = outcome(&run("start", data.clone(), &pool));
        match words {
            None => assert_eq!(outcome, Ok(json!({"o": value}))),
            Some(words) => assert!(outcome.unwrap_err().contains(words), "{value}"),
        }
    }
}
