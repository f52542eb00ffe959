//! API keys.

use latchkey_domain::access::{ApiKey, ApiKeyKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A key that is to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewKeyBody {
    /// Its name.
    pub(crate) name: String,
    /// `workspace` (default) or `app`.
    #[schema(value_type = Option<String>)]
    pub(crate) kind: Option<ApiKeyKind>,
    /// The workflow of an app's key.
    pub(crate) workflow_id: Option<String>,
    /// What it may do, such as `runs:write`; an app's key that says nothing may start and read its runs.
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    /// The environments of its runs, the default first.
    #[serde(default)]
    pub(crate) environments: Vec<String>,
    /// From when on it is refused (RFC 3339).
    pub(crate) expires_at: Option<String>,
}

/// A key.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct KeyView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// workspace or app.
    kind: String,
    /// The workflow of an app's key.
    workflow_id: Option<String>,
    /// What it may do.
    scopes: Vec<String>,
    /// The environments of its runs, the default first.
    environments: Vec<String>,
    /// Its first characters.
    prefix: String,
    /// From when on it is refused.
    expires_at: Option<String>,
    /// When it was made.
    created_at: String,
    /// When it was last used, roughly.
    last_used_at: Option<String>,
    /// The key itself: only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
}

impl From<ApiKey> for KeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            kind: match key.kind {
                ApiKeyKind::Workspace => "workspace".to_owned(),
                ApiKeyKind::App => "app".to_owned(),
            },
            workflow_id: key.workflow.map(|id| id.to_string()),
            scopes: key
                .permissions
                .iter()
                .map(|scope| scope.as_str().to_owned())
                .collect(),
            environments: key.environments.into_iter().map(|name| name.0).collect(),
            prefix: key.prefix,
            expires_at: key.expires_at.map(|at| at.to_string()),
            created_at: key.created_at.to_string(),
            last_used_at: key.last_used_at.map(|at| at.to_string()),
            key: None,
        }
    }
}
