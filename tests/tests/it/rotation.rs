//! Rotation: new values pay at once, old ones end in order, and there is a way back until then.

use std::time::Duration;

use latchkey_tests::app::TestApp;
use latchkey_tests::provider::{Reply, Rule};
use latchkey_tests::requirement;
use latchkey_tests::server::Setup;
use latchkey_tests::user::User;
use latchkey_tests::{document, wait};
use serde_json::{Value as Json, json};

const INPUTS: fn() -> Json = || json!({"tenant": "acme", "question": "why"});

/// An app on each kind of database with a credential `acme`, whose key is `test-key-acme`.
async fn on_both(test: impl AsyncFn(&TestApp, &str)) {
    let app = TestApp::new().await;
    let id = app.credential("acme").await;
    test(&app, &id).await;
    if let Some(server) = requirement::postgres() {
        let app = TestApp::on_postgres(server).await;
        let id = app.credential("acme").await;
        test(&app, &id).await;
    }
}

async fn rotate(app: &TestApp, id: &str, key: &str, more: Json) -> Json {
    let mut body = json!({"values": {"api_key": key}});
    let fields = body.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    let path = format!("/credentials/{id}/rotate");
    app.user().post(&path, body).await.expect(200)
}

/// The versions of a credential, newest first: number, state and end.
async fn versions(app: &TestApp, id: &str) -> Vec<String> {
    let listed = app.user().get(&format!("/credentials/{id}/versions")).await;
    let rows = listed.expect(200)["data"].as_array().unwrap().clone();
    let line = |row: &Json| {
        let end = row["ended"].as_str().unwrap_or("-");
        format!(
            "{} {} {end}",
            row["version"],
            row["state"].as_str().unwrap()
        )
    };
    rows.iter().map(line).collect()
}

async fn becomes(app: &TestApp, id: &str, expected: &[&str]) {
    wait::until("the versions are as they should be", async || {
        (versions(app, id).await == expected).then_some(())
    })
    .await;
}

/// The keys of all chats, in order.
fn keys(app: &TestApp) -> Vec<String> {
    let chats = app.provider().chats().into_iter();
    chats.map(|chat| chat.key).collect()
}

#[tokio::test]
async fn a_new_key_pays_at_once_and_its_first_success_ends_the_old_one() {
    on_both(async |app, id| {
        let workflow = app.paid_by("acme").await;
        assert_eq!(workflow.run(INPUTS()).await["status"], "succeeded");
        let rotated = rotate(app, id, "test-key-new-one", json!({})).await;
        assert_eq!(rotated["version"], 2);
        assert_eq!(rotated["values"]["api_key"]["last4"], "-one");
        // The trial of the new key was no call that proves it.
        assert_eq!(versions(app, id).await, ["2 current -", "1 usable -"]);
        assert_eq!(workflow.run(INPUTS()).await["status"], "succeeded");
        assert_eq!(keys(app), ["test-key-acme", "test-key-new-one"]);
        becomes(app, id, &["2 current -", "1 destroyed proved"]).await;
        let path = format!("/credentials/{id}/rollback");
        let late = app.user().post(&path, json!({})).await;
        assert_eq!(late.refusal(), (409, "conflict".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn a_call_in_flight_finishes_with_the_old_key() {
    on_both(async |app, id| {
        let gated = Reply::Gated("one two three".to_owned());
        app.provider().script(Rule::for_key("test-key-acme", gated));
        let workflow = app.paid_by("acme").await;
        let run = workflow.detach(INPUTS()).await;
        app.provider().arrived(1).await;
        rotate(app, id, "test-key-new-one", json!({"overlap_ms": 0})).await;
        assert_eq!(
            versions(app, id).await,
            ["2 current -", "1 destroyed replaced"]
        );
        app.provider().release(3);
        let run = app.user().run_over(&run).await;
        assert_eq!(run["status"], "succeeded", "{run}");
        assert_eq!(keys(app), ["test-key-acme"]);
        let calls = app.user().model_calls(run["id"].as_str().unwrap()).await;
        assert_eq!(
            (calls.len(), &calls[0]["credential_version"]),
            (1, &json!(1))
        );
    })
    .await;
}

#[tokio::test]
async fn an_overlap_of_a_stated_time_ends_with_it() {
    let app = TestApp::new().await;
    let id = app.credential("acme").await;
    let workflow = app.paid_by("acme").await;
    rotate(&app, &id, "test-key-new-one", json!({"overlap_ms": 60_000})).await;
    assert_eq!(workflow.run(INPUTS()).await["status"], "succeeded");
    app.passes(Duration::from_secs(59));
    assert_eq!(versions(&app, &id).await, ["2 current -", "1 usable -"]);
    app.passes(Duration::from_secs(1));
    becomes(&app, &id, &["2 current -", "1 destroyed elapsed"]).await;
}

#[tokio::test]
async fn with_a_time_and_a_proof_the_first_of_them_ends_it() {
    let app = TestApp::new().await;
    let id = app.credential("acme").await;
    let both = json!({"overlap_ms": 60_000, "overlap": "until_proven"});
    rotate(&app, &id, "test-key-new-one", both.clone()).await;
    app.passes(Duration::from_secs(60));
    becomes(&app, &id, &["2 current -", "1 destroyed elapsed"]).await;
    rotate(&app, &id, "test-key-third", both).await;
    let workflow = app.paid_by("acme").await;
    assert_eq!(workflow.run(INPUTS()).await["status"], "succeeded");
    let expected = ["3 current -", "2 destroyed proved", "1 destroyed elapsed"];
    becomes(&app, &id, &expected).await;
}

#[tokio::test]
async fn a_rollback_pays_with_the_old_key_and_its_number_is_not_given_again() {
    on_both(async |app, id| {
        let workflow = app.paid_by("acme").await;
        rotate(app, id, "test-key-new-one", json!({})).await;
        let path = format!("/credentials/{id}/rollback");
        let back = app.user().post(&path, json!({})).await.expect(200);
        assert_eq!(back["version"], 1);
        assert_eq!(back["values"]["api_key"]["last4"], "acme");
        assert_eq!(workflow.run(INPUTS()).await["status"], "succeeded");
        assert_eq!(keys(app), ["test-key-acme"]);
        let expected = ["2 destroyed rolled_back", "1 current -"];
        assert_eq!(versions(app, id).await, expected);
        let again = rotate(app, id, "test-key-third", json!({})).await;
        assert_eq!(again["version"], 3);
        let expected = ["3 current -", "2 destroyed rolled_back", "1 usable -"];
        assert_eq!(versions(app, id).await, expected);
    })
    .await;
}

#[tokio::test]
async fn a_key_that_the_provider_refuses_replaces_nothing() {
    let app = TestApp::new().await;
    let id = app.credential("acme").await;
    let refuse = Rule::for_checks_of("test-key-bad", Reply::unauthorized());
    app.provider().script(refuse);
    let body = json!({"values": {"api_key": "test-key-bad"}});
    let path = format!("/credentials/{id}/rotate");
    let refused = app.user().post(&path, body.clone()).await;
    assert_eq!(refused.refusal(), (422, "credential_invalid".to_owned()));
    assert_eq!(versions(&app, &id).await, ["1 current -"]);
    let mut unasked = body;
    unasked["validate"] = json!(false);
    let taken = app.user().post(&path, unasked).await;
    assert_eq!(taken.expect(200)["version"], 2);
}

#[tokio::test]
async fn a_new_key_that_turns_out_dead_hands_back_to_the_old_one() {
    on_both(async |app, id| {
        let workflow = app.paid_by("acme").await;
        rotate(app, id, "test-key-new-one", json!({})).await;
        let dead = Rule::for_checks_of("test-key-new-one", Reply::unauthorized());
        app.provider().script(dead);
        let path = format!("/credentials/{id}/validate");
        let asked = app.user().post(&path, json!({})).await.expect(200);
        assert_eq!(
            (&asked["valid"], &asked["state"]),
            (&json!(false), &json!("active"))
        );
        let expected = ["2 destroyed refused", "1 current -"];
        assert_eq!(versions(app, id).await, expected);
        assert_eq!(workflow.run(INPUTS()).await["status"], "succeeded");
        assert_eq!(keys(app), ["test-key-acme"]);
        // When the old one is dead as well there is no further way back.
        let dead = Rule::for_checks_of("test-key-acme", Reply::unauthorized());
        app.provider().script(dead);
        let asked = app.user().post(&path, json!({})).await.expect(200);
        assert_eq!(asked["state"], "invalid");
        // A dead key is nothing to go back to.
        let revived = rotate(app, id, "test-key-third", json!({})).await;
        assert_eq!(revived["state"], "active");
        assert_eq!(versions(app, id).await[2], "1 destroyed replaced");
    })
    .await;
}

#[tokio::test]
async fn values_that_are_changed_without_a_rotation_leave_no_way_back() {
    let app = TestApp::new().await;
    let id = app.credential("acme").await;
    rotate(&app, &id, "test-key-new-one", json!({})).await;
    let body = json!({"values": {"api_key": "test-key-third"}});
    let path = format!("/credentials/{id}");
    assert_eq!(
        app.user().patch(&path, body).await.expect(200)["version"],
        3
    );
    let expected = [
        "3 current -",
        "2 destroyed replaced",
        "1 destroyed replaced",
    ];
    assert_eq!(versions(&app, &id).await, expected);
}

#[tokio::test]
async fn an_expired_key_is_rotated_with_a_new_date_and_rolled_back_with_its_own() {
    let app = TestApp::new().await;
    let id = app.credential("acme").await;
    let path = format!("/credentials/{id}");
    let date = json!({"expires_at": "2026-01-01T01:00:00Z"});
    let _ = app.user().patch(&path, date).await.expect(200);
    app.passes(Duration::from_secs(2 * 60 * 60));
    let new = json!({"values": {"api_key": "test-key-new-one"}});
    let refused = app.user().post(&format!("{path}/rotate"), new).await;
    assert_eq!(refused.refusal(), (422, "invalid_input".to_owned()));
    assert_eq!(refused.expect(422)["errors"][0]["pointer"], "/expires_at");
    let more = json!({"expires_at": null});
    let rotated = rotate(&app, &id, "test-key-new-one", more).await;
    assert_eq!(rotated["expires_at"], Json::Null);
    let back = app
        .user()
        .post(&format!("{path}/rollback"), json!({}))
        .await;
    assert_eq!(back.expect(200)["expires_at"], "2026-01-01T01:00:00.000Z");
}

#[tokio::test]
async fn what_is_asked_badly_is_refused_with_its_place() {
    let app = TestApp::new().await;
    let id = app.credential("acme").await;
    let moved = json!({"values": {"base_url": "http://127.0.0.2:9/v1"}});
    let long = json!({"values": {"api_key": "test-key-2"}, "overlap_ms": 7_776_000_001_u64});
    for (body, status, code, pointer) in [
        (json!({"values": {}}), 422, "invalid_input", "/values"),
        (long, 422, "invalid_input", "/overlap_ms"),
        (moved, 422, "values_required", "/values/api_key"),
    ] {
        let path = format!("/credentials/{id}/rotate");
        let refused = app.user().post(&path, body.clone()).await;
        assert_eq!(refused.refusal(), (status, code.to_owned()), "{body}");
        assert_eq!(
            refused.expect(422)["errors"][0]["pointer"],
            pointer,
            "{body}"
        );
    }
    for (body, status) in [
        (
            json!({"values": {"api_key": "x"}, "overlap": "for_ever"}),
            422,
        ),
        (json!({"values": {"api_key": "x"}, "overlap_ms": -1}), 422),
        (json!({"values": {"api_key": "x"}, "more": 1}), 400),
    ] {
        let path = format!("/credentials/{id}/rotate");
        let refused = app.user().post(&path, body.clone()).await;
        assert_eq!(refused.status, status, "{body}: {}", refused.text);
    }
    assert_eq!(versions(&app, &id).await, ["1 current -"]);
}

#[tokio::test]
async fn a_tools_key_is_rotated_for_a_stated_time() {
    let app = TestApp::new().await;
    let api = "openapi: 3.0.0\nservers: [{url: 'https://x.test'}]\npaths: {/a: {get: {}}}";
    let tools =
        json!({"name": "maps", "kind": "openapi", "document": api, "auth": {"type": "bearer"}});
    let _ = app.user().post("/tool-providers", tools).await.expect(201);
    let new =
        json!({"provider": "tool/maps", "name": "house", "values": {"api_key": "test-key-first"}});
    let made = app.user().post("/credentials", new).await.expect(201);
    let id = made["id"].as_str().unwrap();
    for more in [
        json!({}),
        json!({"overlap_ms": 1_000, "overlap": "until_proven"}),
    ] {
        let mut body = json!({"values": {"api_key": "test-key-second"}});
        let fields = body.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        let path = format!("/credentials/{id}/rotate");
        let refused = app.user().post(&path, body).await;
        assert_eq!(refused.refusal(), (422, "invalid_input".to_owned()));
        assert_eq!(refused.expect(422)["errors"][0]["pointer"], "/overlap_ms");
    }
    rotate(&app, id, "test-key-second", json!({"overlap_ms": 1_000})).await;
    assert_eq!(versions(&app, id).await, ["2 current -", "1 usable -"]);
}

#[tokio::test]
async fn the_command_line_rotates_and_goes_back() {
    let server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    let provider = latchkey_tests::provider::Provider::start();
    user.credential("acme", "test-key-acme", &provider).await;
    let workflow = user.publish(&document::one_model("acme"), &[]).await;
    let said = |output: std::process::Output| {
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), text)
    };
    let line = "credentials rotate deepseek/acme --secret-stdin --overlap 24h";
    let line: Vec<&str> = line.split(' ').collect();
    let rotated = said(server.cli_with_input(&line, "test-key-new-one\n"));
    let now = "deepseek/acme is at version 2 now\n".to_owned();
    assert_eq!(rotated, (Some(0), now));
    assert_eq!(workflow.run(INPUTS()).await["status"], "succeeded");
    let back = said(server.cli(&["credentials", "rollback", "deepseek/acme"]));
    assert_eq!(back.0, Some(0));
    assert!(back.1.contains("back at version 1"), "{}", back.1);
    assert_eq!(workflow.run(INPUTS()).await["status"], "succeeded");
    let keys: Vec<String> = provider.chats().into_iter().map(|chat| chat.key).collect();
    assert_eq!(keys, ["test-key-new-one", "test-key-acme"]);
    let late = said(server.cli(&["credentials", "rollback", "deepseek/acme"]));
    assert_eq!(late.0, Some(3), "there is nothing to go back to");
    assert!(!server.printed().contains("test-key-new-one"));
}
