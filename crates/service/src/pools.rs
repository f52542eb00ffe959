//! Pools: a name for several credentials of one provider. A member is added by somebody who may use it.

use std::collections::HashSet;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::{Pool, PoolEntry, PoolStrategy, is_credential_name};
use latchkey_domain::id::CredentialPoolId;
use latchkey_domain::provider::ProviderId;
use latchkey_models::Credentials;
use latchkey_store::{Page, Paged, StoreError};
use serde_json::json;

use crate::error::{Error, ErrorItem, ErrorKind};
use crate::removal::Used;
use crate::{Service, require};

/// The most members of a pool.
const MEMBERS: usize = 100;
/// The field of a member that names it.
const MEMBER: &str = "credential_id";
/// The greatest weight of a member.
const WEIGHT: u32 = 1000;

/// A pool that is to be kept.
#[derive(Clone, Debug)]
pub struct NewPool {
    /// The provider of all its members.
    pub provider: ProviderId,
    /// Its name.
    pub name: String,
    /// Which member pays.
    pub strategy: PoolStrategy,
    /// Its members, in their order.
    pub members: Vec<PoolEntry>,
}

/// What is changed of a pool; none leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct ChangedPool {
    /// Its name.
    pub name: Option<String>,
    /// Which member pays.
    pub strategy: Option<PoolStrategy>,
    /// All its members, in their order.
    pub members: Option<Vec<PoolEntry>>,
}

/// A pool with what its members are called.
#[derive(Clone, Debug)]
pub struct PoolView {
    /// The pool.
    pub pool: Pool,
    /// The names of its members, in their order.
    pub names: Vec<String>,
}

impl Service {
    /// Keeps a pool.
    ///
    /// # Errors
    /// When the caller may not, a member is none that it may add, with every place, or the name is taken.
    pub async fn create_pool(&self, caller: &Caller, new: NewPool) -> Result<PoolView, Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::CredentialsWrite)?;
            let (_, _) = service.provider_info(&caller, &new.provider).await?;
            check_name(&new.name)?;
            let now = service.now();
            let pool = Pool {
                id: CredentialPoolId::new(Self::new_id()),
                workspace: caller.workspace,
                provider: new.provider,
                name: new.name,
                strategy: new.strategy,
                members: new.members,
                revision: 1,
                created_at: now,
                updated_at: now,
            };
            let known = service.inner.facts.credentials(caller.workspace).await?;
            check_members(&caller, &pool, &[], &known)?;
            let kept = service.inner.store.insert_pool(&pool).await;
            // Even if it failed: a commit whose answer was lost is one.
            service.inner.facts.changed();
            kept.map_err(|error| refused(error, &pool))?;
            service.audit_pool(&caller, "pool.create", &pool).await?;
            Ok(viewed(pool, &known))
        };
        self.complete(caller, change).await
    }

    /// The pools of the caller's workspace, newest first.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn pools(&self, caller: &Caller, page: Page) -> Result<Paged<PoolView>, Error> {
        require(caller, Permission::CredentialsRead)?;
        let known = self.inner.facts.credentials(caller.workspace).await?;
        // They are few.
        let all = self.inner.store.pools(caller.workspace).await?;
        let from = all
            .into_iter()
            .filter(|pool| page.after.is_none_or(|after| pool.id.uuid() < after));
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let mut rows: Vec<PoolView> = from
            .take(limit.saturating_add(1))
            .map(|pool| viewed(pool, &known))
            .collect();
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| has_more);
        let next = last.map(|last| last.pool.id.uuid());
        Ok(Paged { rows, next })
    }

    /// A pool.
    ///
    /// # Errors
    /// When the caller may not, or there is no such pool.
    pub async fn pool(&self, caller: &Caller, id: CredentialPoolId) -> Result<PoolView, Error> {
        require(caller, Permission::CredentialsRead)?;
        let found = self.inner.store.pool(caller.workspace, id).await?;
        let pool = found.ok_or_else(|| Error::not_found("pool"))?;
        let known = self.inner.facts.credentials(caller.workspace).await?;
        Ok(viewed(pool, &known))
    }

    /// Changes a pool; effective at the next call. Members that were in it before stay, whoever keeps them.
    ///
    /// # Errors
    /// When the caller may not, a new member is none that it may add, the name is taken, or it was changed meanwhile.
    pub async fn change_pool(
        &self,
        caller: &Caller,
        id: CredentialPoolId,
        changed: ChangedPool,
    ) -> Result<PoolView, Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::CredentialsWrite)?;
            let found = service.inner.store.pool(caller.workspace, id).await?;
            let old = found.ok_or_else(|| Error::not_found("pool"))?;
            let mut new = old.clone();
            if let Some(name) = changed.name {
                check_name(&name)?;
                new.name = name;
            }
            new.strategy = changed.strategy.unwrap_or(old.strategy);
            let known = service.inner.facts.credentials(caller.workspace).await?;
            if let Some(members) = changed.members {
                new.members = members;
                check_members(&caller, &new, &old.members, &known)?;
            }
            if new == old {
                return Ok(viewed(old, &known));
            }
            new.revision += 1;
            new.updated_at = service.now();
            let kept = service.inner.store.change_pool(&new).await;
            service.inner.facts.changed();
            kept.map_err(|error| refused(error, &new))?;
            service.audit_pool(&caller, "pool.change", &new).await?;
            Ok(viewed(new, &known))
        };
        self.complete(caller, change).await
    }

    /// Deletes a pool. Its members stay; whoever names it finds nothing any more.
    ///
    /// # Errors
    /// When the caller may not, there is no such pool, or something names it and whoever deletes it does not mean that
    /// (`pool_in_use`, with everything that would break).
    pub async fn delete_pool(
        &self,
        caller: &Caller,
        id: CredentialPoolId,
        used: Used,
    ) -> Result<(), Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::CredentialsWrite)?;
            let found = service.inner.store.pool(caller.workspace, id).await?;
            let old = found.ok_or_else(|| Error::not_found("pool"))?;
            service.broken_without_pool(&caller, &old, used).await?;
            let deleted = service.inner.store.delete_pool(caller.workspace, id).await;
            service.inner.facts.changed();
            if deleted == Err(StoreError::NotFound) {
                return Err(Error::not_found("pool"));
            }
            deleted?;
            service.audit_pool(&caller, "pool.delete", &old).await
        };
        self.complete(caller, change).await
    }

    async fn audit_pool(&self, caller: &Caller, action: &str, pool: &Pool) -> Result<(), Error> {
        let detail = json!({"provider": pool.provider, "name": pool.name, "strategy": pool.strategy, "members": pool.members});
        self.audit(caller, action, pool.id, detail).await
    }
}

fn viewed(pool: Pool, known: &Credentials) -> PoolView {
    let name = |member: &PoolEntry| {
        let found = known.by_id(member.credential_id);
        found.map_or_else(String::new, |credential| credential.name.clone())
    };
    PoolView {
        names: pool.members.iter().map(name).collect(),
        pool,
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    if is_credential_name(name) {
        return Ok(());
    }
    let detail = "a pool's name is like a credential's: it begins with a letter or digit and has at most 128 letters, digits, dots, underscores and hyphens";
    Err(Error::field("invalid_name", "/name", detail))
}

/// Whether these may be the members; those that were in the pool before need no right to be used.
fn check_members(
    caller: &Caller,
    pool: &Pool,
    before: &[PoolEntry],
    known: &Credentials,
) -> Result<(), Error> {
    if !(1..=MEMBERS).contains(&pool.members.len()) {
        let detail = format!("a pool has 1 to {MEMBERS} members");
        return Err(Error::field("invalid_input", "/members", detail));
    }
    let mut wrong = Vec::new();
    let mut seen = HashSet::new();
    for (place, member) in pool.members.iter().enumerate() {
        let was_in = before
            .iter()
            .any(|old| old.credential_id == member.credential_id);
        let mut tell = |code: &str, field: &str, message: String| {
            wrong.push(ErrorItem {
                code: code.to_owned(),
                message,
                pointer: Some(format!("/members/{place}/{field}")),
                ..ErrorItem::default()
            });
        };
        if !(1..=WEIGHT).contains(&member.weight) {
            let message = format!("a weight is a number from 1 to {WEIGHT}");
            tell("invalid_input", "weight", message);
        }
        if !seen.insert(member.credential_id) {
            let message = "the credential is in the pool twice".to_owned();
            tell("invalid_input", MEMBER, message);
        } else if let Err((code, message)) = may_join(caller, pool, member, was_in, known) {
            tell(code, MEMBER, message);
        }
    }
    match wrong.first() {
        None => Ok(()),
        Some(first) => {
            let refused = Error::unprocessable(&first.code.clone(), first.message.clone());
            Err(refused.with(wrong))
        }
    }
}

/// Why a credential may not be in a pool.
fn may_join(
    caller: &Caller,
    pool: &Pool,
    member: &PoolEntry,
    was_in: bool,
    known: &Credentials,
) -> Result<(), (&'static str, String)> {
    let Some(credential) = known.by_id(member.credential_id) else {
        let message = "there is no such credential".to_owned();
        return Err(("credential_not_found", message));
    };
    if credential.provider != pool.provider {
        let message = format!("it belongs to {}", credential.provider);
        return Err(("credential_provider_mismatch", message));
    }
    if credential.model.is_some() {
        let message = "it pays for one model only; a pool has credentials of the provider";
        return Err(("credential_provider_mismatch", message.to_owned()));
    }
    let principals = credential.scope.principals.as_ref();
    if !was_in && principals.is_some_and(|all| !all.contains(&caller.principal)) {
        let message = "only who may use a credential may put it into a pool".to_owned();
        return Err(("credential_forbidden", message));
    }
    Ok(())
}

fn refused(error: StoreError, pool: &Pool) -> Error {
    if error == StoreError::Taken {
        let detail = format!(
            "{} has a credential or a pool {} already",
            pool.provider, pool.name
        );
        return Error::new(ErrorKind::Conflict, "conflict", detail);
    }
    if error == StoreError::NotFound {
        let detail = "a member was deleted meanwhile";
        return Error::field("credential_not_found", "/members", detail);
    }
    error.into()
}
