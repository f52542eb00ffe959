//! More orders of events in streams (service API reference, 13): branches that run together and meet, items that fail, a stop, branches
//! of a conversation.

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::document::{self, Document};
use latchkey_tests::provider::{Reply, Rule};
use serde_json::json;

use super::{app, order};

#[tokio::test]
async fn branches_that_run_together_are_numbered_in_their_order_and_meet() {
    let of = TestApp::new().await;
    let document = Document::workflow("together", &["name"])
        .template("left", "left {{ name }}", &[("name", "start.name")])
        .template("right", "right {{ name }}", &[("name", "start.name")])
        .template(
            "both",
            "{{ a }}, {{ b }}",
            &[("a", "left.output"), ("b", "right.output")],
        )
        .end("end", &[("said", "both.output")])
        .edge("start", "left")
        .edge("start", "right")
        .edge("left", "both")
        .edge("right", "both")
        .edge("both", "end");
    let app = app(&of, &document).await;
    assert_snapshot!(order(&app.run(json!({"name": "Ada"})).await), @r#"
    workflow_started reason=initial
    node_started start index=1
    node_finished start status=succeeded
    node_started left index=2
    node_started right index=3
    node_finished left status=succeeded
    node_finished right status=succeeded
    node_started both index=4
    text_chunk text="left Ada, right Ada"
    node_finished both status=succeeded
    node_started end index=5
    node_finished end status=succeeded
    workflow_finished status=succeeded
    "#);
}

#[tokio::test]
async fn an_iteration_goes_on_without_the_items_that_fail() {
    let of = TestApp::new().await;
    // A mistake of the question, not of the key, which goes on to be asked.
    let refused = Reply::Status {
        status: 400,
        retry_after: None,
        body: json!({"error": {"message": "no such letter"}}).to_string(),
    };
    of.provider().script(Rule::for_prompt("letter a", refused));
    of.provider().script(Rule::always(Reply::words("ok")));
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
            it["data"]["error_handle_mode"] = json!("remove-abnormal-output");
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
    node_finished ask status=failed iteration_id="it"
    iteration_next it index=1
    node_started ask index=4 iteration_id="it"
    node_finished ask status=succeeded iteration_id="it"
    iteration_completed it status=succeeded
    text_chunk text="- ok"
    node_started end index=5
    node_finished end status=succeeded
    workflow_finished status=partial-succeeded
    "#);
    let completed = events
        .iter()
        .find(|event| event.data["event"] == "iteration_completed");
    assert_eq!(
        completed.unwrap().data["data"]["outputs"],
        json!({"output": ["ok"]})
    );
}

#[tokio::test]
async fn a_stop_ends_the_stream_with_the_workflow() {
    let of = TestApp::new()
        .await
        .answering(Reply::HangsAfter("so far".to_owned()));
    of.credential("only").await;
    let app = app(&of, &document::one_model("only")).await;
    let body = json!({"inputs": {}, "user": "ada", "response_mode": "streaming"});
    let mut stream = app.stream("/workflows/run", body).await;
    let mut seen = Vec::new();
    loop {
        let event = stream.next().await.unwrap();
        let is_text = event.data["data"]["text"]
            .as_str()
            .is_some_and(|text| text.contains("far"));
        seen.push(event);
        if is_text {
            break;
        }
    }
    let task = seen[0].data["task_id"].as_str().unwrap();
    let stop = format!("/workflows/tasks/{task}/stop");
    let _ = app.post(&stop, json!({"user": "ada"})).await.expect(200);
    seen.extend(stream.rest().await);
    assert_snapshot!(order(&seen), @r#"
    workflow_started reason=initial
    node_started start index=1
    node_finished start status=succeeded
    node_started ask index=2
    text_chunk text="so "
    text_chunk text="far"
    workflow_finished status=stopped
    "#);
    let end = &seen.last().unwrap().data["data"];
    assert_eq!(end["error"], "Stopped by user.");
}

#[tokio::test]
async fn a_conversation_tells_the_answers_of_the_branch_that_is_taken() {
    let of = TestApp::new().await;
    let document = Document::chat("branches", &[])
        .answer("first", "Let me see. ")
        .if_contains("check", "sys.query", "key")
        .answer("keys", "Everybody brings their own: {{#sys.query#}}")
        .answer("other", "I do not know.")
        .line(&["start", "first", "check"])
        .edge("check:true", "keys")
        .edge("check:false", "other");
    let app = app(&of, &document).await;
    let body = json!({"inputs": {}, "query": "my key", "user": "ada", "response_mode": "streaming", "auto_generate_name": false});
    let events = app.stream("/chat-messages", body).await.rest().await;
    assert_snapshot!(order(&events), @r#"
    workflow_started reason=initial
    message "Let me see. "
    node_started start index=1
    node_finished start status=succeeded
    node_started first index=2
    node_finished first status=succeeded
    node_started check index=3
    message "Everybody brings their own: "
    message "my key"
    node_finished check status=succeeded
    node_started keys index=4
    node_finished keys status=succeeded
    message_end
    workflow_finished status=succeeded
    "#);
}
