//! What the data of an `http-request` node say, old forms included.

use std::time::Duration;

use serde_json::Value as Json;

use latchkey_engine::node::BuildProblem;
use latchkey_engine::template::Template;

use crate::data::{self, Data, problem};

use super::form;

/// The methods that documents may name, in small or in capital letters.
const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];

/// The limits where a node sets none (Dify: `HTTP_REQUEST_MAX_*_TIMEOUT`).
const CONNECT: Duration = Duration::from_secs(10);
const READ: Duration = Duration::from_secs(600);
const WRITE: Duration = Duration::from_secs(600);
/// The longest limit that a node may set.
const LONGEST: u64 = 3600;

pub(super) struct Config {
    pub(super) method: Method,
    pub(super) url: Template,
    pub(super) authorization: Option<Authorization>,
    pub(super) headers: Template,
    /// Split before they are interpolated, so that a value may have line breaks.
    pub(super) params: Vec<(Template, Template)>,
    pub(super) body: Option<Body>,
    pub(super) limits: Limits,
    pub(super) any_certificate: bool,
    /// With a strategy or retries, an answer outside of 2xx is a failure.
    pub(super) fails_on_status: bool,
}

/// A method as the document writes it.
pub(super) struct Method(String);

/// A key, and the header that carries it.
pub(super) struct Authorization {
    pub(super) scheme: Scheme,
    pub(super) key: Template,
    pub(super) header: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Basic,
    Bearer,
    Custom,
}

/// How long parts of the exchange may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) connect: Duration,
    pub(super) read: Duration,
    pub(super) write: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyKind {
    None,
    FormData,
    UrlEncoded,
    Raw,
    Json,
    Binary,
}

pub(super) struct Body {
    pub(super) kind: BodyKind,
    pub(super) items: Vec<Item>,
}

/// One item of a body; a file when it has a selector for one.
pub(super) struct Item {
    pub(super) is_file: bool,
    pub(super) key: Template,
    pub(super) value: Template,
    pub(super) file: Vec<String>,
}

impl Config {
    pub(super) fn of(data: &Data) -> Result<Self, BuildProblem> {
        let url = data::text(data, "url").ok_or_else(|| problem("url", "there is no url"))?;
        let strategy = data::text(data, "error_strategy").unwrap_or("none");
        let retry = data::mapping(data, "retry_config");
        let retries = retry.is_some_and(|retry| data::flag(retry, "retry_enabled"));
        Ok(Self {
            method: Method::of(data)?,
            url: Template::parse(url),
            authorization: Authorization::of(data)?,
            headers: Template::parse(lines(data, "headers")?),
            params: params(lines(data, "params")?),
            body: Body::of(data)?,
            limits: Limits::of(data::mapping(data, "timeout")),
            any_certificate: data.get("ssl_verify").and_then(Json::as_bool) == Some(false),
            fails_on_status: retries || !matches!(strategy, "none" | ""),
        })
    }
}

/// A text of several lines; empty when it is absent or null.
fn lines<'a>(data: &'a Data, key: &str) -> Result<&'a str, BuildProblem> {
    match data.get(key) {
        None | Some(Json::Null) => Ok(""),
        Some(Json::String(text)) => Ok(text),
        Some(_) => Err(problem(key, "it is no text")),
    }
}

fn params(text: &str) -> Vec<(Template, Template)> {
    form::pairs(text)
        .filter(|(key, _)| !key.is_empty())
        .map(|(key, value)| (Template::parse(key), Template::parse(value)))
        .collect()
}

impl Method {
    fn of(data: &Data) -> Result<Self, BuildProblem> {
        let name = data::text(data, "method").unwrap_or_default();
        let known = METHODS
            .iter()
            .any(|known| *known == name || known.to_ascii_uppercase() == name);
        if known {
            Ok(Self(name.to_owned()))
        } else {
            Err(problem("method", format!("unknown method {name:?}")))
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.0
    }

    /// Whether requests with it are sent: Dify's files may say `options`, its executor refuses it.
    pub(super) fn is_sent(&self) -> bool {
        !self.is("options")
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.0.eq_ignore_ascii_case(name)
    }
}

impl Authorization {
    fn of(data: &Data) -> Result<Option<Self>, BuildProblem> {
        let refuse = |why: String| problem("authorization", why);
        let Some(given) = data::mapping(data, "authorization") else {
            return Ok(None);
        };
        match data::text(given, "type") {
            Some("no-auth") => return Ok(None),
            Some("api-key") => {}
            other => {
                return Err(refuse(format!(
                    "unknown type {:?}",
                    other.unwrap_or_default()
                )));
            }
        }
        let config = data::mapping(given, "config").filter(|config| !config.is_empty());
        let config = config.ok_or_else(|| refuse("config should be a mapping".to_owned()))?;
        let scheme = match data::text(config, "type") {
            Some("basic") => Scheme::Basic,
            Some("bearer") => Scheme::Bearer,
            Some("custom") => Scheme::Custom,
            other => {
                return Err(refuse(format!(
                    "unknown scheme {:?}",
                    other.unwrap_or_default()
                )));
            }
        };
        let key = data::text(config, "api_key").ok_or_else(|| refuse("there is no key".into()))?;
        let header = data::text(config, "header").filter(|name| !name.trim().is_empty());
        Ok(Some(Self {
            scheme,
            key: Template::parse(key),
            header: header.unwrap_or("Authorization").trim().to_owned(),
        }))
    }
}

impl Limits {
    fn of(given: Option<&Data>) -> Self {
        let limit = |key: &str, usual: Duration| {
            let seconds = given.and_then(|given| seconds(given.get(key)?));
            seconds.map_or(usual, Duration::from_secs)
        };
        Self {
            connect: limit("connect", CONNECT),
            read: limit("read", READ),
            write: limit("write", WRITE),
        }
    }
}

/// A number of seconds; none for zero, which means the usual limit.
fn seconds(raw: &Json) -> Option<u64> {
    let written = || raw.as_str()?.trim().parse().ok();
    let number = raw.as_f64().or_else(written)?;
    (number > 0.0).then(|| (number.ceil() as u64).clamp(1, LONGEST))
}

impl Body {
    fn of(data: &Data) -> Result<Option<Self>, BuildProblem> {
        let given = match data.get("body") {
            None | Some(Json::Null) => return Ok(None),
            Some(Json::Object(given)) => given,
            Some(_) => return Err(problem("body", "it is no mapping")),
        };
        let kind = match data::text(given, "type") {
            Some("none") => BodyKind::None,
            Some("form-data") => BodyKind::FormData,
            Some("x-www-form-urlencoded") => BodyKind::UrlEncoded,
            Some("raw-text") => BodyKind::Raw,
            Some("json") => BodyKind::Json,
            Some("binary") => BodyKind::Binary,
            other => {
                let other = other.unwrap_or_default();
                return Err(problem("body", format!("unknown type {other:?}")));
            }
        };
        let items = match given.get("data") {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::String(text)) => old_items(kind, text),
            Some(Json::Array(items)) => items.iter().map(item).collect::<Result<_, _>>()?,
            Some(_) => return Err(problem("body.data", "it is no list")),
        };
        Ok(Some(Self { kind, items }))
    }
}

/// The one text that old files have in the place of items; forms have a field in each line of it.
fn old_items(kind: BodyKind, text: &str) -> Vec<Item> {
    let item = |key: &str, value: &str| Item {
        is_file: false,
        key: Template::parse(key),
        value: Template::parse(value),
        file: Vec::new(),
    };
    match kind {
        _ if text.is_empty() => Vec::new(),
        BodyKind::FormData | BodyKind::UrlEncoded => {
            let fields = form::pairs(text).filter(|(key, _)| !key.is_empty());
            fields.map(|(key, value)| item(key, value)).collect()
        }
        BodyKind::None | BodyKind::Raw | BodyKind::Json | BodyKind::Binary => vec![item("", text)],
    }
}

fn item(raw: &Json) -> Result<Item, BuildProblem> {
    let refuse = |why: String| problem("body.data", why);
    let raw = raw
        .as_object()
        .ok_or_else(|| refuse("an item is no mapping".to_owned()))?;
    let is_file = match data::text(raw, "type") {
        Some("text") | None => false,
        Some("file") => true,
        Some(other) => return Err(refuse(format!("unknown type of an item: {other:?}"))),
    };
    let template = |key: &str| match raw.get(key) {
        None | Some(Json::Null) => Ok(Template::parse("")),
        Some(Json::String(text)) => Ok(Template::parse(text)),
        Some(_) => Err(refuse(format!("the {key} of an item is no text"))),
    };
    Ok(Item {
        is_file,
        key: template("key")?,
        value: template("value")?,
        file: data::selector(raw, "file"),
    })
}
