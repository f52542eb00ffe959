//! What a workspace states about prices: a contract's own, or those of models that the catalogue does not know. They hold for
//! calls that are opened from then on; what is in the ledger stays.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::price::{DatedPrice, Price, PricedModel};
use latchkey_domain::time::Timestamp;
use latchkey_store::StatedPrice;
use serde_json::json;
use uuid::Uuid;

use crate::access::check_text;
use crate::credentials::MODEL;
use crate::error::{Error, ErrorItem};
use crate::{Service, require};

/// The most that a million tokens, or a call, may be said to cost: what is above it is a slip.
const MOST: u32 = 100_000_000;
/// The most decimal places of a price.
const PLACES: u32 = 12;
/// The most tiers of a price.
const TIERS: usize = 16;

impl Service {
    /// What the workspace states about prices, by provider, model and time.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn prices(&self, caller: &Caller) -> Result<Vec<StatedPrice>, Error> {
        require(caller, Permission::UsageRead)?;
        Ok(self.inner.store.prices(caller.workspace).await?)
    }

    /// States a price since a time, which is now if nobody says; what was stated for that time is replaced.
    ///
    /// # Errors
    /// When the caller may not, there is no such provider, or the price makes no sense.
    pub async fn put_price(
        &self,
        caller: &Caller,
        model: PricedModel,
        effective_from: Option<Timestamp>,
        price: Price,
    ) -> Result<StatedPrice, Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::CredentialsWrite)?;
            check_text(&model.model, "/model", MODEL)?;
            if model.model.is_empty() {
                let detail = "the name of a model is needed";
                return Err(Error::field("invalid_input", "/model", detail));
            }
            let catalogue = service.inner.models.catalogue();
            if catalogue.provider(&model.provider).is_none() {
                let detail = format!("there is no provider {}", model.provider);
                return Err(Error::field("provider_unknown", "/provider", detail));
            }
            check_price(&price)?;
            let mut stated = StatedPrice {
                id: Service::new_id(),
                model,
                dated: DatedPrice {
                    effective_from: effective_from.unwrap_or_else(|| service.now()),
                    price,
                },
                updated_at: service.now(),
            };
            let kept = service.inner.store.set_price(caller.workspace, &stated);
            let kept = kept.await;
            service.inner.facts.changed();
            stated.id = kept?;
            let StatedPrice {
                id, model, dated, ..
            } = &stated;
            let detail = json!({"provider": model.provider, "model": model.model, "model_type": model.model_type,
                "effective_from": dated.effective_from, "currency": dated.price.currency});
            service.audit(&caller, "price.set", id, detail).await?;
            Ok(stated)
        };
        self.complete(caller, change).await
    }

    /// Takes a stated price away.
    ///
    /// # Errors
    /// When the caller may not, or there is no such price.
    pub async fn delete_price(&self, caller: &Caller, id: Uuid) -> Result<(), Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::CredentialsWrite)?;
            let store = &service.inner.store;
            let deleted = store.delete_price(caller.workspace, id).await;
            service.inner.facts.changed();
            let StatedPrice { model, dated, .. } =
                deleted?.ok_or_else(|| Error::not_found("price"))?;
            let detail = json!({"provider": model.provider, "model": model.model, "model_type": model.model_type,
                "effective_from": dated.effective_from});
            service.audit(&caller, "price.delete", id, detail).await
        };
        self.complete(caller, change).await
    }
}

/// Every place of a price that makes no sense.
fn check_price(price: &Price) -> Result<(), Error> {
    let mut wrong = Vec::new();
    let mut tell = |pointer: String, message: &str| {
        wrong.push(ErrorItem {
            code: "invalid_input".to_owned(),
            message: message.to_owned(),
            pointer: Some(pointer),
            ..ErrorItem::default()
        });
    };
    let code = price.currency.as_bytes();
    if code.len() != 3 || !code.iter().all(u8::is_ascii_uppercase) {
        tell(
            "/currency".to_owned(),
            "an ISO 4217 code is needed, such as USD",
        );
    }
    let mut amounts = vec![
        ("/input".to_owned(), Some(price.input)),
        ("/cache_read".to_owned(), Some(price.cache_read)),
        ("/cache_write".to_owned(), Some(price.cache_write)),
        ("/output".to_owned(), Some(price.output)),
        ("/reasoning".to_owned(), price.reasoning),
        ("/request".to_owned(), price.request),
    ];
    if price.tiers.len() > TIERS {
        tell("/tiers".to_owned(), "at most 16 tiers are possible");
    }
    let mut before = 0;
    for (place, tier) in price.tiers.iter().enumerate() {
        let at = format!("/tiers/{place}");
        if tier.above <= before {
            let needed = "a number above zero and above that of the tier before is needed";
            tell(format!("{at}/above"), needed);
        }
        before = tier.above;
        amounts.extend([
            (format!("{at}/input"), Some(tier.input)),
            (format!("{at}/cache_read"), Some(tier.cache_read)),
            (format!("{at}/cache_write"), Some(tier.cache_write)),
            (format!("{at}/output"), Some(tier.output)),
            (format!("{at}/reasoning"), tier.reasoning),
        ]);
    }
    for (pointer, amount) in amounts {
        let is_wrong = amount.is_some_and(|amount| {
            amount.is_sign_negative() && !amount.is_zero()
                || amount > MOST.into()
                || amount.normalize().scale() > PLACES
        });
        if is_wrong {
            let needed = "an amount from 0 to 100000000 with at most 12 decimal places is needed";
            tell(pointer, needed);
        }
    }
    match wrong.first() {
        None => Ok(()),
        Some(first) => {
            let detail = first.message.clone();
            Err(Error::unprocessable("invalid_input", detail).with(wrong))
        }
    }
}

#[cfg(test)]
mod tests {
    use latchkey_domain::price::{Price, PriceTier};
    use rust_decimal::Decimal;

    use super::check_price;

    fn wrong(price: &Price) -> Vec<String> {
        let refused = check_price(price).err();
        let places = refused.into_iter().flat_map(|error| error.errors);
        places.filter_map(|item| item.pointer).collect()
    }

    #[test]
    fn a_price_that_makes_no_sense_is_refused_with_every_place() {
        let good = Price::plain("USD", Decimal::ONE, Decimal::TWO);
        assert_eq!(wrong(&good), Vec::<String>::new());
        assert_eq!(wrong(&Price::free("EUR")), Vec::<String>::new());
        let tier = |above| PriceTier {
            above,
            input: Decimal::ONE,
            cache_read: Decimal::ONE,
            cache_write: Decimal::ONE,
            output: Decimal::ONE,
            reasoning: Some(Decimal::NEGATIVE_ONE),
        };
        let bad = Price {
            currency: "usd".to_owned(),
            input: Decimal::NEGATIVE_ONE,
            cache_write: Decimal::from(100_000_001),
            request: Some("0.0000000000001".parse().unwrap()),
            tiers: vec![tier(5), tier(5)],
            ..good
        };
        let places = [
            "/currency",
            "/tiers/1/above",
            "/input",
            "/cache_write",
            "/request",
            "/tiers/0/reasoning",
            "/tiers/1/reasoning",
        ];
        assert_eq!(wrong(&bad), places);
    }
}
