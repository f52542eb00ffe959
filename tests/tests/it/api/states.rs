//! When a stored credential pays, and when no more.

use std::time::Duration;

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::provider::{Reply, Rule};
use latchkey_tests::shown;
use serde_json::json;

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_key_that_dies_is_marked_and_one_that_lives_again_is_not() {
    let app = TestApp::new().await;
    let id = app.credential("only").await;
    app.provider()
        .script(Rule::for_checks(Reply::unauthorized()).times(1));
    let path = format!("/credentials/{id}/validate");
    assert_snapshot!(shown::answer(&app.user().post(&path, json!({})).await), @r#"
    200
    {
      "valid": false,
      "code": "credential_invalid",
      "message": "[401] Incorrect API key provided: [masked].",
      "state": "invalid"
    }
    "#);
    assert_snapshot!(shown::answer(&app.user().post(&path, json!({})).await), @r#"
    200
    {"valid":true,"code":null,"message":null,"state":"active"}
    "#);
}

#[tokio::test]
async fn a_credential_pays_until_it_expires() {
    let app = TestApp::new().await;
    let id = app.credential("only").await;
    let expires = json!({"expires_at": "2026-01-01T01:00:00Z"});
    let _ = app
        .user()
        .patch(&format!("/credentials/{id}"), expires)
        .await
        .expect(200);
    let workflow = app.paid_by("only").await;
    app.passes(HOUR - Duration::from_millis(1));
    assert_eq!(workflow.run(json!({})).await["status"], "succeeded");
    app.passes(Duration::from_millis(1));
    let run = workflow.run(json!({})).await;
    assert_snapshot!(shown::json(&run), @r#"
    {
      "id": "<id 1>",
      "workflow_id": "<id 2>",
      "version": 1,
      "status": "failed",
      "inputs": {"tenant":null,"question":null},
      "outputs": {},
      "error": {
        "code": "credential_expired",
        "message": "credential_expired: level node, selector \"only\" rendered as \"only\", for model deepseek-chat of deepseek",
        "node_id": "ask"
      },
      "environment": "production",
      "end_user": null,
      "created_at": "2026-01-01T01:00:00.000Z",
      "started_at": "2026-01-01T01:00:00.000Z",
      "finished_at": "2026-01-01T01:00:00.000Z",
      "elapsed_ms": 0,
      "usage": {"input_tokens":0,"output_tokens":0,"cost":[],"unpriced_calls":0},
      "steps": 2
    }
    "#);
    assert_eq!(
        app.provider().chats().len(),
        1,
        "an expired key is not sent"
    );
    let calls = app.user().model_calls(run["id"].as_str().unwrap()).await;
    assert_snapshot!(shown::json(&json!(calls)), @r#"
    [
      {
        "id": "<id 1>",
        "run_id": "<id 2>",
        "workflow_id": "<id 3>",
        "workflow_name": "one model",
        "version": 1,
        "node_id": "ask",
        "iteration_path": [],
        "node_execution_id": "<id 4>",
        "attempt": 1,
        "environment": "production",
        "end_user": null,
        "api_key_id": "<id 5>",
        "credential_id": "<id 6>",
        "credential_name": "only",
        "credential_version": null,
        "level": "node",
        "provider": "deepseek",
        "model": "deepseek-chat",
        "model_type": "llm",
        "outcome": "refused",
        "error_code": "credential_expired",
        "http_status": null,
        "input_tokens": 0,
        "cache_read_tokens": 0,
        "cache_write_tokens": 0,
        "output_tokens": 0,
        "reasoning_tokens": 0,
        "usage_source": "none",
        "raw_usage": null,
        "price": {"currency":"USD","input":"0.28","cache_read":"0.028","cache_write":"0.28","output":"0.42"},
        "cost": {"currency":"USD","amount":"0"},
        "provider_request_id": null,
        "latency_ms": "<measured>",
        "first_token_ms": null,
        "opened_at": "2026-01-01T01:00:00.000Z",
        "closed_at": "<measured>"
      }
    ]
    "#);
}

#[tokio::test]
async fn a_disabled_credential_pays_nothing_until_it_is_switched_on() {
    let app = TestApp::new().await;
    let id = app.credential("only").await;
    let workflow = app.paid_by("only").await;
    for (state, status) in [("disabled", "failed"), ("active", "succeeded")] {
        let _ = app
            .user()
            .patch(&format!("/credentials/{id}"), json!({"state": state}))
            .await
            .expect(200);
        assert_eq!(workflow.run(json!({})).await["status"], status, "{state}");
    }
}
