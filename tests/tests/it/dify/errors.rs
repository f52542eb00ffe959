//! Refusals: the envelope, who may call, what is read before a stream is opened.

use latchkey_tests::app::TestApp;
use latchkey_tests::client::Answer;
use latchkey_tests::document::{self, Document};
use serde_json::{Value as Json, json};

use super::app;

fn envelope(answer: &Answer) -> (u16, String) {
    let body: Json = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(body["status"], answer.status, "{}", answer.text);
    assert!(body["message"].is_string(), "{}", answer.text);
    (answer.status, body["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_key_is_asked_for_before_anything_else() {
    let of = TestApp::new().await;
    let app = app(&of, &document::light()).await;
    let run = json!({"inputs": {}, "user": "ada"});
    let unauthorized = (401, "unauthorized".to_owned());
    for key in [None, Some("app-wrong"), Some("lk_wrong")] {
        let client = app.client.with_key(key);
        for (method, path) in [
            ("POST", "/v1/workflows/run"),
            ("GET", "/v1/info"),
            ("GET", "/v1/nothing"),
        ] {
            let answer = client.request(method, path).json(&run).send().await;
            assert_eq!(envelope(&answer), unauthorized, "{key:?} {path}");
            assert_eq!(
                answer.header("www-authenticate"),
                Some("Bearer realm=\"api\"")
            );
        }
    }
    // A key of the whole workspace is no app's.
    let owner = of.user().client().unchecked();
    assert_eq!(envelope(&owner.get("/v1/info").await), unauthorized);
    let basic = app.client.with_key(None).request("GET", "/v1/info");
    let basic = basic.header("authorization", "Basic YTpi").send().await;
    assert_eq!(envelope(&basic), unauthorized);
    let unknown = app.get("/nothing").await;
    assert_eq!(envelope(&unknown), (404, "not_found".to_owned()));
    let method = app.get("/workflows/run").await;
    assert_eq!(envelope(&method), (405, "method_not_allowed".to_owned()));
}

#[tokio::test]
async fn an_app_that_is_switched_off_or_gone_is_forbidden() {
    let of = TestApp::new().await;
    let app = app(&of, &document::light()).await;
    let path = format!("/workflows/{}/app", app.workflow.id);
    let off = of.user().patch(&path, json!({"api_enabled": false})).await;
    assert_eq!(off.expect(200)["api_enabled"], false);
    let forbidden = (403, "forbidden".to_owned());
    assert_eq!(envelope(&app.get("/info").await), forbidden);
    let _ = of
        .user()
        .patch(&path, json!({"api_enabled": true}))
        .await
        .expect(200);
    assert_eq!(app.get("/info").await.status, 200);
    of.user()
        .delete(&format!("/workflows/{}", app.workflow.id))
        .await
        .expect(204);
    assert_eq!(envelope(&app.get("/info").await), forbidden);
}

#[tokio::test]
async fn bodies_that_make_no_sense_are_refused_before_a_stream_is_opened() {
    let of = TestApp::new().await;
    let needs = Document::workflow("needs", &[]).end("end", &[]).line(&["start", "end"]).with(|file| {
        let start = &mut file["workflow"]["graph"]["nodes"][0]["data"]["variables"];
        *start = json!([{"variable": "name", "label": "name", "type": "select", "required": true, "options": ["a", "b"]}]);
    });
    let app = app(&of, &needs).await;
    let param = |text: &str| (400, "invalid_param".to_owned(), text.to_owned());
    for (body, (status, code, text)) in [
        (json!({"user": "ada"}), param("inputs")),
        (
            json!({"inputs": {"name": "a"}}),
            param("Arg user must be provided."),
        ),
        (
            json!({"inputs": {"name": "a"}, "user": ""}),
            param("Arg user must be provided."),
        ),
        (json!({"inputs": [], "user": "ada"}), param("inputs")),
        (
            json!({"inputs": {"name": "a"}, "user": "ada", "response_mode": "later"}),
            param("response_mode"),
        ),
        (
            json!({"inputs": {}, "user": "ada"}),
            param("name is required in input form"),
        ),
        (
            json!({"inputs": {"name": "c"}, "user": "ada"}),
            param("name in input form must be one of"),
        ),
        (
            json!({"inputs": {"name": {}}, "user": "ada"}),
            param("Invalid input type for"),
        ),
        (
            json!({"inputs": {"name": "a"}, "user": "ada", "files": {}}),
            param("files"),
        ),
        (
            json!({"inputs": {"name": "a"}, "user": "ada", "credential_overrides": {"openai": 5}}),
            param("credential_overrides"),
        ),
    ] {
        for mode in ["blocking", "streaming"] {
            let mut body = body.clone();
            if body["response_mode"].is_null() {
                body["response_mode"] = json!(mode);
            }
            let answer = app.post("/workflows/run", body.clone()).await;
            assert_eq!(
                envelope(&answer),
                (status, code.clone()),
                "{body}: {}",
                answer.text
            );
            assert!(answer.text.contains(&text), "{body}: {}", answer.text);
        }
    }
    let post = |kind: &str, body: &str| {
        let ask = app.client.request("POST", "/v1/workflows/run");
        ask.body(kind, body.to_owned()).send()
    };
    for (kind, body, told) in [
        ("application/json", "", (400, "bad_request")),
        ("application/json", "{", (400, "bad_request")),
        ("application/json", "[]", (400, "invalid_param")),
        ("text/plain", "{}", (415, "unsupported_media_type")),
    ] {
        let answer = post(kind, body).await;
        assert_eq!(
            envelope(&answer),
            (told.0, told.1.to_owned()),
            "{kind} {body}"
        );
    }
}

#[tokio::test]
async fn each_route_is_for_one_kind_of_app() {
    let of = TestApp::new().await;
    let flow = app(&of, &document::light()).await;
    let chat = Document::chat("chat", &[])
        .answer("say", "hi")
        .line(&["start", "say"]);
    let chat = app(&of, &chat).await;
    let ask = json!({"inputs": {}, "query": "why", "user": "ada"});
    let not_chat = (400, "not_chat_app".to_owned());
    let not_workflow = (400, "not_workflow_app".to_owned());
    assert_eq!(
        envelope(&flow.post("/chat-messages", ask.clone()).await),
        not_chat
    );
    for path in ["/conversations", "/messages", "/app/feedbacks"] {
        assert_eq!(envelope(&flow.get(path).await), not_chat, "{path}");
    }
    assert_eq!(
        envelope(&chat.post("/workflows/run", ask.clone()).await),
        not_workflow
    );
    assert_eq!(envelope(&chat.get("/workflows/logs").await), not_workflow);
    let unavailable = (400, "app_unavailable".to_owned());
    assert_eq!(
        envelope(&flow.post("/completion-messages", ask.clone()).await),
        unavailable
    );
    assert_eq!(
        envelope(&flow.post("/text-to-audio", ask.clone()).await),
        unavailable
    );
    let deaf = (400, "provider_not_support_speech_to_text".to_owned());
    assert_eq!(envelope(&flow.post("/audio-to-text", ask).await), deaf);
}

#[tokio::test]
async fn what_belongs_to_another_app_or_workspace_is_not_there() {
    let of = TestApp::new().await;
    let ours = app(&of, &document::light()).await;
    let theirs = app(&of, &document::light()).await;
    let body = json!({"inputs": {"name": "Ada"}, "user": "ada"});
    let run = ours.post("/workflows/run", body).await.expect(200);
    let run = run["workflow_run_id"].as_str().unwrap();
    let version =
        ours.get(&format!("/workflows/run/{run}")).await.expect(200)["workflow_id"].clone();
    let foreign = of.stranger().publish(&document::light(), &[]).await;
    let made = of.stranger().post(
        "/api-keys",
        json!({"name": "app", "kind": "app", "workflow_id": foreign.id}),
    );
    let made = made.await.expect(201);
    let stranger = of
        .stranger()
        .client()
        .unchecked()
        .with_key(made["key"].as_str());
    let not_found = (404, "not_found".to_owned());
    for client in [&theirs.client, &stranger] {
        for path in [
            format!("/v1/workflows/run/{run}"),
            format!("/v1/workflow/{run}/events?user=ada"),
        ] {
            assert_eq!(envelope(&client.get(&path).await), not_found, "{path}");
        }
        let pinned = format!("/v1/workflows/{}/run", version.as_str().unwrap());
        let body = json!({"inputs": {}, "user": "ada"});
        assert_eq!(envelope(&client.post(&pinned, body).await), not_found);
    }
}
