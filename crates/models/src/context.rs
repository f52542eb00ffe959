//! Who asks for a model, and which.

use latchkey_domain::credential::{
    CredentialSelector, Environment, Overrides, Principal, RenderedSelector,
};
use latchkey_domain::id::{NodeExecutionId, NodeId, RunId, WorkflowId, WorkspaceId};
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_domain::run::IterationPath;

/// Everything about a caller that decides which credential pays, and that the ledger writes down.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkflowContext {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The workflow; none for calls that belong to none.
    pub workflow: Option<WorkflowId>,
    /// Its name.
    pub workflow_name: Option<String>,
    /// The published version; none for a draft.
    pub version: Option<u32>,
    /// Who published that version; for a draft, who runs it.
    pub author: Principal,
    /// Who started the run.
    pub caller: Principal,
    /// The run; none for calls without one.
    pub run: Option<RunId>,
    /// The run's epoch.
    pub epoch: u32,
    /// The node; none for calls without one.
    pub node: Option<NodeId>,
    /// The node execution.
    pub node_execution: Option<NodeExecutionId>,
    /// The rounds of the containers around the node.
    pub iteration_path: IterationPath,
    /// The run's environment.
    pub environment: Environment,
    /// The end user's label.
    pub end_user: Option<String>,
    /// What the run states for itself.
    pub overrides: Overrides,
    /// Which attempt of the node this is, from 1.
    pub attempt: u32,
}

/// A model as a node names it, with what the node says about its credential.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelRef {
    /// The provider.
    pub provider: ProviderId,
    /// The model's name at its provider.
    pub model: String,
    /// What it does.
    pub model_type: ModelType,
    /// What the node says, as it stands in the document.
    pub selector_source: CredentialSelector,
    /// The same after its templates were rendered strictly.
    pub rendered: RenderedSelector,
}
