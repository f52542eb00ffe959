//! The live credential settings of a workflow (design part 4): effective at the next call, in every version.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::credential::{CredentialChoice, Environment, Level, is_credential_name};
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

/// One thing that is wrong with settings by themselves; whether credentials exist is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsProblem {
    /// A stable code: `credential_selector_empty`, `credential_selector_conflict`, `invalid_name`, `invalid_pattern`,
    /// `invalid_level`.
    pub code: &'static str,
    /// Where: a JSON pointer into the settings.
    pub pointer: String,
    /// The message, for people.
    pub message: String,
}

impl CredentialSettings {
    /// Everything that is wrong with these settings by themselves.
    #[must_use]
    pub fn problems(&self) -> Vec<SettingsProblem> {
        let mut problems = Vec::new();
        let mut tell = |code, pointer: String, message: String| {
            problems.push(SettingsProblem {
                code,
                pointer,
                message,
            });
        };
        let mut seen = HashSet::new();
        for (place, binding) in self.bindings.iter().enumerate() {
            let at = format!("/bindings/{place}");
            let choice = &binding.choice;
            if choice.credential_id.is_none() && choice.credential_name.is_none() {
                let text = "the binding names no credential".to_owned();
                tell("credential_selector_empty", at.clone(), text);
            }
            let bad_name = |name: &&String| !is_credential_name(name);
            if let Some(name) = choice.credential_name.as_ref().filter(bad_name) {
                let at = format!("{at}/credential_name");
                tell(
                    "invalid_name",
                    at,
                    format!("{name:?} is no credential's name"),
                );
            }
            if !seen.insert((&binding.provider, &binding.model, &binding.environment)) {
                let text = "an earlier binding is about the same".to_owned();
                tell("credential_selector_conflict", at, text);
            }
        }
        for (place, pattern) in self.runtime_allow.iter().enumerate() {
            // With the stars taken out, what is left must fit into a name.
            if pattern.is_empty() || !is_credential_name(&format!("a{}", pattern.replace('*', "")))
            {
                let text = format!("{pattern:?} matches no credential's name");
                tell("invalid_pattern", format!("/runtime_allow/{place}"), text);
            }
        }
        if self.weakest == Level::NotNeeded {
            let text = "weakest is one of the six levels".to_owned();
            tell("invalid_level", "/weakest".to_owned(), text);
        }
        problems
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
#[must_use]
pub fn matches_pattern(pattern: &str, name: &str) -> bool {
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
    use super::{Binding, CredentialSettings, matches_pattern};
    use crate::credential::{CredentialChoice, Level};
    use crate::provider::ProviderId;

    #[test]
    fn settings_that_contradict_themselves_are_told() {
        let binding = |name: Option<&str>| Binding {
            provider: ProviderId::normalise("openai"),
            model: None,
            environment: None,
            choice: CredentialChoice {
                credential_id: None,
                credential_name: name.map(str::to_owned),
            },
        };
        let settings = CredentialSettings {
            bindings: vec![
                binding(Some("good")),
                binding(None),
                binding(Some("no good")),
            ],
            weakest: Level::NotNeeded,
            runtime_allow: vec!["customer-*".into(), "*".into(), String::new(), "a b".into()],
            ..CredentialSettings::default()
        };
        let told: Vec<String> = settings
            .problems()
            .iter()
            .map(|problem| format!("{} {}", problem.pointer, problem.code))
            .collect();
        assert_eq!(
            told,
            [
                "/bindings/1 credential_selector_empty",
                "/bindings/1 credential_selector_conflict",
                "/bindings/2/credential_name invalid_name",
                "/bindings/2 credential_selector_conflict",
                "/runtime_allow/2 invalid_pattern",
                "/runtime_allow/3 invalid_pattern",
                "/weakest invalid_level",
            ]
        );
        assert!(CredentialSettings::default().problems().is_empty());
    }

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
