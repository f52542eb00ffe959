//! Tools that are elsewhere: their credential, their call, and what of their answer may be told.

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use latchkey_domain::credential::Level;
use latchkey_domain::tool::{McpTool, ToolProvider, ToolSource};
use latchkey_domain::value::Value;
use latchkey_models::catalogue::ProviderInfo;
use latchkey_models::{
    ErrorKind as CallError, InvokeError, ToolCredential, ToolFailed, ToolFault, ToolPlace, ToolUse,
};
use latchkey_nodes::tools::mcp::stdio::{self, Payer, Visit};
use latchkey_nodes::tools::mcp::{Patience, Server};
use latchkey_nodes::tools::openapi::{Api, Attached};
use latchkey_nodes::tools::{Answered, Reach, Sending};
use latchkey_nodes::{Files, ToolAnswer, ToolCall, ToolError, ToolMessage, ToolRefusal, caller};
use latchkey_outbound::target;

use super::Target;
use crate::Service;
use crate::error::Error;

/// The longest file that goes with a call, in bytes.
const LONGEST_FILE: u64 = 20 << 20;

impl Service {
    /// Uses a tool that is no workflow.
    pub(super) async fn use_tool(
        &self,
        call: &ToolCall<'_>,
        target: &Target,
        files: &dyn Files,
    ) -> Result<ToolAnswer, ToolError> {
        let outbound = &self.inner.outbound;
        let run = &call.context.run;
        match target {
            Target::Builtin(builtin) => {
                let reach = Reach {
                    now: self.now(),
                    outbound,
                    sandbox: self.inner.sandbox.as_deref(),
                };
                let messages = builtin.run(call.arguments.clone(), reach);
                Ok(ToolAnswer {
                    messages: messages.await?,
                    ..ToolAnswer::default()
                })
            }
            Target::Openapi {
                provider,
                api,
                tool,
            } => {
                let operation = Operation {
                    service: self,
                    call,
                    provider,
                    api,
                    tool,
                    attached: attached(call, files).await?,
                };
                let info = tool_provider_info(provider, Some(api));
                let done = self.paid(call, info, tool, &operation).await;
                let (answered, credential) = done?;
                let messages = Answered::kept(answered, files, run).await?;
                Ok(told(messages, credential))
            }
            Target::Mcp {
                provider,
                url,
                tool,
            } => {
                let asked = OfServer {
                    service: self,
                    call,
                    provider,
                    url,
                    place: confined(url),
                    tool,
                };
                let info = tool_provider_info(provider, None);
                let done = self.paid(call, info, &tool.name, &asked).await;
                let (answered, credential) = done?;
                let messages = Answered::kept(answered, files, run).await?;
                Ok(told(messages, credential))
            }
            Target::Workflow { .. } => Err(ToolError::Invoke("it is a workflow".to_owned())),
        }
    }

    /// Uses a tool with its credential, which goes to the provider's own hosts and to no other.
    async fn paid<U: ToolUse<Error = ToolError>>(
        &self,
        call: &ToolCall<'_>,
        info: ProviderInfo,
        tool: &str,
        using: &U,
    ) -> Result<(U::Answer, ToolCredential), ToolError> {
        let place = ToolPlace {
            tool,
            selector: &call.selector_source,
            rendered: &call.rendered,
        };
        let (context, info) = (caller(call.context), Arc::new(info));
        let models = &self.inner.models;
        let done = Box::pin(models.use_tool(&context, &info, place, using)).await;
        done.map_err(|failed| match failed {
            ToolFailed::Refused(error) => refused(error),
            ToolFailed::Used(error, credential) => masked_error(error, &credential),
        })
    }

    /// The provider that the credentials of a tool provider belong to, and the hosts that they go to unless they say
    /// otherwise.
    pub(crate) async fn credential_form(
        &self,
        provider: &ToolProvider,
    ) -> Result<(ProviderInfo, Vec<String>), Error> {
        Ok(match &provider.source {
            ToolSource::Openapi { .. } => {
                let api = self.api_of(provider).await?;
                let hosts = api.servers().filter_map(host_entry).collect();
                (tool_provider_info(provider, Some(&api)), hosts)
            }
            ToolSource::Mcp { url, .. } => {
                let hosts = host_entry(&confined(url)).into_iter().collect();
                (tool_provider_info(provider, None), hosts)
            }
            ToolSource::Workflow { .. } => (tool_provider_info(provider, None), Vec::new()),
        })
    }
}

/// One use of an operation of an HTTP API.
struct Operation<'a> {
    service: &'a Service,
    call: &'a ToolCall<'a>,
    provider: &'a ToolProvider,
    api: &'a Api,
    tool: &'a str,
    attached: Vec<Attached>,
}

#[async_trait]
impl ToolUse for Operation<'_> {
    type Answer = Vec<Answered>;
    type Error = ToolError;

    fn url(&self) -> &str {
        self.api.server_of(self.tool).unwrap_or_default()
    }

    async fn put(&self, credential: &ToolCredential) -> Result<Vec<Answered>, ToolError> {
        self.call.proof.resolved(&credential.resolution);
        let sending = Sending {
            auth: &self.provider.auth,
            access: &credential.access,
        };
        let (arguments, outbound) = (&self.call.arguments, &self.service.inner.outbound);
        self.api
            .invoke(self.tool, arguments, &self.attached, sending, outbound)
            .await
    }

    fn fault(&self, error: &ToolError) -> ToolFault {
        fault(error)
    }
}

/// One use of a tool of an MCP server.
struct OfServer<'a> {
    service: &'a Service,
    call: &'a ToolCall<'a>,
    provider: &'a ToolProvider,
    url: &'a str,
    place: Cow<'a, str>,
    tool: &'a McpTool,
}

#[async_trait]
impl ToolUse for OfServer<'_> {
    type Answer = Vec<Answered>;
    type Error = ToolError;

    fn url(&self) -> &str {
        &self.place
    }

    async fn put(&self, credential: &ToolCredential) -> Result<Vec<Answered>, ToolError> {
        self.call.proof.resolved(&credential.resolution);
        let (arguments, inner) = (&self.call.arguments, &self.service.inner);
        if let Some(name) = stdio::named(self.url) {
            let visit = visit(name, self.provider, credential);
            return inner.mcp_programs.call(visit, self.tool, arguments).await;
        }
        let server = Server {
            url: self.url,
            sending: Sending {
                auth: &self.provider.auth,
                access: &credential.access,
            },
            outbound: &inner.outbound,
            patience: Patience::default(),
        };
        server.call(self.tool, arguments).await
    }

    fn fault(&self, error: &ToolError) -> ToolFault {
        fault(error)
    }
}

/// What a failure says about the credential.
fn fault(error: &ToolError) -> ToolFault {
    match error {
        ToolError::Refused(refusal) => ToolFault {
            status: refusal.status,
            retry_after: refusal.retry_after,
            sent: refusal.sent,
        },
        // The arguments were wrong: nothing went out.
        ToolError::Unbound(_) | ToolError::Parameter(_) | ToolError::Credential(_) => {
            ToolFault::default()
        }
        ToolError::Invoke(_) => ToolFault {
            sent: true,
            ..ToolFault::default()
        },
    }
}

fn tool_provider_info(provider: &ToolProvider, api: Option<&Api>) -> ProviderInfo {
    let url = match &provider.source {
        ToolSource::Openapi { .. } => api.and_then(Api::server).map(str::to_owned),
        ToolSource::Mcp { url, .. } => Some(confined(url).into_owned()),
        ToolSource::Workflow { .. } => None,
    };
    ProviderInfo::of_tool(provider, url)
}

/// The URL that a credential is confined by: a program of the operator has a host that nobody else can have.
pub(crate) fn confined(url: &str) -> Cow<'_, str> {
    match stdio::named(url) {
        Some(name) => Cow::Owned(stdio::confinement(name)),
        None => Cow::Borrowed(url),
    }
}

/// A visit to a program of the operator with this credential.
pub(crate) fn visit<'a>(
    name: &'a str,
    provider: &ToolProvider,
    credential: &'a ToolCredential,
) -> Visit<'a> {
    let resolution = &credential.resolution;
    let payer = match (resolution.credential_id, resolution.credential_version) {
        (Some(id), Some(version)) => Payer::Stored(id, version),
        _ if resolution.level == Level::NotNeeded => Payer::Nobody,
        _ => Payer::Inline,
    };
    Visit {
        server: name,
        provider: provider.id,
        access: &credential.access,
        payer,
    }
}

/// The host of a URL, with its port where it is not that of HTTPS: a key goes to HTTP only where that is said.
fn host_entry(url: &str) -> Option<String> {
    let (host, port) = target(url)?;
    Some(match port {
        443 => host,
        port => format!("{host}:{port}"),
    })
}

/// Why no credential may be used.
pub(super) fn refused(error: InvokeError) -> ToolError {
    if error.kind == CallError::Credential {
        return ToolError::Credential(Box::new(error.failure()));
    }
    ToolError::Invoke(error.message)
}

/// What an API or a server says may repeat the key.
fn masked_error(error: ToolError, credential: &ToolCredential) -> ToolError {
    match error {
        ToolError::Unbound(text) => ToolError::Unbound(credential.masked(&text)),
        ToolError::Parameter(text) => ToolError::Parameter(credential.masked(&text)),
        ToolError::Invoke(text) => ToolError::Invoke(credential.masked(&text)),
        ToolError::Refused(refusal) => ToolError::Refused(ToolRefusal {
            text: credential.masked(&refusal.text),
            ..refusal
        }),
        ToolError::Credential(failure) => ToolError::Credential(failure),
    }
}

fn told(messages: Vec<ToolMessage>, credential: ToolCredential) -> ToolAnswer {
    let masked = |message| match message {
        ToolMessage::Text(text) => ToolMessage::Text(credential.masked(&text)),
        ToolMessage::Link(url) => ToolMessage::Link(credential.masked(&url)),
        ToolMessage::Json(value) => ToolMessage::Json(credential.masked_json(value)),
        ToolMessage::Variable { name, value } => ToolMessage::Variable {
            name,
            value: Value::infer(credential.masked_json(value.expose_json())),
        },
        ToolMessage::File(file) => ToolMessage::File(file),
    };
    ToolAnswer {
        messages: messages.into_iter().map(masked).collect(),
        resolution: Some(credential.resolution.clone()),
        ..ToolAnswer::default()
    }
}

/// The contents of the files that a call is given.
async fn attached(call: &ToolCall<'_>, files: &dyn Files) -> Result<Vec<Attached>, ToolError> {
    let mut attached = Vec::with_capacity(call.files.len());
    for (parameter, file) in &call.files {
        let content = files.read(&call.context.run, file, LONGEST_FILE).await;
        let content = content.map_err(|cause| ToolError::Invoke(cause.to_string()))?;
        attached.push(Attached {
            parameter: parameter.clone(),
            file: file.clone(),
            content,
        });
    }
    Ok(attached)
}
