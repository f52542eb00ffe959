//! The plan: a document made ready to run. Immutable, validated, shared by all runs of a version.
//!
//! Everything is addressed by index; maps and petgraph are used while building only. The graph inside of an iteration or
//! a loop is a scope of the same plan: each of its rounds has states of its own, the plan is shared.

mod build;
mod check;
mod failure;
mod layout;
mod outline;
mod response;

use std::collections::HashMap;
use std::ops::Range;

use latchkey_domain::document::{Document, Graph};
use latchkey_domain::id::NodeId;
use latchkey_domain::workflow::Mode;

use crate::node::{Behaviour, NodeKind, NodeTypes};

pub(crate) use self::failure::{OnRecovery, Retry, Strategy};
pub use self::outline::Outline;
pub(crate) use self::response::{Bits, Response, Segment, View};

/// The index of a node in its plan.
pub(crate) type NodeIndex = usize;
/// The index of an edge in its plan, in file order.
pub(crate) type EdgeIndex = usize;
/// The index of a response node among the responses of its plan.
pub(crate) type ResponseIndex = usize;
/// The index of what some responses see of the graph.
pub(crate) type ViewIndex = usize;
/// The index of an output that some response streams.
pub(crate) type StreamIndex = usize;

/// The index of a graph among those of its plan.
pub(crate) type ScopeIndex = usize;

/// The scope of the graph itself.
pub(crate) const TOP: ScopeIndex = 0;

/// A validated graph, ready to run.
pub struct Plan {
    pub(crate) mode: Mode,
    /// The graph itself, then those inside of containers.
    pub(crate) scopes: Vec<Scope>,
    /// All nodes, scope by scope.
    pub(crate) nodes: Vec<PlanNode>,
    /// All edges, scope by scope.
    pub(crate) edges: Vec<PlanEdge>,
    /// In ascending order of node ids: the order in which sessions are activated.
    pub(crate) responses: Vec<Response>,
    /// What responses see of the graph; most of them share one.
    pub(crate) views: Vec<View>,
    pub(crate) streams: usize,
    /// Nodes and edges that other roots leave skipped from the beginning.
    pub(crate) skipped_nodes: Vec<NodeIndex>,
    pub(crate) skipped_edges: Vec<EdgeIndex>,
    index: HashMap<NodeId, NodeIndex>,
}

/// One graph of a plan: its nodes and edges, and where it begins.
pub(crate) struct Scope {
    pub(crate) nodes: Range<NodeIndex>,
    pub(crate) edges: Range<EdgeIndex>,
    /// The entry of the run, or the start node of a container.
    pub(crate) start: NodeIndex,
}

/// One node of a plan.
pub(crate) struct PlanNode {
    pub(crate) id: NodeId,
    pub(crate) node_type: String,
    pub(crate) title: String,
    pub(crate) kind: NodeKind,
    /// Whether only the edges of one handle are taken.
    pub(crate) chooses: bool,
    /// None for a node of an unsupported type, which no run of this plan can reach.
    pub(crate) behaviour: Option<Behaviour>,
    pub(crate) retry: Option<Retry>,
    pub(crate) strategy: Strategy,
    pub(crate) on_recovery: OnRecovery,
    /// How long an attempt may take, in milliseconds.
    pub(crate) timeout_millis: Option<i64>,
    pub(crate) outgoing: Vec<EdgeIndex>,
    pub(crate) incoming: u32,
    /// Its outputs that some response streams.
    pub(crate) streamed: Vec<(String, StreamIndex)>,
    /// Its place among the responses.
    pub(crate) response: Option<ResponseIndex>,
    /// Responses that show its reasoning.
    pub(crate) reasoning_in: Vec<ResponseIndex>,
    /// The graph that it runs, if it is a container.
    pub(crate) inside: Option<ScopeIndex>,
    /// The loop that ends after the round in which it ran.
    pub(crate) ends_loop: Option<NodeId>,
}

/// One edge of a plan.
pub(crate) struct PlanEdge {
    pub(crate) source: NodeIndex,
    pub(crate) target: NodeIndex,
    pub(crate) handle: String,
}

/// Why a document cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct PlanProblem {
    /// A stable code: `root_missing`, `root_invalid`, `edge_unknown_node`, `graph_cycle`, `node_duplicate`,
    /// `node_type_unsupported`, `node_invalid`.
    pub code: &'static str,
    /// The text.
    pub message: String,
    /// The node that it is about.
    pub node_id: Option<NodeId>,
}

impl PlanProblem {
    pub(crate) fn of_graph(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            node_id: None,
        }
    }

    pub(crate) fn of_node(code: &'static str, node: &NodeId, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            node_id: Some(node.clone()),
        }
    }
}

impl Plan {
    /// Builds the plan of a document, as [`Plan::of_graph`] does.
    ///
    /// # Errors
    /// Everything that is wrong, not only the first thing.
    pub fn build(
        document: &Document,
        types: &dyn NodeTypes,
        root: Option<&NodeId>,
    ) -> Result<Self, Vec<PlanProblem>> {
        build::build(document.mode(), document.graph(), types, root)
    }

    /// Builds the plan of a graph, entered at `root`, else at the first node in file order that can be entered.
    ///
    /// # Errors
    /// Everything that is wrong, not only the first thing.
    pub fn of_graph(
        mode: Mode,
        graph: &Graph,
        types: &dyn NodeTypes,
        root: Option<&NodeId>,
    ) -> Result<Self, Vec<PlanProblem>> {
        build::build(mode, graph, types, root)
    }

    /// The mode of the document.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// The entry node.
    #[must_use]
    pub fn entry(&self) -> &NodeId {
        &self.nodes[self.scopes[TOP].start].id
    }

    /// Whether the graph has a node of this id, also inside of a container.
    pub(crate) fn has_node(&self, id: &str) -> bool {
        self.index.contains_key(id)
    }

    /// The ids of all nodes: those of the top in file order, then those inside of containers.
    pub fn node_ids(&self) -> impl Iterator<Item = &NodeId> {
        self.nodes.iter().map(|node| &node.id)
    }
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plan")
            .field("entry", self.entry())
            .field("nodes", &self.nodes.len())
            .field("edges", &self.edges.len())
            .finish_non_exhaustive()
    }
}
