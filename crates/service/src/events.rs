//! The events of a run: live while it is executed here, from its journal when it is over, from both while it waits or is executed
//! elsewhere; from any place.

use std::collections::VecDeque;
use std::sync::Arc;

use latchkey_domain::access::Caller;
use latchkey_domain::event::{Position, RunEvent};
use latchkey_domain::id::{RunId, WorkspaceId};
use latchkey_domain::journal::JournalRecord;
use latchkey_domain::run::{Run, RunStatus};
use latchkey_engine::state::replay_events;

use crate::Service;
use crate::error::{Error, ErrorKind};
use crate::execution::Live;
use crate::follower::{Followed, Follower};
use crate::hub::{Heard, Listener};
use crate::start::Started;

/// Events, one after the other.
pub struct Events {
    source: Source,
    /// What is heard next, before the source is asked again.
    past: VecDeque<Arc<RunEvent>>,
    /// The last one that was given out.
    after: Option<Position>,
    behind: Behind,
}

/// A run that somebody has found.
pub struct Attached {
    /// The run.
    pub run: Run,
    /// What it has said so far.
    pub said: Vec<Arc<RunEvent>>,
    /// What it says from now on; none when it is not executed here.
    pub further: Option<Events>,
}

enum Source {
    Live(Listener),
    Followed(Box<Follower>),
    /// There is nothing but the past.
    Over,
}

/// Where what a run has said is read again.
struct Behind {
    service: Service,
    workspace: WorkspaceId,
    run: RunId,
}

impl Events {
    fn live(listener: Listener, behind: Behind, after: Option<Position>) -> Self {
        Self::of(Source::Live(listener), behind, after)
    }

    fn followed(follower: Follower, behind: Behind, after: Option<Position>) -> Self {
        Self::of(Source::Followed(Box::new(follower)), behind, after)
    }

    fn of(source: Source, behind: Behind, after: Option<Position>) -> Self {
        Self {
            source,
            past: VecDeque::new(),
            after,
            behind,
        }
    }

    /// The next event; none when the run has said everything, or when what was missed cannot be read now: whoever comes back
    /// with the last id goes on there.
    pub async fn next(&mut self) -> Option<Arc<RunEvent>> {
        let event = self.following().await?;
        self.after = Some(event.position);
        Some(event)
    }

    async fn following(&mut self) -> Option<Arc<RunEvent>> {
        loop {
            if let Some(event) = self.past.pop_front() {
                return Some(event);
            }
            match &mut self.source {
                Source::Over => return None,
                Source::Live(listener) => match listener.next().await {
                    Heard::Over => return None,
                    Heard::Event(event) => return Some(event),
                    Heard::Missed => {
                        self.past = self.behind.after(self.after).await?;
                        let last = self.past.back().map(|event| event.position);
                        listener.skip_to(last.or(self.after));
                    }
                },
                Source::Followed(follower) => match Box::pin(follower.next()).await {
                    Followed::Event(event) => return Some(event),
                    Followed::Over => return None,
                    Followed::Live(listener) => self.source = Source::Live(listener),
                },
            }
        }
    }
}

impl Behind {
    async fn after(&self, after: Option<Position>) -> Option<VecDeque<Arc<RunEvent>>> {
        let read = async {
            let run = self.service.inner.store.run(self.workspace, self.run);
            let run = run.await?.ok_or_else(|| Error::not_found("run"))?;
            self.service.past(&run).await
        };
        match read.await {
            Ok(past) => Some(said_after(past, after)),
            Err(error) => {
                tracing::warn!(run.id = %self.run, %error, "what a listener has missed cannot be read");
                None
            }
        }
    }
}

fn said_after(events: Vec<RunEvent>, after: Option<Position>) -> VecDeque<Arc<RunEvent>> {
    let wanted = events
        .into_iter()
        .filter(|event| after.is_none_or(|after| event.position > after));
    wanted.map(Arc::new).collect()
}

impl Service {
    /// The events of a run that was just started, from the start.
    ///
    /// Who may start it may hear of it.
    ///
    /// # Errors
    /// When a run that was started before cannot be read.
    pub async fn events_of_start(
        &self,
        caller: &Caller,
        started: &Started,
    ) -> Result<Events, Error> {
        let Some(live) = &started.live else {
            if started.is_repeated {
                return self.events(caller, started.run, None).await;
            }
            let run = self.run_of_start(caller, started).await?;
            let follower = Follower::new(self.clone(), run, None).await;
            let behind = self.behind(caller, started.run);
            return Ok(Events::followed(follower, behind, None));
        };
        let behind = self.behind(caller, started.run);
        Ok(Events::live(live.hub.listen(None), behind, None))
    }

    /// The events of a run, after a place or from the start.
    ///
    /// # Errors
    /// When the caller may not, there is no such run, or it has not come to that place.
    pub async fn events(
        &self,
        caller: &Caller,
        id: RunId,
        after: Option<Position>,
    ) -> Result<Events, Error> {
        // Asked first: a run that ends meanwhile is then in the database.
        let live = self.live(id);
        let run = self.run(caller, id).await?;
        if let Some(hub) = live {
            if let Some(last) = hub.last() {
                check_place(after, Some(last.position))?;
            }
            let behind = self.behind(caller, id);
            return Ok(Events::live(hub.listen(after), behind, after));
        }
        if !run.status.is_terminal() && run.status != RunStatus::Paused {
            let follower = Follower::new(self.clone(), run, after).await;
            let behind = self.behind(caller, id);
            return Ok(Events::followed(follower, behind, after));
        }
        let past = self.past(&run).await?;
        check_place(after, past.last().map(|event| event.position))?;
        Ok(Events {
            past: said_after(past, after),
            ..Events::of(Source::Over, self.behind(caller, id), after)
        })
    }

    /// The events of a run that is executed here, from the start.
    pub(crate) fn events_from_here(&self, live: &Live, workspace: WorkspaceId) -> Events {
        let behind = Behind {
            service: self.clone(),
            workspace,
            run: live.run(),
        };
        Events::live(live.hub.listen(None), behind, None)
    }

    fn behind(&self, caller: &Caller, run: RunId) -> Behind {
        Behind {
            service: self.clone(),
            workspace: caller.workspace,
            run,
        }
    }

    /// A run as somebody finds it who comes while it goes on or afterwards: what it has said, and what it will say.
    ///
    /// # Errors
    /// When the caller may not, or there is no such run.
    pub async fn attach(&self, caller: &Caller, id: RunId) -> Result<Attached, Error> {
        // Asked first: a run that ends meanwhile is then in the database.
        let live = self.live(id);
        let run = self.run(caller, id).await?;
        let Some(hub) = live else {
            let said = self.past(&run).await?;
            let further = if run.status.is_terminal() || run.status == RunStatus::Paused {
                None
            } else {
                // Somebody else executes it, or will.
                let last = said.last().map(|event| event.position);
                let follower = Follower::new(self.clone(), run.clone(), last).await;
                Some(Events::followed(follower, self.behind(caller, id), last))
            };
            return Ok(Attached {
                said: said.into_iter().map(Arc::new).collect(),
                further,
                run,
            });
        };
        let last = hub.last().map(|event| event.position);
        let mut further = Events::live(hub.listen(None), self.behind(caller, id), None);
        let mut said = Vec::new();
        // Everything up to there was said, so that none of it is waited for.
        while said.last().map(|event: &Arc<RunEvent>| event.position) < last {
            match further.next().await {
                Some(event) => said.push(event),
                None => break,
            }
        }
        Ok(Attached {
            further: Some(further),
            said,
            run,
        })
    }

    async fn past(&self, run: &Run) -> Result<Vec<RunEvent>, Error> {
        let records = self.inner.store.journal(run.id).await?;
        if records.is_empty() && run.status.is_terminal() {
            return Err(removed());
        }
        self.replayed(run, records).await
    }

    /// The events that follow from a run's records.
    pub(crate) async fn replayed(
        &self,
        run: &Run,
        records: Vec<JournalRecord>,
    ) -> Result<Vec<RunEvent>, Error> {
        let prepared = self.prepare_run(run).await?;
        let id = run.id;
        self.at_length(move |_| {
            let (plan, secrets) = (Arc::clone(&prepared.plan), prepared.secrets.clone());
            replay_events(plan, id, secrets, &records)
        })
        .await
    }
}

/// The journal of a run that is over is older than it is to be kept.
pub(crate) fn removed() -> Error {
    let detail = "the events of this run are no longer kept (retention)";
    Error::new(ErrorKind::NotFound, "events_removed", detail)
}

/// A place that a run has said nothing up to is nobody's last event: a listener there would wait for what has long been said.
fn check_place(after: Option<Position>, last: Option<Position>) -> Result<(), Error> {
    let Some(after) = after else {
        return Ok(());
    };
    // The end of a record is after all of its events, whichever epoch they are of.
    let is_end_of_record = after.part == u32::MAX;
    let is_beyond = match last {
        None => after.sequence > 0,
        Some(last) => after.sequence > last.sequence || (!is_end_of_record && after > last),
    };
    if is_beyond {
        let detail = "Last-Event-ID lies beyond what the run has said";
        return Err(Error::new(ErrorKind::Malformed, "malformed", detail));
    }
    Ok(())
}
