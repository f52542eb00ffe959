//! What a running run has said: the last part of it is kept here, so that anybody can begin to listen at once; what came before
//! is in the journal.
//!
//! What is kept is bounded. Dropped is only what follows from committed records, oldest first, so that the journal can always
//! answer it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use latchkey_domain::event::{EventBody, Position, RunEvent};
use serde_json::{Map, Value as Json};
use tokio::sync::watch;

use crate::lock;
use crate::signals::Signals;

/// Events that are kept when their records are committed.
const KEPT: usize = 2048;
/// The same in bytes, as they are reckoned here.
const KEPT_BYTES: usize = 1 << 20;
/// What an event is reckoned to need besides its texts, in bytes.
const HEAD: usize = 256;

/// The events of one run, in order.
pub(crate) struct Hub {
    kept: Mutex<Kept>,
    /// How many were said, and whether there will be more.
    said: watch::Sender<(usize, bool)>,
    /// The run is somebody else's.
    is_lost: AtomicBool,
    signals: Arc<dyn Signals>,
}

#[derive(Default)]
struct Kept {
    events: VecDeque<Arc<RunEvent>>,
    bytes: usize,
    /// How many were dropped before the first that is kept.
    dropped: usize,
    /// Records up to this one are in the journal.
    committed: u64,
}

impl Kept {
    fn push(&mut self, event: Arc<RunEvent>) {
        self.bytes += weight(&event.body);
        self.events.push_back(event);
    }

    /// Drops what is too much. An event belongs to the record that its place names or, told by a running node, to the next one.
    fn shrink(&mut self) {
        while self.events.len() > 1 && (self.events.len() > KEPT || self.bytes > KEPT_BYTES) {
            let first = self.events.front();
            let Some(first) = first.filter(|it| it.position.sequence < self.committed) else {
                return;
            };
            self.bytes -= weight(&first.body);
            self.events.pop_front();
            self.dropped += 1;
        }
    }

    fn said(&self) -> usize {
        self.dropped + self.events.len()
    }
}

impl Hub {
    pub(crate) fn new(signals: Arc<dyn Signals>) -> Self {
        Self {
            kept: Mutex::default(),
            said: watch::Sender::new((0, false)),
            is_lost: AtomicBool::new(false),
            signals,
        }
    }

    /// Adds events, also for other processes.
    pub(crate) fn say(&self, events: impl IntoIterator<Item = RunEvent>) {
        self.add(events, |event| self.signals.said(event));
    }

    /// Adds events that others have heard before.
    pub(crate) fn say_again(&self, events: impl IntoIterator<Item = RunEvent>) {
        self.add(events, |_| {});
    }

    fn add(&self, events: impl IntoIterator<Item = RunEvent>, tell: impl Fn(&Arc<RunEvent>)) {
        let mut kept = lock(&self.kept);
        for event in events.into_iter().map(Arc::new) {
            tell(&event);
            kept.push(event);
            kept.shrink();
        }
        let said = kept.said();
        drop(kept);
        self.said.send_modify(|count| count.0 = said);
    }

    /// Records up to this one are in the journal, which can answer what they tell.
    pub(crate) fn committed(&self, sequence: u64) {
        let mut kept = lock(&self.kept);
        kept.committed = kept.committed.max(sequence);
        kept.shrink();
    }

    /// What was said last.
    pub(crate) fn last(&self) -> Option<Arc<RunEvent>> {
        lock(&self.kept).events.back().cloned()
    }

    /// The run is somebody else's.
    pub(crate) fn lose(&self) {
        self.is_lost.store(true, Ordering::Release);
    }

    /// Whether the run is somebody else's.
    pub(crate) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Acquire)
    }

    /// Nothing more will be said.
    pub(crate) fn end(&self) {
        self.said.send_modify(|said| said.1 = true);
    }

    /// Waits until nothing more will be said.
    pub(crate) async fn ended(&self) {
        // The sender lives as long as this.
        let _ = self.said.subscribe().wait_for(|(_, over)| *over).await;
    }

    /// Listens from a place on.
    pub(crate) fn listen(self: &Arc<Self>, after: Option<Position>) -> Listener {
        let next = after.map_or(0, |after| {
            let kept = lock(&self.kept);
            let known = kept.events.partition_point(|event| event.position <= after);
            // Before the first that is kept there may be more after that place.
            if known == 0 { 0 } else { kept.dropped + known }
        });
        Listener {
            said: self.said.subscribe(),
            hub: Arc::clone(self),
            next,
            after,
        }
    }
}

/// What somebody who listens gets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Heard {
    /// The next event.
    Event(Arc<RunEvent>),
    /// What comes next is kept here no more: the journal has it.
    Missed,
    /// The run has said everything.
    Over,
}

/// Somebody who listens.
pub(crate) struct Listener {
    hub: Arc<Hub>,
    said: watch::Receiver<(usize, bool)>,
    next: usize,
    after: Option<Position>,
}

impl Listener {
    /// What comes next.
    pub(crate) async fn next(&mut self) -> Heard {
        loop {
            let next = self.next;
            let said = self
                .said
                .wait_for(|(count, over)| *count > next || *over)
                .await;
            let Ok((count, _)) = said.map(|said| *said) else {
                return Heard::Over;
            };
            if count <= next {
                return Heard::Over;
            }
            let kept = lock(&self.hub.kept);
            let Some(at) = next.checked_sub(kept.dropped) else {
                return Heard::Missed;
            };
            let Some(event) = kept.events.get(at).cloned() else {
                return Heard::Over;
            };
            drop(kept);
            self.next += 1;
            if self.after.is_none_or(|after| event.position > after) {
                return Heard::Event(event);
            }
        }
    }

    /// Goes on after a place up to which everything was heard elsewhere, or, if that is before all that is kept, with the first
    /// that is kept.
    pub(crate) fn skip_to(&mut self, after: Option<Position>) {
        let kept = lock(&self.hub.kept);
        let known = after.map_or(0, |after| {
            kept.events.partition_point(|event| event.position <= after)
        });
        self.next = kept.dropped + known;
        self.after = after;
    }
}

/// Roughly how many bytes an event needs.
fn weight(body: &EventBody) -> usize {
    let texts = match body {
        EventBody::RunStarted { inputs, system } => of_map(inputs) + of_map(system),
        EventBody::TextChunk { text, .. } | EventBody::ReasoningChunk { text, .. } => text.len(),
        EventBody::NodeFinished(node) => {
            let values = [&node.inputs, &node.outputs, &node.process_data];
            values.into_iter().flatten().map(of_value).sum()
        }
        EventBody::IterationStarted(rounds) | EventBody::LoopStarted(rounds) => {
            of_map(&rounds.inputs)
        }
        EventBody::IterationNext(round) | EventBody::LoopNext(round) => {
            round.previous.as_ref().map_or(0, of_value)
        }
        EventBody::IterationSucceeded(rounds)
        | EventBody::IterationFailed(rounds)
        | EventBody::LoopSucceeded(rounds)
        | EventBody::LoopFailed(rounds) => of_map(&rounds.outputs),
        EventBody::RunPaused(paused) => of_map(&paused.outputs),
        EventBody::RunFinished(end) => of_map(&end.outputs),
        EventBody::NodeStarted(_)
        | EventBody::ModelCall { .. }
        | EventBody::AgentLog { .. }
        | EventBody::NodeRetry { .. }
        | EventBody::NodeRestarted { .. }
        | EventBody::FormRequested(_)
        | EventBody::FormAnswered { .. } => 4 * HEAD,
    };
    HEAD + texts
}

fn of_map(map: &Map<String, Json>) -> usize {
    map.iter()
        .map(|(name, value)| name.len() + of_value(value))
        .sum()
}

fn of_value(value: &Json) -> usize {
    let inside = match value {
        Json::Null | Json::Bool(_) | Json::Number(_) => 0,
        Json::String(text) => text.len(),
        Json::Array(items) => items.iter().map(of_value).sum(),
        Json::Object(map) => of_map(map),
    };
    size_of::<Json>() + inside
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use latchkey_domain::event::{EventBody, Position, RunEvent};
    use latchkey_domain::id::RunId;
    use latchkey_domain::time::Timestamp;

    use super::{Heard, Hub, KEPT, KEPT_BYTES, Listener};
    use crate::signals::Unconnected;

    fn position(sequence: u64, part: u32) -> Position {
        Position {
            epoch: 1,
            sequence,
            part,
        }
    }

    fn said(sequence: u64, part: u32, text: &str) -> RunEvent {
        RunEvent {
            run_id: RunId::new(uuid::Uuid::nil()),
            position: position(sequence, part),
            at: Timestamp::from_millis(0),
            body: EventBody::TextChunk {
                node_id: "n".into(),
                selector: Vec::new(),
                text: text.to_owned(),
                is_final: false,
            },
        }
    }

    /// What is left to hear, up to the end or to what is not kept.
    async fn heard(listener: &mut Listener) -> (Vec<Position>, Heard) {
        let mut heard = Vec::new();
        loop {
            match listener.next().await {
                Heard::Event(event) => heard.push(event.position),
                other @ (Heard::Missed | Heard::Over) => return (heard, other),
            }
        }
    }

    #[tokio::test]
    async fn everybody_hears_everything_once_from_any_place() {
        let hub = Arc::new(Hub::new(Arc::new(Unconnected)));
        hub.say([said(1, 0, ""), said(1, 1, "")]);
        let mut from_start = hub.listen(None);
        let mut later = hub.listen(Some(position(1, 0)));
        hub.say([said(1, 2, "")]);
        hub.end();
        let all: Vec<Position> = (0..3).map(|part| position(1, part)).collect();
        assert_eq!(heard(&mut from_start).await, (all.clone(), Heard::Over));
        assert_eq!(heard(&mut later).await, (all[1..].to_vec(), Heard::Over));
    }

    #[tokio::test]
    async fn what_is_committed_and_too_much_is_dropped_and_said_to_be_missed() {
        let hub = Arc::new(Hub::new(Arc::new(Unconnected)));
        let mut from_start = hub.listen(None);
        let many = u32::try_from(KEPT).unwrap() + 10;
        hub.say((0..many).map(|part| said(1, part, "")));
        // Nothing of it is in the journal yet.
        assert_eq!(super::lock(&hub.kept).dropped, 0);
        hub.committed(2);
        assert_eq!(super::lock(&hub.kept).dropped, 10);
        assert_eq!(from_start.next().await, Heard::Missed);
        from_start.skip_to(Some(position(1, many - 3)));
        hub.end();
        let (rest, end) = heard(&mut from_start).await;
        assert_eq!((rest.len(), end), (2, Heard::Over));
        // Somebody who begins before what is kept misses something too; somebody in the middle does not.
        assert_eq!(hub.listen(Some(position(1, 4))).next().await, Heard::Missed);
        let mut middle = hub.listen(Some(position(1, 100)));
        let (rest, end) = heard(&mut middle).await;
        assert_eq!((rest.len(), end), (many as usize - 101, Heard::Over));
    }

    #[tokio::test]
    async fn large_events_leave_first_and_the_last_one_stays() {
        let hub = Arc::new(Hub::new(Arc::new(Unconnected)));
        hub.committed(9);
        let large = "x".repeat(KEPT_BYTES);
        hub.say([said(1, 0, &large), said(2, 0, ""), said(3, 0, &large)]);
        assert_eq!(super::lock(&hub.kept).dropped, 2);
        assert_eq!(hub.last().unwrap().position, position(3, 0));
    }
}
