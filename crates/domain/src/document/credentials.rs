//! What a document says about credentials: selectors in nodes and the `workflow.credentials` block (design: the document).

use std::collections::HashSet;

use serde_json::{Map, Value as Json};

use crate::credential::{CredentialChoice, CredentialSelector, OnEmpty};
use crate::id::NodeId;
use crate::provider::{ModelType, ProviderId};

use super::problem::Problem;
use super::{Document, GraphNode};

/// A place that names a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelPlace {
    /// The node.
    pub node_id: NodeId,
    /// Its title.
    pub title: String,
    /// Where in the node, such as `data.model`.
    pub field: String,
    /// The provider, normalised.
    pub provider: ProviderId,
    /// The model's name.
    pub model: String,
    /// What the model does.
    pub model_type: ModelType,
    /// What the place says about its credential.
    pub selector: CredentialSelector,
    /// Statements in two places that disagree.
    pub conflict: Option<String>,
}

/// Where each node type names models (Dify DSL reference, part 4).
const PLACES: &[(&str, &str, ModelType)] = &[
    ("llm", "/model", ModelType::Llm),
    ("parameter-extractor", "/model", ModelType::Llm),
    ("question-classifier", "/model", ModelType::Llm),
    ("agent", "/agent_parameters/model/value", ModelType::Llm),
    (
        "knowledge-retrieval",
        "/single_retrieval_config/model",
        ModelType::Llm,
    ),
    (
        "knowledge-retrieval",
        "/metadata_model_config",
        ModelType::Llm,
    ),
    (
        "knowledge-retrieval",
        "/multiple_retrieval_config/reranking_model",
        ModelType::Rerank,
    ),
];

/// The places of one node.
pub(super) fn places_of(node: &GraphNode) -> Vec<ModelPlace> {
    let data = Json::Object((*node.data).clone());
    PLACES
        .iter()
        .filter(|(node_type, _, _)| *node_type == node.node_type)
        .filter_map(|(_, pointer, model_type)| {
            let model = data.pointer(pointer)?.as_object()?;
            let text = |keys: [&str; 2]| {
                keys.iter()
                    .find_map(|key| model.get(*key).and_then(Json::as_str))
                    .filter(|text| !text.is_empty())
            };
            // The data object itself is accepted only where the node has one model.
            let around = (*pointer == "/model").then_some(&*node.data);
            let (selector, conflict) = selector_of(model, around);
            Some(ModelPlace {
                node_id: node.id.clone(),
                title: node.title.clone(),
                field: format!("data{}", pointer.replace('/', ".")),
                provider: ProviderId::normalise(text(["provider", "reranking_provider_name"])?),
                model: text(["name", "model"])
                    .or_else(|| model.get("reranking_model_name").and_then(Json::as_str))?
                    .to_owned(),
                model_type: *model_type,
                selector,
                conflict,
            })
        })
        .collect()
}

/// The selector of a model object; accepted as well: `credential_override` inside it, and the fields beside it in `data`.
fn selector_of(
    model: &Map<String, Json>,
    around: Option<&Map<String, Json>>,
) -> (CredentialSelector, Option<String>) {
    let inner = model.get("credential_override").and_then(Json::as_object);
    let sources: Vec<&Map<String, Json>> =
        [Some(model), inner, around].into_iter().flatten().collect();
    let mut conflict = None;
    let mut text = |key: &str| {
        let said: Vec<&str> = sources
            .iter()
            .filter_map(|source| source.get(key)?.as_str())
            .filter(|text| !text.is_empty())
            .collect();
        if let Some(other) = said.iter().find(|other| **other != said[0]) {
            conflict = Some(format!(
                "{key} is {:?} in one place and {other:?} in another",
                said[0]
            ));
        }
        said.first().map(|text| (*text).to_owned())
    };
    let choice = CredentialChoice {
        credential_id: text("credential_id"),
        credential_name: text("credential_name"),
    };
    let first = |key: &str| sources.iter().find_map(|source| source.get(key));
    let fallback = first("credential_fallback").and_then(Json::as_array);
    let selector = CredentialSelector {
        choice,
        locked: first("credential_locked")
            .and_then(Json::as_bool)
            .unwrap_or(false),
        on_empty: if first("credential_on_empty").and_then(Json::as_str) == Some("next") {
            OnEmpty::Next
        } else {
            OnEmpty::Fail
        },
        fallback: fallback
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .map(str::to_owned)
            .collect(),
    };
    (selector, conflict)
}

/// What is wrong with the selectors of a document: refused when it is saved. A placeholder must name a node of the graph (or
/// `start` for the entry), `sys`, `env` or `conversation`, and never a secret variable.
#[must_use]
pub fn check_selectors(document: &Document) -> Vec<Problem> {
    let secrets: HashSet<&str> = document
        .environment
        .iter()
        .filter(|variable| variable.value_type == "secret")
        .map(|variable| variable.name.as_str())
        .collect();
    let nodes: HashSet<&str> = document
        .graph
        .nodes
        .iter()
        .map(|node| node.id.as_str())
        .collect();
    let mut problems = Vec::new();
    for place in document.model_places() {
        let mut refuse = |code: &str, message: String, key: &str| {
            let line = document
                .graph
                .nodes
                .iter()
                .find(|node| node.id == place.node_id)
                .and_then(|node| node.line);
            let problem = Problem::error(code, message)
                .at_node(&place.node_id)
                .in_field(format!("{}.{key}", place.field));
            problems.push(problem.on_line(line.map(|line| (line, 1))));
        };
        if let Some(conflict) = &place.conflict {
            refuse(
                "credential_selector_conflict",
                conflict.clone(),
                "credential_name",
            );
        }
        let choice = &place.selector.choice;
        for (key, text) in [
            ("credential_id", &choice.credential_id),
            ("credential_name", &choice.credential_name),
        ] {
            for placeholder in placeholders(text.as_deref().unwrap_or_default()) {
                let (source, name) = placeholder.split_once('.').unwrap_or((placeholder, ""));
                if source == "env" && secrets.contains(name) {
                    refuse(
                        "credential_selector_secret",
                        format!("{placeholder} is a secret variable"),
                        key,
                    );
                } else if !matches!(source, "sys" | "env" | "conversation" | "start")
                    && !nodes.contains(source)
                {
                    refuse(
                        "credential_selector_unknown",
                        format!("{placeholder} names a node that does not exist"),
                        key,
                    );
                }
            }
        }
    }
    problems
}

/// The insides of `{{#…#}}` in a text, without judging them.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{#")
        .skip(1)
        .filter_map(|rest| rest.split_once("#}}").map(|(inside, _)| inside))
}
