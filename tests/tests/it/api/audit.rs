//! Who changed what, as those who may are told.

use latchkey_domain::access::Permission;
use latchkey_tests::app::TestApp;
use serde_json::{Value as Json, json};

async fn actions(app: &TestApp, query: &str) -> Vec<String> {
    let rows = app.user().pages(&format!("/api/v1/audit{query}")).await;
    let action = |row: &Json| row["action"].as_str().unwrap().to_owned();
    rows.iter().map(action).collect()
}

#[tokio::test]
async fn the_life_of_a_credential_is_written_down_without_its_values() {
    let app = TestApp::new().await;
    let id = app.credential("only").await;
    let path = format!("/credentials/{id}");
    let change =
        json!({"name": "renamed", "state": "disabled", "expires_at": "2999-01-01T00:00:00Z"});
    let _ = app.user().patch(&path, change).await.expect(200);
    let values = json!({"values": {"api_key": "another-key-of-this-test"}, "validate": false});
    let _ = app.user().patch(&path, values).await.expect(200);
    assert_eq!(app.user().delete(&path).await.status, 204);
    let rows = app
        .user()
        .pages(&format!("/api/v1/audit?subject={id}"))
        .await;
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["action"].as_str().unwrap(),
                row["detail"]["changed"].clone(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("credential.delete", json!(null)),
            ("credential.change", json!(["values.api_key"])),
            ("credential.change", json!(["name", "state", "expires_at"])),
            ("credential.create", json!(null)),
        ]
    );
    let text = json!(rows).to_string();
    assert!(!text.contains("another-key-of-this-test"));
    let actor = rows[0]["actor"].as_str().unwrap();
    assert!(actor.starts_with("api_key:"), "{actor}");
    assert_eq!(
        actions(&app, &format!("?subject={id}&actor={actor}"))
            .await
            .len(),
        4
    );
    assert_eq!(
        actions(&app, &format!("?subject={id}&actor=operator")).await,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn changes_are_found_by_kind_and_time() {
    let app = TestApp::new().await;
    app.credential("only").await;
    let _ = app.paid_by("only").await;
    let all = actions(&app, "").await;
    assert!(all.contains(&"workflow.publish".to_owned()), "{all:?}");
    assert_eq!(
        actions(&app, "?action=credential").await,
        ["credential.create"]
    );
    assert_eq!(
        actions(&app, "?action=credential.create&from=2026-01-01T00:00:00Z").await,
        ["credential.create"]
    );
    assert_eq!(
        actions(&app, "?action=credential&to=2026-01-01T00:00:00Z").await,
        Vec::<String>::new()
    );
    for query in ["?actor=somebody", "?from=today", "?colour=red"] {
        assert_eq!(
            app.user().get(&format!("/audit{query}")).await.status,
            400,
            "{query}"
        );
    }
}

#[tokio::test]
async fn the_log_is_for_those_who_may_and_for_spreadsheets() {
    let app = TestApp::new().await;
    app.credential("only").await;
    let other = app.user_who_may(&[Permission::CredentialsRead]).await;
    assert_eq!(
        other.get("/audit").await.refusal(),
        (403, "forbidden".to_owned())
    );
    let ask = app.user().client().request("GET", "/api/v1/audit?limit=1");
    let csv = ask.header("accept", "text/csv").send().await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(csv.header("x-next-cursor").is_some());
    let lines: Vec<_> = csv.text.lines().collect();
    assert_eq!(
        (lines.len(), lines[0]),
        (2, "id,at,actor,action,subject,detail")
    );
    assert!(
        app.stranger()
            .pages("/api/v1/audit?action=credential")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn a_use_that_a_scope_refuses_is_written_down_once_an_hour() {
    let app = TestApp::new().await;
    let id = app.credential("only").await;
    let scope = json!({"scope": {"environments": ["staging"]}});
    let _ = app
        .user()
        .patch(&format!("/credentials/{id}"), scope)
        .await
        .expect(200);
    let workflow = app.paid_by("only").await;
    for _ in 0..3 {
        let run = workflow.run(json!({"question": "why"})).await;
        assert_eq!(run["error"]["code"], "credential_forbidden", "{run}");
    }
    let path = format!("/api/v1/audit?subject={id}&action=credential.refused");
    let rows = app.user().pages(&path).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["detail"]["code"], "credential_forbidden");
    assert_eq!(rows[0]["detail"]["workflow_id"], workflow.id.as_str());
    assert_eq!(rows[0]["detail"]["node_id"], "ask");
}
