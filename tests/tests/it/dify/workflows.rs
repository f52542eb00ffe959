//! Workflow apps: whole answers of blocking runs, streams field by field, versions, stops, details.

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::document::{self, Document};
use latchkey_tests::provider::Reply;
use latchkey_tests::{shown, wait};
use serde_json::{Value as Json, json};

use super::{App, app, order};

async fn one_model(of: &TestApp) -> App {
    of.credential("only").await;
    app(of, &document::one_model("only")).await
}

#[tokio::test]
async fn a_blocking_run_answers_as_dify_does() {
    let of = TestApp::new().await.answering(Reply::words("because"));
    let app = one_model(&of).await;
    let body = json!({"inputs": {"tenant": "acme", "question": "why"}, "user": "ada", "files": null, "trace_id": null, "more": 1});
    let answer = app.post("/workflows/run", body).await;
    assert_snapshot!(shown::answer(&answer), @r#"
    200
    {
      "task_id": "<id 1>",
      "workflow_run_id": "<id 2>",
      "data": {
        "id": "<id 2>",
        "workflow_id": "<id 3>",
        "status": "succeeded",
        "outputs": {"answer":"because"},
        "error": null,
        "elapsed_time": 0.0,
        "total_tokens": 3,
        "total_steps": 3,
        "created_at": 1767225600,
        "finished_at": 1767225600
      }
    }
    "#);
    let run = answer.expect(200);
    let detail = app
        .get(&format!(
            "/workflows/run/{}",
            run["workflow_run_id"].as_str().unwrap()
        ))
        .await;
    assert_snapshot!(shown::answer(&detail), @r#"
    200
    {
      "id": "<id 1>",
      "workflow_id": "<id 2>",
      "status": "succeeded",
      "inputs": "{\"tenant\":\"acme\",\"question\":\"why\",\"sys.files\":[],\"sys.app_id\":\"<id 3>\",\"sys.workflow_id\":\"<id 3>\",\"sys.user_id\":\"ada\",\"sys.workflow_run_id\":\"<id 1>\",\"sys.timestamp\":1767225600}",
      "outputs": {"answer":"because"},
      "error": null,
      "total_steps": 3,
      "total_tokens": 3,
      "created_at": 1767225600,
      "finished_at": 1767225600,
      "elapsed_time": 0.0
    }
    "#);
}

#[tokio::test]
async fn a_stream_tells_every_field() {
    let of = TestApp::new().await.answering(Reply::words("because so"));
    let app = one_model(&of).await;
    let events = app.run(json!({"tenant": "acme", "question": "why"})).await;
    let text: Vec<String> = events
        .iter()
        .map(|event| shown::json(&event.data))
        .collect();
    assert_snapshot!(text.join("\n"), @r##"
    {
      "event": "workflow_started",
      "workflow_run_id": "<id 1>",
      "task_id": "<id 2>",
      "data": {
        "id": "<id 1>",
        "workflow_id": "<id 3>",
        "inputs": {
          "tenant": "acme",
          "question": "why",
          "sys.files": [],
          "sys.app_id": "<id 4>",
          "sys.workflow_id": "<id 4>",
          "sys.user_id": "ada",
          "sys.workflow_run_id": "<id 1>",
          "sys.timestamp": 1767225600
        },
        "created_at": 1767225600,
        "reason": "initial"
      }
    }
    {
      "event": "node_started",
      "workflow_run_id": "<id 1>",
      "task_id": "<id 2>",
      "data": {
        "id": "<id 3>",
        "node_id": "start",
        "node_type": "start",
        "title": "start",
        "index": 1,
        "predecessor_node_id": null,
        "inputs": null,
        "inputs_truncated": false,
        "created_at": 1767225600,
        "extras": {},
        "iteration_id": null,
        "loop_id": null,
        "agent_strategy": null
      }
    }
    {
      "event": "node_finished",
      "workflow_run_id": "<id 1>",
      "task_id": "<id 2>",
      "data": {
        "id": "<id 3>",
        "node_id": "start",
        "node_type": "start",
        "title": "start",
        "index": 1,
        "predecessor_node_id": null,
        "inputs": {"tenant":"acme","question":"why"},
        "inputs_truncated": false,
        "process_data": {},
        "process_data_truncated": false,
        "outputs": {"tenant":"acme","question":"why"},
        "outputs_truncated": false,
        "status": "succeeded",
        "error": null,
        "elapsed_time": 0.0,
        "execution_metadata": {},
        "created_at": 1767225600,
        "finished_at": 1767225600,
        "files": [],
        "iteration_id": null,
        "loop_id": null
      }
    }
    {
      "event": "node_started",
      "workflow_run_id": "<id 1>",
      "task_id": "<id 2>",
      "data": {
        "id": "<id 3>",
        "node_id": "ask",
        "node_type": "llm",
        "title": "ask",
        "index": 2,
        "predecessor_node_id": null,
        "inputs": null,
        "inputs_truncated": false,
        "created_at": 1767225600,
        "extras": {},
        "iteration_id": null,
        "loop_id": null,
        "agent_strategy": null
      }
    }
    {
      "event": "text_chunk",
      "workflow_run_id": "<id 1>",
      "task_id": "<id 2>",
      "data": {"text":"because ","from_variable_selector":["ask","text"]}
    }
    {
      "event": "text_chunk",
      "workflow_run_id": "<id 1>",
      "task_id": "<id 2>",
      "data": {"text":"so","from_variable_selector":["ask","text"]}
    }
    {
      "event": "text_chunk",
      "workflow_run_id": "<id 1>",
      "task_id": "<id 2>",
      "data": {"text":"","from_variable_selector":["ask","text"]}
    }
    {
      "event": "node_finished",
      "workflow_run_id": "<id 1>",
      "task_id": "<id 2>",
      "data": {
        "id": "<id 3>",
        "node_id": "ask",
        "node_type": "llm",
        "title": "ask",
        "index": 2,
        "predecessor_node_id": null,
        "inputs": {
          "#start.tenant#": "acme",
          "#start.question#": "why",
          "model_provider": "deepseek",
          "model_name": "deepseek-chat"
        },
        "inputs_truncated": false,
        "process_data": {
          "model_mode": "chat",
          "model_provider": "deepseek",
          "model_name": "deepseek-chat",
          "prompts": [{"role":"user","text":"tenant=acme question=why","files":[]}],
          "usage": {
            "prompt_tokens": 2,
            "completion_tokens": 2,
            "total_tokens": 4,
            "prompt_unit_price": "0.28",
            "completion_unit_price": "0.42",
            "prompt_price_unit": "0.000001",
            "completion_price_unit": "0.000001",
            "prompt_price": "0.00000056",
            "completion_price": "0.00000084",
            "total_price": "0.0000014",
            "currency": "USD",
            "latency": "<measured>",
            "time_to_first_token": "<measured>",
            "time_to_generate": "<measured>"
          },
          "finish_reason": "stop"
        },
        "process_data_truncated": false,
        "outputs": {
          "text": "because so",
          "reasoning_content": "",
          "usage": {
            "prompt_tokens": 2,
            "completion_tokens": 2,
            "total_tokens": 4,
            "prompt_unit_price": "0.28",
            "completion_unit_price": "0.42",
            "prompt_price_unit": "0.000001",
            "completion_price_unit": "0.000001",
            "prompt_price": "0.00000056",
            "completion_price": "0.00000084",
            "total_price": "0.0000014",
            "currency": "USD",
            "latency": "<measured>",
            "time_to_first_token": "<measured>",
            "time_to_generate": "<measured>"
          },
          "finish_reason": "stop"
        },
        "outputs_truncated": false,
        "status": "succeeded",
        "error": null,
        "elapsed_time": 0.0,
        "execution_metadata": {"total_tokens":4,"total_price":"0.0000014","currency":"USD"},
        "created_at": 1767225600,
        "finished_at": 1767225600,
        "files": [],
        "iteration_id": null,
        "loop_id": null
      }
    }
    {
      "event": "node_started",
      "workflow_run_id": "<id 1>",
      "task_id": "<id 2>",
      "data": {
        "id": "<id 3>",
        "node_id": "end",
        "node_type": "end",
        "title": "end",
        "index": 3,
        "predecessor_node_id": null,
        "inputs": null,
        "inputs_truncated": false,
        "created_at": 1767225600,
        "extras": {},
        "iteration_id": null,
        "loop_id": null,
        "agent_strategy": null
      }
    }
    {
      "event": "node_finished",
      "workflow_run_id": "<id 1>",
      "task_id": "<id 2>",
      "data": {
        "id": "<id 3>",
        "node_id": "end",
        "node_type": "end",
        "title": "end",
        "index": 3,
        "predecessor_node_id": null,
        "inputs": {"answer":"because so"},
        "inputs_truncated": false,
        "process_data": {},
        "process_data_truncated": false,
        "outputs": {"answer":"because so"},
        "outputs_truncated": false,
        "status": "succeeded",
        "error": null,
        "elapsed_time": 0.0,
        "execution_metadata": {},
        "created_at": 1767225600,
        "finished_at": 1767225600,
        "files": [],
        "iteration_id": null,
        "loop_id": null
      }
    }
    {
      "event": "workflow_finished",
      "workflow_run_id": "<id 1>",
      "task_id": "<id 2>",
      "data": {
        "id": "<id 1>",
        "workflow_id": "<id 3>",
        "status": "succeeded",
        "outputs": {"answer":"because so"},
        "error": null,
        "elapsed_time": 0.0,
        "total_tokens": 4,
        "total_steps": 3,
        "created_by": {"id":"<id 4>","user":"ada"},
        "created_at": 1767225600,
        "finished_at": 1767225600,
        "exceptions_count": 0,
        "files": []
      }
    }
    "##);
}

#[tokio::test]
async fn the_first_bytes_are_a_ping_and_every_event_is_one_line() {
    let of = TestApp::new().await;
    let app = app(&of, &document::light()).await;
    let body = json!({"inputs": {"name": "Ada"}, "user": "ada", "response_mode": "streaming"});
    let answer = app.post("/workflows/run", body).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    let rest = answer.text.strip_prefix("event: ping\n\n").unwrap();
    for frame in rest.trim_end().split("\n\n") {
        let data = frame.strip_prefix("data: ").unwrap();
        let _: Json = serde_json::from_str(data).unwrap();
        assert!(!data.contains('\n'), "{frame}");
    }
}

#[tokio::test]
async fn a_version_can_be_pinned() {
    let of = TestApp::new().await;
    let app = app(&of, &document::light()).await;
    let body = json!({"inputs": {"name": "Ada"}, "user": "ada"});
    let first = app.post("/workflows/run", body.clone()).await.expect(200);
    let first = first["data"]["workflow_id"].as_str().unwrap().to_owned();
    app.workflow.publish().await;
    let second = app.post("/workflows/run", body.clone()).await.expect(200);
    assert_ne!(second["data"]["workflow_id"], json!(first));
    let path = format!("/workflows/{first}/run");
    let pinned = app.post(&path, body.clone());
    assert_eq!(
        pinned.await.expect(200)["data"]["workflow_id"],
        json!(first)
    );
    let unknown = "01900000-0000-8000-8000-000000000000";
    let draft = draft_of(&first);
    for (id, refusal) in [
        ("latest", (400, "bad_request")),
        (unknown, (404, "not_found")),
        // The draft has an id of its own, which nothing tells.
        (draft.as_str(), (400, "bad_request")),
    ] {
        let answer = app
            .post(&format!("/workflows/{id}/run"), body.clone())
            .await;
        assert_eq!(answer.refusal(), (refusal.0, refusal.1.to_owned()), "{id}");
    }
}

/// The id of version 0, given that of version 1.
fn draft_of(first: &str) -> String {
    let mut letters: Vec<char> = first.chars().collect();
    let last = letters.last_mut().unwrap();
    let digit = last.to_digit(16).unwrap() ^ 1;
    *last = char::from_digit(digit, 16).unwrap();
    letters.into_iter().collect()
}

#[tokio::test]
async fn a_run_that_fails_is_an_answer_and_a_wrong_input_is_a_refusal() {
    let of = TestApp::new().await.answering(Reply::unauthorized());
    let app = one_model(&of).await;
    let body = json!({"inputs": {"question": "why"}, "user": "ada"});
    let failed = app.post("/workflows/run", body).await.expect(200);
    assert_eq!(failed["data"]["status"], "failed");
    assert!(failed["data"]["error"].is_string(), "{failed}");
    assert_eq!(failed["data"]["outputs"], json!({}));
    let wrong = json!({"inputs": {"question": "x".repeat(300)}, "user": "ada", "response_mode": "streaming"});
    let refused = app.post("/workflows/run", wrong).await;
    assert_snapshot!(shown::answer(&refused), @r#"
    400
    {"code":"invalid_param","message":"question in input form must be less than 200 characters","status":400}
    "#);
}

#[tokio::test]
async fn a_run_is_stopped_by_its_task_and_stopping_is_never_wrong() {
    let of = TestApp::new()
        .await
        .answering(Reply::HangsAfter("so far".to_owned()));
    let app = one_model(&of).await;
    let body = json!({"inputs": {}, "user": "ada", "response_mode": "streaming"});
    let mut stream = app.stream("/workflows/run", body).await;
    let mut seen = Vec::new();
    let task = loop {
        let event = stream.next().await.unwrap();
        let is_text = event.data["event"] == "text_chunk";
        let task = event.data["task_id"].as_str().unwrap().to_owned();
        seen.push(event);
        if is_text {
            break task;
        }
    };
    let app = &app;
    let stop = |task: String| {
        let path = format!("/workflows/tasks/{task}/stop");
        async move { app.post(&path, json!({"user": "ada"})).await.expect(200) }
    };
    assert_eq!(stop(task.clone()).await, json!({"result": "success"}));
    seen.extend(stream.rest().await);
    let last = &seen.last().unwrap().data;
    assert_eq!(last["event"], "workflow_finished");
    assert_eq!(
        (&last["data"]["status"], &last["data"]["error"]),
        (&json!("stopped"), &json!("Stopped by user."))
    );
    for other in [task, "no-task".to_owned(), uuid::Uuid::now_v7().to_string()] {
        assert_eq!(stop(other).await, json!({"result": "success"}));
    }
    let nobody = app.post("/workflows/tasks/x/stop", json!({})).await;
    assert_eq!(nobody.refusal(), (400, "invalid_param".to_owned()));
}

#[tokio::test]
async fn a_run_goes_on_when_its_client_has_gone() {
    let of = TestApp::new()
        .await
        .answering(Reply::Gated("one two".to_owned()));
    let app = one_model(&of).await;
    let body = json!({"inputs": {}, "user": "ada", "response_mode": "streaming"});
    let mut stream = app.stream("/workflows/run", body).await;
    let started = stream.next().await.unwrap();
    let run = started.data["workflow_run_id"].as_str().unwrap().to_owned();
    drop(stream);
    of.provider().release(10);
    let path = format!("/workflows/run/{run}");
    let over = wait::until("the run is over", async || {
        let run = app.get(&path).await.expect(200);
        (run["status"] == "succeeded").then_some(run)
    });
    assert_eq!(over.await["outputs"], json!({"answer": "one two"}));
}

#[tokio::test]
async fn a_credential_can_be_stated_by_a_run() {
    let of = TestApp::new().await.answering(Reply::words("paid"));
    of.credential("customer-acme").await;
    of.credential("only").await;
    let app = app(&of, &document::one_model("only")).await;
    let settings = app.workflow.path("/credential-settings");
    let mut now = of.user().client().get(&settings).await.expect(200);
    now["runtime_override"] = json!("named");
    now["runtime_allow"] = json!(["customer-*"]);
    let _ = of.user().client().put(&settings, now).await.expect(200);
    let body = |name: &str| json!({"inputs": {}, "user": "ada", "credential_overrides": {"deepseek": {"credential_name": name}}});
    let run = app
        .post("/workflows/run", body("customer-acme"))
        .await
        .expect(200);
    assert_eq!(run["data"]["status"], "succeeded");
    let payers = of.provider().calls_by_key();
    assert_eq!(
        payers.keys().collect::<Vec<_>>(),
        ["test-key-customer-acme"]
    );
    let refused = app.post("/workflows/run", body("only")).await;
    assert_eq!(
        refused.refusal(),
        (400, "provider_not_initialize".to_owned())
    );
    let text = refused.text;
    assert!(!text.contains("only"), "{text}");
}

#[tokio::test]
async fn no_more_runs_are_under_way_than_the_app_may_have() {
    let of = TestApp::new().await.answering(Reply::Gated("x".to_owned()));
    let app = one_model(&of).await;
    let path = format!("/workflows/{}/app", app.workflow.id);
    let set = of
        .user()
        .patch(&path, json!({"max_active_requests": 1}))
        .await;
    assert_eq!(set.expect(200)["max_active_requests"], 1);
    let body = json!({"inputs": {}, "user": "ada", "response_mode": "streaming"});
    let mut first = app.stream("/workflows/run", body.clone()).await;
    let _ = first.next().await.unwrap();
    let refused = app.post("/workflows/run", body.clone()).await;
    assert_eq!(refused.refusal(), (429, "too_many_requests".to_owned()));
    of.provider().release(10);
    let _ = first.rest().await;
    let again = app.run(json!({})).await;
    assert!(
        order(&again).ends_with("status=succeeded"),
        "{}",
        order(&again)
    );
}

#[tokio::test]
async fn an_app_tells_what_it_asks_for() {
    let of = TestApp::new().await;
    let app = app(&of, &document::light()).await;
    let mut told = String::new();
    for path in [
        "/info?user=ada",
        "/parameters?user=ada",
        "/meta?user=ada",
        "/site",
    ] {
        told.push_str(&shown::answer(&app.get(path).await));
        told.push('\n');
    }
    assert_snapshot!(told, @r##"
    200
    {"name":"light","description":"","tags":[],"mode":"workflow","author_name":null}
    200
    {
      "opening_statement": null,
      "suggested_questions": [],
      "suggested_questions_after_answer": {"enabled":false},
      "speech_to_text": {"enabled":false},
      "text_to_speech": {"enabled":false},
      "retriever_resource": {"enabled":false},
      "annotation_reply": {"enabled":false},
      "more_like_this": {"enabled":false},
      "user_input_form": [{"text-input":{"variable":"name","label":"name","type":"text-input","required":false,"max_length":200}}],
      "sensitive_word_avoidance": {"enabled":false,"type":"","configs":[]},
      "file_upload": {"image":{"enabled":false,"number_limits":3,"detail":"high","transfer_methods":["remote_url","local_file"]}},
      "system_parameters": {
        "image_file_size_limit": 10,
        "video_file_size_limit": 100,
        "audio_file_size_limit": 50,
        "file_size_limit": 15,
        "workflow_file_upload_limit": 10
      }
    }
    200
    {"tool_icons":{}}
    200
    {
      "title": "light",
      "chat_color_theme": null,
      "chat_color_theme_inverted": false,
      "icon_type": "emoji",
      "icon": "x",
      "icon_background": "#fff",
      "icon_url": null,
      "description": "",
      "copyright": null,
      "privacy_policy": null,
      "custom_disclaimer": "",
      "default_language": "en-US",
      "show_workflow_steps": true,
      "use_icon_as_answer_icon": false
    }
    "##);
    let nobody = app.client.with_key(None).get("/v1/").await;
    assert_eq!(nobody.expect(200)["welcome"], "Dify OpenAPI");
}

#[tokio::test]
async fn an_app_that_is_not_published_says_so() {
    let of = TestApp::new().await;
    let light = Document::workflow("draft", &[])
        .end("end", &[])
        .line(&["start", "end"]);
    let imported = of.user().try_import(&light.yaml(), "").await.expect(201);
    let body = json!({"name": "app", "kind": "app", "workflow_id": imported["workflow"]["id"]});
    let made = of.user().post("/api-keys", body).await.expect(201);
    let client = of
        .user()
        .client()
        .unchecked()
        .with_key(made["key"].as_str());
    let run = client
        .post("/v1/workflows/run", json!({"inputs": {}, "user": "ada"}))
        .await;
    let body: Json = serde_json::from_str(&run.text).unwrap();
    assert_eq!(
        body,
        json!({"code": "invalid_param", "message": "Workflow not published", "status": 400})
    );
    let parameters = client.get("/v1/parameters").await;
    assert_eq!(parameters.refusal(), (400, "app_unavailable".to_owned()));
}
