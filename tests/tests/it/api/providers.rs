//! Providers and their default credentials.

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::document;
use latchkey_tests::shown;
use serde_json::json;

#[tokio::test]
async fn a_provider_says_what_its_credentials_consist_of() {
    let app = TestApp::new().await;
    let deepseek = app.user().get("/providers/deepseek").await.expect(200);
    let known = |name: &str| {
        let mut models = deepseek["models"].as_array().unwrap().iter();
        models.find(|model| model["name"] == name).unwrap().clone()
    };
    let address = "https://api.deepseek.com/v1";
    assert_eq!(
        deepseek["credential_schema"],
        json!([
            {"name": "api_key", "label": "API key", "type": "secret", "required": true, "default": null, "placeholder": null},
            {"name": "base_url", "label": "Base URL", "type": "url", "required": false, "default": null, "placeholder": address},
        ])
    );
    for (name, value) in [
        ("id", json!("deepseek")),
        ("aliases", json!([])),
        ("label", json!("DeepSeek")),
        ("secrets", json!("required")),
        ("base_url", json!(address)),
        (
            "price_source",
            json!("https://api-docs.deepseek.com/quick_start/pricing"),
        ),
        ("default_credential_id", json!(null)),
        ("model_defaults", json!([])),
    ] {
        assert_eq!(deepseek[name], value, "{name}");
    }
    // The test's clock stands at the first of January 2026.
    let chat = known("deepseek-chat");
    assert_eq!(
        (&chat["context_size"], &chat["max_output"]),
        (&json!(128_000), &json!(8192))
    );
    assert_eq!(chat["features"], json!(["tool-call"]));
    let price = &chat["price"];
    assert_eq!(
        (&price["input"], &price["cache_read"], &price["output"]),
        (&json!("0.28"), &json!("0.028"), &json!("0.42"))
    );
    assert_eq!(
        (&price["currency"], &price["per_tokens"]),
        (&json!("USD"), &json!(1_000_000))
    );
    assert_eq!(chat["prices"].as_array().unwrap().len(), 2);
    let coder = known("deepseek-coder");
    assert_eq!(
        (&coder["price"], &coder["prices"]),
        (&json!(null), &json!([]))
    );
    let later = known("deepseek-flash");
    assert_eq!(later["price"], json!(null), "it is not there yet");
    let listed = &later["prices"][0];
    assert_eq!(listed["effective_from"], "2026-09-10T00:00:00.000Z");
    assert_eq!(listed["peak"]["hours"], "mon-fri 01:00-04:00 06:00-10:00");
    assert_eq!(listed["peak"]["output"], "1.2");
    let simulated = app.user().get("/providers/simulated").await.expect(200);
    assert_eq!(
        (&simulated["secrets"], &simulated["credential_schema"]),
        (&json!("never"), &json!([]))
    );
    assert_eq!(
        simulated["models"][2],
        json!({"name": "simulated-embedding", "type": "text-embedding", "context_size": null, "max_output": null,
            "features": null, "price": null, "prices": []})
    );
    assert_eq!(
        app.user().get("/providers/nobody").await.refusal(),
        (404, "not_found".to_owned())
    );
}

#[tokio::test]
async fn a_default_pays_where_nobody_says_otherwise() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document::one_model("")).await;
    let before = workflow.run(json!({})).await;
    assert_eq!(before["error"]["code"], "credential_missing", "{before}");
    let id = app.credential("only").await;
    let set = app
        .user()
        .put("/providers/deepseek/default", json!({"credential_id": id}))
        .await;
    assert_eq!(set.expect(200)["default_credential_id"], json!(id));
    assert_eq!(workflow.run(json!({})).await["status"], "succeeded");
    let taken = app
        .user()
        .put(
            "/providers/deepseek/default",
            json!({"credential_id": null}),
        )
        .await;
    assert_eq!(taken.expect(200)["default_credential_id"], json!(null));
    assert_eq!(
        workflow.run(json!({})).await["error"]["code"],
        "credential_missing"
    );
}

#[tokio::test]
async fn a_model_has_a_default_of_its_own() {
    let app = TestApp::new().await;
    let body = json!({"provider": "deepseek", "name": "for-chat", "model": "deepseek-chat", "validate": false,
        "values": {"api_key": "test-key-chat", "base_url": app.provider().base_url()}});
    let id = app.user().post("/credentials", body).await.expect(201)["id"].clone();
    let set = json!({"credential_id": id, "model": "deepseek-chat"});
    let set = app
        .user()
        .put("/providers/deepseek/default", set)
        .await
        .expect(200);
    assert_snapshot!(shown::json(&set["model_defaults"]), @r#"[{"model":"deepseek-chat","model_type":"llm","credential_id":"<id 1>"}]"#);
    let run = app
        .publish(&document::one_model(""))
        .await
        .run(json!({}))
        .await;
    assert_eq!(run["status"], "succeeded", "{run}");
}

#[tokio::test]
async fn a_default_is_a_credential_of_its_provider() {
    let app = TestApp::new().await;
    let id = app.credential("only").await;
    let other = app
        .user()
        .put("/providers/openai/default", json!({"credential_id": id}))
        .await;
    assert_snapshot!(shown::answer(&other), @r#"
    422
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "credential_provider_mismatch",
      "detail": "a provider's default is a credential of the provider; a model's is one of that model",
      "request_id": "<id 1>",
      "errors": [
        {
          "code": "credential_provider_mismatch",
          "message": "a provider's default is a credential of the provider; a model's is one of that model",
          "pointer": "/credential_id"
        }
      ]
    }
    "#);
    let of_model = json!({"credential_id": id, "model": "deepseek-chat"});
    let of_model = app
        .user()
        .put("/providers/deepseek/default", of_model)
        .await;
    assert_eq!(
        of_model.refusal(),
        (422, "credential_provider_mismatch".to_owned())
    );
    let strangers = app
        .stranger()
        .put("/providers/deepseek/default", json!({"credential_id": id}))
        .await;
    assert_snapshot!(shown::answer(&strangers), @r#"
    422
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "credential_not_found",
      "detail": "there is no such credential",
      "request_id": "<id 1>",
      "errors": [{"code":"credential_not_found","message":"there is no such credential","pointer":"/credential_id"}]
    }
    "#);
}
