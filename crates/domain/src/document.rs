//! The graph of a workflow document as the engine reads it.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::id::NodeId;

/// The nodes and edges of a document: sticky notes are gone, old forms are repaired.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Graph {
    /// In file order.
    pub nodes: Vec<GraphNode>,
    /// In file order.
    pub edges: Vec<Edge>,
}

/// One node.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphNode {
    /// Its id, unique in the graph.
    pub id: NodeId,
    /// `data.type`, old names replaced by today's.
    pub node_type: String,
    /// `data.version`; `"1"` when absent.
    pub version: String,
    /// `data.title`.
    pub title: String,
    /// Everything that the file says about it.
    pub data: Arc<Map<String, Json>>,
    /// The iteration or loop that it is inside of.
    pub container: Option<NodeId>,
    /// The line of the file where it begins.
    pub line: Option<u32>,
}

/// One edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Where it leaves.
    pub source: NodeId,
    /// Where it arrives.
    pub target: NodeId,
    /// The branch that it belongs to; `source` when the file says nothing.
    pub handle: String,
}
