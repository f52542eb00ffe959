//! From the raw `workflow.graph` to the graph that the engine reads: notes go, old forms are repaired, the rest is checked.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use crate::id::NodeId;

use super::problem::Problem;
use super::read::Tree;
use super::{Edge, Graph, GraphNode};

const GRAPH: &str = "/workflow/graph";

/// Reads the graph; every problem goes to `problems`.
pub(super) fn graph(tree: &Tree, problems: &mut Vec<Problem>) -> Graph {
    let raw = tree.root.pointer(GRAPH).unwrap_or(&Json::Null);
    let mut reader = GraphReader {
        tree,
        problems,
        notes: HashSet::new(),
        seen: HashSet::new(),
    };
    let nodes = reader.nodes(list(raw, "nodes"));
    let edges = reader.edges(list(raw, "edges"), &nodes);
    let mut graph = Graph { nodes, edges };
    repair_iterations(&mut graph);
    check_cycles(&graph, problems);
    check_entries(&graph, problems);
    graph
}

fn list<'a>(raw: &'a Json, key: &str) -> &'a [Json] {
    raw.get(key)
        .and_then(Json::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The text of an id: files write texts, hand-written ones also numbers.
fn id_text(value: Option<&Json>) -> Option<String> {
    match value? {
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::String(_) | Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

struct GraphReader<'a> {
    tree: &'a Tree,
    problems: &'a mut Vec<Problem>,
    notes: HashSet<NodeId>,
    seen: HashSet<NodeId>,
}

impl GraphReader<'_> {
    fn nodes(&mut self, raw: &[Json]) -> Vec<GraphNode> {
        raw.iter()
            .enumerate()
            .filter_map(|(at, node)| self.node(node, &format!("{GRAPH}/nodes/{at}")))
            .collect()
    }

    fn node(&mut self, raw: &Json, pointer: &str) -> Option<GraphNode> {
        let place = self.tree.place(pointer);
        let Some(id) = id_text(raw.get("id")).map(|id| NodeId::new(&id)) else {
            self.problems.push(
                Problem::error("node_invalid", "a node has no id")
                    .on_line(place)
                    .in_field("id"),
            );
            return None;
        };
        let outer = raw.get("type").and_then(Json::as_str).unwrap_or_default();
        if outer == "custom-note" {
            self.notes.insert(id);
            return None;
        }
        if !self.seen.insert(id.clone()) {
            let message = format!("Duplicate graph node id: {id}");
            self.problems.push(
                Problem::error("node_duplicate", message)
                    .at_node(&id)
                    .on_line(place),
            );
            return None;
        }
        let data = raw
            .get("data")
            .and_then(Json::as_object)
            .cloned()
            .unwrap_or_default();
        // Hand-written files put the type outside; editors write words that begin with `custom` there.
        let inner = data.get("type").and_then(Json::as_str).unwrap_or_default();
        let node_type =
            if inner.is_empty() && !data.contains_key("type") && !outer.starts_with("custom") {
                outer
            } else {
                inner
            };
        if node_type.is_empty() {
            let message = "Graph node data.type must be a non-empty string.";
            self.problems.push(
                Problem::error("node_type_missing", message)
                    .at_node(&id)
                    .on_line(place)
                    .in_field("data.type"),
            );
            return None;
        }
        let node_type = if node_type == "variable-assigner" {
            "variable-aggregator"
        } else {
            node_type
        };
        Some(GraphNode {
            node_type: node_type.to_owned(),
            version: text_of(data.get("version")).unwrap_or_else(|| "1".into()),
            title: text_of(data.get("title")).unwrap_or_default(),
            container: container(&data, raw),
            line: place.map(|(line, _)| line),
            data: Arc::new(data),
            id,
        })
    }

    fn edges(&mut self, raw: &[Json], nodes: &[GraphNode]) -> Vec<Edge> {
        let known: HashSet<&NodeId> = nodes.iter().map(|node| &node.id).collect();
        let mut ids = HashSet::new();
        let mut edges = Vec::new();
        for (at, edge) in raw.iter().enumerate() {
            let place = self.tree.place(&format!("{GRAPH}/edges/{at}"));
            if let Some(id) = id_text(edge.get("id")).filter(|id| !ids.insert(id.clone())) {
                self.problems.push(
                    Problem::error("edge_duplicate", format!("Duplicate graph edge id: {id}"))
                        .on_line(place),
                );
                continue;
            }
            let handle = match edge.get("sourceHandle") {
                None => "source".to_owned(),
                // An older file's name for the same thing; the engine that wrote it would skip the edge.
                Some(Json::String(handle)) if handle == "success-branch" => "source".to_owned(),
                Some(Json::String(handle)) => handle.clone(),
                Some(
                    Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_),
                ) => {
                    self.problems.push(
                        Problem::warning(
                            "edge_ignored",
                            "an edge whose sourceHandle is no text is ignored",
                        )
                        .on_line(place),
                    );
                    continue;
                }
            };
            let (Some(source), Some(target)) =
                (id_text(edge.get("source")), id_text(edge.get("target")))
            else {
                self.problems.push(
                    Problem::warning(
                        "edge_ignored",
                        "an edge without source or target is ignored",
                    )
                    .on_line(place),
                );
                continue;
            };
            let (source, target) = (NodeId::new(&source), NodeId::new(&target));
            if self.notes.contains(&source) || self.notes.contains(&target) {
                continue;
            }
            if let Some(unknown) = [&source, &target]
                .into_iter()
                .find(|id| !known.contains(id))
            {
                let message =
                    format!("Graph edge references an unknown node. {unknown} does not exist");
                self.problems.push(
                    Problem::error("edge_unknown_node", message)
                        .at_node(unknown)
                        .on_line(place),
                );
                continue;
            }
            edges.push(Edge {
                source,
                target,
                handle,
            });
        }
        edges
    }
}

fn text_of(value: Option<&Json>) -> Option<String> {
    match value? {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

/// The container of a node: `data.iteration_id`/`loop_id`, else `parentId` where the data says that it is inside one.
fn container(data: &Map<String, Json>, raw: &Json) -> Option<NodeId> {
    let named = ["iteration_id", "loop_id"].iter().find_map(|key| {
        data.get(*key)
            .and_then(Json::as_str)
            .filter(|id| !id.is_empty())
    });
    named
        .or_else(|| {
            raw.get("parentId")
                .and_then(Json::as_str)
                .filter(|id| !id.is_empty())
        })
        .map(NodeId::new)
}

/// Old iterations name their first inner node; today's have a start node of their own (Dify DSL reference, 2.6).
fn repair_iterations(graph: &mut Graph) {
    let types: HashMap<NodeId, String> = graph
        .nodes
        .iter()
        .map(|node| (node.id.clone(), node.node_type.clone()))
        .collect();
    let mut added = Vec::new();
    for node in graph
        .nodes
        .iter_mut()
        .filter(|node| node.node_type == "iteration")
    {
        let Some(first) = node
            .data
            .get("start_node_id")
            .and_then(Json::as_str)
            .map(NodeId::new)
        else {
            continue;
        };
        if types
            .get(&first)
            .is_none_or(|kind| kind == "iteration-start")
        {
            continue;
        }
        let start = NodeId::new(&format!("{}start", node.id));
        if types.contains_key(&start) {
            continue;
        }
        Arc::make_mut(&mut node.data).insert("start_node_id".into(), json!(start.as_str()));
        let data = json!({"type": "iteration-start", "title": "", "isInIteration": true, "iteration_id": node.id.as_str()});
        added.push((start, node.id.clone(), first, data, node.line));
    }
    for (start, container, first, data, line) in added {
        graph.edges.push(Edge {
            source: start.clone(),
            target: first,
            handle: "source".into(),
        });
        graph.nodes.push(GraphNode {
            id: start,
            node_type: "iteration-start".into(),
            version: "1".into(),
            title: String::new(),
            data: Arc::new(data.as_object().cloned().unwrap_or_default()),
            container: Some(container),
            line,
        });
    }
}

/// A cycle can never become ready: the nodes that remain when everything without incoming edges is taken away, again and again.
fn check_cycles(graph: &Graph, problems: &mut Vec<Problem>) {
    let mut waiting: HashMap<&NodeId, usize> =
        graph.nodes.iter().map(|node| (&node.id, 0)).collect();
    let mut after: HashMap<&NodeId, Vec<&NodeId>> = HashMap::new();
    for edge in &graph.edges {
        *waiting.entry(&edge.target).or_default() += 1;
        after.entry(&edge.source).or_default().push(&edge.target);
    }
    let mut free: Vec<&NodeId> = waiting
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(id, _)| *id)
        .collect();
    while let Some(id) = free.pop() {
        waiting.remove(id);
        for target in after.get(id).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(*target) {
                *count -= 1;
                if *count == 0 {
                    free.push(target);
                }
            }
        }
    }
    let on_cycle = |id: &NodeId| reaches_itself(id, &after, &waiting);
    let cycle: Vec<&GraphNode> = graph
        .nodes
        .iter()
        .filter(|node| waiting.contains_key(&node.id) && on_cycle(&node.id))
        .collect();
    if let Some(first) = cycle.first() {
        let ids: Vec<&str> = cycle.iter().map(|node| node.id.as_str()).collect();
        let message = format!("the graph has a cycle through {}", ids.join(", "));
        problems.push(
            Problem::error("graph_cycle", message)
                .at_node(&first.id)
                .on_line(first.line.map(|line| (line, 1))),
        );
    }
}

fn reaches_itself(
    from: &NodeId,
    after: &HashMap<&NodeId, Vec<&NodeId>>,
    among: &HashMap<&NodeId, usize>,
) -> bool {
    let mut seen = HashSet::new();
    let mut open: Vec<&NodeId> = after.get(from).into_iter().flatten().copied().collect();
    while let Some(id) = open.pop() {
        if id == from {
            return true;
        }
        if among.contains_key(id) && seen.insert(id) {
            open.extend(after.get(id).into_iter().flatten().copied());
        }
    }
    false
}

fn check_entries(graph: &Graph, problems: &mut Vec<Problem>) {
    let starts: Vec<&GraphNode> = graph
        .nodes
        .iter()
        .filter(|node| node.node_type == "start")
        .collect();
    let trigger = graph
        .nodes
        .iter()
        .find(|node| node.node_type.starts_with("trigger-"));
    if let (Some(start), Some(trigger)) = (starts.first(), trigger) {
        let message = format!(
            "a start node and a trigger cannot be in one graph ({} and {})",
            start.id, trigger.id
        );
        problems.push(
            Problem::error("graph_start_and_trigger", message)
                .at_node(&trigger.id)
                .on_line(trigger.line.map(|line| (line, 1))),
        );
    }
    if let [first, second, ..] = starts.as_slice() {
        let message = format!(
            "the graph has several start nodes; a run begins at {}, and {} is skipped",
            first.id, second.id
        );
        problems.push(
            Problem::warning("graph_several_starts", message)
                .at_node(&second.id)
                .on_line(second.line.map(|line| (line, 1))),
        );
    }
}
