//! What pools go by: calls under way and turns taken, as this process knows them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use latchkey_domain::id::{CredentialId, CredentialPoolId};

/// Counts of this process. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Traffic(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    busy: HashMap<CredentialId, u32>,
    turns: HashMap<CredentialPoolId, u64>,
}

/// A call that a credential pays, while it is under way.
pub(crate) struct Busy {
    traffic: Traffic,
    credential: CredentialId,
}

impl Traffic {
    /// A call begins. It counts before its row is open, so that of many that begin at once each sees the others.
    pub(crate) fn begin(&self, credential: CredentialId) -> Busy {
        *self.counts().busy.entry(credential).or_default() += 1;
        Busy {
            traffic: self.clone(),
            credential,
        }
    }

    /// How many calls a credential has under way.
    pub(crate) fn busy(&self, credential: CredentialId) -> u32 {
        let counts = self.counts();
        counts.busy.get(&credential).copied().unwrap_or(0)
    }

    /// How often a pool has been asked.
    pub(crate) fn turn(&self, pool: CredentialPoolId) -> u64 {
        self.counts().turns.get(&pool).copied().unwrap_or(0)
    }

    /// The same, and takes the turn: nobody else gets it.
    pub(crate) fn take_turn(&self, pool: CredentialPoolId) -> u64 {
        let mut counts = self.counts();
        let turn = counts.turns.entry(pool).or_default();
        let taken = *turn;
        *turn = turn.wrapping_add(1);
        taken
    }

    /// A panic of somebody else leaves no count half-done.
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut counts = self.traffic.counts();
        if let Some(count) = counts.busy.get_mut(&self.credential) {
            *count -= 1;
            if *count == 0 {
                counts.busy.remove(&self.credential);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use latchkey_domain::id::{CredentialId, CredentialPoolId};
    use uuid::Uuid;

    use super::Traffic;

    #[test]
    fn a_call_counts_until_it_is_dropped() {
        let traffic = Traffic::default();
        let credential = CredentialId::new(Uuid::from_u128(1));
        let first = traffic.begin(credential);
        let second = traffic.begin(credential);
        assert_eq!(traffic.busy(credential), 2);
        drop(first);
        assert_eq!(traffic.busy(credential), 1);
        drop(second);
        assert_eq!(traffic.busy(credential), 0);
        assert!(traffic.counts().busy.is_empty());
    }

    #[test]
    fn a_turn_is_taken_once() {
        let traffic = Traffic::default();
        let pool = CredentialPoolId::new(Uuid::from_u128(1));
        assert_eq!(traffic.turn(pool), 0);
        assert_eq!([traffic.take_turn(pool), traffic.take_turn(pool)], [0, 1]);
        assert_eq!(traffic.turn(pool), 2);
    }
}
