//! `human-input`: what is asked, and what an answer comes to.

use latchkey_domain::form::{Form, FormAnswer, FormInputKind};
use latchkey_domain::inputs::FileRules;
use latchkey_domain::time::Timestamp;
use latchkey_domain::value::{File, to_json_map};
use latchkey_engine::node::{AskingNode, Attempt, Behaviour, Question};
use serde_json::{Value as Json, json};

use super::world::{World, node, pool};

fn asking(data: Json) -> Box<dyn AskingNode> {
    let spec = World::saying(&[]).build(&node("human-input", data));
    let Ok(Behaviour::Asking(node)) = spec.map(|spec| spec.behaviour) else {
        panic!("it asks");
    };
    node
}

fn approval() -> Json {
    let options = json!({"type": "variable", "selector": ["start", "colours"]});
    json!({
        "form_content": "Paint {{#start.what#}}? {{#$output.why#}} in {{#$output.colour#}}; {{#$output.proofs#}}",
        "inputs": [
            {"type": "paragraph", "output_variable_name": "why", "default": {"type": "variable", "selector": ["start", "what"]}},
            {"type": "select", "output_variable_name": "colour", "option_source": options},
            {"type": "file-list", "output_variable_name": "proofs", "number_limits": 2, "allowed_file_types": ["image"]},
        ],
        "user_actions": [{"id": "ok", "title": "Do it", "button_style": "primary"}, {"id": "no", "title": "Leave it"}],
        "timeout": 2, "timeout_unit": "day",
    })
}

fn ask(data: Json) -> Question {
    let variables = json!({"start": {"what": "the door", "colours": ["red", 5]}});
    asking(data).ask(&pool(variables)).unwrap()
}

fn form() -> Form {
    let question = ask(approval());
    Form {
        content: question.content,
        inputs: question.inputs,
        actions: question.actions,
        due_at: Timestamp::from_millis(question.patience_millis),
    }
}

fn answered(answer: &FormAnswer) -> (Option<String>, Json) {
    let attempt: Attempt = asking(approval()).answered(&form(), answer);
    attempt.outcome.unwrap();
    let outputs = Json::Object(to_json_map(&attempt.outputs));
    (attempt.handle, outputs)
}

#[test]
fn a_form_is_rendered_with_its_defaults_and_options() {
    let question = ask(approval());
    let content = "Paint the door? {{#$output.why#}} in {{#$output.colour#}}; {{#$output.proofs#}}";
    assert_eq!(question.content, content);
    assert_eq!(question.inputs[0].default.as_deref(), Some("the door"));
    let options = vec!["red".to_owned(), "5".to_owned()];
    assert_eq!(question.inputs[1].kind, FormInputKind::Select { options });
    let files = FileRules {
        types: vec!["image".to_owned()],
        most: Some(2),
        ..FileRules::default()
    };
    assert_eq!(question.inputs[2].kind, FormInputKind::FileList { files });
    assert_eq!(question.patience_millis, 2 * 24 * 3_600_000);
    assert_eq!(question.actions[1].style, "default");
    assert_eq!(ask(json!({})).patience_millis, 36 * 3_600_000);
}

#[test]
fn an_answer_becomes_outputs_and_the_branch() {
    let file = File::default().to_json();
    let values =
        json!({"why": "{{#$output.colour#}} fits", "colour": "red", "proofs": [file, file]});
    let answer = FormAnswer::Submitted {
        action: "ok".to_owned(),
        values: values.as_object().unwrap().clone(),
    };
    let (handle, outputs) = answered(&answer);
    assert_eq!(handle.as_deref(), Some("ok"));
    assert_eq!(
        (&outputs["__action_id"], &outputs["__action_value"]),
        (&json!("ok"), &json!("Do it"))
    );
    // What somebody writes stands for no other field.
    let shown = "Paint the door? {{#$output.colour#}} fits in red; [2 files]";
    assert_eq!(outputs["__rendered_content"], shown);
    assert_eq!(outputs["colour"], "red");
    assert_eq!(
        outputs["proofs"][0]["dify_model_identity"],
        "__dify__file__"
    );
}

#[test]
fn nobody_in_time_takes_the_timeout() {
    let (handle, outputs) = answered(&FormAnswer::TimedOut);
    assert_eq!(handle.as_deref(), Some("__timeout"));
    let content = "Paint the door? {{#$output.why#}} in {{#$output.colour#}}; {{#$output.proofs#}}";
    let told = json!({"__action_id": "", "__action_value": "", "__rendered_content": content});
    assert_eq!(outputs, told);
}

#[test]
fn options_that_are_no_list_fail_the_node() {
    let nothing = pool(json!({"start": {"what": "x"}}));
    let failure = asking(approval()).ask(&nothing).unwrap_err();
    assert_eq!(failure.error_type, "WorkflowNodeError");
    assert!(
        failure.message.contains("start.colours"),
        "{}",
        failure.message
    );
}

#[test]
fn forms_that_make_no_sense_are_refused() {
    let field = |name: &str, kind: &str| json!({"type": kind, "output_variable_name": name});
    let action = |id: &str, title: &str| json!({"id": id, "title": title});
    for (data, place) in [
        (
            json!({"inputs": [field("a", "paragraph"), field("a", "file")]}),
            "data.inputs",
        ),
        (json!({"inputs": [field("", "paragraph")]}), "data.inputs"),
        (
            json!({"inputs": [field("__action_id", "paragraph")]}),
            "data.inputs",
        ),
        (json!({"inputs": [field("a", "crayon")]}), "data.inputs"),
        (
            json!({"user_actions": [action("a", ""), action("a", "")]}),
            "data.user_actions",
        ),
        (
            json!({"user_actions": [action("1a", "")]}),
            "data.user_actions",
        ),
        (
            json!({"user_actions": [action("a-b", "")]}),
            "data.user_actions",
        ),
        (
            json!({"user_actions": [action(&"a".repeat(21), "")]}),
            "data.user_actions",
        ),
        (
            json!({"user_actions": [action("a", &"t".repeat(101))]}),
            "data.user_actions",
        ),
        (json!({"timeout": 0}), "data.timeout"),
        (json!({"timeout": "soon"}), "data.timeout"),
        (json!({"timeout_unit": "moon"}), "data.timeout_unit"),
    ] {
        let built = World::saying(&[]).build(&node("human-input", data.clone()));
        let problem = built.err().unwrap();
        assert_eq!(problem.field.as_deref(), Some(place), "{data}");
    }
}
