//! How the server stands, as it is shown.

use latchkey_service::ServerStatus;
use serde::Serialize;
use utoipa::ToSchema;

/// How the server stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct StatusView {
    /// The version of the server.
    version: &'static str,
    /// What people should know before anything else: `no_worker_alive` when nobody executes runs; none when all is well.
    banner: Option<&'static str>,
    /// Workers that live.
    workers: u64,
    /// Runs of the workspace that wait for a worker.
    queued: u64,
    /// How long the oldest of them has waited, in ms.
    oldest_queued_ms: u64,
    /// Runs of the workspace at work.
    running: u64,
    /// Runs of the workspace that wait for a person.
    paused: u64,
}

impl From<ServerStatus> for StatusView {
    fn from(status: ServerStatus) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            banner: status.banner,
            workers: status.workers,
            queued: status.runs.queued,
            oldest_queued_ms: status.runs.oldest_ms,
            running: status.runs.running,
            paused: status.runs.paused,
        }
    }
}
