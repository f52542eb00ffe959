//! Agent apps as their clients know them: thoughts in streams and in messages; and agents of graphs, which tell their steps.

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::document::Document;
use latchkey_tests::provider::{Reply, Rule};
use latchkey_tests::sse::Event;
use serde_json::{Value as Json, json};

use super::{App, app, app_of, order};

/// An answer that calls the tool `current_time`.
fn calls_a_tool() -> Reply {
    let call = json!({"index": 0, "id": "call-1", "type": "function",
        "function": {"name": "current_time", "arguments": "{}"}});
    let delta =
        json!({"role": "assistant", "content": "I look at the clock.", "tool_calls": [call]});
    let event = json!({"choices": [{"index": 0, "delta": delta, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}});
    Reply::Event(format!("{event}\n\ndata: [DONE]"))
}

const AGENT: &str = "
app: {mode: agent-chat, name: Agent}
kind: app
version: 0.3.0
model_config:
  model: {provider: deepseek, name: deepseek-chat, mode: chat, completion_params: {}, credential_name: only}
  pre_prompt: 'Be brief.'
  agent_mode: {enabled: true, strategy: function_call, max_iteration: 3, tools: [{enabled: true, provider_id: time, provider_name: time, provider_type: builtin, tool_name: current_time, tool_parameters: {timezone: UTC, format: '%Y'}}]}
";

async fn agent() -> (TestApp, App) {
    let of = TestApp::new().await;
    of.provider().script(Rule::always(calls_a_tool()).times(1));
    of.provider()
        .script(Rule::always(Reply::words("this year")));
    of.credential("only").await;
    let imported = of.user().try_import(AGENT, "?publish=true").await;
    let workflow = of.user().workflow(&imported.expect(201)["workflow"]["id"]);
    let app = app_of(&of, workflow).await;
    (of, app)
}

fn thought(told: &Json) -> String {
    let text = |key: &str| told[key].as_str().unwrap_or_default().to_owned();
    let (thought, tool, input) = (text("thought"), text("tool"), text("tool_input"));
    format!(
        "{} {thought:?} {tool:?} {input} {}",
        told["position"],
        text("observation")
    )
    .trim_end()
    .to_owned()
}

fn told(events: &[Event], name: &str) -> Vec<Json> {
    let named = events.iter().filter(|event| event.data["event"] == name);
    named.map(|event| event.data.clone()).collect()
}

#[tokio::test]
async fn an_agent_app_tells_its_thoughts() {
    let (_of, app) = agent().await;
    let body = json!({"inputs": {}, "query": "which year", "user": "ada", "response_mode": "streaming", "auto_generate_name": false});
    let events = app.stream("/chat-messages", body).await.rest().await;
    let names: Vec<_> = events
        .iter()
        .map(|event| event.data["event"].as_str().unwrap())
        .collect();
    assert_snapshot!(names.join("\n"), @r#"
    agent_thought
    agent_message
    agent_thought
    agent_thought
    agent_thought
    agent_message
    agent_message
    agent_thought
    agent_message
    message_end
    "#);
    let told = self::told(&events, "agent_thought");
    assert_snapshot!(told.iter().map(thought).collect::<Vec<_>>().join("\n"), @r#"
    1 "" ""
    1 "I look at the clock." "current_time" {"current_time":{}}
    1 "I look at the clock." "current_time" {"current_time":{}} {"current_time":"2026"}
    2 "" ""
    2 "this year" ""
    "#);
    let ids: Vec<&Json> = told.iter().map(|one| &one["id"]).collect();
    // A thought is told again under its id; each round has its own.
    assert_eq!((ids[0], ids[3]), (ids[1], ids[4]));
    assert_ne!(ids[0], ids[3]);
    let first = &told[0];
    for key in [
        "task_id",
        "message_id",
        "conversation_id",
        "created_at",
        "tool_labels",
        "message_files",
    ] {
        assert!(!first[key].is_null(), "{key}: {first}");
    }
    let conversation = first["conversation_id"].as_str().unwrap();
    let list = format!("/messages?user=ada&conversation_id={conversation}");
    let listed = app.get(&list).await.expect(200);
    let message = &listed["data"][0];
    let kept = message["agent_thoughts"].as_array().unwrap();
    let last = [&told[2], &told[4]];
    for (kept, told) in kept.iter().zip(last) {
        assert_eq!(thought(kept), thought(told));
        assert_eq!(
            (&kept["id"], &kept["message_id"]),
            (&told["id"], &message["id"])
        );
        assert_eq!(
            (&kept["chain_id"], &kept["files"]),
            (&Json::Null, &json!([]))
        );
    }
    assert_eq!(kept.len(), 2, "{message}");
}

#[tokio::test]
async fn an_agent_of_a_graph_tells_its_steps() {
    let of = TestApp::new().await.answering(Reply::words("noon"));
    of.credential("only").await;
    let model = json!({"provider": "deepseek", "model": "deepseek-chat", "model_type": "llm", "mode": "chat", "completion_params": {}, "credential_name": "only"});
    let agent = json!({"agent_strategy_provider_name": "langgenius/agent/agent", "agent_strategy_name": "function_calling", "agent_strategy_label": "FunctionCalling",
        "agent_parameters": {"model": {"type": "constant", "value": model}, "tools": {"type": "constant", "value": []},
            "query": {"type": "constant", "value": "what time is it"}, "instruction": {"type": "constant", "value": "be brief"}}});
    let document = Document::workflow("agent", &[])
        .node("ask", "agent", agent)
        .end("end", &[("said", "ask.text")])
        .line(&["start", "ask", "end"]);
    let app = app(&of, &document).await;
    let events = app.run(json!({})).await;
    assert_snapshot!(order(&events), @r#"
    workflow_started reason=initial
    node_started start index=1
    node_finished start status=succeeded
    node_started ask index=2
    agent_log ask status=start
    agent_log ask status=start
    text_chunk text="noon"
    agent_log ask status=success
    agent_log ask status=success
    text_chunk text=""
    node_finished ask status=succeeded
    node_started end index=3
    node_finished end status=succeeded
    workflow_finished status=succeeded
    "#);
    let began = of_node(&events, "node_started", "ask");
    assert_eq!(
        began["agent_strategy"],
        json!({"name": "FunctionCalling", "icon": null})
    );
    let log = told(&events, "agent_log")[0].clone();
    let keys: Vec<&String> = log["data"].as_object().unwrap().keys().collect();
    let expected = [
        "node_execution_id",
        "id",
        "label",
        "parent_id",
        "error",
        "status",
        "data",
        "metadata",
        "node_id",
    ];
    assert_eq!(keys, expected);
}

fn of_node(events: &[Event], name: &str, node: &str) -> Json {
    let mut named = told(events, name)
        .into_iter()
        .map(|event| event["data"].clone());
    named.find(|data| data["node_id"] == node).unwrap()
}
