//! What is sent: the URL with its query, the headers with the key, and the body.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use url::Url;

use latchkey_engine::node::NodeContext;
use latchkey_engine::pool::Pool;
use latchkey_outbound::{Deadlines, Method, Request};

use crate::host::Host;

use super::Error;
use super::answer::MOST_FILE;
use super::body::{Content, ContentType};
use super::config::{Authorization, Config, Limits, Scheme};
use super::form;
use super::shown;

/// How many redirects are followed (that of Dify's HTTP client).
const REDIRECTS: u8 = 20;
/// How many headers a request may have.
const MOST_HEADERS: usize = 256;
/// A body of this size is gone as soon as there is a connection; a longer one may take its time.
const SMALL_BODY: usize = 64 * 1024;
/// The least that a whole exchange may take, however short its parts may be.
const LEAST_TOTAL: Duration = Duration::from_secs(300);
/// Headers that belong to the connection: the client writes them, and a wrong one would let a request be read as two.
const OF_CONNECTION: [&str; 8] = [
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A request that can be sent, and what people are told of it.
pub(super) struct Prepared {
    pub(super) url: Url,
    headers: Vec<Header>,
    body: Bytes,
    pub(super) shown: String,
}

struct Header {
    name: String,
    value: String,
    is_secret: bool,
}

impl Prepared {
    pub(super) async fn of(
        config: &Config,
        context: &NodeContext,
        host: &Host,
    ) -> Result<Self, Error> {
        let pool = &context.pool;
        let key = config.authorization.as_ref();
        let key = key.map(|given| given.header(pool)).transpose()?;
        let mut url = address(&config.url.render_text(pool))?;
        let params = |form: fn(&_, &Pool) -> String| {
            let params = config.params.iter();
            form::group(
                params
                    .map(|(key, value)| (form(key, pool), form(value, pool)))
                    .collect(),
            )
        };
        if !config.params.is_empty() {
            let query =
                form::url_encoded(&params(latchkey_engine::template::Template::render_text));
            url.set_query(Some(&query));
        }
        let content = match &config.body {
            None => Content::default(),
            Some(body) => Content::of(body, context, host).await?,
        };
        let in_url = of_user(&mut url);
        let given = config.headers.render_text(pool);
        let told = config.headers.render_shown(pool);
        let told = shown::Parts {
            method: config.method.name(),
            url: &config.url.render_shown(pool),
            params: params(latchkey_engine::template::Template::render_shown),
            headers: assembled(&told, [key.as_ref(), in_url.as_ref()], &content.kind),
            keys: [key.as_ref(), in_url.as_ref()].into_iter().flatten(),
            body: &content.shown,
        };
        let headers = assembled(&given, [key.as_ref(), in_url.as_ref()], &content.kind);
        if headers.len() > MOST_HEADERS {
            let text = format!("a request has at most {MOST_HEADERS} headers");
            return Err(Error::Node(text));
        }
        let secret = |name: &str, value: &str| {
            let is_key = [&key, &in_url]
                .into_iter()
                .flatten()
                .any(|(key, _)| is(key, name));
            is_key
                || !told
                    .headers
                    .iter()
                    .any(|(known, shown)| known == name && shown == value)
        };
        let headers = headers
            .into_iter()
            .map(|(name, value)| Header {
                is_secret: secret(&name, &value),
                name,
                value,
            })
            .collect();
        Ok(Self {
            shown: told.text(),
            url,
            headers,
            body: content.bytes,
        })
    }

    pub(super) fn into_request(self, config: &Config) -> Request {
        let Limits {
            connect,
            read,
            write,
        } = config.limits;
        let sending = if self.body.len() > SMALL_BODY {
            write
        } else {
            Duration::ZERO
        };
        let deadlines = Deadlines {
            head: read + sending,
            idle: read,
            total: (connect + read + write).max(LEAST_TOTAL),
        };
        let mut request = Request::new(Method::new(config.method.name()), self.url.as_str())
            .body(self.body)
            .deadlines(deadlines)
            .connect_within(connect)
            .follow_redirects(REDIRECTS)
            .max_body(MOST_FILE)
            .decompressed();
        if config.any_certificate {
            request = request.any_certificate();
        }
        for header in self.headers {
            request = if header.is_secret {
                request.sensitive_header(&header.name, &header.value)
            } else {
                request.header(&header.name, &header.value)
            };
        }
        request
    }
}

impl Authorization {
    /// The name and the value of the header that carries the key.
    fn header(&self, pool: &Pool) -> Result<(String, String), Error> {
        let key = self.key.render_text(pool);
        if key.trim().is_empty() {
            return Err(Error::Authorization(
                "API key is required for authorization but was empty. \
                 Please provide a valid API key."
                    .to_owned(),
            ));
        }
        let value = match self.scheme {
            Scheme::Bearer => format!("Bearer {key}"),
            Scheme::Basic if key.contains(':') => format!("Basic {}", STANDARD.encode(key)),
            Scheme::Basic => format!("Basic {key}"),
            Scheme::Custom => key,
        };
        Ok((self.header.clone(), value))
    }
}

fn address(text: &str) -> Result<Url, Error> {
    let refuse = |why: &str| Error::Url(why.to_owned());
    if text.is_empty() {
        return Err(refuse("url is required"));
    }
    if !text.starts_with("http://") && !text.starts_with("https://") {
        return Err(refuse("url should start with http:// or https://"));
    }
    // A parser drops line breaks, so that the address would be another than the one that is read here.
    if text.contains(|c: char| c.is_ascii_control()) {
        return Err(refuse("Invalid non-printable ASCII character in URL"));
    }
    Url::parse(text).map_err(|cause| Error::Url(format!("not a usable URL: {cause}")))
}

/// Takes the user name and the password out of a URL: they are an authorization, as in Dify's client.
fn of_user(url: &mut Url) -> Option<(String, String)> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut pair = percent_decode_str(url.username()).collect::<Vec<u8>>();
    pair.push(b':');
    pair.extend(percent_decode_str(url.password().unwrap_or_default()));
    // A URL of these schemes always takes both.
    let (_, _) = (url.set_username(""), url.set_password(None));
    Some((
        "Authorization".to_owned(),
        format!("Basic {}", STANDARD.encode(pair)),
    ))
}

/// The headers of a text of lines, with the keys in the place of what has their names, and the content type.
fn assembled(
    text: &str,
    keys: [Option<&(String, String)>; 2],
    kind: &ContentType,
) -> Vec<(String, String)> {
    let given = form::pairs(text).map(|(name, value)| (name.to_owned(), value.to_owned()));
    let keys = keys.into_iter().flatten().cloned();
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in form::collapse(given).into_iter().chain(keys) {
        if OF_CONNECTION.iter().any(|known| is(known, &name)) {
            continue;
        }
        match headers
            .iter_mut()
            .take(MOST_HEADERS)
            .find(|(known, _)| is(known, &name))
        {
            Some(old) => *old = (name, value),
            None => headers.push((name, value)),
        }
    }
    let has_type = headers.iter().any(|(name, _)| is(name, "content-type"));
    match kind {
        ContentType::Usual(kind) if !has_type => {
            headers.push(("Content-Type".to_owned(), (*kind).to_owned()));
        }
        ContentType::Always(kind) => {
            headers.retain(|(name, _)| !is(name, "content-type"));
            headers.push(("Content-Type".to_owned(), kind.clone()));
        }
        ContentType::Given | ContentType::Usual(_) => {}
    }
    headers
}

fn is(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}
