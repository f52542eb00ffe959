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
        "tool" => vec![place(node, &node.data, "data".to_owned())],
        "agent" => of_agent(node),
        _ => Vec::new(),
    }
}

/// An agent's tools that are switched on (Dify DSL reference, 4.20).
fn of_agent(node: &GraphNode) -> Vec<ToolPlace> {
    let tools = object_at(&node.data, "/agent_parameters/tools");
    let tools = tools.and_then(|tools| tools.get("value")?.as_array());
    let tools = tools.into_iter().flatten().enumerate();
    let tools = tools.filter_map(|(at, tool)| Some((at, tool.as_object()?)));
    tools
        .filter(|(_, tool)| tool.get("enabled") != Some(&Json::Bool(false)))
        .map(|(at, tool)| {
            place(
                node,
                tool,
                format!("data.agent_parameters.tools.value.{at}"),
            )
        })
        .collect()
}

fn place(node: &GraphNode, said: &Map<String, Json>, field: String) -> ToolPlace {
    let text = |keys: &[&str]| {
        let texts = keys.iter().filter_map(|key| said.get(*key)?.as_str());
        texts.into_iter().find(|text| !text.is_empty())
    };
    let (selector, conflict) = selector_of(said, "");
    ToolPlace {
        node_id: node.id.clone(),
        title: node.title.clone(),
        field,
        tool: NamedTool::new(
            text(&["provider_type", "type"])
                .filter(|kind| *kind != "tool")
                .unwrap_or("builtin"),
            text(&["provider_id"]).unwrap_or_default(),
            text(&["provider_name"]).unwrap_or_default(),
            text(&["tool_name"]).unwrap_or_default(),
        ),
        selector,
        conflict,
        place: node.place,
    }
}
