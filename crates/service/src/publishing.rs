//! Publishing: what a version must fulfil, and its numbers.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::{Environment, Overrides};
use latchkey_domain::document::{Document, ToolPlace};
use latchkey_domain::id::WorkflowId;
use latchkey_domain::journal::StartValues;
use latchkey_domain::settings::CredentialSettings;
use latchkey_domain::trigger::triggers;
use latchkey_domain::value::NamedValues;
use latchkey_domain::workflow::{PublishedVersion, Workflow};
use latchkey_engine::plan::{Outline, Plan, PlanProblem};
use latchkey_engine::template::Template;
use latchkey_models::{PlannedModel, PlannedSelector, WorkflowContext};
use latchkey_store::NewVersion;
use serde_json::json;

use crate::access::check_text;
use crate::disclosure::Disclosure;
use crate::documents::Separated;
use crate::error::{Error, ErrorItem};
use crate::start::would_fail;
use crate::workflows::Also;
use crate::{Service, require, resolve};

/// The longest note about a version, in characters.
const NOTE: usize = 2_000;

/// A version that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its number.
    pub version: u32,
    /// What of it will not work as it stands.
    pub warnings: Vec<ErrorItem>,
}

impl Service {
    /// Publishes the draft.
    ///
    /// # Errors
    /// When the graph cannot run, or its runs would choose credentials that nothing allows.
    pub async fn publish(
        &self,
        caller: &Caller,
        id: WorkflowId,
        note: String,
    ) -> Result<Published, Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::WorkflowsPublish)?;
            check_text(&note, "/note", NOTE)?;
            let (workflow, text) = service.visible_draft(&caller, id).await?;
            let settings = service.inner.facts.settings(caller.workspace, id).await?;
            let check = move |service: &Self| {
                let document = service.kept_document(&text)?;
                service.check_publishable(&document, &settings)?;
                let triggers = triggers(&document).map_err(Error::of_document)?;
                Ok::<_, Error>((text, triggers, document))
            };
            let (text, triggers, document) = service.at_length(check).await??;
            let tools = document.tool_places();
            let mut warnings = service.unbound_tools(&caller, id, tools).await?;
            let unusable = service.unusable_credentials(&caller, &workflow, &document);
            warnings.extend(Box::pin(unusable).await?);
            let version = NewVersion {
                triggers: service.new_triggers(&caller, id, &triggers).await?,
                document: text,
                note,
                author: caller.principal,
                at: service.now(),
            };
            let store = &service.inner.store;
            let published = store.publish(id, workflow.draft_revision, version).await;
            service.changed(id);
            service.inner.schedules_changed.notify_one();
            let number = published?;
            let detail = json!({"version": number});
            service
                .audit(&caller, "workflow.publish", id, detail)
                .await?;
            Ok(Published {
                version: number,
                warnings,
            })
        };
        self.complete(caller, change).await
    }

    /// The places whose tool is nothing that can be used here: their nodes fail when a run reaches them.
    async fn unbound_tools(
        &self,
        caller: &Caller,
        id: WorkflowId,
        places: Vec<ToolPlace>,
    ) -> Result<Vec<ErrorItem>, Error> {
        let mut unbound = Vec::new();
        for place in places {
            let found = self
                .find_tool(caller.workspace, Some(id), &place.tool)
                .await?;
            if let Err(message) = found {
                unbound.push(ErrorItem {
                    code: "tool_unbound".to_owned(),
                    message,
                    field: Some(place.field),
                    node_id: Some(place.node_id),
                    ..ErrorItem::default()
                });
            }
        }
        Ok(unbound)
    }

    /// The places whose credential is missing or cannot be used: their nodes fail when a run reaches them as things are now. What a
    /// run chooses is not known yet.
    async fn unusable_credentials(
        &self,
        caller: &Caller,
        workflow: &Workflow,
        document: &Document,
    ) -> Result<Vec<ErrorItem>, Error> {
        let disclosure = Disclosure::of(caller);
        let declared = self.inner.facts.environments(caller.workspace).await?;
        let about = |environment: &Environment| {
            let version = (None, None);
            let (id, name) = (workflow.id, &workflow.name);
            let environment = environment.clone();
            resolve::context(
                caller,
                id,
                name,
                version,
                environment,
                None,
                Overrides::new(),
            )
        };
        let Some(first) = declared.first() else {
            return Ok(Vec::new());
        };
        let places = self.places_to_publish(&about(first), document).await?;
        let mut failing: Vec<Vec<(&Environment, ErrorItem)>> = vec![Vec::new(); places.len()];
        for environment in declared.iter() {
            let rows = self
                .inner
                .models
                .dry_run(&about(environment), &places)
                .await?;
            for (row, failing) in rows.into_iter().zip(&mut failing) {
                failing.extend(would_fail(row, disclosure).map(|item| (environment, item)));
            }
        }
        let told = failing.into_iter().filter_map(|failing| {
            let is_everywhere = failing.len() == declared.len();
            let names: Vec<&str> = failing.iter().map(|(name, _)| &*name.0).collect();
            let names = names.join(", ");
            let (_, mut item) = failing.into_iter().next()?;
            if !is_everywhere {
                item.message = format!("in {names}: {}", item.message);
            }
            Some(item)
        });
        Ok(told.collect())
    }

    /// Every place of a document that names a model or a tool and that some run can reach.
    async fn places_to_publish(
        &self,
        context: &WorkflowContext,
        document: &Document,
    ) -> Result<Vec<PlannedModel>, Error> {
        let entries = triggers(document).map_err(Error::of_document)?;
        let entries = entries.iter().map(|trigger| Some(&trigger.node));
        let values = StartValues {
            inputs: NamedValues::new(),
            environment: resolve::plain_environment(document),
            conversation: NamedValues::new(),
            system: NamedValues::new(),
            given: Vec::new(),
            reused: Vec::new(),
        };
        let mut all: Vec<PlannedModel> = Vec::new();
        for entry in [None].into_iter().chain(entries) {
            let Ok(outline) = Outline::of(document.graph(), entry) else {
                continue;
            };
            let mut places = resolve::planned(document, &outline, &values);
            let besides = self.planned_besides(context, document, &outline, &values);
            places.extend(besides.await?);
            for mut place in places {
                let choice = &place.selector.choice;
                let texts = [&choice.credential_id, &choice.credential_name];
                let by_run = texts.into_iter().flatten().filter(|text| is_by_run(text));
                let by_run: Vec<String> = by_run.cloned().collect();
                if !by_run.is_empty() {
                    place.rendered = PlannedSelector::DependsOn(by_run);
                }
                // One entry alone names no place twice.
                if entry.is_none() || !all.contains(&place) {
                    all.push(place);
                }
            }
        }
        Ok(all)
    }

    /// Whether a document may be published under these settings. A node type that cannot run yet is refused when a run starts,
    /// not here: the report of the import has named it.
    pub(crate) fn check_publishable(
        &self,
        document: &Document,
        settings: &CredentialSettings,
    ) -> Result<(), Error> {
        let starts: Vec<_> = document
            .graph()
            .nodes
            .iter()
            .filter(|node| node.node_type == "start" && node.container.is_none())
            .collect();
        if let [_, second, ..] = &starts[..] {
            let message = format!(
                "the graph has several start nodes; {} is one too many",
                second.id
            );
            let item = ErrorItem {
                code: "graph_several_starts".to_owned(),
                message: message.clone(),
                node_id: Some(second.id.clone()),
                ..ErrorItem::default()
            };
            return Err(Error::unprocessable("graph_several_starts", message).with([item]));
        }
        if let Err(problems) = Plan::build(document, &self.inner.nodes, None) {
            let wrong: Vec<PlanProblem> = problems
                .into_iter()
                .filter(|problem| problem.code != "node_type_unsupported")
                .collect();
            if !wrong.is_empty() {
                return Err(Error::of_plan(wrong));
            }
        }
        self.check_triggers(document)?;
        if !settings.runtime_allow.is_empty() {
            return Ok(());
        }
        let models = document.model_places().into_iter();
        let models = models.map(|place| (place.node_id, place.title, place.field, place.selector));
        let tools = document.tool_places().into_iter();
        let tools = tools.map(|place| (place.node_id, place.title, place.field, place.selector));
        let chosen_by_runs: Vec<ErrorItem> = models
            .chain(tools)
            .filter(|(.., selector)| {
                let choice = &selector.choice;
                [&choice.credential_id, &choice.credential_name]
                    .into_iter()
                    .flatten()
                    .any(|text| is_by_run(text))
            })
            .map(|(node, title, field, _)| ErrorItem {
                code: "runtime_allow_missing".to_owned(),
                message: format!(
                    "runs choose the credential of {title:?}, and runtime_allow allows none"
                ),
                field: Some(format!("{field}.credential_name")),
                node_id: Some(node),
                ..ErrorItem::default()
            })
            .collect();
        if chosen_by_runs.is_empty() {
            return Ok(());
        }
        let detail = "credentials are chosen by runs, but the workflow's runtime_allow is empty: say in its credential settings which names a run may choose";
        Err(Error::unprocessable("runtime_allow_missing", detail).with(chosen_by_runs))
    }

    /// The published versions, newest first.
    ///
    /// # Errors
    /// When the caller may not, or there is no such workflow.
    pub async fn versions(
        &self,
        caller: &Caller,
        id: WorkflowId,
    ) -> Result<Vec<PublishedVersion>, Error> {
        require(caller, Permission::WorkflowsRead)?;
        self.visible(caller, id).await?;
        Ok(self.inner.store.versions(id).await?)
    }

    /// Makes a published version the draft again.
    ///
    /// # Errors
    /// When the caller may not, or there is no such version.
    pub async fn restore(
        &self,
        caller: &Caller,
        id: WorkflowId,
        number: u32,
    ) -> Result<Workflow, Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::WorkflowsPublish)?;
            service.visible(&caller, id).await?;
            let found = service.inner.store.version(id, number).await?;
            let (_, text) = found.ok_or_else(|| Error::not_found("version"))?;
            let opened = service
                .inner
                .vault
                .open_variables(caller.workspace, id, text.secrets.as_deref())
                .await?;
            let read = move |service: &Self| {
                let document = service.kept_document(&text)?;
                Ok::<_, Error>(Separated::of(&document)?.with_secrets(opened))
            };
            let new = service.at_length(read).await??;
            let restored = service.replace_draft(&caller, id, None, &new, Also::default());
            let (workflow, _) = restored.await?;
            let detail = json!({"version": number, "revision": workflow.draft_revision});
            service
                .audit(&caller, "workflow.restore", id, detail)
                .await?;
            Ok(workflow)
        };
        self.complete(caller, change).await
    }
}

/// Whether a selector's text depends on more than environment variables.
pub(crate) fn is_by_run(text: &str) -> bool {
    Template::parse(text)
        .placeholders()
        .any(|selector| selector.first().is_none_or(|source| source != "env"))
}
