//! Members log in: sessions begin with a password, are recognised by the token of a cookie, and end by themselves, by logging out,
//! or because what they stand on has changed.
//!
//! Sessions are read from the database with every request and remembered nowhere: one that was ended anywhere has ended everywhere.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::Principal;
use latchkey_domain::id::{SessionId, WorkspaceId};
use latchkey_domain::member::{Email, Member};
use latchkey_domain::time::Timestamp;
use latchkey_secrets::{Secret, token};
use latchkey_store::{Session, StoreError};
use serde_json::json;

use crate::Service;
use crate::error::{Error, ErrorKind};
use crate::passwords::throttled;

/// What tokens of sessions begin with.
const PREFIX: &str = "lks_";
/// How long a session lasts that nobody uses, in milliseconds.
const IDLE: u64 = 24 * 60 * 60 * 1_000;
/// How long it lasts at most, in milliseconds.
const LONGEST: i64 = 14 * 24 * 60 * 60 * 1_000;
/// How exact `used_at` is, in milliseconds.
const USED_EVERY: u64 = 60_000;

/// How somebody logs in.
#[derive(Debug)]
pub struct LogIn {
    /// The address, as it was typed.
    pub email: String,
    /// The password.
    pub password: Secret<String>,
    /// Where the request comes from; counted, not kept.
    pub from: String,
}

/// The session that a request came with.
#[derive(Clone, Debug)]
pub struct CurrentSession {
    /// Its token.
    token: Secret<String>,
    /// Its id.
    pub(crate) id: SessionId,
    /// Whose it is.
    pub(crate) member: Member,
}

/// A session that has begun: the only time that its token is seen.
#[derive(Debug)]
pub struct LoggedIn {
    /// The token, for the cookie.
    pub token: Secret<String>,
    /// When it ends at the latest, in seconds from now.
    pub seconds: i64,
    /// Who has logged in.
    pub account: Account,
}

/// Who asks, and what he may do.
#[derive(Debug)]
pub struct Account {
    /// The member, if it is one.
    pub member: Option<Member>,
    /// The workspace: id and name.
    pub workspace: (WorkspaceId, String),
    /// What he may do.
    pub permissions: Vec<Permission>,
    /// What changing requests with this session's cookie have to show.
    pub csrf_token: Option<String>,
}

impl Service {
    /// Begins a session.
    ///
    /// # Errors
    /// `credentials_wrong`, whatever is wrong with them, or `login_throttled`.
    pub async fn log_in(&self, asked: LogIn) -> Result<LoggedIn, Error> {
        let email = Email::parse(&asked.email);
        let account = email.as_ref().map_or("", Email::as_str);
        let attempt = self.inner.throttle.begin(account, &asked.from, self.now());
        let attempt = attempt.map_err(throttled)?;
        let known = match &email {
            None => None,
            Some(email) => self.inner.store.member_by_email(email).await?,
        };
        let (member, hash) = known.unzip();
        // Also for nobody, so that it takes as long.
        let is_right = self.inner.passwords.verifies(asked.password, hash).await?;
        let Some(member) = member else {
            return Err(credentials_wrong());
        };
        if !is_right || member.disabled_at.is_some() {
            self.refused_session(member, if is_right { "disabled" } else { "password" });
            return Err(credentials_wrong());
        }
        self.inner.throttle.right(attempt);
        self.begin_session(member).await
    }

    /// Writes down that a member was not let in. Nobody waits for it: whether there is the account is not to be told by a clock.
    fn refused_session(&self, member: Member, reason: &'static str) {
        let service = self.clone();
        let writing = async move {
            let detail = json!({"reason": reason});
            let written = async {
                let caller = service.caller_of_member(&member).await?;
                service
                    .audit(&caller, "session.refuse", member.id, detail)
                    .await
            };
            if let Err(error) = written.await {
                tracing::warn!(%error, "a refused login cannot be written down");
            }
        };
        self.inner.tasks.spawn_on(writing, &self.inner.runtime);
    }

    /// Begins a session for a member whose password was seen.
    pub(crate) async fn begin_session(&self, member: Member) -> Result<LoggedIn, Error> {
        let caller = self.caller_of_member(&member).await?;
        let change = move |service: Self, caller: Caller| async move {
            let now = service.now();
            let token = token::generate(PREFIX)?;
            let new = Session {
                id: SessionId::new(Self::new_id()),
                workspace: member.workspace,
                member: member.id,
                created_at: now,
                used_at: now,
                expires_at: now.plus_millis(LONGEST),
            };
            let hash = service.hash_of_account(token.expose());
            let begun = service.inner.store.insert_session(&new, &hash).await;
            begun.map_err(|error| {
                if error == StoreError::NotFound {
                    // Removed or disabled since his password was seen.
                    return credentials_wrong();
                }
                error.into()
            })?;
            service
                .audit(&caller, "session.create", member.id, json!({}))
                .await?;
            let session = CurrentSession {
                token: token.clone(),
                id: new.id,
                member,
            };
            Ok(LoggedIn {
                token,
                seconds: LONGEST / 1_000,
                account: service.account(&caller, Some(&session)).await?,
            })
        };
        self.complete(&caller, change).await
    }

    /// The caller of a session's token.
    ///
    /// # Errors
    /// `unauthenticated`, whatever is wrong with it.
    pub async fn authenticate_session(
        &self,
        token: &str,
    ) -> Result<(Caller, CurrentSession), Error> {
        let refused = || {
            let detail = "the session has ended; log in again";
            Error::new(ErrorKind::Unauthenticated, "unauthenticated", detail)
        };
        if !token::is_well_formed(PREFIX, token) {
            return Err(refused());
        }
        let hash = self.hash_of_account(token);
        let found = self.inner.store.session_by_hash(&hash).await?;
        let (session, member) = found.ok_or_else(refused)?;
        let now = self.now();
        let is_over = session.expires_at <= now || now.millis_since(session.used_at) >= IDLE;
        if is_over {
            return Err(refused());
        }
        if now.millis_since(session.used_at) > USED_EVERY {
            self.session_used(session, now);
        }
        let caller = self.caller_of_member(&member).await?;
        let token = Secret::from(token);
        let id = session.id;
        Ok((caller, CurrentSession { token, id, member }))
    }

    /// Writes down that a session is used: nobody waits for it, and no request is refused because of it.
    fn session_used(&self, session: Session, now: Timestamp) {
        let store = self.inner.store.clone();
        let writing = async move {
            if let Err(error) = store.touch_session(&session, now).await {
                tracing::warn!(%error, "the last use of a session cannot be written");
            }
        };
        self.inner.tasks.spawn_on(writing, &self.inner.runtime);
    }

    /// A member as the caller of something.
    pub(crate) async fn caller_of_member(&self, member: &Member) -> Result<Caller, Error> {
        let environments = self.inner.facts.environments(member.workspace).await?;
        Ok(Caller {
            workspace: member.workspace,
            principal: Principal::Member(member.id),
            permissions: member.role.permissions(),
            environments: environments.to_vec(),
            workflow: None,
        })
    }

    /// Whether a text is what changing requests of this session have to show.
    #[must_use]
    pub fn is_csrf_token(&self, session: &CurrentSession, text: &str) -> bool {
        let shown = csrf_bytes(&session.token);
        self.inner.accounts.verifies(shown.expose(), text)
    }

    /// Who asks.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn account(
        &self,
        caller: &Caller,
        session: Option<&CurrentSession>,
    ) -> Result<Account, Error> {
        let name = self.workspace_name(caller.workspace).await?;
        let csrf = |session: &CurrentSession| {
            let shown = csrf_bytes(&session.token);
            self.inner.accounts.hash(shown.expose())
        };
        Ok(Account {
            member: session.map(|session| session.member.clone()),
            workspace: (caller.workspace, name),
            permissions: caller.permissions.clone(),
            csrf_token: session.map(csrf),
        })
    }

    pub(crate) async fn workspace_name(&self, id: WorkspaceId) -> Result<String, Error> {
        let all = self.inner.store.workspaces().await?;
        let found = all.into_iter().find(|workspace| workspace.id == id);
        let found = found.ok_or_else(|| Error::not_found("workspace"))?;
        Ok(found.name)
    }

    /// Ends the session; a key has none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn log_out(
        &self,
        caller: &Caller,
        session: Option<&CurrentSession>,
    ) -> Result<(), Error> {
        let Some(session) = session else {
            return Ok(());
        };
        let (id, member) = (session.id, session.member.id);
        let change = move |service: Self, caller: Caller| async move {
            service.inner.store.delete_session(id).await?;
            service
                .audit(&caller, "session.delete", member, json!({}))
                .await
        };
        self.complete(caller, change).await
    }

    /// The hash by which tokens of sessions and invitations are kept.
    pub(crate) fn hash_of_account(&self, token: &str) -> String {
        self.inner.accounts.hash(token.as_bytes())
    }

    /// How clients reach this server.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.inner.public_url
    }

    /// Whether clients reach this server by TLS: cookies are then for nothing else.
    #[must_use]
    pub fn is_reached_by_tls(&self) -> bool {
        self.inner.public_url.starts_with("https://")
    }
}

fn csrf_bytes(token: &Secret<String>) -> Secret<Vec<u8>> {
    Secret::new([b"csrf\0", token.expose().as_bytes()].concat())
}

fn credentials_wrong() -> Error {
    let detail = "the address or the password is wrong";
    Error::new(ErrorKind::Unauthenticated, "credentials_wrong", detail)
}
