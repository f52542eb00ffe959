//! The other processes of the installation: what is told to them, and what is done when they ask for something.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use latchkey_cluster::{Cluster, NatsSettings, StopAsked, Wakeup};
use latchkey_domain::event::RunEvent;
use latchkey_domain::id::RunId;
use latchkey_service::{Executes, Service, Signals};
use latchkey_store::Store;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::config::Settings;

/// The fact that tells installations apart that share a NATS.
const INSTALLATION: &str = "installation";
/// How long what was said last may take at the end.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// What one process changes counts in the others after this time at most: they forget what they remember.
const FORGETTING: Duration = Duration::from_secs(1);

/// How often somebody looks for documents whose process has died.
const DOCUMENTS: Duration = Duration::from_secs(60);

/// Tells them what the service says.
pub(crate) struct Telling(pub(crate) Cluster);

#[async_trait]
impl Signals for Telling {
    fn queued(&self, run: RunId) {
        self.0.wake(run);
    }

    async fn stop(&self, run: RunId, patience: Duration) {
        self.0.stop(run, patience).await;
    }

    fn said(&self, event: &Arc<RunEvent>) {
        self.0.say(event);
    }

    fn silent(&self, run: RunId) {
        self.0.fall_silent(run);
    }

    async fn listen(&self, run: RunId) -> Option<mpsc::Receiver<Arc<RunEvent>>> {
        self.0.listen(run).await
    }
}

/// The way to the other processes, if the settings name one.
pub(crate) async fn reach(settings: &Settings, store: &Store) -> anyhow::Result<Cluster> {
    let Some(url) = &settings.nats_url else {
        return Ok(Cluster::local());
    };
    let found = store.fact(INSTALLATION).await?;
    let id = if let Some(id) = found {
        id
    } else {
        // Nobody else makes first rows now.
        let id = Uuid::now_v7().as_bytes().to_vec();
        store.insert_fact(INSTALLATION, id.clone()).await?;
        id
    };
    let settings = NatsSettings {
        url: url.expose().clone(),
        installation: id.iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    let cluster = Cluster::nats(settings, &Handle::current()).await;
    cluster.context("LATCHKEY_NATS_URL")
}

/// Does what other processes ask for, until the process ends.
pub(crate) async fn listen(
    cluster: Cluster,
    service: Service,
    executes: Executes,
    ending: CancellationToken,
) {
    let mut under_way = FuturesUnordered::new();
    let mut forgetting = tokio::time::interval(FORGETTING);
    let mut documents = tokio::time::interval(DOCUMENTS);
    let works = executes == Executes::Runs;
    loop {
        tokio::select! {
            () = ending.cancelled() => break,
            wakeup = cluster.woken(), if works => try_to_take_up(&service, wakeup).await,
            asked = cluster.asked_to_stop() => under_way.push(cut_off(&service, asked)),
            Some(()) = under_way.next(), if !under_way.is_empty() => {}
            _ = forgetting.tick() => service.forget_remembered(),
            _ = documents.tick() => service.look_for_documents(),
        }
    }
    // Whoever has asked for a stop waits for it; it is short.
    while under_way.next().await.is_some() {}
    drop(under_way);
    cluster.close(LAST_WORDS).await;
}

async fn try_to_take_up(service: &Service, wakeup: Wakeup) {
    let run = wakeup.run();
    if let Err(error) = service.take_up(run).await {
        tracing::warn!(run.id = %run, %error, "a run that waits cannot be taken up now");
    }
    wakeup.tried().await;
}

async fn cut_off(service: &Service, asked: StopAsked) {
    if service.cut_off(asked.run()).await {
        asked.done().await;
    }
}
