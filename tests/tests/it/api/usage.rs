//! The ledger summed up, as JSON and for spreadsheets.

use std::time::Duration;

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::client::Answer;
use latchkey_tests::document;
use latchkey_tests::provider::{Reply, Rule};
use latchkey_tests::shown;
use serde_json::json;

/// Two customers' runs, a day between them; the second one's provider has failed once.
async fn two_days() -> TestApp {
    let app = TestApp::new().await;
    app.credential("customer-acme").await;
    app.credential("customer-globex").await;
    let document = document::one_model("customer-{{#start.tenant#}}");
    let workflow = app.user().publish(&document, &["customer-*"]).await;
    workflow
        .run(json!({"tenant": "acme", "question": "why"}))
        .await;
    app.passes(Duration::from_secs(24 * 3600));
    app.provider()
        .script(Rule::always(Reply::server_error(500)).times(1));
    for _ in 0..2 {
        workflow
            .run(json!({"tenant": "globex", "question": "why not"}))
            .await;
        // The pause after a failure.
        app.passes(Duration::from_secs(2));
    }
    workflow.run(json!({"tenant": "nobody"})).await;
    app
}

async fn csv(app: &TestApp, path: &str) -> Answer {
    let ask = app
        .user()
        .client()
        .request("GET", &format!("/api/v1{path}"));
    ask.header("accept", "text/csv").send().await
}

#[tokio::test]
async fn every_customer_has_a_row_of_sums() {
    let app = two_days().await;
    let answer = app.user().get("/usage?group_by=credential").await;
    assert_snapshot!(shown::answer(&answer), @r#"
    200
    {
      "rows": [
        {
          "credential": null,
          "credential_id": null,
          "calls": 0,
          "refused": 1,
          "input_tokens": 0,
          "cache_read_tokens": 0,
          "cache_write_tokens": 0,
          "output_tokens": 0,
          "reasoning_tokens": 0,
          "unpriced_calls": 0,
          "estimated_calls": 0,
          "lost_calls": 0,
          "cost": []
        },
        {
          "credential": "customer-acme",
          "credential_id": "<id 1>",
          "calls": 1,
          "refused": 0,
          "input_tokens": 2,
          "cache_read_tokens": 0,
          "cache_write_tokens": 0,
          "output_tokens": 5,
          "reasoning_tokens": 0,
          "unpriced_calls": 0,
          "estimated_calls": 0,
          "lost_calls": 0,
          "cost": [{"currency":"USD","amount":"0.00000266"}]
        },
        {
          "credential": "customer-globex",
          "credential_id": "<id 2>",
          "calls": 2,
          "refused": 0,
          "input_tokens": 3,
          "cache_read_tokens": 0,
          "cache_write_tokens": 0,
          "output_tokens": 5,
          "reasoning_tokens": 0,
          "unpriced_calls": 0,
          "estimated_calls": 0,
          "lost_calls": 0,
          "cost": [{"currency":"USD","amount":"0.00000294"}]
        }
      ],
      "total": {
        "calls": 3,
        "refused": 1,
        "input_tokens": 5,
        "cache_read_tokens": 0,
        "cache_write_tokens": 0,
        "output_tokens": 10,
        "reasoning_tokens": 0,
        "unpriced_calls": 0,
        "estimated_calls": 0,
        "lost_calls": 0,
        "cost": [{"currency":"USD","amount":"0.0000056"}]
      }
    }
    "#);
}

#[tokio::test]
async fn a_spreadsheet_gets_the_same_sums() {
    let app = two_days().await;
    let answer = csv(&app, "/usage?group_by=day,model").await;
    assert_eq!(
        answer.header("content-type"),
        Some("text/csv; charset=utf-8")
    );
    assert_snapshot!(answer.text.replace('\r', ""), @r"
    day,model,calls,refused,input_tokens,cache_read_tokens,cache_write_tokens,output_tokens,reasoning_tokens,unpriced_calls,estimated_calls,lost_calls,cost,currency
    2026-01-01,deepseek-chat,1,0,2,0,0,5,0,0,0,0,0.00000266,USD
    2026-01-02,deepseek-chat,2,1,3,0,0,5,0,0,0,0,0.00000294,USD
    ");
}

#[tokio::test]
async fn sums_are_made_over_what_is_asked_for() {
    let app = two_days().await;
    for (query, calls) in [
        ("from=2026-01-02T00:00:00Z", 2),
        ("to=2026-01-02T00:00:00Z", 1),
        ("provider=deepseek", 3),
        ("provider=openai", 0),
        ("model=deepseek-chat&environment=production", 3),
    ] {
        let answer = app.user().get(&format!("/usage?{query}")).await.expect(200);
        assert_eq!(answer["total"]["calls"], calls, "{query}: {answer}");
    }
    let credentials = app.user().pages("/api/v1/credentials").await;
    let id = credentials[0]["id"].as_str().unwrap();
    let as_name = app.user().get(&format!("/usage?credential={id}")).await;
    let as_id = app.user().get(&format!("/usage?credential_id={id}")).await;
    assert_eq!(as_name.expect(200)["total"]["calls"], 2, "an id is no name");
    assert_eq!(as_id.expect(200)["total"]["calls"], 2);
    let path = format!(
        "/credentials/{}/usage",
        credentials[0]["id"].as_str().unwrap()
    );
    assert_snapshot!(shown::answer(&app.user().get(&path).await), @r#"
    200
    {
      "rows": [
        {
          "calls": 2,
          "refused": 0,
          "input_tokens": 3,
          "cache_read_tokens": 0,
          "cache_write_tokens": 0,
          "output_tokens": 5,
          "reasoning_tokens": 0,
          "unpriced_calls": 0,
          "estimated_calls": 0,
          "lost_calls": 0,
          "cost": [{"currency":"USD","amount":"0.00000294"}]
        }
      ],
      "total": {
        "calls": 2,
        "refused": 0,
        "input_tokens": 3,
        "cache_read_tokens": 0,
        "cache_write_tokens": 0,
        "output_tokens": 5,
        "reasoning_tokens": 0,
        "unpriced_calls": 0,
        "estimated_calls": 0,
        "lost_calls": 0,
        "cost": [{"currency":"USD","amount":"0.00000294"}]
      }
    }
    "#);
}

#[tokio::test]
async fn what_cannot_be_summed_up_is_refused() {
    let app = TestApp::new().await;
    assert_snapshot!(shown::answer(&app.user().get("/usage?group_by=colour").await), @r#"
    400
    {
      "type": "about:blank",
      "title": "Bad Request",
      "status": 400,
      "code": "unknown_field",
      "detail": "group_by: colour is none of credential, workflow, provider, model, environment, end_user, node, api_key, level, day, usage_source",
      "request_id": "<id 1>",
      "errors": [
        {
          "code": "unknown_field",
          "message": "colour is none of credential, workflow, provider, model, environment, end_user, node, api_key, level, day, usage_source",
          "field": "group_by"
        }
      ]
    }
    "#);
    assert_eq!(
        app.user().get("/usage?colour=red").await.refusal(),
        (400, "unknown_field".to_owned())
    );
    assert_eq!(
        app.user().get("/usage?from=now").await.refusal(),
        (400, "malformed".to_owned())
    );
    assert_snapshot!(shown::answer(&app.user().get("/usage").await), @r#"
    200
    {
      "rows": [],
      "total": {
        "calls": 0,
        "refused": 0,
        "input_tokens": 0,
        "cache_read_tokens": 0,
        "cache_write_tokens": 0,
        "output_tokens": 0,
        "reasoning_tokens": 0,
        "unpriced_calls": 0,
        "estimated_calls": 0,
        "lost_calls": 0,
        "cost": []
      }
    }
    "#);
}

#[tokio::test]
async fn a_name_is_no_formula_in_a_spreadsheet() {
    let app = TestApp::new().await;
    let workflow = app
        .user()
        .publish(&document::one_model("nobody"), &[])
        .await;
    let _ = workflow
        .start(json!({"end_user": "=SUM(A1), \"x\""}))
        .await
        .expect(200);
    let answer = csv(&app, "/usage?group_by=end_user").await;
    assert_snapshot!(answer.text.replace('\r', ""), @r#"
    end_user,calls,refused,input_tokens,cache_read_tokens,cache_write_tokens,output_tokens,reasoning_tokens,unpriced_calls,estimated_calls,lost_calls,cost,currency
    "'=SUM(A1), ""x""",0,1,0,0,0,0,0,0,0,0,,
    "#);
}
