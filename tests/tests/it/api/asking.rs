//! The node types beside `llm` that ask models: each call is paid by whom the node names, is in the ledger, and an
//! agent's steps are told.

use latchkey_tests::app::TestApp;
use latchkey_tests::document::Document;
use latchkey_tests::provider::{Reply, Rule};
use latchkey_tests::user::Workflow;
use serde_json::{Value as Json, json};

fn model(name_key: &str) -> Json {
    json!({"provider": "deepseek", name_key: "deepseek-chat", "mode": "chat", "completion_params": {},
        "credential_name": "customer-{{#start.tenant#}}"})
}

/// A question is classified, a parameter extracted, and an agent answers.
async fn published(app: &TestApp) -> Workflow {
    let classifier = json!({"model": model("name"), "query_variable_selector": ["start", "q"], "instruction": "",
        "classes": [{"id": "1", "name": "travel"}, {"id": "2", "name": "other"}]});
    let extractor = json!({"model": model("name"), "query": ["start", "q"], "reasoning_mode": "prompt", "instruction": "",
        "parameters": [{"name": "city", "type": "string", "required": true, "description": "where"}]});
    let parameters = json!({"model": {"type": "constant", "value": model("model")},
        "query": {"type": "constant", "value": "what of {{#extract.city#}}"},
        "instruction": {"type": "constant", "value": "be kind"}, "tools": {"type": "constant", "value": []}});
    let agent = json!({"agent_strategy_name": "function_calling", "agent_strategy_provider_name": "langgenius/agent/agent",
        "agent_parameters": parameters});
    let document = Document::workflow("asking", &["tenant", "q"])
        .node("sort", "question-classifier", classifier)
        .node("extract", "parameter-extractor", extractor)
        .node("agent", "agent", agent)
        .end("end", &[("text", "agent.text")])
        .edge("start", "sort")
        .edge("sort:1", "extract")
        .edge("extract", "agent")
        .edge("agent", "end");
    for (words, said) in [
        (
            "You sort texts",
            r#"{"category_id": "1", "category_name": "travel"}"#,
        ),
        ("You read a text", r#"{"city": "Rome"}"#),
        ("be kind", "It is sunny."),
    ] {
        app.provider()
            .script(Rule::for_prompt(words, Reply::words(said)));
    }
    app.user().publish(&document, &["customer-*"]).await
}

#[tokio::test]
async fn each_node_is_paid_by_whom_it_names() {
    let app = TestApp::new().await;
    for name in ["customer-acme", "customer-globex"] {
        app.credential(name).await;
    }
    let workflow = published(&app).await;
    let run = workflow.run(json!({"tenant": "acme", "q": "Rome?"})).await;
    assert_eq!(run["outputs"], json!({"text": "It is sunny."}), "{run}");
    let keys = app.provider().calls_by_key();
    assert_eq!(keys.get("test-key-customer-acme"), Some(&3), "{keys:?}");
    assert_eq!(keys.len(), 1);
    let id = run["id"].as_str().unwrap();
    let calls = app.user().model_calls(id).await;
    let mut rows: Vec<String> = calls
        .iter()
        .map(|call| {
            format!(
                "{} {} {}",
                call["node_id"], call["credential_name"], call["attempt"]
            )
        })
        .collect();
    rows.sort();
    assert_eq!(
        rows,
        [
            r#""agent" "customer-acme" 1"#,
            r#""extract" "customer-acme" 1"#,
            r#""sort" "customer-acme" 1"#,
        ]
    );
    let nodes = app.user().node_executions(id).await;
    for node in nodes.iter().filter(|it| it["resolution"].is_object()) {
        assert_eq!(node["resolution"]["level"], "node", "{node}");
    }
    assert_eq!(
        nodes
            .iter()
            .filter(|it| it["resolution"].is_object())
            .count(),
        3
    );
}

#[tokio::test]
async fn a_dry_run_knows_who_would_pay() {
    let app = TestApp::new().await;
    app.credential("customer-acme").await;
    let workflow = published(&app).await;
    let body = json!({"inputs": {"tenant": "acme"}});
    let rows = workflow.resolve(body).await.expect(200);
    let rows: Vec<String> = rows["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| format!("{} {}", row["node_id"], row["outcome"]))
        .collect();
    assert_eq!(
        rows,
        [
            r#""sort" "resolved""#,
            r#""extract" "resolved""#,
            r#""agent" "resolved""#
        ]
    );
}

#[tokio::test]
async fn an_agent_tells_its_steps_and_streams_its_answer() {
    let app = TestApp::new().await;
    app.credential("customer-acme").await;
    let workflow = published(&app).await;
    let events = workflow
        .stream_to_end(json!({"tenant": "acme", "q": "Rome?"}))
        .await;
    let steps: Vec<String> = events
        .iter()
        .filter(|event| event.name == "agent_log")
        .map(|event| {
            format!(
                "{} {} {}",
                event.data["node_id"], event.data["status"], event.data["label"]
            )
        })
        .collect();
    assert_eq!(
        steps,
        [
            r#""agent" "start" "ROUND 1""#,
            r#""agent" "start" "deepseek-chat Thought""#,
            r#""agent" "success" "deepseek-chat Thought""#,
            r#""agent" "success" "ROUND 1""#,
        ]
    );
    let text = events.iter().filter(|event| event.name == "text_chunk");
    let text: String = text
        .filter_map(|event| event.data["text"].as_str())
        .collect();
    assert_eq!(text, "It is sunny.");
    // Who comes later is told the same.
    let run = events[0].data["run_id"].as_str().unwrap();
    let again = app.user().events(run, None).await.rest().await;
    assert_eq!(
        again
            .iter()
            .filter(|event| event.name == "agent_log")
            .count(),
        steps.len()
    );
}

#[tokio::test]
async fn a_key_that_is_missing_fails_the_node_that_needs_it() {
    let app = TestApp::new().await;
    app.credential("customer-acme").await;
    let workflow = published(&app).await;
    let run = workflow
        .run(json!({"tenant": "nobody", "q": "Rome?"}))
        .await;
    assert_eq!(run["error"]["code"], "credential_not_found", "{run}");
    assert_eq!(run["error"]["node_id"], "sort");
    assert!(app.provider().calls_by_key().is_empty());
}
