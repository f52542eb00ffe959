//! Budgets on the built binary: what a killed server had set aside is spent.

use latchkey_tests::provider::{Provider, Reply, Rule};
use latchkey_tests::requires;
use latchkey_tests::server::Setup;
use latchkey_tests::user::User;
use latchkey_tests::{document, wait};
use serde_json::{Value as Json, json};

#[tokio::test]
async fn what_a_killed_server_had_set_aside_is_spent() {
    killed(Setup::sqlite()).await;
    let postgres = requires!(postgres);
    killed(Setup::postgres(postgres).await).await;
}

async fn killed(setup: Setup) {
    let provider = Provider::start();
    let mut server = setup
        .with("LATCHKEY_OUTBOUND_ALLOW", "127.0.0.0/8")
        .start()
        .await;
    let user = User::new(server.client());
    let id = user.credential("acme", "test-key-acme", &provider).await;
    let path = format!("/credentials/{id}");
    let rules = json!({"budgets": [{"period": "total", "tokens": 10_000_000}],
        "limits": {"concurrent_calls": 1}});
    user.patch(&path, rules).await.expect(200);
    let workflow = user.publish(&document::one_model("acme"), &[]).await;
    provider.script(Rule::always(Reply::Hangs).times(1));
    let inputs = json!({"tenant": "acme", "question": "why"});
    workflow.detach(inputs.clone()).await;
    provider.arrived(1).await;
    let standing = user.get(&path).await.expect(200)["budgets"][0].clone();
    assert_eq!(standing["used"], "0");
    let reserved = standing["reserved"].clone();
    assert_ne!(reserved, "0");
    server.kill();
    server.start().await;
    let user = User::new(server.client());
    let lost = wait::until("the row is lost", async || {
        let rows = user.pages("/api/v1/model-calls").await;
        rows.into_iter().find(|row| row["outcome"] == "lost")
    })
    .await;
    assert_eq!(lost["usage_source"], "lost");
    // The run goes on, and its call is made again.
    wait::until("the run has paid again", async || {
        let rows = user.pages("/api/v1/model-calls").await;
        let again = rows.iter().find(|row| row["outcome"] == "succeeded");
        again.map(|_| ())
    })
    .await;
    let rows = user.pages("/api/v1/model-calls").await;
    let of = |row: &Json, name: &str| row[name].as_u64().unwrap_or_default();
    let again: u64 = rows
        .iter()
        .filter(|row| row["outcome"] == "succeeded")
        .map(|row| of(row, "input_tokens") + of(row, "output_tokens"))
        .sum();
    let lost: u64 = reserved.as_str().unwrap().parse().unwrap();
    let standing = user.get(&path).await.expect(200)["budgets"][0].clone();
    assert_eq!(
        (&standing["used"], &standing["reserved"]),
        (&json!((lost + again).to_string()), &json!("0"))
    );
    // The one place is free again.
    let workflow = user.workflow(&json!(workflow.id));
    let run = workflow.run(inputs).await;
    assert_eq!(run["status"], "succeeded", "{run}");
    let after = user.get(&path).await.expect(200)["budgets"][0].clone();
    assert_ne!(after["used"], standing["used"]);
}
