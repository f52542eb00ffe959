//! Which iteration or loop a node is inside of. Files keep marks of containers that are long gone; a node must not vanish
//! from the run because of one.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use crate::id::NodeId;

use super::super::GraphNode;
use super::super::problem::Problem;

/// The containers that a node names, strongest first: `data.container_id`, `data.iteration_id`, `data.loop_id`, `parentId`. Of
/// the two in the middle the one that is the parent too comes first: a node of a loop inside of an iteration may name both.
pub(super) fn claims(data: &Map<String, Json>, raw: &Json) -> Vec<NodeId> {
    let text = |value: Option<&Json>| {
        let text = value.and_then(Json::as_str);
        text.filter(|id| !id.is_empty()).map(NodeId::new)
    };
    let parent = text(raw.get("parentId"));
    let mut marks = [text(data.get("iteration_id")), text(data.get("loop_id"))];
    if parent.is_some() && marks[1] == parent {
        marks.swap(0, 1);
    }
    let named = [text(data.get("container_id"))].into_iter().chain(marks);
    named.chain([parent]).flatten().collect()
}

/// Puts every node into the first of its claims that is an iteration or a loop of the graph; the others are told.
pub(super) fn resolve(
    nodes: &mut [GraphNode],
    claims: &[Vec<NodeId>],
    problems: &mut Vec<Problem>,
) {
    let containers: HashMap<NodeId, usize> = (0..)
        .zip(nodes.iter())
        .filter(|(_, node)| matches!(node.node_type.as_str(), "iteration" | "loop"))
        .map(|(at, node)| (node.id.clone(), at))
        .collect();
    let mut inside = vec![None; nodes.len()];
    for (at, claims) in claims.iter().enumerate() {
        inside[at] = claims.iter().find_map(|id| containers.get(id).copied());
        if let (None, Some(first)) = (inside[at], claims.first()) {
            let message = format!(
                "{first} is no iteration or loop of this graph; the node runs outside of any"
            );
            problems.push(
                Problem::warning("container_unknown", message)
                    .at_node(&nodes[at].id)
                    .on_line(nodes[at].place),
            );
        }
    }
    if let Some(at) = inside_itself(&inside) {
        let message = "an iteration or loop is inside of itself";
        problems.push(
            Problem::error("container_cycle", message)
                .at_node(&nodes[at].id)
                .on_line(nodes[at].place),
        );
        return;
    }
    for (at, container) in inside.into_iter().enumerate() {
        nodes[at].container = container.map(|container| nodes[container].id.clone());
    }
}

/// A node that is reached by going outwards from itself.
fn inside_itself(inside: &[Option<usize>]) -> Option<usize> {
    // From which walk a node was seen first: a walk that meets itself has found a cycle.
    let mut seen = vec![usize::MAX; inside.len()];
    (0..inside.len()).find_map(|walk| {
        let mut at = walk;
        while seen[at] == usize::MAX {
            seen[at] = walk;
            at = inside[at]?;
        }
        (seen[at] == walk).then_some(at)
    })
}
