//! Credentials and a ledger in memory: for `latchkey run`, the conformance runner, and tests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use latchkey_domain::credential::{Credential, CredentialCode, Finding, ModelScope};
use latchkey_domain::id::{CredentialId, ModelCallId, WorkflowId, WorkspaceId};
use latchkey_domain::ledger::{
    CallOutcome, ModelCall, ModelCallEnd, ModelCallStart, OpenRefusal, Tokens, UsageSource,
};
use latchkey_domain::provider::ProviderId;
use latchkey_domain::settings::CredentialSettings;
use latchkey_domain::time::Timestamp;

use crate::book::{BookError, CallBook, OpenError};
use crate::source::{
    CredentialSource, CredentialValues, Credentials, Snapshot, SourceError, SystemCredential,
};

/// Gives the time; memory has no clock of its own.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Credentials of one workspace in memory.
pub struct MemorySource {
    now: Now,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    credentials: Arc<Credentials>,
    values: HashMap<CredentialId, CredentialValues>,
    provider_defaults: HashMap<ProviderId, CredentialId>,
    model_defaults: HashMap<ProviderId, HashMap<ModelScope, CredentialId>>,
    settings: Arc<CredentialSettings>,
    system: HashMap<ProviderId, SystemCredential>,
}

impl MemorySource {
    /// An empty source.
    #[must_use]
    pub fn new(now: Now) -> Self {
        Self {
            now,
            kept: Mutex::default(),
        }
    }

    /// Adds or replaces a credential.
    pub fn put(&self, credential: Credential, values: CredentialValues) {
        let mut kept = lock(&self.kept);
        let id = credential.id;
        let others = kept.credentials.iter().filter(|other| other.id != id);
        let all = others
            .map(|other| Credential::clone(other))
            .chain([credential]);
        kept.credentials = Arc::new(all.collect());
        kept.values.insert(id, values);
    }

    /// Makes a credential the active one of its provider, or of its model if it is for one.
    pub fn make_default(&self, id: CredentialId) {
        let mut kept = lock(&self.kept);
        let Some(credential) = kept.credentials.by_id(id).cloned() else {
            return;
        };
        let provider = credential.provider.clone();
        match &credential.model {
            None => {
                kept.provider_defaults.insert(provider, id);
            }
            Some(model) => {
                let models = kept.model_defaults.entry(provider).or_default();
                models.insert(model.clone(), id);
            }
        }
    }

    /// Replaces the settings, which hold for every workflow.
    pub fn set_settings(&self, settings: CredentialSettings) {
        lock(&self.kept).settings = Arc::new(settings);
    }

    /// Switches the operator's own credential on.
    pub fn set_system(&self, provider: ProviderId, credential: SystemCredential) {
        lock(&self.kept).system.insert(provider, credential);
    }

    /// The facts as they are now.
    #[must_use]
    pub fn facts(&self, provider: &ProviderId) -> Snapshot {
        let kept = lock(&self.kept);
        Snapshot {
            credentials: Arc::clone(&kept.credentials),
            model_defaults: kept
                .model_defaults
                .get(provider)
                .cloned()
                .unwrap_or_default(),
            provider_default: kept.provider_defaults.get(provider).copied(),
            settings: Arc::clone(&kept.settings),
            prices: Arc::default(),
            system: kept.system.contains_key(provider),
            now: (self.now)(),
            ..Snapshot::default()
        }
    }
}

#[async_trait]
impl CredentialSource for MemorySource {
    async fn snapshot(
        &self,
        _: WorkspaceId,
        _: Option<WorkflowId>,
        provider: &ProviderId,
    ) -> Result<Snapshot, SourceError> {
        Ok(self.facts(provider))
    }

    async fn open(
        &self,
        workspace: WorkspaceId,
        credential: CredentialId,
        version: i32,
    ) -> Result<CredentialValues, SourceError> {
        let kept = lock(&self.kept);
        let known = kept.credentials.by_id(credential);
        known
            .filter(|known| known.workspace == workspace && known.version == version)
            .and_then(|_| kept.values.get(&credential).cloned())
            .ok_or(SourceError::NotFound)
    }

    async fn open_system(&self, provider: &ProviderId) -> Result<SystemCredential, SourceError> {
        let kept = lock(&self.kept);
        kept.system
            .get(provider)
            .cloned()
            .ok_or(SourceError::NotFound)
    }
}

/// Decides whether a row may be opened; memory has no runs and no limits of its own.
pub type Rule = Arc<dyn Fn(&ModelCallStart) -> Result<(), OpenRefusal> + Send + Sync>;

/// A ledger in memory.
#[derive(Default)]
pub struct MemoryBook {
    rows: Mutex<Vec<ModelCall>>,
    rule: Mutex<Option<Rule>>,
    dead: Mutex<Vec<(CredentialId, i32)>>,
}

impl MemoryBook {
    /// Every row, in the order of opening.
    #[must_use]
    pub fn rows(&self) -> Vec<ModelCall> {
        lock(&self.rows).clone()
    }

    /// The keys that were found to be dead, in order.
    #[must_use]
    pub fn dead(&self) -> Vec<(CredentialId, i32)> {
        lock(&self.dead).clone()
    }

    /// Sets the rule for opening.
    pub fn set_rule(&self, rule: Rule) {
        *lock(&self.rule) = Some(rule);
    }
}

#[async_trait]
impl CallBook for MemoryBook {
    async fn open(&self, start: ModelCallStart) -> Result<(), OpenError> {
        let rule = lock(&self.rule).clone();
        if let Some(rule) = rule {
            rule(&start).map_err(OpenError::Refused)?;
        }
        lock(&self.rows).push(ModelCall {
            start,
            end: None,
            cost: None,
        });
        Ok(())
    }

    async fn close(&self, id: ModelCallId, end: ModelCallEnd) -> Result<(), BookError> {
        let mut rows = lock(&self.rows);
        let open = rows
            .iter_mut()
            .find(|row| row.start.id == id && row.end.is_none());
        if let Some(row) = open {
            row.cost = row.start.price.as_ref().and_then(|price| end.cost(price));
            if let Some(price) = &mut row.start.price {
                *price = price.for_question(end.tokens.prompt());
            }
            row.end = Some(end);
        }
        Ok(())
    }

    async fn condemn(
        &self,
        _: WorkspaceId,
        credential: CredentialId,
        version: i32,
    ) -> Result<(), BookError> {
        lock(&self.dead).push((credential, version));
        Ok(())
    }

    async fn refuse(&self, start: ModelCallStart, code: CredentialCode) -> Result<(), BookError> {
        let end = ModelCallEnd {
            outcome: CallOutcome::Refused,
            error_code: Some(code.as_str().to_owned()),
            http_status: None,
            tokens: Tokens::default(),
            usage_source: UsageSource::None,
            raw_usage: None,
            provider_request_id: None,
            latency_ms: 0,
            first_token_ms: None,
            finding: Finding::Nothing,
            at: start.at,
        };
        lock(&self.rows).push(ModelCall {
            start,
            end: Some(end),
            cost: None,
        });
        Ok(())
    }
}

/// A panic of somebody else leaves nothing half-done behind these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
