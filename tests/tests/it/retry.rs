//! Runs that are repeated: what was paid for and still stands is not paid for again.

use latchkey_tests::document::Document;
use latchkey_tests::provider::{Provider, Reply, Rule};
use latchkey_tests::server::{Server, Setup};
use latchkey_tests::user::{User, Workflow};
use serde_json::{Value as Json, json};

struct World {
    _server: Server,
    provider: Provider,
    user: User,
    workflow: Workflow,
}

fn document(second: &str) -> Document {
    Document::workflow("retried", &["question"])
        .llm("one", "first {{#start.question#}}", "only")
        .llm("two", &format!("{second} {{{{#one.text#}}}}"), "only")
        .end("end", &[("answer", "two.text")])
        .line(&["start", "one", "two", "end"])
}

impl World {
    async fn new() -> Self {
        let server = Setup::sqlite().start().await;
        let provider = Provider::start();
        let user = User::new(server.client());
        user.credential("only", "test-key-only", &provider).await;
        let workflow = user.publish(&document("second"), &[]).await;
        Self {
            _server: server,
            provider,
            user,
            workflow,
        }
    }

    /// A run whose second model has failed; its id.
    async fn failed(&self) -> String {
        self.provider
            .script(Rule::for_prompt("second", Reply::server_error(400)).times(1));
        self.provider
            .script(Rule::for_prompt("first", Reply::words("one")));
        self.provider.script(Rule::always(Reply::words("two")));
        let run = self.workflow.run(json!({"question": "why"})).await;
        assert_eq!(run["status"], "failed", "{run}");
        run["id"].as_str().unwrap().to_owned()
    }

    async fn retried(&self, run: &str, body: Json) -> Json {
        let new = self
            .user
            .post(&format!("/runs/{run}/retry"), body)
            .await
            .expect(201);
        assert_eq!(new["retried_from"], run);
        self.user.run_over(new["id"].as_str().unwrap()).await
    }

    async fn statuses(&self, run: &Json) -> Vec<(String, String)> {
        let nodes = self.user.node_executions(run["id"].as_str().unwrap()).await;
        let text = |value: &Json| value.as_str().unwrap().to_owned();
        nodes
            .iter()
            .map(|node| (text(&node["node_id"]), text(&node["status"])))
            .collect()
    }

    fn asked(&self, part: &str) -> usize {
        let chats = self.provider.chats();
        chats
            .iter()
            .filter(|seen| seen.prompt.contains(part))
            .count()
    }
}

fn told(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = pairs.iter();
    pairs
        .map(|(one, two)| ((*one).to_owned(), (*two).to_owned()))
        .collect()
}

#[tokio::test]
async fn from_what_failed_on_the_rest_is_reused() {
    let world = World::new().await;
    let failed = world.failed().await;
    let run = world
        .retried(&failed, json!({"from": "failed", "version": "same"}))
        .await;
    assert_eq!(run["outputs"], json!({"answer": "two"}), "{run}");
    assert_eq!((world.asked("first"), world.asked("second")), (1, 2));
    let expected = [
        ("start", "succeeded"),
        ("one", "reused"),
        ("two", "succeeded"),
        ("end", "succeeded"),
    ];
    assert_eq!(world.statuses(&run).await, told(&expected));
    let calls = world.user.model_calls(run["id"].as_str().unwrap()).await;
    assert_eq!(calls.len(), 1, "nothing is paid for twice");
    let again = world
        .retried(run["id"].as_str().unwrap(), json!({"from": "two"}))
        .await;
    assert_eq!((world.asked("first"), world.asked("second")), (1, 3));
    assert_eq!(
        world.statuses(&again).await,
        told(&expected),
        "what was reused is reused again"
    );
}

#[tokio::test]
async fn a_node_that_is_named_and_what_follows_are_executed_again() {
    let world = World::new().await;
    let failed = world.failed().await;
    let run = world.retried(&failed, json!({"from": "one"})).await;
    assert_eq!(run["status"], "succeeded", "{run}");
    assert_eq!((world.asked("first"), world.asked("second")), (2, 2));
    let unknown = world
        .user
        .post(&format!("/runs/{failed}/retry"), json!({"from": "nobody"}))
        .await;
    assert_eq!(unknown.refusal(), (422, "invalid_input".to_owned()));
}

#[tokio::test]
async fn in_a_newer_version_what_has_changed_is_executed_again() {
    let world = World::new().await;
    let failed = world.failed().await;
    let (_, etag) = world.workflow.draft().await;
    let changed = document("better");
    let _ = world
        .workflow
        .put_draft(&changed.json(), &etag)
        .await
        .expect(200);
    world.workflow.publish().await;
    let run = world
        .retried(&failed, json!({"from": "failed", "version": "published"}))
        .await;
    assert_eq!(
        (&run["status"], &run["version"]),
        (&json!("succeeded"), &json!(2)),
        "{run}"
    );
    assert_eq!(
        (
            world.asked("first"),
            world.asked("second"),
            world.asked("better")
        ),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn a_repeated_run_states_its_credentials_again() {
    let world = World::new().await;
    world
        .provider
        .script(Rule::always(Reply::server_error(400)));
    let path = world.workflow.path("/credential-settings");
    let mut settings = world.user.client().get(&path).await.expect(200);
    settings["runtime_override"] = json!("named");
    settings["runtime_allow"] = json!(["*"]);
    let _ = world.user.client().put(&path, settings).await.expect(200);
    let overrides = json!({"deepseek": {"credential_name": "only"}});
    let body = json!({"inputs": {"question": "why"}, "credential_overrides": overrides});
    let run = world.workflow.start(body).await.expect(200)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/runs/{run}/retry");
    let refused = world.user.post(&path, json!({"from": "failed"})).await;
    assert_eq!(
        refused.refusal(),
        (422, "credential_override_required".to_owned())
    );
    let accepted = world
        .user
        .post(
            &path,
            json!({"from": "failed", "credential_overrides": overrides}),
        )
        .await;
    assert_eq!(accepted.status, 201, "{}", accepted.text);
}

#[tokio::test]
async fn a_run_that_is_not_over_is_not_repeated() {
    let world = World::new().await;
    world.provider.script(Rule::always(Reply::Hangs));
    let run = world.workflow.detach(json!({"question": "why"})).await;
    let refused = world
        .user
        .post(&format!("/runs/{run}/retry"), json!({"from": "failed"}))
        .await;
    assert_eq!(refused.refusal(), (409, "run_not_over".to_owned()));
}
