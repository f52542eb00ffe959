//! The clients on the network: one for all ordinary requests, and a few for those that want another connection limit,
//! decompression or no look at certificates, as the library settles these per client.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::client::{Config, chain};
use crate::error::Error;
use crate::guard::{Guard, GuardedResolver};
use crate::request::{Certificates, Encoding, Request};

/// How many clients are kept beside the ordinary one; the oldest makes room.
const MOST: usize = 16;
/// Whoever asks for less than this gets it, so that nobody fails before the first packet.
const SHORTEST: Duration = Duration::from_millis(100);

/// What a request wants of its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Flavour {
    connect: Duration,
    encoding: Encoding,
    certificates: Certificates,
}

/// The clients. Clones share them.
#[derive(Clone)]
pub(crate) struct Network {
    guard: Guard,
    idle_connections: usize,
    connect: Duration,
    ordinary: reqwest::Client,
    others: Arc<Mutex<Vec<(Flavour, reqwest::Client)>>>,
}

impl Network {
    pub(crate) fn new(config: &Config, guard: Guard) -> Result<Self, Error> {
        let flavour = Flavour {
            connect: config.connect,
            encoding: Encoding::default(),
            certificates: Certificates::default(),
        };
        Ok(Self {
            ordinary: client(flavour, &guard, config.idle_connections)?,
            guard,
            idle_connections: config.idle_connections,
            connect: config.connect,
            others: Arc::default(),
        })
    }

    /// The client for a request, and how long connecting may take with it.
    pub(crate) fn client(&self, request: &Request) -> Result<(reqwest::Client, Duration), Error> {
        let connect = request.connect.unwrap_or(self.connect).max(SHORTEST);
        let flavour = Flavour {
            connect,
            encoding: request.encoding,
            certificates: request.certificates,
        };
        let is_ordinary = connect == self.connect
            && flavour.encoding == Encoding::default()
            && flavour.certificates == Certificates::default();
        if is_ordinary {
            return Ok((self.ordinary.clone(), connect));
        }
        // A panic of somebody else leaves nothing half-done behind this lock.
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = others.iter().find(|(known, _)| *known == flavour) {
            return Ok((known.clone(), connect));
        }
        let made = client(flavour, &self.guard, self.idle_connections)?;
        if others.len() == MOST {
            others.remove(0);
        }
        others.push((flavour, made.clone()));
        Ok((made, connect))
    }
}

fn client(flavour: Flavour, guard: &Guard, idle: usize) -> Result<reqwest::Client, Error> {
    let decoded = flavour.encoding == Encoding::Decoded;
    let trusting = flavour.certificates == Certificates::Any;
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where a client is made"
    )]
    let builder = reqwest::Client::builder();
    builder
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .gzip(decoded)
        .brotli(decoded)
        .deflate(decoded)
        .tls_danger_accept_invalid_certs(trusting)
        .tls_danger_accept_invalid_hostnames(trusting)
        .connect_timeout(flavour.connect)
        .pool_max_idle_per_host(idle)
        .tcp_nodelay(true)
        .user_agent(concat!("latchkey/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(Arc::new(GuardedResolver(guard.clone())))
        .build()
        .map_err(|cause| Error::Client(chain(&cause)))
}
