//! Publishing: what a version must fulfil, and its numbers.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::document::{Document, ToolPlace};
use latchkey_domain::id::WorkflowId;
use latchkey_domain::settings::CredentialSettings;
use latchkey_domain::trigger::triggers;
use latchkey_domain::workflow::{PublishedVersion, Workflow};
use latchkey_engine::plan::{Plan, PlanProblem};
use latchkey_engine::template::Template;
use latchkey_store::NewVersion;
use serde_json::json;

use crate::access::check_text;
use crate::documents::Separated;
use crate::error::{Error, ErrorItem};
use crate::workflows::Also;
use crate::{Service, require};

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
                let tools = document.tool_places();
                Ok::<_, Error>((text, triggers, tools))
            };
            let (document, triggers, tools) = service.at_length(check).await??;
            let warnings = service.unbound_tools(&caller, id, tools).await?;
            let version = NewVersion {
                triggers: service.new_triggers(&caller, id, &triggers).await?,
                document,
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
            let detail = json!({"version": number});
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
