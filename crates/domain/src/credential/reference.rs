//! Where a value is kept that is not stored here: a variable, a file, a secret of a Vault server.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::settings::matches_pattern;

/// The longest reference, in bytes.
const LONGEST: usize = 1024;

/// Where the value of a secret field is kept. It is no secret itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ValueReference {
    /// A variable of the server's environment: `env:NAME`.
    Env(String),
    /// A file of the server's machine, read at use: `file:/path`.
    File(String),
    /// A field of a secret in a key-value store (version 2) of Vault: `vault:mount/path#field`.
    Vault {
        /// Where the store is mounted.
        mount: String,
        /// The secret in it.
        path: String,
        /// The field of the secret.
        field: String,
    },
}

/// Why a text is no reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// It begins with none of the kinds.
    #[error("a reference is env:NAME, file:/path or vault:mount/path#field")]
    Kind,
    /// It is too long.
    #[error("a reference has at most 1024 bytes")]
    TooLong,
    /// It is no variable's name.
    #[error("a variable has letters, digits and underscores, and no digit first")]
    Variable,
    /// It is no plain absolute path.
    #[error("a file is named by its absolute path, without . and ..")]
    Path,
    /// It is no secret of a Vault server.
    #[error("a secret of Vault is named as mount/path#field")]
    Vault,
}

impl FromStr for ValueReference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        if text.len() > LONGEST {
            return Err(ReferenceError::TooLong);
        }
        match text.split_once(':') {
            Some(("env", name)) => variable(name),
            Some(("file", path)) => file(path),
            Some(("vault", secret)) => vault(secret),
            Some(_) | None => Err(ReferenceError::Kind),
        }
    }
}

fn variable(name: &str) -> Result<ValueReference, ReferenceError> {
    let is_name = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name
        .then(|| ValueReference::Env(name.to_owned()))
        .ok_or(ReferenceError::Variable)
}

fn file(path: &str) -> Result<ValueReference, ReferenceError> {
    let parts = path.strip_prefix('/').map(|rest| rest.split('/'));
    let is_plain = parts.is_some_and(|mut parts| {
        parts.all(|part| !matches!(part, "" | "." | "..") && !part.chars().any(char::is_control))
    });
    is_plain
        .then(|| ValueReference::File(path.to_owned()))
        .ok_or(ReferenceError::Path)
}

fn vault(secret: &str) -> Result<ValueReference, ReferenceError> {
    let is_word = |part: &str| {
        !part.is_empty()
            && !part.bytes().all(|b| b == b'.')
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    };
    let (path, field) = secret.split_once('#').ok_or(ReferenceError::Vault)?;
    let (mount, path) = path.split_once('/').ok_or(ReferenceError::Vault)?;
    if !is_word(mount) || !is_word(field) || !path.split('/').all(is_word) {
        return Err(ReferenceError::Vault);
    }
    Ok(ValueReference::Vault {
        mount: mount.to_owned(),
        path: path.to_owned(),
        field: field.to_owned(),
    })
}

impl fmt::Display for ValueReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{path}"),
            Self::Vault { mount, path, field } => write!(f, "vault:{mount}/{path}#{field}"),
        }
    }
}

impl From<ValueReference> for String {
    fn from(reference: ValueReference) -> Self {
        reference.to_string()
    }
}

impl TryFrom<String> for ValueReference {
    type Error = ReferenceError;

    fn try_from(text: String) -> Result<Self, ReferenceError> {
        text.parse()
    }
}

impl ValueReference {
    /// Whether one of an operator's patterns lets a workspace use it. A pattern is a reference in which `*` stands for any
    /// text and `{workspace}` for the workspace's id.
    #[must_use]
    pub fn is_allowed(&self, patterns: &[String], workspace: &str) -> bool {
        let text = self.to_string();
        patterns
            .iter()
            .any(|pattern| matches_pattern(&pattern.replace("{workspace}", workspace), &text))
    }
}

#[cfg(test)]
mod tests {
    use super::{ReferenceError, ValueReference};

    #[test]
    fn references_are_read_and_shown_alike() {
        for text in [
            "env:OPENAI_API_KEY",
            "env:_x9",
            "file:/run/secrets/openai",
            "file:/run/..data/key with blanks",
            "vault:secret/latchkey/open-ai#api_key",
            "vault:kv/a#v1.2",
        ] {
            let read: ValueReference = text.parse().unwrap();
            assert_eq!(read.to_string(), text);
            let json = serde_json::to_string(&read).unwrap();
            assert_eq!(serde_json::from_str::<ValueReference>(&json).unwrap(), read);
        }
    }

    #[test]
    fn what_is_no_reference_is_told_apart() {
        use ReferenceError::{Kind, Path, TooLong, Variable, Vault};

        let long = format!("env:{}", "A".repeat(1021));
        for (text, why) in [
            ("", Kind),
            ("sk-secret", Kind),
            ("http://x", Kind),
            ("ENV:A", Kind),
            (&long, TooLong),
            ("env:", Variable),
            ("env:9A", Variable),
            ("env:A B", Variable),
            ("env:A=B", Variable),
            ("file:relative", Path),
            ("file:/", Path),
            ("file:/run/../etc/passwd", Path),
            ("file:/run/./x", Path),
            ("file:/run//x", Path),
            ("file:/run/x\n", Path),
            ("vault:secret#field", Vault),
            ("vault:secret/a", Vault),
            ("vault:secret/../sys/x#a", Vault),
            ("vault:secret/a?b#c", Vault),
            ("vault:/a#b", Vault),
            ("vault:s/a#", Vault),
        ] {
            assert_eq!(text.parse::<ValueReference>(), Err(why), "{text}");
        }
    }

    #[test]
    fn a_workspace_uses_what_a_pattern_lets_it_use() {
        let patterns = [
            "env:OPENAI_*".to_owned(),
            "vault:secret/tenants/{workspace}/*".to_owned(),
        ];
        for (text, workspace, allowed) in [
            ("env:OPENAI_API_KEY", "w1", true),
            ("env:AWS_SECRET", "w1", false),
            ("env:XOPENAI_A", "w1", false),
            ("vault:secret/tenants/w1/a#k", "w1", true),
            ("vault:secret/tenants/w2/a#k", "w1", false),
            ("file:/etc/passwd", "w1", false),
        ] {
            let reference: ValueReference = text.parse().unwrap();
            let is_allowed = reference.is_allowed(&patterns, workspace);
            assert_eq!(is_allowed, allowed, "{text} for {workspace}");
        }
        let reference: ValueReference = "env:A".parse().unwrap();
        assert!(
            !reference.is_allowed(&[], "w1"),
            "nothing is allowed by itself"
        );
    }
}
