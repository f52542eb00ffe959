//! Values that a run states itself: used for this run, shown nowhere, and gone with it.

use latchkey_tests::app::TestApp;
use latchkey_tests::document::{self, Document};
use latchkey_tests::provider::{Reply, Rule};
use latchkey_tests::tool_server::ToolServer;
use latchkey_tests::user::Workflow;
use serde_json::{Value as Json, json};

const KEY: &str = "test-key-of-the-runs-own";

/// Lets runs of a workflow state values for the scripted provider, whose host is not DeepSeek's.
async fn permit(app: &TestApp, workflow: &Workflow) {
    let path = workflow.path("/credential-settings");
    let settings = json!({"runtime_override": "inline", "runtime_hosts": [app.provider().host()]});
    let _ = app.user().client().put(&path, settings).await.expect(200);
}

fn values(app: &TestApp) -> Json {
    json!({"values": {"api_key": KEY, "base_url": app.provider().base_url()}})
}

fn stating(overrides: Json) -> Json {
    json!({"inputs": {"question": "why"}, "credential_overrides": overrides})
}

async fn permitted(app: &TestApp) -> Workflow {
    app.credential("house").await;
    let workflow = app.paid_by("house").await;
    permit(app, &workflow).await;
    workflow
}

#[tokio::test]
async fn a_run_pays_with_values_of_its_own_and_nothing_shows_them() {
    let app = TestApp::new().await;
    let workflow = permitted(&app).await;
    let body = stating(json!({"deepseek": values(&app)}));
    let asked = workflow.resolve(body.clone()).await.expect(200);
    assert_eq!(asked["nodes"][0]["resolution"]["level"], "run_override");
    let run = workflow.start(body).await.expect(200);
    assert_eq!(run["status"], "succeeded", "{run}");
    let id = run["id"].as_str().unwrap();
    let nodes = app.user().node_executions(id).await;
    let ask = nodes.iter().find(|node| node["node_id"] == "ask").unwrap();
    let reason = &ask["resolution"];
    assert_eq!(
        (&reason["level"], &reason["selector"]),
        (&json!("run_override"), &json!("inline"))
    );
    assert_eq!(reason["credential_name"], Json::Null);
    let calls = app.user().model_calls(id).await;
    assert_eq!(
        (calls.len(), &calls[0]["level"]),
        (1, &json!("run_override"))
    );
    let seen = app.provider().chats();
    assert_eq!(
        seen.iter().map(|chat| &*chat.key).collect::<Vec<_>>(),
        [KEY]
    );
    app.user().events(id, None).await.rest().await;
    assert!(!app.user().client().heard().concat().contains(KEY));
    // The next run knows nothing of them.
    let run = workflow.run(json!({"question": "why"})).await;
    assert_eq!(run["status"], "succeeded", "{run}");
    assert_eq!(app.provider().chats()[1].key, "test-key-house");
}

#[tokio::test]
async fn values_that_the_workflow_does_not_permit_are_refused_before_there_is_a_run() {
    let app = TestApp::new().await;
    app.credential("house").await;
    let workflow = app.paid_by("house").await;
    let path = workflow.path("/credential-settings");
    let base_url = app.provider().base_url();
    let own = json!({"values": {"api_key": KEY}});
    let elsewhere = json!({"values": {"api_key": KEY, "base_url": base_url}});
    let not_allowed = "credential_override_not_allowed";
    for (settings, stated, code, pointer) in [
        (
            json!({}),
            &own,
            not_allowed,
            "/credential_overrides/deepseek",
        ),
        (
            json!({"runtime_override": "named", "runtime_allow": ["*"]}),
            &own,
            not_allowed,
            "/credential_overrides/deepseek",
        ),
        (
            json!({"runtime_override": "inline"}),
            &elsewhere,
            not_allowed,
            "/credential_overrides/deepseek/values/base_url",
        ),
        (
            json!({"runtime_override": "inline", "runtime_hosts": ["127.0.0.1"]}),
            &elsewhere,
            not_allowed,
            "/credential_overrides/deepseek/values/base_url",
        ),
        (
            json!({"runtime_override": "inline"}),
            &json!({"values": {}}),
            "invalid_input",
            "/credential_overrides/deepseek/values/api_key",
        ),
        (
            json!({"runtime_override": "inline"}),
            &json!({"values": {"api_key": KEY, "apikey": KEY}}),
            "invalid_input",
            "/credential_overrides/deepseek/values/apikey",
        ),
        (
            json!({"runtime_override": "inline"}),
            &json!({"values": {"api_key": "a\nb"}}),
            "invalid_input",
            "/credential_overrides/deepseek/values/api_key",
        ),
        (
            json!({"runtime_override": "inline"}),
            &json!({"values": {"api_key": KEY}, "credential_name": "house"}),
            "invalid_input",
            "/credential_overrides/deepseek/values",
        ),
    ] {
        let _ = app.user().client().put(&path, settings).await.expect(200);
        for answer in [
            workflow.start(stating(json!({"deepseek": stated}))).await,
            workflow.resolve(stating(json!({"deepseek": stated}))).await,
        ] {
            assert_eq!(answer.refusal(), (422, code.to_owned()), "{}", answer.text);
            assert_eq!(answer.expect(422)["errors"][0]["pointer"], pointer);
            assert!(!answer.text.contains(KEY), "{}", answer.text);
        }
    }
    for (key, code) in [
        ("openai", "credential_override_unused"),
        ("nobody", "credential_override_unused"),
    ] {
        let answer = workflow.start(stating(json!({key: own}))).await;
        assert_eq!(answer.refusal(), (422, code.to_owned()), "{key}");
    }
    let runs = app.user().pages("/api/v1/runs").await;
    assert!(runs.is_empty() && app.provider().chats().is_empty());
}

#[tokio::test]
async fn a_host_for_values_of_runs_is_a_host() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document::one_model("")).await;
    let path = workflow.path("/credential-settings");
    let settings =
        json!({"runtime_override": "inline", "runtime_hosts": ["good.test", "https://bad.test/x"]});
    let answer = app.user().client().put(&path, settings).await;
    assert_eq!(answer.refusal(), (422, "invalid_host".to_owned()));
    assert_eq!(
        answer.expect(422)["errors"][0]["pointer"],
        "/runtime_hosts/1"
    );
}

#[tokio::test]
async fn a_bad_key_of_a_run_is_no_one_elses() {
    let app = TestApp::new().await;
    let workflow = permitted(&app).await;
    app.provider()
        .script(Rule::for_key(KEY, Reply::unauthorized()));
    let run = workflow
        .start(stating(json!({"deepseek": values(&app)})))
        .await;
    let run = run.expect(200);
    assert_eq!(run["status"], "failed", "{run}");
    assert!(
        !run.to_string().contains(KEY),
        "what a provider repeats is masked"
    );
    assert_eq!(app.provider().chats().len(), 1, "nobody else pays for it");
    let run = workflow.run(json!({"question": "why"})).await;
    assert_eq!(run["status"], "succeeded", "{run}");
    let stored = app.user().pages("/api/v1/credentials").await;
    assert_eq!(stored[0]["state"], "active");
}

#[tokio::test]
async fn a_host_that_is_taken_off_the_list_is_closed_to_runs_that_are_going() {
    let app = TestApp::new().await;
    let workflow = approved(&app).await;
    let run = start_approved(&app, &workflow).await;
    let path = workflow.path("/credential-settings");
    let settings = json!({"runtime_override": "inline"});
    let _ = app.user().client().put(&path, settings).await.expect(200);
    let over = approve(&app, &run).await;
    assert_eq!(
        over["error"]["code"], "credential_override_not_allowed",
        "{over}"
    );
    assert!(app.provider().chats().is_empty());
}

/// Start → somebody approves → a model → end, whose runs may state values.
async fn approved(app: &TestApp) -> Workflow {
    let actions = json!([{"id": "approve", "title": "Approve"}]);
    let ask = json!({"form_content": "?", "inputs": [], "user_actions": actions, "timeout": 30, "timeout_unit": "day"});
    let document = Document::workflow("approved", &["question"])
        .node("check", "human-input", ask)
        .llm("ask", "{{#start.question#}}", "")
        .end("end", &[("answer", "ask.text")])
        .line(&["start", "check"])
        .edge("check:approve", "ask")
        .edge("ask", "end");
    let workflow = app.publish(&document).await;
    permit(app, &workflow).await;
    workflow
}

/// A run that waits, with values of its own; its id.
async fn start_approved(app: &TestApp, workflow: &Workflow) -> String {
    let run = workflow
        .start(stating(json!({"deepseek": values(app)})))
        .await;
    let run = run.expect(200);
    assert_eq!(run["status"], "paused", "{run}");
    run["id"].as_str().unwrap().to_owned()
}

async fn approve(app: &TestApp, run: &str) -> Json {
    let forms = app.user().pages(&format!("/api/v1/runs/{run}/forms")).await;
    let path = format!("/runs/{run}/forms/{}", forms[0]["id"].as_str().unwrap());
    let answer = json!({"action": "approve"});
    let _ = app.user().post(&path, answer).await.expect(200);
    app.user().run_over(run).await
}

#[tokio::test]
async fn values_outlive_a_pause() {
    let app = TestApp::new().await;
    let workflow = approved(&app).await;
    let run = start_approved(&app, &workflow).await;
    let over = approve(&app, &run).await;
    assert_eq!(over["status"], "succeeded", "{over}");
    assert_eq!(app.provider().chats()[0].key, KEY);
}

#[tokio::test]
async fn values_end_after_a_day_whether_their_run_does_or_not() {
    let app = TestApp::new().await;
    let workflow = approved(&app).await;
    let run = start_approved(&app, &workflow).await;
    app.passes(std::time::Duration::from_secs(25 * 60 * 60));
    let over = approve(&app, &run).await;
    assert_eq!(over["error"]["code"], "credential_override_lost", "{over}");
    assert!(app.provider().chats().is_empty());
    let calls = app.user().model_calls(&run).await;
    assert_eq!(
        calls[0]["error_code"], "credential_override_lost",
        "{calls:?}"
    );
}

#[tokio::test]
async fn a_repeated_start_with_other_values_is_another_body() {
    let app = TestApp::new().await;
    let workflow = permitted(&app).await;
    let start = async |key: &str| {
        let mut stated = values(&app);
        stated["values"]["api_key"] = json!(key);
        let body = stating(json!({"deepseek": stated}));
        let ask = app.user().client().request("POST", &workflow.path("/runs"));
        ask.header("idempotency-key", "once")
            .json(&body)
            .send()
            .await
    };
    let first = start(KEY).await.expect(200);
    assert_eq!(start(KEY).await.expect(200)["id"], first["id"]);
    let other = start("test-key-of-another").await;
    assert_eq!(other.refusal(), (409, "idempotency_conflict".to_owned()));
    assert_eq!(app.provider().chats().len(), 1);
}

#[tokio::test]
async fn a_tool_takes_values_of_a_runs_own() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    let provider = json!({"name": "weather", "kind": "openapi", "document": server.document()});
    let _ = app
        .user()
        .post("/tool-providers", provider)
        .await
        .expect(201);
    let looking = Document::workflow("looking", &["city"])
        .tool(
            "look",
            "api/weather/get_weather",
            &[("city", "{{#start.city#}}")],
        )
        .end("end", &[("text", "look.text")])
        .line(&["start", "look", "end"]);
    let workflow = app.publish(&looking).await;
    permit(&app, &workflow).await;
    let body = json!({"inputs": {"city": "Paris"}, "credential_overrides": {"tool/weather": {"values": {"api_key": KEY}}}});
    let run = workflow.start(body).await.expect(200);
    assert_eq!(run["status"], "succeeded", "{run}");
    assert_eq!(server.asked()[0].key, KEY);
    assert!(!app.user().client().heard().concat().contains(KEY));
}

/// Start → `inner` as a tool → end.
async fn around(app: &TestApp, inner: &Workflow) -> Workflow {
    let new = json!({"name": "inner", "kind": "workflow", "workflow_id": inner.id});
    let _ = app.user().post("/tool-providers", new).await.expect(201);
    let document = Document::workflow("outer", &["question"])
        .tool(
            "use",
            "workflow/inner/inner",
            &[("question", "{{#start.question#}}")],
        )
        .end("end", &[("answer", "use.answer")])
        .line(&["start", "use", "end"]);
    app.publish(&document).await
}

#[tokio::test]
async fn what_a_run_states_reaches_the_workflows_that_it_uses_where_they_permit_it() {
    let app = TestApp::new().await;
    app.credential("house").await;
    app.credential("customer-acme").await;
    let inner = app.paid_by("house").await;
    let outer = around(&app, &inner).await;
    let settings = json!({"runtime_override": "inline", "runtime_allow": ["customer-*"], "runtime_hosts": [app.provider().host()]});
    let put = async |workflow: &Workflow, settings: &Json| {
        let path = workflow.path("/credential-settings");
        let _ = app
            .user()
            .client()
            .put(&path, settings.clone())
            .await
            .expect(200);
    };
    put(&outer, &settings).await;
    let named = json!({"credential_name": "customer-acme"});
    for stated in [&named, &values(&app)] {
        let run = outer
            .start(stating(json!({"deepseek": stated})))
            .await
            .expect(200);
        assert_eq!(
            run["status"], "failed",
            "the inner one permits nothing: {run}"
        );
        let message = run["error"]["message"].as_str().unwrap();
        assert!(
            message.contains("credential_override_not_allowed"),
            "{message}"
        );
    }
    assert!(app.provider().chats().is_empty());
    put(&inner, &settings).await;
    for (stated, key) in [(&named, "test-key-customer-acme"), (&values(&app), KEY)] {
        let run = outer
            .start(stating(json!({"deepseek": stated})))
            .await
            .expect(200);
        assert_eq!(run["status"], "succeeded", "{run}");
        assert_eq!(app.provider().chats().last().unwrap().key, key);
    }
    let unused = outer.start(stating(json!({"openai": named}))).await;
    assert_eq!(
        unused.refusal(),
        (422, "credential_override_unused".to_owned())
    );
}
