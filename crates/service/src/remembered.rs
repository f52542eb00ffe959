//! What was read before and is read again and again, until somebody changes it.
//!
//! Between reading something and remembering it, it may be changed or revoked: what was read before a change is not kept after it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;

use crate::{Service, lock};

/// Values by their keys. When they weigh more than is allowed together, all are forgotten.
pub(crate) struct Remembered<K, V> {
    most: usize,
    known: Mutex<Known<K, V>>,
}

struct Known<K, V> {
    /// Raised by every change.
    generation: u64,
    weight: usize,
    values: HashMap<K, (V, usize)>,
}

/// When something was looked for and not found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Missed(u64);

impl<K: Eq + Hash, V: Clone> Remembered<K, V> {
    pub(crate) fn new(most: usize) -> Self {
        let known = Known {
            generation: 0,
            weight: 0,
            values: HashMap::new(),
        };
        Self {
            most,
            known: Mutex::new(known),
        }
    }

    /// The value, or what has to be shown to [`Remembered::keep`] one that is read now.
    pub(crate) fn get(&self, key: &K) -> Result<V, Missed> {
        let known = lock(&self.known);
        match known.values.get(key) {
            Some((value, _)) => Ok(value.clone()),
            None => Err(Missed(known.generation)),
        }
    }

    /// Keeps what was read after it was missed, unless anything was changed since.
    pub(crate) fn keep(&self, missed: Missed, key: K, value: V, weight: usize) {
        let mut known = lock(&self.known);
        if known.generation != missed.0 || weight > self.most {
            return;
        }
        if known.weight.saturating_add(weight) > self.most {
            known.values.clear();
            known.weight = 0;
        }
        known.weight += weight;
        if let Some((_, old)) = known.values.insert(key, (value, weight)) {
            known.weight -= old;
        }
    }

    /// Changes a value that is still there; one that was forgotten stays so.
    pub(crate) fn update(&self, key: &K, change: impl FnOnce(&mut V)) {
        if let Some((value, _)) = lock(&self.known).values.get_mut(key) {
            change(value);
        }
    }

    /// Something was changed: these values are not true any more, and neither is what is being read right now.
    pub(crate) fn forget(&self, is_changed: impl Fn(&K, &V) -> bool) {
        let mut known = lock(&self.known);
        known.generation += 1;
        known
            .values
            .retain(|key, (value, _)| !is_changed(key, value));
        known.weight = known.values.values().map(|(_, weight)| weight).sum();
    }
}

impl Service {
    /// Forgets everything that another process may have changed. What is being read now is not kept either.
    pub fn forget_remembered(&self) {
        let inner = &self.inner;
        inner.keys.forget();
        inner.heads.forget(|_, _| true);
        inner.facts.changed();
        inner.vault.forget_keys();
    }

    /// Looks for documents that another process has begun to index and will not end.
    pub fn look_for_documents(&self) {
        self.inner.indexer.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::Remembered;

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let all = Remembered::new(10);
        let missed = all.get(&1).unwrap_err();
        all.forget(|_, _: &&str| false);
        all.keep(missed, 1, "old", 1);
        let missed = all.get(&1).unwrap_err();
        all.keep(missed, 1, "new", 1);
        assert_eq!(all.get(&1).unwrap(), "new");
        all.forget(|key, _| *key == 1);
        all.update(&1, |value| *value = "again");
        assert!(all.get(&1).is_err());
    }

    #[test]
    fn more_than_is_allowed_together_is_forgotten() {
        let all = Remembered::new(10);
        for (key, weight) in [(1, 4), (2, 4), (3, 11)] {
            let missed = all.get(&key).unwrap_err();
            all.keep(missed, key, "value", weight);
        }
        assert!(all.get(&1).is_ok() && all.get(&2).is_ok() && all.get(&3).is_err());
        let missed = all.get(&4).unwrap_err();
        all.keep(missed, 4, "value", 4);
        assert!(all.get(&1).is_err() && all.get(&4).is_ok());
    }
}
