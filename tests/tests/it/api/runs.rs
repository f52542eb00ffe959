//! Runs: started, read, repeated, stopped.

use std::time::Duration;

use insta::assert_snapshot;
use latchkey_domain::access::Permission::{RunsRead, RunsWrite};
use latchkey_tests::app::TestApp;
use latchkey_tests::document::{self, Document};
use latchkey_tests::provider::{Reply, Rule};
use latchkey_tests::shown;
use serde_json::{Value as Json, json};

fn id(run: &Json) -> &str {
    run["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_run_answers_its_outputs_and_what_it_used() {
    let app = TestApp::new()
        .await
        .answering(Reply::words("because it is so"));
    app.credential("only").await;
    let workflow = app.paid_by("only").await;
    let body = json!({"inputs": {"tenant": "acme", "question": "why"}, "end_user": "Ada"});
    let answer = workflow.start(body).await;
    assert_snapshot!(shown::answer(&answer), @r#"
    200
    {
      "id": "<id 1>",
      "workflow_id": "<id 2>",
      "version": 1,
      "status": "succeeded",
      "inputs": {"tenant":"acme","question":"why"},
      "outputs": {"answer":"because it is so"},
      "environment": "production",
      "end_user": "Ada",
      "created_at": "2026-01-01T00:00:00.000Z",
      "started_at": "2026-01-01T00:00:00.000Z",
      "finished_at": "2026-01-01T00:00:00.000Z",
      "elapsed_ms": 0,
      "usage": {"input_tokens":2,"output_tokens":4,"cost":[{"currency":"USD","amount":"0.00000224"}],"unpriced_calls":0},
      "steps": 3
    }
    "#);
    let run = answer.expect(200);
    assert_eq!(app.user().run(id(&run)).await, run);
    let nodes = app.user().node_executions(id(&run)).await;
    assert_snapshot!(shown::json(&nodes[1]), @r##"
    {
      "id": "<id 1>",
      "node_id": "ask",
      "type": "llm",
      "title": "ask",
      "index": 2,
      "iteration_path": [],
      "status": "succeeded",
      "inputs": {"#start.tenant#":"acme","#start.question#":"why","model_provider":"deepseek","model_name":"deepseek-chat"},
      "outputs": {
        "text": "because it is so",
        "reasoning_content": "",
        "usage": {
          "prompt_tokens": 2,
          "completion_tokens": 4,
          "total_tokens": 6,
          "prompt_unit_price": "0.28",
          "completion_unit_price": "0.42",
          "prompt_price_unit": "0.000001",
          "completion_price_unit": "0.000001",
          "prompt_price": "0.00000056",
          "completion_price": "0.00000168",
          "total_price": "0.00000224",
          "currency": "USD",
          "latency": "<measured>",
          "time_to_first_token": "<measured>",
          "time_to_generate": "<measured>"
        },
        "finish_reason": "stop"
      },
      "process_data": {
        "model_mode": "chat",
        "model_provider": "deepseek",
        "model_name": "deepseek-chat",
        "prompts": [{"role":"user","text":"tenant=acme question=why","files":[]}],
        "usage": {
          "prompt_tokens": 2,
          "completion_tokens": 4,
          "total_tokens": 6,
          "prompt_unit_price": "0.28",
          "completion_unit_price": "0.42",
          "prompt_price_unit": "0.000001",
          "completion_price_unit": "0.000001",
          "prompt_price": "0.00000056",
          "completion_price": "0.00000168",
          "total_price": "0.00000224",
          "currency": "USD",
          "latency": "<measured>",
          "time_to_first_token": "<measured>",
          "time_to_generate": "<measured>"
        },
        "finish_reason": "stop"
      },
      "attempts": 1,
      "input_tokens": 2,
      "output_tokens": 4,
      "resolution": {
        "credential_id": "<id 2>",
        "credential_name": "only",
        "credential_version": 1,
        "provider": "deepseek",
        "level": "node",
        "selector": "only",
        "selector_rendered": "only",
        "pool": null,
        "considered": [
          {"level":"run_override","outcome":"silent"},
          {"level":"node","outcome":"decided"},
          {"level":"workflow_binding","outcome":"not_asked"},
          {"level":"workspace_model_default","outcome":"not_asked"},
          {"level":"workspace_default","outcome":"not_asked"},
          {"level":"system","outcome":"not_asked"}
        ]
      },
      "started_at": "2026-01-01T00:00:00.000Z",
      "elapsed_ms": 0
    }
    "##);
    let calls = app.user().model_calls(id(&run)).await;
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
        "end_user": "Ada",
        "api_key_id": "<id 5>",
        "credential_id": "<id 6>",
        "credential_name": "only",
        "credential_version": 1,
        "level": "node",
        "provider": "deepseek",
        "model": "deepseek-chat",
        "model_type": "llm",
        "outcome": "succeeded",
        "error_code": null,
        "http_status": 200,
        "input_tokens": 2,
        "cache_read_tokens": 0,
        "cache_write_tokens": 0,
        "output_tokens": 4,
        "reasoning_tokens": 0,
        "usage_source": "reported",
        "raw_usage": {"prompt_tokens":2,"completion_tokens":4,"total_tokens":6},
        "price": {"currency":"USD","input":"0.28","cache_read":"0.028","cache_write":"0.28","output":"0.42"},
        "cost": {"currency":"USD","amount":"0.00000224"},
        "provider_request_id": "req-0",
        "latency_ms": "<measured>",
        "first_token_ms": "<measured>",
        "opened_at": "2026-01-01T00:00:00.000Z",
        "closed_at": "<measured>"
      }
    ]
    "#);
}

#[tokio::test]
async fn a_detached_run_is_answered_while_it_goes_on() {
    let app = TestApp::new()
        .await
        .answering(Reply::Gated("slow words".to_owned()));
    app.credential("only").await;
    let workflow = app.paid_by("only").await;
    let answer = workflow.start(json!({"response_mode": "detached"})).await;
    assert_snapshot!(shown::answer(&answer), @r#"
    202
    {
      "id": "<id 1>",
      "workflow_id": "<id 2>",
      "version": 1,
      "status": "running",
      "inputs": {"tenant":null,"question":null},
      "outputs": null,
      "environment": "production",
      "end_user": null,
      "created_at": "2026-01-01T00:00:00.000Z",
      "started_at": "2026-01-01T00:00:00.000Z",
      "finished_at": null,
      "elapsed_ms": null,
      "usage": {"input_tokens":0,"output_tokens":0,"cost":[],"unpriced_calls":0},
      "steps": 0
    }
    "#);
    app.passes(Duration::from_secs(5));
    app.provider().release(2);
    let over = app.user().run_over(id(&answer.expect(202))).await;
    assert_eq!(
        (&over["outputs"]["answer"], &over["elapsed_ms"]),
        (&json!("slow words"), &json!(5000))
    );
}

#[tokio::test]
async fn a_failed_run_says_which_node_and_why() {
    let app = TestApp::new().await.answering(Reply::server_error(503));
    app.credential("only").await;
    let workflow = app.paid_by("only").await;
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
        "code": "node_failed",
        "message": "[503] The server had an error (provider deepseek, credential only)",
        "node_id": "ask"
      },
      "environment": "production",
      "end_user": null,
      "created_at": "2026-01-01T00:00:00.000Z",
      "started_at": "2026-01-01T00:00:00.000Z",
      "finished_at": "2026-01-01T00:00:00.000Z",
      "elapsed_ms": 0,
      "usage": {"input_tokens":0,"output_tokens":0,"cost":[],"unpriced_calls":0},
      "steps": 2
    }
    "#);
    let calls = app.user().model_calls(id(&run)).await;
    assert_snapshot!(shown::json(&calls[0]), @r#"
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
      "credential_version": 1,
      "level": "node",
      "provider": "deepseek",
      "model": "deepseek-chat",
      "model_type": "llm",
      "outcome": "failed",
      "error_code": "InvokeServerUnavailableError",
      "http_status": 503,
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
      "opened_at": "2026-01-01T00:00:00.000Z",
      "closed_at": "<measured>"
    }
    "#);
}

#[tokio::test]
async fn whoever_may_not_read_credentials_hears_only_the_code_of_a_failure() {
    let app = TestApp::new().await;
    let workflow = app.paid_by("nobody").await;
    let user = app.user_who_may(&[RunsRead, RunsWrite]).await;
    let run = user.workflow(&json!(workflow.id)).run(json!({})).await;
    assert_snapshot!(shown::json(&run["error"]), @r#"{"code":"credential_not_found","message":"credential_not_found","node_id":"ask"}"#);
    let nodes = user.node_executions(id(&run)).await;
    assert_snapshot!(shown::json(&nodes[1]), @r##"
    {
      "id": "<id 1>",
      "node_id": "ask",
      "type": "llm",
      "title": "ask",
      "index": 2,
      "iteration_path": [],
      "status": "failed",
      "inputs": {"#start.tenant#":"","#start.question#":"","model_provider":"deepseek","model_name":"deepseek-chat"},
      "outputs": {},
      "process_data": {
        "model_mode": "chat",
        "model_provider": "deepseek",
        "model_name": "deepseek-chat",
        "prompts": [{"role":"user","text":"tenant= question=","files":[]}]
      },
      "error": {"error_type":"CredentialError","message":"credential_not_found"},
      "attempts": 1,
      "input_tokens": 0,
      "output_tokens": 0,
      "started_at": "2026-01-01T00:00:00.000Z",
      "elapsed_ms": 0
    }
    "##);
}

#[tokio::test]
async fn a_failed_attempt_is_repeated_when_its_time_has_come() {
    let app = TestApp::new().await;
    app.provider()
        .script(Rule::always(Reply::server_error(500)).times(1));
    app.credential("only").await;
    let mut document = document::one_model("only").json();
    document["workflow"]["graph"]["nodes"][1]["data"]["retry_config"] =
        json!({"retry_enabled": true, "max_retries": 2, "retry_interval": 10_000});
    let workflow = app.publish(&Document::from_json(document)).await;
    let mut events = workflow.stream(json!({})).await;
    events.until("node_retry").await;
    app.passes(Duration::from_millis(9_999));
    assert_eq!(app.provider().chats().len(), 1, "it waits");
    app.passes(Duration::from_millis(1));
    let finished = events.until("run_finished").await.pop().unwrap();
    assert_eq!(
        (&finished.data["status"], app.provider().chats().len()),
        (&json!("partial-succeeded"), 2)
    );
    let run = finished.data["run_id"].as_str().unwrap();
    let node = &app.user().node_executions(run).await[1];
    assert_eq!(
        (&node["attempts"], &node["elapsed_ms"]),
        (&json!(2), &json!(10_000))
    );
}

#[tokio::test]
async fn a_stopped_run_reports_stopped_once() {
    let app = TestApp::new().await.answering(Reply::Hangs);
    app.credential("only").await;
    let run = app.paid_by("only").await.detach(json!({})).await;
    app.provider().arrived(1).await;
    assert_snapshot!(shown::answer(&app.user().stop(&run).await), @r#"
    202
    {"status":"stopping"}
    "#);
    let over = app.user().run_over(&run).await;
    assert_snapshot!(shown::json(&over), @r#"
    {
      "id": "<id 1>",
      "workflow_id": "<id 2>",
      "version": 1,
      "status": "stopped",
      "inputs": {"tenant":null,"question":null},
      "outputs": {},
      "error": {"code":"stopped","message":"stopped on request","node_id":null},
      "environment": "production",
      "end_user": null,
      "created_at": "2026-01-01T00:00:00.000Z",
      "started_at": "2026-01-01T00:00:00.000Z",
      "finished_at": "2026-01-01T00:00:00.000Z",
      "elapsed_ms": 0,
      "usage": {"input_tokens":0,"output_tokens":0,"cost":[],"unpriced_calls":0},
      "steps": 2
    }
    "#);
    assert_snapshot!(shown::answer(&app.user().stop(&run).await), @r#"
    202
    {"status":"stopped"}
    "#);
}
