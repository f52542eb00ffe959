//! The start of a run: asked for twice, and refused.

use insta::assert_snapshot;
use latchkey_domain::access::Permission::{RunsRead, RunsWrite};
use latchkey_tests::app::TestApp;
use latchkey_tests::document;
use latchkey_tests::shown;
use serde_json::{Value as Json, json};

#[tokio::test]
async fn a_start_that_is_asked_for_twice_is_one_run() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document::light()).await;
    let start = async |key: &str, body: Json| {
        let ask = app.user().client().request("POST", &workflow.path("/runs"));
        ask.header("idempotency-key", key).json(&body).send().await
    };
    let first = start("order-1", json!({"inputs": {"name": "Ada"}}))
        .await
        .expect(200);
    let again = start("order-1", json!({"inputs": {"name": "Ada"}}))
        .await
        .expect(200);
    assert_eq!(first, again);
    let other = start("order-1", json!({"inputs": {"name": "Eve"}})).await;
    assert_snapshot!(shown::answer(&other), @r#"
    409
    {
      "type": "about:blank",
      "title": "Conflict",
      "status": 409,
      "code": "idempotency_conflict",
      "detail": "this Idempotency-Key stands for another body",
      "request_id": "<id 1>",
      "errors": []
    }
    "#);
    let _ = start("order-2", json!({"inputs": {"name": "Eve"}}))
        .await
        .expect(200);
    assert_eq!(app.user().pages("/api/v1/runs").await.len(), 2);
    assert_eq!(start(&"x".repeat(256), json!({})).await.status, 422);
}

/// The end of a start that was none once came before the answer to it, now and then.
#[tokio::test]
async fn a_start_that_is_asked_for_many_times_is_one_run() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document::light()).await;
    let start = async |_| {
        let ask = app.user().client().request("POST", &workflow.path("/runs"));
        let ask = ask.header("idempotency-key", "order-1");
        ask.json(&json!({"inputs": {"name": "Ada"}}))
            .send()
            .await
            .expect(200)["id"]
            .clone()
    };
    let runs = futures::future::join_all((0..100).map(start)).await;
    assert!(runs.iter().all(|run| *run == runs[0]), "{runs:?}");
    assert_eq!(app.user().pages("/api/v1/runs").await.len(), 1);
}

#[tokio::test]
async fn what_starts_no_run_says_why() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document::light()).await;
    let long = "x".repeat(201);
    for (body, expected) in [
        (json!({"inputs": {"name": 5}}), (422, "invalid_input")),
        (json!({"inputs": {"name": long}}), (422, "invalid_input")),
        (json!({"inputs": []}), (422, "invalid_input")),
        (json!({"response_mode": "later"}), (422, "invalid_input")),
        (json!({"query": "why"}), (422, "invalid_input")),
        (json!({"environment": "moon"}), (422, "environment_unknown")),
        (json!({"end_user": ""}), (422, "invalid_input")),
        (json!({"preflight": "lenient"}), (422, "invalid_input")),
        (
            json!({"credential_overrides": {"deepseek": {"credential_name": "x"}}}),
            (422, "credential_override_unused"),
        ),
        (
            json!({"credential_overrides": {"deepseek": {"name": "x"}}}),
            (400, "unknown_field"),
        ),
        (json!({"input": {}}), (400, "unknown_field")),
    ] {
        let answer = workflow.start(body.clone()).await;
        assert_eq!(
            answer.refusal(),
            (expected.0, expected.1.to_owned()),
            "{body}: {}",
            answer.text
        );
    }
    let wrong = workflow.start(json!({"inputs": {"name": {}}})).await;
    assert_snapshot!(shown::answer(&wrong), @r#"
    422
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "invalid_input",
      "detail": "Invalid input type for name",
      "request_id": "<id 1>",
      "errors": [{"code":"input_type","message":"Invalid input type for name","pointer":"/inputs/name","field":"name"}]
    }
    "#);
    assert!(app.user().pages("/api/v1/runs").await.is_empty());
}

#[tokio::test]
async fn more_than_a_hundred_overrides_are_refused() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document::light()).await;
    for (number, code) in [(100, "credential_override_unused"), (101, "invalid_input")] {
        let overrides = (0..number).map(|number| {
            let choice = json!({"credential_name": "customer-acme"});
            (format!("openai:{number}"), choice)
        });
        let overrides: serde_json::Map<_, _> = overrides.collect();
        let body = json!({"credential_overrides": overrides});
        let started = workflow.start(body.clone()).await;
        assert_eq!(started.refusal(), (422, code.to_owned()));
        let path = workflow.path("/credentials/resolve");
        let resolved = app.user().client().post(&path, body).await;
        assert_eq!(resolved.status == 422, number > 100);
        if number > 100 {
            let pointer = &started.expect(422)["errors"][0]["pointer"];
            assert_eq!(*pointer, "/credential_overrides");
        }
    }
}

#[tokio::test]
async fn a_workflow_without_a_version_and_a_key_without_the_environment_start_nothing() {
    let app = TestApp::new().await;
    let made = app
        .user()
        .post("/workflows", json!({"name": "new"}))
        .await
        .expect(201);
    let unpublished = app.user().workflow(&made["id"]).start(json!({})).await;
    assert_snapshot!(shown::answer(&unpublished), @r#"
    409
    {
      "type": "about:blank",
      "title": "Conflict",
      "status": 409,
      "code": "workflow_not_published",
      "detail": "the workflow has no published version; publish it, or run the draft",
      "request_id": "<id 1>",
      "errors": []
    }
    "#);
    let user = app.user_who_may(&[RunsWrite, RunsRead]).await;
    let elsewhere = user.workflow(&made["id"]);
    let elsewhere = elsewhere
        .start(json!({"version": "draft", "environment": "staging"}))
        .await;
    assert_snapshot!(shown::answer(&elsewhere), @r#"
    403
    {
      "type": "about:blank",
      "title": "Forbidden",
      "status": 403,
      "code": "forbidden",
      "detail": "the key is not for the environment staging",
      "request_id": "<id 1>",
      "errors": []
    }
    "#);
}

#[tokio::test]
async fn a_strict_start_refuses_what_is_known_to_fail() {
    let app = TestApp::new().await;
    let workflow = app.paid_by("nobody").await;
    let answer = workflow.start(json!({"preflight": "strict"})).await;
    assert_snapshot!(shown::answer(&answer), @r#"
    422
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "credential_not_found",
      "detail": "credential_not_found: level node, selector \"nobody\" rendered as \"nobody\", for model deepseek-chat of deepseek",
      "request_id": "<id 1>",
      "errors": [
        {
          "code": "credential_not_found",
          "message": "credential_not_found: level node, selector \"nobody\" rendered as \"nobody\", for model deepseek-chat of deepseek",
          "node_id": "ask"
        }
      ]
    }
    "#);
}
