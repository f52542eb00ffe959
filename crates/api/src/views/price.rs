//! Prices of models.

use latchkey_domain::price::{Price, PriceTier};
use serde::Serialize;
use utoipa::ToSchema;

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
