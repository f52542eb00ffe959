//! Accounts: the first owner's, made with the first token, and what members change about themselves.

use std::path::PathBuf;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::id::MemberId;
use latchkey_domain::member::{Email, Member, Role};
use latchkey_secrets::Secret;
use latchkey_store::{MemberChange, StoreError};
use serde_json::json;

use crate::access::check_name;
use crate::error::{Error, ErrorKind};
use crate::passwords::{check_password, throttled};
use crate::sessions::{Account, CurrentSession, LoggedIn};
use crate::{Service, require};

/// The account of the first owner.
#[derive(Debug)]
pub struct SetUp {
    /// The first start's token, or another key that may do everything.
    pub token: Secret<String>,
    /// The owner's name.
    pub name: String,
    /// The address, as it was typed.
    pub email: String,
    /// The password.
    pub password: Secret<String>,
}

/// What a member changes about himself.
#[derive(Debug)]
pub struct AccountChange {
    /// His name.
    pub name: Option<String>,
    /// The password so far, and the one from now on.
    pub password: Option<(Secret<String>, Secret<String>)>,
    /// Where the request comes from.
    pub from: String,
}

impl Service {
    /// Whether the installation has no owner who can log in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn needs_set_up(&self) -> Result<bool, Error> {
        let workspaces = self.inner.store.workspaces().await?;
        match workspaces.first() {
            None => Ok(true),
            Some(first) => Ok(!self.inner.store.has_owner(first.id).await?),
        }
    }

    /// The file that has the first token: it goes when there is an owner.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn first_token_is_kept_in(&self, file: PathBuf) -> Result<(), Error> {
        let file = self.inner.first_token_file.get_or_init(|| file);
        if file.exists() && !self.needs_set_up().await? {
            self.owner_is_there();
        }
        Ok(())
    }

    /// From now on the owner has an account, so that the first token need not lie around.
    pub(crate) fn owner_is_there(&self) {
        let Some(file) = self.inner.first_token_file.get() else {
            return;
        };
        match std::fs::remove_file(file) {
            Ok(()) => {
                tracing::info!("the file with the first token was removed: there is an owner")
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => tracing::warn!(%error, "the file with the first token cannot be removed"),
        }
    }

    /// Makes the owner's account.
    ///
    /// # Errors
    /// When the token is not one that may do everything, there is an owner already, or a field is wrong.
    pub async fn set_up(&self, asked: SetUp) -> Result<LoggedIn, Error> {
        let caller = self.authenticate(asked.token.expose()).await?;
        let lacked = Permission::ALL.into_iter().find(|one| !caller.may(*one));
        if let Some(lacked) = lacked {
            require(&caller, lacked)?;
        }
        let change = move |service: Self, caller: Caller| async move {
            service.set_up_now(&caller, asked).await
        };
        self.complete(&caller, change).await
    }

    async fn set_up_now(&self, caller: &Caller, asked: SetUp) -> Result<LoggedIn, Error> {
        if self.inner.store.has_owner(caller.workspace).await? {
            return Err(set_up_already());
        }
        let email = email_of(&asked.email)?;
        check_name(&asked.name)?;
        check_password(&asked.password, &email, "/password")?;
        let password = self.inner.passwords.hash(asked.password).await?;
        let new = Member {
            id: MemberId::new(Self::new_id()),
            workspace: caller.workspace,
            name: asked.name,
            email,
            role: Role::Owner,
            disabled_at: None,
            created_at: self.now(),
            seen_at: None,
        };
        let made = self.inner.store.set_up_owner(&new, &password).await;
        let made = made.map_err(|error| {
            if error == StoreError::Changed {
                return set_up_already();
            }
            address_taken(error)
        })?;
        self.owner_is_there();
        let detail = json!({"email": made.email.as_str(), "role": made.role.as_str()});
        self.audit(caller, "member.set_up", made.id, detail).await?;
        self.begin_session(made).await
    }

    /// Changes the member's own name or password. Another password ends all other sessions.
    ///
    /// # Errors
    /// For a key, which is nobody's account; `credentials_wrong` or `login_throttled` when the password so far is not the stated one.
    pub async fn change_account(
        &self,
        caller: &Caller,
        session: Option<&CurrentSession>,
        change: AccountChange,
    ) -> Result<Account, Error> {
        let session = session.ok_or_else(|| {
            let detail = "a key is nobody's account: log in";
            Error::new(ErrorKind::Forbidden, "forbidden", detail)
        })?;
        let mine = session.clone();
        let change = move |service: Self, caller: Caller| async move {
            service.change_account_now(&caller, mine, change).await
        };
        self.complete(caller, change).await
    }

    async fn change_account_now(
        &self,
        caller: &Caller,
        mut session: CurrentSession,
        change: AccountChange,
    ) -> Result<Account, Error> {
        let (workspace, id) = (caller.workspace, session.member.id);
        if let Some(name) = &change.name {
            check_name(name)?;
        }
        if let Some((current, new)) = change.password {
            self.change_password(&session, current, new, &change.from)
                .await?;
            self.audit(caller, "member.password", id, json!({})).await?;
        }
        if let Some(name) = change.name {
            let change = MemberChange {
                name: Some(name.clone()),
                ..MemberChange::default()
            };
            let changed = self.inner.store.change_member(workspace, id, &change);
            session.member = changed.await.map_err(crate::members::refused)?;
            self.audit(caller, "member.change", id, json!({"name": name}))
                .await?;
        }
        self.account(caller, Some(&session)).await
    }

    async fn change_password(
        &self,
        session: &CurrentSession,
        current: Secret<String>,
        new: Secret<String>,
        from: &str,
    ) -> Result<(), Error> {
        let member = &session.member;
        let attempt = self
            .inner
            .throttle
            .begin(member.email.as_str(), from, self.now());
        let attempt = attempt.map_err(throttled)?;
        let known = self.inner.store.member_by_email(&member.email).await?;
        let hash = known.map(|(_, hash)| hash);
        if !self.inner.passwords.verifies(current, hash).await? {
            let detail = "the password so far is another one";
            return Err(Error::field("password_wrong", "/current_password", detail));
        }
        self.inner.throttle.right(attempt);
        check_password(&new, &member.email, "/new_password")?;
        let hash = self.inner.passwords.hash(new).await?;
        let (store, keep) = (&self.inner.store, Some(session.id));
        store
            .set_password(member.workspace, member.id, &hash, keep)
            .await?;
        Ok(())
    }
}

/// An address in a body.
pub(crate) fn email_of(text: &str) -> Result<Email, Error> {
    let none = || {
        let detail = "an address is needed, such as ada@example.com";
        Error::field("invalid_input", "/email", detail)
    };
    Email::parse(text).ok_or_else(none)
}

pub(crate) fn address_taken(error: StoreError) -> Error {
    if error != StoreError::Taken {
        return error.into();
    }
    let detail = "somebody has that address already";
    Error::new(ErrorKind::Conflict, "conflict", detail)
}

fn set_up_already() -> Error {
    let detail = "there is an owner already: log in, or be invited";
    Error::new(ErrorKind::Conflict, "set_up_already", detail)
}
