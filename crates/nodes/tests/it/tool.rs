//! `tool` nodes against scripted tools: what the tool is given, what becomes of its answer, how it fails.

use std::sync::{Arc, Mutex};

use serde_json::{Map, Value as Json, json};

use latchkey_domain::run::Failure;
use latchkey_domain::tool::NamedTool;
use latchkey_domain::value::{File, FileType, TransferMethod, Value};
use latchkey_engine::node::{Attempt, Behaviour, NodeTypes as _};
use latchkey_engine::pool::Pool;
use latchkey_nodes::tools::BuiltinTools;
use latchkey_nodes::{
    BuiltinNodes, ParameterForm, ToolAnswer, ToolDefinition, ToolError, ToolMessage, ToolParameter,
};
use latchkey_outbound::Outbound;

use super::world::{World, build, node, outcome, pool};

type Seen = Arc<Mutex<Vec<Map<String, Json>>>>;

fn parameter(name: &str, kind: &str, required: bool) -> ToolParameter {
    ToolParameter {
        name: name.to_owned(),
        description: String::new(),
        kind: kind.to_owned(),
        required,
        form: ParameterForm::Llm,
        default: None,
        options: Vec::new(),
        schema: None,
    }
}

/// A tool with one parameter of each kind, and what it was given.
fn tools(answer: Result<Vec<ToolMessage>, ToolError>) -> (BuiltinTools, Seen) {
    let seen = Seen::default();
    let told = Arc::clone(&seen);
    let definition = ToolDefinition {
        name: "any".to_owned(),
        description: String::new(),
        parameters: vec![
            parameter("text", "string", false),
            parameter("count", "number", false),
            parameter("switch", "boolean", false),
            parameter("list", "array", false),
            parameter("map", "object", false),
            parameter("needed", "string", true),
        ],
    };
    let named = NamedTool::new("builtin", "acme/any/any", "", "any");
    let silent = Outbound::scripted(Arc::new(|_| panic!("nothing may be sent")));
    let tools = BuiltinTools::new(silent).with_tool(named, definition, move |arguments| {
        told.lock().unwrap().push(arguments.clone());
        answer.clone().map(|messages| ToolAnswer {
            messages,
            ..ToolAnswer::default()
        })
    });
    (tools, seen)
}

/// Runs a node of this tool; `needed` is given unless the data say otherwise.
async fn run(data: Json, pool: Pool, tools: BuiltinTools) -> Attempt {
    let mut all = json!({"provider_type": "builtin", "provider_id": "acme/any/any", "tool_name": "any",
        "tool_parameters": {"needed": {"type": "mixed", "value": "x"}}});
    for (key, value) in data.as_object().unwrap() {
        match (all[key].as_object_mut(), value.as_object()) {
            (Some(old), Some(new)) => old.extend(new.clone()),
            _ => all[key] = value.clone(),
        }
    }
    let world = World::saying(&[]);
    let mut host = world.host();
    host.tools = Arc::new(tools);
    let spec = BuiltinNodes::new(host).build(&node("tool", all)).unwrap();
    assert!(spec.supports_retry);
    let Behaviour::Effect(node) = spec.behaviour else {
        panic!("a tool has effects");
    };
    node.run(world.context(pool)).await
}

async fn given(parameters: Json, configurations: Json, pool: Pool) -> Json {
    let (tools, seen) = tools(Ok(Vec::new()));
    let data = json!({"tool_parameters": parameters, "tool_configurations": configurations});
    let attempt = run(data, pool, tools).await;
    attempt.outcome.unwrap();
    let seen = seen.lock().unwrap();
    let mut given = seen[0].clone();
    given.shift_remove("needed");
    Json::Object(given)
}

fn failure(attempt: Attempt) -> (String, String) {
    let Failure {
        error_type,
        message,
        ..
    } = attempt.outcome.unwrap_err();
    (error_type, message)
}

#[tokio::test]
async fn parameters_are_rendered_and_cast() {
    let variables = || pool(json!({"n": {"s": "five", "i": 5, "l": ["a"], "o": {"k": 1}}}));
    for (parameters, expected) in [
        (
            json!({"text": {"type": "mixed", "value": "say {{#n.s#}}"}}),
            json!({"text": "say five"}),
        ),
        (
            json!({"text": {"type": "mixed", "value": "{{#n.none#}}"}}),
            json!({"text": "n.none"}),
        ),
        (
            json!({"count": {"type": "mixed", "value": "{{#n.i#}}"}}),
            json!({"count": 5}),
        ),
        (
            json!({"text": {"type": "constant", "value": true}, "switch": {"type": "constant", "value": true}}),
            json!({"text": "True", "switch": true}),
        ),
        (
            json!({"list": {"type": "variable", "value": ["n", "l"]}, "map": {"type": "variable", "value": ["n", "o"]}}),
            json!({"list": ["a"], "map": {"k": 1}}),
        ),
        (
            json!({"map": {"type": "constant", "value": {"q": "{{#n.s#}}"}}}),
            json!({"map": {"q": "five"}}),
        ),
        (
            json!({"text": {"type": "variable", "value": ["n", "none"]}, "count": null, "list": {"type": "mixed", "value": null}}),
            json!({}),
        ),
        (
            json!({"undeclared": {"type": "mixed", "value": "x"}}),
            json!({}),
        ),
        (json!({"text": "bare {{#n.i#}}"}), json!({"text": "bare 5"})),
    ] {
        let told = given(parameters.clone(), json!({}), variables()).await;
        assert_eq!(told, expected, "{parameters}");
    }
}

#[tokio::test]
async fn settings_stand_in_for_parameters_that_are_not_said() {
    let settings = json!({"count": 3, "switch": 0, "text": {"type": "mixed", "value": "from {{#n.s#}}"}, "list": null});
    let said = json!({"text": {"type": "mixed", "value": "own"}});
    let variables = || pool(json!({"n": {"s": "settings"}}));
    let told = given(json!({}), settings.clone(), variables()).await;
    assert_eq!(
        told,
        json!({"count": 3, "switch": false, "text": "from settings"})
    );
    let told = given(said, settings, variables()).await;
    assert_eq!(told["text"], "own");
}

#[tokio::test]
async fn what_a_tool_says_becomes_outputs() {
    let file = File {
        id: None,
        file_type: FileType::Image,
        transfer_method: TransferMethod::RemoteUrl,
        remote_url: Some("https://files.test/a.png".to_owned()),
        reference: None,
        filename: Some("a.png".to_owned()),
        extension: Some(".png".to_owned()),
        mime_type: None,
        size: -1,
        related_id: None,
        url: None,
    };
    let (tools, _) = tools(Ok(vec![
        ToolMessage::Text("one ".to_owned()),
        ToolMessage::Link("https://a.test".to_owned()),
        ToolMessage::Json(json!({"a": 1})),
        ToolMessage::Json(json!({})),
        ToolMessage::File(file),
        ToolMessage::Variable {
            name: "own".to_owned(),
            value: Value::Integer(7),
        },
    ]));
    let attempt = run(json!({}), Pool::new(), tools).await;
    let outputs = outcome(&attempt).unwrap();
    assert_eq!(outputs["text"], "one Link: https://a.test\n");
    assert_eq!(outputs["json"], json!([{"a": 1}]));
    assert_eq!(outputs["files"][0]["filename"], "a.png");
    assert_eq!(outputs["own"], 7);
    assert_eq!(attempt.inputs["needed"], "x");
    assert_eq!(
        attempt.process_data["tool_info"]["provider_id"],
        "acme/any/any"
    );
}

#[tokio::test]
async fn a_tool_that_says_nothing_has_empty_outputs() {
    let (tools, _) = tools(Ok(Vec::new()));
    let attempt = run(json!({}), Pool::new(), tools).await;
    assert_eq!(
        outcome(&attempt).unwrap(),
        json!({"text": "", "files": [], "json": [{"data": []}]})
    );
}

#[tokio::test]
async fn each_failure_has_its_class() {
    let (good, _) = tools(Ok(Vec::new()));
    let other = json!({"tool_name": "other"});
    let (class, message) = failure(run(other, Pool::new(), good.clone()).await);
    assert_eq!(class, "ToolRuntimeResolutionError");
    assert!(
        message.starts_with("Failed to get tool runtime: "),
        "{message}"
    );
    let missing = json!({"tool_parameters": {"needed": {"type": "variable", "value": ["n", "x"]}}});
    let told = failure(run(missing, Pool::new(), good.clone()).await);
    let expected = ("ToolParameterError", "Variable n.x does not exist");
    assert_eq!((told.0.as_str(), told.1.as_str()), expected);
    let wrong = json!({"tool_parameters": {"count": {"type": "mixed", "value": "many"}}});
    let (class, message) = failure(run(wrong, Pool::new(), good).await);
    assert_eq!(class, "ToolParameterError");
    assert!(
        message.contains("many is not in correct type of number"),
        "{message}"
    );
    let (bad, _) = tools(Err(ToolError::Invoke("it broke".to_owned())));
    let told = failure(run(json!({}), Pool::new(), bad).await);
    let expected = (
        "ToolRuntimeInvocationError",
        "Failed to invoke tool: it broke",
    );
    assert_eq!((told.0.as_str(), told.1.as_str()), expected);
}

#[tokio::test]
async fn secrets_are_given_and_not_shown() {
    let mut variables = Pool::new();
    variables.set("env", "KEY", Value::Secret("sk-123456789".into()));
    let (tools, seen) = tools(Ok(Vec::new()));
    let data = json!({"tool_parameters": {
        "text": {"type": "mixed", "value": "key {{#env.KEY#}}"},
        "needed": {"type": "variable", "value": ["env", "KEY"]},
    }});
    let attempt = run(data, variables, tools).await;
    let shown = json!(attempt.inputs).to_string();
    assert!(!shown.contains("sk-123456789"), "{shown}");
    let given = json!(seen.lock().unwrap()[0]);
    assert_eq!(given["text"], "key sk-123456789");
    assert_eq!(given["needed"], "sk-123456789");
}

#[test]
fn data_that_make_no_sense_are_refused_with_their_field() {
    let tool = |more: Json| {
        let mut data =
            json!({"provider_type": "builtin", "provider_id": "time", "tool_name": "weekday"});
        data.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        build("tool", data)
    };
    assert_eq!(tool(json!({})), Ok(()));
    for (more, field) in [
        (json!({"tool_name": ""}), "data.tool_name"),
        (
            json!({"tool_parameters": {"day": {"type": "mystery", "value": 1}}}),
            "data.tool_parameters.day",
        ),
        (
            json!({"tool_configurations": {"day": {"type": "variable", "value": "x"}}}),
            "data.tool_configurations.day",
        ),
    ] {
        let problem = tool(more).unwrap_err();
        assert_eq!(problem.field.as_deref(), Some(field));
    }
}

#[tokio::test]
async fn the_built_in_tools_answer() {
    let (tools, _) = tools(Ok(Vec::new()));
    let data = json!({"provider_id": "langgenius/time/time", "tool_name": "weekday", "tool_parameters": {
        "year": {"type": "constant", "value": 2024}, "month": {"type": "mixed", "value": "2"},
        "day": {"type": "mixed", "value": "29"}}});
    let attempt = run(data, Pool::new(), tools).await;
    let outputs = outcome(&attempt).unwrap();
    assert_eq!(outputs["text"], "February 29, 2024 is Thursday.");
}
