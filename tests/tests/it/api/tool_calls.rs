//! Uses of tools in the ledger: a row for each that a credential pays for, limits, and pools that go on after a 429.

use latchkey_tests::app::TestApp;
use latchkey_tests::document::Document;
use latchkey_tests::tool_server::ToolServer;
use latchkey_tests::user::Workflow;
use serde_json::{Value as Json, json};

/// A workflow that looks at the weather with a credential, or a pool, of this name.
async fn looking(app: &TestApp, server: &ToolServer, name: &str) -> Workflow {
    let provider = json!({"name": "weather", "kind": "openapi", "document": server.document()});
    let made = app.user().post("/tool-providers", provider).await;
    let _ = made.expect(201);
    for (name, limits) in [
        ("one-busy", json!({})),
        ("two", json!({})),
        ("once", json!({"requests_per_minute": 1})),
    ] {
        let new = json!({"provider": "tool/weather", "name": name, "values": {"api_key": format!("test-key-{name}")}, "limits": limits});
        let _ = app.user().post("/credentials", new).await.expect(201);
    }
    let mut file = Document::workflow("looking", &["city"])
        .tool(
            "look",
            "api/weather/get_weather",
            &[("city", "{{#start.city#}}")],
        )
        .end("end", &[("text", "look.text")])
        .line(&["start", "look", "end"])
        .json();
    file["workflow"]["graph"]["nodes"][1]["data"]["credential_name"] = json!(name);
    app.publish(&Document::from_json(file)).await
}

async fn rows(app: &TestApp, run: &Json) -> Vec<String> {
    let calls = app.user().model_calls(run["id"].as_str().unwrap()).await;
    let told = |call: &Json| {
        let text = |name: &str| call[name].as_str().unwrap_or("-").to_owned();
        let names = [
            "outcome",
            "provider",
            "model",
            "model_type",
            "credential_name",
            "level",
            "error_code",
            "usage_source",
        ];
        names.map(text).join(" ")
    };
    calls.iter().map(told).collect()
}

#[tokio::test]
async fn a_use_of_a_tool_that_a_credential_pays_for_is_a_row_without_a_price() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    let workflow = looking(&app, &server, "two").await;
    let run = workflow.run(json!({"city": "Paris"})).await;
    assert_eq!(run["status"], "succeeded", "{run}");
    assert_eq!(
        rows(&app, &run).await,
        ["succeeded tool/weather get_weather tool two node - none"]
    );
    assert_eq!(run["usage"]["unpriced_calls"], 0, "{run}");
    let usage = app.user().get("/usage?group_by=provider,credential").await;
    let usage = usage.expect(200);
    let row = &usage["rows"][0];
    assert_eq!(
        (&row["provider"], &row["calls"], &row["unpriced_calls"]),
        (&json!("tool/weather"), &json!(1), &json!(0)),
        "{usage}"
    );
    let run = workflow.run(json!({"city": "broken"})).await;
    assert_eq!(run["status"], "failed", "{run}");
    assert_eq!(
        rows(&app, &run).await,
        ["failed tool/weather get_weather tool two node InvokeServerUnavailableError none"]
    );
    let run = workflow.run(json!({"city": "Rome"})).await;
    assert_eq!(
        run["status"], "succeeded",
        "a tool's failure says nothing about its key: {run}"
    );
}

#[tokio::test]
async fn a_tools_credential_has_limits_that_hold() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    let workflow = looking(&app, &server, "once").await;
    let run = workflow.run(json!({"city": "Paris"})).await;
    assert_eq!(run["status"], "succeeded", "{run}");
    let run = workflow.run(json!({"city": "Rome"})).await;
    assert_eq!(run["error"]["code"], "credential_rate_limited", "{run}");
    assert_eq!(
        rows(&app, &run).await,
        ["refused tool/weather get_weather tool once node credential_rate_limited none"]
    );
    assert_eq!(server.asked().len(), 1);
    for (rules, pointer) in [
        (
            json!({"limits": {"tokens_per_minute": 10}}),
            "/limits/tokens_per_minute",
        ),
        (
            json!({"budgets": [{"period": "day", "tokens": 10}]}),
            "/budgets",
        ),
    ] {
        let mut new = json!({"provider": "tool/weather", "name": "three", "values": {"api_key": "test-key-three"}});
        new.as_object_mut()
            .unwrap()
            .extend(rules.as_object().unwrap().clone());
        let refused = app.user().post("/credentials", new).await.expect(422);
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
}

#[tokio::test]
async fn a_pool_goes_on_when_a_tool_says_too_many_requests() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    let workflow = looking(&app, &server, "team").await;
    let known = app.user().get("/credentials").await.expect(200);
    let member = |name: &str| {
        let mut all = known["data"].as_array().unwrap().iter();
        let found = all.find(|one| one["name"] == name).unwrap();
        json!({"credential_id": found["id"]})
    };
    let members = [member("one-busy"), member("two")];
    let pool = json!({"provider": "tool/weather", "name": "team", "strategy": "priority", "members": members});
    let _ = app.user().post("/credential-pools", pool).await.expect(201);
    let run = workflow.run(json!({"city": "busy"})).await;
    assert_eq!(run["status"], "succeeded", "{run}");
    assert_eq!(
        rows(&app, &run).await,
        // The newest first.
        [
            "succeeded tool/weather get_weather tool two node - none",
            "failed tool/weather get_weather tool one-busy node InvokeRateLimitError none",
        ]
    );
    let run = workflow.run(json!({"city": "busy"})).await;
    assert_eq!(
        rows(&app, &run).await,
        ["succeeded tool/weather get_weather tool two node - none"],
        "the first is left alone as long as it asked to be"
    );
    let keys: Vec<String> = server.asked().into_iter().map(|asked| asked.key).collect();
    assert_eq!(keys, ["test-key-one-busy", "test-key-two", "test-key-two"]);
}
