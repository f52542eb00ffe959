//! The request of a call.

use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value as Json};

use latchkey_domain::value::python_text;
use latchkey_outbound::{Deadlines, Method, Outbound, Request};

use super::{Api, Attached, Operation, Place, body, response};
use crate::host::{ToolError, ToolRefusal};
use crate::tools::answer::Answered;
use crate::tools::auth::{Sending, Sent};

/// How long a call may take.
const PATIENCE: Deadlines = Deadlines {
    head: Duration::from_secs(120),
    idle: Duration::from_secs(60),
    total: Duration::from_secs(600),
};
/// The longest answer, in bytes.
const LONGEST: u64 = 20 << 20;

/// What stays as it is in a URL (RFC 3986, unreserved).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl Api {
    /// Calls an operation once, with arguments of its definition.
    ///
    /// # Errors
    /// When it cannot be called, or refuses. The text may repeat what the API says: mask it.
    pub async fn invoke(
        &self,
        tool: &str,
        arguments: &Map<String, Json>,
        files: &[Attached],
        sending: Sending<'_>,
        outbound: &Outbound,
    ) -> Result<Vec<Answered>, ToolError> {
        let operation = self.operation(tool).ok_or_else(|| {
            ToolError::Unbound(format!("the API has no operation {tool:?} any more"))
        })?;
        let request = operation.request(arguments, files, &sending)?;
        let answer = outbound.send(request).await;
        let answer = answer.map_err(|cause| {
            let text = cause.to_string();
            ToolError::Refused(ToolRefusal::unreached(&cause, text))
        })?;
        response::read(answer).await
    }
}

impl Operation {
    fn request(
        &self,
        arguments: &Map<String, Json>,
        files: &[Attached],
        sending: &Sending<'_>,
    ) -> Result<Request, ToolError> {
        let Sent {
            header,
            query,
            cookie,
        } = sending.parts()?;
        let mut url = format!("{}{}", self.server, self.filled_path(arguments)?);
        let mut pairs = self.query(arguments);
        pairs.extend(query);
        for (at, (name, value)) in pairs.iter().enumerate() {
            url.push(if at == 0 { '?' } else { '&' });
            url.push_str(&format!("{}={}", escaped(name), escaped(value)));
        }
        let mut request = Request::new(Method::new(&self.method), &url)
            .header("accept", "application/json, text/plain;q=0.9, */*;q=0.8")
            .deadlines(PATIENCE)
            .max_body(LONGEST);
        for (name, value) in self.at(Place::Header, arguments) {
            request = request.header(name, &text(value));
        }
        if let Some((name, value)) = &header {
            request = request.sensitive_header(name, value);
        }
        let cookies = self.at(Place::Cookie, arguments);
        let cookies = cookies.map(|(name, value)| (name.to_owned(), text(value)));
        let cookies: Vec<String> = cookies
            .chain(cookie)
            .map(|(name, value)| format!("{name}={}", escaped(&value)))
            .collect();
        if !cookies.is_empty() {
            request = request.sensitive_header("cookie", &cookies.join("; "));
        }
        if let Some(form) = &self.body {
            let said: Vec<(&str, &Json)> = self.at(Place::Body, arguments).collect();
            let in_body = |file: &&Attached| {
                let mut places = self.places.iter();
                places.any(|(name, place)| *place == Place::Body && *name == file.parameter)
            };
            let files: Vec<&Attached> = files.iter().filter(in_body).collect();
            request = body::put(request, form, &said, &files);
        }
        Ok(request)
    }

    /// The arguments of one place.
    fn at<'a>(
        &'a self,
        wanted: Place,
        arguments: &'a Map<String, Json>,
    ) -> impl Iterator<Item = (&'a str, &'a Json)> {
        let places = self
            .places
            .iter()
            .filter(move |(_, place)| *place == wanted);
        places.filter_map(|(name, _)| Some((name.as_str(), arguments.get(name)?)))
    }

    /// A value can fill a segment of the path, and never leave it.
    fn filled_path(&self, arguments: &Map<String, Json>) -> Result<String, ToolError> {
        let mut path = self.path.clone();
        for (name, value) in self.at(Place::Path, arguments) {
            let value = text(value);
            if matches!(value.as_str(), "" | "." | "..") {
                let text =
                    format!("the parameter {name} is part of a path and cannot be {value:?}");
                return Err(ToolError::Parameter(text));
            }
            path = path.replace(&format!("{{{name}}}"), &escaped(&value));
        }
        if path.contains('{') {
            let text = format!("the path {path} needs more parameters");
            return Err(ToolError::Parameter(text));
        }
        Ok(path)
    }

    fn query(&self, arguments: &Map<String, Json>) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for (name, place) in &self.places {
            let (Place::Query { explode }, Some(value)) = (place, arguments.get(name)) else {
                continue;
            };
            match value {
                Json::Array(items) if *explode => {
                    pairs.extend(items.iter().map(|item| (name.clone(), text(item))));
                }
                Json::Array(items) => {
                    let items: Vec<String> = items.iter().map(text).collect();
                    pairs.push((name.clone(), items.join(",")));
                }
                Json::Null
                | Json::Bool(_)
                | Json::Number(_)
                | Json::String(_)
                | Json::Object(_) => pairs.push((name.clone(), text(value))),
            }
        }
        pairs
    }
}

pub(super) fn escaped(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// A value in a URL, a header or a form: JSON's words for booleans, JSON for structures.
pub(super) fn text(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::Bool(_) | Json::Array(_) | Json::Object(_) => value.to_string(),
        Json::Number(_) | Json::String(_) => python_text(value),
    }
}
