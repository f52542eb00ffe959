//! Tools in runs: with which credential, what is kept to whom, and workflows that use workflows.

use latchkey_tests::app::TestApp;
use latchkey_tests::canary;
use latchkey_tests::document::{self, Document};
use latchkey_tests::tool_server::ToolServer;
use latchkey_tests::user::Workflow;
use latchkey_tests::wait;
use serde_json::{Value as Json, json};

/// Start → the weather of a city → end.
fn weather(credential: &str) -> Document {
    let document = Document::workflow("weather", &["city", "tenant"])
        .tool(
            "look",
            "api/weather/get_weather",
            &[("city", "{{#start.city#}}")],
        )
        .end("end", &[("text", "look.text"), ("json", "look.json")])
        .line(&["start", "look", "end"]);
    let mut json = document.json();
    if !credential.is_empty() {
        json["workflow"]["graph"]["nodes"][1]["data"]["credential_name"] = json!(credential);
    }
    Document::from_json(json)
}

async fn provide(app: &TestApp, server: &ToolServer) -> Json {
    let new = json!({"name": "weather", "kind": "openapi", "document": server.document()});
    app.user().post("/tool-providers", new).await.expect(201)
}

async fn credential(app: &TestApp, name: &str, default: bool) -> Json {
    let new = json!({"provider": "tool/weather", "name": name, "values": {"api_key": key(name)}, "default": default});
    app.user().post("/credentials", new).await.expect(201)
}

fn key(name: &str) -> String {
    format!("canary-{name}/+&=3c1d9e5b")
}

async fn look(app: &TestApp, run: &Json) -> Json {
    let nodes = app
        .user()
        .node_executions(run["id"].as_str().unwrap())
        .await;
    nodes
        .into_iter()
        .find(|node| node["node_id"] == "look")
        .unwrap()
}

#[tokio::test]
async fn a_tool_is_used_with_the_credential_that_is_resolved() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    provide(&app, &server).await;
    credential(&app, "house", true).await;
    credential(&app, "customer-acme", false).await;
    let workflow = app.publish(&weather("")).await;
    let run = workflow.run(json!({"city": "Paris"})).await;
    assert_eq!(run["status"], "succeeded", "{run}");
    let resolution = &look(&app, &run).await["resolution"];
    assert_eq!(resolution["level"], "workspace_default");
    assert_eq!(resolution["provider"], "tool/weather");
    let by_name = app
        .user()
        .publish(&weather("customer-{{#start.tenant#}}"), &["customer-*"])
        .await;
    let run = by_name.run(json!({"city": "Rome", "tenant": "acme"})).await;
    let resolution = &look(&app, &run).await["resolution"];
    assert_eq!(resolution["credential_name"], "customer-acme");
    let keys: Vec<String> = server.asked().into_iter().map(|asked| asked.key).collect();
    assert_eq!(keys, [key("house"), key("customer-acme")]);
    let rows = by_name
        .resolve(json!({"inputs": {"tenant": "nobody"}}))
        .await
        .expect(200);
    assert_eq!(rows["nodes"][0]["code"], "credential_not_found", "{rows}");
}

#[tokio::test]
async fn without_a_credential_nothing_is_sent() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    provide(&app, &server).await;
    let workflow = app.publish(&weather("")).await;
    let run = workflow.run(json!({"city": "Paris"})).await;
    assert_eq!(run["error"]["code"], "credential_missing", "{run}");
    assert_eq!(
        look(&app, &run).await["error"]["error_type"],
        "CredentialError"
    );
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_key_never_goes_to_the_new_address_of_a_provider() {
    let (app, server, other) = (
        TestApp::new().await,
        ToolServer::start(),
        ToolServer::start(),
    );
    let provider = provide(&app, &server).await;
    credential(&app, "house", true).await;
    let path = format!("/tool-providers/{}", provider["id"].as_str().unwrap());
    let moved = json!({"document": other.document()});
    let _ = app.user().patch(&path, moved).await.expect(200);
    let workflow = app.publish(&weather("")).await;
    let run = workflow.run(json!({"city": "Paris"})).await;
    assert_eq!(run["error"]["code"], "credential_forbidden", "{run}");
    assert!(server.asked().is_empty() && other.asked().is_empty());
}

#[tokio::test]
async fn a_key_that_a_tool_repeats_is_shown_to_nobody() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    provide(&app, &server).await;
    credential(&app, "house", true).await;
    let sums = json!({"name": "sums", "kind": "mcp", "url": server.url("/mcp"), "auth": {"type": "bearer"}});
    let sums = app.user().post("/tool-providers", sums).await.expect(201);
    let new = json!({"provider": "tool/sums", "name": "house", "values": {"api_key": key("house")}, "default": true});
    let _ = app.user().post("/credentials", new).await.expect(201);
    let refresh = format!("/tool-providers/{}/refresh", sums["id"].as_str().unwrap());
    let _ = app.user().post(&refresh, json!({})).await.expect(200);
    let adding = Document::workflow("adding", &["b"])
        .tool("add", "mcp/sums/add", &[("a", "2"), ("b", "{{#start.b#}}")])
        .end("end", &[("text", "add.text"), ("sum", "add.sum")])
        .line(&["start", "add", "end"]);
    let (workflow, adding) = (app.publish(&weather("")).await, app.publish(&adding).await);
    for (workflow, inputs) in [
        (&workflow, json!({"city": "Paris"})),
        (&workflow, json!({"city": "wrong"})),
        (&adding, json!({"b": "3"})),
        (&adding, json!({"b": "lie"})),
    ] {
        let events = workflow.stream_to_end(inputs).await;
        let run = events[0].data["run_id"].as_str().unwrap().to_owned();
        let _ = app.user().run(&run).await;
        let _ = app.user().node_executions(&run).await;
    }
    assert!(server.asked().iter().any(|asked| asked.key == key("house")));
    let heard = app.user().client().heard().into_iter();
    let places: Vec<_> = heard
        .map(|said| (format!("answer {said:.60}"), said.into_bytes()))
        .collect();
    assert_eq!(canary::search(&key("house"), &places), Vec::<String>::new());
}

#[tokio::test]
async fn an_mcp_tool_answers_and_its_lies_are_failures() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    let sums = json!({"name": "sums", "kind": "mcp", "url": server.url("/mcp")});
    let _ = app.user().post("/tool-providers", sums).await.expect(201);
    let adding = Document::workflow("adding", &["b"])
        .tool("add", "mcp/sums/add", &[("a", "2"), ("b", "{{#start.b#}}")])
        .end("end", &[("sum", "add.sum")])
        .line(&["start", "add", "end"]);
    let workflow = app.publish(&adding).await;
    let run = workflow.run(json!({"b": "3"})).await;
    assert_eq!(run["outputs"]["sum"], json!(5.0), "{run}");
    let run = workflow.run(json!({"b": "lie"})).await;
    let message = run["error"]["message"].as_str().unwrap();
    assert!(message.contains("breaks its promise"), "{message}");
}

#[tokio::test]
async fn code_is_a_tool_that_answers_what_it_prints() {
    let app = TestApp::new().await;
    for (language, code) in [
        ("python3", "for n in range(3):\n    print(n, end=' ')"),
        ("javascript", "console.log(0, 1); console.log(2)"),
    ] {
        let coding = Document::workflow("coding", &["code"])
            .tool(
                "run",
                "builtin/code/simple_code",
                &[("language", language), ("code", "{{#start.code#}}")],
            )
            .end("end", &[("text", "run.text")])
            .line(&["start", "run", "end"]);
        let run = app.publish(&coding).await.run(json!({"code": code})).await;
        let text = run["outputs"]["text"].as_str().unwrap_or_default();
        let words: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(words, ["0", "1", "2"], "{run}");
    }
}

#[tokio::test]
async fn stopping_a_run_ends_the_call_of_its_tool() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    provide(&app, &server).await;
    credential(&app, "house", true).await;
    let workflow = app.publish(&weather("")).await;
    let run = workflow.detach(json!({"city": "hang"})).await;
    wait::until("the tool is asked", async || {
        (!server.asked().is_empty()).then_some(())
    })
    .await;
    let _ = app.user().stop(&run).await.expect(202);
    assert_eq!(app.user().run_over(&run).await["status"], "stopped");
}

#[tokio::test]
async fn stopping_a_run_leaves_an_mcp_server_that_hangs() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    let sums = json!({"name": "sums", "kind": "mcp", "url": server.url("/mcp")});
    let _ = app.user().post("/tool-providers", sums).await.expect(201);
    let adding = Document::workflow("adding", &["b"])
        .tool("add", "mcp/sums/add", &[("a", "2"), ("b", "{{#start.b#}}")])
        .end("end", &[("text", "add.text")])
        .line(&["start", "add", "end"]);
    let adding = app.publish(&adding).await;
    let run = adding.detach(json!({"b": "hang"})).await;
    let seen = async |line: &str, method: &Json| {
        wait::until("the server notices", async || {
            let asked = server.asked();
            let mut seen = asked.iter();
            seen.any(|asked| asked.line == line && asked.body["method"] == *method)
                .then_some(())
        })
        .await;
    };
    seen("POST /mcp", &json!("tools/call")).await;
    let _ = app.user().stop(&run).await.expect(202);
    assert_eq!(app.user().run_over(&run).await["status"], "stopped");
    seen("left", &Json::Null).await;
}

/// Start → `inner` as a tool → end.
fn using(name: &str, inner: &str) -> Document {
    Document::workflow(name, &["tenant", "question"])
        .tool(
            "use",
            &format!("workflow/{inner}/{inner}"),
            &[
                ("question", "{{#start.question#}}"),
                ("tenant", "{{#start.tenant#}}"),
            ],
        )
        .end("end", &[("answer", "use.answer"), ("text", "use.text")])
        .line(&["start", "use", "end"])
}

async fn as_tool(app: &TestApp, name: &str, workflow: &Workflow) {
    let new = json!({"name": name, "kind": "workflow", "workflow_id": workflow.id});
    let _ = app.user().post("/tool-providers", new).await.expect(201);
}

#[tokio::test]
async fn a_workflow_is_a_tool_with_a_run_of_its_own() {
    let app = TestApp::new().await;
    app.credential("house").await;
    let inner = app.publish(&document::one_model("house")).await;
    as_tool(&app, "ask", &inner).await;
    let outer = app.publish(&using("outer", "ask")).await;
    let run = outer
        .run(json!({"tenant": "acme", "question": "why"}))
        .await;
    assert_eq!(run["status"], "succeeded", "{run}");
    let runs = app.user().get("/runs").await.expect(200);
    let child = runs["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["workflow_id"] == inner.id.as_str());
    let child = child.unwrap();
    assert_eq!(child["parent_run_id"], run["id"]);
    assert_eq!(child["usage"], run["usage"], "its usage is the node's");
    let calls = app.user().model_calls(child["id"].as_str().unwrap()).await;
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0]["workflow_id"], inner.id.as_str());
    let text: Json = serde_json::from_str(run["outputs"]["text"].as_str().unwrap()).unwrap();
    assert_eq!(text["answer"], run["outputs"]["answer"]);
}

#[tokio::test]
async fn the_dry_run_tells_who_would_pay_inside() {
    let app = TestApp::new().await;
    app.credential("house").await;
    let fixed = app.publish(&document::one_model("house")).await;
    let by_tenant = document::one_model("customer-{{#start.tenant#}}");
    let by_tenant = app.user().publish(&by_tenant, &["customer-*"]).await;
    as_tool(&app, "fixed", &fixed).await;
    as_tool(&app, "by-tenant", &by_tenant).await;
    let between = app.publish(&using("between", "by-tenant")).await;
    as_tool(&app, "between", &between).await;
    let rows = |answer: Json| -> Vec<String> {
        let rows = answer["nodes"].as_array().unwrap().iter();
        let told = |row: &Json| {
            let inside = row["inside"].as_array().map_or(0, Vec::len);
            let name = row["resolution"]["credential_name"].as_str().unwrap_or("-");
            let needs = row["depends_on"].to_string();
            format!(
                "{inside} {} {} {name} {needs}",
                row["node_id"], row["outcome"]
            )
        };
        rows.map(told).collect()
    };
    let outer = app.publish(&using("outer", "fixed")).await;
    let answer = outer.resolve(json!({})).await.expect(200);
    assert_eq!(rows(answer), ["1 \"ask\" \"resolved\" house null"]);
    let deeper = app.publish(&using("deeper", "between")).await;
    let answer = deeper.resolve(json!({})).await.expect(200);
    assert_eq!(
        rows(answer),
        ["2 \"ask\" \"depends_on\" - [\"use.tenant\"]"],
        "what it is given is known at its node"
    );
}

#[tokio::test]
async fn a_workflow_that_fails_is_a_tool_that_fails() {
    let app = TestApp::new().await;
    let inner = app.publish(&document::one_model("nobody")).await;
    as_tool(&app, "ask", &inner).await;
    let outer = app.publish(&using("outer", "ask")).await;
    let run = outer
        .run(json!({"tenant": "acme", "question": "why"}))
        .await;
    assert_eq!(run["status"], "failed");
    let message = run["error"]["message"].as_str().unwrap();
    assert_eq!(
        message,
        "Failed to invoke tool: its run failed: credential_not_found"
    );
}

#[tokio::test]
async fn workflows_use_workflows_five_deep_and_no_deeper() {
    let app = TestApp::new().await;
    let selfish = app.publish(&using("selfish", "again")).await;
    as_tool(&app, "again", &selfish).await;
    let run = selfish.run(json!({"question": "why"})).await;
    assert_eq!(run["status"], "failed");
    let message = run["error"]["message"].as_str().unwrap();
    assert!(
        message.ends_with("Max workflow call depth 5 reached."),
        "{message}"
    );
    let runs = app.user().get("/runs").await.expect(200);
    assert_eq!(runs["data"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn stopping_a_run_stops_the_runs_inside_it() {
    let app = TestApp::new()
        .await
        .answering(latchkey_tests::provider::Reply::Hangs);
    app.credential("house").await;
    let inner = app.publish(&document::one_model("house")).await;
    as_tool(&app, "ask", &inner).await;
    let outer = app.publish(&using("outer", "ask")).await;
    let run = outer
        .detach(json!({"tenant": "acme", "question": "why"}))
        .await;
    app.provider().arrived(1).await;
    let _ = app.user().stop(&run).await.expect(202);
    assert_eq!(app.user().run_over(&run).await["status"], "stopped");
    let runs = app.user().get("/runs").await.expect(200);
    for row in runs["data"].as_array().unwrap() {
        let over = app.user().run_over(row["id"].as_str().unwrap()).await;
        assert_eq!(over["status"], "stopped");
    }
    app.provider().is_quiet().await;
}

#[tokio::test]
async fn why_a_key_was_used_is_known_of_a_tool_that_fails_too() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    let mut document = server.document();
    document = document.replace(&server.url(""), "http://127.0.0.1:9");
    let new = json!({"name": "weather", "kind": "openapi", "document": document});
    let _ = app.user().post("/tool-providers", new).await.expect(201);
    credential(&app, "house", true).await;
    let run = app
        .publish(&weather(""))
        .await
        .run(json!({"city": "Paris"}))
        .await;
    assert_eq!(run["status"], "failed", "{run}");
    let node = look(&app, &run).await;
    assert_eq!(node["resolution"]["credential_name"], "house", "{node}");
    assert_eq!(node["resolution"]["level"], "workspace_default");
}

#[tokio::test]
async fn what_a_workflow_has_used_is_counted_although_it_fails_as_a_tool() {
    let app = TestApp::new().await;
    app.credential("only").await;
    let inner = Document::workflow("inner", &["question"])
        .llm("ask", "{{#start.question#}}", "only")
        .llm("break", "more", "nobody")
        .end("end", &[("text", "ask.text")])
        .line(&["start", "ask", "break", "end"]);
    let inner = app.publish(&inner).await;
    as_tool(&app, "inner", &inner).await;
    let outer = Document::workflow("outer", &["question"])
        .tool(
            "use",
            "workflow/inner/inner",
            &[("question", "{{#start.question#}}")],
        )
        .end("end", &[("text", "use.text")])
        .line(&["start", "use", "end"]);
    let run = app
        .publish(&outer)
        .await
        .run(json!({"question": "one two three"}))
        .await;
    assert_eq!(run["status"], "failed", "{run}");
    let counts = (
        &run["usage"]["input_tokens"],
        &run["usage"]["output_tokens"],
    );
    assert_eq!(counts, (&json!(3), &json!(5)), "{run}");
}
