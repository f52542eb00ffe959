//! Known keys are stored and used, in everything that works and in everything that fails, and then searched for in all that
//! was said, printed and stored.

use latchkey_tests::canary::{self, Place};
use latchkey_tests::document::{self, Document};
use latchkey_tests::provider::{Provider, Reply, Rule};
use latchkey_tests::requires;
use latchkey_tests::server::{Server, Setup};
use latchkey_tests::tool_server::ToolServer;
use latchkey_tests::user::{User, Workflow};
use serde_json::{Value as Json, json};

const API: &str = "/api/v1";

/// A key whose forms all differ: a header can carry it, JSON and URLs must escape it.
fn key(of: &str) -> String {
    format!("canary-{of}/+\"\\&=%7f3c1d9e5b")
}

const KEYS: [&str; 14] = [
    "inline",
    "inlinedead",
    "inlinewaits",
    "inlinewrong",
    "tool",
    "good",
    "dead",
    "echo",
    "garbage",
    "instream",
    "atonce",
    "second",
    "cli",
    "malformed",
];

/// Everything that a user can do with a key, also wrongly.
async fn live(server: &Server, provider: &Provider) {
    let user = User::new(server.client());
    for of in ["good", "dead", "echo", "garbage", "instream", "atonce"] {
        user.credential(&format!("customer-{of}"), &key(of), provider)
            .await;
    }
    let workflow = user
        .publish(
            &document::one_model("customer-{{#start.tenant#}}"),
            &["customer-*"],
        )
        .await;
    runs(&user, &workflow).await;
    runs_with_own_keys(&user, &workflow, provider).await;
    tools(&user).await;
    the_store(&user, provider).await;
    wrong_requests(&user, provider).await;
    command_line(server, provider);
}

async fn runs(user: &User, workflow: &Workflow) {
    for tenant in [
        "good", "dead", "dead", "echo", "garbage", "instream", "atonce", "nobody", "",
    ] {
        let inputs = json!({"tenant": tenant, "question": "why"});
        let events = workflow.stream_to_end(inputs.clone()).await;
        let run = events[0].data["run_id"].as_str().unwrap().to_owned();
        user.run(&run).await;
        user.node_executions(&run).await;
        user.model_calls(&run).await;
        user.events(&run, None).await.rest().await;
        let _ = workflow.resolve(json!({"inputs": inputs})).await;
    }
    let _ = user.client().get(&workflow.path("/export")).await;
    workflow.draft().await;
}

/// Runs that bring keys of their own: one that works, one that is dead, one that waits, and wrong ones.
async fn runs_with_own_keys(user: &User, workflow: &Workflow, provider: &Provider) {
    let waits = user.publish(&document::approval(), &[]).await;
    let model = document::one_model("").json()["workflow"]["graph"]["nodes"][1].clone();
    let (mut draft, etag) = waits.draft().await;
    let graph = &mut draft["workflow"]["graph"];
    graph["nodes"].as_array_mut().unwrap().push(model);
    graph["edges"].as_array_mut().unwrap().push(json!({"id": "more", "source": "check", "sourceHandle": "approve", "target": "ask", "targetHandle": "target"}));
    assert_eq!(waits.put_draft(&draft, &etag).await.status, 200);
    waits.publish().await;
    for workflow in [workflow, &waits] {
        let path = workflow.path("/credential-settings");
        let mut settings = user.client().get(&path).await.expect(200);
        settings["runtime_override"] = json!("inline");
        settings["runtime_hosts"] = json!([provider.host()]);
        let _ = user.client().put(&path, settings).await.expect(200);
    }
    let stating = |of: &str| {
        let values = json!({"api_key": key(of), "base_url": provider.base_url()});
        json!({"inputs": {"tenant": "good", "question": "why"}, "credential_overrides": {"deepseek": {"values": values}}})
    };
    for (workflow, of) in [
        (workflow, "inline"),
        (workflow, "inlinedead"),
        (&waits, "inlinewaits"),
    ] {
        let _ = workflow.resolve(stating(of)).await.expect(200);
        let ask = user.client().request("POST", &workflow.path("/runs"));
        let run = ask
            .header("idempotency-key", of)
            .json(&stating(of))
            .send()
            .await;
        let run = run.expect(200)["id"].as_str().unwrap().to_owned();
        user.run(&run).await;
        user.node_executions(&run).await;
        user.model_calls(&run).await;
        user.events(&run, None).await.rest().await;
    }
    let mut wrong = stating("inlinewrong");
    for (field, value) in [
        ("no_such_field", json!(key("inlinewrong"))),
        ("api_key", json!([key("inlinewrong")])),
        (
            "base_url",
            json!(format!("https://elsewhere.test/{}", key("inlinewrong"))),
        ),
    ] {
        wrong["credential_overrides"]["deepseek"]["values"][field] = value;
        assert!(workflow.start(wrong.clone()).await.status >= 400);
        assert!(workflow.resolve(wrong.clone()).await.status >= 400);
    }
}

/// A tool that repeats its key, in answers and in refusals.
async fn tools(user: &User) {
    let server = ToolServer::start();
    let provider = json!({"name": "weather", "kind": "openapi", "document": server.document()});
    let _ = user.post("/tool-providers", provider).await.expect(201);
    let credential = json!({"provider": "tool/weather", "name": "house", "values": {"api_key": key("tool")}, "default": true});
    let _ = user.post("/credentials", credential).await.expect(201);
    let looking = Document::workflow("looking", &["city"])
        .tool(
            "look",
            "api/weather/get_weather",
            &[("city", "{{#start.city#}}")],
        )
        .end("end", &[("text", "look.text"), ("json", "look.json")])
        .line(&["start", "look", "end"]);
    let workflow = user.publish(&looking, &[]).await;
    for city in ["Paris", "wrong"] {
        let events = workflow.stream_to_end(json!({"city": city})).await;
        let run = events[0].data["run_id"].as_str().unwrap().to_owned();
        user.node_executions(&run).await;
    }
    assert!(server.asked().iter().all(|asked| asked.key == key("tool")));
}

/// Reads, changes, checks and removes credentials.
async fn the_store(user: &User, provider: &Provider) {
    let client = user.client();
    for row in user.pages(&format!("{API}/credentials")).await {
        let path = format!("{API}/credentials/{}", row["id"].as_str().unwrap());
        let _ = client.get(&path).await;
        let _ = client.post(&format!("{path}/validate"), json!({})).await;
        let _ = client.get(&format!("{path}/references")).await;
        let values = json!({"api_key": key("second"), "base_url": provider.base_url()});
        let _ = client.patch(&path, json!({"values": values})).await;
        let _ = client.delete(&format!("{path}?force=true")).await;
    }
}

/// Requests that are refused while they carry a key.
async fn wrong_requests(user: &User, provider: &Provider) {
    let client = user.client();
    let path = format!("{API}/credentials");
    let values = json!({"api_key": key("malformed"), "base_url": provider.base_url()});
    let wrong: [Json; 6] = [
        json!({"provider": "deepseek", "name": "customer-good", "values": values}),
        json!({"provider": "nobody-knows", "name": "x", "values": values}),
        json!({"provider": "deepseek", "name": "a bad name", "values": values}),
        json!({"provider": "deepseek", "name": "x", "values": key("malformed")}),
        json!({"provider": "deepseek", "name": "x", "values": {"api_key": [key("malformed")]}}),
        json!({"provider": "deepseek", "name": "x", "values": {"no_such_field": key("malformed")}}),
    ];
    for body in wrong {
        let _ = client.post(&path, body).await;
    }
    let broken = format!(
        "{{\"provider\": \"deepseek\", \"values\": {{\"api_key\": {}",
        json!(key("malformed"))
    );
    let _ = client
        .request("POST", &path)
        .body("application/json", broken)
        .send()
        .await;
}

fn command_line(server: &Server, provider: &Provider) {
    let base_url = format!("base_url={}", provider.base_url());
    let add = [
        "credentials",
        "add",
        "--provider",
        "deepseek",
        "--name",
        "from-cli",
        "--set",
        &base_url,
        "--secret-stdin",
    ];
    for arguments in [&add[..], &["credentials", "list"], &["config"], &["doctor"]] {
        let output = server.cli_with_input(arguments, &key("cli"));
        let printed = [output.stdout, output.stderr].concat();
        let name = arguments.join("-").replace('/', "_");
        std::fs::write(server.home().join(format!("cli-{:.20}", name)), printed).unwrap();
    }
    std::fs::remove_file(server.home().join("stdin")).unwrap();
}

fn script(provider: &Provider) {
    provider.script(Rule::for_key(&key("dead"), Reply::unauthorized()));
    provider.script(Rule::for_key(&key("inlinedead"), Reply::unauthorized()));
    let echo = Reply::Status {
        status: 400,
        retry_after: None,
        body: json!({"error": {"message": "bad request with {key}", "type": "x", "code": "{key}"}})
            .to_string(),
    };
    provider.script(Rule::for_key(&key("echo"), echo));
    // Both have begun well: the one as a stream, the other as an answer at once; the second error is no text either.
    let instream = json!({"error": {"message": "no such {key}", "code": 401}});
    provider.script(Rule::for_key(
        &key("instream"),
        Reply::Event(instream.to_string()),
    ));
    let at_once = Reply::Status {
        status: 200,
        retry_after: None,
        body: json!({"error": {"code": 400, "received": ["{json-key}"]}}).to_string(),
    };
    provider.script(Rule::for_key(&key("atonce"), at_once));
    provider.script(Rule::for_key(
        &key("garbage"),
        Reply::Garbage("no JSON, but {key}".to_owned()),
    ));
}

async fn no_key_leaks(setup: Setup) {
    let mut server = setup.start().await;
    let provider = Provider::start();
    script(&provider);
    live(&server, &provider).await;
    assert!(
        provider.calls_by_key().contains_key(&key("good")),
        "the key was used"
    );
    assert!(
        provider.calls_by_key().contains_key(&key("inline")),
        "a run's own key was used"
    );
    let mut places: Vec<Place> = Vec::new();
    if let Some(url) = server.database_url() {
        places.extend(canary::rows(url).await);
    }
    // Without a goodbye, so that the write-ahead log is still there.
    server.kill();
    places.extend(canary::files(server.home()));
    let heard = server.client().heard().into_iter();
    places.extend(heard.map(|said| (format!("answer {:.60}", said), said.into_bytes())));
    let secrets = KEYS
        .iter()
        .map(|of| key(of))
        .chain([server.token().to_owned()]);
    let found: Vec<_> = secrets
        .flat_map(|secret| canary::search(&secret, &places))
        .collect();
    assert_eq!(found, Vec::<String>::new());
}

#[tokio::test]
async fn no_key_leaks_on_sqlite() {
    no_key_leaks(Setup::sqlite()).await;
}

#[tokio::test]
async fn no_key_leaks_on_postgres() {
    let postgres = requires!(postgres);
    no_key_leaks(Setup::postgres(postgres).await).await;
}
