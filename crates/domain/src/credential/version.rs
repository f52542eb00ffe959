//! The versions of a credential's values: which were replaced, and how long those stay usable (design part 5.3, rotation).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::credential::Fingerprint;
use crate::id::{CredentialId, WorkspaceId};
use crate::time::Timestamp;

/// Values of a credential that others have replaced. The values themselves are nowhere here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplacedVersion {
    /// The credential.
    pub credential: CredentialId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The number of the version.
    pub version: i32,
    /// Where these values may be sent.
    pub hosts: Vec<String>,
    /// The fields that were no secrets.
    pub settings: BTreeMap<String, String>,
    /// The secret fields, as reads may show them.
    pub secrets: BTreeMap<String, Fingerprint>,
    /// From when on they may not pay, if they may again.
    pub expires_at: Option<Timestamp>,
    /// When their provider last confirmed them.
    pub last_validated_at: Option<Timestamp>,
    /// When others took their place.
    pub replaced_at: Timestamp,
    /// How long they stay usable.
    pub overlap: Overlap,
    /// When and why they were destroyed; none while they are usable.
    pub ended: Option<(Timestamp, VersionEnd)>,
}

/// How long replaced values stay usable: until the earlier of what is said. Nothing said means until a person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Overlap {
    /// Until this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Until a call with the new values has succeeded.
    #[serde(default)]
    pub until_proven: bool,
}

/// Why replaced values were destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionEnd {
    /// They were replaced without an overlap, or replaced once more.
    Replaced,
    /// Their overlap was over.
    Elapsed,
    /// The new ones have proved themselves.
    Proved,
    /// A person went back to the values before them.
    RolledBack,
    /// Their provider called them dead, and the values before them took over.
    Refused,
}

impl VersionEnd {
    const ALL: [Self; 5] = [
        Self::Replaced,
        Self::Elapsed,
        Self::Proved,
        Self::RolledBack,
        Self::Refused,
    ];

    /// The name used in tables and bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Elapsed => "elapsed",
            Self::Proved => "proved",
            Self::RolledBack => "rolled_back",
            Self::Refused => "refused",
        }
    }

    /// Reads [`VersionEnd::as_str`] back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.as_str() == text)
    }
}

impl Overlap {
    /// Whether the overlap is over, when it is known whether the new values have proved themselves; and why.
    #[must_use]
    pub fn end(&self, now: Timestamp, is_proved: bool) -> Option<VersionEnd> {
        if self.until_proven && is_proved {
            return Some(VersionEnd::Proved);
        }
        self.until
            .is_some_and(|until| until <= now)
            .then_some(VersionEnd::Elapsed)
    }
}

#[cfg(test)]
mod tests {
    use super::{Overlap, VersionEnd};
    use crate::time::Timestamp;

    #[test]
    fn an_overlap_ends_with_whatever_comes_first() {
        let at = Timestamp::from_millis;
        let timed = Overlap {
            until: Some(at(10)),
            until_proven: false,
        };
        let proven = Overlap {
            until: None,
            until_proven: true,
        };
        let both = Overlap {
            until: Some(at(10)),
            until_proven: true,
        };
        for (overlap, now, is_proved, end) in [
            (timed, 9, true, None),
            (timed, 10, false, Some(VersionEnd::Elapsed)),
            (proven, 1_000, false, None),
            (proven, 0, true, Some(VersionEnd::Proved)),
            (both, 9, false, None),
            (both, 9, true, Some(VersionEnd::Proved)),
            (both, 11, false, Some(VersionEnd::Elapsed)),
            (Overlap::default(), 1_000, true, None),
        ] {
            assert_eq!(overlap.end(at(now), is_proved), end, "{overlap:?} at {now}");
        }
    }

    #[test]
    fn ends_are_read_back() {
        for end in VersionEnd::ALL {
            assert_eq!(VersionEnd::parse(end.as_str()), Some(end));
        }
        assert_eq!(VersionEnd::parse("gone"), None);
    }
}
