//! Runs of the built binary from start to end: modes, streams that are picked up again, stopping, crashing, draining.

use std::time::{Duration, Instant};

use latchkey_tests::document::{self, Document};
use latchkey_tests::provider::{Provider, Reply, Rule};
use latchkey_tests::server::{Server, Setup};
use latchkey_tests::sse::Event;
use latchkey_tests::user::{User, Workflow};
use serde_json::{Value as Json, json};

/// A server, a user, and a workflow of one LLM node whose key is the only one.
struct World {
    server: Server,
    provider: Provider,
    user: User,
    workflow: Workflow,
}

impl World {
    async fn new(reply: Reply) -> Self {
        Self::on(Setup::sqlite(), reply).await
    }

    async fn on(setup: Setup, reply: Reply) -> Self {
        let server = setup.start().await;
        let provider = Provider::start();
        provider.script(Rule::always(reply));
        let user = User::new(server.client());
        user.credential("only", "test-key-only", &provider).await;
        let workflow = user.publish(&document::one_model("only"), &[]).await;
        Self {
            server,
            provider,
            user,
            workflow,
        }
    }
}

fn question() -> Json {
    json!({"tenant": "acme", "question": "why"})
}

fn names(events: &[Event]) -> Vec<&str> {
    let mut names: Vec<_> = events.iter().map(|event| event.name.as_str()).collect();
    names.dedup();
    names
}

fn text(events: &[Event]) -> String {
    let chunk = |e: &Event| {
        (e.name == "text_chunk")
            .then(|| e.data["text"].as_str().map(str::to_owned))
            .flatten()
    };
    events.iter().filter_map(chunk).collect()
}

#[tokio::test]
async fn a_blocking_run_answers_outputs_usage_and_steps() {
    let world = World::new(Reply::words("because it is so")).await;
    let run = world.workflow.run(question()).await;
    assert_eq!(run["status"], "succeeded", "{run}");
    assert_eq!(run["outputs"], json!({"answer": "because it is so"}));
    // `tenant=acme question=why` are two words, by the provider's counting rule.
    assert_eq!(
        (
            &run["usage"]["input_tokens"],
            &run["usage"]["output_tokens"]
        ),
        (&json!(2), &json!(4))
    );
    assert_eq!(run["steps"], 3);
}

#[tokio::test]
async fn a_streaming_run_tells_its_events_in_order() {
    let world = World::new(Reply::words("because it is so")).await;
    let events = world.workflow.stream_to_end(question()).await;
    let expected = [
        "run_started",
        "node_started",
        "node_finished",
        "node_started",
        "model_call",
        "text_chunk",
        "node_finished",
        "node_started",
        "node_finished",
        "run_finished",
    ];
    assert_eq!(names(&events), expected);
    assert_eq!(text(&events), "because it is so");
    assert_eq!(
        events.last().unwrap().data["outputs"]["answer"],
        "because it is so"
    );
}

#[tokio::test]
async fn a_detached_run_goes_on_alone() {
    let world = World::new(Reply::words("done")).await;
    let run = world.workflow.detach(question()).await;
    assert_eq!(world.user.run_over(&run).await["status"], "succeeded");
    let nodes = world.user.node_executions(&run).await;
    let types: Vec<_> = nodes
        .iter()
        .map(|node| node["type"].as_str().unwrap())
        .collect();
    assert_eq!(types, ["start", "llm", "end"]);
}

#[tokio::test]
async fn a_stream_is_picked_up_again_without_gap_or_duplicate() {
    let world = World::new(Reply::Gated("one two three four five six".to_owned())).await;
    let mut stream = world.workflow.stream(question()).await;
    world.provider.release(2);
    let mut events = stream.until("text_chunk").await;
    let run = events[0].data["run_id"].as_str().unwrap().to_owned();
    drop(stream);
    world.provider.release(4);
    let last = events.last().unwrap().id.clone();
    events.extend(world.user.events(&run, Some(&last)).await.rest().await);
    assert_eq!(text(&events), "one two three four five six");
    assert_eq!(
        events.iter().filter(|e| e.name == "run_finished").count(),
        1
    );
    let mut ids: Vec<_> = events.iter().map(|e| e.id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), events.len(), "an event came twice");
}

#[tokio::test]
async fn the_events_of_a_run_that_is_over_can_be_read_from_anywhere() {
    let world = World::new(Reply::words("done it is")).await;
    let live = world.workflow.stream_to_end(question()).await;
    let run = live[0].data["run_id"].as_str().unwrap();
    let again = world.user.events(run, None).await.rest().await;
    assert_eq!(names(&again), names(&live));
    let durable: Vec<_> = again.iter().filter(|e| e.name == "node_finished").collect();
    let rest = world
        .user
        .events(run, Some(&durable[0].id))
        .await
        .rest()
        .await;
    let after = again.iter().skip_while(|e| e.id != durable[0].id).skip(1);
    assert_eq!(rest, after.cloned().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_client_that_leaves_does_not_stop_the_run() {
    let world = World::new(Reply::Gated("slow words".to_owned())).await;
    let mut stream = world.workflow.stream(question()).await;
    let started = stream.next().await.unwrap();
    world.provider.arrived(1).await;
    drop(stream);
    world.provider.release(2);
    let run = world
        .user
        .run_over(started.data["run_id"].as_str().unwrap())
        .await;
    assert_eq!(
        (&run["status"], &run["outputs"]["answer"]),
        (&json!("succeeded"), &json!("slow words"))
    );
}

#[tokio::test]
async fn a_stopped_run_leaves_its_provider_at_once() {
    let world = World::new(Reply::Hangs).await;
    let run = world.workflow.detach(question()).await;
    world.provider.arrived(1).await;
    let asked = Instant::now();
    let _ = world.user.stop(&run).await.expect(202);
    let over = world.user.run_over(&run).await;
    world.provider.is_quiet().await;
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "{:?}",
        asked.elapsed()
    );
    assert_eq!(over["status"], "stopped");
    let calls = world.user.model_calls(&run).await;
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0]["outcome"], "cancelled", "{}", calls[0]);
}

#[tokio::test]
async fn a_stopped_run_stays_stopped() {
    let world = World::new(Reply::Hangs).await;
    let run = world.workflow.detach(question()).await;
    world.provider.arrived(1).await;
    let _ = world.user.stop(&run).await.expect(202);
    world.user.run_over(&run).await;
    let events = world.user.events(&run, None).await.rest().await;
    assert_eq!(
        events.iter().filter(|e| e.name == "run_finished").count(),
        1
    );
    assert_eq!(events.last().unwrap().data["status"], "stopped");
}

#[tokio::test]
async fn one_idempotency_key_is_one_run() {
    let world = World::new(Reply::words("once")).await;
    let start = |question: &str, key: &str| {
        let body = json!({"inputs": {"question": question}, "response_mode": "blocking"});
        let path = world.workflow.path("/runs");
        world
            .user
            .client()
            .request("POST", &path)
            .header("idempotency-key", key)
            .json(&body)
            .send()
    };
    let first = start("why", "key-1").await.expect(200);
    let second = start("why", "key-1").await.expect(200);
    assert_eq!(first["id"], second["id"]);
    assert_eq!(world.provider.chats().len(), 1);
    assert_eq!(
        start("how", "key-1").await.refusal(),
        (409, "idempotency_conflict".to_owned())
    );
    assert_ne!(start("why", "key-2").await.expect(200)["id"], first["id"]);
}

#[tokio::test]
async fn requests_with_one_idempotency_key_at_the_same_time_are_one_run() {
    let world = World::new(Reply::Gated("once".to_owned())).await;
    let start = || {
        let body = json!({"inputs": question(), "response_mode": "detached"});
        let path = world.workflow.path("/runs");
        world
            .user
            .client()
            .request("POST", &path)
            .header("idempotency-key", "key")
            .json(&body)
            .send()
    };
    let answers = futures::future::join_all((0..20).map(|_| start())).await;
    world.provider.release(20);
    let ids: std::collections::BTreeSet<_> = answers
        .iter()
        .map(|a| a.expect(a.status)["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 1, "{answers:?}");
    let run = answers[0].expect(202)["id"].as_str().unwrap().to_owned();
    world.user.run_over(&run).await;
    assert_eq!(world.provider.chats().len(), 1);
}

#[tokio::test]
async fn a_finished_run_survives_a_kill() {
    let mut world = World::new(Reply::words("kept")).await;
    let run = world.workflow.run(question()).await;
    world.server.kill();
    world.server.start().await;
    assert_eq!(world.user.run(run["id"].as_str().unwrap()).await, run);
}

#[tokio::test]
async fn a_terminated_server_lets_its_runs_end() {
    let mut world = World::new(Reply::Gated("the last words".to_owned())).await;
    let run = world.workflow.detach(question()).await;
    world.provider.arrived(1).await;
    world.server.terminate();
    world.provider.release(3);
    assert!(world.server.exit().await.success());
    world.server.start().await;
    let over = world.user.run(&run).await;
    assert_eq!(
        (&over["status"], &over["outputs"]["answer"]),
        (&json!("succeeded"), &json!("the last words"))
    );
}

#[tokio::test]
async fn a_light_run_needs_no_provider() {
    let server = Setup::sqlite().start().await;
    let workflow = User::new(server.client())
        .publish(&document::light(), &[])
        .await;
    let run = workflow.run(json!({"name": "Ada"})).await;
    assert_eq!(
        (&run["status"], &run["outputs"]),
        (&json!("succeeded"), &json!({"greeting": "Hello Ada"}))
    );
}

#[tokio::test]
async fn a_cut_stream_is_a_failed_call_with_an_estimate() {
    use latchkey_tests::provider::Break;
    let world = World::new(Reply::Cut("half a".to_owned(), Break::InsideCharacter)).await;
    let run = world.workflow.run(question()).await;
    assert_eq!(run["status"], "failed", "{run}");
    let calls = world.user.model_calls(run["id"].as_str().unwrap()).await;
    assert_eq!(calls.len(), world.provider.chats().len());
    let call = &calls[0];
    assert_eq!(
        (&call["outcome"], &call["usage_source"]),
        (&json!("failed"), &json!("estimated")),
        "{call}"
    );
}

#[tokio::test]
async fn a_key_follows_no_redirect_to_another_host() {
    let elsewhere = Provider::start_on("127.0.0.2");
    let world = World::new(Reply::Redirect(format!(
        "{}/chat/completions",
        elsewhere.base_url()
    )))
    .await;
    let run = world.workflow.run(question()).await;
    assert_eq!(run["status"], "failed", "{run}");
    assert_eq!(elsewhere.seen().len(), 0);
}

#[tokio::test]
async fn a_draft_runs_without_being_published() {
    let world = World::new(Reply::words("draft")).await;
    let changed = Document::workflow("one model", &["question"])
        .llm("ask", "draft {{#start.question#}}", "only")
        .end("end", &[("answer", "ask.text")])
        .line(&["start", "ask", "end"]);
    let (_, etag) = world.workflow.draft().await;
    let _ = world
        .workflow
        .put_draft(&changed.json(), &etag)
        .await
        .expect(200);
    let body = |version: &str| json!({"inputs": {"question": "why"}, "response_mode": "blocking", "version": version});
    let _ = world.workflow.start(body("draft")).await.expect(200);
    let _ = world.workflow.start(body("published")).await.expect(200);
    let prompts: Vec<_> = world
        .provider
        .chats()
        .into_iter()
        .map(|seen| seen.prompt)
        .collect();
    assert_eq!(prompts, ["draft why", "tenant= question=why"]);
}

#[tokio::test]
async fn a_run_outlives_its_workflow() {
    let mut server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    let workflow = user.publish(&document::light(), &[]).await;
    let run = workflow.run(json!({"name": "Ada"})).await;
    let id = run["id"].as_str().unwrap().to_owned();
    let before = user.events(&id, None).await.rest().await;
    let deleted = user.client().delete(&workflow.path("")).await;
    assert_eq!(deleted.status, 204, "{}", deleted.text);
    server.terminate();
    assert!(server.exit().await.success());
    server.start().await;
    let user = User::new(server.client());
    assert_eq!(user.run(&id).await["outputs"], run["outputs"]);
    let after = user.events(&id, None).await.rest().await;
    assert_eq!(names(&after), names(&before));
    for path in [
        "",
        "/draft",
        "/versions",
        "/export?version=1",
        "/credential-settings",
    ] {
        let gone = user.client().get(&workflow.path(path)).await;
        assert_eq!(gone.status, 404, "{path}: {}", gone.text);
    }
}
