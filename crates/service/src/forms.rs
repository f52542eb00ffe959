//! Forms of paused runs: read, answered once, timed out; and the run that then goes on.
//!
//! An answer is committed before anything follows from it. Whatever dies in between, the loop here finds answers that are in no
//! journal yet and has their runs go on.

use std::sync::Arc;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::form::{FormAnswer, FormProblem, FormState, KeptForm};
use latchkey_domain::id::{FormId, RunId, WorkspaceId};
use latchkey_domain::run::{Run, RunStatus};
use latchkey_domain::time::Timestamp;
use latchkey_engine::node::RunFacts;
use latchkey_engine::run::{Past, resume};
use latchkey_engine::state::replay_events;
use latchkey_store::NewRun;
use serde_json::{Map, Value as Json, json};

use crate::documents::Prepared;
use crate::error::{Error, ErrorItem, ErrorKind};
use crate::execution::Live;
use crate::task::End;
use crate::{Service, lock, require};

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
        self.go_on_or_later(run, workspace).await;
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
                store
                    .answer_form(run, form, &FormAnswer::TimedOut, now)
                    .await?;
            }
        }
        for (run, workspace) in store.answered_runs().await? {
            self.go_on_or_later(run, workspace).await;
        }
        Ok(store.next_deadline().await?)
    }

    /// Lets a paused run go on; what fails is tried again by whoever watches.
    async fn go_on_or_later(&self, run: RunId, workspace: WorkspaceId) {
        if let Err(error) = self.go_on(run, workspace).await {
            tracing::error!(run.id = %run, %error, "a run that was answered cannot go on yet");
        }
    }

    /// Lets a paused run go on with the answers that its journal does not have. One that is at work takes them up at its next pause.
    async fn go_on(&self, id: RunId, workspace: WorkspaceId) -> Result<(), Error> {
        if self.live(id).is_some() {
            return Ok(());
        }
        let run = self.inner.store.run(workspace, id).await?;
        let Some(run) = run.filter(|run| run.status == RunStatus::Paused) else {
            return Ok(());
        };
        let prepared = self.prepare_run(&run).await?;
        let workflow = self.inner.store.workflow(workspace, run.workflow).await?;
        let name = workflow.map_or_else(String::new, |workflow| workflow.name);
        let new = NewRun {
            run: run.clone(),
            document: None,
            key: None,
            message: None,
        };
        // A workflow that waits for people is nobody's tool.
        let live = Arc::new(Live::new(new, 0));
        let (service, executed) = (self.clone(), Arc::clone(&live));
        let task = async move {
            let work = service.work_on(&run, name, &prepared, &executed);
            let work = async { work.await.unwrap_or(End::Settled) };
            service
                .see_through(run.id, workspace, &executed, Box::pin(work))
                .await;
        };
        // With the lock that `drain` closes under, as for a run that begins.
        let mut all = lock(&self.inner.live);
        if self.inner.tasks.is_closed() || all.contains_key(&id) {
            return Ok(());
        }
        all.insert(id, live);
        self.inner.tasks.spawn_on(task, &self.inner.runtime);
        Ok(())
    }

    /// Rebuilds a run and works at it to its end or its next pause. None when it is not this task's.
    async fn work_on(
        &self,
        run: &Run,
        workflow_name: String,
        prepared: &Arc<Prepared>,
        live: &Live,
    ) -> Option<End> {
        match self.taken_over(run, prepared, live).await {
            Ok(None) => None,
            Ok(Some((epoch, past))) => {
                let history = match self.history_of(run.workspace, run.id).await {
                    Ok(history) => history,
                    Err(error) => {
                        tracing::error!(run.id = %run.id, %error, "the conversation of a run cannot be read");
                        return None;
                    }
                };
                let facts = RunFacts {
                    history,
                    ..facts_of(run, workflow_name, prepared, epoch)
                };
                let records = past.records.last().map_or(0, |record| record.sequence);
                let (ports, pump) = self.connected(&facts, live, records);
                let work = resume(
                    Arc::clone(&prepared.plan),
                    Arc::new(facts),
                    past,
                    prepared.secrets.clone(),
                    ports,
                    live.cancel.clone(),
                );
                Some(tokio::join!(Box::pin(work), Box::pin(pump.run(None))).1)
            }
            Err(error) => {
                tracing::error!(run.id = %run.id, %error, "a paused run cannot be rebuilt yet");
                None
            }
        }
    }

    /// What a run was until its pause; its listeners hear it first. None when there is nothing to go on with, or it is over.
    async fn taken_over(
        &self,
        run: &Run,
        prepared: &Arc<Prepared>,
        live: &Live,
    ) -> Result<Option<(u32, Past)>, Error> {
        let store = &self.inner.store;
        let answers = store.unrecorded_answers(run.id).await?;
        let records = store.journal(run.id).await?;
        if answers.is_empty() || records.is_empty() {
            return Ok(None);
        }
        let (plan, secrets, id) = (Arc::clone(&prepared.plan), prepared.secrets.clone(), run.id);
        let (events, records) = self
            .at_length(move |_| {
                let events = replay_events(plan, id, secrets, &records);
                (events, records)
            })
            .await?;
        let Some(epoch) = store.seize_run(run.id).await? else {
            return Ok(None);
        };
        live.hub.say(events);
        let answers = answers.into_iter();
        Ok(Some((
            epoch,
            Past {
                records,
                answers: answers
                    .map(|(form, answer)| (form.execution(), answer))
                    .collect(),
            },
        )))
    }
}

fn facts_of(run: &Run, workflow_name: String, prepared: &Prepared, epoch: u32) -> RunFacts {
    RunFacts {
        run: run.id,
        workspace: run.workspace,
        workflow: Some(run.workflow),
        workflow_name,
        version: prepared.number,
        author: run.author,
        caller: run.caller,
        environment: run.environment.clone(),
        end_user: run.end_user.clone(),
        overrides: run.overrides.clone(),
        mode: prepared.document.mode(),
        epoch,
        history: Vec::new(),
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
