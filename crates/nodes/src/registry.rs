//! The registry: from a node's type and version to the module that builds it.

use latchkey_domain::document::GraphNode;
use latchkey_engine::node::{BuildProblem, NodeSpec, NodeTypes};

use crate::host::Host;
use crate::{
    aggregator, answer, assigner, assigner_items, end, if_else, knowledge_retrieval, llm, start,
    template_transform,
};

/// The node types that can run, by the names that documents use.
pub const SUPPORTED_TYPES: &[&str] = &[
    "start",
    "end",
    "answer",
    "llm",
    "knowledge-retrieval",
    "if-else",
    "template-transform",
    "variable-aggregator",
    "variable-assigner",
    "assigner",
];

/// All node types of this build.
#[derive(Clone)]
pub struct BuiltinNodes {
    host: Host,
}

impl BuiltinNodes {
    /// The registry over a host.
    #[must_use]
    pub const fn new(host: Host) -> Self {
        Self { host }
    }
}

impl NodeTypes for BuiltinNodes {
    fn build(&self, node: &GraphNode) -> Result<NodeSpec, BuildProblem> {
        match node.node_type.as_str() {
            "start" => start::build(node),
            "end" => end::build(node),
            "answer" => answer::build(node),
            "llm" => llm::build(node, &self.host),
            "knowledge-retrieval" => knowledge_retrieval::build(node, &self.host),
            "if-else" => if_else::build(node),
            "template-transform" => template_transform::build(node, &self.host),
            "variable-aggregator" | "variable-assigner" => aggregator::build(node),
            // An unknown version means the newest one; a node that states none has version 1.
            "assigner" if node.version == "1" => assigner::build(node),
            "assigner" => assigner_items::build(node),
            other => Err(BuildProblem {
                code: "node_type_unsupported",
                message: format!("there is no node type {other:?}"),
                field: None,
            }),
        }
    }

    fn supports(&self, node_type: &str) -> bool {
        SUPPORTED_TYPES.contains(&node_type)
    }
}
