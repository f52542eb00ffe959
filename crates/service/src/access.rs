//! Who calls: API keys are made, shown once, kept as keyed hashes, and recognised.

use latchkey_domain::access::{ApiKey, ApiKeyKind, Caller, Permission};
use latchkey_domain::credential::{Environment, Principal};
use latchkey_domain::id::{ApiKeyId, MemberId, WorkflowId, WorkspaceId};
use latchkey_domain::member::Role;
use latchkey_domain::time::Timestamp;
use latchkey_secrets::{KeyedHash, Secret, token};
use latchkey_store::{Page, Paged, StoreError};
use serde_json::json;

use crate::error::{Error, ErrorKind};
use crate::remembered::Remembered;
use crate::{Service, require};

/// How exact `last_used_at` of a key is, in milliseconds.
const USED_EVERY: u64 = 60_000;
/// Keys that are remembered.
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

/// A key as it is recognised, with what the member who has made it may do.
#[derive(Clone)]
pub(crate) struct KnownKey {
    key: ApiKey,
    /// None for a key that is no member's.
    maker: Option<Role>,
}

/// Keys that were recognised before.
pub(crate) struct KnownKeys {
    hash: KeyedHash,
    known: Remembered<String, KnownKey>,
}

impl KnownKeys {
    pub(crate) fn new(hash: KeyedHash) -> Self {
        Self {
            hash,
            known: Remembered::new(REMEMBERED),
        }
    }

    pub(crate) fn hash(&self, token: &str) -> String {
        self.hash.hash(token.as_bytes())
    }

    /// Something about a member was changed: his keys are looked at again.
    pub(crate) fn forget_member(&self, member: MemberId) {
        self.known
            .forget(|_, known| known.key.member == Some(member));
    }

    /// Another process may have made or taken some away.
    pub(crate) fn forget(&self) {
        self.known.forget(|_, _| true);
    }
}

impl KnownKey {
    /// What it may do now: never more than its maker.
    fn permissions(&self) -> Vec<Permission> {
        let mut permissions = self.key.permissions.clone();
        if let Some(role) = self.maker {
            permissions.retain(|permission| role.may(*permission));
        }
        permissions
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
        let known = match self.inner.keys.known.get(&hash) {
            Ok(known) => known,
            Err(missed) => {
                let found = self.inner.store.api_key_by_hash(&hash).await?;
                let found = self.known_key(found.ok_or_else(refused)?).await?;
                let found = found.ok_or_else(refused)?;
                let known = &self.inner.keys.known;
                known.keep(missed, hash.clone(), found.clone(), 1);
                found
            }
        };
        let permissions = known.permissions();
        let key = known.key;
        let now = self.now();
        if key.expires_at.is_some_and(|end| end <= now) {
            return Err(refused());
        }
        let caller = Caller {
            workspace: key.workspace,
            principal: Principal::ApiKey(key.id),
            permissions,
            environments: key.environments.clone(),
            workflow: key.workflow,
        };
        if key
            .last_used_at
            .is_none_or(|last| now.millis_since(last) > USED_EVERY)
        {
            // First here, so that one of many requests writes it; nobody waits for it, and none is refused because of it.
            let used = |known: &mut KnownKey| known.key.last_used_at = Some(now);
            self.inner.keys.known.update(&hash, used);
            let (store, id) = (self.inner.store.clone(), key.id);
            let writing = async move {
                if let Err(error) = store.touch_api_keys(&[id], now).await {
                    tracing::warn!(%error, "the last use of a key cannot be written");
                }
            };
            self.inner.tasks.spawn_on(writing, &self.inner.runtime);
        }
        Ok(caller)
    }

    /// A key with its maker; none when he may do nothing any more.
    async fn known_key(&self, key: ApiKey) -> Result<Option<KnownKey>, Error> {
        let Some(member) = key.member else {
            return Ok(Some(KnownKey { key, maker: None }));
        };
        let member = self.inner.store.member(key.workspace, member).await?;
        let member = member.filter(|member| member.disabled_at.is_none());
        Ok(member.map(|member| KnownKey {
            key,
            maker: Some(member.role),
        }))
    }

    /// Makes a key.
    ///
    /// # Errors
    /// When the caller may not, or it would be able to do more than its maker.
    pub async fn create_api_key(&self, caller: &Caller, new: NewKey) -> Result<CreatedKey, Error> {
        let change = move |service: Self, caller: Caller| async move {
            service.create_api_key_now(&caller, new).await
        };
        self.complete(caller, change).await
    }

    async fn create_api_key_now(
        &self,
        caller: &Caller,
        mut new: NewKey,
    ) -> Result<CreatedKey, Error> {
        require(caller, Permission::ApiKeysWrite)?;
        if new.kind == ApiKeyKind::App && new.scopes.is_empty() {
            new.scopes = vec![Permission::RunsRead, Permission::RunsWrite];
        }
        check_name(&new.name)?;
        check_expiry(new.expires_at, self.now())?;
        if new.scopes.is_empty() {
            let detail = "a key without scopes may do nothing: at least one is needed";
            return Err(Error::field("invalid_input", "/scopes", detail));
        }
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
        let (member, expires_at) = self.of_its_maker(caller, new.expires_at).await?;
        let draft = ApiKey {
            id: ApiKeyId::new(Self::new_id()),
            workspace: caller.workspace,
            member,
            name: new.name,
            kind: new.kind,
            workflow: new.workflow,
            permissions: new.scopes,
            environments,
            prefix: String::new(),
            expires_at,
            created_at: self.now(),
            last_used_at: None,
        };
        let created = Self::give_token(draft, None)?;
        let hash = self.inner.keys.hash(created.token.expose());
        self.inner.store.insert_api_key(&created.key, &hash).await?;
        self.audit(
            caller,
            "api_key.create",
            created.key.id,
            json!({"name": created.key.name}),
        )
        .await?;
        Ok(created)
    }

    /// Whose a new key is, and when it ends: a key of a key belongs to the same member and does not outlive it.
    async fn of_its_maker(
        &self,
        caller: &Caller,
        wanted: Option<Timestamp>,
    ) -> Result<(Option<MemberId>, Option<Timestamp>), Error> {
        let id = match caller.principal {
            Principal::ApiKey(id) => id,
            Principal::Member(member) => return Ok((Some(member), wanted)),
            Principal::Operator => return Ok((None, wanted)),
        };
        let maker = self.inner.store.api_key(caller.workspace, id).await?;
        let maker = maker.ok_or_else(|| Error::not_found("key"))?;
        let end = match (wanted, maker.expires_at) {
            (Some(wanted), Some(end)) => Some(wanted.min(end)),
            (wanted, end) => wanted.or(end),
        };
        Ok((maker.member, end))
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

    /// A token for a key: the given one or a new one.
    pub(crate) fn give_token(
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
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::ApiKeysWrite)?;
            let store = &service.inner.store;
            if caller.workflow.is_some() {
                let key = store.api_key(caller.workspace, id).await?;
                key.filter(|key| key.workflow == caller.workflow)
                    .ok_or_else(|| Error::not_found("key"))?;
            }
            let deleted = store.delete_api_key(caller.workspace, id).await;
            // Even if it failed: a commit whose answer was lost is one.
            service
                .inner
                .keys
                .known
                .forget(|_, known| known.key.id == id);
            if deleted == Err(StoreError::NotFound) {
                return Err(Error::not_found("key"));
            }
            deleted?;
            service
                .audit(&caller, "api_key.delete", id, json!({}))
                .await
        };
        self.complete(caller, change).await
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

/// A date that has gone by already would make a thing that is of no use.
pub(crate) fn check_expiry(at: Option<Timestamp>, now: Timestamp) -> Result<(), Error> {
    if at.is_some_and(|at| at <= now) {
        let detail = "a date in the future is needed";
        return Err(Error::field("invalid_input", "/expires_at", detail));
    }
    Ok(())
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
                | Permission::DatasetsRead
                | Permission::DatasetsWrite
                | Permission::MembersRead
                | Permission::MembersWrite
                | Permission::WorkspaceWrite
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

/// A text for people: not endless, and no control characters but line ends and tabs.
pub(crate) fn check_text(text: &str, pointer: &str, most: usize) -> Result<(), Error> {
    let is_bad = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
    if text.chars().count() > most || text.chars().any(is_bad) {
        let detail = format!("a text of at most {most} characters without control characters");
        return Err(Error::field("invalid_input", pointer, detail));
    }
    Ok(())
}
