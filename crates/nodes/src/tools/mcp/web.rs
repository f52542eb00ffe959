//! The way to a server over HTTP: what the library of the protocol sends goes out here, and the answer to it is read within
//! bounds.
//!
//! The library knows neither the address nor the credential, and sees an answer only when it is whole and answers what was
//! asked: a stream of events is read here up to that. What the server tells or asks besides is not listened to.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use rmcp::model::{
    CallToolResult, ClientJsonRpcMessage, InitializeResult, ListToolsResult, ServerJsonRpcMessage,
    ServerResult,
};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::common::client_side_sse::BoxedSseResponse;
use rmcp::transport::streamable_http_client::{
    StreamableHttpClient, StreamableHttpClientTransportConfig, StreamableHttpError,
    StreamableHttpPostResponse,
};
use serde_json::Value as Json;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};

use latchkey_models::SseParser;
use latchkey_outbound::{Method, Outbound, Request, Response};

use super::peer::{self, Running};
use super::{LONGEST, McpError, Patience, Server, protocol};
use crate::tools::answer::shortened;
use crate::tools::auth::Sent;

/// How many events may come before the answer.
const EVENTS: usize = 10_000;
/// How much of a refusal is read, in bytes.
const REFUSAL: usize = 64 << 10;
/// How long a visit may take to end.
const LEAVING: Duration = Duration::from_secs(5);
/// How many requests the library may send, one after the other, before what was asked of it is done.
const REQUESTS: u32 = 4;

type Headers = HashMap<HeaderName, HeaderValue>;
type Refused = StreamableHttpError<McpError>;

/// A visit to a server.
pub(super) struct Visit {
    running: Running,
    web: Web,
    /// Ends what is still being sent when nobody waits for it any more.
    _left: DropGuard,
}

impl Visit {
    /// Begins a visit.
    pub(super) async fn open(server: &Server<'_>) -> Result<Self, McpError> {
        let web = Web::new(server)?;
        let left = web.0.left.clone().drop_guard();
        let transport = || {
            // The library puts the address into what it logs: it does not get it.
            let config =
                StreamableHttpClientTransportConfig::with_uri("").reinit_on_expired_session(false);
            StreamableHttpClientTransport::with_client(web.clone(), config)
        };
        let running = web.within(peer::greet(transport)).await?;
        Ok(Self {
            running,
            web,
            _left: left,
        })
    }

    /// Asks for one thing.
    pub(super) async fn page(&self, cursor: Option<String>) -> Result<ListToolsResult, McpError> {
        self.web.within(peer::page(&self.running, cursor)).await
    }

    /// Calls a tool.
    pub(super) async fn call(
        &self,
        name: &str,
        arguments: serde_json::Map<String, Json>,
    ) -> Result<CallToolResult, McpError> {
        let called = peer::call(&self.running, name, arguments);
        self.web.within(called).await
    }

    /// Ends the visit; a server that has forgotten it already does not matter.
    pub(super) async fn close(mut self) {
        // Whatever it says: it forgets the visit in the end.
        let _ = self.running.close_with_timeout(LEAVING).await;
    }
}

/// What carries the messages of one visit. Clones share it.
#[derive(Clone)]
struct Web(Arc<Inner>);

struct Inner {
    url: String,
    sent: Sent,
    outbound: Outbound,
    patience: Patience,
    left: CancellationToken,
    /// The first thing that went wrong on the way.
    failure: OnceLock<McpError>,
}

impl Web {
    fn new(server: &Server<'_>) -> Result<Self, McpError> {
        let wrong = |cause: crate::host::ToolError| McpError::Protocol(cause.to_string());
        let sent = server.sending.parts().map_err(wrong)?;
        let mut url = server.url.to_owned();
        if let Some((name, value)) = &sent.query {
            let mut parsed = url::Url::parse(&url).map_err(|_| protocol("its URL is none"))?;
            parsed.query_pairs_mut().append_pair(name, value);
            url = parsed.into();
        }
        Ok(Self(Arc::new(Inner {
            url,
            sent,
            outbound: server.outbound.clone(),
            patience: server.patience,
            left: CancellationToken::new(),
            failure: OnceLock::new(),
        })))
    }

    /// What the library makes of a visit, or what went wrong on the way. Each request has its own deadline; this one is for
    /// a library that waits for something else.
    async fn within<T>(
        &self,
        done: impl Future<Output = Result<T, McpError>>,
    ) -> Result<T, McpError> {
        let Patience(patience) = self.0.patience;
        let done = timeout(patience.saturating_mul(REQUESTS), done).await;
        let done = done.unwrap_or(Err(McpError::Silent(patience)));
        done.map_err(|cause| self.0.failure.get().cloned().unwrap_or(cause))
    }

    async fn send(
        &self,
        method: &str,
        session: Option<&str>,
        headers: &Headers,
        message: Option<String>,
    ) -> Result<Response, McpError> {
        let Inner { sent, patience, .. } = &*self.0;
        let mut request = Request::new(Method::new(method), &self.0.url)
            .header("accept", "application/json, text/event-stream")
            .deadlines(patience.deadlines())
            .max_body(LONGEST);
        for (name, value) in headers {
            let value = value
                .to_str()
                .map_err(|_| protocol("it wants a header that is no text"))?;
            request = request.header(name.as_str(), value);
        }
        if let Some(session) = session {
            request = request.header("mcp-session-id", session);
        }
        if let Some((name, value)) = &sent.header {
            request = request.sensitive_header(name, value);
        }
        if let Some((name, value)) = &sent.cookie {
            request = request.sensitive_header("cookie", &format!("{name}={value}"));
        }
        if let Some(message) = message {
            let request_of = request.header("content-type", "application/json");
            request = request_of.body(message);
        }
        Ok(self.0.outbound.send(request).await?)
    }

    /// Sends a message; a request waits for its answer.
    async fn posted(
        &self,
        message: ClientJsonRpcMessage,
        session: Option<&str>,
        headers: &Headers,
    ) -> Result<StreamableHttpPostResponse, McpError> {
        let unsendable = |_| protocol("what is asked of it cannot be written");
        let text = serde_json::to_string(&message).map_err(unsendable)?;
        let answer = self.send("POST", session, headers, Some(text)).await?;
        let ClientJsonRpcMessage::Request(asked) = message else {
            return match answer.status {
                200..300 => Ok(StreamableHttpPostResponse::Accepted),
                _ => Err(refusal(answer).await.0),
            };
        };
        let id = asked.id.clone().into_json_value();
        let session = answer.header("mcp-session-id");
        let session = session.filter(|id| is_session(id)).map(str::to_owned);
        let reply = match answer.status {
            200..300 => whole(answer, &id).await?,
            _ => {
                let (cause, body) = refusal(answer).await;
                let said = serde_json::from_slice(&body).ok();
                let error = said.and_then(|said| reply_to(said, &id).ok().flatten());
                error
                    .filter(|reply| reply.get("error").is_some())
                    .ok_or(cause)?
            }
        };
        let reply = understood(asked.request.method(), reply)?;
        Ok(StreamableHttpPostResponse::Json(reply, session))
    }
}

impl StreamableHttpClient for Web {
    type Error = McpError;

    async fn post_message(
        &self,
        _: Arc<str>,
        message: ClientJsonRpcMessage,
        session: Option<Arc<str>>,
        _: Option<String>,
        headers: Headers,
    ) -> Result<StreamableHttpPostResponse, Refused> {
        let posted = self.posted(message, session.as_deref(), &headers);
        let posted = tokio::select! {
            posted = posted => posted,
            () = self.0.left.cancelled() => Err(protocol("nobody waits for it any more")),
        };
        posted.map_err(|cause| {
            // The first one stays.
            let _ = self.0.failure.set(cause.clone());
            StreamableHttpError::Client(cause)
        })
    }

    async fn delete_session(
        &self,
        _: Arc<str>,
        session: Arc<str>,
        _: Option<String>,
        headers: Headers,
    ) -> Result<(), Refused> {
        let left = self.send("DELETE", Some(&session), &headers, None).await;
        left.map(drop).map_err(StreamableHttpError::Client)
    }

    /// Nothing is wanted that was not asked for.
    async fn get_stream(
        &self,
        _: Arc<str>,
        _: Option<Arc<str>>,
        _: Option<String>,
        _: Option<String>,
        _: Headers,
    ) -> Result<BoxedSseResponse, Refused> {
        Err(StreamableHttpError::ServerDoesNotSupportSse)
    }
}

/// The answer to this id, as JSON or as a stream of events.
async fn whole(answer: Response, id: &Json) -> Result<Json, McpError> {
    let kind = answer.header("content-type").unwrap_or_default();
    let kind = kind.trim_start().to_ascii_lowercase();
    if kind.starts_with("text/event-stream") {
        return streamed(answer, id).await;
    }
    let body = answer.bytes().await?;
    let body = serde_json::from_slice(&body).map_err(|_| protocol("its answer is no JSON"))?;
    reply_to(body, id)?.ok_or_else(|| protocol("it did not answer the request"))
}

/// Reads events until the one that answers.
async fn streamed(mut answer: Response, id: &Json) -> Result<Json, McpError> {
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

/// The answer to this id in a message or a batch.
fn reply_to(message: Json, id: &Json) -> Result<Option<Json>, McpError> {
    let messages = match message {
        Json::Array(messages) => messages,
        one
        @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_)) => {
            vec![one]
        }
    };
    for mut message in messages {
        let is_answer = message.get("result").is_some() || message.get("error").is_some();
        if message.get("method").is_some() || !is_answer {
            continue;
        }
        // An error about a message that could not be read has no id.
        let is_unread =
            message.get("id").is_none_or(Json::is_null) && message.get("error").is_some();
        if is_unread {
            message["id"] = id.clone();
        }
        if message.get("id") != Some(id) {
            let text = "it answered another request than the one that was asked";
            return Err(protocol(text));
        }
        return Ok(Some(message));
    }
    Ok(None)
}

/// An answer in the words of the protocol.
fn understood(method: &str, reply: Json) -> Result<ServerJsonRpcMessage, McpError> {
    if reply
        .get("result")
        .is_some_and(|result| !result.is_object())
    {
        return Err(protocol("its result is no object"));
    }
    let read = serde_json::from_value(reply);
    let read = read.map_err(|cause| McpError::Protocol(shortened(&cause.to_string())))?;
    if let ServerJsonRpcMessage::Response(answer) = &read
        && let ServerResult::CustomResult(other) = &answer.result
        && let Some(why) = misunderstood(method, other.0.clone())
    {
        let why = shortened(&why.to_string());
        return Err(McpError::Protocol(format!("its result of {method}: {why}")));
    }
    Ok(read)
}

/// Why a result is none of this method.
fn misunderstood(method: &str, result: Json) -> Option<serde_json::Error> {
    match method {
        "initialize" => serde_json::from_value::<InitializeResult>(result).err(),
        "tools/list" => serde_json::from_value::<ListToolsResult>(result).err(),
        "tools/call" => serde_json::from_value::<CallToolResult>(result).err(),
        _ => None,
    }
}

/// What a status that is no success means, and the beginning of what was said with it.
async fn refusal(answer: Response) -> (McpError, bytes::Bytes) {
    let (status, retry_after) = (answer.status, answer.retry_after());
    let body = answer.beginning(REFUSAL, LEAVING).await;
    let text = shortened(&String::from_utf8_lossy(&body));
    let cause = McpError::Status {
        status,
        retry_after,
        text,
    };
    (cause, body)
}

/// Visible ASCII only, as the protocol wants it.
fn is_session(text: &str) -> bool {
    !text.is_empty() && text.len() <= 1024 && text.bytes().all(|byte| byte.is_ascii_graphic())
}
