//! Builds a plan from a graph.

use std::ops::Range;

use latchkey_domain::document::{Graph, GraphNode};
use latchkey_domain::id::NodeId;
use latchkey_domain::workflow::Mode;

use crate::node::{Behaviour, NodeKind, NodeSpec, NodeTypes};

use super::check::{self, Edges};
use super::failure::{Extent, Retry, Strategy};
use super::layout::Layout;
use super::response::{self, Draft};
use super::{EdgeIndex, NodeIndex, Plan, PlanEdge, PlanNode, PlanProblem, Scope};

pub(super) fn build(
    mode: Mode,
    graph: &Graph,
    types: &dyn NodeTypes,
    root: Option<&NodeId>,
) -> Result<Plan, Vec<PlanProblem>> {
    let mut problems = Vec::new();
    let layout = Layout::of(graph, &mut problems);
    let (edges, ranges) = layout.edges(graph, &mut problems);
    problems.extend(check::cycles(&layout.nodes, &edges));
    let root = match check::root(&layout, root) {
        Ok(root) => root,
        Err(problem) => {
            problems.push(problem);
            return Err(problems);
        }
    };
    let reachable = check::reachable(&edges, layout.nodes.len(), root);
    problems.extend(check::unsupported(graph, layout.top(), &reachable, types));
    let drafts = nodes(&layout.nodes, types, &mut problems);
    let starts = starts(&layout, &drafts, root, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(assemble(mode, &layout, starts, drafts, edges, ranges))
}

/// Where each scope begins.
fn starts(
    layout: &Layout<'_>,
    drafts: &[Draft],
    root: NodeIndex,
    problems: &mut Vec<PlanProblem>,
) -> Vec<NodeIndex> {
    let mut starts = vec![root; layout.scopes.len()];
    for (at, scope) in &layout.inside {
        let Some(Behaviour::Container(container)) = &drafts[*at].node.behaviour else {
            continue;
        };
        match check::start(layout, *at, *scope, container.start()) {
            Ok(start) => starts[*scope] = start,
            Err(problem) => problems.push(problem),
        }
    }
    starts
}

/// What is known of each node before the responses are prepared.
fn nodes(
    nodes: &[&GraphNode],
    types: &dyn NodeTypes,
    problems: &mut Vec<PlanProblem>,
) -> Vec<Draft> {
    let mut drafts = Vec::with_capacity(nodes.len());
    for node in nodes {
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
        let extent = Extent::of(&node.data).unwrap_or_else(|message| {
            problems.push(PlanProblem::of_node("node_invalid", &node.id, message));
            Extent::default()
        });
        drafts.push(draft(node, spec, strategy, extent));
    }
    drafts
}

fn draft(
    node: &GraphNode,
    spec: Option<NodeSpec>,
    strategy: Strategy,
    Extent {
        on_recovery,
        timeout_millis,
    }: Extent,
) -> Draft {
    let (kind, supports_retry) = match &spec {
        Some(spec) => (spec.kind, spec.supports_retry),
        None => (check::kind_of(&node.node_type), false),
    };
    let (behaviour, response, writes, ends_loop) = match spec {
        Some(spec) => (
            Some(spec.behaviour),
            spec.response,
            spec.writes,
            spec.ends_loop,
        ),
        None => (None, None, Vec::new(), None),
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
            on_recovery,
            timeout_millis,
            outgoing: Vec::new(),
            incoming: 0,
            streamed: Vec::new(),
            response: None,
            reasoning_in: Vec::new(),
            inside: None,
            ends_loop,
        },
        response,
        writes,
    }
}

fn assemble(
    mode: Mode,
    layout: &Layout<'_>,
    starts: Vec<NodeIndex>,
    mut drafts: Vec<Draft>,
    edges: Vec<PlanEdge>,
    ranges: Vec<Range<EdgeIndex>>,
) -> Plan {
    for (at, edge) in edges.iter().enumerate() {
        drafts[edge.source].node.outgoing.push(at);
        drafts[edge.target].node.incoming += 1;
    }
    for (at, scope) in &layout.inside {
        drafts[*at].node.inside = Some(*scope);
    }
    let root = starts[0];
    // Only the top streams: no path leads from its root into a container (reference, 6.5).
    let top = &mut drafts[layout.scopes[0].clone()];
    let (skipped_nodes, skipped_edges) = check::inactive_roots(top, &Edges(&edges), root);
    let prepared = response::prepare(top, &edges, &layout.index, root);
    let scopes = layout.scopes.iter().zip(ranges).zip(starts);
    Plan {
        mode,
        scopes: scopes
            .map(|((nodes, edges), start)| Scope {
                nodes: nodes.clone(),
                edges,
                start,
            })
            .collect(),
        nodes: drafts.into_iter().map(|draft| draft.node).collect(),
        edges,
        responses: prepared.responses,
        views: prepared.views,
        streams: prepared.streams,
        skipped_nodes,
        skipped_edges,
        index: layout.index.clone(),
    }
}
