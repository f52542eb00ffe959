//! The registry: from a node's type and version to the module that builds it.

use latchkey_domain::document::GraphNode;
use latchkey_engine::node::{BuildProblem, NodeSpec, NodeTypes};
use latchkey_sandbox::worker::Function;

use crate::host::Host;
use crate::{
    agent, aggregator, answer, assigner, assigner_items, code, document_extractor, end,
    http_request, human_input, if_else, iteration, jinja, knowledge_retrieval, list_operator, llm,
    loops, parameter_extractor, question_classifier, start, template_transform, tool, tools,
    trigger_event, trigger_webhook,
};

/// The node types that can run, by the names that documents use.
pub const SUPPORTED_TYPES: &[&str] = &[
    "start",
    "end",
    "answer",
    "llm",
    "code",
    "knowledge-retrieval",
    "if-else",
    "template-transform",
    "variable-aggregator",
    "variable-assigner",
    "assigner",
    "trigger-webhook",
    "trigger-schedule",
    "trigger-plugin",
    "tool",
    "http-request",
    "list-operator",
    "iteration",
    "iteration-start",
    "loop",
    "loop-start",
    "loop-end",
    "question-classifier",
    "parameter-extractor",
    "agent",
    "document-extractor",
    "human-input",
];

/// Dify's other node types: those of knowledge pipelines, which do not run here.
const OTHER_TYPES: [&str; 3] = ["datasource", "datasource-empty", "knowledge-index"];

/// What nodes and tools have done in the sandbox: whoever offers a launcher hands this to
/// [`latchkey_sandbox::worker::main_if_asked`].
pub const CONFINED: &[Function] = &[jinja::FUNCTION, tools::FUNCTION];

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
            "code" => code::build(node, &self.host),
            "knowledge-retrieval" => knowledge_retrieval::build(node, &self.host),
            "if-else" => if_else::build(node),
            "template-transform" => template_transform::build(node, &self.host),
            "tool" => tool::build(node, &self.host),
            "variable-aggregator" | "variable-assigner" => aggregator::build(node),
            // An unknown version means the newest one; a node that states none has version 1.
            "assigner" if node.version == "1" => assigner::build(node),
            "assigner" => assigner_items::build(node),
            "trigger-webhook" => trigger_webhook::build(node),
            "trigger-schedule" | "trigger-plugin" => trigger_event::build(node),
            "http-request" => http_request::build(node, &self.host),
            "list-operator" => list_operator::build(node),
            "iteration" => iteration::build(node),
            "loop" => loops::build(node),
            "iteration-start" | "loop-start" => Ok(iteration::build_start()),
            "loop-end" => Ok(iteration::build_loop_end(node)),
            "question-classifier" => question_classifier::build(node, &self.host),
            "parameter-extractor" => parameter_extractor::build(node, &self.host),
            "agent" => agent::build(node, &self.host),
            "document-extractor" => document_extractor::build(node, &self.host),
            "human-input" => human_input::build(node),
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

    fn is_known(&self, node_type: &str) -> bool {
        self.supports(node_type) || OTHER_TYPES.contains(&node_type)
    }
}
