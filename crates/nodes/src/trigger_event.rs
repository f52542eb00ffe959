//! `trigger-schedule` and `trigger-plugin`: hand on what their run begins with. A schedule has nothing of its own (`sys.timestamp`
//! is its time), the event of a plugin has whatever it was given.

use latchkey_domain::document::GraphNode;
use latchkey_domain::id::NodeId;
use latchkey_domain::value::to_json_map;
use latchkey_engine::node::{Attempt, BuildProblem, NodeKind, NodeSpec, PureNode};
use latchkey_engine::pool::Pool;

struct Event {
    id: NodeId,
}

pub(crate) fn build(node: &GraphNode) -> Result<NodeSpec, BuildProblem> {
    let event = Event {
        id: node.id.clone(),
    };
    Ok(NodeSpec::pure(NodeKind::Root, event))
}

impl PureNode for Event {
    fn run(&self, pool: &Pool) -> Attempt {
        let outputs = pool.node_values(self.id.as_str());
        let inputs = to_json_map(&outputs);
        Attempt::succeeded(outputs).with_inputs(inputs)
    }
}
