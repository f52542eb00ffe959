//! Documents between the database and the engine: secret variables are taken out and sealed, and put back only to run.

use std::collections::HashSet;
use std::sync::Arc;

use latchkey_domain::access::Caller;
use latchkey_domain::credential::Principal;
use latchkey_domain::document::{Document, ImportOptions, Severity, check_selectors};
use latchkey_domain::id::{WorkflowId, WorkspaceId};
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

    /// A version of a workflow, ready to run.
    pub(crate) async fn prepare(
        &self,
        caller: &Caller,
        id: WorkflowId,
        version: Version,
    ) -> Result<Arc<Prepared>, Error> {
        if version == Version::Draft {
            let (workflow, draft) = self.visible_draft(caller, id).await?;
            let prepared = self
                .prepared(caller.workspace, id, draft, None, workflow.draft_revision)
                .await?;
            return Ok(Arc::new(prepared));
        }
        let number = self.number(caller, id, version).await?;
        self.prepare_published(caller.workspace, id, number).await
    }

    /// A published version, ready to run.
    pub(crate) async fn prepare_published(
        &self,
        workspace: WorkspaceId,
        id: WorkflowId,
        number: u32,
    ) -> Result<Arc<Prepared>, Error> {
        let missed = match self.inner.plans.get(&(id, number)) {
            Ok(known) => return Ok(known),
            Err(missed) => missed,
        };
        let found = self.inner.store.version(id, number).await?;
        let (version, text) = found.ok_or_else(|| Error::not_found("version"))?;
        let weight = text.json.len().saturating_add(OVERHEAD);
        let prepared = self
            .prepared(workspace, id, text, Some((number, version.author)), 0)
            .await?;
        let prepared = Arc::new(prepared);
        let plans = &self.inner.plans;
        plans.keep(missed, (id, number), Arc::clone(&prepared), weight);
        Ok(prepared)
    }

    /// A kept document, ready to run.
    pub(crate) async fn prepared(
        &self,
        workspace: WorkspaceId,
        id: WorkflowId,
        text: DocumentText,
        published: Option<(u32, Principal)>,
        revision: u32,
    ) -> Result<Prepared, Error> {
        let read = move |service: &Self| -> Result<_, Error> {
            let document = service.kept_document(&text)?;
            let plan = Plan::build(&document, &service.inner.nodes, None);
            Ok((document, plan.map_err(Error::of_plan)?, text))
        };
        let (document, plan, text) = self.at_length(read).await??;
        let secrets = self.open_secrets(workspace, id, &document, &text).await?;
        Ok(Prepared {
            plan: Arc::new(plan),
            document,
            number: published.map(|(number, _)| number),
            text: published.is_none().then_some(text),
            author: published.map(|(_, author)| author),
            revision,
            secrets,
        })
    }
}
