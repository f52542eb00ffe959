//! Credentials that a file names: listed, mapped to those of this place, and told of when it is published.

use latchkey_tests::app::TestApp;
use latchkey_tests::document::{self, Document};
use latchkey_tests::tool_server::ToolServer;
use serde_json::{Value as Json, json};

/// A file that names a credential at every kind of place.
fn everywhere() -> Document {
    let model = |name: &str| json!({"provider": "deepseek", "name": "deepseek-chat", "mode": "chat", "completion_params": {}, "credential_name": name});
    let prompt = json!([{"role": "user", "text": "hello"}]);
    let chain = {
        let mut model = model("theirs");
        model["credential_fallback"] = json!(["spare"]);
        model
    };
    let tool = json!({"enabled": true, "type": "mcp", "provider_name": "sums", "tool_name": "add", "credential_name": "sums-key"});
    let agent = json!({"agent_strategy_provider_name": "langgenius/agent/agent", "agent_strategy_name": "function_calling",
        "agent_parameters": {"model": {"value": model("theirs")}, "tools": {"value": [tool]}, "query": {"type": "constant", "value": "q"},
            "instruction": {"type": "constant", "value": "i"}}});
    let mut own = Document::workflow("everywhere", &["tenant"])
        .node("ask", "llm", json!({"model": chain, "prompt_template": prompt, "context": {"enabled": false}}))
        .llm("choose", "hello", "customer-{{#start.tenant#}}")
        .node("agent", "agent", agent)
        .tool("tool", "mcp/sums/add", &[])
        .end("end", &[])
        .line(&["start", "ask", "choose", "agent", "tool", "end"])
        .credentials(json!({"bindings": [{"provider": "deepseek", "environment": "staging", "credential_name": "theirs"}]}))
        .json();
    let nodes = own["workflow"]["graph"]["nodes"].as_array_mut().unwrap();
    let tool = nodes.iter_mut().find(|node| node["id"] == "tool").unwrap();
    tool["data"]["credential_id"] = json!("sums-key");
    Document::from_json(own)
}

/// An app that knows the tool server `sums`.
async fn with_tools(app: &TestApp) -> ToolServer {
    let server = ToolServer::start();
    let tools = json!({"name": "sums", "kind": "mcp", "url": server.url("/mcp")});
    let made = app.user().post("/tool-providers", tools).await.expect(201);
    // Its tools were listed without a key; they are used with one.
    let path = format!("/tool-providers/{}", made["id"].as_str().unwrap());
    let with_key = json!({"auth": {"type": "bearer"}});
    let _ = app.user().patch(&path, with_key).await.expect(200);
    server
}

/// Each credential of a report: provider, what is said, nodes, state and what it is mapped to.
fn lines(report: &Json) -> Vec<String> {
    let line = |row: &Json| {
        let said = &row["selector"];
        let said = said["credential_name"]
            .as_str()
            .or(said["credential_id"].as_str());
        let nodes = row["node_ids"].as_array().unwrap().iter();
        let nodes: Vec<&str> = nodes.map(|node| node.as_str().unwrap()).collect();
        let (provider, state) = (
            row["provider"].as_str().unwrap(),
            row["state"].as_str().unwrap(),
        );
        let to = row["mapped_to"].as_str().unwrap_or("-");
        format!(
            "{provider} {} [{}] {state} {to}",
            said.unwrap_or("-"),
            nodes.join(",")
        )
    };
    report["credentials"]
        .as_array()
        .unwrap()
        .iter()
        .map(line)
        .collect()
}

#[tokio::test]
async fn a_report_lists_every_credential_that_a_file_names() {
    let app = TestApp::new().await;
    let _tools = with_tools(&app).await;
    app.credential("spare").await;
    let file = everywhere().yaml();
    let answer = app.user().try_import(&file, "?dry_run=true").await;
    let report = &answer.expect(200)["report"];
    assert_eq!(
        lines(report),
        [
            "deepseek theirs [ask,agent] missing -",
            "deepseek spare [ask] found -",
            "deepseek customer-{{#start.tenant#}} [choose] by_variable -",
            "tool/sums sums-key [agent] missing -",
            "tool/sums sums-key [tool] missing -",
            "deepseek theirs [] missing -",
        ]
    );
    let items = report["items"].as_array().unwrap().iter();
    let missing: Vec<_> = items
        .filter(|item| item["code"] == "credential_missing")
        .map(|item| (item["node_id"].as_str(), item["field"].as_str().unwrap()))
        .collect();
    assert_eq!(
        missing,
        [
            (Some("ask"), "data.model.credential_name"),
            (
                Some("agent"),
                "data.agent_parameters.model.value.credential_name"
            ),
            (
                Some("agent"),
                "data.agent_parameters.tools.value.0.credential_name"
            ),
            (Some("tool"), "data.credential_name"),
            (None, "workflow.credentials.bindings"),
        ]
    );
}

#[tokio::test]
async fn a_name_of_a_file_may_stand_for_a_pool_here() {
    let app = TestApp::new().await;
    let mut members = Vec::new();
    for name in ["one", "two"] {
        members.push(json!({"credential_id": app.credential(name).await}));
    }
    let pool =
        json!({"provider": "deepseek", "name": "team", "strategy": "priority", "members": members});
    let _ = app.user().post("/credential-pools", pool).await.expect(201);
    let file = latchkey_tests::document::one_model("theirs");
    let body = json!({"content": file.yaml(), "credential_mapping": {"deepseek/theirs": "team"}, "publish": true});
    let made = app.user().post("/workflows/import", body).await.expect(201);
    assert_eq!(lines(&made["report"]), ["deepseek theirs [ask] found team"]);
    let workflow = app.user().workflow(&made["workflow"]["id"]);
    let run = workflow
        .run(json!({"tenant": "acme", "question": "why"}))
        .await;
    assert_eq!(run["status"], "succeeded", "{run}");
    let calls = app.user().model_calls(run["id"].as_str().unwrap()).await;
    assert_eq!(calls[0]["credential_name"], "one");
}

#[tokio::test]
async fn mapped_names_are_written_at_every_place_and_pay() {
    let app = TestApp::new().await;
    let _tools = with_tools(&app).await;
    let id = app.credential("ours").await;
    let sums = json!({"provider": "tool/sums", "name": "our-sums", "values": {"api_key": "test-key-sums"}});
    let sums = app.user().post("/credentials", sums).await;
    let mapping = if sums.status == 201 {
        json!({"deepseek/theirs": "ours", "deepseek/spare": id, "tool/sums/sums-key": "our-sums"})
    } else {
        panic!("{}", sums.text)
    };
    let body = json!({"content": everywhere().yaml(), "credential_mapping": mapping, "bind": true});
    let made = app.user().post("/workflows/import", body).await.expect(201);
    assert_eq!(
        lines(&made["report"]),
        [
            "deepseek theirs [ask,agent] found ours".to_owned(),
            format!("deepseek spare [ask] found {id}"),
            "deepseek customer-{{#start.tenant#}} [choose] by_variable -".to_owned(),
            "tool/sums sums-key [agent] found our-sums".to_owned(),
            "tool/sums sums-key [tool] found our-sums".to_owned(),
            "deepseek theirs [] found ours".to_owned(),
        ]
    );
    let workflow = app.user().workflow(&made["workflow"]["id"]);
    let (draft, _) = workflow.draft().await;
    let node = |id: &str| {
        let nodes = draft["workflow"]["graph"]["nodes"].as_array().unwrap();
        nodes.iter().find(|node| node["id"] == id).unwrap()["data"].clone()
    };
    assert_eq!(node("ask")["model"]["credential_name"], "ours");
    assert_eq!(node("ask")["model"]["credential_fallback"], json!(["ours"]));
    let agent = &node("agent")["agent_parameters"];
    assert_eq!(agent["model"]["value"]["credential_name"], "ours");
    assert_eq!(agent["tools"]["value"][0]["credential_name"], "our-sums");
    let tool = node("tool");
    assert_eq!(
        (&tool["credential_name"], &tool["credential_id"]),
        (&json!("our-sums"), &Json::Null)
    );
    let path = workflow.path("/credential-settings");
    let settings = app.user().client().get(&path).await.expect(200);
    assert_eq!(settings["bindings"][0]["credential_name"], "ours");
}

#[tokio::test]
async fn a_mapping_that_fits_nothing_is_refused_with_its_place() {
    let app = TestApp::new().await;
    app.credential("ours").await;
    let mut of_model = json!({"provider": "deepseek", "name": "reasons", "model": "deepseek-reasoner", "validate": false,
        "values": {"api_key": "test-key-reasons"}});
    of_model["values"]["base_url"] = json!(app.provider().base_url());
    let _ = app.user().post("/credentials", of_model).await.expect(201);
    let import = async |mapping: Json| {
        let body =
            json!({"content": document::one_model("theirs").yaml(), "credential_mapping": mapping});
        app.user().post("/workflows/import", body).await
    };
    for (mapping, code, pointer) in [
        (
            json!({"nonsense": "ours"}),
            "invalid_input",
            "/credential_mapping/nonsense",
        ),
        (
            json!({"deepseek/theirs": "nobody"}),
            "credential_not_found",
            "/credential_mapping/deepseek~1theirs",
        ),
        (
            json!({"openai/theirs": "ours"}),
            "credential_not_found",
            "/credential_mapping/openai~1theirs",
        ),
        (
            json!({"deepseek/other": "ours"}),
            "credential_mapping_unused",
            "/credential_mapping/deepseek~1other",
        ),
        (
            json!({"deepseek/theirs": "reasons"}),
            "credential_provider_mismatch",
            "/credential_mapping/deepseek~1theirs",
        ),
    ] {
        let refused = import(mapping.clone()).await;
        assert_eq!(
            refused.refusal(),
            (422, code.to_owned()),
            "{mapping}: {}",
            refused.text
        );
        assert_eq!(refused.expect(422)["errors"][0]["pointer"], pointer);
    }
    let all = import(json!({"deepseek/a": "nobody", "nonsense": "ours"})).await;
    assert_eq!(all.expect(422)["errors"].as_array().unwrap().len(), 2);
    let listed = app.user().pages("/api/v1/workflows").await;
    assert!(listed.is_empty(), "nothing was stored: {listed:?}");
}

#[tokio::test]
async fn publishing_warns_of_credentials_that_cannot_pay_and_refuses_nothing() {
    let app = TestApp::new().await;
    let good = app.credential("good").await;
    let off = app.credential("switched-off").await;
    let path = format!("/credentials/{off}");
    let disable = json!({"state": "disabled"});
    let _ = app.user().patch(&path, disable).await.expect(200);
    let scope = json!({"scope": {"environments": ["production"]}});
    let narrow = app.credential("narrow").await;
    let path = format!("/credentials/{narrow}");
    let _ = app.user().patch(&path, scope).await.expect(200);
    let file = Document::workflow("warns", &["tenant"])
        .llm("fine", "hello", "good")
        .llm("missing", "hello", "nobody")
        .llm("disabled", "hello", "switched-off")
        .llm("narrow", "hello", "narrow")
        .llm("silent", "hello", "")
        .llm("by_run", "hello", "customer-{{#start.tenant#}}")
        .end("end", &[])
        .line(&[
            "start", "fine", "missing", "disabled", "narrow", "silent", "by_run", "end",
        ]);
    let imported = app.user().try_import(&file.yaml(), "").await.expect(201);
    let workflow = app.user().workflow(&imported["workflow"]["id"]);
    workflow.allow(&["customer-*"]).await;
    let path = workflow.path("/publish");
    let published = app.user().client().post(&path, json!({})).await;
    let warnings = published.expect(published.status)["warnings"].clone();
    let told: Vec<_> = warnings
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
            (
                text("node_id"),
                text("code"),
                text("message").split(':').next().unwrap().to_owned(),
            )
        })
        .collect();
    let row =
        |node: &str, code: &str, begin: &str| (node.to_owned(), code.to_owned(), begin.to_owned());
    assert_eq!(
        told,
        [
            row("missing", "credential_not_found", "credential_not_found"),
            row("disabled", "credential_disabled", "credential_disabled"),
            row("narrow", "credential_forbidden", "in staging, development"),
            row("silent", "credential_missing", "credential_missing"),
        ]
    );
    // A default pays for the silent one from now on.
    let path = "/providers/deepseek/default";
    let _ = app
        .user()
        .put(path, json!({"credential_id": good}))
        .await
        .expect(200);
    let path = workflow.path("/publish");
    let again = app.user().client().post(&path, json!({})).await;
    let nodes = again.expect(again.status)["warnings"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(nodes, 3);
}

#[tokio::test]
async fn whoever_may_not_read_credentials_is_warned_with_codes_alone() {
    use latchkey_domain::access::Permission;

    let app = TestApp::new().await;
    let imported = app
        .user()
        .try_import(&document::one_model("nobody").yaml(), "")
        .await;
    let path = format!(
        "/workflows/{}/publish",
        imported.expect(201)["workflow"]["id"].as_str().unwrap()
    );
    let scopes = [Permission::WorkflowsRead, Permission::WorkflowsPublish];
    let narrow = app.user_who_may(&scopes).await;
    let published = narrow.post(&path, json!({})).await;
    let warnings = &published.expect(published.status)["warnings"];
    assert_eq!(warnings[0]["message"], "credential_not_found");
}

#[tokio::test]
async fn a_strict_start_tells_every_node_and_a_plain_one_runs_past_branches() {
    let app = TestApp::new().await;
    let _tools = with_tools(&app).await;
    let file = Document::workflow("branches", &["way"])
        .if_contains("which", "start.way", "left")
        .llm("left", "hello", "nobody")
        .llm("left_too", "hello", "nobody-else")
        .end("end", &[])
        .line(&["start", "which"])
        .edge("which:true", "left")
        .line(&["left", "left_too", "end"])
        .edge("which:false", "end");
    let workflow = app.publish(&file).await;
    let run = workflow.run(json!({"way": "right"})).await;
    assert_eq!(run["status"], "succeeded", "{run}");
    let strict = json!({"inputs": {"way": "right"}, "preflight": "strict"});
    let refused = workflow.start(strict).await.expect(422);
    let nodes: Vec<_> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["node_id"].clone())
        .collect();
    assert_eq!(nodes, [json!("left"), json!("left_too")]);
}

#[tokio::test]
async fn placeholders_of_an_agents_tool_are_checked_when_it_is_saved() {
    let app = TestApp::new().await;
    let saved = async |name: &str| {
        let mut file = everywhere().json();
        let nodes = file["workflow"]["graph"]["nodes"].as_array_mut().unwrap();
        let agent = nodes.iter_mut().find(|node| node["id"] == "agent").unwrap();
        agent["data"]["agent_parameters"]["tools"]["value"][0]["credential_name"] = json!(name);
        let file = Document::from_json(file).yaml();
        app.user().try_import(&file, "?dry_run=true").await
    };
    assert_eq!(saved("sums-{{#start.tenant#}}").await.status, 200);
    for (name, code) in [
        ("sums-{{#nowhere.x#}}", "credential_selector_unknown"),
        ("sums-{{#start#}}", "credential_selector_malformed"),
    ] {
        let refused = saved(name).await;
        assert_eq!(refused.refusal(), (422, code.to_owned()), "{name}");
        let first = &refused.expect(422)["errors"][0];
        assert_eq!(first["node_id"], "agent");
        assert_eq!(
            first["field"],
            "data.agent_parameters.tools.value.0.credential_name"
        );
    }
}
