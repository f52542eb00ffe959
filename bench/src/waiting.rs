//! Many runs that wait: what each of them takes of memory while its provider does not answer, how long it takes until each of them goes
//! on after the service was killed, and what is left of those that wait for people.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::client::Connection;
use crate::cores::Cores;
use crate::figures::Figures;
use crate::provider::Provider;
use crate::service::{Ask, Service};

/// The unfinished runs.
pub(crate) const RUNS: usize = 10_000;
/// The connections that start them.
const CONNECTIONS: usize = 64;
/// How long anything of it may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// Ten thousand runs that wait for their provider, and as many that wait for people.
pub(crate) async fn measure(
    cores: Cores,
    binary: &Path,
    place: &Path,
    provider: &Provider,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let mut service = Service::start(cores, binary, place, provider.address).await?;
    let idle = service.idle_memory;
    let before = provider.hanging();
    begin(&service, Ask::Hanging).await.context("the calls")?;
    until(provider, before + RUNS).await?;
    let busy = service.process.memory()?;
    figures.keep("waiting", kilobytes_each(idle, busy));
    let began = Instant::now();
    service.kill_and_start(cores, binary).await?;
    until(provider, before + 2 * RUNS).await?;
    figures.keep("recovery", began.elapsed().as_secs_f64());
    drop(service);

    let service = Service::start(cores, binary, place, provider.address).await?;
    begin(&service, Ask::Form).await.context("the forms")?;
    let paused = timeout(PATIENCE, async {
        while service.has_any("running").await? || service.has_any("queued").await? {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::Ok(())
    });
    paused.await.context("runs do not come to their forms")??;
    let paused = service.process.memory()?;
    figures.keep("paused", kilobytes_each(service.idle_memory, paused));
    Ok(())
}

fn kilobytes_each(before: u64, after: u64) -> f64 {
    after.saturating_sub(before) as f64 / 1000.0 / RUNS as f64
}

async fn begin(service: &Service, ask: Ask) -> anyhow::Result<()> {
    let (address, request) = (service.process.address, service.request(ask));
    let mut all = JoinSet::new();
    for number in 0..CONNECTIONS {
        let request = Arc::clone(&request);
        let some = RUNS / CONNECTIONS + usize::from(number < RUNS % CONNECTIONS);
        all.spawn(async move {
            let mut connection = Connection::open(address).await?;
            for _ in 0..some {
                let (status, _) = connection.send(&request).await?;
                ensure!(status == 202, "a start answered {status}");
            }
            Ok(())
        });
    }
    while let Some(done) = all.join_next().await {
        done??;
    }
    Ok(())
}

async fn until(provider: &Provider, requests: usize) -> anyhow::Result<()> {
    let arrived = timeout(PATIENCE, provider.until_hanging(requests)).await;
    let seen = provider.hanging();
    arrived.with_context(|| format!("the provider was asked {seen} times, not {requests}"))
}
