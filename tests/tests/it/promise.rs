//! The promise of the ledger: every call that a provider saw has exactly one row, the sum over reported rows is the provider's
//! own count, and what nobody reported is listed and summed apart.

use std::collections::BTreeMap;

use futures::future::join_all;
use latchkey_tests::app::TestApp;
use latchkey_tests::document::{self, Document};
use latchkey_tests::postgres::Postgres;
use latchkey_tests::provider::{Break, Reply, Rule, Seen};
use latchkey_tests::requires;
use serde_json::{Value as Json, json};

/// What is wrong with a provider, by the word that a question has to hold.
fn faults() -> [(&'static str, Reply); 7] {
    let cut = |at| Reply::Cut("three words and then nothing".to_owned(), at);
    [
        ("unauthorized", Reply::unauthorized()),
        ("limited", Reply::rate_limited(1)),
        ("broken", Reply::server_error(500)),
        ("garbage", Reply::Garbage("no json at all".to_owned())),
        ("between", cut(Break::BetweenEvents)),
        ("inside", cut(Break::InsideEvent)),
        ("character", cut(Break::InsideCharacter)),
    ]
}

fn number(row: &Json, name: &str) -> u64 {
    row[name]
        .as_u64()
        .unwrap_or_else(|| panic!("{name} of {row}"))
}

/// Every row that is no refusal of ours, by its call.
async fn rows(app: &TestApp) -> BTreeMap<String, Json> {
    let rows = app.user().pages("/api/v1/model-calls").await;
    let all = rows.len();
    let by_call: BTreeMap<_, _> = rows
        .into_iter()
        .map(|row| (row["id"].as_str().unwrap().to_owned(), row))
        .collect();
    assert_eq!(by_call.len(), all, "no call has two rows");
    by_call
}

/// Runs of customers who each meet one fault, or none, with questions of several lengths. Each has a key of its own, since what
/// is wrong with one may keep it from being used again.
async fn meet_every_fault(app: &TestApp) {
    for (word, reply) in faults() {
        app.provider().script(Rule::for_prompt(word, reply));
        app.credential(&format!("customer-{word}")).await;
    }
    app.credential("customer-well").await;
    let document = document::one_model("customer-{{#start.tenant#}}");
    let workflow = app.user().publish(&document, &["customer-*"]).await;
    let words = faults().map(|(word, _)| word);
    let questions = (0..40).map(|at| {
        let word = if at % 3 == 0 {
            "well"
        } else {
            words[at % words.len()]
        };
        json!({"tenant": word, "question": "why ".repeat(at % 5)})
    });
    join_all(questions.map(|inputs| workflow.run(inputs))).await;
}

fn compare(seen: &Seen, row: &Json) {
    assert_eq!(row["http_status"], json!(seen.status), "{row}");
    let counts = (number(row, "input_tokens"), number(row, "output_tokens"));
    match row["usage_source"].as_str().unwrap() {
        "reported" => assert_eq!(counts, (seen.input_tokens, seen.output_tokens), "{row}"),
        "none" => assert_eq!((counts, seen.output_tokens), ((0, 0), 0), "{row}"),
        // The provider has not told, and the row says so.
        "estimated" => assert_eq!(seen.output_tokens, 0, "{row}"),
        other => panic!("{other}: {row}"),
    }
}

async fn is_kept(app: TestApp) {
    meet_every_fault(&app).await;
    let (seen, mut left) = (app.provider().chats(), rows(&app).await);
    assert!(seen.len() > 20, "{}", seen.len());
    let mut told = (0, 0);
    for seen in &seen {
        let row = left
            .remove(&seen.call)
            .unwrap_or_else(|| panic!("no row of {seen:?}"));
        compare(seen, &row);
        told.0 += seen.input_tokens;
        told.1 += seen.output_tokens;
    }
    assert!(
        left.values().all(|row| row["usage_source"] == "none"),
        "{left:?}"
    );
    let sums = app
        .user()
        .get("/usage?group_by=usage_source")
        .await
        .expect(200);
    let of = |source: &str| {
        let mut rows = sums["rows"].as_array().unwrap().iter();
        rows.find(|row| row["usage_source"] == source)
            .unwrap()
            .clone()
    };
    let reported = of("reported");
    let counts = (
        number(&reported, "input_tokens"),
        number(&reported, "output_tokens"),
    );
    assert_eq!(counts, told, "what is reported is the provider's own count");
    assert_eq!(number(&reported, "estimated_calls"), 0);
    let estimated = of("estimated");
    assert!(number(&estimated, "calls") > 0);
    assert_eq!(estimated["calls"], estimated["estimated_calls"]);
    assert_eq!(number(&of("none"), "input_tokens"), 0);
    let all: u64 = ["reported", "estimated", "none"]
        .iter()
        .map(|source| number(&of(source), "calls"))
        .sum();
    assert_eq!(json!(all), sums["total"]["calls"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_that_a_provider_saw_has_one_row() {
    is_kept(TestApp::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_that_a_provider_saw_has_one_row_in_postgres() {
    let server: &Postgres = requires!(postgres);
    is_kept(TestApp::on_postgres(server).await).await;
}

#[tokio::test]
async fn reasoning_and_cached_tokens_have_columns_and_prices_of_their_own() {
    let app = TestApp::new().await;
    app.credential("only").await;
    let price = json!({"provider": "deepseek", "model": "deepseek-chat", "currency": "USD",
        "input": "1000000", "cache_read": "100000", "output": "2000000", "reasoning": "3000000"});
    let _ = app.user().put("/prices", price).await.expect(200);
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 7, "total_tokens": 17,
        "prompt_tokens_details": {"cached_tokens": 4}, "completion_tokens_details": {"reasoning_tokens": 5}});
    let event = json!({"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "usage": usage,
        "choices": [{"index": 0, "delta": {"role": "assistant", "content": "well"}, "finish_reason": "stop"}]});
    app.provider()
        .script(Rule::always(Reply::Event(event.to_string())));
    let document: Document = document::one_model("only");
    let run = app
        .publish(&document)
        .await
        .run(json!({"question": "why"}))
        .await;
    let calls = app.user().model_calls(run["id"].as_str().unwrap()).await;
    let row = &calls[0];
    let columns = [
        "input_tokens",
        "cache_read_tokens",
        "cache_write_tokens",
        "output_tokens",
        "reasoning_tokens",
    ];
    assert_eq!(
        columns.map(|name| number(row, name)),
        [6, 4, 0, 2, 5],
        "{row}"
    );
    // 6 · 1 + 4 · 0.1 + 2 · 2 + 5 · 3
    assert_eq!(row["cost"], json!({"currency": "USD", "amount": "25.4"}));
    assert_eq!(row["raw_usage"], usage);
}
