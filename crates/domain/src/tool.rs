//! Tools that a workspace has beside the built-in ones: their providers, and what the tools of files are bound to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::id::{ToolProviderId, WorkflowId, WorkspaceId};
use crate::provider::ProviderId;
use crate::time::Timestamp;

/// What the ids of providers of tools begin with where credentials name them.
pub const TOOL_PREFIX: &str = "tool/";

/// A tool as a document names it (Dify DSL reference, 4.12).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NamedTool {
    /// `builtin`, `plugin`, `api`, `workflow`, `mcp` …
    pub provider_type: String,
    /// The provider: its id, or its name where the id means nothing outside of the workspace that it comes from.
    pub provider: String,
    /// The tool.
    pub tool: String,
}

impl NamedTool {
    /// The tool of these fields of a document. The ids of APIs, workflows and MCP servers belong to one workspace; only the
    /// provider's name says elsewhere what it was.
    #[must_use]
    pub fn new(provider_type: &str, provider_id: &str, provider_name: &str, tool: &str) -> Self {
        let is_local = matches!(provider_type, "api" | "workflow" | "mcp");
        let by_name = provider_id.is_empty() || (is_local && !provider_name.is_empty());
        let provider_type = match provider_type {
            "" => "builtin",
            other => other,
        };
        Self {
            provider_type: provider_type.to_owned(),
            provider: if by_name { provider_name } else { provider_id }.to_owned(),
            tool: tool.to_owned(),
        }
    }

    /// The provider without the marketplace's own prefix: `time` for `langgenius/time/time`.
    #[must_use]
    pub fn normal_provider(&self) -> ProviderId {
        ProviderId::normalise(&self.provider)
    }
}

/// A provider of tools of a workspace.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolProvider {
    /// Its id.
    pub id: ToolProviderId,
    /// The workspace that owns it.
    pub workspace: WorkspaceId,
    /// Its name, unique in its workspace.
    pub name: String,
    /// What it is for, for people.
    pub description: String,
    /// Where its tools are.
    pub source: ToolSource,
    /// How its credential is sent.
    pub auth: ToolAuth,
    /// Counts its changes, from 1.
    pub revision: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl ToolProvider {
    /// The provider that its credentials belong to.
    #[must_use]
    pub fn credential_provider(&self) -> ProviderId {
        ProviderId::normalise(&format!("{TOOL_PREFIX}{}", self.name))
    }
}

/// Where the tools of a provider are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ToolSource {
    /// Operations of an HTTP API.
    Openapi {
        /// Its OpenAPI 3 document, as it was given.
        document: String,
    },
    /// Tools of an MCP server.
    Mcp {
        /// Where the server is.
        url: String,
        /// Its tools, as it listed them last.
        tools: Vec<McpTool>,
    },
    /// A published workflow of the same workspace; its only tool has the provider's name.
    Workflow {
        /// The workflow.
        workflow_id: WorkflowId,
    },
}

impl ToolSource {
    /// The name of its kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Openapi { .. } => "openapi",
            Self::Mcp { .. } => "mcp",
            Self::Workflow { .. } => "workflow",
        }
    }
}

/// A tool of an MCP server, as the server describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct McpTool {
    /// Its name.
    pub name: String,
    /// What it does, for models.
    #[serde(default)]
    pub description: String,
    /// The JSON schema of what it takes.
    pub input_schema: Json,
    /// The JSON schema of its structured answer, if it promises one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<Json>,
}

/// How the credential of a provider is sent.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ToolAuth {
    /// There is none.
    #[default]
    None,
    /// A key in a header, a query parameter or a cookie.
    ApiKey {
        /// Where.
        #[serde(rename = "in")]
        place: KeyPlace,
        /// Under which name.
        name: String,
        /// What stands before the key, such as `Token `.
        #[serde(default)]
        prefix: String,
    },
    /// `Authorization: Bearer <key>`.
    Bearer,
    /// `Authorization: Basic`, from a user name and a password.
    Basic,
}

/// Where a key is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyPlace {
    /// In a header.
    Header,
    /// In the query.
    Query,
    /// In a cookie.
    Cookie,
}

/// What tools of documents are bound to, in a workspace or in one of its workflows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolBinding {
    /// The provider, as the report of an import names it.
    pub provider: String,
    /// The tool; none binds every tool of the provider to the one of the same name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// What runs instead.
    pub target: ToolTarget,
    /// From a parameter's name in the document to its name at the target; others keep theirs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
}

/// What a tool is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolTarget {
    /// The name of a provider of the workspace, or a built-in one.
    pub provider: String,
    /// Its tool; none: the one of the same name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
}

/// The binding that is meant by a tool of a document: its own, or else its provider's.
#[must_use]
pub fn binding_of<'a>(bindings: &'a [ToolBinding], tool: &NamedTool) -> Option<&'a ToolBinding> {
    let provider = tool.normal_provider();
    let fitting = || {
        let of_provider = bindings.iter();
        of_provider.filter(|binding| ProviderId::normalise(&binding.provider) == provider)
    };
    fitting()
        .find(|binding| binding.tool.as_deref() == Some(tool.tool.as_str()))
        .or_else(|| fitting().find(|binding| binding.tool.is_none()))
}

#[cfg(test)]
mod tests {
    use super::{NamedTool, ToolBinding, ToolTarget, binding_of};

    fn binding(provider: &str, tool: Option<&str>, target: &str) -> ToolBinding {
        ToolBinding {
            provider: provider.to_owned(),
            tool: tool.map(str::to_owned),
            target: ToolTarget {
                provider: target.to_owned(),
                tool: None,
            },
            parameters: Default::default(),
        }
    }

    #[test]
    fn ids_of_one_workspace_give_way_to_names() {
        for (provider_type, id, name, provider) in [
            ("builtin", "time", "Time", "time"),
            ("plugin", "", "time", "time"),
            ("api", "0ad29728", "weather", "weather"),
            ("workflow", "0ad29728", "", "0ad29728"),
        ] {
            let tool = NamedTool::new(provider_type, id, name, "t");
            assert_eq!(tool.provider, provider, "{provider_type}");
        }
    }

    #[test]
    fn the_binding_of_a_tool_is_stronger_than_that_of_its_provider() {
        let all = [
            binding("langgenius/search/search", None, "any"),
            binding("search", Some("web"), "one"),
        ];
        let target = |provider: &str, tool: &str| {
            let tool = NamedTool::new("builtin", provider, "", tool);
            let found = binding_of(&all, &tool)?;
            Some(found.target.provider.as_str())
        };
        assert_eq!(target("search", "web"), Some("one"));
        assert_eq!(target("langgenius/search/search", "news"), Some("any"));
        assert_eq!(target("acme/search/search", "web"), None);
    }
}
