//! OpenAI's Responses API: what is sent, and when it is the one that is asked. What answers come to stands in the golden
//! files.

use latchkey_domain::provider::ModelType;
use latchkey_models::{ChatRequest, Message, Part, ResponseFormat, Role, Tool, ToolCall};
use latchkey_outbound::Response;
use serde_json::{Value as Json, json};

use crate::stage::{Seen, Stage, asking, events, json as answer};

const KEYS: [(&str, &str); 1] = [("api_key", "test-key-mine")];
const IN_ITEMS: [(&str, &str); 1] = [("api", "responses")];

fn hello(seen: &Seen) -> Response {
    if seen.url.ends_with("/chat/completions") {
        return events(&[
            json!({"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}]}),
        ]);
    }
    events(&[
        json!({"type": "response.completed", "response": {"status": "completed", "output": []}}),
    ])
}

fn stage(model: &str) -> Stage {
    Stage::new(("openai", model), &IN_ITEMS, &KEYS, hello)
}

#[tokio::test]
async fn a_question_is_written_in_items() {
    let stage = stage("gpt-4o");
    let mut request = asking(
        &json!({"temperature": 0.5, "max_tokens": 5, "presence_penalty": 1, "stop": "x", "seed": 3,
        "verbosity": "low", "parallel_tool_calls": false, "metadata": null}),
    );
    request
        .messages
        .insert(0, Message::text(Role::System, "Be brief"));
    request.user = Some("end-user-1".into());
    let body = stage.body_of(request).await;
    let seen = stage.last();
    assert_eq!(seen.line(), "POST https://api.openai.com/v1/responses");
    assert_eq!(seen.header("authorization"), "Bearer test-key-mine");
    assert!(!seen.header("x-client-request-id").is_empty());
    assert_eq!(
        body,
        json!({
            "model": "gpt-4o",
            "input": [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Say hi"}],
            "stream": true,
            "text": {"verbosity": "low"},
            // The least that the API takes.
            "max_output_tokens": 16,
            "user": "end-user-1",
            "temperature": 0.5,
            "parallel_tool_calls": false,
            "store": false,
        })
    );
}

fn clock() -> Tool {
    Tool {
        name: "clock".into(),
        description: "The time".into(),
        parameters: json!({"type": "object"}),
    }
}

#[tokio::test]
async fn thoughts_and_calls_go_back_before_what_came_of_them() {
    let thought =
        json!({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "eA=="});
    let called = Message {
        tool_calls: vec![ToolCall {
            id: "call_1".into(),
            name: "clock".into(),
            arguments: "{}".into(),
        }],
        carried: vec![thought.clone()],
        ..Message::text(Role::Assistant, "")
    };
    let result = Message {
        tool_call_id: Some("call_1".into()),
        ..Message::text(Role::Tool, "12:00")
    };
    let mut request = asking(
        &json!({"tool_choice": "required", "reasoning_effort": "low", "reasoning_summary": "auto"}),
    );
    request
        .messages
        .extend([called, result, Message::text(Role::Assistant, "Noon")]);
    request.tools = vec![clock()];
    let body = stage("gpt-5-mini").body_of(request).await;
    assert_eq!(
        body["input"],
        json!([
            {"role": "user", "content": "Say hi"},
            thought,
            {"type": "function_call", "call_id": "call_1", "name": "clock", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "call_1", "output": "12:00"},
            {"role": "assistant", "content": "Noon"},
        ])
    );
    let tool = json!({"type": "function", "name": "clock", "description": "The time",
        "parameters": {"type": "object"}, "strict": false});
    assert_eq!(
        (&body["tools"], &body["tool_choice"]),
        (&json!([tool]), &json!("required"))
    );
    assert_eq!(
        body["reasoning"],
        json!({"effort": "low", "summary": "auto"})
    );
    assert_eq!(body["include"], json!(["reasoning.encrypted_content"]));
}

#[tokio::test]
async fn images_documents_and_forms_have_their_own_words() {
    let url = |url: &str| url.to_owned();
    let parts = vec![
        Part::Text("Look".into()),
        Part::Image {
            url: url("https://files.example.com/a.png"),
            mime_type: None,
            detail: Some("low".into()),
        },
        Part::Document {
            url: url("data:application/pdf;base64,QUJD"),
            mime_type: None,
        },
        Part::Document {
            url: url("https://files.example.com/a.pdf"),
            mime_type: None,
        },
    ];
    let request = ChatRequest {
        messages: vec![Message::parts(Role::User, parts)],
        response_format: Some(ResponseFormat::JsonSchema {
            name: "city".into(),
            schema: json!({"type": "object"}),
            strict: true,
        }),
        ..ChatRequest::default()
    };
    let body = stage("gpt-4o").body_of(request).await;
    assert_eq!(
        body["input"][0]["content"],
        json!([
            {"type": "input_text", "text": "Look"},
            {"type": "input_image", "image_url": "https://files.example.com/a.png", "detail": "low"},
            {"type": "input_file", "filename": "document.pdf", "file_data": "data:application/pdf;base64,QUJD"},
            {"type": "input_file", "file_url": "https://files.example.com/a.pdf"},
        ])
    );
    let format = json!({"type": "json_schema", "name": "city", "schema": {"type": "object"}, "strict": true});
    assert_eq!(body["text"], json!({"format": format}));
    let film = Part::Video {
        url: url("https://files.example.com/a.mp4"),
        mime_type: None,
    };
    let request = ChatRequest {
        messages: vec![Message::parts(Role::User, vec![film])],
        ..ChatRequest::default()
    };
    let refused = stage("gpt-4o").chat(request).await.unwrap_err();
    assert_eq!(refused.error_type(), "InvokeBadRequestError");
}

#[tokio::test]
async fn the_credential_or_the_model_says_which_format_is_spoken() {
    for (provider, model, settings, path) in [
        ("openai", "gpt-4o", &[][..], "/chat/completions"),
        ("openai", "gpt-5", &[], "/chat/completions"),
        ("openai", "gpt-4o", &IN_ITEMS, "/responses"),
        ("openai", "o3-pro", &[], "/responses"),
        ("openai", "gpt-5.1-codex", &[], "/responses"),
        ("openai", "o3-pro", &[("api", "chat")], "/chat/completions"),
        ("deepseek", "deepseek-pro", &[], "/chat/completions"),
    ] {
        let stage = Stage::new((provider, model), settings, &KEYS, hello);
        stage.chat(asking(&json!({}))).await.unwrap();
        let url = stage.last().url;
        assert!(url.ends_with(path), "{model} {settings:?}: {url}");
    }
}

#[tokio::test]
async fn a_key_is_tried_out_with_the_shortest_question_when_the_list_is_hidden() {
    let listless = |seen: &Seen| match seen.method.as_str() {
        "GET" => answer(403, &json!({"error": {"message": "not the list"}})),
        _ => answer(
            200,
            &json!({"status": "incomplete", "output": [], "usage": {"input_tokens": 8, "output_tokens": 16}}),
        ),
    };
    let stage = Stage::new(("openai", "o3-pro"), &[], &KEYS, listless);
    stage
        .validate(Some(("o3-pro", ModelType::Llm)))
        .await
        .unwrap();
    let seen = stage.last();
    assert_eq!(seen.line(), "POST https://api.openai.com/v1/responses");
    let body = json!({"model": "o3-pro", "input": "ping", "max_output_tokens": 16, "store": false});
    assert_eq!(seen.body(), body);
    stage.manager.close().await;
    let rows = stage.book.rows();
    let tokens: Vec<u64> = rows
        .iter()
        .map(|row| row.end.as_ref().unwrap().tokens.total())
        .collect();
    assert_eq!(tokens.iter().sum::<u64>(), 24);
}

#[tokio::test]
async fn an_answer_without_an_end_is_broken() {
    let half: Json = json!({"type": "response.output_text.delta", "delta": "Hel"});
    let stage = Stage::new(("openai", "gpt-4o"), &IN_ITEMS, &KEYS, move |_| {
        events(std::slice::from_ref(&half))
    });
    let error = stage.chat(asking(&json!({}))).await.unwrap_err();
    assert_eq!(error.error_type(), "InvokeConnectionError");
}
