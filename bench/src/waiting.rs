//! Recovery: many runs wait for the provider when the service is killed; how long until each of them goes on.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::client::Connection;
use crate::cores::Cores;
use crate::provider::Provider;
use crate::service::{Ask, Service};

/// The unfinished runs.
pub(crate) const RUNS: usize = 10_000;
/// The connections that start them.
const CONNECTIONS: usize = 64;
/// How long anything of it may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// From the start of the process after `kill -9` until the provider has been asked again by every run.
pub(crate) async fn measure(
    cores: Cores,
    binary: &Path,
    place: &Path,
    provider: &Provider,
) -> anyhow::Result<Duration> {
    let mut service = Service::start(cores, binary, place, provider.address).await?;
    let before = provider.hanging();
    begin(&service).await.context("the runs are begun")?;
    until(provider, before + RUNS).await?;
    let began = Instant::now();
    service.kill_and_start(cores, binary).await?;
    until(provider, before + 2 * RUNS).await?;
    Ok(began.elapsed())
}

async fn begin(service: &Service) -> anyhow::Result<()> {
    let (address, request) = (service.process.address, service.request(Ask::Hanging));
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
