//! Limits, budgets, how they stand, and who is told.

use latchkey_domain::credential::{
    Allowance, Budget, BudgetPeriod, Health, Limits, Rules, WorkflowRules,
};
use latchkey_domain::ledger::Money;
use latchkey_service::{BudgetEvent, BudgetState, BudgetWebhook, LimitsInUse, WorkflowStanding};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::{IntoParams, ToSchema};

use crate::body::Object;
use crate::problem::Refusal;
use crate::routes::wrong;

/// What may be done per minute and at once. What is absent is not limited.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitsBody {
    /// Calls per minute: a minute's worth may be made at once, then room comes back evenly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    requests_per_minute: Option<u32>,
    /// Tokens per minute: what a call may use is taken when it begins, what it did not use is given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tokens_per_minute: Option<u64>,
    /// Calls at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    concurrent_calls: Option<u32>,
    /// How long a call may wait for room, in ms; not at all unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wait_ms: Option<u64>,
}

impl From<LimitsBody> for Limits {
    fn from(body: LimitsBody) -> Self {
        Self {
            requests_per_minute: body.requests_per_minute,
            tokens_per_minute: body.tokens_per_minute,
            concurrent_calls: body.concurrent_calls,
            wait_ms: body.wait_ms,
        }
    }
}

impl From<Limits> for LimitsBody {
    fn from(limits: Limits) -> Self {
        Self {
            requests_per_minute: limits.requests_per_minute,
            tokens_per_minute: limits.tokens_per_minute,
            concurrent_calls: limits.concurrent_calls,
            wait_ms: limits.wait_ms,
        }
    }
}

/// What is taken of limits now. A minute's worth may be taken at once and comes back evenly, so this falls while nobody calls. What is
/// not limited is absent.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct LimitsInUseView {
    /// Of the calls per minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    requests_per_minute: Option<u64>,
    /// Of the tokens per minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens_per_minute: Option<u64>,
    /// Calls under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    concurrent_calls: Option<u64>,
}

impl From<LimitsInUse> for LimitsInUseView {
    fn from(in_use: LimitsInUse) -> Self {
        Self {
            requests_per_minute: in_use.requests,
            tokens_per_minute: in_use.tokens,
            concurrent_calls: in_use.calls,
        }
    }
}

/// An amount of money.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AmountBody {
    /// ISO 4217 code.
    currency: String,
    /// A decimal text.
    amount: String,
}

/// What may be used in a period: either `money` or `tokens`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BudgetBody {
    /// day, month (both by UTC) or total.
    #[schema(value_type = String)]
    period: BudgetPeriod,
    /// So much money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<AmountBody>)]
    money: Option<Object<AmountBody>>,
    /// So many tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tokens: Option<u64>,
    /// At which percentage people are warned, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    warn_percent: Option<u8>,
}

impl BudgetBody {
    fn budget(self, pointer: &str) -> Result<Budget, Refusal> {
        let allowance = match (self.money, self.tokens) {
            (Some(Object(money)), None) => Allowance::Money(Money {
                amount: money.amount.parse().map_err(|_| {
                    wrong(
                        &format!("{pointer}/money/amount"),
                        "a decimal text is needed",
                    )
                })?,
                currency: money.currency,
            }),
            (None, Some(tokens)) => Allowance::Tokens(tokens),
            (Some(_), Some(_)) | (None, None) => {
                return Err(wrong(pointer, "either money or tokens is needed"));
            }
        };
        Ok(Budget {
            period: self.period,
            allowance,
            warn_percent: self.warn_percent,
        })
    }
}

/// Budgets of a body, the first of which stands at `pointer`/0.
pub(crate) fn budgets(
    bodies: Vec<Object<BudgetBody>>,
    pointer: &str,
) -> Result<Vec<Budget>, Refusal> {
    let bodies = bodies.into_iter().enumerate();
    bodies
        .map(|(place, Object(body))| body.budget(&format!("{pointer}/{place}")))
        .collect()
}

impl From<Budget> for BudgetBody {
    fn from(budget: Budget) -> Self {
        let (money, tokens) = match budget.allowance {
            Allowance::Money(money) => (
                Some(Object(AmountBody {
                    currency: money.currency,
                    amount: money.amount.normalize().to_string(),
                })),
                None,
            ),
            Allowance::Tokens(tokens) => (None, Some(tokens)),
        };
        Self {
            period: budget.period,
            money,
            tokens,
            warn_percent: budget.warn_percent,
        }
    }
}

/// A budget and how it stands in the running period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BudgetView {
    /// day, month (both by UTC) or total.
    period: String,
    /// So much money.
    #[serde(skip_serializing_if = "Option::is_none")]
    money: Option<AmountBody>,
    /// So many tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<u64>,
    /// At which percentage people are warned.
    #[serde(skip_serializing_if = "Option::is_none")]
    warn_percent: Option<u8>,
    /// What it is counted in: tokens, or a currency.
    unit: String,
    /// How much may be used, in its unit, as a decimal text.
    limit: String,
    /// What was used.
    used: String,
    /// What calls under way may still use.
    reserved: String,
    /// When the next period begins; null for a total.
    resets_at: Option<String>,
}

impl From<BudgetState> for BudgetView {
    fn from(state: BudgetState) -> Self {
        let unit = state.budget.allowance.unit().to_owned();
        let limit = state.budget.allowance.amount().normalize().to_string();
        let budget = BudgetBody::from(state.budget);
        Self {
            period: budget.period.as_str().to_owned(),
            money: budget.money.map(|Object(money)| money),
            tokens: budget.tokens,
            warn_percent: budget.warn_percent,
            unit,
            limit,
            used: state.used.normalize().to_string(),
            reserved: state.reserved.normalize().to_string(),
            resets_at: state.resets_at.map(|at| at.to_string()),
        }
    }
}

/// What calls have shown about a credential.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct HealthView {
    /// Until when it is left alone, because its provider said so or did not answer.
    cooling_until: Option<String>,
    /// Why: the class of the provider's error.
    cooling_code: Option<String>,
    /// Since when its account has no quota left.
    exhausted_at: Option<String>,
    /// When an exhausted account is tried again, by one call.
    probe_at: Option<String>,
    /// Failures in a row.
    failures: u32,
    /// When a call last succeeded, to the minute.
    last_success_at: Option<String>,
    /// When a call last failed because of the credential or its provider.
    last_failure_at: Option<String>,
}

impl From<Health> for HealthView {
    fn from(health: Health) -> Self {
        Self {
            cooling_until: health.cooling_until.map(|at| at.to_string()),
            cooling_code: health.cooling_code,
            exhausted_at: health.exhausted_at.map(|at| at.to_string()),
            probe_at: health.probe_at.map(|at| at.to_string()),
            failures: health.failures,
            last_success_at: health.last_success_at.map(|at| at.to_string()),
            last_failure_at: health.last_failure_at.map(|at| at.to_string()),
        }
    }
}

/// Limits and budgets of somebody.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulesBody {
    /// What may be done per minute and at once.
    #[serde(default)]
    #[schema(value_type = LimitsBody)]
    limits: Object<LimitsBody>,
    /// What may be used.
    #[serde(default)]
    #[schema(value_type = Vec<BudgetBody>)]
    budgets: Vec<Object<BudgetBody>>,
}

impl RulesBody {
    fn rules(self, pointer: &str) -> Result<Rules, Refusal> {
        Ok(Rules {
            limits: self.limits.0.into(),
            budgets: budgets(self.budgets, &format!("{pointer}/budgets"))?,
        })
    }
}

/// Limits and budgets of a workflow, and those that hold for each of its end users.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorkflowLimitsBody {
    /// Of all its calls together.
    #[serde(default)]
    #[schema(value_type = LimitsBody)]
    limits: Object<LimitsBody>,
    /// Of all its calls together.
    #[serde(default)]
    #[schema(value_type = Vec<BudgetBody>)]
    budgets: Vec<Object<BudgetBody>>,
    /// Of the calls for each end user.
    #[serde(default)]
    #[schema(value_type = RulesBody)]
    end_users: Object<RulesBody>,
}

impl WorkflowLimitsBody {
    pub(crate) fn rules(self) -> Result<WorkflowRules, Refusal> {
        let own = RulesBody {
            limits: self.limits,
            budgets: self.budgets,
        };
        Ok(WorkflowRules {
            workflow: own.rules("")?,
            end_user: self.end_users.0.rules("/end_users")?,
        })
    }
}

/// Of whom the budgets are told as they stand.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndUserQuery {
    /// The label of an end user whose budgets are told as they stand.
    pub(crate) end_user: Option<String>,
}

/// Limits and budgets of a workflow and how they stand.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct WorkflowLimitsView {
    /// Of all its calls together.
    limits: LimitsBody,
    /// Of all its calls together.
    budgets: Vec<BudgetView>,
    /// Of the calls for each end user.
    end_users: EndUserLimitsView,
}

/// Limits and budgets of each end user.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct EndUserLimitsView {
    /// What each may do per minute and at once.
    limits: LimitsBody,
    /// What each may use.
    budgets: Vec<BudgetBody>,
    /// How the budgets of the end user stand that was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<Vec<BudgetView>>,
}

impl From<WorkflowStanding> for WorkflowLimitsView {
    fn from(standing: WorkflowStanding) -> Self {
        let end_user = standing.rules.end_user;
        let views = |states: Vec<BudgetState>| states.into_iter().map(BudgetView::from).collect();
        Self {
            limits: standing.rules.workflow.limits.into(),
            budgets: views(standing.budgets),
            end_users: EndUserLimitsView {
                limits: end_user.limits.into(),
                budgets: end_user.budgets.into_iter().map(BudgetBody::from).collect(),
                standing: standing.end_user.map(views),
            },
        }
    }
}

/// A budget has come to its warning or to its end.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BudgetEventView {
    /// Its id.
    id: String,
    /// budget.warning or budget.exceeded.
    #[serde(rename = "type")]
    kind: String,
    /// When.
    at: String,
    /// What is told: the holder, the budget, and how it stood.
    #[schema(value_type = Object)]
    event: Map<String, Json>,
    /// When it is told next; null when it was told, was given up, or there is nobody to tell.
    deliver_at: Option<String>,
    /// How often that was tried.
    attempts: u32,
    /// When it was told.
    delivered_at: Option<String>,
    /// Why it could not be told the last time.
    last_error: Option<String>,
}

impl From<BudgetEvent> for BudgetEventView {
    fn from(event: BudgetEvent) -> Self {
        let body = event.body.as_object().cloned().unwrap_or_default();
        Self {
            id: event.id.to_string(),
            kind: event.kind,
            at: event.at.to_string(),
            event: body,
            deliver_at: event.deliver_at.map(|at| at.to_string()),
            attempts: event.attempts,
            delivered_at: event.delivered_at.map(|at| at.to_string()),
            last_error: event.last_error,
        }
    }
}

/// Where a workspace is told about its budgets.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BudgetWebhookBody {
    /// The URL that events are posted to.
    pub(crate) url: String,
}

/// Where a workspace is told about its budgets.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BudgetWebhookView {
    /// The URL; null when nobody is told.
    url: Option<String>,
    /// When it was set.
    updated_at: Option<String>,
    /// What requests are signed with; only in the answer to the setting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<String>,
}

impl From<Option<BudgetWebhook>> for BudgetWebhookView {
    fn from(webhook: Option<BudgetWebhook>) -> Self {
        let updated_at = webhook
            .as_ref()
            .map(|webhook| webhook.updated_at.to_string());
        Self {
            url: webhook.map(|webhook| webhook.url),
            updated_at,
            secret: None,
        }
    }
}
