//! What a file says about credentials, and what of it is not here.

use std::collections::HashMap;

use latchkey_domain::access::Caller;
use latchkey_domain::credential::{
    Credential, CredentialChoice, CredentialSelector, Level, ModelScope,
};
use latchkey_domain::document::{Document, ModelPlace, Place, Problem, Report, Status, ToolPlace};
use latchkey_domain::id::{CredentialId, NodeId, WorkflowId};
use latchkey_domain::provider::ProviderId;
use latchkey_domain::settings::CredentialSettings;
use latchkey_domain::tool::TOOL_PREFIX;
use latchkey_engine::template::Template;
use latchkey_models::Credentials;

use super::mapping::{Mapping, ToolProviders};
use crate::Service;
use crate::error::Error;
use crate::publishing::is_by_run;

/// One credential that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedCredential {
    /// The nodes that name it; none for a binding.
    pub node_ids: Vec<NodeId>,
    /// The provider; `tool/…` for a tool's credential.
    pub provider: ProviderId,
    /// Their model, or the tool; empty for a binding of all models.
    pub model: String,
    /// What they say.
    pub selector: CredentialChoice,
    /// Whether it is here.
    pub state: CredentialState,
    /// What it was mapped to.
    pub mapped_to: Option<String>,
    /// Where the nodes say it, in the order of the nodes.
    pub(super) fields: Vec<String>,
    /// The model that the credential has to be for, if it is for one.
    pub(super) for_model: Option<String>,
    /// The key of the mapping that it was mapped by.
    pub(super) mapped_by: Option<String>,
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

/// A credential by its name or its id.
pub(super) fn by_text<'a>(
    known: &'a Credentials,
    provider: &ProviderId,
    text: &str,
) -> Option<&'a Credential> {
    let by_id = text
        .parse::<CredentialId>()
        .ok()
        .and_then(|id| known.by_id(id));
    by_id
        .or_else(|| known.by_name(provider, text))
        .map(AsRef::as_ref)
        .filter(|found| found.provider == *provider)
}

/// One statement of a document that names a credential.
struct Statement {
    node: Option<(NodeId, String)>,
    /// Whose credential it is: for a tool, under each name that its provider has.
    providers: Vec<ProviderId>,
    model: String,
    for_model: Option<String>,
    choice: CredentialChoice,
}

/// What a document says about credentials, each statement once: models, tools, lists of fallbacks, and the bindings that it
/// proposes.
pub(super) fn credentials_of(
    document: &Document,
    tools: &ToolProviders,
    known: &Credentials,
    mapping: &Mapping,
) -> Vec<ImportedCredential> {
    let mut all: Vec<ImportedCredential> = Vec::new();
    for said in statements(document, tools) {
        let provider = said.providers[0].clone();
        let (nodes, fields): (Vec<_>, Vec<_>) = said.node.into_iter().unzip();
        let same = all.iter_mut().find(|other| {
            (&other.provider, &other.model, &other.for_model)
                == (&provider, &said.model, &said.for_model)
                && other.selector == said.choice
                && other.node_ids.is_empty() == nodes.is_empty()
        });
        if let Some(same) = same {
            same.node_ids.extend(nodes);
            same.fields.extend(fields);
            continue;
        }
        let mapped = mapping.target(&said.providers, &said.choice);
        all.push(ImportedCredential {
            state: match mapped {
                Some(_) => CredentialState::Found,
                None => state_of(&said.choice, &provider, known),
            },
            mapped_to: mapped.map(|target| target.said.clone()),
            mapped_by: mapped.map(|target| target.key.clone()),
            node_ids: nodes,
            fields,
            provider,
            model: said.model,
            for_model: said.for_model,
            selector: said.choice,
        });
    }
    all
}

fn statements(document: &Document, tools: &ToolProviders) -> Vec<Statement> {
    let mut all = Vec::new();
    for place in document.model_places() {
        let model = place.model;
        let of_place = Statement {
            node: Some((place.node_id, place.field)),
            providers: vec![place.provider],
            for_model: Some(model.clone()),
            model,
            choice: CredentialChoice::default(),
        };
        all.extend(of_selector(of_place, place.selector));
    }
    for place in document.tool_places() {
        let providers = tools.of(&place.tool);
        // Some tools need no credential, whatever the file says.
        if providers.is_empty() {
            continue;
        }
        let of_place = Statement {
            node: Some((place.node_id, place.field)),
            providers: providers.to_vec(),
            for_model: None,
            model: place.tool.tool,
            choice: CredentialChoice::default(),
        };
        all.extend(of_selector(of_place, place.selector));
    }
    let bindings = document.credentials().map(|block| block.bindings.clone());
    all.extend(bindings.into_iter().flatten().map(|binding| Statement {
        node: None,
        providers: vec![binding.provider],
        for_model: binding.model.clone(),
        model: binding.model.unwrap_or_default(),
        choice: binding.choice,
    }));
    all
}

/// What a selector names: its choice, and each of its fallbacks.
fn of_selector(of_place: Statement, selector: CredentialSelector) -> Vec<Statement> {
    let by_name = |name: String| CredentialChoice {
        credential_id: None,
        credential_name: Some(name),
    };
    let silent = selector.is_silent();
    let chosen = (!silent).then_some(selector.choice);
    let fallbacks = selector.fallback.into_iter().map(by_name);
    let choices = chosen.into_iter().chain(fallbacks);
    choices
        .map(|choice| Statement {
            node: of_place.node.clone(),
            providers: of_place.providers.clone(),
            model: of_place.model.clone(),
            for_model: of_place.for_model.clone(),
            choice,
        })
        .collect()
}

fn state_of(
    choice: &CredentialChoice,
    provider: &ProviderId,
    known: &Credentials,
) -> CredentialState {
    let texts = || {
        [&choice.credential_id, &choice.credential_name]
            .into_iter()
            .flatten()
    };
    if texts().any(|text| is_by_run(text) || Template::parse(text).placeholders().next().is_some())
    {
        return CredentialState::ByVariable;
    }
    let is_here =
        |text: &String| by_text(known, provider, text).is_some() || known.has_name(provider, text);
    if texts().all(is_here) {
        CredentialState::Found
    } else {
        CredentialState::Missing
    }
}

/// The workspace's defaults.
pub(super) type Defaults = HashMap<(ProviderId, Option<ModelScope>), CredentialId>;

/// Where the models of nodes stand in the file.
pub(super) type Lines = HashMap<NodeId, Place>;

/// The lines of a document that was just read; one that was changed has none any more.
pub(super) fn lines_of(document: &Document) -> Lines {
    let places = document.model_places().into_iter();
    let known = places.filter_map(|place| Some((place.node_id, place.place?)));
    known.collect()
}

/// Warns of credentials that are not here.
pub(super) fn tell_missing(
    report: &mut Report,
    named: &[ImportedCredential],
    silent: &[ImportedCredential],
    lines: &Lines,
) {
    let is_missing = |one: &&ImportedCredential| one.state == CredentialState::Missing;
    for missing in named.iter().filter(is_missing) {
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
        if missing.node_ids.is_empty() {
            let problem = Problem::warning("credential_missing", &message);
            let problem = problem.in_field("workflow.credentials.bindings");
            report.items.push(problem);
        }
        tell(report, missing, ".credential_name", lines, &message);
    }
    for missing in silent.iter().filter(is_missing) {
        let message = format!(
            "no credential of {} is here that pays for {}: make one the default, bind the workflow, or name one at the node",
            missing.provider, missing.model
        );
        tell(report, missing, "", lines, &message);
    }
}

/// One warning for each of the nodes, with its own line.
fn tell(
    report: &mut Report,
    missing: &ImportedCredential,
    key: &str,
    lines: &Lines,
    message: &str,
) {
    for (node, field) in missing.node_ids.iter().zip(&missing.fields) {
        let problem = Problem::warning("credential_missing", message).at_node(node);
        let problem = problem.in_field(format!("{field}{key}"));
        report.items.push(problem.on_line(lines.get(node).copied()));
    }
}

impl Service {
    /// The places that name no credential, by model: found when a binding, a default or the operator pays for it.
    pub(super) fn silent_places(
        &self,
        document: &Document,
        settings: &CredentialSettings,
        defaults: &Defaults,
    ) -> Vec<ImportedCredential> {
        let mut all: Vec<ImportedCredential> = Vec::new();
        for place in document.model_places() {
            let known = self.inner.models.catalogue().provider(&place.provider);
            // What cannot be called at all is told of on its own.
            let needs = known.is_some_and(|info| !info.goes_without());
            if !place.selector.is_silent() || !needs {
                continue;
            }
            let system = self.inner.facts.has_system(&place.provider);
            let state = if somebody_pays(&place, settings, defaults, system) {
                CredentialState::Found
            } else {
                CredentialState::Missing
            };
            let same = all.iter_mut().find(|other| {
                (&other.provider, &other.model, other.state)
                    == (&place.provider, &place.model, state)
            });
            match same {
                Some(same) => {
                    same.node_ids.push(place.node_id);
                    same.fields.push(place.field);
                }
                None => all.push(ImportedCredential {
                    state,
                    node_ids: vec![place.node_id],
                    provider: place.provider,
                    for_model: Some(place.model.clone()),
                    model: place.model,
                    selector: CredentialChoice::default(),
                    mapped_to: None,
                    mapped_by: None,
                    fields: vec![place.field],
                }),
            }
        }
        all
    }

    /// Whose credentials the tools of a file use.
    pub(super) async fn tool_credential_providers(
        &self,
        caller: &Caller,
        workflow: Option<WorkflowId>,
        places: Vec<ToolPlace>,
    ) -> Result<ToolProviders, Error> {
        let mut all = ToolProviders::default();
        for place in places {
            if all.knows(&place.tool) {
                continue;
            }
            let found = self.find_tool(caller.workspace, workflow, &place.tool);
            let mut providers = match found.await? {
                // What is nothing here may become something.
                Err(_) => Vec::new(),
                Ok(found) => match found.target.remote() {
                    None => {
                        all.add(place.tool, Vec::new());
                        continue;
                    }
                    Some((provider, _)) => vec![self.credential_form(&provider).await?.0.id],
                },
            };
            let as_named = format!("{TOOL_PREFIX}{}", place.tool.normal_provider());
            let as_named = ProviderId::normalise(&as_named);
            if !providers.contains(&as_named) {
                providers.push(as_named);
            }
            all.add(place.tool, providers);
        }
        Ok(all)
    }

    /// Says what each tool is here, and warns of those that are nothing that can be used.
    pub(super) async fn tell_tools(
        &self,
        caller: &Caller,
        workflow: Option<WorkflowId>,
        report: &mut Report,
    ) -> Result<(), Error> {
        let mut unbound = Vec::new();
        for named in &mut report.tools {
            let found = self
                .find_tool(caller.workspace, workflow, &named.tool)
                .await?;
            let why = match found {
                Ok(found) => {
                    named.bound_to = Some(found.target.named(&named.tool));
                    continue;
                }
                Err(why) => why,
            };
            let mut problem = Problem::warning("tool_unbound", why);
            problem.line = named.line;
            problem.node_id = named.node_ids.first().cloned();
            unbound.push(problem);
        }
        if report.status == Status::Completed && !unbound.is_empty() {
            report.status = Status::CompletedWithWarnings;
        }
        report.items.extend(unbound);
        Ok(())
    }

    /// Warns of models whose provider cannot be called.
    pub(super) fn tell_uncallable(&self, report: &mut Report, document: &Document, lines: &Lines) {
        for place in document.model_places() {
            let known =
                self.inner
                    .models
                    .model_info(&place.provider, &place.model, place.model_type);
            if known.is_none() {
                let message = format!("the provider {} cannot be called yet", place.provider);
                let problem = Problem::warning("provider_unsupported", message);
                let problem = problem
                    .on_line(lines.get(&place.node_id).copied())
                    .at_node(&place.node_id)
                    .in_field(place.field);
                report.items.push(problem);
            }
        }
    }
}

/// Whether the levels below the node's say something about a place, in one environment at least.
fn somebody_pays(
    place: &ModelPlace,
    settings: &CredentialSettings,
    defaults: &Defaults,
    system: bool,
) -> bool {
    let asked = |level: Level| level <= settings.weakest;
    let is_bound = settings.bindings.iter().any(|binding| {
        let of_model = binding.model.as_ref();
        binding.provider == place.provider && of_model.is_none_or(|model| *model == place.model)
    });
    let is_default = |(provider, model): &(ProviderId, Option<ModelScope>)| {
        let applies = match model {
            None => asked(Level::WorkspaceDefault),
            Some(model) => model.name == place.model && asked(Level::WorkspaceModelDefault),
        };
        *provider == place.provider && applies
    };
    (is_bound && asked(Level::WorkflowBinding))
        || defaults.keys().any(is_default)
        || (system && asked(Level::System))
}

#[cfg(test)]
mod tests {
    use latchkey_domain::credential::Level;
    use latchkey_domain::document::{ImportOptions, import};
    use latchkey_domain::settings::CredentialSettings;

    use super::{Defaults, somebody_pays};

    #[test]
    fn the_operator_pays_where_the_workflow_lets_it() {
        let text = include_str!("../sample.yml");
        let options = ImportOptions {
            confirm_newer: true,
            supported: &|_| true,
        };
        let places = import(text, &options).document.unwrap().model_places();
        let pays = |weakest, system| {
            let settings = CredentialSettings {
                weakest,
                ..CredentialSettings::default()
            };
            somebody_pays(&places[0], &settings, &Defaults::new(), system)
        };
        assert!(pays(Level::System, true));
        assert!(!pays(Level::System, false), "the operator has none");
        assert!(!pays(Level::WorkspaceDefault, true), "it is not asked");
    }
}
