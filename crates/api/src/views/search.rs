//! Searching a dataset, and what is found.

use latchkey_domain::credential::CredentialChoice;
use latchkey_domain::knowledge::{
    Condition, EmbeddingModel, Filter, Logic, Operator, SearchMethod,
};
use latchkey_domain::provider::ProviderId;
use latchkey_service::Hit;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;

use super::document::SegmentView;
use crate::body::Object;

/// A question to a dataset.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchBody {
    /// The question.
    pub(crate) query: String,
    /// How many segments are wanted: 1 to 100; as the dataset says, unless said.
    pub(crate) top_k: Option<u32>,
    /// What each must score at least.
    pub(crate) score_threshold: Option<f64>,
    /// `semantic`, `full_text` or `hybrid`.
    #[schema(value_type = Option<String>)]
    pub(crate) search_method: Option<SearchMethod>,
    /// A model that orders what was found.
    #[schema(value_type = Option<RerankBody>)]
    pub(crate) rerank: Option<Object<RerankBody>>,
    /// Which documents are searched.
    #[schema(value_type = Option<FilterBody>)]
    pub(crate) filters: Option<Object<FilterBody>>,
}

/// A model that orders what was found.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RerankBody {
    /// Its provider.
    provider: String,
    /// Its name there.
    model: String,
    /// The credential that pays, by id.
    credential_id: Option<String>,
    /// The credential that pays, by name.
    credential_name: Option<String>,
}

impl From<RerankBody> for (EmbeddingModel, CredentialChoice) {
    fn from(body: RerankBody) -> Self {
        let model = EmbeddingModel {
            provider: ProviderId::normalise(&body.provider),
            name: body.model,
        };
        let choice = CredentialChoice {
            credential_id: body.credential_id,
            credential_name: body.credential_name,
        };
        (model, choice)
    }
}

/// Which documents are searched.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FilterBody {
    /// `and` (default) or `or`.
    #[schema(value_type = Option<String>)]
    logical_operator: Option<Logic>,
    /// The conditions.
    #[schema(value_type = Vec<ConditionBody>)]
    conditions: Vec<Object<ConditionBody>>,
}

/// A condition on the metadata of documents.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConditionBody {
    /// The fact about the document.
    name: String,
    /// `contains`, `not contains`, `start with`, `end with`, `is`, `is not`, `in`, `not in`, `empty`, `not empty`, `before` (`<`), `after` (`>`), `≤` or `≥`.
    #[schema(value_type = String)]
    comparison_operator: Operator,
    /// With what it is compared.
    #[serde(default)]
    value: Json,
}

impl From<FilterBody> for Filter {
    fn from(body: FilterBody) -> Self {
        let conditions = body.conditions.into_iter().map(|condition| Condition {
            name: condition.0.name,
            comparison_operator: condition.0.comparison_operator,
            value: condition.0.value,
        });
        Self {
            logical_operator: body.logical_operator.unwrap_or_default(),
            conditions: conditions.collect(),
        }
    }
}

/// What a search has found, the best first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FoundView {
    /// What was found.
    pub(crate) data: Vec<HitView>,
}

/// Something that was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct HitView {
    /// How well it fits: the cosine of the vectors, the share of the words, both, or what a model says.
    score: f64,
    /// What is shown.
    content: String,
    /// The segment; null of somebody else's knowledge.
    segment: Option<SegmentView>,
    /// The document's id.
    document_id: String,
    /// The document's name.
    document_name: String,
    /// Facts about the document.
    #[schema(value_type = Object)]
    metadata: Map<String, Json>,
}

impl From<Hit> for HitView {
    fn from(hit: Hit) -> Self {
        Self {
            score: hit.score,
            content: hit.content,
            segment: hit.segment.map(SegmentView::from),
            document_id: hit.document_id,
            document_name: hit.document_name,
            metadata: hit.metadata,
        }
    }
}
