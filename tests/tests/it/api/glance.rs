//! What lists and the frame of the studio show at a glance.

use latchkey_domain::access::Permission;
use latchkey_tests::app::TestApp;
use latchkey_tests::provider::Reply;
use latchkey_tests::wait;
use serde_json::{Value as Json, json};

fn inputs() -> Json {
    json!({"tenant": "acme", "question": "why"})
}

#[tokio::test]
async fn a_run_names_whoever_was_asked_to_pay() {
    let app = TestApp::new().await;
    let id = app.credential("acme").await;
    let workflow = app.paid_by("acme").await;
    workflow.run(inputs()).await;
    let list = app.user().get("/runs").await.expect(200);
    let paid = json!([{"id": id, "name": "acme", "provider": "deepseek", "has_paid": true}]);
    assert_eq!(list["data"][0]["credentials"], paid);
    let narrow = app.user_who_may(&[Permission::RunsRead]).await;
    let list = narrow.get("/runs").await.expect(200);
    assert_eq!(list["data"][0].get("credentials"), None);
}

#[tokio::test]
async fn a_credential_tells_what_is_taken_of_its_limits() {
    let app = TestApp::new().await;
    let id = app.credential("acme").await;
    let path = format!("/credentials/{id}");
    let limits = json!({"limits": {"requests_per_minute": 60, "concurrent_calls": 8}});
    app.user().patch(&path, limits).await.expect(200);
    let workflow = app.paid_by("acme").await;
    for _ in 0..2 {
        workflow.run(inputs()).await;
    }
    let read = app.user().get(&path).await.expect(200);
    let taken = json!({"requests_per_minute": 2, "concurrent_calls": 0});
    assert_eq!(read["in_use"], taken);
    let list = app.user().get("/credentials").await.expect(200);
    assert_eq!(list["data"][0]["in_use"], taken);
}

#[tokio::test]
async fn the_workspace_is_renamed_by_whoever_may() {
    let app = TestApp::new().await;
    let named = json!({"name": "  Northwind Desk "});
    let answer = app.user().patch("/workspace", named).await.expect(200);
    assert_eq!(answer["name"], "Northwind Desk");
    let session = app.user().get("/session").await.expect(200);
    assert_eq!(session["workspace"], answer);
    let log = app.user().get("/audit").await.expect(200);
    let entry = &log["data"][0];
    assert_eq!(entry["action"], "workspace.change");
    assert_eq!(entry["detail"]["name"]["to"], "Northwind Desk");
    let problem = app.user().patch("/workspace", json!({"name": " "})).await;
    let problem = problem.expect(422);
    assert_eq!(problem["code"], "invalid_name");
    assert_eq!(problem["errors"][0]["pointer"], "/name");
}

#[tokio::test]
async fn runs_are_counted_by_workflow_day_and_status() {
    let app = TestApp::new().await;
    app.credential("acme").await;
    let workflow = app.paid_by("acme").await;
    workflow.run(inputs()).await;
    workflow.run(inputs()).await;
    let counts = app.user().get("/run-counts").await.expect(200);
    let one = json!([{"workflow_id": workflow.id, "day": "2026-01-01", "status": "succeeded", "runs": 2}]);
    assert_eq!(counts, one);
    let before = "/run-counts?from=2025-12-01T00:00:00Z&to=2026-01-01T00:00:00Z";
    assert_eq!(app.user().get(before).await.expect(200), json!([]));
    let endless = "/run-counts?from=2020-01-01T00:00:00Z";
    let problem = app.user().get(endless).await.expect(400);
    assert!(problem["detail"].as_str().unwrap().contains("400"));
}

#[tokio::test]
async fn the_status_tells_what_is_at_work() {
    let app = TestApp::new().await.answering(Reply::Hangs);
    app.credential("slow").await;
    let user = app.user();
    let workflow = app.paid_by("slow").await;
    let run = workflow.detach(inputs()).await;
    let status = wait::until("the run is at work", async || {
        let status = user.get("/status").await.expect(200);
        (status["running"] == 1).then_some(status)
    })
    .await;
    assert_eq!(
        (&status["queued"], &status["paused"]),
        (&json!(0), &json!(0))
    );
    let _ = user.stop(&run).await.expect(202);
    user.run_over(&run).await;
}
