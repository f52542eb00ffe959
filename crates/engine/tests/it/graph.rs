//! A shorthand for graphs, and toy node types.
//!
//! One line a node (`id: type words`), one line a chain of edges (`a -> b -> c`, `if -true-> x`). After a `|` stands
//! JSON that is merged into the node's data. Types: `start`, `end` (selectors), `answer` (template), `text` (template;
//! pure), `branch` (pure; chooses the handle that it names), `model` (effect; scripted), `assigner` (pure; writes the
//! selector that it names), `trigger` (another root, not supported).
//!
//! `a in it: …` is a node inside of the container `it`, which has its start node `itstart` by itself. `iteration` names its
//! list and what a result is read from; `loop` its number of turns and what ends it (`lp.n=3`). `count` adds one to the
//! variable that it names; `loop-end` ends the loop that it is in. `ask` asks its words (`-yes->`, `-no->`, `-__timeout->`).

use std::sync::Arc;

use async_trait::async_trait;
use latchkey_domain::document::{Edge, Graph, GraphNode};
use latchkey_domain::form::{Form, FormAction, FormAnswer};
use latchkey_domain::id::NodeId;
use latchkey_domain::run::Failure;
use latchkey_domain::value::Value;
use latchkey_domain::workflow::Mode;
use latchkey_engine::node::{
    AskingNode, Attempt, BuildProblem, Node, NodeContext, NodeKind, NodeSpec, NodeTypes, PureNode,
    Question, ResponseTemplate,
};
use latchkey_engine::plan::{Plan, PlanProblem};
use latchkey_engine::pool::Pool;
use latchkey_engine::template::Template;
use serde_json::{Map, Value as Json, json};

use super::containers;

pub(crate) fn graph(text: &str) -> Graph {
    let mut graph = Graph::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.contains("->") {
            edges(line, &mut graph.edges);
        } else {
            let node = node(line);
            graph.nodes.extend(start_of(&node));
            graph.nodes.push(node);
        }
    }
    graph
}

fn node(line: &str) -> GraphNode {
    let (line, extra) = line.split_once('|').unwrap_or((line, "{}"));
    let (id, rest) = line.split_once(':').expect("id: type words");
    let rest = rest.trim();
    let (node_type, words) = rest.split_once(' ').unwrap_or((rest, ""));
    let mut data: Map<String, Json> = serde_json::from_str(extra).expect("JSON after |");
    data.insert("words".into(), json!(words.trim()));
    let (id, container) = id.trim().split_once(" in ").unwrap_or((id.trim(), ""));
    GraphNode {
        id: NodeId::new(id),
        node_type: node_type.to_owned(),
        version: "1".into(),
        title: id.to_owned(),
        data: Arc::new(data),
        container: Some(container).filter(|it| !it.is_empty()).map(NodeId::new),
        place: None,
    }
}

fn start_of(container: &GraphNode) -> Option<GraphNode> {
    let node_type = match container.node_type.as_str() {
        "iteration" => "iteration-start",
        "loop" => "loop-start",
        _ => return None,
    };
    Some(node(&format!("{0}start in {0}: {node_type}", container.id)))
}

fn edges(line: &str, edges: &mut Vec<Edge>) {
    let mut words = line.split_whitespace();
    let mut source = words.next().expect("a node");
    while let (Some(arrow), Some(target)) = (words.next(), words.next()) {
        let handle = arrow.trim_end_matches("->").trim_start_matches('-');
        edges.push(Edge {
            source: NodeId::new(source),
            target: NodeId::new(target),
            handle: if handle.is_empty() { "source" } else { handle }.to_owned(),
        });
        source = target;
    }
}

pub(crate) fn plan(text: &str) -> Result<Plan, Vec<PlanProblem>> {
    Plan::of_graph(Mode::Workflow, &graph(text), &Toys::default(), None)
}

/// The toy node types; `model` is what models do, if a test wants to say so.
#[derive(Default)]
pub(crate) struct Toys {
    pub(crate) model: Option<Arc<dyn Node>>,
}

impl NodeTypes for Toys {
    fn is_known(&self, node_type: &str) -> bool {
        node_type != "teleporter"
    }

    fn supports(&self, node_type: &str) -> bool {
        [
            "start",
            "end",
            "answer",
            "text",
            "branch",
            "model",
            "assigner",
            "group",
            "count",
            "ask",
            "iteration",
            "iteration-start",
            "loop",
            "loop-start",
            "loop-end",
        ]
        .contains(&node_type)
    }

    fn build(&self, node: &GraphNode) -> Result<NodeSpec, BuildProblem> {
        let words = node.data["words"].as_str().unwrap().to_owned();
        let mut spec = match node.node_type.as_str() {
            "start" => NodeSpec::pure(NodeKind::Root, Start(node.id.clone())),
            "end" => {
                let selectors: Vec<_> = words.split_whitespace().map(dotted).collect();
                let mut spec = NodeSpec::pure(NodeKind::Response, End(selectors.clone()));
                spec.response = Some(ResponseTemplate::of_selectors(selectors));
                spec
            }
            "answer" => {
                let template = Template::parse(&words);
                let response = ResponseTemplate::of_text(&template);
                let mut spec = NodeSpec::pure(NodeKind::Response, Text("answer", template));
                spec.response = Some(response);
                spec
            }
            "text" if words == "invalid" => return Err(BuildProblem::invalid("bad data")),
            "text" => NodeSpec::pure(
                NodeKind::Executable,
                Text("output", Template::parse(&words)),
            ),
            "group" => NodeSpec::pure(NodeKind::Executable, Group(dotted(&words))),
            "branch" => NodeSpec::pure(NodeKind::Branch, Branch(words)),
            "count" => NodeSpec::pure(
                NodeKind::Executable,
                Count(dotted(&words).try_into().unwrap()),
            ),
            "ask" => NodeSpec::asking(Ask(Template::parse(&words))),
            "iteration" => containers::iteration(node, &words),
            "loop" => containers::turns(node, &words),
            "iteration-start" | "loop-start" => {
                NodeSpec::pure(NodeKind::Executable, Start(node.id.clone()))
            }
            "loop-end" => {
                let mut spec = NodeSpec::pure(NodeKind::Executable, Start(node.id.clone()));
                let named = node.data.get("loop_id").and_then(Json::as_str);
                spec.ends_loop = named.map(NodeId::new).or_else(|| node.container.clone());
                spec
            }
            "assigner" => {
                let selector: [String; 2] = dotted(&words).try_into().unwrap();
                let mut spec = NodeSpec::pure(NodeKind::Executable, Assign(selector.clone()));
                spec.writes = vec![selector];
                spec
            }
            _ => NodeSpec::effect(self.model.clone().unwrap_or_else(|| Arc::new(Scripted))),
        };
        spec.supports_retry = node.node_type == "model";
        Ok(spec)
    }
}

pub(crate) fn dotted(text: &str) -> Vec<String> {
    text.split('.').map(str::to_owned).collect()
}

struct Start(NodeId);

impl PureNode for Start {
    fn run(&self, pool: &Pool) -> Attempt {
        Attempt::succeeded(pool.node_values(self.0.as_str()))
    }
}

struct End(Vec<Vec<String>>);

impl PureNode for End {
    fn run(&self, pool: &Pool) -> Attempt {
        let outputs = self.0.iter().map(|selector| {
            let value = pool.get(selector).unwrap_or(Value::None);
            (selector.join("."), value)
        });
        Attempt::succeeded(outputs.collect())
    }
}

struct Text(&'static str, Template);

impl PureNode for Text {
    fn run(&self, pool: &Pool) -> Attempt {
        let text = self.1.render_markdown(pool);
        Attempt::succeeded(vec![(self.0.to_owned(), Value::string(text))])
    }
}

/// Puts a variable as it is, into a mapping, into a list, and into a variable of the conversation.
struct Group(Vec<String>);

impl PureNode for Group {
    fn run(&self, pool: &Pool) -> Attempt {
        let value = pool.get(&self.0).unwrap_or(Value::None);
        let json = value.expose_json();
        let list = Value::infer(serde_json::json!([json]));
        let mut attempt = Attempt::succeeded(vec![
            ("value".to_owned(), value),
            (
                "group".to_owned(),
                Value::infer(serde_json::json!({"output": json})),
            ),
            ("list".to_owned(), list.clone()),
        ]);
        attempt.inputs.insert("value".to_owned(), json.clone());
        attempt.inputs.insert(
            "text".to_owned(),
            format!("Bearer {}", json.as_str().unwrap_or_default()).into(),
        );
        attempt.updates = vec![(["conversation".to_owned(), "topic".to_owned()], list)];
        attempt
    }
}

/// Asks for yes or no, for a minute.
struct Ask(Template);

impl AskingNode for Ask {
    fn ask(&self, pool: &Pool) -> Result<Question, Failure> {
        let actions = ["yes", "no"].map(|id| FormAction {
            id: id.to_owned(),
            title: id.to_uppercase(),
            style: "default".to_owned(),
        });
        Ok(Question {
            content: self.0.render_markdown(pool),
            inputs: Vec::new(),
            actions: actions.into(),
            patience_millis: 60_000,
        })
    }

    fn answered(&self, form: &Form, answer: &FormAnswer) -> Attempt {
        let action = match answer {
            FormAnswer::Submitted { action, .. } => action,
            FormAnswer::TimedOut => "__timeout",
        };
        let outputs = [("said", action), ("asked", form.content.as_str())];
        let outputs = outputs.map(|(name, text)| (name.to_owned(), Value::from(text)));
        Attempt::succeeded(outputs.into()).with_handle(action)
    }
}

/// Adds one to a variable.
struct Count([String; 2]);

impl PureNode for Count {
    fn run(&self, pool: &Pool) -> Attempt {
        let Some(Value::Integer(number)) = pool.get(&self.0) else {
            return Attempt::failed(Failure::new("", "nothing to count"));
        };
        let mut attempt = Attempt::succeeded(Vec::new());
        attempt.updates = vec![(self.0.clone(), Value::Integer(number + 1))];
        attempt
    }
}

struct Branch(String);

impl PureNode for Branch {
    fn run(&self, _: &Pool) -> Attempt {
        Attempt::succeeded(Vec::new()).with_handle(self.0.clone())
    }
}

struct Assign([String; 2]);

impl PureNode for Assign {
    fn run(&self, _: &Pool) -> Attempt {
        let mut attempt = Attempt::succeeded(Vec::new());
        attempt.updates = vec![(self.0.clone(), "assigned".into())];
        attempt
    }
}

/// Stands where a test drives the machine by hand.
struct Scripted;

#[async_trait]
impl Node for Scripted {
    async fn run(&self, _: NodeContext) -> Attempt {
        Attempt::succeeded(Vec::new())
    }
}
