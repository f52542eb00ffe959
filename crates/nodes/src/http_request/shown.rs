//! A request as people are told of it: in the form of the wire, with keys and secrets masked.

use super::form;

/// How much of a body is told, in characters.
const TOLD: usize = 100_000;
/// Headers whose values are nobody's business.
const PERSONAL: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

/// What there is to tell, secrets masked already.
pub(super) struct Parts<'a> {
    pub(super) method: &'a str,
    pub(super) url: &'a str,
    pub(super) params: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    /// The headers that carry keys.
    pub(super) keys: &'a [(String, String)],
    pub(super) body: &'a str,
}

impl Parts<'_> {
    pub(super) fn text(self) -> String {
        let (host, path, query) = split(self.url);
        let query = if self.params.is_empty() {
            query.to_owned()
        } else {
            form::url_encoded(&self.params)
        };
        let mark = if query.is_empty() { "" } else { "?" };
        let method = self.method.to_ascii_uppercase();
        let mut text = format!("{method} {path}{mark}{query} HTTP/1.1\r\nHost: {host}\r\n");
        let hidden: Vec<&str> = self
            .keys
            .iter()
            .map(|(name, _)| name.as_str())
            .chain(PERSONAL)
            .collect();
        for (name, value) in &self.headers {
            let is_hidden = hidden
                .iter()
                .any(|hidden| hidden.eq_ignore_ascii_case(name));
            let value = if is_hidden {
                &"*".repeat(value.chars().count())
            } else {
                value
            };
            text += &format!("{name}: {value}\r\n");
        }
        if !self.body.is_empty() {
            text += &format!("Content-Length: {}\r\n", self.body.len());
        }
        text += "\r\n";
        match self.body.char_indices().nth(TOLD) {
            None => text += self.body,
            Some((end, _)) => text += &format!("{}…", &self.body[..end]),
        }
        text
    }
}

/// Host, path and query of a URL; a user name and a password are left out.
fn split(url: &str) -> (&str, &str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split('#').next().unwrap_or(rest);
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = match place.find('/') {
        Some(end) => place.split_at(end),
        None => (place, "/"),
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    (host, path, query)
}
