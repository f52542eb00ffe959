//! The live credential settings of a workflow (design part 4): effective at the next call, in every version.

use serde::{Deserialize, Serialize};

use crate::credential::{CredentialChoice, Environment, Level};
use crate::provider::ProviderId;

/// A workflow's choices and the fence around what its runs may choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CredentialSettings {
    /// Which credential pays for which provider, model and environment.
    pub bindings: Vec<Binding>,
    /// No weaker level may pay.
    pub weakest: Level,
    /// Whether a run may state credentials.
    pub runtime_override: RuntimeOverride,
    /// Names and patterns (`*` stands for any text) that a run may choose, by override or by variable.
    pub runtime_allow: Vec<String>,
    /// Hosts that inline values may be sent to.
    pub runtime_hosts: Vec<String>,
}

impl Default for CredentialSettings {
    fn default() -> Self {
        Self {
            bindings: Vec::new(),
            weakest: Level::WorkspaceDefault,
            runtime_override: RuntimeOverride::None,
            runtime_allow: Vec::new(),
            runtime_hosts: Vec::new(),
        }
    }
}

impl CredentialSettings {
    /// Whether a run may choose the credential of this name.
    #[must_use]
    pub fn allows(&self, name: &str) -> bool {
        self.runtime_allow
            .iter()
            .any(|pattern| matches_pattern(pattern, name))
    }
}

/// One binding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The provider that it is about.
    pub provider: ProviderId,
    /// The model, if it is about one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The environment, if it is about one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// The credential.
    #[serde(flatten)]
    pub choice: CredentialChoice,
}

/// Whether a run may state credentials (document extension `runtime_override`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum RuntimeOverride {
    /// No.
    #[default]
    None,
    /// Stored ones, by id or name.
    Named,
    /// Stored ones and values of its own.
    Inline,
}

/// Whether `name` matches `pattern`, in which `*` stands for any text, also none.
fn matches_pattern(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches_pattern;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name, expected) in [
            ("customer-*", "customer-acme", true),
            ("customer-*", "customer-", true),
            ("customer-*", "customers", false),
            ("*", "", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("ab*ba", "aba", false),
            ("exact", "exact", true),
            ("exact", "exactly", false),
            ("customer-*", "Customer-acme", false),
        ] {
            assert_eq!(matches_pattern(pattern, name), expected, "{pattern} {name}");
        }
    }
}
