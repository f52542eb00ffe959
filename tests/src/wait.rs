//! Waiting for a state, with a deadline: what stands where other tests sleep.

use std::future::Future;
use std::time::Duration;

/// How long anything may take before a test gives up on it. Generous: it is only spent by tests that fail.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// How often a state that cannot announce itself is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// Waits for a future, at most [`DEADLINE`].
///
/// # Panics
/// After the deadline, naming what was waited for.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(DEADLINE, future).await {
        Ok(done) => done,
        Err(_) => panic!("waited {DEADLINE:?} in vain: {what}"),
    }
}

/// Asks again and again until there is an answer, at most [`DEADLINE`]. For states of other processes, which no channel
/// of ours announces.
///
/// # Panics
/// After the deadline, naming what was waited for.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    within(what, async {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            if let Some(found) = ask().await {
                return found;
            }
        }
    })
    .await
}
