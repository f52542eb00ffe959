//! What tools of documents are bound to, and what an import and a publication say about tools that are bound to nothing.

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::document::Document;
use latchkey_tests::shown;
use latchkey_tests::tool_server::ToolServer;
use serde_json::{Value as Json, json};

/// Start → a tool that nobody has here → end.
fn searching() -> Document {
    Document::workflow("searching", &["q"])
        .tool(
            "search",
            "builtin/acme/search/web",
            &[("query", "{{#start.q#}}")],
        )
        .tool("clock", "builtin/time/current_time", &[])
        .end("end", &[("text", "search.text"), ("found", "search.city")])
        .line(&["start", "search", "clock", "end"])
}

/// The same with the provider's id as files have it.
fn file() -> Document {
    let mut json = searching().json();
    let node = &mut json["workflow"]["graph"]["nodes"][1]["data"];
    node["provider_id"] = json!("acme/search/search");
    node["tool_name"] = json!("web");
    Document::from_json(json)
}

async fn weather(app: &TestApp, server: &ToolServer) {
    let new = json!({"name": "weather", "kind": "openapi", "document": server.document(), "auth": {"type": "none"}});
    let _ = app.user().post("/tool-providers", new).await.expect(201);
}

fn bound_to_weather() -> Json {
    json!({"bindings": [{"provider": "acme/search/search", "tool": "web",
        "target": {"provider": "weather", "tool": "get_weather"}, "parameters": {"query": "city"}}]})
}

#[tokio::test]
async fn the_report_names_tools_that_are_bound_to_nothing() {
    let app = TestApp::new().await;
    let imported = app.user().try_import(&file().yaml(), "").await.expect(201);
    let report = &imported["report"];
    assert_eq!(report["status"], "completed-with-warnings");
    assert_snapshot!(shown::json(&report["tools"]), @r#"
    [
      {
        "name": "acme/search/search/web",
        "provider_type": "builtin",
        "provider": "acme/search/search",
        "tool": "web",
        "state": "unbound",
        "node_ids": ["search"],
        "line": 29
      },
      {
        "name": "time/current_time",
        "provider_type": "builtin",
        "provider": "time",
        "tool": "current_time",
        "state": "bound",
        "bound_to": {"provider":"time","tool":"current_time"},
        "node_ids": ["clock"],
        "line": 46
      }
    ]
    "#);
    let items = report["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["code"] == "tool_unbound");
    assert_eq!(item.unwrap()["node_id"], "search");
    let workflow = app.user().workflow(&imported["workflow"]["id"]);
    let published = app
        .user()
        .client()
        .post(&workflow.path("/publish"), json!({}))
        .await;
    assert_eq!(published.expect(201)["warnings"][0]["code"], "tool_unbound");
}

#[tokio::test]
async fn an_unbound_tool_fails_where_a_run_reaches_it() {
    let app = TestApp::new().await;
    let workflow = app.publish(&file()).await;
    let run = workflow.run(json!({"q": "bees"})).await;
    assert_eq!(run["status"], "failed");
    let nodes = app
        .user()
        .node_executions(run["id"].as_str().unwrap())
        .await;
    let failed = nodes
        .iter()
        .find(|node| node["node_id"] == "search")
        .unwrap();
    assert_eq!(
        failed["error"]["error_type"], "ToolRuntimeResolutionError",
        "{failed}"
    );
    let message = failed["error"]["message"].as_str().unwrap();
    assert!(message.contains("is bound to nothing here"), "{message}");
}

#[tokio::test]
async fn a_binding_makes_the_same_graph_run() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    let workflow = app.publish(&file()).await;
    weather(&app, &server).await;
    let set = app.user().put("/tool-bindings", bound_to_weather()).await;
    assert_eq!(set.expect(200), bound_to_weather());
    let run = workflow.run(json!({"q": "Paris"})).await;
    assert_eq!(run["status"], "succeeded", "{run}");
    let asked = server.asked();
    assert_eq!(asked[0].line, "GET /v1/weather?city=Paris&days=1");
    let text: Json = serde_json::from_str(run["outputs"]["text"].as_str().unwrap()).unwrap();
    assert_eq!(text["city"], "Paris");
}

#[tokio::test]
async fn a_workflow_s_own_binding_is_stronger() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    let workflow = app.publish(&file()).await;
    weather(&app, &server).await;
    let _ = app
        .user()
        .put("/tool-bindings", bound_to_weather())
        .await
        .expect(200);
    let own = json!({"bindings": [{"provider": "acme/search/search", "target": {"provider": "regex", "tool": "regex_extract"},
        "parameters": {"query": "content"}}]});
    let path = format!("/tool-bindings?workflow_id={}", workflow.id);
    let _ = app.user().put(&path, own).await.expect(200);
    let run = workflow.run(json!({"q": "Paris"})).await;
    assert_eq!(run["status"], "failed", "the expression is missing");
    assert!(server.asked().is_empty());
    let message = run["error"]["message"].as_str().unwrap();
    assert!(message.contains("expression not found"), "{message}");
}

#[tokio::test]
async fn bindings_are_guarded_by_their_revision() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    weather(&app, &server).await;
    let first = app.user().get("/tool-bindings").await;
    assert_eq!(first.header("etag"), Some("\"0\""));
    let put = async |etag: &str| {
        let ask = app.user().client().request("PUT", "/api/v1/tool-bindings");
        ask.header("if-match", etag)
            .json(&bound_to_weather())
            .send()
            .await
    };
    let _ = put("\"0\"").await.expect(200);
    assert_eq!(put("\"0\"").await.expect(412)["code"], "version_conflict");
    let theirs = app.stranger().get("/tool-bindings").await.expect(200);
    assert_eq!(theirs, json!({"bindings": []}));
}

#[tokio::test]
async fn a_binding_to_nothing_is_refused() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    weather(&app, &server).await;
    let one = |target: Json, parameters: Json| json!({"bindings": [{"provider": "p", "tool": "t", "target": target, "parameters": parameters}]});
    for (body, code, pointer) in [
        (
            one(json!({"provider": "nobody", "tool": "x"}), json!({})),
            "tool_unknown",
            "/bindings/0/target",
        ),
        (
            one(json!({"provider": "weather", "tool": "rain"}), json!({})),
            "tool_unknown",
            "/bindings/0/target",
        ),
        (
            one(
                json!({"provider": "weather", "tool": "get_weather"}),
                json!({"a": "b"}),
            ),
            "tool_parameter_unknown",
            "/bindings/0/parameters",
        ),
        (
            json!({"bindings": [{"provider": "p", "target": {"provider": "nobody"}}]}),
            "tool_unknown",
            "/bindings/0/target/provider",
        ),
        (
            json!({"bindings": [{"provider": "p", "target": {"provider": "time"}}, {"provider": "p", "target": {"provider": "time"}}]}),
            "invalid_input",
            "/bindings/1",
        ),
    ] {
        let refused = app
            .user()
            .put("/tool-bindings", body.clone())
            .await
            .expect(422);
        assert_eq!(refused["errors"][0]["code"], code, "{body}: {refused}");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{body}");
    }
}
