//! What a credential, a workflow or an end user may do per minute, at once, and for how much (design part 5.3).

use ::time::{Date, OffsetDateTime};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ledger::Money;
use crate::time::Timestamp;

/// The greatest limit of calls or tokens per minute, and of calls at once.
const MOST_PER_MINUTE: u64 = 1_000_000_000;
/// The longest wait for room, in milliseconds: ten minutes.
const LONGEST_WAIT: u64 = 600_000;

/// Limits of one credential, of a workflow or of an end user. What is absent is not limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Calls per minute. A minute's worth may be made at once; then room comes back evenly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u32>,
    /// Tokens per minute: what a call may use is taken when it is opened, and what it did not use is given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_per_minute: Option<u64>,
    /// Calls under way at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrent_calls: Option<u32>,
    /// How long a call may wait for room, in milliseconds; absent means not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<u64>,
}

/// An allowance per period: warned about at a share of it, refused beyond it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// The period that it is for.
    pub period: BudgetPeriod,
    /// How much may be used in it.
    pub allowance: Allowance,
    /// At which percentage of it people are warned, from 1 to 100; absent means not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warn_percent: Option<u8>,
}

/// The period of a budget, by UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetPeriod {
    /// A calendar day.
    Day,
    /// A calendar month.
    Month,
    /// For ever.
    Total,
}

/// How much may be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allowance {
    /// Money of one currency. A model without a price in it is refused (`credential_budget_unpriced`).
    Money(Money),
    /// Tokens of all kinds.
    Tokens(u64),
}

/// Limits and budgets of one holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// What may be done per minute and at once.
    #[serde(default)]
    pub limits: Limits,
    /// What may be used.
    #[serde(default)]
    pub budgets: Vec<Budget>,
}

/// The rules of a workflow, and those that hold for each of its end users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct WorkflowRules {
    /// Of all its calls together.
    #[serde(default)]
    pub workflow: Rules,
    /// Of the calls of each end user.
    #[serde(default)]
    pub end_user: Rules,
}

/// One thing that is wrong with limits or budgets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleProblem {
    /// Where: a JSON pointer from the rules on, such as `/budgets/0/warn_percent`.
    pub pointer: String,
    /// The message, for people.
    pub message: String,
}

impl BudgetPeriod {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Day, Self::Month, Self::Total];

    /// The name used in tables and bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Total => "total",
        }
    }

    /// Reads [`BudgetPeriod::as_str`] back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.as_str() == text)
    }

    /// When the period that `at` is in began; of the one that never ends, the beginning of time.
    #[must_use]
    pub fn start(self, at: Timestamp) -> Timestamp {
        match self {
            Self::Day => midnight(date(at)),
            Self::Month => midnight(date(at).replace_day(1).unwrap_or(Date::MIN)),
            Self::Total => Timestamp::from_millis(0),
        }
    }

    /// When the period that `at` is in ends; none of the one that never ends.
    #[must_use]
    pub fn end(self, at: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Day => date(at).next_day().map(midnight),
            Self::Month => {
                // The first day is followed by the same day of the next month, 28 to 31 days later.
                let first = self.start(at).plus_millis(31 * DAY);
                Some(self.start(first))
            }
            Self::Total => None,
        }
    }
}

const DAY: i64 = 86_400_000;

fn date(at: Timestamp) -> Date {
    OffsetDateTime::from_unix_timestamp(at.seconds()).map_or(Date::MIN, OffsetDateTime::date)
}

fn midnight(day: Date) -> Timestamp {
    let seconds = day.midnight().assume_utc().unix_timestamp();
    Timestamp::from_millis(seconds.saturating_mul(1000))
}

impl Allowance {
    /// What it is counted in: `tokens`, or the currency.
    #[must_use]
    pub fn unit(&self) -> &str {
        match self {
            Self::Money(money) => &money.currency,
            Self::Tokens(_) => TOKENS,
        }
    }

    /// How much it is, in its unit.
    #[must_use]
    pub fn amount(&self) -> Decimal {
        match self {
            Self::Money(money) => money.amount,
            Self::Tokens(tokens) => Decimal::from(*tokens),
        }
    }
}

/// The unit of an allowance of tokens.
pub const TOKENS: &str = "tokens";

impl Budget {
    /// How much of it has to be used before people are warned.
    #[must_use]
    pub fn warns_at(&self) -> Option<Decimal> {
        let share = Decimal::from(self.warn_percent?) / Decimal::ONE_HUNDRED;
        Some((self.allowance.amount() * share).normalize())
    }
}

impl Limits {
    /// Whether nothing is limited; how long a call waits for room limits nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.requests_per_minute.is_none()
            && self.tokens_per_minute.is_none()
            && self.concurrent_calls.is_none()
    }

    fn problems(&self, tell: &mut impl FnMut(&str, &str)) {
        let counts = [
            (
                "/limits/requests_per_minute",
                self.requests_per_minute.map(u64::from),
            ),
            ("/limits/tokens_per_minute", self.tokens_per_minute),
            (
                "/limits/concurrent_calls",
                self.concurrent_calls.map(u64::from),
            ),
        ];
        for (pointer, count) in counts {
            if count.is_some_and(|count| !(1..=MOST_PER_MINUTE).contains(&count)) {
                tell(pointer, "a number from 1 to 1,000,000,000 is needed");
            }
        }
        if self.wait_ms.is_some_and(|wait| wait > LONGEST_WAIT) {
            tell("/limits/wait_ms", "a call waits 600,000 ms at most");
        }
    }
}

impl Rules {
    /// Whether nothing is limited.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.limits.is_empty() && self.budgets.is_empty()
    }

    /// Everything that is wrong with them.
    #[must_use]
    pub fn problems(&self) -> Vec<RuleProblem> {
        let mut problems = Vec::new();
        let mut tell = |pointer: &str, message: &str| {
            problems.push(RuleProblem {
                pointer: pointer.to_owned(),
                message: message.to_owned(),
            });
        };
        self.limits.problems(&mut tell);
        for (place, budget) in self.budgets.iter().enumerate() {
            let at = |field: &str| format!("/budgets/{place}{field}");
            match &budget.allowance {
                Allowance::Tokens(0) => tell(&at("/tokens"), "a number from 1 on is needed"),
                Allowance::Tokens(_) => {}
                Allowance::Money(money) => {
                    if !is_currency(&money.currency) {
                        let text = "a currency of three capital letters is needed, such as USD";
                        tell(&at("/money/currency"), text);
                    }
                    if money.amount <= Decimal::ZERO || money.amount > MOST_MONEY {
                        tell(&at("/money/amount"), "an amount above zero is needed");
                    }
                }
            }
            if budget
                .warn_percent
                .is_some_and(|share| !(1..=100).contains(&share))
            {
                tell(&at("/warn_percent"), "a number from 1 to 100 is needed");
            }
            let is_same = |other: &Budget| {
                other.period == budget.period && other.allowance.unit() == budget.allowance.unit()
            };
            if self.budgets[..place].iter().any(is_same) {
                tell(&at(""), "an earlier budget is for the same period and unit");
            }
        }
        problems
    }
}

/// The greatest amount of a budget: more than anybody spends, and few enough digits to be added exactly.
const MOST_MONEY: Decimal = Decimal::from_parts(u32::MAX, u32::MAX >> 12, 0, false, 0);

fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::{Allowance, Budget, BudgetPeriod, Limits, Rules};
    use crate::ledger::Money;
    use crate::time::Timestamp;

    fn money(amount: &str, currency: &str) -> Allowance {
        Allowance::Money(Money {
            currency: currency.to_owned(),
            amount: amount.parse().unwrap(),
        })
    }

    #[test]
    fn periods_begin_and_end_by_the_calendar() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        for (period, now, start, end) in [
            (
                BudgetPeriod::Day,
                "2026-03-31T23:59:59.999Z",
                "2026-03-31T00:00:00Z",
                "2026-04-01T00:00:00Z",
            ),
            (
                BudgetPeriod::Day,
                "2028-02-29T00:00:00Z",
                "2028-02-29T00:00:00Z",
                "2028-03-01T00:00:00Z",
            ),
            (
                BudgetPeriod::Month,
                "2026-12-31T12:00:00Z",
                "2026-12-01T00:00:00Z",
                "2027-01-01T00:00:00Z",
            ),
            (
                BudgetPeriod::Month,
                "2026-02-01T00:00:00Z",
                "2026-02-01T00:00:00Z",
                "2026-03-01T00:00:00Z",
            ),
        ] {
            assert_eq!(period.start(at(now)), at(start), "{now}");
            assert_eq!(period.end(at(now)), Some(at(end)), "{now}");
            assert_eq!(BudgetPeriod::parse(period.as_str()), Some(period));
        }
        let now = at("2026-05-05T05:05:05Z");
        assert_eq!(BudgetPeriod::Total.start(now), Timestamp::from_millis(0));
        assert_eq!(BudgetPeriod::Total.end(now), None);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let budget = |allowance, warn_percent| Budget {
            period: BudgetPeriod::Day,
            allowance,
            warn_percent,
        };
        let rules = Rules {
            limits: Limits {
                requests_per_minute: Some(0),
                tokens_per_minute: Some(2_000_000_000),
                concurrent_calls: Some(0),
                wait_ms: Some(600_001),
            },
            budgets: vec![
                budget(money("0", "USD"), Some(0)),
                budget(money("-1", "usd"), Some(101)),
                budget(Allowance::Tokens(0), Some(1)),
                budget(money("1", "USD"), Some(100)),
            ],
        };
        let told: Vec<String> = rules
            .problems()
            .into_iter()
            .map(|one| one.pointer)
            .collect();
        assert_eq!(
            told,
            [
                "/limits/requests_per_minute",
                "/limits/tokens_per_minute",
                "/limits/concurrent_calls",
                "/limits/wait_ms",
                "/budgets/0/money/amount",
                "/budgets/0/warn_percent",
                "/budgets/1/money/currency",
                "/budgets/1/money/amount",
                "/budgets/1/warn_percent",
                "/budgets/2/tokens",
                "/budgets/3",
            ]
        );
        assert!(Rules::default().problems().is_empty());
    }

    #[test]
    fn people_are_warned_at_a_share() {
        for (allowance, percent, at) in [
            (money("10", "USD"), Some(80), Some("8")),
            (Allowance::Tokens(1001), Some(50), Some("500.5")),
            (Allowance::Tokens(10), None, None),
        ] {
            let budget = Budget {
                period: BudgetPeriod::Total,
                allowance,
                warn_percent: percent,
            };
            let told = budget.warns_at().map(|at| at.to_string());
            assert_eq!(told.as_deref(), at);
        }
    }
}
