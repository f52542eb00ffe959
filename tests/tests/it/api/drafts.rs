//! Drafts: read and replaced under their ETag.

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::document;
use latchkey_tests::shown;
use serde_json::json;

#[tokio::test]
async fn a_draft_is_replaced_under_its_etag() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document::light()).await;
    let (mut draft, etag) = workflow.draft().await;
    draft["app"]["name"] = json!("changed");
    let replaced = workflow.put_draft(&draft, &etag).await;
    assert_eq!(
        (etag.as_str(), replaced.header("etag")),
        ("\"1\"", Some("\"2\""))
    );
    assert_eq!(
        (replaced.expect(200), "\"2\"".to_owned()),
        workflow.draft().await
    );
    let read = app.user().get(&format!("/workflows/{}", workflow.id)).await;
    assert_snapshot!(shown::answer(&read), @r#"
    200
    {
      "id": "<id 1>",
      "name": "changed",
      "mode": "workflow",
      "description": "",
      "draft_revision": 2,
      "published_version": 1,
      "created_at": "2026-01-01T00:00:00.000Z",
      "updated_at": "2026-01-01T00:00:00.000Z"
    }
    "#);
}

#[tokio::test]
async fn a_draft_that_somebody_else_has_changed_stays_as_it_is() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document::light()).await;
    let (mut draft, etag) = workflow.draft().await;
    let _ = workflow.put_draft(&draft, &etag).await.expect(200);
    draft["app"]["name"] = json!("too late");
    assert_snapshot!(shown::answer(&workflow.put_draft(&draft, &etag).await), @r#"
    412
    {
      "type": "about:blank",
      "title": "Precondition Failed",
      "status": 412,
      "code": "version_conflict",
      "detail": "it was changed meanwhile; read it again",
      "request_id": "<id 1>",
      "errors": [],
      "changed": {"revision":2,"at":"2026-01-01T00:00:00.000Z","by":"api_key:<id 2>","by_name":"Owner"}
    }
    "#);
    assert_eq!(workflow.draft().await.0["app"]["name"], "light");
}

#[tokio::test]
async fn an_etag_may_be_weak_or_any() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document::light()).await;
    let (draft, _) = workflow.draft().await;
    for etag in ["W/\"1\"", "\"2\"", "*"] {
        let _ = workflow.put_draft(&draft, etag).await.expect(200);
    }
    let answer = workflow.put_draft(&draft, "yesterday").await;
    assert_snapshot!(shown::answer(&answer), @r#"
    400
    {
      "type": "about:blank",
      "title": "Bad Request",
      "status": 400,
      "code": "malformed",
      "detail": "If-Match is no list of ETags in quotes",
      "request_id": "<id 1>",
      "errors": []
    }
    "#);
}

#[tokio::test]
async fn a_document_that_is_refused_leaves_the_draft() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document::light()).await;
    let before = workflow.draft().await;
    let cycle = document::light().edge("check:false", "greet").json();
    assert_snapshot!(shown::answer(&workflow.put_draft(&cycle, "*").await), @r#"
    422
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "graph_cycle",
      "detail": "the graph has a cycle through greet, check",
      "request_id": "<id 1>",
      "errors": [{"code":"graph_cycle","message":"the graph has a cycle through greet, check","node_id":"greet"}]
    }
    "#);
    for (document, code) in [
        (json!({}), "app_missing"),
        (json!([]), "invalid_input"),
        (json!({"app": {"mode": "workflow"}}), "workflow_missing"),
        (
            json!({"app": {"mode": "chat"}, "model_config": {}}),
            "unsupported_mode",
        ),
    ] {
        let refused = workflow.put_draft(&document, "*").await;
        assert_eq!(
            refused.refusal(),
            (422, code.to_owned()),
            "{}",
            refused.text
        );
    }
    assert_eq!(workflow.draft().await, before);
}

#[tokio::test]
async fn a_draft_is_json_of_at_most_ten_mebibytes() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document::light()).await;
    let mut large = document::light().json();
    large["app"]["description"] = json!("x".repeat(10 << 20));
    assert_snapshot!(shown::answer(&workflow.put_draft(&large, "*").await), @r#"
    413
    {
      "type": "about:blank",
      "title": "Payload Too Large",
      "status": 413,
      "code": "too_large",
      "detail": "a document has at most 10 MiB",
      "request_id": "<id 1>",
      "errors": []
    }
    "#);
    let broken = app.user().client().request("PUT", &workflow.path("/draft"));
    let broken = broken.body("application/json", "{\"app\": ").send().await;
    assert_snapshot!(shown::answer(&broken), @r#"
    400
    {
      "type": "about:blank",
      "title": "Bad Request",
      "status": 400,
      "code": "malformed",
      "detail": "the body is no JSON: line 1, column 8",
      "request_id": "<id 1>",
      "errors": []
    }
    "#);
}

#[tokio::test]
async fn the_value_of_a_secret_variable_is_never_read_again() {
    let app = TestApp::new().await;
    let mut document = document::light().json();
    document["workflow"]["environment_variables"] =
        json!([{"id": "1", "name": "token", "value": "test-hidden-value", "value_type": "secret"}]);
    let made = app
        .user()
        .post("/workflows", json!({"name": "secret"}))
        .await
        .expect(201);
    let workflow = app.user().workflow(&made["id"]);
    let _ = workflow.put_draft(&document, "*").await.expect(200);
    let (draft, etag) = workflow.draft().await;
    assert_snapshot!(shown::json(&draft["workflow"]["environment_variables"]), @r#"[{"id":"1","name":"token","value":"","value_type":"secret"}]"#);
    let _ = workflow.put_draft(&draft, &etag).await.expect(200);
    let file = app
        .user()
        .get(&format!("/workflows/{}/export", workflow.id))
        .await;
    assert!(
        !app.user()
            .client()
            .heard()
            .concat()
            .contains("test-hidden-value"),
        "{}",
        file.text
    );
}
