//! Providers: the form of their credentials, their models, this workspace's defaults.

use latchkey_domain::price::Price;
use latchkey_domain::provider::ModelType;
use latchkey_domain::time::Timestamp;
use latchkey_service::{ListedPrice, ProviderView as Provider};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use utoipa::ToSchema;

use super::price::PriceView;

/// A provider.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ProviderView {
    /// Its id.
    id: String,
    /// Other names that are taken for this id.
    aliases: Vec<String>,
    /// Its name.
    label: String,
    /// required, optional or never.
    secrets: String,
    /// Where it is unless the credential says otherwise.
    base_url: Option<String>,
    /// What a credential of it consists of.
    #[schema(value_type = Vec<Object>)]
    credential_schema: Vec<Json>,
    /// The models that are known; others can be called too. `price` is the one in force, `prices` are all of the catalogue's,
    /// each with the time since which it holds; of a workspace's own see `/prices`.
    #[schema(value_type = Vec<Object>)]
    models: Vec<Json>,
    /// The provider's page that the prices are from.
    price_source: Option<String>,
    /// The day on which the prices were last compared with it.
    prices_as_of: Option<String>,
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
            let mut known = json!({"name": model.name, "type": model.model_type, "context_size": model.context_size, "max_output": model.max_output,
            "features": model.features.as_ref().map(|features| features.iter().map(|it| it.as_str()).collect::<Vec<_>>()),
            "price": provider.price(model).map(|(it, is_own)| {
                let mut told = price(it);
                told["source"] = json!(if is_own { "workspace" } else { "catalogue" });
                told
            })});
            let later = model.prices.rows().iter().map(listed);
            known["prices"] = later.collect();
            known
        };
        Self {
            id: info.id.to_string(),
            aliases: info.aliases.clone(),
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
            price_source: info.source.clone(),
            prices_as_of: info.as_of.clone(),
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

/// A price as the form of credentials and the ledger have it, with the number of tokens that it is for.
fn price(price: &Price) -> Json {
    let mut told = json!(PriceView::from(price.clone()));
    told["per_tokens"] = json!(1_000_000);
    told
}

fn listed(row: &ListedPrice) -> Json {
    let mut told = price(&row.dated.price);
    // What always held has no beginning.
    let since = row.dated.effective_from;
    told["effective_from"] = json!((since > Timestamp::default()).then(|| since.to_string()));
    if let Some(peak) = &row.peak {
        told["peak"] = price(&peak.price);
        told["peak"]["hours"] = json!(peak.hours.to_string());
    }
    told
}
