//! Workflows: made, listed, changed, exported, deleted; drafts and live credential settings.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::document::Document;
use latchkey_domain::id::{CredentialId, WorkflowId};
use latchkey_domain::settings::CredentialSettings;
use latchkey_domain::workflow::{Mode, Workflow};
use latchkey_store::{DocumentText, Page, Paged};
use serde_json::{Value as Json, json};

use crate::access::check_name;
use crate::error::{Error, ErrorItem};
use crate::resolve::Version;
use crate::{Service, require};

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
    /// The document; values of secret variables are empty.
    pub document: Json,
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
        require(caller, Permission::WorkflowsWrite)?;
        check_name(&new.name)?;
        let document = self.read_document(empty_document(&new))?;
        let workflow = self
            .keep_workflow(caller, &document, &CredentialSettings::default())
            .await?;
        self.audit(
            caller,
            "workflow.create",
            workflow.id,
            json!({"name": workflow.name}),
        )
        .await?;
        Ok(workflow)
    }

    /// Keeps a document as a new workflow.
    pub(crate) async fn keep_workflow(
        &self,
        caller: &Caller,
        document: &Document,
        settings: &CredentialSettings,
    ) -> Result<Workflow, Error> {
        let now = self.now();
        let workflow = Workflow {
            id: WorkflowId::new(Self::new_id()),
            workspace: caller.workspace,
            name: document.name().to_owned(),
            mode: document.mode(),
            description: document.description().to_owned(),
            draft_revision: 1,
            published_version: None,
            settings_revision: 1,
            created_at: now,
            updated_at: now,
        };
        let text = self
            .seal_document(caller.workspace, workflow.id, document, None)
            .await?;
        self.inner
            .store
            .insert_workflow(&workflow, &text, settings)
            .await?;
        Ok(workflow)
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
        Ok(self.visible_draft(caller, id).await?.0)
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
        require(caller, Permission::WorkflowsWrite)?;
        let (workflow, text) = self.visible_draft(caller, id).await?;
        let mut raw: Json = serde_json::from_str(&text.json).map_err(Error::internal)?;
        if let Some(name) = &change.name {
            check_name(name)?;
            raw["app"]["name"] = json!(name);
        }
        if let Some(description) = &change.description {
            raw["app"]["description"] = json!(description);
        }
        self.replace_draft(caller, &workflow, Some(workflow.draft_revision), raw, &text)
            .await?;
        self.workflow(caller, id).await
    }

    /// Deletes a workflow. Its runs and its rows of the ledger stay.
    ///
    /// # Errors
    /// When the caller may not, or there is no such workflow.
    pub async fn delete_workflow(&self, caller: &Caller, id: WorkflowId) -> Result<(), Error> {
        require(caller, Permission::WorkflowsWrite)?;
        let (workflow, _) = self.visible_draft(caller, id).await?;
        self.inner
            .store
            .delete_workflow(caller.workspace, id)
            .await?;
        self.inner.facts.changed();
        self.audit(
            caller,
            "workflow.delete",
            id,
            json!({"name": workflow.name}),
        )
        .await
    }

    /// The draft.
    ///
    /// # Errors
    /// When the caller may not, or there is no such workflow.
    pub async fn draft(&self, caller: &Caller, id: WorkflowId) -> Result<Draft, Error> {
        require(caller, Permission::WorkflowsRead)?;
        let (workflow, text) = self.visible_draft(caller, id).await?;
        let document = serde_json::from_str(&text.json).map_err(Error::internal)?;
        Ok(Draft { workflow, document })
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
        require(caller, Permission::WorkflowsWrite)?;
        let (workflow, text) = self.visible_draft(caller, id).await?;
        self.replace_draft(caller, &workflow, expected, document, &text)
            .await?;
        self.audit(
            caller,
            "workflow.draft",
            id,
            json!({"revision": workflow.draft_revision + 1}),
        )
        .await?;
        let (workflow, text) = self.visible_draft(caller, id).await?;
        let document = serde_json::from_str(&text.json).map_err(Error::internal)?;
        Ok(Draft { workflow, document })
    }

    pub(crate) async fn replace_draft(
        &self,
        caller: &Caller,
        workflow: &Workflow,
        expected: Option<u32>,
        raw: Json,
        old: &DocumentText,
    ) -> Result<(), Error> {
        let document = self.read_document(raw)?;
        let text = self
            .seal_document(caller.workspace, workflow.id, &document, Some(old))
            .await?;
        let changed = Workflow {
            name: document.name().to_owned(),
            description: document.description().to_owned(),
            mode: document.mode(),
            updated_at: self.now(),
            ..workflow.clone()
        };
        Ok(self
            .inner
            .store
            .replace_draft(&changed, expected, &text)
            .await?)
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
        let (workflow, draft) = self.visible_draft(caller, id).await?;
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
            None => draft,
            Some(number) => {
                self.inner
                    .store
                    .version(id, number)
                    .await?
                    .ok_or_else(|| Error::not_found("version"))?
                    .1
            }
        };
        let mut raw: Json = serde_json::from_str(&text.json).map_err(Error::internal)?;
        let settings = self.inner.facts.settings(caller.workspace, id).await?;
        if let Some(block) = raw.get_mut("workflow").and_then(Json::as_object_mut) {
            block.shift_remove("credentials");
            if *settings != CredentialSettings::default() {
                block.insert(
                    "credentials".to_owned(),
                    serde_json::to_value(&*settings).map_err(Error::internal)?,
                );
            }
        }
        let kept = DocumentText {
            json: raw.to_string(),
            secrets: None,
        };
        let credentials = self.inner.facts.credentials(caller.workspace).await?;
        let name_of = |id: &str| {
            let id: CredentialId = id.parse().ok()?;
            credentials
                .by_id(id)
                .map(|credential| credential.name.clone())
        };
        Ok(self.kept_document(&kept)?.export(&name_of))
    }

    /// The live credential settings.
    ///
    /// # Errors
    /// When the caller may not, or there is no such workflow.
    pub async fn credential_settings(
        &self,
        caller: &Caller,
        id: WorkflowId,
    ) -> Result<CredentialSettings, Error> {
        require(caller, Permission::CredentialsRead)?;
        self.visible_draft(caller, id).await?;
        Ok(self
            .inner
            .facts
            .settings(caller.workspace, id)
            .await?
            .as_ref()
            .clone())
    }

    /// Replaces the live credential settings: effective at the next call, in every version and every running run.
    ///
    /// # Errors
    /// When the caller may not bind, or something in them is wrong, with every place.
    pub async fn put_credential_settings(
        &self,
        caller: &Caller,
        id: WorkflowId,
        settings: CredentialSettings,
    ) -> Result<CredentialSettings, Error> {
        require(caller, Permission::CredentialsBind)?;
        self.visible_draft(caller, id).await?;
        self.check_settings(caller, &settings).await?;
        self.inner
            .store
            .replace_settings(caller.workspace, id, &settings, self.now())
            .await?;
        self.inner.facts.changed();
        let detail = serde_json::to_value(&settings).map_err(Error::internal)?;
        self.audit(caller, "workflow.credential_settings", id, detail)
            .await?;
        Ok(settings)
    }

    /// What is wrong with settings by themselves and with what they name.
    pub(crate) async fn check_settings(
        &self,
        caller: &Caller,
        settings: &CredentialSettings,
    ) -> Result<(), Error> {
        let mut wrong: Vec<ErrorItem> = settings
            .problems()
            .into_iter()
            .map(|problem| ErrorItem {
                code: problem.code.to_owned(),
                message: problem.message,
                pointer: Some(problem.pointer),
                ..ErrorItem::default()
            })
            .collect();
        let declared = self.inner.facts.environments(caller.workspace).await?;
        let credentials = self.inner.facts.credentials(caller.workspace).await?;
        for (place, binding) in settings.bindings.iter().enumerate() {
            let mut tell = |code: &str, field: &str, message: String| {
                wrong.push(ErrorItem {
                    code: code.to_owned(),
                    message,
                    pointer: Some(format!("/bindings/{place}/{field}")),
                    ..ErrorItem::default()
                });
            };
            if let Some(environment) = binding
                .environment
                .as_ref()
                .filter(|named| !declared.contains(named))
            {
                tell(
                    "environment_unknown",
                    "environment",
                    format!("the workspace has no environment {environment}"),
                );
            }
            let choice = &binding.choice;
            if let Some(name) = &choice.credential_name
                && credentials.by_name(&binding.provider, name).is_none()
            {
                tell(
                    "credential_not_found",
                    "credential_name",
                    format!("{} has no credential {name}", binding.provider),
                );
            }
            if let Some(id) = &choice.credential_id {
                match id.parse().ok().and_then(|id| credentials.by_id(id)) {
                    None => tell(
                        "credential_not_found",
                        "credential_id",
                        "there is no such credential".to_owned(),
                    ),
                    Some(found) if found.provider != binding.provider => {
                        tell(
                            "credential_provider_mismatch",
                            "credential_id",
                            format!("it belongs to {}", found.provider),
                        );
                    }
                    Some(_) => {}
                }
            }
        }
        if wrong.is_empty() {
            return Ok(());
        }
        let code = wrong[0].code.clone();
        Err(Error::unprocessable(&code, wrong[0].message.clone()).with(wrong))
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
