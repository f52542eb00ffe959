//! One node of a draft, run with stated values for its variables: a run of its own kind, whose graph is that node behind a start.
//!
//! The document of such a run is kept with it, like that of any draft, so that whoever goes on with it needs to know nothing else.
//! What the node reads and nothing of its graph gives is among the values that the run begins with.

use std::collections::HashSet;
use std::sync::Arc;

use latchkey_domain::access::Caller;
use latchkey_domain::document::{Graph, GraphNode};
use latchkey_domain::id::{NodeId, WorkflowId};
use latchkey_domain::inputs::{FileRules, StartVariable};
use latchkey_domain::journal::{GivenNode, StartValues};
use latchkey_domain::value::{NamedValues, Value, to_json_map};
use latchkey_store::DocumentText;
use serde_json::{Map, Value as Json, json};

use crate::Service;
use crate::documents::{Prepared, State};
use crate::error::Error;
use crate::start::StartRequest;

/// What a graph begins, ends and goes round with is nothing by itself (Dify's editor offers no test of them either).
const ONLY_IN_A_GRAPH: [&str; 6] = [
    "start",
    "end",
    "answer",
    "iteration-start",
    "loop-start",
    "loop-end",
];
/// The most files that one value is a list of.
const FILES: u64 = 100;

impl Service {
    /// A node of a draft, ready to run alone.
    pub(crate) async fn prepare_node(
        &self,
        caller: &Caller,
        id: WorkflowId,
        node: NodeId,
    ) -> Result<Arc<Prepared>, Error> {
        let (workflow, draft) = self.visible_draft(caller, id).await?;
        let wanted = node.clone();
        let read = move |service: &Self| {
            let document = service.kept_document(&draft)?;
            let inside = inside_of(document.graph(), &wanted)?;
            let mut raw: Json = serde_json::from_str(&draft.json).map_err(Error::internal)?;
            let graph = &mut raw["workflow"]["graph"];
            *graph = graph_of(graph, &wanted, &inside);
            Ok::<_, Error>(DocumentText {
                json: raw.to_string(),
                secrets: draft.secrets,
            })
        };
        let text = self.at_length(read).await??;
        let state = State::Draft(workflow.draft_revision);
        let prepared = self.prepared((caller.workspace, id), text, state, None);
        Ok(Arc::new(Prepared {
            only: Some(node),
            ..prepared.await?
        }))
    }

    /// The stated values of a node's variables: `node.variable`, `sys.variable`, `env.variable` or `conversation.variable`, with the
    /// `#` of templates around them or without. A value with a `transfer_method`, or a list of such, is a file or a list of files.
    pub(crate) async fn stated_values(
        &self,
        caller: &Caller,
        prepared: &Prepared,
        request: &StartRequest,
    ) -> Result<StartValues, Error> {
        let inputs = &request.inputs;
        let entry = prepared.plan.entry();
        let mut nodes = prepared.document.graph().nodes.iter();
        // As in the names of credentials, where no node has that id.
        let start_is_entry = nodes.all(|node| node.id.as_str() != "start");
        let files: Vec<_> = inputs.iter().filter_map(file_variable).collect();
        let inputs = self
            .with_files(caller, &files, inputs, request.end_user.as_deref())
            .await?;
        let mut stated = StartValues::default();
        for (key, value) in inputs {
            let name = key.trim_start_matches("{{").trim_end_matches("}}");
            let parts = name.trim_matches('#').split_once('.');
            let parts = parts.filter(|(source, name)| !source.is_empty() && !name.is_empty());
            let Some((source, name)) = parts else {
                let pointer = format!("/inputs/{}", key.replace('~', "~0").replace('/', "~1"));
                let detail = "a value is stated as node.variable, such as llm.text or sys.query";
                return Err(Error::field("invalid_input", &pointer, detail));
            };
            let value = (name.to_owned(), Value::infer(value));
            match source {
                "sys" => stated.system.push(value),
                "env" => stated.environment.push(value),
                "conversation" => stated.conversation.push(value),
                _ if source == entry.as_str() => stated.inputs.push(value),
                "start" if start_is_entry => stated.inputs.push(value),
                _ => give(&mut stated.given, source, value),
            }
        }
        Ok(stated)
    }
}

/// The values of a run of one node: what is stated comes before what the draft and the start say.
pub(crate) fn merged(values: StartValues, stated: StartValues) -> StartValues {
    let merge = |mut values: NamedValues, stated: NamedValues| {
        values.retain(|(name, _)| stated.iter().all(|(other, _)| other != name));
        values.extend(stated);
        values
    };
    StartValues {
        inputs: merge(values.inputs, stated.inputs),
        system: merge(values.system, stated.system),
        environment: merge(values.environment, stated.environment),
        conversation: merge(values.conversation, stated.conversation),
        given: stated.given,
        reused: values.reused,
    }
}

/// The inputs of such a run, as they were stated.
pub(crate) fn shown(entry: &NodeId, values: &StartValues) -> Map<String, Json> {
    let of = |source: &str, values: &NamedValues| {
        let named = |(name, value): (String, Json)| (format!("{source}.{name}"), value);
        let values = to_json_map(values).into_iter().map(named);
        values.collect::<Vec<_>>()
    };
    let inputs = of(entry.as_str(), &values.inputs);
    let given = values.given.iter();
    let given = given.flat_map(|one| of(one.node_id.as_str(), &one.values));
    inputs.into_iter().chain(given).collect()
}

fn give(given: &mut Vec<GivenNode>, source: &str, value: (String, Value)) {
    match given.iter_mut().find(|one| one.node_id.as_str() == source) {
        Some(known) => known.values.push(value),
        None => given.push(GivenNode {
            node_id: NodeId::new(source),
            values: vec![value],
        }),
    }
}

/// A variable whose value looks like a file, or a list of them.
fn file_variable((name, value): (&String, &Json)) -> Option<StartVariable> {
    let is_file = |value: &Json| value.get("transfer_method").is_some();
    let is_list = |items: &Vec<Json>| !items.is_empty() && items.iter().all(is_file);
    let form = match value {
        one if is_file(one) => "file",
        Json::Array(items) if is_list(items) => "file-list",
        Json::Null
        | Json::Bool(_)
        | Json::Number(_)
        | Json::String(_)
        | Json::Array(_)
        | Json::Object(_) => return None,
    };
    Some(StartVariable {
        name: name.clone(),
        label: name.clone(),
        form: form.to_owned(),
        required: false,
        default: Json::Null,
        max_length: (form == "file-list").then_some(FILES),
        options: Vec::new(),
        files: FileRules::default(),
    })
}

/// The nodes inside of a node that can be run alone, at whatever depth.
fn inside_of(graph: &Graph, wanted: &NodeId) -> Result<HashSet<NodeId>, Error> {
    let node = graph.nodes.iter().find(|node| node.id == *wanted);
    let node = node.ok_or_else(|| Error::not_found("node in the draft"))?;
    let kind = node.node_type.as_str();
    if ONLY_IN_A_GRAPH.contains(&kind) || kind.starts_with("trigger-") {
        let detail = format!("a node of the type {kind} is nothing without its graph");
        return Err(Error::unprocessable("node_not_alone", detail));
    }
    let mut inside = HashSet::from([wanted.clone()]);
    loop {
        let of_them = |node: &&GraphNode| {
            let container = node.container.as_ref();
            !inside.contains(&node.id) && container.is_some_and(|of| inside.contains(of))
        };
        let new: Vec<_> = graph.nodes.iter().filter(of_them).collect();
        if new.is_empty() {
            break;
        }
        let new: Vec<_> = new.into_iter().map(|node| node.id.clone()).collect();
        inside.extend(new);
    }
    inside.remove(wanted);
    Ok(inside)
}

/// A start and the node, with what is inside of it.
fn graph_of(graph: &Json, wanted: &NodeId, inside: &HashSet<NodeId>) -> Json {
    let list = |name: &str| graph[name].as_array().map_or(&[][..], Vec::as_slice);
    let is_inside = |id: &Json| id.as_str().is_some_and(|id| inside.contains(id));
    let entry = entry_id(list("nodes"), wanted);
    let start = json!({"id": entry, "type": "custom", "position": {"x": 0, "y": 0},
        "data": {"type": "start", "title": "Start", "variables": []}});
    let mut nodes = vec![start];
    for node in list("nodes") {
        if node["id"] == wanted.as_str() {
            let mut alone = node.clone();
            free(&mut alone);
            nodes.push(alone);
        } else if is_inside(&node["id"]) {
            nodes.push(node.clone());
        }
    }
    let named = named(list("nodes"), &nodes);
    nodes.extend(named);
    let mut edges = vec![
        json!({"id": "start-node", "type": "custom", "source": entry, "sourceHandle": "source",
        "target": wanted.as_str(), "targetHandle": "target"}),
    ];
    let of_inside = |edge: &&Json| is_inside(&edge["source"]) && is_inside(&edge["target"]);
    edges.extend(list("edges").iter().filter(of_inside).cloned());
    json!({"nodes": nodes, "edges": edges})
}

/// Something that never runs for each other node that is named in a text: a credential's name may name only nodes that there are.
fn named(all: &[Json], kept: &[Json]) -> Vec<Json> {
    let texts = Json::from(kept).to_string();
    let is_kept = |id: &str| kept.iter().any(|node| node["id"] == id);
    let ids = all.iter().filter_map(|node| node["id"].as_str());
    let named = ids.filter(|id| !is_kept(id) && texts.contains(&format!("{{{{#{id}.")));
    let stub = |id: &str| {
        json!({"id": id, "type": "custom", "position": {"x": 0, "y": 0},
            "data": {"type": "template-transform", "title": id, "template": "", "variables": []}})
    };
    named.map(stub).collect()
}

/// The id of the graph's own start, by which templates name its variables.
fn entry_id<'a>(nodes: &'a [Json], wanted: &NodeId) -> &'a str {
    let is_entry = |other: &&Json| {
        let node_type = other["data"]["type"].as_str().unwrap_or_default();
        other["id"] != wanted.as_str()
            && (node_type == "start" || node_type.starts_with("trigger-"))
    };
    let entry = nodes.iter().find(is_entry);
    entry
        .and_then(|entry| entry["id"].as_str())
        .unwrap_or("start")
}

/// Takes a node out of the containers around it.
fn free(node: &mut Json) {
    if let Some(node) = node.as_object_mut() {
        node.shift_remove("parentId");
    }
    if let Some(data) = node["data"].as_object_mut() {
        for name in [
            "container_id",
            "isInIteration",
            "iteration_id",
            "isInLoop",
            "loop_id",
        ] {
            data.shift_remove(name);
        }
    }
}
