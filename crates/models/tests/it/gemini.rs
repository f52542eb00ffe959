//! Gemini's format: what is sent. What answers come to stands in the golden files.

use latchkey_domain::provider::ModelType;
use latchkey_models::{ChatRequest, Message, Part, ResponseFormat, Role, Tool, ToolCall};
use latchkey_outbound::Response;
use serde_json::{Value as Json, json};

use crate::stage::{Seen, Stage, asking, broken, events, json as answer};

const HOST: &str = "https://generativelanguage.googleapis.com/v1beta";

fn hello(_: &Seen) -> Response {
    events(&[
        json!({"candidates": [{"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 1, "totalTokenCount": 4},
        "responseId": "resp-7"}),
    ])
}

fn stage(model: &str) -> Stage {
    Stage::new(
        ("google", model),
        &[],
        &[("api_key", "test-key-mine")],
        hello,
    )
}

fn weather() -> Tool {
    Tool {
        name: "weather".into(),
        description: "The weather".into(),
        parameters: json!({"type": "object", "properties": {"city": {"type": ["string", "null"]}},
            "additionalProperties": false}),
    }
}

#[tokio::test]
async fn a_question_is_put_with_the_key_in_its_header() {
    let stage = stage("gemini-2.5-flash");
    let mut request = asking(
        &json!({"temperature": 0.5, "top_p": 0.9, "top_k": 40, "max_tokens": 100, "seed": 7,
        "presence_penalty": 0.1, "frequency_penalty": 0.2, "stop": ["END"], "thinking_budget": 512,
        "include_thoughts": true, "logit_bias": {}, "json_schema": null, "grounding": false}),
    );
    request
        .messages
        .insert(0, Message::text(Role::System, "Be brief"));
    let body = stage.body_of(request).await;
    let seen = stage.last();
    let line = format!("POST {HOST}/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
    assert_eq!(seen.line(), line);
    assert_eq!(seen.header("x-goog-api-key"), "test-key-mine");
    assert!(!seen.headers.contains_key("authorization"));
    let row = &stage.book.rows()[0];
    assert_eq!(seen.header("x-client-request-id"), row.start.id.to_string());
    assert_eq!(
        body,
        json!({
            "contents": [{"role": "user", "parts": [{"text": "Say hi"}]}],
            "systemInstruction": {"parts": [{"text": "Be brief"}]},
            "generationConfig": {
                "temperature": 0.5, "topP": 0.9, "topK": 40, "maxOutputTokens": 100, "seed": 7,
                "presencePenalty": 0.1, "frequencyPenalty": 0.2, "stopSequences": ["END"],
                "thinkingConfig": {"thinkingBudget": 512, "includeThoughts": true},
            },
        })
    );
}

#[tokio::test]
async fn the_ledger_has_the_id_that_stands_in_the_answer() {
    let stage = stage("gemini-2.5-flash");
    stage.chat(asking(&json!({}))).await.unwrap();
    stage.manager.close().await;
    let end = stage.book.rows()[0].end.clone().unwrap();
    assert_eq!(end.provider_request_id.as_deref(), Some("resp-7"));
    assert_eq!(end.tokens.total(), 4);
    assert_eq!(end.raw_usage.unwrap()["totalTokenCount"], 4);
}

#[tokio::test]
async fn files_are_sent_with_their_contents_or_by_their_address() {
    let url = |url: &str| url.to_owned();
    let parts = vec![
        Part::Text("What is this?".into()),
        Part::Image {
            url: url("data:image/png;base64,QUJD"),
            mime_type: None,
            detail: Some("high".into()),
        },
        Part::Document {
            url: url("https://files.example.com/a.pdf"),
            mime_type: None,
        },
        Part::Video {
            url: url("https://files.example.com/a"),
            mime_type: Some("video/webm".into()),
        },
        Part::Audio {
            url: url("data:audio/wav;base64,QUJD"),
            mime_type: None,
        },
    ];
    let request = ChatRequest {
        messages: vec![Message::parts(Role::User, parts)],
        ..ChatRequest::default()
    };
    let body = stage("gemini-2.5-flash").body_of(request).await;
    assert_eq!(
        body["contents"][0]["parts"],
        json!([
            {"text": "What is this?"},
            {"inlineData": {"mimeType": "image/png", "data": "QUJD"}},
            {"fileData": {"mimeType": "application/pdf", "fileUri": "https://files.example.com/a.pdf"}},
            {"fileData": {"mimeType": "video/webm", "fileUri": "https://files.example.com/a"}},
            {"inlineData": {"mimeType": "audio/wav", "data": "QUJD"}},
        ])
    );
}

fn call(id: &str, name: &str, arguments: &str) -> ToolCall {
    ToolCall {
        id: id.into(),
        name: name.into(),
        arguments: arguments.into(),
    }
}

fn result(id: &str, text: &str) -> Message {
    Message {
        tool_call_id: Some(id.into()),
        ..Message::text(Role::Tool, text)
    }
}

/// Two rounds: in each the model calls, and is told what came of it.
fn two_rounds() -> ChatRequest {
    let first = Message {
        tool_calls: vec![
            call("call_0", "weather", "{\"city\":\"Rome\"}"),
            call("call_1", "clock", ""),
        ],
        carried: vec![
            json!({"call": "call_0", "thoughtSignature": "c2lnbmVk"}),
            json!("not ours"),
        ],
        ..Message::text(Role::Assistant, "Let me see")
    };
    let second = Message {
        tool_calls: vec![call("call_0", "news", "{}")],
        ..Message::text(Role::Assistant, "")
    };
    ChatRequest {
        messages: vec![
            Message::text(Role::User, "Rome?"),
            first,
            result("call_0", "{\"sky\":\"blue\"}"),
            result("call_1", "12:00"),
            second,
            result("call_0", "[1]"),
        ],
        tools: vec![weather()],
        ..ChatRequest::default()
    }
}

#[tokio::test]
async fn calls_go_back_signed_and_results_by_their_tools_name() {
    let body = stage("gemini-3-pro-preview").body_of(two_rounds()).await;
    assert_eq!(
        body["contents"],
        json!([
            {"role": "user", "parts": [{"text": "Rome?"}]},
            {"role": "model", "parts": [
                {"text": "Let me see"},
                {"functionCall": {"name": "weather", "args": {"city": "Rome"}}, "thoughtSignature": "c2lnbmVk"},
                {"functionCall": {"name": "clock", "args": {}}},
            ]},
            {"role": "user", "parts": [
                {"functionResponse": {"name": "weather", "response": {"sky": "blue"}}},
                {"functionResponse": {"name": "clock", "response": {"result": "12:00"}}},
            ]},
            // The second answer was not signed: the format has a word for that.
            {"role": "model", "parts": [{"functionCall": {"name": "news", "args": {}},
                "thoughtSignature": "skip_thought_signature_validator"}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "news", "response": {"result": "[1]"}}}]},
        ])
    );
    let older = stage("gemini-2.5-pro").body_of(two_rounds()).await;
    assert_eq!(
        older["contents"][3]["parts"][0].get("thoughtSignature"),
        None
    );
    let mut broken = two_rounds();
    broken.messages[1].tool_calls[0].arguments = "{".into();
    let stage = stage("gemini-2.5-pro");
    let refused = stage.chat(broken).await.unwrap_err();
    assert_eq!(refused.error_type(), "InvokeBadRequestError");
    assert!(stage.seen().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn what_a_model_carries_goes_back_as_it_came() {
    let signed = json!({"candidates": [{"content": {"parts": [{"functionCall": {"name": "clock", "args": {}},
        "thoughtSignature": "b25jZQ=="}]}, "finishReason": "STOP"}]});
    let stage = Stage::new(
        ("google", "gemini-3-flash"),
        &[],
        &[("api_key", "test-key-mine")],
        move |_| events(std::slice::from_ref(&signed)),
    );
    let mut request = asking(&json!({}));
    let answer = stage.chat(request.clone()).await.unwrap();
    let piece = answer.tool_calls[0].clone();
    request.messages.push(Message {
        tool_calls: vec![call(
            piece.id.as_deref().unwrap(),
            "clock",
            &piece.arguments,
        )],
        carried: answer.carried,
        ..Message::text(Role::Assistant, "")
    });
    request.messages.push(result("call_0", "12:00"));
    let body = stage.body_of(request).await;
    let part = &body["contents"][1]["parts"][0];
    assert_eq!(part["thoughtSignature"], "b25jZQ==");
}

#[tokio::test]
async fn tools_and_forms_are_told_as_the_models_generation_reads_them() {
    let schema = weather().parameters;
    let mut request =
        asking(&json!({"tool_choice": {"type": "function", "function": {"name": "weather"}}}));
    request.tools = vec![
        weather(),
        Tool {
            name: "clock".into(),
            description: "The time".into(),
            parameters: json!({"type": "object", "properties": {}}),
        },
    ];
    request.response_format = Some(ResponseFormat::JsonSchema {
        name: "city".into(),
        schema: schema.clone(),
        strict: true,
    });
    let body = stage("gemini-2.5-flash").body_of(request.clone()).await;
    let clock = json!({"name": "clock", "description": "The time"});
    let declared =
        json!({"name": "weather", "description": "The weather", "parametersJsonSchema": schema});
    assert_eq!(
        body["tools"],
        json!([{"functionDeclarations": [declared, clock]}])
    );
    assert_eq!(
        body["toolConfig"],
        json!({"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["weather"]}})
    );
    let config = json!({"responseMimeType": "application/json", "responseJsonSchema": schema});
    assert_eq!(body["generationConfig"], config);
    let older = stage("gemini-2.0-flash").body_of(request).await;
    let made =
        json!({"type": "object", "properties": {"city": {"nullable": true, "type": "string"}}});
    assert_eq!(older["generationConfig"]["responseSchema"], made);
    assert_eq!(
        older["tools"][0]["functionDeclarations"][0]["parameters"],
        made
    );
}

#[tokio::test]
async fn parameters_that_the_format_has_under_other_names_are_understood() {
    for (model, parameters, place, expected) in [
        (
            "gemini-2.5-flash",
            json!({"reasoning_effort": "low"}),
            "/generationConfig/thinkingConfig",
            json!({"thinkingBudget": 1024}),
        ),
        (
            "gemini-3-flash",
            json!({"reasoning_effort": "high"}),
            "/generationConfig/thinkingConfig",
            json!({"thinkingLevel": "high"}),
        ),
        (
            "gemini-3-flash",
            json!({"thinking_level": "Low"}),
            "/generationConfig/thinkingConfig",
            json!({"thinkingLevel": "low"}),
        ),
        (
            "gemini-2.5-flash",
            json!({"enable_thinking": false}),
            "/generationConfig/thinkingConfig",
            json!({"thinkingBudget": 0}),
        ),
        (
            "gemini-2.5-flash",
            json!({"response_format": "json_object"}),
            "/generationConfig/responseMimeType",
            json!("application/json"),
        ),
        (
            "gemini-2.5-flash",
            json!({"grounding": true}),
            "/tools",
            json!([{"googleSearch": {}}]),
        ),
        (
            "gemini-2.5-flash",
            json!({"safety_settings": "[{\"category\": \"x\"}]"}),
            "/safetySettings",
            json!([{"category": "x"}]),
        ),
        (
            "gemini-2.5-flash",
            json!({"max_output_tokens": 5, "max_tokens": 6}),
            "/generationConfig/maxOutputTokens",
            json!(5),
        ),
    ] {
        let body = stage(model).body_of(asking(&parameters)).await;
        assert_eq!(body.pointer(place), Some(&expected), "{parameters}");
    }
}

#[tokio::test]
async fn instructions_alone_are_a_question() {
    let request = ChatRequest {
        messages: vec![Message::text(Role::System, "Write a poem")],
        ..ChatRequest::default()
    };
    let body = stage("gemini-2.5-flash").body_of(request).await;
    let turn = json!([{"role": "user", "parts": [{"text": "Write a poem"}]}]);
    assert_eq!(
        (&body["contents"], body.get("systemInstruction")),
        (&turn, None)
    );
    let nothing = stage("gemini-2.5-flash").chat(ChatRequest::default()).await;
    assert_eq!(nothing.unwrap_err().message, "there is nothing to ask");
}

#[tokio::test]
async fn a_model_cannot_lead_to_another_address() {
    let stage = stage("../../v1/files");
    let refused = stage.chat(asking(&json!({}))).await.unwrap_err();
    assert!(
        refused.message.contains("is no name of a model"),
        "{refused}"
    );
    assert!(stage.seen().is_empty());
}

#[tokio::test]
async fn a_credential_that_was_stored_for_the_imitation_goes_to_the_real_one() {
    let base_url = format!("{HOST}/openai");
    let settings = [("base_url", base_url.as_str())];
    let stage = Stage::new(
        ("google", "gemini-2.5-flash"),
        &settings,
        &[("api_key", "test-key-mine")],
        hello,
    );
    stage.chat(asking(&json!({}))).await.unwrap();
    let url = stage.last().url;
    assert!(url.starts_with(&format!("{HOST}/models/")), "{url}");
}

#[tokio::test]
async fn a_key_is_tried_out_by_the_list_of_models_and_else_by_a_question() {
    let good = stage("gemini-2.5-flash");
    good.validate(None).await.unwrap();
    assert_eq!(good.last().line(), format!("GET {HOST}/models?pageSize=1"));
    let listless = |seen: &Seen| {
        if seen.method == "GET" {
            return answer(403, &json!({"error": {"message": "not the list"}}));
        }
        answer(
            200,
            &json!({"usageMetadata": {"promptTokenCount": 1, "totalTokenCount": 1}}),
        )
    };
    let keys = [("api_key", "test-key-mine")];
    let stage = Stage::new(("google", "gemini-2.5-flash"), &[], &keys, listless);
    stage
        .validate(Some(("gemini-2.5-flash", ModelType::Llm)))
        .await
        .unwrap();
    assert_eq!(
        stage.last().url,
        format!("{HOST}/models/gemini-2.5-flash:generateContent")
    );
    assert_eq!(
        stage.last().body()["generationConfig"],
        json!({"maxOutputTokens": 1})
    );
    stage
        .validate(Some(("gemini-embedding-001", ModelType::TextEmbedding)))
        .await
        .unwrap();
    assert_eq!(
        stage.last().url,
        format!("{HOST}/models/gemini-embedding-001:embedContent")
    );
}

#[tokio::test]
async fn vectors_come_in_the_order_of_their_texts() {
    let vectors = |seen: &Seen| {
        let asked = seen.body()["requests"].as_array().unwrap().len();
        let vectors: Vec<Json> = (0..asked).map(|at| json!({"values": [at, 0.5]})).collect();
        answer(
            200,
            &json!({"embeddings": vectors, "usageMetadata": {"promptTokenCount": 9}}),
        )
    };
    let keys = [("api_key", "test-key-mine")];
    let stage = Stage::new(("google", "gemini-embedding-001"), &[], &keys, vectors);
    let (value, counts) = stage.embed(&["a", "b"]).await.unwrap();
    assert_eq!(value, [[0.0, 0.5], [1.0, 0.5]]);
    assert_eq!(counts, "9 reported");
    let seen = stage.last();
    assert_eq!(
        seen.url,
        format!("{HOST}/models/gemini-embedding-001:batchEmbedContents")
    );
    assert_eq!(
        seen.body()["requests"][1],
        json!({"model": "models/gemini-embedding-001", "content": {"parts": [{"text": "b"}]}})
    );
    let short = |_: &Seen| answer(200, &json!({"embeddings": [{"values": [1]}]}));
    let stage = Stage::new(("google", "gemini-embedding-001"), &[], &keys, short);
    let refused = stage.embed(&["a", "b"]).await.unwrap_err();
    assert_eq!(refused.message, "2 vectors were asked for, 1 came");
}

#[tokio::test]
async fn a_stream_that_breaks_is_broken_and_counted_as_nobody_did() {
    let half = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hel\"}]}}],\"usageMetadata\":{\"promptTokenCount\":3}}\n\n";
    let keys = [("api_key", "test-key-mine")];
    let stage = Stage::new(("google", "gemini-2.5-flash"), &[], &keys, move |_| {
        broken(half)
    });
    let error = stage.chat(asking(&json!({}))).await.unwrap_err();
    assert_eq!(error.error_type(), "InvokeConnectionError");
    stage.manager.close().await;
    let end = stage.book.rows()[0].end.clone().unwrap();
    assert_eq!(end.usage_source.as_str(), "estimated");
}
