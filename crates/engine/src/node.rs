//! What a node type is to the engine: the traits that node types implement, what they are given and what they answer.

mod asking;
mod container;
mod sink;

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value as Json};
use tokio_util::sync::CancellationToken;

use latchkey_domain::credential::{Environment, Overrides, Principal, Resolution};
use latchkey_domain::document::GraphNode;
use latchkey_domain::id::{NodeExecutionId, NodeId, RunId, WorkflowId, WorkspaceId};
use latchkey_domain::journal::{NodeResult, NodeUsage, VariableUpdate};
use latchkey_domain::run::{Failure, IterationPath};
use latchkey_domain::value::{NamedValues, Value};
use latchkey_domain::workflow::Mode;

use crate::pool::Pool;
use crate::template::{Part, Template};

pub use latchkey_domain::chat::Exchange;

pub use self::asking::{AskingNode, Question};
pub use self::container::{
    Condition, Container, Iteration, Loop, LoopSource, LoopVariable, OnFailure,
};
pub use self::sink::Sink;
pub(crate) use self::sink::{FromNode, Told};

/// How a node does its work.
pub enum Behaviour {
    /// Instant and deterministic: runs inside the dispatcher and never waits for a commit.
    Pure(Box<dyn PureNode>),
    /// Touches the world: starts only when everything recorded before it is committed.
    Effect(Arc<dyn Node>),
    /// Asks a person, and goes on with the answer; its run is paused meanwhile.
    Asking(Box<dyn AskingNode>),
    /// Runs a graph of its own, round by round.
    Container(Container),
}

/// A node without effects.
pub trait PureNode: Send + Sync {
    /// Computes the result from the pool.
    fn run(&self, pool: &Pool) -> Attempt;
}

/// A node with effects.
#[async_trait]
pub trait Node: Send + Sync {
    /// Does the work once. Cancelling is a request: answer soon after it.
    async fn run(&self, context: NodeContext) -> Attempt;
}

/// What a node with effects is given.
pub struct NodeContext {
    /// The variables as they are when it starts.
    pub pool: Pool,
    /// What is known about the run.
    pub run: Arc<RunFacts>,
    /// The node.
    pub node_id: NodeId,
    /// Its execution: the same in all attempts.
    pub execution_id: NodeExecutionId,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// The rounds of the containers around it.
    pub iteration_path: IterationPath,
    /// The entry node of the run.
    pub entry: NodeId,
    /// Where it tells what happens before its end.
    pub sink: Sink,
    /// Asks it to end.
    pub cancel: CancellationToken,
    /// The epoch in which it runs.
    pub epoch: u32,
}

/// What is known about a run from its start and never changes.
#[derive(Clone, Debug, PartialEq)]
pub struct RunFacts {
    /// Its id.
    pub run: RunId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The workflow; none for a file that is run from the command line.
    pub workflow: Option<WorkflowId>,
    /// The workflow's name.
    pub workflow_name: String,
    /// The published version; none for a draft.
    pub version: Option<u32>,
    /// Whose rights the version has.
    pub author: Principal,
    /// Who started the run.
    pub caller: Principal,
    /// The run's environment.
    pub environment: Environment,
    /// The end user's label.
    pub end_user: Option<String>,
    /// The credentials that the run states.
    pub overrides: Overrides,
    /// The workflow's mode.
    pub mode: Mode,
    /// The epoch of whoever executes it.
    pub epoch: u32,
    /// Earlier exchanges of the conversation, oldest first.
    pub history: Vec<Exchange>,
}

/// What came of one attempt of a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// Whether it went well.
    pub outcome: Result<(), Failure>,
    /// What went in, for people.
    pub inputs: Map<String, Json>,
    /// The outputs; discarded when it failed.
    pub outputs: NamedValues,
    /// What happened inside, for people.
    pub process_data: Map<String, Json>,
    /// The branch that was chosen, by a branch node.
    pub handle: Option<String>,
    /// Variables that it changed, in order.
    pub updates: Vec<([String; 2], Value)>,
    /// What its model calls used.
    pub usage: NodeUsage,
    /// Why this key (of the last model call).
    pub resolution: Option<Resolution>,
}

impl Attempt {
    /// An attempt that went well.
    #[must_use]
    pub fn succeeded(outputs: NamedValues) -> Self {
        Self {
            outcome: Ok(()),
            inputs: Map::new(),
            outputs,
            process_data: Map::new(),
            handle: None,
            updates: Vec::new(),
            usage: NodeUsage::default(),
            resolution: None,
        }
    }

    /// An attempt that failed.
    #[must_use]
    pub fn failed(failure: Failure) -> Self {
        Self {
            outcome: Err(failure),
            ..Self::succeeded(Vec::new())
        }
    }

    /// The same with these inputs.
    #[must_use]
    pub fn with_inputs(mut self, inputs: Map<String, Json>) -> Self {
        self.inputs = inputs;
        self
    }

    /// The same with this branch.
    #[must_use]
    pub fn with_handle(mut self, handle: impl Into<String>) -> Self {
        self.handle = Some(handle.into());
        self
    }

    /// Its parts as the journal keeps them.
    pub(crate) fn into_parts(self) -> (Result<(), Failure>, NodeResult) {
        let updates = self.updates.into_iter();
        let result = NodeResult {
            inputs: self.inputs,
            outputs: self.outputs,
            process_data: self.process_data,
            handle: self.handle,
            updates: updates
                .map(|(selector, value)| VariableUpdate { selector, value })
                .collect(),
            usage: self.usage,
            resolution: self.resolution,
            sealed: Vec::new(),
        };
        (self.outcome, result)
    }
}

/// The role of a node in the graph (Dify DSL reference, 2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// An entry.
    Root,
    /// Chooses a handle; only its edges are taken.
    Branch,
    /// Runs a graph of its own.
    Container,
    /// Gives the run outputs and streams them.
    Response,
    /// Everything else.
    Executable,
}

/// What a node type makes of one node of a document.
pub struct NodeSpec {
    /// How it works.
    pub behaviour: Behaviour,
    /// Its role.
    pub kind: NodeKind,
    /// What a response node streams.
    pub response: Option<ResponseTemplate>,
    /// Variables of others that it may change, by their first two parts.
    pub writes: Vec<[String; 2]>,
    /// Whether `retry_config` means anything for it.
    pub supports_retry: bool,
    /// The loop that ends after the round in which this node ran.
    pub ends_loop: Option<NodeId>,
}

impl NodeSpec {
    /// A node without effects.
    #[must_use]
    pub fn pure(kind: NodeKind, node: impl PureNode + 'static) -> Self {
        Self::of(kind, Behaviour::Pure(Box::new(node)))
    }

    /// An ordinary node with effects.
    #[must_use]
    pub fn effect(node: Arc<dyn Node>) -> Self {
        Self::of(NodeKind::Executable, Behaviour::Effect(node))
    }

    /// A branch that a person chooses.
    #[must_use]
    pub fn asking(node: impl AskingNode + 'static) -> Self {
        Self::of(NodeKind::Branch, Behaviour::Asking(Box::new(node)))
    }

    /// A node that runs a graph of its own.
    #[must_use]
    pub fn container(container: Container) -> Self {
        Self::of(NodeKind::Container, Behaviour::Container(container))
    }

    const fn of(kind: NodeKind, behaviour: Behaviour) -> Self {
        Self {
            behaviour,
            kind,
            response: None,
            writes: Vec::new(),
            supports_retry: false,
            ends_loop: None,
        }
    }
}

/// What a response node streams, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseTemplate {
    /// Texts and variables.
    pub segments: Vec<Part>,
    /// Whether a secret is shown masked: outputs are, text that names a secret means to show it.
    pub masks_secrets: bool,
}

impl ResponseTemplate {
    /// The template of an answer.
    #[must_use]
    pub fn of_text(template: &Template) -> Self {
        Self {
            segments: template.parts().to_vec(),
            masks_secrets: false,
        }
    }

    /// The selectors of an end node, a new line between two.
    #[must_use]
    pub fn of_selectors(selectors: impl IntoIterator<Item = Vec<String>>) -> Self {
        let mut segments = Vec::new();
        for selector in selectors {
            if !segments.is_empty() {
                segments.push(Part::Text("\n".into()));
            }
            segments.push(Part::Variable(selector));
        }
        Self {
            segments,
            masks_secrets: true,
        }
    }
}

/// Why a node of a document cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BuildProblem {
    /// A stable code, such as `node_invalid`.
    pub code: &'static str,
    /// The text.
    pub message: String,
    /// The field, as a path such as `data.cases`.
    pub field: Option<String>,
}

impl BuildProblem {
    /// A problem with the node's data.
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Self {
        Self {
            code: "node_invalid",
            message: message.into(),
            field: None,
        }
    }
}

/// The registry of node types.
pub trait NodeTypes: Send + Sync {
    /// Builds what a node of a document does.
    ///
    /// # Errors
    /// When its data make no sense.
    fn build(&self, node: &GraphNode) -> Result<NodeSpec, BuildProblem>;

    /// Whether nodes of the type can run.
    fn supports(&self, node_type: &str) -> bool;

    /// Whether there is such a type at all, here or in the engine that the document is from. A graph with a node of an
    /// unknown type is refused, even where no run could meet it (Dify DSL, 2.1).
    fn is_known(&self, node_type: &str) -> bool {
        self.supports(node_type)
    }
}
