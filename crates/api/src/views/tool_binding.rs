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
pub(crate) struct BindingsQuery {
    /// Those of one workflow; else those of the whole workspace.
    pub(crate) workflow_id: Option<String>,
}

/// What tools of documents are bound to.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BindingsBody {
    /// Each tool once; a workflow's own are stronger than the workspace's, a tool's than its provider's.
    #[schema(value_type = Vec<BindingBody>)]
    pub(crate) bindings: Vec<Object<BindingBody>>,
}

/// What one tool is bound to.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BindingBody {
    /// The provider, as the report of an import names it.
    provider: String,
    /// The tool; every tool of the provider unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<String>,
    /// What is used instead.
    #[schema(value_type = TargetBody)]
    target: Object<TargetBody>,
    /// From a parameter's name in the document to its name at the target.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    parameters: BTreeMap<String, String>,
}

/// What a tool is bound to.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetBody {
    /// The name of a tool provider, or a built-in one such as `webscraper`.
    provider: String,
    /// Its tool; the one of the same name unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<String>,
}

impl From<ToolTarget> for TargetBody {
    fn from(target: ToolTarget) -> Self {
        Self {
            provider: target.provider,
            tool: target.tool,
        }
    }
}

impl From<Vec<ToolBinding>> for BindingsBody {
    fn from(bindings: Vec<ToolBinding>) -> Self {
        let bindings = bindings.into_iter().map(|binding| {
            Object(BindingBody {
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

impl From<BindingsBody> for Vec<ToolBinding> {
    fn from(body: BindingsBody) -> Self {
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
