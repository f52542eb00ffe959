//! One request and its answer, as JSON or as a stream of events.

use std::time::Duration;

use serde_json::Value as Json;

use latchkey_models::SseParser;
use latchkey_outbound::{Deadlines, Method, Request, Response};

use super::{LONGEST, McpError, Server, protocol};
use crate::tools::answer::shortened;

pub(super) type Message = Json;

/// How many events may come before the answer.
const EVENTS: usize = 10_000;
/// How much of a refusal is read, in bytes.
const REFUSAL: usize = 64 << 10;
/// How long a visit may take to end.
const LEAVING: Duration = Duration::from_secs(5);

/// Sends a request and reads the result of this id; with it comes the id of the session, if the server gives one.
pub(super) async fn ask(
    server: &Server<'_>,
    headers: &[(&str, String)],
    message: Message,
    method: &str,
    id: u64,
) -> Result<(Json, Option<String>), McpError> {
    let answer = send(server, "POST", headers, Some(message)).await?;
    let session = answer.header("mcp-session-id").map(str::to_owned);
    let kind = answer.header("content-type").unwrap_or_default();
    let is_stream = kind
        .trim_start()
        .to_ascii_lowercase()
        .starts_with("text/event-stream");
    if !(200..300).contains(&answer.status) {
        return Err(refusal(answer, method, id).await);
    }
    let reply = if is_stream {
        streamed(answer, id).await?
    } else {
        let body = answer.bytes().await?;
        let body = serde_json::from_slice(&body).map_err(|_| protocol("its answer is no JSON"))?;
        reply_to(body, id)?.ok_or_else(|| protocol("it did not answer the request"))?
    };
    Ok((result_of(reply, method)?, session))
}

/// Sends a message that wants no answer.
pub(super) async fn tell(
    server: &Server<'_>,
    headers: &[(&str, String)],
    message: Message,
) -> Result<(), McpError> {
    let answer = send(server, "POST", headers, Some(message)).await?;
    if (200..300).contains(&answer.status) {
        return Ok(());
    }
    Err(status(answer).await)
}

/// Ends a session.
pub(super) async fn leave(server: &Server<'_>, headers: &[(&str, String)]) {
    let left = send(server, "DELETE", headers, None);
    // Whatever it says: it forgets the session in the end.
    let _ = tokio::time::timeout(LEAVING, left).await;
}

async fn send(
    server: &Server<'_>,
    method: &str,
    headers: &[(&str, String)],
    message: Option<Message>,
) -> Result<Response, McpError> {
    let wrong = |cause: crate::host::ToolError| McpError::Protocol(cause.to_string());
    let sent = server.sending.parts().map_err(wrong)?;
    let mut url = server.url.to_owned();
    if let Some((name, value)) = &sent.query {
        let mut parsed = url::Url::parse(&url).map_err(|_| protocol("its URL is none"))?;
        parsed.query_pairs_mut().append_pair(name, value);
        url = parsed.into();
    }
    let deadlines: Deadlines = server.patience.deadlines();
    let mut request = Request::new(Method::new(method), &url)
        .header("accept", "application/json, text/event-stream")
        .deadlines(deadlines)
        .max_body(LONGEST);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    if let Some((name, value)) = &sent.header {
        request = request.sensitive_header(name, value);
    }
    if let Some((name, value)) = &sent.cookie {
        request = request.sensitive_header("cookie", &format!("{name}={value}"));
    }
    if let Some(message) = message {
        request = request
            .header("content-type", "application/json")
            .body(message.to_string());
    }
    Ok(server.outbound.send(request).await?)
}

/// Reads events until the one that answers.
async fn streamed(mut answer: Response, id: u64) -> Result<Json, McpError> {
    let mut parser = SseParser::default();
    let mut seen = 0;
    let mut look = |event: String| -> Result<Option<Json>, McpError> {
        seen += 1;
        if seen > EVENTS {
            return Err(protocol("it sends events without end"));
        }
        if event.trim().is_empty() {
            return Ok(None);
        }
        let message =
            serde_json::from_str(&event).map_err(|_| protocol("an event of it is no JSON"))?;
        reply_to(message, id)
    };
    while let Some(piece) = answer.body.next().await {
        let events = parser.push(&piece?);
        for event in events.map_err(|_| protocol("an event of it is too long"))? {
            if let Some(reply) = look(event)? {
                return Ok(reply);
            }
        }
    }
    if let Some(event) = parser.finish()
        && let Some(reply) = look(event)?
    {
        return Ok(reply);
    }
    Err(protocol("its stream ended without an answer"))
}

/// The answer to this id in a message or a batch. What the server tells or asks besides is not listened to.
fn reply_to(message: Json, id: u64) -> Result<Option<Json>, McpError> {
    let messages = match message {
        Json::Array(messages) => messages,
        one
        @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_)) => {
            vec![one]
        }
    };
    for message in messages {
        let is_answer = message.get("result").is_some() || message.get("error").is_some();
        if message.get("method").is_some() || !is_answer {
            continue;
        }
        return match message.get("id") {
            Some(Json::Number(of)) if of.as_u64() == Some(id) => Ok(Some(message)),
            // An error about a message that could not be read has no id.
            None | Some(Json::Null) if message.get("error").is_some() => Ok(Some(message)),
            _ => Err(protocol(
                "it answered another request than the one that was asked",
            )),
        };
    }
    Ok(None)
}

pub(super) fn result_of(mut reply: Json, method: &str) -> Result<Json, McpError> {
    if let Some(error) = reply.get("error") {
        return Err(refused(error, method));
    }
    match reply.get_mut("result").map(Json::take) {
        Some(result @ Json::Object(_)) => Ok(result),
        _ => Err(protocol("its result is no object")),
    }
}

fn refused(error: &Json, method: &str) -> McpError {
    let message = error
        .get("message")
        .and_then(Json::as_str)
        .unwrap_or_default();
    McpError::Refused {
        method: method.to_owned(),
        code: error.get("code").and_then(Json::as_i64).unwrap_or_default(),
        message: shortened(message),
    }
}

/// What a status that is no success means; servers may put an error of JSON-RPC into it.
async fn refusal(answer: Response, method: &str, id: u64) -> McpError {
    let (status, retry_after) = (answer.status, answer.retry_after());
    let body = answer.beginning(REFUSAL, LEAVING).await;
    let message = serde_json::from_slice::<Json>(&body).ok();
    let reply = message.and_then(|message| reply_to(message, id).ok().flatten());
    match reply.as_ref().and_then(|reply| reply.get("error")) {
        Some(error) => refused(error, method),
        None => McpError::Status {
            status,
            retry_after,
            text: shortened(&String::from_utf8_lossy(&body)),
        },
    }
}

async fn status(answer: Response) -> McpError {
    let (status, retry_after) = (answer.status, answer.retry_after());
    let body = answer.beginning(REFUSAL, LEAVING).await;
    McpError::Status {
        status,
        retry_after,
        text: shortened(&String::from_utf8_lossy(&body)),
    }
}
