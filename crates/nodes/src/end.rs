//! `end`: gives the run its outputs, each the raw value of a variable.

use latchkey_domain::document::GraphNode;
use latchkey_domain::value::{NamedValues, Value, to_json_map};
use latchkey_engine::node::{
    Attempt, BuildProblem, NodeKind, NodeSpec, PureNode, ResponseTemplate,
};
use latchkey_engine::pool::Pool;

use crate::data;

struct End {
    outputs: Vec<(String, Vec<String>)>,
}

pub(crate) fn build(node: &GraphNode) -> Result<NodeSpec, BuildProblem> {
    let outputs = data::variables(&node.data, "outputs");
    let selectors = outputs.iter().map(|(_, selector)| selector.clone());
    let response = ResponseTemplate::of_selectors(selectors);
    let mut spec = NodeSpec::pure(NodeKind::Response, End { outputs });
    spec.response = Some(response);
    Ok(spec)
}

impl PureNode for End {
    fn run(&self, pool: &Pool) -> Attempt {
        let outputs: NamedValues = self
            .outputs
            .iter()
            .map(|(name, selector)| (name.clone(), pool.get(selector).unwrap_or(Value::None)))
            .collect();
        let inputs = to_json_map(&outputs);
        Attempt::succeeded(outputs).with_inputs(inputs)
    }
}
