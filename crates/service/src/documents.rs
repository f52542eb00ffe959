//! Documents between the database and the engine: secret variables are taken out and sealed, and put back only to run.

use std::collections::HashSet;
use std::sync::Arc;

use latchkey_domain::access::Caller;
use latchkey_domain::credential::Principal;
use latchkey_domain::document::{Document, ImportOptions, Severity, check_selectors};
use latchkey_domain::id::{NodeId, WorkflowId, WorkspaceId};
use latchkey_domain::run::{Run, RunVersion};
use latchkey_domain::trigger::{TriggerNode, triggers};
use latchkey_domain::value::NamedValues;
use latchkey_domain::workflow::Mode;
use latchkey_engine::node::NodeTypes as _;
use latchkey_engine::plan::Plan;
use latchkey_store::DocumentText;
use serde_json::Value as Json;

use crate::Service;
use crate::access::check_text;
use crate::error::{Error, ErrorKind};
use crate::resolve::Version;

/// How many bytes of published documents are remembered, ready to run; each takes several times as much.
pub(crate) const REMEMBERED: usize = 32 << 20;
/// What a prepared document weighs beside its text.
const OVERHEAD: usize = 4096;
/// The longest name of a document, in characters: what Dify's database takes.
const NAME: usize = 255;
/// The longest description of a workflow, in characters.
pub(crate) const DESCRIPTION: usize = 10_000;

/// A document that is ready to run.
pub(crate) struct Prepared {
    pub(crate) document: Document,
    pub(crate) plan: Arc<Plan>,
    /// Where it is entered, if that was said.
    pub(crate) root: Option<NodeId>,
    /// The only node of the draft that it is, behind a start.
    pub(crate) only: Option<NodeId>,
    /// The published version, none for a draft.
    pub(crate) number: Option<u32>,
    /// The draft's revision.
    pub(crate) revision: u32,
    /// Who published it; for a draft nobody yet.
    pub(crate) author: Option<Principal>,
    /// Secret variables, opened, under the names of `Document::secret_variables`.
    pub(crate) secrets: NamedValues,
    /// A draft as it is kept, since it may change under its runs; none for a published version.
    pub(crate) text: Option<DocumentText>,
}

/// What a document is that becomes a [`Prepared`] one.
pub(crate) enum State {
    /// The draft at a revision.
    Draft(u32),
    /// A version, and who has published it.
    Published(u32, Principal),
}

/// A document as it is kept, without its secrets: not for a run.
pub(crate) struct Kept {
    pub(crate) document: Document,
    /// The published version, none for a draft.
    pub(crate) number: Option<u32>,
    /// Who published it; for a draft nobody yet.
    pub(crate) author: Option<Principal>,
}

/// A document that is to be kept, apart from its secrets.
pub(crate) struct Separated {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) mode: Mode,
    /// Its JSON, in which secret variables have no values.
    pub(crate) json: String,
    /// The values that are given.
    given: Vec<(String, String)>,
    /// The names of all secret variables.
    secret: HashSet<String>,
    /// Its triggers, as far as they say what can be meant.
    pub(crate) triggers: Vec<TriggerNode>,
}

impl Separated {
    /// Takes a document apart.
    pub(crate) fn of(document: &Document) -> Result<Self, Error> {
        let (plain, given) = document.without_secrets();
        let secret = document.secret_variables().map(|(name, _)| name);
        Ok(Self {
            name: document.name().to_owned(),
            description: document.description().to_owned(),
            mode: document.mode(),
            json: serde_json::to_string(plain.to_json()).map_err(Error::internal)?,
            given,
            secret: secret.collect(),
            // Publishing has refused what is wrong with them; a draft may wait for that.
            triggers: triggers(document).unwrap_or_default(),
        })
    }

    /// The same with all values of its secrets.
    pub(crate) fn with_secrets(self, given: Vec<(String, String)>) -> Self {
        Self { given, ..self }
    }
}

/// What a document says about itself can be kept and shown.
pub(crate) fn check_header(document: &Document) -> Result<(), Error> {
    let name = document.name();
    if name.chars().count() > NAME || name.chars().any(char::is_control) {
        let detail = format!("a name has at most {NAME} characters on one line");
        return Err(Error::field("invalid_name", "/app/name", detail));
    }
    check_text(document.description(), "/app/description", DESCRIPTION)
}

impl Service {
    /// A document out of JSON, with the checks of an import.
    pub(crate) fn read_document(&self, raw: Json) -> Result<Document, Error> {
        let supported = |node_type: &str| self.inner.nodes.supports(node_type);
        let options = ImportOptions {
            confirm_newer: true,
            supported: &supported,
        };
        let document = Document::from_json(raw, &options).map_err(Error::of_document)?;
        check_header(&document)?;
        let problems = check_selectors(&document);
        if problems
            .iter()
            .any(|problem| problem.severity == Severity::Error)
        {
            return Err(Error::of_document(problems));
        }
        Ok(document)
    }

    /// A document as it was kept.
    pub(crate) fn kept_document(&self, text: &DocumentText) -> Result<Document, Error> {
        let raw: Json = serde_json::from_str(&text.json).map_err(Error::internal)?;
        let supported = |node_type: &str| self.inner.nodes.supports(node_type);
        let options = ImportOptions {
            confirm_newer: true,
            supported: &supported,
        };
        Document::from_json(raw, &options).map_err(Error::of_document)
    }

    /// A document's secrets as they will be kept. A secret variable whose value is empty keeps the value that it had: reads give
    /// empty ones.
    pub(crate) async fn seal_secrets(
        &self,
        workspace: WorkspaceId,
        workflow: WorkflowId,
        new: &Separated,
        old: Option<&[u8]>,
    ) -> Result<Option<Vec<u8>>, Error> {
        let vault = &self.inner.vault;
        let old = vault.open_variables(workspace, workflow, old).await?;
        let is_given = |name: &String| new.given.iter().any(|(given, _)| given == name);
        let kept = old
            .into_iter()
            .filter(|(name, _)| !is_given(name) && new.secret.contains(name));
        let mut secrets = new.given.clone();
        secrets.extend(kept);
        vault.seal_variables(workspace, workflow, &secrets).await
    }

    /// The secret variables of a document, opened.
    pub(crate) async fn open_secrets(
        &self,
        workspace: WorkspaceId,
        workflow: WorkflowId,
        document: &Document,
        text: &DocumentText,
    ) -> Result<NamedValues, Error> {
        let opened = self
            .inner
            .vault
            .open_variables(workspace, workflow, text.secrets.as_deref())
            .await?;
        let typed = |(name, value): (String, String)| {
            let mut variables = document.secret_variables();
            let mut variable = variables.find(|(known, _)| *known == name)?.1.clone();
            variable.value = Json::String(value);
            Some((name, variable.typed()))
        };
        Ok(opened.into_iter().filter_map(typed).collect())
    }

    /// A version of a workflow as it is kept, whether or not it can be run.
    pub(crate) async fn kept(
        &self,
        caller: &Caller,
        id: WorkflowId,
        version: Version,
    ) -> Result<Kept, Error> {
        let (text, number, author) = match version {
            Version::Draft => (self.visible_draft(caller, id).await?.1, None, None),
            Version::Published | Version::Number(_) => {
                let number = self.number(caller, id, version).await?;
                let found = self.inner.store.version(id, number).await?;
                let (version, text) = found.ok_or_else(|| Error::not_found("version"))?;
                (text, Some(number), Some(version.author))
            }
        };
        let read = move |service: &Self| service.kept_document(&text);
        Ok(Kept {
            document: self.at_length(read).await??,
            number,
            author,
        })
    }

    /// The number of a published version.
    async fn number(
        &self,
        caller: &Caller,
        id: WorkflowId,
        version: Version,
    ) -> Result<u32, Error> {
        let published = self.visible(caller, id).await?.published_version;
        if let Version::Number(number) = version {
            return Ok(number);
        }
        published.ok_or_else(|| {
            Error::new(
                ErrorKind::Conflict,
                "workflow_not_published",
                "the workflow has no published version; publish it, or run the draft",
            )
        })
    }

    /// A version of a workflow, ready to run from a node, else from the first that can be entered.
    pub(crate) async fn prepare(
        &self,
        caller: &Caller,
        id: WorkflowId,
        version: Version,
        root: Option<NodeId>,
    ) -> Result<Arc<Prepared>, Error> {
        if version == Version::Draft {
            let (workflow, draft) = self.visible_draft(caller, id).await?;
            let state = State::Draft(workflow.draft_revision);
            let prepared = self.prepared((caller.workspace, id), draft, state, root);
            return Ok(Arc::new(prepared.await?));
        }
        let number = self.number(caller, id, version).await?;
        self.prepare_published(caller.workspace, id, number, root)
            .await
    }

    /// What a run executes, as it was when it began.
    pub(crate) async fn prepare_run(&self, run: &Run) -> Result<Arc<Prepared>, Error> {
        let root = run.trigger.clone();
        match run.version {
            RunVersion::Published(number) => {
                self.prepare_published(run.workspace, run.workflow, number, root)
                    .await
            }
            RunVersion::Draft(revision) => {
                let text = self.inner.store.run_document(run.id).await?;
                let text = text.ok_or_else(|| Error::not_found("run"))?;
                let (place, state) = ((run.workspace, run.workflow), State::Draft(revision));
                Ok(Arc::new(Prepared {
                    only: run.only_node.clone(),
                    ..self.prepared(place, text, state, root).await?
                }))
            }
        }
    }

    /// A published version, ready to run.
    pub(crate) async fn prepare_published(
        &self,
        workspace: WorkspaceId,
        id: WorkflowId,
        number: u32,
        root: Option<NodeId>,
    ) -> Result<Arc<Prepared>, Error> {
        let key = (id, number, root.clone());
        let missed = match self.inner.plans.get(&key) {
            Ok(known) => return Ok(known),
            Err(missed) => missed,
        };
        let found = self.inner.store.version(id, number).await?;
        let (version, text) = found.ok_or_else(|| Error::not_found("version"))?;
        let weight = text.json.len().saturating_add(OVERHEAD);
        let state = State::Published(number, version.author);
        let prepared = self.prepared((workspace, id), text, state, root).await?;
        let prepared = Arc::new(prepared);
        let plans = &self.inner.plans;
        plans.keep(missed, key, Arc::clone(&prepared), weight);
        Ok(prepared)
    }

    /// A kept document, ready to run.
    pub(crate) async fn prepared(
        &self,
        (workspace, id): (WorkspaceId, WorkflowId),
        text: DocumentText,
        state: State,
        root: Option<NodeId>,
    ) -> Result<Prepared, Error> {
        let read = move |service: &Self| -> Result<_, Error> {
            let document = service.kept_document(&text)?;
            let plan = Plan::build(&document, &service.inner.nodes, root.as_ref());
            Ok((document, plan.map_err(Error::of_plan)?, text, root))
        };
        let (document, plan, text, root) = self.at_length(read).await??;
        let secrets = self.open_secrets(workspace, id, &document, &text).await?;
        let (number, author, revision) = match state {
            State::Draft(revision) => (None, None, revision),
            State::Published(number, author) => (Some(number), Some(author), 0),
        };
        Ok(Prepared {
            plan: Arc::new(plan),
            root,
            only: None,
            document,
            text: number.is_none().then_some(text),
            number,
            author,
            revision,
            secrets,
        })
    }
}
