//! What a model is told of the conversation so far.

use serde_json::Value as Json;

use latchkey_engine::node::NodeContext;
use latchkey_engine::pool::Pool;
use latchkey_models::catalogue::ModelInfo;
use latchkey_models::{Role, estimate_tokens};

use crate::data::{self, Data};

use super::Model;

/// The budget for the history of a model of unknown size, in tokens.
const UNKNOWN_BUDGET: u64 = 2000;
/// How many messages are remembered at most.
const MAX_MESSAGES: usize = 500;

/// What `memory` says.
pub(crate) struct Memory {
    /// What the two sides are called in a text.
    prefixes: Option<[String; 2]>,
    /// How many exchanges are remembered; none means all.
    window: Option<usize>,
    /// The last question, instead of the user's own words.
    pub(crate) query: Option<String>,
}

/// A text needs names for the two sides, and has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Memory role prefix is required for completion models: no role prefix is set")]
pub(crate) struct NoPrefixes;

impl Memory {
    /// What `memory` says; none when there is none.
    pub(crate) fn of(data: &Data) -> Option<Self> {
        let memory = data::mapping(data, "memory")?;
        let prefixes = data::mapping(memory, "role_prefix").map(|prefixes| {
            ["user", "assistant"]
                .map(|side| data::text(prefixes, side).unwrap_or_default().to_owned())
        });
        let window = data::mapping(memory, "window").filter(|window| data::flag(window, "enabled"));
        let size = window.and_then(|window| window.get("size")?.as_f64());
        Some(Self {
            prefixes,
            // A window without a size, or of nothing, cuts nothing: the reference tests it for truth.
            window: size.map(|size| size as usize).filter(|size| *size > 0),
            query: data::text(memory, "query_prompt_template")
                .filter(|text| !text.is_empty())
                .map(str::to_owned),
        })
    }
}

/// What the user said.
pub(crate) fn words(pool: &Pool) -> String {
    let query = pool.variable("sys", "query");
    query.map_or_else(String::new, |value| value.text().into_owned())
}

/// One remembered message: who said it, and what.
pub(crate) type Remembered<'a> = (Role, &'a str);

/// The messages that fit into the window and into the model, oldest first. Only a conversation has any, and a question
/// without an answer is not among them.
pub(crate) fn messages<'a>(
    settings: &Memory,
    context: &'a NodeContext,
    model: &Model,
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
    within(newest_first, budget(model, info))
}

fn is_conversation(context: &NodeContext) -> bool {
    context.pool.variable("sys", "conversation_id").is_some()
}

/// What is left of the model's context beside the answer.
fn budget(model: &Model, info: &ModelInfo) -> u64 {
    let Some(size) = info.context_size else {
        return UNKNOWN_BUDGET;
    };
    let asked = ["max_tokens", "max_completion_tokens"]
        .iter()
        .find_map(|key| model.parameter(key).and_then(Json::as_u64));
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
pub(crate) fn text(
    settings: &Memory,
    context: &NodeContext,
    model: &Model,
    info: &ModelInfo,
) -> Result<String, NoPrefixes> {
    if !is_conversation(context) {
        return Ok(String::new());
    }
    let prefixes = settings.prefixes.as_ref().ok_or(NoPrefixes)?;
    Ok(lines(settings, context, model, info, prefixes))
}

/// The history as text, for a prompt that tells of it.
pub(crate) fn transcript(
    settings: &Memory,
    context: &NodeContext,
    model: &Model,
    info: &ModelInfo,
) -> String {
    let prefixes = ["Human".to_owned(), "Assistant".to_owned()];
    lines(settings, context, model, info, &prefixes)
}

fn lines(
    settings: &Memory,
    context: &NodeContext,
    model: &Model,
    info: &ModelInfo,
    [user, assistant]: &[String; 2],
) -> String {
    let lines: Vec<String> = messages(settings, context, model, info)
        .into_iter()
        .map(|(role, text)| {
            let name = if role == Role::User { user } else { assistant };
            format!("{name}: {text}")
        })
        .collect();
    lines.join("\n")
}
