//! What a workspace states about prices, and what calls cost then.

use std::time::Duration;

use latchkey_tests::app::TestApp;
use latchkey_tests::provider::{Reply, Rule};
use latchkey_tests::user::Workflow;
use serde_json::{Value as Json, json};

fn price(input: &str, output: &str) -> Json {
    json!({"provider": "deepseek", "model": "deepseek-chat", "currency": "EUR", "input": input, "output": output})
}

/// What the one call of a new run cost, and at which price.
async fn paid(app: &TestApp, workflow: &Workflow) -> (Json, Json) {
    app.provider()
        .script(Rule::always(Reply::words("one two")).times(1));
    let run = workflow.run(json!({"question": "why"})).await;
    let calls = app.user().model_calls(run["id"].as_str().unwrap()).await;
    (calls[0]["cost"].clone(), calls[0]["price"].clone())
}

async fn paying(app: &TestApp) -> Workflow {
    app.credential("only").await;
    app.paid_by("only").await
}

#[tokio::test]
async fn a_stated_price_is_stronger_than_the_catalogues() {
    let app = TestApp::new().await;
    let workflow = paying(&app).await;
    let (cost, before) = paid(&app, &workflow).await;
    assert_eq!(cost["currency"], "USD");
    assert_eq!(before["input"], "0.28");
    let stated = app.user().put("/prices", price("1000000", "2000000")).await;
    let stated = stated.expect(200);
    assert_eq!(stated["effective_from"], "2026-01-01T00:00:00.000Z");
    assert_eq!(stated["price"]["cache_read"], "1000000");
    let (cost, _) = paid(&app, &workflow).await;
    // A token is a word: the prompt has two, the answer too.
    assert_eq!(cost, json!({"currency": "EUR", "amount": "6"}));
    let provider = app.user().get("/providers/deepseek").await.expect(200);
    let mut models = provider["models"].as_array().unwrap().iter();
    let chat = models
        .find(|model| model["name"] == "deepseek-chat")
        .unwrap();
    assert_eq!(
        (&chat["price"]["source"], &chat["price"]["input"]),
        (&json!("workspace"), &json!("1000000"))
    );
    let path = format!("/prices/{}", stated["id"].as_str().unwrap());
    assert_eq!(app.user().delete(&path).await.status, 204);
    assert_eq!(app.user().delete(&path).await.status, 404);
    assert_eq!(paid(&app, &workflow).await.1, before);
}

#[tokio::test]
async fn a_price_holds_from_its_time_on_and_rows_keep_theirs() {
    let app = TestApp::new().await;
    let workflow = paying(&app).await;
    let mut later = price("0", "1000000");
    later["effective_from"] = json!("2026-01-02T00:00:00Z");
    let _ = app.user().put("/prices", later).await.expect(200);
    assert_eq!(paid(&app, &workflow).await.0["currency"], "USD");
    app.passes(Duration::from_secs(24 * 3600));
    assert_eq!(
        paid(&app, &workflow).await.0,
        json!({"currency": "EUR", "amount": "2"})
    );
    let usage = app.user().get("/usage?group_by=day").await.expect(200);
    let currencies: Vec<_> = usage["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["cost"][0]["currency"])
        .collect();
    assert_eq!(currencies, ["USD", "EUR"]);
    let rows = app.user().pages("/api/v1/prices").await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["effective_from"], "2026-01-02T00:00:00.000Z");
}

#[tokio::test]
async fn a_model_that_nobody_knows_gets_a_price() {
    let app = TestApp::new().await;
    let mut stated = price("1", "1");
    stated["model"] = json!("of-our-own");
    stated["tiers"] = json!([{"above": 5, "input": "2", "output": "3"}]);
    stated["reasoning"] = json!("4.5");
    let made = app.user().put("/prices", stated.clone()).await.expect(200);
    assert_eq!(
        made["price"]["tiers"][0],
        json!({"above": 5, "input": "2", "cache_read": "2", "cache_write": "2", "output": "3"})
    );
    assert_eq!(made["price"]["reasoning"], "4.5");
    // The same model and time is the same price.
    stated["input"] = json!("9");
    let again = app.user().put("/prices", stated).await.expect(200);
    assert_eq!(
        (&again["id"], &again["price"]["input"]),
        (&made["id"], &json!("9"))
    );
    assert!(app.stranger().pages("/api/v1/prices").await.is_empty());
}

#[tokio::test]
async fn a_price_that_makes_no_sense_is_refused_with_its_place() {
    let app = TestApp::new().await;
    for (more, code, pointer) in [
        (
            json!({"provider": "nobody"}),
            "provider_unknown",
            "/provider",
        ),
        (json!({"model": ""}), "invalid_input", "/model"),
        (json!({"currency": "euro"}), "invalid_input", "/currency"),
        (json!({"input": "-1"}), "invalid_input", "/input"),
        (json!({"input": "1e3"}), "invalid_input", "/input"),
        (json!({"output": "much"}), "invalid_input", "/output"),
        (json!({"output": "100000001"}), "invalid_input", "/output"),
        (
            json!({"effective_from": "today"}),
            "invalid_input",
            "/effective_from",
        ),
        (
            json!({"tiers": [{"above": 0, "input": "1", "output": "1"}]}),
            "invalid_input",
            "/tiers/0/above",
        ),
    ] {
        let mut body = price("1", "1");
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = app.user().put("/prices", body).await;
        assert_eq!(
            answer.refusal(),
            (422, code.to_owned()),
            "{more}: {}",
            answer.text
        );
        let told: Json = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(told["errors"][0]["pointer"], pointer, "{more}");
    }
    assert!(app.user().pages("/api/v1/prices").await.is_empty());
}
