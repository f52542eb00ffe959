//! How processes hear of work and of each other's runs: wake-ups for workers, events for whoever listens, and stops. One process alone
//! has nobody to tell; between several it travels over NATS `JetStream`.
//!
//! Nothing here is the truth. A wake-up says that a claim may be worth a try; an event was told by whoever executes the run, and what
//! is missing stands in the journal; whoever does not hear a stop is stopped by the database. So whatever is lost, doubled or late
//! changes nothing but how soon somebody hears of it, and while NATS is away everybody looks into the database.

mod error;
mod listener;
mod nats;

use std::sync::Arc;
use std::time::Duration;

use latchkey_domain::event::RunEvent;
use latchkey_domain::id::RunId;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::nats::Nats;

pub use crate::error::Error;
pub use crate::nats::{NatsSettings, StopAsked, Wakeup};

/// The way to the other processes. Clones share everything.
#[derive(Clone)]
pub struct Cluster(Kind);

#[derive(Clone)]
enum Kind {
    /// There is nobody to tell.
    Local,
    Nats(Nats),
}

impl Cluster {
    /// One process.
    #[must_use]
    pub const fn local() -> Self {
        Self(Kind::Local)
    }

    /// Several processes on NATS. It need not answer yet, and may be away at any time.
    ///
    /// # Errors
    /// When the address cannot be one.
    pub async fn nats(settings: NatsSettings, runtime: &Handle) -> Result<Self, Error> {
        Ok(Self(Kind::Nats(Nats::connect(settings, runtime).await?)))
    }

    /// Whether the other processes can be heard now, if there are any.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        match &self.0 {
            Kind::Local => true,
            Kind::Nats(nats) => nats.is_connected(),
        }
    }

    /// Tells the workers that a run waits for one of them. It does not block: what finds no room on its way is not told.
    pub fn wake(&self, run: RunId) {
        if let Kind::Nats(nats) = &self.0 {
            nats.wake(run);
        }
    }

    /// Waits until a claim may be worth a try. Only workers wait here; one alone is never woken by another.
    pub async fn woken(&self) -> Wakeup {
        match &self.0 {
            Kind::Local => std::future::pending().await,
            Kind::Nats(nats) => nats.woken().await,
        }
    }

    /// Tells an event of a run that is executed here. It does not block: what finds no room on its way is not told.
    pub fn say(&self, event: &RunEvent) {
        if let Kind::Nats(nats) = &self.0 {
            nats.say(event);
        }
    }

    /// Nothing more is told of a run by this process.
    pub fn fall_silent(&self, run: RunId) {
        if let Kind::Nats(nats) = &self.0 {
            nats.fall_silent(run);
        }
    }

    /// What other processes tell of a run: what is kept of it and what follows, in order. Where something was lost, at least one event is
    /// missing before the next one, so that their places do not follow on each other. None when there is nobody to tell, or nobody can
    /// be heard now.
    pub async fn listen(&self, run: RunId) -> Option<mpsc::Receiver<Arc<RunEvent>>> {
        match &self.0 {
            Kind::Local => None,
            Kind::Nats(nats) => nats.listen(run).await,
        }
    }

    /// Asks whoever executes a run to stop it, and waits until it says that it is over, at most so long; whether it did.
    pub async fn stop(&self, run: RunId, patience: Duration) -> bool {
        match &self.0 {
            Kind::Local => false,
            Kind::Nats(nats) => nats.stop(run, patience).await,
        }
    }

    /// Waits until somebody asks that a run is stopped.
    pub async fn asked_to_stop(&self) -> StopAsked {
        match &self.0 {
            Kind::Local => std::future::pending().await,
            Kind::Nats(nats) => nats.asked_to_stop().await,
        }
    }

    /// Ends: what was said before is on its way, or is given up after a while.
    pub async fn close(&self, within: Duration) {
        if let Kind::Nats(nats) = &self.0 {
            nats.close(within).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use latchkey_domain::id::RunId;

    use super::Cluster;

    #[tokio::test]
    async fn one_process_has_nobody_to_tell_and_to_hear() {
        let (cluster, run) = (Cluster::local(), RunId::new(uuid::Uuid::now_v7()));
        cluster.wake(run);
        cluster.fall_silent(run);
        assert!(cluster.is_heard() && cluster.listen(run).await.is_none());
        assert!(!cluster.stop(run, Duration::from_secs(60)).await);
        cluster.close(Duration::from_secs(60)).await;
    }
}
