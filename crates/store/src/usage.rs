//! Sums over the ledger.

use std::collections::BTreeMap;

use latchkey_domain::credential::Level;
use latchkey_domain::id::{CredentialId, WorkflowId, WorkspaceId};
use latchkey_domain::ledger::{CallOutcome, Money, Tokens, UsageSource};
use latchkey_domain::price::Price;
use latchkey_domain::time::Timestamp;
use sea_orm::{ConnectionTrait as _, QueryResult, Statement, Value};

use crate::codec::{self, long, optional};
use crate::error::StoreError;
use crate::open::Store;

/// What sums are made over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// The credential, by its id and its name at the time.
    Credential,
    /// The workflow, by its id and its name at the time.
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
    /// Where the counts come from, so that what providers have reported is summed apart from what they have not.
    UsageSource,
}

impl Dimension {
    /// All of them.
    pub const ALL: [Self; 11] = [
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
        Self::UsageSource,
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
            Self::UsageSource => "usage_source",
        }
    }

    /// Reads [`Dimension::as_str`] back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|dimension| dimension.as_str() == text)
    }

    /// The column of the id, of what has one besides its name.
    #[must_use]
    pub const fn id_column(self) -> Option<&'static str> {
        match self {
            Self::Credential => Some("credential_id"),
            Self::Workflow => Some("workflow_id"),
            Self::Provider
            | Self::Model
            | Self::Environment
            | Self::EndUser
            | Self::Node
            | Self::ApiKey
            | Self::Level
            | Self::Day
            | Self::UsageSource => None,
        }
    }

    /// An expression that is a text or null, in both databases.
    const fn expression(self, postgres: bool) -> &'static str {
        match self {
            Self::Credential => "credential_name",
            Self::Workflow => "workflow_name",
            Self::Provider => "provider",
            Self::Model => "nullif(model, '')",
            Self::Environment => "environment",
            Self::EndUser => "end_user",
            Self::Node => "node_id",
            Self::ApiKey if postgres => "CAST(api_key_id AS text)",
            // Of nothing, `hex` makes an empty text.
            Self::ApiKey => "nullif(lower(hex(api_key_id)), '')",
            Self::Level => "level",
            Self::Day => "CAST(opened_at / 86400000 AS text)",
            Self::UsageSource => "usage_source",
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
    /// Only calls that this credential paid.
    pub credential: Option<CredentialId>,
    /// Only calls of this workflow.
    pub workflow: Option<WorkflowId>,
    /// Only calls opened at this time or later.
    pub from: Option<Timestamp>,
    /// Only calls opened before this time.
    pub to: Option<Timestamp>,
}

impl UsageQuery {
    /// Whether the answer tells which credentials there are.
    #[must_use]
    pub fn is_about_credentials(&self) -> bool {
        let tells = |dimension| matches!(dimension, Dimension::Credential | Dimension::Level);
        self.credential.is_some()
            || self.group_by.iter().copied().any(tells)
            || self.only.iter().any(|(dimension, _)| tells(*dimension))
    }
}

/// A value that a sum is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct UsageKey {
    /// The value; of what has an id, its name at the time.
    pub value: Option<String>,
    /// The id of what has one besides its name: names change, and are given again.
    pub id: Option<String>,
}

/// One sum.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct UsageRow {
    /// The values that it is about, as the query's `group_by` orders them.
    pub keys: Vec<UsageKey>,
    /// Calls that a provider may have seen.
    pub calls: u64,
    /// Calls that our own rule forbade.
    pub refused: u64,
    /// Tokens of reported and estimated calls.
    pub tokens: Tokens,
    /// Exact money by currency.
    pub cost: BTreeMap<String, Money>,
    /// Calls whose price is unknown, though somebody pays for them.
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
        let mut sums: BTreeMap<Vec<UsageKey>, UsageRow> = BTreeMap::new();
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
        let (conditions, values) = conditions_of(workspace, query, postgres);
        let (keys, groups) = groups_of(query, postgres);
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
                "level AS paid_level".into(),
                "CAST(COUNT(*) AS bigint) AS calls".into(),
            ],
            &sums[..],
        ]
        .concat();
        let sql = format!(
            "SELECT {} FROM model_calls WHERE {} GROUP BY {}",
            select.join(", "),
            conditions.join(" AND "),
            [&groups[..], &["price", "outcome", "usage_source", "level"]]
                .concat()
                .join(", ")
        );
        Statement::from_sql_and_values(self.read.get_database_backend(), sql, values)
    }
}

/// Which calls are meant, with the values of the placeholders.
fn conditions_of(
    workspace: WorkspaceId,
    query: &UsageQuery,
    postgres: bool,
) -> (Vec<String>, Vec<Value>) {
    let mut values: Vec<Value> = Vec::new();
    let mut conditions = Vec::new();
    let mut only = |left: &str, value: Value| {
        values.push(value);
        conditions.push(if postgres {
            format!("{left} ${}", values.len())
        } else {
            format!("{left} ?")
        });
    };
    only("workspace_id =", workspace.uuid().into());
    for (dimension, text) in &query.only {
        let left = format!("{} =", dimension.expression(postgres));
        only(&left, stored(*dimension, text, postgres).into());
    }
    if let Some(credential) = query.credential {
        only("credential_id =", credential.uuid().into());
    }
    if let Some(workflow) = query.workflow {
        only("workflow_id =", workflow.uuid().into());
    }
    if let Some(from) = query.from {
        only("opened_at >=", from.millis().into());
    }
    if let Some(to) = query.to {
        only("opened_at <", to.millis().into());
    }
    (conditions, values)
}

/// The columns of the keys, and what is grouped by.
fn groups_of(query: &UsageQuery, postgres: bool) -> (Vec<String>, Vec<&'static str>) {
    let mut keys = Vec::new();
    let mut groups = Vec::new();
    for (at, key) in query.group_by.iter().enumerate() {
        let expression = key.expression(postgres);
        keys.push(format!("{expression} AS k{at}"));
        groups.push(expression);
        if let Some(column) = key.id_column() {
            let id = if postgres {
                format!("CAST({column} AS text)")
            } else {
                format!("nullif(lower(hex({column})), '')")
            };
            keys.push(format!("{id} AS i{at}"));
            groups.push(column);
        }
    }
    (keys, groups)
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
        | Dimension::Level
        | Dimension::UsageSource => only.to_owned(),
    }
}

fn keys_of(row: &QueryResult, query: &UsageQuery) -> Result<Vec<UsageKey>, StoreError> {
    let plain = |text: String| uuid::Uuid::parse_str(&text).map_or(text, |id| id.to_string());
    let key = |(at, dimension): (usize, &Dimension)| {
        let text: Option<String> = row.try_get("", &format!("k{at}"))?;
        let id: Option<String> = match dimension.id_column() {
            Some(_) => row.try_get("", &format!("i{at}"))?,
            None => None,
        };
        let value = text.map(|text| match dimension {
            Dimension::Day => {
                let days: i64 = text.parse().unwrap_or_default();
                codec::time(days.saturating_mul(86_400_000)).to_string()[..10].to_owned()
            }
            Dimension::ApiKey => plain(text),
            Dimension::Credential
            | Dimension::Workflow
            | Dimension::Provider
            | Dimension::Model
            | Dimension::Environment
            | Dimension::EndUser
            | Dimension::Node
            | Dimension::Level
            | Dimension::UsageSource => text,
        });
        let id = id.map(plain);
        Ok(UsageKey { value, id })
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
    let has_succeeded = outcome.as_deref() == Some(CallOutcome::Succeeded.as_str());
    let succeeded = if has_succeeded { calls } else { 0 };
    let source: Option<String> = row.try_get("", "usage_source")?;
    let price: Option<Price> = optional(row.try_get::<Option<String>>("", "price")?.as_ref())?;
    let mut part = UsageRow {
        calls,
        tokens,
        ..UsageRow::default()
    };
    let level: Option<String> = row.try_get("", "paid_level")?;
    let is_free = level.as_deref() == Some(Level::NotNeeded.as_str());
    let source = source.as_deref().and_then(UsageSource::parse);
    match (source, price) {
        // What it cost is as unknown as what it used.
        (Some(UsageSource::Lost), _) => part.lost_calls = calls,
        (_, Some(price)) => part.pay(&price.cost_of_calls(&tokens, succeeded)),
        // Where nothing was used, or nobody is to pay, nothing is missing.
        (Some(UsageSource::None), None) => {}
        (_, None) if is_free => {}
        (_, None) => part.unpriced_calls = calls,
    }
    if source == Some(UsageSource::Estimated) {
        part.estimated_calls = calls;
    }
    Ok(part)
}
