//! Tool providers of a workspace: HTTP APIs, MCP servers and workflows, made, read, changed and deleted.

mod source;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::is_credential_name;
use latchkey_domain::id::{ToolProviderId, WorkflowId, WorkspaceId};
use latchkey_domain::provider::ProviderId;
use latchkey_domain::tool::{TOOL_PREFIX, ToolAuth, ToolProvider, ToolSource};
use latchkey_models::catalogue::ProviderInfo;
use latchkey_nodes::ToolDefinition;
use latchkey_nodes::tools::{Builtin, mcp};
use latchkey_store::{Page, Paged, StoreError};
use serde_json::json;

use self::source::{check_auth, check_sending};
use crate::access::check_text;
use crate::error::{Error, ErrorKind};
use crate::tools::of_workflow;
use crate::{Service, require_workspace};

/// The longest description, in characters.
const DESCRIPTION: usize = 2_000;

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
            require_workspace(&caller, Permission::WorkflowsWrite)?;
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
        require_workspace(caller, Permission::WorkflowsRead)?;
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
        require_workspace(caller, Permission::WorkflowsRead)?;
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
                        let prepared =
                            self.prepare_published(workspace, *workflow_id, number, None);
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
                if change.source.is_none() {
                    check_sending(&auth, &old)?;
                }
                new.auth = auth;
            }
            if let Some(description) = change.description {
                check_text(&description, "/description", DESCRIPTION)?;
                new.description = description;
            }
            if let Some(source) = change.source {
                let auth = Some(new.auth.clone());
                let (source, said) = service.read_source(&caller, source, auth).await?;
                (new.source, new.auth) = (source, said.auth);
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
        require_workspace(caller, Permission::WorkflowsWrite)?;
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

fn name_taken(error: StoreError, name: &str) -> Error {
    if error != StoreError::Taken {
        return error.into();
    }
    let detail = format!("there is a tool provider {name} already");
    Error::new(ErrorKind::Conflict, "conflict", detail)
}
