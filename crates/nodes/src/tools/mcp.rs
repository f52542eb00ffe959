//! MCP servers from the side of a client: list the tools, call one. Over streamable HTTP here, over the standard streams of a
//! program in `stdio`.
//!
//! Both kinds of server are spoken to: those with a handshake (protocol versions to 2025-11-25) and those that are told
//! everything with each request (2026-07-28). Nothing that a server says is believed before it was looked at: a wrong id,
//! an answer of another shape than promised, one that is too long or never ends is a failure with a text that says so.
//! An own client rather than a library: three methods, every byte of the network through `outbound`, and limits on each of them.

mod exchange;
mod result;
mod session;
pub mod stdio;

use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use latchkey_domain::tool::McpTool;
use latchkey_outbound::{Deadlines, Outbound};

use self::session::Session;
use self::stdio::Line;
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
    /// Its program does not answer.
    #[error("the program of the MCP server did not answer within {} s", .0.as_secs_f32())]
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
        let mut asking = Asking::Web(Session::open(*self).await?);
        let listed = listed(&mut asking).await;
        asking.close().await;
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
        let mut session = Session::open(*self).await?;
        let params = json!({"name": tool.name, "arguments": arguments});
        let answer = session.ask("tools/call", params).await;
        session.close().await;
        result::read(tool, answer?)
    }
}

/// A visit to a server, wherever it is.
enum Asking<'a> {
    Web(Session<'a>),
    Program(&'a Line),
}

impl Asking<'_> {
    async fn ask(&mut self, method: &str, params: Json) -> Result<Json, McpError> {
        match self {
            Self::Web(session) => session.ask(method, params).await,
            Self::Program(line) => line.ask(method, params).await,
        }
    }

    /// Ends the visit; a program is left by whoever keeps it.
    async fn close(self) {
        match self {
            Self::Web(session) => session.close().await,
            Self::Program(_) => {}
        }
    }
}

async fn listed(asking: &mut Asking<'_>) -> Result<Vec<McpTool>, McpError> {
    let mut tools = Vec::new();
    let mut cursor: Option<String> = None;
    for _ in 0..PAGES {
        let params = match &cursor {
            None => json!({}),
            Some(cursor) => json!({"cursor": cursor}),
        };
        let page = asking.ask("tools/list", params).await?;
        let listed = page.get("tools").and_then(Json::as_array);
        let listed = listed.ok_or_else(|| protocol("tools/list lists no tools"))?;
        for raw in listed {
            tools.push(described(raw)?);
            if tools.len() > TOOLS {
                let text = format!("it has more than {TOOLS} tools");
                return Err(McpError::Protocol(text));
            }
        }
        cursor = page
            .get("nextCursor")
            .and_then(Json::as_str)
            .map(str::to_owned);
        if cursor.is_none() {
            return Ok(tools);
        }
    }
    Err(protocol("its list of tools never ends"))
}

fn described(raw: &Json) -> Result<McpTool, McpError> {
    let text = |key: &str| raw.get(key).and_then(Json::as_str);
    let name = text("name").filter(|name| !name.is_empty() && name.len() <= 128);
    let name = name.ok_or_else(|| protocol("a tool has no usable name"))?;
    let schema = raw.get("inputSchema").filter(|schema| schema.is_object());
    let schema = schema
        .cloned()
        .ok_or_else(|| McpError::Protocol(format!("the tool {name} does not say what it takes")))?;
    Ok(McpTool {
        name: name.to_owned(),
        description: shortened(text("description").unwrap_or_default()),
        input_schema: schema,
        output_schema: raw.get("outputSchema").filter(|of| of.is_object()).cloned(),
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
