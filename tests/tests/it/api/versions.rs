//! Versions: published, listed, restored, run.

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::document::{self, Document};
use latchkey_tests::shown;
use serde_json::json;

fn greeting(words: &str) -> Document {
    Document::workflow("greeting", &["name"])
        .template(
            "greet",
            &format!("{words} {{{{ name }}}}"),
            &[("name", "start.name")],
        )
        .end("end", &[("greeting", "greet.output")])
        .line(&["start", "greet", "end"])
}

#[tokio::test]
async fn versions_are_listed_newest_first() {
    let app = TestApp::new().await;
    let workflow = app.publish(&greeting("Hello")).await;
    app.passes(std::time::Duration::from_secs(60));
    let path = format!("/workflows/{}", workflow.id);
    let published = app
        .user()
        .post(&format!("{path}/publish"), json!({"note": "kinder"}))
        .await;
    assert_snapshot!(shown::answer(&published), @r#"
    201
    {"version":2}
    "#);
    let listed = app.user().get(&format!("{path}/versions")).await;
    assert_snapshot!(shown::answer(&listed), @r#"
    200
    {
      "data": [
        {
          "version": 2,
          "note": "kinder",
          "author": {"kind":"api_key","id":"<id 1>"},
          "published_at": "2026-01-01T00:01:00.000Z"
        },
        {
          "version": 1,
          "note": "",
          "author": {"kind":"api_key","id":"<id 1>"},
          "published_at": "2026-01-01T00:00:00.000Z"
        }
      ],
      "next_cursor": null
    }
    "#);
}

#[tokio::test]
async fn a_run_takes_the_version_that_it_names() {
    let app = TestApp::new().await;
    let workflow = app.publish(&greeting("Hello")).await;
    let _ = workflow
        .put_draft(&greeting("Welcome").json(), "*")
        .await
        .expect(200);
    workflow.publish().await;
    let _ = workflow
        .put_draft(&greeting("Goodbye").json(), "*")
        .await
        .expect(200);
    for (version, words) in [
        (json!(null), "Welcome Ada"),
        (json!("published"), "Welcome Ada"),
        (json!(1), "Hello Ada"),
        (json!("1"), "Hello Ada"),
        (json!("draft"), "Goodbye Ada"),
    ] {
        let run = workflow
            .start(json!({"inputs": {"name": "Ada"}, "version": version}))
            .await;
        assert_eq!(run.expect(200)["outputs"]["greeting"], words, "{version}");
    }
    let unknown = workflow.start(json!({"version": 3})).await;
    assert_snapshot!(shown::answer(&unknown), @r#"
    404
    {
      "type": "about:blank",
      "title": "Not Found",
      "status": 404,
      "code": "not_found",
      "detail": "there is no such version",
      "request_id": "<id 1>",
      "errors": []
    }
    "#);
    let nonsense = workflow.start(json!({"version": "newest"})).await;
    assert_snapshot!(shown::answer(&nonsense), @r#"
    422
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "invalid_input",
      "detail": "published, draft or a version's number is needed",
      "request_id": "<id 1>",
      "errors": [{"code":"invalid_input","message":"published, draft or a version's number is needed","pointer":"/version"}]
    }
    "#);
}

#[tokio::test]
async fn a_restored_version_is_the_draft_again() {
    let app = TestApp::new().await;
    let workflow = app.publish(&greeting("Hello")).await;
    let _ = workflow
        .put_draft(&greeting("Welcome").json(), "*")
        .await
        .expect(200);
    let path = format!("/workflows/{}/versions", workflow.id);
    let restored = app
        .user()
        .post(&format!("{path}/1/restore"), json!({}))
        .await;
    assert_snapshot!(shown::answer(&restored), @r#"
    200
    {
      "id": "<id 1>",
      "name": "greeting",
      "mode": "workflow",
      "description": "",
      "draft_revision": 3,
      "published_version": 1,
      "created_at": "2026-01-01T00:00:00.000Z",
      "updated_at": "2026-01-01T00:00:00.000Z"
    }
    "#);
    let run = workflow
        .start(json!({"inputs": {"name": "Ada"}, "version": "draft"}))
        .await;
    assert_eq!(run.expect(200)["outputs"]["greeting"], "Hello Ada");
    for number in ["2", "0", "-1", "4294967296", "one"] {
        let answer = app
            .user()
            .post(&format!("{path}/{number}/restore"), json!({}))
            .await;
        assert_eq!(answer.refusal(), (404, "not_found".to_owned()), "{number}");
    }
}

#[tokio::test]
async fn what_could_not_run_is_not_published() {
    let app = TestApp::new().await;
    let no_start = app
        .user()
        .post("/workflows", json!({"name": "empty"}))
        .await
        .expect(201);
    let workflow = app.user().workflow(&no_start["id"]);
    let mut document = document::light().json();
    document["workflow"]["graph"] = json!({"nodes": [], "edges": []});
    let _ = workflow.put_draft(&document, "*").await.expect(200);
    let path = format!("/workflows/{}/publish", workflow.id);
    assert_snapshot!(shown::answer(&app.user().post(&path, json!({})).await), @r#"
    422
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "root_missing",
      "detail": "the graph has no start and no trigger",
      "request_id": "<id 1>",
      "errors": [{"code":"root_missing","message":"the graph has no start and no trigger"}]
    }
    "#);
    assert_snapshot!(shown::answer(&app.user().post(&path, json!({"notes": "x"})).await), @r#"
    400
    {
      "type": "about:blank",
      "title": "Bad Request",
      "status": 400,
      "code": "unknown_field",
      "detail": "unknown field notes (known: note)",
      "request_id": "<id 1>",
      "errors": [{"code":"unknown_field","message":"unknown field notes (known: note)","pointer":"/notes"}]
    }
    "#);
}
