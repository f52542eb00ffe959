//! The published clients of others, unmodified, against the built binary.

use latchkey_tests::document::{self, Document};
use latchkey_tests::peers::Peers;
use latchkey_tests::provider::Provider;
use latchkey_tests::requires;
use latchkey_tests::server::{Server, Setup};
use latchkey_tests::user::User;
use serde_json::{Value as Json, json};

/// A running server with one app of each kind.
struct World {
    server: Server,
    _provider: Provider,
    keys: Vec<(&'static str, String)>,
}

fn chat() -> Document {
    Document::chat("chat", &[])
        .llm("ask", "be kind", "only")
        .answer("say", "{{#ask.text#}}")
        .line(&["start", "ask", "say"])
        .with(|file| {
            let nodes = file["workflow"]["graph"]["nodes"].as_array_mut().unwrap();
            let ask = nodes.iter_mut().find(|node| node["id"] == "ask").unwrap();
            ask["data"]["memory"] =
                json!({"window": {"enabled": false}, "query_prompt_template": ""});
            file["workflow"]["features"] = json!({"opening_statement": "Hello"});
        })
}

const COMPLETION: &str = r"
app: {mode: completion, name: Completion}
kind: app
version: 0.3.0
model_config:
  model: {provider: deepseek, name: deepseek-chat, mode: chat, completion_params: {}, credential_name: only}
  pre_prompt: 'Write about {{topic}}.'
  user_input_form:
  - text-input: {label: Topic, variable: topic, required: true, max_length: 20}
";

async fn key(user: &User, workflow: &Json) -> String {
    let body = json!({"name": "app", "kind": "app", "workflow_id": workflow});
    let made = user.post("/api-keys", body).await.expect(201);
    made["key"].as_str().unwrap().to_owned()
}

async fn world() -> World {
    let server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    let provider = Provider::start();
    user.credential("only", "test-key-only", &provider).await;
    let chat = user.publish(&chat(), &[]).await;
    let flow = user.publish(&document::light(), &[]).await;
    let completion = user
        .try_import(COMPLETION, "?publish=true")
        .await
        .expect(201);
    let codes = completion["report"]["items"].to_string();
    assert!(codes.contains("app_converted"), "{codes}");
    let path = format!("/workflows/{}/app", flow.id);
    let tool = user.patch(&path, json!({"mcp_enabled": true})).await;
    let _ = tool.expect(200);
    let body = json!({"name": "tools", "scopes": ["runs:read", "runs:write"]});
    let tools = user.post("/api-keys", body).await.expect(201);
    let keys = vec![
        ("MCP", tools["key"].as_str().unwrap().to_owned()),
        ("CHAT", key(&user, &json!(chat.id)).await),
        ("FLOW", key(&user, &json!(flow.id)).await),
        (
            "COMPLETION",
            key(&user, &completion["workflow"]["id"]).await,
        ),
    ];
    World {
        server,
        _provider: provider,
        keys,
    }
}

async fn run(peers: &'static Peers, script: &'static str) {
    let world = world().await;
    let base = world.server.url();
    let keys = world.keys.clone();
    let running = tokio::task::spawn_blocking(move || {
        let mut variables = vec![("BASE", base.as_str())];
        variables.extend(keys.iter().map(|(name, key)| (*name, key.as_str())));
        peers.run(script, &variables);
    });
    running.await.unwrap();
}

#[tokio::test]
async fn the_python_package_works_unchanged() {
    let peers = requires!(peers);
    run(peers, "dify_client_test.py").await;
}

#[tokio::test]
async fn the_node_package_works_unchanged() {
    let peers = requires!(peers);
    run(peers, "dify_client_test.mjs").await;
}

#[tokio::test]
async fn the_python_package_of_openai_works_unchanged() {
    let peers = requires!(peers);
    run(peers, "openai_test.py").await;
}

#[tokio::test]
async fn the_node_package_of_openai_works_unchanged() {
    let peers = requires!(peers);
    run(peers, "openai_test.mjs").await;
}

#[tokio::test]
async fn the_clients_of_the_mcp_package_use_workflows_as_tools() {
    let peers = requires!(peers);
    run(peers, "mcp_test.py").await;
}
