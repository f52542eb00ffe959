//! Where resolution gets its facts and a call its values.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_trait::async_trait;

use latchkey_domain::credential::{Credential, Health, ModelScope};
use latchkey_domain::id::{CredentialId, WorkflowId, WorkspaceId};
use latchkey_domain::provider::ProviderId;
use latchkey_domain::settings::CredentialSettings;
use latchkey_domain::time::Timestamp;
use latchkey_secrets::Secret;

use crate::prices::StatedPrices;

/// Gives the facts for resolutions and opens values: a database with sealed values, or memory.
#[async_trait]
pub trait CredentialSource: Send + Sync {
    /// The facts of this moment. It is asked for every attempt and must be cheap.
    ///
    /// # Errors
    /// When they cannot be read.
    async fn snapshot(
        &self,
        workspace: WorkspaceId,
        workflow: Option<WorkflowId>,
        provider: &ProviderId,
    ) -> Result<Snapshot, SourceError>;

    /// Opens the values of one version of a credential: the last step before a call.
    ///
    /// # Errors
    /// When it is gone or cannot be opened.
    async fn open(
        &self,
        workspace: WorkspaceId,
        credential: CredentialId,
        version: i32,
    ) -> Result<CredentialValues, SourceError>;

    /// Opens the operator's own credential for a provider.
    ///
    /// # Errors
    /// When there is none.
    async fn open_system(&self, provider: &ProviderId) -> Result<SystemCredential, SourceError> {
        let _ = provider;
        Err(SourceError::NotFound)
    }
}

/// Why facts or values are not to be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// It is not there (any more).
    #[error("the credential is gone")]
    NotFound,
    /// The sealed values do not open.
    #[error("the credential's values cannot be opened")]
    Unreadable,
    /// The source itself failed.
    #[error("credentials could not be read: {0}")]
    Failed(String),
}

/// The facts that decide who pays, as they are at one moment. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// All credentials of the workspace, also of other providers, so that a mismatch is told from an unknown id.
    pub credentials: Arc<Credentials>,
    /// The active credential of each model of this provider.
    pub model_defaults: HashMap<ModelScope, CredentialId>,
    /// The active credential of this provider.
    pub provider_default: Option<CredentialId>,
    /// The workflow's live settings.
    pub settings: Arc<CredentialSettings>,
    /// What the workspace states about prices.
    pub prices: Arc<StatedPrices>,
    /// Whether the operator has switched on a credential of its own for this provider.
    pub system: bool,
    /// The time.
    pub now: Timestamp,
}

/// Credentials, found by id and by name.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    by_id: HashMap<CredentialId, Arc<Credential>>,
    by_name: HashMap<(ProviderId, String), CredentialId>,
}

impl Credentials {
    /// The credential of this id.
    #[must_use]
    pub fn by_id(&self, id: CredentialId) -> Option<&Arc<Credential>> {
        self.by_id.get(&id)
    }

    /// The credential of this name at this provider; names are compared exactly.
    #[must_use]
    pub fn by_name(&self, provider: &ProviderId, name: &str) -> Option<&Arc<Credential>> {
        let id = self.by_name.get(&(provider.clone(), name.to_owned()))?;
        self.by_id.get(id)
    }

    /// Puts in what calls have shown about a version of a credential; whether it is there.
    pub fn put_health(&mut self, id: CredentialId, version: i32, health: &Health) -> bool {
        match self.by_id.get_mut(&id) {
            Some(known) if known.version == version => {
                Arc::make_mut(known).health = health.clone();
                true
            }
            Some(_) | None => false,
        }
    }

    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Credential>> {
        self.by_id.values()
    }
}

impl FromIterator<Credential> for Credentials {
    fn from_iter<I: IntoIterator<Item = Credential>>(credentials: I) -> Self {
        let mut all = Self::default();
        for credential in credentials {
            let name = (credential.provider.clone(), credential.name.clone());
            all.by_name.insert(name, credential.id);
            all.by_id.insert(credential.id, Arc::new(credential));
        }
        all
    }
}

/// The opened secret fields of a credential. It lives as long as one call.
#[derive(Clone, Debug, Default)]
pub struct CredentialValues {
    /// The fields by name, such as `api_key`.
    pub secrets: BTreeMap<String, Secret<String>>,
}

impl CredentialValues {
    /// Values of one field.
    #[must_use]
    pub fn one(field: &str, value: &str) -> Self {
        Self {
            secrets: BTreeMap::from([(field.to_owned(), Secret::from(value))]),
        }
    }

    /// A field's value, unless it is empty.
    #[must_use]
    pub fn secret(&self, field: &str) -> Option<&str> {
        let value = self.secrets.get(field)?.expose().as_str();
        (!value.is_empty()).then_some(value)
    }
}

/// A credential that the operator's configuration gives.
#[derive(Clone, Debug, Default)]
pub struct SystemCredential {
    /// Where it may be sent; empty: the provider's own hosts.
    pub hosts: Vec<String>,
    /// Its fields that are no secrets.
    pub settings: BTreeMap<String, String>,
    /// Its secrets.
    pub values: CredentialValues,
}
