//! API keys: made, shown once, fenced, expired, revoked.

use std::time::Duration;

use insta::assert_snapshot;
use latchkey_domain::access::Permission::{ApiKeysWrite, RunsRead};
use latchkey_tests::app::TestApp;
use latchkey_tests::document;
use latchkey_tests::{shown, wait};
use serde_json::json;

#[tokio::test]
async fn a_key_is_shown_once() {
    let app = TestApp::new().await;
    let body = json!({"name": "reader", "scopes": ["runs:read"], "expires_at": "2026-02-01T00:00:00+01:00"});
    let made = app.user().post("/api-keys", body).await;
    assert_snapshot!(shown::answer(&made), @r#"
    201
    {
      "id": "<id 1>",
      "name": "reader",
      "kind": "workspace",
      "workflow_id": null,
      "scopes": ["runs:read"],
      "environments": ["production"],
      "prefix": "<prefix>",
      "expires_at": "2026-01-31T23:00:00.000Z",
      "created_at": "2026-01-01T00:00:00.000Z",
      "last_used_at": null,
      "key": "<key>"
    }
    "#);
    let key = made.expect(201)["key"].as_str().unwrap().to_owned();
    let listed = app.user().get("/api-keys").await;
    assert_snapshot!(shown::answer(&listed), @r#"
    200
    {
      "data": [
        {
          "id": "<id 1>",
          "name": "reader",
          "kind": "workspace",
          "workflow_id": null,
          "scopes": ["runs:read"],
          "environments": ["production"],
          "prefix": "<prefix>",
          "expires_at": "2026-01-31T23:00:00.000Z",
          "created_at": "2026-01-01T00:00:00.000Z",
          "last_used_at": null
        },
        {
          "id": "<id 2>",
          "name": "Owner",
          "kind": "workspace",
          "workflow_id": null,
          "scopes": [
            "workflows:read",
            "workflows:write",
            "workflows:publish",
            "runs:read",
            "runs:write",
            "credentials:read",
            "credentials:write",
            "credentials:bind",
            "usage:read",
            "api_keys:write",
            "datasets:read",
            "datasets:write",
            "audit:read",
            "members:read",
            "members:write",
            "workspace:write"
          ],
          "environments": ["production","staging","development"],
          "prefix": "<prefix>",
          "expires_at": null,
          "created_at": "2026-01-01T00:00:00.000Z",
          "last_used_at": "2026-01-01T00:00:00.000Z"
        }
      ],
      "next_cursor": null
    }
    "#);
    assert!(!listed.text.contains(&key));
}

#[tokio::test]
async fn a_key_opens_until_it_expires() {
    let app = TestApp::new().await;
    let body =
        json!({"name": "short", "scopes": ["runs:read"], "expires_at": "2026-01-01T00:01:00Z"});
    let user = app.user_of_key(body).await;
    app.passes(Duration::from_millis(59_999));
    assert_eq!(user.get("/runs").await.status, 200);
    app.passes(Duration::from_millis(1));
    assert_snapshot!(shown::answer(&user.get("/runs").await), @r#"
    401
    {
      "type": "about:blank",
      "title": "Unauthorized",
      "status": 401,
      "code": "unauthenticated",
      "detail": "the key is missing, unknown or expired",
      "request_id": "<id 1>",
      "errors": []
    }
    "#);
}

#[tokio::test]
async fn a_revoked_key_opens_nothing_more() {
    let app = TestApp::new().await;
    let user = app.user_who_may(&[RunsRead]).await;
    assert_eq!(user.get("/runs").await.status, 200);
    let keys = app.user().pages("/api/v1/api-keys").await;
    let key = keys.iter().find(|key| key["name"] == "restricted").unwrap();
    let path = format!("/api-keys/{}", key["id"].as_str().unwrap());
    assert_eq!(app.user().delete(&path).await.status, 204);
    assert_eq!(
        user.get("/runs").await.refusal(),
        (401, "unauthenticated".to_owned())
    );
    assert_eq!(
        app.user().delete(&path).await.refusal(),
        (404, "not_found".to_owned())
    );
}

#[tokio::test]
async fn the_use_of_a_key_is_noted_once_a_minute() {
    let app = TestApp::new().await;
    let user = app.user_who_may(&[RunsRead]).await;
    for (seconds, expected) in [
        (0, "2026-01-01T00:00:00.000Z"),
        (30, "2026-01-01T00:00:00.000Z"),
        (31, "2026-01-01T00:01:01.000Z"),
    ] {
        app.passes(Duration::from_secs(seconds));
        user.get("/runs").await;
        // It is written beside the answer.
        wait::until("the use is noted", async || {
            let keys = app.user().pages("/api/v1/api-keys").await;
            (keys[0]["last_used_at"] == expected).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn nobody_gives_away_more_than_he_has() {
    let app = TestApp::new().await;
    let user = app.user_who_may(&[ApiKeysWrite, RunsRead]).await;
    let more = json!({"name": "more", "scopes": ["runs:read", "runs:write"]});
    assert_snapshot!(shown::answer(&user.post("/api-keys", more).await), @r#"
    403
    {
      "type": "about:blank",
      "title": "Forbidden",
      "status": 403,
      "code": "forbidden",
      "detail": "you lack runs:write yourself, so you cannot give it away",
      "request_id": "<id 1>",
      "errors": []
    }
    "#);
    let elsewhere =
        json!({"name": "more", "scopes": ["runs:read"], "environments": ["development"]});
    assert_snapshot!(shown::answer(&user.post("/api-keys", elsewhere).await), @r#"
    403
    {
      "type": "about:blank",
      "title": "Forbidden",
      "status": 403,
      "code": "forbidden",
      "detail": "your own key is not for the environment development",
      "request_id": "<id 1>",
      "errors": []
    }
    "#);
}

#[tokio::test]
async fn the_key_of_an_app_sees_its_workflow_and_no_other() {
    let app = TestApp::new().await;
    let (own, other) = (
        app.publish(&document::light()).await,
        app.publish(&document::light()).await,
    );
    let run = other.run(json!({"name": "Ada"})).await;
    let scopes = ["workflows:read", "runs:read", "runs:write"];
    let body = json!({"name": "app", "kind": "app", "workflow_id": own.id, "scopes": scopes});
    let user = app.user_of_key(body).await;
    assert_eq!(user.pages("/api/v1/workflows").await.len(), 1);
    assert!(user.pages("/api/v1/runs").await.is_empty());
    for path in [
        format!("/workflows/{}", other.id),
        format!("/runs/{}", run["id"].as_str().unwrap()),
    ] {
        assert_eq!(
            user.get(&path).await.refusal(),
            (404, "not_found".to_owned())
        );
    }
    let foreign = user
        .post(&format!("/workflows/{}/runs", other.id), json!({}))
        .await;
    assert_eq!(foreign.refusal(), (404, "not_found".to_owned()));
    let run = user
        .workflow(&json!(own.id))
        .run(json!({"name": "Ada"}))
        .await;
    assert_eq!(run["status"], "succeeded");
}

#[tokio::test]
async fn the_key_of_an_app_reaches_nothing_that_is_the_workspaces() {
    let app = TestApp::new().await;
    let own = app.publish(&document::light()).await;
    let made = app.user().post("/datasets", json!({"name": "manual"}));
    let dataset = made.await.expect(201)["id"].clone();
    let scopes = [
        "workflows:read",
        "workflows:write",
        "datasets:read",
        "datasets:write",
    ];
    let body = json!({"name": "app", "kind": "app", "workflow_id": own.id, "scopes": scopes});
    let user = app.user_of_key(body).await;
    let documents = format!("/datasets/{}/documents", dataset.as_str().unwrap());
    let workflow = json!({"name": "more", "mode": "workflow"});
    let refusals = [
        user.get("/datasets").await,
        user.post("/datasets", json!({"name": "more"})).await,
        user.post(&documents, json!({"name": "a", "text": "b"}))
            .await,
        user.get("/tool-providers").await,
        user.post("/workflows", workflow).await,
        user.try_import(&document::light().yaml(), "").await,
    ];
    for answer in refusals {
        assert_eq!(
            answer.refusal(),
            (403, "forbidden".to_owned()),
            "{}",
            answer.text
        );
    }
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let app = TestApp::new().await;
    for (body, expected) in [
        (json!({"name": "x"}), (422, "invalid_input")),
        (
            json!({"name": "", "scopes": ["runs:read"]}),
            (422, "invalid_name"),
        ),
        (
            json!({"name": "x", "scopes": ["everything"]}),
            (422, "invalid_input"),
        ),
        (
            json!({"name": "x", "scopes": ["runs:read"], "kind": "app"}),
            (422, "invalid_input"),
        ),
        (
            json!({"name": "x", "scopes": ["runs:read"], "kind": "robot"}),
            (422, "invalid_input"),
        ),
        (
            json!({"name": "x", "scopes": ["runs:read"], "environments": ["moon"]}),
            (422, "environment_unknown"),
        ),
        (
            json!({"name": "x", "scopes": ["runs:read"], "expires_at": 5}),
            (422, "invalid_input"),
        ),
        (
            json!({"name": "x", "scopes": ["runs:read"], "scope": []}),
            (400, "unknown_field"),
        ),
        (json!({"name": "x", "scopes": []}), (422, "invalid_input")),
        (
            json!({"name": "x", "scopes": ["runs:read"], "expires_at": "2020-01-01T00:00:00Z"}),
            (422, "invalid_input"),
        ),
    ] {
        let answer = app.user().post("/api-keys", body.clone()).await;
        assert_eq!(
            answer.refusal(),
            (expected.0, expected.1.to_owned()),
            "{body}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn who_asks_is_settled_before_what_is_asked() {
    let app = TestApp::new().await;
    let unknown = latchkey_secrets::token::generate("lk_").unwrap();
    let client = app.user().client().with_key(Some(unknown.expose()));
    for (method, path) in [
        ("GET", "/api/v1/runs?colour=red"),
        ("POST", "/api/v1/workflows"),
        ("POST", "/api/v1/workflows/import?colour=red"),
    ] {
        let answer = client
            .request(method, path)
            .body("application/json", "{")
            .send()
            .await;
        assert_eq!(
            answer.refusal(),
            (401, "unauthenticated".to_owned()),
            "{method} {path}"
        );
    }
}
