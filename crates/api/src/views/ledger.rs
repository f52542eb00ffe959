//! The ledger and its sums.

use std::collections::BTreeMap;

use latchkey_domain::credential::Principal;
use latchkey_domain::ledger::{ModelCall, Money};
use latchkey_service::{Dimension, UsageRow};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use utoipa::{IntoParams, ToSchema};

use super::price::PriceView;
use super::run::{MoneyView, StepView};

/// Which rows of the ledger.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallsQuery {
    /// How many rows: 1 to 200, else 50.
    #[param(minimum = 1, maximum = 200)]
    pub(crate) limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
    /// Of one workflow.
    pub(crate) workflow_id: Option<String>,
    /// Of one run.
    pub(crate) run_id: Option<String>,
    /// Paid by one credential.
    pub(crate) credential_id: Option<String>,
    /// Of one provider, by its id.
    pub(crate) provider: Option<String>,
    /// Of one model, by its name.
    pub(crate) model: Option<String>,
    /// In one environment, by its name.
    pub(crate) environment: Option<String>,
    /// For one end user, by the label of the run.
    pub(crate) end_user: Option<String>,
    /// That ended like this: open, succeeded, failed, cancelled, refused or lost.
    pub(crate) outcome: Option<String>,
    /// Opened at this time or later.
    pub(crate) from: Option<String>,
    /// Opened before this time.
    pub(crate) to: Option<String>,
}

/// Which sums are made, over which rows. It describes the parameters; they are read one by one, since each key is a filter.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it stands in the API's description only")]
pub(crate) struct UsageParameters {
    /// The keys of the rows, comma-separated: credential, workflow, provider, model, environment, end_user, node, api_key, level, day, usage_source.
    group_by: Option<String>,
    /// From this time on.
    from: Option<String>,
    /// Before this time.
    to: Option<String>,
    /// Paid by the credential of this id.
    credential_id: Option<String>,
    /// Of the workflow of this id.
    workflow_id: Option<String>,
    /// Paid by a credential that was called this at the time; an id is taken too.
    credential: Option<String>,
    /// Of a workflow that was called this at the time; an id is taken too.
    workflow: Option<String>,
    /// Of a provider, by its id.
    provider: Option<String>,
    /// Of a model, by its name.
    model: Option<String>,
    /// In an environment, by its name.
    environment: Option<String>,
    /// For an end user, by the label of the run.
    end_user: Option<String>,
    /// Of a node, by its id in the file.
    node: Option<String>,
    /// Called with an API key, by its id.
    api_key: Option<String>,
    /// Decided at a level, by its name.
    level: Option<String>,
    /// On a UTC day, such as 2026-11-01.
    day: Option<String>,
    /// With counts from here: reported, estimated, lost or none.
    usage_source: Option<String>,
}

/// One attempt against a provider.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ModelCallView {
    /// Its id, which the provider was sent too.
    id: String,
    /// The run.
    run_id: Option<String>,
    /// The workflow.
    workflow_id: Option<String>,
    /// The workflow's name at the time.
    workflow_name: Option<String>,
    /// The published version; null for a draft.
    version: Option<u32>,
    /// The node.
    node_id: Option<String>,
    /// The rounds of the containers around the node.
    iteration_path: Vec<StepView>,
    /// The node execution.
    node_execution_id: Option<String>,
    /// Which attempt of the node, from 1.
    attempt: u32,
    /// The environment.
    environment: String,
    /// The end user's label.
    end_user: Option<String>,
    /// The API key that called.
    api_key_id: Option<String>,
    /// The credential that paid.
    credential_id: Option<String>,
    /// Its name at the time.
    credential_name: Option<String>,
    /// The version of its values.
    credential_version: Option<i32>,
    /// The level that decided.
    level: Option<String>,
    /// The provider.
    provider: String,
    /// The model; null when the provider was asked about a credential only.
    model: Option<String>,
    /// What the model does: llm, text-embedding, rerank and so on.
    model_type: String,
    /// open, succeeded, failed, cancelled, refused or lost.
    outcome: String,
    /// What went wrong.
    error_code: Option<String>,
    /// The provider's HTTP status.
    http_status: Option<u16>,
    /// Tokens read, not from a cache.
    input_tokens: u64,
    /// Tokens read from the provider's cache.
    cache_read_tokens: u64,
    /// Tokens written to the provider's cache.
    cache_write_tokens: u64,
    /// Tokens written, reasoning not counted.
    output_tokens: u64,
    /// Tokens written as reasoning.
    reasoning_tokens: u64,
    /// reported, estimated, lost or none.
    usage_source: Option<String>,
    /// What the provider reported, as it reported it.
    #[schema(value_type = Option<Object>)]
    raw_usage: Option<Json>,
    /// The price in force when it was opened, per million tokens; null when it is unknown.
    price: Option<PriceView>,
    /// The exact amount, frozen at the end of the call; null when the price is unknown or the call got lost.
    cost: Option<MoneyView>,
    /// The provider's id of the request.
    provider_request_id: Option<String>,
    /// From sending to the end.
    latency_ms: Option<u64>,
    /// From sending to the first token.
    first_token_ms: Option<u64>,
    /// When it was opened.
    opened_at: String,
    /// When it was closed.
    closed_at: Option<String>,
}

impl From<ModelCall> for ModelCallView {
    fn from(call: ModelCall) -> Self {
        let (start, end) = (call.start, call.end);
        let tokens = end.as_ref().map(|end| end.tokens).unwrap_or_default();
        Self {
            id: start.id.to_string(),
            run_id: start.run.map(|id| id.to_string()),
            workflow_id: start.workflow.map(|id| id.to_string()),
            workflow_name: start.workflow_name,
            version: start.version,
            node_id: start.node.map(|node| node.to_string()),
            iteration_path: start
                .iteration_path
                .into_iter()
                .map(StepView::from)
                .collect(),
            node_execution_id: start.node_execution.map(|id| id.to_string()),
            attempt: start.attempt,
            environment: start.environment.0,
            end_user: start.end_user,
            api_key_id: match start.caller {
                Principal::ApiKey(id) => Some(id.to_string()),
                Principal::Member(_) | Principal::Operator => None,
            },
            credential_id: start.credential.map(|id| id.to_string()),
            credential_name: start.credential_name,
            credential_version: start.credential_version,
            level: start.level.map(|level| level.as_str().to_owned()),
            provider: start.provider.to_string(),
            model: Some(start.model).filter(|model| !model.is_empty()),
            model_type: start.model_type.as_str().to_owned(),
            outcome: end
                .as_ref()
                .map_or("open", |end| end.outcome.as_str())
                .to_owned(),
            error_code: end.as_ref().and_then(|end| end.error_code.clone()),
            http_status: end.as_ref().and_then(|end| end.http_status),
            input_tokens: tokens.input,
            cache_read_tokens: tokens.cache_read,
            cache_write_tokens: tokens.cache_write,
            output_tokens: tokens.output,
            reasoning_tokens: tokens.reasoning,
            usage_source: end.as_ref().map(|end| end.usage_source.as_str().to_owned()),
            raw_usage: end.as_ref().and_then(|end| end.raw_usage.clone()),
            price: start.price.map(PriceView::from),
            cost: call.cost.map(MoneyView::from),
            provider_request_id: end.as_ref().and_then(|end| end.provider_request_id.clone()),
            latency_ms: end.as_ref().map(|end| end.latency_ms),
            first_token_ms: end.as_ref().and_then(|end| end.first_token_ms),
            opened_at: start.at.to_string(),
            closed_at: end.map(|end| end.at.to_string()),
        }
    }
}

/// Sums over the ledger.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct UsageSums {
    /// One row for each combination of the keys: the keys and the sums.
    #[schema(value_type = Vec<Object>)]
    pub(crate) rows: Vec<Map<String, Json>>,
    /// All rows together.
    #[schema(value_type = Object)]
    pub(crate) total: Map<String, Json>,
}

impl UsageSums {
    /// Rows with their keys' names.
    pub(crate) fn of(rows: Vec<UsageRow>, keys: &[Dimension]) -> Self {
        let mut total = UsageRow::default();
        for row in &rows {
            total.add(row);
        }
        Self {
            rows: rows.iter().map(|row| sums(row, keys)).collect(),
            total: sums(&total, &[]),
        }
    }

    /// The same as comma-separated values. A second currency has a row of its own with the keys and the cost alone, so that
    /// columns can be summed.
    pub(crate) fn csv(&self, keys: &[Dimension]) -> String {
        let names: Vec<&str> = keys
            .iter()
            .flat_map(|key| std::iter::once(key.as_str()).chain(key.id_column()))
            .chain(COLUMNS)
            .chain(["cost", "currency"])
            .collect();
        let mut text = names.join(",") + "\r\n";
        for row in &self.rows {
            let costs = row
                .get("cost")
                .and_then(Json::as_array)
                .map_or(&[][..], Vec::as_slice);
            for place in 0..costs.len().max(1) {
                let value = |name: &str| match name {
                    "cost" => costs.get(place).map(|money| &money["amount"]),
                    "currency" => costs.get(place).map(|money| &money["currency"]),
                    sum if place > 0 && COLUMNS.contains(&sum) => None,
                    other => row.get(other),
                };
                let cells: Vec<String> = names.iter().map(|name| cell(value(name))).collect();
                text += &(cells.join(",") + "\r\n");
            }
        }
        text
    }
}

const COLUMNS: [&str; 10] = [
    "calls",
    "refused",
    "input_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "unpriced_calls",
    "estimated_calls",
    "lost_calls",
];

fn sums(row: &UsageRow, keys: &[Dimension]) -> Map<String, Json> {
    let mut sums = Map::new();
    for (dimension, key) in keys.iter().zip(&row.keys) {
        sums.insert(dimension.as_str().to_owned(), json!(key.value));
        if let Some(column) = dimension.id_column() {
            sums.insert(column.to_owned(), json!(key.id));
        }
    }
    let tokens = &row.tokens;
    let numbers = [
        row.calls,
        row.refused,
        tokens.input,
        tokens.cache_read,
        tokens.cache_write,
        tokens.output,
        tokens.reasoning,
        row.unpriced_calls,
        row.estimated_calls,
        row.lost_calls,
    ];
    for (name, number) in COLUMNS.into_iter().zip(numbers) {
        sums.insert(name.to_owned(), json!(number));
    }
    sums.insert("cost".to_owned(), json!(money(&row.cost)));
    sums
}

fn money(cost: &BTreeMap<String, Money>) -> Vec<MoneyView> {
    cost.values().cloned().map(MoneyView::from).collect()
}

/// A cell that no spreadsheet takes for a formula.
pub(super) fn cell(value: Option<&Json>) -> String {
    let text = match value {
        None | Some(Json::Null) => return String::new(),
        Some(Json::Number(number)) => return number.to_string(),
        Some(Json::String(text)) => text.clone(),
        Some(other @ (Json::Bool(_) | Json::Object(_) | Json::Array(_))) => other.to_string(),
    };
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guarded = if is_formula { format!("'{text}") } else { text };
    if guarded.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::UsageSums;

    #[test]
    fn a_second_currency_is_a_row_whose_counts_are_not_said_twice() {
        let row = json!({"model": "m", "calls": 2, "cost": [
            {"currency": "CNY", "amount": "1.5"}, {"currency": "USD", "amount": "0.2"}]});
        let rows = vec![row.as_object().unwrap().clone()];
        let total = rows[0].clone();
        let csv = UsageSums { rows, total }.csv(&[latchkey_service::Dimension::Model]);
        let lines: Vec<_> = csv.lines().skip(1).collect();
        assert_eq!(lines, ["m,2,,,,,,,,,,1.5,CNY", "m,,,,,,,,,,,0.2,USD"]);
    }
}
