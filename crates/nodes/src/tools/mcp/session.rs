//! One visit to a server: the handshake, if it has one, and what each request carries.

use serde_json::{Map, Value as Json, json};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::exchange::{self, Message};
use super::{McpError, Server, protocol};

/// The version that is proposed in a handshake.
pub(super) const WITH_HANDSHAKE: &str = "2025-06-18";
/// The first version without one.
pub(super) const WITHOUT_HANDSHAKE: &str = "2026-07-28";

/// Codes of JSON-RPC by which a server without a handshake refuses one: no such method, or version.
pub(super) const NO_HANDSHAKE: [i64; 3] = [-32601, -32022, -32600];

/// A visit.
pub(super) struct Session<'a> {
    server: Server<'a>,
    era: Era,
    next: u64,
}

enum Era {
    /// What was agreed on, and the id that the server wants to hear again.
    Handshake {
        version: String,
        session: Option<String>,
    },
    /// Each request says everything.
    Stateless,
}

impl<'a> Session<'a> {
    /// Begins a visit.
    pub(super) async fn open(server: Server<'a>) -> Result<Self, McpError> {
        let mut session = Self {
            server,
            era: Era::Handshake {
                version: WITH_HANDSHAKE.to_owned(),
                session: None,
            },
            next: 1,
        };
        let params = json!({
            "protocolVersion": WITH_HANDSHAKE,
            "capabilities": {},
            "clientInfo": client(),
        });
        let (message, id) = session.request("initialize", params);
        match exchange::ask(&server, &[], message, "initialize", id).await {
            Ok((result, head)) => session.agreed(&result, head).await?,
            Err(McpError::Refused { code, .. }) if NO_HANDSHAKE.contains(&code) => {
                session.era = Era::Stateless;
            }
            Err(cause) => return Err(cause),
        }
        Ok(session)
    }

    async fn agreed(&mut self, result: &Json, session: Option<String>) -> Result<(), McpError> {
        let version = agreed_version(result)?;
        if version >= WITHOUT_HANDSHAKE {
            self.era = Era::Stateless;
            return Ok(());
        }
        self.era = Era::Handshake {
            version: version.to_owned(),
            session: session.filter(|id| is_session(id)),
        };
        let told = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        exchange::tell(&self.server, &self.headers(None), told).await
    }

    /// Asks for one thing; the result of it.
    pub(super) async fn ask(&mut self, method: &str, params: Json) -> Result<Json, McpError> {
        let name = params.get("name").and_then(Json::as_str).map(str::to_owned);
        let (message, id) = self.request(method, params);
        let headers = self.headers(Some((method, name.as_deref())));
        let (result, _) = exchange::ask(&self.server, &headers, message, method, id).await?;
        complete(method, result)
    }

    /// Ends the visit; a server that has forgotten it already does not matter.
    pub(super) async fn close(self) {
        if let Era::Handshake {
            session: Some(_), ..
        } = &self.era
        {
            exchange::leave(&self.server, &self.headers(None)).await;
        }
    }

    fn request(&mut self, method: &str, mut params: Json) -> (Message, u64) {
        let id = self.next;
        self.next += 1;
        if let (Era::Stateless, Some(map)) = (&self.era, params.as_object_mut()) {
            map.insert("_meta".to_owned(), meta());
        }
        let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        (message, id)
    }

    fn headers(&self, asked: Option<(&str, Option<&str>)>) -> Vec<(&'static str, String)> {
        match &self.era {
            Era::Handshake { version, session } => {
                let mut headers = vec![("mcp-protocol-version", version.clone())];
                headers.extend(session.clone().map(|id| ("mcp-session-id", id)));
                headers
            }
            Era::Stateless => {
                let mut headers = vec![("mcp-protocol-version", WITHOUT_HANDSHAKE.to_owned())];
                if let Some((method, name)) = asked {
                    headers.push(("mcp-method", method.to_owned()));
                    headers.extend(name.map(|name| ("mcp-name", header_text(name))));
                }
                headers
            }
        }
    }
}

/// The version that a handshake ends with.
pub(super) fn agreed_version(result: &Json) -> Result<&str, McpError> {
    let version = result.get("protocolVersion").and_then(Json::as_str);
    version
        .filter(|version| is_version(version))
        .ok_or_else(|| protocol("initialize agrees on no version"))
}

/// A result that is one, and no step on the way to it.
pub(super) fn complete(method: &str, result: Json) -> Result<Json, McpError> {
    match result.get("resultType").and_then(Json::as_str) {
        None | Some("complete") => Ok(result),
        Some(other) => {
            let text = format!("{method} was answered by {other:?}, which is not understood");
            Err(McpError::Protocol(text))
        }
    }
}

pub(super) fn client() -> Json {
    json!({"name": "latchkey", "version": env!("CARGO_PKG_VERSION")})
}

/// What a request without a handshake says about who asks.
pub(super) fn meta() -> Json {
    Json::Object(Map::from_iter([
        (
            "io.modelcontextprotocol/protocolVersion".to_owned(),
            json!(WITHOUT_HANDSHAKE),
        ),
        ("io.modelcontextprotocol/clientInfo".to_owned(), client()),
        (
            "io.modelcontextprotocol/clientCapabilities".to_owned(),
            json!({}),
        ),
    ]))
}

/// A date, as versions are.
fn is_version(text: &str) -> bool {
    text.len() == 10
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-')
}

/// Visible ASCII only, as the protocol wants it.
fn is_session(text: &str) -> bool {
    !text.is_empty() && text.len() <= 1024 && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A name in a header: one that a header cannot carry is encoded.
fn header_text(name: &str) -> String {
    let is_plain = name
        .bytes()
        .all(|byte| byte.is_ascii_graphic() || byte == b' ')
        && name.trim() == name
        && !name.starts_with("=?base64?");
    if is_plain {
        return name.to_owned();
    }
    format!("=?base64?{}?=", STANDARD.encode(name))
}
