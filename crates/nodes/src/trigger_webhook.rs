//! `trigger-webhook`: hands on what the request had under the names that the node gives it. Who received the request has read
//! and checked it before there was a run.

use latchkey_domain::document::GraphNode;
use latchkey_domain::id::NodeId;
use latchkey_domain::trigger::webhook_variables;
use latchkey_domain::value::{NamedValues, Value, to_json_map};
use latchkey_engine::node::{Attempt, BuildProblem, NodeKind, NodeSpec, PureNode};
use latchkey_engine::pool::Pool;

struct Webhook {
    id: NodeId,
    outputs: Vec<String>,
}

pub(crate) fn build(node: &GraphNode) -> Result<NodeSpec, BuildProblem> {
    let variables = webhook_variables(&node.data).into_iter();
    let webhook = Webhook {
        id: node.id.clone(),
        outputs: variables.map(|variable| variable.name).collect(),
    };
    Ok(NodeSpec::pure(NodeKind::Root, webhook))
}

impl PureNode for Webhook {
    fn run(&self, pool: &Pool) -> Attempt {
        let value = |name: &str| pool.variable(self.id.as_str(), name).cloned();
        let outputs: NamedValues = self
            .outputs
            .iter()
            .map(|name| (name.clone(), value(name).unwrap_or(Value::None)))
            .collect();
        let inputs = to_json_map(&outputs);
        Attempt::succeeded(outputs).with_inputs(inputs)
    }
}
