//! `make faults`: many runs in a local cluster while its parts are killed, stand still and are cut off, one after the other. At the end
//! no run may be lost and none done twice. Prints what was done, and `N passed, M failed`.
//!
//! `faults [RUNS [SECONDS WITHOUT NATS]]`. Every run is a chain of two model calls; it is asked for under a name of its own, again and again until it is accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt as _};
use latchkey_tests::client::Client;
use latchkey_tests::cluster::{Cluster, Process, Size};
use latchkey_tests::document::Document;
use latchkey_tests::far::Far;
use latchkey_tests::nats::Nats;
use latchkey_tests::postgres::{Disk, Postgres};
use latchkey_tests::provider::Provider;
use latchkey_tests::proxy::Proxy;
use latchkey_tests::user::User;
use serde_json::{Value as Json, json};

const SIZE: Size = Size {
    apis: 2,
    workers: 3,
};
/// Starts that are under way at the same time.
const STARTING: usize = 16;
/// Between two faults.
const BETWEEN: Duration = Duration::from_secs(4);
/// What one of each kind of fault takes but for NATS: the starts are spread over it, so that every kind meets runs under way.
const FAULTS: Duration = Duration::from_secs(80);
/// The kinds of faults.
const KINDS: usize = 7;
/// The worker in a network of its own.
const FAR: usize = 2;
/// How long there is no NATS at all, unless said otherwise, in seconds.
const NATS_AWAY: u64 = 60;
/// Longer than a lease.
const STANDS_STILL: Duration = Duration::from_secs(14);
/// How long all runs may take after the last one was accepted and the last fault is over.
const PATIENCE: Duration = Duration::from_secs(600);

fn say(text: &str) {
    // Whoever started it may have gone.
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn chain() -> Document {
    Document::workflow("chain", &["number"])
        .llm("first", "first {{#start.number#}}", "only")
        .llm("second", "second {{#first.text#}}", "only")
        .end("end", &[("answer", "second.text")])
        .line(&["start", "first", "second", "end"])
        .with(|file| {
            // A worker whose cable is pulled does not reach the provider either.
            let nodes = file["workflow"]["graph"]["nodes"].as_array_mut();
            let models = nodes.into_iter().flatten();
            for node in models.filter(|node| node["data"]["type"] == "llm") {
                node["data"]["retry_config"] =
                    json!({"retry_enabled": true, "max_retries": 10, "retry_interval": 2000});
            }
        })
}

/// Asks for a run until it is accepted; its id.
async fn accepted(clients: &[Client], path: &str, number: usize, again: &AtomicUsize) -> String {
    let body = json!({"inputs": {"number": number.to_string()}, "response_mode": "detached"});
    for client in clients.iter().cycle().skip(number) {
        let ask = client
            .request("POST", path)
            .header("idempotency-key", &format!("run {number}"))
            .json(&body);
        if let Ok(answer) = ask.try_send().await
            && matches!(answer.status, 200..=299)
        {
            let run: Json = serde_json::from_str(&answer.text).unwrap_or_default();
            if let Some(id) = run["id"].as_str() {
                return id.to_owned();
            }
        }
        again.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    unreachable!("a cycle does not end")
}

/// What the cluster stands on.
struct Ground {
    postgres: Postgres,
    proxy: Proxy,
    /// The cable of the last worker, where one can be laid.
    far: Option<Arc<Far>>,
    /// How long there is no NATS at all.
    nats_away: Duration,
}

/// Does one fault after the other until all runs are accepted; what was done, with how long it took.
async fn faults(
    cluster: &mut Cluster,
    ground: &mut Ground,
    all_accepted: &AtomicBool,
) -> Vec<String> {
    let mut done = Vec::new();
    for number in 0.. {
        tokio::time::sleep(BETWEEN).await;
        // Each kind once at least.
        if all_accepted.load(Ordering::Relaxed) && number >= KINDS {
            break;
        }
        let (workers, nats) = (cluster.workers.len(), cluster.nats.len());
        let worker = number % workers;
        let began = Instant::now();
        let what = match number % KINDS {
            0 => {
                cluster.workers[worker].kill();
                tokio::time::sleep(BETWEEN).await;
                cluster.workers[worker].start().await;
                format!("worker {worker} killed and started again")
            }
            1 => {
                cluster.workers[worker].signal("STOP");
                tokio::time::sleep(STANDS_STILL).await;
                cluster.workers[worker].signal("CONT");
                format!("worker {worker} stopped past its lease, and back")
            }
            2 => {
                let server = number % nats;
                cluster.nats[server].kill();
                tokio::time::sleep(BETWEEN).await;
                cluster.nats[server].begin().await;
                format!("NATS server {server} killed and started again")
            }
            3 => {
                ground.proxy.cut();
                tokio::time::sleep(BETWEEN).await;
                ground.proxy.mend();
                "PostgreSQL cut off, and back".to_owned()
            }
            4 => {
                cluster.nats.iter_mut().for_each(Nats::kill);
                tokio::time::sleep(ground.nats_away).await;
                for server in &mut cluster.nats {
                    server.begin().await;
                }
                "all of NATS killed and started again".to_owned()
            }
            5 => {
                ground.postgres.restart();
                "PostgreSQL restarted".to_owned()
            }
            _ => match &ground.far {
                Some(far) => {
                    far.pull();
                    tokio::time::sleep(STANDS_STILL).await;
                    far.plug();
                    format!("the cable of worker {FAR} pulled, and plugged in again")
                }
                None => "no cable to pull".to_owned(),
            },
        };
        say(&format!("{what} ({:.1} s)", began.elapsed().as_secs_f64()));
        done.push(what);
    }
    done
}

/// Waits until no run is under way.
async fn all_over(user: &User) -> bool {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let mut left = 0;
        for status in ["queued", "running"] {
            let path = format!("/api/v1/runs?status={status}&limit=1");
            if let Ok(answer) = user.client().request("GET", &path).try_send().await {
                let page: Json = serde_json::from_str(&answer.text).unwrap_or_default();
                left += page["data"].as_array().map_or(1, Vec::len);
            } else {
                left += 1;
            }
        }
        if left == 0 {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    false
}

/// What is wrong with a run; the ids of its calls are added to those that have rows.
async fn wrong_with(user: &User, run: &str, rows: &mut BTreeSet<String>) -> Option<String> {
    let found = user.run(run).await;
    // A node that was tried again counts as an exception, as in Dify.
    let is_good = found["status"] == "succeeded" || found["status"] == "partial-succeeded";
    if !is_good {
        return Some(format!("{run} is {}: {}", found["status"], found["error"]));
    }
    let nodes = user.node_executions(run).await;
    let mut by_node: BTreeMap<String, usize> = BTreeMap::new();
    for node in &nodes {
        *by_node.entry(node["node_id"].to_string()).or_default() += 1;
    }
    if by_node.len() != 4 || by_node.values().any(|count| *count != 1) {
        return Some(format!("{run} has these nodes: {by_node:?}"));
    }
    let calls = user.model_calls(run).await;
    rows.extend(
        calls
            .iter()
            .filter_map(|call| call["id"].as_str().map(str::to_owned)),
    );
    let open = calls
        .iter()
        .filter(|call| call["outcome"].is_null())
        .count();
    (open > 0).then(|| format!("{run} has {open} open calls"))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let count = std::env::args()
        .nth(1)
        .map_or(Ok(10_000), |text| text.parse())?;
    let nats_away = std::env::args().nth(2);
    let nats_away = nats_away.map_or(Ok(NATS_AWAY), |text| text.parse())?;
    let nats_away = Duration::from_secs(nats_away);
    let spread = FAULTS + nats_away;
    let postgres = Postgres::private(Disk::Waited);
    let postgres = postgres.ok_or_else(|| anyhow::anyhow!("PostgreSQL's programs are needed"))?;
    let far = Far::lay();
    if let Err(why) = &far {
        say(&format!("no worker has a network of its own: {why:#}"));
    }
    let far = far.ok().map(Arc::new);
    let ip = far
        .as_ref()
        .map_or("127.0.0.1".to_owned(), |far| far.here());
    let nats = Nats::cluster_on(&ip).await;
    let nats = nats.ok_or_else(|| anyhow::anyhow!("nats-server is needed"))?;
    let (url, provider) = (postgres.database().await, Provider::start_on(&ip));
    let proxy = Proxy::start_on(&ip, &url).await;
    let url = proxy.url(&url);
    let mut ground = Ground {
        postgres,
        proxy,
        far,
        nats_away,
    };
    let mut cluster = Cluster::start_with(&url, nats, SIZE, |setup, process| {
        let setup = setup.with("LATCHKEY_OUTBOUND_ALLOW", &format!("{ip}/32"));
        match &ground.far {
            Some(far) if process == Process::Worker(FAR) => setup.in_network(far),
            Some(_) | None => setup,
        }
    })
    .await;
    let user = cluster.user(0);
    user.credential("only", "test-key-faults", &provider).await;
    provider.forget();
    let workflow = user.publish(&chain(), &["only"]).await;
    let clients: Vec<Client> = cluster
        .apis
        .iter()
        .map(|api| api.client().clone())
        .collect();
    let (began, again, all_accepted) =
        (Instant::now(), AtomicUsize::new(0), AtomicBool::new(false));
    let starting = async {
        let path = workflow.path("/runs");
        let starts = (0..count).map(async |number| {
            let at = spread.mul_f64(number as f64 / count as f64);
            tokio::time::sleep_until((began + at).into()).await;
            accepted(&clients, &path, number, &again).await
        });
        let runs: Vec<String> = stream::iter(starts).buffered(STARTING).collect().await;
        all_accepted.store(true, Ordering::Relaxed);
        say(&format!(
            "{count} runs accepted after {:.1} s",
            began.elapsed().as_secs_f64()
        ));
        runs
    };
    let (runs, done) = tokio::join!(starting, faults(&mut cluster, &mut ground, &all_accepted));
    let since = Instant::now();
    let is_over = all_over(&user).await;
    say(&format!(
        "over {:.1} s after the last fault; {} faults; starts were asked again {} times",
        since.elapsed().as_secs_f64(),
        done.len(),
        again.load(Ordering::Relaxed)
    ));
    let (mut rows, mut wrong) = (BTreeSet::new(), Vec::new());
    for run in &runs {
        wrong.extend(wrong_with(&user, run, &mut rows).await);
    }
    let different: BTreeSet<&String> = runs.iter().collect();
    if different.len() != runs.len() || !is_over {
        wrong.push(format!(
            "{} runs of {count}; all over: {is_over}",
            different.len()
        ));
    }
    let seen = provider.chats();
    let without: Vec<_> = seen
        .iter()
        .filter(|call| !rows.contains(&call.call))
        .collect();
    if !without.is_empty() {
        wrong.push(format!(
            "{} calls of {} have no row",
            without.len(),
            seen.len()
        ));
    }
    say(&format!(
        "{} calls were seen by the provider for {} nodes, and {} rows were written",
        seen.len(),
        2 * count,
        rows.len()
    ));
    wrong.iter().take(20).for_each(|text| say(text));
    let failed = wrong.len().min(count);
    say(&format!("{} passed, {failed} failed", count - failed));
    anyhow::ensure!(wrong.is_empty(), "something was lost or doubled");
    Ok(())
}
