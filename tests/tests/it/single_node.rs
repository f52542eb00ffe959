//! One node of a draft, run alone with stated values for what it reads.

use latchkey_domain::access::Permission;
use latchkey_tests::app::TestApp;
use latchkey_tests::document::Document;
use latchkey_tests::user::Workflow;
use serde_json::{Value as Json, json};

/// A workflow whose model node is deep in the graph and paid by the tenant's own key.
fn deep() -> Document {
    Document::workflow("deep", &["tenant"])
        .template("pick", "{{ tenant }}", &[("tenant", "start.tenant")])
        .iteration("each", "search.items", "say.output")
        .template(
            "say",
            "<{{ item }}|{{ tone }}>",
            &[("item", "each.item"), ("tone", "pick.output")],
        )
        .outside()
        .llm(
            "ask",
            "{{#pick.output#}} and {{#search.found#}}",
            "customer-{{#pick.output#}}",
        )
        .end("end", &[("answer", "ask.text")])
        .line(&["start", "pick", "each", "ask", "end"])
        .line(&["eachstart", "say"])
}

async fn draft(app: &TestApp) -> Workflow {
    let imported = app.user().try_import(&deep().yaml(), "").await;
    let workflow = app.user().workflow(&imported.expect(201)["workflow"]["id"]);
    workflow.allow(&["customer-*"]).await;
    workflow
}

async fn run(app: &TestApp, workflow: &Workflow, node: &str, body: Json) -> Json {
    let path = workflow.path(&format!("/nodes/{node}/run"));
    app.user().client().post(&path, body).await.expect(200)
}

#[tokio::test]
async fn a_node_runs_alone_and_is_paid_and_written_down_as_in_any_run() {
    let app = TestApp::new().await;
    app.credential("customer-acme").await;
    app.credential("customer-globex").await;
    let workflow = draft(&app).await;
    let inputs = json!({"pick.output": "globex", "{{#search.found#}}": "much"});
    let run = run(&app, &workflow, "ask", json!({"inputs": inputs})).await;
    assert_eq!(run["status"], "succeeded", "{run}");
    assert_eq!(
        (&run["node_id"], &run["version"]),
        (&json!("ask"), &json!("draft"))
    );
    assert_eq!(
        run["inputs"],
        json!({"pick.output": "globex", "search.found": "much"})
    );
    let seen = app.provider().chats();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].key, "test-key-customer-globex");
    assert!(
        seen[0].prompt.contains("globex and much"),
        "{}",
        seen[0].prompt
    );
    let id = run["id"].as_str().unwrap();
    let executions = app.user().node_executions(id).await;
    let nodes: Vec<_> = executions.iter().map(|one| &one["node_id"]).collect();
    assert_eq!(nodes, ["start", "ask"]);
    let why = &executions[1]["resolution"];
    assert_eq!(why["credential_name"], "customer-globex", "{why}");
    assert!(
        !executions[1]["outputs"]["text"]
            .as_str()
            .unwrap()
            .is_empty()
    );
    assert_eq!(app.user().model_calls(id).await.len(), 1);
    let listed = app.user().pages("/api/v1/runs").await;
    assert_eq!(listed[0]["node_id"], "ask");
}

#[tokio::test]
async fn what_is_stated_chooses_no_credential_that_runs_may_not_choose() {
    let app = TestApp::new().await;
    app.credential("customer-acme").await;
    let workflow = draft(&app).await;
    workflow.allow(&["customer-globex"]).await;
    let inputs = json!({"pick.output": "acme", "search.found": "much"});
    let run = run(&app, &workflow, "ask", json!({"inputs": inputs})).await;
    let code = &run["error"]["code"];
    assert_eq!(code, "credential_override_not_allowed", "{run}");
    assert!(app.provider().chats().is_empty());
}

#[tokio::test]
async fn a_container_runs_with_what_is_inside_and_a_node_inside_without_it() {
    let app = TestApp::new().await;
    let workflow = draft(&app).await;
    let inputs = json!({"search.items": ["a", "b"], "pick.output": "low"});
    let whole = run(&app, &workflow, "each", json!({"inputs": inputs})).await;
    let executions = app
        .user()
        .node_executions(whole["id"].as_str().unwrap())
        .await;
    let each = executions
        .iter()
        .find(|one| one["node_id"] == "each")
        .unwrap();
    assert_eq!(
        each["outputs"]["output"],
        json!(["<a|low>", "<b|low>"]),
        "{whole}"
    );
    let inputs = json!({"each.item": "c", "pick.output": "high"});
    let inside = run(&app, &workflow, "say", json!({"inputs": inputs})).await;
    let executions = app
        .user()
        .node_executions(inside["id"].as_str().unwrap())
        .await;
    assert_eq!(executions[1]["outputs"]["output"], "<c|high>", "{inside}");
    let unstated = run(&app, &workflow, "pick", json!({})).await;
    assert_eq!(unstated["inputs"], json!({}));
}

#[tokio::test]
async fn what_is_nothing_without_its_graph_is_refused() {
    let app = TestApp::new().await;
    let workflow = draft(&app).await;
    let ask = async |node: &str, body: Json| {
        let path = workflow.path(&format!("/nodes/{node}/run"));
        app.user().client().post(&path, body).await
    };
    for node in ["start", "end", "eachstart"] {
        let refused = ask(node, json!({})).await;
        assert_eq!(
            refused.refusal(),
            (422, "node_not_alone".to_owned()),
            "{node}"
        );
    }
    assert_eq!(
        ask("none", json!({})).await.refusal(),
        (404, "not_found".to_owned())
    );
    for key in ["tenant", ".x", "x.", "##"] {
        let refused = ask("pick", json!({"inputs": {(key): "x"}})).await;
        assert_eq!(
            refused.refusal(),
            (422, "invalid_input".to_owned()),
            "{key}"
        );
    }
    let runs = app.user().pages("/api/v1/runs").await;
    assert_eq!(runs, Vec::<Json>::new(), "nothing was accepted");
    // What is stated may choose who pays.
    let runs_only = app
        .user_who_may(&[Permission::RunsWrite, Permission::RunsRead])
        .await;
    let path = workflow.path("/nodes/pick/run");
    let refused = runs_only.client().post(&path, json!({})).await;
    assert_eq!(refused.refusal(), (403, "forbidden".to_owned()));
}

#[tokio::test]
async fn a_stated_file_is_one_that_the_caller_may_use() {
    let app = TestApp::new().await;
    let document = Document::workflow("files", &["name"])
        .template("show", "{{ file.filename }}", &[("file", "start.file")])
        .line(&["start", "show"]);
    let imported = app.user().try_import(&document.yaml(), "").await;
    let workflow = app.user().workflow(&imported.expect(201)["workflow"]["id"]);
    let file = |id: &Json| json!({"type": "document", "transfer_method": "local_file", "upload_file_id": id});
    let ours = app
        .user()
        .upload("ours.txt", "text/plain", "x")
        .await
        .expect(201);
    let inputs = json!({"start.file": file(&ours["id"])});
    let shown = run(&app, &workflow, "show", json!({"inputs": inputs})).await;
    let executions = app
        .user()
        .node_executions(shown["id"].as_str().unwrap())
        .await;
    assert_eq!(
        executions[1]["outputs"]["output"], "ours.txt",
        "{executions:?}"
    );
    let theirs = app.stranger().upload("theirs.txt", "text/plain", "x").await;
    let inputs = json!({"start.file": file(&theirs.expect(201)["id"])});
    let path = workflow.path("/nodes/show/run");
    let refused = app
        .user()
        .client()
        .post(&path, json!({"inputs": inputs}))
        .await;
    assert_eq!(refused.status, 422, "{}", refused.text);
}

#[tokio::test]
async fn the_word_start_stands_for_the_start_node_whatever_its_id() {
    let app = TestApp::new().await;
    app.credential("customer-acme").await;
    let document = Document::workflow("ids", &["tenant"])
        .llm(
            "ask",
            "for {{#start.tenant#}}",
            "customer-{{#start.tenant#}}",
        )
        .line(&["start", "ask"]);
    let text = document.json().to_string();
    let text = text.replace("\"id\":\"start\"", "\"id\":\"1700000000001\"");
    let text = text.replace("\"source\":\"start\"", "\"source\":\"1700000000001\"");
    let text = text.replace("for {{#start.", "for {{#1700000000001.");
    let imported = app.user().try_import(&text, "").await;
    let workflow = app.user().workflow(&imported.expect(201)["workflow"]["id"]);
    workflow.allow(&["customer-*"]).await;
    for key in ["start.tenant", "1700000000001.tenant"] {
        let done = run(&app, &workflow, "ask", json!({"inputs": {(key): "acme"}})).await;
        assert_eq!(done["status"], "succeeded", "{done}");
    }
    for seen in app.provider().chats() {
        assert_eq!(
            (&*seen.key, seen.prompt.trim()),
            ("test-key-customer-acme", "for acme")
        );
    }
}
