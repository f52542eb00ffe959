//! What can be said of a graph that need not be ready to run: its entry, and what a run could reach from it.

use std::collections::HashSet;

use latchkey_domain::document::Graph;
use latchkey_domain::id::NodeId;

use super::layout::Layout;
use super::{PlanProblem, check};

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
        // What else is wrong with the graph does not hide what can be said of it.
        let mut ignored = Vec::new();
        let layout = Layout::of(graph, &mut ignored);
        let (edges, _) = layout.edges(graph, &mut ignored);
        let root = check::root(&layout, root).map_err(|problem| vec![problem])?;
        let reachable = check::reachable(&edges, layout.nodes.len(), root);
        let met = check::met(graph, layout.top(), &reachable);
        Ok(Self {
            entry: layout.nodes[root].id.clone(),
            reached: met.into_iter().map(|node| node.id.clone()).collect(),
            ids: layout.index.into_keys().collect(),
        })
    }

    /// The entry node.
    #[must_use]
    pub const fn entry(&self) -> &NodeId {
        &self.entry
    }

    /// Whether the graph has a node of this id, also inside of a container.
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
