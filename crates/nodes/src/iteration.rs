//! `iteration`: a graph of its own for each item of a list. And the nodes without work that only mark a place in the graph
//! of an iteration or a loop: where it begins, where a loop ends.

use serde_json::Value as Json;

use latchkey_domain::document::GraphNode;
use latchkey_domain::id::NodeId;
use latchkey_engine::node::{
    Attempt, BuildProblem, Container, Iteration, NodeKind, NodeSpec, OnFailure, PureNode,
};
use latchkey_engine::pool::Pool;

use crate::data::{self, Data, problem};

/// Items that run at the same time when a parallel iteration does not say how many.
const USUAL_AT_ONCE: u64 = 10;

pub(crate) fn build(node: &GraphNode) -> Result<NodeSpec, BuildProblem> {
    let data = &node.data;
    let iteration = Iteration {
        start: start(data),
        iterator: required(data, "iterator_selector")?,
        output: required(data, "output_selector")?,
        at_once: at_once(data),
        on_failure: on_failure(data)?,
        // Files from before the field flattened always.
        flattens: data.get("flatten_output").and_then(Json::as_bool) != Some(false),
    };
    Ok(NodeSpec::container(Container::Iteration(iteration)))
}

/// Where the graph of a container begins; the plan looks whether there is such a node.
pub(crate) fn start(data: &Data) -> NodeId {
    NodeId::new(data::text(data, "start_node_id").unwrap_or_default())
}

fn required(data: &Data, field: &str) -> Result<Vec<String>, BuildProblem> {
    let selector = data::selector(data, field);
    if selector.is_empty() {
        return Err(problem(field, format!("an iteration needs {field}")));
    }
    Ok(selector)
}

fn at_once(data: &Data) -> usize {
    if !data::flag(data, "is_parallel") {
        return 1;
    }
    let number = data.get("parallel_nums").and_then(Json::as_u64);
    usize::try_from(number.unwrap_or(USUAL_AT_ONCE)).unwrap_or(usize::MAX)
}

fn on_failure(data: &Data) -> Result<OnFailure, BuildProblem> {
    match data.get("error_handle_mode") {
        None | Some(Json::Null) => Ok(OnFailure::Terminate),
        Some(Json::String(mode)) => match mode.as_str() {
            "terminated" => Ok(OnFailure::Terminate),
            "continue-on-error" => Ok(OnFailure::Null),
            "remove-abnormal-output" => Ok(OnFailure::Omit),
            other => Err(unknown_mode(&Json::from(other))),
        },
        Some(other) => Err(unknown_mode(other)),
    }
}

fn unknown_mode(mode: &Json) -> BuildProblem {
    problem("error_handle_mode", format!("unknown error mode {mode}"))
}

/// A node that does nothing.
struct Mark;

impl PureNode for Mark {
    fn run(&self, _: &Pool) -> Attempt {
        Attempt::succeeded(Vec::new())
    }
}

/// `iteration-start`, `loop-start`.
pub(crate) fn build_start() -> NodeSpec {
    NodeSpec::pure(NodeKind::Executable, Mark)
}

/// `loop-end`: the loop that it names is over after this round, else the one that it is in.
pub(crate) fn build_loop_end(node: &GraphNode) -> NodeSpec {
    let named = data::text(&node.data, "loop_id").map(NodeId::new);
    let mut spec = NodeSpec::pure(NodeKind::Executable, Mark);
    spec.ends_loop = named.or_else(|| node.container.clone());
    spec
}
