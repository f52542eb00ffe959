//! Who has logged in, and how.

use std::fmt;

use latchkey_secrets::Secret;
use latchkey_service::Account;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A text that is not to be printed.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Hidden(String);

impl Hidden {
    pub(crate) fn secret(self) -> Secret<String> {
        Secret::new(self.0)
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

/// Whether the owner's account is to be made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct NeedView {
    /// Whether there is no owner who can log in.
    pub(crate) needed: bool,
}

/// The owner's account.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetUpBody {
    /// The first start's token, or another key that may do everything.
    #[schema(value_type = String)]
    pub(crate) token: Hidden,
    /// The owner's name.
    pub(crate) name: String,
    /// The address that the owner logs in with. Nothing is ever sent to it.
    pub(crate) email: String,
    /// The password: 10 to 200 characters.
    #[schema(value_type = String)]
    pub(crate) password: Hidden,
}

/// How somebody logs in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogInBody {
    /// The address.
    pub(crate) email: String,
    /// The password.
    #[schema(value_type = String)]
    pub(crate) password: Hidden,
}

/// What a member changes about himself; absent fields stay.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionChangeBody {
    /// The name.
    pub(crate) name: Option<String>,
    /// The password so far, for a new one.
    #[schema(value_type = Option<String>)]
    pub(crate) current_password: Option<Hidden>,
    /// The new password: 10 to 200 characters. It ends all other sessions.
    #[schema(value_type = Option<String>)]
    pub(crate) new_password: Option<Hidden>,
}

/// Who asks, and what he may do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SessionView {
    /// The member; null for a key.
    member: Option<SessionMember>,
    /// The workspace.
    workspace: SessionWorkspace,
    /// What the caller may do, such as `runs:write`.
    permissions: Vec<String>,
    /// What changing requests with the session's cookie have to show in the header `X-CSRF-Token`; null for a key.
    csrf_token: Option<String>,
}

/// The member whose session it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SessionMember {
    /// The id.
    id: String,
    /// The name.
    name: String,
    /// The address.
    email: String,
    /// owner, admin, editor or viewer.
    role: String,
}

/// Where somebody is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SessionWorkspace {
    /// The id.
    pub(crate) id: String,
    /// The name.
    pub(crate) name: String,
}

impl From<Account> for SessionView {
    fn from(account: Account) -> Self {
        let (id, name) = account.workspace;
        Self {
            member: account.member.map(|member| SessionMember {
                id: member.id.to_string(),
                name: member.name,
                email: member.email.to_string(),
                role: member.role.as_str().to_owned(),
            }),
            workspace: SessionWorkspace {
                id: id.to_string(),
                name,
            },
            permissions: account
                .permissions
                .into_iter()
                .map(|one| one.as_str().to_owned())
                .collect(),
            csrf_token: account.csrf_token,
        }
    }
}

/// Which invitation.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct InvitationQuery {
    /// The token of the link.
    #[param(value_type = String)]
    pub(crate) token: Hidden,
}
