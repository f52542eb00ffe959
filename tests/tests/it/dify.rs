//! Dify's service API: whole answers, the order of events in streams, refusals, conversations; and the clients of others.

mod agents;
mod answered_files;
mod chat;
mod citations;
mod errors;
mod files;
mod forms;
mod logs;
mod orders;
mod peers;
mod streams;
mod workflows;

use latchkey_tests::app::TestApp;
use latchkey_tests::client::{Answer, Client, Events};
use latchkey_tests::document::Document;
use latchkey_tests::sse::Event;
use latchkey_tests::user::Workflow;
use serde_json::{Value as Json, json};

/// Somebody with the key of an app.
struct App {
    client: Client,
    workflow: Workflow,
}

/// Publishes a document and makes a key of it.
async fn app(of: &TestApp, document: &Document) -> App {
    app_of(of, of.publish(document).await).await
}

/// Makes a key of a workflow.
async fn app_of(of: &TestApp, workflow: Workflow) -> App {
    let body = json!({"name": "app", "kind": "app", "workflow_id": workflow.id});
    let made = of.user().post("/api-keys", body).await.expect(201);
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("app-"), "{key}");
    App {
        client: of.user().client().unchecked().with_key(Some(key)),
        workflow,
    }
}

impl App {
    async fn get(&self, path: &str) -> Answer {
        self.client.get(&format!("/v1{path}")).await
    }

    async fn post(&self, path: &str, body: Json) -> Answer {
        self.client.post(&format!("/v1{path}"), body).await
    }

    async fn delete(&self, path: &str, body: Json) -> Answer {
        let ask = self.client.request("DELETE", &format!("/v1{path}"));
        ask.json(&body).send().await
    }

    async fn stream(&self, path: &str, body: Json) -> Events {
        let ask = self.client.request("POST", &format!("/v1{path}"));
        ask.json(&body).events().await
    }

    /// Runs a workflow app to its end as a stream.
    async fn run(&self, inputs: Json) -> Vec<Event> {
        let body = json!({"inputs": inputs, "user": "ada", "response_mode": "streaming"});
        self.stream("/workflows/run", body).await.rest().await
    }

    /// Asks in a conversation, which begins if there is none.
    async fn ask(&self, query: &str, conversation: &str) -> Json {
        let body = json!({"inputs": {}, "query": query, "user": "ada", "conversation_id": conversation, "auto_generate_name": false});
        self.post("/chat-messages", body).await.expect(200)
    }
}

/// The names of events, with what they are about.
fn order(events: &[Event]) -> String {
    let told = |event: &Event| {
        let data = &event.data["data"];
        let name = event.data["event"].as_str().unwrap_or_default();
        let mut line = name.to_owned();
        if let Some(node) = data["node_id"].as_str() {
            line.push_str(&format!(" {node}"));
        }
        for key in ["index", "status", "reason", "retry_index"] {
            let value = &data[key];
            let is_told_before = key == "index" && name == "node_finished";
            if !value.is_null() && !is_told_before {
                line.push_str(&format!(
                    " {key}={}",
                    value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned)
                ));
            }
        }
        for key in ["iteration_id", "loop_id", "text"] {
            if let Some(text) = data[key].as_str() {
                line.push_str(&format!(" {key}={text:?}"));
            }
        }
        if let Some(answer) = event.data["answer"].as_str() {
            line.push_str(&format!(" {answer:?}"));
        }
        line
    };
    events.iter().map(told).collect::<Vec<_>>().join("\n")
}
