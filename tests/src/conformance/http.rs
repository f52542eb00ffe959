//! The network of a case: answers each request with the first unused reply that fits, and remembers what was asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json, json};

use latchkey_domain::value::json_compact;
use latchkey_outbound::{Error, Outbound, Request, Response};

use super::case::Case;
use super::text::fits;

/// Headers that every client writes as it likes.
const IGNORED: [&str; 8] = [
    "host",
    "accept",
    "accept-encoding",
    "connection",
    "user-agent",
    "content-length",
    "transfer-encoding",
    "te",
];

struct Reply {
    raw: Json,
    left: u64,
}

/// The network of one case.
pub(super) struct Http {
    replies: Mutex<Vec<Reply>>,
    requests: Mutex<Vec<Json>>,
}

impl Http {
    pub(super) fn of(case: &Case) -> Arc<Self> {
        let replies = case.list("http").iter().map(|raw| Reply {
            left: raw.get("times").and_then(Json::as_u64).unwrap_or(1),
            raw: raw.clone(),
        });
        Arc::new(Self {
            replies: Mutex::new(replies.collect()),
            requests: Mutex::default(),
        })
    }

    /// The way out that leads here.
    pub(super) fn outbound(self: &Arc<Self>) -> Outbound {
        let http = Arc::clone(self);
        Outbound::scripted(Arc::new(move |request| http.answer(request)))
    }

    /// What was asked, in order.
    pub(super) fn requests(&self) -> Vec<Json> {
        lock(&self.requests).clone()
    }

    fn answer(&self, request: &Request) -> Result<Response, Error> {
        lock(&self.requests).push(described(request));
        let reply = self.take(request).ok_or_else(|| {
            let method = request.method().as_str();
            Error::Connection(format!("no scripted reply for {method} {}", request.url()))
        })?;
        if let Some(error) = reply["error"].as_str() {
            let message = reply["message"].as_str();
            let usual = if error == "timeout" {
                "timed out"
            } else {
                "connection refused"
            };
            return Err(Error::Connection(message.unwrap_or(usual).to_owned()));
        }
        let status = reply["status"].as_u64().unwrap_or(200);
        let (usual_type, body) = body(&reply);
        let mut headers: Vec<(String, String)> = Vec::new();
        for (name, value) in reply["headers"].as_object().into_iter().flatten() {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            headers.push((name.to_ascii_lowercase(), value));
        }
        if let Some(usual) = usual_type
            && !headers.iter().any(|(name, _)| name == "content-type")
        {
            headers.push(("content-type".to_owned(), usual.to_owned()));
        }
        let status = u16::try_from(status).unwrap_or_default();
        Ok(Response::ready(status, headers, body))
    }

    fn take(&self, request: &Request) -> Option<Json> {
        let full = request.url();
        let bare = full.split('?').next();
        let is_meant = |reply: &Reply| {
            let method = reply.raw["method"].as_str();
            let url = &reply.raw["url"];
            method.is_none_or(|name| name.eq_ignore_ascii_case(request.method().as_str()))
                && (fits(url, full) || bare.is_some_and(|bare| fits(url, bare)))
        };
        let mut replies = lock(&self.replies);
        let unused = replies
            .iter_mut()
            .find(|reply| reply.left > 0 && is_meant(reply));
        if let Some(reply) = unused {
            reply.left -= 1;
            return Some(reply.raw.clone());
        }
        let last = replies.iter().rev().find(|reply| is_meant(reply));
        last.map(|reply| reply.raw.clone())
    }
}

/// The content type that a reply has unless it says another, and its body.
fn body(reply: &Json) -> (Option<&'static str>, Vec<u8>) {
    if let Some(json) = reply.get("json") {
        return (Some("application/json"), json_compact(json).into_bytes());
    }
    if let Some(encoded) = reply["body_base64"].as_str() {
        return (None, STANDARD.decode(encoded).unwrap_or_default());
    }
    let text = match reply.get("body_repeat") {
        Some(repeat) => {
            let times = repeat["times"].as_u64().unwrap_or_default();
            let times = usize::try_from(times).unwrap_or_default();
            repeat["text"].as_str().unwrap_or_default().repeat(times)
        }
        None => match &reply["body"] {
            Json::Null => String::new(),
            Json::String(text) => text.clone(),
            other @ (Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_)) => {
                other.to_string()
            }
        },
    };
    (Some("text/plain; charset=utf-8"), text.into_bytes())
}

/// A request in the form of a case.
fn described(request: &Request) -> Json {
    let mut headers: Map<String, Json> = Map::new();
    for (name, value) in request.headers() {
        let name = name.to_ascii_lowercase();
        if !IGNORED.contains(&name.as_str()) {
            headers.insert(name, value.into());
        }
    }
    let mut told = json!({"method": request.method().as_str(), "url": request.url()});
    let body = request.body_bytes();
    let kind = headers.get("content-type").and_then(Json::as_str);
    let kind = kind.unwrap_or_default().to_owned();
    let text = || json!(String::from_utf8_lossy(body));
    if let Some(parameters) = kind.strip_prefix("multipart/form-data") {
        if !body.is_empty() {
            told["multipart"] = parts(body, parameters);
        }
        headers.insert("content-type".to_owned(), "multipart/form-data".into());
    } else if kind.contains("json") && !body.is_empty() {
        match serde_json::from_slice::<Json>(body) {
            Ok(json) => told["json"] = json,
            Err(_) => told["body"] = text(),
        }
    } else if !body.is_empty() {
        told["body"] = text();
    }
    if !headers.is_empty() {
        told["headers"] = Json::Object(headers);
    }
    told
}

/// The parts of a form.
fn parts(body: &[u8], parameters: &str) -> Json {
    let body = String::from_utf8_lossy(body);
    let Some((_, boundary)) = parameters.split_once("boundary=") else {
        return json!([{"raw": body}]);
    };
    let boundary = format!(
        "--{}",
        boundary.split(';').next().unwrap_or(boundary).trim()
    );
    let mut pieces: Vec<&str> = body.split(boundary.as_str()).skip(1).collect();
    pieces.pop();
    pieces.into_iter().map(part).collect()
}

fn part(piece: &str) -> Json {
    let piece = piece.trim_start_matches(['\r', '\n']);
    let (head, value) = piece.split_once("\r\n\r\n").unwrap_or((piece, ""));
    let quoted = |name: &str| {
        let (_, rest) = head.split_once(&format!(" {name}=\""))?;
        rest.split('"').next()
    };
    let mut told = json!({"name": quoted("name")});
    if let Some(filename) = quoted("filename") {
        told["filename"] = filename.into();
    }
    let kind = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-type")
            .then(|| value.trim())
    });
    if let Some(kind) = kind {
        told["content_type"] = kind.into();
    }
    told["value"] = value.strip_suffix("\r\n").unwrap_or(value).into();
    told
}

/// A panic of somebody else leaves nothing half-done behind these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
