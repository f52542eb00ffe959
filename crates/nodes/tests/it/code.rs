//! `code` as far as it can be seen without running any: its data, and a host without a sandbox.

use serde_json::{Value as Json, json};

use latchkey_domain::value::{Value, to_json_map};
use latchkey_engine::node::Behaviour;

use super::world::{World, build, node, pool};

fn data(more: Json) -> Json {
    let mut data = json!({"code_language": "python3", "code": "def main(): return {}", "variables": [], "outputs": {}});
    let more = more.as_object().unwrap().clone();
    data.as_object_mut().unwrap().extend(more);
    data
}

#[test]
fn data_that_make_no_sense_name_the_field() {
    let nested = json!({"o": {"type": "object", "children": {"i": {"type": "file"}}}});
    for (more, field) in [
        (json!({"code_language": "jinja2"}), "data.code_language"),
        (json!({"code_language": null}), "data.code_language"),
        (json!({"code": null}), "data.code"),
        (
            json!({"outputs": {"r": {"type": "integer"}}}),
            "data.outputs.r.type",
        ),
        (json!({"outputs": {"r": "string"}}), "data.outputs.r"),
        (json!({"outputs": nested}), "data.outputs.o.children.i.type"),
    ] {
        let problem = build("code", data(more.clone())).expect_err(field);
        assert_eq!(problem.field.as_deref(), Some(field), "{more}");
    }
    for kind in [
        "string",
        "number",
        "boolean",
        "object",
        "array[string]",
        "array[number]",
        "array[object]",
        "array[boolean]",
    ] {
        build(
            "code",
            data(json!({"outputs": {"r": {"type": kind, "children": null}}})),
        )
        .expect(kind);
    }
}

#[tokio::test]
async fn without_a_sandbox_nothing_runs() {
    let variables = json!([{"variable": "files", "value_selector": ["start", "files"]}, {"variable": "gone", "value_selector": ["no", "where"]}]);
    let world = World::saying(&[]);
    let spec = world
        .build(&node("code", data(json!({"variables": variables}))))
        .unwrap();
    assert!(spec.supports_retry);
    let Behaviour::Effect(node) = spec.behaviour else {
        panic!("code has effects");
    };
    let mut pool = pool(json!({}));
    pool.set(
        "start",
        "files",
        Value::Array(latchkey_domain::value::Array::of_files([])),
    );
    let attempt = node.run(world.context(pool)).await;
    let failure = attempt.outcome.unwrap_err();
    assert_eq!(failure.error_type, "CodeExecutionError");
    assert!(
        failure.message.contains("no sandbox"),
        "{}",
        failure.message
    );
    // An empty list of files arrives as null, and so does what is not there.
    assert_eq!(
        Json::Object(attempt.inputs),
        json!({"files": null, "gone": null})
    );
    assert!(to_json_map(&attempt.outputs).is_empty());
}
