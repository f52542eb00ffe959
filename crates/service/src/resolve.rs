//! Who would pay, without running: the dry run over every place of a version that names a model.

mod inside;

use std::sync::Arc;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::{CredentialSelector, Environment, Overrides, Principal};
use latchkey_domain::document::Document;
use latchkey_domain::id::{NodeId, RunId, WorkflowId};
use latchkey_domain::inputs::{prepare_entry, prepare_inputs, start_variables};
use latchkey_domain::journal::StartValues;
use latchkey_domain::provider::ModelType;
use latchkey_domain::value::NamedValues;
use latchkey_engine::plan::Outline;
use latchkey_engine::pool::Pool;
use latchkey_engine::selector;
use latchkey_engine::template::Template;
use latchkey_models::catalogue::SecretNeed;
use latchkey_models::{DryRunRow, PlannedModel, PlannedSelector, WorkflowContext};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use self::inside::Around;
use crate::error::Error;
use crate::inline::StatedOverrides;
use crate::start::{conversation_values, system_values};
use crate::{Service, require};

/// Which version of a workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Version {
    /// The newest published one.
    #[default]
    Published,
    /// The draft.
    Draft,
    /// A published one.
    Number(u32),
}

/// What a dry run supposes.
#[derive(Clone, Debug, Default)]
pub struct ResolveRequest {
    /// Inputs, as many as are known.
    pub inputs: Map<String, Json>,
    /// The environment.
    pub environment: Option<Environment>,
    /// The end user's label.
    pub end_user: Option<String>,
    /// The version; none: the published one, else the draft.
    pub version: Option<Version>,
    /// The node at which the run would begin.
    pub trigger: Option<NodeId>,
    /// What the run would state for itself.
    pub overrides: StatedOverrides,
}

impl Service {
    /// One row for each place that names a model.
    ///
    /// # Errors
    /// When the caller may not, there is no such version, or an input is wrong.
    pub async fn resolve(
        &self,
        caller: &Caller,
        id: WorkflowId,
        request: ResolveRequest,
    ) -> Result<Vec<DryRunRow>, Error> {
        require(caller, Permission::RunsRead)?;
        let workflow = self.visible(caller, id).await?;
        let version = request
            .version
            .unwrap_or(if workflow.published_version.is_some() {
                Version::Published
            } else {
                Version::Draft
            });
        let kept = self.kept(caller, id, version).await?;
        let outline = Outline::of(kept.document.graph(), request.trigger.as_ref());
        let outline = outline.map_err(Error::of_plan)?;
        let environment = self
            .environment(caller, request.environment, kept.number.is_none())
            .await?;
        let entry = outline.entry();
        let variables = start_variables(&kept.document, entry);
        let end_user = request.end_user.as_deref();
        let inputs = self
            .with_files(caller, &variables, &request.inputs, end_user)
            .await?;
        let values = match prepare_entry(&kept.document, entry, &inputs) {
            Ok(values) => values,
            // What is not known yet is missing, not wrong.
            Err(problems) => {
                let wrong: Vec<_> = problems
                    .into_iter()
                    .filter(|problem| problem.code != "input_required")
                    .collect();
                if !wrong.is_empty() {
                    return Err(Error::of_inputs(wrong));
                }
                let known: Vec<_> = variables
                    .into_iter()
                    .filter(|variable| {
                        !variable.required
                            || inputs
                                .get(&variable.name)
                                .is_some_and(|value| !value.is_null())
                    })
                    .collect();
                prepare_inputs(&known, &inputs).map_err(Error::of_inputs)?
            }
        };
        let values = StartValues {
            inputs: values,
            environment: plain_environment(&kept.document),
            conversation: conversation_values(&kept.document),
            system: system_values(id, request.end_user.as_deref()),
            given: Vec::new(),
            reused: Vec::new(),
        };
        // Nothing is sealed: there is no run that could use it.
        let no_run = RunId::new(Uuid::nil());
        let stated = self.stated_overrides(caller, id, no_run, request.overrides);
        let (overrides, _) = stated.await?;
        let context = context(
            caller,
            id,
            &workflow.name,
            (kept.number, kept.author),
            environment,
            request.end_user,
            overrides,
        );
        let mut places = planned(&kept.document, &outline, &values);
        let besides = self.planned_besides(&context, &kept.document, &outline, &values);
        places.extend(besides.await?);
        let mut rows = self.inner.models.dry_run(&context, &places).await?;
        let around = Around {
            context: &context,
            nodes: Vec::new(),
            workflows: vec![id],
        };
        self.resolve_inside(around, &kept.document, &outline, &mut rows)
            .await?;
        Ok(rows)
    }
}

/// The context of a run that is not there (yet).
pub(crate) fn context(
    caller: &Caller,
    id: WorkflowId,
    name: &str,
    (version, author): (Option<u32>, Option<Principal>),
    environment: Environment,
    end_user: Option<String>,
    overrides: Overrides,
) -> WorkflowContext {
    WorkflowContext {
        workspace: caller.workspace,
        workflow: Some(id),
        workflow_name: Some(name.to_owned()),
        version,
        // Whose rights a version has: whoever published it; for a draft, who runs it.
        author: author.unwrap_or(caller.principal),
        caller: caller.principal,
        run: None,
        epoch: 0,
        node: None,
        node_execution: None,
        iteration_path: Vec::new(),
        environment,
        end_user,
        overrides,
        attempt: 1,
    }
}

/// The environment variables that are no secrets.
pub(crate) fn plain_environment(document: &Document) -> NamedValues {
    let plain = document
        .environment_variables()
        .iter()
        .filter(|variable| !variable.is_secret());
    plain
        .map(|variable| (variable.name.clone(), variable.typed()))
        .collect()
}

/// The places of a version that name a model and that a run can reach, with their selectors as far as they can be
/// rendered before a run.
pub(crate) fn planned(
    document: &Document,
    outline: &Outline,
    values: &StartValues,
) -> Vec<PlannedModel> {
    let pool = pool_before(outline, values);
    let places = document.model_places().into_iter();
    places
        .filter(|place| outline.reaches(&place.node_id))
        .map(|place| PlannedModel {
            rendered: rendered(&place.selector, outline, values, &pool),
            node_id: place.node_id,
            title: place.title,
            provider: place.provider,
            model: place.model,
            model_type: place.model_type,
            tool_provider: None,
            selector: place.selector,
        })
        .collect()
}

impl Service {
    /// The same for what is paid besides the models of nodes: tools that need a credential, and models of datasets.
    pub(crate) async fn planned_besides(
        &self,
        context: &WorkflowContext,
        document: &Document,
        outline: &Outline,
        values: &StartValues,
    ) -> Result<Vec<PlannedModel>, Error> {
        let mut all = self
            .planned_tools(context, document, outline, values)
            .await?;
        all.extend(self.planned_datasets(context, document, outline).await?);
        Ok(all)
    }

    async fn planned_tools(
        &self,
        context: &WorkflowContext,
        document: &Document,
        outline: &Outline,
        values: &StartValues,
    ) -> Result<Vec<PlannedModel>, Error> {
        let pool = pool_before(outline, values);
        let mut planned = Vec::new();
        for place in document.tool_places() {
            if !outline.reaches(&place.node_id) {
                continue;
            }
            let (workspace, workflow) = (context.workspace, context.workflow);
            let found = self.find_tool(workspace, workflow, &place.tool).await?;
            let Some((provider, tool)) = found.ok().and_then(|found| found.target.remote()) else {
                continue;
            };
            let (info, _) = self.credential_form(&provider).await?;
            if info.secrets == SecretNeed::Never {
                continue;
            }
            planned.push(PlannedModel {
                rendered: rendered(&place.selector, outline, values, &pool),
                node_id: place.node_id,
                title: place.title,
                provider: info.id.clone(),
                model: tool,
                model_type: ModelType::Llm,
                tool_provider: Some(Arc::new(info)),
                selector: place.selector,
            });
        }
        Ok(planned)
    }
}

/// A selector, as far as it can be rendered before a run.
fn rendered(
    selector: &CredentialSelector,
    outline: &Outline,
    values: &StartValues,
    pool: &Pool,
) -> PlannedSelector {
    let needs = needs(selector, outline, values);
    if needs.is_empty() {
        PlannedSelector::Known(selector::render(selector, pool, outline.entry()))
    } else {
        PlannedSelector::DependsOn(needs)
    }
}

/// The variables that are known before a run.
fn pool_before(outline: &Outline, values: &StartValues) -> Pool {
    let entry = outline.entry();
    let mut pool = Pool::new();
    let spaces = [
        ("sys", &values.system),
        ("env", &values.environment),
        ("conversation", &values.conversation),
    ];
    for (space, values) in spaces {
        for (name, value) in values {
            pool.set(space, name, value.clone());
        }
    }
    pool.set_entry(entry, outline.has_node("start"));
    pool.set_all(entry, &values.inputs);
    pool
}

/// System variables that a start gives.
const OF_A_START: [&str; 5] = [
    "query",
    "conversation_id",
    "dialogue_count",
    "workflow_run_id",
    "timestamp",
];

/// What a selector needs and only a run can give: outputs of nodes, and what a start says.
fn needs(selector: &CredentialSelector, outline: &Outline, values: &StartValues) -> Vec<String> {
    let entry = outline.entry().as_str();
    let start_is_entry = entry == "start" || !outline.has_node("start");
    let choice = &selector.choice;
    let mut needs = Vec::new();
    for text in [&choice.credential_id, &choice.credential_name]
        .into_iter()
        .flatten()
    {
        for placeholder in Template::parse(text).placeholders() {
            let source = placeholder.first().map_or("", String::as_str);
            let variable = placeholder.get(1).map_or("", String::as_str);
            let is_of_a_start = source == "sys"
                && OF_A_START.contains(&variable)
                && !values.system.iter().any(|(name, _)| name == variable);
            let is_known = (matches!(source, "sys" | "env" | "conversation") && !is_of_a_start)
                || source == entry
                || (source == "start" && start_is_entry);
            let name = placeholder.join(".");
            if !is_known && !needs.contains(&name) {
                needs.push(name);
            }
        }
    }
    needs
}
