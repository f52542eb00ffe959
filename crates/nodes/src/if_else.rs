//! `if-else`: the first case whose conditions hold chooses the branch.

mod condition;
mod operator;

use serde_json::{Map, Value as Json, json};

use latchkey_domain::document::GraphNode;
use latchkey_domain::run::Failure;
use latchkey_domain::value::Value;
use latchkey_engine::node::{Attempt, BuildProblem, NodeKind, NodeSpec, PureNode};
use latchkey_engine::pool::Pool;

use crate::data::{self, Data, problem};

use self::condition::Condition;

/// How conditions are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Join {
    And,
    Or,
}

impl Join {
    fn of(data: &Data) -> Result<Self, BuildProblem> {
        match data.get("logical_operator") {
            None | Some(Json::Null) => Ok(Self::And),
            Some(Json::String(word)) if word == "and" => Ok(Self::And),
            Some(Json::String(word)) if word == "or" => Ok(Self::Or),
            Some(other) => Err(problem(
                "cases",
                format!("unknown logical operator {other}"),
            )),
        }
    }

    /// Python's `all` and `any`: what is not asked cannot fail.
    fn holds(
        self,
        mut results: impl Iterator<Item = Result<bool, String>>,
    ) -> Result<bool, String> {
        let decisive = self == Self::Or;
        match results.find(|result| *result != Ok(!decisive)) {
            None => Ok(!decisive),
            Some(result) => result,
        }
    }
}

struct Case {
    id: String,
    conditions: Conditions,
}

/// Conditions that hold together: those of a case, or of a loop.
pub(crate) struct Conditions {
    join: Join,
    conditions: Vec<Condition>,
}

impl Conditions {
    /// Reads the list `key` of the data, and how it is joined.
    pub(crate) fn of(data: &Data, key: &str) -> Result<Self, BuildProblem> {
        let conditions = data::mappings(data, key).map(Condition::of);
        Ok(Self {
            join: Join::of(data)?,
            conditions: conditions.collect::<Result<_, _>>()?,
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Whether they hold; the text of what cannot be judged.
    pub(crate) fn hold(&self, pool: &Pool) -> Result<bool, String> {
        self.ask(pool, &mut Asked::default())
    }

    fn ask(&self, pool: &Pool, asked: &mut Asked) -> Result<bool, String> {
        let results = self.conditions.iter().map(|condition| {
            let holds = condition.holds(pool, &mut asked.conditions)?;
            asked.results.push(holds);
            Ok(holds)
        });
        self.join.holds(results)
    }
}

struct IfElse {
    cases: Vec<Case>,
}

pub(crate) fn build(node: &GraphNode) -> Result<NodeSpec, BuildProblem> {
    let data = &node.data;
    // Old files have one case and no list; an empty list is a list.
    let cases = match data.get("cases") {
        None | Some(Json::Null) => vec![case(data, "true".to_owned())?],
        Some(_) => data::mappings(data, "cases")
            .map(|raw| {
                let id = data::text(raw, "case_id").unwrap_or_default();
                case(raw, id.to_owned())
            })
            .collect::<Result<_, _>>()?,
    };
    Ok(NodeSpec::pure(NodeKind::Branch, IfElse { cases }))
}

fn case(data: &Data, id: String) -> Result<Case, BuildProblem> {
    let conditions = Conditions::of(data, "conditions")?;
    Ok(Case { id, conditions })
}

impl PureNode for IfElse {
    fn run(&self, pool: &Pool) -> Attempt {
        let mut told = Vec::new();
        let mut inputs = Map::new();
        for case in &self.cases {
            let mut asked = Asked::default();
            let holds = case.conditions.ask(pool, &mut asked);
            inputs = Map::from_iter([("conditions".to_owned(), Json::Array(asked.conditions))]);
            told.push(json!({
                "group": case.id,
                "results": asked.results,
                "final_result": holds.as_ref().ok(),
            }));
            match holds {
                Ok(false) => {}
                Ok(true) => return chosen(Some(&case.id), inputs, told),
                // The reference reports no class here.
                Err(message) => {
                    return Attempt::failed(Failure::new("", message)).with_inputs(inputs);
                }
            }
        }
        chosen(None, inputs, told)
    }
}

fn chosen(case: Option<&str>, inputs: Map<String, Json>, told: Vec<Json>) -> Attempt {
    let id = case.unwrap_or("false");
    let mut attempt = Attempt::succeeded(vec![
        ("result".to_owned(), Value::Boolean(case.is_some())),
        ("selected_case_id".to_owned(), Value::from(id)),
    ])
    .with_inputs(inputs)
    .with_handle(id);
    attempt.process_data = Map::from_iter([("condition_results".to_owned(), Json::Array(told))]);
    attempt
}

/// What was asked while a case was judged, for people.
#[derive(Default)]
struct Asked {
    conditions: Vec<Json>,
    results: Vec<bool>,
}
