//! What a credential may do per minute, at once, and for how much (design part 5.3).

use serde::{Deserialize, Serialize};

use crate::ledger::Money;

/// Limits of one credential, of a workflow or of an end user. What is absent is not limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Calls per minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u32>,
    /// Tokens per minute, as reserved when a call is opened.
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
