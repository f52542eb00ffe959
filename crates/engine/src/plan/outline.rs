//! What can be said of a graph that need not be ready to run: its entry, and what a run could reach from it.

use std::collections::HashSet;

use latchkey_domain::document::{Graph, GraphNode};
use latchkey_domain::id::NodeId;

use super::{PlanProblem, build, check};

/// The entry of a graph and what it leads to, whether or not the types of its nodes are supported.
#[derive(Clone, Debug)]
pub struct Outline {
    entry: NodeId,
    ids: HashSet<NodeId>,
    reached: HashSet<NodeId>,
}

impl Outline {
    /// The outline of a graph, entered at `root`, else at the first node in file order that can be entered.
    ///
    /// # Errors
    /// When nothing can be entered, or not there.
    pub fn of(graph: &Graph, root: Option<&NodeId>) -> Result<Self, Vec<PlanProblem>> {
        let top: Vec<&GraphNode> = graph
            .nodes
            .iter()
            .filter(|node| node.container.is_none())
            .collect();
        // What else is wrong with the graph does not hide what can be said of it.
        let mut ignored = Vec::new();
        let index = build::index(&top, &mut ignored);
        let edges = build::edges(graph, &index, &mut ignored);
        let root = check::root(&top, &index, root).map_err(|problem| vec![problem])?;
        let reachable = check::reachable(&edges, top.len(), root);
        let met = check::met(graph, &top, &reachable);
        Ok(Self {
            entry: top[root].id.clone(),
            reached: met.into_iter().map(|node| node.id.clone()).collect(),
            ids: index.into_keys().collect(),
        })
    }

    /// The entry node.
    #[must_use]
    pub const fn entry(&self) -> &NodeId {
        &self.entry
    }

    /// Whether the graph has a top-level node of this id.
    #[must_use]
    pub fn has_node(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// Whether some path leads from the entry to this node, or to the container that it is in.
    #[must_use]
    pub fn reaches(&self, id: &NodeId) -> bool {
        self.reached.contains(id)
    }
}
