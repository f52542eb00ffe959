//! Workflows that would take for ever: they are limited, they can be stopped, and nobody else notices them.

use std::time::{Duration, Instant};

use latchkey_tests::app::TestApp;
use latchkey_tests::document::Document;
use latchkey_tests::server::Setup;
use latchkey_tests::user::User;
use serde_json::{Value as Json, json};

/// More than the machine has threads for what waits.
const MANY: usize = 4;

fn template(text: &str) -> Document {
    let variables = json!([{"variable": "x", "value_selector": ["start", "x"]}]);
    let data = json!({"template": text, "variables": variables});
    Document::workflow("template", &["x"])
        .node("t", "template-transform", data)
        .end("end", &[("r", "t.output")])
        .line(&["start", "t", "end"])
}

/// Two values of forty small lists, and more than a lifetime to compare them.
fn endless_template() -> Document {
    template(
        "{% set a = namespace(v=['x']) %}{% set b = namespace(v=['x']) %}{% for i in range(40) %}\
         {% set a.v = [a.v, a.v] %}{% set b.v = [b.v, b.v] %}{% endfor %}{{ a.v == b.v }}",
    )
}

/// A path that finds more than there are atoms in a hundred brackets.
fn endless_path() -> Document {
    let content = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let filter = format!("${}", "..*".repeat(20));
    Document::workflow("path", &["x"])
        .tool(
            "look",
            "builtin/json_process/parse",
            &[("content", &content), ("json_filter", &filter)],
        )
        .end("end", &[("r", "look.text")])
        .line(&["start", "look", "end"])
}

fn quick() -> [Document; 2] {
    [
        template("{% for letter in x %}{{ letter }}-{% endfor %}"),
        template("{% set y = x %}{% for letter in y %}{{ letter }}-{% endfor %}"),
    ]
}

#[tokio::test]
async fn they_are_accepted_stopped_and_noticed_by_nobody() {
    let app = TestApp::new().await;
    let mut runs = Vec::new();
    for document in [endless_template(), endless_path()] {
        let workflow = app.publish(&document).await;
        for _ in 0..MANY / 2 {
            runs.push(workflow.detach(json!({"x": "a"})).await);
        }
    }
    let plain = app.publish(&quick()[0]).await;
    let run = plain.run(json!({"x": "abc"})).await;
    assert_eq!(run["outputs"], json!({"r": "a-b-c-"}));
    app.user().client().get("/readyz").await.expect(200);
    for run in &runs {
        app.user().stop(run).await.expect(202);
    }
    for run in &runs {
        assert_eq!(app.user().run_over(run).await["status"], "stopped");
    }
}

#[tokio::test]
async fn the_server_goes_on_and_ends_in_time() {
    let mut server = Setup::sqlite()
        .with("LATCHKEY_SANDBOX_SECONDS", "2")
        .start()
        .await;
    let user = User::new(server.client());
    let bomb = user.publish(&endless_template(), &[]).await;
    let failed = bomb.run(json!({"x": "a"})).await;
    let why = |run: &Json| run["error"]["message"].as_str().unwrap().to_owned();
    assert!(why(&failed).contains("ran longer than 2 s"), "{failed}");
    let path = user.publish(&endless_path(), &[]).await;
    for _ in 0..MANY {
        bomb.detach(json!({"x": "a"})).await;
        path.detach(json!({"x": "a"})).await;
    }
    server.client().get("/readyz").await.expect(200);
    for document in quick() {
        let workflow = user.publish(&document, &[]).await;
        let run = workflow.run(json!({"x": "abc"})).await;
        assert_eq!(run["outputs"], json!({"r": "a-b-c-"}));
    }
    let begun = Instant::now();
    server.terminate();
    assert!(server.exit().await.success());
    assert!(begun.elapsed() < Duration::from_secs(60));
}
