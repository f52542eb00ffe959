//! What more workers bring where runs mostly wait: one process answers, and one, two or three work, each at so many runs at once. A
//! provider takes half a second for each call, so what one worker can do at most is known.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use futures::stream::{self, StreamExt as _};
use latchkey_tests::cluster::{Cluster, Size};
use latchkey_tests::document;
use latchkey_tests::nats::Nats;
use latchkey_tests::postgres::Postgres;
use latchkey_tests::user::User;
use serde_json::{Value as Json, json};

use crate::provider::{LATENCY, Provider, SLOW};

/// The runs that one worker executes at once.
const AT_ONCE: usize = 32;
/// How long the runs would take a cluster that loses no time.
const IDEAL: Duration = Duration::from_secs(10);
/// The most workers.
const MOST: usize = 3;
/// Starts that are under way at the same time.
const STARTING: usize = 16;

/// What some workers came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Throughput {
    /// How many they were.
    pub(crate) workers: usize,
    /// Runs that ended in a second.
    pub(crate) per_second: f64,
    /// The most that is possible: runs at once, over the provider's time.
    pub(crate) ideal: f64,
}

/// One worker, then two, then three, each time on an empty database; nothing where there is no NATS.
pub(crate) async fn measure(server: &Postgres) -> anyhow::Result<Vec<Throughput>> {
    let mut all = Vec::new();
    for workers in 1..=MOST {
        let Some(nats) = Nats::start().await else {
            break;
        };
        all.push(of(server, nats, workers).await?);
    }
    Ok(all)
}

async fn of(server: &Postgres, nats: Nats, workers: usize) -> anyhow::Result<Throughput> {
    let provider = Provider::start().await?;
    let size = Size { apis: 1, workers };
    let url = server.database().await;
    let cluster = Cluster::start_with(&url, vec![nats], size, |setup, _| {
        setup
            .with("LATCHKEY_RUNS_PER_PROCESS", &AT_ONCE.to_string())
            .with("LATCHKEY_LOG", "warn")
    })
    .await;
    let user = cluster.user(0);
    let address = provider.address;
    let key = json!({"provider": "deepseek", "name": "only", "validate": false, "default": true,
        "values": {"api_key": "test-key-bench", "base_url": format!("http://{address}/v1")}, "hosts": [address.to_string()]});
    user.post("/credentials", key).await.expect(201);
    let workflow = Arc::new(user.publish(&document::one_model("only"), &["only"]).await);
    let ideal = (workers * AT_ONCE) as f64 / LATENCY.as_secs_f64();
    let runs = (ideal * IDEAL.as_secs_f64()) as usize;
    let began = Instant::now();
    let starts = (0..runs).map(|_| {
        let workflow = Arc::clone(&workflow);
        async move {
            workflow
                .detach(json!({"tenant": "acme", "question": SLOW}))
                .await
        }
    });
    let started: Vec<String> = stream::iter(starts).buffered(STARTING).collect().await;
    over(&user).await?;
    let per_second = started.len() as f64 / began.elapsed().as_secs_f64();
    let page = user.get("/runs?status=succeeded&limit=1").await.expect(200);
    ensure!(
        page["data"].as_array().is_some_and(|rows| !rows.is_empty()),
        "no run succeeded"
    );
    Ok(Throughput {
        workers,
        per_second,
        ideal,
    })
}

/// Waits until nothing waits and nothing is worked at; none may have failed.
async fn over(user: &User) -> anyhow::Result<()> {
    let wait = async {
        loop {
            let mut left = 0;
            for status in ["queued", "running"] {
                left += count(user, status).await?;
            }
            if left == 0 {
                return anyhow::Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let waited = tokio::time::timeout(20 * IDEAL, wait).await;
    waited.context("the runs do not end")??;
    ensure!(count(user, "failed").await? == 0, "runs have failed");
    Ok(())
}

async fn count(user: &User, status: &str) -> anyhow::Result<usize> {
    let path = format!("/runs?status={status}&limit=1");
    let page: Json = user.get(&path).await.expect(200);
    Ok(page["data"].as_array().context("no page")?.len())
}
