//! Who would pay, asked without running.

use insta::assert_snapshot;
use latchkey_domain::access::Permission::{RunsRead, RunsWrite, WorkflowsRead};
use latchkey_tests::app::TestApp;
use latchkey_tests::document::{self, Document};
use latchkey_tests::shown;
use latchkey_tests::user::Workflow;
use serde_json::json;

/// A workflow whose key is chosen by the tenant, and the key of acme.
async fn by_tenant(app: &TestApp) -> Workflow {
    app.credential("customer-acme").await;
    let document = document::one_model("customer-{{#start.tenant#}}");
    app.user().publish(&document, &["customer-*"]).await
}

#[tokio::test]
async fn the_answer_names_the_credential_and_every_level() {
    let app = TestApp::new().await;
    let workflow = by_tenant(&app).await;
    let answer = workflow
        .resolve(json!({"inputs": {"tenant": "acme"}}))
        .await;
    assert_snapshot!(shown::answer(&answer), @r#"
    200
    {
      "nodes": [
        {
          "node_id": "ask",
          "title": "ask",
          "provider": "deepseek",
          "model": "deepseek-chat",
          "outcome": "resolved",
          "resolution": {
            "credential_id": "<id 1>",
            "credential_name": "customer-acme",
            "credential_version": 1,
            "provider": "deepseek",
            "level": "node",
            "selector": "customer-{{#start.tenant#}}",
            "selector_rendered": "customer-acme",
            "pool": null,
            "considered": [
              {"level":"run_override","outcome":"silent"},
              {"level":"node","outcome":"decided"},
              {"level":"workflow_binding","outcome":"not_asked"},
              {"level":"workspace_model_default","outcome":"not_asked"},
              {"level":"workspace_default","outcome":"not_asked"},
              {"level":"system","outcome":"not_asked"}
            ]
          }
        }
      ]
    }
    "#);
    assert!(app.provider().seen().is_empty(), "nobody is called");
}

#[tokio::test]
async fn a_failure_tells_its_story() {
    let app = TestApp::new().await;
    let workflow = by_tenant(&app).await;
    let nobody = workflow
        .resolve(json!({"inputs": {"tenant": "nobody"}}))
        .await;
    assert_snapshot!(shown::answer(&nobody), @r#"
    200
    {
      "nodes": [
        {
          "node_id": "ask",
          "title": "ask",
          "provider": "deepseek",
          "model": "deepseek-chat",
          "outcome": "failed",
          "code": "credential_not_found",
          "detail": "credential_not_found: level node, selector \"customer-{{#start.tenant#}}\" rendered as \"customer-nobody\", for model deepseek-chat of deepseek",
          "failure": {
            "code": "credential_not_found",
            "level": "node",
            "selector": "customer-{{#start.tenant#}}",
            "selector_rendered": "customer-nobody",
            "credential_id": null,
            "credential_name": null,
            "considered": [
              {"level":"run_override","outcome":"silent"},
              {"level":"node","outcome":"failed","code":"credential_not_found"},
              {"level":"workflow_binding","outcome":"not_asked"},
              {"level":"workspace_model_default","outcome":"not_asked"},
              {"level":"workspace_default","outcome":"not_asked"},
              {"level":"system","outcome":"not_asked"}
            ]
          }
        }
      ]
    }
    "#);
    let empty = workflow.resolve(json!({"inputs": {"tenant": ""}})).await;
    assert_eq!(
        empty.expect(200)["nodes"][0]["code"],
        "credential_selector_empty"
    );
}

#[tokio::test]
async fn whoever_may_not_read_credentials_hears_only_a_code() {
    let app = TestApp::new().await;
    let workflow = by_tenant(&app).await;
    let user = app
        .user_who_may(&[WorkflowsRead, RunsRead, RunsWrite])
        .await;
    let theirs = user.workflow(&json!(workflow.id));
    for tenant in ["acme", "nobody"] {
        let answer = theirs.resolve(json!({"inputs": {"tenant": tenant}})).await;
        assert!(!answer.text.contains("customer-acme"), "{}", answer.text);
    }
    let answer = theirs
        .resolve(json!({"inputs": {"tenant": "nobody"}}))
        .await;
    assert_snapshot!(shown::answer(&answer), @r#"
    200
    {
      "nodes": [
        {
          "node_id": "ask",
          "title": "ask",
          "provider": "deepseek",
          "model": "deepseek-chat",
          "outcome": "failed",
          "code": "credential_override_not_allowed"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn what_only_a_run_can_know_is_named() {
    let app = TestApp::new().await;
    let document = Document::workflow("later", &["tenant"])
        .template("lower", "{{ tenant }}", &[("tenant", "start.tenant")])
        .llm("ask", "hello", "customer-{{#lower.output#}}")
        .end("end", &[("answer", "ask.text")])
        .line(&["start", "lower", "ask", "end"]);
    let workflow = app.user().publish(&document, &["customer-*"]).await;
    let answer = workflow
        .resolve(json!({"inputs": {"tenant": "acme"}}))
        .await;
    assert_snapshot!(shown::answer(&answer), @r#"
    200
    {
      "nodes": [
        {
          "node_id": "ask",
          "title": "ask",
          "provider": "deepseek",
          "model": "deepseek-chat",
          "outcome": "depends_on",
          "depends_on": ["lower.output"]
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let app = TestApp::new().await;
    let workflow = by_tenant(&app).await;
    for (body, expected) in [
        (json!({"environment": "moon"}), (422, "environment_unknown")),
        (json!({"end_user": ""}), (422, "invalid_input")),
        (json!({"inputs": {"tenant": {}}}), (422, "invalid_input")),
        (json!({"input": {}}), (400, "unknown_field")),
        (json!({"version": 7}), (404, "not_found")),
    ] {
        let answer = workflow.resolve(body.clone()).await;
        assert_eq!(
            answer.refusal(),
            (expected.0, expected.1.to_owned()),
            "{body}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn a_document_with_nodes_that_do_not_run_yet_is_answered_all_the_same() {
    let app = TestApp::new().await;
    app.credential("customer-acme").await;
    let document = Document::workflow("real", &["tenant"])
        .node("search", "knowledge-retrieval", json!({}))
        .llm("ask", "hello", "customer-{{#start.tenant#}}")
        .llm("later", "hello", "customer-{{#search.result#}}")
        .llm("nowhere", "hello", "customer-{{#start.tenant#}}")
        .end("end", &[("answer", "ask.text")])
        .line(&["start", "search", "ask", "later", "end"])
        .credentials(json!({"runtime_allow": ["customer-*"]}));
    let taken = app
        .user()
        .try_import(&document.yaml(), "?bind=true")
        .await
        .expect(201);
    let workflow = app.user().workflow(&taken["workflow"]["id"]);
    let answer = workflow
        .resolve(json!({"inputs": {"tenant": "acme"}}))
        .await;
    let rows = &answer.expect(200)["nodes"];
    let told: Vec<_> = rows.as_array().unwrap().iter().collect();
    let told: Vec<_> = told
        .iter()
        .map(|row| {
            (
                row["node_id"].as_str().unwrap(),
                row["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [("ask", "resolved"), ("later", "depends_on")]);
    assert_eq!(rows[1]["depends_on"], json!(["search.result"]));
}

#[tokio::test]
async fn a_provider_that_cannot_be_called_is_named_as_that() {
    let app = TestApp::new().await;
    let document = Document::workflow("elsewhere", &[])
        .provider("nobody/nothing/nowhere")
        .llm("ask", "hello", "")
        .end("end", &[("answer", "ask.text")])
        .line(&["start", "ask", "end"]);
    let workflow = app.user().publish(&document, &[]).await;
    let row = &workflow.resolve(json!({})).await.expect(200)["nodes"][0];
    assert_eq!(
        (&row["outcome"], &row["code"]),
        (&json!("failed"), &json!("provider_unsupported"))
    );
    let body = json!({"inputs": {}, "preflight": "strict"});
    let refused = workflow.start(body).await;
    assert_eq!(refused.refusal(), (422, "provider_unsupported".to_owned()));
}
