//! Credentials as everybody but the secret store sees them, and the words of their resolution.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{ApiKeyId, CredentialId, MemberId, NodeId, WorkflowId, WorkspaceId};
use crate::provider::{ModelType, ProviderId};
use crate::time::Timestamp;

/// A label that says what a run is for, such as `production`; declared by the workspace.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Environment(pub String);

impl Environment {
    /// The environments that a new workspace declares.
    pub const FIRST: [&'static str; 3] = ["production", "staging", "development"];
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether `name` may name a credential: `[A-Za-z0-9][A-Za-z0-9._-]{0,127}`.
#[must_use]
pub fn is_credential_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    matches!(bytes.len(), 1..=128)
        && bytes[0].is_ascii_alphanumeric()
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// The switch of a stored credential, set by people and by confirmed answers of the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum CredentialState {
    /// May pay.
    #[default]
    Active,
    /// Switched off by a person.
    Disabled,
    /// The provider has said that the key is dead.
    Invalid,
    /// The account behind it has no quota left.
    Exhausted,
}

impl CredentialState {
    /// The name used in tables and bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Invalid => "invalid",
            Self::Exhausted => "exhausted",
        }
    }

    /// Reads [`CredentialState::as_str`] back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Disabled, Self::Invalid, Self::Exhausted]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

/// Who may use a credential. An absent list allows everything of its kind; an empty one allows nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Workflows that may use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflows: Option<Vec<WorkflowId>>,
    /// Environments of runs that may use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environments: Option<Vec<Environment>>,
    /// Callers and authors that may use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principals: Option<Vec<Principal>>,
}

/// Somebody who is authenticated: the caller of a run, the author of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Principal {
    /// A key of the API.
    ApiKey(ApiKeyId),
    /// A person.
    Member(MemberId),
    /// The operator's own command line (`latchkey run`, first start): no row anywhere.
    Operator,
}

/// The readable trace of one secret field: enough to recognise a key, not enough to use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// The last four characters; empty for values shorter than twelve characters.
    pub last4: String,
    /// A keyed hash: equal values of one workspace have equal fingerprints.
    pub fingerprint: String,
}

/// A stored credential without its values: a row of `provider_credentials` or, with a model, of
/// `provider_model_credentials`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its id.
    pub id: CredentialId,
    /// The workspace that owns it.
    pub workspace: WorkspaceId,
    /// Its provider.
    pub provider: ProviderId,
    /// Its name, unique per workspace and provider over both tables.
    pub name: String,
    /// The model that it is for, if it is for one only.
    pub model: Option<ModelScope>,
    /// The hosts (`host` or `host:port`) that its values may be sent to; never empty for one with secrets.
    pub hosts: Vec<String>,
    /// Fields of its values that are no secrets, such as `base_url`.
    pub settings: BTreeMap<String, String>,
    /// Its secret fields, as reads may show them.
    pub secrets: BTreeMap<String, Fingerprint>,
    /// Who may use it.
    pub scope: Scope,
    /// Whether it may pay.
    pub state: CredentialState,
    /// From when on it may not pay any more.
    pub expires_at: Option<Timestamp>,
    /// Counts changes of its values, from 1.
    pub version: i32,
    /// Counts changes of anything that resolution looks at, from 1; a call is opened at the revision resolved.
    pub revision: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it last paid, roughly.
    pub last_used_at: Option<Timestamp>,
    /// When its provider last confirmed it.
    pub last_validated_at: Option<Timestamp>,
}

/// The one model that a model credential is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ModelScope {
    /// The model's name at its provider.
    pub name: String,
    /// What the model does.
    pub model_type: ModelType,
}

/// A statement of one credential, by id or by name; both must fit each other when both are given.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct CredentialChoice {
    /// By id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_id: Option<String>,
    /// By name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_name: Option<String>,
}

/// What happens when a node's templates find nothing (document extension `credential_on_empty`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum OnEmpty {
    /// The call fails with `credential_selector_empty`.
    #[default]
    Fail,
    /// The level is silent and the next one is asked.
    Next,
}

/// What a node says about its credential, as it stands in the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct CredentialSelector {
    /// The two texts, either of which may be a template.
    #[serde(flatten)]
    pub choice: CredentialChoice,
    /// Whether run overrides are unknown to this node.
    #[serde(default)]
    pub locked: bool,
    /// What an empty selector means.
    #[serde(default)]
    pub on_empty: OnEmpty,
    /// Names that are tried, in order, when the chosen credential is unavailable.
    #[serde(default)]
    pub fallback: Vec<String>,
}

impl CredentialSelector {
    /// Whether it says anything about the credential itself.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.choice.credential_id.is_none() && self.choice.credential_name.is_none()
    }
}

/// A selector after its templates were rendered strictly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RenderedSelector {
    /// The document says nothing.
    Silent,
    /// A placeholder found nothing; the names of those that did.
    Empty {
        /// The placeholders (`node.name`) that found no text and no number.
        missing: Vec<String>,
    },
    /// A choice whose texts are final.
    Choice(RenderedChoice),
}

/// A rendered choice, with the fact that decides whether `runtime_allow` fences it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderedChoice {
    /// The final texts.
    pub choice: CredentialChoice,
    /// Whether a placeholder other than `env.*` took part, so that a run influenced it.
    pub by_run: bool,
}

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
    /// Every level with its outcome, strongest first.
    pub considered: Vec<Considered>,
}

/// The place of a credential in a pool or in a fallback chain.
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
        match self.code {
            CredentialCode::NotFound
            | CredentialCode::Forbidden
            | CredentialCode::ProviderMismatch
            | CredentialCode::SelectorConflict
                if self.by_run =>
            {
                CredentialCode::OverrideNotAllowed
            }
            code => code,
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

/// What a run states for itself (level 1), keyed by `provider` or `provider:model`.
pub type Overrides = BTreeMap<String, OverrideChoice>;

/// One override of a run: a stored credential. Inline values never get this far into the domain.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct OverrideChoice(pub CredentialChoice);

#[cfg(test)]
mod tests {
    use super::is_credential_name;

    #[test]
    fn names_are_plain_and_short() {
        for good in ["a", "acme-prod", "Customer_1.eu", &"x".repeat(128)] {
            assert!(is_credential_name(good), "{good}");
        }
        for bad in ["", "-a", ".a", "a b", "ä", "a/b", &"x".repeat(129)] {
            assert!(!is_credential_name(bad), "{bad}");
        }
    }
}
