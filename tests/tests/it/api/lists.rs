//! Lists in pages, the same for every noun; and what runs are found by.

use std::time::Duration;

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::document;
use latchkey_tests::shown;
use serde_json::json;

const LISTS: [&str; 5] = [
    "/workflows",
    "/runs",
    "/credentials",
    "/api-keys",
    "/model-calls",
];

/// Five of each kind.
async fn five() -> TestApp {
    let app = TestApp::new().await;
    for number in 0..5 {
        let name = format!("customer-{number}");
        app.credential(&name).await;
        app.paid_by(&name).await.run(json!({})).await;
        let key = json!({"name": name, "scopes": ["runs:read"]});
        let _ = app.user().post("/api-keys", key).await.expect(201);
    }
    app
}

/// The ids of all pages, with the number of rows of each.
async fn pages(app: &TestApp, path: &str, limit: usize) -> (Vec<String>, Vec<usize>) {
    let (mut ids, mut lengths) = (Vec::new(), Vec::new());
    let mut query = format!("?limit={limit}");
    loop {
        let page = app.user().get(&format!("{path}{query}")).await.expect(200);
        let rows = page["data"].as_array().unwrap();
        lengths.push(rows.len());
        ids.extend(
            rows.iter()
                .map(|row| row["id"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else {
            assert_eq!(page["next_cursor"], json!(null));
            return (ids, lengths);
        };
        query = format!("?limit={limit}&cursor={cursor}");
    }
}

#[tokio::test]
async fn pages_hold_every_row_once_newest_first() {
    let app = five().await;
    for path in LISTS {
        let (all, _) = pages(&app, path, 200).await;
        let mut sorted = all.clone();
        sorted.sort_by(|a, b| b.cmp(a));
        sorted.dedup();
        assert_eq!(all, sorted, "{path}: newest first");
        let (ids, lengths) = pages(&app, path, 2).await;
        assert_eq!(ids, all, "{path}: {lengths:?}");
        let last = all.len() - 2 * (lengths.len() - 1);
        assert!(
            lengths[..lengths.len() - 1].iter().all(|rows| *rows == 2),
            "{path}: {lengths:?}"
        );
        assert!(last > 0, "{path}: no page is empty: {lengths:?}");
    }
}

#[tokio::test]
async fn a_page_that_is_just_full_is_the_last() {
    let app = five().await;
    let page = app.user().get("/workflows?limit=5").await.expect(200);
    assert_eq!(page["next_cursor"], json!(null));
}

#[tokio::test]
async fn what_is_no_page_is_refused() {
    let app = TestApp::new().await;
    for path in LISTS {
        for (query, code) in [
            ("limit=0", "malformed"),
            ("limit=201", "malformed"),
            ("limit=-1", "malformed"),
            ("limit=many", "malformed"),
            ("cursor=page-2", "malformed"),
            ("page=2", "unknown_field"),
        ] {
            let answer = app.user().get(&format!("{path}?{query}")).await;
            assert_eq!(
                answer.refusal(),
                (400, code.to_owned()),
                "{path}?{query}: {}",
                answer.text
            );
        }
    }
    assert_snapshot!(shown::answer(&app.user().get("/runs?limit=0").await), @r#"
    400
    {
      "type": "about:blank",
      "title": "Bad Request",
      "status": 400,
      "code": "malformed",
      "detail": "limit: a number from 1 to 200 is needed",
      "request_id": "<id 1>",
      "errors": [{"code":"malformed","message":"a number from 1 to 200 is needed","field":"limit"}]
    }
    "#);
    assert_snapshot!(shown::answer(&app.user().get("/runs?page=2").await), @r#"
    400
    {
      "type": "about:blank",
      "title": "Bad Request",
      "status": 400,
      "code": "unknown_field",
      "detail": "page: there is no such parameter (known: limit, cursor, workflow_id, status, environment, end_user, credential_id, from, to)",
      "request_id": "<id 1>",
      "errors": [
        {
          "code": "unknown_field",
          "message": "there is no such parameter (known: limit, cursor, workflow_id, status, environment, end_user, credential_id, from, to)",
          "field": "page"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn a_stranger_has_lists_of_his_own() {
    let app = TestApp::new().await;
    app.credential("only").await;
    app.publish(&document::one_model("only"))
        .await
        .run(json!({}))
        .await;
    for path in LISTS {
        let rows = app.stranger().pages(&format!("/api/v1{path}")).await;
        let expected = usize::from(path == "/api-keys");
        assert_eq!(rows.len(), expected, "{path}: {rows:?}");
    }
}

#[tokio::test]
async fn runs_are_found_by_what_is_known_of_them() {
    let app = TestApp::new().await;
    let credential = app.credential("only").await;
    let (paid, light) = (
        app.paid_by("only").await,
        app.publish(&document::light()).await,
    );
    paid.run(json!({})).await;
    app.passes(Duration::from_secs(60));
    let body = json!({"end_user": "Ada", "environment": "development"});
    let _ = light.start(body).await.expect(200);
    for (filter, found) in [
        (String::new(), 2),
        (format!("workflow_id={}", light.id), 1),
        (format!("credential_id={credential}"), 1),
        ("status=succeeded".to_owned(), 2),
        ("status=failed".to_owned(), 0),
        ("environment=production".to_owned(), 1),
        ("end_user=Ada".to_owned(), 1),
        ("from=2026-01-01T00:01:00Z".to_owned(), 1),
        ("to=2026-01-01T00:01:00Z".to_owned(), 1),
    ] {
        let runs = app.user().pages(&format!("/api/v1/runs?{filter}")).await;
        assert_eq!(runs.len(), found, "{filter}");
    }
    for filter in ["status=happy", "colour=red", "limit=many"] {
        assert_eq!(
            app.user().get(&format!("/runs?{filter}")).await.status,
            400,
            "{filter}"
        );
    }
    assert_snapshot!(shown::answer(&app.user().get("/runs?from=yesterday").await), @r#"
    400
    {
      "type": "about:blank",
      "title": "Bad Request",
      "status": 400,
      "code": "malformed",
      "detail": "from: an RFC 3339 time is needed, such as 2026-11-24T12:00:00Z",
      "request_id": "<id 1>",
      "errors": [{"code":"malformed","message":"an RFC 3339 time is needed, such as 2026-11-24T12:00:00Z","field":"from"}]
    }
    "#);
}
