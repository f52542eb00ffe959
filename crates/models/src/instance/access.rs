//! The opening of a candidate's values, and where they may be sent.

use latchkey_domain::credential::{CredentialCode, InlineCredential, Level};

use crate::catalogue::ProviderInfo;
use crate::error::{ErrorKind, InvokeError};
use crate::hosts::host_is_allowed;
use crate::provider::Access;
use crate::resolve::Candidate;
use crate::source::{SourceError, SystemCredential};

use super::{ModelInstance, internal};

/// Why values were not opened.
pub(crate) enum Unopened {
    /// Others have taken their place.
    Changed,
    /// They cannot be.
    Failed(InvokeError),
}

impl Unopened {
    /// What is told when nobody resolves again.
    pub(crate) fn into_error(self) -> InvokeError {
        match self {
            Self::Changed => internal("the credential changed while it was opened"),
            Self::Failed(error) => error,
        }
    }
}

/// Opened values, and the hosts that they may be sent to.
pub(crate) struct Confined {
    pub(crate) access: Access,
    pub(crate) hosts: Vec<String>,
}

impl ModelInstance {
    /// Opens the values: the last step before the call.
    pub(crate) async fn access(
        &self,
        info: &ProviderInfo,
        candidate: &Candidate,
    ) -> Result<Confined, Unopened> {
        let source = &self.manager.source;
        let unreadable = |cause: SourceError| match cause {
            SourceError::NotFound => Unopened::Changed,
            SourceError::Unreadable | SourceError::Failed(_) => {
                Unopened::Failed(internal(&format!("not opened: {cause}")))
            }
        };
        let SystemCredential {
            hosts,
            settings,
            values,
        } = match (&candidate.credential, &candidate.inline) {
            (Some(credential), _) => SystemCredential {
                hosts: credential.hosts.clone(),
                settings: credential.settings.clone(),
                values: source
                    .open(self.context.workspace, credential.id, credential.version)
                    .await
                    .map_err(unreadable)?,
            },
            (None, Some(inline)) => self.open_inline(inline, candidate).await?,
            (None, None) if candidate.resolution.level == Level::System => {
                source.open_system(&info.id).await.map_err(unreadable)?
            }
            (None, None) => SystemCredential::default(),
        };
        let is_own = settings.contains_key("base_url");
        let base_url = info.address(&settings).unwrap_or_default();
        let base_url = base_url.trim_end_matches('/');
        let hosts = if hosts.is_empty() {
            info.default_hosts(&settings)
        } else {
            hosts
        };
        if info.wire.is_remote() && !host_is_allowed(base_url, &hosts, is_own) {
            let text = format!(
                "the credential may not be sent to the base URL of {}",
                info.id
            );
            let error = InvokeError::new(ErrorKind::BadRequest, text);
            return Err(Unopened::Failed(error));
        }
        Ok(Confined {
            access: Access {
                base_url: base_url.to_owned(),
                settings,
                values,
            },
            hosts,
        })
    }

    /// Opens values of a run's own. They may be gone: they end with their run, and after a time.
    async fn open_inline(
        &self,
        inline: &InlineCredential,
        candidate: &Candidate,
    ) -> Result<SystemCredential, Unopened> {
        let source = &self.manager.source;
        let opened = source.open_inline(self.context.workspace, inline).await;
        opened.map_err(|cause| {
            Unopened::Failed(match cause {
                SourceError::NotFound | SourceError::Unreadable => self
                    .failure_of(CredentialCode::OverrideLost, &candidate.resolution)
                    .into(),
                SourceError::Failed(_) => internal(&format!("not opened: {cause}")),
            })
        })
    }
}
