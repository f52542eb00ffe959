//! Customers' keys never cross: 200 concurrent runs, parallel branches, a dead key and a busy one among them.

use std::collections::BTreeMap;

use futures::future::join_all;
use latchkey_tests::document::Document;
use latchkey_tests::provider::{Provider, Reply, Rule, Seen};
use latchkey_tests::server::Setup;
use latchkey_tests::user::{User, Workflow};
use serde_json::{Value as Json, json};

const RUNS: usize = 200;
const TENANTS: [&str; 6] = ["acme", "globex", "initech", "umbrella", "dead", "busy"];

fn key(tenant: &str) -> String {
    format!("test-key-{tenant}")
}

/// Two LLM nodes side by side, then a third; every prompt says whose it is.
fn parallel(credential_name: &str) -> Document {
    let mark = "tenant=<{{#start.tenant#}}> run={{#start.number#}}";
    Document::workflow("parallel", &["tenant", "number"])
        .llm("left", &format!("{mark} left"), credential_name)
        .llm("right", &format!("{mark} right"), credential_name)
        .template(
            "both",
            "{{ l }} {{ r }}",
            &[("l", "left.text"), ("r", "right.text")],
        )
        .llm("last", &format!("{mark} last"), credential_name)
        .end("end", &[("answer", "last.text")])
        .edge("start", "left")
        .edge("start", "right")
        .edge("left", "both")
        .edge("right", "both")
        .line(&["both", "last", "end"])
}

/// One workflow chooses by variable, the other is told by each run.
async fn workflows(user: &User) -> [Workflow; 2] {
    let by_variable = user
        .publish(&parallel("customer-{{#start.tenant#}}"), &["customer-*"])
        .await;
    let by_override = user.publish(&parallel(""), &["customer-*"]).await;
    let path = by_override.path("/credential-settings");
    let mut settings = user.client().get(&path).await.expect(200);
    settings["runtime_override"] = json!("named");
    let _ = user.client().put(&path, settings).await.expect(200);
    [by_variable, by_override]
}

async fn run(workflows: &[Workflow; 2], number: usize) -> Json {
    let tenant = TENANTS[number % TENANTS.len()];
    let inputs = json!({"tenant": tenant, "number": number.to_string()});
    let mut body = json!({"inputs": inputs, "response_mode": "blocking"});
    let by_override = (number / TENANTS.len()) % 2;
    if by_override == 1 {
        let name = format!("customer-{tenant}");
        body["credential_overrides"] = json!({"deepseek": {"credential_name": name}});
    }
    workflows[by_override].start(body).await.expect(200)
}

/// Every row of the ledger that is no refusal of ours and no check of a key that was refused, by its call.
async fn ledger(user: &User) -> BTreeMap<String, Json> {
    let rows = user.pages("/api/v1/model-calls").await;
    let is_paid = |row: &Json| row["outcome"] != "refused" && !row["level"].is_null();
    let made = rows.into_iter().filter(is_paid);
    made.map(|row| (row["id"].as_str().unwrap().to_owned(), row))
        .collect()
}

/// Every call that the provider saw has its row, with the tenant of its prompt, its key, and the provider's own counts.
fn compare(seen: &Seen, row: Option<Json>) {
    let row = row.expect("a call that the provider saw has a row of its own");
    let tenant = row["credential_name"].as_str().unwrap();
    let tenant = tenant.trim_start_matches("customer-");
    assert_eq!(seen.key, key(tenant), "{row}");
    // A request without a mark is a check of a key that was refused.
    if let Some((_, rest)) = seen.prompt.split_once("tenant=<") {
        assert_eq!(rest.split_once('>').unwrap().0, tenant, "{row}");
    }
    if row["usage_source"] == "reported" {
        assert_eq!(
            row["input_tokens"].as_u64(),
            Some(seen.input_tokens),
            "{row}"
        );
        assert_eq!(
            row["output_tokens"].as_u64(),
            Some(seen.output_tokens),
            "{row}"
        );
    } else {
        assert!(["dead", "busy"].contains(&tenant), "{row}");
    }
}

#[tokio::test]
async fn keys_of_customers_never_cross() {
    let server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    let provider = Provider::start();
    provider.script(Rule::for_key(&key("dead"), Reply::unauthorized()));
    provider.script(Rule::for_key(&key("busy"), Reply::rate_limited(1)));
    for tenant in TENANTS {
        user.credential(&format!("customer-{tenant}"), &key(tenant), &provider)
            .await;
    }
    let workflows = workflows(&user).await;

    let runs = join_all((0..RUNS).map(|number| run(&workflows, number))).await;

    for (number, run) in runs.iter().enumerate() {
        let expected = match TENANTS[number % TENANTS.len()] {
            "dead" | "busy" => "failed",
            _ => "succeeded",
        };
        assert_eq!(run["status"], expected, "{run}");
    }
    let mut rows = ledger(&user).await;
    let seen = provider.chats();
    for seen in &seen {
        compare(seen, rows.remove(&seen.call));
    }
    for tenant in TENANTS {
        assert!(seen.iter().any(|seen| seen.key == key(tenant)), "{tenant}");
    }
    // What is left was given up when its neighbour failed, before the provider could see it.
    for row in rows.values() {
        assert_eq!(row["outcome"], "cancelled", "{row}");
        assert_ne!(row["usage_source"], "reported", "{row}");
    }
}
