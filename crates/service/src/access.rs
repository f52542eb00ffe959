//! Who calls: API keys are made, shown once, kept as keyed hashes, and recognised.

use std::collections::HashMap;
use std::sync::Mutex;

use latchkey_domain::access::{ApiKey, ApiKeyKind, Caller, Permission};
use latchkey_domain::credential::{Environment, Principal};
use latchkey_domain::id::{ApiKeyId, WorkflowId, WorkspaceId};
use latchkey_domain::time::Timestamp;
use latchkey_secrets::{KeyedHash, Secret, token};
use latchkey_store::{Page, Paged};
use serde_json::json;

use crate::error::{Error, ErrorKind};
use crate::{Service, lock, require};

/// How exact `last_used_at` of a key is, in milliseconds.
const USED_EVERY: u64 = 60_000;
/// Keys that are remembered; all are forgotten when there are more.
const REMEMBERED: usize = 10_000;
/// What a workspace's keys begin with.
pub(crate) const WORKSPACE_PREFIX: &str = "lk_";
/// What an app's keys begin with.
const APP_PREFIX: &str = "app-";

/// A key that is to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub kind: ApiKeyKind,
    /// The workflow of an app's key.
    pub workflow: Option<WorkflowId>,
    /// What it may do; a part of what its maker may.
    pub scopes: Vec<Permission>,
    /// The environments of its runs, the default first; none: production.
    pub environments: Vec<Environment>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

/// A key that was made: the only time that it is seen.
#[derive(Debug)]
pub struct CreatedKey {
    /// What is known of it.
    pub key: ApiKey,
    /// The key itself.
    pub token: Secret<String>,
}

/// Keys that were recognised before.
pub(crate) struct KnownKeys {
    hash: KeyedHash,
    known: Mutex<HashMap<String, ApiKey>>,
}

impl KnownKeys {
    pub(crate) fn new(hash: KeyedHash) -> Self {
        Self {
            hash,
            known: Mutex::default(),
        }
    }

    pub(crate) fn hash(&self, token: &str) -> String {
        self.hash.hash(token.as_bytes())
    }
}

impl Service {
    /// The caller of a key.
    ///
    /// # Errors
    /// `unauthenticated`, whatever is wrong with it.
    pub async fn authenticate(&self, token: &str) -> Result<Caller, Error> {
        let refused = || {
            Error::new(
                ErrorKind::Unauthenticated,
                "unauthenticated",
                "the key is missing, unknown or expired",
            )
        };
        if !token::is_well_formed(WORKSPACE_PREFIX, token)
            && !token::is_well_formed(APP_PREFIX, token)
        {
            return Err(refused());
        }
        let hash = self.inner.keys.hash(token);
        let known = lock(&self.inner.keys.known).get(&hash).cloned();
        let mut key = match known {
            Some(key) => key,
            None => self
                .inner
                .store
                .api_key_by_hash(&hash)
                .await?
                .ok_or_else(refused)?,
        };
        let now = self.now();
        if key.expires_at.is_some_and(|end| end <= now) {
            return Err(refused());
        }
        let caller = Caller {
            workspace: key.workspace,
            principal: Principal::ApiKey(key.id),
            permissions: key.permissions.clone(),
            environments: key.environments.clone(),
            workflow: key.workflow,
        };
        if key
            .last_used_at
            .is_none_or(|last| now.millis_since(last) > USED_EVERY)
        {
            key.last_used_at = Some(now);
            self.inner.store.touch_api_keys(&[key.id], now).await?;
        }
        let mut known = lock(&self.inner.keys.known);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(hash, key);
        Ok(caller)
    }

    /// Makes a key.
    ///
    /// # Errors
    /// When the caller may not, or it would be able to do more than its maker.
    pub async fn create_api_key(&self, caller: &Caller, new: NewKey) -> Result<CreatedKey, Error> {
        require(caller, Permission::ApiKeysWrite)?;
        check_name(&new.name)?;
        within_its_app(caller, &new)?;
        if let Some(more) = new.scopes.iter().find(|scope| !caller.may(**scope)) {
            let detail = format!(
                "you lack {} yourself, so you cannot give it away",
                more.as_str()
            );
            return Err(Error::new(ErrorKind::Forbidden, "forbidden", detail));
        }
        match (new.kind, new.workflow) {
            (ApiKeyKind::App, Some(id)) => drop(self.workflow(caller, id).await?),
            (ApiKeyKind::App, None) => {
                return Err(Error::field(
                    "invalid_input",
                    "/workflow_id",
                    "an app's key needs the workflow",
                ));
            }
            (ApiKeyKind::Workspace, Some(_)) => {
                return Err(Error::field(
                    "invalid_input",
                    "/workflow_id",
                    "only an app's key is for one workflow",
                ));
            }
            (ApiKeyKind::Workspace, None) => {}
        }
        let environments = self.key_environments(caller, new.environments).await?;
        let draft = ApiKey {
            id: ApiKeyId::new(Self::new_id()),
            workspace: caller.workspace,
            name: new.name,
            kind: new.kind,
            workflow: new.workflow,
            permissions: new.scopes,
            environments,
            prefix: String::new(),
            expires_at: self.not_after_its_maker(caller, new.expires_at).await?,
            created_at: self.now(),
            last_used_at: None,
        };
        let created = self.keep_key(draft, None).await?;
        self.audit(
            caller,
            "api_key.create",
            created.key.id,
            json!({"name": created.key.name}),
        )
        .await?;
        Ok(created)
    }

    /// A key ends with the one that made it, at the latest.
    async fn not_after_its_maker(
        &self,
        caller: &Caller,
        wanted: Option<Timestamp>,
    ) -> Result<Option<Timestamp>, Error> {
        let Principal::ApiKey(id) = caller.principal else {
            return Ok(wanted);
        };
        let maker = self.inner.store.api_key(caller.workspace, id).await?;
        let end = maker.ok_or_else(|| Error::not_found("key"))?.expires_at;
        Ok(match (wanted, end) {
            (Some(wanted), Some(end)) => Some(wanted.min(end)),
            (wanted, end) => wanted.or(end),
        })
    }

    async fn key_environments(
        &self,
        caller: &Caller,
        wanted: Vec<Environment>,
    ) -> Result<Vec<Environment>, Error> {
        if wanted.is_empty() {
            return Ok(caller.environments.first().cloned().into_iter().collect());
        }
        let declared = self.inner.facts.environments(caller.workspace).await?;
        if let Some(unknown) = wanted.iter().find(|wanted| !declared.contains(wanted)) {
            let detail = format!("the workspace has no environment {unknown}");
            return Err(Error::field("environment_unknown", "/environments", detail));
        }
        if let Some(more) = wanted
            .iter()
            .find(|wanted| !caller.environments.contains(wanted))
        {
            let detail = format!("your own key is not for the environment {more}");
            return Err(Error::new(ErrorKind::Forbidden, "forbidden", detail));
        }
        Ok(wanted)
    }

    /// Keeps a key; a token of its own or the given one.
    pub(crate) async fn keep_key(
        &self,
        mut key: ApiKey,
        preset: Option<Secret<String>>,
    ) -> Result<CreatedKey, Error> {
        let prefix = match key.kind {
            ApiKeyKind::Workspace => WORKSPACE_PREFIX,
            ApiKeyKind::App => APP_PREFIX,
        };
        let token = match preset {
            Some(token) => token,
            None => token::generate(prefix)?,
        };
        key.prefix = token::shown_part(prefix, token.expose());
        self.inner
            .store
            .insert_api_key(&key, &self.inner.keys.hash(token.expose()))
            .await?;
        Ok(CreatedKey { key, token })
    }

    /// The keys of the caller's workspace.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn api_keys(&self, caller: &Caller, page: Page) -> Result<Paged<ApiKey>, Error> {
        require(caller, Permission::ApiKeysWrite)?;
        let (workspace, workflow) = (caller.workspace, caller.workflow);
        Ok(self.inner.store.api_keys(workspace, workflow, page).await?)
    }

    /// Revokes a key: the next request with it is refused.
    ///
    /// # Errors
    /// When the caller may not, or there is no such key.
    pub async fn delete_api_key(&self, caller: &Caller, id: ApiKeyId) -> Result<(), Error> {
        require(caller, Permission::ApiKeysWrite)?;
        if caller.workflow.is_some() {
            let key = self.inner.store.api_key(caller.workspace, id).await?;
            key.filter(|key| key.workflow == caller.workflow)
                .ok_or_else(|| Error::not_found("key"))?;
        }
        self.inner
            .store
            .delete_api_key(caller.workspace, id)
            .await
            .map_err(|_| Error::not_found("key"))?;
        lock(&self.inner.keys.known).retain(|_, key| key.id != id);
        self.audit(caller, "api_key.delete", id, json!({})).await
    }

    /// The owner's rights in a workspace.
    pub(crate) fn owner(workspace: WorkspaceId) -> Caller {
        Caller {
            workspace,
            principal: Principal::Operator,
            permissions: Permission::ALL.to_vec(),
            environments: Environment::FIRST
                .map(|name| Environment(name.to_owned()))
                .to_vec(),
            workflow: None,
        }
    }
}

/// An app's key makes keys of its own app only, and none that reach beyond it: credentials and keys are the workspace's.
fn within_its_app(caller: &Caller, new: &NewKey) -> Result<(), Error> {
    if caller.workflow.is_none() {
        return Ok(());
    }
    let refuse = |detail: String| Err(Error::new(ErrorKind::Forbidden, "forbidden", detail));
    if new.kind != ApiKeyKind::App || new.workflow != caller.workflow {
        return refuse("an app's key makes keys of its own app only".to_owned());
    }
    let beyond = |scope: &&Permission| {
        matches!(
            scope,
            Permission::CredentialsRead
                | Permission::CredentialsWrite
                | Permission::CredentialsBind
                | Permission::ApiKeysWrite
        )
    };
    match new.scopes.iter().find(beyond) {
        None => Ok(()),
        Some(scope) => refuse(format!(
            "an app's key cannot give {} away, which reaches beyond its app",
            scope.as_str()
        )),
    }
}

/// A name for people: not empty, not endless, one line.
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    if name.trim().is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(Error::field(
            "invalid_name",
            "/name",
            "a name has 1 to 200 characters on one line",
        ));
    }
    Ok(())
}
