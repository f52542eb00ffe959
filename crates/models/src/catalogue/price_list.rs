//! The prices of one model over time, with the hours at which some providers charge more.

use std::fmt;

use latchkey_domain::price::{DatedPrice, Price};
use latchkey_domain::time::Timestamp;

const MINUTES_A_DAY: i64 = 24 * 60;

/// The prices of a model, by the day on which each came into force.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct PriceList {
    /// In ascending order; empty when no price is known.
    rows: Vec<ListedPrice>,
}

/// One price of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPrice {
    /// What it is, and since when.
    pub dated: DatedPrice,
    /// What it is at the provider's peak hours, if it has any.
    pub peak: Option<Peak>,
}

/// What a call costs that is opened at a busy hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peak {
    /// When that is.
    pub hours: PeakHours,
    /// What it costs then.
    pub price: Price,
}

/// Hours of the UTC day, on some days of the week. Public holidays are not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeakHours {
    weekdays_only: bool,
    /// From (included) and to (not included), in minutes of the day.
    spans: Vec<(u16, u16)>,
}

impl PriceList {
    /// A list of these rows.
    #[must_use]
    pub fn new(mut rows: Vec<ListedPrice>) -> Self {
        rows.sort_by_key(|row| row.dated.effective_from);
        Self { rows }
    }

    /// One price without a beginning.
    #[must_use]
    pub fn always(price: Price) -> Self {
        Self::new(vec![ListedPrice {
            dated: DatedPrice {
                effective_from: Timestamp::from_millis(i64::MIN),
                price,
            },
            peak: None,
        }])
    }

    /// The price of a call that is opened at this time; none when it is unknown.
    #[must_use]
    pub fn at(&self, time: Timestamp) -> Option<&Price> {
        let is_in_force = |row: &&ListedPrice| row.dated.effective_from <= time;
        let row = self.rows.iter().rfind(is_in_force)?;
        let peak = row.peak.as_ref().filter(|peak| peak.hours.contain(time));
        Some(peak.map_or(&row.dated.price, |peak| &peak.price))
    }

    /// All prices, in the order in which they come into force.
    #[must_use]
    pub fn rows(&self) -> &[ListedPrice] {
        &self.rows
    }
}

impl PeakHours {
    /// Reads hours as the files have them: `mon-fri` or `daily`, then spans such as `01:00-04:00`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let weekdays_only = match words.next() {
            Some("mon-fri") => true,
            Some("daily") => false,
            _ => return Err(format!("{text:?} does not begin with mon-fri or daily")),
        };
        let span = |word: &str| {
            let (from, to) = word.split_once('-')?;
            let (from, to) = (minute(from)?, minute(to)?);
            (from < to).then_some((from, to))
        };
        let spans: Option<Vec<_>> = words.map(span).collect();
        match spans {
            Some(spans) if !spans.is_empty() => Ok(Self {
                weekdays_only,
                spans,
            }),
            _ => Err(format!("{text:?} has no spans such as 01:00-04:00")),
        }
    }

    fn contain(&self, time: Timestamp) -> bool {
        let minutes = time.seconds().div_euclid(60);
        let minute = minutes.rem_euclid(MINUTES_A_DAY);
        // The first of January 1970 was a Thursday; days are counted from Monday.
        let weekday = (minutes.div_euclid(MINUTES_A_DAY) + 3).rem_euclid(7);
        let is_in = |(from, to): &(u16, u16)| (i64::from(*from)..i64::from(*to)).contains(&minute);
        (!self.weekdays_only || weekday < 5) && self.spans.iter().any(is_in)
    }
}

impl fmt::Display for PeakHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.weekdays_only {
            "mon-fri"
        } else {
            "daily"
        })?;
        for (from, to) in &self.spans {
            let [from, to] = [from, to].map(|minute| (minute / 60, minute % 60));
            write!(f, " {:02}:{:02}-{:02}:{:02}", from.0, from.1, to.0, to.1)?;
        }
        Ok(())
    }
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    if hour.len() != 2 || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (minute < 60 && hour * 60 + minute <= 24 * 60).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use latchkey_domain::price::{DatedPrice, Price};
    use latchkey_domain::time::Timestamp;
    use rust_decimal::Decimal;

    use super::{ListedPrice, Peak, PeakHours, PriceList};

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn price(input: u32) -> Price {
        Price::plain("USD", Decimal::from(input), Decimal::ONE)
    }

    fn row(from: &str, input: u32) -> ListedPrice {
        ListedPrice {
            dated: DatedPrice {
                effective_from: at(from),
                price: price(input),
            },
            peak: None,
        }
    }

    #[test]
    fn the_row_in_force_at_the_time_of_the_call_counts() {
        let list = PriceList::new(vec![
            row("2026-07-30T00:00:00Z", 2),
            row("2026-01-01T00:00:00Z", 1),
            row("2027-01-01T00:00:00Z", 3),
        ]);
        for (time, expected) in [
            ("2025-12-31T23:59:59.999Z", None),
            ("2026-01-01T00:00:00Z", Some(price(1))),
            ("2026-07-29T23:59:59.999Z", Some(price(1))),
            ("2026-07-30T00:00:00Z", Some(price(2))),
            ("2030-01-01T00:00:00Z", Some(price(3))),
        ] {
            assert_eq!(list.at(at(time)), expected.as_ref(), "{time}");
        }
        let always = PriceList::always(price(7));
        assert_eq!(always.at(at("1970-01-01T00:00:00Z")), Some(&price(7)));
    }

    #[test]
    fn a_peak_is_on_its_days_and_at_its_hours_only() {
        let hours = PeakHours::parse("mon-fri 01:00-04:00 06:00-10:00").unwrap();
        let mut listed = row("2026-01-01T00:00:00Z", 1);
        listed.peak = Some(Peak {
            hours,
            price: price(2),
        });
        let list = PriceList::new(vec![listed]);
        // The 23rd of November 2026 is a Monday.
        for (time, expected) in [
            ("2026-11-23T00:59:59.999Z", 1),
            ("2026-11-23T01:00:00Z", 2),
            ("2026-11-23T03:59:59.999Z", 2),
            ("2026-11-23T04:00:00Z", 1),
            ("2026-11-27T06:00:00Z", 2),
            ("2026-11-27T10:00:00Z", 1),
            ("2026-11-28T06:00:00Z", 1),
            ("2026-11-29T01:30:00Z", 1),
        ] {
            assert_eq!(list.at(at(time)), Some(&price(expected)), "{time}");
        }
    }

    #[test]
    fn hours_that_are_none_are_refused() {
        for text in [
            "",
            "mon-fri",
            "tue 01:00-02:00",
            "daily 1:00-02:00",
            "daily 02:00-01:00",
            "daily 23:00-24:01",
            "daily 10:60-11:00",
            "daily 10:00",
        ] {
            assert!(PeakHours::parse(text).is_err(), "{text}");
        }
        for text in ["daily 00:00-24:00", "mon-fri 01:00-04:00 06:30-10:05"] {
            assert_eq!(PeakHours::parse(text).unwrap().to_string(), text);
        }
    }
}
