//! Workflows: made, listed, changed, exported, deleted; drafts and live credential settings.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::document::ModelPlace;
use latchkey_domain::id::{CredentialId, WorkflowId};
use latchkey_domain::settings::CredentialSettings;
use latchkey_domain::time::Timestamp;
use latchkey_domain::workflow::{Mode, Workflow};
use latchkey_models::Credentials;
use latchkey_store::{Besides, DocumentText, NewTrigger, NewVersion, Page, Paged, StoreError};
use serde_json::{Value as Json, json};

use crate::access::{check_name, check_text};
use crate::documents::{DESCRIPTION, Separated};
use crate::error::{Error, ErrorKind};
use crate::resolve::Version;
use crate::{Service, require, require_workspace};

/// A workflow that is to be made.
#[derive(Clone, Debug)]
pub struct NewWorkflow {
    /// Its name.
    pub name: String,
    /// Its mode.
    pub mode: Mode,
    /// What it is for.
    pub description: String,
}

/// What is changed of a workflow.
#[derive(Clone, Debug, Default)]
pub struct WorkflowChange {
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
}

/// A draft as it is read.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its workflow.
    pub workflow: Workflow,
    /// The document's JSON; values of secret variables are empty.
    pub json: String,
}

/// What is done together with the keeping of a document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Also {
    /// The live credential settings are replaced.
    pub(crate) settings: Option<CredentialSettings>,
    /// It is published, with this note.
    pub(crate) publish: Option<String>,
}

impl Also {
    fn besides(
        self,
        caller: &Caller,
        document: &DocumentText,
        triggers: Vec<NewTrigger>,
        at: Timestamp,
    ) -> Besides {
        let version = |note| NewVersion {
            document: document.clone(),
            note,
            author: caller.principal,
            at,
            triggers,
        };
        Besides {
            settings: self.settings,
            version: self.publish.map(version),
        }
    }
}

impl Service {
    /// Makes a workflow with a start and an end and nothing between.
    ///
    /// # Errors
    /// When the caller may not, or the name is none.
    pub async fn create_workflow(
        &self,
        caller: &Caller,
        new: NewWorkflow,
    ) -> Result<Workflow, Error> {
        let change = move |service: Self, caller: Caller| async move {
            require_workspace(&caller, Permission::WorkflowsWrite)?;
            check_name(&new.name)?;
            check_text(&new.description, "/description", DESCRIPTION)?;
            let document = Separated::of(&service.read_document(empty_document(&new))?)?;
            let kept = service.keep_workflow(&caller, &document, Also::default());
            let workflow = kept.await?;
            let detail = json!({"name": workflow.name});
            service
                .audit(&caller, "workflow.create", workflow.id, detail)
                .await?;
            Ok(workflow)
        };
        self.complete(caller, change).await
    }

    /// Keeps a document as a new workflow.
    pub(crate) async fn keep_workflow(
        &self,
        caller: &Caller,
        document: &Separated,
        also: Also,
    ) -> Result<Workflow, Error> {
        let workflow = Self::new_workflow(caller, document, self.now());
        let secrets = self
            .seal_secrets(caller.workspace, workflow.id, document, None)
            .await?;
        let text = DocumentText {
            json: document.json.clone(),
            secrets,
        };
        let triggers = self
            .also_triggers(caller, workflow.id, document, &also)
            .await?;
        let besides = also.besides(caller, &text, triggers, workflow.created_at);
        let store = &self.inner.store;
        let kept = store.insert_workflow(&workflow, &text, besides).await?;
        self.inner.schedules_changed.notify_one();
        Ok(kept)
    }

    /// The triggers of a document that is published as it is kept.
    async fn also_triggers(
        &self,
        caller: &Caller,
        id: WorkflowId,
        document: &Separated,
        also: &Also,
    ) -> Result<Vec<NewTrigger>, Error> {
        if also.publish.is_none() {
            return Ok(Vec::new());
        }
        self.new_triggers(caller, id, &document.triggers).await
    }

    pub(crate) fn new_workflow(caller: &Caller, document: &Separated, now: Timestamp) -> Workflow {
        Workflow {
            id: WorkflowId::new(Self::new_id()),
            workspace: caller.workspace,
            name: document.name.clone(),
            mode: document.mode,
            description: document.description.clone(),
            draft_revision: 1,
            published_version: None,
            settings_revision: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// A workflow, if the caller may see it.
    pub(crate) async fn visible(&self, caller: &Caller, id: WorkflowId) -> Result<Workflow, Error> {
        let not_found = || Error::not_found("workflow");
        if !caller.sees(id) {
            return Err(not_found());
        }
        let workflow = match self.inner.heads.get(&id) {
            Ok(workflow) => workflow,
            Err(missed) => {
                let found = self.inner.store.workflow(caller.workspace, id).await?;
                let workflow = found.ok_or_else(not_found)?;
                self.inner.heads.keep(missed, id, workflow.clone(), 1);
                workflow
            }
        };
        if workflow.workspace == caller.workspace {
            Ok(workflow)
        } else {
            Err(not_found())
        }
    }

    /// Something about a workflow was changed, or perhaps: a commit whose answer was lost is one.
    pub(crate) fn changed(&self, id: WorkflowId) {
        self.inner.heads.forget(|known, _| *known == id);
        self.inner.facts.changed();
    }

    /// A workflow with its draft, if the caller may see it.
    pub(crate) async fn visible_draft(
        &self,
        caller: &Caller,
        id: WorkflowId,
    ) -> Result<(Workflow, DocumentText), Error> {
        if !caller.sees(id) {
            return Err(Error::not_found("workflow"));
        }
        let found = self.inner.store.draft(caller.workspace, id).await?;
        found.ok_or_else(|| Error::not_found("workflow"))
    }

    /// A workflow.
    ///
    /// # Errors
    /// When the caller may not, or there is no such workflow.
    pub async fn workflow(&self, caller: &Caller, id: WorkflowId) -> Result<Workflow, Error> {
        require(caller, Permission::WorkflowsRead)?;
        self.visible(caller, id).await
    }

    /// The workflows of the caller's workspace.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn workflows(&self, caller: &Caller, page: Page) -> Result<Paged<Workflow>, Error> {
        require(caller, Permission::WorkflowsRead)?;
        if let Some(only) = caller.workflow {
            let rows = vec![self.workflow(caller, only).await?];
            return Ok(Paged { rows, next: None });
        }
        Ok(self.inner.store.workflows(caller.workspace, page).await?)
    }

    /// Changes name and description, in the draft too.
    ///
    /// # Errors
    /// When the caller may not, or the name is none.
    pub async fn change_workflow(
        &self,
        caller: &Caller,
        id: WorkflowId,
        change: WorkflowChange,
    ) -> Result<Workflow, Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::WorkflowsWrite)?;
            if let Some(name) = &change.name {
                check_name(name)?;
            }
            if let Some(description) = &change.description {
                check_text(description, "/description", DESCRIPTION)?;
            }
            loop {
                let (workflow, text) = service.visible_draft(&caller, id).await?;
                if change.name.is_none() && change.description.is_none() {
                    break Ok(workflow);
                }
                let change = change.clone();
                let read = move |service: &Self| service.described(&text, &change);
                let new = service.at_length(read).await??;
                let expected = Some(workflow.draft_revision);
                let replaced = service.replace_draft(&caller, id, expected, &new, Also::default());
                match replaced.await {
                    // Somebody was faster: the change is made to what is there now.
                    Err(error) if error.kind == ErrorKind::Precondition => {}
                    replaced => break service.changed_by(&caller, replaced?.0).await,
                }
            }
        };
        self.complete(caller, change).await
    }

    async fn changed_by(&self, caller: &Caller, workflow: Workflow) -> Result<Workflow, Error> {
        let detail = json!({"name": workflow.name, "revision": workflow.draft_revision});
        self.audit(caller, "workflow.change", workflow.id, detail)
            .await?;
        Ok(workflow)
    }

    /// A draft with another name or description.
    fn described(&self, text: &DocumentText, change: &WorkflowChange) -> Result<Separated, Error> {
        let mut raw: Json = serde_json::from_str(&text.json).map_err(Error::internal)?;
        if let Some(name) = &change.name {
            raw["app"]["name"] = json!(name);
        }
        if let Some(description) = &change.description {
            raw["app"]["description"] = json!(description);
        }
        Separated::of(&self.read_document(raw)?)
    }

    /// Deletes a workflow. Its runs and its rows of the ledger stay.
    ///
    /// # Errors
    /// When the caller may not, or there is no such workflow.
    pub async fn delete_workflow(&self, caller: &Caller, id: WorkflowId) -> Result<(), Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::WorkflowsWrite)?;
            let workflow = service.visible(&caller, id).await?;
            let store = &service.inner.store;
            let deleted = store
                .delete_workflow(caller.workspace, id, service.now())
                .await;
            service.changed(id);
            deleted?;
            let detail = json!({"name": workflow.name});
            service.audit(&caller, "workflow.delete", id, detail).await
        };
        self.complete(caller, change).await
    }

    /// The draft.
    ///
    /// # Errors
    /// When the caller may not, or there is no such workflow.
    pub async fn draft(&self, caller: &Caller, id: WorkflowId) -> Result<Draft, Error> {
        require(caller, Permission::WorkflowsRead)?;
        let (workflow, text) = self.visible_draft(caller, id).await?;
        Ok(Draft {
            workflow,
            json: text.json,
        })
    }

    /// Replaces the draft, if it is still at the expected revision.
    ///
    /// # Errors
    /// When the document is refused, with every place, or the draft was changed meanwhile.
    pub async fn put_draft(
        &self,
        caller: &Caller,
        id: WorkflowId,
        expected: Option<u32>,
        document: Json,
    ) -> Result<Draft, Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::WorkflowsWrite)?;
            service.visible(&caller, id).await?;
            let read = move |service: &Self| Separated::of(&service.read_document(document)?);
            let new = service.at_length(read).await??;
            let replaced = service.replace_draft(&caller, id, expected, &new, Also::default());
            let (workflow, text) = match replaced.await {
                Ok(replaced) => replaced,
                Err(refused) => return Err(service.told_meanwhile(&caller, id, refused).await),
            };
            let detail = json!({"revision": workflow.draft_revision});
            service.audit(&caller, "workflow.draft", id, detail).await?;
            Ok(Draft {
                workflow,
                json: text.json,
            })
        };
        self.complete(caller, change).await
    }

    /// Replaces a draft that is still at the expected revision; when none is expected, at whatever it is now. The secrets that the
    /// new one keeps are those of the revision that it replaces.
    pub(crate) async fn replace_draft(
        &self,
        caller: &Caller,
        id: WorkflowId,
        expected: Option<u32>,
        new: &Separated,
        also: Also,
    ) -> Result<(Workflow, DocumentText), Error> {
        loop {
            let (workflow, old) = self.visible_draft(caller, id).await?;
            let revision = workflow.draft_revision;
            if expected.is_some_and(|expected| expected != revision) {
                return Err(StoreError::Changed.into());
            }
            let secrets = self
                .seal_secrets(caller.workspace, id, new, old.secrets.as_deref())
                .await?;
            let text = DocumentText {
                json: new.json.clone(),
                secrets,
            };
            let changed = Workflow {
                name: new.name.clone(),
                description: new.description.clone(),
                mode: new.mode,
                updated_at: self.now(),
                ..workflow
            };
            let also = also.clone();
            let triggers = self.also_triggers(caller, id, new, &also).await?;
            let besides = also.besides(caller, &text, triggers, changed.updated_at);
            let store = &self.inner.store;
            let kept = store
                .replace_draft(&changed, revision, &text, besides)
                .await;
            self.changed(id);
            self.inner.schedules_changed.notify_one();
            match kept {
                // Somebody was faster, and the client does not mind.
                Err(StoreError::Changed) if expected.is_none() => {}
                kept => return Ok((kept?, text)),
            }
        }
    }

    /// The document for others: canonical, with names for ids, without secrets, with the live settings as its proposals.
    ///
    /// # Errors
    /// When the caller may not, or there is no such version.
    pub async fn export(
        &self,
        caller: &Caller,
        id: WorkflowId,
        version: Version,
    ) -> Result<String, Error> {
        require(caller, Permission::WorkflowsRead)?;
        let workflow = self.visible(caller, id).await?;
        let number = match version {
            Version::Draft => None,
            Version::Published => Some(
                workflow
                    .published_version
                    .ok_or_else(|| Error::not_found("version"))?,
            ),
            Version::Number(number) => Some(number),
        };
        let text = match number {
            None => self.visible_draft(caller, id).await?.1,
            Some(number) => {
                let version = self.inner.store.version(id, number).await?;
                version.ok_or_else(|| Error::not_found("version"))?.1
            }
        };
        let settings = self.inner.facts.settings(caller.workspace, id).await?;
        let credentials = self.inner.facts.credentials(caller.workspace).await?;
        let reads_credentials = caller.may(Permission::CredentialsRead);
        let export = move |service: &Self| {
            let document = service.kept_document(&text)?;
            // A file without them would let somebody else pay, so it is the whole or nothing.
            let names_ids = |place: &ModelPlace| place.selector.choice.credential_id.is_some();
            let tells = *settings != CredentialSettings::default()
                || document.model_places().iter().any(names_ids);
            if tells && !reads_credentials {
                let detail = "the file would tell the workflow's credential settings: the key lacks the scope credentials:read";
                return Err(Error::new(ErrorKind::Forbidden, "forbidden", detail));
            }
            service.exported(&text, &settings, &credentials)
        };
        self.at_length(export).await?
    }

    fn exported(
        &self,
        text: &DocumentText,
        settings: &CredentialSettings,
        credentials: &Credentials,
    ) -> Result<String, Error> {
        let mut raw: Json = serde_json::from_str(&text.json).map_err(Error::internal)?;
        if let Some(block) = raw.get_mut("workflow").and_then(Json::as_object_mut) {
            block.shift_remove("credentials");
            if *settings != CredentialSettings::default() {
                block.insert(
                    "credentials".to_owned(),
                    serde_json::to_value(settings).map_err(Error::internal)?,
                );
            }
        }
        let kept = DocumentText {
            json: raw.to_string(),
            secrets: None,
        };
        let name_of = |id: &str| {
            let id: CredentialId = id.parse().ok()?;
            credentials
                .by_id(id)
                .map(|credential| credential.name.clone())
        };
        Ok(self.kept_document(&kept)?.export(&name_of))
    }
}

/// A start and what ends or answers.
fn empty_document(new: &NewWorkflow) -> Json {
    let is_chat = new.mode == Mode::AdvancedChat;
    let start = json!({"id": "start", "type": "custom", "position": {"x": 80, "y": 280}, "data": {"type": "start", "title": "Start", "variables": []}});
    let last = if is_chat {
        json!({"type": "answer", "title": "Answer", "answer": "{{#sys.query#}}", "variables": []})
    } else {
        json!({"type": "end", "title": "End", "outputs": []})
    };
    let last_id = if is_chat { "answer" } else { "end" };
    let last =
        json!({"id": last_id, "type": "custom", "position": {"x": 380, "y": 280}, "data": last});
    let edge = json!({"id": format!("start-{last_id}"), "type": "custom", "source": "start", "sourceHandle": "source", "target": last_id, "targetHandle": "target"});
    json!({
        "kind": "app", "version": latchkey_domain::document::CURRENT_VERSION,
        "app": {"name": new.name, "mode": new.mode.as_str(), "description": new.description, "icon": "🔑", "icon_background": "#FFEAD5"},
        "workflow": {"environment_variables": [], "conversation_variables": [], "features": {}, "graph": {"nodes": [start, last], "edges": [edge]}},
    })
}
