//! Where a credential is named, and what happens when it is to go.

use latchkey_tests::app::TestApp;
use latchkey_tests::document;
use serde_json::{Value as Json, json};

async fn kinds(app: &TestApp, id: &str) -> Vec<(String, bool)> {
    let rows = app
        .user()
        .pages(&format!("/api/v1/credentials/{id}/references"))
        .await;
    let kind = |row: &Json| {
        (
            row["kind"].as_str().unwrap().to_owned(),
            row["by_variable"] == true,
        )
    };
    rows.iter().map(kind).collect()
}

#[tokio::test]
async fn a_name_with_variables_may_come_to_a_credential() {
    let app = TestApp::new().await;
    let acme = app.credential("customer-acme").await;
    let partner = app.credential("partner").await;
    let document = document::one_model("customer-{{#start.tenant#}}");
    let workflow = app.user().publish(&document, &["customer-*"]).await;
    let node = || ("node".to_owned(), true);
    assert_eq!(kinds(&app, &acme).await, [node(), node()]);
    assert_eq!(kinds(&app, &partner).await, []);
    workflow
        .run(json!({"tenant": "acme", "question": "why"}))
        .await;
    let paid = ("paid".to_owned(), false);
    assert_eq!(kinds(&app, &acme).await, [node(), node(), paid]);
}

#[tokio::test]
async fn a_credential_that_is_named_goes_only_by_force() {
    let app = TestApp::new().await;
    let id = app.credential("only").await;
    let workflow = app.paid_by("only").await;
    let path = format!("/credentials/{id}");
    let refused = app.user().delete(&path).await;
    assert_eq!(refused.refusal(), (409, "credential_in_use".to_owned()));
    let told: Json = serde_json::from_str(&refused.text).unwrap();
    let errors = told["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 2, "{told}");
    assert_eq!(errors[0]["node_id"], "ask");
    assert!(
        errors[1]["message"]
            .as_str()
            .unwrap()
            .contains("version 1 of workflow"),
        "{told}"
    );
    let run = workflow.run(json!({"question": "why"})).await;
    assert_eq!(
        run["status"], "succeeded",
        "what was refused has changed nothing"
    );
    assert_eq!(
        app.user()
            .delete(&format!("{path}?force=maybe"))
            .await
            .status,
        400
    );
    assert_eq!(
        app.user()
            .delete(&format!("{path}?force=true"))
            .await
            .status,
        204
    );
    let log = app
        .user()
        .pages("/api/v1/audit?action=credential.delete")
        .await;
    assert_eq!(log[0]["detail"]["named_in"], 2);
}

#[tokio::test]
async fn what_was_only_paid_once_stops_nobody() {
    let app = TestApp::new().await;
    let id = app.credential("only").await;
    let workflow = app.paid_by("only").await;
    workflow.run(json!({"question": "why"})).await;
    assert_eq!(
        app.user()
            .delete(&format!("/workflows/{}", workflow.id))
            .await
            .status,
        204
    );
    assert_eq!(kinds(&app, &id).await, [("paid".to_owned(), false)]);
    assert_eq!(
        app.user()
            .delete(&format!("/credentials/{id}"))
            .await
            .status,
        204
    );
}

#[tokio::test]
async fn a_default_names_a_credential_until_it_is_taken_away() {
    let app = TestApp::new().await;
    let id = app.credential("only").await;
    let path = "/providers/deepseek/default";
    let _ = app
        .user()
        .put(path, json!({"credential_id": id}))
        .await
        .expect(200);
    let refused = app.user().delete(&format!("/credentials/{id}")).await;
    assert_eq!(refused.code(), "credential_in_use");
    let _ = app
        .user()
        .put(path, json!({"credential_id": null}))
        .await
        .expect(200);
    assert_eq!(
        app.user()
            .delete(&format!("/credentials/{id}"))
            .await
            .status,
        204
    );
}
