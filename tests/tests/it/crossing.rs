//! Customers' keys never cross: 200 concurrent runs, parallel branches, a dead key and a busy one among them.

use std::collections::BTreeMap;

use futures::future::join_all;
use latchkey_tests::document::Document;
use latchkey_tests::provider::{Provider, Reply, Rule};
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

/// Calls, input tokens and output tokens.
type Counts = BTreeMap<String, (u64, u64, u64)>;

/// What the provider counted by customer, after checking that every prompt came with its customer's key.
fn provider_counts(provider: &Provider) -> Counts {
    let mut counts = Counts::new();
    for seen in provider.chats() {
        // A request without a mark is a check of a key that was refused.
        let Some((_, rest)) = seen.prompt.split_once("tenant=<") else {
            assert_eq!(
                seen.key,
                key("dead"),
                "only the refused key is checked again"
            );
            continue;
        };
        let tenant = rest.split_once('>').expect("a mark is closed").0;
        assert_eq!(
            seen.key,
            key(tenant),
            "the prompt of {tenant} came with another key"
        );
        let count = counts.entry(tenant.to_owned()).or_default();
        *count = (
            count.0 + 1,
            count.1 + seen.input_tokens,
            count.2 + seen.output_tokens,
        );
    }
    counts
}

/// The same from the ledger: rows that are no refusals of ours.
async fn ledger_counts(user: &User) -> Counts {
    let mut counts = Counts::new();
    for row in user.pages("/api/v1/model-calls").await {
        if row["outcome"] == "refused" {
            continue;
        }
        let name = row["credential_name"]
            .as_str()
            .expect("a call has a credential");
        let tenant = name.trim_start_matches("customer-").to_owned();
        let count = counts.entry(tenant).or_default();
        let tokens = |field: &str| {
            row["tokens"][field]
                .as_u64()
                .or(row[field].as_u64())
                .unwrap_or(0)
        };
        *count = (
            count.0 + 1,
            count.1 + tokens("input_tokens"),
            count.2 + tokens("output_tokens"),
        );
    }
    counts
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
    let counts = provider_counts(&provider);
    assert!(
        TENANTS.iter().all(|tenant| counts.contains_key(*tenant)),
        "{counts:?}"
    );
    assert_eq!(
        ledger_counts(&user).await,
        counts,
        "every call has exactly one row"
    );
}
