//! What a model is told of the conversation so far.

use serde_json::Value as Json;

use latchkey_engine::node::NodeContext;
use latchkey_engine::pool::Pool;
use latchkey_models::catalogue::ModelInfo;
use latchkey_models::{Role, estimate_tokens};

use super::Error;
use super::config::{Config, Memory};

/// The budget for the history of a model of unknown size, in tokens.
const UNKNOWN_BUDGET: u64 = 2000;
/// How many messages are remembered at most.
const MAX_MESSAGES: usize = 500;

/// What the user said.
pub(super) fn words(pool: &Pool) -> String {
    let query = pool.variable("sys", "query");
    query.map_or_else(String::new, |value| value.text().into_owned())
}

/// One remembered message: who said it, and what.
pub(super) type Remembered<'a> = (Role, &'a str);

/// The messages that fit into the window and into the model, oldest first. Only a conversation has any, and a question
/// without an answer is not among them.
pub(super) fn messages<'a>(
    settings: &Memory,
    context: &'a NodeContext,
    config: &Config,
    info: &ModelInfo,
) -> Vec<Remembered<'a>> {
    if !is_conversation(context) {
        return Vec::new();
    }
    let most = MAX_MESSAGES / 2;
    let window = settings.window.unwrap_or(most).min(most);
    let answered = context.run.history.iter().rev();
    let answered = answered.filter(|exchange| !exchange.answer.is_empty());
    let newest_first = answered.take(window).flat_map(|exchange| {
        [
            (Role::Assistant, exchange.answer.as_str()),
            (Role::User, exchange.query.as_str()),
        ]
    });
    within(newest_first, budget(config, info))
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

/// The newest messages within a budget, at least one, oldest first.
fn within<'a>(
    newest_first: impl Iterator<Item = Remembered<'a>>,
    budget: u64,
) -> Vec<Remembered<'a>> {
    let mut kept = Vec::new();
    let mut used = 0;
    for (role, text) in newest_first {
        used += estimate_tokens(text);
        if used > budget && !kept.is_empty() {
            break;
        }
        kept.push((role, text));
    }
    kept.reverse();
    kept
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
    let lines: Vec<String> = messages(settings, context, config, info)
        .into_iter()
        .map(|(role, text)| {
            let name = if role == Role::User { user } else { assistant };
            format!("{name}: {text}")
        })
        .collect();
    Ok(lines.join("\n"))
}
