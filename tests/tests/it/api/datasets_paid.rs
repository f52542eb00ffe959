//! Who would pay for the questions that nodes put to datasets: told by the dry run, kept to by the run.

use latchkey_tests::app::TestApp;
use serde_json::json;

use crate::knowledge::{asking, indexed, scripted, simulated};

#[tokio::test]
async fn a_dry_run_tells_who_would_pay_for_the_vectors_of_questions() {
    let app = TestApp::new().await;
    app.credential("house").await;
    let (paid, free) = (
        scripted(app.user(), Some("house")).await,
        simulated(app.user(), "free").await,
    );
    indexed(app.user(), &paid, "To reset a password open the settings.").await;
    let workflow = app
        .publish(&asking(&[&paid, &free, &paid], json!({})))
        .await;
    let rows = workflow.resolve(json!({})).await.expect(200);
    let rows = rows["nodes"].as_array().unwrap();
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["node_id"].as_str(),
                row["model"].as_str(),
                row["outcome"].as_str(),
            )
        })
        .collect();
    let find = Some("find");
    assert_eq!(
        told,
        [
            (find, Some("embedder"), Some("resolved")),
            (find, Some("simulated-embedding"), Some("not_needed"))
        ]
    );
    let reason = &rows[0]["resolution"];
    assert_eq!(
        (&reason["level"], &reason["credential_name"]),
        (&json!("node"), &json!("house"))
    );
    let run = workflow.run(json!({"question": "password"})).await;
    let calls = app.user().model_calls(run["id"].as_str().unwrap()).await;
    let paid: Vec<_> = calls
        .iter()
        .map(|call| {
            (
                call["model"].as_str().unwrap(),
                call["credential_name"].as_str(),
            )
        })
        .collect();
    assert!(paid.contains(&("embedder", Some("house"))), "{calls:?}");
}

#[tokio::test]
async fn a_start_refuses_what_a_dataset_is_known_to_fail_for_if_that_is_wanted() {
    let app = TestApp::new().await;
    let dataset = scripted(app.user(), None).await;
    let workflow = app.publish(&asking(&[&dataset], json!({}))).await;
    let body = json!({"inputs": {"question": "why"}, "preflight": "strict"});
    let refused = workflow.start(body).await;
    assert_eq!(refused.refusal(), (422, "credential_missing".to_owned()));
    assert_eq!(refused.expect(422)["errors"][0]["node_id"], "find");
}

#[tokio::test]
async fn what_a_run_states_may_be_of_use_to_a_dataset_alone() {
    let app = TestApp::new().await;
    app.credential("house").await;
    let chosen = scripted(app.user(), Some("house")).await;
    let workflow = app.publish(&asking(&[&chosen], json!({}))).await;
    let path = workflow.path("/credential-settings");
    let settings = json!({"runtime_override": "named", "runtime_allow": ["house"]});
    let _ = app.user().client().put(&path, settings).await.expect(200);
    let stated = json!({"deepseek": {"credential_name": "house"}});
    let body = json!({"inputs": {"question": "why"}, "credential_overrides": stated});
    let refused = workflow.start(body.clone()).await;
    let unused = (422, "credential_override_unused".to_owned());
    assert_eq!(refused.refusal(), unused, "the dataset's own choice stands");
    let silent = json!({"credential_name": null});
    let _ = app
        .user()
        .patch(&format!("/datasets/{chosen}"), silent)
        .await
        .expect(200);
    let started = workflow.start(body).await;
    assert_eq!(started.status, 200, "{}", started.text);
}
