//! Members and invitations.

use latchkey_domain::member::{Invitation, Member, Role};
use latchkey_service::{CreatedInvitation, OpenInvitation};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::audit::actor;
use super::session::Hidden;

/// A member.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct WorkspaceMemberView {
    /// The id.
    id: String,
    /// The name.
    name: String,
    /// The address that the member logs in with.
    email: String,
    /// owner, admin, editor or viewer.
    role: String,
    /// Whether the member may do nothing.
    disabled: bool,
    /// Since when.
    disabled_at: Option<String>,
    /// Since when there is this member.
    created_at: String,
    /// When the member was last seen, roughly.
    last_seen_at: Option<String>,
}

impl From<Member> for WorkspaceMemberView {
    fn from(member: Member) -> Self {
        Self {
            id: member.id.to_string(),
            name: member.name,
            email: member.email.to_string(),
            role: member.role.as_str().to_owned(),
            disabled: member.disabled_at.is_some(),
            disabled_at: member.disabled_at.map(|at| at.to_string()),
            created_at: member.created_at.to_string(),
            last_seen_at: member.seen_at.map(|at| at.to_string()),
        }
    }
}

/// What is changed about a member; absent fields stay. Whoever is changed has to log in again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberChangeBody {
    /// `owner`, `admin`, `editor` or `viewer`.
    #[schema(value_type = Option<String>)]
    pub(crate) role: Option<Role>,
    /// Whether the member may do nothing: sessions end, and the keys that the member has made are refused.
    pub(crate) disabled: Option<bool>,
}

/// Who is invited.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewInvitationBody {
    /// The address. Nothing is sent to it: the link of the answer is yours to hand over.
    pub(crate) email: String,
    /// `owner`, `admin`, `editor` or `viewer`.
    #[schema(value_type = String)]
    pub(crate) role: Role,
}

/// An invitation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct InvitationView {
    /// Its id.
    id: String,
    /// Who is invited.
    email: String,
    /// As what.
    role: String,
    /// By `api_key:<id>`, `member:<id>` or `operator`.
    invited_by: String,
    /// When it was made.
    created_at: String,
    /// From when on it is refused.
    expires_at: String,
    /// The link: only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id.to_string(),
            email: invitation.email.to_string(),
            role: invitation.role.as_str().to_owned(),
            invited_by: actor(&invitation.invited_by),
            created_at: invitation.created_at.to_string(),
            expires_at: invitation.expires_at.to_string(),
            url: None,
        }
    }
}

impl From<CreatedInvitation> for InvitationView {
    fn from(created: CreatedInvitation) -> Self {
        Self {
            url: Some(created.url.expose().clone()),
            ..created.invitation.into()
        }
    }
}

/// What whoever has the link is told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OpenInvitationView {
    /// Who is invited.
    email: String,
    /// As what.
    role: String,
    /// Where to.
    workspace_name: String,
    /// From when on it is refused.
    expires_at: String,
}

impl From<OpenInvitation> for OpenInvitationView {
    fn from(open: OpenInvitation) -> Self {
        Self {
            email: open.invitation.email.to_string(),
            role: open.invitation.role.as_str().to_owned(),
            workspace_name: open.workspace_name,
            expires_at: open.invitation.expires_at.to_string(),
        }
    }
}

/// How an invitation is accepted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcceptBody {
    /// The token of the link.
    #[schema(value_type = String)]
    pub(crate) token: Hidden,
    /// The new member's name.
    pub(crate) name: String,
    /// The password: 10 to 200 characters.
    #[schema(value_type = String)]
    pub(crate) password: Hidden,
}
