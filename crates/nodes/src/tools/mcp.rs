//! MCP servers from the side of a client: list the tools, call one. Over streamable HTTP here, over the standard streams of a
//! program in `stdio`.
//!
//! Both kinds of server are spoken to: those with a handshake (protocol versions to 2025-11-25) and those that are told
//! everything with each request (2026-07-28). Nothing that a server says is believed before it was looked at: a wrong id,
//! an answer of another shape than promised, one that is too long or never ends is a failure with a text that says so.
//! The library `rmcp` holds the conversation (`peer`); what it sends and hears is carried by code of our own (`web`, `stdio`),
//! with `outbound` for every byte of the network and a limit on everything.

mod peer;
mod result;
pub mod stdio;
mod web;

use std::time::Duration;

use rmcp::model::{ListToolsResult, Tool};
use serde_json::{Map, Value as Json};

use latchkey_domain::tool::McpTool;
use latchkey_outbound::{Deadlines, Outbound};

use self::stdio::Line;
use self::web::Visit;
use super::answer::{Answered, shortened};
use super::auth::Sending;
use super::kinds::parameter;
use crate::host::{ToolDefinition, ToolError, ToolRefusal};

/// The most tools of a server.
pub const TOOLS: usize = 500;
/// How many pages a list of tools may have.
const PAGES: usize = 50;
/// The longest answer, in bytes.
const LONGEST: u64 = 10 << 20;

/// How long one request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience(pub Duration);

impl Default for Patience {
    fn default() -> Self {
        Self(Duration::from_secs(120))
    }
}

impl Patience {
    const fn deadlines(self) -> Deadlines {
        Deadlines {
            head: self.0,
            idle: self.0,
            total: self.0,
        }
    }
}

/// Why a server gave no answer that can be used. The text may repeat what the server says: mask it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum McpError {
    /// It was not reached, or broke off.
    #[error("the MCP server was not reached: {0}")]
    Unreachable(#[from] latchkey_outbound::Error),
    /// It answered with a status that is no success.
    #[error("the MCP server answered with status {status}: {text}")]
    Status {
        /// The status.
        status: u16,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
        /// The beginning of what it says.
        text: String,
    },
    /// It refused the request.
    #[error("the MCP server refused {method}: {message} ({code})")]
    Refused {
        /// The request.
        method: String,
        /// The code of JSON-RPC.
        code: i64,
        /// Its words.
        message: String,
    },
    /// It is a program that the operator has not listed.
    #[error("the operator's list has no MCP server {0:?}")]
    NotListed(String),
    /// Its program was not started.
    #[error("the program of the MCP server was not started: {0}")]
    Start(String),
    /// Its program has ended.
    #[error("the program of the MCP server has ended: {0}")]
    Ended(String),
    /// Its program was ended since nobody needed it, before it was asked.
    #[error("the program of the MCP server was being ended")]
    Closed,
    /// It does not answer.
    #[error("the MCP server did not answer within {} s", .0.as_secs_f32())]
    Silent(Duration),
    /// It does not keep to the protocol.
    #[error("the MCP server does not keep to the protocol: {0}")]
    Protocol(String),
}

impl From<McpError> for ToolError {
    fn from(cause: McpError) -> Self {
        let text = cause.to_string();
        match cause {
            McpError::Unreachable(cause) => Self::Refused(ToolRefusal::unreached(&cause, text)),
            McpError::Status {
                status,
                retry_after,
                ..
            } => Self::Refused(ToolRefusal::answered(status, retry_after, text)),
            McpError::Refused { .. }
            | McpError::NotListed(_)
            | McpError::Start(_)
            | McpError::Ended(_)
            | McpError::Closed
            | McpError::Silent(_)
            | McpError::Protocol(_) => Self::Invoke(text),
        }
    }
}

/// A server that can be asked.
#[derive(Clone, Copy)]
pub struct Server<'a> {
    /// Where it is.
    pub url: &'a str,
    /// The credential for it.
    pub sending: Sending<'a>,
    /// The way out.
    pub outbound: &'a Outbound,
    /// How long each request may take.
    pub patience: Patience,
}

impl Server<'_> {
    /// The tools of the server.
    ///
    /// # Errors
    /// When it does not list them.
    pub async fn list(&self) -> Result<Vec<McpTool>, McpError> {
        let visit = Visit::open(self).await?;
        let listed = listed(&Asking::Web(&visit)).await;
        visit.close().await;
        listed
    }

    /// Calls a tool once, with arguments of its definition.
    ///
    /// # Errors
    /// When it does not answer as it promised, or says that it has failed.
    pub async fn call(
        &self,
        tool: &McpTool,
        arguments: &Map<String, Json>,
    ) -> Result<Vec<Answered>, ToolError> {
        let visit = Visit::open(self).await?;
        let answer = visit.call(&tool.name, arguments.clone()).await;
        visit.close().await;
        result::read(tool, answer?)
    }
}

/// Who is asked, wherever it is.
enum Asking<'a> {
    Web(&'a Visit),
    Program(&'a Line),
}

impl Asking<'_> {
    async fn page(&self, cursor: Option<String>) -> Result<ListToolsResult, McpError> {
        match self {
            Self::Web(visit) => visit.page(cursor).await,
            Self::Program(line) => line.page(cursor).await,
        }
    }
}

async fn listed(asking: &Asking<'_>) -> Result<Vec<McpTool>, McpError> {
    let mut tools = Vec::new();
    let mut cursor = None;
    for _ in 0..PAGES {
        let page = asking.page(cursor).await?;
        for tool in page.tools {
            tools.push(described(tool)?);
            if tools.len() > TOOLS {
                let text = format!("it has more than {TOOLS} tools");
                return Err(McpError::Protocol(text));
            }
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(tools);
        }
    }
    Err(protocol("its list of tools never ends"))
}

fn described(tool: Tool) -> Result<McpTool, McpError> {
    if tool.name.is_empty() || tool.name.len() > 128 {
        return Err(protocol("a tool has no usable name"));
    }
    let object = |schema: std::sync::Arc<Map<String, Json>>| {
        Json::Object(std::sync::Arc::unwrap_or_clone(schema))
    };
    Ok(McpTool {
        name: tool.name.into_owned(),
        description: shortened(tool.description.as_deref().unwrap_or_default()),
        input_schema: object(tool.input_schema),
        output_schema: tool.output_schema.map(object),
    })
}

/// What a tool takes, in Dify's words.
#[must_use]
pub fn definition(tool: &McpTool) -> ToolDefinition {
    let schema = &tool.input_schema;
    let required = schema.get("required").and_then(Json::as_array);
    let needs = |name: &str| required.is_some_and(|all| all.iter().any(|one| one == name));
    let properties = schema.get("properties").and_then(Json::as_object);
    let mut resolver = super::kinds::Resolver::new(schema, 20_000);
    let parameters = properties.into_iter().flatten().map(|(name, property)| {
        let whole = resolver.whole(property);
        parameter(name, &whole, needs(name))
    });
    ToolDefinition {
        name: tool.name.clone(),
        description: tool.description.clone(),
        parameters: parameters.collect(),
    }
}

fn protocol(text: &str) -> McpError {
    McpError::Protocol(text.to_owned())
}
