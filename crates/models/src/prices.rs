//! What a workspace states about prices, as it is at one moment.

use std::collections::HashMap;

use latchkey_domain::price::{DatedPrice, Price, PricedModel};
use latchkey_domain::time::Timestamp;

/// The prices that a workspace has stated. They are stronger than the catalogue's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedPrices {
    /// Of each model in ascending order of time.
    of: HashMap<PricedModel, Vec<DatedPrice>>,
}

impl StatedPrices {
    /// What is stated about a call that is opened at this time; none leaves it to the catalogue.
    #[must_use]
    pub fn at(&self, model: &PricedModel, time: Timestamp) -> Option<&Price> {
        let rows = self.of.get(model)?;
        let row = rows.iter().rfind(|row| row.effective_from <= time)?;
        Some(&row.price)
    }

    /// Whether nothing is stated at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }
}

impl FromIterator<(PricedModel, DatedPrice)> for StatedPrices {
    fn from_iter<I: IntoIterator<Item = (PricedModel, DatedPrice)>>(rows: I) -> Self {
        let mut all = Self::default();
        for (model, row) in rows {
            all.of.entry(model).or_default().push(row);
        }
        for rows in all.of.values_mut() {
            rows.sort_by_key(|row| row.effective_from);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use latchkey_domain::price::{DatedPrice, Price, PricedModel};
    use latchkey_domain::provider::{ModelType, ProviderId};
    use latchkey_domain::time::Timestamp;
    use rust_decimal::Decimal;

    use super::StatedPrices;

    #[test]
    fn the_last_statement_that_holds_counts() {
        let model = PricedModel {
            provider: ProviderId::normalise("openai"),
            model: "gpt-4o".to_owned(),
            model_type: ModelType::Llm,
        };
        let other = PricedModel {
            model_type: ModelType::Rerank,
            ..model.clone()
        };
        let row = |from: i64, input: u32| DatedPrice {
            effective_from: Timestamp::from_millis(from),
            price: Price::plain("EUR", Decimal::from(input), Decimal::ONE),
        };
        let rows = [(model.clone(), row(20, 2)), (model.clone(), row(10, 1))];
        let stated: StatedPrices = rows.into_iter().collect();
        assert!(!stated.is_empty());
        for (time, input) in [
            (9, None),
            (10, Some(1)),
            (19, Some(1)),
            (20, Some(2)),
            (99, Some(2)),
        ] {
            let price = stated.at(&model, Timestamp::from_millis(time));
            assert_eq!(
                price.map(|price| price.input),
                input.map(|input: u32| Decimal::from(input)),
                "{time}"
            );
        }
        assert_eq!(stated.at(&other, Timestamp::from_millis(50)), None);
    }
}
