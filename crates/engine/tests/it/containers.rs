//! Toy containers, and what a plan refuses of them.

use latchkey_domain::document::GraphNode;
use latchkey_domain::id::NodeId;
use latchkey_domain::value::Value;
use latchkey_domain::workflow::Mode;
use latchkey_engine::node::{
    Condition, Container, Iteration, Loop, LoopSource, LoopVariable, NodeSpec, OnFailure,
};
use latchkey_engine::plan::{Outline, Plan};
use latchkey_engine::pool::Pool;
use serde_json::{Value as Json, json};

use super::graph::{Toys, dotted, graph};

/// Beside the words: `at_once`, `on_failure` (`null`, `omit`), `keeps_lists`, `start`.
pub(crate) fn iteration(node: &GraphNode, words: &str) -> NodeSpec {
    let (iterator, output) = words.split_once(' ').unwrap();
    NodeSpec::container(Container::Iteration(Iteration {
        start: start(node),
        iterator: dotted(iterator),
        output: dotted(output),
        at_once: node.data.get("at_once").and_then(Json::as_u64).unwrap_or(1) as usize,
        on_failure: match node.data.get("on_failure").and_then(Json::as_str) {
            Some("null") => OnFailure::Null,
            Some("omit") => OnFailure::Omit,
            _ => OnFailure::Terminate,
        },
        flattens: node.data.get("keeps_lists").is_none(),
    }))
}

/// Beside the words: `variables` by name; a text that begins with `=` is a selector, `wrong` is of another type.
pub(crate) fn turns(node: &GraphNode, words: &str) -> NodeSpec {
    let (count, until) = words.split_once(' ').unwrap_or((words, ""));
    let variables = node.data.get("variables").and_then(Json::as_object);
    let variables = variables.into_iter().flatten().map(|(label, value)| {
        let source = match value.as_str() {
            Some("wrong") => LoopSource::Constant(Err("of another type".into())),
            Some(text) if text.starts_with('=') => LoopSource::Variable(dotted(&text[1..])),
            _ => LoopSource::Constant(Ok(Value::infer(value.clone()))),
        };
        LoopVariable {
            label: label.clone(),
            source,
        }
    });
    NodeSpec::container(Container::Loop(Loop {
        start: start(node),
        count: count.parse().unwrap(),
        variables: variables.collect(),
        until: Box::new(Equals(until.to_owned())),
    }))
}

fn start(node: &GraphNode) -> NodeId {
    match node.data.get("start").and_then(Json::as_str) {
        Some(id) => NodeId::new(id),
        None => NodeId::new(&format!("{}start", node.id)),
    }
}

/// `lp.n=3`: the text form of the variable is that; without a variable it cannot be said.
struct Equals(String);

impl Condition for Equals {
    fn holds(&self, pool: &Pool) -> Result<bool, String> {
        let Some((selector, text)) = self.0.split_once('=') else {
            return Ok(false);
        };
        let value = pool.get(&dotted(selector));
        let value = value.ok_or_else(|| format!("{selector} not found"))?;
        Ok(value.text() == text)
    }
}

#[track_caller]
fn refused(text: &str) -> Vec<String> {
    let plan = Plan::of_graph(Mode::Workflow, &graph(text), &Toys::default(), None);
    let problems = plan.err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_container_begins_at_a_start_node_inside_of_it() {
    let outside = refused(
        r#"start: start
        b: text B
        it: iteration start.items a.output | {"start": "b"}"#,
    );
    assert_eq!(
        outside,
        [r#"node_invalid: the start node "b" of it is not inside of it"#]
    );
    let ordinary = refused(
        r#"start: start
        it: iteration start.items a.output | {"start": "a"}
        a in it: text A"#,
    );
    assert_eq!(
        ordinary,
        ["root_invalid: the graph of it cannot begin at a, a text node"]
    );
}

#[test]
fn what_is_inside_of_a_container_is_checked_like_everything() {
    let problems = refused(
        "start: start
        it: iteration start.items a.output
        a in it: text invalid
        b in it: text B
        c in it: odd-tool
        start -> it
        b -> b
        b -> gone",
    );
    let codes: Vec<&str> = problems
        .iter()
        .map(|it| it.split(':').next().unwrap())
        .collect();
    let expected = [
        "edge_unknown_node",
        "graph_cycle",
        "node_type_unsupported",
        "node_invalid",
    ];
    assert_eq!(codes, expected);
}

#[test]
fn an_outline_reaches_into_containers_of_containers() {
    let outline = Outline::of(
        &graph(
            "start: start
        it: iteration start.items lp.n
        lp in it: loop 2
        a in lp: odd-model
        away: iteration start.items b.output
        b in away: odd-model
        start -> it",
        ),
        None,
    );
    let outline = outline.unwrap();
    let reaches = |id: &str| outline.reaches(&NodeId::new(id));
    assert!(reaches("a") && reaches("lp") && !reaches("b"));
    assert!(outline.has_node("a") && !outline.has_node("gone"));
}

#[test]
fn an_edge_into_a_container_is_none() {
    let plan = Plan::of_graph(
        Mode::Workflow,
        &graph(
            "start: start
            it: iteration start.items a.output
            a in it: text A
            start -> a",
        ),
        &Toys::default(),
        None,
    );
    let ids: Vec<String> = plan.unwrap().node_ids().map(ToString::to_string).collect();
    assert_eq!(json!(ids), json!(["start", "it", "itstart", "a"]));
}
