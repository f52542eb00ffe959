//! The live credential settings of a workflow.

use insta::assert_snapshot;
use latchkey_domain::access::Permission::{CredentialsRead, CredentialsWrite, WorkflowsRead};
use latchkey_tests::app::TestApp;
use latchkey_tests::document;
use latchkey_tests::shown;
use serde_json::json;

#[tokio::test]
async fn settings_allow_nothing_until_somebody_sets_them() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document::light()).await;
    let path = format!("/workflows/{}/credential-settings", workflow.id);
    assert_snapshot!(shown::answer(&app.user().get(&path).await), @r#"
    200
    {"bindings":[],"weakest":"workspace_default","runtime_override":"none","runtime_allow":[],"runtime_hosts":[]}
    "#);
}

#[tokio::test]
async fn a_binding_pays_from_the_next_call_on() {
    let app = TestApp::new().await;
    app.credential("one").await;
    let two = app.credential("two").await;
    let workflow = app.publish(&document::one_model("")).await;
    let path = format!("/workflows/{}/credential-settings", workflow.id);
    for choice in [
        json!({"credential_name": "one"}),
        json!({"credential_id": two}),
    ] {
        let mut binding = json!({"provider": "deepseek", "environment": "production"});
        binding
            .as_object_mut()
            .unwrap()
            .extend(choice.as_object().unwrap().clone());
        let set = app.user().put(&path, json!({"bindings": [binding]})).await;
        let _ = set.expect(200);
        let run = workflow.run(json!({})).await;
        assert_eq!(run["status"], "succeeded", "{run}");
    }
    assert_snapshot!(shown::answer(&app.user().get(&path).await), @r#"
    200
    {
      "bindings": [{"provider":"deepseek","environment":"production","credential_id":"<id 1>"}],
      "weakest": "workspace_default",
      "runtime_override": "none",
      "runtime_allow": [],
      "runtime_hosts": []
    }
    "#);
    let keys: Vec<_> = app
        .provider()
        .chats()
        .into_iter()
        .map(|seen| seen.key)
        .collect();
    assert_eq!(keys, ["test-key-one", "test-key-two"]);
}

#[tokio::test]
async fn wrong_settings_are_refused_all_at_once() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document::light()).await;
    let path = format!("/workflows/{}/credential-settings", workflow.id);
    let before = app.user().get(&path).await.text;
    let wrong = json!({
        "bindings": [
            {"provider": "deepseek", "credential_name": "nobody"},
            {"provider": "deepseek", "environment": "moon", "credential_id": "no-id"},
            {"provider": "deepseek"},
        ],
        "runtime_allow": ["", "a b"],
    });
    assert_snapshot!(shown::answer(&app.user().put(&path, wrong).await), @r#"
    422
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "credential_selector_empty",
      "detail": "the binding names no credential",
      "request_id": "<id 1>",
      "errors": [
        {"code":"credential_selector_empty","message":"the binding names no credential","pointer":"/bindings/2"},
        {
          "code": "credential_selector_conflict",
          "message": "an earlier binding is about the same",
          "pointer": "/bindings/2"
        },
        {"code":"invalid_pattern","message":"\"\" matches no credential's name","pointer":"/runtime_allow/0"},
        {"code":"invalid_pattern","message":"\"a b\" matches no credential's name","pointer":"/runtime_allow/1"},
        {
          "code": "credential_not_found",
          "message": "deepseek has no credential or pool nobody",
          "pointer": "/bindings/0/credential_name"
        },
        {
          "code": "environment_unknown",
          "message": "the workspace has no environment moon",
          "pointer": "/bindings/1/environment"
        },
        {
          "code": "credential_not_found",
          "message": "there is no such credential",
          "pointer": "/bindings/1/credential_id"
        }
      ]
    }
    "#);
    for (body, expected) in [
        (json!({"weakest": "strongest"}), (422, "invalid_input")),
        (json!({"runtime_override": true}), (422, "invalid_input")),
        (json!({"runtime_alow": ["x"]}), (400, "unknown_field")),
        (
            json!({"bindings": [{"provider": "x", "colour": 1}]}),
            (400, "unknown_field"),
        ),
    ] {
        let answer = app.user().put(&path, body.clone()).await;
        assert_eq!(
            answer.refusal(),
            (expected.0, expected.1.to_owned()),
            "{body}: {}",
            answer.text
        );
    }
    assert_eq!(app.user().get(&path).await.text, before);
}

#[tokio::test]
async fn whoever_may_not_bind_reads_and_changes_nothing() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document::light()).await;
    let path = format!("/workflows/{}/credential-settings", workflow.id);
    let user = app
        .user_who_may(&[WorkflowsRead, CredentialsRead, CredentialsWrite])
        .await;
    let settings = user.get(&path).await.expect(200);
    assert_snapshot!(shown::answer(&user.put(&path, settings).await), @r#"
    403
    {
      "type": "about:blank",
      "title": "Forbidden",
      "status": 403,
      "code": "forbidden",
      "detail": "the key lacks the scope credentials:bind",
      "request_id": "<id 1>",
      "errors": []
    }
    "#);
}
