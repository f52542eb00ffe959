//! What a key may hear of is what it may read, and whoever may start a run hears how it ended.

use latchkey_domain::access::Permission::{CredentialsRead, RunsRead, RunsWrite, WorkflowsRead};
use latchkey_tests::app::TestApp;
use latchkey_tests::document;
use latchkey_tests::provider::Reply;
use serde_json::json;

#[tokio::test]
async fn who_may_start_a_run_hears_how_it_ended() {
    let app = TestApp::new().await.answering(Reply::words("told"));
    app.credential("only").await;
    let workflow = app.paid_by("only").await;
    let starter = app.user_who_may(&[RunsWrite]).await;
    for mode in ["blocking", "streaming", "detached"] {
        let body = json!({"inputs": {"tenant": "acme", "question": "why"}, "response_mode": mode});
        let path = workflow.path("/runs");
        let answer = starter.client().post(&path, body).await;
        assert!(answer.status < 300, "{mode}: {}", answer.text);
        if mode == "detached" {
            let run = answer.expect(202)["id"].as_str().unwrap().to_owned();
            app.user().run_over(&run).await;
        }
    }
    let listed = starter.client().get("/api/v1/runs").await;
    assert_eq!(listed.refusal(), (403, "forbidden".to_owned()));
}

#[tokio::test]
async fn the_runs_that_a_credential_paid_are_listed_for_those_who_may_know_it() {
    let app = TestApp::new().await.answering(Reply::words("paid"));
    let credential = app.credential("only").await;
    let inputs = json!({"tenant": "acme", "question": "why"});
    app.paid_by("only").await.run(inputs).await;
    let path = format!("/api/v1/runs?credential_id={credential}");
    let blind = app.user_who_may(&[RunsRead]).await;
    let refusal = blind.client().get(&path).await.refusal();
    assert_eq!(refusal, (403, "forbidden".to_owned()));
    let knowing = app.user_who_may(&[RunsRead, CredentialsRead]).await;
    let listed = knowing.client().get(&path).await.expect(200);
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_file_with_credential_settings_is_for_those_who_may_read_them() {
    let app = TestApp::new().await;
    app.credential("only").await;
    let bound = app
        .user()
        .publish(
            &document::one_model("customer-{{#start.tenant#}}"),
            &["customer-*"],
        )
        .await;
    let plain = app.publish(&document::light()).await;
    let viewer = app.user_who_may(&[WorkflowsRead]).await;
    let refusal = viewer.client().get(&bound.path("/export")).await.refusal();
    assert_eq!(refusal, (403, "forbidden".to_owned()));
    assert_eq!(
        viewer.client().get(&plain.path("/export")).await.status,
        200
    );
}

#[tokio::test]
async fn the_end_users_name_chooses_in_the_dry_run_as_in_a_run() {
    let app = TestApp::new().await.answering(Reply::words("mine"));
    app.credential("acme").await;
    let document = document::one_model("{{#sys.user_id#}}");
    let workflow = app.user().publish(&document, &["*"]).await;
    let inputs = json!({"tenant": "x", "question": "why"});
    let asked = json!({"inputs": inputs, "end_user": "acme"});
    let rows = workflow.resolve(asked.clone()).await.expect(200);
    assert_eq!(rows["nodes"][0]["outcome"], "resolved", "{rows}");
    assert_eq!(rows["nodes"][0]["resolution"]["credential_name"], "acme");
    let run = workflow.start(asked).await.expect(200);
    assert_eq!(run["status"], "succeeded", "{run}");
    let nobody = workflow
        .resolve(json!({"inputs": inputs}))
        .await
        .expect(200);
    assert_eq!(nobody["nodes"][0]["code"], "credential_selector_empty");
}
