//! Credentials as everybody but the secret store sees them, and the words of their resolution.

mod health;
mod limits;
mod pool;
mod reference;
mod resolution;
mod room;
mod version;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use crate::credential::health::{Finding, Health, PROBE_AFTER};
pub use crate::credential::limits::{
    Allowance, Budget, BudgetPeriod, Limits, RuleProblem, Rules, TOKENS, WorkflowRules,
};
pub use crate::credential::pool::{Pool, PoolEntry, PoolStrategy};
pub use crate::credential::reference::{ReferenceError, ValueReference};
pub use crate::credential::resolution::{
    Considered, CredentialCode, CredentialFailure, Level, LevelOutcome, PoolMember, Resolution,
    Skipped,
};
pub use crate::credential::room::{FullRule, Holder, HolderKind, NoRoom};
pub use crate::credential::version::{Overlap, ReplacedVersion, VersionEnd};
use crate::id::{ApiKeyId, CredentialId, MemberId, WorkflowId, WorkspaceId};
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
    /// A keyed hash: equal values of one workspace have equal fingerprints. Empty for a value that is kept elsewhere.
    pub fingerprint: String,
    /// Where the value is kept, if it is not stored here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<ValueReference>,
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
    /// What it may do per minute and at once.
    pub limits: Limits,
    /// What it may cost.
    pub budgets: Vec<Budget>,
    /// What calls have shown about it.
    pub health: Health,
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
