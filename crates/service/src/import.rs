//! Import: a file becomes a workflow or a new draft of one, with a report that says what was found, line by line.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::{CredentialChoice, Environment};
use latchkey_domain::document::{
    Document, ImportOptions, ModelPlace, Place, Problem, Report, Severity, Status, check_selectors,
    import,
};
use latchkey_domain::id::{CredentialId, NodeId, WorkflowId};
use latchkey_domain::provider::ProviderId;
use latchkey_domain::settings::CredentialSettings;
use latchkey_domain::workflow::Workflow;
use latchkey_engine::node::NodeTypes as _;
use latchkey_engine::template::Template;
use latchkey_models::Credentials;
use latchkey_outbound::Request;
use serde_json::{Value as Json, json};

use crate::access::check_name;
use crate::documents::{Separated, check_header};
use crate::error::{Error, ErrorItem, ErrorKind};
use crate::publishing::is_by_run;
use crate::settings::check_settings;
use crate::workflows::Also;
use crate::{Service, require};

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

/// What came of an import that was not refused.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The workflow; none for a dry run and when the import waits for a confirmation.
    pub workflow: Option<Workflow>,
    /// Whether the workflow is new.
    pub is_new: bool,
    /// What was found.
    pub report: Report,
    /// What the file says about credentials.
    pub credentials: Vec<ImportedCredential>,
    /// Whether the proposed credential settings were applied.
    pub settings_applied: bool,
}

/// One credential that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedCredential {
    /// The nodes that name it.
    pub node_ids: Vec<NodeId>,
    /// The provider.
    pub provider: ProviderId,
    /// The model of the first of these nodes.
    pub model: String,
    /// What they say.
    pub selector: CredentialChoice,
    /// Whether it is here.
    pub state: CredentialState,
    /// What it was mapped to.
    pub mapped_to: Option<String>,
}

/// Whether a credential that a file names is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CredentialState {
    /// It is.
    Found,
    /// It is not.
    Missing,
    /// A variable decides.
    ByVariable,
}

impl CredentialState {
    /// The name used in bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Missing => "missing",
            Self::ByVariable => "by_variable",
        }
    }
}

/// What a file is read against.
struct Here {
    /// The live credential settings of the workflow that is replaced.
    live: Arc<CredentialSettings>,
    credentials: Arc<Credentials>,
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
        require(caller, Permission::WorkflowsWrite)?;
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
            environments: facts.environments(caller.workspace).await?,
        };
        let replaced = request.workflow;
        let detail = |name: &str, bind: bool| json!({"name": name, "bind": bind});
        let bind = request.bind;
        let read = self.at_length(move |service| service.read_import(request, &here));
        let (mut imported, keep) = read.await??;
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
        let detail = detail(&workflow.name, bind);
        self.audit(caller, "workflow.import", id, detail).await?;
        if published {
            let detail = json!({"version": workflow.published_version});
            self.audit(caller, "workflow.publish", id, detail).await?;
        }
        imported.workflow = Some(workflow);
        Ok(imported)
    }

    /// Reads a file: its report and, unless only that is wanted, what is to be kept.
    fn read_import(&self, request: ImportRequest, here: &Here) -> Result<Read, Error> {
        let supported = |node_type: &str| self.inner.nodes.supports(node_type);
        let options = ImportOptions {
            confirm_newer: request.confirm_newer,
            supported: &supported,
        };
        let read = import(&request.content, &options);
        let mut report = read.report;
        let Some(document) = read.document else {
            return Err(refused(report));
        };
        // Read before names and credentials are changed: what is changed has no lines any more.
        let places = document.model_places().into_iter();
        let places = places.filter_map(|place| Some((place.node_id, place.place?)));
        let places: HashMap<NodeId, Place> = places.collect();
        let known = &here.credentials;
        let document = self.adapted(&request, document, known)?;
        check_header(&document)?;
        report.items.extend(check_selectors(&document));
        let credentials = credentials_of(&document, known, &request.credential_mapping);
        tell_missing(&mut report, &credentials, self, &document, &places);
        let proposed = document.credentials().cloned();
        let settings_applied = check_proposal(&request, proposed.as_ref(), here, &mut report);
        let has = |severity| report.items.iter().any(|item| item.severity == severity);
        if has(Severity::Error) {
            report.status = Status::Failed;
            return Err(refused(report));
        }
        if report.status == Status::Completed && has(Severity::Warning) {
            report.status = Status::CompletedWithWarnings;
        }
        let is_read_only = request.dry_run || report.status == Status::Pending;
        let imported = Imported {
            workflow: None,
            is_new: request.workflow.is_none(),
            report,
            credentials,
            settings_applied,
        };
        if is_read_only {
            return Ok((imported, None));
        }
        let settings = proposed.filter(|_| settings_applied);
        if request.publish {
            // Before anything is stored: nothing is half-saved.
            self.check_publishable(&document, settings.as_ref().unwrap_or(&here.live))?;
        }
        let also = Also {
            settings,
            publish: request.publish.then(String::new),
        };
        Ok((imported, Some((Separated::of(&document)?, also))))
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
        known: &Credentials,
    ) -> Result<Document, Error> {
        if request.name.is_none() && request.credential_mapping.is_empty() {
            return Ok(document);
        }
        let mut raw = document.to_json().clone();
        if let Some(name) = &request.name {
            check_name(name)?;
            raw["app"]["name"] = json!(name);
        }
        for (from, to) in &request.credential_mapping {
            let (provider, name) = mapped(from)?;
            if by_text(known, &provider, to).is_none() {
                let detail = format!("{provider} has no credential {to}");
                return Err(Error::field(
                    "credential_not_found",
                    "/credential_mapping",
                    detail,
                ));
            }
            map_credential(&mut raw, &provider, name, to);
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
        let text = "the file proposes credential settings; they were not applied: import with bind, or set them yourself";
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

/// The refusal of a file: its report as the places.
fn refused(report: Report) -> Error {
    let first = report
        .items
        .iter()
        .find(|item| item.severity == Severity::Error);
    let (code, detail) = first.map_or_else(
        || ("invalid_input".to_owned(), "the file is refused".to_owned()),
        |item| (item.code.clone(), item.message.clone()),
    );
    let kind = if code == "too_large" {
        ErrorKind::TooLarge
    } else {
        ErrorKind::Unprocessable
    };
    Error::new(kind, &code, detail).with(report.items.into_iter().map(ErrorItem::from))
}

fn mapped(from: &str) -> Result<(ProviderId, &str), Error> {
    let split = from
        .rsplit_once('/')
        .filter(|(provider, name)| !provider.is_empty() && !name.is_empty());
    let (provider, name) = split.ok_or_else(|| {
        let detail = format!("{from:?} is not of the form <provider>/<name in the file>");
        Error::field("invalid_input", "/credential_mapping", detail)
    })?;
    Ok((ProviderId::normalise(provider), name))
}

/// A credential by its name or its id.
fn by_text<'a>(
    known: &'a Credentials,
    provider: &ProviderId,
    text: &str,
) -> Option<&'a latchkey_domain::credential::Credential> {
    let by_id = text
        .parse::<CredentialId>()
        .ok()
        .and_then(|id| known.by_id(id));
    by_id
        .or_else(|| known.by_name(provider, text))
        .map(AsRef::as_ref)
        .filter(|found| found.provider == *provider)
}

/// Replaces a name in every object of the tree that names this provider and this credential.
fn map_credential(tree: &mut Json, provider: &ProviderId, name: &str, to: &str) {
    match tree {
        Json::Object(map) => {
            let is_model = map
                .get("provider")
                .and_then(Json::as_str)
                .is_some_and(|text| ProviderId::normalise(text) == *provider);
            if is_model && map.get("credential_name").and_then(Json::as_str) == Some(name) {
                map.shift_remove("credential_id");
                map.insert("credential_name".to_owned(), json!(to));
                if to.parse::<CredentialId>().is_ok() {
                    map.shift_remove("credential_name");
                    map.insert("credential_id".to_owned(), json!(to));
                }
            }
            map.values_mut()
                .for_each(|inner| map_credential(inner, provider, name, to));
        }
        Json::Array(items) => items
            .iter_mut()
            .for_each(|inner| map_credential(inner, provider, name, to)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// What a document says about credentials, each statement once.
fn credentials_of(
    document: &Document,
    known: &Credentials,
    mapping: &BTreeMap<String, String>,
) -> Vec<ImportedCredential> {
    let mut all: Vec<ImportedCredential> = Vec::new();
    for place in document.model_places() {
        if place.selector.is_silent() {
            continue;
        }
        let same = all.iter_mut().find(|other| {
            other.provider == place.provider && other.selector == place.selector.choice
        });
        if let Some(same) = same {
            same.node_ids.push(place.node_id);
            continue;
        }
        let choice = &place.selector.choice;
        let texts = || {
            [&choice.credential_id, &choice.credential_name]
                .into_iter()
                .flatten()
        };
        let mapped_to = mapping
            .values()
            .find(|to| texts().any(|text| text == *to))
            .cloned();
        all.push(ImportedCredential {
            state: state_of(&place, known),
            node_ids: vec![place.node_id],
            provider: place.provider,
            model: place.model,
            selector: place.selector.choice,
            mapped_to,
        });
    }
    all
}

fn state_of(place: &ModelPlace, known: &Credentials) -> CredentialState {
    let choice = &place.selector.choice;
    let texts = || {
        [&choice.credential_id, &choice.credential_name]
            .into_iter()
            .flatten()
    };
    if texts().any(|text| is_by_run(text) || Template::parse(text).placeholders().next().is_some())
    {
        return CredentialState::ByVariable;
    }
    if texts().all(|text| by_text(known, &place.provider, text).is_some()) {
        CredentialState::Found
    } else {
        CredentialState::Missing
    }
}

/// Warns of credentials that are not here, and of models whose provider cannot be called.
fn tell_missing(
    report: &mut Report,
    credentials: &[ImportedCredential],
    service: &Service,
    document: &Document,
    places: &HashMap<NodeId, Place>,
) {
    for missing in credentials
        .iter()
        .filter(|credential| credential.state == CredentialState::Missing)
    {
        let choice = &missing.selector;
        let name = choice
            .credential_name
            .as_deref()
            .or(choice.credential_id.as_deref())
            .unwrap_or_default();
        let message = format!(
            "{} has no credential {name} here; make it, or map it to another",
            missing.provider
        );
        let problem = Problem::warning("credential_missing", message);
        report.items.push(match missing.node_ids.first() {
            Some(node) => problem
                .at_node(node)
                .in_field("data.model.credential_name")
                .on_line(places.get(node).copied()),
            None => problem,
        });
    }
    for place in document.model_places() {
        if service
            .inner
            .models
            .model_info(&place.provider, &place.model, place.model_type)
            .is_none()
        {
            let message = format!("the provider {} cannot be called yet", place.provider);
            report.items.push(
                Problem::warning("provider_unsupported", message)
                    .on_line(places.get(&place.node_id).copied())
                    .at_node(&place.node_id)
                    .in_field(place.field),
            );
        }
    }
}
