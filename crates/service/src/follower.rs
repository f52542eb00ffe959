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
            if !self.ready.is_empty() || self.is_over {
                continue;
            }
            let pause = if self.told.is_some() {
                LOOK_BEHIND
            } else {
                LOOK
            };
            tokio::select! {
                () = changed => {}
                () = inner.ending.cancelled() => self.is_over = true,
                told = hear(&mut self.told) => match told {
                    Some(event) => self.hear(event).await,
                    None => self.told = None,
                },
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Takes in what another process tells; what was lost before it is read.
    async fn hear(&mut self, event: Arc<RunEvent>) {
        let follows = self.after.is_none_or(|after| {
            let place = event.position;
            let in_record = place.sequence == after.sequence && place.part == after.part + 1;
            in_record || (place.sequence == after.sequence + 1 && place.part == 0)
        });
        // What cannot be read now is read when it is looked at next.
        if !follows && self.look().await.is_err() {
            return;
        }
        self.ready.push_back(event);
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

async fn hear(told: &mut Option<mpsc::Receiver<Arc<RunEvent>>>) -> Option<Arc<RunEvent>> {
    match told {
        Some(told) => told.recv().await,
        None => std::future::pending().await,
    }
}
