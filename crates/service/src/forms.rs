//! Forms of paused runs: read, answered once, timed out; and the run that then goes on.
//!
//! An answer is one guarded update that also lets its run wait to be taken up, so whatever dies after it, somebody goes on with the
//! run. An answer that comes before its run has come to its pause is found by the loop here.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::form::{FormAnswer, FormProblem, FormState, KeptForm};
use latchkey_domain::id::{FormId, RunId, WorkspaceId};
use latchkey_domain::time::Timestamp;
use serde_json::{Map, Value as Json, json};

use crate::error::{Error, ErrorItem, ErrorKind};
use crate::{Service, require};

/// Deadlines that are looked at together.
const AT_ONCE: u64 = 100;
/// How long nobody looks for deadlines and answers when nothing says that there are any, in milliseconds.
const LOOK_AGAIN: i64 = 60_000;
/// The same after the database has failed.
const TRY_AGAIN: i64 = 1_000;

/// What somebody says to a form.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// The chosen action.
    pub action: String,
    /// The values of the fields; files in their dictionary form.
    pub values: Map<String, Json>,
}

impl Service {
    /// The forms of a run, in the order in which they were asked.
    ///
    /// # Errors
    /// When the caller may not, or there is no such run.
    pub async fn forms(&self, caller: &Caller, id: RunId) -> Result<Vec<KeptForm>, Error> {
        let run = self.run(caller, id).await?;
        Ok(self.inner.store.forms(run.workspace, id).await?)
    }

    /// Answers a form; its run goes on. Who fills in a form never becomes the caller of the run.
    ///
    /// # Errors
    /// When the caller may not, there is no such form, the answer does not fit it, or it was answered before.
    pub async fn submit_form(
        &self,
        caller: &Caller,
        run: RunId,
        form: FormId,
        submission: Submission,
    ) -> Result<KeptForm, Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::RunsWrite)?;
            let of = service.run(&caller, run).await?;
            let (workspace, end_user) = (of.workspace, of.end_user.as_deref());
            let asked = service.form(workspace, run, form).await?.request.form;
            let submission = Submission {
                values: service
                    .with_form_files(&caller, &asked, &submission.values, end_user)
                    .await?,
                ..submission
            };
            let answered = service
                .answer_form(workspace, run, form, submission)
                .await?;
            service
                .audit(&caller, "form.submit", form, json!({"run": run}))
                .await?;
            Ok(answered)
        };
        self.complete(caller, change).await
    }

    /// The same for whoever has checked already that the form may be answered, and has looked up the files that it is given.
    ///
    /// # Errors
    /// When there is no such form, the answer does not fit it, or it was answered before.
    pub async fn answer_form(
        &self,
        workspace: WorkspaceId,
        run: RunId,
        form: FormId,
        submission: Submission,
    ) -> Result<KeptForm, Error> {
        let kept = self.form(workspace, run, form).await?;
        let now = self.now();
        match kept.state {
            FormState::Open if now < kept.request.form.due_at => {}
            FormState::Open | FormState::Answered => return Err(answered_before()),
            FormState::Closed => {
                let detail = "the run is over, so that nobody needs the form any more";
                return Err(Error::new(ErrorKind::Conflict, "form_closed", detail));
            }
        }
        let answer = kept
            .request
            .form
            .answered(&submission.action, submission.values)
            .map_err(refused)?;
        if !self
            .inner
            .store
            .answer_form(run, form, &answer, now)
            .await?
        {
            return Err(answered_before());
        }
        self.go_on_or_later(run).await;
        self.form(workspace, run, form).await
    }

    async fn form(
        &self,
        workspace: WorkspaceId,
        run: RunId,
        form: FormId,
    ) -> Result<KeptForm, Error> {
        let forms = self.inner.store.forms(workspace, run).await?;
        let mut forms = forms.into_iter();
        let found = forms.find(|kept| kept.request.form_id == form);
        found.ok_or_else(|| Error::not_found("form"))
    }

    /// Begins to watch the deadlines of forms, and lets runs go on whose answers nobody has taken up; ends with the process.
    pub(crate) fn watch_forms(&self) {
        let watch = Box::pin(self.clone().watch());
        self.inner.tasks.spawn_on(watch, &self.inner.runtime);
    }

    async fn watch(self) {
        while !self.inner.ending.is_cancelled() {
            let now = self.now();
            let next = match Box::pin(self.look(now)).await {
                // A deadline that is still there although it was due belongs to nothing.
                Ok(Some(next)) if next <= now => now.plus_millis(TRY_AGAIN),
                Ok(next) => next.unwrap_or_else(|| now.plus_millis(LOOK_AGAIN)),
                Err(error) => {
                    tracing::error!(%error, "the deadlines of forms cannot be looked at");
                    now.plus_millis(TRY_AGAIN)
                }
            };
            let next = next.min(now.plus_millis(LOOK_AGAIN));
            tokio::select! {
                () = self.inner.ending.cancelled() => {}
                () = self.inner.forms_changed.notified() => {}
                () = self.inner.clock.sleep_until(next) => {}
            }
        }
    }

    /// Answers forms whose deadline has passed, and lets every run go on that has an answer. When the next deadline is.
    async fn look(&self, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        let store = &self.inner.store;
        loop {
            let due = store.due_forms(now, AT_ONCE).await?;
            if due.is_empty() {
                break;
            }
            for (form, run, _) in due {
                // False when somebody was faster or the run is over: the deadline is gone all the same.
                if store
                    .answer_form(run, form, &FormAnswer::TimedOut, now)
                    .await?
                {
                    self.go_on_or_later(run).await;
                }
            }
        }
        if store.queue_answered_runs(now).await? > 0 {
            self.inner.queue.wake();
        }
        Ok(store.next_deadline().await?)
    }

    /// Has an answered run taken up here or elsewhere; what fails is tried again by whoever looks for runs that wait.
    async fn go_on_or_later(&self, run: RunId) {
        self.inner.work.signals.queued(run);
        if let Err(error) = self.take_up(run).await {
            tracing::error!(run.id = %run, %error, "a run that was answered cannot go on yet");
        }
    }
}

fn answered_before() -> Error {
    let detail = "the form was answered before, or its deadline has passed";
    Error::new(ErrorKind::Conflict, "form_answered", detail)
}

fn refused(problems: Vec<FormProblem>) -> Error {
    let texts: Vec<&str> = problems.iter().map(|it| it.message.as_str()).collect();
    let detail = texts.join("; ");
    let items = problems.into_iter().map(|problem| {
        let pointer = match problem.field.as_str() {
            "action" => "/action".to_owned(),
            field => format!("/values/{}", field.replace('~', "~0").replace('/', "~1")),
        };
        ErrorItem {
            code: "invalid_input".to_owned(),
            message: problem.message,
            pointer: Some(pointer),
            ..ErrorItem::default()
        }
    });
    Error::new(ErrorKind::Unprocessable, "invalid_input", detail).with(items)
}
