//! The log of a workflow app: its filters and its pages.

use std::time::Duration;

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::{document, shown};
use serde_json::{Value as Json, json};

use super::{App, app};

async fn run(app: &App, name: &str, user: &str) -> String {
    let body = json!({"inputs": {"name": name}, "user": user});
    let run = app.post("/workflows/run", body).await.expect(200);
    run["workflow_run_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_row_tells_the_run_and_for_whom_it_was() {
    let of = TestApp::new().await;
    let app = app(&of, &document::light()).await;
    run(&app, "Ada", "ada").await;
    // A run of the draft is nobody's log.
    let draft = json!({"inputs": {"name": "x"}, "version": "draft"});
    let _ = app.workflow.start(draft).await.expect(200);
    assert_snapshot!(shown::answer(&app.get("/workflows/logs").await), @r#"
    200
    {
      "page": 1,
      "limit": 20,
      "total": 1,
      "has_more": false,
      "data": [
        {
          "id": "<id 1>",
          "workflow_run": {
            "id": "<id 1>",
            "version": "1",
            "status": "succeeded",
            "triggered_from": "app-run",
            "error": null,
            "elapsed_time": 0.0,
            "total_tokens": 0,
            "total_steps": 4,
            "created_at": 1767225600,
            "finished_at": 1767225600,
            "exceptions_count": 0
          },
          "details": null,
          "created_from": "service-api",
          "created_by_role": "end_user",
          "created_by_account": null,
          "created_by_end_user": {"id":"<id 2>","type":"service-api","is_anonymous":false,"session_id":"ada"},
          "created_at": 1767225600
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn logs_are_filtered_and_come_in_pages() {
    let of = TestApp::new().await;
    let app = app(&of, &document::light()).await;
    let first = run(&app, "50% Ünï", "ada").await;
    of.passes(Duration::from_secs(60));
    let second = run(&app, "other", "bob").await;
    for (query, expected) in [
        ("", vec![&second, &first]),
        ("?keyword=50%25", vec![&first]),
        ("?keyword=5%25%20", vec![]),
        ("?keyword=OTHER", vec![&second]),
        ("?keyword=bob", vec![&second]),
        ("?status=succeeded", vec![&second, &first]),
        ("?status=failed", vec![]),
        ("?created_at__after=2026-01-01T00:00:30Z", vec![&second]),
        (
            "?created_at__before=2026-01-01T00:00:00%2B00:00",
            vec![&first],
        ),
        ("?created_by_end_user_session_id=ada", vec![&first]),
        ("?limit=1", vec![&second]),
        ("?limit=1&page=2", vec![&first]),
        ("?limit=1&page=3", vec![]),
    ] {
        let log = app
            .get(&format!("/workflows/logs{query}"))
            .await
            .expect(200);
        let found: Vec<&Json> = log["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| &row["workflow_run"]["id"])
            .collect();
        assert_eq!(found, expected, "{query}");
    }
    let by_id = app
        .get(&format!("/workflows/logs?keyword={first}"))
        .await
        .expect(200);
    assert_eq!(
        (&by_id["total"], &by_id["has_more"]),
        (&json!(1), &json!(false))
    );
    let page = app.get("/workflows/logs?limit=1").await.expect(200);
    assert_eq!(
        (&page["total"], &page["has_more"]),
        (&json!(2), &json!(true))
    );
    for query in [
        "?status=running",
        "?limit=0",
        "?limit=101",
        "?page=0",
        "?created_at__after=x",
        "?created_by_account=a@b.test",
    ] {
        let refused = app.get(&format!("/workflows/logs{query}")).await;
        assert_eq!(
            refused.refusal(),
            (400, "invalid_param".to_owned()),
            "{query}"
        );
    }
}
