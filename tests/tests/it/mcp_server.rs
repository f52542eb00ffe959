//! Workflows as tools at `/mcp`: which ones a key sees, what becomes of calls, and what becomes of those that make no sense.

use latchkey_tests::app::TestApp;
use latchkey_tests::client::{Answer, Client};
use latchkey_tests::document::{self, Document};
use latchkey_tests::server::{Server, Setup};
use latchkey_tests::user::{User, Workflow};
use serde_json::{Value as Json, json};

/// The version whose requests say everything themselves.
const MODERN: &str = "2026-07-28";

/// A client of either kind: with a handshake behind it, or without one.
struct Asker<'a> {
    client: Client,
    version: &'a str,
}

impl<'a> Asker<'a> {
    fn new(client: &Client, version: &'a str) -> Self {
        let client = client.unchecked();
        Self { client, version }
    }

    async fn send(&self, method: &str, mut params: Json) -> Answer {
        let asked = self.client.request("POST", "/mcp");
        let mut asked = asked.header("mcp-protocol-version", self.version);
        if self.version == MODERN {
            asked = asked.header("mcp-method", method);
            if let Some(name) = params["name"].as_str() {
                asked = asked.header("mcp-name", name);
            }
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": MODERN,
                "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {},
            });
        }
        let message = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
        asked.json(&message).send().await
    }

    /// The result of a request.
    async fn ask(&self, method: &str, params: Json) -> Json {
        let answer = self.send(method, params).await.expect(200);
        assert_eq!(answer["id"], 7, "{answer}");
        assert!(answer["result"].is_object(), "{answer}");
        answer["result"].clone()
    }

    /// The error of a request.
    async fn refused(&self, method: &str, params: Json) -> Json {
        let answer = self.send(method, params).await;
        let answer: Json = serde_json::from_str(&answer.text).unwrap();
        assert!(answer["error"].is_object(), "{answer}");
        answer["error"].clone()
    }

    async fn call(&self, tool: &str, arguments: Json) -> Json {
        let params = json!({"name": tool, "arguments": arguments});
        self.ask("tools/call", params).await
    }

    /// What a call has failed with.
    async fn failed(&self, tool: &str, arguments: Json) -> String {
        let result = self.call(tool, arguments).await;
        assert_eq!(result["isError"], true, "{result}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }

    async fn tools(&self) -> Vec<String> {
        let listed = self.ask("tools/list", json!({})).await;
        let tools = listed["tools"].as_array().unwrap().iter();
        tools
            .map(|tool| tool["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

async fn switch(user: &User, workflow: &Workflow, is_tool: bool) {
    let path = format!("/workflows/{}/app", workflow.id);
    let switched = user.patch(&path, json!({"mcp_enabled": is_tool})).await;
    let _ = switched.expect(200);
}

/// Publishes a workflow that is a tool.
async fn offer(user: &User, document: &Document) -> Workflow {
    let workflow = user.publish(document, &[]).await;
    switch(user, &workflow, true).await;
    workflow
}

async fn started() -> (Server, User) {
    let server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    (server, user)
}

async fn key(user: &User, mut body: Json) -> Client {
    body["name"] = json!("tools");
    let made = user.post("/api-keys", body).await.expect(201);
    user.client().with_key(made["key"].as_str())
}

fn named(name: &str) -> Document {
    Document::workflow(name, &["name"])
        .template("greet", "Hello {{ name }}", &[("name", "start.name")])
        .end("end", &[("greeting", "greet.output")])
        .line(&["start", "greet", "end"])
}

#[tokio::test]
async fn a_key_sees_the_published_workflows_that_are_switched_on() {
    let (_server, user) = started().await;
    let light = offer(&user, &document::light()).await;
    let other = user.publish(&named("other"), &[]).await;
    let draft = user.try_import(&named("draft").yaml(), "").await;
    let draft = user.workflow(&draft.expect(201)["workflow"]["id"]);
    switch(&user, &draft, true).await;
    let asker = |client: &Client| Asker::new(client, MODERN);
    let all = key(&user, json!({"scopes": ["runs:read", "runs:write"]})).await;
    let all = asker(&all);
    assert_eq!(all.tools().await, ["light"]);
    // What is no tool cannot be called either.
    for name in ["other", "draft", "Light", ""] {
        let params = json!({"name": name, "arguments": {"name": "Ada"}});
        let error = all.refused("tools/call", params).await;
        assert_eq!(error["code"], -32602, "{name}: {error}");
    }
    let of = |workflow: &Workflow| json!({"kind": "app", "workflow_id": workflow.id});
    let of_light = asker(&key(&user, of(&light)).await);
    let of_other = asker(&key(&user, of(&other)).await);
    assert_eq!(of_light.tools().await, ["light"]);
    let params = json!({"name": "light", "arguments": {"name": "Ada"}});
    let error = of_other.refused("tools/call", params).await;
    assert_eq!(error["code"], -32602, "{error}");
    switch(&user, &other, true).await;
    assert_eq!(of_other.tools().await, ["other"]);
    assert_eq!(all.tools().await, ["light", "other"]);
    switch(&user, &light, false).await;
    assert_eq!(of_light.tools().await, Vec::<String>::new());
    assert_eq!(all.tools().await, ["other"]);
}

#[tokio::test]
async fn a_key_that_may_not_run_workflows_calls_none() {
    let (_server, user) = started().await;
    offer(&user, &document::light()).await;
    let reads = key(&user, json!({"scopes": ["runs:read"]})).await;
    let reads = Asker::new(&reads, MODERN);
    assert_eq!(reads.tools().await, ["light"]);
    let refused = reads.failed("light", json!({"name": "Ada"})).await;
    assert!(refused.contains("runs:write"), "{refused}");
    let writes = key(&user, json!({"scopes": ["runs:write"]})).await;
    let writes = Asker::new(&writes, MODERN);
    let error = writes.refused("tools/list", json!({})).await;
    assert_eq!(error["data"]["code"], "forbidden", "{error}");
    for stranger in [None, Some("lk_nobody")] {
        let client = user.client().with_key(stranger);
        let answer = Asker::new(&client, MODERN).send("ping", json!({})).await;
        assert_eq!(answer.refusal(), (401, "unauthenticated".to_owned()));
    }
    for method in ["GET", "DELETE"] {
        let answer = user.client().unchecked().request(method, "/mcp").send();
        let answer = answer.await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    }
}

#[tokio::test]
async fn clients_with_a_handshake_and_without_one_are_answered_alike() {
    let (_server, user) = started().await;
    offer(&user, &document::light()).await;
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let asker = Asker::new(user.client(), version);
        let about = json!({"name": "tests", "version": "1"});
        let hello =
            json!({"protocolVersion": version, "capabilities": {}, "clientInfo": about.clone()});
        let answer = asker.send("initialize", hello).await;
        assert_eq!(answer.header("mcp-session-id"), None, "nothing is kept");
        let hello = answer.expect(200)["result"].clone();
        assert_eq!(hello["protocolVersion"], version);
        assert_eq!(hello["serverInfo"]["name"], "latchkey");
        let told = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let told = asker.client.request("POST", "/mcp").json(&told).send();
        assert_eq!(told.await.status, 202);
        assert_eq!(asker.ask("ping", json!({})).await, json!({}));
        let listed = asker.ask("tools/list", json!({})).await;
        assert_eq!(listed.as_object().unwrap().len(), 1, "{listed}");
        let called = asker.call("light", json!({"name": "Ada"})).await;
        let content = json!([{"type": "text", "text": "{\"greeting\":\"Hello Ada\"}"}]);
        let greeting = json!({"greeting": "Hello Ada"});
        assert_eq!(
            called,
            json!({"content": content, "structuredContent": greeting, "isError": false})
        );
    }
    let asker = Asker::new(user.client(), MODERN);
    let told = asker.ask("server/discover", json!({})).await;
    let versions = told["supportedVersions"].as_array().unwrap();
    assert!(versions.contains(&json!(MODERN)), "{told}");
    let listed = asker.ask("tools/list", json!({})).await;
    assert_eq!(listed["resultType"], "complete");
    assert_eq!(
        (&listed["ttlMs"], &listed["cacheScope"]),
        (&json!(0), &json!("private"))
    );
    let tool = &listed["tools"][0];
    assert_eq!(tool["inputSchema"]["required"], json!([]), "{tool}");
    assert_eq!(tool["inputSchema"]["properties"]["name"]["type"], "string");
    let called = asker.call("light", json!({"name": "Ada"})).await;
    assert_eq!(called["resultType"], "complete", "{called}");
    assert_eq!(called["structuredContent"]["greeting"], "Hello Ada");
    // Whoever knows only what is to come hears what there is.
    let params = json!({"protocolVersion": "2031-01-01", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}});
    let later = Asker::new(user.client(), "2031-01-01");
    let later = later.ask("initialize", params).await;
    assert_eq!(later["protocolVersion"], "2025-11-25", "{later}");
}

#[tokio::test]
async fn what_goes_wrong_is_told_to_the_model_that_has_called() {
    let (_server, user) = started().await;
    offer(&user, &document::one_model("nobody-has-it")).await;
    let required = document::light().with(|file| {
        let nodes = file["workflow"]["graph"]["nodes"].as_array_mut().unwrap();
        let start = nodes.iter_mut().find(|node| node["id"] == "start").unwrap();
        start["data"]["variables"][0]["required"] = json!(true);
        start["data"]["variables"][0]["max_length"] = json!(5);
    });
    offer(&user, &required).await;
    offer(&user, &document::approval()).await;
    let chat = Document::chat("chat", &[]).answer("say", "You said {{#sys.query#}}");
    offer(&user, &chat.line(&["start", "say"])).await;
    for version in ["2025-06-18", MODERN] {
        let asker = Asker::new(user.client(), version);
        let asked = json!({"tenant": "a", "question": "who pays?"});
        let why = asker.failed("one_model", asked).await;
        assert!(why.contains("nobody-has-it"), "{why}");
        for (arguments, part) in [
            (json!({}), "name"),
            (json!({"name": "much too long"}), "name"),
            (json!({"name": 5}), "name"),
            (json!({"name": "Ada", "file": "../etc"}), ""),
        ] {
            let params = json!({"name": "light", "arguments": arguments});
            let result = asker.ask("tools/call", params).await;
            let is_fine = part.is_empty();
            assert_eq!(result["isError"], !is_fine, "{arguments}: {result}");
            let text = result["content"][0]["text"].as_str().unwrap();
            assert!(text.contains(part), "{arguments}: {text}");
        }
        let why = asker.failed("approval", json!({"what": "x"})).await;
        assert!(why.contains("waits for people"), "{why}");
        let why = asker.failed("chat", json!({})).await;
        assert!(why.contains("query is needed"), "{why}");
        let said = asker.call("chat", json!({"query": "hi"})).await;
        assert_eq!(said["content"][0]["text"], "You said hi", "{said}");
    }
}

/// A body with the status and the code of its answer.
fn hostile() -> Vec<(String, u16, i64)> {
    let call = |params: Json| {
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).to_string()
    };
    let deep = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let text = |text: &str| text.to_owned();
    vec![
        (String::new(), 400, -32700),
        (text("{"), 400, -32700),
        (text("\u{feff}{}"), 400, -32700),
        (deep, 400, -32700),
        (text("null"), 400, -32600),
        (text("[]"), 400, -32600),
        (text("{}"), 400, -32600),
        (
            text(r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#),
            400,
            -32600,
        ),
        (
            text(r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#),
            400,
            -32600,
        ),
        (text(r#"{"jsonrpc":"2.0","id":1,"method":7}"#), 400, -32600),
        (
            text(r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#),
            400,
            -32600,
        ),
        (text(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#), 400, -32600),
        (
            text(r#"{"jsonrpc":"2.0","id":1,"method":"resources/delete"}"#),
            200,
            -32601,
        ),
        (call(json!([])), 400, -32600),
        (call(json!({})), 200, -32602),
        (call(json!({"name": 7})), 200, -32602),
        (
            call(json!({"name": "light", "arguments": [1]})),
            200,
            -32602,
        ),
        (
            call(json!({"name": "light", "arguments": "x"})),
            200,
            -32602,
        ),
        (call(json!({"name": "x".repeat(1 << 20)})), 200, -32602),
    ]
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_harms_nobody() {
    let (_server, user) = started().await;
    offer(&user, &document::light()).await;
    let client = user.client().unchecked();
    for (body, status, code) in hostile() {
        let shown: String = body.chars().take(80).collect();
        let asked = client.request("POST", "/mcp");
        let answer = asked.body("application/json", body).send().await;
        let told: Json = serde_json::from_str(&answer.text).unwrap_or_default();
        let told = (answer.status, &told["error"]["code"]);
        assert_eq!(told, (status, &json!(code)), "{shown}: {}", answer.text);
    }
    let huge = "x".repeat(25 << 20);
    let asked = client.request("POST", "/mcp");
    let answer = asked.body("application/json", huge).send().await;
    assert_eq!(answer.refusal(), (413, "too_large".to_owned()));
    let unknown = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": {
        "io.modelcontextprotocol/protocolVersion": "2031-01-01",
        "io.modelcontextprotocol/clientInfo": {"name": "x", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {}}}});
    for (headers, code) in [
        (
            &[
                ("mcp-protocol-version", "2031-01-01"),
                ("mcp-method", "tools/list"),
            ][..],
            -32022,
        ),
        (&[("mcp-protocol-version", MODERN)][..], -32020),
        (&[][..], -32020),
    ] {
        let mut asked = client.request("POST", "/mcp");
        for (name, value) in headers {
            asked = asked.header(name, value);
        }
        let answer = asked.json(&unknown).send().await;
        let told = answer.expect(400);
        assert_eq!(told["error"]["code"], code, "{headers:?}: {told}");
    }
    let asker = Asker::new(user.client(), MODERN);
    let called = asker.call("light", json!({"name": "Ada"})).await;
    assert_eq!(called["structuredContent"]["greeting"], "Hello Ada");
}

#[tokio::test]
async fn the_tools_of_another_workspace_do_not_exist() {
    let app = TestApp::new().await;
    offer(app.user(), &document::light()).await;
    let owner = Asker::new(app.user().client(), MODERN);
    let stranger = Asker::new(app.stranger().client(), MODERN);
    assert_eq!(owner.tools().await, ["light"]);
    assert_eq!(stranger.tools().await, Vec::<String>::new());
    let arguments = json!({"name": "Ada"});
    let call = |name: &str| json!({"name": name, "arguments": arguments});
    let known = stranger.refused("tools/call", call("light")).await;
    let unknown = stranger.refused("tools/call", call("night")).await;
    let told = known.to_string().replace("light", "night");
    assert_eq!(told, unknown.to_string());
    // A tool of the same name is each one's own.
    offer(app.stranger(), &named("light")).await;
    let theirs = stranger.call("light", arguments.clone()).await;
    assert_eq!(theirs["structuredContent"]["greeting"], "Hello Ada");
    assert_eq!(owner.tools().await, ["light"]);
}

#[tokio::test]
async fn a_workflow_is_the_tool_of_another_over_the_protocol() {
    let server = Setup::sqlite().with("LATCHKEY_LOG", "debug").start().await;
    let user = User::new(server.client());
    offer(&user, &document::light()).await;
    let tools = key(&user, json!({"scopes": ["runs:read", "runs:write"]})).await;
    let url = format!("{}/mcp", server.url());
    let new = json!({"name": "greeter", "kind": "mcp", "url": url, "auth": {"type": "bearer"}});
    let made = user.post("/tool-providers", new).await.expect(201);
    let values = json!({"api_key": tools.key()});
    let new =
        json!({"provider": "tool/greeter", "name": "house", "values": values, "default": true});
    let _ = user.post("/credentials", new).await.expect(201);
    let refresh = format!("/tool-providers/{}/refresh", made["id"].as_str().unwrap());
    let _ = user.post(&refresh, json!({})).await.expect(200);
    let outer = Document::workflow("outer", &["name"])
        .tool(
            "greet",
            "mcp/greeter/light",
            &[("name", "{{#start.name#}}")],
        )
        .end("end", &[("json", "greet.json")])
        .line(&["start", "greet", "end"]);
    let outer = user.publish(&outer, &[]).await;
    let run = outer.run(json!({"name": "Ada Lovelace"})).await;
    let greeting = &run["outputs"]["json"][0]["greeting"];
    assert_eq!(greeting, "Hello Ada Lovelace", "{run}");
    // Neither side of the protocol tells the log what was said.
    let log = server.printed();
    assert!(log.contains("DEBUG"), "{log}");
    assert!(!log.contains("Lovelace"), "{log}");
}
