//! Who would pay, without a call: the rows of the resolve endpoint, and the check of a run's overrides at its start.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use latchkey_domain::credential::{
    CredentialCode, CredentialFailure, CredentialSelector, Level, Overrides, RenderedSelector,
    Resolution,
};
use latchkey_domain::id::NodeId;
use latchkey_domain::provider::{ModelType, ProviderId};

use crate::catalogue::{ProviderInfo, SecretNeed, Wire};
use crate::configuration::ProviderConfiguration;
use crate::context::WorkflowContext;
use crate::error::InvokeError;
use crate::manager::ModelManager;
use crate::resolve::levels::split_key;
use crate::resolve::resolve;

/// A place of a plan that names a model.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedModel {
    /// The node.
    pub node_id: NodeId,
    /// Its title.
    pub title: String,
    /// The provider.
    pub provider: ProviderId,
    /// The model.
    pub model: String,
    /// What the model does.
    pub model_type: ModelType,
    /// Of a tool in the place of a model: its provider, which is in no catalogue.
    pub tool_provider: Option<Arc<ProviderInfo>>,
    /// What the node says.
    pub selector: CredentialSelector,
    /// The same, as far as it can be rendered without a run.
    pub rendered: PlannedSelector,
}

/// A selector before the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlannedSelector {
    /// All placeholders have values already.
    Known(RenderedSelector),
    /// It needs these outputs (`node.output`), which only a run can give.
    DependsOn(Vec<String>),
}

/// What would happen at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct DryRunRow {
    /// The nodes around it that use its workflow as a tool, the outermost first; empty for a node of the workflow itself.
    pub inside: Vec<NodeId>,
    /// The node.
    pub node_id: NodeId,
    /// Its title.
    pub title: String,
    /// The provider.
    pub provider: ProviderId,
    /// The model.
    pub model: String,
    /// What would happen.
    pub outcome: DryRunOutcome,
}

/// What would happen.
#[derive(Clone, Debug, PartialEq)]
pub enum DryRunOutcome {
    /// This credential would pay.
    Resolved(Resolution),
    /// Nobody would.
    Failed(Box<CredentialFailure>),
    /// It depends on outputs that only a run can give.
    DependsOn(Vec<String>),
    /// The provider has no secrets.
    NotNeeded(Resolution),
    /// The provider cannot be called, whoever would pay.
    Unsupported,
}

impl DryRunOutcome {
    /// The name used in the API.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Resolved(_) => "resolved",
            Self::Failed(_) | Self::Unsupported => "failed",
            Self::DependsOn(_) => "depends_on",
            Self::NotNeeded(_) => "not_needed",
        }
    }
}

/// An override that a start must refuse.
#[derive(Clone, Debug, PartialEq)]
pub struct OverrideProblem {
    /// Its key, as the caller wrote it.
    pub key: String,
    /// The exact code.
    pub code: CredentialCode,
    /// The code for callers who may not read credentials.
    pub public_code: CredentialCode,
    /// The whole story: for callers who may read credentials.
    pub detail: String,
}

/// What would happen at one place of a plan.
pub(crate) fn dry_run(
    configuration: &ProviderConfiguration,
    context: &WorkflowContext,
    place: &PlannedModel,
) -> DryRunRow {
    DryRunRow {
        inside: Vec::new(),
        node_id: place.node_id.clone(),
        title: place.title.clone(),
        provider: place.provider.clone(),
        model: place.model.clone(),
        outcome: outcome(configuration, context, place),
    }
}

fn outcome(
    configuration: &ProviderConfiguration,
    context: &WorkflowContext,
    place: &PlannedModel,
) -> DryRunOutcome {
    if configuration.provider().wire == Wire::Unsupported {
        return DryRunOutcome::Unsupported;
    }
    let context = WorkflowContext {
        node: Some(place.node_id.clone()),
        ..context.clone()
    };
    let ask = |rendered: &RenderedSelector| {
        let (selector, model) = (&place.selector, &place.model);
        let question =
            configuration.question(&context, place.model_type, model, selector, rendered);
        (question.node_is_not_asked(), resolve(&question))
    };
    let (_, answer) = match &place.rendered {
        PlannedSelector::Known(rendered) => ask(rendered),
        PlannedSelector::DependsOn(outputs) => match ask(&RenderedSelector::Silent) {
            (true, answer) => (true, answer),
            (false, _) => return DryRunOutcome::DependsOn(outputs.clone()),
        },
    };
    match answer {
        Err(failure) => DryRunOutcome::Failed(failure),
        Ok(candidates) => {
            let resolution = candidates.first().resolution.clone();
            if resolution.level == Level::NotNeeded {
                DryRunOutcome::NotNeeded(resolution)
            } else {
                DryRunOutcome::Resolved(resolution)
            }
        }
    }
}

/// What is wrong with a run's overrides. One whose credential is only unavailable for now is not wrong: its node fails
/// when it starts, where the author may have said how to go on.
pub(crate) async fn check_overrides(
    manager: &ModelManager,
    context: &WorkflowContext,
    places: &[PlannedModel],
    inside: &[PlannedModel],
) -> Result<Vec<OverrideProblem>, InvokeError> {
    let all: Vec<PlannedModel> = places.iter().chain(inside).cloned().collect();
    let unused = manager.unused_overrides(context, &all);
    let mut problems: Vec<OverrideProblem> = unused
        .iter()
        .map(|key| OverrideProblem {
            key: (*key).to_owned(),
            code: CredentialCode::OverrideUnused,
            public_code: CredentialCode::OverrideUnused,
            detail: "nothing in the workflow could use it".to_owned(),
        })
        .collect();
    let unused: HashSet<&str> = unused.into_iter().collect();
    // A weaker key is not blamed for what the exact one says.
    let mut same: BTreeMap<About<'_>, Overrides> = BTreeMap::new();
    for (key, choice) in &context.overrides {
        let one = same.entry(split_key(key)).or_default();
        one.insert(key.clone(), choice.clone());
    }
    for (about, stated) in same {
        if stated.keys().any(|key| unused.contains(&**key)) {
            continue;
        }
        let mut choices = stated.values();
        let first = choices.next();
        if choices.any(|choice| Some(choice) != first) {
            // The caller has said both: that tells nothing about what is stored.
            problems.extend(stated.keys().map(|key| OverrideProblem {
                key: key.clone(),
                code: CredentialCode::SelectorConflict,
                public_code: CredentialCode::SelectorConflict,
                detail: "two keys name the same provider and disagree".to_owned(),
            }));
            continue;
        }
        let Some(failure) = wrong(manager, context, places, &about, &stated).await? else {
            continue;
        };
        problems.extend(stated.keys().map(|key| OverrideProblem {
            key: key.clone(),
            code: failure.code,
            public_code: failure.public_code(),
            detail: told(&failure),
        }));
    }
    Ok(problems)
}

/// What a key of an override is about: a provider, or one of its models.
type About<'a> = (ProviderId, Option<&'a str>);

/// Why what overrides say about one provider or model cannot be used by the nodes that they are for.
async fn wrong(
    manager: &ModelManager,
    context: &WorkflowContext,
    places: &[PlannedModel],
    (provider, model): &About<'_>,
    stated: &Overrides,
) -> Result<Option<Box<CredentialFailure>>, InvokeError> {
    let theirs: Vec<PlannedModel> = places
        .iter()
        .filter(|place| place.provider == *provider && !place.selector.locked)
        .filter(|place| model.is_none_or(|model| model == place.model))
        .cloned()
        .collect();
    let alone = WorkflowContext {
        overrides: stated.clone(),
        ..context.clone()
    };
    let rows = manager.dry_run(&alone, &theirs).await?;
    Ok(rows.into_iter().find_map(|row| {
        let DryRunOutcome::Failed(failure) = row.outcome else {
            return None;
        };
        let by_run = failure.level == Some(Level::RunOverride);
        (by_run && !failure.code.is_unavailable()).then_some(failure)
    }))
}

/// A failure without its code, which is told apart from its text.
fn told(failure: &CredentialFailure) -> String {
    let text = failure.to_string();
    let story = text.split_once(": ").map(|(_, story)| story.to_owned());
    story.unwrap_or(text)
}

/// Overrides that nothing in the plan can use: of another provider or model, of locked nodes only, or shadowed by a
/// more exact one everywhere.
pub(crate) fn unused<'a>(
    overrides: &'a Overrides,
    places: &[PlannedModel],
    needs: impl Fn(&ProviderId) -> SecretNeed,
) -> Vec<&'a str> {
    let stated: Vec<(&str, About<'_>)> = overrides
        .keys()
        .map(|key| (&**key, split_key(key)))
        .collect();
    let exact: HashSet<(&ProviderId, &str)> = stated
        .iter()
        .filter_map(|(_, (provider, model))| Some((provider, (*model)?)))
        .collect();
    // What the places could use: a model's own key, or else the one of its provider.
    let mut used: HashSet<(&ProviderId, Option<&str>)> = HashSet::new();
    for place in places.iter().filter(|place| !place.selector.locked) {
        let model = Some(&*place.model).filter(|model| exact.contains(&(&place.provider, *model)));
        used.insert((&place.provider, model));
    }
    stated
        .iter()
        .filter(|(_, (provider, model))| {
            !used.contains(&(provider, *model)) || needs(provider) == SecretNeed::Never
        })
        .map(|(key, _)| *key)
        .collect()
}
