//! A provider as one workspace and one workflow have it configured.

use std::sync::Arc;

use latchkey_domain::credential::{CredentialFailure, CredentialSelector, RenderedSelector};
use latchkey_domain::id::{CredentialPoolId, WorkflowId, WorkspaceId};
use latchkey_domain::price::{Price, PricedModel};
use latchkey_domain::provider::{ModelType, ProviderId};

use crate::catalogue::ProviderInfo;
use crate::context::{ModelRef, WorkflowContext};
use crate::error::{ErrorKind, InvokeError};
use crate::resolve::{Candidates, Question, resolve};
use crate::source::{CredentialSource, Snapshot};
use crate::traffic::Traffic;

/// Gives configurations.
#[derive(Clone)]
pub struct ProviderManager {
    source: Arc<dyn CredentialSource>,
    traffic: Traffic,
}

/// One provider with the facts that decide who pays for it, as they are at one moment.
#[derive(Clone, Debug)]
pub struct ProviderConfiguration {
    provider: Arc<ProviderInfo>,
    snapshot: Snapshot,
}

impl ProviderManager {
    pub(crate) const fn new(source: Arc<dyn CredentialSource>, traffic: Traffic) -> Self {
        Self { source, traffic }
    }

    /// The configuration of a provider at this moment.
    ///
    /// # Errors
    /// When the facts cannot be read.
    pub async fn configuration(
        &self,
        workspace: WorkspaceId,
        workflow: Option<WorkflowId>,
        provider: &Arc<ProviderInfo>,
    ) -> Result<ProviderConfiguration, InvokeError> {
        let mut snapshot = self
            .source
            .snapshot(workspace, workflow, &provider.id)
            .await
            .map_err(|cause| InvokeError::new(ErrorKind::Internal, cause.to_string()))?;
        let credentials = Arc::clone(&snapshot.credentials);
        for pool in credentials.pools(&provider.id) {
            snapshot.turns.insert(pool.id, self.traffic.turn(pool.id));
            let members = pool.members.iter().map(|member| member.credential_id);
            let busy = members.map(|id| (id, self.traffic.busy(id)));
            snapshot.busy.extend(busy.filter(|(_, busy)| *busy > 0));
        }
        Ok(ProviderConfiguration::new(Arc::clone(provider), snapshot))
    }
}

impl ProviderConfiguration {
    /// A provider and the facts about it.
    #[must_use]
    pub const fn new(provider: Arc<ProviderInfo>, snapshot: Snapshot) -> Self {
        Self { provider, snapshot }
    }

    /// What the workspace states about the price of a model, if it is in force; none leaves it to the catalogue.
    #[must_use]
    pub fn stated_price(&self, model: &ModelRef) -> Option<&Price> {
        if self.snapshot.prices.is_empty() {
            return None;
        }
        let priced = PricedModel {
            provider: model.provider.clone(),
            model: model.model.clone(),
            model_type: model.model_type,
        };
        self.snapshot.prices.at(&priced, self.snapshot.now)
    }

    /// The provider's row of the catalogue.
    #[must_use]
    pub const fn provider(&self) -> &Arc<ProviderInfo> {
        &self.provider
    }

    /// The provider's id.
    #[must_use]
    pub fn id(&self) -> &ProviderId {
        &self.provider.id
    }

    /// The facts.
    #[must_use]
    pub const fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The same at this turn of a pool.
    pub(crate) fn at_turn(&mut self, pool: CredentialPoolId, turn: u64) {
        self.snapshot.turns.insert(pool, turn);
    }

    /// Who pays for a model: pure, the same answer for the same facts.
    ///
    /// # Errors
    /// A stable code with the whole story, when nobody may pay.
    pub fn current_credentials(
        &self,
        context: &WorkflowContext,
        model_type: ModelType,
        model: &str,
        selector: &CredentialSelector,
        rendered: &RenderedSelector,
    ) -> Result<Candidates, Box<CredentialFailure>> {
        resolve(&self.question(context, model_type, model, selector, rendered))
    }

    pub(crate) fn question<'a>(
        &'a self,
        context: &'a WorkflowContext,
        model_type: ModelType,
        model: &'a str,
        selector: &'a CredentialSelector,
        rendered: &'a RenderedSelector,
    ) -> Question<'a> {
        Question {
            snapshot: &self.snapshot,
            provider: &self.provider,
            context,
            model,
            model_type,
            selector,
            rendered,
        }
    }
}
