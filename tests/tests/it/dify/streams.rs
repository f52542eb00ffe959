//! The order of events in streams, against the reference (service API, 13): branches, iterations, loops, error strategies, retries,
//! pauses, and streams that are attached to again.

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::document::{self, Document};
use latchkey_tests::provider::{Reply, Rule};
use serde_json::{Value as Json, json};

use super::{app, order};

#[tokio::test]
async fn branches_tell_only_what_is_taken() {
    let of = TestApp::new().await;
    let document = Document::workflow("branches", &["name"])
        .if_contains("check", "start.name", "A")
        .template("agree", "agreed", &[])
        .template("refuse", "refused", &[])
        .end("good", &[("said", "agree.output")])
        .end("bad", &[("said", "refuse.output")])
        .line(&["start", "check"])
        .edge("check:true", "agree")
        .edge("check:false", "refuse")
        .edge("agree", "good")
        .edge("refuse", "bad");
    let app = app(&of, &document).await;
    assert_snapshot!(order(&app.run(json!({"name": "Ada"})).await), @r#"
    workflow_started reason=initial
    node_started start index=1
    node_finished start status=succeeded
    node_started check index=2
    node_finished check status=succeeded
    node_started agree index=3
    text_chunk text="agreed"
    node_finished agree status=succeeded
    node_started good index=4
    node_finished good status=succeeded
    workflow_finished status=succeeded
    "#);
    assert_snapshot!(order(&app.run(json!({"name": "bob"})).await), @r#"
    workflow_started reason=initial
    node_started start index=1
    node_finished start status=succeeded
    node_started check index=2
    node_finished check status=succeeded
    node_started refuse index=3
    text_chunk text="refused"
    node_finished refuse status=succeeded
    node_started bad index=4
    node_finished bad status=succeeded
    workflow_finished status=succeeded
    "#);
}

#[tokio::test]
async fn text_around_a_model_is_told_where_it_stands() {
    let of = TestApp::new().await.answering(Reply::words("one two"));
    of.credential("only").await;
    let document = Document::chat("chat", &[])
        .llm("ask", "{{#sys.query#}}", "only")
        .answer("say", "Well: {{#ask.text#}}.")
        .line(&["start", "ask", "say"]);
    let app = app(&of, &document).await;
    let body = json!({"inputs": {}, "query": "why", "user": "ada", "response_mode": "streaming", "auto_generate_name": false});
    let events = app.stream("/chat-messages", body).await.rest().await;
    assert_snapshot!(order(&events), @r#"
    workflow_started reason=initial
    message "Well: "
    node_started start index=1
    node_finished start status=succeeded
    node_started ask index=2
    message "one "
    message "two"
    message ""
    message "."
    node_finished ask status=succeeded
    node_started say index=3
    node_finished say status=succeeded
    message_end
    workflow_finished status=succeeded
    "#);
}

#[tokio::test]
async fn an_iteration_tells_its_rounds_and_what_is_inside() {
    let of = TestApp::new().await.answering(Reply::words("ok"));
    of.credential("only").await;
    let document = Document::workflow("letters", &[])
        .object("data")
        .iteration("it", "start.data.letters", "ask.text")
        .llm("ask", "letter {{#it.item#}}", "only")
        .outside()
        .end("end", &[("said", "it.output")])
        .line(&["start", "it", "end"])
        .edge("itstart", "ask")
        .with(|file| {
            let nodes = file["workflow"]["graph"]["nodes"].as_array_mut().unwrap();
            let it = nodes.iter_mut().find(|node| node["id"] == "it").unwrap();
            it["data"]["is_parallel"] = json!(false);
        });
    let app = app(&of, &document).await;
    let events = app.run(json!({"data": {"letters": ["a", "b"]}})).await;
    assert_snapshot!(order(&events), @r#"
    workflow_started reason=initial
    node_started start index=1
    node_finished start status=succeeded
    iteration_started it
    iteration_next it index=0
    node_started ask index=3 iteration_id="it"
    node_finished ask status=succeeded iteration_id="it"
    iteration_next it index=1
    node_started ask index=4 iteration_id="it"
    node_finished ask status=succeeded iteration_id="it"
    iteration_completed it status=succeeded
    text_chunk text="- ok\n- ok"
    node_started end index=5
    node_finished end status=succeeded
    workflow_finished status=succeeded
    "#);
    let completed = events
        .iter()
        .find(|event| event.data["event"] == "iteration_completed")
        .unwrap();
    let data = &completed.data["data"];
    assert_eq!(data["outputs"], json!({"output": ["ok", "ok"]}));
    assert_eq!(data["steps"], 2);
    assert!(data["total_tokens"].as_u64().unwrap() > 0, "{data}");
}

#[tokio::test]
async fn a_loop_tells_its_turns() {
    let of = TestApp::new().await;
    let condition = json!({"id": "c", "comparison_operator": "≥", "value": "2", "varType": "number", "variable_selector": ["turn", "n"]});
    let data = json!({"loop_count": 5, "break_conditions": [condition], "logical_operator": "and", "start_node_id": "turnstart",
        "loop_variables": [{"id": "n", "label": "n", "var_type": "number", "value_type": "constant", "value": 0}]});
    let document = Document::workflow("turns", &[])
        .node("turn", "loop", data)
        .node("turnstart", "loop-start", json!({"loop_id": "turn"}))
        .node("add", "assigner", json!({"loop_id": "turn", "version": "2", "items": [
            {"variable_selector": ["turn", "n"], "operation": "+=", "input_type": "constant", "value": 1}]}))
        .end("end", &[("n", "turn.n")])
        .line(&["start", "turn", "end"])
        .edge("turnstart", "add");
    let app = app(&of, &document).await;
    assert_snapshot!(order(&app.run(json!({})).await), @r#"
    workflow_started reason=initial
    node_started start index=1
    node_finished start status=succeeded
    loop_started turn
    node_started add index=3 loop_id="turn"
    node_finished add status=succeeded loop_id="turn"
    loop_next turn index=1
    node_started add index=4 loop_id="turn"
    node_finished add status=succeeded loop_id="turn"
    loop_completed turn status=succeeded
    text_chunk text="2"
    node_started end index=5
    node_finished end status=succeeded
    workflow_finished status=succeeded
    "#);
}

/// A model node that fails, with an error strategy.
fn failing(strategy: &Json) -> Document {
    let strategy = strategy.clone();
    Document::workflow("failing", &[])
        .llm("ask", "x", "only")
        .end("end", &[("said", "ask.text")])
        .line(&["start", "ask", "end"])
        .with(move |file| {
            let nodes = file["workflow"]["graph"]["nodes"].as_array_mut().unwrap();
            let ask = nodes.iter_mut().find(|node| node["id"] == "ask").unwrap();
            for (key, value) in strategy.as_object().unwrap() {
                ask["data"][key] = value.clone();
            }
        })
}

#[tokio::test]
async fn a_failure_ends_the_run_or_is_an_exception() {
    let of = TestApp::new().await.answering(Reply::server_error(500));
    of.credential("only").await;
    let fails = app(&of, &failing(&json!({}))).await;
    assert_snapshot!(order(&fails.run(json!({})).await), @r#"
    workflow_started reason=initial
    node_started start index=1
    node_finished start status=succeeded
    node_started ask index=2
    node_finished ask status=failed
    workflow_finished status=failed
    "#);
    let default = json!([{"key": "text", "type": "string", "value": "nothing"}]);
    let strategy = json!({"error_strategy": "default-value", "default_value": default});
    let goes_on = app(&of, &failing(&strategy)).await;
    let events = goes_on.run(json!({})).await;
    assert_snapshot!(order(&events), @r#"
    workflow_started reason=initial
    node_started start index=1
    node_finished start status=succeeded
    node_started ask index=2
    text_chunk text="nothing"
    node_finished ask status=exception
    node_started end index=3
    node_finished end status=succeeded
    workflow_finished status=partial-succeeded
    "#);
    let end = &events.last().unwrap().data["data"];
    assert_eq!(
        (&end["exceptions_count"], &end["outputs"]["said"]),
        (&json!(1), &json!("nothing"))
    );
}

#[tokio::test]
async fn a_failure_takes_its_own_branch() {
    let of = TestApp::new().await.answering(Reply::server_error(500));
    of.credential("only").await;
    let document = Document::workflow("branch", &[])
        .llm("ask", "x", "only")
        .end("good", &[("said", "ask.text")])
        .end("bad", &[("why", "ask.error_message")])
        .line(&["start", "ask"])
        .edge("ask:success-branch", "good")
        .edge("ask:fail-branch", "bad")
        .with(|file| {
            let nodes = file["workflow"]["graph"]["nodes"].as_array_mut().unwrap();
            let ask = nodes.iter_mut().find(|node| node["id"] == "ask").unwrap();
            ask["data"]["error_strategy"] = json!("fail-branch");
        });
    let app = app(&of, &document).await;
    assert_snapshot!(order(&app.run(json!({})).await), @r#"
    workflow_started reason=initial
    node_started start index=1
    node_finished start status=succeeded
    node_started ask index=2
    text_chunk text="[500] The server had an error"
    node_finished ask status=exception
    node_started bad index=3
    node_finished bad status=succeeded
    workflow_finished status=partial-succeeded
    "#);
}

#[tokio::test]
async fn a_retry_is_told_with_its_number() {
    let of = TestApp::new().await;
    of.provider()
        .script(Rule::always(Reply::server_error(500)).times(1));
    of.provider().script(Rule::always(Reply::words("ok")));
    of.credential("only").await;
    let retry =
        json!({"retry_config": {"retry_enabled": true, "max_retries": 2, "retry_interval": 0}});
    let app = app(&of, &failing(&retry)).await;
    let body = json!({"inputs": {}, "user": "ada", "response_mode": "streaming"});
    let mut stream = app.stream("/workflows/run", body).await;
    let mut events = Vec::new();
    while let Some(event) = stream.next().await {
        // The pause before the repetition is the clock's.
        if event.data["event"] == "node_retry" {
            of.passes(std::time::Duration::from_secs(60));
        }
        // It is repeated once more when the key is not to be asked again yet.
        if event.data["data"]["retry_index"] != 2 {
            events.push(event);
        }
    }
    assert_snapshot!(order(&events), @r#"
    workflow_started reason=initial
    node_started start index=1
    node_finished start status=succeeded
    node_started ask index=2
    node_retry ask index=2 status=retry retry_index=1
    text_chunk text="ok"
    text_chunk text=""
    node_finished ask status=succeeded
    node_started end index=3
    node_finished end status=succeeded
    workflow_finished status=partial-succeeded
    "#);
}

#[tokio::test]
async fn a_stream_that_was_lost_is_attached_to_again() {
    let of = TestApp::new()
        .await
        .answering(Reply::Gated("one two three".to_owned()));
    of.credential("only").await;
    let app = app(&of, &document::one_model("only")).await;
    let body = json!({"inputs": {}, "user": "ada", "response_mode": "streaming"});
    let mut stream = app.stream("/workflows/run", body).await;
    let started = stream.next().await.unwrap();
    let run = started.data["workflow_run_id"].as_str().unwrap().to_owned();
    of.provider().release(1);
    loop {
        let event = stream.next().await.unwrap();
        if event.data["event"] == "text_chunk" {
            break;
        }
    }
    drop(stream);
    let attach = |query: &str| {
        let path = format!("/v1/workflow/{run}/events?user=ada{query}");
        app.client.request("GET", &path)
    };
    let mut plain = attach("").events().await;
    let mut whole = attach("&include_state_snapshot=true").events().await;
    let first = whole.next().await.unwrap();
    assert_eq!(first.data["event"], "workflow_started");
    of.provider().release(10);
    let next = plain.next().await.unwrap();
    assert_eq!(next.data["event"], "text_chunk", "{next:?}");
    let mut seen = vec![first];
    seen.extend(whole.rest().await);
    assert_snapshot!(order(&seen), @r#"
    workflow_started reason=initial
    node_started start index=1
    node_finished start status=succeeded
    node_started ask index=2
    text_chunk text="two "
    text_chunk text="three"
    text_chunk text=""
    node_finished ask status=succeeded
    node_started end index=3
    node_finished end status=succeeded
    workflow_finished status=succeeded
    "#);
    let rest = plain.rest().await;
    assert_eq!(rest.last().unwrap().data["event"], "workflow_finished");
    let over = attach("").events().await.rest().await;
    assert_eq!(over.len(), 1);
    assert_eq!(over[0].data["event"], "workflow_finished");
    assert_eq!(over[0].data["task_id"], json!(run));
    for path in [
        format!("/workflow/{run}/events?user=bob"),
        "/workflow/none/events?user=ada".to_owned(),
    ] {
        let refused = app.get(&path).await;
        assert_eq!(refused.refusal(), (404, "not_found".to_owned()), "{path}");
    }
}
