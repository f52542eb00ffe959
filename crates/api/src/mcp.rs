//! The MCP server: published workflows as tools at `/mcp`, over streamable HTTP.
//!
//! The library `rmcp` speaks the protocol, with clients that have a handshake (versions to 2025-11-25) and without one
//! (2026-07-28) alike. It keeps nothing between requests here: no session, no stream of its own; every answer is one JSON
//! object. Which tools there are, a key and the switches of the workflows say.

mod tools;

use std::convert::Infallible;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{self, Bytes, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, middleware::from_fn};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use latchkey_domain::access::Caller;
use latchkey_service::Service;
use rmcp::model::{
    CallToolRequestMethod, CallToolRequestParams, CallToolResponse, ClientJsonRpcMessage,
    ConstString as _, CustomRequest, CustomResult, ErrorCode, Implementation, JsonRpcError,
    ListToolsRequestMethod, ListToolsResult, PaginatedRequestParams, ServerCapabilities,
    ServerConfig,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ErrorData as Fault, ServerHandler};
use serde_json::Value as Json;

use crate::body::{LONGEST, Raw};
use crate::caller::{Authenticated, authenticate};

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
    request: HttpRequest,
    body: Raw,
) -> HttpResponse {
    if let Some(error) = unreadable(&body.0) {
        return refused(&error);
    }
    let tools = Tools {
        service: Service::clone(&service),
        caller: caller.0,
    };
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(LONGEST);
    let sessions = Arc::new(NeverSessionManager::default());
    let server = StreamableHttpService::new(move || Ok(tools.clone()), sessions, config);
    match message(&request, body.0) {
        Ok(message) => sent(Box::pin(server.handle(message)).await).await,
        Err(_) => {
            let fault = Fault::invalid_request("a header cannot be read", None);
            refused(&JsonRpcError::new(None, fault))
        }
    }
}

/// What is wrong with a body that is no message: the library has no words for it.
fn unreadable(body: &[u8]) -> Option<JsonRpcError> {
    let Ok(message) = serde_json::from_slice::<Json>(body) else {
        let fault = Fault::parse_error("the message is no JSON", None);
        return Some(JsonRpcError::new(None, fault));
    };
    let id = message.get("id").cloned();
    if serde_json::from_value::<ClientJsonRpcMessage>(message).is_ok() {
        return None;
    }
    let id = id.and_then(|id| serde_json::from_value(id).ok());
    let fault = Fault::invalid_request("one message of JSON-RPC 2.0 is needed", None);
    Some(JsonRpcError::new(id, fault))
}

fn refused(error: &JsonRpcError) -> HttpResponse {
    HttpResponse::BadRequest()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(error)
}

/// The request in the types of the library, with the headers of the protocol. Whoever asks is known already, so that it does
/// not matter which host he believes to ask, and there is one kind of answers, whatever he says that he accepts.
fn message(request: &HttpRequest, body: Bytes) -> Result<http::Request<Full<Bytes>>, http::Error> {
    let mut message = http::Request::post("/mcp")
        .header("host", "localhost")
        .header("accept", "application/json, text/event-stream")
        .header("content-type", "application/json");
    for (name, value) in request.headers() {
        if name.as_str().starts_with("mcp-") {
            message = message.header(name.as_str(), value.as_bytes());
        }
    }
    message.body(Full::new(body))
}

async fn sent(answer: http::Response<BoxBody<Bytes, Infallible>>) -> HttpResponse {
    let (head, body) = answer.into_parts();
    let Ok(body) = body.collect().await;
    let status = StatusCode::from_u16(head.status.as_u16());
    let mut answer = HttpResponse::build(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    answer.insert_header((CACHE_CONTROL, "no-store"));
    if let Some(kind) = head.headers.get(http::header::CONTENT_TYPE) {
        answer.insert_header((CONTENT_TYPE, kind.as_bytes()));
    }
    answer.body(body.to_bytes())
}

/// What a caller may use.
#[derive(Clone)]
struct Tools {
    service: Service,
    caller: Caller,
}

impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        let about =
            Implementation::new("latchkey", env!("CARGO_PKG_VERSION")).with_title("Latchkey");
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(about)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, Fault> {
        let tools = tools::list(&self.service, &self.caller).await?;
        Ok(ListToolsResult::with_all_items(tools))
    }

    async fn call_tool(
        &self,
        asked: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, Fault> {
        let called = tools::call(&self.service, &self.caller, asked).await?;
        Ok(called.into())
    }

    /// The library takes a request with other parameters than those of its method for one of another kind.
    async fn on_custom_request(
        &self,
        asked: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, Fault> {
        let method = asked.method;
        let known = [ListToolsRequestMethod::VALUE, CallToolRequestMethod::VALUE];
        if known.contains(&method.as_str()) {
            let text = format!("the params of {method} are not what the protocol says");
            return Err(Fault::invalid_params(text, None));
        }
        let text = format!("there is no method {method}");
        Err(Fault::new(ErrorCode::METHOD_NOT_FOUND, text, None))
    }
}
