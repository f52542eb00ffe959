//! What an answer was made from: in the metadata of its end, and in its message when it is read again.

use latchkey_tests::app::TestApp;
use latchkey_tests::document::Document;
use serde_json::{Value as Json, json};

use super::{App, app};
use crate::knowledge::{PASSWORDS, indexed, simulated};

async fn answering_from(of: &TestApp, dataset: &str, cites: bool) -> App {
    let retrieval = json!({"query_variable_selector": ["sys", "query"], "dataset_ids": [dataset], "retrieval_mode": "multiple",
        "multiple_retrieval_config": {"top_k": 2}});
    let model = json!({"provider": "simulated", "name": "simulated-echo", "mode": "chat", "completion_params": {}});
    let ask = json!({"model": model, "prompt_template": [{"role": "user", "text": "Use: {{#context#}}", "id": "p"}],
        "context": {"enabled": true, "variable_selector": ["find", "result"]}, "vision": {"enabled": false}});
    let document = Document::chat("manual", &[])
        .node("find", "knowledge-retrieval", retrieval)
        .node("ask", "llm", ask)
        .answer("say", "{{#ask.text#}}")
        .line(&["start", "find", "ask", "say"])
        .with(|file| {
            file["workflow"]["features"]["retriever_resource"] = json!({"enabled": cites})
        });
    app(of, &document).await
}

async fn message(app: &App, answer: &Json) -> Json {
    let conversation = answer["conversation_id"].as_str().unwrap();
    let list = format!("/messages?user=ada&conversation_id={conversation}");
    app.get(&list).await.expect(200)["data"][0].clone()
}

#[tokio::test]
async fn the_sources_of_an_answer_are_kept_with_its_message() {
    let of = TestApp::new().await;
    let dataset = simulated(of.user(), "manual").await;
    indexed(of.user(), &dataset, PASSWORDS).await;
    let app = answering_from(&of, &dataset, true).await;
    let answer = app.ask("How do I reset my password?", "").await;
    let sources = answer["metadata"]["retriever_resources"]
        .as_array()
        .unwrap();
    // Both segments are of one document, which is named once.
    assert_eq!(sources.len(), 1, "{answer}");
    let source = &sources[0];
    assert_eq!(
        (&source["position"], &source["dataset_name"]),
        (&json!(1), &json!("manual"))
    );
    for key in [
        "dataset_id",
        "document_id",
        "document_name",
        "data_source_type",
        "segment_id",
        "retriever_from",
        "score",
        "hit_count",
        "word_count",
        "segment_position",
        "index_node_hash",
        "content",
        "page",
        "doc_metadata",
        "title",
        "files",
        "summary",
    ] {
        assert!(source.get(key).is_some(), "{key}: {source}");
    }
    assert_eq!(
        message(&app, &answer).await["retriever_resources"],
        json!(sources)
    );
}

#[tokio::test]
async fn an_app_that_does_not_cite_names_no_sources() {
    let of = TestApp::new().await;
    let dataset = simulated(of.user(), "manual").await;
    indexed(of.user(), &dataset, PASSWORDS).await;
    let app = answering_from(&of, &dataset, false).await;
    let answer = app.ask("How do I reset my password?", "").await;
    assert_eq!(answer["metadata"]["retriever_resources"], json!([]));
    assert_eq!(
        message(&app, &answer).await["retriever_resources"],
        json!([])
    );
}
