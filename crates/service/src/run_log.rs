//! The log of an app, and a run of an app with the values that it began with.

use std::collections::HashMap;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::chat::{EndUser, MessagePlace};
use latchkey_domain::form::KeptForm;
use latchkey_domain::id::{FormId, RunId, WorkflowId};
use latchkey_domain::journal::JournalEntry;
use latchkey_domain::run::Run;
use latchkey_domain::time::Timestamp;
use latchkey_domain::value::to_json_map;
use latchkey_store::RunLogQuery;
use serde_json::{Map, Value as Json};

use crate::error::Error;
use crate::{Service, require};

/// A page of a log.
#[derive(Clone, Debug)]
pub struct RunLog {
    /// The runs, the newest first, with the end users for whom they were begun.
    pub rows: Vec<(Run, Option<EndUser>)>,
    /// How many there are in all.
    pub total: u64,
}

impl Service {
    /// A page of the log of an app.
    ///
    /// # Errors
    /// When the caller may not, or there is no such workflow.
    pub async fn run_log(&self, caller: &Caller, query: &RunLogQuery) -> Result<RunLog, Error> {
        require(caller, Permission::RunsRead)?;
        self.visible(caller, query.workflow).await?;
        let store = &self.inner.store;
        let (runs, total) = store.run_log(caller.workspace, query).await?;
        let mut users: HashMap<String, EndUser> = HashMap::new();
        let mut rows = Vec::with_capacity(runs.len());
        for run in runs {
            let user = match &run.end_user {
                None => None,
                Some(name) => {
                    if !users.contains_key(name) {
                        let user = self.end_user(caller, query.workflow, Some(name)).await?;
                        users.insert(name.clone(), user);
                    }
                    users.get(name).cloned()
                }
            };
            rows.push((run, user));
        }
        Ok(RunLog { rows, total })
    }

    /// A run of an app, and the inputs that it began with, those of the system among them under `sys.` names.
    ///
    /// # Errors
    /// When the caller may not, or the app has no such run.
    pub async fn run_with_inputs(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        id: RunId,
    ) -> Result<(Run, Map<String, Json>), Error> {
        let run = self.run(caller, id).await?;
        if run.workflow != workflow {
            return Err(Error::not_found("run"));
        }
        let mut inputs = run.inputs.clone();
        let first = self.inner.store.journal(id).await?.into_iter().next();
        if let Some(JournalEntry::Started { values, .. }) = first.map(|record| record.entry) {
            let system = to_json_map(&values.system).into_iter();
            inputs.extend(system.map(|(name, value)| (format!("sys.{name}"), value)));
        }
        Ok((run, inputs))
    }

    /// The question of a conversation that a run answers, if it does.
    ///
    /// # Errors
    /// When the caller may not, or there is no such run.
    pub async fn message_of_run(
        &self,
        caller: &Caller,
        id: RunId,
    ) -> Result<Option<MessagePlace>, Error> {
        let run = self.run(caller, id).await?;
        Ok(self.inner.store.message_of_run(run.workspace, id).await?)
    }

    /// Whether a time has gone by.
    #[must_use]
    pub fn is_past(&self, at: Timestamp) -> bool {
        at <= self.now()
    }

    /// A form of one of an app's runs.
    ///
    /// # Errors
    /// When the caller may not, or no run of the app has asked it.
    pub async fn form_of_app(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        id: FormId,
    ) -> Result<KeptForm, Error> {
        require(caller, Permission::RunsRead)?;
        let found = self.inner.store.form(caller.workspace, id).await?;
        let form = found.ok_or_else(|| Error::not_found("form"))?;
        let run = self.run(caller, form.run).await;
        match run {
            Ok(run) if run.workflow == workflow => Ok(form),
            Ok(_) | Err(_) => Err(Error::not_found("form")),
        }
    }
}
