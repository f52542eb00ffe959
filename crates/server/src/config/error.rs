//! Why settings are refused.

use std::fmt;

use crate::failure::{Exit, Failure};

/// A setting that cannot be read or is wrong. Its text never holds a secret's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Error {
    /// A stable word.
    pub(crate) code: &'static str,
    /// The variable, or the file and the key in it.
    pub(crate) setting: String,
    /// What is wrong, and what is needed.
    pub(crate) detail: String,
}

impl Error {
    /// A setting is wrong.
    pub(crate) fn invalid(setting: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            code: "setting_invalid",
            setting: setting.into(),
            detail: detail.into(),
        }
    }

    /// The file that a setting names cannot be read.
    pub(crate) fn unreadable(setting: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            code: "setting_unreadable",
            setting: setting.into(),
            detail: detail.into(),
        }
    }

    /// There is no such setting.
    pub(crate) fn unknown(setting: impl Into<String>) -> Self {
        Self {
            code: "setting_unknown",
            setting: setting.into(),
            detail: "there is no such setting".to_owned(),
        }
    }

    /// A setting and its `_FILE` are both given.
    pub(crate) fn twice(setting: impl Into<String>, other: &str) -> Self {
        Self {
            code: "setting_given_twice",
            setting: setting.into(),
            detail: format!("{other} is given as well; leave one of them out"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.setting, self.detail)
    }
}

impl std::error::Error for Error {}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(Exit::Usage, error.code, error.to_string())
    }
}
