//! What must hold of a graph: one entry, no cycle, nothing unsupported within reach. The only user of petgraph.

use std::collections::HashMap;

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex as PetIndex};
use petgraph::visit::Dfs;

use latchkey_domain::document::{Graph, GraphNode};
use latchkey_domain::id::NodeId;

use crate::node::{NodeKind, NodeTypes};

use super::layout::Layout;
use super::response::Draft;
use super::{EdgeIndex, NodeIndex, PlanEdge, PlanProblem, ScopeIndex};

/// The types that a graph can be entered at (Dify DSL reference, 2.3).
const ROOT_TYPES: [&str; 5] = [
    "start",
    "datasource",
    "trigger-webhook",
    "trigger-schedule",
    "trigger-plugin",
];

/// The role of a type that cannot be built (Dify DSL reference, 2.4).
pub(super) fn kind_of(node_type: &str) -> NodeKind {
    match node_type {
        "if-else" | "question-classifier" | "human-input" => NodeKind::Branch,
        "iteration" | "loop" => NodeKind::Container,
        "answer" | "end" | "knowledge-index" => NodeKind::Response,
        root if ROOT_TYPES.contains(&root) => NodeKind::Root,
        _ => NodeKind::Executable,
    }
}

/// The types that the graph of a container can begin with.
const START_TYPES: [&str; 2] = ["iteration-start", "loop-start"];

/// The entry: the named node, else the first one whose type can be entered.
pub(super) fn root(layout: &Layout<'_>, named: Option<&NodeId>) -> Result<NodeIndex, PlanProblem> {
    let is_root = |node: &GraphNode| ROOT_TYPES.contains(&node.node_type.as_str());
    let mut top = layout.top().iter();
    match named {
        None => top.position(|node| is_root(node)).ok_or_else(|| {
            PlanProblem::of_graph("root_missing", "the graph has no start and no trigger")
        }),
        Some(id) => {
            let Some(at) = layout.top_index(id) else {
                let message = format!("the entry node {id} does not exist");
                return Err(PlanProblem::of_node("root_missing", id, message));
            };
            let node = layout.nodes[at];
            if is_root(node) {
                Ok(at)
            } else {
                let message = format!("a run cannot begin at {id}, a {} node", node.node_type);
                Err(PlanProblem::of_node("root_invalid", id, message))
            }
        }
    }
}

/// Where the graph inside of a container begins.
pub(super) fn start(
    layout: &Layout<'_>,
    container: NodeIndex,
    scope: ScopeIndex,
    named: &NodeId,
) -> Result<NodeIndex, PlanProblem> {
    let id = &layout.nodes[container].id;
    let at = layout.index.get(named).copied();
    let Some(at) = at.filter(|at| layout.scopes[scope].contains(at)) else {
        let message = format!("the start node {named:?} of {id} is not inside of it");
        return Err(PlanProblem::of_node("node_invalid", id, message));
    };
    let node_type = layout.nodes[at].node_type.as_str();
    if START_TYPES.contains(&node_type) {
        return Ok(at);
    }
    let message = format!("the graph of {id} cannot begin at {named}, a {node_type} node");
    Err(PlanProblem::of_node("root_invalid", id, message))
}

fn pet_graph(nodes: usize, edges: &[PlanEdge]) -> DiGraph<(), ()> {
    let mut graph = DiGraph::with_capacity(nodes, edges.len());
    for _ in 0..nodes {
        graph.add_node(());
    }
    for edge in edges {
        graph.add_edge(PetIndex::new(edge.source), PetIndex::new(edge.target), ());
    }
    graph
}

/// One problem for each cycle: its nodes would wait for each other for ever.
pub(super) fn cycles(nodes: &[&GraphNode], edges: &[PlanEdge]) -> Vec<PlanProblem> {
    let graph = pet_graph(nodes.len(), edges);
    let is_cycle = |component: &Vec<PetIndex>| {
        component.len() > 1 || graph.contains_edge(component[0], component[0])
    };
    tarjan_scc(&graph)
        .into_iter()
        .filter(is_cycle)
        .map(|component| {
            let mut ids: Vec<&NodeId> = component.iter().map(|at| &nodes[at.index()].id).collect();
            ids.sort();
            let names: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
            let message = format!("the graph has a cycle through {}", names.join(", "));
            PlanProblem::of_node("graph_cycle", ids[0], message)
        })
        .collect()
}

/// Which nodes a run can reach from the root.
pub(super) fn reachable(edges: &[PlanEdge], nodes: usize, root: NodeIndex) -> Vec<bool> {
    let graph = pet_graph(nodes, edges);
    let mut reached = vec![false; nodes];
    let mut search = Dfs::new(&graph, PetIndex::new(root));
    while let Some(at) = search.next(&graph) {
        reached[at.index()] = true;
    }
    reached
}

/// The nodes that a run could meet, also inside containers.
pub(super) fn met<'a>(
    graph: &'a Graph,
    top: &[&'a GraphNode],
    reachable: &[bool],
) -> Vec<&'a GraphNode> {
    let mut inside: HashMap<&NodeId, Vec<&GraphNode>> = HashMap::new();
    for node in &graph.nodes {
        if let Some(container) = &node.container {
            inside.entry(container).or_default().push(node);
        }
    }
    let mut met: Vec<&GraphNode> = (0..top.len())
        .filter(|at| reachable[*at])
        .map(|at| top[at])
        .collect();
    let mut at = 0;
    while let Some(node) = met.get(at) {
        // Taken out, not looked up: a container that is inside itself is met once.
        met.extend(inside.remove(&node.id).unwrap_or_default());
        at += 1;
    }
    met
}

/// Nodes of unsupported types that a run could meet, and those of types that nobody knows, wherever they are.
pub(super) fn unsupported(
    graph: &Graph,
    top: &[&GraphNode],
    reachable: &[bool],
    types: &dyn NodeTypes,
) -> Vec<PlanProblem> {
    let problem = |node: &GraphNode, why: &str| {
        let message = format!(
            "node {} ({}) is of the type {}, {why}",
            node.id, node.title, node.node_type
        );
        PlanProblem::of_node("node_type_unsupported", &node.id, message)
    };
    let met = met(graph, top, reachable).into_iter();
    let unsupported = met
        .filter(|node| !types.supports(&node.node_type) && types.is_known(&node.node_type))
        .map(|node| problem(node, "which is not supported yet"));
    let nodes = graph.nodes.iter();
    let unknown = nodes.filter(|node| !types.is_known(&node.node_type));
    unsupported
        .chain(unknown.map(|node| problem(node, "which does not exist")))
        .collect()
}

pub(super) struct Edges<'a>(pub(super) &'a [PlanEdge]);

/// What other roots leave skipped: themselves, their edges, and every node whose incoming edges are all skipped.
pub(super) fn inactive_roots(
    drafts: &[Draft],
    edges: &Edges<'_>,
    root: NodeIndex,
) -> (Vec<NodeIndex>, Vec<EdgeIndex>) {
    let mut open: Vec<u32> = drafts.iter().map(|draft| draft.node.incoming).collect();
    let mut nodes: Vec<NodeIndex> = (0..drafts.len())
        .filter(|at| *at != root && ROOT_TYPES.contains(&drafts[*at].node.node_type.as_str()))
        .collect();
    let mut skipped = Vec::new();
    let mut at = 0;
    while let Some(node) = nodes.get(at).copied() {
        for edge in &drafts[node].node.outgoing {
            skipped.push(*edge);
            let target = edges.0[*edge].target;
            open[target] -= 1;
            if open[target] == 0 && target != root {
                nodes.push(target);
            }
        }
        at += 1;
    }
    (nodes, skipped)
}
