//! The way out of confined code: an HTTP proxy on a socket that only one job can reach, with the guard in front of every
//! connection and limits on all of them together.
//!
//! It understands `CONNECT host:port` and plain requests with a whole `http://` URL, and looks at nothing beyond the first
//! head of a connection: what follows goes to the one address that was permitted, whatever it says.

mod carry;
mod head;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::client::Config;
use crate::error::Error;
use crate::guard::Guard;

use self::carry::{Meter, carry, unread};
use self::head::{Asked, Head};

/// How long the head of a request may take to arrive.
const HEAD: Duration = Duration::from_secs(10);
/// How long a socket that nothing can be accepted from rests.
const REST: Duration = Duration::from_millis(20);
/// How long a client that has its answer is listened to, so that it reads it.
const LISTENING: Duration = Duration::from_secs(1);
/// The last of the ports that belong to services of a machine (mail, name, file servers …).
const LAST_WELL_KNOWN: u16 = 1023;
/// Those of them that are open.
const OPEN: [u16; 2] = [80, 443];

/// What one job may use of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProxyLimits {
    /// How much may go through, both ways together, in bytes.
    pub bytes: u64,
    /// How many connections there may be at a time; more wait.
    pub at_once: usize,
    /// How many connections there may be in all.
    pub connections: usize,
    /// How long connecting may take, name look-up included.
    pub connect: Duration,
}

impl Default for ProxyLimits {
    fn default() -> Self {
        Self {
            bytes: 100 << 20,
            at_once: 16,
            connections: 1_000,
            connect: Duration::from_secs(10),
        }
    }
}

/// The proxy. Clones share the guard; each [`Proxy::serve`] counts for itself.
#[derive(Clone, Debug)]
pub struct Proxy {
    guard: Guard,
    limits: ProxyLimits,
}

/// Why a client is refused: a status and the reason.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: u16,
    reason: String,
}

impl Proxy {
    /// A proxy that permits the addresses that the client permits.
    #[must_use]
    pub fn new(config: &Config, limits: ProxyLimits) -> Self {
        Self {
            guard: Guard::new(config.allow.clone()),
            limits,
        }
    }

    /// Serves the connections of one job. It never ends; when it is dropped, every connection is.
    pub async fn serve(&self, listener: TcpListener) {
        let meter = Arc::new(Meter::new(self.limits.bytes));
        let mut open = JoinSet::new();
        let mut seen = 0;
        loop {
            let has_room = open.len() < self.limits.at_once;
            tokio::select! {
                Some(_) = open.join_next() => {}
                accepted = listener.accept(), if has_room => match accepted {
                    Ok((client, _)) => {
                        seen += 1;
                        open.spawn(self.clone().one(client, Arc::clone(&meter), seen));
                    }
                    // Out of descriptors, most likely: somebody will close one.
                    Err(_) => sleep(REST).await,
                },
            }
        }
    }

    async fn one(self, mut client: TcpStream, meter: Arc<Meter>, number: usize) {
        match self.begin(&mut client, &meter, number).await {
            Ok((server, early)) => carry(client, server, early, &meter).await,
            Err(refusal) => {
                // A client that does not listen needs no reason.
                let _ = timeout(LISTENING, refuse(&mut client, &refusal)).await;
            }
        }
    }

    /// Reads what is asked for and connects to it; with the connection, what the server is told first.
    async fn begin(
        &self,
        client: &mut TcpStream,
        meter: &Meter,
        number: usize,
    ) -> Result<(TcpStream, Vec<u8>), Refusal> {
        let head = timeout(HEAD, Head::read(client)).await;
        let head = head.map_err(|_| Refusal::new(408, "the request did not arrive"))??;
        if number > self.limits.connections {
            let most = self.limits.connections;
            let text = format!("this code has made more than {most} connections");
            return Err(Refusal::new(403, text));
        }
        meter.check()?;
        let server = self.connect(&head.host, head.port).await?;
        match head.asked {
            Asked::Tunnel => {
                let told = client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n");
                told.await
                    .map_err(|_| Refusal::new(400, "the client has gone"))?;
                Ok((server, head.rest))
            }
            Asked::Request(mut request) => {
                request.extend(head.rest);
                Ok((server, request))
            }
        }
    }

    /// Connects to an address that was looked at, never to a name.
    async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, Refusal> {
        if port <= LAST_WELL_KNOWN && !OPEN.contains(&port) {
            let text =
                format!("port {port} is closed to code: 80, 443 and those from 1024 are open");
            return Err(Refusal::new(403, text));
        }
        let limit = self.limits.connect;
        let connected = timeout(limit, async {
            let found = self.addresses(host, port).await?;
            let socket = TcpStream::connect(found.as_slice()).await;
            socket.map_err(|cause| Error::Unreachable(cause.to_string()))
        });
        let connected = connected.await.unwrap_or(Err(Error::Timeout(limit)));
        let socket = connected.map_err(|cause| Refusal::of(&cause))?;
        // Without it, small packets wait for each other; with neither, everything still arrives.
        let _ = socket.set_nodelay(true);
        Ok(socket)
    }

    async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Error> {
        let plain = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = plain.parse::<IpAddr>() {
            let found = vec![SocketAddr::new(address, port)];
            let checked = self.guard.checked(found);
            return checked.map_err(|refused| Error::Refused(refused.0.to_string()));
        }
        let found = tokio::net::lookup_host((host, port)).await;
        let found: Vec<SocketAddr> = found
            .map_err(|_| Error::NotFound(host.to_owned()))?
            .collect();
        if found.is_empty() {
            return Err(Error::NotFound(host.to_owned()));
        }
        let checked = self.guard.checked(found);
        checked.map_err(|refused| Error::Refused(format!("{} (of {host})", refused.0)))
    }
}

impl Refusal {
    fn new(status: u16, reason: impl Into<String>) -> Self {
        Self {
            status,
            reason: reason.into(),
        }
    }

    fn of(cause: &Error) -> Self {
        let status = match cause {
            Error::Refused(_) => 403,
            Error::Timeout(_) => 504,
            Error::Url(_)
            | Error::Header(_)
            | Error::NotFound(_)
            | Error::Unreachable(_)
            | Error::Connection(_)
            | Error::TooLarge(_)
            | Error::Redirects(_)
            | Error::Client(_) => 502,
        };
        Self::new(status, cause.to_string())
    }
}

/// Says why, in the line of the status too: of a refused tunnel, most clients show only that.
async fn refuse(client: &mut TcpStream, refusal: &Refusal) {
    let plain = |character: char| character.is_ascii_graphic() || character == ' ';
    let reason: String = refusal.reason.chars().filter(|c| plain(*c)).collect();
    let answer = format!(
        "HTTP/1.1 {} {reason}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{reason}\n",
        refusal.status,
        reason.len() + 1,
    );
    if client.write_all(answer.as_bytes()).await.is_err() || client.shutdown().await.is_err() {
        return;
    }
    unread(client).await;
}
