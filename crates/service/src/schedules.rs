//! Schedules: one task that waits for the next one and begins its runs.
//!
//! A time is served once: the run is begun under a name made of trigger and time, then the row is moved on by a guarded
//! update. Whoever dies between the two, or is a second process, finds the run under its name. Of times that went by while nobody
//! watched, the last one is served and the others are counted.

use std::collections::HashSet;
use std::time::Duration;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::time::Timestamp;
use latchkey_domain::trigger::{Trigger, TriggerRule};
use latchkey_store::Fired;

use crate::Service;
use crate::calendar::{Calendar, Due};
use crate::error::{Error, ErrorKind};
use crate::resolve::Version;
use crate::start::{StartRequest, Started};

/// How long nobody looks for schedules at most: another process may have published some.
const LOOK: Duration = Duration::from_secs(60);
/// How long is waited when the database is away.
const PAUSE: Duration = Duration::from_secs(10);
/// How long a time waits for room before it is tried again, in milliseconds.
const HELD: i64 = 5_000;
/// Schedules that are read at once.
const AT_ONCE: u64 = 100;

/// What became of the run of a time.
enum Begun {
    /// It has begun.
    Yes,
    /// It cannot begin, for this reason.
    Never(String),
    /// There is no room for it now.
    Later,
}

impl Service {
    /// Begins to watch the schedules, until the server ends.
    pub fn watch_schedules(&self) {
        let service = self.clone();
        let watching = async move {
            while !service.inner.ending.is_cancelled() {
                let next = service.serve_schedules().await;
                let wait = match &next {
                    Ok(_) => LOOK,
                    Err(error) => {
                        tracing::warn!(%error, "schedules cannot be served now");
                        PAUSE
                    }
                };
                let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
                let latest = service.now().plus_millis(wait);
                let until = next.ok().flatten().map_or(latest, |next| next.min(latest));
                tokio::select! {
                    () = service.inner.ending.cancelled() => {}
                    () = service.inner.schedules_changed.notified() => {}
                    () = service.inner.clock.sleep_until(until) => {}
                }
                service.inner.webhook_limits.retain_recent();
            }
        };
        self.inner.tasks.spawn_on(watching, &self.inner.runtime);
    }

    /// Begins a run for every schedule whose time has come; when the next one is due.
    ///
    /// # Errors
    /// When the database fails, or the server is ending: what is due stays so.
    async fn serve_schedules(&self) -> Result<Option<Timestamp>, Error> {
        let mut held = HashSet::new();
        loop {
            let most = AT_ONCE + held.len() as u64;
            let mut due = self.inner.store.due_triggers(self.now(), most).await?;
            due.retain(|trigger| !held.contains(&trigger.id));
            if due.is_empty() && held.is_empty() {
                return Ok(self.inner.store.next_due().await?);
            }
            if due.is_empty() {
                return Ok(Some(self.now().plus_millis(HELD)));
            }
            for trigger in &due {
                if !self.serve(trigger).await? {
                    held.insert(trigger.id);
                }
            }
        }
    }

    /// Serves a time; false when there is no room for its run now: it stays due.
    async fn serve(&self, trigger: &Trigger) -> Result<bool, Error> {
        let (Some(due_at), now) = (trigger.next_at, self.now()) else {
            return Ok(true);
        };
        let rule = trigger.rule.clone();
        let stands = move |_: &Self| match rule {
            TriggerRule::Schedule(schedule) => {
                Calendar::of(&schedule).map(|it| it.since(due_at, now))
            }
            TriggerRule::Webhook(_) => Err(("rule", "a webhook is never due".to_owned())),
        };
        let (due, error) = match self.at_length(stands).await? {
            Ok(due) => match self.start_scheduled(trigger, due.last).await? {
                Begun::Yes => (due, None),
                Begun::Never(why) => (due, Some(why)),
                Begun::Later => return Ok(false),
            },
            // Zones come and go with the program; what was published with a zone that is gone has no time any more.
            Err((_, why)) => (
                Due {
                    last: due_at,
                    missed: 0,
                    next: None,
                },
                Some(why),
            ),
        };
        let fired = Fired {
            due: due_at,
            at: due.last,
            next_at: due.next,
            missed: due.missed,
            error,
        };
        self.inner.store.trigger_fired(trigger.id, &fired).await?;
        Ok(true)
    }

    /// Begins the run of a time.
    async fn start_scheduled(&self, trigger: &Trigger, at: Timestamp) -> Result<Begun, Error> {
        let name = format!("schedule {} {}", trigger.id, at.millis());
        let request = StartRequest {
            scheduled_for: Some(at),
            idempotency: Some((name, Vec::new())),
            ..StartRequest::default()
        };
        match self.start_triggered(trigger, request).await {
            Ok(_) => Ok(Begun::Yes),
            Err(error) if error.kind == ErrorKind::Unavailable => Err(error),
            Err(error) if error.kind == ErrorKind::RateLimited => {
                tracing::warn!(trigger.id = %trigger.id, workflow.id = %trigger.workflow, %error, "a schedule waits for room");
                Ok(Begun::Later)
            }
            Err(error) => {
                tracing::warn!(trigger.id = %trigger.id, workflow.id = %trigger.workflow, %error, "a schedule begins no run");
                Ok(Begun::Never(error.to_string()))
            }
        }
    }

    /// Begins a run at a trigger, as whoever has published it.
    pub(crate) async fn start_triggered(
        &self,
        trigger: &Trigger,
        request: StartRequest,
    ) -> Result<Started, Error> {
        self.check_author(trigger).await?;
        let caller = caller_of(trigger);
        let request = StartRequest {
            version: Version::Number(trigger.version),
            trigger: Some(trigger.node.clone()),
            environment: Some(trigger.environment.clone()),
            ..request
        };
        self.start_run(&caller, trigger.workflow, request).await
    }

    /// A key that was taken away, or whose time is over, begins nothing more; nor does a member who may start no runs any more.
    async fn check_author(&self, trigger: &Trigger) -> Result<(), Error> {
        if self
            .still_may(trigger.workspace, trigger.author, Permission::RunsWrite)
            .await?
        {
            return Ok(());
        }
        let detail = "whoever published this version may start no runs any more (its key is gone or has expired, or the member): publish it again";
        Err(Error::new(
            ErrorKind::Conflict,
            "trigger_author_gone",
            detail,
        ))
    }
}

/// Whoever has published a trigger is the one who runs it.
pub(crate) fn caller_of(trigger: &Trigger) -> Caller {
    Caller {
        workspace: trigger.workspace,
        principal: trigger.author,
        permissions: vec![Permission::RunsWrite],
        environments: vec![trigger.environment.clone()],
        workflow: Some(trigger.workflow),
    }
}
