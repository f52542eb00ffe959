//! The ledger: one row per attempt against a provider, and the counts and money in it.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::credential::{CredentialCode, Environment, Finding, Level, NoRoom, Principal};
use crate::id::{
    CredentialId, ModelCallId, NodeExecutionId, NodeId, RunId, WorkflowId, WorkspaceId,
};
pub use crate::price::Price;
use crate::provider::{ModelType, ProviderId};
use crate::run::IterationPath;
use crate::time::Timestamp;

/// Token counts of one call in disjoint columns: their sum is what the provider counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tokens {
    /// Read by the model, not from a cache.
    pub input: u64,
    /// Read from the provider's cache.
    pub cache_read: u64,
    /// Written to the provider's cache.
    pub cache_write: u64,
    /// Written by the model, reasoning not counted.
    pub output: u64,
    /// Written by the model as reasoning.
    pub reasoning: u64,
}

impl Tokens {
    /// What Dify calls prompt tokens.
    #[must_use]
    pub const fn prompt(&self) -> u64 {
        self.input + self.cache_read + self.cache_write
    }

    /// What Dify calls completion tokens.
    #[must_use]
    pub const fn completion(&self) -> u64 {
        self.output + self.reasoning
    }

    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.prompt() + self.completion()
    }
}

/// An exact amount of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// ISO 4217 code, such as `USD`.
    pub currency: String,
    /// The amount; a decimal text in JSON.
    pub amount: Decimal,
}

/// What is set aside for a call while it is under way: the most tokens that it may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reservation {
    /// Read by the model.
    pub input: u64,
    /// Written by the model, reasoning counted.
    pub output: u64,
}

impl Reservation {
    /// All of them.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.input.saturating_add(self.output)
    }
}

/// Everything that is known when a call is opened.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelCallStart {
    /// The row's id; also sent to the provider as our request id.
    pub id: ModelCallId,
    /// Who pays, and for what.
    pub workspace: WorkspaceId,
    /// The workflow, unless the call belongs to none.
    pub workflow: Option<WorkflowId>,
    /// The workflow's name at the time: rows outlive workflows.
    pub workflow_name: Option<String>,
    /// The published version, or none for a draft.
    pub version: Option<u32>,
    /// The run, unless it was made without one (validation).
    pub run: Option<RunId>,
    /// The run's epoch: a call is opened only in the current one.
    pub epoch: u32,
    /// The node.
    pub node: Option<NodeId>,
    /// The node execution.
    pub node_execution: Option<NodeExecutionId>,
    /// The rounds of the containers around the node.
    pub iteration_path: IterationPath,
    /// Which attempt of the node this is, from 1.
    pub attempt: u32,
    /// The run's environment.
    pub environment: Environment,
    /// The end user's label.
    pub end_user: Option<String>,
    /// Who called.
    pub caller: Principal,
    /// The credential that pays; none for `not_needed` and for the operator's.
    pub credential: Option<CredentialId>,
    /// Its name: rows outlive credentials.
    pub credential_name: Option<String>,
    /// The version of its values.
    pub credential_version: Option<i32>,
    /// The revision at which it was resolved: the guarded write refuses another.
    pub credential_revision: Option<i32>,
    /// The fingerprint of values that the run states itself, if they pay.
    pub inline: Option<String>,
    /// The level that decided; none for a call that only tries a credential out.
    pub level: Option<Level>,
    /// The provider.
    pub provider: ProviderId,
    /// The model.
    pub model: String,
    /// What the model does.
    pub model_type: ModelType,
    /// The price in force; none when unknown.
    pub price: Option<Price>,
    /// The most that it may use.
    pub reserved: Reservation,
    /// When it was opened.
    pub at: Timestamp,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelCallEnd {
    /// Success, or what went wrong.
    pub outcome: CallOutcome,
    /// Our credential code, or the provider's class of error.
    pub error_code: Option<String>,
    /// The HTTP status of the provider's answer.
    pub http_status: Option<u16>,
    /// What was used.
    pub tokens: Tokens,
    /// Where the counts come from.
    pub usage_source: UsageSource,
    /// The provider's own usage block, unchanged.
    pub raw_usage: Option<serde_json::Value>,
    /// The provider's request id.
    pub provider_request_id: Option<String>,
    /// From sending to the end, in milliseconds.
    pub latency_ms: u64,
    /// From sending to the first token, in milliseconds.
    pub first_token_ms: Option<u64>,
    /// What it has shown about the credential that paid. It is not kept in the row.
    pub finding: Finding,
    /// When it ended.
    pub at: Timestamp,
}

impl ModelCallEnd {
    /// What the call cost at this price; none when its end was never seen, as then nobody knows what it used.
    #[must_use]
    pub fn cost(&self, price: &Price) -> Option<Money> {
        let succeeded = u64::from(self.outcome == CallOutcome::Succeeded);
        (self.usage_source != UsageSource::Lost)
            .then(|| price.cost_of_calls(&self.tokens, succeeded))
    }
}

/// A row of the ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelCall {
    /// What was known when it was opened.
    pub start: ModelCallStart,
    /// How it ended; none while it is open.
    pub end: Option<ModelCallEnd>,
    /// The exact amount, frozen at the end of the call; none while open or when the price is unknown.
    pub cost: Option<Money>,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// The provider answered.
    Succeeded,
    /// The provider refused or broke off.
    Failed,
    /// Stopped by us.
    Cancelled,
    /// Never sent: our own rule said no.
    Refused,
    /// Its end was never seen.
    Lost,
}

impl CallOutcome {
    /// The name used in tables and bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Refused => "refused",
            Self::Lost => "lost",
        }
    }

    /// Reads [`CallOutcome::as_str`] back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Succeeded,
            Self::Failed,
            Self::Cancelled,
            Self::Refused,
            Self::Lost,
        ]
        .into_iter()
        .find(|o| o.as_str() == text)
    }
}

/// Where the counts of a call come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsageSource {
    /// The provider said so.
    Reported,
    /// Counted by us, for a stream that was cut.
    Estimated,
    /// Nobody knows.
    Lost,
    /// Nothing was used: the call was never sent, or refused without usage.
    None,
}

impl UsageSource {
    /// The name used in tables and bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Estimated => "estimated",
            Self::Lost => "lost",
            Self::None => "none",
        }
    }

    /// Reads [`UsageSource::as_str`] back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Reported, Self::Estimated, Self::Lost, Self::None]
            .into_iter()
            .find(|o| o.as_str() == text)
    }
}

/// Why a call was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenRefusal {
    /// The run was stopped, has ended, or is at a newer epoch.
    RunOver,
    /// The credential changed since it was resolved: resolve again.
    CredentialChanged,
    /// The credential cannot pay now.
    Credential(CredentialCode),
    /// A limit or a budget leaves no room.
    NoRoom(NoRoom),
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::{CallOutcome, Finding, ModelCallEnd, Price, Tokens, UsageSource};
    use crate::time::Timestamp;

    const TOKENS: Tokens = Tokens {
        input: 1,
        cache_read: 2,
        cache_write: 3,
        output: 4,
        reasoning: 5,
    };

    #[test]
    fn the_columns_are_disjoint() {
        assert_eq!(
            (TOKENS.prompt(), TOKENS.completion(), TOKENS.total()),
            (6, 9, 15)
        );
    }

    #[test]
    fn what_a_call_cost_depends_on_how_it_ended() {
        let price = Price {
            request: Some(Decimal::ONE),
            ..Price::free("USD")
        };
        for (outcome, source, amount) in [
            (CallOutcome::Succeeded, UsageSource::Reported, Some("1")),
            (CallOutcome::Succeeded, UsageSource::None, Some("1")),
            (CallOutcome::Failed, UsageSource::Estimated, Some("0")),
            (CallOutcome::Refused, UsageSource::None, Some("0")),
            (CallOutcome::Lost, UsageSource::Lost, None),
            (CallOutcome::Cancelled, UsageSource::Lost, None),
        ] {
            let end = ModelCallEnd {
                outcome,
                error_code: None,
                http_status: None,
                tokens: TOKENS,
                usage_source: source,
                raw_usage: None,
                provider_request_id: None,
                latency_ms: 0,
                first_token_ms: None,
                finding: Finding::Nothing,
                at: Timestamp::default(),
            };
            let cost = end.cost(&price).map(|money| money.amount.to_string());
            assert_eq!(cost.as_deref(), amount, "{outcome:?} {source:?}");
        }
    }
}
