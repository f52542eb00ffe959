//! Tool providers whose server is a program of the operator: who may have one, whose key it gets, and what is kept to whom.

use latchkey_tests::app::TestApp;
use latchkey_tests::canary;
use latchkey_tests::document::Document;
use latchkey_tests::user::User;
use serde_json::{Value as Json, json};

/// Start → the sum of two numbers → end.
fn sum(provider: &str) -> Document {
    Document::workflow("sum", &["a", "b"])
        .tool(
            "look",
            &format!("mcp/{provider}/add"),
            &[("a", "{{#start.a#}}"), ("b", "{{#start.b#}}")],
        )
        .end("end", &[("text", "look.text")])
        .line(&["start", "look", "end"])
}

async fn provide(user: &User, name: &str, program: &str) -> Json {
    let url = format!("stdio:{program}");
    let new = json!({"name": name, "kind": "mcp", "url": url});
    user.post("/tool-providers", new).await.expect(201)
}

async fn credential(user: &User, provider: &str, name: &str) -> Json {
    let new = json!({"provider": format!("tool/{provider}"), "name": name, "values": {"api_key": key(name)}, "default": true});
    user.post("/credentials", new).await.expect(201)
}

fn key(name: &str) -> String {
    format!("canary-{name}/+&=7a1d9e5b")
}

#[tokio::test]
async fn a_member_names_a_program_of_the_list_and_no_command() {
    let app = TestApp::new().await;
    let made = provide(app.user(), "sums", "sums").await;
    assert_eq!(
        (&made["kind"], &made["auth"]),
        (&json!("mcp"), &json!({"type": "none"}))
    );
    let workflow = app.publish(&sum("sums")).await;
    let run = workflow.run(json!({"a": "2", "b": "3"})).await;
    assert_eq!(run["outputs"], json!({"text": "the sum is 5, says nobody"}));
    let run = workflow.run(json!({"a": "2", "b": "lie"})).await;
    let why = run["error"]["message"].as_str().unwrap();
    assert!(why.contains("breaks its promise"), "{why}");
    for (body, code, pointer) in [
        (json!({"url": "stdio:other"}), "invalid_url", "/url"),
        (json!({"url": "stdio:"}), "invalid_url", "/url"),
        (json!({"url": "stdio:/bin/sh"}), "invalid_url", "/url"),
        (json!({"url": "stdio:sums -x"}), "invalid_url", "/url"),
        (json!({"url": "STDIO:sums"}), "invalid_url", "/url"),
        (
            json!({"url": "stdio:sums", "auth": {"type": "bearer"}}),
            "invalid_input",
            "/auth",
        ),
        (json!({"url": "stdio:dead"}), "tool_server_failed", "/url"),
    ] {
        let mut new = json!({"name": "x", "kind": "mcp"});
        new.as_object_mut()
            .unwrap()
            .extend(body.as_object().unwrap().clone());
        let refused = app.user().post("/tool-providers", new).await.expect(422);
        assert_eq!(refused["code"], code, "{body}: {refused}");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{body}");
    }
    let path = format!("/tool-providers/{}", made["id"].as_str().unwrap());
    let changed = app
        .user()
        .patch(&path, json!({"auth": {"type": "bearer"}}))
        .await;
    assert_eq!(changed.expect(422)["errors"][0]["pointer"], "/auth");
    let moved = app.user().patch(&path, json!({"url": "stdio:keyed"})).await;
    assert_eq!(moved.expect(422)["errors"][0]["pointer"], "/auth");
    let moved = json!({"url": "stdio:keyed", "auth": {"type": "bearer"}});
    let moved = app.user().patch(&path, moved).await.expect(200);
    assert_eq!(moved["auth"], json!({"type": "bearer"}));
}

#[tokio::test]
async fn each_workspace_has_a_process_with_its_own_key() {
    let app = TestApp::new().await;
    let mut answers = Vec::new();
    for (user, name) in [(app.user(), "house"), (app.stranger(), "customer")] {
        let made = provide(user, "keyed", "keyed").await;
        assert_eq!(made["auth"], json!({"type": "bearer"}));
        let stored = credential(user, "keyed", name).await;
        assert_eq!(stored["hosts"], json!(["keyed.stdio.invalid"]));
        let path = format!("/tool-providers/{}/refresh", made["id"].as_str().unwrap());
        let _ = user.post(&path, json!({})).await.expect(200);
        let workflow = user.publish(&sum("keyed"), &[]).await;
        let run = workflow.run(json!({"a": "1", "b": "1"})).await;
        assert_eq!(run["status"], "succeeded", "{run}");
        answers.push(run["outputs"]["text"].as_str().unwrap().to_owned());
        let nodes = user.node_executions(run["id"].as_str().unwrap()).await;
        let places = [
            ("run".to_owned(), run.to_string().into_bytes()),
            ("nodes".to_owned(), format!("{nodes:?}").into_bytes()),
        ];
        assert_eq!(canary::search(&key(name), &places), Vec::<String>::new());
        let look = nodes.iter().find(|node| node["node_id"] == "look").unwrap();
        assert_eq!(look["resolution"]["credential_name"], name);
    }
    // The program repeats the key that it has got, which is masked.
    assert!(
        answers
            .iter()
            .all(|text| text.starts_with("the sum is 2, says ") && !text.contains("canary")),
        "{answers:?}"
    );
}

#[tokio::test]
async fn a_key_for_a_server_on_the_network_never_reaches_a_program() {
    let app = TestApp::new().await;
    let new = json!({"name": "keyed", "kind": "mcp", "url": "https://mcp.example.com/mcp", "auth": {"type": "bearer"}});
    let made = app.user().post("/tool-providers", new).await.expect(201);
    credential(app.user(), "keyed", "house").await;
    let path = format!("/tool-providers/{}", made["id"].as_str().unwrap());
    let _ = app
        .user()
        .patch(&path, json!({"url": "stdio:keyed"}))
        .await
        .expect(200);
    let refused = app.user().post(&format!("{path}/refresh"), json!({})).await;
    assert_eq!(refused.expect(422)["code"], "credential_forbidden");
}
