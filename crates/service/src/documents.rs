//! Documents between the database and the engine: secret variables are taken out and sealed, and put back only to run.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use latchkey_domain::access::Caller;
use latchkey_domain::credential::Principal;
use latchkey_domain::document::{Document, ImportOptions, Severity, check_selectors};
use latchkey_domain::id::{WorkflowId, WorkspaceId};
use latchkey_domain::value::NamedValues;
use latchkey_engine::node::NodeTypes as _;
use latchkey_engine::plan::Plan;
use latchkey_store::DocumentText;
use serde_json::Value as Json;

use crate::error::{Error, ErrorKind};
use crate::resolve::Version;
use crate::{Service, lock};

/// Plans that are remembered; all are forgotten when there are more.
const REMEMBERED: usize = 1_000;

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
    /// The document as it is kept.
    pub(crate) text: DocumentText,
}

/// Published versions that were prepared before. They never change, so nothing is ever out of date.
#[derive(Default)]
pub(crate) struct Plans(Mutex<HashMap<(WorkflowId, u32), Arc<Prepared>>>);

impl Service {
    /// A document out of JSON, with the checks of an import.
    pub(crate) fn read_document(&self, raw: Json) -> Result<Document, Error> {
        let supported = |node_type: &str| self.inner.nodes.supports(node_type);
        let options = ImportOptions {
            confirm_newer: true,
            supported: &supported,
        };
        let document = Document::from_json(raw, &options).map_err(Error::of_document)?;
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

    /// A document as it will be kept. A secret variable whose value is empty keeps the value that it had: reads give empty ones.
    pub(crate) async fn seal_document(
        &self,
        workspace: WorkspaceId,
        workflow: WorkflowId,
        document: &Document,
        old: Option<&DocumentText>,
    ) -> Result<DocumentText, Error> {
        let (plain, mut secrets) = document.without_secrets();
        let old = match old {
            Some(old) => {
                self.inner
                    .vault
                    .open_variables(workspace, workflow, old.secrets.as_deref())
                    .await?
            }
            None => Vec::new(),
        };
        let given: HashSet<String> = secrets.iter().map(|(name, _)| name.clone()).collect();
        let still_there: HashSet<String> =
            document.secret_variables().map(|(name, _)| name).collect();
        let kept = old
            .into_iter()
            .filter(|(name, _)| !given.contains(name) && still_there.contains(name));
        secrets.extend(kept);
        Ok(DocumentText {
            json: serde_json::to_string(plain.to_json()).map_err(Error::internal)?,
            secrets: self
                .inner
                .vault
                .seal_variables(workspace, workflow, &secrets)
                .await?,
        })
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

    /// A version of a workflow, ready to run.
    pub(crate) async fn prepare(
        &self,
        caller: &Caller,
        id: WorkflowId,
        version: Version,
    ) -> Result<Arc<Prepared>, Error> {
        let (workflow, draft) = self.visible_draft(caller, id).await?;
        let number = match version {
            Version::Draft => {
                let prepared = self
                    .prepared(caller.workspace, id, draft, None, workflow.draft_revision)
                    .await?;
                return Ok(Arc::new(prepared));
            }
            Version::Published => workflow.published_version.ok_or_else(|| {
                Error::new(
                    ErrorKind::Conflict,
                    "workflow_not_published",
                    "the workflow has no published version; publish it, or run the draft",
                )
            })?,
            Version::Number(number) => number,
        };
        self.prepare_published(caller.workspace, id, number).await
    }

    /// A published version, ready to run.
    pub(crate) async fn prepare_published(
        &self,
        workspace: WorkspaceId,
        id: WorkflowId,
        number: u32,
    ) -> Result<Arc<Prepared>, Error> {
        if let Some(known) = lock(&self.inner.plans.0).get(&(id, number)) {
            return Ok(Arc::clone(known));
        }
        let found = self.inner.store.version(id, number).await?;
        let (version, text) = found.ok_or_else(|| Error::not_found("version"))?;
        let prepared = Arc::new(
            self.prepared(workspace, id, text, Some((number, version.author)), 0)
                .await?,
        );
        let mut plans = lock(&self.inner.plans.0);
        if plans.len() >= REMEMBERED {
            plans.clear();
        }
        plans.insert((id, number), Arc::clone(&prepared));
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
        let document = self.kept_document(&text)?;
        let plan = Plan::build(&document, &self.inner.nodes, None).map_err(Error::of_plan)?;
        let secrets = self.open_secrets(workspace, id, &document, &text).await?;
        Ok(Prepared {
            plan: Arc::new(plan),
            document,
            number: published.map(|(number, _)| number),
            author: published.map(|(_, author)| author),
            revision,
            secrets,
            text,
        })
    }
}
