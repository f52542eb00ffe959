//! The headers of a request: those of the document, the key, and the content type; which of them are secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use latchkey_engine::pool::Pool;

use super::Error;
use super::body::ContentType;
use super::config::{Authorization, Scheme};
use super::form;

/// How many headers a request may have.
const MOST_HEADERS: usize = 256;
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

/// One header.
pub(super) struct Header {
    pub(super) name: String,
    pub(super) value: String,
    /// It goes to one origin only, and nobody is told of it.
    pub(super) is_secret: bool,
}

impl Authorization {
    /// The name and the value of the header that carries the key.
    pub(super) fn header(&self, pool: &Pool) -> Result<(String, String), Error> {
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

/// The headers of a text of lines, with the keys in the place of what has their names, and the content type.
pub(super) fn assembled(
    text: &str,
    keys: &[(String, String)],
    kind: &ContentType,
) -> Vec<(String, String)> {
    let given = form::pairs(text).map(|(name, value)| (name.to_owned(), value.to_owned()));
    let keys = keys.iter().cloned();
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

/// The headers with a mark on those that carry a key, or that are shown otherwise than they are.
pub(super) fn marked(
    headers: Vec<(String, String)>,
    told: &[(String, String)],
    keys: &[(String, String)],
) -> Result<Vec<Header>, Error> {
    if headers.len() > MOST_HEADERS {
        let text = format!("a request has at most {MOST_HEADERS} headers");
        return Err(Error::Node(text));
    }
    let marked = headers.into_iter().map(|(name, value)| {
        let is_key = keys.iter().any(|(key, _)| is(key, &name));
        let is_told = told
            .iter()
            .any(|(known, shown)| *known == name && *shown == value);
        Header {
            is_secret: is_key || !is_told,
            name,
            value,
        }
    });
    Ok(marked.collect())
}
