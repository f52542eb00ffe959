//! Providers and their defaults.

use std::sync::Arc;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::ModelScope;
use latchkey_domain::id::CredentialId;
use latchkey_domain::price::{Price, PricedModel};
use latchkey_domain::provider::ProviderId;
use latchkey_domain::time::Timestamp;
use latchkey_models::StatedPrices;
use latchkey_models::catalogue::{ModelInfo, ProviderInfo};
use latchkey_store::DefaultKey;
use serde_json::json;

use crate::access::check_text;
use crate::credentials::MODEL;
use crate::error::Error;
use crate::{Service, require};

/// A provider with this workspace's defaults.
#[derive(Clone, Debug)]
pub struct ProviderView {
    /// The catalogue's row.
    pub info: Arc<ProviderInfo>,
    /// The active credential of the provider.
    pub default: Option<CredentialId>,
    /// The active credentials of models.
    pub model_defaults: Vec<(ModelScope, CredentialId)>,
    /// What the workspace states about prices.
    pub prices: Arc<StatedPrices>,
    /// When this was asked: prices change.
    pub at: Timestamp,
}

impl ProviderView {
    /// What a call of one of its models costs now, and whether that is the workspace's own statement; none when unknown.
    #[must_use]
    pub fn price<'a>(&'a self, model: &'a ModelInfo) -> Option<(&'a Price, bool)> {
        let priced = PricedModel {
            provider: self.info.id.clone(),
            model: model.name.clone(),
            model_type: model.model_type,
        };
        let own = self.prices.at(&priced, self.at).map(|price| (price, true));
        own.or_else(|| model.price_at(self.at).map(|price| (price, false)))
    }
}

impl Service {
    /// All providers that can be called.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn providers(&self, caller: &Caller) -> Result<Vec<ProviderView>, Error> {
        require(caller, Permission::CredentialsRead)?;
        let all: Vec<Arc<ProviderInfo>> =
            self.inner.models.catalogue().providers().cloned().collect();
        let mut views = Vec::with_capacity(all.len());
        for info in all {
            views.push(self.view(caller, info).await?);
        }
        Ok(views)
    }

    /// One provider.
    ///
    /// # Errors
    /// When the caller may not, or there is no such provider.
    pub async fn provider(&self, caller: &Caller, id: &ProviderId) -> Result<ProviderView, Error> {
        require(caller, Permission::CredentialsRead)?;
        let info = self.info(caller, id).await?;
        self.view(caller, info).await
    }

    /// A provider of models, or of tools of the caller's workspace.
    async fn info(&self, caller: &Caller, id: &ProviderId) -> Result<Arc<ProviderInfo>, Error> {
        if let Some(known) = self.inner.models.catalogue().provider(id) {
            return Ok(Arc::clone(known));
        }
        let tool = self.tool_credentials(caller.workspace, id).await?;
        let (info, _) = tool.ok_or_else(|| Error::not_found("provider"))?;
        Ok(Arc::new(info))
    }

    async fn view(&self, caller: &Caller, info: Arc<ProviderInfo>) -> Result<ProviderView, Error> {
        let defaults = self
            .inner
            .facts
            .defaults(caller.workspace, &info.id)
            .await?;
        let mut view = ProviderView {
            info,
            default: None,
            model_defaults: Vec::new(),
            prices: self.inner.facts.prices(caller.workspace).await?,
            at: self.now(),
        };
        for (model, id) in defaults {
            match model {
                None => view.default = Some(id),
                Some(model) => view.model_defaults.push((model, id)),
            }
        }
        Ok(view)
    }

    /// Sets the active credential of a provider or of one of its models, or takes it away.
    ///
    /// # Errors
    /// When the caller may not, or the credential is another provider's or another model's.
    pub async fn set_default(
        &self,
        caller: &Caller,
        provider: &ProviderId,
        model: Option<ModelScope>,
        credential: Option<CredentialId>,
    ) -> Result<ProviderView, Error> {
        let provider = provider.clone();
        let change = move |service: Self, caller: Caller| async move {
            let set = service.set_default_now(&caller, &provider, model, credential);
            set.await
        };
        self.complete(caller, change).await
    }

    async fn set_default_now(
        &self,
        caller: &Caller,
        provider: &ProviderId,
        model: Option<ModelScope>,
        credential: Option<CredentialId>,
    ) -> Result<ProviderView, Error> {
        require(caller, Permission::CredentialsWrite)?;
        let info = self.info(caller, provider).await?;
        if let Some(model) = &model {
            check_text(&model.name, "/model", MODEL)?;
        }
        if let Some(id) = credential {
            let credentials = self.inner.facts.credentials(caller.workspace).await?;
            let found = credentials.by_id(id).ok_or_else(|| {
                Error::field(
                    "credential_not_found",
                    "/credential_id",
                    "there is no such credential",
                )
            })?;
            if found.provider != *provider
                || found
                    .model
                    .as_ref()
                    .is_some_and(|of| Some(of) != model.as_ref())
                || (model.is_some() && found.model.is_none())
            {
                let detail = "a provider's default is a credential of the provider; a model's is one of that model";
                return Err(Error::field(
                    "credential_provider_mismatch",
                    "/credential_id",
                    detail,
                ));
            }
        }
        let key = DefaultKey {
            workspace: caller.workspace,
            provider: provider.clone(),
            model,
        };
        let set = self.inner.store.set_default(&key, credential).await;
        self.inner.facts.changed();
        set?;
        self.audit(
            caller,
            "provider.default",
            provider,
            json!({"credential_id": credential, "model": key.model}),
        )
        .await?;
        self.view(caller, info).await
    }
}
