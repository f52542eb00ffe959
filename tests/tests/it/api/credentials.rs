//! Stored credentials: what goes in, and the little that comes out.

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::provider::{Reply, Rule};
use latchkey_tests::shown;
use serde_json::{Value as Json, json};

/// A credential for the scripted provider with other fields than usual.
fn body(app: &TestApp, more: Json) -> Json {
    let mut body = json!({"provider": "deepseek", "name": "only", "validate": false,
        "values": {"api_key": "test-key-with-an-end", "base_url": app.provider().base_url()}});
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn a_stored_credential_shows_its_last_four_characters() {
    let app = TestApp::new().await;
    let made = app
        .user()
        .post(
            "/credentials",
            body(&app, json!({"validate": true, "default": true})),
        )
        .await;
    assert_snapshot!(shown::answer(&made), @r#"
    201
    {
      "id": "<id 1>",
      "provider": "deepseek",
      "name": "only",
      "state": "active",
      "values": {"api_key":{"last4":"-end","fingerprint":"<fingerprint>"}},
      "settings": {"base_url":"http://<provider>/v1"},
      "hosts": ["<provider>"],
      "scope": {},
      "limits": {},
      "in_use": {},
      "budgets": [],
      "health": {
        "cooling_until": null,
        "cooling_code": null,
        "exhausted_at": null,
        "probe_at": null,
        "failures": 0,
        "last_success_at": null,
        "last_failure_at": null
      },
      "version": 1,
      "expires_at": null,
      "created_at": "2026-01-01T00:00:00.000Z",
      "updated_at": "2026-01-01T00:00:00.000Z",
      "last_used_at": null,
      "last_validated_at": "2026-01-01T00:00:00.000Z"
    }
    "#);
    let read = app
        .user()
        .get(&format!(
            "/credentials/{}",
            made.expect(201)["id"].as_str().unwrap()
        ))
        .await;
    assert_eq!(read.expect(200), made.expect(201));
    assert!(
        !app.user()
            .client()
            .heard()
            .concat()
            .contains("test-key-with")
    );
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let app = TestApp::new().await;
    app.credential("only").await;
    let again = app.user().post("/credentials", body(&app, json!({}))).await;
    assert_snapshot!(shown::answer(&again), @r#"
    409
    {
      "type": "about:blank",
      "title": "Conflict",
      "status": 409,
      "code": "conflict",
      "detail": "deepseek has a credential only already",
      "request_id": "<id 1>",
      "errors": []
    }
    "#);
    let other = app.credential("other").await;
    let renamed = app
        .user()
        .patch(&format!("/credentials/{other}"), json!({"name": "only"}))
        .await;
    assert_eq!(renamed.refusal(), (409, "conflict".to_owned()));
}

#[tokio::test]
async fn a_key_that_the_provider_refuses_is_not_stored() {
    let app = TestApp::new().await;
    app.provider()
        .script(Rule::for_checks(Reply::unauthorized()));
    let refused = app
        .user()
        .post("/credentials", body(&app, json!({"validate": true})))
        .await;
    assert_snapshot!(shown::answer(&refused), @r#"
    422
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "credential_invalid",
      "detail": "the provider was asked and does not accept it: [401] Incorrect API key provided: [masked].",
      "request_id": "<id 1>",
      "errors": [
        {
          "code": "credential_invalid",
          "message": "the provider was asked and does not accept it: [401] Incorrect API key provided: [masked].",
          "pointer": "/values"
        }
      ]
    }
    "#);
    assert!(app.user().pages("/api/v1/credentials").await.is_empty());
}

#[tokio::test]
async fn a_key_never_goes_to_a_host_that_was_added_later() {
    let app = TestApp::new().await;
    let id = app.credential("only").await;
    let path = format!("/credentials/{id}");
    let moved = app
        .user()
        .patch(&path, json!({"hosts": ["models.example:443"]}))
        .await;
    assert_snapshot!(shown::answer(&moved), @r#"
    422
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "values_required",
      "detail": "a key never goes to a new host: enter api_key again together with it",
      "request_id": "<id 1>",
      "errors": [
        {
          "code": "values_required",
          "message": "a key never goes to a new host: enter api_key again together with it",
          "pointer": "/values/api_key"
        }
      ]
    }
    "#);
    let values =
        json!({"api_key": "test-key-entered-again", "base_url": "https://models.example/v1"});
    let moved = app
        .user()
        .patch(
            &path,
            json!({"values": values, "hosts": ["models.example"], "validate": false}),
        )
        .await;
    assert_snapshot!(shown::answer(&moved), @r#"
    200
    {
      "id": "<id 1>",
      "provider": "deepseek",
      "name": "only",
      "state": "active",
      "values": {"api_key":{"last4":"gain","fingerprint":"<fingerprint>"}},
      "settings": {"base_url":"https://models.example/v1"},
      "hosts": ["models.example"],
      "scope": {},
      "limits": {},
      "in_use": {},
      "budgets": [],
      "health": {
        "cooling_until": null,
        "cooling_code": null,
        "exhausted_at": null,
        "probe_at": null,
        "failures": 0,
        "last_success_at": null,
        "last_failure_at": null
      },
      "version": 2,
      "expires_at": null,
      "created_at": "2026-01-01T00:00:00.000Z",
      "updated_at": "2026-01-01T00:00:00.000Z",
      "last_used_at": null,
      "last_validated_at": null
    }
    "#);
}

#[tokio::test]
async fn a_key_that_is_entered_again_goes_where_the_old_one_went() {
    let app = TestApp::new().await;
    let id = app.credential("only").await;
    let path = format!("/credentials/{id}");
    let old = app.user().get(&path).await.expect(200);
    let values = json!({"values": {"api_key": "test-key-entered-again"}});
    let new = app.user().patch(&path, values).await.expect(200);
    assert_eq!(new["settings"], old["settings"]);
    assert_eq!(new["hosts"], old["hosts"]);
    assert_eq!(new["values"]["api_key"]["last4"], "gain");
    assert!(new["last_validated_at"].is_string(), "{new}");
    let asked = app.provider().seen();
    assert_eq!(asked[0].key, "test-key-entered-again");
}

#[tokio::test]
async fn a_key_that_is_not_entered_again_goes_to_no_other_address() {
    let app = TestApp::new().await;
    let id = app.credential("only").await;
    let path = format!("/credentials/{id}");
    let old = app.user().get(&path).await.expect(200);
    let url = app.provider().base_url();
    for change in [
        json!({"values": {"base_url": "https://models.example/v1"}}),
        json!({"values": {"base_url": ""}}),
        json!({"values": {"base_url": format!("{url}/other")}}),
        json!({"values": {"base_url": url}, "hosts": ["models.example"]}),
        json!({"hosts": ["models.example"]}),
    ] {
        let refused = app.user().patch(&path, change).await;
        assert_eq!(refused.refusal(), (422, "values_required".to_owned()));
    }
    assert_eq!(app.user().get(&path).await.expect(200), old);
    let same = json!({"values": {"base_url": url}, "hosts": old["hosts"]});
    let same = app.user().patch(&path, same).await.expect(200);
    assert_eq!(same["values"], old["values"]);
    assert_eq!(same["hosts"], old["hosts"]);
}

#[tokio::test]
async fn a_region_is_an_address_too() {
    let app = TestApp::new().await;
    let of = |values: Json| json!({"provider": "bedrock", "name": "aws", "validate": false, "values": values});
    let bare = json!({"aws_region": "eu-west-1"});
    let refused = app.user().post("/credentials", of(bare)).await;
    assert_eq!(refused.refusal(), (422, "invalid_input".to_owned()));
    let secrets = json!({"aws_access_key_id": "test-key-of-a-pair", "aws_secret_access_key": "test-secret-of-a-pair"});
    let mut pair = secrets.clone();
    pair["aws_region"] = json!("eu-west-1");
    let made = app.user().post("/credentials", of(pair)).await.expect(201);
    let host = "bedrock-runtime.eu-west-1.amazonaws.com";
    assert_eq!(made["hosts"], json!([host]));
    let path = format!("/credentials/{}", made["id"].as_str().unwrap());
    let moved = json!({"aws_region": "us-east-1"});
    let refused = app
        .user()
        .patch(&path, json!({"values": moved, "validate": false}))
        .await;
    assert_eq!(refused.refusal(), (422, "values_required".to_owned()));
    let mut again = secrets;
    again["aws_region"] = json!("us-east-1");
    let moved = app
        .user()
        .patch(&path, json!({"values": again, "validate": false}))
        .await
        .expect(200);
    let host = "bedrock-runtime.us-east-1.amazonaws.com";
    assert_eq!(moved["hosts"], json!([host]));
}

#[tokio::test]
async fn a_new_key_that_the_provider_refuses_leaves_the_old_one() {
    let app = TestApp::new().await;
    let id = app.credential("only").await;
    let path = format!("/credentials/{id}");
    let old = app.user().get(&path).await.expect(200);
    app.provider()
        .script(Rule::for_checks(Reply::unauthorized()));
    let values = json!({"api_key": "test-key-entered-again"});
    let refused = app.user().patch(&path, json!({"values": values})).await;
    assert_eq!(refused.refusal(), (422, "credential_invalid".to_owned()));
    let kept = app.user().get(&path).await.expect(200);
    assert_eq!(
        (&kept["version"], &kept["values"]),
        (&json!(1), &old["values"])
    );
    let unasked = json!({"values": values, "validate": false});
    let stored = app.user().patch(&path, unasked).await.expect(200);
    assert_eq!(stored["version"], 2);
}

#[tokio::test]
async fn a_trial_before_storing_is_booked_to_the_credential() {
    let app = TestApp::new().await;
    let made = app
        .user()
        .post("/credentials", body(&app, json!({"validate": true})))
        .await
        .expect(201);
    let rows = app
        .user()
        .get(&format!(
            "/model-calls?credential_id={}",
            made["id"].as_str().unwrap()
        ))
        .await
        .expect(200);
    assert_eq!(rows["data"][0]["credential_name"], made["name"], "{rows}");
    assert_eq!(rows["data"][0]["model"], json!(null), "{rows}");
    assert_eq!(rows["data"][0]["http_status"], 200, "{rows}");
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_has_not_refused() {
    let app = TestApp::new().await;
    let values = json!({"api_key": "test-key", "base_url": "http://127.0.0.1:1/v1"});
    let refused = app
        .user()
        .post(
            "/credentials",
            body(&app, json!({"validate": true, "values": values})),
        )
        .await;
    assert_eq!(
        refused.refusal(),
        (422, "credential_not_validated".to_owned())
    );
    assert!(
        refused.text.contains("the provider could not be asked: "),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn a_form_that_is_filled_in_badly_is_refused_field_by_field() {
    let app = TestApp::new().await;
    let values = json!({"api_key": "two\nlines", "base_url": "ftp://x", "region": "eu"});
    let refused = app
        .user()
        .post("/credentials", body(&app, json!({"values": values})))
        .await;
    assert_snapshot!(shown::answer(&refused), @r#"
    422
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "invalid_input",
      "detail": "deepseek has no field region; api_key holds control characters, such as a line feed; base_url is no http or https URL without a user name",
      "request_id": "<id 1>",
      "errors": [
        {
          "code": "unknown_field",
          "message": "deepseek has no field region",
          "pointer": "/values/region",
          "field": "region"
        },
        {
          "code": "invalid_characters",
          "message": "api_key holds control characters, such as a line feed",
          "pointer": "/values/api_key",
          "field": "api_key"
        },
        {
          "code": "invalid_url",
          "message": "base_url is no http or https URL without a user name",
          "pointer": "/values/base_url",
          "field": "base_url"
        }
      ]
    }
    "#);
    for (more, expected) in [
        (json!({"name": "a b"}), (422, "invalid_name")),
        (json!({"provider": "nobody"}), (422, "provider_unknown")),
        (
            json!({"scope": {"environments": ["moon"]}}),
            (422, "environment_unknown"),
        ),
        (
            json!({"scope": {"workflows": ["01900000-0000-7000-8000-000000000000"]}}),
            (422, "workflow_unknown"),
        ),
        (json!({"expires_at": "tomorrow"}), (422, "invalid_input")),
        (json!({"values": {"api_key": 5}}), (422, "invalid_input")),
        (json!({"hosts": ["http://x"]}), (422, "invalid_input")),
        (json!({"limit": {}}), (400, "unknown_field")),
    ] {
        let answer = app
            .user()
            .post("/credentials", body(&app, more.clone()))
            .await;
        assert_eq!(
            answer.refusal(),
            (expected.0, expected.1.to_owned()),
            "{more}: {}",
            answer.text
        );
    }
    assert!(app.user().pages("/api/v1/credentials").await.is_empty());
}

#[tokio::test]
async fn a_credential_says_where_it_is_named() {
    let app = TestApp::new().await;
    let id = app.credential("only").await;
    let workflow = app.paid_by("only").await;
    let bindings = json!({"bindings": [{"provider": "deepseek", "credential_id": id}]});
    let path = format!("/workflows/{}/credential-settings", workflow.id);
    let _ = app.user().put(&path, bindings).await.expect(200);
    let _ = app
        .user()
        .put("/providers/deepseek/default", json!({"credential_id": id}))
        .await
        .expect(200);
    let named = app
        .user()
        .get(&format!("/credentials/{id}/references"))
        .await;
    assert_snapshot!(shown::answer(&named), @r#"
    200
    {
      "data": [
        {
          "kind": "default",
          "workflow_id": null,
          "workflow_name": null,
          "version": null,
          "node_id": null,
          "by_variable": false,
          "pool_id": null,
          "pool_name": null,
          "dataset_id": null,
          "dataset_name": null,
          "last_used_at": null
        },
        {
          "kind": "binding",
          "workflow_id": "<id 1>",
          "workflow_name": "one model",
          "version": null,
          "node_id": null,
          "by_variable": false,
          "pool_id": null,
          "pool_name": null,
          "dataset_id": null,
          "dataset_name": null,
          "last_used_at": null
        },
        {
          "kind": "node",
          "workflow_id": "<id 1>",
          "workflow_name": "one model",
          "version": null,
          "node_id": "ask",
          "by_variable": false,
          "pool_id": null,
          "pool_name": null,
          "dataset_id": null,
          "dataset_name": null,
          "last_used_at": null
        },
        {
          "kind": "node",
          "workflow_id": "<id 1>",
          "workflow_name": "one model",
          "version": 1,
          "node_id": "ask",
          "by_variable": false,
          "pool_id": null,
          "pool_name": null,
          "dataset_id": null,
          "dataset_name": null,
          "last_used_at": null
        }
      ],
      "next_cursor": null
    }
    "#);
}

#[tokio::test]
async fn a_removed_credential_is_gone_and_its_rows_of_the_ledger_stay() {
    let app = TestApp::new().await;
    let id = app.credential("only").await;
    let workflow = app.paid_by("only").await;
    let run = workflow.run(json!({})).await;
    assert_eq!(
        app.user()
            .delete(&format!("/credentials/{id}?force=true"))
            .await
            .status,
        204
    );
    assert_eq!(
        app.user().get(&format!("/credentials/{id}")).await.status,
        404
    );
    let calls = app.user().model_calls(run["id"].as_str().unwrap()).await;
    assert_eq!(calls[0]["credential_name"], "only");
    let after = workflow.run(json!({})).await;
    assert_eq!(after["error"]["code"], "credential_not_found", "{after}");
}
