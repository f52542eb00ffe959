//! The client and the transport under it.

use std::error::Error as _;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use ipnet::IpNet;
use reqwest::header::{HeaderName, HeaderValue};
use tokio::time::{Instant, timeout};

use crate::address::{literal, parse};
use crate::error::{Error, describe};
use crate::guard::{Guard, RefusedAddress};
use crate::network::Network;
use crate::redirect;
use crate::request::Request;
use crate::response::{Body, Response};

/// How many headers a request may have.
const MOST_HEADERS: usize = 1000;

/// How the client behaves.
#[derive(Clone, Debug)]
pub struct Config {
    /// Ranges that may be reached although they are private or local.
    pub allow: Vec<IpNet>,
    /// How long connecting may take, name look-up and TLS included.
    pub connect: Duration,
    /// How long an answer's body may be when the request does not say.
    pub max_body: u64,
    /// How many idle connections are kept per host.
    pub idle_connections: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            connect: Duration::from_secs(10),
            max_body: 64 * 1024 * 1024,
            idle_connections: 256,
        }
    }
}

/// Answers requests without a network: what tests and the conformance runner put in the network's place.
pub type ScriptedTransport = Arc<dyn Fn(&Request) -> Result<Response, Error> + Send + Sync>;

/// The client. Clones share connections.
#[derive(Clone)]
pub struct Outbound {
    guard: Guard,
    max_body: u64,
    transport: Transport,
}

#[derive(Clone)]
enum Transport {
    Network(Network),
    Scripted(ScriptedTransport),
}

impl Outbound {
    /// A client on the network.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(config: Config) -> Result<Self, Error> {
        crate::install_crypto();
        let guard = Guard::new(config.allow.clone());
        Ok(Self {
            transport: Transport::Network(Network::new(&config, guard.clone())?),
            guard,
            max_body: config.max_body,
        })
    }

    /// A client that asks a function instead of the network. URLs are still checked, addresses are not; redirects are
    /// followed like any other.
    #[must_use]
    pub fn scripted(transport: ScriptedTransport) -> Self {
        Self {
            guard: Guard::default(),
            max_body: Config::default().max_body,
            transport: Transport::Scripted(transport),
        }
    }

    /// Sends a request and waits for the head of its answer. A redirect is an answer like any other, unless the request
    /// asks to follow it ([`Request::follow_redirects`]).
    ///
    /// # Errors
    /// When nothing was sent because the address is not permitted, or when no answer came.
    pub async fn send(&self, mut request: Request) -> Result<Response, Error> {
        let ends = Instant::now() + request.deadlines.total;
        let most = request.redirects;
        for followed in 0..=most {
            let url = parse(&request.url).and_then(|url| self.checked(url));
            let url = url.map_err(|cause| {
                if followed > 0 {
                    redirected(cause)
                } else {
                    cause
                }
            })?;
            let again = (most > 0).then(|| request.clone());
            let sent = self.exchange(url.clone(), request, ends).await;
            let answer = sent.map_err(|cause| {
                if followed > 0 {
                    redirected(cause)
                } else {
                    cause
                }
            })?;
            let Some(again) = again else {
                return Ok(answer);
            };
            match redirect::next(&again, &url, &answer)? {
                None => return Ok(answer),
                Some(next) => request = next,
            }
        }
        Err(Error::Redirects(most))
    }

    /// The URL, unless it is an address that may not be connected to. Names are looked at when they are resolved.
    fn checked(&self, url: reqwest::Url) -> Result<reqwest::Url, Error> {
        match (&self.transport, literal(&url)) {
            (Transport::Network(_), Some(address)) if !self.guard.permits(address) => {
                Err(Error::Refused(address.to_string()))
            }
            (_, _) => Ok(url),
        }
    }

    async fn exchange(
        &self,
        url: reqwest::Url,
        request: Request,
        ends: Instant,
    ) -> Result<Response, Error> {
        match &self.transport {
            Transport::Scripted(answer) => {
                let max = request.max_body.unwrap_or(u64::MAX);
                answer(&request).map(|answer| answer.capped(max))
            }
            Transport::Network(network) => self.send_over(network, url, request, ends).await,
        }
    }

    async fn send_over(
        &self,
        network: &Network,
        url: reqwest::Url,
        request: Request,
        ends: Instant,
    ) -> Result<Response, Error> {
        let limits = request.deadlines;
        let max = request.max_body.unwrap_or(self.max_body);
        let (client, connect) = network.client(&request)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let built = build(&client, url, request)?;
        let head = limits
            .head
            .min(ends.saturating_duration_since(Instant::now()));
        let answer = timeout(head, client.execute(built))
            .await
            .map_err(|_| Error::Timeout(limits.head.min(limits.total)))?
            .map_err(|cause| explain(&cause, &host, connect, head))?;
        // Of a refusal only the beginning is read.
        if answer.status().is_success()
            && answer.content_length().is_some_and(|length| length > max)
        {
            return Err(Error::TooLarge(max));
        }
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| {
                let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), text)
            })
            .collect();
        let pieces = answer
            .bytes_stream()
            .map(move |piece| piece.map_err(|cause| explain(&cause, &host, connect, limits.idle)));
        Ok(Response {
            status,
            headers,
            body: Body::new(Box::pin(pieces), limits, ends, max),
        })
    }
}

/// Tells that the address was not the one that was asked for.
fn redirected(cause: Error) -> Error {
    match cause {
        Error::Refused(address) => Error::Refused(format!("{address} (after a redirect)")),
        Error::Url(why) => Error::Url(format!("{why} (after a redirect)")),
        Error::NotFound(host) => Error::NotFound(format!("{host} (after a redirect)")),
        Error::Header(_)
        | Error::Unreachable(_)
        | Error::Connection(_)
        | Error::Timeout(_)
        | Error::TooLarge(_)
        | Error::Redirects(_)
        | Error::Client(_) => cause,
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let transport = match self.transport {
            Transport::Network(_) => "network",
            Transport::Scripted(_) => "scripted",
        };
        write!(f, "Outbound({transport})")
    }
}

fn build(
    client: &reqwest::Client,
    url: reqwest::Url,
    request: Request,
) -> Result<reqwest::Request, Error> {
    let method = reqwest::Method::from_bytes(request.method.as_str().as_bytes())
        .map_err(|_| Error::Header("method".to_owned()))?;
    // The library's map of headers panics when it is full.
    if let Some(beyond) = request.headers.get(MOST_HEADERS) {
        return Err(Error::Header(beyond.name.clone()));
    }
    let mut builder = client.request(method, url);
    for header in request.headers {
        let name = HeaderName::from_bytes(header.name.as_bytes())
            .map_err(|_| Error::Header(header.name.clone()))?;
        let mut value =
            HeaderValue::from_str(&header.value).map_err(|_| Error::Header(header.name.clone()))?;
        value.set_sensitive(header.sensitive);
        builder = builder.header(name, value);
    }
    builder
        .body(request.body)
        .build()
        .map_err(|cause| Error::Url(chain(&cause.without_url())))
}

/// Sorts a failure of the library; its own texts are kept without the URL, which may carry a key.
fn explain(cause: &reqwest::Error, host: &str, connect: Duration, limit: Duration) -> Error {
    let mut inner = cause.source();
    while let Some(error) = inner {
        if let Some(RefusedAddress(address)) = error.downcast_ref() {
            return Error::Refused(format!("{address} (of {host})"));
        }
        if let Some(io) = error.downcast_ref::<std::io::Error>()
            && let Some(RefusedAddress(address)) =
                io.get_ref().and_then(|inner| inner.downcast_ref())
        {
            return Error::Refused(format!("{address} (of {host})"));
        }
        inner = error.source();
    }
    if cause.is_timeout() && cause.is_connect() {
        // Nothing was sent.
        return Error::Unreachable(format!("not within {}", describe(&connect)));
    }
    if cause.is_timeout() {
        return Error::Timeout(limit);
    }
    let text = cause
        .source()
        .map_or_else(|| "broken off".to_owned(), chain);
    if text.contains("dns error") || text.contains("failed to lookup") {
        return Error::NotFound(host.to_owned());
    }
    if cause.is_connect() {
        return Error::Unreachable(text);
    }
    Error::Connection(text)
}

/// The texts of an error and of its causes, the innermost last.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut inner = error.source();
    while let Some(error) = inner {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        inner = error.source();
    }
    text
}
