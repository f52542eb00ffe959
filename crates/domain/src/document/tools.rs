//! Where the nodes of a document name tools: tool nodes, and the lists of agents.

use serde_json::{Map, Value as Json};

use crate::credential::CredentialSelector;
use crate::id::NodeId;
use crate::tool::NamedTool;

use super::GraphNode;
use super::credentials::{object_at, selector_of};
use super::place::Place;

/// A place that names a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolPlace {
    /// The node.
    pub node_id: NodeId,
    /// Its title.
    pub title: String,
    /// Where in the node: `data`, or the place in an agent's list.
    pub field: String,
    /// The tool.
    pub tool: NamedTool,
    /// What the place says about the tool's credential.
    pub selector: CredentialSelector,
    /// Statements in two places that disagree.
    pub conflict: Option<String>,
    /// Where the node begins in the file.
    pub place: Option<Place>,
}

/// The places of one node.
pub(super) fn places_of(node: &GraphNode) -> Vec<ToolPlace> {
    match node.node_type.as_str() {
        "tool" => vec![place(
            node,
            &node.data,
            in_node(&node.data),
            "data".to_owned(),
        )],
        "agent" => of_agent(node),
        _ => Vec::new(),
    }
}

/// An agent's tools that are switched on, in all parameters that list tools (Dify DSL reference, 4.20).
fn of_agent(node: &GraphNode) -> Vec<ToolPlace> {
    let mut places = Vec::new();
    let parameters = object_at(&node.data, "/agent_parameters");
    for (name, parameter) in parameters.into_iter().flatten() {
        let items = parameter.get("value").and_then(Json::as_array);
        for (at, item) in items.into_iter().flatten().enumerate() {
            let Some(said) = item.as_object().filter(|said| is_tool(said)) else {
                continue;
            };
            let field = format!("data.agent_parameters.{name}.value.{at}");
            places.push(place(node, said, in_list(said), field));
        }
    }
    places
}

pub(super) fn is_tool(said: &Map<String, Json>) -> bool {
    said.get("enabled") == Some(&Json::Bool(true)) && !text(said, &["tool_name"]).is_empty()
}

/// The first of these that says something.
fn text<'a>(said: &'a Map<String, Json>, keys: &[&str]) -> &'a str {
    let texts = keys.iter().filter_map(|key| said.get(*key)?.as_str());
    let mut texts = texts.filter(|text| !text.is_empty());
    texts.next().unwrap_or_default()
}

pub(super) fn in_node(said: &Map<String, Json>) -> NamedTool {
    NamedTool::new(
        text(said, &["provider_type"]),
        text(said, &["provider_id"]),
        text(said, &["provider_name"]),
        text(said, &["tool_name"]),
    )
}

/// In an agent's list the id of a provider stands under `provider_name`.
pub(super) fn in_list(said: &Map<String, Json>) -> NamedTool {
    NamedTool::new(
        text(said, &["type", "provider_type"]),
        text(said, &["provider_name", "provider_id"]),
        "",
        text(said, &["tool_name"]),
    )
}

fn place(node: &GraphNode, said: &Map<String, Json>, tool: NamedTool, field: String) -> ToolPlace {
    let (selector, conflict) = selector_of(said, "");
    ToolPlace {
        node_id: node.id.clone(),
        title: node.title.clone(),
        field,
        tool,
        selector,
        conflict,
        place: node.place,
    }
}
