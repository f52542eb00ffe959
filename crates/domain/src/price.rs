//! What models cost: prices of one model, exact in decimals, and what a workspace states about them.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ledger::{Money, Reservation, Tokens};
use crate::provider::{ModelType, ProviderId};
use crate::time::Timestamp;

/// Prices of one model per million tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// ISO 4217 code of all of them.
    pub currency: String,
    /// Per million input tokens.
    pub input: Decimal,
    /// Per million tokens read from the cache.
    pub cache_read: Decimal,
    /// Per million tokens written to the cache.
    pub cache_write: Decimal,
    /// Per million output tokens.
    pub output: Decimal,
    /// Per million tokens of reasoning; none when they cost what output costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Decimal>,
    /// Per call that succeeded, whatever it used; none when there is no such fee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Decimal>,
    /// Dearer prices of long questions, by ascending length. A question that is longer than `above` pays them for the whole call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<PriceTier>,
}

/// What tokens cost when the question is long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceTier {
    /// From how many tokens of the question on, cached ones counted and this number not.
    pub above: u64,
    /// Per million input tokens.
    pub input: Decimal,
    /// Per million tokens read from the cache.
    pub cache_read: Decimal,
    /// Per million tokens written to the cache.
    pub cache_write: Decimal,
    /// Per million output tokens.
    pub output: Decimal,
    /// Per million tokens of reasoning; none when they cost what output costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Decimal>,
}

impl Price {
    /// A price without further rules: the cache costs what input costs.
    #[must_use]
    pub fn plain(currency: &str, input: Decimal, output: Decimal) -> Self {
        Self {
            currency: currency.to_owned(),
            input,
            cache_read: input,
            cache_write: input,
            output,
            reasoning: None,
            request: None,
            tiers: Vec::new(),
        }
    }

    /// The price of something that costs nothing, which is not the same as an unknown price.
    #[must_use]
    pub fn free(currency: &str) -> Self {
        Self::plain(currency, Decimal::ZERO, Decimal::ZERO)
    }

    /// What one call that succeeded costs.
    #[must_use]
    pub fn cost(&self, tokens: &Tokens) -> Money {
        self.cost_of_calls(tokens, 1)
    }

    /// What calls cost of which so many succeeded. The tokens of several calls may be added up only at a price without tiers.
    #[must_use]
    pub fn cost_of_calls(&self, tokens: &Tokens, succeeded: u64) -> Money {
        let price = self.for_question(tokens.prompt());
        let reasoning = price.reasoning.unwrap_or(price.output);
        let per_million = price.input * Decimal::from(tokens.input)
            + price.cache_read * Decimal::from(tokens.cache_read)
            + price.cache_write * Decimal::from(tokens.cache_write)
            + price.output * Decimal::from(tokens.output)
            + reasoning * Decimal::from(tokens.reasoning);
        let fee = self.request.unwrap_or_default() * Decimal::from(succeeded);
        Money {
            currency: self.currency.clone(),
            amount: (per_million / Decimal::from(1_000_000) + fee).normalize(),
        }
    }

    /// The most that one call can cost for which so much was set aside, whichever way the provider counts its input.
    #[must_use]
    pub fn most(&self, reserved: Reservation) -> Money {
        let dear = self.tiers.iter().filter(|tier| reserved.input > tier.above);
        let dear = dear.map(|tier| {
            let input = tier.input.max(tier.cache_read).max(tier.cache_write);
            (
                input,
                tier.output.max(tier.reasoning.unwrap_or(tier.output)),
            )
        });
        let input = self.input.max(self.cache_read).max(self.cache_write);
        let own = (
            input,
            self.output.max(self.reasoning.unwrap_or(self.output)),
        );
        let (input, output) = dear.fold(own, |most, one| (most.0.max(one.0), most.1.max(one.1)));
        let per_million =
            input * Decimal::from(reserved.input) + output * Decimal::from(reserved.output);
        let fee = self.request.unwrap_or_default();
        Money {
            currency: self.currency.clone(),
            amount: (per_million / Decimal::from(1_000_000) + fee).normalize(),
        }
    }

    /// The prices that a question of so many tokens pays, without tiers: what the ledger freezes.
    #[must_use]
    pub fn for_question(&self, tokens: u64) -> Self {
        let mut price = Self {
            tiers: Vec::new(),
            ..self.clone()
        };
        if let Some(tier) = self.tiers.iter().rfind(|tier| tokens > tier.above) {
            price.input = tier.input;
            price.cache_read = tier.cache_read;
            price.cache_write = tier.cache_write;
            price.output = tier.output;
            price.reasoning = tier.reasoning;
        }
        price
    }
}

/// A price and the day on which it came into force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatedPrice {
    /// It holds for calls opened at this time or later.
    pub effective_from: Timestamp,
    /// The price.
    pub price: Price,
}

/// The model that a price is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PricedModel {
    /// The provider.
    pub provider: ProviderId,
    /// The model's name at its provider.
    pub model: String,
    /// What the model does.
    pub model_type: ModelType,
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::{Price, PriceTier};
    use crate::ledger::{Reservation, Tokens};

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn tiered() -> Price {
        Price {
            cache_read: decimal("0.125"),
            tiers: vec![PriceTier {
                above: 200_000,
                input: decimal("2.5"),
                cache_read: decimal("0.25"),
                cache_write: decimal("2.5"),
                output: decimal("15"),
                reasoning: None,
            }],
            ..Price::plain("USD", decimal("1.25"), decimal("10"))
        }
    }

    fn used(input: u64, cache_read: u64, output: u64) -> Tokens {
        Tokens {
            input,
            cache_read,
            output,
            ..Tokens::default()
        }
    }

    #[test]
    fn no_call_costs_more_than_was_set_aside() {
        let dear = Price {
            cache_write: decimal("3"),
            reasoning: Some(decimal("20")),
            request: Some(decimal("0.5")),
            ..tiered()
        };
        for (input, output, most) in [(0, 0, "0.5"), (10, 10, "0.50023"), (200_001, 0, "1.100003")]
        {
            let reserved = Reservation { input, output };
            let set_aside = dear.most(reserved).amount;
            assert_eq!(set_aside, decimal(most), "{input} {output}");
            for tokens in [
                used(input, 0, output),
                used(0, input, output),
                Tokens {
                    cache_write: input,
                    reasoning: output,
                    ..Tokens::default()
                },
            ] {
                assert!(dear.cost(&tokens).amount <= set_aside, "{tokens:?}");
            }
        }
    }

    #[test]
    fn money_is_exact_and_each_column_has_its_price() {
        let price = Price {
            cache_read: decimal("0.075"),
            cache_write: Decimal::ZERO,
            ..Price::plain("USD", decimal("0.15"), decimal("0.6"))
        };
        let tokens = Tokens {
            input: 1,
            cache_read: 2,
            cache_write: 3,
            output: 4,
            reasoning: 5,
        };
        assert_eq!(price.cost(&tokens).amount.to_string(), "0.0000057");
        let dear = Price {
            reasoning: Some(decimal("3")),
            ..price
        };
        assert_eq!(dear.cost(&tokens).amount.to_string(), "0.0000177");
    }

    #[test]
    fn a_long_question_pays_the_whole_call_at_its_tier() {
        for (tokens, amount) in [
            (used(200_000, 0, 10), "0.2501"),
            (used(200_001, 0, 10), "0.5001525"),
            // Tokens out of the cache make a question long too.
            (used(1, 200_000, 0), "0.0500025"),
        ] {
            let price = tiered();
            assert_eq!(price.cost(&tokens).amount.to_string(), amount);
            let frozen = price.for_question(tokens.prompt());
            assert!(frozen.tiers.is_empty());
            assert_eq!(frozen.cost(&tokens), price.cost(&tokens));
        }
    }

    #[test]
    fn a_fee_is_paid_by_calls_that_succeeded() {
        let price = Price {
            request: Some(decimal("0.002")),
            ..Price::free("USD")
        };
        let none = Tokens::default();
        assert_eq!(price.cost(&none).amount.to_string(), "0.002");
        assert_eq!(price.cost_of_calls(&none, 3).amount.to_string(), "0.006");
        assert_eq!(price.cost_of_calls(&none, 0).amount, Decimal::ZERO);
    }

    #[test]
    fn a_price_written_before_there_were_tiers_can_be_read() {
        let old = r#"{"currency":"USD","input":"0.15","cache_read":"0.15","cache_write":"0.15","output":"0.6"}"#;
        let price: Price = serde_json::from_str(old).unwrap();
        assert_eq!(price, Price::plain("USD", decimal("0.15"), decimal("0.6")));
        assert_eq!(serde_json::to_string(&price).unwrap(), old);
        let again: Price =
            serde_json::from_str(&serde_json::to_string(&tiered()).unwrap()).unwrap();
        assert_eq!(again, tiered());
    }
}
