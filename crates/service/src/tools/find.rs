//! What a tool of a document is in this workspace: bound by somebody, built in, or a provider of the same name.

use std::collections::BTreeMap;
use std::sync::Arc;

use latchkey_domain::id::{WorkflowId, WorkspaceId};
use latchkey_domain::inputs::{StartVariable, start_variables};
use latchkey_domain::tool::{
    McpTool, NamedTool, ToolBinding, ToolProvider, ToolSource, ToolTarget, binding_of,
};
use latchkey_nodes::tools::openapi::Api;
use latchkey_nodes::tools::{Builtin, mcp};
use latchkey_nodes::{ParameterForm, ToolDefinition, ToolError, ToolParameter};
use serde_json::{Map, Value as Json};

use super::broken;
use crate::Service;
use crate::documents::Prepared;
use crate::error::Error;

/// A tool that can be used.
pub(crate) struct Found {
    pub(crate) target: Target,
    /// From a parameter's name in the document to its name here.
    parameters: BTreeMap<String, String>,
}

/// What a tool is.
pub(crate) enum Target {
    Builtin(&'static Builtin),
    Openapi {
        provider: ToolProvider,
        api: Arc<Api>,
        tool: String,
    },
    Mcp {
        provider: ToolProvider,
        url: String,
        tool: McpTool,
    },
    Workflow {
        provider: ToolProvider,
        workflow: WorkflowId,
    },
}

impl Target {
    /// The provider and the tool, of one that is elsewhere and may need a credential.
    pub(crate) fn remote(self) -> Option<(ToolProvider, String)> {
        match self {
            Self::Builtin(_) | Self::Workflow { .. } => None,
            Self::Openapi { provider, tool, .. } => Some((provider, tool)),
            Self::Mcp { provider, tool, .. } => Some((provider, tool.name)),
        }
    }

    /// Its name in bindings and reports.
    pub(crate) fn named(&self, named: &NamedTool) -> ToolTarget {
        let (provider, tool) = match self {
            Self::Builtin(_) => (named.normal_provider().to_string(), named.tool.clone()),
            Self::Openapi { provider, tool, .. } => (provider.name.clone(), tool.clone()),
            Self::Mcp { provider, tool, .. } => (provider.name.clone(), tool.name.clone()),
            Self::Workflow { provider, .. } => (provider.name.clone(), provider.name.clone()),
        };
        ToolTarget {
            provider,
            tool: Some(tool),
        }
    }
}

impl Found {
    pub(crate) const fn plain(target: Target) -> Self {
        Self {
            target,
            parameters: BTreeMap::new(),
        }
    }

    /// Arguments under their names here.
    pub(crate) fn renamed(&self, arguments: Map<String, Json>) -> Map<String, Json> {
        let pairs = arguments.into_iter().map(|(mut name, value)| {
            self.rename(&mut name);
            (name, value)
        });
        pairs.collect()
    }

    pub(crate) fn rename(&self, name: &mut String) {
        if let Some(here) = self.parameters.get(name) {
            here.clone_into(name);
        }
    }

    /// What it takes, under the names that the document has for it.
    fn in_document(&self, mut definition: ToolDefinition) -> ToolDefinition {
        for parameter in &mut definition.parameters {
            let mut known = self.parameters.iter();
            if let Some((there, _)) = known.find(|(_, here)| **here == parameter.name) {
                parameter.name.clone_from(there);
            }
        }
        definition
    }
}

impl Service {
    /// What a tool is here; the inner error says why it is nothing that can be used.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn find_tool(
        &self,
        workspace: WorkspaceId,
        workflow: Option<WorkflowId>,
        tool: &NamedTool,
    ) -> Result<Result<Found, String>, Error> {
        let store = &self.inner.store;
        let own = match workflow {
            Some(_) => store.tool_bindings(workspace, workflow).await?.0,
            None => Vec::new(),
        };
        if let Some(binding) = binding_of(&own, tool) {
            return self.bound(workspace, tool, binding).await;
        }
        let all = store.tool_bindings(workspace, None).await?.0;
        if let Some(binding) = binding_of(&all, tool) {
            return self.bound(workspace, tool, binding).await;
        }
        if let Some(builtin) = Builtin::find(tool) {
            return Ok(Ok(Found::plain(Target::Builtin(builtin))));
        }
        match self.same_name(workspace, tool).await? {
            Some(provider) => {
                let target = self.target(provider, &tool.tool).await?;
                Ok(target.map(Found::plain))
            }
            None => Ok(Err(unbound(tool))),
        }
    }

    async fn bound(
        &self,
        workspace: WorkspaceId,
        tool: &NamedTool,
        binding: &ToolBinding,
    ) -> Result<Result<Found, String>, Error> {
        let target = self
            .target_named(workspace, &binding.target, &tool.tool)
            .await?;
        Ok(target.map(|target| Found {
            target,
            parameters: binding.parameters.clone(),
        }))
    }

    /// The target of a binding.
    pub(crate) async fn target_named(
        &self,
        workspace: WorkspaceId,
        target: &ToolTarget,
        same: &str,
    ) -> Result<Result<Target, String>, Error> {
        let tool = target.tool.as_deref().unwrap_or(same);
        let named = NamedTool::new("builtin", &target.provider, "", tool);
        if let Some(builtin) = Builtin::find(&named) {
            return Ok(Ok(Target::Builtin(builtin)));
        }
        let name = &target.provider;
        let provider = self.inner.store.tool_provider_by_name(workspace, name);
        match provider.await? {
            Some(provider) => self.target(provider, tool).await,
            None => Ok(Err(format!(
                "it is bound to {name:?}, and there is no such tool provider"
            ))),
        }
    }

    /// The provider of the kind and name that the document states, or of its id.
    async fn same_name(
        &self,
        workspace: WorkspaceId,
        tool: &NamedTool,
    ) -> Result<Option<ToolProvider>, Error> {
        let kind = match tool.provider_type.as_str() {
            "api" => "openapi",
            "mcp" => "mcp",
            "workflow" => "workflow",
            _ => return Ok(None),
        };
        let store = &self.inner.store;
        let is_meant = |provider: &ToolProvider| provider.source.kind() == kind;
        if let Ok(id) = tool.provider.parse() {
            let found = store.tool_provider(workspace, id).await?;
            if let Some(found) = found.filter(is_meant) {
                return Ok(Some(found));
            }
        }
        // A workflow's tool has a name of its own, and its provider's is only a label.
        let names = [&tool.provider, &tool.tool];
        let names = names
            .into_iter()
            .take(if kind == "workflow" { 2 } else { 1 });
        for name in names {
            let found = store.tool_provider_by_name(workspace, name).await?;
            if let Some(found) = found.filter(is_meant) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// One tool of a provider.
    async fn target(
        &self,
        provider: ToolProvider,
        tool: &str,
    ) -> Result<Result<Target, String>, Error> {
        let missing = |name: &str| format!("the tool provider {name:?} has no tool {tool:?}");
        Ok(match &provider.source {
            ToolSource::Workflow { workflow_id } => Ok(Target::Workflow {
                workflow: *workflow_id,
                provider,
            }),
            ToolSource::Mcp { url, tools } => {
                let known = tools.iter().find(|known| known.name == tool).cloned();
                let url = url.clone();
                match known {
                    None => Err(missing(&provider.name)),
                    Some(tool) => Ok(Target::Mcp {
                        provider,
                        url,
                        tool,
                    }),
                }
            }
            ToolSource::Openapi { .. } => {
                let api = self.api_of(&provider).await?;
                if api.definition(tool).is_none() {
                    return Ok(Err(missing(&provider.name)));
                }
                Ok(Target::Openapi {
                    provider,
                    api,
                    tool: tool.to_owned(),
                })
            }
        })
    }

    /// The API of a provider, read once for each of its revisions.
    pub(crate) async fn api_of(&self, provider: &ToolProvider) -> Result<Arc<Api>, Error> {
        let ToolSource::Openapi { document } = &provider.source else {
            return Err(Error::not_found("API"));
        };
        let key = (provider.id, provider.revision);
        let missed = match self.inner.apis.get(&key) {
            Ok(known) => return Ok(known),
            Err(missed) => missed,
        };
        let (document, weight) = (document.clone(), document.len());
        let read = self.at_length(move |_| Api::parse(&document)).await?;
        // It was read before it was kept.
        let api = Arc::new(read.map_err(Error::internal)?);
        self.inner.apis.keep(missed, key, Arc::clone(&api), weight);
        Ok(api)
    }

    /// What a tool takes, as its document names it.
    pub(crate) async fn definition_of(
        &self,
        workspace: WorkspaceId,
        found: &Found,
    ) -> Result<ToolDefinition, ToolError> {
        let definition = match &found.target {
            Target::Builtin(builtin) => builtin.definition(),
            Target::Openapi { api, tool, .. } => {
                let definition = api.definition(tool).cloned();
                definition.ok_or_else(|| ToolError::Unbound(format!("there is no {tool:?}")))?
            }
            Target::Mcp { tool, .. } => mcp::definition(tool),
            Target::Workflow { provider, workflow } => {
                let prepared = self.tool_workflow(workspace, *workflow).await?.1;
                of_workflow(provider, &prepared)
            }
        };
        Ok(found.in_document(definition))
    }

    /// The published version of a workflow that is used as a tool.
    pub(crate) async fn tool_workflow(
        &self,
        workspace: WorkspaceId,
        id: WorkflowId,
    ) -> Result<(latchkey_domain::workflow::Workflow, Arc<Prepared>), ToolError> {
        let gone = || ToolError::Unbound("its workflow does not exist any more".to_owned());
        let workflow = self.inner.store.workflow(workspace, id).await;
        let workflow = workflow
            .map_err(|error| broken(error.into()))?
            .ok_or_else(gone)?;
        let number = workflow.published_version.ok_or_else(|| {
            let name = &workflow.name;
            ToolError::Unbound(format!("the workflow {name:?} has no published version"))
        })?;
        let prepared = self.prepare_published(workspace, id, number, None).await;
        Ok((workflow, prepared.map_err(broken)?))
    }
}

/// What a workflow takes as a tool: its start variables.
pub(crate) fn of_workflow(provider: &ToolProvider, prepared: &Prepared) -> ToolDefinition {
    let variables = start_variables(&prepared.document, prepared.plan.entry());
    ToolDefinition {
        name: provider.name.clone(),
        description: provider.description.clone(),
        parameters: variables.iter().map(parameter_of).collect(),
    }
}

fn parameter_of(variable: &StartVariable) -> ToolParameter {
    let kind = match variable.form.as_str() {
        "number" => "number",
        "checkbox" => "boolean",
        "select" => "select",
        "file" => "file",
        "file-list" => "files",
        "json_object" => "object",
        _ => "string",
    };
    ToolParameter {
        name: variable.name.clone(),
        description: variable.label.clone(),
        kind: kind.to_owned(),
        required: variable.required,
        form: ParameterForm::Llm,
        default: Some(variable.default.clone()).filter(|default| !default.is_null()),
        options: variable.options.clone(),
        schema: None,
    }
}

fn unbound(tool: &NamedTool) -> String {
    format!(
        "the tool {:?} of {:?} is bound to nothing here: bind it to an API, an MCP server, a workflow or a built-in tool (PUT /api/v1/tool-bindings)",
        tool.tool, tool.provider
    )
}
