//! Files of apps without a graph, and the graphs that they become.

use serde_json::{Value as Json, json};

use super::converted;

const CHAT: &str = r"
app: {mode: chat, name: Helper}
kind: app
version: 0.3.0
model_config:
  model: {provider: openai, name: gpt-4o, mode: chat, completion_params: {temperature: 0.5}, credential_name: team}
  pre_prompt: 'You help {{name}} with {{topic}} and {{other}}.'
  user_input_form:
  - text-input: {label: Name, variable: name, required: true, max_length: 20}
  - select: {label: Topic, variable: topic, options: [a, b]}
  opening_statement: Hello
  external_data_tools: [{}]
  dataset_configs: {datasets: {datasets: [{dataset: {enabled: true, id: d1}}, {dataset: {enabled: false, id: d2}}]}, top_k: 7}
";

fn graph(text: &str) -> (Json, Vec<String>) {
    let converted = converted(text).unwrap();
    let codes = converted.notes.iter().map(|note| note.code.clone());
    let file: Json = serde_json::from_str(&converted.text).unwrap();
    (file, codes.collect())
}

fn node<'a>(file: &'a Json, id: &str) -> &'a Json {
    let nodes = file["workflow"]["graph"]["nodes"].as_array().unwrap();
    &nodes.iter().find(|node| node["id"] == id).unwrap()["data"]
}

#[test]
fn a_chat_app_becomes_a_line_of_nodes() {
    let (file, codes) = graph(CHAT);
    assert_eq!(codes, ["app_converted", "app_feature_ignored"]);
    assert_eq!(
        (&file["app"]["mode"], &file["app"]["converted_from"]),
        (&json!("advanced-chat"), &json!("chat"))
    );
    let edges = file["workflow"]["graph"]["edges"].as_array().unwrap();
    let edges: Vec<&str> = edges
        .iter()
        .map(|edge| edge["id"].as_str().unwrap())
        .collect();
    assert_eq!(edges, ["start-knowledge", "knowledge-llm", "llm-answer"]);
    let start = node(&file, "start");
    assert_eq!(start["variables"][1]["type"], "select");
    let llm = node(&file, "llm");
    let prompt = llm["prompt_template"][0]["text"].as_str().unwrap();
    assert!(
        prompt.ends_with("You help {{#start.name#}} with {{#start.topic#}} and {{other}}."),
        "{prompt}"
    );
    assert!(prompt.contains("{{#context#}}"), "{prompt}");
    assert_eq!(llm["model"]["credential_name"], "team");
    assert_eq!(
        llm["context"]["variable_selector"],
        json!(["knowledge", "result"])
    );
    assert_eq!(llm["memory"]["query_prompt_template"], "{{#sys.query#}}");
    let knowledge = node(&file, "knowledge");
    assert_eq!(knowledge["dataset_ids"], json!(["d1"]));
    assert_eq!(knowledge["multiple_retrieval_config"]["top_k"], 7);
    assert_eq!(file["workflow"]["features"]["opening_statement"], "Hello");
}

#[test]
fn a_completion_app_asks_its_prompt() {
    let text = CHAT
        .replace("mode: chat, name: Helper", "mode: completion, name: Helper")
        .replace(
            "[{dataset: {enabled: true, id: d1}}, {dataset: {enabled: false, id: d2}}]",
            "[]",
        );
    let (file, _) = graph(&text);
    let llm = node(&file, "llm");
    assert_eq!(llm["prompt_template"].as_array().unwrap().len(), 1);
    assert_eq!(llm["prompt_template"][0]["role"], "user");
    assert_eq!(llm["memory"], Json::Null);
    assert_eq!(file["app"]["converted_from"], "completion");
}

#[test]
fn an_agent_keeps_its_tools_and_its_strategy() {
    let text = "
app: {mode: agent-chat, name: Agent}
model_config:
  model: {provider: openai, name: gpt-4o, mode: chat}
  agent_mode: {enabled: true, strategy: react, max_iteration: 7, tools: [{enabled: true, provider_id: time, provider_name: time, provider_type: builtin, tool_name: current_time, tool_parameters: {timezone: UTC, format: ''}}]}
";
    let (file, _) = graph(text);
    let agent = node(&file, "agent");
    let value = |name: &str| agent["agent_parameters"][name]["value"].clone();
    assert_eq!(agent["agent_strategy_name"], "ReAct");
    assert_eq!(
        (value("maximum_iterations"), value("query")),
        (json!(7), json!("{{#sys.query#}}"))
    );
    assert_eq!(value("model")["model"], "gpt-4o");
    assert_eq!(
        value("tools")[0]["settings"],
        json!({"timezone": {"value": "UTC"}})
    );
}

#[test]
fn a_file_with_a_graph_is_left_alone() {
    for text in [
        "app: {mode: workflow}\nmodel_config: {}",
        "app: {mode: chat}",
        "app: [model_config",
        "",
    ] {
        assert!(converted(text).is_none(), "{text}");
    }
}
