//! The call: who asks, for which model, with which parameters; listening to the answer; what it used.

use serde_json::{Map, Value as Json, json};

use latchkey_domain::journal::NodeUsage;
use latchkey_engine::node::NodeContext;
use latchkey_engine::pool::Pool;
use latchkey_engine::selector;
use latchkey_engine::template::Template;
use latchkey_models::{CallReport, ChatStream, ModelRef, WorkflowContext};

use super::Error;
use super::answer::{Answer, Shown};
use super::config::Config;

/// How much of a rendered parameter is used, in characters.
const PARAMETER_LENGTH: usize = 1024;

/// Who asks.
pub(super) fn caller(context: &NodeContext) -> WorkflowContext {
    let run = &context.run;
    WorkflowContext {
        workspace: run.workspace,
        workflow: run.workflow,
        workflow_name: Some(run.workflow_name.clone()),
        version: run.version,
        author: run.author,
        caller: run.caller,
        run: Some(run.run),
        epoch: context.epoch,
        node: Some(context.node_id.clone()),
        node_execution: Some(context.execution_id),
        iteration_path: context.iteration_path.clone(),
        environment: run.environment.clone(),
        end_user: run.end_user.clone(),
        overrides: run.overrides.clone(),
        attempt: context.attempt,
    }
}

/// The model, with what the node says about its credential, rendered strictly.
pub(super) fn model(config: &Config, context: &NodeContext) -> ModelRef {
    let place = &config.place;
    ModelRef {
        provider: place.provider.clone(),
        model: place.model.clone(),
        model_type: place.model_type,
        selector_source: place.selector.clone(),
        rendered: selector::render(&place.selector, &context.pool, &context.entry),
    }
}

/// The completion parameters: a text with placeholders is rendered, and is a number or a boolean if it looks like one.
pub(super) fn parameters(raw: &Map<String, Json>, pool: &Pool) -> Map<String, Json> {
    let render = |value: &Json| {
        let text = value.as_str()?;
        let template = Template::parse(text);
        template.placeholders().next()?;
        let text = template.render_text(pool);
        let text: String = text.chars().take(PARAMETER_LENGTH).collect();
        let plain = serde_json::from_str(&text).ok();
        let plain = plain.filter(|value: &Json| value.is_number() || value.is_boolean());
        Some(plain.unwrap_or(Json::String(text)))
    };
    raw.iter()
        .map(|(name, value)| {
            let value = render(value).unwrap_or_else(|| value.clone());
            (name.clone(), value)
        })
        .collect()
}

/// Reads the answer to its end and tells every piece of it.
pub(super) async fn listen(
    stream: &mut ChatStream,
    answer: &mut Answer,
    context: &NodeContext,
) -> Result<(), Error> {
    while let Some(chunk) = stream.next().await {
        tell(answer.push(chunk?), context).await;
    }
    tell(answer.finish(), context).await;
    if answer.has_thoughts() {
        context.sink.reasoning("", true).await;
    }
    context.sink.chunk("text", "", true).await;
    Ok(())
}

async fn tell(shown: Vec<Shown>, context: &NodeContext) {
    for piece in shown {
        match piece {
            Shown::Text(text) => context.sink.chunk("text", &text, false).await,
            Shown::Reasoning(text) => context.sink.reasoning(&text, false).await,
        }
    }
}

/// What the call used, for the run's sums.
pub(super) fn used(report: &CallReport) -> NodeUsage {
    NodeUsage {
        tokens: report.tokens,
        cost: report.cost.clone().into_iter().collect(),
        unpriced_calls: u64::from(report.cost.is_none()),
    }
}

/// The output `usage`, with the keys that Dify's have; prices are texts, and absent when unknown.
pub(super) fn usage_json(report: &CallReport) -> Map<String, Json> {
    let tokens = &report.tokens;
    let seconds = |millis: u64| millis as f64 / 1000.0;
    let mut usage = Map::new();
    usage.insert("prompt_tokens".to_owned(), json!(tokens.prompt()));
    usage.insert("completion_tokens".to_owned(), json!(tokens.completion()));
    usage.insert("total_tokens".to_owned(), json!(tokens.total()));
    if let Some(price) = &report.price {
        usage.insert(
            "prompt_unit_price".to_owned(),
            json!(price.input.to_string()),
        );
        usage.insert(
            "completion_unit_price".to_owned(),
            json!(price.output.to_string()),
        );
        let unit = "0.000001";
        usage.insert("prompt_price_unit".to_owned(), json!(unit));
        usage.insert("completion_price_unit".to_owned(), json!(unit));
    }
    if let Some(cost) = &report.cost {
        usage.insert("total_price".to_owned(), json!(cost.amount.to_string()));
        usage.insert("currency".to_owned(), json!(cost.currency));
    }
    usage.insert("latency".to_owned(), json!(seconds(report.latency_ms)));
    let first = report.first_token_ms.map(seconds);
    usage.insert("time_to_first_token".to_owned(), json!(first));
    let generating = report
        .first_token_ms
        .map(|first| seconds(report.latency_ms.saturating_sub(first)));
    usage.insert("time_to_generate".to_owned(), json!(generating));
    usage
}
