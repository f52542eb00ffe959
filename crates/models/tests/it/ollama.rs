//! Ollama's own format: what is sent. What answers come to stands in the golden files.

use latchkey_domain::provider::ModelType;
use latchkey_models::{ChatRequest, Message, Part, ResponseFormat, Role, Tool, ToolCall};
use latchkey_outbound::Response;
use serde_json::{Value as Json, json};

use crate::stage::{Seen, Stage, asking, json as answer};

const HOST: &str = "http://localhost:11434";

fn done() -> Json {
    json!({"message": {"role": "assistant", "content": "Hi"}, "done": true, "done_reason": "stop",
        "prompt_eval_count": 3, "eval_count": 1})
}

fn hello(seen: &Seen) -> Response {
    match seen.url.strip_prefix(HOST) {
        Some("/api/tags") => answer(200, &json!({"models": []})),
        Some("/api/embed") => answer(
            200,
            &json!({"embeddings": [[1, 2], [3, 4]], "prompt_eval_count": 6}),
        ),
        _ => answer(200, &done()),
    }
}

fn stage() -> Stage {
    let settings = [("base_url", "http://localhost:11434")];
    Stage::new(("ollama", "qwen3"), &settings, &[], hello)
}

#[tokio::test]
async fn a_question_has_its_options_apart() {
    let stage = stage();
    let mut request = asking(
        &json!({"temperature": 0.5, "top_k": 40, "num_ctx": 8192, "max_tokens": 100, "seed": 7,
        "stop": ["END"], "keep_alive": "5m", "think": true, "mirostat": null}),
    );
    request
        .messages
        .insert(0, Message::text(Role::System, "Be brief"));
    let body = stage.body_of(request).await;
    let seen = stage.last();
    assert_eq!(seen.line(), format!("POST {HOST}/api/chat"));
    assert!(!seen.headers.contains_key("authorization"));
    assert_eq!(
        body,
        json!({
            "model": "qwen3",
            "messages": [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Say hi"}],
            "stream": true,
            "think": true,
            "keep_alive": "5m",
            "options": {"temperature": 0.5, "top_k": 40, "num_ctx": 8192, "num_predict": 100, "seed": 7, "stop": ["END"]},
        })
    );
}

#[tokio::test]
async fn calls_go_back_as_objects_and_results_by_their_tools_name() {
    let called = Message {
        tool_calls: vec![ToolCall {
            id: "call_0".into(),
            name: "clock".into(),
            arguments: "{\"zone\":\"CET\"}".into(),
        }],
        ..Message::text(Role::Assistant, "")
    };
    let result = Message {
        tool_call_id: Some("call_0".into()),
        ..Message::text(Role::Tool, "12:00")
    };
    let mut request = asking(&json!({}));
    request.messages.extend([called, result]);
    request.tools = vec![Tool {
        name: "clock".into(),
        description: "The time".into(),
        parameters: json!({"type": "object"}),
    }];
    let body = stage().body_of(request.clone()).await;
    assert_eq!(
        body["messages"].as_array().unwrap()[1..],
        [
            json!({"role": "assistant", "content": "", "tool_calls": [
                {"function": {"name": "clock", "arguments": {"zone": "CET"}}}]}),
            json!({"role": "tool", "content": "12:00", "tool_name": "clock"}),
        ]
    );
    let tool = json!({"type": "function", "function": {"name": "clock", "description": "The time",
        "parameters": {"type": "object"}}});
    assert_eq!(body["tools"], json!([tool]));
    request
        .parameters
        .insert("tool_choice".into(), json!("none"));
    assert_eq!(stage().body_of(request).await.get("tools"), None);
}

#[tokio::test]
async fn forms_and_thoughts_are_asked_for_in_the_formats_words() {
    let schema = json!({"type": "object"});
    for (parameters, key, expected) in [
        (
            json!({"response_format": "json_object"}),
            "format",
            json!("json"),
        ),
        (json!({"format": "json"}), "format", json!("json")),
        (
            json!({"format": schema.to_string()}),
            "format",
            schema.clone(),
        ),
        (json!({"think": "low"}), "think", json!("low")),
        (json!({"enable_thinking": false}), "think", json!(false)),
        (json!({"reasoning_effort": "none"}), "think", json!(false)),
        (json!({"reasoning_effort": "high"}), "think", json!("high")),
    ] {
        let body = stage().body_of(asking(&parameters)).await;
        assert_eq!(body[key], expected, "{parameters}");
        assert_eq!(body.get("options"), None, "{parameters}");
    }
    let mut request = asking(&json!({}));
    request.response_format = Some(ResponseFormat::JsonSchema {
        name: "city".into(),
        schema: schema.clone(),
        strict: true,
    });
    assert_eq!(stage().body_of(request).await["format"], schema);
}

fn showing(url: &str) -> ChatRequest {
    let image = Part::Image {
        url: url.into(),
        mime_type: None,
        detail: None,
    };
    let parts = vec![Part::Text("Look".into()), image];
    ChatRequest {
        messages: vec![Message::parts(Role::User, parts)],
        ..ChatRequest::default()
    }
}

#[tokio::test]
async fn images_are_sent_with_their_contents_wherever_they_are() {
    let body = stage().body_of(showing("data:image/png;base64,QUJD")).await;
    assert_eq!(
        body["messages"][0],
        json!({"role": "user", "content": "Look", "images": ["QUJD"]})
    );
    let place = "https://files.example.com/a.png";
    let served = |kind: &'static str, status: u16| {
        move |seen: &Seen| {
            let kind = vec![("content-type".to_owned(), kind.to_owned())];
            match seen.method.as_str() {
                "GET" => Response::ready(status, kind, "ABC"),
                _ => answer(200, &done()),
            }
        }
    };
    let settings = [("base_url", HOST)];
    let keys = [("api_key", "test-key-mine")];
    let stage = Stage::new(
        ("ollama", "qwen3"),
        &settings,
        &keys,
        served("image/png", 200),
    );
    let body = stage.body_of(showing(place)).await;
    assert_eq!(body["messages"][0]["images"], json!(["QUJD"]));
    let seen = stage.seen();
    assert_eq!(seen[0].line(), format!("GET {place}"));
    assert!(
        !seen[0].headers.contains_key("authorization"),
        "the key stays here"
    );
    assert_eq!(seen[1].header("authorization"), "Bearer test-key-mine");
    for (kind, status, told) in [
        (
            "text/html",
            200,
            "an image could not be fetched: what is there is no image",
        ),
        (
            "image/png",
            404,
            "an image could not be fetched: its server answers with 404",
        ),
    ] {
        let stage = Stage::new(("ollama", "qwen3"), &settings, &keys, served(kind, status));
        let refused = stage.chat(showing(place)).await.unwrap_err();
        assert_eq!(refused.message, told);
        assert_eq!(stage.seen().len(), 1, "the model was not asked");
    }
}

#[tokio::test]
async fn it_goes_without_a_key_and_is_tried_out_by_the_list_of_its_models() {
    let stage = stage();
    stage.validate(None).await.unwrap();
    assert_eq!(stage.last().line(), format!("GET {HOST}/api/tags"));
    let (value, counts) = stage.embed(&["a", "b"]).await.unwrap();
    assert_eq!(value, [[1.0, 2.0], [3.0, 4.0]]);
    assert_eq!(counts, "6 reported");
    assert_eq!(
        stage.last().body(),
        json!({"model": "qwen3", "input": ["a", "b"]})
    );
}

#[tokio::test]
async fn a_credential_that_was_stored_for_the_imitation_goes_to_the_real_one() {
    for base_url in [
        "http://localhost:11434/v1",
        "http://localhost:11434/api",
        "http://localhost:11434/",
    ] {
        let stage = Stage::new(("ollama", "qwen3"), &[("base_url", base_url)], &[], hello);
        stage.chat(asking(&json!({}))).await.unwrap();
        assert_eq!(stage.last().url, format!("{HOST}/api/chat"), "{base_url}");
    }
}

#[tokio::test]
async fn a_key_that_a_proxy_refuses_is_dead() {
    let settings = [("base_url", HOST)];
    let keys = [("api_key", "test-key-mine")];
    let stage = Stage::new(("ollama", "qwen3"), &settings, &keys, |_| {
        answer(401, &json!({"error": "unauthorized: test-key-mine"}))
    });
    let refused = stage
        .validate(Some(("qwen3", ModelType::Llm)))
        .await
        .unwrap_err();
    assert_eq!(refused.message, "[401] unauthorized: [masked]");
    assert_eq!(refused.key_fault, Some(latchkey_models::KeyFault::Dead));
}
