//! The people of a workspace: who they are, what they may do, and that an owner is always left.
//!
//! Nobody gives or takes a role that may do more than himself, and whoever is changed is judged by what he was before and what he
//! becomes.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::Principal;
use latchkey_domain::id::{MemberId, WorkspaceId};
use latchkey_domain::member::{Email, Member, Role};
use latchkey_domain::time::Timestamp;
use latchkey_secrets::{Secret, password};
use latchkey_store::{AuditEntry, MemberChange, MemberError, Page, Paged, Store};
use serde_json::json;

use crate::error::{Error, ErrorKind};
use crate::passwords::check_password;
use crate::{Service, require_workspace};

/// What somebody changes about a member.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChangedMember {
    /// What he may do.
    pub role: Option<Role>,
    /// Whether he may do nothing.
    pub disabled: Option<bool>,
}

impl Service {
    /// The members of the caller's workspace, newest first.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn members(&self, caller: &Caller, page: Page) -> Result<Paged<Member>, Error> {
        require_workspace(caller, Permission::MembersRead)?;
        Ok(self.inner.store.members(caller.workspace, page).await?)
    }

    /// A member of the caller's workspace.
    ///
    /// # Errors
    /// When the caller may not, or there is none.
    pub async fn member(&self, caller: &Caller, id: MemberId) -> Result<Member, Error> {
        require_workspace(caller, Permission::MembersRead)?;
        let found = self.inner.store.member(caller.workspace, id).await?;
        found.ok_or_else(|| Error::not_found("member"))
    }

    /// Changes what a member may do; he has to log in again, and his keys may at once do no more than he.
    ///
    /// # Errors
    /// When the caller may not, there is no such member, or no owner would be left.
    pub async fn change_member(
        &self,
        caller: &Caller,
        id: MemberId,
        change: ChangedMember,
    ) -> Result<Member, Error> {
        let change = move |service: Self, caller: Caller| async move {
            let member = service.of_mine(&caller, id).await?;
            if let Some(role) = change.role {
                covers(&caller, role)?;
            }
            let disabled_at = |disabled: bool| disabled.then(|| service.now());
            let wanted = MemberChange {
                name: None,
                role: change.role,
                disabled_at: change.disabled.map(disabled_at),
            };
            let changed = service
                .inner
                .store
                .change_member(caller.workspace, id, &wanted)
                .await;
            // Even if it failed: a commit whose answer was lost is one.
            service.inner.keys.forget_member(id);
            let changed = changed.map_err(refused)?;
            let detail = json!({
                "email": changed.email.as_str(),
                "role": {"from": member.role.as_str(), "to": changed.role.as_str()},
                "disabled": {"from": member.disabled_at.is_some(), "to": changed.disabled_at.is_some()},
            });
            service.audit(&caller, "member.change", id, detail).await?;
            Ok(changed)
        };
        self.complete(caller, change).await
    }

    /// Removes a member with his sessions and API keys.
    ///
    /// # Errors
    /// When the caller may not, there is no such member, or no owner would be left.
    pub async fn remove_member(&self, caller: &Caller, id: MemberId) -> Result<(), Error> {
        let change = move |service: Self, caller: Caller| async move {
            service.of_mine(&caller, id).await?;
            let (store, at) = (&service.inner.store, service.now());
            let removed = store.remove_member(caller.workspace, id, at).await;
            // Even if it failed: a commit whose answer was lost is one.
            service.inner.keys.forget_member(id);
            let removed = removed.map_err(refused)?;
            let detail = json!({"email": removed.email.as_str(), "name": removed.name, "role": removed.role.as_str()});
            service.audit(&caller, "member.delete", id, detail).await
        };
        self.complete(caller, change).await
    }

    /// A member whom the caller may change.
    async fn of_mine(&self, caller: &Caller, id: MemberId) -> Result<Member, Error> {
        require_workspace(caller, Permission::MembersWrite)?;
        let found = self.inner.store.member(caller.workspace, id).await?;
        let member = found.ok_or_else(|| Error::not_found("member"))?;
        covers(caller, member.role)?;
        Ok(member)
    }

    /// Whether somebody who did something before may do it still.
    pub(crate) async fn still_may(
        &self,
        workspace: WorkspaceId,
        principal: Principal,
        permission: Permission,
    ) -> Result<bool, Error> {
        let store = &self.inner.store;
        let member = match principal {
            Principal::Operator => return Ok(true),
            Principal::Member(id) => id,
            Principal::ApiKey(id) => {
                let now = self.now();
                let key = store.api_key(workspace, id).await?;
                let key = key.filter(|key| key.expires_at.is_none_or(|end| now < end));
                match key {
                    None => return Ok(false),
                    Some(key) => match key.member {
                        None => return Ok(true),
                        Some(member) => member,
                    },
                }
            }
        };
        let member = store.member(workspace, member).await?;
        let may = |member: Member| member.disabled_at.is_none() && member.role.may(permission);
        Ok(member.is_some_and(may))
    }
}

/// Whether a caller may do everything that a role may.
pub(crate) fn covers(caller: &Caller, role: Role) -> Result<(), Error> {
    let lacked = role.permissions().into_iter().find(|one| !caller.may(*one));
    let Some(lacked) = lacked else {
        return Ok(());
    };
    let detail = format!(
        "{} may do what you may not ({}), so that it is not yours to give or to take",
        role.as_str(),
        lacked.as_str()
    );
    Err(Error::new(ErrorKind::Forbidden, "forbidden", detail))
}

pub(crate) fn refused(error: MemberError) -> Error {
    match error {
        MemberError::LastOwner => {
            let detail = "a workspace needs an owner who can log in: appoint another one first";
            Error::new(ErrorKind::Conflict, "last_owner", detail)
        }
        MemberError::Store(latchkey_store::StoreError::NotFound) => Error::not_found("member"),
        MemberError::Store(error) => error.into(),
    }
}

/// Gives a member another password without asking for the one so far, ends his sessions, and writes it down as the operator's deed:
/// what somebody does who has the database anyway, also beside a running server.
///
/// # Errors
/// When there is no such member, the password is too short, or the database fails.
pub async fn reset_password(
    store: &Store,
    email: &str,
    new: Secret<String>,
    now: Timestamp,
) -> Result<Member, Error> {
    let known = match Email::parse(email) {
        None => None,
        Some(email) => store.member_by_email(&email).await?,
    };
    let (member, _) = known.ok_or_else(|| Error::not_found("member"))?;
    check_password(&new, &member.email, "/password")?;
    let hash = password::hash(&new)?;
    store
        .set_password(member.workspace, member.id, &hash, None)
        .await?;
    let entry = AuditEntry {
        id: Service::new_id(),
        workspace: member.workspace,
        at: now,
        actor: Principal::Operator,
        action: "member.reset_password".to_owned(),
        subject: member.id.to_string(),
        detail: json!({"email": member.email.as_str()}),
    };
    store.insert_audit(&entry).await?;
    Ok(member)
}
