//! A conversation with a server, as the library of the protocol holds it: how it begins, what is asked in it, and what its
//! failures are called here.

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, ClientConfig,
    ErrorData, Implementation, JsonObject, ListToolsResult, PaginatedRequestParams,
    ProtocolVersion,
};
use rmcp::service::{
    ClientCacheConfig, ClientInitializeError, ClientLifecycleMode, Peer, RoleClient,
    RunningService, ServiceError, serve_client_with_lifecycle,
};
use rmcp::transport::Transport;

use super::{McpError, protocol};
use crate::tools::answer::shortened;

/// A conversation; it ends when this is dropped.
pub(super) type Running = RunningService<RoleClient, ClientConfig>;

/// Codes of JSON-RPC by which a server without a handshake refuses one: no such method, or version.
const NO_HANDSHAKE: [i32; 3] = [-32601, -32022, -32600];

/// Agrees with a server on how to talk. One that refuses the handshake is asked again, without one.
pub(super) async fn greet<T>(transport: impl Fn() -> T) -> Result<Running, McpError>
where
    T: Transport<RoleClient> + 'static,
{
    let begun = begin(transport(), ClientLifecycleMode::Initialize).await;
    let running = match begun {
        Err(ClientInitializeError::JsonRpcError(error)) if NO_HANDSHAKE.contains(&error.code.0) => {
            let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
            let modern = ClientLifecycleMode::Discover { preferred_versions };
            let begun = begin(transport(), modern).await;
            begun.map_err(|cause| not_begun(cause, "server/discover"))?
        }
        begun => begun.map_err(|cause| not_begun(cause, "initialize"))?,
    };
    // Whoever asks for a list wants the server's, not an older one.
    let fresh = ClientCacheConfig::disabled();
    running.peer().set_response_cache_config(fresh).await;
    Ok(running)
}

async fn begin<T>(transport: T, mode: ClientLifecycleMode) -> Result<Running, ClientInitializeError>
where
    T: Transport<RoleClient> + 'static,
{
    let about = Implementation::new("latchkey", env!("CARGO_PKG_VERSION"));
    let config = ClientConfig::new(ClientCapabilities::default(), about)
        .with_protocol_version(ProtocolVersion::LATEST_WITH_INITIALIZE);
    Box::pin(serve_client_with_lifecycle(config, transport, mode)).await
}

/// A page of the list of tools.
pub(super) async fn page(
    peer: &Peer<RoleClient>,
    cursor: Option<String>,
) -> Result<ListToolsResult, McpError> {
    let params = cursor.map(|cursor| PaginatedRequestParams::default().with_cursor(Some(cursor)));
    let page = Box::pin(peer.list_tools(params)).await;
    page.map_err(|cause| failed(cause, "tools/list"))
}

/// Calls a tool once.
pub(super) async fn call(
    peer: &Peer<RoleClient>,
    name: &str,
    arguments: JsonObject,
) -> Result<CallToolResult, McpError> {
    let params = CallToolRequestParams::new(name.to_owned()).with_arguments(arguments);
    let answer = Box::pin(peer.call_tool_once(params)).await;
    let step = match answer.map_err(|cause| failed(cause, "tools/call"))? {
        CallToolResponse::Complete(result) => return Ok(result),
        CallToolResponse::InputRequired(_) => "\"input_required\"",
        CallToolResponse::Task(_) => "\"task\"",
        _ => "something",
    };
    let text = format!("tools/call was answered by {step}, which is not understood");
    Err(McpError::Protocol(text))
}

/// What becomes of a request that has failed. Whoever has carried it may know better why.
fn failed(cause: ServiceError, method: &str) -> McpError {
    match cause {
        ServiceError::McpError(error) => refused(error, method),
        ServiceError::UnexpectedResponse => not_understood(method),
        ServiceError::TransportSend(_)
        | ServiceError::TransportClosed
        | ServiceError::SubscriptionLagged { .. }
        | ServiceError::Cancelled { .. }
        | ServiceError::Timeout { .. }
        | ServiceError::InputRequiredRoundsExceeded { .. }
        | _ => protocol("it has broken off"),
    }
}

fn not_begun(cause: ClientInitializeError, method: &str) -> McpError {
    match cause {
        ClientInitializeError::JsonRpcError(error) => refused(error, method),
        ClientInitializeError::ExpectedInitResponse(_)
        | ClientInitializeError::ExpectedInitResult(_) => not_understood(method),
        ClientInitializeError::NoCompatibleProtocolVersion { .. } => {
            protocol("it speaks no version of the protocol that is spoken here")
        }
        ClientInitializeError::ConflictInitResponseId(..)
        | ClientInitializeError::UncorrelatedErrorResponse { .. }
        | ClientInitializeError::ConnectionClosed(_)
        | ClientInitializeError::TransportError { .. }
        | ClientInitializeError::NoPreferredProtocolVersion
        | ClientInitializeError::Cancelled
        | ClientInitializeError::LegacyFallbackFailed { .. }
        | _ => protocol("it has broken off"),
    }
}

fn refused(error: ErrorData, method: &str) -> McpError {
    McpError::Refused {
        method: method.to_owned(),
        code: i64::from(error.code.0),
        message: shortened(&error.message),
    }
}

fn not_understood(method: &str) -> McpError {
    McpError::Protocol(format!("its answer to {method} is not understood"))
}
