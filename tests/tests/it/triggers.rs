//! Triggers of the built binary: a webhook over the network, and a schedule whose time comes while the server is dead.

use latchkey_domain::time::Timestamp;
use latchkey_store::{Fired, Options, Store, Sync};
use latchkey_tests::document::{self, Document};
use latchkey_tests::provider::{Provider, Reply, Rule};
use latchkey_tests::server::{Server, Setup};
use latchkey_tests::user::{User, Workflow};
use latchkey_tests::wait;
use serde_json::{Value as Json, json};

/// A schedule that comes once a year, so that no test meets it, and a webhook.
fn document() -> Document {
    let yearly = json!({"mode": "cron", "cron_expression": "0 0 1 1 *"});
    let hook = json!({"method": "post", "response_body": "thanks", "body": [{"name": "n", "type": "number"}]});
    Document::triggered("triggers")
        .node("tick", "trigger-schedule", yearly)
        .node("hook", "trigger-webhook", hook)
        .end("end", &[("at", "sys.timestamp"), ("n", "hook.n")])
        .line(&["tick", "end"])
        .edge("hook", "end")
}

async fn runs(user: &User, workflow: &Workflow) -> Vec<Json> {
    let path = format!("/api/v1/runs?workflow_id={}", workflow.id);
    user.pages(&path).await
}

async fn trigger(user: &User, workflow: &Workflow, node: &str) -> Json {
    let listed = user
        .client()
        .get(&workflow.path("/triggers"))
        .await
        .expect(200);
    let all = listed["data"].as_array().unwrap().iter();
    let mut found = all.filter(|trigger| trigger["node_id"] == node);
    found.next().unwrap().clone()
}

/// While the server is dead, the time of its only schedule becomes one that has gone by.
pub(crate) async fn make_due(server: &Server, id: &str, next: &str, due: &str) {
    let url = match server.database_url() {
        Some(url) => url.to_owned(),
        None => format!("sqlite://{}", server.data().join("latchkey.db").display()),
    };
    let sync = Sync::Full;
    let store = Store::open(&Options { url, sync }).await.unwrap();
    let at = |text| Timestamp::parse(text).unwrap();
    let fired = Fired {
        due: at(next),
        at: at(due),
        next_at: Some(at(due)),
        missed: 0,
        error: None,
    };
    assert_eq!(
        store.trigger_fired(id.parse().unwrap(), &fired).await,
        Ok(true)
    );
    store.close().await;
}

async fn a_schedule_survives_a_kill(setup: Setup) {
    let mut server = setup.start().await;
    let user = User::new(server.client());
    let workflow = user.publish(&document(), &[]).await;
    let tick = trigger(&user, &workflow, "tick").await;
    let next = tick["schedule"]["next_at"].as_str().unwrap().to_owned();
    server.kill();
    // Two years are missed, and the last first of January is served.
    make_due(
        &server,
        tick["id"].as_str().unwrap(),
        &next,
        "2024-01-01T00:00:00Z",
    )
    .await;
    for _ in 0..2 {
        server.start().await;
        let user = User::new(server.client());
        let runs = wait::until("the schedule is served", async || {
            let runs = runs(&user, &workflow).await;
            let is_over = |run: &Json| !run["finished_at"].is_null();
            (!runs.is_empty() && runs.iter().all(is_over)).then_some(runs)
        })
        .await;
        // Once, also after another kill.
        assert_eq!(runs.len(), 1, "{runs:?}");
        let tick = trigger(&user, &workflow, "tick").await;
        let fired = tick["schedule"]["fired_at"].as_str().unwrap();
        let at = Timestamp::parse(fired).unwrap().seconds();
        assert_eq!(runs[0]["outputs"]["at"], at);
        assert!(tick["schedule"]["missed"].as_u64().unwrap() >= 1, "{tick}");
        assert_eq!(tick["schedule"]["next_at"], json!(next));
        server.kill();
    }
}

#[tokio::test]
async fn a_schedule_whose_time_comes_while_the_server_is_dead_is_served_once() {
    a_schedule_survives_a_kill(Setup::sqlite()).await;
    if let Some(server) = latchkey_tests::requirement::postgres() {
        a_schedule_survives_a_kill(Setup::postgres(server).await).await;
    }
}

#[tokio::test]
async fn a_webhook_of_the_built_binary_begins_a_run_and_its_address_is_never_logged() {
    let mut server = Setup::sqlite().with("LATCHKEY_LOG", "debug").start().await;
    let user = User::new(server.client());
    let workflow = user.publish(&document(), &[]).await;
    let hook = trigger(&user, &workflow, "hook").await;
    let path = hook["webhook"]["path"].as_str().unwrap().to_owned();
    let stranger = server.client().with_key(None);
    let answer = stranger.post(&path, json!({"n": 7})).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "thanks"));
    let refused = stranger.post(&path, json!({"n": "x"})).await;
    assert_eq!(refused.status, 400);
    // The answer comes after the run was accepted: a kill loses none.
    server.kill();
    server.start().await;
    let user = User::new(server.client());
    let runs = runs(&user, &workflow).await;
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0]["inputs"]["n"], 7);
    let token = path.trim_start_matches("/webhooks/");
    assert!(
        !server.printed().contains(token),
        "the address is in the log"
    );
    let file = std::fs::read(server.data().join("latchkey.db")).unwrap();
    let is_there = file
        .windows(token.len())
        .any(|part| part == token.as_bytes());
    assert!(!is_there, "the address stands in the database");
}

#[tokio::test]
async fn a_schedule_waits_for_room_where_too_many_runs_wait_already() {
    let setup = Setup::sqlite()
        .with("LATCHKEY_RUNS_PER_WORKSPACE", "1")
        .with("LATCHKEY_QUEUE_PER_WORKSPACE", "1");
    let provider = Provider::start();
    provider.script(Rule::always(Reply::Hangs));
    let mut server = setup.start().await;
    let user = User::new(server.client());
    user.credential("only", "test-key-only", &provider).await;
    let busy = user.publish(&document::one_model("only"), &[]).await;
    let workflow = user.publish(&document(), &[]).await;
    let tick = trigger(&user, &workflow, "tick").await;
    let mut before = Vec::new();
    for question in ["first", "second"] {
        let inputs = json!({"tenant": "acme", "question": question});
        before.push(busy.detach(inputs).await);
    }
    server.kill();
    let next = tick["schedule"]["next_at"].as_str().unwrap();
    let due = "2024-01-01T00:00:00Z";
    make_due(&server, tick["id"].as_str().unwrap(), next, due).await;
    server.start().await;
    wait::until("the schedule waits", async || {
        let printed = server.printed();
        printed.contains("a schedule waits for room").then_some(())
    })
    .await;
    let user = User::new(server.client());
    for run in &before {
        let _ = user.stop(run).await.expect(202);
    }
    wait::until("the schedule is served", async || {
        let runs = runs(&user, &workflow).await;
        (!runs.is_empty()).then_some(())
    })
    .await;
    let tick = trigger(&user, &workflow, "tick").await;
    assert_eq!(tick["schedule"]["last_error"], Json::Null, "{tick}");
}
