//! The people of a workspace, what their roles let them do, and how they are invited.

use serde::{Deserialize, Serialize};

use crate::access::Permission;
use crate::credential::Principal;
use crate::id::{InvitationId, MemberId, WorkspaceId};
use crate::time::Timestamp;

/// What a member is in a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything, and appoints other owners.
    Owner,
    /// May do everything but what is the owner's own.
    Admin,
    /// Builds workflows, chooses who pays for them, and runs them.
    Editor,
    /// Looks.
    Viewer,
}

/// Who may do what: the one place where a role gets its permissions. Every operation of the API states the permission that it
/// needs, and a test tries every role on every operation against this table.
///
/// The columns are owner, admin, editor and viewer.
pub const ROLES: [(Permission, [bool; 4]); Permission::ALL.len()] = {
    use Permission as P;
    [
        (P::WorkflowsRead, [true, true, true, true]),
        (P::WorkflowsWrite, [true, true, true, false]),
        (P::WorkflowsPublish, [true, true, true, false]),
        (P::RunsRead, [true, true, true, true]),
        (P::RunsWrite, [true, true, true, false]),
        (P::CredentialsRead, [true, true, true, true]),
        (P::CredentialsWrite, [true, true, false, false]),
        (P::CredentialsBind, [true, true, true, false]),
        (P::UsageRead, [true, true, true, true]),
        (P::ApiKeysWrite, [true, true, false, false]),
        (P::DatasetsRead, [true, true, true, true]),
        (P::DatasetsWrite, [true, true, true, false]),
        (P::AuditRead, [true, true, false, false]),
        (P::MembersRead, [true, true, true, true]),
        (P::MembersWrite, [true, true, false, false]),
        (P::WorkspaceWrite, [true, false, false, false]),
    ]
};

impl Role {
    /// All of them, in the order of the columns of [`ROLES`].
    pub const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::Editor, Self::Viewer];

    /// The word in bodies and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Editor => "editor",
            Self::Viewer => "viewer",
        }
    }

    /// Reads [`Role::as_str`] back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    const fn column(self) -> usize {
        match self {
            Self::Owner => 0,
            Self::Admin => 1,
            Self::Editor => 2,
            Self::Viewer => 3,
        }
    }

    /// Whether a member of this role may do something.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        let column = self.column();
        ROLES
            .iter()
            .any(|(of, roles)| *of == permission && roles[column])
    }

    /// Everything that a member of this role may do.
    #[must_use]
    pub fn permissions(self) -> Vec<Permission> {
        Permission::ALL
            .into_iter()
            .filter(|permission| self.may(*permission))
            .collect()
    }
}

/// A person in a workspace who can log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The member's id.
    pub id: MemberId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The name, for people.
    pub name: String,
    /// The address that the member logs in with; see [`Email`].
    pub email: Email,
    /// What the member may do.
    pub role: Role,
    /// Since when the member may do nothing; none: he may.
    pub disabled_at: Option<Timestamp>,
    /// Since when there is this member.
    pub created_at: Timestamp,
    /// When the member was last seen, to the minute.
    pub seen_at: Option<Timestamp>,
}

/// An invitation that nobody has accepted yet. Its token is kept only as a keyed hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Who is invited.
    pub email: Email,
    /// As what.
    pub role: Role,
    /// By whom: it ends with the inviter's right to give it.
    pub invited_by: Principal,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

/// An address by which a member is known: without blanks around it and in lower case, so that nobody is there twice.
///
/// Whether somebody reads it is not known: nothing is ever sent to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Email(String);

/// The longest address that mail can have (RFC 5321, 4.5.3.1.3, without its brackets).
const LONGEST_EMAIL: usize = 254;

impl Email {
    /// The address of a text; none if it is no address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@')?;
        let is_odd = |letter: char| letter.is_whitespace() || letter.is_control();
        let is_none = local.is_empty() || domain.is_empty() || domain.starts_with('.');
        if is_none || text.len() > LONGEST_EMAIL || text.contains(is_odd) || local.contains('@') {
            return None;
        }
        Some(Self(text.to_lowercase()))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Email, ROLES, Role};
    use crate::access::Permission;

    #[test]
    fn the_table_of_roles_has_every_permission_once_and_in_order() {
        assert_eq!(ROLES.map(|(permission, _)| permission), Permission::ALL);
    }

    #[test]
    fn each_role_may_do_more_than_the_next_one() {
        for pair in Role::ALL.windows(2) {
            let (more, less) = (pair[0].permissions(), pair[1].permissions());
            assert!(less.iter().all(|one| more.contains(one)), "{pair:?}");
            assert!(more.len() > less.len(), "{pair:?}");
        }
        assert_eq!(Role::Owner.permissions(), Permission::ALL);
    }

    #[test]
    fn a_viewer_changes_nothing() {
        let writes = |permission: &&Permission| !permission.as_str().ends_with(":read");
        let viewer = Role::Viewer.permissions();
        assert_eq!(viewer.iter().filter(writes).count(), 0);
    }

    #[test]
    fn roles_are_read_back() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("Owner"), None);
    }

    #[test]
    fn one_address_is_one_whatever_its_case() {
        let email = Email::parse(" Ada@Example.COM ").unwrap();
        assert_eq!(email.as_str(), "ada@example.com");
        for none in ["", "ada", "@x", "ada@", "a@b@c", "a b@c", "a@b\nc", "a@.c"] {
            assert_eq!(Email::parse(none), None, "{none}");
        }
        let long = format!("{}@example.com", "a".repeat(250));
        assert_eq!(Email::parse(&long), None);
    }
}
