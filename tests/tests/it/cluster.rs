//! Several processes of the built binary on one PostgreSQL and NATS, and what is done to them: whatever dies, stands still or is away,
//! no run is lost and none is done twice.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use latchkey_tests::cluster::{Cluster, Size};
use latchkey_tests::document::{self, Document};
use latchkey_tests::nats::Nats;
use latchkey_tests::provider::{Provider, Reply, Rule};
use latchkey_tests::proxy::Proxy;
use latchkey_tests::requires;
use latchkey_tests::server::Server;
use latchkey_tests::user::{User, Workflow};
use latchkey_tests::wait;
use serde_json::{Value as Json, json};

use crate::triggers::make_due;

const SIZE: Size = Size {
    apis: 2,
    workers: 2,
};
const KEY: &str = "test-key-cluster";

/// A cluster with a workflow whose one model node is paid by [`KEY`].
struct World {
    cluster: Cluster,
    provider: Provider,
    workflow: Workflow,
}

impl World {
    async fn new(url: &str, nats: Vec<Nats>, reply: Reply) -> Self {
        Self::with(url, nats, Rule::always(reply)).await
    }

    async fn with(url: &str, nats: Vec<Nats>, rule: Rule) -> Self {
        let provider = Provider::start();
        let cluster = Cluster::start(url, nats, SIZE).await;
        let user = cluster.user(0);
        user.credential("only", KEY, &provider).await;
        provider.forget();
        provider.script(rule);
        let workflow = user.publish(&document::one_model("only"), &["only"]).await;
        Self {
            cluster,
            provider,
            workflow,
        }
    }

    async fn detach(&self, question: &str) -> String {
        let inputs = json!({"tenant": "acme", "question": question});
        self.workflow.detach(inputs).await
    }

    /// Which worker executes the only run.
    async fn worker(&self) -> usize {
        let workers = &self.cluster.workers;
        wait::until("a worker has the run", async || {
            for (number, worker) in workers.iter().enumerate() {
                if runs_here(worker).await? == 1 {
                    return Some(number);
                }
            }
            None
        })
        .await
    }

    /// Every call that the provider saw has one row, and nothing else has one that was sent.
    async fn is_paid_once(&self, runs: &[String]) {
        let user = self.cluster.user(0);
        let mut succeeded = 0;
        for run in runs {
            let calls = user.model_calls(run).await;
            let good = calls.iter().filter(|call| call["outcome"] == "succeeded");
            let good = good.count();
            assert_eq!(good, 1, "{run}: {calls:?}");
            succeeded += good;
        }
        assert_eq!(succeeded, runs.len());
    }
}

/// The end of a run, asked at whichever process answers.
async fn over(user: &User, run: &str) -> Json {
    wait::until("the run is over", async || {
        let answer = user.get(&format!("/runs/{run}")).await;
        let run: Json = (answer.status == 200).then(|| answer.expect(200))?;
        let status = run["status"].as_str()?;
        let is_over = ["succeeded", "failed", "stopped"].contains(&status);
        is_over.then_some(run)
    })
    .await
}

async fn one_nats() -> Vec<Nats> {
    vec![Nats::start().await.expect("the binary is there")]
}

#[tokio::test]
async fn a_run_that_one_process_accepts_is_done_by_another_and_heard_at_a_third() {
    let postgres = requires!(postgres);
    let _ = requires!(nats);
    let nats = one_nats().await;
    let url = postgres.database().await;
    let world = World::new(&url, nats, Reply::Gated("one two three four".to_owned())).await;
    let run = world.detach("why").await;
    world.provider.arrived(1).await;
    let other = world.cluster.user(1);
    let mut early = other.events(&run, None).await;
    world.provider.release(2);
    let heard = early.until("text_chunk").await;
    // What was not committed is heard as well, by whoever comes in the middle.
    let mut late = world.cluster.user(0).events(&run, None).await;
    let again = late.until("text_chunk").await;
    let last = heard.last().unwrap();
    assert!(again.iter().any(|event| event.id == last.id));
    // One who comes back after the last that it heard goes on there.
    let back = other.events(&run, Some(&last.id)).await;
    world.provider.release(2);
    let rest = back.rest().await;
    assert!(rest.iter().all(|event| event.id != last.id));
    assert_eq!(rest.last().unwrap().name, "run_finished");
    let whole = late.rest().await;
    let ids = |events: &[latchkey_tests::sse::Event]| -> Vec<String> {
        let ids = events.iter().map(|event| event.id.clone());
        ids.filter(|id| !id.is_empty()).collect()
    };
    let mut all = ids(&again);
    all.extend(ids(&whole));
    let journal = other.events(&run, None).await.rest().await;
    assert_eq!(all, ids(&journal));
    let end = over(&other, &run).await;
    assert_eq!(end["outputs"]["answer"], "one two three four");
    world.is_paid_once(&[run]).await;
}

/// More than any buffer between processes holds: what a listener missed while it began to listen comes from where it is kept.
#[tokio::test]
async fn who_comes_late_to_a_long_answer_hears_all_of_it() {
    let postgres = requires!(postgres);
    let _ = requires!(nats);
    const WORDS: usize = 3000;
    let text = (0..WORDS).map(|number| number.to_string());
    let text = text.collect::<Vec<_>>().join(" ");
    let url = postgres.database().await;
    let world = World::new(&url, one_nats().await, Reply::Gated(text.clone())).await;
    let run = world.detach("why").await;
    world.provider.arrived(1).await;
    let other = world.cluster.user(1);
    let mut early = other.events(&run, None).await;
    world.provider.release(WORDS - 10);
    for _ in 0..WORDS - 10 {
        early.until("text_chunk").await;
    }
    let late = world.cluster.user(0).events(&run, None).await;
    let another = other.events(&run, None).await;
    world.provider.release(10);
    let said = |events: &[latchkey_tests::sse::Event]| -> String {
        let chunks = events.iter().filter(|event| event.name == "text_chunk");
        chunks
            .filter_map(|event| event.data["text"].as_str().map(str::to_owned))
            .collect()
    };
    for listener in [late, another] {
        let heard = listener.rest().await;
        assert_eq!(said(&heard), text);
        assert_eq!(heard.last().unwrap().name, "run_finished");
    }
    early.rest().await;
    world.is_paid_once(&[run]).await;
}

#[tokio::test]
async fn a_stop_at_one_process_cuts_the_call_of_another() {
    let postgres = requires!(postgres);
    let _ = requires!(nats);
    let nats = one_nats().await;
    let world = World::new(&postgres.database().await, nats, Reply::Hangs).await;
    let run = world.detach("why").await;
    world.provider.arrived(1).await;
    let user = world.cluster.user(1);
    let _ = user.stop(&run).await.expect(202);
    let end = over(&user, &run).await;
    assert_eq!(end["status"], "stopped");
    let calls = user.model_calls(&run).await;
    // It was reached: its call was cut off, not lost.
    assert_eq!(calls[0]["outcome"], "cancelled");
}

#[tokio::test]
async fn runs_of_a_worker_that_is_killed_are_gone_on_with_by_another() {
    let postgres = requires!(postgres);
    let _ = requires!(nats);
    let nats = one_nats().await;
    let url = postgres.database().await;
    let first = Rule::always(Reply::Hangs).times(1);
    let mut world = World::with(&url, nats, first).await;
    let run = world.detach("why").await;
    world.provider.arrived(1).await;
    let worker = world.worker().await;
    world.provider.script(Rule::always(Reply::words("again")));
    world.cluster.workers[worker].kill();
    let end = over(&world.cluster.user(1), &run).await;
    assert_eq!(end["outputs"]["answer"], "again");
    let calls = world.cluster.user(0).model_calls(&run).await;
    let outcomes: BTreeSet<_> = calls
        .iter()
        .filter_map(|call| call["outcome"].as_str())
        .collect();
    assert_eq!(outcomes, BTreeSet::from(["lost", "succeeded"]));
    let text = metrics(&world.cluster.apis[0]).await.unwrap();
    assert!(text.contains("latchkey_workers_alive 1"), "{text}");
}

async fn metrics(server: &Server) -> Option<String> {
    let answer = server.client().request("GET", "/metrics").try_send().await;
    answer.ok().filter(|it| it.status == 200).map(|it| it.text)
}

/// How many runs a process executes.
async fn runs_here(server: &Server) -> Option<usize> {
    let text = metrics(server).await?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("latchkey_runs_here "));
    line?.parse().ok()
}

#[tokio::test]
async fn a_worker_that_stands_still_past_its_lease_writes_nothing_when_it_comes_back() {
    let postgres = requires!(postgres);
    let _ = requires!(nats);
    let nats = one_nats().await;
    let url = postgres.database().await;
    let first = Rule::always(Reply::Gated("slow".to_owned())).times(1);
    let world = World::with(&url, nats, first).await;
    let run = world.detach("why").await;
    world.provider.arrived(1).await;
    let worker = world.worker().await;
    world.cluster.workers[worker].signal("STOP");
    world.provider.script(Rule::always(Reply::words("fast")));
    let end = over(&world.cluster.user(0), &run).await;
    assert_eq!(end["outputs"]["answer"], "fast");
    // The old worker gets its answer only now, and may not say so.
    world.provider.release(10);
    world.cluster.workers[worker].signal("CONT");
    wait::until(
        "the worker has seen that the run is not its own",
        async || {
            let here = runs_here(&world.cluster.workers[worker]).await?;
            (here == 0).then_some(())
        },
    )
    .await;
    let again = world.cluster.user(1).run(&run).await;
    assert_eq!(again["outputs"], end["outputs"]);
    let nodes = world.cluster.user(0).node_executions(&run).await;
    assert_eq!(nodes.len(), 3);
    world.is_paid_once(&[run]).await;
}

#[tokio::test]
async fn nats_may_die_and_come_back_under_load() {
    let postgres = requires!(postgres);
    let _ = requires!(nats);
    let nats = one_nats().await;
    let url = postgres.database().await;
    let mut world = World::new(&url, nats, Reply::words("done")).await;
    let mut runs = Vec::new();
    for round in 0..3 {
        for number in 0..10 {
            runs.push(world.detach(&format!("{round} {number}")).await);
        }
        match round {
            0 => world.cluster.nats[0].kill(),
            1 => world.cluster.nats[0].begin().await,
            _ => {}
        }
    }
    let user = world.cluster.user(1);
    for run in &runs {
        assert_eq!(over(&user, run).await["status"], "succeeded");
    }
    assert_eq!(world.provider.chats().len(), runs.len());
    world.is_paid_once(&runs).await;
}

#[tokio::test]
async fn without_nats_everybody_looks_into_the_database() {
    let postgres = requires!(postgres);
    let world = World::new(&postgres.database().await, Vec::new(), Reply::words("done")).await;
    let run = world.detach("why").await;
    let events = world.cluster.user(1).events(&run, None).await.rest().await;
    assert_eq!(events.last().unwrap().name, "run_finished");
    world.is_paid_once(&[run]).await;
}

#[tokio::test]
async fn a_database_that_is_away_for_a_while_loses_no_run() {
    let postgres = requires!(postgres);
    let _ = requires!(nats);
    let nats = one_nats().await;
    let url = postgres.database().await;
    let proxy = Proxy::start(&url).await;
    let world = World::new(&proxy.url(&url), nats, Reply::words("done")).await;
    let mut runs = Vec::new();
    for number in 0..10 {
        runs.push(world.detach(&number.to_string()).await);
    }
    proxy.cut();
    // Longer than a lease.
    tokio::time::sleep(Duration::from_secs(12)).await;
    proxy.mend();
    for run in &runs {
        assert_eq!(
            over(&world.cluster.user(0), run).await["status"],
            "succeeded"
        );
    }
    world.is_paid_once(&runs).await;
}

#[tokio::test]
async fn what_one_process_changes_counts_in_the_others() {
    let postgres = requires!(postgres);
    let _ = requires!(nats);
    let nats = one_nats().await;
    let world = World::new(&postgres.database().await, nats, Reply::words("done")).await;
    let [first, second] = [world.cluster.user(0), world.cluster.user(1)];
    let key = json!({"name": "short-lived", "scopes": ["runs:read"]});
    let key = first.post("/api-keys", key).await.expect(201);
    let client = second.client().with_key(key["key"].as_str());
    assert_eq!(client.get("/api/v1/runs").await.status, 200);
    let path = format!("/api-keys/{}", key["id"].as_str().unwrap());
    let _ = first.delete(&path).await.expect(204);
    wait::until("the key is refused everywhere", async || {
        (client.get("/api/v1/runs").await.status == 401).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_schedule_of_many_processes_begins_its_run_once() {
    let postgres = requires!(postgres);
    let _ = requires!(nats);
    let nats = one_nats().await;
    let mut cluster = Cluster::start(&postgres.database().await, nats, SIZE).await;
    let yearly = json!({"mode": "cron", "cron_expression": "0 0 1 1 *", "timezone": "UTC"});
    let document = Document::triggered("scheduled")
        .node("tick", "trigger-schedule", yearly)
        .end("end", &[])
        .line(&["tick", "end"]);
    let user = cluster.user(0);
    let workflow = user.publish(&document, &[]).await;
    let path = workflow.path("/triggers");
    let listed = user.client().get(&path).await.expect(200);
    let tick = &listed["data"][0];
    let next = tick["schedule"]["next_at"].as_str().unwrap().to_owned();
    for process in cluster.apis.iter_mut().chain(&mut cluster.workers) {
        process.kill();
    }
    let id = tick["id"].as_str().unwrap();
    make_due(&cluster.apis[0], id, &next, "2024-01-01T00:00:00Z").await;
    let all = cluster.apis.iter_mut().chain(&mut cluster.workers);
    join_all(all.map(Server::start)).await;
    let path = format!("/api/v1/runs?workflow_id={}", workflow.id);
    wait::until("the schedule is served", async || {
        let listed = cluster
            .user(1)
            .client()
            .get(&workflow.path("/triggers"))
            .await;
        let next = &listed.expect(200)["data"][0]["schedule"]["next_at"];
        (next.as_str()? > "2026").then_some(())
    })
    .await;
    assert_eq!(cluster.user(1).pages(&path).await.len(), 1);
}

#[tokio::test]
async fn processes_that_know_of_each_other_keep_one_that_does_not_away() {
    let postgres = requires!(postgres);
    let cluster = Cluster::start(&postgres.database().await, Vec::new(), SIZE).await;
    let alone = cluster.apis[0]
        .refused(|command| {
            command.env("LATCHKEY_LISTEN", "127.0.0.1:0");
            command.env("LATCHKEY_DATA_DIR", cluster.apis[0].home().join("other"));
        })
        .await;
    let said = String::from_utf8_lossy(&alone.stderr).into_owned();
    assert!(said.contains("already_running"), "{said}");
}

#[tokio::test]
async fn roles_need_a_database_that_can_be_shared() {
    let server = latchkey_tests::server::Setup::sqlite().prepare();
    for arguments in [&["serve", "--role", "api"], &["serve", "--role", "worker"]] {
        let output = server.cli(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("PostgreSQL"), "{said}");
    }
}

/// The program of `make faults`, with one fault of each kind.
#[test]
fn many_runs_survive_every_kind_of_fault() {
    let _ = requires!(postgres);
    let _ = requires!(nats);
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_faults"))
        .arg("200")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said}");
    assert!(said.contains("200 passed, 0 failed"), "{said}");
}
