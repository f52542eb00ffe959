//! Who is told what about credentials, and what changes their state.

use latchkey_tests::client::Client;
use latchkey_tests::document::{self, Document};
use latchkey_tests::provider::{Provider, Reply, Rule};
use latchkey_tests::server::Setup;
use latchkey_tests::user::User;
use serde_json::{Value as Json, json};

const API: &str = "/api/v1";

/// A client whose key has these scopes.
async fn with_scopes(user: &User, scopes: &[&str]) -> Client {
    let body = json!({"name": "narrow", "kind": "workspace", "scopes": scopes});
    let made = user.client().post(&format!("{API}/api-keys"), body).await;
    let token = made.expect(201)["key"].as_str().unwrap().to_owned();
    user.client().with_key(Some(&token))
}

/// The same text without what differs between any two runs: ids, times, and the name that the run itself stated.
fn alike(text: &str, name: &str) -> String {
    let text = text.replace(name, "NAME");
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '_');
    let mut told = String::new();
    let mut word = String::new();
    for c in text.chars().chain([' ']) {
        if is_word(c) {
            word.push(c);
            continue;
        }
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let differs =
            word.len() > 18 && digits > 6 || word.trim_start_matches(':').parse::<f64>().is_ok();
        told.push_str(if differs { "X" } else { &word });
        word.clear();
        told.push(c);
    }
    told
}

#[tokio::test]
async fn who_may_not_read_credentials_cannot_tell_names_apart_anywhere() {
    let server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    let provider = Provider::start();
    // There is none of the first name, the second is another workflow's, the third is not allowed to runs.
    let narrow_scope = json!({"workflows": []});
    let id = user
        .credential("customer-forbidden", "test-key-1", &provider)
        .await;
    let path = format!("{API}/credentials/{id}");
    let _ = user
        .client()
        .patch(&path, json!({"scope": narrow_scope}))
        .await
        .expect(200);
    user.credential("house-secret", "test-key-2", &provider)
        .await;
    let document = document::one_model("{{#start.tenant#}}");
    let workflow = user.publish(&document, &["customer-*"]).await;
    let scopes = ["workflows:read", "runs:read", "runs:write", "usage:read"];
    let narrow = with_scopes(&user, &scopes).await;
    let mut bodies: Vec<Vec<String>> = Vec::new();
    for name in ["customer-unknown", "customer-forbidden", "house-secret"] {
        let inputs = json!({"tenant": name, "question": "why"});
        let body = json!({"inputs": inputs, "response_mode": "blocking"});
        let run = narrow.post(&workflow.path("/runs"), body).await;
        let id = run.expect(200)["id"].as_str().unwrap().to_owned();
        let mut told = vec![alike(&run.text, name)];
        for route in [
            format!("{API}/runs/{id}"),
            format!("{API}/runs/{id}/node-executions"),
            format!("{API}/runs/{id}/model-calls"),
            format!("{API}/model-calls?run_id={id}"),
        ] {
            let answer = narrow.get(&route).await;
            let _ = answer.expect(200);
            told.push(alike(&answer.text, name));
        }
        let events = narrow.request("GET", &format!("{API}/runs/{id}/events"));
        let events = events.events().await.rest().await;
        let events: Vec<String> = events.iter().map(|event| event.data.to_string()).collect();
        told.push(alike(&events.join("\n"), name));
        let asked = narrow
            .post(
                &workflow.path("/credentials/resolve"),
                json!({"inputs": inputs}),
            )
            .await;
        told.push(alike(&asked.text, name));
        bodies.push(told);
    }
    assert_eq!(bodies[0], bodies[1], "unknown and forbidden");
    assert_eq!(bodies[0], bodies[2], "unknown and not allowed");
    let all = bodies.concat().concat();
    assert!(all.contains("credential_override_not_allowed"), "{all}");
}

#[tokio::test]
async fn only_who_may_read_credentials_is_told_who_paid_for_a_failed_call() {
    let server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    let provider = Provider::start();
    provider.script(Rule::always(Reply::server_error(500)));
    user.credential("customer-acme", "test-key-1", &provider)
        .await;
    let document = document::one_model("{{#start.tenant#}}");
    let workflow = user.publish(&document, &["customer-*"]).await;
    let run = workflow
        .run(json!({"tenant": "customer-acme", "question": "why"}))
        .await;
    let paid_by = " (provider deepseek, credential customer-acme)";
    let message = run["error"]["message"].as_str().unwrap();
    assert!(message.ends_with(paid_by), "{message}");
    let scopes = ["workflows:read", "runs:read"];
    let narrow = with_scopes(&user, &scopes).await;
    let path = format!("{API}/runs/{}", run["id"].as_str().unwrap());
    let nodes = format!("{path}/node-executions");
    assert!(user.client().get(&nodes).await.text.contains(paid_by));
    for path in [path, nodes] {
        let told = narrow.get(&path).await;
        let _ = told.expect(200);
        assert!(told.text.contains("[500]"), "{}", told.text);
        assert!(
            !told.text.contains("credential customer-acme"),
            "{}",
            told.text
        );
    }
}

#[tokio::test]
async fn who_may_not_read_credentials_gets_no_sums_by_credential() {
    let server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    let narrow = with_scopes(&user, &["usage:read"]).await;
    for query in [
        "group_by=credential",
        "group_by=day,level",
        "credential=customer-acme",
        "level=node",
        "credential_id=00000000-0000-7000-8000-000000000000",
    ] {
        let path = format!("{API}/usage?{query}");
        assert_eq!(narrow.get(&path).await.status, 403, "{query}");
        assert_eq!(user.client().get(&path).await.status, 200, "{query}");
    }
    let rows = "model-calls?credential_id=00000000-0000-7000-8000-000000000000";
    assert_eq!(narrow.get(&format!("{API}/{rows}")).await.status, 403);
    assert_eq!(
        narrow
            .get(&format!("{API}/usage?group_by=day"))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_name_that_is_given_again_is_another_credential_in_sums() {
    let server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    let provider = Provider::start();
    let workflow = user
        .publish(&document::one_model("{{#start.tenant#}}"), &["customer-*"])
        .await;
    let run = async |tenant: &str| {
        let run = workflow
            .run(json!({"tenant": tenant, "question": "why"}))
            .await;
        assert_eq!(run["status"], "succeeded", "{run}");
    };
    let first = user
        .credential("customer-acme", "test-key-1", &provider)
        .await;
    run("customer-acme").await;
    let path = format!("{API}/credentials/{first}");
    let renamed = json!({"name": "customer-old"});
    let _ = user.client().patch(&path, renamed).await.expect(200);
    run("customer-old").await;
    let second = user
        .credential("customer-acme", "test-key-2", &provider)
        .await;
    run("customer-acme").await;
    let calls = async |path: String| {
        let sums = user.client().get(&path).await.expect(200);
        sums["total"]["calls"].as_u64().unwrap()
    };
    assert_eq!(calls(format!("{API}/credentials/{first}/usage")).await, 2);
    assert_eq!(calls(format!("{API}/credentials/{second}/usage")).await, 1);
    let path = format!("{API}/usage?group_by=credential");
    let sums = user.client().get(&path).await.expect(200);
    let rows: Vec<(&str, &str)> = sums["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap_or_default();
            (text("credential"), text("credential_id"))
        })
        .collect();
    assert_eq!(rows.len(), 3, "{rows:?}");
    for wanted in [
        ("customer-acme", first.as_str()),
        ("customer-acme", second.as_str()),
        ("customer-old", first.as_str()),
    ] {
        assert!(rows.contains(&wanted), "{wanted:?} in {rows:?}");
    }
}

#[tokio::test]
async fn only_a_key_that_its_provider_does_not_know_is_dead() {
    let server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    let provider = Provider::start();
    let forbidden = Reply::Status {
        status: 403,
        retry_after: None,
        body: json!({"error": {"message": "no list for you"}}).to_string(),
    };
    provider.script(Rule::for_checks_of("test-key-narrow", forbidden));
    provider.script(Rule::for_checks_of("test-key-dead", Reply::unauthorized()));
    let state = async |name: &str, key: &str, disable: bool| {
        let id = user.credential(name, key, &provider).await;
        let path = format!("{API}/credentials/{id}");
        if disable {
            let off = json!({"state": "disabled"});
            let _ = user.client().patch(&path, off).await.expect(200);
        }
        let told = user
            .client()
            .post(&format!("{path}/validate"), json!({}))
            .await;
        let told = told.expect(200);
        let stored = user.client().get(&path).await.expect(200);
        (
            told["valid"].as_bool().unwrap(),
            stored["state"].as_str().unwrap().to_owned(),
        )
    };
    for (name, key, disable, expected) in [
        ("good", "test-key-good", false, (true, "active")),
        ("dead", "test-key-dead", false, (false, "invalid")),
        ("narrow", "test-key-narrow", false, (false, "active")),
        ("dead-off", "test-key-dead", true, (false, "disabled")),
        ("good-off", "test-key-good", true, (true, "disabled")),
    ] {
        let (valid, state) = state(name, key, disable).await;
        assert_eq!((valid, state.as_str()), expected, "{name}");
    }
}

#[tokio::test]
async fn an_override_of_what_no_run_can_reach_is_unused() {
    let server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    let provider = Provider::start();
    user.credential("customer-acme", "test-key-1", &provider)
        .await;
    let document = Document::workflow("half", &["tenant"])
        .llm("asked", "{{#start.tenant#}}", "customer-acme")
        .provider("openai")
        .llm("lonely", "{{#start.tenant#}}", "nobody-has-this")
        .end("end", &[("answer", "asked.text")])
        .line(&["start", "asked", "end"]);
    let workflow = user.publish(&document, &["*"]).await;
    let path = workflow.path("/credential-settings");
    let mut settings = user.client().get(&path).await.expect(200);
    settings["runtime_override"] = json!("named");
    let _ = user.client().put(&path, settings).await.expect(200);
    let start = |body: Json| {
        let mut body = body;
        body["inputs"] = json!({"tenant": "acme"});
        workflow.start(body)
    };
    let strict = start(json!({"preflight": "strict"})).await;
    assert_eq!(strict.expect(200)["status"], "succeeded");
    let unused = json!({"openai": {"credential_name": "customer-acme"}});
    let refused = start(json!({"credential_overrides": unused})).await;
    assert_eq!(
        refused.refusal(),
        (422, "credential_override_unused".to_owned())
    );
    let rows = workflow.resolve(json!({"inputs": {}})).await.expect(200);
    assert_eq!(rows["nodes"].as_array().unwrap().len(), 1, "{rows}");
}

#[tokio::test]
async fn an_apps_key_makes_keys_of_its_app_only() {
    let server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    let workflow = user.publish(&document::light(), &[]).await;
    let other = user.publish(&document::light(), &[]).await;
    let path = format!("{API}/api-keys");
    let ends = "2999-01-01T00:00:00Z";
    let maker = json!({"name": "app", "kind": "app", "workflow_id": workflow.id, "expires_at": ends,
        "scopes": ["workflows:read", "runs:read", "credentials:read", "api_keys:write"]});
    let made = user.client().post(&path, maker).await.expect(201);
    let app = user.client().with_key(made["key"].as_str());
    for (body, status) in [
        (json!({"kind": "workspace", "scopes": ["runs:read"]}), 403),
        (
            json!({"kind": "app", "workflow_id": other.id, "scopes": ["runs:read"]}),
            403,
        ),
        (
            json!({"kind": "app", "workflow_id": workflow.id, "scopes": ["credentials:read"]}),
            403,
        ),
        (
            json!({"kind": "app", "workflow_id": workflow.id, "scopes": ["api_keys:write"]}),
            403,
        ),
        (
            json!({"kind": "app", "workflow_id": workflow.id, "scopes": ["runs:read"]}),
            201,
        ),
    ] {
        let mut body = body;
        body["name"] = json!("child");
        let made = app.post(&path, body.clone()).await;
        assert_eq!(made.status, status, "{body} {}", made.text);
        if status == 201 {
            assert_eq!(
                made.expect(201)["expires_at"].as_str(),
                Some("2999-01-01T00:00:00.000Z")
            );
        }
    }
    let seen = app.get(&path).await.expect(200);
    assert_eq!(seen["data"].as_array().unwrap().len(), 2, "{seen}");
    let all = user.client().get(&path).await.expect(200);
    let workspaces = all["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["kind"] == "workspace");
    let owner = format!("{path}/{}", workspaces.unwrap()["id"].as_str().unwrap());
    assert_eq!(app.delete(&owner).await.status, 404);
}

/// Runs a workflow without any credential of its own, whose operator has one.
async fn of_the_operator(switch: &str) -> (Json, Vec<Json>, Provider) {
    let provider = Provider::start();
    let folder = tempfile::tempdir().unwrap();
    let (file, key) = (
        folder.path().join("latchkey.toml"),
        folder.path().join("key"),
    );
    std::fs::write(&key, "test-key-house\n").unwrap();
    let table = format!(
        "[system.deepseek]\napi_key_file = {:?}\nbase_url = {:?}\nhosts = [{:?}]\n",
        key.display().to_string(),
        provider.base_url(),
        provider.host()
    );
    std::fs::write(&file, table).unwrap();
    let server = Setup::sqlite()
        .with("LATCHKEY_CONFIG", &file.display().to_string())
        .with("LATCHKEY_SYSTEM_CREDENTIALS", switch)
        .start()
        .await;
    let user = User::new(server.client());
    let workflow = user.publish(&document::one_model(""), &[]).await;
    let path = workflow.path("/credential-settings");
    let mut settings = user.client().get(&path).await.expect(200);
    settings["weakest"] = json!("system");
    let _ = user.client().put(&path, settings).await.expect(200);
    let run = workflow
        .run(json!({"tenant": "acme", "question": "why"}))
        .await;
    let rows = user.model_calls(run["id"].as_str().unwrap()).await;
    (run, rows, provider)
}

#[tokio::test]
async fn the_operators_credential_pays_when_it_is_switched_on() {
    let (run, rows, provider) = of_the_operator("on").await;
    assert_eq!(run["status"], "succeeded", "{run}");
    assert_eq!(rows[0]["level"], "system");
    assert_eq!(rows[0]["credential_id"], Json::Null);
    assert!(provider.calls_by_key().contains_key("test-key-house"));
}

#[tokio::test]
async fn the_operators_credential_does_not_pay_when_it_is_switched_off() {
    let (run, rows, provider) = of_the_operator("off").await;
    assert_eq!(run["status"], "failed");
    assert_eq!(rows[0]["error_code"], "credential_missing");
    assert!(provider.seen().is_empty());
}
