//! Code nodes in whole runs: in the app, in the built binary, and on the command line.

use latchkey_tests::app::TestApp;
use latchkey_tests::document::Document;
use latchkey_tests::server::Setup;
use latchkey_tests::user::User;
use serde_json::{Value as Json, json};

/// Start → one code node with the input `x` → end with its output `r`.
fn one_code(language: &str, code: &str, kind: &str, more: Json) -> Document {
    let variables = json!([{"variable": "x", "value_selector": ["start", "x"]}]);
    let mut data = json!({"code_language": language, "code": code, "variables": variables,
        "outputs": {"r": {"type": kind, "children": null}}});
    let more = more.as_object().unwrap().clone();
    data.as_object_mut().unwrap().extend(more);
    Document::workflow("code", &["x"])
        .node("code", "code", data)
        .end("end", &[("r", "code.r")])
        .line(&["start", "code", "end"])
}

fn python(body: &str, more: Json) -> Document {
    one_code(
        "python3",
        &format!("def main(x):\n    {body}\n"),
        "string",
        more,
    )
}

#[tokio::test]
async fn both_languages_answer_and_failures_tell_the_line() {
    let app = TestApp::new().await;
    let run = async |document: &Document| app.publish(document).await.run(json!({"x": "a"})).await;
    let script = "const main = ({x}) => ({r: x.repeat(3)})";
    for document in [
        python("return {'r': x * 3}", json!({})),
        one_code("javascript", script, "string", json!({})),
    ] {
        assert_eq!(run(&document).await["outputs"], json!({"r": "aaa"}));
    }
    let failed = run(&python("raise ValueError('boom ' + x)", json!({}))).await;
    assert_eq!(
        (&failed["status"], &failed["error"]["node_id"]),
        (&json!("failed"), &json!("code"))
    );
    let why = failed["error"]["message"].as_str().unwrap();
    assert!(
        why.contains("line 2, in main") && why.contains("boom a"),
        "{why}"
    );
}

#[tokio::test]
async fn a_failing_node_may_have_defaults() {
    let app = TestApp::new().await;
    let defaults = json!({"error_strategy": "default-value", "default_value": [{"key": "r", "type": "string", "value": "none"}],
        "retry_config": {"retry_enabled": true, "max_retries": 1, "retry_interval": 0}});
    let workflow = app.publish(&python("return {'wrong': x}", defaults)).await;
    let run = workflow.run(json!({"x": "a"})).await;
    assert_eq!(
        (&run["status"], &run["outputs"]),
        (&json!("partial-succeeded"), &json!({"r": "none"}))
    );
    let nodes = app
        .user()
        .node_executions(run["id"].as_str().unwrap())
        .await;
    let code = nodes.iter().find(|node| node["node_id"] == "code").unwrap();
    assert_eq!(
        (&code["attempts"], &code["outputs"]["error_type"]),
        (&json!(2), &json!("OutputValidationError"))
    );
}

#[tokio::test]
async fn a_secret_that_code_is_given_shows_nowhere() {
    let app = TestApp::new().await;
    let mut document = python("raise ValueError('with ' + x)", json!({})).json();
    document["workflow"]["environment_variables"] = json!([{"id": "e", "name": "token", "value": "test-key-of-code", "value_type": "secret", "selector": ["env", "token"]}]);
    document["workflow"]["graph"]["nodes"][1]["data"]["variables"][0]["value_selector"] =
        json!(["env", "token"]);
    let workflow = app.publish(&Document::from_json(document)).await;
    let run = workflow.run(json!({})).await;
    assert_eq!(run["status"], "failed");
    assert!(
        run["error"]["message"]
            .as_str()
            .unwrap()
            .contains("with test-k"),
        "{run}"
    );
    let nodes = app
        .user()
        .node_executions(run["id"].as_str().unwrap())
        .await;
    let said = format!("{run}{}", json!(nodes));
    assert!(!said.contains("test-key-of-code"), "{said}");
}

#[tokio::test]
async fn a_stopped_run_ends_its_code() {
    let app = TestApp::new().await;
    let workflow = app.publish(&python("while True: pass", json!({}))).await;
    let run = workflow.detach(json!({"x": "a"})).await;
    app.user().stop(&run).await.expect(202);
    assert_eq!(app.user().run_over(&run).await["status"], "stopped");
}

#[tokio::test]
async fn the_binary_is_its_own_launcher() {
    let server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    let document = python(
        "import os; return {'r': f'{os.getpid()} {os.path.exists(\"/proc\")}'}",
        json!({}),
    );
    let run = user
        .publish(&document, &[])
        .await
        .run(json!({"x": "a"}))
        .await;
    assert_eq!(run["outputs"], json!({"r": "1 False"}), "{run}");
    let file = server.home().join("code.yml");
    std::fs::write(&file, document.yaml()).unwrap();
    let output = server.cli(&["run", file.to_str().unwrap(), "-i", "x=a"]);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "1 False\n",
        "{output:?}"
    );
}

#[tokio::test]
async fn doctor_tells_whether_code_can_run() {
    let server = Setup::sqlite()
        .with("LATCHKEY_SANDBOX_PYTHON", "/no/such/python")
        .prepare();
    let output = server.cli(&["doctor"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("ok    code: runs confined"), "{said}");
    assert!(
        said.contains("bad   Python: there is no Python here"),
        "{said}"
    );
    let said = Setup::sqlite().prepare().cli(&["doctor"]).stdout;
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(said.contains("ok    Python: 3."), "{said}");
}
