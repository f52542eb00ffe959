//! What the data of a `knowledge-retrieval` node say, read once.

use serde_json::{Map, Value as Json};

use latchkey_domain::document::{GraphNode, ModelPlace};
use latchkey_domain::knowledge::{Condition, Filter, Logic, Operator, Retrieval};
use latchkey_engine::node::BuildProblem;
use latchkey_engine::pool::Pool;
use latchkey_engine::template::{Part, Template};

use crate::data::{self, Data, problem};

pub(super) struct Config {
    /// The variable with the question; empty when there is none.
    pub(super) query: Vec<String>,
    /// The datasets, as the document names them.
    pub(super) datasets: Vec<String>,
    pub(super) mode: Mode,
    pub(super) filtering: Filtering,
}

pub(super) enum Mode {
    /// A model chooses one dataset.
    Single(Option<Model>),
    /// All are searched.
    Multiple(Multiple),
}

pub(super) struct Multiple {
    pub(super) top_k: u32,
    pub(super) score_threshold: Option<f64>,
    pub(super) reranking: Reranking,
}

pub(super) enum Reranking {
    /// As they come.
    None,
    /// By the nearness of vectors and by words.
    Weights(Option<[f64; 2]>),
    /// By a model.
    Model(ModelPlace),
}

pub(super) enum Filtering {
    Disabled,
    Manual(ManualFilter),
    /// A model reads conditions out of the question.
    Automatic(Option<Box<Model>>),
}

/// A language model with its parameters.
pub(super) struct Model {
    pub(super) place: ModelPlace,
    pub(super) parameters: Map<String, Json>,
}

/// Conditions whose values may be templates.
pub(super) struct ManualFilter {
    logic: Logic,
    conditions: Vec<(String, Operator, Expected)>,
}

enum Expected {
    Fixed(Json),
    Template(Template),
}

impl Config {
    pub(super) fn of(node: &GraphNode) -> Result<Self, BuildProblem> {
        let data = &*node.data;
        let texts = data::list(data, "dataset_ids")
            .iter()
            .filter_map(Json::as_str);
        let mode = match data::text(data, "retrieval_mode") {
            Some("single") => Mode::Single(model(node, "single_retrieval_config.model")?),
            Some("multiple") | None => Mode::Multiple(Multiple::of(node)?),
            Some(other) => {
                let text = format!("unknown retrieval mode {other:?}");
                return Err(problem("retrieval_mode", text));
            }
        };
        let filtering = match data::text(data, "metadata_filtering_mode") {
            None | Some("disabled" | "") => Filtering::Disabled,
            Some("manual") => Filtering::Manual(ManualFilter::of(data)?),
            Some("automatic") => {
                Filtering::Automatic(model(node, "metadata_model_config")?.map(Box::new))
            }
            Some(other) => {
                let text = format!("unknown metadata filtering mode {other:?}");
                return Err(problem("metadata_filtering_mode", text));
            }
        };
        Ok(Self {
            query: data::selector(data, "query_variable_selector"),
            datasets: texts
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
                .collect(),
            mode,
            filtering,
        })
    }
}

impl Multiple {
    fn of(node: &GraphNode) -> Result<Self, BuildProblem> {
        let empty = Data::new();
        let config = data::mapping(&node.data, "multiple_retrieval_config").unwrap_or(&empty);
        let top_k = config.get("top_k").and_then(Json::as_f64);
        // More would not fit into anybody's prompt; fewer than one is none.
        let top_k = top_k.unwrap_or(4.0).clamp(0.0, f64::from(Retrieval::MOST));
        let is_on = config.get("reranking_enable").and_then(Json::as_bool) != Some(false);
        let reranking = match data::text(config, "reranking_mode") {
            _ if !is_on => Reranking::None,
            Some("weighted_score") => Reranking::Weights(weights(config)),
            Some("reranking_model" | "") | None => {
                let field = "multiple_retrieval_config.reranking_model";
                place(node, field)?.map_or(Reranking::None, Reranking::Model)
            }
            Some(other) => {
                let text = format!("unknown reranking mode {other:?}");
                return Err(problem("multiple_retrieval_config.reranking_mode", text));
            }
        };
        Ok(Self {
            top_k: top_k as u32,
            score_threshold: config.get("score_threshold").and_then(Json::as_f64),
            reranking,
        })
    }
}

fn weights(config: &Data) -> Option<[f64; 2]> {
    let weights = data::mapping(config, "weights")?;
    let weight = |setting: &str, name: &str| data::mapping(weights, setting)?.get(name)?.as_f64();
    let vector = weight("vector_setting", "vector_weight");
    let keyword = weight("keyword_setting", "keyword_weight");
    Some([vector.unwrap_or_default(), keyword.unwrap_or_default()])
}

/// The place of a model, if the node names one there.
fn place(node: &GraphNode, field: &str) -> Result<Option<ModelPlace>, BuildProblem> {
    let whole = format!("data.{field}");
    let mut places = node.model_places().into_iter();
    let Some(place) = places.find(|place| place.field == whole) else {
        return Ok(None);
    };
    match &place.conflict {
        Some(conflict) => Err(problem(field, conflict.clone())),
        None => Ok(Some(place)),
    }
}

fn model(node: &GraphNode, field: &str) -> Result<Option<Model>, BuildProblem> {
    let parameters = field
        .split('.')
        .try_fold(&*node.data, |object, key| data::mapping(object, key))
        .and_then(|model| data::mapping(model, "completion_params"));
    let mut parameters = parameters.cloned().unwrap_or_default();
    // A choice is short: nothing must end it before it is made.
    parameters.shift_remove("stop");
    Ok(place(node, field)?.map(|place| Model { place, parameters }))
}

impl ManualFilter {
    fn of(data: &Data) -> Result<Self, BuildProblem> {
        let field = "metadata_filtering_conditions";
        let empty = Data::new();
        let said = data::mapping(data, field).unwrap_or(&empty);
        let mut conditions = Vec::new();
        for condition in data::mappings(said, "conditions") {
            let name = data::text(condition, "name").unwrap_or_default().to_owned();
            let word = data::text(condition, "comparison_operator").unwrap_or_default();
            let operator = Operator::parse(word).ok_or_else(|| {
                let text = format!("unknown comparison operator {word:?}");
                problem(field, text)
            })?;
            let expected = match condition.get("value") {
                Some(Json::String(text)) => Expected::Template(Template::parse(text)),
                other => Expected::Fixed(other.cloned().unwrap_or(Json::Null)),
            };
            conditions.push((name, operator, expected));
        }
        let logic = match data::text(said, "logical_operator") {
            Some("or") => Logic::Or,
            _ => Logic::And,
        };
        Ok(Self { logic, conditions })
    }

    /// The conditions with the values of this moment: a template that is one placeholder is the variable's value.
    pub(super) fn rendered(&self, pool: &Pool) -> Filter {
        let value = |expected: &Expected| match expected {
            Expected::Fixed(value) => value.clone(),
            Expected::Template(template) => match template.parts() {
                [Part::Variable(selector)] => match pool.get(selector) {
                    Some(value) => value.expose_json(),
                    None => Json::String(template.render_text(pool)),
                },
                _ => Json::String(template.render_text(pool)),
            },
        };
        let conditions = self
            .conditions
            .iter()
            .map(|(name, operator, expected)| Condition {
                name: name.clone(),
                comparison_operator: *operator,
                value: value(expected),
            });
        Filter {
            logical_operator: self.logic,
            conditions: conditions.collect(),
        }
    }
}
