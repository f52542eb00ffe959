//! Invitations: a link that its maker hands over himself, good once, for one address and one role, for a week.
//!
//! Whoever has made one must still have the right to give that role when it is accepted.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::Principal;
use latchkey_domain::id::{InvitationId, MemberId};
use latchkey_domain::member::{Invitation, Member, Role};
use latchkey_secrets::{Secret, token};
use latchkey_store::{Page, Paged, StoreError};
use serde_json::json;

use crate::access::check_name;
use crate::accounts::{address_taken, email_of};
use crate::error::{Error, ErrorKind};
use crate::members::covers;
use crate::passwords::check_password;
use crate::sessions::LoggedIn;
use crate::{Service, require_workspace};

/// What tokens of invitations begin with.
const PREFIX: &str = "lki_";
/// How long one is good, in milliseconds.
const GOOD: i64 = 7 * 24 * 60 * 60 * 1_000;

/// An invitation that was made: the only time that its link is seen.
#[derive(Debug)]
pub struct CreatedInvitation {
    /// What is known of it.
    pub invitation: Invitation,
    /// The link.
    pub url: Secret<String>,
}

/// What whoever has the link is told.
#[derive(Debug)]
pub struct OpenInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// Where he is invited to.
    pub workspace_name: String,
}

/// How an invitation is accepted.
#[derive(Debug)]
pub struct AcceptInvitation {
    /// The token of the link.
    pub token: Secret<String>,
    /// The new member's name.
    pub name: String,
    /// The password that he chooses.
    pub password: Secret<String>,
}

impl Service {
    /// Invites somebody; an older invitation of the same address is withdrawn.
    ///
    /// # Errors
    /// When the caller may not, the role may do more than he, or that address is a member's already.
    pub async fn invite(
        &self,
        caller: &Caller,
        email: &str,
        role: Role,
    ) -> Result<CreatedInvitation, Error> {
        let email = email_of(email);
        let change = move |service: Self, caller: Caller| async move {
            require_workspace(&caller, Permission::MembersWrite)?;
            covers(&caller, role)?;
            let email = email?;
            let store = &service.inner.store;
            let known = store.member_by_email(&email).await?;
            if known.is_some_and(|(member, _)| member.workspace == caller.workspace) {
                let detail = "that address is a member's already";
                return Err(Error::new(ErrorKind::Conflict, "conflict", detail));
            }
            let now = service.now();
            let invitation = Invitation {
                id: InvitationId::new(Self::new_id()),
                workspace: caller.workspace,
                email,
                role,
                invited_by: caller.principal,
                created_at: now,
                expires_at: now.plus_millis(GOOD),
            };
            let token = token::generate(PREFIX)?;
            let hash = service.hash_of_account(token.expose());
            store.insert_invitation(&invitation, &hash).await?;
            let detail = json!({"email": invitation.email.as_str(), "role": role.as_str()});
            service
                .audit(&caller, "invitation.create", invitation.id, detail)
                .await?;
            let (public, token) = (&service.inner.public_url, token.expose());
            let url = Secret::new(format!("{public}/invitation?token={token}"));
            Ok(CreatedInvitation { invitation, url })
        };
        self.complete(caller, change).await
    }

    /// The invitations that nobody has accepted yet.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn invitations(
        &self,
        caller: &Caller,
        page: Page,
    ) -> Result<Paged<Invitation>, Error> {
        require_workspace(caller, Permission::MembersWrite)?;
        let (store, now) = (&self.inner.store, self.now());
        Ok(store.invitations(caller.workspace, now, page).await?)
    }

    /// Withdraws an invitation.
    ///
    /// # Errors
    /// When the caller may not, or there is none.
    pub async fn withdraw_invitation(
        &self,
        caller: &Caller,
        id: InvitationId,
    ) -> Result<(), Error> {
        let change = move |service: Self, caller: Caller| async move {
            require_workspace(&caller, Permission::MembersWrite)?;
            let not_found = || Error::not_found("invitation");
            let store = &service.inner.store;
            let found = store.invitation(caller.workspace, id).await?;
            let invitation = found.ok_or_else(not_found)?;
            let deleted = store.delete_invitation(caller.workspace, id).await;
            if deleted == Err(StoreError::NotFound) {
                return Err(not_found());
            }
            deleted?;
            let detail = json!({"email": invitation.email.as_str()});
            service
                .audit(&caller, "invitation.delete", id, detail)
                .await
        };
        self.complete(caller, change).await
    }

    /// The invitation of a link.
    ///
    /// # Errors
    /// When it is none, was withdrawn or accepted, or its time is over: which look the same.
    pub async fn invitation_of(&self, token: &str) -> Result<OpenInvitation, Error> {
        let none = || {
            let detail =
                "there is no such invitation: it was withdrawn or accepted, or its time is over";
            Error::new(ErrorKind::NotFound, "not_found", detail)
        };
        if !token::is_well_formed(PREFIX, token) {
            return Err(none());
        }
        let hash = self.hash_of_account(token);
        let found = self.inner.store.invitation_by_hash(&hash).await?;
        let invitation = found.ok_or_else(none)?;
        if invitation.expires_at <= self.now() || !self.still_invites(&invitation).await? {
            return Err(none());
        }
        let workspace_name = self.workspace_name(invitation.workspace).await?;
        Ok(OpenInvitation {
            invitation,
            workspace_name,
        })
    }

    async fn still_invites(&self, invitation: &Invitation) -> Result<bool, Error> {
        let (workspace, by) = (invitation.workspace, invitation.invited_by);
        let most = match invitation.role {
            Role::Owner => Permission::WorkspaceWrite,
            Role::Admin | Role::Editor | Role::Viewer => Permission::MembersWrite,
        };
        self.still_may(workspace, by, most).await
    }

    /// Makes a member of whoever has the link, and begins his session.
    ///
    /// # Errors
    /// When it is no invitation any more, a field is wrong, or somebody has the address.
    pub async fn accept_invitation(&self, asked: AcceptInvitation) -> Result<LoggedIn, Error> {
        let open = self.invitation_of(asked.token.expose()).await?;
        let invitation = open.invitation;
        check_name(&asked.name)?;
        check_password(&asked.password, &invitation.email, "/password")?;
        let password = self.inner.passwords.hash(asked.password).await?;
        let new = Member {
            id: MemberId::new(Self::new_id()),
            workspace: invitation.workspace,
            name: asked.name,
            email: invitation.email,
            role: invitation.role,
            disabled_at: None,
            created_at: self.now(),
            seen_at: None,
        };
        let caller = self.caller_of_member(&new).await?;
        let id = invitation.id;
        let change = move |service: Self, caller: Caller| async move {
            let accepted = service
                .inner
                .store
                .accept_invitation(id, &new, &password)
                .await;
            accepted.map_err(|error| {
                if error == StoreError::NotFound {
                    return Error::not_found("invitation");
                }
                address_taken(error)
            })?;
            let by = match invitation.invited_by {
                Principal::ApiKey(key) => format!("api_key:{key}"),
                Principal::Member(member) => format!("member:{member}"),
                Principal::Operator => "operator".to_owned(),
            };
            let detail =
                json!({"email": new.email.as_str(), "role": new.role.as_str(), "invited_by": by});
            service
                .audit(&caller, "member.join", new.id, detail)
                .await?;
            if new.role == Role::Owner {
                service.owner_is_there();
            }
            Ok(new)
        };
        let member = self.complete(&caller, change).await?;
        self.begin_session(member).await
    }
}
