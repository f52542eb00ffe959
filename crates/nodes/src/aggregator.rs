//! `variable-aggregator`: the first of several variables that exists, once or for each of several groups.

use serde_json::{Map, Value as Json};

use latchkey_domain::document::GraphNode;
use latchkey_domain::value::{Value, to_json_map};
use latchkey_engine::node::{Attempt, BuildProblem, NodeKind, NodeSpec, PureNode};
use latchkey_engine::pool::Pool;

use crate::data;

type Selectors = Vec<Vec<String>>;

enum Aggregator {
    One(Selectors),
    Groups(Vec<(String, Selectors)>),
}

pub(crate) fn build(node: &GraphNode) -> Result<NodeSpec, BuildProblem> {
    let settings = data::mapping(&node.data, "advanced_settings");
    let grouped = settings.filter(|settings| data::flag(settings, "group_enabled"));
    let selectors = |from| data::list(from, "variables").iter().map(data::selector_of);
    let aggregator = match grouped {
        None => Aggregator::One(selectors(&*node.data).collect()),
        Some(settings) => {
            let groups = data::mappings(settings, "groups").map(|group| {
                let name = data::text(group, "group_name").unwrap_or_default();
                (name.to_owned(), selectors(group).collect())
            });
            Aggregator::Groups(groups.collect())
        }
    };
    Ok(NodeSpec::pure(NodeKind::Executable, aggregator))
}

impl PureNode for Aggregator {
    fn run(&self, pool: &Pool) -> Attempt {
        let outputs = match self {
            Self::One(selectors) => first(pool, selectors)
                .map(|value| ("output".to_owned(), value))
                .into_iter()
                .collect(),
            Self::Groups(groups) => groups
                .iter()
                .filter_map(|(name, selectors)| {
                    let value = first(pool, selectors)?.expose_json();
                    let object = Map::from_iter([("output".to_owned(), value)]);
                    Some((name.clone(), Value::infer(Json::Object(object))))
                })
                .collect::<Vec<_>>(),
        };
        let inputs = to_json_map(&outputs);
        Attempt::succeeded(outputs).with_inputs(inputs)
    }
}

/// The first variable that exists; one that is null exists.
fn first(pool: &Pool, selectors: &[Vec<String>]) -> Option<Value> {
    selectors.iter().find_map(|selector| pool.get(selector))
}
