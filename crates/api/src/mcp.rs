//! The MCP server: published workflows as tools at `/mcp`, over streamable HTTP.
//!
//! It keeps nothing between requests: no session, no stream of its own; every answer is one JSON object. Clients with a handshake
//! (protocol versions to 2025-11-25) and without one (2026-07-28) are answered alike. Which tools there are, a key and the switches
//! of the workflows say. An own server rather than a library: four methods, on the server that is there already.

mod tools;

use actix_web::http::header::{ALLOW, CACHE_CONTROL};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpResponse, middleware::from_fn};
use latchkey_service::Service;
use serde_json::{Map, Value as Json, json};

use crate::body::Raw;
use crate::caller::{Authenticated, authenticate};
use crate::problem::Refusal;

/// The versions with a handshake, the newest first.
const WITH_HANDSHAKE: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
/// The version without one.
const WITHOUT_HANDSHAKE: &str = "2026-07-28";
/// Where a request without a handshake says its version.
const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";

/// What JSON-RPC calls what goes wrong.
pub(crate) struct Fault {
    code: i32,
    message: String,
    data: Option<Json>,
}

impl Fault {
    pub(crate) fn new(code: i32, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            data: None,
        }
    }
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    let resource = web::resource("/mcp")
        .wrap(from_fn(authenticate))
        .route(web::post().to(answer))
        .default_service(web::to(no_stream));
    config.service(resource);
}

/// This server sends nothing that was not asked for, and keeps no sessions that could be ended.
async fn no_stream() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((ALLOW, "POST"))
        .finish()
}

/// Answers one message.
async fn answer(
    service: Data<Service>,
    caller: Authenticated,
    body: Raw,
) -> Result<HttpResponse, Refusal> {
    let Ok(message) = serde_json::from_slice::<Json>(&body.0) else {
        return Ok(failed(
            &Json::Null,
            Fault::new(-32700, "the message is no JSON"),
        ));
    };
    let id = message.get("id").cloned();
    let method = message.get("method").and_then(Json::as_str);
    let (Some(method), true) = (method, message["jsonrpc"] == "2.0") else {
        // A result that nobody has asked for is no mistake.
        if message.get("result").is_some() || message.get("error").is_some() {
            return Ok(HttpResponse::Accepted().finish());
        }
        let fault = Fault::new(-32600, "one request of JSON-RPC 2.0 is needed");
        return Ok(failed(&id.unwrap_or(Json::Null), fault));
    };
    let Some(id) = id else {
        return Ok(HttpResponse::Accepted().finish());
    };
    let params = message.get("params").and_then(Json::as_object).cloned();
    let params = params.unwrap_or_default();
    let done = match stated_version(&params) {
        Err(fault) => Err(fault),
        Ok(is_modern) => match method {
            "initialize" => Ok(initialized(&params)),
            "server/discover" => Ok(discovered()),
            "ping" => Ok(json!({})),
            "tools/list" => tools::list(&service, &caller.0).await,
            "tools/call" => tools::call(&service, &caller.0, &params).await,
            _ => Err(Fault::new(-32601, format!("there is no method {method}"))),
        }
        .map(|result| {
            if is_modern {
                complete(method, result)
            } else {
                result
            }
        }),
    };
    Ok(match done {
        Ok(result) => sent(&json!({"jsonrpc": "2.0", "id": id, "result": result})),
        Err(fault) => failed(&id, fault),
    })
}

/// Whether a request says everything itself; refused when it says a version that is not known.
fn stated_version(params: &Map<String, Json>) -> Result<bool, Fault> {
    let stated = params
        .get("_meta")
        .and_then(|meta| meta.get(VERSION_KEY)?.as_str());
    match stated {
        None => Ok(false),
        Some(WITHOUT_HANDSHAKE) => Ok(true),
        Some(version) if WITH_HANDSHAKE.contains(&version) => Ok(false),
        Some(version) => Err(Fault {
            data: Some(json!({"supported": versions(), "requested": version})),
            ..Fault::new(-32022, "the protocol version is not supported")
        }),
    }
}

fn versions() -> Vec<&'static str> {
    let mut versions = vec![WITHOUT_HANDSHAKE];
    versions.extend(WITH_HANDSHAKE);
    versions
}

fn about() -> Json {
    json!({"name": "latchkey", "title": "Latchkey", "version": env!("CARGO_PKG_VERSION")})
}

fn initialized(params: &Map<String, Json>) -> Json {
    let asked = params.get("protocolVersion").and_then(Json::as_str);
    let known = WITH_HANDSHAKE
        .iter()
        .find(|version| Some(**version) == asked);
    let version = known.copied().unwrap_or(WITH_HANDSHAKE[0]);
    json!({"protocolVersion": version, "capabilities": {"tools": {"listChanged": false}}, "serverInfo": about()})
}

fn discovered() -> Json {
    json!({"supportedVersions": versions(), "capabilities": {"tools": {"listChanged": false}}, "serverInfo": about()})
}

/// What a result says where there was no handshake.
fn complete(method: &str, mut result: Json) -> Json {
    result["resultType"] = json!("complete");
    if matches!(method, "server/discover" | "tools/list") {
        result["ttlMs"] = json!(0);
        result["cacheScope"] = json!("private");
    }
    result
}

fn failed(id: &Json, fault: Fault) -> HttpResponse {
    let mut error = json!({"code": fault.code, "message": fault.message});
    if let Some(data) = fault.data {
        error["data"] = data;
    }
    sent(&json!({"jsonrpc": "2.0", "id": id, "error": error}))
}

fn sent(message: &Json) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(message)
}
