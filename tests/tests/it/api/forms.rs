//! Runs that wait for people: paused, answered once, timed out, stopped, and there again after a restart.

use std::time::Duration;

use insta::assert_snapshot;
use latchkey_domain::access::Permission;
use latchkey_tests::app::TestApp;
use latchkey_tests::document::Document;
use latchkey_tests::provider::Reply;
use latchkey_tests::{shown, wait};
use serde_json::{Value as Json, json};

/// Somebody is asked whether an answer of a model is right.
fn approval() -> Document {
    Document::workflow("approval", &["question"])
        .llm("ask", "{{#start.question#}}", "only")
        .node(
            "check",
            "human-input",
            json!({"form_content": "Is {{#ask.text#}} right? {{#$output.why#}}",
                "inputs": [{"type": "paragraph", "output_variable_name": "why"}],
                "user_actions": [{"id": "approve", "title": "Approve", "button_style": "primary"}, {"id": "reject", "title": "Reject"}],
                "timeout": 1, "timeout_unit": "hour"}),
        )
        .end("good", &[("said", "check.__rendered_content"), ("by", "check.__action_value")])
        .end("bad", &[("why", "check.why")])
        .end("late", &[("late", "check.__action_id")])
        .line(&["start", "ask", "check"])
        .edge("check:approve", "good")
        .edge("check:reject", "bad")
        .edge("check:__timeout", "late")
}

/// A run of it that waits.
async fn paused(app: &TestApp) -> (String, Json) {
    app.credential("only").await;
    let run = app
        .publish(&approval())
        .await
        .run(json!({"question": "why"}))
        .await;
    assert_eq!(run["status"], "paused");
    let id = run["id"].as_str().unwrap().to_owned();
    let forms = app.user().pages(&format!("/api/v1/runs/{id}/forms")).await;
    assert_eq!(forms.len(), 1);
    (id, forms[0].clone())
}

fn path(run: &str, form: &Json) -> String {
    format!("/runs/{run}/forms/{}", form["id"].as_str().unwrap())
}

fn yes() -> Json {
    json!({"action": "approve", "values": {"why": "I know"}})
}

#[tokio::test]
async fn a_run_waits_for_a_person_and_goes_on_with_the_answer() {
    let app = TestApp::new().await.answering(Reply::words("42"));
    let (run, form) = paused(&app).await;
    let answer = app.user().get(&format!("/runs/{run}/forms")).await;
    assert_snapshot!(shown::answer(&answer), @r#"
    200
    {
      "data": [
        {
          "id": "<id 1>",
          "run_id": "<id 2>",
          "node_id": "check",
          "title": "check",
          "iteration_path": [],
          "state": "open",
          "content": "Is 42 right? {{#$output.why#}}",
          "inputs": [{"name":"why","type":"paragraph","default":null}],
          "actions": [
            {"id":"approve","title":"Approve","style":"primary"},
            {"id":"reject","title":"Reject","style":"default"}
          ],
          "due_at": "2026-01-01T01:00:00.000Z",
          "created_at": "2026-01-01T00:00:00.000Z",
          "answered_at": null,
          "answer": null
        }
      ],
      "next_cursor": null
    }
    "#);
    let answered = app.user().post(&path(&run, &form), yes()).await.expect(200);
    assert_eq!(answered["state"], "answered");
    assert_eq!(answered["answer"], yes());
    let over = app.user().run_over(&run).await;
    assert_eq!(
        over["outputs"],
        json!({"said": "Is 42 right? I know", "by": "Approve"})
    );
    assert_eq!(
        (&over["status"], &over["steps"]),
        (&json!("succeeded"), &json!(4))
    );
    // The model was asked once, before the pause.
    assert_eq!(app.user().model_calls(&run).await.len(), 1);
}

#[tokio::test]
async fn the_first_answer_wins() {
    let app = TestApp::new().await.answering(Reply::words("42"));
    let (run, form) = paused(&app).await;
    assert_eq!(app.user().post(&path(&run, &form), yes()).await.status, 200);
    let again = app.user().post(&path(&run, &form), yes()).await;
    assert_eq!(again.expect(409)["code"], "form_answered");
    app.user().run_over(&run).await;
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_refused_and_changes_nothing() {
    let app = TestApp::new().await.answering(Reply::words("42"));
    let (run, form) = paused(&app).await;
    let wrong = json!({"action": "maybe", "values": {"reason": "x"}});
    let problem = app.user().post(&path(&run, &form), wrong).await.expect(422);
    let places: Vec<&Json> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["pointer"])
        .collect();
    assert_eq!(
        json!(places),
        json!(["/action", "/values/why", "/values/reason"])
    );
    let unknown = json!({"action": "approve", "why": "x"});
    let problem = app
        .user()
        .post(&path(&run, &form), unknown)
        .await
        .expect(400);
    assert_eq!(problem["code"], "unknown_field");
    assert_eq!(app.user().run(&run).await["status"], "paused");
}

#[tokio::test]
async fn nobody_in_time_takes_the_branch_of_the_timeout() {
    let app = TestApp::new().await.answering(Reply::words("42"));
    let (run, form) = paused(&app).await;
    app.passes(Duration::from_secs(3_599));
    assert_eq!(app.user().run(&run).await["status"], "paused");
    app.passes(Duration::from_secs(1));
    let over = app.user().run_over(&run).await;
    assert_eq!(over["outputs"], json!({"late": ""}));
    let late = app.user().post(&path(&run, &form), yes()).await;
    assert_eq!(late.expect(409)["code"], "form_answered");
}

#[tokio::test]
async fn a_paused_run_can_be_stopped_and_its_form_is_closed() {
    let app = TestApp::new().await.answering(Reply::words("42"));
    let (run, form) = paused(&app).await;
    assert_eq!(app.user().stop(&run).await.status, 202);
    let over = app.user().run(&run).await;
    assert_eq!(
        (&over["status"], &over["steps"]),
        (&json!("stopped"), &json!(3))
    );
    let closed = app.user().post(&path(&run, &form), yes()).await;
    assert_eq!(closed.expect(409)["code"], "form_closed");
    let nodes = app.user().node_executions(&run).await;
    assert_eq!(
        (&nodes[2]["node_id"], &nodes[2]["status"]),
        (&json!("check"), &json!("stopped"))
    );
}

#[tokio::test]
async fn the_stream_ends_with_the_pause_and_goes_on_after_it() {
    let app = TestApp::new().await.answering(Reply::words("42"));
    app.credential("only").await;
    let workflow = app.publish(&approval()).await;
    let events = workflow.stream_to_end(json!({"question": "why"})).await;
    let told: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    assert_snapshot!(told.join(" "), @"run_started node_started node_finished node_started model_call node_finished node_started form_requested run_paused");
    let last = events.last().unwrap();
    assert_eq!(last.data["forms"][0]["node_id"], "check");
    let run = last.data["run_id"].as_str().unwrap();
    let forms = app.user().pages(&format!("/api/v1/runs/{run}/forms")).await;
    let answer = app.user().post(&path(run, &forms[0]), yes()).await;
    assert_eq!(answer.status, 200);
    app.user().run_over(run).await;
    let rest = app.user().events(run, Some(&last.id)).await.rest().await;
    let told: Vec<&str> = rest.iter().map(|event| event.name.as_str()).collect();
    assert_snapshot!(told.join(" "), @"form_answered text_chunk text_chunk text_chunk node_finished node_started node_finished run_finished");
    let all = app.user().events(run, None).await.rest().await;
    assert_eq!(all[..events.len()], events);
    assert_eq!(all[events.len()..], rest);
}

#[tokio::test]
async fn paused_runs_are_listed_by_their_status() {
    let app = TestApp::new().await.answering(Reply::words("42"));
    let (run, _) = paused(&app).await;
    let listed = app.user().pages("/api/v1/runs?status=paused").await;
    assert_eq!((listed.len(), &listed[0]["id"]), (1, &json!(run)));
}

#[tokio::test]
async fn forms_need_the_scopes_of_runs_and_are_of_one_workspace() {
    let app = TestApp::new().await.answering(Reply::words("42"));
    let (run, form) = paused(&app).await;
    let list = format!("/runs/{run}/forms");
    let reader = app.user_who_may(&[Permission::RunsRead]).await;
    assert_eq!(reader.get(&list).await.status, 200);
    assert_eq!(reader.post(&path(&run, &form), yes()).await.status, 403);
    assert_eq!(app.stranger().get(&list).await.status, 404);
    let answer = app.stranger().post(&path(&run, &form), yes()).await;
    assert_eq!(answer.status, 404);
    let unknown = json!({"id": run});
    let answer = app.user().post(&path(&run, &unknown), yes()).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn two_forms_at_once_are_answered_one_after_the_other() {
    let ask = json!({"form_content": "?", "user_actions": [{"id": "ok", "title": "OK"}]});
    let document = Document::workflow("two", &[])
        .node("one", "human-input", ask.clone())
        .node("two", "human-input", ask)
        .end(
            "end",
            &[("one", "one.__action_id"), ("two", "two.__action_id")],
        )
        .edge("start", "one")
        .edge("start", "two")
        .edge("one:ok", "end")
        .edge("two:ok", "end");
    let app = TestApp::new().await;
    let run = app
        .publish(&document)
        .await
        .run(json!({"question": "why"}))
        .await;
    let run = run["id"].as_str().unwrap();
    let forms = app.user().pages(&format!("/api/v1/runs/{run}/forms")).await;
    for form in &forms {
        let body = json!({"action": "ok"});
        assert_eq!(app.user().post(&path(run, form), body).await.status, 200);
    }
    let over = app.user().run_over(run).await;
    assert_eq!(over["outputs"], json!({"one": "ok", "two": "ok"}));
    wait::until("nothing of it is at work", async || {
        let status = app.user().run(run).await["status"].clone();
        (status == "succeeded").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_file_is_handed_in_by_the_id_of_an_upload() {
    let ask = json!({"form_content": "Proof?", "user_actions": [{"id": "ok", "title": "OK"}],
        "inputs": [{"type": "file", "output_variable_name": "proof", "allowed_file_types": ["document"]}]});
    let document = Document::workflow("proof", &[])
        .node("ask", "human-input", ask)
        .end(
            "end",
            &[("name", "ask.proof.name"), ("shown", "ask.__action_id")],
        )
        .line(&["start", "ask"])
        .edge("ask:ok", "end");
    let app = TestApp::new().await;
    let run = app
        .publish(&document)
        .await
        .run(json!({"question": "why"}))
        .await;
    let run = run["id"].as_str().unwrap();
    let forms = app.user().pages(&format!("/api/v1/runs/{run}/forms")).await;
    let with = |id: &Json| {
        let file =
            json!({"type": "document", "transfer_method": "local_file", "upload_file_id": id});
        json!({"action": "ok", "values": {"proof": file}})
    };
    let strange = app.stranger().upload("b.txt", "text/plain", "y").await;
    let strange = with(&strange.expect(201)["id"]);
    let refused = app.user().post(&path(run, &forms[0]), strange).await;
    let problem = refused.expect(422);
    assert_eq!(problem["errors"][0]["code"], "file_unknown");
    assert_eq!(problem["errors"][0]["pointer"], "/values/proof");
    let ours = app.user().upload("a.txt", "text/plain", "x").await;
    let ours = with(&ours.expect(201)["id"]);
    let taken = app.user().post(&path(run, &forms[0]), ours).await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    let over = app.user().run_over(run).await;
    assert_eq!(over["outputs"], json!({"name": "a.txt", "shown": "ok"}));
}
