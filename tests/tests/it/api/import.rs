//! Files: taken, asked about, refused; and their report.

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::document::{self, Document};
use latchkey_tests::shown;
use serde_json::json;

async fn stored(app: &TestApp) -> usize {
    app.user().pages("/api/v1/workflows").await.len()
}

#[tokio::test]
async fn an_import_answers_the_workflow_and_a_report() {
    let app = TestApp::new().await;
    app.credential("only").await;
    let answer = app
        .user()
        .try_import(&document::one_model("only").yaml(), "")
        .await;
    assert_snapshot!(shown::answer(&answer), @r#"
    201
    {
      "workflow": {
        "id": "<id 1>",
        "name": "one model",
        "mode": "workflow",
        "description": "",
        "draft_revision": 1,
        "published_version": null,
        "created_at": "2026-01-01T00:00:00.000Z",
        "updated_at": "2026-01-01T00:00:00.000Z"
      },
      "report": {
        "status": "completed-with-warnings",
        "dsl_version": "0.6.0",
        "items": [
          {
            "severity": "info",
            "code": "version_older",
            "message": "the file is of the older version 0.6.0; it is read as Dify reads it",
            "line": 8,
            "column": 10,
            "field": "version"
          }
        ],
        "credentials": [
          {
            "node_ids": ["ask"],
            "provider": "deepseek",
            "model": "deepseek-chat",
            "selector": {"credential_name":"only"},
            "state": "found"
          }
        ],
        "models": [{"provider":"deepseek","model":"deepseek-chat","node_ids":["ask"],"line":34}],
        "tools": [],
        "credential_settings_applied": false
      }
    }
    "#);
}

#[tokio::test]
async fn a_dry_run_reports_and_stores_nothing() {
    let app = TestApp::new().await;
    let file = document::one_model("customer-{{#start.tenant#}}").yaml();
    let answer = app.user().try_import(&file, "?dry_run=true").await;
    assert_snapshot!(shown::answer(&answer), @r#"
    200
    {
      "workflow": null,
      "report": {
        "status": "completed-with-warnings",
        "dsl_version": "0.6.0",
        "items": [
          {
            "severity": "info",
            "code": "version_older",
            "message": "the file is of the older version 0.6.0; it is read as Dify reads it",
            "line": 8,
            "column": 10,
            "field": "version"
          }
        ],
        "credentials": [
          {
            "node_ids": ["ask"],
            "provider": "deepseek",
            "model": "deepseek-chat",
            "selector": {"credential_name":"customer-{{#start.tenant#}}"},
            "state": "by_variable"
          }
        ],
        "models": [{"provider":"deepseek","model":"deepseek-chat","node_ids":["ask"],"line":34}],
        "tools": [],
        "credential_settings_applied": false
      }
    }
    "#);
    assert_eq!(stored(&app).await, 0);
}

#[tokio::test]
async fn a_newer_file_waits_for_a_confirmation() {
    let app = TestApp::new().await;
    let mut newer = document::light().json();
    newer["version"] = json!("9.0.0");
    let file = Document::from_json(newer).yaml();
    assert_snapshot!(shown::answer(&app.user().try_import(&file, "").await), @r#"
    202
    {
      "workflow": null,
      "report": {
        "status": "pending",
        "dsl_version": "9.0.0",
        "items": [
          {
            "severity": "warning",
            "code": "version_newer",
            "message": "the file is of version 9.0.0, the newest known is 0.7.0",
            "line": 8,
            "column": 10,
            "field": "version"
          }
        ],
        "credentials": [],
        "models": [],
        "tools": [],
        "credential_settings_applied": false
      }
    }
    "#);
    assert_eq!(stored(&app).await, 0);
    let taken = app
        .user()
        .try_import(&file, "?confirm_newer=true")
        .await
        .expect(201);
    assert_eq!(taken["report"]["status"], "completed-with-warnings");
}

#[tokio::test]
async fn the_credentials_of_a_file_get_names_that_are_known_here() {
    let app = TestApp::new().await;
    app.credential("ours").await;
    let file = document::one_model("theirs").yaml();
    let missing = app
        .user()
        .try_import(&file, "?dry_run=true")
        .await
        .expect(200);
    assert_eq!(missing["report"]["credentials"][0]["state"], "missing");
    let body = json!({"content": file, "publish": true, "credential_mapping": {"deepseek/theirs": "ours"}});
    let taken = app.user().post("/workflows/import", body).await.expect(201);
    assert_snapshot!(shown::json(&taken["report"]["credentials"]), @r#"
    [
      {
        "node_ids": ["ask"],
        "provider": "deepseek",
        "model": "deepseek-chat",
        "selector": {"credential_name":"theirs"},
        "state": "found",
        "mapped_to": "ours"
      }
    ]
    "#);
    let run = app
        .user()
        .workflow(&taken["workflow"]["id"])
        .run(json!({}))
        .await;
    assert_eq!(
        app.provider().calls_by_key().keys().collect::<Vec<_>>(),
        ["test-key-ours"],
        "{run}"
    );
}

#[tokio::test]
async fn an_import_over_a_workflow_replaces_its_draft() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document::light()).await;
    let query = format!("?workflow_id={}", workflow.id);
    let answer = app
        .user()
        .try_import(&document::one_model("").yaml(), &query)
        .await;
    assert_snapshot!(shown::json(&answer.expect(200)["workflow"]), @r#"
    {
      "id": "<id 1>",
      "name": "one model",
      "mode": "workflow",
      "description": "",
      "draft_revision": 2,
      "published_version": 1,
      "created_at": "2026-01-01T00:00:00.000Z",
      "updated_at": "2026-01-01T00:00:00.000Z"
    }
    "#);
    let run = workflow.run(json!({"name": "Ada"})).await;
    assert_eq!(
        run["outputs"]["greeting"], "Hello Ada",
        "the published version stays"
    );
}

#[tokio::test]
async fn a_refused_file_says_where_it_is_wrong() {
    let app = TestApp::new().await;
    let answer = app
        .user()
        .try_import("app:\n  name: x\n  mode: [\n", "")
        .await;
    assert_snapshot!(shown::answer(&answer), @r#"
    422
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "yaml_syntax",
      "detail": "Invalid YAML DSL. unclosed bracket '['",
      "request_id": "<id 1>",
      "errors": [{"code":"yaml_syntax","message":"Invalid YAML DSL. unclosed bracket '['","line":3,"column":9}],
      "report": {
        "status": "failed",
        "dsl_version": "0.1.0",
        "items": [
          {
            "severity": "error",
            "code": "yaml_syntax",
            "message": "Invalid YAML DSL. unclosed bracket '['",
            "line": 3,
            "column": 9
          }
        ],
        "credentials": [],
        "models": [],
        "tools": [],
        "credential_settings_applied": false
      }
    }
    "#);
    let nowhere = document::light()
        .edge("greet", "nowhere")
        .edge("check:false", "greet");
    let answer = app
        .user()
        .try_import(&nowhere.yaml(), "?name=nowhere")
        .await;
    assert_snapshot!(shown::answer(&answer), @r#"
    422
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "edge_unknown_node",
      "detail": "Graph edge references an unknown node. nowhere does not exist",
      "request_id": "<id 1>",
      "errors": [
        {
          "code": "edge_unknown_node",
          "message": "Graph edge references an unknown node. nowhere does not exist",
          "line": 98,
          "column": 7,
          "node_id": "nowhere"
        },
        {
          "code": "graph_cycle",
          "message": "the graph has a cycle through greet, check",
          "line": 29,
          "column": 7,
          "node_id": "greet"
        }
      ],
      "report": {
        "status": "failed",
        "dsl_version": "0.6.0",
        "items": [
          {
            "severity": "error",
            "code": "edge_unknown_node",
            "message": "Graph edge references an unknown node. nowhere does not exist",
            "line": 98,
            "column": 7,
            "node_id": "nowhere"
          },
          {
            "severity": "error",
            "code": "graph_cycle",
            "message": "the graph has a cycle through greet, check",
            "line": 29,
            "column": 7,
            "node_id": "greet"
          }
        ],
        "credentials": [],
        "models": [],
        "tools": [],
        "credential_settings_applied": false
      }
    }
    "#);
    assert_eq!(stored(&app).await, 0);
}

#[tokio::test]
async fn a_file_that_cannot_be_published_as_asked_is_not_stored() {
    let app = TestApp::new().await;
    let file = document::one_model("customer-{{#start.tenant#}}").yaml();
    let refused = app.user().try_import(&file, "?publish=true").await;
    assert_eq!(refused.refusal(), (422, "runtime_allow_missing".to_owned()));
    assert_eq!(stored(&app).await, 0, "half-saved");
}

#[tokio::test]
async fn whoever_may_not_publish_imports_without_publishing() {
    use latchkey_domain::access::Permission::{WorkflowsRead, WorkflowsWrite};
    let app = TestApp::new().await;
    let editor = app.user_who_may(&[WorkflowsRead, WorkflowsWrite]).await;
    let file = document::light().yaml();
    let refused = editor.try_import(&file, "?publish=true").await;
    assert_eq!(refused.refusal(), (403, "forbidden".to_owned()));
    assert_eq!(stored(&app).await, 0, "half-saved");
    let _ = editor.try_import(&file, "").await.expect(201);
}

#[tokio::test]
async fn a_file_over_ten_mebibytes_is_too_large() {
    let app = TestApp::new().await;
    let file = format!("# {}\n{}", "x".repeat(10 << 20), document::light().yaml());
    assert_snapshot!(shown::answer(&app.user().try_import(&file, "").await), @r#"
    413
    {
      "type": "about:blank",
      "title": "Payload Too Large",
      "status": 413,
      "code": "too_large",
      "detail": "File size exceeds the limit of 10MB",
      "request_id": "<id 1>",
      "errors": [{"code":"too_large","message":"File size exceeds the limit of 10MB"}],
      "report": {
        "status": "failed",
        "dsl_version": "0.1.0",
        "items": [{"severity":"error","code":"too_large","message":"File size exceeds the limit of 10MB"}],
        "credentials": [],
        "models": [],
        "tools": [],
        "credential_settings_applied": false
      }
    }
    "#);
    let escaped = json!({"content": "\u{1}".repeat(5 << 20)});
    let answer = app.user().post("/workflows/import", escaped).await;
    assert_eq!(answer.refusal(), (413, "too_large".to_owned()));
}

#[tokio::test]
async fn what_is_no_import_is_refused() {
    let app = TestApp::new().await;
    let nowhere = "http://127.0.0.1:9/file.yml";
    for (body, expected) in [
        (json!({}), (422, "invalid_input")),
        (
            json!({"content": "a", "url": nowhere}),
            (422, "invalid_input"),
        ),
        (json!({"url": nowhere}), (422, "url_unreachable")),
        (json!({"content": 1}), (422, "invalid_input")),
        (json!({"content": "", "colour": 1}), (400, "unknown_field")),
        (
            json!({"content": "x", "credential_mapping": {"nonsense": "a"}}),
            (422, "not_a_mapping"),
        ),
        (
            json!({"content": "x", "workflow_id": "none"}),
            (404, "not_found"),
        ),
    ] {
        let answer = app.user().post("/workflows/import", body.clone()).await;
        assert_eq!(
            answer.refusal(),
            (expected.0, expected.1.to_owned()),
            "{body}: {}",
            answer.text
        );
    }
    let answer = app.user().try_import("app: {}", "?publsh=true").await;
    assert_eq!(answer.refusal(), (400, "unknown_field".to_owned()));
}

#[tokio::test]
async fn every_node_that_nobody_pays_for_is_told_with_its_line() {
    let app = TestApp::new().await;
    let data = |provider: &str, model: &str| {
        json!({
            "model": {"provider": provider, "name": model, "mode": "chat", "completion_params": {}},
            "prompt_template": [{"role": "user", "text": "hello"}], "context": {"enabled": false},
        })
    };
    let file = Document::workflow("unpaid", &[])
        .node("one", "llm", data("deepseek", "deepseek-chat"))
        .node("two", "llm", data("deepseek", "deepseek-chat"))
        .node("other", "llm", data("deepseek", "deepseek-reasoner"))
        .node("own", "llm", data("openai_api_compatible", "mine"))
        .end("end", &[])
        .line(&["start", "one", "two", "other", "own", "end"]);
    let answer = app.user().try_import(&file.yaml(), "?dry_run=true").await;
    let report = &answer.expect(200)["report"];
    let nodes: Vec<_> = report["credentials"].as_array().unwrap().iter().collect();
    let nodes: Vec<_> = nodes
        .iter()
        .map(|one| (&one["node_ids"], &one["state"]))
        .collect();
    let missing = json!("missing");
    assert_eq!(
        nodes,
        [
            (&json!(["one", "two"]), &missing),
            (&json!(["other"]), &missing),
            (&json!(["own"]), &missing),
        ]
    );
    let items = report["items"].as_array().unwrap().iter();
    let told: Vec<_> = items
        .filter(|item| item["code"] == "credential_missing")
        .collect();
    let ids: Vec<_> = told
        .iter()
        .map(|item| item["node_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["one", "two", "other", "own"]);
    let mut lines: Vec<_> = told
        .iter()
        .map(|item| item["line"].as_u64().unwrap())
        .collect();
    lines.dedup();
    assert_eq!(lines.len(), 4, "each has its own line");
}
