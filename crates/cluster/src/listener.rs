//! Somebody who listens to the run of another process.
//!
//! Whoever executes a run numbers what it tells. Places alone do not show every gap: the last words before a record may be lost
//! although the record's first word follows on what was heard.

use std::collections::HashMap;

use latchkey_domain::event::RunEvent;
use latchkey_domain::id::RunId;
use serde::{Deserialize, Serialize};

/// What travels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Numbered {
    /// Its number among what this execution of the run has told.
    pub(crate) number: u64,
    /// The event.
    pub(crate) event: RunEvent,
}

/// Numbers what is told of the runs of this process.
#[derive(Debug, Default)]
pub(crate) struct Numbers(HashMap<RunId, u64>);

impl Numbers {
    pub(crate) fn next(&mut self, run: RunId) -> u64 {
        let next = self.0.entry(run).or_default();
        *next += 1;
        *next
    }

    pub(crate) fn forget(&mut self, run: RunId) {
        self.0.remove(&run);
    }
}

/// Puts what was told into order: nothing twice, and a gap in the numbers is one in the places too.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// Epoch and number of the last message.
    last: Option<(u32, u64)>,
}

impl Order {
    /// The event, unless it was told before, comes from an execution that is over, or follows on a gap.
    pub(crate) fn take(&mut self, told: Numbered) -> Option<RunEvent> {
        let (epoch, number) = (told.event.position.epoch, told.number);
        let last = self.last;
        if last.is_some_and(|last| last >= (epoch, number)) {
            return None;
        }
        self.last = Some((epoch, number));
        let follows = match last {
            // Where somebody begins to listen is for them to judge.
            None => true,
            Some((before, last)) => before == epoch && last + 1 == number,
        };
        follows.then_some(told.event)
    }
}

#[cfg(test)]
mod tests {
    use latchkey_domain::event::{EventBody, Position, RunEvent};
    use latchkey_domain::id::RunId;
    use latchkey_domain::time::Timestamp;

    use super::{Numbered, Numbers, Order};

    fn told(number: u64, epoch: u32, sequence: u64, part: u32) -> Numbered {
        let event = RunEvent {
            run_id: RunId::new(uuid::Uuid::nil()),
            position: Position {
                epoch,
                sequence,
                part,
            },
            at: Timestamp::from_millis(0),
            body: EventBody::ReasoningChunk {
                node_id: "n".into(),
                text: String::new(),
                is_final: false,
            },
        };
        Numbered { number, event }
    }

    #[test]
    fn after_a_gap_one_event_is_left_out_so_that_the_gap_shows() {
        let mut order = Order::default();
        let mut is_handed_on = |told| order.take(told).is_some();
        assert!(is_handed_on(told(1, 1, 1, 0)));
        assert!(is_handed_on(told(2, 1, 1, 1)));
        assert!(!is_handed_on(told(2, 1, 1, 1)), "told twice");
        // Number 3, the last word before the second record, was lost.
        assert!(!is_handed_on(told(4, 1, 2, 0)));
        assert!(is_handed_on(told(5, 1, 2, 1)));
        // Another execution begins anew, and the one before is heard no more.
        assert!(!is_handed_on(told(1, 2, 3, 0)));
        assert!(is_handed_on(told(2, 2, 3, 1)));
        assert!(!is_handed_on(told(6, 1, 2, 2)));
    }

    #[test]
    fn every_run_is_numbered_by_itself() {
        let (mut numbers, [first, second]) = (
            Numbers::default(),
            [1, 2].map(|id| RunId::new(uuid::Uuid::from_u128(id))),
        );
        assert_eq!((numbers.next(first), numbers.next(first)), (1, 2));
        assert_eq!(numbers.next(second), 1);
        numbers.forget(first);
        assert_eq!((numbers.next(first), numbers.next(second)), (1, 2));
    }
}
