//! The use of a tool: its credential is resolved like a model's, by the same levels and with the same reasons, and a use that a
//! credential pays for is opened and closed like a model's call. It has a row in the ledger, and its credential's limits hold; it
//! uses no tokens and has no price.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value as Json;

use latchkey_domain::credential::Resolution;
use latchkey_domain::credential::{CredentialCode, CredentialSelector, Level, RenderedSelector};
use latchkey_domain::provider::ModelType;
use latchkey_domain::tool::{ToolAuth, ToolProvider};

use crate::catalogue::{Field, FieldKind, ProviderInfo, SecretNeed, Wire};
use crate::context::{ModelRef, WorkflowContext};
use crate::error::{ErrorKind, InvokeError};
use crate::hosts::host_is_allowed;
use crate::instance::{Confined, Failed, ModelInstance, Next, Opened, Tries};
use crate::manager::ModelManager;
use crate::mask::Mask;
use crate::provider::Access;
use crate::providers::openai::failure::kind_of;
use crate::resolve::Candidate;
use crate::tokens::Size;

/// A credential that was chosen for one use of a tool.
pub struct ToolCredential {
    /// What may be sent.
    pub access: Access,
    /// Why it was chosen.
    pub resolution: Resolution,
    hosts: Option<Vec<String>>,
    mask: Mask,
}

impl ToolCredential {
    /// Whether it may be sent to this URL; without a credential there is nothing to confine.
    #[must_use]
    pub fn may_go_to(&self, url: &str) -> bool {
        let hosts = self.hosts.as_deref();
        hosts.is_none_or(|hosts| host_is_allowed(url, hosts, false))
    }

    /// A text of somebody else without the credential's secrets.
    #[must_use]
    pub fn masked(&self, text: &str) -> String {
        self.mask.text(text)
    }

    /// The same for every text in a value, keys included.
    #[must_use]
    pub fn masked_json(&self, value: Json) -> Json {
        match value {
            Json::String(text) => Json::String(self.masked(&text)),
            Json::Array(items) => items
                .into_iter()
                .map(|item| self.masked_json(item))
                .collect(),
            Json::Object(map) => {
                let pairs = map.into_iter();
                let pairs = pairs.map(|(key, value)| (self.masked(&key), self.masked_json(value)));
                Json::Object(pairs.collect())
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => value,
        }
    }
}

/// What one use of a tool does.
#[async_trait]
pub trait ToolUse: Sync {
    /// What comes of it.
    type Answer: Send;
    /// How it fails.
    type Error: Send;

    /// Where it goes: the credential must be allowed to go there.
    fn url(&self) -> &str;

    /// Uses it once with this credential.
    async fn put(&self, credential: &ToolCredential) -> Result<Self::Answer, Self::Error>;

    /// What a failure says about the credential.
    fn fault(&self, error: &Self::Error) -> ToolFault;
}

/// What a failed use of a tool says about its credential. Only a 429 is taken as the credential's: whether a tool's other failures are,
/// nobody can tell, since there is no call that only tries a tool's key out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolFault {
    /// The status of HTTP; none when there was no answer.
    pub status: Option<u16>,
    /// How long the tool's server asks to wait.
    pub retry_after: Option<Duration>,
    /// Whether the tool may have been used.
    pub sent: bool,
}

impl ToolFault {
    /// The failure of the call, as the ledger tells it. What the tool said stays with whoever used it.
    fn error(&self) -> InvokeError {
        let kind = match self.status {
            Some(status) => kind_of(status),
            None if self.sent => ErrorKind::BadRequest,
            None => ErrorKind::Connection,
        };
        InvokeError {
            http_status: self.status,
            retry_after: self.retry_after,
            sent: self.sent,
            misdirected: kind != ErrorKind::RateLimit,
            ..InvokeError::new(kind, "the tool failed")
        }
    }
}

/// Why a tool was not used, or failed.
pub enum ToolFailed<E> {
    /// Nobody may pay, or the use could not be opened.
    Refused(InvokeError),
    /// It was used with this credential and failed.
    Used(E, Box<ToolCredential>),
}

impl ProviderInfo {
    /// The provider that the credentials of a tool provider belong to: its form, and where they go unless they say
    /// otherwise.
    #[must_use]
    pub fn of_tool(provider: &ToolProvider, base_url: Option<String>) -> Self {
        let field = |name: &str, label: &str, kind: FieldKind| Field {
            name: name.to_owned(),
            label: label.to_owned(),
            kind,
            required: true,
            default: None,
            placeholder: None,
        };
        let fields = match provider.auth {
            ToolAuth::None => Vec::new(),
            ToolAuth::ApiKey { .. } | ToolAuth::Bearer => {
                vec![field("api_key", "API key", FieldKind::Secret)]
            }
            ToolAuth::Basic => vec![
                field("username", "User name", FieldKind::Text),
                field("password", "Password", FieldKind::Secret),
            ],
        };
        let id = provider.credential_provider();
        Self {
            label: provider.name.clone(),
            wire: Wire::Tool,
            secrets: if fields.is_empty() {
                SecretNeed::Never
            } else {
                SecretNeed::Required
            },
            base_url,
            fields,
            ..Self::scripted(&id)
        }
    }
}

impl ModelManager {
    /// Uses a tool with the credential that its selector names. A use that a credential pays for is opened first and closed
    /// afterwards. When the tool's server says 429 and the author has written down who pays next, that one is tried.
    ///
    /// # Errors
    /// When nobody may pay, the credential may not go where the tool is, or the use fails.
    pub async fn use_tool<U: ToolUse>(
        &self,
        context: &WorkflowContext,
        info: &Arc<ProviderInfo>,
        place: ToolPlace<'_>,
        tool: &U,
    ) -> Result<(U::Answer, ToolCredential), ToolFailed<U::Error>> {
        let refused = ToolFailed::Refused;
        let instance = self.tool_instance(context, info, place);
        let first = instance.candidates().await;
        if let Ok(candidates) = &first
            && candidates.first().resolution.level == Level::NotNeeded
        {
            let candidate = candidates.first();
            let confined = instance.access(info, candidate).await;
            let confined = confined.map_err(|cause| refused(cause.into_error()))?;
            let credential = Box::new(ToolCredential::of(candidate, confined));
            return match tool.put(&credential).await {
                Ok(answer) => Ok((answer, *credential)),
                Err(error) => Err(ToolFailed::Used(error, credential)),
            };
        }
        let mut tries = Tries::default();
        loop {
            let opened = match instance.open(Size::default(), &mut tries).await {
                Ok(opened) => opened,
                Err(failed) => {
                    tries.after(failed).map_err(refused)?;
                    continue;
                }
            };
            match use_opened(&instance, info, tool, opened).await {
                Ok(done) => return Ok(done),
                Err((failed, Some((error, credential)))) => {
                    if tries.after(failed).is_err() {
                        return Err(ToolFailed::Used(error, credential));
                    }
                }
                Err((failed, None)) => tries.after(failed).map_err(refused)?,
            }
        }
    }

    /// The credential for a question about a tool that is no use of it, opened: the list of a server's tools.
    ///
    /// # Errors
    /// When none may be used, or its values cannot be opened.
    pub async fn tool_credential(
        &self,
        context: &WorkflowContext,
        info: &Arc<ProviderInfo>,
        place: ToolPlace<'_>,
    ) -> Result<ToolCredential, InvokeError> {
        let instance = self.tool_instance(context, info, place);
        let candidates = instance.candidates().await?;
        let candidate = candidates.first();
        let confined = instance.access(info, candidate).await;
        let confined = confined.map_err(|cause| cause.into_error().of(&candidate.resolution))?;
        Ok(ToolCredential::of(candidate, confined))
    }

    fn tool_instance(
        &self,
        context: &WorkflowContext,
        info: &Arc<ProviderInfo>,
        place: ToolPlace<'_>,
    ) -> ModelInstance {
        let model = ModelRef {
            provider: info.id.clone(),
            model: place.tool.to_owned(),
            // What a tool's credentials are kept as.
            model_type: ModelType::Llm,
            selector_source: place.selector.clone(),
            rendered: place.rendered.clone(),
        };
        ModelInstance::new(self.clone(), context.clone(), model).of_tool(Arc::clone(info))
    }
}

/// A tool at its provider, and who shall pay for it.
#[derive(Clone, Copy, Debug)]
pub struct ToolPlace<'a> {
    /// Its name at its provider.
    pub tool: &'a str,
    /// What the document says about the credential.
    pub selector: &'a CredentialSelector,
    /// The same, rendered.
    pub rendered: &'a RenderedSelector,
}

type Told<E> = Option<(E, Box<ToolCredential>)>;

/// Uses a tool whose row is open, and closes the row.
async fn use_opened<U: ToolUse>(
    instance: &ModelInstance,
    info: &ProviderInfo,
    tool: &U,
    opened: Opened,
) -> Result<(U::Answer, ToolCredential), (Failed, Told<U::Error>)> {
    let Opened {
        mut call,
        candidate,
        is_last,
    } = opened;
    let confined = instance.access_of(info, &candidate, &mut call).await;
    let confined = confined.map_err(|failed| (failed, None))?;
    let credential = Box::new(ToolCredential::of(&candidate, confined));
    let resolution = &credential.resolution;
    if !credential.may_go_to(tool.url()) {
        let failure = instance.failure_of(CredentialCode::Forbidden, resolution);
        let error = InvokeError::from(failure).of(resolution);
        let closed = call.close(Some(&error)).await;
        return Err((closed.err().unwrap_or(error).into(), None));
    }
    call.sending();
    match tool.put(&credential).await {
        Ok(answer) => {
            call.used_without_tokens();
            match call.close(None).await {
                Ok(()) => Ok((answer, *credential)),
                Err(error) => Err((error.into(), None)),
            }
        }
        Err(told) => {
            let error = tool.fault(&told).error();
            if let Err(broken) = call.close(Some(&error)).await {
                return Err((broken.into(), None));
            }
            let next = resolution
                .credential_id
                .filter(|_| error.goes_on() && !is_last);
            let failed = Failed {
                next: Next::after(next),
                error: error.of(resolution).in_call(call.id()),
            };
            Err((failed, Some((told, credential))))
        }
    }
}

impl ToolCredential {
    fn of(candidate: &Candidate, confined: Confined) -> Self {
        let Confined { access, hosts } = confined;
        let resolution = candidate.resolution.clone();
        Self {
            mask: Mask::of(&access.values),
            // Without a credential there is nothing to confine.
            hosts: (resolution.level != Level::NotNeeded).then_some(hosts),
            access,
            resolution,
        }
    }
}
