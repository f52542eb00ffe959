//! A workflow as an app: whether and how others reach it, for whom they act, and what they are told about it.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::chat::{AppSettings, EndUser};
use latchkey_domain::document::GraphNode;
use latchkey_domain::id::{EndUserId, NodeId, WorkflowId};
use latchkey_domain::run::Run;
use latchkey_domain::workflow::Workflow;
use latchkey_store::Page;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::error::{Error, ErrorKind};
use crate::resolve::Version;
use crate::{Service, lock, require};

/// Who acts when the caller names nobody (Dify).
const NOBODY: &str = "DEFAULT-USER";
/// Workflows that are read together, and looked at in all.
const PAGE: u64 = 200;
const MOST: usize = 2_000;
/// The longest name of a tool, in characters.
const TOOL_NAME: usize = 64;

/// An app that its key reaches.
#[derive(Clone, Debug)]
pub struct App {
    /// The workflow.
    pub workflow: Workflow,
    /// Its switches.
    pub settings: AppSettings,
}

/// What is changed of an app's switches.
#[derive(Clone, Debug, Default)]
pub struct AppChange {
    /// Whether the service API answers.
    pub api_enabled: Option<bool>,
    /// Whether it is a tool of the MCP server.
    pub mcp_enabled: Option<bool>,
    /// The name of that tool; `Some(None)`: the workflow's again.
    pub mcp_name: Option<Option<String>>,
    /// How many runs may be under way; 0 is no limit.
    pub max_active_requests: Option<u32>,
}

/// What an app asks for and offers, as its published version says.
#[derive(Clone, Debug)]
pub struct AppForm {
    /// The `app` block of the document.
    pub app: Map<String, Json>,
    /// Its features.
    pub features: Map<String, Json>,
    /// The variables of its start node, as they stand in the document.
    pub variables: Vec<Json>,
}

/// What a run's stream needs to know of its document.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The strategies of its agents.
    pub agents: Vec<(NodeId, Json)>,
    /// Whether answers name their sources.
    pub cites: bool,
}

impl Service {
    /// The app of a key, if it can be reached.
    ///
    /// # Errors
    /// `unauthenticated` for a key of no app; `forbidden` when the app is gone or switched off.
    pub async fn app(&self, caller: &Caller) -> Result<App, Error> {
        let Some(id) = caller.workflow else {
            let detail = "Access token is invalid";
            return Err(Error::new(
                ErrorKind::Unauthenticated,
                "unauthenticated",
                detail,
            ));
        };
        let gone = |_| {
            Error::new(
                ErrorKind::Forbidden,
                "forbidden",
                "The app no longer exists.",
            )
        };
        let workflow = self.visible(caller, id).await.map_err(gone)?;
        self.reached(workflow).await
    }

    /// An app that any key names, if it can be reached.
    ///
    /// # Errors
    /// When it is not there, or switched off.
    pub async fn named_app(&self, caller: &Caller, id: WorkflowId) -> Result<App, Error> {
        let workflow = self.visible(caller, id).await?;
        self.reached(workflow).await
    }

    /// The published apps that a key reaches, the newest first: one for an app's key.
    ///
    /// # Errors
    /// When the caller may not, or the database fails.
    pub async fn apps(&self, caller: &Caller) -> Result<Vec<App>, Error> {
        let mut apps = self.published_apps(caller).await?;
        apps.retain(|app| app.settings.api_enabled);
        Ok(apps)
    }

    /// The published apps that a key reaches and that are tools of the MCP server, the newest first.
    ///
    /// # Errors
    /// When the caller may not, or the database fails.
    pub async fn tool_apps(&self, caller: &Caller) -> Result<Vec<App>, Error> {
        let mut apps = self.published_apps(caller).await?;
        apps.retain(|app| app.settings.mcp_enabled);
        Ok(apps)
    }

    async fn published_apps(&self, caller: &Caller) -> Result<Vec<App>, Error> {
        require(caller, Permission::RunsRead)?;
        if let Some(id) = caller.workflow {
            let workflow = self.visible(caller, id).await?;
            if workflow.published_version.is_none() {
                return Ok(Vec::new());
            }
            let store = &self.inner.store;
            let settings = store.app_settings(caller.workspace, id).await?;
            return Ok(vec![App { workflow, settings }]);
        }
        let (store, workspace) = (&self.inner.store, caller.workspace);
        let switches = store.all_app_settings(workspace).await?;
        let mut switches: HashMap<WorkflowId, AppSettings> = switches.into_iter().collect();
        let (mut apps, mut page) = (Vec::new(), Page::first(PAGE));
        loop {
            let found = store.workflows(workspace, page).await?;
            let published = found.rows.into_iter();
            let published = published.filter(|workflow| workflow.published_version.is_some());
            apps.extend(published.map(|workflow| App {
                settings: switches.remove(&workflow.id).unwrap_or_default(),
                workflow,
            }));
            page.after = found.next;
            if found.next.is_none() || apps.len() >= MOST {
                break;
            }
        }
        Ok(apps)
    }

    async fn reached(&self, workflow: Workflow) -> Result<App, Error> {
        let store = &self.inner.store;
        let settings = store.app_settings(workflow.workspace, workflow.id).await?;
        if !settings.api_enabled {
            let detail = "The app's API service has been disabled.";
            return Err(Error::new(ErrorKind::Forbidden, "forbidden", detail));
        }
        Ok(App { workflow, settings })
    }

    /// The switches of an app.
    ///
    /// # Errors
    /// When the caller may not, or there is no such workflow.
    pub async fn app_settings(
        &self,
        caller: &Caller,
        id: WorkflowId,
    ) -> Result<AppSettings, Error> {
        require(caller, Permission::WorkflowsRead)?;
        self.visible(caller, id).await?;
        Ok(self.inner.store.app_settings(caller.workspace, id).await?)
    }

    /// Changes the switches of an app: effective at the next request.
    ///
    /// # Errors
    /// When the caller may not, there is no such workflow, or the tool's name is none.
    pub async fn change_app(
        &self,
        caller: &Caller,
        id: WorkflowId,
        change: AppChange,
    ) -> Result<AppSettings, Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::WorkflowsPublish)?;
            service.visible(&caller, id).await?;
            let (store, workspace) = (&service.inner.store, caller.workspace);
            let mut settings = store.app_settings(workspace, id).await?;
            let AppChange {
                api_enabled,
                mcp_enabled,
                mcp_name,
                max_active_requests,
            } = change;
            settings.api_enabled = api_enabled.unwrap_or(settings.api_enabled);
            settings.mcp_enabled = mcp_enabled.unwrap_or(settings.mcp_enabled);
            settings.mcp_name = mcp_name.unwrap_or(settings.mcp_name);
            let most = max_active_requests.unwrap_or(settings.max_active_requests);
            settings.max_active_requests = most;
            if let Some(name) = &settings.mcp_name {
                check_tool_name(name)?;
            }
            let now = service.now();
            store
                .put_app_settings(workspace, id, &settings, now)
                .await?;
            let detail = json!(settings);
            service
                .audit(&caller, "workflow.app_change", id, detail)
                .await?;
            Ok(settings)
        };
        self.complete(caller, change).await
    }

    /// Refuses a run more than the app may have under way.
    ///
    /// # Errors
    /// `too_many_requests` when there are as many as it may have.
    pub fn check_active(&self, app: &App) -> Result<(), Error> {
        let most = app.settings.max_active_requests;
        if most == 0 {
            return Ok(());
        }
        let id = app.workflow.id;
        let live = lock(&self.inner.live);
        let own = live.values();
        let active = own.filter(|run| run.asked_workflow() == Some(id)).count();
        drop(live);
        if active < most as usize {
            return Ok(());
        }
        let detail = format!(
            "Too many requests. Please try again later. The current maximum concurrent requests allowed for {id} is {most}."
        );
        Err(Error::new(
            ErrorKind::RateLimited,
            "too_many_requests",
            detail,
        ))
    }

    /// Somebody for whom an app is used; whoever was not seen before is kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_user(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        session: Option<&str>,
    ) -> Result<EndUser, Error> {
        let session_name = session.unwrap_or(NOBODY);
        let user = EndUser {
            id: self.end_user_id(workflow, session_name),
            workspace: caller.workspace,
            workflow,
            session: session_name.to_owned(),
            is_anonymous: session.is_none(),
            created_at: self.now(),
        };
        let known = &self.inner.known_end_users;
        if let Err(missed) = known.get(&user.id) {
            self.inner.store.keep_end_user(&user).await?;
            known.keep(missed, user.id, (), 1);
        }
        Ok(user)
    }

    /// The id of an end user, kept or not.
    fn end_user_id(&self, workflow: WorkflowId, session: &str) -> EndUserId {
        let named = [workflow.uuid().as_bytes().as_slice(), session.as_bytes()].concat();
        let hash = self.inner.end_users.hash(&named);
        let mut bytes = URL_SAFE_NO_PAD.decode(hash).unwrap_or_default();
        bytes.resize(16, 0);
        let bytes: [u8; 16] = bytes.try_into().unwrap_or_default();
        EndUserId::new(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// An end user of an app by id.
    ///
    /// # Errors
    /// When the caller may not, or nobody of that id has used this app.
    pub async fn known_end_user(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        id: EndUserId,
    ) -> Result<EndUser, Error> {
        require(caller, Permission::RunsRead)?;
        let found = self.inner.store.end_user(caller.workspace, id).await?;
        let found = found.filter(|user| user.workflow == workflow);
        found.ok_or_else(|| Error::not_found("end user"))
    }

    /// What an app asks for and offers.
    ///
    /// # Errors
    /// When the caller may not, or it is not published.
    pub async fn app_form(&self, caller: &Caller, id: WorkflowId) -> Result<AppForm, Error> {
        require(caller, Permission::RunsRead)?;
        let kept = self.kept(caller, id, Version::Published).await?;
        let document = &kept.document;
        let app = document.to_json().get("app").and_then(Json::as_object);
        let start = |node: &&GraphNode| node.node_type == "start";
        let start = document.graph().nodes.iter().find(start);
        let variables = start.and_then(|node| node.data.get("variables")?.as_array());
        Ok(AppForm {
            app: app.cloned().unwrap_or_default(),
            features: document.features().clone(),
            variables: variables.cloned().unwrap_or_default(),
        })
    }

    /// What a run's stream needs to know of its document.
    ///
    /// # Errors
    /// When the document cannot be read.
    pub async fn told_of(&self, run: &Run) -> Result<Told, Error> {
        let prepared = self.prepare_run(run).await?;
        let document = &prepared.document;
        let strategy = |node: &GraphNode| {
            let text = |key: &str| node.data.get(key).and_then(Json::as_str);
            let name = text("agent_strategy_label").or_else(|| text("agent_strategy_name"));
            let told = json!({"name": name.unwrap_or_default(), "icon": null});
            (node.id.clone(), told)
        };
        let nodes = document.graph().nodes.iter();
        let agents = nodes.filter(|node| node.node_type == "agent").map(strategy);
        Ok(Told {
            agents: agents.collect(),
            cites: is_on(document.features(), "retriever_resource"),
        })
    }
}

/// Whether a feature of a document is switched on.
pub(crate) fn is_on(features: &Map<String, Json>, name: &str) -> bool {
    let feature = features
        .get(name)
        .and_then(|feature| feature.get("enabled"));
    feature.and_then(Json::as_bool).unwrap_or(false)
}

fn check_tool_name(name: &str) -> Result<(), Error> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
    if name.is_empty() || name.len() > TOOL_NAME || !name.chars().all(is_plain) {
        let detail = format!("a tool's name has 1 to {TOOL_NAME} letters, digits, _, - and .");
        return Err(Error::field("invalid_name", "/mcp_name", detail));
    }
    Ok(())
}

/// A name that fits, out of a workflow's.
#[must_use]
pub fn tool_name(workflow: &Workflow, settings: &AppSettings) -> String {
    if let Some(name) = &settings.mcp_name {
        return name.clone();
    }
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-.".contains(letter);
    let letters = workflow.name.trim().chars();
    let name: String = letters
        .map(|letter| if fits(letter) { letter } else { '_' })
        .take(TOOL_NAME)
        .collect();
    if name.chars().any(|letter| letter.is_ascii_alphanumeric()) {
        name
    } else {
        format!("workflow_{}", short(workflow.id.uuid()))
    }
}

fn short(id: Uuid) -> String {
    let text = id.simple().to_string();
    text[text.len() - 8..].to_owned()
}
