//! What a model is told of the conversation so far.

use serde_json::Value as Json;

use latchkey_engine::node::{Exchange, NodeContext};
use latchkey_engine::pool::Pool;
use latchkey_models::catalogue::ModelInfo;
use latchkey_models::estimate_tokens;

use super::Error;
use super::config::{Config, Memory};

/// The budget for the history of a model of unknown size, in tokens.
const UNKNOWN_BUDGET: u64 = 2000;
/// How many messages are remembered at most.
const MAX_EXCHANGES: usize = 250;

/// The question that follows the history: the memory's own, else what the user said.
pub(super) fn query(settings: &Memory, pool: &Pool) -> String {
    match &settings.query {
        Some(query) => query.clone(),
        None => pool
            .variable("sys", "query")
            .map_or_else(String::new, |value| value.text().into_owned()),
    }
}

/// The exchanges that fit into the window and into the model, oldest first. Only a conversation has any.
pub(super) fn exchanges<'a>(
    settings: &Memory,
    context: &'a NodeContext,
    config: &Config,
    info: &ModelInfo,
) -> &'a [Exchange] {
    if !is_conversation(context) {
        return &[];
    }
    let history = context.run.history.as_slice();
    let window = settings.window.unwrap_or(MAX_EXCHANGES).min(MAX_EXCHANGES);
    let newest = &history[history.len().saturating_sub(window)..];
    within(newest, budget(config, info))
}

fn is_conversation(context: &NodeContext) -> bool {
    context.pool.variable("sys", "conversation_id").is_some()
}

/// What is left of the model's context beside the answer.
fn budget(config: &Config, info: &ModelInfo) -> u64 {
    let Some(size) = info.context_size else {
        return UNKNOWN_BUDGET;
    };
    let asked = ["max_tokens", "max_completion_tokens"]
        .iter()
        .find_map(|key| config.parameters.get(*key).and_then(Json::as_u64));
    u64::from(size).saturating_sub(asked.unwrap_or(0))
}

/// The newest exchanges within a budget, at least one.
fn within(exchanges: &[Exchange], budget: u64) -> &[Exchange] {
    let mut left = budget;
    let mut from = exchanges.len();
    for (at, exchange) in exchanges.iter().enumerate().rev() {
        let size = estimate_tokens(&exchange.query) + estimate_tokens(&exchange.answer);
        if size > left && from < exchanges.len() {
            break;
        }
        left = left.saturating_sub(size);
        from = at;
    }
    &exchanges[from..]
}

/// The history as text, for completion models; each line says who speaks.
pub(super) fn text(
    settings: &Memory,
    context: &NodeContext,
    config: &Config,
    info: &ModelInfo,
) -> Result<String, Error> {
    if !is_conversation(context) {
        return Ok(String::new());
    }
    let [user, assistant] = settings
        .prefixes
        .as_ref()
        .ok_or(Error::RolePrefixRequired)?;
    let lines: Vec<String> = exchanges(settings, context, config, info)
        .iter()
        .flat_map(|exchange| {
            [
                format!("{user}: {}", exchange.query),
                format!("{assistant}: {}", exchange.answer),
            ]
        })
        .collect();
    Ok(lines.join("\n"))
}
