//! From the raw `workflow.graph` to the graph that the engine reads: notes go, old forms are repaired, the rest is checked.

mod container;
mod cycle;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::id::NodeId;

use super::place::Spot;
use super::problem::Problem;
use super::{Edge, Graph, GraphNode};

/// The most nodes of a graph, and the code of more.
const NODES: (&str, usize, &str) = ("nodes", 5_000, "graph_too_many_nodes");
/// The most edges of a graph, and the code of more.
const EDGES: (&str, usize, &str) = ("edges", 20_000, "graph_too_many_edges");

/// How many nodes of a cycle a message names.
const SHOWN: usize = 20;

/// Reads the graph; every problem goes to `problems`.
pub(super) fn graph(raw: Spot<'_>, problems: &mut Vec<Problem>) -> Graph {
    let lists = (list(raw, NODES, problems), list(raw, EDGES, problems));
    let (Some(nodes), Some(edges)) = lists else {
        return Graph::default();
    };
    let mut reader = GraphReader {
        problems,
        notes: HashSet::new(),
        seen: HashSet::new(),
        claims: Vec::new(),
    };
    let mut nodes: Vec<GraphNode> = nodes
        .into_iter()
        .filter_map(|node| reader.node(node))
        .collect();
    container::resolve(&mut nodes, &reader.claims, reader.problems);
    let edges = reader.edges(&edges, &nodes);
    let mut graph = Graph { nodes, edges };
    repair_iterations(&mut graph);
    check_cycles(&graph, problems);
    check_entries(&graph, problems);
    graph
}

/// The items of a list; an absent one is empty, one that is no list or too long is refused.
fn list<'a>(
    raw: Spot<'a>,
    (key, limit, too_many): (&str, usize, &str),
    problems: &mut Vec<Problem>,
) -> Option<Vec<Spot<'a>>> {
    let found = raw.key(key).filter(|found| !found.value.is_null());
    let Some(found) = found else {
        return Some(Vec::new());
    };
    let field = format!("workflow.graph.{key}");
    let Some(mut items) = found.items() else {
        let problem = Problem::error("graph_invalid", format!("{field} must be a list"));
        problems.push(problem.on_line(found.place).in_field(field));
        return None;
    };
    if items.len() > limit {
        let message = format!("the graph has {} {key}; {limit} are possible", items.len());
        let first_too_many = items.nth(limit).and_then(|item| item.place);
        let problem = Problem::error(too_many, message);
        problems.push(problem.on_line(first_too_many).in_field(field));
        return None;
    }
    Some(items.collect())
}

/// The text of an id: files write texts, hand-written ones also numbers.
pub(super) fn id_text(value: Option<&Json>) -> Option<String> {
    text_of(value).filter(|text| !text.is_empty())
}

/// The type of a raw node. Hand-written files put it outside; editors write words that begin with `custom` there.
pub(super) fn type_of(raw: &Json) -> &str {
    let outer = raw.get("type").and_then(Json::as_str);
    match raw.get("data").and_then(|data| data.get("type")) {
        Some(inner) => inner.as_str().unwrap_or_default(),
        None => outer
            .filter(|outer| !outer.starts_with("custom"))
            .unwrap_or_default(),
    }
}

struct GraphReader<'a> {
    problems: &'a mut Vec<Problem>,
    notes: HashSet<NodeId>,
    seen: HashSet<NodeId>,
    /// For every node that was read, the containers that it names.
    claims: Vec<Vec<NodeId>>,
}

impl GraphReader<'_> {
    fn node(&mut self, spot: Spot<'_>) -> Option<GraphNode> {
        let (raw, place) = (spot.value, spot.place);
        let Some(id) = id_text(raw.get("id")).map(|id| NodeId::new(&id)) else {
            self.problems.push(
                Problem::error("node_invalid", "a node has no id")
                    .on_line(place)
                    .in_field("id"),
            );
            return None;
        };
        if raw.get("type").and_then(Json::as_str) == Some("custom-note") {
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
        let node_type = match type_of(raw) {
            "" => {
                let message = "Graph node data.type must be a non-empty string.";
                self.problems.push(
                    Problem::error("node_type_missing", message)
                        .at_node(&id)
                        .on_line(place)
                        .in_field("data.type"),
                );
                return None;
            }
            "variable-assigner" => "variable-aggregator",
            node_type => node_type,
        };
        let data = raw.get("data").and_then(Json::as_object);
        let data = data.cloned().unwrap_or_default();
        self.claims.push(container::claims(&data, raw));
        Some(GraphNode {
            node_type: node_type.to_owned(),
            version: text_of(data.get("version")).unwrap_or_else(|| "1".into()),
            title: text_of(data.get("title")).unwrap_or_default(),
            container: None,
            place,
            data: Arc::new(data),
            id,
        })
    }

    fn edges(&mut self, raw: &[Spot<'_>], nodes: &[GraphNode]) -> Vec<Edge> {
        let known: HashSet<&NodeId> = nodes.iter().map(|node| &node.id).collect();
        let mut ids = HashSet::new();
        let mut edges = Vec::new();
        for spot in raw {
            if let Some(id) = id_text(spot.value.get("id")).filter(|id| !ids.insert(id.clone())) {
                self.problems.push(
                    Problem::error("edge_duplicate", format!("Duplicate graph edge id: {id}"))
                        .on_line(spot.place),
                );
                continue;
            }
            match edge(spot.value) {
                Ok(edge) => edges.extend(self.known_edge(edge, *spot, &known)),
                Err(message) => self
                    .problems
                    .push(Problem::warning("edge_ignored", message).on_line(spot.place)),
            }
        }
        edges
    }

    /// The edge, if both of its ends are there; one of a note is dropped without a word.
    fn known_edge(&mut self, edge: Edge, spot: Spot<'_>, known: &HashSet<&NodeId>) -> Option<Edge> {
        let ends = [&edge.source, &edge.target];
        if ends.iter().any(|id| self.notes.contains(*id)) {
            return None;
        }
        let Some(unknown) = ends.into_iter().find(|id| !known.contains(id)) else {
            return Some(edge);
        };
        let message = format!("Graph edge references an unknown node. {unknown} does not exist");
        self.problems.push(
            Problem::error("edge_unknown_node", message)
                .at_node(unknown)
                .on_line(spot.place),
        );
        None
    }
}

/// An edge as the file has it, or why it is ignored.
fn edge(raw: &Json) -> Result<Edge, &'static str> {
    let handle = match raw.get("sourceHandle") {
        None => "source",
        Some(Json::String(handle)) => handle,
        Some(Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_)) => {
            return Err("an edge whose sourceHandle is no text is ignored");
        }
    };
    let ends = (id_text(raw.get("source")), id_text(raw.get("target")));
    let (Some(source), Some(target)) = ends else {
        return Err("an edge without source or target is ignored");
    };
    Ok(Edge {
        source: NodeId::new(&source),
        target: NodeId::new(&target),
        handle: handle.to_owned(),
    })
}

fn text_of(value: Option<&Json>) -> Option<String> {
    match value? {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    }
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
        added.push((start, node.id.clone(), first, data, node.place));
    }
    for (start, container, first, data, place) in added {
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
            place,
        });
    }
}

/// A node of a cycle can never become ready.
fn check_cycles(graph: &Graph, problems: &mut Vec<Problem>) {
    let at: HashMap<&NodeId, usize> = (0..)
        .zip(&graph.nodes)
        .map(|(at, node)| (&node.id, at))
        .collect();
    let mut after = vec![Vec::new(); graph.nodes.len()];
    for edge in &graph.edges {
        after[at[&edge.source]].push(at[&edge.target]);
    }
    let cycle = cycle::nodes_on_cycles(&after);
    let Some(first) = cycle.first().map(|at| &graph.nodes[*at]) else {
        return;
    };
    let mut ids: Vec<&str> = cycle
        .iter()
        .map(|at| graph.nodes[*at].id.as_str())
        .collect();
    let more = ids.len().saturating_sub(SHOWN);
    ids.truncate(SHOWN);
    let mut message = format!("the graph has a cycle through {}", ids.join(", "));
    if more > 0 {
        message.push_str(&format!(" and {more} more"));
    }
    problems.push(
        Problem::error("graph_cycle", message)
            .at_node(&first.id)
            .on_line(first.place),
    );
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
                .on_line(trigger.place),
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
                .on_line(second.place),
        );
    }
}
