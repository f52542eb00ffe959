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
}

impl From<ServerStatus> for StatusView {
    fn from(status: ServerStatus) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            banner: status.banner,
            workers: status.standing.workers,
        }
    }
}
