//! Tools that are elsewhere: their credential, their call, and what of their answer may be told.

use std::sync::Arc;

use latchkey_domain::credential::{CredentialCode, CredentialFailure, Level};
use latchkey_domain::tool::{ToolProvider, ToolSource};
use latchkey_domain::value::Value;
use latchkey_models::catalogue::ProviderInfo;
use latchkey_models::{ErrorKind as CallError, InvokeError, ToolCredential};
use latchkey_nodes::tools::mcp::{Patience, Server};
use latchkey_nodes::tools::openapi::{Api, Attached};
use latchkey_nodes::tools::{Answered, Reach, Sending};
use latchkey_nodes::{Files, ToolAnswer, ToolCall, ToolError, ToolMessage, caller};
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
                let server = api.server_of(tool).unwrap_or_default();
                let credential = self.credential_for(call, provider, Some(api), tool, server);
                let credential = credential.await?;
                let attached = attached(call, files).await?;
                let sending = Sending {
                    auth: &provider.auth,
                    access: &credential.access,
                };
                let answered = api.invoke(tool, &call.arguments, &attached, sending, outbound);
                let answered = answered
                    .await
                    .map_err(|cause| masked_error(cause, &credential))?;
                let messages = Answered::kept(answered, files, run).await?;
                Ok(told(messages, credential))
            }
            Target::Mcp {
                provider,
                url,
                tool,
            } => {
                let credential = self.credential_for(call, provider, None, &tool.name, url);
                let credential = credential.await?;
                let server = Server {
                    url,
                    sending: Sending {
                        auth: &provider.auth,
                        access: &credential.access,
                    },
                    outbound,
                    patience: Patience::default(),
                };
                let answered = server.call(tool, &call.arguments).await;
                let answered = answered.map_err(|cause| masked_error(cause, &credential))?;
                let messages = Answered::kept(answered, files, run).await?;
                Ok(told(messages, credential))
            }
            Target::Workflow { .. } => Err(ToolError::Invoke("it is a workflow".to_owned())),
        }
    }

    /// The credential of a tool, which goes to the provider's own hosts and to no other.
    async fn credential_for(
        &self,
        call: &ToolCall<'_>,
        provider: &ToolProvider,
        api: Option<&Api>,
        tool: &str,
        url: &str,
    ) -> Result<ToolCredential, ToolError> {
        let info = Arc::new(tool_provider_info(provider, api));
        let context = caller(call.context);
        let (source, rendered) = (&call.selector_source, &call.rendered);
        let models = &self.inner.models;
        let credential = models.tool_credential(&context, &info, tool, source, rendered);
        let credential = credential.await.map_err(refused)?;
        call.proof.resolved(&credential.resolution);
        if credential.may_go_to(url) {
            return Ok(credential);
        }
        let resolution = &credential.resolution;
        let failure = CredentialFailure {
            code: CredentialCode::Forbidden,
            credential_id: resolution.credential_id,
            credential_name: resolution.credential_name.clone(),
            level: Some(resolution.level),
            selector: resolution.selector.clone(),
            selector_rendered: resolution.selector_rendered.clone(),
            provider: info.id.clone(),
            model: tool.to_owned(),
            node_id: Some(call.context.node_id.clone()),
            considered: resolution.considered.clone(),
            by_run: resolution.level == Level::RunOverride,
        };
        Err(refused(failure.into()))
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
                let hosts = host_entry(url).into_iter().collect();
                (tool_provider_info(provider, None), hosts)
            }
            ToolSource::Workflow { .. } => (tool_provider_info(provider, None), Vec::new()),
        })
    }
}

fn tool_provider_info(provider: &ToolProvider, api: Option<&Api>) -> ProviderInfo {
    let url = match &provider.source {
        ToolSource::Openapi { .. } => api.and_then(Api::server).map(str::to_owned),
        ToolSource::Mcp { url, .. } => Some(url.clone()),
        ToolSource::Workflow { .. } => None,
    };
    ProviderInfo::of_tool(provider, url)
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
