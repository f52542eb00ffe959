//! Reading the ledger: its rows, and sums over them.

use std::collections::BTreeMap;

use latchkey_domain::credential::{Environment, Level, Principal};
use latchkey_domain::id::{
    CredentialId, ModelCallId, NodeExecutionId, NodeId, RunId, WorkflowId, WorkspaceId,
};
use latchkey_domain::ledger::{
    CallOutcome, ModelCall, ModelCallEnd, ModelCallStart, Money, Price, Tokens, UsageSource,
};
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_domain::time::Timestamp;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QueryResult, QuerySelect as _, Statement, Value,
};

use crate::codec::{self, column, count, long, optional, text, value, word};
use crate::entities::model_call;
use crate::error::StoreError;
use crate::open::Store;
use crate::page::{Page, Paged};

/// Which rows of the ledger are wanted.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CallFilter {
    /// Of one run.
    pub run: Option<RunId>,
    /// Paid by one credential.
    pub credential: Option<CredentialId>,
    /// Of one workflow.
    pub workflow: Option<WorkflowId>,
}

/// What sums are made over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// The credential, by its name at the time.
    Credential,
    /// The workflow, by its name at the time.
    Workflow,
    /// The provider.
    Provider,
    /// The model.
    Model,
    /// The environment.
    Environment,
    /// The end user's label.
    EndUser,
    /// The node.
    Node,
    /// The API key that called.
    ApiKey,
    /// The level that decided.
    Level,
    /// The UTC day.
    Day,
}

impl Dimension {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Credential,
        Self::Workflow,
        Self::Provider,
        Self::Model,
        Self::Environment,
        Self::EndUser,
        Self::Node,
        Self::ApiKey,
        Self::Level,
        Self::Day,
    ];

    /// The name in queries and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::Workflow => "workflow",
            Self::Provider => "provider",
            Self::Model => "model",
            Self::Environment => "environment",
            Self::EndUser => "end_user",
            Self::Node => "node",
            Self::ApiKey => "api_key",
            Self::Level => "level",
            Self::Day => "day",
        }
    }

    /// Reads [`Dimension::as_str`] back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|dimension| dimension.as_str() == text)
    }

    /// An expression that is a text or null, in both databases.
    const fn expression(self, postgres: bool) -> &'static str {
        match self {
            Self::Credential => "credential_name",
            Self::Workflow => "workflow_name",
            Self::Provider => "provider",
            Self::Model => "model",
            Self::Environment => "environment",
            Self::EndUser => "end_user",
            Self::Node => "node_id",
            Self::ApiKey if postgres => "CAST(api_key_id AS text)",
            // Of nothing, `hex` makes an empty text.
            Self::ApiKey => "nullif(lower(hex(api_key_id)), '')",
            Self::Level => "level",
            Self::Day => "CAST(opened_at / 86400000 AS text)",
        }
    }
}

/// Which sums are wanted.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct UsageQuery {
    /// One row for each combination of these.
    pub group_by: Vec<Dimension>,
    /// Only rows with these values.
    pub only: Vec<(Dimension, String)>,
    /// Only calls opened at this time or later.
    pub from: Option<Timestamp>,
    /// Only calls opened before this time.
    pub to: Option<Timestamp>,
}

/// One sum.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct UsageRow {
    /// The values that it is about, as the query's `group_by` orders them.
    pub keys: Vec<Option<String>>,
    /// Calls that a provider may have seen.
    pub calls: u64,
    /// Calls that our own rule forbade.
    pub refused: u64,
    /// Tokens of reported and estimated calls.
    pub tokens: Tokens,
    /// Exact money by currency.
    pub cost: BTreeMap<String, Money>,
    /// Calls whose price is unknown.
    pub unpriced_calls: u64,
    /// Calls whose counts are our own.
    pub estimated_calls: u64,
    /// Calls whose end was never seen.
    pub lost_calls: u64,
}

impl UsageRow {
    /// Adds another sum to this one.
    pub fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.refused += other.refused;
        self.tokens.input += other.tokens.input;
        self.tokens.cache_read += other.tokens.cache_read;
        self.tokens.cache_write += other.tokens.cache_write;
        self.tokens.output += other.tokens.output;
        self.tokens.reasoning += other.tokens.reasoning;
        self.unpriced_calls += other.unpriced_calls;
        self.estimated_calls += other.estimated_calls;
        self.lost_calls += other.lost_calls;
        for money in other.cost.values() {
            self.pay(money);
        }
    }

    fn pay(&mut self, money: &Money) {
        let sum = self
            .cost
            .entry(money.currency.clone())
            .or_insert_with(|| Money {
                currency: money.currency.clone(),
                amount: Default::default(),
            });
        sum.amount += money.amount;
    }
}

impl Store {
    /// Rows of the ledger.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn model_calls(
        &self,
        workspace: WorkspaceId,
        filter: &CallFilter,
        page: Page,
    ) -> Result<Paged<ModelCall>, StoreError> {
        let mut find =
            model_call::Entity::find().filter(model_call::Column::WorkspaceId.eq(workspace.uuid()));
        if let Some(run) = filter.run {
            find = find.filter(model_call::Column::RunId.eq(run.uuid()));
        }
        if let Some(credential) = filter.credential {
            find = find.filter(model_call::Column::CredentialId.eq(credential.uuid()));
        }
        if let Some(workflow) = filter.workflow {
            find = find.filter(model_call::Column::WorkflowId.eq(workflow.uuid()));
        }
        if let Some(after) = page.after {
            find = find.filter(model_call::Column::Id.lt(after));
        }
        let rows = find
            .order_by_desc(model_call::Column::Id)
            .limit(page.limit + 1)
            .all(&self.read)
            .await?;
        Paged::of(rows, page, |row| row.id).try_map(call_of)
    }

    /// Sums over the ledger, by the keys in ascending order. Money is exact: amounts are linear in tokens, so sums of tokens
    /// at one frozen price cost what the calls did.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn usage(
        &self,
        workspace: WorkspaceId,
        query: &UsageQuery,
    ) -> Result<Vec<UsageRow>, StoreError> {
        let statement = self.usage_statement(workspace, query);
        let found = self.read.query_all_raw(statement).await?;
        let mut sums: BTreeMap<Vec<Option<String>>, UsageRow> = BTreeMap::new();
        for row in &found {
            let keys = keys_of(row, query)?;
            let sum = sums.entry(keys.clone()).or_insert_with(|| UsageRow {
                keys,
                ..UsageRow::default()
            });
            sum.add(&part_of(row)?);
        }
        Ok(sums.into_values().collect())
    }

    fn usage_statement(&self, workspace: WorkspaceId, query: &UsageQuery) -> Statement {
        let postgres = self.is_postgres();
        let mut values: Vec<Value> = Vec::new();
        let mut place = |value: Value| {
            values.push(value);
            if postgres {
                format!("${}", values.len())
            } else {
                "?".to_owned()
            }
        };
        let mut conditions = vec![format!("workspace_id = {}", place(workspace.uuid().into()))];
        for (dimension, only) in &query.only {
            conditions.push(format!(
                "{} = {}",
                dimension.expression(postgres),
                place(stored(*dimension, only, postgres).into())
            ));
        }
        if let Some(from) = query.from {
            conditions.push(format!("opened_at >= {}", place(from.millis().into())));
        }
        if let Some(to) = query.to {
            conditions.push(format!("opened_at < {}", place(to.millis().into())));
        }
        let keys = query.group_by.iter().enumerate();
        let keys: Vec<String> = keys
            .map(|(at, key)| format!("{} AS k{at}", key.expression(postgres)))
            .collect();
        let groups: Vec<&str> = query
            .group_by
            .iter()
            .map(|key| key.expression(postgres))
            .collect();
        let sums = [
            "input_tokens",
            "cache_read_tokens",
            "cache_write_tokens",
            "output_tokens",
            "reasoning_tokens",
        ]
        .map(|name| format!("CAST(SUM({name}) AS bigint) AS {name}"));
        let select = [
            &keys[..],
            &[
                "price".into(),
                "outcome".into(),
                "usage_source".into(),
                "CAST(COUNT(*) AS bigint) AS calls".into(),
            ],
            &sums[..],
        ]
        .concat();
        let sql = format!(
            "SELECT {} FROM model_calls WHERE {} GROUP BY {}",
            select.join(", "),
            conditions.join(" AND "),
            [&groups[..], &["price", "outcome", "usage_source"]]
                .concat()
                .join(", ")
        );
        Statement::from_sql_and_values(self.read.get_database_backend(), sql, values)
    }
}

/// A value as the expression of its dimension gives it.
fn stored(dimension: Dimension, only: &str, postgres: bool) -> String {
    match dimension {
        Dimension::Day => Timestamp::parse(&format!("{only}T00:00:00Z")).map_or_else(
            || "-1".to_owned(),
            |day| (day.millis() / 86_400_000).to_string(),
        ),
        Dimension::ApiKey if !postgres => only.replace('-', ""),
        Dimension::ApiKey
        | Dimension::Credential
        | Dimension::Workflow
        | Dimension::Provider
        | Dimension::Model
        | Dimension::Environment
        | Dimension::EndUser
        | Dimension::Node
        | Dimension::Level => only.to_owned(),
    }
}

fn keys_of(row: &QueryResult, query: &UsageQuery) -> Result<Vec<Option<String>>, StoreError> {
    let key = |(at, dimension): (usize, &Dimension)| {
        let text: Option<String> = row.try_get("", &format!("k{at}"))?;
        Ok(text.map(|text| match dimension {
            Dimension::Day => {
                let days: i64 = text.parse().unwrap_or_default();
                codec::time(days.saturating_mul(86_400_000)).to_string()[..10].to_owned()
            }
            Dimension::ApiKey => uuid::Uuid::parse_str(&text).map_or(text, |id| id.to_string()),
            Dimension::Credential
            | Dimension::Workflow
            | Dimension::Provider
            | Dimension::Model
            | Dimension::Environment
            | Dimension::EndUser
            | Dimension::Node
            | Dimension::Level => text,
        }))
    };
    query.group_by.iter().enumerate().map(key).collect()
}

/// The calls of one price, outcome and source.
fn part_of(row: &QueryResult) -> Result<UsageRow, StoreError> {
    let number = |name: &str| row.try_get::<i64>("", name).map(long);
    let calls = number("calls")?;
    let tokens = Tokens {
        input: number("input_tokens")?,
        cache_read: number("cache_read_tokens")?,
        cache_write: number("cache_write_tokens")?,
        output: number("output_tokens")?,
        reasoning: number("reasoning_tokens")?,
    };
    let outcome: Option<String> = row.try_get("", "outcome")?;
    if outcome.as_deref() == Some(CallOutcome::Refused.as_str()) {
        return Ok(UsageRow {
            refused: calls,
            ..UsageRow::default()
        });
    }
    let source: Option<String> = row.try_get("", "usage_source")?;
    let price: Option<Price> = optional(row.try_get::<Option<String>>("", "price")?.as_ref())?;
    let mut part = UsageRow {
        calls,
        tokens,
        ..UsageRow::default()
    };
    match source.as_deref() {
        Some("estimated") => part.estimated_calls = calls,
        Some("lost") => part.lost_calls = calls,
        Some(_) | None => {}
    }
    match price {
        Some(price) => part.pay(&price.cost(&tokens)),
        // Where nothing was used, nothing is missing.
        None if source.as_deref() == Some(UsageSource::None.as_str()) => {}
        None => part.unpriced_calls = calls,
    }
    Ok(part)
}

/// A row that is open.
pub(crate) fn row_of(start: &ModelCallStart) -> Result<model_call::Model, StoreError> {
    Ok(model_call::Model {
        id: start.id.uuid(),
        workspace_id: start.workspace.uuid(),
        workflow_id: start.workflow.map(WorkflowId::uuid),
        workflow_name: start.workflow_name.clone(),
        version: start.version.map(i64::from),
        run_id: start.run.map(RunId::uuid),
        epoch: start.epoch.into(),
        node_id: start.node.as_ref().map(ToString::to_string),
        node_execution_id: start.node_execution.map(NodeExecutionId::uuid),
        iteration_path: text(&start.iteration_path)?,
        attempt: start.attempt.into(),
        environment: start.environment.0.clone(),
        end_user: start.end_user.clone(),
        caller: text(&start.caller)?,
        api_key_id: match start.caller {
            Principal::ApiKey(id) => Some(id.uuid()),
            Principal::Member(_) | Principal::Operator => None,
        },
        credential_id: start.credential.map(CredentialId::uuid),
        credential_name: start.credential_name.clone(),
        credential_version: start.credential_version.map(i64::from),
        credential_revision: start.credential_revision.map(i64::from),
        level: start.level.map(|level| level.as_str().to_owned()),
        provider: start.provider.to_string(),
        model: start.model.clone(),
        model_type: start.model_type.as_str().to_owned(),
        price: start.price.as_ref().map(text).transpose()?,
        opened_at: start.at.millis(),
        outcome: None,
        error_code: None,
        http_status: None,
        input_tokens: 0,
        cache_read_tokens: 0,
        cache_write_tokens: 0,
        output_tokens: 0,
        reasoning_tokens: 0,
        usage_source: None,
        raw_usage: None,
        provider_request_id: None,
        latency_ms: None,
        first_token_ms: None,
        closed_at: None,
        currency: None,
        amount: None,
    })
}

/// Closes an open row; the amount is frozen.
pub(crate) fn close(row: &mut model_call::Model, end: &ModelCallEnd) -> Result<(), StoreError> {
    let price: Option<Price> = optional(row.price.as_ref())?;
    if let Some(cost) = price.map(|price| price.cost(&end.tokens)) {
        row.currency = Some(cost.currency);
        row.amount = Some(cost.amount.to_string());
    }
    row.outcome = Some(end.outcome.as_str().to_owned());
    row.error_code.clone_from(&end.error_code);
    row.http_status = end.http_status.map(i64::from);
    row.input_tokens = column(end.tokens.input);
    row.cache_read_tokens = column(end.tokens.cache_read);
    row.cache_write_tokens = column(end.tokens.cache_write);
    row.output_tokens = column(end.tokens.output);
    row.reasoning_tokens = column(end.tokens.reasoning);
    row.usage_source = Some(end.usage_source.as_str().to_owned());
    row.raw_usage = end.raw_usage.as_ref().map(text).transpose()?;
    row.provider_request_id.clone_from(&end.provider_request_id);
    row.latency_ms = Some(column(end.latency_ms));
    row.first_token_ms = end.first_token_ms.map(column);
    row.closed_at = Some(end.at.millis());
    Ok(())
}

fn call_of(row: model_call::Model) -> Result<ModelCall, StoreError> {
    let small = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
    let level = |text: &String| {
        let known = Level::ORDER.into_iter().chain([Level::NotNeeded]);
        word(text, |word| {
            known.clone().find(|level| level.as_str() == word)
        })
    };
    let model_type: ModelType = value(&format!("{:?}", row.model_type))?;
    let cost = match (&row.currency, &row.amount) {
        (Some(currency), Some(amount)) => Some(Money {
            currency: currency.clone(),
            amount: amount
                .parse()
                .map_err(|_| StoreError::Corrupt("an amount is no number".to_owned()))?,
        }),
        (_, _) => None,
    };
    let end = end_of(&row)?;
    Ok(ModelCall {
        start: ModelCallStart {
            id: ModelCallId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            workflow: row.workflow_id.map(WorkflowId::new),
            workflow_name: row.workflow_name,
            version: row.version.map(count),
            run: row.run_id.map(RunId::new),
            epoch: count(row.epoch),
            node: row.node_id.as_deref().map(NodeId::new),
            node_execution: row.node_execution_id.map(NodeExecutionId::new),
            iteration_path: value(&row.iteration_path)?,
            attempt: count(row.attempt),
            environment: Environment(row.environment),
            end_user: row.end_user,
            caller: value(&row.caller)?,
            credential: row.credential_id.map(CredentialId::new),
            credential_name: row.credential_name,
            credential_version: row.credential_version.map(small),
            credential_revision: row.credential_revision.map(small),
            level: row.level.as_ref().map(level).transpose()?,
            provider: ProviderId::normalise(&row.provider),
            model: row.model,
            model_type,
            price: optional(row.price.as_ref())?,
            at: codec::time(row.opened_at),
        },
        end,
        cost,
    })
}

fn end_of(row: &model_call::Model) -> Result<Option<ModelCallEnd>, StoreError> {
    let (Some(outcome), Some(at)) = (&row.outcome, row.closed_at) else {
        return Ok(None);
    };
    Ok(Some(ModelCallEnd {
        outcome: word(outcome, CallOutcome::parse)?,
        error_code: row.error_code.clone(),
        http_status: row
            .http_status
            .and_then(|status| u16::try_from(status).ok()),
        tokens: Tokens {
            input: long(row.input_tokens),
            cache_read: long(row.cache_read_tokens),
            cache_write: long(row.cache_write_tokens),
            output: long(row.output_tokens),
            reasoning: long(row.reasoning_tokens),
        },
        usage_source: word(
            row.usage_source.as_deref().unwrap_or("none"),
            UsageSource::parse,
        )?,
        raw_usage: optional(row.raw_usage.as_ref())?,
        provider_request_id: row.provider_request_id.clone(),
        latency_ms: row.latency_ms.map(long).unwrap_or_default(),
        first_token_ms: row.first_token_ms.map(long),
        at: codec::time(at),
    }))
}
