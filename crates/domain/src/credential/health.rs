//! What calls have shown about a credential: shared by all workers, visible, and taken back by a person or by time.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// How long an account that has nothing left is left alone before a call tries it again, in milliseconds.
pub const PROBE_AFTER: i64 = 5 * 60 * 1000;
/// How long a credential that works is not written down as such again, in milliseconds.
const NOTED_EVERY: i64 = 60_000;

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
    /// When a call last succeeded, to the minute.
    pub last_success_at: Option<Timestamp>,
    /// When a call last failed because of the credential or its provider.
    pub last_failure_at: Option<Timestamp>,
}

/// What a call has shown about the credential that paid for it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Finding {
    /// Nothing: it was not sent, or its failure was about the question.
    #[default]
    Nothing,
    /// Its provider answered.
    Works,
    /// It is to be left alone for so many milliseconds.
    Cools {
        /// How long.
        millis: u64,
        /// Why: the class of the provider's error.
        code: String,
    },
    /// Its account has no quota left.
    Exhausted,
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

    /// Whether the success of a call that is opened now would be news.
    #[must_use]
    pub fn would_hear_of_success(&self, now: Timestamp) -> bool {
        let is_unwell =
            self.failures > 0 || self.cooling_until.is_some() || self.exhausted_at.is_some();
        let heard = self.last_success_at;
        is_unwell || heard.is_none_or(|at| at.plus_millis(NOTED_EVERY) < now)
    }

    /// The same while a call tries whether an exhausted account has something again: nobody else tries meanwhile.
    #[must_use]
    pub fn probed(&self, now: Timestamp) -> Self {
        Self {
            probe_at: Some(now.plus_millis(PROBE_AFTER)),
            ..self.clone()
        }
    }

    /// How it is after a call that was opened at `opened_at` and ended at `at`.
    #[must_use]
    pub fn after(&self, finding: &Finding, opened_at: Timestamp, at: Timestamp) -> Self {
        let failed = |health: Self| Self {
            failures: health.failures.saturating_add(1),
            last_failure_at: health.last_failure_at.max(Some(at)),
            ..health
        };
        match finding {
            Finding::Nothing => self.clone(),
            // What failed since then tells more.
            Finding::Works if self.last_failure_at > Some(opened_at) => Self {
                last_success_at: self.last_success_at.max(Some(at)),
                ..self.clone()
            },
            Finding::Works => Self {
                last_success_at: self.last_success_at.max(Some(at)),
                last_failure_at: self.last_failure_at,
                ..Self::default()
            },
            Finding::Cools { millis, code } => {
                let until = at.plus_millis(i64::try_from(*millis).unwrap_or(i64::MAX));
                let is_longer = self.cooling_until.is_none_or(|known| known < until);
                let health = failed(self.clone());
                if !is_longer {
                    return health;
                }
                Self {
                    cooling_until: Some(until),
                    cooling_code: Some(code.clone()),
                    ..health
                }
            }
            Finding::Exhausted => Self {
                exhausted_at: self.exhausted_at.or(Some(at)),
                probe_at: Some(at.plus_millis(PROBE_AFTER)),
                ..failed(self.clone())
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Finding, Health};
    use crate::time::Timestamp;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_795_000_000_000 + seconds * 1000)
    }

    fn cools(seconds: u64) -> Finding {
        Finding::Cools {
            millis: seconds * 1000,
            code: "InvokeRateLimitError".to_owned(),
        }
    }

    #[test]
    fn a_pause_ends_by_time_and_is_never_shortened() {
        let health = Health::default().after(&cools(30), at(0), at(1));
        assert!(health.is_cooling(at(30)) && !health.is_cooling(at(31)));
        assert_eq!(health.cooling_code.as_deref(), Some("InvokeRateLimitError"));
        let again = health.after(&cools(1), at(2), at(3));
        assert_eq!((again.cooling_until, again.failures), (Some(at(31)), 2));
    }

    #[test]
    fn a_success_heals_unless_it_was_asked_before_the_failure() {
        let unwell = Health::default().after(&cools(5), at(0), at(10));
        let early = unwell.after(&Finding::Works, at(9), at(11));
        assert_eq!((early.failures, early.last_success_at), (1, Some(at(11))));
        assert!(early.is_cooling(at(11)));
        let late = unwell.after(&Finding::Works, at(15), at(16));
        let healed = Health {
            last_success_at: Some(at(16)),
            last_failure_at: Some(at(10)),
            ..Health::default()
        };
        assert_eq!(late, healed);
    }

    #[test]
    fn an_empty_account_is_tried_by_one_call_every_five_minutes() {
        let empty = Health::default().after(&Finding::Exhausted, at(0), at(1));
        assert!(empty.is_exhausted(at(300)) && !empty.is_exhausted(at(301)));
        let probed = empty.probed(at(301));
        assert!(probed.is_exhausted(at(302)) && !probed.is_exhausted(at(601)));
        let still = probed.after(&Finding::Exhausted, at(301), at(303));
        assert_eq!(still.exhausted_at, Some(at(1)));
        assert_eq!(still.probe_at, Some(at(603)));
        let filled = still.after(&Finding::Works, at(603), at(604));
        assert!(!filled.is_exhausted(at(604)));
        let trying = still.probed(at(603));
        let other = trying.after(&cools(1), at(603), at(604));
        assert!(other.is_exhausted(at(605)), "another failure fills nothing");
    }

    #[test]
    fn a_success_is_news_once_a_minute_or_when_something_was_wrong() {
        let fresh = Health::default();
        assert!(fresh.would_hear_of_success(at(0)));
        let well = fresh.after(&Finding::Works, at(0), at(0));
        for (seconds, expected) in [(0, false), (60, false), (61, true)] {
            assert_eq!(
                well.would_hear_of_success(at(seconds)),
                expected,
                "{seconds}"
            );
        }
        let unwell = well.after(&cools(1), at(2), at(3));
        assert!(unwell.would_hear_of_success(at(5)));
        assert_eq!(well.after(&Finding::Nothing, at(2), at(3)), well);
    }
}
