//! Import: a file becomes a workflow or a new draft of one, with a report that says what was found, line by line.

mod configured;
mod datasets;
mod findings;
mod mapping;

use std::collections::BTreeMap;
use std::sync::Arc;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::Environment;
use latchkey_domain::document::{
    Document, Import, ImportOptions, Problem, Report, Severity, Status, import,
};
use latchkey_domain::id::WorkflowId;
use latchkey_domain::settings::CredentialSettings;
use latchkey_domain::workflow::Workflow;
use latchkey_engine::node::NodeTypes as _;
use latchkey_models::Credentials;
use latchkey_outbound::Request;
use serde_json::json;

use crate::access::check_name;
use crate::documents::{Separated, check_header};
use crate::error::{Error, ErrorItem, ErrorKind};
use crate::settings::check_settings;
use crate::workflows::Also;
use crate::{Service, require, require_workspace};

use self::datasets::NamedDataset;
pub(crate) use self::datasets::datasets_of;
pub use self::findings::{CredentialState, ImportedCredential};
use self::findings::{Defaults, credentials_of, lines_of, tell_missing};
use self::mapping::{Mapping, ToolProviders};

/// What is to be imported, and how.
#[derive(Clone, Debug, Default)]
pub struct ImportRequest {
    /// The file's text.
    pub content: String,
    /// The name; none: the file's.
    pub name: Option<String>,
    /// The workflow whose draft it replaces; none: a new one.
    pub workflow: Option<WorkflowId>,
    /// Whether it is published at once.
    pub publish: bool,
    /// Whether only the report is wanted.
    pub dry_run: bool,
    /// Whether a file of a newer version is taken without asking.
    pub confirm_newer: bool,
    /// Whether the credential settings that the file proposes are applied.
    pub bind: bool,
    /// From `<provider>/<name in the file>` to the name or id here.
    pub credential_mapping: BTreeMap<String, String>,
}

/// What came of an import.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The workflow; none when the file was refused, for a dry run and when the import waits for a confirmation.
    pub workflow: Option<Workflow>,
    /// Whether the workflow is new.
    pub is_new: bool,
    /// What was found.
    pub report: Report,
    /// What the file says about credentials.
    pub credentials: Vec<ImportedCredential>,
    /// Whether the proposed credential settings were applied.
    pub settings_applied: bool,
    /// The datasets that the file names, with the nodes that do.
    pub(crate) datasets: Vec<NamedDataset>,
}

impl Imported {
    fn of(report: Report) -> Self {
        Self {
            workflow: None,
            is_new: false,
            report,
            credentials: Vec::new(),
            settings_applied: false,
            datasets: Vec::new(),
        }
    }
}

/// What a file is read against.
struct Here {
    /// The live credential settings of the workflow that is replaced.
    live: Arc<CredentialSettings>,
    credentials: Arc<Credentials>,
    defaults: Arc<Defaults>,
    environments: Arc<[Environment]>,
}

/// What came of reading a file, and what is to be kept.
type Read = (Imported, Option<(Separated, Also)>);

impl Service {
    /// Imports a file.
    ///
    /// # Errors
    /// When the file is refused, with every place; then nothing is stored.
    pub async fn import(&self, caller: &Caller, request: ImportRequest) -> Result<Imported, Error> {
        let change = move |service: Self, caller: Caller| async move {
            service.import_now(&caller, request).await
        };
        self.complete(caller, change).await
    }

    async fn import_now(&self, caller: &Caller, request: ImportRequest) -> Result<Imported, Error> {
        match request.workflow {
            Some(_) => require(caller, Permission::WorkflowsWrite)?,
            None => require_workspace(caller, Permission::WorkflowsWrite)?,
        }
        if request.publish {
            require(caller, Permission::WorkflowsPublish)?;
        }
        if request.bind {
            require(caller, Permission::CredentialsBind)?;
        }
        let facts = &self.inner.facts;
        let here = Here {
            live: match request.workflow {
                None => Arc::default(),
                Some(id) => {
                    self.visible(caller, id).await?;
                    facts.settings(caller.workspace, id).await?
                }
            },
            credentials: facts.credentials(caller.workspace).await?,
            defaults: facts.every_default(caller.workspace).await?,
            environments: facts.environments(caller.workspace).await?,
        };
        let replaced = request.workflow;
        let detail = |name: &str, bind: bool| json!({"name": name, "bind": bind});
        let bind = request.bind;
        let read = self.at_length(move |service| (service.read_file(&request), request));
        let (file, request) = read.await?;
        let tools = match &file.document {
            None => ToolProviders::default(),
            Some(document) => {
                let places = document.tool_places();
                self.tool_credential_providers(caller, replaced, places)
                    .await?
            }
        };
        let read = self.at_length(move |service| service.read_import(request, file, &here, &tools));
        let (mut imported, keep) = read.await??;
        let report = &mut imported.report;
        self.tell_tools(caller, replaced, report).await?;
        self.tell_missing_datasets(caller, &mut imported).await?;
        let Some((document, also)) = keep else {
            return Ok(imported);
        };
        let published = also.publish.is_some();
        let workflow = match replaced {
            None => self.keep_workflow(caller, &document, also).await?,
            Some(id) => {
                let replaced = self.replace_draft(caller, id, None, &document, also);
                replaced.await?.0
            }
        };
        let id = workflow.id;
        let mut detail = detail(&workflow.name, bind);
        detail["revision"] = json!(workflow.draft_revision);
        self.audit(caller, "workflow.import", id, detail).await?;
        if published {
            let detail = json!({"version": workflow.published_version});
            self.audit(caller, "workflow.publish", id, detail).await?;
        }
        imported.workflow = Some(workflow);
        Ok(imported)
    }

    fn read_file(&self, request: &ImportRequest) -> Import {
        let supported = |node_type: &str| self.inner.nodes.supports(node_type);
        let options = ImportOptions {
            confirm_newer: request.confirm_newer,
            supported: &supported,
        };
        let Some(configured) = configured::converted(&request.content) else {
            return import(&request.content, &options);
        };
        let mut read = import(&configured.text, &options);
        let found = read.report.items.into_iter();
        // The lines are not those of the file.
        let found = found.map(|problem| Problem {
            line: None,
            column: None,
            ..problem
        });
        read.report.items = found.chain(configured.notes).collect();
        read
    }

    /// Looks at a file that was read: its report and, unless only that is wanted, what is to be kept.
    fn read_import(
        &self,
        request: ImportRequest,
        read: Import,
        here: &Here,
        tools: &ToolProviders,
    ) -> Result<Read, Error> {
        let mut found = Imported::of(read.report);
        let Some(document) = read.document else {
            return Err(refused(found));
        };
        // Read before names and credentials are changed: what is changed has no lines any more.
        let lines = lines_of(&document);
        let mapping = Mapping::of(&request.credential_mapping, &here.credentials)?;
        found.credentials = credentials_of(&document, tools, &here.credentials, &mapping);
        mapping.check(&found.credentials)?;
        let document = self.adapted(&request, document, &mapping, tools)?;
        check_header(&document)?;
        let proposed = document.credentials().cloned();
        let report = &mut found.report;
        found.settings_applied = check_proposal(&request, proposed.as_ref(), here, report);
        let settings = proposed.filter(|_| found.settings_applied);
        let effective = settings.as_ref().unwrap_or(&here.live);
        let silent = self.silent_places(&document, effective, &here.defaults);
        tell_missing(report, &found.credentials, &silent, &lines);
        found.datasets = datasets_of(&document);
        self.tell_uncallable(report, &document, &lines);
        found.credentials.extend(silent);
        let has = |severity| report.items.iter().any(|item| item.severity == severity);
        if has(Severity::Error) {
            return Err(refused(found));
        }
        if report.status == Status::Completed && has(Severity::Warning) {
            report.status = Status::CompletedWithWarnings;
        }
        if report.status == Status::Pending {
            return Ok((found, None));
        }
        if request.publish {
            // Before anything is stored: nothing is half-saved, and a dry run says the same.
            let published = self.check_publishable(&document, effective);
            let is_unused = document.credentials().is_some() && settings.is_none();
            published.map_err(|error| unpublishable(error, &found, is_unused))?;
        }
        if request.dry_run {
            return Ok((found, None));
        }
        let also = Also {
            settings,
            publish: request.publish.then(String::new),
        };
        found.is_new = request.workflow.is_none();
        Ok((found, Some((Separated::of(&document)?, also))))
    }

    /// The text of a file that is somewhere on the network.
    ///
    /// # Errors
    /// When the caller may not, the address is not permitted, or there is no such file.
    pub async fn fetch_file(&self, caller: &Caller, url: &str) -> Result<String, Error> {
        require(caller, Permission::WorkflowsWrite)?;
        let wrong = |detail: String| Error::field("url_unreachable", "/url", detail);
        let request = Request::get(url).max_body(latchkey_domain::document::MAX_BYTES as u64);
        let answer = self
            .inner
            .outbound
            .send(request)
            .await
            .map_err(|error| wrong(error.to_string()))?;
        if answer.status != 200 {
            return Err(wrong(format!("the server answered {}", answer.status)));
        }
        let body = answer
            .bytes()
            .await
            .map_err(|error| wrong(error.to_string()))?;
        String::from_utf8(body.to_vec()).map_err(|_| wrong("the file is no UTF-8 text".to_owned()))
    }

    /// The document with its other name and the credentials of this place.
    fn adapted(
        &self,
        request: &ImportRequest,
        document: Document,
        mapping: &Mapping,
        tools: &ToolProviders,
    ) -> Result<Document, Error> {
        if request.name.is_none() && request.credential_mapping.is_empty() {
            return Ok(document);
        }
        let mut raw = mapping.applied(document.to_json(), tools);
        if let Some(name) = &request.name {
            check_name(name)?;
            raw["app"]["name"] = json!(name);
        }
        self.read_document(raw)
    }
}

/// Whether the file's proposals are applied; what is not is told.
fn check_proposal(
    request: &ImportRequest,
    proposed: Option<&CredentialSettings>,
    here: &Here,
    report: &mut Report,
) -> bool {
    let Some(settings) = proposed else {
        return false;
    };
    if !request.bind {
        let text = "the file proposes credential settings; they are applied only when that is asked for (bind)";
        let problem = Problem {
            severity: Severity::Info,
            ..Problem::warning("credential_settings_not_applied", text)
        };
        report.items.push(problem.in_field("workflow.credentials"));
        return false;
    }
    let Err(error) = check_settings(settings, &here.environments, &here.credentials) else {
        return true;
    };
    let wrong = error.errors.into_iter().map(|item| {
        Problem::error(&item.code, item.message).in_field(format!(
            "workflow.credentials{}",
            item.pointer.unwrap_or_default()
        ))
    });
    report.items.extend(wrong);
    false
}

/// Why a file cannot be published; where it proposes what is missing itself, that is said.
fn unpublishable(error: Error, found: &Imported, is_unused: bool) -> Error {
    let detail = if is_unused && error.code == "runtime_allow_missing" {
        "runs choose credentials, and nothing says which names they may choose; the file proposes it, but its proposals were not applied".to_owned()
    } else {
        error.detail
    };
    let mut found = found.clone();
    found.report.status = Status::Failed;
    let wrong = error.errors.iter().cloned().map(|item| Problem {
        node_id: item.node_id,
        field: item.field,
        ..Problem::error(&item.code, item.message)
    });
    found.report.items.splice(0..0, wrong);
    Error {
        detail,
        refused: Some(Box::new(found)),
        ..error
    }
}

/// The refusal of a file: what is wrong as the places, and the whole report.
fn refused(mut found: Imported) -> Error {
    found.report.status = Status::Failed;
    let wrong = |item: &&Problem| item.severity == Severity::Error;
    let items: Vec<Problem> = found.report.items.iter().filter(wrong).cloned().collect();
    let (code, detail) = items.first().map_or_else(
        || ("invalid_input".to_owned(), "the file is refused".to_owned()),
        |item| (item.code.clone(), item.message.clone()),
    );
    let kind = if code == "too_large" {
        ErrorKind::TooLarge
    } else {
        ErrorKind::Unprocessable
    };
    let error = Error::new(kind, &code, detail).with(items.into_iter().map(ErrorItem::from));
    Error {
        refused: Some(Box::new(found)),
        ..error
    }
}
