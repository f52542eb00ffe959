//! The facts that decide who pays, over the database, and the opening of values: the `CredentialSource` of the server.
//!
//! Facts are kept in memory until something about them changes. A call is opened at the revision that was resolved, so a fact that
//! is out of date can refuse a call, but never let a changed key pay.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use latchkey_domain::credential::{
    CredentialState, Environment, InlineCredential, Level, ModelScope,
};
use latchkey_domain::id::{CredentialId, WorkflowId, WorkspaceId};
use latchkey_domain::provider::ProviderId;
use latchkey_domain::settings::CredentialSettings;
use latchkey_domain::time::Timestamp;
use latchkey_engine::clock::Clock;
use latchkey_models::{
    CredentialSource, CredentialValues, Credentials, Snapshot, SourceError, StatedPrices,
    SystemCredential,
};
use latchkey_store::{DefaultKey, PayerHealth, Store, StoreError};

use crate::error::Error;
use crate::lock;
use crate::rotation::Overlaps;
use crate::vault::Vault;

/// How often a call asks a database that is away, and the pause between: five minutes at least.
const TRIES: u32 = 300;
const PAUSE: Duration = Duration::from_secs(1);

/// What a workspace has.
#[derive(Clone)]
struct WorkspaceFacts {
    credentials: Arc<Credentials>,
    defaults: Arc<HashMap<(ProviderId, Option<ModelScope>), CredentialId>>,
    environments: Arc<[Environment]>,
    prices: Arc<StatedPrices>,
}

#[derive(Default)]
struct Known {
    /// Raised by every change, so that what was read before it is not kept.
    generation: u64,
    workspaces: HashMap<WorkspaceId, WorkspaceFacts>,
    settings: HashMap<WorkflowId, Arc<CredentialSettings>>,
    /// What calls have shown while a workspace is being read: what is read may be older.
    meanwhile: Vec<PayerHealth>,
}

/// While this is there, what calls show is kept for what is being read.
struct Reading<'a> {
    facts: &'a Facts,
    generation: u64,
    _alone: tokio::sync::MutexGuard<'a, ()>,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        lock(&self.facts.known).meanwhile = Vec::new();
    }
}

pub(crate) struct Facts {
    store: Store,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    system: SystemCredentials,
    known: Mutex<Known>,
    /// Workspaces are read by one at a time: the others find what that one has read.
    reading: tokio::sync::Mutex<()>,
    /// Of rotated credentials.
    pub(crate) overlaps: Overlaps,
}

/// The operator's own credentials.
pub type SystemCredentials = HashMap<ProviderId, SystemCredential>;

impl Facts {
    pub(crate) fn new(
        store: Store,
        vault: Arc<Vault>,
        clock: Arc<dyn Clock>,
        system: SystemCredentials,
    ) -> Self {
        Self {
            store,
            vault,
            clock,
            system,
            known: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
            overlaps: Overlaps::default(),
        }
    }

    /// Something changed: everything is read again when it is needed.
    pub(crate) fn changed(&self) {
        let mut known = lock(&self.known);
        known.generation += 1;
        known.workspaces.clear();
        known.settings.clear();
    }

    /// A call has shown something about a credential: what is known of everything else stays.
    pub(crate) fn heard(&self, payer: &PayerHealth) {
        let mut known = lock(&self.known);
        if self.reading.try_lock().is_err() {
            known.meanwhile.push(payer.clone());
        }
        let (id, version) = (payer.credential, payer.version);
        for facts in known.workspaces.values_mut() {
            if facts.credentials.by_id(id).is_some() {
                Arc::make_mut(&mut facts.credentials).put_health(id, version, &payer.health);
            }
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether the operator pays for a provider where a workflow lets it.
    pub(crate) fn has_system(&self, provider: &ProviderId) -> bool {
        self.system.contains_key(provider)
    }

    async fn workspace(&self, id: WorkspaceId) -> Result<WorkspaceFacts, StoreError> {
        if let Some(facts) = lock(&self.known).workspaces.get(&id) {
            return Ok(facts.clone());
        }
        let alone = self.reading.lock().await;
        let generation = {
            let known = lock(&self.known);
            if let Some(facts) = known.workspaces.get(&id) {
                return Ok(facts.clone());
            }
            known.generation
        };
        let reading = Reading {
            facts: self,
            generation,
            _alone: alone,
        };
        let mut facts = self.read_workspace(id).await?;
        let mut known = lock(&self.known);
        for payer in &known.meanwhile {
            let (id, version) = (payer.credential, payer.version);
            Arc::make_mut(&mut facts.credentials).put_health(id, version, &payer.health);
        }
        if known.generation == reading.generation {
            known.workspaces.insert(id, facts.clone());
        }
        drop(known);
        drop(reading);
        Ok(facts)
    }

    async fn read_workspace(&self, id: WorkspaceId) -> Result<WorkspaceFacts, StoreError> {
        let credentials = self.store.credentials(id).await?;
        let pools = self.store.pools(id).await?;
        let defaults = self.store.credential_defaults(id).await?;
        let prices = self.store.prices(id).await?;
        let all = self.store.workspaces().await?;
        let environments = all
            .into_iter()
            .find(|workspace| workspace.id == id)
            .map(|workspace| workspace.environments);
        Ok(WorkspaceFacts {
            credentials: Arc::new(
                credentials
                    .into_iter()
                    .collect::<Credentials>()
                    .with_pools(pools),
            ),
            defaults: Arc::new(
                defaults
                    .into_iter()
                    .map(
                        |(
                            DefaultKey {
                                provider, model, ..
                            },
                            id,
                        )| ((provider, model), id),
                    )
                    .collect(),
            ),
            environments: environments.unwrap_or_default().into(),
            prices: Arc::new(
                prices
                    .into_iter()
                    .map(|stated| (stated.model, stated.dated))
                    .collect(),
            ),
        })
    }

    /// The live settings of a workflow; those of an unknown one are the strictest.
    pub(crate) async fn settings(
        &self,
        workspace: WorkspaceId,
        workflow: WorkflowId,
    ) -> Result<Arc<CredentialSettings>, StoreError> {
        let generation = {
            let known = lock(&self.known);
            if let Some(settings) = known.settings.get(&workflow) {
                return Ok(Arc::clone(settings));
            }
            known.generation
        };
        let settings = self.store.credential_settings(workspace, workflow).await?;
        let settings = Arc::new(settings.unwrap_or_default().0);
        let mut known = lock(&self.known);
        if known.generation == generation {
            known.settings.insert(workflow, Arc::clone(&settings));
        }
        Ok(settings)
    }

    /// Somebody else changed what was known here.
    fn gone(&self) -> SourceError {
        self.changed();
        SourceError::NotFound
    }

    /// All credentials of a workspace.
    pub(crate) async fn credentials(
        &self,
        workspace: WorkspaceId,
    ) -> Result<Arc<Credentials>, StoreError> {
        Ok(self.workspace(workspace).await?.credentials)
    }

    /// The environments that a workspace declares.
    pub(crate) async fn environments(
        &self,
        workspace: WorkspaceId,
    ) -> Result<Arc<[Environment]>, StoreError> {
        Ok(self.workspace(workspace).await?.environments)
    }

    /// What a workspace states about prices.
    pub(crate) async fn prices(
        &self,
        workspace: WorkspaceId,
    ) -> Result<Arc<StatedPrices>, StoreError> {
        Ok(self.workspace(workspace).await?.prices)
    }

    /// All defaults of a workspace.
    pub(crate) async fn every_default(
        &self,
        workspace: WorkspaceId,
    ) -> Result<Arc<HashMap<(ProviderId, Option<ModelScope>), CredentialId>>, StoreError> {
        Ok(self.workspace(workspace).await?.defaults)
    }

    /// The defaults of a workspace for one provider.
    pub(crate) async fn defaults(
        &self,
        workspace: WorkspaceId,
        provider: &ProviderId,
    ) -> Result<Vec<(Option<ModelScope>, CredentialId)>, StoreError> {
        let facts = self.workspace(workspace).await?;
        let of_provider = facts
            .defaults
            .iter()
            .filter(|((known, _), _)| known == provider);
        Ok(of_provider
            .map(|((_, model), id)| (model.clone(), *id))
            .collect())
    }
}

#[async_trait]
impl CredentialSource for Facts {
    async fn snapshot(
        &self,
        workspace: WorkspaceId,
        workflow: Option<WorkflowId>,
        provider: &ProviderId,
    ) -> Result<Snapshot, SourceError> {
        let facts = patiently(|| self.workspace(workspace)).await?;
        let settings = match workflow {
            Some(workflow) => patiently(|| self.settings(workspace, workflow)).await?,
            // Calls that belong to no workflow know the operator's level, which a workflow has to permit.
            None => Arc::new(CredentialSettings {
                weakest: Level::System,
                ..CredentialSettings::default()
            }),
        };
        let of_provider = facts
            .defaults
            .iter()
            .filter(|((known, _), _)| known == provider);
        let mut snapshot = Snapshot {
            credentials: facts.credentials,
            settings,
            prices: facts.prices,
            system: self.system.contains_key(provider),
            now: self.clock.now(),
            ..Snapshot::default()
        };
        for ((_, model), id) in of_provider {
            match model {
                None => snapshot.provider_default = Some(*id),
                Some(model) => drop(snapshot.model_defaults.insert(model.clone(), *id)),
            }
        }
        Ok(snapshot)
    }

    async fn open(
        &self,
        workspace: WorkspaceId,
        credential: CredentialId,
        version: i32,
    ) -> Result<CredentialValues, SourceError> {
        let found = patiently(|| self.store.credential(workspace, credential));
        let (known, sealed) = found.await?.ok_or_else(|| self.gone())?;
        let sealed = if known.version == version {
            Some(sealed).filter(|_| known.state == CredentialState::Active)
        } else if known.state == CredentialState::Disabled {
            None
        } else {
            // A call that was opened before a rotation finishes with the values that it was opened for.
            let store = &self.store;
            let kept = || store.version_values(workspace, credential, version);
            patiently(kept).await?
        };
        let sealed = sealed.ok_or_else(|| self.gone())?;
        let vault = &self.vault;
        let opened = || vault.open_credential(workspace, credential, &sealed);
        opened_patiently(opened).await.map_err(|error: Error| {
            if error.code.starts_with("reference_") {
                // Where it is kept is told in the log, and to those who validate the credential.
                tracing::warn!(%credential, error = %error.detail, "a value that is kept elsewhere cannot be read");
                let told = "a value that is kept elsewhere cannot be read there";
                return SourceError::Failed(told.to_owned());
            }
            SourceError::Unreadable
        })
    }

    async fn open_inline(
        &self,
        workspace: WorkspaceId,
        inline: &InlineCredential,
    ) -> Result<SystemCredential, SourceError> {
        let now = self.clock.now();
        let found = patiently(|| self.store.run_secret(workspace, inline.run, now));
        let secret = found.await?.ok_or(SourceError::NotFound)?;
        let vault = &self.vault;
        let opened = || vault.open_inline(&secret, &inline.fingerprint);
        let opened = opened_patiently(opened)
            .await
            .map_err(|_: Error| SourceError::Unreadable)?;
        opened.ok_or(SourceError::NotFound)
    }

    async fn open_system(&self, provider: &ProviderId) -> Result<SystemCredential, SourceError> {
        let own = self.system.get(provider).cloned();
        own.ok_or(SourceError::NotFound)
    }
}

/// Reads again while the database is away, at most for a while: a call waits for it as its run does.
async fn patiently<T, F>(read: impl Fn() -> F) -> Result<T, SourceError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    for _ in 0..TRIES {
        match read().await {
            Err(StoreError::Unavailable(cause)) => {
                tracing::warn!(%cause, "a call waits for the database");
            }
            done => return done.map_err(failed),
        }
        tokio::time::sleep(PAUSE).await;
    }
    read().await.map_err(failed)
}

/// The same for what is opened with keys that are in the database.
async fn opened_patiently<T, F>(open: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    for _ in 0..TRIES {
        match open().await {
            Err(error) if error.code == "database_unavailable" => {}
            done => return done,
        }
        tokio::time::sleep(PAUSE).await;
    }
    open().await
}

fn failed(error: StoreError) -> SourceError {
    SourceError::Failed(error.to_string())
}
