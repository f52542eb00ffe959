//! What a running run has said so far: kept while it runs, so that anybody can begin to listen at any place.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use latchkey_domain::event::{Position, RunEvent};
use tokio::sync::watch;

use crate::lock;
use crate::signals::Signals;

/// The events of one run, in order.
pub(crate) struct Hub {
    events: Mutex<Vec<Arc<RunEvent>>>,
    /// How many there are, and whether there will be more.
    said: watch::Sender<(usize, bool)>,
    /// The run is somebody else's.
    is_lost: AtomicBool,
    signals: Arc<dyn Signals>,
}

impl Hub {
    pub(crate) fn new(signals: Arc<dyn Signals>) -> Self {
        Self {
            events: Mutex::default(),
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
        let mut all = lock(&self.events);
        all.extend(events.into_iter().map(Arc::new).inspect(tell));
        let count = all.len();
        drop(all);
        self.said.send_modify(|said| said.0 = count);
    }

    /// What was said so far.
    pub(crate) fn said(&self) -> Vec<Arc<RunEvent>> {
        lock(&self.events).clone()
    }

    /// What was said last.
    pub(crate) fn last(&self) -> Option<Arc<RunEvent>> {
        lock(&self.events).last().cloned()
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
            lock(&self.events).partition_point(|event| event.position <= after)
        });
        Listener {
            said: self.said.subscribe(),
            hub: Arc::clone(self),
            next,
            after,
        }
    }
}

/// Somebody who listens.
pub(crate) struct Listener {
    hub: Arc<Hub>,
    said: watch::Receiver<(usize, bool)>,
    next: usize,
    after: Option<Position>,
}

impl Listener {
    /// The next event; none when the run is over.
    pub(crate) async fn next(&mut self) -> Option<Arc<RunEvent>> {
        loop {
            let next = self.next;
            let (count, _) = *self
                .said
                .wait_for(|(count, over)| *count > next || *over)
                .await
                .ok()?;
            if count <= next {
                return None;
            }
            let event = lock(&self.hub.events).get(next).cloned()?;
            self.next += 1;
            if self.after.is_none_or(|after| event.position > after) {
                return Some(event);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use latchkey_domain::event::{EventBody, Position, RunEvent};
    use latchkey_domain::id::RunId;
    use latchkey_domain::time::Timestamp;

    use super::Hub;
    use crate::signals::Unconnected;

    fn event(part: u32) -> RunEvent {
        RunEvent {
            run_id: RunId::new(uuid::Uuid::nil()),
            position: Position {
                epoch: 1,
                sequence: 1,
                part,
            },
            at: Timestamp::from_millis(0),
            body: EventBody::TextChunk {
                node_id: "n".into(),
                selector: Vec::new(),
                text: part.to_string(),
                is_final: false,
            },
        }
    }

    #[tokio::test]
    async fn everybody_hears_everything_once_from_any_place() {
        let hub = Arc::new(Hub::new(Arc::new(Unconnected)));
        hub.say([event(0), event(1)]);
        let mut from_start = hub.listen(None);
        let mut later = hub.listen(Some(event(0).position));
        hub.say([event(2)]);
        hub.end();
        let mut heard = Vec::new();
        while let Some(event) = from_start.next().await {
            heard.push(event.position.part);
        }
        assert_eq!(heard, [0, 1, 2]);
        assert_eq!(later.next().await.unwrap().position.part, 1);
        assert_eq!(later.next().await.unwrap().position.part, 2);
        assert!(later.next().await.is_none());
    }
}
