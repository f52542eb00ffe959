//! Tool providers of a workspace: HTTP APIs, MCP servers and workflows, made, read, changed and deleted.

use std::sync::Arc;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::{
    CredentialSelector, Environment, RenderedSelector, is_credential_name,
};
use latchkey_domain::id::{ToolProviderId, WorkflowId, WorkspaceId};
use latchkey_domain::provider::ProviderId;
use latchkey_domain::tool::{KeyPlace, McpTool, TOOL_PREFIX, ToolAuth, ToolProvider, ToolSource};
use latchkey_domain::workflow::Mode;
use latchkey_models::catalogue::ProviderInfo;
use latchkey_nodes::ToolDefinition;
use latchkey_nodes::tools::mcp::{self, Patience, Server};
use latchkey_nodes::tools::openapi::{Api, LONGEST};
use latchkey_nodes::tools::{Builtin, Sending};
use latchkey_outbound::{Request, target};
use latchkey_store::{Page, Paged, StoreError};
use serde_json::json;

use crate::access::check_text;
use crate::error::{Error, ErrorKind};
use crate::tools::of_workflow;
use crate::validation::without_run;
use crate::{Service, require};

/// The longest description, in characters.
const DESCRIPTION: usize = 2_000;
/// The longest URL, in bytes.
const URL: usize = 2_048;
/// Words in the names of query parameters that hold what nobody may read.
const SECRET_WORDS: [&str; 5] = ["key", "token", "secret", "password", "auth"];

/// A tool provider that is to be made.
#[derive(Clone, Debug)]
pub struct NewToolProvider {
    /// Its name.
    pub name: String,
    /// What it is for; none: what its source says.
    pub description: Option<String>,
    /// Where its tools are.
    pub source: NewToolSource,
    /// How its credential is sent; none: what its source says.
    pub auth: Option<ToolAuth>,
}

/// Where the tools of a provider are, as somebody states it.
#[derive(Clone, Debug)]
pub enum NewToolSource {
    /// An OpenAPI document.
    Document(String),
    /// An OpenAPI document that is somewhere on the network.
    DocumentAt(String),
    /// The URL of an MCP server.
    Mcp(String),
    /// A workflow of this workspace.
    Workflow(WorkflowId),
}

/// What is changed of a tool provider; none leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct ChangedToolProvider {
    /// What it is for.
    pub description: Option<String>,
    /// Where its tools are: of the same kind as before.
    pub source: Option<NewToolSource>,
    /// How its credential is sent.
    pub auth: Option<ToolAuth>,
}

impl Service {
    /// Makes a tool provider.
    ///
    /// # Errors
    /// When the caller may not, its name is taken, or its source is wrong.
    pub async fn create_tool_provider(
        &self,
        caller: &Caller,
        new: NewToolProvider,
    ) -> Result<ToolProvider, Error> {
        let change = move |service: Self, caller: Caller| async move {
            may(&caller, Permission::WorkflowsWrite)?;
            check_provider_name(&new.name)?;
            let (source, said) = service.read_source(&caller, new.source, new.auth).await?;
            let description = new.description.unwrap_or(said.description);
            check_text(&description, "/description", DESCRIPTION)?;
            let now = service.now();
            let mut provider = ToolProvider {
                id: ToolProviderId::new(Self::new_id()),
                workspace: caller.workspace,
                name: new.name,
                description,
                source,
                auth: said.auth,
                revision: 1,
                created_at: now,
                updated_at: now,
            };
            if provider.auth == ToolAuth::None {
                service.list_again(&caller, &mut provider).await?;
            }
            let kept = service.inner.store.insert_tool_provider(&provider).await;
            kept.map_err(|error| name_taken(error, &provider.name))?;
            let detail = json!({"name": provider.name, "kind": provider.source.kind()});
            service
                .audit(&caller, "tool_provider.create", provider.id, detail)
                .await?;
            Ok(provider)
        };
        self.complete(caller, change).await
    }

    /// The tool providers of the caller's workspace, newest first.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn tool_providers(
        &self,
        caller: &Caller,
        page: Page,
    ) -> Result<Paged<ToolProvider>, Error> {
        may(caller, Permission::WorkflowsRead)?;
        let all = self.inner.store.tool_providers(caller.workspace).await?;
        let from = all.into_iter();
        let from = from.filter(|one| page.after.is_none_or(|after| one.id.uuid() < after));
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let mut rows: Vec<ToolProvider> = from.take(limit.saturating_add(1)).collect();
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| has_more).map(|last| last.id.uuid());
        Ok(Paged { rows, next })
    }

    /// A tool provider.
    ///
    /// # Errors
    /// When the caller may not, or there is no such provider.
    pub async fn tool_provider(
        &self,
        caller: &Caller,
        id: ToolProviderId,
    ) -> Result<ToolProvider, Error> {
        may(caller, Permission::WorkflowsRead)?;
        let found = self.inner.store.tool_provider(caller.workspace, id).await?;
        found.ok_or_else(|| Error::not_found("tool provider"))
    }

    /// The tools of a provider.
    ///
    /// # Errors
    /// When the caller may not, or there is no such provider.
    pub async fn tools_of_provider(
        &self,
        caller: &Caller,
        id: ToolProviderId,
    ) -> Result<Vec<ToolDefinition>, Error> {
        let provider = self.tool_provider(caller, id).await?;
        self.definitions(&provider).await
    }

    pub(crate) async fn definitions(
        &self,
        provider: &ToolProvider,
    ) -> Result<Vec<ToolDefinition>, Error> {
        Ok(match &provider.source {
            ToolSource::Openapi { .. } => self
                .api_of(provider)
                .await?
                .definitions()
                .cloned()
                .collect(),
            ToolSource::Mcp { tools, .. } => tools.iter().map(mcp::definition).collect(),
            ToolSource::Workflow { workflow_id } => {
                let workspace = provider.workspace;
                let workflow = self.inner.store.workflow(workspace, *workflow_id).await?;
                match workflow.and_then(|workflow| workflow.published_version) {
                    // Nothing can use it yet.
                    None => Vec::new(),
                    Some(number) => {
                        let prepared = self.prepare_published(workspace, *workflow_id, number);
                        vec![of_workflow(provider, &*prepared.await?)]
                    }
                }
            }
        })
    }

    /// Changes a tool provider, if it is still at the expected revision.
    ///
    /// # Errors
    /// When the caller may not, something is wrong, or it was changed meanwhile.
    pub async fn change_tool_provider(
        &self,
        caller: &Caller,
        id: ToolProviderId,
        expected: Option<u32>,
        change: ChangedToolProvider,
    ) -> Result<ToolProvider, Error> {
        let change = move |service: Self, caller: Caller| async move {
            let old = service.expected_provider(&caller, id, expected).await?;
            let mut new = old.clone();
            if let Some(auth) = change.auth {
                check_auth(&auth, old.source.kind())?;
                new.auth = auth;
            }
            if let Some(description) = change.description {
                check_text(&description, "/description", DESCRIPTION)?;
                new.description = description;
            }
            if let Some(source) = change.source {
                let auth = Some(new.auth.clone());
                new.source = service.read_source(&caller, source, auth).await?.0;
                if new.source.kind() != old.source.kind() {
                    let detail = format!("it is a provider of the kind {}", old.source.kind());
                    return Err(Error::field("invalid_input", "/kind", detail));
                }
                if new.auth == ToolAuth::None {
                    service.list_again(&caller, &mut new).await?;
                }
            }
            service
                .keep_changed(&caller, new, "tool_provider.change")
                .await
        };
        self.complete(caller, change).await
    }

    /// Lists the tools of an MCP server again, with the workspace's own credential for it.
    ///
    /// # Errors
    /// When the caller may not, no credential may be used, or the server does not list them.
    pub async fn refresh_tool_provider(
        &self,
        caller: &Caller,
        id: ToolProviderId,
    ) -> Result<ToolProvider, Error> {
        let change = move |service: Self, caller: Caller| async move {
            let mut provider = service.expected_provider(&caller, id, None).await?;
            if !matches!(provider.source, ToolSource::Mcp { .. }) {
                let detail = "only the tools of an MCP server are listed by somebody else";
                return Err(Error::unprocessable("invalid_input", detail));
            }
            service.list_again(&caller, &mut provider).await?;
            service
                .keep_changed(&caller, provider, "tool_provider.refresh")
                .await
        };
        self.complete(caller, change).await
    }

    async fn expected_provider(
        &self,
        caller: &Caller,
        id: ToolProviderId,
        expected: Option<u32>,
    ) -> Result<ToolProvider, Error> {
        may(caller, Permission::WorkflowsWrite)?;
        let found = self.inner.store.tool_provider(caller.workspace, id).await?;
        let found = found.ok_or_else(|| Error::not_found("tool provider"))?;
        if expected.is_some_and(|expected| i64::from(expected) != i64::from(found.revision)) {
            return Err(StoreError::Changed.into());
        }
        Ok(found)
    }

    async fn keep_changed(
        &self,
        caller: &Caller,
        mut new: ToolProvider,
        action: &str,
    ) -> Result<ToolProvider, Error> {
        new.revision += 1;
        new.updated_at = self.now();
        self.inner.store.change_tool_provider(&new).await?;
        let detail = json!({"name": new.name, "kind": new.source.kind()});
        self.audit(caller, action, new.id, detail).await?;
        Ok(new)
    }

    /// Deletes a tool provider; what is bound to it is then bound to nothing.
    ///
    /// # Errors
    /// When the caller may not, or there is no such provider.
    pub async fn delete_tool_provider(
        &self,
        caller: &Caller,
        id: ToolProviderId,
    ) -> Result<(), Error> {
        let change = move |service: Self, caller: Caller| async move {
            let old = service.expected_provider(&caller, id, None).await?;
            let store = &service.inner.store;
            store.delete_tool_provider(caller.workspace, id).await?;
            let detail = json!({"name": old.name, "kind": old.source.kind()});
            service
                .audit(&caller, "tool_provider.delete", id, detail)
                .await
        };
        self.complete(caller, change).await
    }

    /// A source as it is kept, and what it says about itself.
    async fn read_source(
        &self,
        caller: &Caller,
        source: NewToolSource,
        auth: Option<ToolAuth>,
    ) -> Result<(ToolSource, Said), Error> {
        let document = match source {
            NewToolSource::Document(text) => text,
            NewToolSource::DocumentAt(url) => self.fetch_document(&url).await?,
            NewToolSource::Mcp(url) => {
                check_url(&url)?;
                let auth = auth.unwrap_or_default();
                check_auth(&auth, "mcp")?;
                let tools = Vec::new();
                let description = String::new();
                return Ok((ToolSource::Mcp { url, tools }, Said { description, auth }));
            }
            NewToolSource::Workflow(workflow_id) => {
                let auth = auth.unwrap_or_default();
                check_auth(&auth, "workflow")?;
                let description = self.check_workflow(caller, workflow_id).await?;
                return Ok((
                    ToolSource::Workflow { workflow_id },
                    Said { description, auth },
                ));
            }
        };
        let text = document.clone();
        let read = self.at_length(move |_| Api::parse(&text)).await?;
        let api = read.map_err(|wrong| {
            let place = format!("/document{}", wrong.place);
            Error::field("openapi_invalid", &place, wrong.message)
        })?;
        let auth = auth.unwrap_or(api.auth);
        check_auth(&auth, "openapi")?;
        let said = [api.description, api.title];
        let said = said
            .into_iter()
            .find(|text| !text.is_empty())
            .unwrap_or_default();
        let description = said.chars().take(DESCRIPTION).collect();
        Ok((ToolSource::Openapi { document }, Said { description, auth }))
    }

    async fn fetch_document(&self, url: &str) -> Result<String, Error> {
        let wrong = |detail: String| Error::field("url_unreachable", "/url", detail);
        let request = Request::get(url).max_body(LONGEST as u64);
        let answer = self.inner.outbound.send(request).await;
        let answer = answer.map_err(|error| wrong(error.to_string()))?;
        if answer.status != 200 {
            return Err(wrong(format!("the server answered {}", answer.status)));
        }
        let body = answer
            .bytes()
            .await
            .map_err(|error| wrong(error.to_string()))?;
        String::from_utf8(body.to_vec()).map_err(|_| wrong("the file is no UTF-8 text".to_owned()))
    }

    /// A workflow that may be used as a tool; its description.
    async fn check_workflow(&self, caller: &Caller, id: WorkflowId) -> Result<String, Error> {
        let workflow = self.inner.store.workflow(caller.workspace, id).await?;
        let workflow = workflow.ok_or_else(|| {
            let detail = format!("there is no workflow {id}");
            Error::field("workflow_unknown", "/workflow_id", detail)
        })?;
        if workflow.mode != Mode::Workflow {
            let detail = "a workflow that answers in a conversation cannot be a tool";
            return Err(Error::field("tool_workflow_mode", "/workflow_id", detail));
        }
        Ok(workflow.description.chars().take(DESCRIPTION).collect())
    }

    /// Asks an MCP server for its tools; other providers know theirs.
    async fn list_again(&self, caller: &Caller, provider: &mut ToolProvider) -> Result<(), Error> {
        let ToolSource::Mcp { url, .. } = &provider.source else {
            return Ok(());
        };
        let url = url.clone();
        let listed = self.listed(caller, provider, &url).await?;
        provider.source = ToolSource::Mcp { url, tools: listed };
        Ok(())
    }

    async fn listed(
        &self,
        caller: &Caller,
        provider: &ToolProvider,
        url: &str,
    ) -> Result<Vec<McpTool>, Error> {
        let (info, _) = self.credential_form(provider).await?;
        let environment = caller.environments.first().cloned();
        let environment = environment.unwrap_or_else(|| Environment("production".to_owned()));
        let credential = self
            .inner
            .models
            .tool_credential(
                &without_run(caller, environment),
                &Arc::new(info),
                "",
                &CredentialSelector::default(),
                &RenderedSelector::Silent,
            )
            .await;
        let credential = credential.map_err(|error| match &error.credential {
            Some(failure) => Error::of_credential(failure.code, error.message.clone()),
            None => error.into(),
        })?;
        if !credential.may_go_to(url) {
            let detail = "the credential may not be sent to the server: enter it again";
            return Err(Error::unprocessable("credential_forbidden", detail));
        }
        let server = Server {
            url,
            sending: Sending {
                auth: &provider.auth,
                access: &credential.access,
            },
            outbound: &self.inner.outbound,
            patience: Patience::default(),
        };
        let listed = server.list().await;
        listed.map_err(|error| {
            let detail = credential.masked(&error.to_string());
            Error::field("tool_server_failed", "/url", detail)
        })
    }

    /// The form of the credentials of a provider `tool/…`, and the hosts that they go to.
    pub(crate) async fn tool_credentials(
        &self,
        workspace: WorkspaceId,
        id: &ProviderId,
    ) -> Result<Option<(ProviderInfo, Vec<String>)>, Error> {
        let Some(name) = id.as_str().strip_prefix(TOOL_PREFIX) else {
            return Ok(None);
        };
        let store = &self.inner.store;
        match store.tool_provider_by_name(workspace, name).await? {
            None => Ok(None),
            Some(provider) => Ok(Some(self.credential_form(&provider).await?)),
        }
    }
}

/// What a source says about itself.
struct Said {
    description: String,
    auth: ToolAuth,
}

/// An app's key sees its own workflow, and tools are the workspace's.
fn may(caller: &Caller, permission: Permission) -> Result<(), Error> {
    require(caller, permission)?;
    if caller.workflow.is_none() {
        return Ok(());
    }
    let detail = "an app's key reaches its own app only, and tools are the workspace's";
    Err(Error::new(ErrorKind::Forbidden, "forbidden", detail))
}

fn check_provider_name(name: &str) -> Result<(), Error> {
    if !is_credential_name(name) {
        let detail = "a tool provider's name begins with a letter or digit and has at most 128 letters, digits, dots, underscores and hyphens";
        return Err(Error::field("invalid_name", "/name", detail));
    }
    if Builtin::is_provider(name) {
        let detail = format!("{name} is the name of built-in tools");
        return Err(Error::field("invalid_name", "/name", detail));
    }
    Ok(())
}

/// A place that a client can be sent to, without what nobody may read in it.
fn check_url(url: &str) -> Result<(), Error> {
    let wrong = |detail: &str| Err(Error::field("invalid_url", "/url", detail));
    if url.len() > URL || target(url).is_none() || url.contains('#') {
        return wrong("an http or https URL without a user name and a fragment is needed");
    }
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let names = query.split('&').filter_map(|pair| pair.split('=').next());
    let is_secret = |name: &str| {
        let name = name.to_lowercase();
        SECRET_WORDS.iter().any(|word| name.contains(word))
    };
    if names.into_iter().any(is_secret) {
        return wrong(
            "the URL seems to hold a key, which everybody could read: put it into a credential (auth: type api_key, in query)",
        );
    }
    Ok(())
}

/// Names that a request can carry.
fn check_auth(auth: &ToolAuth, kind: &str) -> Result<(), Error> {
    let ToolAuth::ApiKey {
        place,
        name,
        prefix,
    } = auth
    else {
        if kind == "workflow" && *auth != ToolAuth::None {
            let detail = "a workflow needs no credential of its own as a tool";
            return Err(Error::field("invalid_input", "/auth", detail));
        }
        return Ok(());
    };
    let is_token = |text: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        !text.is_empty() && text.len() <= 128 && text.bytes().all(allowed)
    };
    let fits = match place {
        KeyPlace::Header | KeyPlace::Cookie => is_token(name),
        KeyPlace::Query => !name.is_empty() && name.len() <= 128,
    };
    let is_plain = prefix.len() <= 64 && prefix.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if fits && is_plain && kind != "workflow" {
        return Ok(());
    }
    let detail = "a key needs the name of a header, a query parameter or a cookie, and a short prefix in ASCII";
    Err(Error::field("invalid_input", "/auth", detail))
}

fn name_taken(error: StoreError, name: &str) -> Error {
    if error != StoreError::Taken {
        return error.into();
    }
    let detail = format!("there is a tool provider {name} already");
    Error::new(ErrorKind::Conflict, "conflict", detail)
}
