//! What calls used: for the run's sums, and as the output `usage`.

use serde_json::{Map, Value as Json, json};

use latchkey_domain::journal::NodeUsage;
use latchkey_domain::ledger::{Money, Tokens};
use latchkey_domain::price::Price;
use latchkey_engine::node::Attempt;
use latchkey_models::{CallReport, ChatStream};

/// Takes over what a call used, which is known once its answer has ended, well or not. Answers the output `usage` and
/// leaves it with the process data too.
pub(crate) fn settle(stream: &ChatStream, attempt: &mut Attempt) -> Map<String, Json> {
    let Some(report) = stream.report() else {
        return Map::new();
    };
    add(&mut attempt.usage, report);
    let usage = output(report);
    let told = Json::Object(usage.clone());
    attempt.process_data.insert("usage".to_owned(), told);
    usage
}

/// Adds what a call used to what a node has used.
fn add(sum: &mut NodeUsage, report: &CallReport) {
    let more = NodeUsage {
        tokens: report.tokens,
        cost: report.cost.clone().into_iter().collect(),
        unpriced_calls: u64::from(report.cost.is_none()),
    };
    add_all(sum, &more);
}

/// Adds what others have used.
pub(crate) fn add_all(sum: &mut NodeUsage, more: &NodeUsage) {
    let (tokens, new) = (&mut sum.tokens, &more.tokens);
    tokens.input += new.input;
    tokens.cache_read += new.cache_read;
    tokens.cache_write += new.cache_write;
    tokens.output += new.output;
    tokens.reasoning += new.reasoning;
    sum.unpriced_calls += more.unpriced_calls;
    for Money { currency, amount } in &more.cost {
        match sum.cost.iter_mut().find(|it| it.currency == *currency) {
            Some(known) => known.amount += *amount,
            None => sum.cost.push(Money {
                currency: currency.clone(),
                amount: *amount,
            }),
        }
    }
}

/// The output `usage` of several calls together.
pub(crate) fn sum(used: &NodeUsage, latency_ms: u64) -> Map<String, Json> {
    let tokens = &used.tokens;
    let mut usage = Map::from_iter([
        ("prompt_tokens".to_owned(), json!(tokens.prompt())),
        ("completion_tokens".to_owned(), json!(tokens.completion())),
        ("total_tokens".to_owned(), json!(tokens.total())),
    ]);
    // What was paid in several currencies has no sum.
    if let ([Money { currency, amount }], 0) = (used.cost.as_slice(), used.unpriced_calls) {
        usage.insert("total_price".to_owned(), json!(amount.to_string()));
        usage.insert("currency".to_owned(), json!(currency));
    }
    usage.insert("latency".to_owned(), json!(latency_ms as f64 / 1000.0));
    usage
}

/// The output `usage`, with the keys that Dify's have; prices are texts, and absent when unknown.
fn output(report: &CallReport) -> Map<String, Json> {
    let tokens = &report.tokens;
    let mut usage = Map::from_iter([
        ("prompt_tokens".to_owned(), json!(tokens.prompt())),
        ("completion_tokens".to_owned(), json!(tokens.completion())),
        ("total_tokens".to_owned(), json!(tokens.total())),
    ]);
    if let Some(price) = &report.price {
        add_prices(&mut usage, price, tokens);
    }
    if let Some(cost) = &report.cost {
        usage.insert("total_price".to_owned(), json!(cost.amount.to_string()));
        usage.insert("currency".to_owned(), json!(cost.currency));
    }
    let seconds = |millis: u64| millis as f64 / 1000.0;
    let (whole, first) = (report.latency_ms, report.first_token_ms);
    let generating = first.map(|first| seconds(whole.saturating_sub(first)));
    usage.insert("latency".to_owned(), json!(seconds(whole)));
    usage.insert("time_to_first_token".to_owned(), json!(first.map(seconds)));
    usage.insert("time_to_generate".to_owned(), json!(generating));
    usage
}

fn add_prices(usage: &mut Map<String, Json>, price: &Price, tokens: &Tokens) {
    let prompt = Tokens {
        output: 0,
        reasoning: 0,
        ..*tokens
    };
    let completion = Tokens {
        output: tokens.output,
        reasoning: tokens.reasoning,
        ..Tokens::default()
    };
    let unit = "0.000001".to_owned();
    for (name, value) in [
        ("prompt_unit_price", price.input.to_string()),
        ("completion_unit_price", price.output.to_string()),
        ("prompt_price_unit", unit.clone()),
        ("completion_price_unit", unit),
        (
            "prompt_price",
            price.cost_of_calls(&prompt, 0).amount.to_string(),
        ),
        (
            "completion_price",
            price.cost_of_calls(&completion, 0).amount.to_string(),
        ),
    ] {
        usage.insert(name.to_owned(), json!(value));
    }
}
