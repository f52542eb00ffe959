//! Stored credentials: made, changed and deleted. Values go in and never come out again.

mod values;

use std::collections::BTreeMap;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::{
    Budget, Credential, CredentialState, Health, Limits, ModelScope, Overlap, Rules, Scope,
    VersionEnd, is_credential_name,
};
use latchkey_domain::id::CredentialId;
use latchkey_domain::provider::ProviderId;
use latchkey_domain::time::Timestamp;
use latchkey_models::catalogue::{ProviderInfo, Wire};
use latchkey_models::check_form;
use latchkey_secrets::Secret;
use latchkey_store::{CredentialChange, Paged, StoreError};
use serde_json::json;

use crate::access::{check_expiry, check_text};
use crate::error::{Error, ErrorKind};
use crate::rotation::replaced;
use crate::validation::{Payer, not_accepted};
use crate::{Service, require};

/// The longest name of a model, in characters.
pub(crate) const MODEL: usize = 255;

/// A credential that is to be stored.
#[derive(Clone, Debug)]
pub struct NewCredential {
    /// Its provider.
    pub provider: ProviderId,
    /// Its name.
    pub name: String,
    /// The model, if it is for one only.
    pub model: Option<ModelScope>,
    /// The fields of its provider's form, secret and other.
    pub values: BTreeMap<String, Secret<String>>,
    /// Secret fields whose values are kept elsewhere, as references.
    pub references: BTreeMap<String, String>,
    /// Where it may be sent; none: the host of its URL.
    pub hosts: Option<Vec<String>>,
    /// Who may use it.
    pub scope: Scope,
    /// What it may do per minute and at once, and what it may cost.
    pub rules: Rules,
    /// From when on it may not pay.
    pub expires_at: Option<Timestamp>,
    /// Whether it becomes the default of its provider, or of its model.
    pub make_default: bool,
    /// Whether the provider is asked first.
    pub validate: bool,
}

/// What is changed of a credential; none leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct ChangedCredential {
    /// Its name.
    pub name: Option<String>,
    /// Fields of its form that are entered again; the others stay.
    pub values: Option<BTreeMap<String, Secret<String>>>,
    /// Secret fields that are entered again as references.
    pub references: BTreeMap<String, String>,
    /// Where it may be sent; a change only together with its secrets.
    pub hosts: Option<Vec<String>>,
    /// Who may use it.
    pub scope: Option<Scope>,
    /// What it may do per minute and at once.
    pub limits: Option<Limits>,
    /// What it may cost.
    pub budgets: Option<Vec<Budget>>,
    /// Active or disabled.
    pub state: Option<CredentialState>,
    /// From when on it may not pay; `Some(None)` takes the date away.
    pub expires_at: Option<Option<Timestamp>>,
    /// Whether the provider is asked before values are stored.
    pub validate: bool,
}

impl ChangedCredential {
    fn is_empty(&self) -> bool {
        let is_same = self.name.is_none() && self.scope.is_none() && self.state.is_none();
        let is_same = is_same && self.limits.is_none() && self.budgets.is_none();
        let has_none = self.values.is_none() && self.references.is_empty();
        is_same && has_none && self.hosts.is_none() && self.expires_at.is_none()
    }

    /// The names of what is changed, for the audit log; of its values those that are entered again.
    fn fields(&self) -> Vec<String> {
        let fields = [
            ("name", self.name.is_some()),
            ("hosts", self.hosts.is_some()),
            ("scope", self.scope.is_some()),
            ("state", self.state.is_some()),
            ("expires_at", self.expires_at.is_some()),
        ];
        let values = self.values.iter().flat_map(BTreeMap::keys);
        let stated = fields.into_iter().filter(|(_, is_stated)| *is_stated);
        stated
            .map(|(name, _)| name.to_owned())
            .chain(values.map(|name| format!("values.{name}")))
            .chain(self.references.keys().map(|name| format!("values.{name}")))
            .collect()
    }
}

impl Service {
    /// Stores a credential.
    ///
    /// # Errors
    /// When the caller may not, its form is filled in badly, its name is taken, or the provider does not accept it.
    pub async fn create_credential(
        &self,
        caller: &Caller,
        new: NewCredential,
    ) -> Result<Credential, Error> {
        let change = move |service: Self, caller: Caller| async move {
            service.create_credential_now(&caller, new).await
        };
        self.complete(caller, change).await
    }

    async fn create_credential_now(
        &self,
        caller: &Caller,
        new: NewCredential,
    ) -> Result<Credential, Error> {
        require(caller, Permission::CredentialsWrite)?;
        let (info, hosts) = self.provider_info(caller, &new.provider).await?;
        let validate = new.validate && info.wire != Wire::Tool;
        if !is_credential_name(&new.name) {
            return Err(invalid_name());
        }
        if let Some(model) = &new.model {
            check_text(&model.name, "/model", MODEL)?;
        }
        check_expiry(new.expires_at, self.now())?;
        self.check_rules_of(&new.provider, &new.rules)?;
        self.check_scope(caller, &new.scope).await?;
        let hosts = new.hosts.or(hosts);
        let read = self.read_references(caller, &info, &new.references).await?;
        let mut given = new.values;
        given.extend(read.values);
        let form = check_form(&info, &given, hosts.as_deref()).map_err(Error::of_form)?;
        let references = read.references;
        let id = CredentialId::new(Self::new_id());
        if validate {
            let payer = Payer {
                id,
                name: new.name.clone(),
                version: 1,
                revision: None,
            };
            self.ask_provider(caller, &info, &form, new.model.as_ref(), payer)
                .await
                .map_err(|error| not_accepted(&error))?;
        }
        let now = self.now();
        let credential = Credential {
            id,
            workspace: caller.workspace,
            provider: new.provider,
            name: new.name,
            model: new.model,
            secrets: self
                .inner
                .vault
                .fingerprints(caller.workspace, &form.values, &references),
            hosts: form.hosts,
            settings: form.settings,
            scope: new.scope,
            state: CredentialState::Active,
            limits: new.rules.limits,
            budgets: new.rules.budgets,
            health: Health::default(),
            expires_at: new.expires_at,
            version: 1,
            revision: 1,
            created_at: now,
            updated_at: now,
            last_used_at: None,
            last_validated_at: validate.then_some(now),
        };
        let sealed = self
            .inner
            .vault
            .seal_credential(caller.workspace, id, &form.values, &references)
            .await?;
        let kept = self
            .inner
            .store
            .insert_credential(&credential, &sealed, new.make_default)
            .await;
        // Even if it failed: a commit whose answer was lost is one.
        self.inner.facts.changed();
        kept.map_err(|error| name_taken(error, &credential))?;
        let detail = json!({"provider": credential.provider, "name": credential.name, "default": new.make_default});
        self.audit(caller, "credential.create", id, detail).await?;
        Ok(credential)
    }

    /// What a credential of a provider consists of, and where it goes when nothing says so, if that is more than the
    /// provider's own host.
    pub(crate) async fn provider_info(
        &self,
        caller: &Caller,
        id: &ProviderId,
    ) -> Result<(ProviderInfo, Option<Vec<String>>), Error> {
        if let Some(known) = self.inner.models.catalogue().provider(id) {
            return Ok((known.as_ref().clone(), None));
        }
        if let Some((info, hosts)) = self.tool_credentials(caller.workspace, id).await? {
            return Ok((info, Some(hosts)));
        }
        let detail = format!("there is no provider {id}");
        Err(Error::field("provider_unknown", "/provider", detail))
    }

    async fn check_scope(&self, caller: &Caller, scope: &Scope) -> Result<(), Error> {
        let declared = self.inner.facts.environments(caller.workspace).await?;
        let unknown = scope
            .environments
            .iter()
            .flatten()
            .find(|named| !declared.contains(named));
        if let Some(unknown) = unknown {
            let detail = format!("the workspace has no environment {unknown}");
            return Err(Error::field(
                "environment_unknown",
                "/scope/environments",
                detail,
            ));
        }
        for id in scope.workflows.iter().flatten() {
            if self
                .inner
                .store
                .workflow(caller.workspace, *id)
                .await?
                .is_none()
            {
                return Err(Error::field(
                    "workflow_unknown",
                    "/scope/workflows",
                    format!("there is no workflow {id}"),
                ));
            }
        }
        Ok(())
    }

    /// The credentials of the caller's workspace, newest first.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn credentials(
        &self,
        caller: &Caller,
        page: latchkey_store::Page,
    ) -> Result<Paged<Credential>, Error> {
        require(caller, Permission::CredentialsRead)?;
        // They are few, and in memory already.
        let mut all = self.inner.store.credentials(caller.workspace).await?;
        all.sort_by_key(|credential| std::cmp::Reverse(credential.id));
        let from = all
            .into_iter()
            .filter(|credential| page.after.is_none_or(|after| credential.id.uuid() < after));
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let mut rows: Vec<Credential> = from.take(limit.saturating_add(1)).collect();
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| has_more).map(|last| last.id.uuid());
        Ok(Paged { rows, next })
    }

    /// A credential, without its values.
    ///
    /// # Errors
    /// When the caller may not, or there is no such credential.
    pub async fn credential(&self, caller: &Caller, id: CredentialId) -> Result<Credential, Error> {
        require(caller, Permission::CredentialsRead)?;
        let found = self.inner.store.credential(caller.workspace, id).await?;
        Ok(found.ok_or_else(|| Error::not_found("credential"))?.0)
    }

    /// Changes a credential. Where it may be sent is changed only together with its values: a key never goes to a new host.
    ///
    /// # Errors
    /// When the caller may not, something is wrong, or it was changed meanwhile.
    pub async fn change_credential(
        &self,
        caller: &Caller,
        id: CredentialId,
        change: ChangedCredential,
    ) -> Result<Credential, Error> {
        let change = move |service: Self, caller: Caller| async move {
            service.change_credential_now(&caller, id, change).await
        };
        self.complete(caller, change).await
    }

    async fn change_credential_now(
        &self,
        caller: &Caller,
        id: CredentialId,
        change: ChangedCredential,
    ) -> Result<Credential, Error> {
        require(caller, Permission::CredentialsWrite)?;
        let (old, sealed) = self
            .inner
            .store
            .credential(caller.workspace, id)
            .await?
            .ok_or_else(|| Error::not_found("credential"))?;
        if change.is_empty() {
            return Ok(old);
        }
        let changed = change.fields();
        let mut new = old.clone();
        if let Some(name) = change.name {
            if !is_credential_name(&name) {
                return Err(invalid_name());
            }
            new.name = name;
        }
        if let Some(scope) = change.scope {
            self.check_scope(caller, &scope).await?;
            new.scope = scope;
        }
        new.limits = change.limits.unwrap_or(new.limits);
        if let Some(budgets) = change.budgets {
            new.budgets = budgets;
        }
        let rules = Rules {
            limits: new.limits,
            budgets: new.budgets.clone(),
        };
        self.check_rules_of(&new.provider, &rules)?;
        if let Some(expires_at) = change.expires_at {
            check_expiry(expires_at, self.now())?;
            new.expires_at = expires_at;
        }
        match change.state {
            Some(state @ (CredentialState::Active | CredentialState::Disabled)) => {
                new.state = state
            }
            Some(CredentialState::Invalid | CredentialState::Exhausted) => {
                return Err(Error::field(
                    "invalid_input",
                    "/state",
                    "only active and disabled can be set; the others are found out",
                ));
            }
            None => {}
        }
        let values = change.values.unwrap_or_default();
        let stays = change.hosts.as_ref().is_none_or(|h| *h == old.hosts);
        let entered = if values.is_empty() && change.references.is_empty() && stays {
            None
        } else {
            let given = (&values, &change.references);
            let form = self
                .entered_again(caller, &old, &sealed, given, change.hosts.as_deref())
                .await?;
            Some(
                self.replace_values(caller, &old, &mut new, form, change.validate)
                    .await?,
            )
        };
        new.revision += 1;
        new.updated_at = self.now();
        // Without an overlap: whoever enters values like this wants the old ones gone.
        let before = entered.is_some().then(|| {
            let end = Some((new.updated_at, VersionEnd::Replaced));
            replaced(&old, None, new.updated_at, Overlap::default(), end)
        });
        let change = CredentialChange {
            credential: new.clone(),
            expected_revision: old.revision,
            sealed: entered,
        };
        let store = &self.inner.store;
        let kept = match &before {
            None => store.change_credential(&change).await,
            Some(before) => store.rotate_credential(&change, before).await,
        };
        self.inner.facts.changed();
        kept.map_err(|error| name_taken(error, &new))?;
        let detail = json!({"name": new.name, "version": new.version, "state": new.state, "changed": changed});
        self.audit(caller, "credential.change", id, detail).await?;
        Ok(new)
    }
}

fn invalid_name() -> Error {
    let detail = "a credential's name begins with a letter or digit and has at most 128 letters, digits, dots, underscores and hyphens";
    Error::field("invalid_name", "/name", detail)
}

pub(crate) fn name_taken(error: StoreError, credential: &Credential) -> Error {
    if error != StoreError::Taken {
        return error.into();
    }
    let detail = format!(
        "{} has a credential {} already",
        credential.provider, credential.name
    );
    Error::new(ErrorKind::Conflict, "conflict", detail)
}
