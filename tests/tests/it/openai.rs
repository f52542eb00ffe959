//! OpenAI's chat format, beside what its own packages try: frames, counts, refusals, whose workflow it is, and readers who leave.

use latchkey_tests::app::TestApp;
use latchkey_tests::client::{Answer, Client};
use latchkey_tests::document::{self, Document};
use latchkey_tests::provider::Reply;
use latchkey_tests::user::Workflow;
use latchkey_tests::wait;
use serde_json::{Value as Json, json};

const CHAT: &str = "/openai/v1/chat/completions";
const MODELS: &str = "/openai/v1/models";

/// Somebody with a key of the first workspace.
fn client(of: &TestApp) -> Client {
    of.user().client().unchecked()
}

fn chat() -> Document {
    Document::chat("helper", &["system"])
        .llm("ask", "{{#start.system#}}", "only")
        .answer("say", "{{#ask.text#}}")
        .line(&["start", "ask", "say"])
        .with(|file| {
            let nodes = file["workflow"]["graph"]["nodes"].as_array_mut().unwrap();
            let ask = nodes.iter_mut().find(|node| node["id"] == "ask").unwrap();
            ask["data"]["prompt_template"][0]["role"] = json!("system");
            ask["data"]["memory"] =
                json!({"window": {"enabled": false}, "query_prompt_template": "{{#sys.query#}}"});
        })
}

async fn helper(reply: Reply) -> (TestApp, Workflow) {
    let of = TestApp::new().await.answering(reply);
    of.credential("only").await;
    let workflow = of.publish(&chat()).await;
    (of, workflow)
}

fn ask(model: &str, more: Json) -> Json {
    let mut body = json!({"model": model, "messages": [{"role": "user", "content": "why"}]});
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    body
}

fn error(answer: &Answer) -> (u16, String, String) {
    let body: Json = serde_json::from_str(&answer.text).unwrap();
    let error = &body["error"];
    let keys: Vec<&String> = error.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["message", "type", "param", "code"], "{body}");
    assert!(!error["message"].as_str().unwrap().is_empty());
    let text = |key: &str| error[key].as_str().unwrap().to_owned();
    (answer.status, text("type"), text("code"))
}

#[tokio::test]
async fn an_answer_has_every_field() {
    let (of, _) = helper(Reply::words("one two")).await;
    let answer = client(&of)
        .post(CHAT, ask("helper", json!({})))
        .await
        .expect(200);
    assert!(answer["id"].as_str().unwrap().starts_with("chatcmpl-"));
    let rest = |key: &str| answer[key].clone();
    assert_eq!(
        (rest("object"), rest("model")),
        (json!("chat.completion"), json!("helper"))
    );
    assert!(answer["created"].is_u64());
    let choice = json!([{"index": 0, "message": {"role": "assistant", "content": "one two", "refusal": null}, "logprobs": null, "finish_reason": "stop"}]);
    assert_eq!(rest("choices"), choice);
    let usage = &answer["usage"];
    assert_eq!(usage["completion_tokens"], 2);
    let sum = usage["prompt_tokens"].as_u64().unwrap() + 2;
    assert_eq!(usage["total_tokens"], sum);
}

#[tokio::test]
async fn a_stream_is_chunks_of_one_answer_and_done() {
    let (of, _) = helper(Reply::words("one two")).await;
    let body = ask(
        "helper",
        json!({"stream": true, "stream_options": {"include_usage": true}}),
    );
    let answer = client(&of).post(CHAT, body).await;
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    let frames: Vec<&str> = answer
        .text
        .split("\n\n")
        .filter(|frame| !frame.is_empty())
        .collect();
    let (done, frames) = frames.split_last().unwrap();
    assert_eq!(*done, "data: [DONE]");
    let read = |frame: &&str| serde_json::from_str(frame.strip_prefix("data: ").unwrap()).unwrap();
    let chunks: Vec<Json> = frames.iter().map(read).collect();
    for chunk in &chunks {
        assert_eq!(
            (&chunk["object"], &chunk["id"]),
            (&json!("chat.completion.chunk"), &chunks[0]["id"])
        );
    }
    let choices: Vec<Json> = chunks
        .iter()
        .map(|chunk| chunk["choices"].clone())
        .collect();
    let delta = |delta: Json, finish: Json| json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]);
    let expected = [
        delta(json!({"role": "assistant", "content": ""}), Json::Null),
        delta(json!({"content": "one "}), Json::Null),
        delta(json!({"content": "two"}), Json::Null),
        delta(json!({}), json!("stop")),
        json!([]),
    ];
    assert_eq!(choices, expected);
    let counted: Vec<bool> = chunks
        .iter()
        .map(|chunk| chunk.get("usage").is_some())
        .collect();
    assert_eq!(counted, [false, false, false, false, true]);
    assert_eq!(chunks[4]["usage"]["completion_tokens"], 2);
}

#[tokio::test]
async fn a_stream_counts_only_for_who_asks() {
    let (of, _) = helper(Reply::words("one")).await;
    let answer = client(&of)
        .post(CHAT, ask("helper", json!({"stream": true})))
        .await;
    assert!(!answer.text.contains("usage"), "{}", answer.text);
}

#[tokio::test]
async fn what_other_servers_take_is_no_mistake() {
    let (of, _) = helper(Reply::words("ok")).await;
    let tool =
        json!({"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}});
    let more = json!({"temperature": 0.2, "top_p": 1, "n": 1, "max_tokens": 5, "tools": [tool], "tool_choice": "auto", "stop": null,
        "response_format": {"type": "text"}, "seed": 7, "metadata": {"a": "b"}, "user": null, "stream": null, "never_heard_of": [1]});
    let answer = client(&of)
        .post(CHAT, ask("helper", more))
        .await
        .expect(200);
    assert_eq!(answer["choices"][0]["message"]["content"], "ok");
}

#[tokio::test]
async fn a_history_is_what_the_model_remembers() {
    let (of, _) = helper(Reply::words("ok")).await;
    let messages = json!([{"role": "system", "content": "be kind"}, {"role": "user", "content": "first"}, {"role": "assistant", "content": "second"},
        {"role": "user", "content": [{"type": "text", "text": "third"}]}]);
    let _ = client(&of)
        .post(CHAT, json!({"model": "helper", "messages": messages}))
        .await
        .expect(200);
    let asked = of.provider().chats().pop().unwrap();
    let roles: Vec<&Json> = asked.body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| &message["role"])
        .collect();
    assert_eq!(roles, ["system", "user", "assistant", "user"]);
    assert_eq!(asked.prompt, "be kind\nfirst\nsecond\nthird");
    // It is no conversation of the service API.
    let again = client(&of)
        .post(CHAT, ask("helper", json!({})))
        .await
        .expect(200);
    assert_eq!(again["choices"][0]["message"]["content"], "ok");
    let asked = of.provider().chats().pop().unwrap();
    assert!(!asked.prompt.contains("third"), "{}", asked.prompt);
}

#[tokio::test]
async fn refusals_have_the_envelope_of_openai() {
    let (of, workflow) = helper(Reply::words("ok")).await;
    let key = client(&of);
    let wrong = key.with_key(Some("app-AAAAAAAAAAAAAAAAAAAAAAAA"));
    let invalid = "invalid_request_error";
    let unknown = "authentication_error";
    let nobody = key.with_key(None);
    for (answer, status, kind, code) in [
        (
            wrong.post(CHAT, ask("helper", json!({}))).await,
            401,
            unknown,
            "invalid_api_key",
        ),
        (nobody.get(MODELS).await, 401, unknown, "invalid_api_key"),
        (
            key.post(CHAT, ask("nothing", json!({}))).await,
            404,
            invalid,
            "model_not_found",
        ),
        (
            key.get(&format!("{MODELS}/nothing")).await,
            404,
            invalid,
            "model_not_found",
        ),
        (
            key.post(CHAT, json!({"model": "helper", "messages": []}))
                .await,
            400,
            invalid,
            "invalid_request",
        ),
        (
            key.post(CHAT, json!({"messages": []})).await,
            400,
            invalid,
            "invalid_request",
        ),
        (
            key.post("/openai/v1/embeddings", json!({})).await,
            404,
            invalid,
            "not_found",
        ),
        (key.get(CHAT).await, 405, invalid, "method_not_allowed"),
    ] {
        assert_eq!(error(&answer), (status, kind.to_owned(), code.to_owned()));
    }
    let broken = key
        .request("POST", CHAT)
        .body("application/json", "{")
        .send()
        .await;
    assert_eq!(
        (error(&broken).0, error(&broken).1.as_str()),
        (400, invalid)
    );
    let switched = json!({"api_enabled": false});
    let _ = of
        .user()
        .patch(&format!("/workflows/{}/app", workflow.id), switched)
        .await
        .expect(200);
    let off = key.post(CHAT, ask("helper", json!({}))).await;
    assert!([403, 404].contains(&error(&off).0), "{}", off.text);
}

#[tokio::test]
async fn a_run_that_fails_is_no_answer() {
    let (of, _) = helper(Reply::unauthorized()).await;
    let whole = client(&of).post(CHAT, ask("helper", json!({}))).await;
    assert_eq!(
        error(&whole),
        (
            422,
            "invalid_request_error".to_owned(),
            "run_failed".to_owned()
        )
    );
    let streamed = client(&of)
        .post(CHAT, ask("helper", json!({"stream": true})))
        .await;
    assert_eq!(streamed.status, 200);
    assert!(
        streamed.text.contains("\"code\":\"run_failed\""),
        "{}",
        streamed.text
    );
    assert!(
        streamed.text.ends_with("data: [DONE]\n\n"),
        "{}",
        streamed.text
    );
}

#[tokio::test]
async fn models_are_the_workflows_that_a_key_reaches() {
    let (of, workflow) = helper(Reply::words("ok")).await;
    let light = of.publish(&document::light()).await;
    let stranger = of.stranger().client().unchecked();
    let ids = async |client: &Client| {
        let listed = client.get(MODELS).await.expect(200);
        assert_eq!(listed["object"], "list");
        let mut ids: Vec<String> = Vec::new();
        for model in listed["data"].as_array().unwrap() {
            assert_eq!(
                (&model["object"], &model["owned_by"]),
                (&json!("model"), &json!("latchkey"))
            );
            assert!(model["created"].is_u64());
            ids.push(model["id"].as_str().unwrap().to_owned());
        }
        ids.sort();
        ids
    };
    assert_eq!(ids(&client(&of)).await, ["helper", "light"]);
    assert!(ids(&stranger).await.is_empty());
    for model in ["helper", &workflow.id] {
        let one = client(&of)
            .get(&format!("{MODELS}/{model}"))
            .await
            .expect(200);
        assert_eq!(one["workflow_id"], json!(workflow.id));
        assert_eq!(stranger.get(&format!("{MODELS}/{model}")).await.status, 404);
        let asked = stranger.post(CHAT, ask(model, json!({}))).await;
        assert_eq!(
            (error(&asked).0, error(&asked).2.as_str()),
            (404, "model_not_found")
        );
    }
    let body = json!({"name": "app", "kind": "app", "workflow_id": light.id});
    let made = of.user().post("/api-keys", body).await.expect(201);
    let app = client(&of).with_key(made["key"].as_str());
    assert_eq!(ids(&app).await, ["light"]);
    assert_eq!(
        error(&app.post(CHAT, ask("helper", json!({}))).await).0,
        404
    );
    // Two of one name are known by their ids.
    let second = of.publish(&document::light()).await;
    let mut expected = vec!["helper".to_owned(), light.id.clone(), second.id.clone()];
    expected.sort();
    assert_eq!(ids(&client(&of)).await, expected);
}

#[tokio::test]
async fn a_reader_who_leaves_a_stream_stops_the_run() {
    let (of, _) = helper(Reply::HangsAfter("so far".to_owned())).await;
    let body = ask("helper", json!({"stream": true}));
    let mut events = client(&of).request("POST", CHAT).json(&body).events().await;
    assert!(events.next().await.is_some());
    of.provider().arrived(1).await;
    drop(events);
    wait::until("the run is stopped", async || {
        let runs = of.user().pages("/api/v1/runs").await;
        (runs.len() == 1 && runs[0]["status"] == "stopped").then_some(())
    })
    .await;
}
