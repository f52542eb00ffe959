//! The words of a resolution: levels, codes, the reason, and the failure.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{CredentialId, NodeId};
use crate::provider::ProviderId;

/// Where a choice was said, strongest first (design: precedence).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// `credential_overrides` of the run.
    RunOverride,
    /// The node's own selector.
    Node,
    /// A binding of the workflow.
    WorkflowBinding,
    /// The workspace's active credential for that model.
    WorkspaceModelDefault,
    /// The workspace's active credential for the provider.
    WorkspaceDefault,
    /// The operator's own credential.
    System,
    /// The provider has no secrets.
    NotNeeded,
}

impl Level {
    /// The levels that can decide, strongest first.
    pub const ORDER: [Self; 6] = [
        Self::RunOverride,
        Self::Node,
        Self::WorkflowBinding,
        Self::WorkspaceModelDefault,
        Self::WorkspaceDefault,
        Self::System,
    ];

    /// The name used in bodies and in the ledger.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RunOverride => "run_override",
            Self::Node => "node",
            Self::WorkflowBinding => "workflow_binding",
            Self::WorkspaceModelDefault => "workspace_model_default",
            Self::WorkspaceDefault => "workspace_default",
            Self::System => "system",
            Self::NotNeeded => "not_needed",
        }
    }
}

/// Why no credential pays: the stable codes of design 5.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CredentialCode {
    /// No level says anything.
    #[serde(rename = "credential_missing")]
    Missing,
    /// Named, but not in this workspace.
    #[serde(rename = "credential_not_found")]
    NotFound,
    /// A placeholder found nothing.
    #[serde(rename = "credential_selector_empty")]
    SelectorEmpty,
    /// Two statements disagree.
    #[serde(rename = "credential_selector_conflict")]
    SelectorConflict,
    /// It belongs to another provider or model.
    #[serde(rename = "credential_provider_mismatch")]
    ProviderMismatch,
    /// Its scope does not include this workflow, environment, caller or author.
    #[serde(rename = "credential_forbidden")]
    Forbidden,
    /// Not permitted here; also the one answer for callers who may not read credentials.
    #[serde(rename = "credential_override_not_allowed")]
    OverrideNotAllowed,
    /// Nothing in the plan could use the override.
    #[serde(rename = "credential_override_unused")]
    OverrideUnused,
    /// A retry must state its overrides again.
    #[serde(rename = "credential_override_required")]
    OverrideRequired,
    /// Inline values can no longer be opened.
    #[serde(rename = "credential_override_lost")]
    OverrideLost,
    /// Switched off.
    #[serde(rename = "credential_disabled")]
    Disabled,
    /// Past its date.
    #[serde(rename = "credential_expired")]
    Expired,
    /// The key is dead.
    #[serde(rename = "credential_invalid")]
    Invalid,
    /// The account has no quota left.
    #[serde(rename = "credential_exhausted")]
    Exhausted,
    /// Its own rate limit, before any call is made.
    #[serde(rename = "credential_rate_limited")]
    RateLimited,
    /// Its own budget is used up.
    #[serde(rename = "credential_budget_exceeded")]
    BudgetExceeded,
    /// It has a money budget and the model has no price.
    #[serde(rename = "credential_budget_unpriced")]
    BudgetUnpriced,
}

impl CredentialCode {
    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "credential_missing",
            Self::NotFound => "credential_not_found",
            Self::SelectorEmpty => "credential_selector_empty",
            Self::SelectorConflict => "credential_selector_conflict",
            Self::ProviderMismatch => "credential_provider_mismatch",
            Self::Forbidden => "credential_forbidden",
            Self::OverrideNotAllowed => "credential_override_not_allowed",
            Self::OverrideUnused => "credential_override_unused",
            Self::OverrideRequired => "credential_override_required",
            Self::OverrideLost => "credential_override_lost",
            Self::Disabled => "credential_disabled",
            Self::Expired => "credential_expired",
            Self::Invalid => "credential_invalid",
            Self::Exhausted => "credential_exhausted",
            Self::RateLimited => "credential_rate_limited",
            Self::BudgetExceeded => "credential_budget_exceeded",
            Self::BudgetUnpriced => "credential_budget_unpriced",
        }
    }

    /// Whether the credential is the right one but cannot pay now, so that a pool or `credential_fallback` goes on.
    /// A *wrong* credential never goes on.
    #[must_use]
    pub const fn is_unavailable(self) -> bool {
        matches!(
            self,
            Self::Disabled
                | Self::Expired
                | Self::Invalid
                | Self::Exhausted
                | Self::RateLimited
                | Self::BudgetExceeded
                | Self::BudgetUnpriced
        )
    }
}

/// Which credential pays and why: stored with the node execution, shown as *why this key*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// The credential; none for `not_needed`, for `system` and for inline values.
    pub credential_id: Option<CredentialId>,
    /// Its name.
    pub credential_name: Option<String>,
    /// The version of its values.
    pub credential_version: Option<i32>,
    /// The provider that is paid.
    pub provider: ProviderId,
    /// The level that decided.
    pub level: Level,
    /// What that level says, before rendering.
    pub selector: Option<String>,
    /// What that level says, after rendering.
    pub selector_rendered: Option<String>,
    /// The pool that it came out of.
    pub pool: Option<PoolMember>,
    /// Its place in the node's `credential_fallback`, from 1; none for the credential that was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<u32>,
    /// Those before it in the chain, and why each does not pay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<Skipped>,
    /// Every level with its outcome, strongest first.
    pub considered: Vec<Considered>,
}

/// A credential that a fallback stands in for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Its name, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_name: Option<String>,
    /// Our code, or the class of the provider's error.
    pub code: String,
}

/// The place of a credential in a pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolMember {
    /// The pool's name.
    pub name: String,
    /// The member's name.
    pub member: String,
    /// Which attempt this was, from 1.
    pub attempt: u32,
}

/// One level, as resolution met it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Considered {
    /// The level.
    pub level: Level,
    /// What it came to.
    pub outcome: LevelOutcome,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<CredentialCode>,
    /// For a level that was not asked: the name of the credential that it would have chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub would_be: Option<String>,
}

/// What a level came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LevelOutcome {
    /// It named the credential that pays.
    Decided,
    /// It said nothing.
    Silent,
    /// It named one that cannot be used.
    Failed,
    /// The node is locked against it.
    Locked,
    /// A stronger level decided, or the workflow's `weakest` ends above it.
    NotAsked,
}

/// A failed resolution, whole: for those who may read credentials. Others are told only the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialFailure {
    /// The stable code.
    pub code: CredentialCode,
    /// The credential that cannot be used, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_id: Option<CredentialId>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_name: Option<String>,
    /// The level that failed; none for `credential_missing`.
    pub level: Option<Level>,
    /// The selector before rendering.
    pub selector: Option<String>,
    /// The selector after rendering.
    pub selector_rendered: Option<String>,
    /// The provider asked for.
    pub provider: ProviderId,
    /// The model asked for.
    pub model: String,
    /// The node, if a node asked.
    pub node_id: Option<NodeId>,
    /// Every level with its outcome.
    pub considered: Vec<Considered>,
    /// Whether the run had a say in what was looked up, so that telling more would let it guess names.
    #[serde(default)]
    pub by_run: bool,
}

impl CredentialFailure {
    /// The code for a caller who may not read credentials: one answer for unknown, not allowed and out of scope, as soon
    /// as the run had a say, so that nobody can list a company's customers by guessing names.
    #[must_use]
    pub const fn public_code(&self) -> CredentialCode {
        let tells = matches!(
            self.code,
            CredentialCode::NotFound
                | CredentialCode::Forbidden
                | CredentialCode::ProviderMismatch
                | CredentialCode::SelectorConflict
        );
        if tells && self.by_run {
            CredentialCode::OverrideNotAllowed
        } else {
            self.code
        }
    }
}

impl fmt::Display for CredentialFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.code.as_str())?;
        match self.level {
            Some(level) => write!(f, "level {}", level.as_str())?,
            None => f.write_str("no level says anything")?,
        }
        if let Some(selector) = &self.selector {
            write!(f, ", selector {selector:?}")?;
        }
        if let Some(rendered) = &self.selector_rendered {
            write!(f, " rendered as {rendered:?}")?;
        }
        write!(f, ", for model {} of {}", self.model, self.provider)
    }
}

impl std::error::Error for CredentialFailure {}
