//! Limits, budgets and health over the API: set, enforced by runs, read as they stand, and told to somebody.

use std::time::Duration;

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::provider::{Provider, Reply, Rule};
use latchkey_tests::{shown, wait};
use serde_json::{Value as Json, json};

fn inputs() -> Json {
    json!({"tenant": "acme", "question": "why"})
}

async fn change(app: &TestApp, id: &str, body: Json) -> Json {
    let answer = app.user().patch(&format!("/credentials/{id}"), body).await;
    answer.expect(200)
}

#[tokio::test]
async fn limits_and_budgets_are_read_as_they_stand() {
    let app = TestApp::new().await;
    let id = app.credential("acme").await;
    let rules = json!({
        "limits": {"requests_per_minute": 60, "wait_ms": 500},
        "budgets": [
            {"period": "day", "tokens": 1_000_000, "warn_percent": 80},
            {"period": "total", "money": {"currency": "USD", "amount": "12.50"}}
        ]
    });
    change(&app, &id, rules).await;
    let workflow = app.paid_by("acme").await;
    let run = workflow.run(inputs()).await;
    assert_eq!(run["status"], "succeeded", "{run}");
    let read = app.user().get(&format!("/credentials/{id}")).await;
    let read = read.expect(200);
    let used = &read["budgets"][0]["used"];
    let calls = app.user().model_calls(run["id"].as_str().unwrap()).await;
    let tokens = &calls[0];
    let total =
        tokens["input_tokens"].as_u64().unwrap() + tokens["output_tokens"].as_u64().unwrap();
    assert_eq!(used, &json!(total.to_string()));
    assert_eq!(read["budgets"][0]["resets_at"], "2026-01-02T00:00:00.000Z");
    assert_eq!(read["budgets"][1]["limit"], "12.5");
    assert_eq!(read["budgets"][1]["reserved"], "0");
    assert_eq!(
        read["limits"],
        json!({"requests_per_minute": 60, "wait_ms": 500})
    );
    let succeeded = read["health"]["last_success_at"].as_str().unwrap();
    assert!(succeeded.starts_with("2026-01-01T00:00:0"), "{succeeded}");
    let taken_away = change(&app, &id, json!({"limits": {}, "budgets": []})).await;
    assert_eq!(
        (&taken_away["limits"], &taken_away["budgets"]),
        (&json!({}), &json!([]))
    );
}

#[tokio::test]
async fn what_is_wrong_with_rules_is_told_with_its_place() {
    let app = TestApp::new().await;
    let id = app.credential("acme").await;
    let path = format!("/credentials/{id}");
    let bad = json!({
        "limits": {"requests_per_minute": 0, "wait_ms": 600_001},
        "budgets": [
            {"period": "day", "tokens": 5, "warn_percent": 0},
            {"period": "day", "tokens": 6},
            {"period": "month", "money": {"currency": "usd", "amount": "-1"}}
        ]
    });
    let answer = app.user().patch(&path, bad).await;
    let problem = answer.expect(422);
    let places: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(
        places,
        [
            "/limits/requests_per_minute",
            "/limits/wait_ms",
            "/budgets/0/warn_percent",
            "/budgets/1",
            "/budgets/2/money/currency",
            "/budgets/2/money/amount",
        ]
    );
    for (body, pointer) in [
        (json!({"budgets": [{"period": "day"}]}), "/budgets/0"),
        (
            json!({"budgets": [{"period": "day", "money": {"currency": "USD", "amount": "much"}}]}),
            "/budgets/0/money/amount",
        ),
    ] {
        let answer = app.user().patch(&path, body).await;
        assert_eq!(answer.expect(422)["errors"][0]["pointer"], pointer);
    }
    let unknown = json!({"limits": {"per_hour": 1}});
    let answer = app.user().patch(&path, unknown).await;
    assert_eq!(answer.expect(400)["code"], "unknown_field");
}

#[tokio::test]
async fn a_run_fails_with_the_rule_that_leaves_no_room() {
    let app = TestApp::new().await;
    let id = app.credential("acme").await;
    let workflow = app.paid_by("acme").await;
    change(&app, &id, json!({"limits": {"requests_per_minute": 1}})).await;
    assert_eq!(workflow.run(inputs()).await["status"], "succeeded");
    let refused = workflow.run(inputs()).await;
    assert_eq!(
        refused["error"]["code"], "credential_rate_limited",
        "{refused}"
    );
    app.passes(Duration::from_secs(60));
    assert_eq!(workflow.run(inputs()).await["status"], "succeeded");
    let budget = json!({"limits": {}, "budgets": [{"period": "day", "tokens": 10}]});
    change(&app, &id, budget).await;
    let refused = workflow.run(inputs()).await;
    assert_eq!(refused["error"]["code"], "credential_budget_exceeded");
    let text = refused["error"]["message"].as_str().unwrap();
    assert!(
        text.contains("the credential has 0 left for the day"),
        "{text}"
    );
    let money =
        json!({"budgets": [{"period": "day", "money": {"currency": "EUR", "amount": "5"}}]});
    change(&app, &id, money).await;
    let refused = workflow.run(inputs()).await;
    assert_eq!(refused["error"]["code"], "credential_budget_unpriced");
    assert_eq!(app.provider().chats().len(), 2, "no call without room");
}

#[tokio::test]
async fn a_workflow_and_each_of_its_end_users_have_limits() {
    let app = TestApp::new().await;
    app.credential("acme").await;
    let workflow = app.paid_by("acme").await;
    let path = format!("/workflows/{}/limits", workflow.id);
    let body = json!({
        "limits": {"concurrent_calls": 10},
        "end_users": {
            "limits": {"requests_per_minute": 1},
            "budgets": [{"period": "month", "tokens": 1_000_000}]
        }
    });
    let put = app.user().put(&path, body).await;
    assert_snapshot!(shown::answer(&put), @r#"
    200
    {
      "limits": {"concurrent_calls":10},
      "budgets": [],
      "end_users": {"limits":{"requests_per_minute":1},"budgets":[{"period":"month","tokens":1000000}]}
    }
    "#);
    let start = |user: &str| {
        workflow.start(json!({"inputs": inputs(), "response_mode": "blocking", "end_user": user}))
    };
    for (user, status) in [
        ("ann", "succeeded"),
        ("ann", "failed"),
        ("bob", "succeeded"),
    ] {
        let run = start(user).await;
        assert_eq!(run.expect(200)["status"], status, "{user}");
    }
    let read = app.user().get(&format!("{path}?end_user=ann")).await;
    let standing = &read.expect(200)["end_users"]["standing"][0];
    assert_eq!(standing["limit"], "1000000");
    assert_ne!(standing["used"], "0");
    let nobody = app.user().get(&format!("{path}?end_user=carl")).await;
    assert_eq!(nobody.expect(200)["end_users"]["standing"][0]["used"], "0");
    let stale = app
        .user()
        .client()
        .request("PUT", &format!("/api/v1{path}"));
    let stale = stale.header("if-match", "\"0\"").json(&json!({}));
    let stale = stale.send().await;
    assert_eq!(stale.expect(412)["code"], "version_conflict");
    app.stranger().get(&path).await.expect(404);
    app.stranger().put(&path, json!({})).await.expect(404);
    let bad = json!({"end_users": {"budgets": [{"period": "day", "tokens": 0}]}});
    let answer = app.user().put(&path, bad).await;
    let pointer = &answer.expect(422)["errors"][0]["pointer"];
    assert_eq!(pointer, "/end_users/budgets/0/tokens");
}

#[tokio::test]
async fn a_pause_is_seen_waited_for_and_taken_back() {
    let app = TestApp::new().await;
    let id = app.credential("acme").await;
    let workflow = app.paid_by("acme").await;
    app.provider()
        .script(Rule::always(Reply::rate_limited(30)).times(1));
    assert_eq!(workflow.run(inputs()).await["status"], "failed");
    let path = format!("/credentials/{id}");
    let health = app.user().get(&path).await.expect(200)["health"].clone();
    // The clock stands still, but a call takes its time.
    let until = health["cooling_until"].as_str().unwrap();
    assert!(until.starts_with("2026-01-01T00:00:3"), "{until}");
    assert_eq!(health["cooling_code"], "InvokeRateLimitError");
    let refused = workflow.run(inputs()).await;
    assert_eq!(refused["error"]["code"], "credential_rate_limited");
    let reset = app
        .user()
        .post(&format!("{path}/reset-health"), json!({}))
        .await;
    assert_eq!(reset.expect(200)["health"]["failures"], 0);
    assert_eq!(workflow.run(inputs()).await["status"], "succeeded");
    app.stranger()
        .post(&format!("{path}/reset-health"), json!({}))
        .await
        .expect(404);
}

#[tokio::test]
async fn an_empty_account_is_shown_and_tried_again_after_five_minutes() {
    let app = TestApp::new().await;
    let id = app.credential("acme").await;
    let workflow = app.paid_by("acme").await;
    let empty = Reply::Status {
        status: 429,
        retry_after: None,
        body: r#"{"error": {"message": "no quota", "code": "insufficient_quota"}}"#.to_owned(),
    };
    app.provider().script(Rule::always(empty).times(1));
    workflow.run(inputs()).await;
    let path = format!("/credentials/{id}");
    let read = app.user().get(&path).await;
    assert_eq!(read.expect(200)["state"], "exhausted");
    let refused = workflow.run(inputs()).await;
    assert_eq!(refused["error"]["code"], "credential_exhausted");
    app.passes(Duration::from_secs(301));
    assert_eq!(workflow.run(inputs()).await["status"], "succeeded");
    let read = app.user().get(&path).await;
    assert_eq!(read.expect(200)["state"], "active");
}

#[tokio::test]
async fn a_dead_key_is_confirmed_and_pays_for_nobody_until_it_is_entered_again() {
    let app = TestApp::new().await;
    let id = app.credential("acme").await;
    let workflow = app.paid_by("acme").await;
    let key = "test-key-acme";
    app.provider()
        .script(Rule::for_key(key, Reply::unauthorized()))
        .script(Rule::for_checks_of(key, Reply::unauthorized()));
    let run = workflow.run(inputs()).await;
    assert_eq!(run["status"], "failed");
    let read = app.user().get(&format!("/credentials/{id}")).await;
    assert_eq!(read.expect(200)["state"], "invalid");
    let before = app.provider().seen().len();
    let refused = workflow.run(inputs()).await;
    assert_eq!(refused["error"]["code"], "credential_invalid");
    assert_eq!(app.provider().seen().len(), before);
    let values = json!({"values": {"api_key": "test-key-acme-again"}});
    assert_eq!(change(&app, &id, values).await["state"], "active");
    assert_eq!(workflow.run(inputs()).await["status"], "succeeded");
}

#[tokio::test]
async fn a_webhook_hears_of_a_budget_signed_and_again_when_it_did_not_listen() {
    let app = TestApp::new().await;
    let listener = Provider::start();
    let url = format!("{}/hook", listener.base_url());
    let user = app.user();
    let set = user.put("/budget-webhook", json!({"url": url})).await;
    let secret = set.expect(200)["secret"].as_str().unwrap().to_owned();
    let read = user.get("/budget-webhook").await;
    assert_eq!(read.expect(200)["url"], json!(url));
    assert!(read.expect(200).get("secret").is_none());
    let id = app.credential("acme").await;
    let budget = json!({"budgets": [{"period": "day", "tokens": 1_000_000, "warn_percent": 1}]});
    change(&app, &id, budget).await;
    let workflow = app.paid_by("acme").await;
    let long = "word ".repeat(11_000);
    app.provider()
        .script(Rule::always(Reply::words(&long)).times(1));
    let run = workflow.run(inputs()).await;
    assert_eq!(run["status"], "succeeded");
    listener.script(Rule::always(Reply::server_error(500)).times(1));
    app.passes(Duration::from_secs(5));
    let event = async || {
        let events = user.get("/budget-events").await;
        events.expect(200)["data"][0].clone()
    };
    wait::until("it was tried", async || {
        event().await["last_error"].is_string().then_some(())
    })
    .await;
    app.passes(Duration::from_secs(15));
    wait::until("it was heard", async || {
        event().await["delivered_at"].is_string().then_some(())
    })
    .await;
    let event = event().await;
    assert_eq!(
        (&event["type"], &event["attempts"]),
        (&json!("budget.warning"), &json!(2))
    );
    let heard = listener.seen();
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[1].body, event["event"]);
    assert_eq!(heard[1].body["holder"]["credential_name"], "acme");
    let (at, signed) = heard[1].signature.split_once(",v1=").unwrap();
    let at = at.strip_prefix("t=").unwrap();
    let text = format!("{at}.{}", heard[1].text);
    let secret = latchkey_secrets::Secret::from(secret.as_str());
    assert_eq!(
        signed,
        latchkey_secrets::signature(&secret, text.as_bytes())
    );
    user.delete("/budget-webhook").await.expect(204);
    let read = user.get("/budget-webhook").await;
    assert_eq!(read.expect(200)["url"], Json::Null);
    let bad = user
        .put("/budget-webhook", json!({"url": "ftp://x.test"}))
        .await;
    assert_eq!(bad.expect(422)["code"], "invalid_url");
}
