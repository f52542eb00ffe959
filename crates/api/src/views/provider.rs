//! Providers: the form of their credentials, their models, this workspace's defaults.

use latchkey_domain::provider::ModelType;
use latchkey_service::ProviderView as Provider;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use utoipa::ToSchema;

/// A provider.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ProviderView {
    /// Its id.
    id: String,
    /// Its name.
    label: String,
    /// required, optional or never.
    secrets: String,
    /// Where it is unless the credential says otherwise.
    base_url: Option<String>,
    /// What a credential of it consists of.
    #[schema(value_type = Vec<Object>)]
    credential_schema: Vec<Json>,
    /// The models that are known; others can be called too.
    #[schema(value_type = Vec<Object>)]
    models: Vec<Json>,
    /// The active credential.
    default_credential_id: Option<String>,
    /// The active credentials of models.
    model_defaults: Vec<ModelDefaultView>,
}

/// The active credential of a model.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ModelDefaultView {
    /// The model.
    model: String,
    /// What it does.
    model_type: String,
    /// Its credential.
    credential_id: String,
}

/// A default that is set or taken away.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DefaultBody {
    /// The credential; null takes the default away, and has to be said.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required)]
    pub(crate) credential_id: Option<String>,
    /// The model; none for the provider as a whole.
    pub(crate) model: Option<String>,
    /// What that model does; `llm` unless said.
    #[schema(value_type = Option<String>)]
    pub(crate) model_type: Option<ModelType>,
}

impl From<Provider> for ProviderView {
    fn from(provider: Provider) -> Self {
        use latchkey_service::SecretNeed;
        let info = &provider.info;
        let field = |field: &latchkey_service::Field| {
            json!({"name": field.name, "label": field.label, "type": field.kind.as_str(), "required": field.required,
                "default": field.default, "placeholder": field.placeholder})
        };
        let model = |model: &latchkey_service::ModelInfo| {
            json!({"name": model.name, "type": model.model_type, "context_size": model.context_size, "max_output": model.max_output,
                "price": model.price.as_ref().map(|price| json!({"currency": price.currency, "per_tokens": 1_000_000, "input": price.input, "output": price.output,
                    "cache_read": price.cache_read, "cache_write": price.cache_write}))})
        };
        Self {
            id: info.id.to_string(),
            label: info.label.clone(),
            secrets: match info.secrets {
                SecretNeed::Required => "required",
                SecretNeed::Optional => "optional",
                SecretNeed::Never => "never",
            }
            .to_owned(),
            base_url: info.base_url.clone(),
            credential_schema: info.fields.iter().map(field).collect(),
            models: info.models.iter().map(model).collect(),
            default_credential_id: provider.default.map(|id| id.to_string()),
            model_defaults: provider
                .model_defaults
                .into_iter()
                .map(|(model, id)| ModelDefaultView {
                    model: model.name,
                    model_type: model.model_type.as_str().to_owned(),
                    credential_id: id.to_string(),
                })
                .collect(),
        }
    }
}
