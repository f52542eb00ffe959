//! Who is calling and what they may do.

use serde::{Deserialize, Serialize};

use crate::credential::{Environment, Principal};
use crate::id::{ApiKeyId, MemberId, WorkflowId, WorkspaceId};
use crate::time::Timestamp;

/// One thing that a caller may do; API keys carry a list of them as `scopes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Permission {
    /// Read workflows, drafts and versions.
    #[serde(rename = "workflows:read")]
    WorkflowsRead,
    /// Import, edit and delete workflows.
    #[serde(rename = "workflows:write")]
    WorkflowsWrite,
    /// Publish and restore versions.
    #[serde(rename = "workflows:publish")]
    WorkflowsPublish,
    /// Read runs, their node executions and events.
    #[serde(rename = "runs:read")]
    RunsRead,
    /// Start and stop runs.
    #[serde(rename = "runs:write")]
    RunsWrite,
    /// Read credentials (never their values) and the reasons of resolutions.
    #[serde(rename = "credentials:read")]
    CredentialsRead,
    /// Make, change, validate and delete credentials and defaults.
    #[serde(rename = "credentials:write")]
    CredentialsWrite,
    /// Bind credentials to workflows and change their live settings.
    #[serde(rename = "credentials:bind")]
    CredentialsBind,
    /// Read the ledger and usage.
    #[serde(rename = "usage:read")]
    UsageRead,
    /// Read, make and revoke API keys.
    #[serde(rename = "api_keys:write")]
    ApiKeysWrite,
    /// Read and search datasets and their documents.
    #[serde(rename = "datasets:read")]
    DatasetsRead,
    /// Make, fill, change and delete datasets.
    #[serde(rename = "datasets:write")]
    DatasetsWrite,
    /// Read who changed what.
    #[serde(rename = "audit:read")]
    AuditRead,
    /// Read who is a member of the workspace.
    #[serde(rename = "members:read")]
    MembersRead,
    /// Invite, change and remove members who may do no more than oneself.
    #[serde(rename = "members:write")]
    MembersWrite,
    /// Everything that is the owner's own: appointing owners and dismissing them.
    #[serde(rename = "workspace:write")]
    WorkspaceWrite,
}

impl Permission {
    /// All of them: what the owner's key has.
    pub const ALL: [Self; 16] = [
        Self::WorkflowsRead,
        Self::WorkflowsWrite,
        Self::WorkflowsPublish,
        Self::RunsRead,
        Self::RunsWrite,
        Self::CredentialsRead,
        Self::CredentialsWrite,
        Self::CredentialsBind,
        Self::UsageRead,
        Self::ApiKeysWrite,
        Self::DatasetsRead,
        Self::DatasetsWrite,
        Self::AuditRead,
        Self::MembersRead,
        Self::MembersWrite,
        Self::WorkspaceWrite,
    ];

    /// The name used in keys' scopes and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WorkflowsRead => "workflows:read",
            Self::WorkflowsWrite => "workflows:write",
            Self::WorkflowsPublish => "workflows:publish",
            Self::RunsRead => "runs:read",
            Self::RunsWrite => "runs:write",
            Self::CredentialsRead => "credentials:read",
            Self::CredentialsWrite => "credentials:write",
            Self::CredentialsBind => "credentials:bind",
            Self::UsageRead => "usage:read",
            Self::ApiKeysWrite => "api_keys:write",
            Self::DatasetsRead => "datasets:read",
            Self::DatasetsWrite => "datasets:write",
            Self::AuditRead => "audit:read",
            Self::MembersRead => "members:read",
            Self::MembersWrite => "members:write",
            Self::WorkspaceWrite => "workspace:write",
        }
    }

    /// Reads [`Permission::as_str`] back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|permission| permission.as_str() == text)
    }
}

/// An authenticated caller, as every use case receives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The workspace that the key fixes: nothing of another one exists for this caller.
    pub workspace: WorkspaceId,
    /// Who it is.
    pub principal: Principal,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// The environments that its runs may have; the first is the default.
    pub environments: Vec<Environment>,
    /// The only workflow that it may see, for an app's key.
    pub workflow: Option<WorkflowId>,
}

impl Caller {
    /// Whether it may do this.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Whether it may see this workflow at all.
    #[must_use]
    pub fn sees(&self, workflow: WorkflowId) -> bool {
        self.workflow.is_none_or(|only| only == workflow)
    }
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiKeyKind {
    /// The native API of a workspace (`lk_…`).
    Workspace,
    /// One workflow's service API (`app-…`).
    App,
}

/// An API key without the key itself, which is shown once and stored only as a keyed hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The member who made it, himself or by another key of his: it never may more than he.
    pub member: Option<MemberId>,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub kind: ApiKeyKind,
    /// The workflow of an app's key.
    pub workflow: Option<WorkflowId>,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// The environments that its runs may have; the first is the default.
    pub environments: Vec<Environment>,
    /// The key's first characters, for people.
    pub prefix: String,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, roughly.
    pub last_used_at: Option<Timestamp>,
}
