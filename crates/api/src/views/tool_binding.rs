//! What tools of documents are bound to.

use std::collections::BTreeMap;

use latchkey_domain::tool::{ToolBinding, ToolTarget};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::body::Object;

/// Whose bindings.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToolBindingsQuery {
    /// Those of one workflow; else those of the whole workspace.
    pub(crate) workflow_id: Option<String>,
}

/// What tools of documents are bound to.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToolBindingsBody {
    /// Each tool once; a workflow's own are stronger than the workspace's, a tool's than its provider's.
    #[schema(value_type = Vec<ToolBindingBody>)]
    pub(crate) bindings: Vec<Object<ToolBindingBody>>,
}

/// What one tool is bound to.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToolBindingBody {
    /// The provider, as the report of an import names it.
    provider: String,
    /// The tool; every tool of the provider unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<String>,
    /// What is used instead.
    #[schema(value_type = ToolTargetBody)]
    target: Object<ToolTargetBody>,
    /// From a parameter's name in the document to its name at the target.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    parameters: BTreeMap<String, String>,
}

/// What a tool is bound to.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToolTargetBody {
    /// The name of a tool provider, or a built-in one such as `webscraper`.
    provider: String,
    /// Its tool; the one of the same name unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<String>,
}

impl From<ToolTarget> for ToolTargetBody {
    fn from(target: ToolTarget) -> Self {
        Self {
            provider: target.provider,
            tool: target.tool,
        }
    }
}

impl From<Vec<ToolBinding>> for ToolBindingsBody {
    fn from(bindings: Vec<ToolBinding>) -> Self {
        let bindings = bindings.into_iter().map(|binding| {
            Object(ToolBindingBody {
                provider: binding.provider,
                tool: binding.tool,
                target: Object(binding.target.into()),
                parameters: binding.parameters,
            })
        });
        Self {
            bindings: bindings.collect(),
        }
    }
}

impl From<ToolBindingsBody> for Vec<ToolBinding> {
    fn from(body: ToolBindingsBody) -> Self {
        let bindings = body
            .bindings
            .into_iter()
            .map(|Object(binding)| ToolBinding {
                provider: binding.provider,
                tool: binding.tool,
                target: ToolTarget {
                    provider: binding.target.0.provider,
                    tool: binding.target.0.tool,
                },
                parameters: binding.parameters,
            });
        bindings.collect()
    }
}
