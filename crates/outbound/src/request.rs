//! What is sent.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

/// An HTTP method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method(String);

impl Method {
    /// A method by its name, in upper case.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.to_ascii_uppercase())
    }

    /// The name in upper case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How long each part of an exchange may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// From sending to the head of the answer.
    pub head: Duration,
    /// Between two pieces of the body.
    pub idle: Duration,
    /// The whole exchange.
    pub total: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(300),
            idle: Duration::from_secs(120),
            total: Duration::from_secs(1800),
        }
    }
}

/// A request. Its `Debug` shows method and host only.
#[derive(Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: Vec<Header>,
    pub(crate) body: Bytes,
    pub(crate) deadlines: Deadlines,
    pub(crate) connect: Option<Duration>,
    pub(crate) max_body: Option<u64>,
    pub(crate) redirects: u8,
    pub(crate) encoding: Encoding,
    pub(crate) certificates: Certificates,
}

/// What is made of an answer that comes compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Nothing is asked for, and what comes is handed on as it is.
    #[default]
    AsItIs,
    /// gzip, deflate and brotli are asked for and undone.
    Decoded,
}

/// Which certificates of a server are believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Certificates {
    /// Those that the system trusts.
    #[default]
    Trusted,
    /// All of them.
    Any,
}

#[derive(Clone)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) sensitive: bool,
}

impl Request {
    /// A request without headers and body.
    #[must_use]
    pub fn new(method: Method, url: &str) -> Self {
        Self {
            method,
            url: url.to_owned(),
            headers: Vec::new(),
            body: Bytes::new(),
            deadlines: Deadlines::default(),
            connect: None,
            max_body: None,
            redirects: 0,
            encoding: Encoding::AsItIs,
            certificates: Certificates::Trusted,
        }
    }

    /// A `GET`.
    #[must_use]
    pub fn get(url: &str) -> Self {
        Self::new(Method::new("GET"), url)
    }

    /// A `POST` of a JSON text.
    #[must_use]
    pub fn post_json(url: &str, body: impl Into<Bytes>) -> Self {
        Self::new(Method::new("POST"), url)
            .header("content-type", "application/json")
            .body(body)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(Header {
            name: name.to_owned(),
            value: value.to_owned(),
            sensitive: false,
        });
        self
    }

    /// Adds a header whose value is never shown and never put into a compression table.
    #[must_use]
    pub fn sensitive_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(Header {
            name: name.to_owned(),
            value: value.to_owned(),
            sensitive: true,
        });
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets the deadlines.
    #[must_use]
    pub const fn deadlines(mut self, deadlines: Deadlines) -> Self {
        self.deadlines = deadlines;
        self
    }

    /// Sets how long connecting may take, name look-up and TLS included; else the client's limit holds.
    #[must_use]
    pub const fn connect_within(mut self, limit: Duration) -> Self {
        self.connect = Some(limit);
        self
    }

    /// Follows redirects, at most so many. Each address on the way is checked as the first one is; headers that are
    /// sensitive, or that say who asks, go only to the origin that they were given for.
    #[must_use]
    pub const fn follow_redirects(mut self, most: u8) -> Self {
        self.redirects = most;
        self
    }

    /// Asks for a compressed answer and undoes the compression; the limit of the body is that of what comes out.
    #[must_use]
    pub const fn decompressed(mut self) -> Self {
        self.encoding = Encoding::Decoded;
        self
    }

    /// Believes every certificate (Dify DSL, http-request `ssl_verify: false`). Never with a credential of ours.
    #[must_use]
    pub const fn any_certificate(mut self) -> Self {
        self.certificates = Certificates::Any;
        self
    }

    /// Sets how long the answer's body may be, after decompression; else the client's limit holds.
    #[must_use]
    pub const fn max_body(mut self, bytes: u64) -> Self {
        self.max_body = Some(bytes);
        self
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// The URL as given.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers, for a scripted transport.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers
            .iter()
            .map(|header| (header.name.as_str(), header.value.as_str()))
    }

    /// The body's bytes, for a scripted transport.
    #[must_use]
    pub const fn body_bytes(&self) -> &Bytes {
        &self.body
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = crate::address::target_host(&self.url).unwrap_or_default();
        write!(f, "Request({} {host})", self.method.as_str())
    }
}
