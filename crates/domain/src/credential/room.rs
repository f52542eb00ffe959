//! Whose limits and budgets a call has to keep to, and why there is no room for one.

use std::fmt;

use rust_decimal::Decimal;

use crate::credential::{BudgetPeriod, CredentialCode};
use crate::id::{CredentialId, WorkflowId};

/// Somebody with limits and budgets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Holder {
    /// A stored credential: all calls that it pays.
    Credential(CredentialId),
    /// A workflow: all its calls, whoever pays.
    Workflow(WorkflowId),
    /// An end user of a workflow, by the label.
    EndUser(WorkflowId, String),
}

impl Holder {
    /// What kind it is of.
    #[must_use]
    pub const fn kind(&self) -> HolderKind {
        match self {
            Self::Credential(_) => HolderKind::Credential,
            Self::Workflow(_) => HolderKind::Workflow,
            Self::EndUser(..) => HolderKind::EndUser,
        }
    }

    /// Its name in tables: no two have the same.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Credential(id) => format!("credential:{id}"),
            Self::Workflow(id) => format!("workflow:{id}"),
            Self::EndUser(id, label) => format!("end_user:{id}:{label}"),
        }
    }
}

/// The kinds of those who have limits and budgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HolderKind {
    /// The credential that pays.
    Credential,
    /// The workflow that asks.
    Workflow,
    /// The end user whom the run is for.
    EndUser,
}

impl HolderKind {
    /// The name used in bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::Workflow => "workflow",
            Self::EndUser => "end_user",
        }
    }
}

/// Why there is no room for a call now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom {
    /// Whose rule it is.
    pub whose: HolderKind,
    /// The rule.
    pub rule: FullRule,
    /// After how many milliseconds there may be room; none when nobody knows.
    pub retry_after_ms: Option<u64>,
    /// How many milliseconds a call may wait for it.
    pub wait_ms: u64,
}

/// A rule that leaves no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FullRule {
    /// So many calls per minute.
    Requests(u32),
    /// So many tokens per minute.
    Tokens(u64),
    /// So many calls at once.
    Concurrent(u32),
    /// The provider has asked for a pause, or does not answer.
    Cooling,
    /// A budget has less left than the call may use.
    Budget {
        /// Its period.
        period: BudgetPeriod,
        /// What the call may use at most, in the budget's unit.
        needed: Decimal,
        /// What is left.
        left: Decimal,
    },
    /// A budget of money, and no price in its currency.
    Unpriced,
}

impl NoRoom {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> CredentialCode {
        match self.rule {
            FullRule::Requests(_)
            | FullRule::Tokens(_)
            | FullRule::Concurrent(_)
            | FullRule::Cooling => CredentialCode::RateLimited,
            FullRule::Budget { .. } => CredentialCode::BudgetExceeded,
            FullRule::Unpriced => CredentialCode::BudgetUnpriced,
        }
    }
}

/// For people: tells numbers of the rule, and names nobody.
impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = match self.whose {
            HolderKind::Credential => "the credential",
            HolderKind::Workflow => "the workflow",
            HolderKind::EndUser => "the end user",
        };
        match self.rule {
            FullRule::Requests(limit) => write!(f, "{whose} may make {limit} calls per minute")?,
            FullRule::Tokens(limit) => write!(f, "{whose} may use {limit} tokens per minute")?,
            FullRule::Concurrent(limit) => write!(f, "{whose} may have {limit} calls at once")?,
            FullRule::Cooling => write!(f, "{whose} is given a pause, as its provider wants")?,
            FullRule::Budget {
                period,
                needed,
                left,
            } => {
                let period = match period {
                    BudgetPeriod::Day => "for the day",
                    BudgetPeriod::Month => "for the month",
                    BudgetPeriod::Total => "in all",
                };
                write!(
                    f,
                    "{whose} has {left} left {period}, and the call may use {needed}"
                )?;
            }
            FullRule::Unpriced => write!(
                f,
                "{whose} has a budget of money, and the model has no price in its currency"
            )?,
        }
        match self.retry_after_ms {
            Some(millis) => write!(f, "; there may be room in {millis} ms"),
            None => Ok(()),
        }
    }
}
