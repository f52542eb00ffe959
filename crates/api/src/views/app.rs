//! How a workflow is reached besides the native API.

use latchkey_domain::chat::AppSettings;
use latchkey_service::AppChange;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// What is changed; what is absent stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppBody {
    /// Whether Dify's service API and the facade that speaks OpenAI's format answer.
    api_enabled: Option<bool>,
    /// Whether it is a tool of the MCP server.
    mcp_enabled: Option<bool>,
    /// The name of that tool: 1 to 64 letters, digits, `_`, `-` and `.`; null: the workflow's again.
    #[serde(default, deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    mcp_name: Option<Option<String>>,
    /// How many of its runs may be under way that the service API began; 0 is no limit.
    #[schema(value_type = Option<u64>, maximum = 4_294_967_295_u64)]
    max_active_requests: Option<u32>,
}

/// Null says something.
fn stated<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

impl From<AppBody> for AppChange {
    fn from(body: AppBody) -> Self {
        Self {
            api_enabled: body.api_enabled,
            mcp_enabled: body.mcp_enabled,
            mcp_name: body.mcp_name,
            max_active_requests: body.max_active_requests,
        }
    }
}

/// How a workflow is reached.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AppView {
    /// Whether Dify's service API and the facade that speaks OpenAI's format answer.
    api_enabled: bool,
    /// Whether it is a tool of the MCP server.
    mcp_enabled: bool,
    /// The name of that tool; null: the workflow's, made to fit.
    mcp_name: Option<String>,
    /// How many of its runs may be under way that the service API began; 0 is no limit.
    #[schema(value_type = u64, maximum = 4_294_967_295_u64)]
    max_active_requests: u32,
}

impl From<AppSettings> for AppView {
    fn from(settings: AppSettings) -> Self {
        Self {
            api_enabled: settings.api_enabled,
            mcp_enabled: settings.mcp_enabled,
            mcp_name: settings.mcp_name,
            max_active_requests: settings.max_active_requests,
        }
    }
}
