//! Runs of the built binary that wait for people while it is not there.

use latchkey_tests::document;
use latchkey_tests::server::{Server, Setup};
use latchkey_tests::user::User;
use serde_json::{Value as Json, json};

/// A run of it that waits, and its form.
async fn waiting(server: &Server) -> (String, Json) {
    let user = User::new(server.client());
    let workflow = user.publish(&document::approval(), &[]).await;
    let run = workflow.run(json!({"what": "so"})).await;
    assert_eq!(run["status"], "paused");
    let id = run["id"].as_str().unwrap().to_owned();
    let forms = user.pages(&format!("/api/v1/runs/{id}/forms")).await;
    (id, forms[0].clone())
}

async fn answer(server: &Server, run: &str, form: &Json) -> Json {
    let user = User::new(server.client());
    assert_eq!(user.run(run).await["status"], "paused");
    let path = format!("/runs/{run}/forms/{}", form["id"].as_str().unwrap());
    let answered = user.post(&path, json!({"action": "approve"})).await;
    assert_eq!(answered.status, 200, "{}", answered.text);
    user.run_over(run).await
}

#[tokio::test]
async fn a_paused_run_survives_a_crash_and_goes_on_in_another_process() {
    let mut server = Setup::sqlite().start().await;
    let (run, form) = waiting(&server).await;
    server.kill();
    server.start().await;
    let over = answer(&server, &run, &form).await;
    assert_eq!(
        (&over["status"], &over["outputs"]),
        (&json!("succeeded"), &json!({"said": "Approve"}))
    );
}

#[tokio::test]
async fn a_paused_run_keeps_no_server_from_ending() {
    let mut server = Setup::sqlite().start().await;
    let (run, form) = waiting(&server).await;
    server.terminate();
    assert!(server.exit().await.success());
    server.start().await;
    let over = answer(&server, &run, &form).await;
    assert_eq!(over["status"], "succeeded");
}
