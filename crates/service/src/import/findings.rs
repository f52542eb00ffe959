//! What a file says about credentials, and what of it is not here.

use std::collections::{BTreeMap, HashMap};

use latchkey_domain::access::Caller;
use latchkey_domain::credential::{Credential, CredentialChoice, Level, ModelScope};
use latchkey_domain::document::{Document, ModelPlace, Place, Problem, Report, Status};
use latchkey_domain::id::{CredentialId, NodeId, WorkflowId};
use latchkey_domain::provider::ProviderId;
use latchkey_domain::settings::CredentialSettings;
use latchkey_engine::template::Template;
use latchkey_models::Credentials;

use crate::Service;
use crate::error::Error;
use crate::publishing::is_by_run;

/// One credential that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedCredential {
    /// The nodes that name it.
    pub node_ids: Vec<NodeId>,
    /// The provider.
    pub provider: ProviderId,
    /// Their model.
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

/// What a document says about credentials, each statement once.
pub(super) fn credentials_of(
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
            (&other.provider, &other.model) == (&place.provider, &place.model)
                && other.selector == place.selector.choice
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
    let is_here = |text: &String| {
        by_text(known, &place.provider, text).is_some() || known.has_name(&place.provider, text)
    };
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
        tell(
            report,
            missing,
            "data.model.credential_name",
            lines,
            &message,
        );
    }
    for missing in silent.iter().filter(is_missing) {
        let message = format!(
            "no credential of {} is here that pays for {}: make one the default, bind the workflow, or name one at the node",
            missing.provider, missing.model
        );
        tell(report, missing, "data.model", lines, &message);
    }
}

/// One warning for each of the nodes, with its own line.
fn tell(
    report: &mut Report,
    missing: &ImportedCredential,
    field: &str,
    lines: &Lines,
    message: &str,
) {
    for node in &missing.node_ids {
        let problem = Problem::warning("credential_missing", message).at_node(node);
        let problem = problem.in_field(field);
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
                Some(same) => same.node_ids.push(place.node_id),
                None => all.push(ImportedCredential {
                    state,
                    node_ids: vec![place.node_id],
                    provider: place.provider,
                    model: place.model,
                    selector: CredentialChoice::default(),
                    mapped_to: None,
                }),
            }
        }
        all
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
