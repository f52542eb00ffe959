//! Azure OpenAI: where questions go, and with which key. What answers come to stands in the golden files.

use latchkey_domain::provider::ModelType;
use latchkey_outbound::Response;
use serde_json::json;

use crate::stage::{Seen, Stage, asking, events, json as answer};

const ROOT: &str = "https://me.openai.azure.com";
const KEYS: [(&str, &str); 1] = [("api_key", "test-key-mine")];

fn hello(seen: &Seen) -> Response {
    if seen.method == "GET" {
        return answer(200, &json!({"data": []}));
    }
    if seen.url.contains("/embeddings") {
        return answer(
            200,
            &json!({"data": [{"index": 0, "embedding": [1.0]}], "usage": {"prompt_tokens": 2}}),
        );
    }
    if seen.url.contains("/responses") {
        return events(&[json!({"type": "response.completed", "response": {"output": []}})]);
    }
    events(&[json!({"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}]})])
}

fn stage(settings: &[(&str, &str)]) -> Stage {
    let mut all = vec![("base_url", ROOT)];
    all.extend(settings);
    Stage::new(("azure_openai", "my-gpt"), &all, &KEYS, hello)
}

#[tokio::test]
async fn the_version_says_where_a_deployment_is() {
    for (settings, url) in [
        (&[][..], "/openai/v1/chat/completions"),
        (
            &[("api_version", "2024-10-21")],
            "/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21",
        ),
        (
            &[("api_version", "2025-03-01-preview"), ("api", "responses")],
            "/openai/responses?api-version=2025-03-01-preview",
        ),
        (&[("api", "responses")], "/openai/v1/responses"),
    ] {
        let stage = stage(settings);
        stage.chat(asking(&json!({}))).await.unwrap();
        let seen = stage.last();
        assert_eq!(seen.url, format!("{ROOT}{url}"));
        assert_eq!(seen.header("api-key"), "test-key-mine");
        assert!(!seen.headers.contains_key("authorization"));
        assert_eq!(seen.body()["model"], "my-gpt");
    }
}

#[tokio::test]
async fn the_credential_can_say_which_model_is_behind_a_deployment() {
    for (settings, name) in [
        (&[][..], "max_tokens"),
        (&[("base_model", "o4-mini")], "max_completion_tokens"),
    ] {
        let body = stage(settings)
            .body_of(asking(&json!({"max_tokens": 7})))
            .await;
        assert_eq!(body[name], 7, "{body}");
    }
}

#[tokio::test]
async fn vectors_and_trials_go_to_the_same_resource() {
    let stage = stage(&[("api_version", "2024-10-21")]);
    let (value, counts) = stage.embed(&["a"]).await.unwrap();
    assert_eq!((value, counts.as_str()), (vec![vec![1.0]], "2 reported"));
    let path = "/openai/deployments/my-gpt/embeddings?api-version=2024-10-21";
    assert_eq!(stage.last().url, format!("{ROOT}{path}"));
    stage
        .validate(Some(("my-gpt", ModelType::Llm)))
        .await
        .unwrap();
    assert_eq!(
        stage.last().line(),
        format!("GET {ROOT}/openai/models?api-version=2024-10-21")
    );
}

#[tokio::test]
async fn a_deployment_cannot_lead_to_another_address() {
    let settings = [("base_url", ROOT), ("api_version", "2024-10-21")];
    let stage = Stage::new(("azure_openai", "../../steal?x="), &settings, &KEYS, hello);
    let refused = stage.chat(asking(&json!({}))).await.unwrap_err();
    assert_eq!(refused.error_type(), "InvokeBadRequestError");
    assert!(stage.seen().is_empty());
}
