//! The credential of a tool: resolved like a model's, by the same levels and with the same reasons. A use of a tool is no
//! call of a model and has no row in the ledger; the resolution stands with the node execution.

use std::sync::Arc;

use serde_json::Value as Json;

use latchkey_domain::credential::{
    CredentialCode, CredentialFailure, CredentialSelector, Level, RenderedSelector, Resolution,
};
use latchkey_domain::provider::ModelType;
use latchkey_domain::tool::{ToolAuth, ToolProvider};

use crate::catalogue::{Field, FieldKind, ProviderInfo, SecretNeed, Wire};
use crate::configuration::ProviderConfiguration;
use crate::context::WorkflowContext;
use crate::error::{ErrorKind, InvokeError};
use crate::hosts::host_is_allowed;
use crate::manager::ModelManager;
use crate::mask::Mask;
use crate::provider::Access;
use crate::resolve::Candidate;
use crate::source::{SourceError, SystemCredential};

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
    /// The credential for one use of a tool, opened: the last step before the use. A workflow's bindings and a run's
    /// overrides may name the tool where they name a model.
    ///
    /// # Errors
    /// When none may be used, or its values cannot be opened.
    pub async fn tool_credential(
        &self,
        context: &WorkflowContext,
        info: &Arc<ProviderInfo>,
        tool: &str,
        selector: &CredentialSelector,
        rendered: &RenderedSelector,
    ) -> Result<ToolCredential, InvokeError> {
        let mut configuration = self.configuration_of(context, info).await?;
        let ask = |configuration: &ProviderConfiguration| {
            let model_type = ModelType::Llm;
            configuration
                .current_credentials(context, model_type, tool, selector, rendered)
                .map_err(|failure| InvokeError::from(*failure))
        };
        let mut candidates = ask(&configuration)?;
        if let Some(pool) = &candidates.first().pool {
            // A use of a tool is no call that could be tried again with another: the one whose turn it is pays.
            configuration.at_turn(pool.id, self.traffic.take_turn(pool.id));
            candidates = ask(&configuration)?;
        }
        let candidate = candidates.first();
        let resolution = candidate.resolution.clone();
        let (own, hosts) = self.opened_for_tool(context, info, candidate).await?;
        let SystemCredential {
            settings, values, ..
        } = own;
        let mut base_url = info.base_url.clone().unwrap_or_default();
        if let Some(own) = settings.get("base_url") {
            own.clone_into(&mut base_url);
        }
        Ok(ToolCredential {
            mask: Mask::of(&values),
            access: Access {
                base_url,
                settings,
                values,
            },
            resolution,
            hosts,
        })
    }

    /// What stands behind a candidate, opened, and the hosts that it is confined to; none without a credential.
    async fn opened_for_tool(
        &self,
        context: &WorkflowContext,
        info: &ProviderInfo,
        candidate: &Candidate,
    ) -> Result<(SystemCredential, Option<Vec<String>>), InvokeError> {
        let resolution = &candidate.resolution;
        let unreadable = |cause: SourceError| {
            let text = format!("the credential was not opened: {cause}");
            InvokeError::new(ErrorKind::Internal, text).of(resolution)
        };
        let (workspace, source) = (context.workspace, &self.source);
        let own = match (&candidate.credential, &candidate.inline) {
            (Some(credential), _) => {
                let opened = source.open(workspace, credential.id, credential.version);
                let own = SystemCredential {
                    hosts: credential.hosts.clone(),
                    settings: credential.settings.clone(),
                    values: opened.await.map_err(unreadable)?,
                };
                let hosts = own.hosts.clone();
                return Ok((own, Some(hosts)));
            }
            (None, Some(inline)) => {
                let opened = source.open_inline(workspace, inline).await;
                opened.map_err(|cause| match cause {
                    SourceError::NotFound | SourceError::Unreadable => lost(context, resolution),
                    SourceError::Failed(_) => unreadable(cause),
                })?
            }
            (None, None) if resolution.level == Level::System => {
                source.open_system(&info.id).await.map_err(unreadable)?
            }
            (None, None) => return Ok((SystemCredential::default(), None)),
        };
        let hosts = if own.hosts.is_empty() {
            info.default_hosts(&own.settings)
        } else {
            own.hosts.clone()
        };
        Ok((own, Some(hosts)))
    }
}

/// Values of a run's own that are gone.
fn lost(context: &WorkflowContext, resolution: &Resolution) -> InvokeError {
    let failure = CredentialFailure {
        code: CredentialCode::OverrideLost,
        credential_id: None,
        credential_name: None,
        level: Some(resolution.level),
        selector: resolution.selector.clone(),
        selector_rendered: resolution.selector_rendered.clone(),
        provider: resolution.provider.clone(),
        model: String::new(),
        node_id: context.node.clone(),
        considered: resolution.considered.clone(),
        by_run: true,
    };
    InvokeError::from(failure)
}
