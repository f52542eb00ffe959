//! Anthropic's format: what is sent, and what comes back of it in later turns. What answers come to stands in the golden
//! files.

use latchkey_domain::provider::ModelType;
use latchkey_models::{
    ChatChunk, ChatRequest, Message, Part, ResponseFormat, Role, Tool, ToolCall,
};
use latchkey_outbound::Response;
use serde_json::{Value as Json, json};

use crate::stage::{Seen, Stage, asking, events, json as answer};

const KEY: (&str, &str) = ("api_key", "test-key-golden");

fn hello(_: &Seen) -> Response {
    said(&[
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": "Hi"}}),
    ])
}

fn said(blocks: &[Json]) -> Response {
    let mut all = vec![json!({"type": "message_start", "message": {"usage": {"input_tokens": 3}}})];
    all.extend_from_slice(blocks);
    all.push(json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}}));
    all.push(json!({"type": "message_stop"}));
    events(&all)
}

fn stage(model: &str) -> Stage {
    Stage::new(("anthropic", model), &[], &[KEY], hello)
}

fn weather() -> Tool {
    Tool {
        name: "weather".into(),
        description: "The weather".into(),
        parameters: json!({"type": "object", "properties": {"city": {"type": "string"}}}),
    }
}

fn called(id: &str) -> ToolCall {
    ToolCall {
        id: id.to_owned(),
        name: "weather".to_owned(),
        arguments: "{\"city\": \"Rome\"}".to_owned(),
    }
}

fn result(id: &str, text: &str) -> Message {
    Message {
        tool_call_id: Some(id.to_owned()),
        ..Message::text(Role::Tool, text)
    }
}

#[tokio::test]
async fn a_question_is_put_with_the_key_in_its_header() {
    let stage = stage("claude-3-5-haiku-20241022");
    let mut request = asking(
        &json!({"temperature": 0.5, "top_p": 0.9, "top_k": 40, "max_tokens": 100, "seed": 7,
        "presence_penalty": 0.1, "stop": ["END", " "], "json_schema": null, "service_tier": "standard_only"}),
    );
    request.user = Some("end-user-1".into());
    request
        .messages
        .insert(0, Message::text(Role::System, "Be brief"));
    request
        .messages
        .push(Message::text(Role::System, "Be kind"));
    let body = stage.body_of(request).await;
    let seen = stage.last();
    assert_eq!(seen.line(), "POST https://api.anthropic.com/v1/messages");
    assert_eq!(seen.header("x-api-key"), "test-key-golden");
    assert_eq!(seen.header("anthropic-version"), "2023-06-01");
    assert!(!seen.headers.contains_key("authorization"));
    assert!(!seen.headers.contains_key("anthropic-beta"));
    let row = &stage.book.rows()[0];
    assert_eq!(seen.header("x-client-request-id"), row.start.id.to_string());
    assert_eq!(
        body,
        json!({
            "model": "claude-3-5-haiku-20241022",
            "max_tokens": 100,
            "messages": [{"role": "user", "content": [{"type": "text", "text": "Say hi"}]}],
            "system": "Be brief\nBe kind",
            "stop_sequences": ["END"],
            "temperature": 0.5,
            "top_p": 0.9,
            "top_k": 40,
            "metadata": {"user_id": "end-user-1"},
            "service_tier": "standard_only",
            "stream": true,
        })
    );
}

#[tokio::test]
async fn the_address_may_be_written_with_or_without_its_version() {
    for base_url in [
        "https://gate.test/anthropic",
        "https://gate.test/anthropic/v1/",
    ] {
        let settings = [("base_url", base_url)];
        let stage = Stage::new(("anthropic", "claude-opus-5"), &settings, &[KEY], hello);
        stage.chat(asking(&json!({}))).await.unwrap();
        assert_eq!(stage.last().url, "https://gate.test/anthropic/v1/messages");
    }
}

#[tokio::test]
async fn a_limit_is_always_told() {
    for (model, parameters, limit) in [
        ("a-model-of-tomorrow", json!({}), 4096),
        ("a-model-of-tomorrow", json!({"max_tokens": null}), 4096),
        ("claude-opus-5", json!({"max_tokens_to_sample": 7}), 7),
    ] {
        let body = stage(model).body_of(asking(&parameters)).await;
        assert_eq!(body["max_tokens"], limit, "{model} {parameters}");
    }
}

#[tokio::test]
async fn new_models_think_in_their_own_way() {
    let parameters =
        json!({"thinking": true, "thinking_budget": 2048, "effort": "max", "temperature": 0.3});
    let body = stage("claude-opus-5").body_of(asking(&parameters)).await;
    assert_eq!(body["thinking"], json!({"type": "adaptive"}));
    assert_eq!(body["output_config"], json!({"effort": "max"}));
    assert_eq!(body.get("temperature"), None);
    let body = stage("claude-3-7-sonnet-20250219")
        .body_of(asking(&parameters))
        .await;
    assert_eq!(
        body["thinking"],
        json!({"type": "enabled", "budget_tokens": 2048})
    );
    assert_eq!(
        (body.get("output_config"), body.get("temperature")),
        (None, None)
    );
}

#[tokio::test]
async fn what_is_still_tried_out_is_asked_for_by_name() {
    let parameters =
        json!({"task_budget": 30_000, "anthropic_beta": "a-2026, b-2026", "context_1m": true});
    let stage = stage("claude-sonnet-4-20250514");
    let body = stage.body_of(asking(&parameters)).await;
    let betas = "a-2026,b-2026,context-1m-2025-08-07,task-budgets-2026-03-13";
    assert_eq!(stage.last().header("anthropic-beta"), betas);
    assert_eq!(
        body["output_config"]["task_budget"],
        json!({"type": "tokens", "total": 30_000})
    );
    assert_eq!(
        (body.get("anthropic_beta"), body.get("task_budget")),
        (None, None)
    );
}

#[tokio::test]
async fn tools_and_their_choice_are_told() {
    for (parameters, choice) in [
        (json!({}), Json::Null),
        (json!({"tool_choice": "required"}), json!({"type": "any"})),
        (json!({"tool_choice": "none"}), json!({"type": "none"})),
        (
            json!({"tool_choice": {"type": "function", "function": {"name": "weather"}}}),
            json!({"type": "tool", "name": "weather"}),
        ),
        (
            json!({"parallel_tool_calls": false}),
            json!({"type": "auto", "disable_parallel_tool_use": true}),
        ),
        (
            json!({"tool_choice": {"type": "any", "disable_parallel_tool_use": true}}),
            json!({"type": "any", "disable_parallel_tool_use": true}),
        ),
    ] {
        let mut request = asking(&parameters);
        request.tools = vec![
            weather(),
            Tool {
                description: String::new(),
                parameters: Json::Null,
                ..weather()
            },
        ];
        let body = stage("claude-opus-5").body_of(request).await;
        assert_eq!(
            body["tools"],
            json!([
                {"name": "weather", "description": "The weather",
                 "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}},
                {"name": "weather", "input_schema": {"type": "object", "properties": {}}},
            ])
        );
        assert_eq!(
            body.get("tool_choice").unwrap_or(&Json::Null),
            &choice,
            "{parameters}"
        );
    }
}

#[tokio::test]
async fn results_of_tools_are_the_users_next_turn() {
    let mut request = asking(&json!({}));
    let broken = ToolCall {
        arguments: "{\"city\":".into(),
        ..called("t2")
    };
    request.messages.extend([
        Message {
            tool_calls: vec![called("t1"), broken],
            ..Message::text(Role::Assistant, "Let me see")
        },
        result("t1", "sunny"),
        result("t2", ""),
        Message::text(Role::User, "And tomorrow?"),
    ]);
    let body = stage("claude-opus-5").body_of(request).await;
    assert_eq!(
        body["messages"],
        json!([
            {"role": "user", "content": [{"type": "text", "text": "Say hi"}]},
            {"role": "assistant", "content": [
                {"type": "text", "text": "Let me see"},
                {"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Rome"}},
                {"type": "tool_use", "id": "t2", "name": "weather", "input": {}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": "sunny"},
                {"type": "tool_result", "tool_use_id": "t2"},
                {"type": "text", "text": "And tomorrow?"},
            ]},
        ])
    );
    // Nothing is offered any more, but what stands in the conversation has to be declared.
    assert_eq!(
        body["tools"],
        json!([{"name": "weather", "input_schema": {"type": "object"}}])
    );
    assert_eq!(body["tool_choice"], json!({"type": "none"}));
}

#[tokio::test]
async fn signed_thoughts_go_back_where_they_were() {
    let thoughts = [
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "Hm"}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "c2ln"}}),
        json!({"type": "content_block_start", "index": 1, "content_block":
            {"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Rome"}}}),
        json!({"type": "content_block_stop", "index": 1}),
    ];
    let stage = Stage::new(("anthropic", "claude-opus-5"), &[], &[KEY], move |_| {
        said(&thoughts)
    });
    let ChatChunk { carried, .. } = stage.chat(asking(&json!({}))).await.unwrap();
    let turn = |calls: Vec<ToolCall>| ChatRequest {
        messages: vec![
            Message::text(Role::User, "Rome?"),
            Message {
                tool_calls: calls,
                carried: carried.clone(),
                ..Message::text(Role::Assistant, "")
            },
            result("t1", "sunny"),
        ],
        tools: vec![weather()],
        ..ChatRequest::default()
    };
    let body = stage.body_of(turn(vec![called("t1")])).await;
    let thought = json!({"type": "thinking", "thinking": "Hm", "signature": "c2ln"});
    let call =
        json!({"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Rome"}});
    assert_eq!(body["messages"][1]["content"], json!([thought, call]));
    // A call that nobody has answered does not go back.
    let body = stage.body_of(turn(vec![])).await;
    assert_eq!(body["messages"][1]["content"], json!([thought]));
}

#[tokio::test]
async fn thoughts_of_a_conversation_that_has_changed_are_left_out_by_the_provider() {
    let thought = json!({"type": "thinking", "thinking": "", "signature": "c2ln"});
    let request = |carried: Vec<Json>| ChatRequest {
        messages: vec![
            Message::text(Role::User, "Rome?"),
            Message {
                carried,
                ..Message::text(Role::Assistant, "Sunny")
            },
            Message::text(Role::User, "And now?"),
        ],
        ..ChatRequest::default()
    };
    let bound =
        json!({"type": "adaptive", "block_binding": {"prefix_mismatch_behavior": "drop_block"}});
    for (model, carried, config, beta) in [
        (
            "claude-opus-5-5",
            vec![thought.clone()],
            bound,
            "thinking-binding-controls-2026-08-01",
        ),
        ("claude-opus-5-5", vec![], Json::Null, ""),
        ("claude-opus-5", vec![thought.clone()], Json::Null, ""),
    ] {
        let stage = stage(model);
        let body = stage.body_of(request(carried)).await;
        assert_eq!(
            body.get("thinking").unwrap_or(&Json::Null),
            &config,
            "{model}"
        );
        assert_eq!(stage.last().header("anthropic-beta"), beta, "{model}");
    }
}

#[tokio::test]
async fn what_the_newest_models_refuse_is_said_in_other_words() {
    let mut request = asking(&json!({"tool_choice": "required"}));
    request.tools = vec![weather()];
    request
        .messages
        .push(Message::text(Role::Assistant, "It is "));
    let body = stage("claude-opus-5-5").body_of(request).await;
    assert_eq!(body["tool_choice"], json!({"type": "auto"}));
    assert!(
        body["system"]
            .as_str()
            .unwrap()
            .contains("Use one of the tools")
    );
    assert_eq!(body["messages"][2]["content"][0]["text"], "Go on.");
}

#[tokio::test]
async fn files_are_told_by_contents_or_by_address() {
    let mut request = asking(&json!({"prompt_caching_images": true}));
    let image = |url: &str| Part::Image {
        url: url.to_owned(),
        mime_type: None,
        detail: Some("high".into()),
    };
    let document = |url: &str| Part::Document {
        url: url.to_owned(),
        mime_type: None,
    };
    request.messages = vec![Message::parts(
        Role::User,
        vec![
            image("data:image/png;base64,QUJD"),
            image("https://example.com/cat.jpg"),
            document("data:application/pdf;base64,UERG"),
            document("https://example.com/a.pdf"),
            document("data:text/plain;base64,aGVsbG8="),
            Part::Text("What is it?".into()),
            Part::Text(" ".into()),
        ],
    )];
    let body = stage("claude-opus-5").body_of(request).await;
    let mark = json!({"type": "ephemeral"});
    assert_eq!(
        body["messages"][0]["content"],
        json!([
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QUJD"}, "cache_control": mark},
            {"type": "image", "source": {"type": "url", "url": "https://example.com/cat.jpg"}, "cache_control": mark},
            {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "UERG"}},
            {"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}},
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "hello"}},
            {"type": "text", "text": "What is it?"},
        ])
    );
}

#[tokio::test]
async fn files_that_the_format_does_not_take_are_refused_before_anything_is_sent() {
    for part in [
        Part::Audio {
            url: "data:audio/mpeg;base64,QQ==".into(),
            mime_type: None,
        },
        Part::Video {
            url: "https://example.com/a.mp4".into(),
            mime_type: None,
        },
        Part::Document {
            url: "https://example.com/a.docx".into(),
            mime_type: Some("application/msword".into()),
        },
        Part::Document {
            url: "data:text/plain;base64,???".into(),
            mime_type: None,
        },
    ] {
        let stage = stage("claude-opus-5");
        let request = ChatRequest {
            messages: vec![Message::parts(Role::User, vec![part])],
            ..ChatRequest::default()
        };
        let error = stage.chat(request).await.unwrap_err();
        assert_eq!(error.error_type(), "InvokeBadRequestError", "{error}");
        assert!(stage.seen().is_empty());
    }
}

#[tokio::test]
async fn a_schema_is_held_to_or_told() {
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}});
    let mut request = asking(&json!({}));
    request.response_format = Some(ResponseFormat::JsonSchema {
        name: "n".into(),
        schema: schema.clone(),
        strict: true,
    });
    let body = stage("claude-sonnet-4-5").body_of(request.clone()).await;
    assert_eq!(
        body["output_config"],
        json!({"format": {"type": "json_schema", "schema": {"type": "object", "additionalProperties": false,
            "properties": {"n": {"type": "integer", "description": "(minimum: 1)"}}}}})
    );
    assert_eq!(body.get("system"), None);
    let body = stage("claude-3-5-haiku").body_of(request).await;
    assert_eq!(body.get("output_config"), None);
    assert!(
        body["system"]
            .as_str()
            .unwrap()
            .contains(&schema.to_string())
    );
    let body = stage("claude-opus-5")
        .body_of(asking(&json!({"response_format": "JSON"})))
        .await;
    assert!(body["system"].as_str().unwrap().contains("JSON object"));
    assert_eq!(body.get("response_format"), None);
}

#[tokio::test]
async fn an_answer_to_go_on_with_ends_without_blanks() {
    let mut request = asking(&json!({}));
    request
        .messages
        .push(Message::text(Role::Assistant, "The answer is \n"));
    let body = stage("claude-3-5-haiku").body_of(request).await;
    assert_eq!(body["messages"][1]["content"][0]["text"], "The answer is");
    // Instructions alone are the question, since there has to be one.
    let request = ChatRequest {
        messages: vec![Message::text(Role::System, "Say hi")],
        ..ChatRequest::default()
    };
    let body = stage("claude-3-5-haiku").body_of(request).await;
    assert_eq!(
        (body["messages"][0]["role"].as_str(), body.get("system")),
        (Some("user"), None)
    );
}

#[tokio::test]
async fn a_key_is_tried_out_with_the_list_of_models() {
    let stage = Stage::new(("anthropic", "claude-opus-5"), &[], &[KEY], |_| {
        answer(200, &json!({"data": []}))
    });
    stage.validate(None).await.unwrap();
    let seen = stage.last();
    assert_eq!(
        seen.line(),
        "GET https://api.anthropic.com/v1/models?limit=1"
    );
    assert_eq!(seen.header("x-api-key"), "test-key-golden");
}

#[tokio::test]
async fn where_there_is_no_list_the_shortest_question_tells() {
    let stage = Stage::new(("anthropic", "claude-opus-5"), &[], &[KEY], |seen| {
        let is_list = seen.method == "GET";
        let counts = json!({"content": [], "usage": {"input_tokens": 8, "output_tokens": 1}});
        answer(if is_list { 404 } else { 200 }, &counts)
    });
    stage
        .validate(Some(("claude-opus-5", ModelType::Llm)))
        .await
        .unwrap();
    let body = stage.last().body();
    assert_eq!((&body["max_tokens"], body.get("stream")), (&json!(1), None));
    let rows = stage.book.rows();
    assert_eq!(rows[1].end.as_ref().unwrap().tokens.total(), 9);
    let refused = stage
        .validate(Some(("x", ModelType::TextEmbedding)))
        .await
        .unwrap_err();
    assert!(
        refused.message.contains("only language models"),
        "{refused}"
    );
}
