//! What is sent: the URL with its query, the headers with the key, and the body.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use url::Url;

use latchkey_engine::node::NodeContext;
use latchkey_engine::template::Template;
use latchkey_outbound::{Deadlines, Method, Request};

use crate::host::Host;

use super::Error;
use super::answer::MOST_FILE;
use super::body::Content;
use super::config::{Config, Limits};
use super::form;
use super::headers::{self, Header};
use super::shown;

/// How many redirects are followed (that of Dify's HTTP client).
const REDIRECTS: u8 = 20;
/// A body of this size is gone as soon as there is a connection; a longer one may take its time.
const SMALL_BODY: usize = 64 * 1024;
/// The least that a whole exchange may take, however short its parts may be.
const LEAST_TOTAL: Duration = Duration::from_secs(300);
/// A request that can be sent, and what people are told of it.
pub(super) struct Prepared {
    pub(super) url: Url,
    headers: Vec<Header>,
    body: Bytes,
    pub(super) shown: String,
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
        if !config.params.is_empty() {
            let params = params(config, |template| template.render_text(pool));
            url.set_query(Some(&form::url_encoded(&params)));
        }
        let content = match &config.body {
            None => Content::default(),
            Some(body) => Content::of(body, context, host).await?,
        };
        let keys: Vec<_> = key.into_iter().chain(of_user(&mut url)).collect();
        let told = headers::assembled(&config.headers.render_shown(pool), &keys, &content.kind);
        let given = headers::assembled(&config.headers.render_text(pool), &keys, &content.kind);
        let headers = headers::marked(given, &told, &keys)?;
        let shown = shown::Parts {
            method: config.method.name(),
            url: &config.url.render_shown(pool),
            params: params(config, |template| template.render_shown(pool)),
            headers: told,
            keys: &keys,
            body: &content.shown,
        };
        Ok(Self {
            shown: shown.text(),
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

/// The query's pairs, those of one name together.
fn params(config: &Config, form: impl Fn(&Template) -> String) -> Vec<(String, String)> {
    let pairs = config.params.iter();
    form::group(pairs.map(|(key, value)| (form(key), form(value))).collect())
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
