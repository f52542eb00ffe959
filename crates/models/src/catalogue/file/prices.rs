//! The prices in the catalogue's files. A number is read as it is written: no decimal goes through a float.

use latchkey_domain::price::{DatedPrice, Price, PriceTier};
use latchkey_domain::provider::ModelType;
use latchkey_domain::time::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::catalogue::{ListedPrice, Peak, PeakHours, PriceList};

/// The prices of a model since a day.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PriceRow {
    effective_from: String,
    input: Option<String>,
    /// Absent means as much as input, here as below.
    cache_read: Option<String>,
    cache_write: Option<String>,
    output: Option<String>,
    /// Absent means as much as output.
    reasoning: Option<String>,
    /// A fee of each call that succeeds.
    request: Option<String>,
    peak: Option<PeakRow>,
    #[serde(default)]
    tiers: Vec<TierRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PeakRow {
    utc: String,
    input: String,
    cache_read: Option<String>,
    cache_write: Option<String>,
    output: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TierRow {
    above: u64,
    input: String,
    cache_read: Option<String>,
    cache_write: Option<String>,
    output: String,
    reasoning: Option<String>,
}

/// The price list of a model.
pub(super) fn list(
    rows: Vec<PriceRow>,
    free: bool,
    currency: &str,
    model_type: ModelType,
) -> Result<PriceList, String> {
    let is_code = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase());
    if !is_code {
        return Err(format!("{currency} is no currency"));
    }
    if free {
        return match rows.is_empty() {
            true => Ok(PriceList::always(Price::free(currency))),
            false => Err("what is free has no prices".to_owned()),
        };
    }
    let mut listed: Vec<ListedPrice> = Vec::with_capacity(rows.len());
    for row in rows {
        let since = day(&row.effective_from)?;
        let before = listed.last().map(|last| last.dated.effective_from);
        if before.is_some_and(|before| before >= since) {
            return Err(format!("{} is not later", row.effective_from));
        }
        listed.push(row.checked(since, currency, model_type)?);
    }
    Ok(PriceList::new(listed))
}

/// The beginning of a day such as `2026-11-18`, by UTC.
pub(super) fn day(text: &str) -> Result<Timestamp, String> {
    let is_day = text.len() == 10;
    let time = Timestamp::parse(&format!("{text}T00:00:00Z"));
    time.filter(|_| is_day)
        .ok_or_else(|| format!("{text:?} is no day"))
}

impl PriceRow {
    fn checked(
        self,
        since: Timestamp,
        currency: &str,
        model_type: ModelType,
    ) -> Result<ListedPrice, String> {
        let is_llm = model_type == ModelType::Llm;
        if is_llm != self.output.is_some() {
            return Err("language models have a price of output, others have none".to_owned());
        }
        if self.input.is_none() && (is_llm || self.request.is_none()) {
            return Err("there is no price of input".to_owned());
        }
        if !is_llm && (!self.tiers.is_empty() || self.peak.is_some() || self.reasoning.is_some()) {
            return Err("tiers, peaks and reasoning belong to language models".to_owned());
        }
        let input = optional(self.input.as_deref())?.unwrap_or_default();
        let mut price = Price {
            cache_read: optional(self.cache_read.as_deref())?.unwrap_or(input),
            cache_write: optional(self.cache_write.as_deref())?.unwrap_or(input),
            reasoning: optional(self.reasoning.as_deref())?,
            request: optional(self.request.as_deref())?,
            ..Price::plain(
                currency,
                input,
                optional(self.output.as_deref())?.unwrap_or_default(),
            )
        };
        let peak = self.peak.map(|peak| peak.checked(&price)).transpose()?;
        for tier in self.tiers {
            let before = price.tiers.last().map_or(0, |tier| tier.above);
            if tier.above <= before {
                return Err(format!("{} is not longer", tier.above));
            }
            price.tiers.push(tier.checked()?);
        }
        Ok(ListedPrice {
            dated: DatedPrice {
                effective_from: since,
                price,
            },
            peak,
        })
    }
}

impl PeakRow {
    fn checked(self, usual: &Price) -> Result<Peak, String> {
        let input = amount(&self.input)?;
        Ok(Peak {
            hours: PeakHours::parse(&self.utc)?,
            price: Price {
                cache_read: optional(self.cache_read.as_deref())?.unwrap_or(input),
                cache_write: optional(self.cache_write.as_deref())?.unwrap_or(input),
                request: usual.request,
                ..Price::plain(&usual.currency, input, amount(&self.output)?)
            },
        })
    }
}

impl TierRow {
    fn checked(self) -> Result<PriceTier, String> {
        let input = amount(&self.input)?;
        Ok(PriceTier {
            above: self.above,
            input,
            cache_read: optional(self.cache_read.as_deref())?.unwrap_or(input),
            cache_write: optional(self.cache_write.as_deref())?.unwrap_or(input),
            output: amount(&self.output)?,
            reasoning: optional(self.reasoning.as_deref())?,
        })
    }
}

fn optional(text: Option<&str>) -> Result<Option<Decimal>, String> {
    text.map(amount).transpose()
}

/// A price: more than nothing, since what costs nothing says so with `free`.
fn amount(text: &str) -> Result<Decimal, String> {
    let amount: Decimal = text.parse().map_err(|_| format!("{text:?} is no number"))?;
    (amount > Decimal::ZERO)
        .then_some(amount)
        .ok_or_else(|| format!("{text} is not above zero"))
}
