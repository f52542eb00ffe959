//! Waiting for room: a call that finds none asks again, as long as the rule that leaves none lets it.

use std::time::Duration;

use latchkey_domain::credential::{CredentialCode, CredentialFailure, FullRule, NoRoom};
use tokio::time::Instant;

use crate::error::InvokeError;
use crate::source::Snapshot;
use crate::stream::PAUSE_OF_FAILURE;

use super::ModelInstance;

/// How long a call waits before it looks again, when nobody knows when there is room: other processes end calls unheard.
const LOOK: Duration = Duration::from_millis(200);

/// When a candidate first found no room.
#[derive(Default)]
pub(super) struct Waiting {
    since: Option<Instant>,
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    /// When there may be room, if anybody knows.
    pub(super) after: Option<Duration>,
    /// How long it may wait in all.
    pub(super) at_most: Duration,
}

impl Wait {
    /// What is waited for when a rule leaves no room: nothing where time does not help.
    pub(super) fn for_room(refusal: &NoRoom) -> Option<Self> {
        let mut at_most = Duration::from_millis(refusal.wait_ms);
        match refusal.rule {
            FullRule::Requests(_) | FullRule::Tokens(_) | FullRule::Concurrent(_) => {}
            // The pause after a provider's hiccup is so short that it is always waited for.
            FullRule::Cooling => at_most = at_most.max(PAUSE_OF_FAILURE),
            FullRule::Budget { .. } | FullRule::Unpriced => return None,
        }
        Some(Self {
            after: refusal.retry_after_ms.map(Duration::from_millis),
            at_most,
        })
    }

    /// What is waited for when the only credential is given a pause.
    pub(super) fn for_pause(failure: &CredentialFailure, snapshot: &Snapshot) -> Option<Self> {
        let after = retry_after(failure, snapshot)?;
        let credential = snapshot.credentials.by_id(failure.credential_id?)?;
        let allowed = credential.limits.wait_ms.unwrap_or_default();
        Some(Self {
            after: Some(after),
            at_most: Duration::from_millis(allowed).max(PAUSE_OF_FAILURE),
        })
    }
}

impl Waiting {
    /// How long to pause now; none when there will be no room in time.
    pub(super) fn pause(&mut self, wait: Wait, now: Instant) -> Option<Duration> {
        let since = *self.since.get_or_insert(now);
        let left = wait.at_most.checked_sub(now.duration_since(since))?;
        if left.is_zero() {
            return None;
        }
        match wait.after {
            Some(after) if after > left => None,
            // Never in a circle, whatever the clocks say.
            Some(after) => Some(after.max(Duration::from_millis(1))),
            None => Some(left.min(LOOK)),
        }
    }
}

impl ModelInstance {
    /// Pauses, but not for longer than the run goes on, and not when a call has ended meanwhile.
    pub(super) async fn paused(&self, pause: Duration) -> Result<(), InvokeError> {
        let ended = self.manager.room.notified();
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(InvokeError {
                sent: false,
                ..InvokeError::stopped()
            }),
            () = ended => Ok(()),
            () = tokio::time::sleep(pause) => Ok(()),
        }
    }
}

/// After how long whoever was refused because of a pause may ask again.
pub(super) fn retry_after(failure: &CredentialFailure, snapshot: &Snapshot) -> Option<Duration> {
    if failure.code != CredentialCode::RateLimited {
        return None;
    }
    let credential = snapshot.credentials.by_id(failure.credential_id?)?;
    let until = credential.health.cooling_until?;
    Some(Duration::from_millis(until.millis_since(snapshot.now)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use latchkey_domain::credential::{BudgetPeriod, FullRule, HolderKind, NoRoom};
    use rust_decimal::Decimal;
    use tokio::time::Instant;

    use super::{LOOK, Wait, Waiting};
    use crate::stream::PAUSE_OF_FAILURE;

    fn refusal(rule: FullRule, retry_after_ms: Option<u64>, wait_ms: u64) -> NoRoom {
        NoRoom {
            whose: HolderKind::Workflow,
            rule,
            retry_after_ms,
            wait_ms,
        }
    }

    #[test]
    fn a_call_waits_as_long_as_it_may_and_not_in_vain() {
        for (rule, after, wait, first) in [
            (FullRule::Requests(1), Some(100), 0, None),
            (FullRule::Requests(1), Some(100), 99, None),
            (FullRule::Requests(1), Some(100), 100, Some(100)),
            (FullRule::Tokens(1), Some(0), 5, Some(1)),
            (FullRule::Concurrent(1), None, 0, None),
            (FullRule::Concurrent(1), None, 50, Some(50)),
            (FullRule::Concurrent(1), None, 5000, Some(200)),
            (FullRule::Cooling, Some(900), 0, Some(900)),
            (FullRule::Cooling, Some(5000), 0, None),
            (FullRule::Unpriced, None, 5000, None),
        ] {
            let wait = Wait::for_room(&refusal(rule, after, wait));
            let pause = wait.and_then(|wait| Waiting::default().pause(wait, Instant::now()));
            assert_eq!(
                pause,
                first.map(Duration::from_millis),
                "{rule:?} {after:?}"
            );
        }
        let rule = FullRule::Budget {
            period: BudgetPeriod::Day,
            needed: Decimal::ONE,
            left: Decimal::ZERO,
        };
        assert_eq!(Wait::for_room(&refusal(rule, None, 5000)), None);
        assert!(PAUSE_OF_FAILURE <= Duration::from_secs(1));
    }

    #[test]
    fn all_pauses_together_are_no_longer_than_one_wait() {
        let wait = Wait::for_room(&refusal(FullRule::Concurrent(1), None, 450)).unwrap();
        let mut waiting = Waiting::default();
        let (mut pauses, mut now) = (Vec::new(), Instant::now());
        while let Some(pause) = waiting.pause(wait, now) {
            pauses.push(pause.as_millis());
            now += pause;
        }
        assert_eq!(pauses, [LOOK.as_millis(), LOOK.as_millis(), 50]);
    }
}
