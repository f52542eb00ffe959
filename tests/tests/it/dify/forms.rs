//! Runs that ask people: their pauses in answers and streams, and the forms behind their tokens.

use std::time::Duration;

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::document::Document;
use latchkey_tests::{shown, wait};
use serde_json::{Value as Json, json};

use super::{App, app, order};

fn approval() -> Document {
    let ask = json!({"form_content": "Is it {{#start.what#}}? {{#$output.why#}}",
        "inputs": [{"type": "paragraph", "output_variable_name": "why", "default": {"type": "constant", "value": "so"}}],
        "user_actions": [{"id": "approve", "title": "Approve", "button_style": "primary"}, {"id": "reject", "title": "Reject"}],
        "timeout": 1, "timeout_unit": "hour"});
    Document::workflow("approval", &["what"])
        .node("check", "human-input", ask)
        .end("good", &[("said", "check.__rendered_content")])
        .end("bad", &[("said", "check.why")])
        .line(&["start", "check"])
        .edge("check:approve", "good")
        .edge("check:reject", "bad")
}

/// The stream of a run up to its pause.
async fn paused(app: &App) -> (String, Json) {
    let events = app.run(json!({"what": "right"})).await;
    let last = events.last().unwrap();
    assert_eq!(last.data["event"], "workflow_paused");
    let reason = last.data["data"]["reasons"][0].clone();
    (
        last.data["workflow_run_id"].as_str().unwrap().to_owned(),
        reason,
    )
}

fn token(reason: &Json) -> &str {
    reason["form_token"].as_str().unwrap()
}

#[tokio::test]
async fn a_blocking_run_that_waits_says_for_what() {
    let of = TestApp::new().await;
    let app = app(&of, &approval()).await;
    let body = json!({"inputs": {"what": "right"}, "user": "ada"});
    assert_snapshot!(shown::answer(&app.post("/workflows/run", body).await), @r#"
    200
    {
      "task_id": "<id 1>",
      "workflow_run_id": "<id 2>",
      "data": {
        "id": "<id 2>",
        "workflow_id": "<id 3>",
        "status": "paused",
        "outputs": {},
        "error": null,
        "elapsed_time": 0.0,
        "total_tokens": 0,
        "total_steps": 2,
        "created_at": 1767225600,
        "finished_at": null,
        "paused_nodes": ["check"],
        "reasons": [
          {
            "form_id": "<id 4>",
            "node_id": "check",
            "node_title": "check",
            "form_content": "Is it right? {{#$output.why#}}",
            "inputs": [
              {
                "type": "paragraph",
                "output_variable_name": "why",
                "default": {"type":"constant","selector":[],"value":"so"}
              }
            ],
            "actions": [
              {"id":"approve","title":"Approve","button_style":"primary"},
              {"id":"reject","title":"Reject","button_style":"default"}
            ],
            "form_token": "<id 4>",
            "resolved_default_values": {"why":"so"},
            "expiration_time": 1767229200,
            "TYPE": "human_input_required"
          }
        ]
      }
    }
    "#);
}

#[tokio::test]
async fn a_stream_ends_with_the_pause_and_goes_on_when_it_is_attached_to() {
    let of = TestApp::new().await;
    let app = app(&of, &approval()).await;
    let events = app.run(json!({"what": "right"})).await;
    assert_snapshot!(order(&events), @r#"
    workflow_started reason=initial
    node_started start index=1
    node_finished start status=succeeded
    node_started check index=2
    human_input_required check
    workflow_paused status=paused
    "#);
    let run = events[0].data["workflow_run_id"].as_str().unwrap();
    let reason = events.last().unwrap().data["data"]["reasons"][0].clone();
    let path = format!(
        "/v1/workflow/{run}/events?user=ada&include_state_snapshot=true&continue_on_pause=true"
    );
    let mut attached = app.client.request("GET", &path).events().await;
    let mut seen = Vec::new();
    loop {
        let event = attached.next().await.unwrap();
        let is_pause = event.data["event"] == "workflow_paused";
        seen.push(event);
        if is_pause {
            break;
        }
    }
    let answer = json!({"inputs": {"why": "I know"}, "action": "approve", "user": "bob"});
    let form = format!("/form/human_input/{}", token(&reason));
    assert_eq!(app.post(&form, answer).await.expect(200), json!({}));
    seen.extend(attached.rest().await);
    assert_snapshot!(order(&seen), @r#"
    workflow_started reason=initial
    node_started start index=1
    node_finished start status=succeeded
    node_started check index=2
    human_input_required check
    workflow_paused status=paused
    workflow_started reason=resumption
    human_input_form_filled check
    text_chunk text="Is it right? I know"
    node_finished check status=succeeded
    node_started good index=3
    node_finished good status=succeeded
    workflow_finished status=succeeded
    "#);
    let filled = seen
        .iter()
        .find(|event| event.data["event"] == "human_input_form_filled")
        .unwrap();
    assert_snapshot!(shown::json(&filled.data["data"]), @r#"
    {
      "node_id": "check",
      "node_title": "check",
      "rendered_content": "Is it right? I know",
      "action_id": "approve",
      "action_text": "Approve",
      "submitted_data": {"why":"I know"}
    }
    "#);
    let detail = app.get(&format!("/workflows/run/{run}")).await.expect(200);
    assert_eq!(detail["outputs"], json!({"said": "Is it right? I know"}));
}

#[tokio::test]
async fn a_form_is_shown_and_answered_once() {
    let of = TestApp::new().await;
    let app = app(&of, &approval()).await;
    let (run, reason) = paused(&app).await;
    let path = format!("/form/human_input/{}", token(&reason));
    assert_snapshot!(shown::answer(&app.get(&path).await), @r#"
    200
    {
      "form_content": "Is it right? {{#$output.why#}}",
      "inputs": [{"type":"paragraph","output_variable_name":"why","default":{"type":"constant","selector":[],"value":"so"}}],
      "resolved_default_values": {"why":"so"},
      "user_actions": [
        {"id":"approve","title":"Approve","button_style":"primary"},
        {"id":"reject","title":"Reject","button_style":"default"}
      ],
      "expiration_time": 1767229200
    }
    "#);
    let right = json!({"inputs": {"why": "no"}, "action": "reject", "user": "bob"});
    for (body, told) in [
        (
            json!({"inputs": {"why": "x"}, "action": "wait", "user": "bob"}),
            "invalid_form_data",
        ),
        (
            json!({"inputs": {}, "action": "reject", "user": "bob"}),
            "invalid_form_data",
        ),
        (
            json!({"inputs": {"why": "x"}, "action": "reject"}),
            "invalid_param",
        ),
        (json!({"action": "reject", "user": "bob"}), "invalid_param"),
    ] {
        let refused = app.post(&path, body.clone()).await;
        assert_eq!(refused.refusal(), (400, told.to_owned()), "{body}");
    }
    let _ = app.post(&path, right.clone()).await.expect(200);
    let submitted = (412, "human_input_form_submitted".to_owned());
    assert_eq!(app.post(&path, right.clone()).await.refusal(), submitted);
    assert_eq!(app.get(&path).await.refusal(), submitted);
    let detail = format!("/workflows/run/{run}");
    wait::until("the run is over", async || {
        let run = app.get(&detail).await.expect(200);
        (run["outputs"] == json!({"said": "no"})).then_some(())
    })
    .await;
    let other = super::app(&of, &approval()).await;
    let not_found = (404, "not_found".to_owned());
    assert_eq!(other.get(&path).await.refusal(), not_found);
    assert_eq!(app.get("/form/human_input/none").await.refusal(), not_found);
}

#[tokio::test]
async fn a_form_expires() {
    let of = TestApp::new().await;
    let app = app(&of, &approval()).await;
    let (_, reason) = paused(&app).await;
    of.passes(Duration::from_secs(3600));
    let path = format!("/form/human_input/{}", token(&reason));
    let body = json!({"inputs": {"why": "late"}, "action": "reject", "user": "bob"});
    let expired = app.post(&path, body).await;
    assert_eq!(
        expired.refusal(),
        (412, "human_input_form_expired".to_owned())
    );
}
