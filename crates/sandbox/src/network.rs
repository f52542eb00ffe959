//! A way out for code, where the operator wants one: the process of a job can reach one socket in a network of its own, and
//! what is said to it is served by whoever owns the sandbox. The sandbox itself connects to nothing.

use std::convert::Infallible;
use std::fmt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use tokio::net::TcpListener;

/// Where machines keep the certificates that they trust; the first that exists.
const CERTIFICATES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs/ca-bundle.crt",
];

type Served = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Serves the connections of one job, as an HTTP proxy: it is given the socket that only this job can reach, and is dropped
/// when the job is over. Clones share the function.
#[derive(Clone)]
pub struct Network(Arc<dyn Fn(TcpListener) -> Served + Send + Sync>);

impl Network {
    /// A network whose jobs are served by the futures of a function.
    pub fn new<F>(serve: impl Fn(TcpListener) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self(Arc::new(move |listener| Box::pin(serve(listener))))
    }

    /// Serves a job for as long as anybody waits for it.
    async fn serve(&self, listener: TcpListener) -> Infallible {
        (self.0)(listener).await;
        // Whoever has stopped serving serves nobody any more; the job goes on.
        std::future::pending().await
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network")
    }
}

/// Does work while the connections that come of it are served.
pub(crate) async fn beside<T>(
    served: Option<(&Network, TcpListener)>,
    work: impl Future<Output = T>,
) -> T {
    let Some((network, listener)) = served else {
        return work.await;
    };
    tokio::select! {
        done = work => done,
        never = network.serve(listener) => match never {},
    }
}

/// The machine's trusted certificates, without which a process can trust nobody.
pub(crate) fn certificates() -> Option<PathBuf> {
    let mut places = CERTIFICATES.iter().map(Path::new);
    places.find_map(|place| std::fs::canonicalize(place).ok())
}
