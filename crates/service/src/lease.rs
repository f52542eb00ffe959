//! The heartbeat of this process: what it executes is its own as long as the database hears it.
//!
//! Whoever is silent for 10 seconds by the database's clock loses its runs. A process begins no effect when its last confirmed
//! beat is older than 5 seconds by its own, so that the two never overlap, however slow an answer is.

use std::time::Duration;

use latchkey_engine::run::Lease;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use crate::Service;

/// How often the heart beats.
const EVERY: Duration = Duration::from_secs(3);
/// How long a confirmed beat lets effects begin.
const HOLDS: Duration = Duration::from_secs(5);
/// The pause after a beat that was not confirmed.
const AGAIN: Duration = Duration::from_millis(500);
/// How long one beat is waited for.
const PATIENCE: Duration = Duration::from_secs(4);

/// The beat of this process.
pub(crate) struct Heart {
    until: watch::Sender<Instant>,
}

impl Heart {
    pub(crate) fn new() -> Self {
        Self {
            until: watch::Sender::new(Instant::now()),
        }
    }

    /// What tells whether effects may begin.
    pub(crate) fn lease(&self) -> Lease {
        Lease::new(self.until.subscribe())
    }
}

impl Service {
    /// The first beat, which enters this process; without it nothing is taken up.
    pub(crate) async fn enter(&self) -> Result<(), latchkey_store::StoreError> {
        let asked = Instant::now();
        self.beat().await?;
        self.inner.heart.until.send_replace(asked + HOLDS);
        Ok(())
    }

    /// Lets the heart beat until everything has ended.
    pub(crate) fn keep_beating(&self) {
        let service = self.clone();
        let beating = async move {
            let mut next = Instant::now() + EVERY;
            let ends = service.inner.gone.clone();
            loop {
                tokio::select! {
                    () = ends.cancelled() => return,
                    () = sleep_until(next) => {}
                }
                let asked = Instant::now();
                match timeout_at(asked + PATIENCE, service.beat()).await {
                    Ok(Ok(())) => {
                        service.inner.heart.until.send_replace(asked + HOLDS);
                        next = asked + EVERY;
                    }
                    Ok(Err(error)) => {
                        tracing::warn!(%error, "the heartbeat cannot be written: no effect begins until it can");
                        sleep(AGAIN).await;
                    }
                    Err(_) => tracing::warn!(
                        "the heartbeat is not confirmed: no effect begins until it is"
                    ),
                }
            }
        };
        // It outlives the runs: those that end now are still this process's.
        self.inner.beats.spawn_on(beating, &self.inner.runtime);
    }

    async fn beat(&self) -> Result<(), latchkey_store::StoreError> {
        let work = &self.inner.work;
        self.inner.store.beat(work.worker, &work.name).await
    }
}
