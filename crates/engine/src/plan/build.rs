//! Builds a plan from a graph.

use std::collections::{HashMap, HashSet};

use latchkey_domain::document::{Graph, GraphNode};
use latchkey_domain::id::NodeId;
use latchkey_domain::workflow::Mode;

use crate::node::{NodeKind, NodeSpec, NodeTypes};

use super::check::{self, Edges};
use super::failure::{Retry, Strategy};
use super::response::{self, Draft};
use super::{NodeIndex, Plan, PlanEdge, PlanNode, PlanProblem};

pub(super) fn build(
    mode: Mode,
    graph: &Graph,
    types: &dyn NodeTypes,
    root: Option<&NodeId>,
) -> Result<Plan, Vec<PlanProblem>> {
    let top: Vec<&GraphNode> = graph
        .nodes
        .iter()
        .filter(|node| node.container.is_none())
        .collect();
    let mut problems = Vec::new();
    let index = index(&top, &mut problems);
    let edges = edges(graph, &index, &mut problems);
    problems.extend(check::cycles(&top, &edges));
    let root = match check::root(&top, &index, root) {
        Ok(root) => root,
        Err(problem) => {
            problems.push(problem);
            return Err(problems);
        }
    };
    let reachable = check::reachable(&edges, top.len(), root);
    problems.extend(check::unsupported(graph, &top, &reachable, types));
    let drafts = nodes(&top, types, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(assemble(mode, root, drafts, edges, index))
}

pub(super) fn index(
    top: &[&GraphNode],
    problems: &mut Vec<PlanProblem>,
) -> HashMap<NodeId, NodeIndex> {
    let mut index = HashMap::with_capacity(top.len());
    for (at, node) in top.iter().enumerate() {
        if index.insert(node.id.clone(), at).is_some() {
            let message = format!("two nodes have the id {}", node.id);
            problems.push(PlanProblem::of_node("node_duplicate", &node.id, message));
        }
    }
    index
}

/// The edges between top-level nodes; those inside containers belong to sub-plans.
pub(super) fn edges(
    graph: &Graph,
    index: &HashMap<NodeId, NodeIndex>,
    problems: &mut Vec<PlanProblem>,
) -> Vec<PlanEdge> {
    let known: HashSet<&NodeId> = graph.nodes.iter().map(|node| &node.id).collect();
    let mut edges = Vec::with_capacity(graph.edges.len());
    for edge in &graph.edges {
        for end in [&edge.source, &edge.target] {
            if !known.contains(end) {
                let message = format!("an edge names the unknown node {end}");
                problems.push(PlanProblem::of_node("edge_unknown_node", end, message));
            }
        }
        if let (Some(source), Some(target)) = (index.get(&edge.source), index.get(&edge.target)) {
            edges.push(PlanEdge {
                source: *source,
                target: *target,
                handle: edge.handle.clone(),
            });
        }
    }
    edges
}

/// What is known of each node before the responses are prepared.
fn nodes(top: &[&GraphNode], types: &dyn NodeTypes, problems: &mut Vec<PlanProblem>) -> Vec<Draft> {
    let mut drafts = Vec::with_capacity(top.len());
    for node in top {
        let spec = if types.supports(&node.node_type) {
            match types.build(node) {
                Ok(spec) => Some(spec),
                Err(problem) => {
                    problems.push(PlanProblem::of_node(
                        problem.code,
                        &node.id,
                        problem.message,
                    ));
                    None
                }
            }
        } else {
            None
        };
        let strategy = match Strategy::of(&node.data) {
            Ok(strategy) => strategy,
            Err(message) => {
                problems.push(PlanProblem::of_node("node_invalid", &node.id, message));
                Strategy::None
            }
        };
        drafts.push(draft(node, spec, strategy));
    }
    drafts
}

fn draft(node: &GraphNode, spec: Option<NodeSpec>, strategy: Strategy) -> Draft {
    let (kind, behaviour, response, writes, supports_retry) = match spec {
        Some(spec) => (
            spec.kind,
            Some(spec.behaviour),
            spec.response,
            spec.writes,
            spec.supports_retry,
        ),
        None => (
            check::kind_of(&node.node_type),
            None,
            None,
            Vec::new(),
            false,
        ),
    };
    // Whatever its role, a node with this strategy chooses between two handles (reference, 2.4).
    let chooses = kind == NodeKind::Branch || strategy == Strategy::FailBranch;
    Draft {
        node: PlanNode {
            id: node.id.clone(),
            node_type: node.node_type.clone(),
            title: node.title.clone(),
            kind,
            chooses,
            behaviour,
            retry: supports_retry.then(|| Retry::of(&node.data)).flatten(),
            strategy,
            outgoing: Vec::new(),
            incoming: 0,
            streamed: Vec::new(),
            response: None,
            reasoning_in: Vec::new(),
        },
        response,
        writes,
    }
}

fn assemble(
    mode: Mode,
    root: NodeIndex,
    mut drafts: Vec<Draft>,
    edges: Vec<PlanEdge>,
    index: HashMap<NodeId, NodeIndex>,
) -> Plan {
    for (at, edge) in edges.iter().enumerate() {
        drafts[edge.source].node.outgoing.push(at);
        drafts[edge.target].node.incoming += 1;
    }
    let (skipped_nodes, skipped_edges) = check::inactive_roots(&drafts, &Edges(&edges), root);
    let prepared = response::prepare(&mut drafts, &edges, &index, root);
    Plan {
        mode,
        root,
        nodes: drafts.into_iter().map(|draft| draft.node).collect(),
        edges,
        responses: prepared.responses,
        views: prepared.views,
        streams: prepared.streams,
        skipped_nodes,
        skipped_edges,
        index,
    }
}
