//! Which nodes and edges belong together: the graph itself, and the graph inside of each iteration and loop.
//!
//! All of them share one numbering. Each is a range of it, and the top is the first, so that what looks at the top only
//! need not know of the others.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use latchkey_domain::document::{Graph, GraphNode};
use latchkey_domain::id::NodeId;

use super::{EdgeIndex, NodeIndex, PlanEdge, PlanProblem, ScopeIndex};

/// The nodes of a graph in the plan's order.
pub(super) struct Layout<'a> {
    pub(super) nodes: Vec<&'a GraphNode>,
    /// The nodes of each scope; the first is the top.
    pub(super) scopes: Vec<Range<NodeIndex>>,
    /// The scope inside of a node that is a container.
    pub(super) inside: BTreeMap<NodeIndex, ScopeIndex>,
    pub(super) index: HashMap<NodeId, NodeIndex>,
}

impl<'a> Layout<'a> {
    /// The layout of a graph. Nodes inside of a container that is itself nowhere are in no scope.
    pub(super) fn of(graph: &'a Graph, problems: &mut Vec<PlanProblem>) -> Self {
        let mut children: HashMap<Option<&NodeId>, Vec<&GraphNode>> = HashMap::new();
        for node in &graph.nodes {
            let container = node.container.as_ref();
            children.entry(container).or_default().push(node);
        }
        let mut layout = Self {
            nodes: Vec::with_capacity(graph.nodes.len()),
            scopes: Vec::new(),
            inside: BTreeMap::new(),
            index: HashMap::with_capacity(graph.nodes.len()),
        };
        layout.add(children.remove(&None).unwrap_or_default(), problems);
        let mut at = 0;
        while let Some(node) = layout.nodes.get(at).copied() {
            // Taken out, not looked up: two containers of the same id cannot both have the nodes.
            let found = children.remove(&Some(&node.id));
            let is_container = matches!(node.node_type.as_str(), "iteration" | "loop");
            if is_container || found.is_some() {
                layout.inside.insert(at, layout.scopes.len());
                layout.add(found.unwrap_or_default(), problems);
            }
            at += 1;
        }
        layout
    }

    fn add(&mut self, nodes: Vec<&'a GraphNode>, problems: &mut Vec<PlanProblem>) {
        let first = self.nodes.len();
        for node in nodes {
            if self
                .index
                .insert(node.id.clone(), self.nodes.len())
                .is_some()
            {
                let message = format!("two nodes have the id {}", node.id);
                problems.push(PlanProblem::of_node("node_duplicate", &node.id, message));
            }
            self.nodes.push(node);
        }
        self.scopes.push(first..self.nodes.len());
    }

    /// The nodes of the top.
    pub(super) fn top(&self) -> &[&'a GraphNode] {
        &self.nodes[self.scopes[0].clone()]
    }

    /// The place of a node of the top.
    pub(super) fn top_index(&self, id: &NodeId) -> Option<NodeIndex> {
        let at = self.index.get(id).copied();
        at.filter(|at| *at < self.top().len())
    }

    /// The edges, scope by scope and in file order, with the range of each scope. What leads out of a scope or into one
    /// is left out: the rounds of a container begin at its start node.
    pub(super) fn edges(
        &self,
        graph: &Graph,
        problems: &mut Vec<PlanProblem>,
    ) -> (Vec<PlanEdge>, Vec<Range<EdgeIndex>>) {
        let known: HashSet<&NodeId> = graph.nodes.iter().map(|node| &node.id).collect();
        let mut by_scope: Vec<Vec<PlanEdge>> = self.scopes.iter().map(|_| Vec::new()).collect();
        for edge in &graph.edges {
            for end in [&edge.source, &edge.target] {
                if !known.contains(end) {
                    let message = format!("an edge names the unknown node {end}");
                    problems.push(PlanProblem::of_node("edge_unknown_node", end, message));
                }
            }
            let ends = (self.index.get(&edge.source), self.index.get(&edge.target));
            if let (Some(source), Some(target)) = ends
                && let scope = self.scope_of(*source)
                && self.scopes[scope].contains(target)
            {
                by_scope[scope].push(PlanEdge {
                    source: *source,
                    target: *target,
                    handle: edge.handle.clone(),
                });
            }
        }
        let mut edges = Vec::with_capacity(graph.edges.len());
        let mut ranges = Vec::with_capacity(by_scope.len());
        for more in by_scope {
            let first = edges.len();
            edges.extend(more);
            ranges.push(first..edges.len());
        }
        (edges, ranges)
    }

    fn scope_of(&self, node: NodeIndex) -> ScopeIndex {
        let later = |range: &Range<NodeIndex>| range.start <= node;
        // Of several that begin here the empty ones come first.
        self.scopes.partition_point(later) - 1
    }
}
