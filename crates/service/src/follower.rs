//! Somebody who listens to a run that is not executed here: it waits to be taken up, or another process has it. Its journal tells what
//! is committed, the other process what is not yet, and when the run comes here its own events take over.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use latchkey_domain::event::{Position, RunEvent};
use latchkey_domain::run::{Run, RunStatus};
use tokio::sync::mpsc;

use crate::Service;
use crate::error::Error;
use crate::hub::Listener;

/// How often the journal is looked at when nobody tells what happens.
const LOOK: Duration = Duration::from_millis(500);
/// How often it is looked at although somebody tells.
const LOOK_BEHIND: Duration = Duration::from_secs(2);

/// What waits for the journal at most; what is more is lost, and read there.
const HELD: usize = 4096;

/// What comes next.
pub(crate) enum Followed {
    /// This.
    Event(Arc<RunEvent>),
    /// Nothing: the run is over, or paused.
    Over,
    /// The run is executed here now: it is listened to.
    Live(Listener),
}

pub(crate) struct Follower {
    service: Service,
    run: Run,
    /// The last event that was given.
    after: Option<Position>,
    /// The last record of the journal that was looked at.
    sequence: u64,
    ready: VecDeque<Arc<RunEvent>>,
    told: Option<mpsc::Receiver<Arc<RunEvent>>>,
    /// What was told after something that was lost, until the journal has that.
    held: VecDeque<Arc<RunEvent>>,
    is_over: bool,
}

impl Follower {
    pub(crate) async fn new(service: Service, run: Run, after: Option<Position>) -> Self {
        // Before the journal is read, so that nothing falls between the two.
        let told = service.inner.work.signals.listen(run.id).await;
        Self {
            service,
            run,
            after,
            sequence: 0,
            ready: VecDeque::new(),
            told,
            held: VecDeque::new(),
            is_over: false,
        }
    }

    pub(crate) async fn next(&mut self) -> Followed {
        loop {
            if let Some(event) = self.ready.pop_front() {
                if self.after.is_none_or(|after| event.position > after) {
                    self.after = Some(event.position);
                    return Followed::Event(event);
                }
                continue;
            }
            if self.is_over {
                return Followed::Over;
            }
            let inner = Arc::clone(&self.service.inner);
            let changed = inner.live_changed.notified();
            if let Some(hub) = self.service.live(self.run.id) {
                return Followed::Live(hub.listen(self.after));
            }
            if let Err(error) = self.look().await {
                tracing::warn!(run.id = %self.run.id, %error, "what a run has said cannot be read");
            }
            self.hand_on();
            if !self.ready.is_empty() || self.is_over {
                continue;
            }
            let pause = if self.told.is_some() && self.held.is_empty() {
                LOOK_BEHIND
            } else {
                LOOK
            };
            tokio::select! {
                () = changed => {}
                () = inner.ending.cancelled() => self.is_over = true,
                told = hear(&mut self.told) => match told {
                    Some(event) => self.hear(event),
                    None => self.told = None,
                },
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Takes in what another process tells.
    fn hear(&mut self, event: Arc<RunEvent>) {
        if self.held.len() < HELD {
            self.held.push_back(event);
        }
        self.hand_on();
    }

    /// Hands on what was told, up to where something was lost. That is read as soon as it is committed: nothing is said before it.
    fn hand_on(&mut self) {
        while let Some(event) = self.held.front() {
            let last = self.ready.back().map(|event| event.position);
            let (last, place) = (last.or(self.after), event.position);
            let is_heard = last.is_some_and(|last| place <= last);
            if !is_heard && !follows(last, place) {
                return;
            }
            let event = self.held.pop_front();
            self.ready.extend(event.filter(|_| !is_heard));
        }
    }

    /// Reads what the journal has beyond what was seen of it.
    async fn look(&mut self) -> Result<(), Error> {
        let (store, id) = (&self.service.inner.store, self.run.id);
        // First: a run that is over now has its whole journal.
        let run = store.run(self.run.workspace, id).await?;
        let run = run.ok_or_else(|| Error::not_found("run"))?;
        let is_over = run.status.is_terminal() || run.status == RunStatus::Paused;
        let new = store.journal_after(id, self.sequence).await?;
        if let Some(last) = new.last() {
            let records = store.journal(id).await?;
            let events = self.service.replayed(&self.run, records).await?;
            let wanted = events
                .into_iter()
                .filter(|event| self.after.is_none_or(|after| event.position > after));
            self.ready.extend(wanted.map(Arc::new));
            self.sequence = last.sequence;
        }
        self.is_over = is_over;
        Ok(())
    }
}

/// Whether nothing was said between two places, as far as they show it.
fn follows(after: Option<Position>, next: Position) -> bool {
    let Some(after) = after else {
        return next.sequence <= 1 && next.part == 0;
    };
    let is_next_part =
        next.sequence == after.sequence && Some(next.part) == after.part.checked_add(1);
    is_next_part || (next.sequence == after.sequence + 1 && next.part == 0)
}

async fn hear(told: &mut Option<mpsc::Receiver<Arc<RunEvent>>>) -> Option<Arc<RunEvent>> {
    match told {
        Some(told) => told.recv().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use latchkey_domain::event::Position;

    use super::follows;

    const fn at(sequence: u64, part: u32) -> Position {
        Position {
            epoch: 1,
            sequence,
            part,
        }
    }

    #[test]
    fn a_gap_shows_in_the_places() {
        for (after, next, does) in [
            (None, at(1, 0), true),
            (None, at(1, 1), false),
            (None, at(2, 0), false),
            (Some(at(1, 0)), at(1, 1), true),
            (Some(at(1, 0)), at(1, 2), false),
            (Some(at(1, 7)), at(2, 0), true),
            (Some(at(1, 7)), at(2, 1), false),
            (Some(at(1, u32::MAX)), at(2, 0), true),
            (Some(at(1, 0)), at(3, 0), false),
        ] {
            assert_eq!(follows(after, next), does, "{after:?} {next:?}");
        }
    }
}
