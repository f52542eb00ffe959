//! Where the nodes of a document name models, and what these places say about their credential. Whether that is right is
//! looked at in `selectors`.

use serde_json::{Map, Value as Json};

use crate::credential::{CredentialChoice, CredentialSelector, OnEmpty};
use crate::id::NodeId;
use crate::provider::{ModelType, ProviderId};

use super::GraphNode;
use super::place::Place;

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
    /// Where the node begins in the file.
    pub place: Option<Place>,
}

/// The place of nodes that have one model: there the data object itself may speak as well.
pub(super) const MAIN: &str = "/model";

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

/// Pointers into the data of nodes of a type, to the objects that name models.
pub(super) fn pointers_of(node_type: &str) -> impl Iterator<Item = (&'static str, ModelType)> {
    PLACES
        .iter()
        .filter(move |(of, _, _)| *of == node_type)
        .map(|(_, pointer, model_type)| (*pointer, *model_type))
}

/// The object at a pointer.
pub(super) fn object_at<'a>(
    data: &'a Map<String, Json>,
    pointer: &str,
) -> Option<&'a Map<String, Json>> {
    let mut keys = pointer.split('/').skip(1);
    keys.try_fold(data, |object, key| object.get(key)?.as_object())
}

/// The places of one node.
pub(super) fn places_of(node: &GraphNode) -> Vec<ModelPlace> {
    pointers_of(&node.node_type)
        .filter_map(|(pointer, model_type)| {
            let model = object_at(&node.data, pointer)?;
            let text = |keys: [&str; 2]| {
                keys.iter()
                    .find_map(|key| model.get(*key).and_then(Json::as_str))
                    .filter(|text| !text.is_empty())
            };
            let (selector, conflict) = selector_of(&node.data, pointer);
            Some(ModelPlace {
                node_id: node.id.clone(),
                title: node.title.clone(),
                field: format!("data{}", pointer.replace('/', ".")),
                provider: ProviderId::normalise(text(["provider", "reranking_provider_name"])?),
                model: text(["name", "model"])
                    .or_else(|| model.get("reranking_model_name").and_then(Json::as_str))?
                    .to_owned(),
                model_type,
                selector,
                conflict,
                place: node.place,
            })
        })
        .collect()
}

/// The selector at a pointer; accepted as well: `credential_override` inside the model object and, for the main one, the
/// fields beside it. The one definition of what is said: the export writes what this reads.
pub(super) fn selector_of(
    data: &Map<String, Json>,
    pointer: &str,
) -> (CredentialSelector, Option<String>) {
    let model = object_at(data, pointer);
    let inner = model.and_then(|model| model.get("credential_override")?.as_object());
    let around = (pointer == MAIN).then_some(data);
    let sources: Vec<&Map<String, Json>> = [model, inner, around].into_iter().flatten().collect();
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
    let all = |key: &'static str| sources.iter().filter_map(move |source| source.get(key));
    let fallback = all("credential_fallback").find_map(Json::as_array);
    let on_empty = all("credential_on_empty").find_map(Json::as_str);
    let selector = CredentialSelector {
        choice,
        locked: all("credential_locked")
            .find_map(Json::as_bool)
            .unwrap_or(false),
        on_empty: if on_empty == Some("next") {
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
