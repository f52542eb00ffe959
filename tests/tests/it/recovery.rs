//! The built binary is killed, or told to end, while runs are under way: they go on, and nothing finished is done again.

use std::time::Duration;

use latchkey_tests::document::{self, Document};
use latchkey_tests::provider::{Provider, Reply, Rule};
use latchkey_tests::server::{Server, Setup};
use latchkey_tests::sse::Event;
use latchkey_tests::user::{User, Workflow};
use latchkey_tests::wait;
use serde_json::{Value as Json, json};

struct World {
    server: Server,
    provider: Provider,
    user: User,
}

impl World {
    async fn on(setup: Setup) -> Self {
        let server = setup.start().await;
        let provider = Provider::start();
        let user = User::new(server.client());
        user.credential("only", "test-key-only", &provider).await;
        Self {
            server,
            provider,
            user,
        }
    }

    /// Kills the server and starts it again.
    async fn crash(&mut self) {
        self.server.kill();
        self.server.start().await;
    }

    /// How often the provider was asked about each prompt.
    fn asked(&self, part: &str) -> usize {
        let chats = self.provider.chats();
        chats
            .iter()
            .filter(|seen| seen.prompt.contains(part))
            .count()
    }
}

/// Two models, one after the other.
fn two_models() -> Document {
    Document::workflow("two models", &["question"])
        .llm("one", "first {{#start.question#}}", "only")
        .llm("two", "second {{#one.text#}}", "only")
        .end("end", &[("answer", "two.text")])
        .line(&["start", "one", "two", "end"])
}

fn text(events: &[Event]) -> String {
    let mut text = String::new();
    for event in events {
        match event.name.as_str() {
            "text_chunk" => text.push_str(event.data["text"].as_str().unwrap()),
            "node_restarted" => text = event.data["text"].as_str().unwrap().to_owned(),
            _ => {}
        }
    }
    text
}

async fn an_interrupted_run_goes_on_where_it_was(setup: Setup) {
    let mut world = World::on(setup).await;
    world
        .provider
        .script(Rule::for_prompt("first", Reply::words("one")));
    world
        .provider
        .script(Rule::for_prompt("second", Reply::HangsAfter("tw".to_owned())).times(1));
    world
        .provider
        .script(Rule::for_prompt("second", Reply::words("two")));
    let workflow = world.user.publish(&two_models(), &[]).await;
    let mut stream = workflow.stream(json!({"question": "why"})).await;
    let before = stream.until("text_chunk").await;
    let run = before[0].data["run_id"].as_str().unwrap().to_owned();
    let last = before.last().unwrap().id.clone();
    world.crash().await;
    let over = world.user.run_over(&run).await;
    assert_eq!(
        (&over["status"], &over["outputs"]),
        (&json!("succeeded"), &json!({"answer": "two"})),
        "{over}"
    );
    assert_eq!((world.asked("first"), world.asked("second")), (1, 2));
    let calls = world.user.model_calls(&run).await;
    let mut outcomes: Vec<_> = calls
        .iter()
        .map(|call| call["outcome"].as_str().unwrap())
        .collect();
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["lost", "succeeded", "succeeded"]);
    let nodes = world.user.node_executions(&run).await;
    let kinds: Vec<_> = nodes
        .iter()
        .map(|node| node["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["start", "llm", "llm", "end"]);
    let after = world.user.events(&run, Some(&last)).await.rest().await;
    assert_eq!(after[0].name, "node_restarted", "{after:?}");
    assert_eq!(
        after.iter().filter(|it| it.name == "run_finished").count(),
        1
    );
    let all: Vec<Event> = before.into_iter().chain(after).collect();
    assert_eq!(text(&all), "two", "what was said in vain is taken back");
    let told = world.user.events(&run, None).await.rest().await;
    assert_eq!(text(&told), "two");
}

#[tokio::test]
async fn an_interrupted_run_goes_on_where_it_was_on_sqlite() {
    an_interrupted_run_goes_on_where_it_was(Setup::sqlite()).await;
}

#[tokio::test]
async fn an_interrupted_run_goes_on_where_it_was_on_postgres() {
    let postgres = latchkey_tests::requires!(postgres);
    an_interrupted_run_goes_on_where_it_was(Setup::postgres(postgres).await).await;
}

#[tokio::test]
async fn items_of_an_iteration_that_have_ended_are_not_asked_again() {
    let mut world = World::on(Setup::sqlite()).await;
    world
        .provider
        .script(Rule::for_prompt("item c", Reply::Hangs).times(1));
    world.provider.script(Rule::always(Reply::words("done")));
    let list = json!({"code_language": "python3", "code": "def main():\n    return {'list': ['item a', 'item b', 'item c', 'item d']}",
        "variables": [], "outputs": {"list": {"type": "array[string]", "children": null}}});
    let document = Document::workflow("items", &[])
        .node("list", "code", list)
        .iteration("each", "list.list", "ask.text")
        .llm("ask", "{{#each.item#}}", "only")
        .outside()
        .end("end", &[("answers", "each.output")])
        .line(&["start", "list", "each", "end"])
        .edge("eachstart", "ask");
    let workflow = world.user.publish(&document, &[]).await;
    let run = workflow.detach(json!({})).await;
    world.provider.arrived(4).await;
    wait::until("three items have ended", async || {
        let calls = world.user.model_calls(&run).await;
        let ended = calls.iter().filter(|call| call["outcome"] == "succeeded");
        (ended.count() == 3).then_some(())
    })
    .await;
    wait::until("their nodes are written", async || {
        let nodes = world.user.node_executions(&run).await;
        let ended = nodes.iter().filter(|node| node["type"] == "llm");
        (ended.count() == 3).then_some(())
    })
    .await;
    world.crash().await;
    let over = world.user.run_over(&run).await;
    assert_eq!(
        over["outputs"]["answers"].as_array().map(Vec::len),
        Some(4),
        "{over}"
    );
    let asked = ["item a", "item b", "item c", "item d"].map(|item| world.asked(item));
    assert_eq!(asked, [1, 1, 2, 1]);
}

#[tokio::test]
async fn a_node_that_must_not_run_twice_fails_instead() {
    let mut world = World::on(Setup::sqlite()).await;
    world.provider.script(Rule::always(Reply::Hangs));
    let mut json = document::one_model("only").json();
    let nodes = json["workflow"]["graph"]["nodes"].as_array_mut().unwrap();
    let model = nodes
        .iter_mut()
        .find(|node| node["data"]["type"] == "llm")
        .unwrap();
    model["data"]["on_recovery"] = json!("fail");
    let workflow = world.user.publish(&Document::from_json(json), &[]).await;
    let run = workflow
        .detach(json!({"tenant": "acme", "question": "why"}))
        .await;
    world.provider.arrived(1).await;
    world.crash().await;
    let over = world.user.run_over(&run).await;
    assert_eq!(
        (&over["status"], &over["error"]["code"]),
        (&json!("failed"), &json!("node_failed")),
        "{over}"
    );
    assert_eq!(world.provider.chats().len(), 1);
    let nodes = world.user.node_executions(&run).await;
    assert_eq!(
        nodes.last().unwrap()["error"]["error_type"],
        "NodeInterrupted",
        "{nodes:?}"
    );
}

#[tokio::test]
async fn a_paused_run_outlives_its_server() {
    let mut world = World::on(Setup::sqlite()).await;
    let workflow = world.user.publish(&document::approval(), &[]).await;
    let run = workflow.run(json!({"what": "it"})).await;
    assert_eq!(run["status"], "paused", "{run}");
    let id = run["id"].as_str().unwrap();
    world.crash().await;
    let forms = world.user.pages(&format!("/api/v1/runs/{id}/forms")).await;
    let path = format!("/runs/{id}/forms/{}", forms[0]["id"].as_str().unwrap());
    let answer = world.user.post(&path, json!({"action": "approve"})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let over = world.user.run_over(id).await;
    assert_eq!(over["outputs"], json!({"said": "Approve"}), "{over}");
}

async fn what_does_not_end_in_time_goes_on_at_the_next_start(setup: Setup) {
    let mut world = World::on(setup.with("LATCHKEY_DRAIN_SECONDS", "0")).await;
    world
        .provider
        .script(Rule::for_prompt("second", Reply::Hangs).times(1));
    world.provider.script(Rule::always(Reply::words("well")));
    let workflow = world.user.publish(&two_models(), &[]).await;
    let run = workflow.detach(json!({"question": "why"})).await;
    world.provider.arrived(2).await;
    world.server.terminate();
    assert!(world.server.exit().await.success());
    world.server.start().await;
    let over = world.user.run_over(&run).await;
    assert_eq!(over["outputs"], json!({"answer": "well"}), "{over}");
    assert_eq!((world.asked("first"), world.asked("second")), (1, 2));
}

#[tokio::test]
async fn what_does_not_end_in_time_goes_on_at_the_next_start_on_sqlite() {
    what_does_not_end_in_time_goes_on_at_the_next_start(Setup::sqlite()).await;
}

#[tokio::test]
async fn what_does_not_end_in_time_goes_on_at_the_next_start_on_postgres() {
    let postgres = latchkey_tests::requires!(postgres);
    let setup = Setup::postgres(postgres).await;
    what_does_not_end_in_time_goes_on_at_the_next_start(setup).await;
}

#[tokio::test]
async fn a_run_that_kills_its_server_again_and_again_is_given_up() {
    let mut world = World::on(Setup::sqlite()).await;
    world.provider.script(Rule::always(Reply::Hangs));
    let workflow = world.user.publish(&document::one_model("only"), &[]).await;
    let run = workflow
        .detach(json!({"tenant": "acme", "question": "why"}))
        .await;
    for times in 1..=6 {
        world.provider.arrived(times).await;
        world.crash().await;
    }
    let over = world.user.run_over(&run).await;
    assert_eq!(
        (&over["status"], &over["error"]["code"]),
        (&json!("failed"), &json!("run_poisoned")),
        "{over}"
    );
    let calls = world.user.model_calls(&run).await;
    assert_eq!(
        calls.len(),
        world.provider.chats().len(),
        "each call is a row"
    );
    assert!(calls.iter().all(|call| call["outcome"] == "lost"));
}

#[tokio::test]
async fn values_of_a_run_s_own_outlive_its_server() {
    let mut world = World::on(Setup::sqlite()).await;
    world
        .provider
        .script(Rule::for_prompt("second", Reply::Hangs).times(1));
    world.provider.script(Rule::always(Reply::words("well")));
    let document = Document::workflow("own", &["question"])
        .llm("one", "first {{#start.question#}}", "")
        .llm("two", "second {{#one.text#}}", "")
        .end("end", &[("answer", "two.text")])
        .line(&["start", "one", "two", "end"]);
    let workflow = world.user.publish(&document, &[]).await;
    let settings = json!({"bindings": [], "weakest": "workspace_default", "runtime_override": "inline", "runtime_allow": [], "runtime_hosts": [world.provider.host()]});
    let set = world
        .user
        .client()
        .put(&workflow.path("/credential-settings"), settings)
        .await;
    assert_eq!(set.status, 200, "{}", set.text);
    let values = json!({"api_key": "test-key-inline", "base_url": world.provider.base_url()});
    let body = json!({"inputs": {"question": "why"}, "response_mode": "detached", "credential_overrides": {"deepseek": {"values": values}}});
    let run = workflow.start(body).await.expect(202)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    world.provider.arrived(2).await;
    world.crash().await;
    let over = world.user.run_over(&run).await;
    assert_eq!(over["outputs"], json!({"answer": "well"}), "{over}");
    assert_eq!(
        world.provider.calls_by_key().get("test-key-inline"),
        Some(&3)
    );
}

/// One run at a time: what comes after waits, and what waits too long is over.
#[tokio::test]
async fn runs_wait_for_their_turn_and_no_more_wait_than_may() {
    let setup = Setup::sqlite()
        .with("LATCHKEY_RUNS_PER_WORKFLOW", "1")
        .with("LATCHKEY_QUEUE_PER_WORKSPACE", "1");
    let mut world = World::on(setup).await;
    world
        .provider
        .script(Rule::for_prompt("=first", Reply::Hangs).times(1));
    world.provider.script(Rule::always(Reply::words("well")));
    let workflow = world.user.publish(&document::one_model("only"), &[]).await;
    let start = |question: &str| {
        let body = json!({"inputs": {"tenant": "acme", "question": question}, "response_mode": "detached"});
        workflow.start(body)
    };
    let first = start("first").await.expect(202);
    world.provider.arrived(1).await;
    let second = start("second").await.expect(202);
    assert_eq!(
        (&first["status"], &second["status"]),
        (&json!("running"), &json!("queued"))
    );
    let third = start("third").await;
    assert_eq!(third.refusal(), (429, "queue_full".to_owned()));
    world.crash().await;
    for run in [&first, &second] {
        let over = world.user.run_over(run["id"].as_str().unwrap()).await;
        assert_eq!(over["status"], "succeeded", "{over}");
    }
}

#[tokio::test]
async fn a_run_that_waits_too_long_is_over() {
    let setup = Setup::sqlite()
        .with("LATCHKEY_RUNS_PER_WORKFLOW", "1")
        .with("LATCHKEY_QUEUE_TIMEOUT_SECONDS", "1");
    let world = World::on(setup).await;
    world.provider.script(Rule::always(Reply::Hangs));
    let workflow: Workflow = world.user.publish(&document::one_model("only"), &[]).await;
    let inputs = || json!({"tenant": "acme", "question": "why"});
    let first = workflow.detach(inputs()).await;
    let waits = workflow.run(inputs()).await;
    assert_eq!(
        (&waits["status"], &waits["error"]["code"]),
        (&json!("failed"), &json!("queue_timeout")),
        "{waits}"
    );
    let begun = std::time::Instant::now();
    let stopped = world.user.stop(&first).await;
    assert_eq!(stopped.status, 202, "{}", stopped.text);
    assert!(begun.elapsed() < Duration::from_secs(10));
    let over: Json = world.user.run_over(&first).await;
    assert_eq!(over["status"], "stopped");
}

#[tokio::test]
async fn a_node_and_a_run_end_when_their_time_is_over() {
    let world = World::on(Setup::sqlite().with("LATCHKEY_RUN_TIMEOUT_SECONDS", "2")).await;
    world.provider.script(Rule::always(Reply::Hangs));
    let inputs = || json!({"tenant": "acme", "question": "why"});
    let workflow = world.user.publish(&document::one_model("only"), &[]).await;
    let run = workflow.run(inputs()).await;
    assert_eq!(
        (&run["status"], &run["error"]["code"]),
        (&json!("stopped"), &json!("time_limit")),
        "{run}"
    );
    let mut json = document::one_model("only").json();
    let nodes = json["workflow"]["graph"]["nodes"].as_array_mut().unwrap();
    let model = nodes
        .iter_mut()
        .find(|node| node["data"]["type"] == "llm")
        .unwrap();
    model["data"]["timeout_seconds"] = json!(0.2);
    let workflow = world.user.publish(&Document::from_json(json), &[]).await;
    let run = workflow.run(inputs()).await;
    assert_eq!(run["status"], "failed", "{run}");
    let nodes = world
        .user
        .node_executions(run["id"].as_str().unwrap())
        .await;
    assert_eq!(
        nodes.last().unwrap()["error"]["error_type"],
        "NodeTimeout",
        "{nodes:?}"
    );
}
