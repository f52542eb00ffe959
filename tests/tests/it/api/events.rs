//! The events of a run: told while it goes on, and again afterwards.

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::document;
use latchkey_tests::provider::Reply;
use latchkey_tests::shown;
use serde_json::json;

#[tokio::test]
async fn a_stream_tells_everything_in_order() {
    let app = TestApp::new().await.answering(Reply::words("it is so"));
    app.credential("only").await;
    let workflow = app.paid_by("only").await;
    let events = workflow.stream_to_end(json!({"question": "why"})).await;
    assert_snapshot!(shown::events(&events), @r##"
    run_started {"run_id":"<id 1>","sequence":1,"at":"2026-01-01T00:00:00.000Z","inputs":{"tenant":null,"question":"why"}}
    node_started {"run_id":"<id 1>","sequence":1,"at":"2026-01-01T00:00:00.000Z","execution_id":"<id 2>","node_id":"start","type":"start","title":"start","index":1,"iteration_path":[],"predecessor":null}
    node_finished {"run_id":"<id 1>","sequence":2,"at":"2026-01-01T00:00:00.000Z","id":"<id 2>","node_id":"start","type":"start","title":"start","index":1,"iteration_path":[],"status":"succeeded","inputs":{"tenant":null,"question":"why"},"outputs":{"tenant":null,"question":"why"},"process_data":{},"attempts":1,"input_tokens":0,"output_tokens":0,"started_at":"2026-01-01T00:00:00.000Z","elapsed_ms":0}
    node_started {"run_id":"<id 1>","sequence":2,"at":"2026-01-01T00:00:00.000Z","execution_id":"<id 3>","node_id":"ask","type":"llm","title":"ask","index":2,"iteration_path":[],"predecessor":"start"}
    model_call {"run_id":"<id 1>","sequence":2,"at":"2026-01-01T00:00:00.000Z","call_id":"<id 4>","node_id":"ask","execution_id":"<id 3>","attempt":1,"model":"deepseek-chat","resolution":{"credential_id":"<id 5>","credential_name":"only","credential_version":1,"provider":"deepseek","level":"node","selector":"only","selector_rendered":"only","pool":null,"considered":[{"level":"run_override","outcome":"silent"},{"level":"node","outcome":"decided"},{"level":"workflow_binding","outcome":"not_asked"},{"level":"workspace_model_default","outcome":"not_asked"},{"level":"workspace_default","outcome":"not_asked"},{"level":"system","outcome":"not_asked"}]}}
    text_chunk {"run_id":"<id 1>","sequence":2,"at":"2026-01-01T00:00:00.000Z","node_id":"ask","selector":["ask","text"],"text":"it ","is_final":false}
    text_chunk {"run_id":"<id 1>","sequence":2,"at":"2026-01-01T00:00:00.000Z","node_id":"ask","selector":["ask","text"],"text":"is ","is_final":false}
    text_chunk {"run_id":"<id 1>","sequence":2,"at":"2026-01-01T00:00:00.000Z","node_id":"ask","selector":["ask","text"],"text":"so","is_final":false}
    text_chunk {"run_id":"<id 1>","sequence":2,"at":"2026-01-01T00:00:00.000Z","node_id":"ask","selector":["ask","text"],"text":"","is_final":true}
    node_finished {"run_id":"<id 1>","sequence":3,"at":"2026-01-01T00:00:00.000Z","id":"<id 3>","node_id":"ask","type":"llm","title":"ask","index":2,"iteration_path":[],"status":"succeeded","inputs":{"#start.tenant#":"","#start.question#":"why","model_provider":"deepseek","model_name":"deepseek-chat"},"outputs":{"text":"it is so","reasoning_content":"","usage":{"prompt_tokens":2,"completion_tokens":3,"total_tokens":5,"prompt_unit_price":"0.28","completion_unit_price":"0.42","prompt_price_unit":"0.000001","completion_price_unit":"0.000001","prompt_price":"0.00000056","completion_price":"0.00000126","total_price":"0.00000182","currency":"USD","latency":"<measured>","time_to_first_token":"<measured>","time_to_generate":"<measured>"},"finish_reason":"stop"},"process_data":{"model_mode":"chat","model_provider":"deepseek","model_name":"deepseek-chat","prompts":[{"role":"user","text":"tenant= question=why","files":[]}],"usage":{"prompt_tokens":2,"completion_tokens":3,"total_tokens":5,"prompt_unit_price":"0.28","completion_unit_price":"0.42","prompt_price_unit":"0.000001","completion_price_unit":"0.000001","prompt_price":"0.00000056","completion_price":"0.00000126","total_price":"0.00000182","currency":"USD","latency":"<measured>","time_to_first_token":"<measured>","time_to_generate":"<measured>"},"finish_reason":"stop"},"attempts":1,"input_tokens":2,"output_tokens":3,"resolution":{"credential_id":"<id 5>","credential_name":"only","credential_version":1,"provider":"deepseek","level":"node","selector":"only","selector_rendered":"only","pool":null,"considered":[{"level":"run_override","outcome":"silent"},{"level":"node","outcome":"decided"},{"level":"workflow_binding","outcome":"not_asked"},{"level":"workspace_model_default","outcome":"not_asked"},{"level":"workspace_default","outcome":"not_asked"},{"level":"system","outcome":"not_asked"}]},"started_at":"2026-01-01T00:00:00.000Z","elapsed_ms":0}
    node_started {"run_id":"<id 1>","sequence":3,"at":"2026-01-01T00:00:00.000Z","execution_id":"<id 6>","node_id":"end","type":"end","title":"end","index":3,"iteration_path":[],"predecessor":"ask"}
    node_finished {"run_id":"<id 1>","sequence":4,"at":"2026-01-01T00:00:00.000Z","id":"<id 6>","node_id":"end","type":"end","title":"end","index":3,"iteration_path":[],"status":"succeeded","inputs":{"answer":"it is so"},"outputs":{"answer":"it is so"},"process_data":{},"attempts":1,"input_tokens":0,"output_tokens":0,"started_at":"2026-01-01T00:00:00.000Z","elapsed_ms":0}
    run_finished {"run_id":"<id 1>","sequence":5,"at":"2026-01-01T00:00:00.000Z","status":"succeeded","outputs":{"answer":"it is so"},"error":null,"usage":{"input_tokens":2,"output_tokens":3,"cost":[{"currency":"USD","amount":"0.00000182"}],"unpriced_calls":0},"steps":3,"exceptions":0}
    "##);
}

#[tokio::test]
async fn a_run_that_is_over_tells_the_rest_after_any_event() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document::light()).await;
    let events = workflow.stream_to_end(json!({"name": "Ada"})).await;
    let run = events[0].data["run_id"].as_str().unwrap();
    for (place, event) in events.iter().enumerate() {
        let rest = app.user().events(run, Some(&event.id)).await.rest().await;
        assert_eq!(rest, events[place + 1..], "after {}", event.id);
    }
}

#[tokio::test]
async fn what_is_no_id_of_an_event_is_refused() {
    let app = TestApp::new().await;
    let run = app.publish(&document::light()).await.run(json!({})).await;
    let path = format!("/api/v1/runs/{}/events", run["id"].as_str().unwrap());
    let ask = app.user().client().request("GET", &path);
    let answer = ask.header("last-event-id", "yesterday").send().await;
    assert_snapshot!(shown::answer(&answer), @r#"
    400
    {
      "type": "about:blank",
      "title": "Bad Request",
      "status": 400,
      "code": "malformed",
      "detail": "Last-Event-ID is no id of an event",
      "request_id": "<id 1>",
      "errors": []
    }
    "#);
}

#[tokio::test]
async fn a_place_that_the_run_has_not_come_to_is_refused() {
    let app = TestApp::new().await;
    let run = app.publish(&document::light()).await.run(json!({})).await;
    let path = format!("/api/v1/runs/{}/events", run["id"].as_str().unwrap());
    for beyond in ["1.9999.0", "9999"] {
        let ask = app.user().client().request("GET", &path);
        let answer = ask.header("last-event-id", beyond).send().await;
        assert_eq!(answer.refusal(), (400, "malformed".to_owned()), "{beyond}");
    }
}
