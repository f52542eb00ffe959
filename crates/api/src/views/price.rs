//! Prices of models.

use std::str::FromStr;

use latchkey_domain::price::{Price, PriceTier};
use latchkey_domain::provider::ModelType;
use latchkey_service::StatedPrice;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::Object;
use crate::problem::Refusal;
use crate::routes::wrong;

/// What a model costs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PriceView {
    /// ISO 4217 code of all of them.
    currency: String,
    /// A million input tokens, as a decimal text.
    input: String,
    /// A million tokens read from the cache.
    cache_read: String,
    /// A million tokens written to the cache.
    cache_write: String,
    /// A million output tokens.
    output: String,
    /// A million tokens of reasoning; absent when they cost what output costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<String>,
    /// A call that succeeds, whatever it uses; absent when there is no such fee.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<String>,
    /// Prices of long questions, by ascending length; absent when there are none. A question longer than `above` pays them for the whole call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tiers: Vec<PriceTierView>,
}

/// What a model costs when the question is long.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PriceTierView {
    /// Questions of more tokens than this, cached ones counted.
    above: u64,
    /// A million input tokens.
    input: String,
    /// A million tokens read from the cache.
    cache_read: String,
    /// A million tokens written to the cache.
    cache_write: String,
    /// A million output tokens.
    output: String,
    /// A million tokens of reasoning; absent when they cost what output costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<String>,
}

impl From<Price> for PriceView {
    fn from(price: Price) -> Self {
        Self {
            currency: price.currency,
            input: price.input.normalize().to_string(),
            cache_read: price.cache_read.normalize().to_string(),
            cache_write: price.cache_write.normalize().to_string(),
            output: price.output.normalize().to_string(),
            reasoning: price.reasoning.map(|amount| amount.normalize().to_string()),
            request: price.request.map(|amount| amount.normalize().to_string()),
            tiers: price.tiers.into_iter().map(PriceTierView::from).collect(),
        }
    }
}

impl From<PriceTier> for PriceTierView {
    fn from(tier: PriceTier) -> Self {
        Self {
            above: tier.above,
            input: tier.input.normalize().to_string(),
            cache_read: tier.cache_read.normalize().to_string(),
            cache_write: tier.cache_write.normalize().to_string(),
            output: tier.output.normalize().to_string(),
            reasoning: tier.reasoning.map(|amount| amount.normalize().to_string()),
        }
    }
}

/// A price that a workspace has stated.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct StatedPriceView {
    /// Its id.
    id: String,
    /// The provider.
    provider: String,
    /// The model.
    model: String,
    /// What it does.
    model_type: String,
    /// Since when the price holds.
    effective_from: String,
    /// The price.
    price: PriceView,
    /// When it was last stated.
    updated_at: String,
}

impl From<StatedPrice> for StatedPriceView {
    fn from(stated: StatedPrice) -> Self {
        Self {
            id: stated.id.to_string(),
            provider: stated.model.provider.to_string(),
            model: stated.model.model,
            model_type: stated.model.model_type.as_str().to_owned(),
            effective_from: stated.dated.effective_from.to_string(),
            price: stated.dated.price.into(),
            updated_at: stated.updated_at.to_string(),
        }
    }
}

/// A price that is stated. Amounts are decimal texts; `"0"` means that it costs nothing.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceBody {
    /// The provider.
    pub(crate) provider: String,
    /// The model.
    pub(crate) model: String,
    /// What it does; `llm` unless said.
    #[schema(value_type = Option<String>)]
    pub(crate) model_type: Option<ModelType>,
    /// Since when the price holds; from now on unless said.
    pub(crate) effective_from: Option<String>,
    /// ISO 4217 code of all amounts.
    currency: String,
    /// A million input tokens.
    input: String,
    /// A million tokens read from the cache; as much as input unless said.
    cache_read: Option<String>,
    /// A million tokens written to the cache; as much as input unless said.
    cache_write: Option<String>,
    /// A million output tokens; nothing unless said, for models that write none.
    output: Option<String>,
    /// A million tokens of reasoning; as much as output unless said.
    reasoning: Option<String>,
    /// A call that succeeds, whatever it uses.
    request: Option<String>,
    /// Prices of long questions, by ascending length.
    #[serde(default)]
    #[schema(value_type = Vec<PriceTierBody>)]
    tiers: Vec<Object<PriceTierBody>>,
}

/// What a model costs when the question is long.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceTierBody {
    /// Questions of more tokens than this, cached ones counted.
    above: u64,
    /// A million input tokens.
    input: String,
    /// A million tokens read from the cache; as much as input unless said.
    cache_read: Option<String>,
    /// A million tokens written to the cache; as much as input unless said.
    cache_write: Option<String>,
    /// A million output tokens.
    output: String,
    /// A million tokens of reasoning; as much as output unless said.
    reasoning: Option<String>,
}

impl PriceBody {
    /// The price, if its amounts are numbers.
    pub(crate) fn price(&self) -> Result<Price, Refusal> {
        let mut price = Price::plain(
            &self.currency,
            amount(&self.input, "/input")?,
            optional(self.output.as_deref(), "/output")?.unwrap_or_default(),
        );
        price.cache_read =
            optional(self.cache_read.as_deref(), "/cache_read")?.unwrap_or(price.input);
        price.cache_write =
            optional(self.cache_write.as_deref(), "/cache_write")?.unwrap_or(price.input);
        price.reasoning = optional(self.reasoning.as_deref(), "/reasoning")?;
        price.request = optional(self.request.as_deref(), "/request")?;
        for (place, Object(tier)) in self.tiers.iter().enumerate() {
            let at = |field: &str| format!("/tiers/{place}/{field}");
            let input = amount(&tier.input, &at("input"))?;
            price.tiers.push(PriceTier {
                above: tier.above,
                input,
                cache_read: optional(tier.cache_read.as_deref(), &at("cache_read"))?
                    .unwrap_or(input),
                cache_write: optional(tier.cache_write.as_deref(), &at("cache_write"))?
                    .unwrap_or(input),
                output: amount(&tier.output, &at("output"))?,
                reasoning: optional(tier.reasoning.as_deref(), &at("reasoning"))?,
            });
        }
        Ok(price)
    }
}

/// An amount in a body: a plain decimal number as a text.
fn amount<T: FromStr>(text: &str, pointer: &str) -> Result<T, Refusal> {
    let is_plain = text.len() <= 40 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let read = text.parse().ok().filter(|_| is_plain);
    read.ok_or_else(|| {
        wrong(
            pointer,
            "a decimal number as a text is needed, such as \"0.15\"",
        )
    })
}

fn optional<T: FromStr>(text: Option<&str>, pointer: &str) -> Result<Option<T>, Refusal> {
    text.map(|text| amount(text, pointer)).transpose()
}
