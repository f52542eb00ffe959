//! What calls have shown about a credential: shared by all workers, visible, and taken back by a person or by time.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// How a credential is. A new one, and one that was reset, has the default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Health {
    /// Until when it is not asked, because its provider said so or did not answer.
    pub cooling_until: Option<Timestamp>,
    /// Why: the class of the provider's error.
    pub cooling_code: Option<String>,
    /// Since when its account has no quota left.
    pub exhausted_at: Option<Timestamp>,
    /// When an exhausted account is asked again.
    pub probe_at: Option<Timestamp>,
    /// Failures in a row.
    pub failures: u32,
    /// When a call last succeeded.
    pub last_success_at: Option<Timestamp>,
    /// When a call last failed because of the credential or its provider.
    pub last_failure_at: Option<Timestamp>,
}

impl Health {
    /// Whether it is not to be asked now.
    #[must_use]
    pub fn is_cooling(&self, now: Timestamp) -> bool {
        self.cooling_until.is_some_and(|until| now < until)
    }

    /// Whether its account is known to be empty, and it is not yet time to ask again.
    #[must_use]
    pub fn is_exhausted(&self, now: Timestamp) -> bool {
        self.exhausted_at.is_some() && self.probe_at.is_none_or(|at| now < at)
    }
}
