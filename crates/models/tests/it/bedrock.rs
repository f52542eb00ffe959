//! Amazon Bedrock: what is sent and how it is signed. What answers come to stands in the golden files.

use latchkey_domain::provider::ModelType;
use latchkey_models::{
    ChatRequest, KeyFault, Message, ModelRef, Part, RerankRequest, ResponseFormat, Role, Tool,
    ToolCall,
};
use latchkey_outbound::Response;
use serde_json::{Value as Json, json};

use crate::golden::{Speaker, check};
use crate::stage::{Seen, Stage, asking, json as answer};

const HOST: &str = "https://bedrock-runtime.eu-central-1.amazonaws.com";
const REGION: &[(&str, &str)] = &[("aws_region", "eu-central-1")];
const KEY: &[(&str, &str)] = &[("api_key", "test-bearer-key")];
const PAIR: &[(&str, &str)] = &[
    ("aws_access_key_id", "test-key-id"),
    ("aws_secret_access_key", "test-secret-of-a-pair"),
    ("aws_session_token", "test-session-token"),
];
const CLAUDE: &str = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0";

fn hello(_: &Seen) -> Response {
    let body = include_bytes!("../golden/bedrock/text.bin");
    Response::ready(
        200,
        vec![("x-amzn-requestid".into(), "req-7".into())],
        &body[..],
    )
}

fn stage(model: &str) -> Stage {
    Stage::new(("bedrock", model), REGION, KEY, hello)
}

fn weather() -> Tool {
    Tool {
        name: "weather".into(),
        description: "The weather".into(),
        parameters: json!({"type": "object", "properties": {}}),
    }
}

#[tokio::test]
async fn golden_answers() {
    let speaker = Speaker {
        provider: "bedrock",
        model: CLAUDE,
        settings: REGION,
        secrets: KEY,
    };
    check("bedrock", speaker).await;
}

#[tokio::test]
async fn a_question_is_put_with_the_key_as_bearer() {
    let stage = stage("anthropic.claude-3-5-sonnet-20241022-v2:0");
    let mut request = asking(
        &json!({"temperature": 0.5, "top_p": 0.9, "top_k": 40, "max_tokens": 100, "seed": 7,
        "stop": "END", "anthropic_beta": "a-2026", "guardrailConfig": {"guardrailIdentifier": "g"},
        "model_name": "Claude", "response_format": "text"}),
    );
    request
        .messages
        .insert(0, Message::text(Role::System, "Be brief"));
    let body = stage.body_of(request).await;
    let seen = stage.last();
    let path = "/model/anthropic.claude-3-5-sonnet-20241022-v2%3A0/converse-stream";
    assert_eq!(seen.line(), format!("POST {HOST}{path}"));
    assert_eq!(seen.header("authorization"), "Bearer test-bearer-key");
    assert!(!seen.headers.contains_key("x-amz-date"));
    let row = &stage.book.rows()[0];
    assert_eq!(seen.header("x-client-request-id"), row.start.id.to_string());
    assert_eq!(
        row.end.as_ref().unwrap().provider_request_id.as_deref(),
        Some("req-7")
    );
    assert_eq!(
        body,
        json!({
            "messages": [{"role": "user", "content": [{"text": "Say hi"}]}],
            "system": [{"text": "Be brief"}],
            "inferenceConfig": {"maxTokens": 100, "temperature": 0.5, "topP": 0.9, "stopSequences": ["END"]},
            "guardrailConfig": {"guardrailIdentifier": "g"},
            "additionalModelRequestFields": {"top_k": 40, "anthropic_beta": ["a-2026"]},
        })
    );
}

#[tokio::test]
async fn a_pair_of_keys_signs_and_stays_here() {
    let stage = Stage::new(("bedrock", CLAUDE), REGION, PAIR, hello);
    stage.chat(asking(&json!({}))).await.unwrap();
    let seen = stage.last();
    // The time is that of the call's row.
    assert_eq!(seen.header("x-amz-date"), "20261118T110640Z");
    let scope = "Credential=test-key-id/20261118/eu-central-1/bedrock/aws4_request";
    let authorization = seen.header("authorization");
    assert!(authorization.contains(scope), "{authorization}");
    assert!(authorization.contains("SignedHeaders=host;x-amz-date;x-amz-security-token"));
    assert_eq!(seen.header("x-amz-security-token"), "test-session-token");
    assert!(!format!("{seen:?}").contains("test-secret-of-a-pair"));
}

#[tokio::test]
async fn an_address_of_ones_own_is_part_of_what_is_signed() {
    let gate = [
        ("aws_region", "eu-west-1"),
        ("base_url", "https://gate.test/aws/"),
    ];
    let stage = Stage::new(("bedrock", "m"), &gate, PAIR, hello);
    stage.chat(asking(&json!({}))).await.unwrap();
    assert_eq!(
        stage.last().url,
        "https://gate.test/aws/model/m/converse-stream"
    );
    assert!(
        stage
            .last()
            .header("authorization")
            .contains("/eu-west-1/bedrock/")
    );
    // Credentials of the imitated format lead to the same host.
    let imitated = [(
        "base_url",
        "https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1",
    )];
    let stage = Stage::new(("bedrock", "m"), &imitated, KEY, hello);
    stage.chat(asking(&json!({}))).await.unwrap();
    assert_eq!(
        stage.last().url,
        "https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse-stream"
    );
}

#[tokio::test]
async fn half_a_credential_sends_nothing() {
    for (settings, secrets, told) in [
        (REGION, &PAIR[..1], "needs an api_key, or"),
        (REGION, &PAIR[1..], "needs an api_key, or"),
        (
            &[("base_url", "https://gate.test")][..],
            PAIR,
            "needs an aws_region",
        ),
    ] {
        let stage = Stage::new(("bedrock", CLAUDE), settings, secrets, hello);
        let error = stage.chat(asking(&json!({}))).await.unwrap_err();
        assert!(error.message.contains(told), "{error}");
        assert!(stage.seen().is_empty());
    }
    // Without a region nobody knows where to send it.
    let stage = Stage::new(
        ("bedrock", CLAUDE),
        &[("aws_region", "evil.test/")],
        PAIR,
        hello,
    );
    assert!(stage.chat(asking(&json!({}))).await.is_err());
    assert!(stage.seen().is_empty());
}

#[tokio::test]
async fn each_maker_is_told_in_its_own_words() {
    let parameters =
        json!({"top_k": 5, "thinking": true, "effort": "low", "reasoning_effort": "low"});
    for (model, more) in [
        (
            "anthropic.claude-opus-4-7",
            json!({"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}}),
        ),
        (
            "amazon.nova-pro-v1:0",
            json!({"inferenceConfig": {"topK": 5}, "reasoning_effort": "low"}),
        ),
        (
            "cohere.command-r-v1:0",
            json!({"k": 5, "reasoning_effort": "low"}),
        ),
        (
            "openai.gpt-oss-120b-1:0",
            json!({"top_k": 5, "reasoning_effort": "low"}),
        ),
    ] {
        let body = stage(model).body_of(asking(&parameters)).await;
        assert_eq!(body["additionalModelRequestFields"], more, "{model}");
    }
}

#[tokio::test]
async fn tools_results_and_thoughts_take_their_turns() {
    let call = ToolCall {
        id: "t1".into(),
        name: "weather".into(),
        arguments: "{\"a\": 1}".into(),
    };
    let thought =
        json!({"reasoningContent": {"reasoningText": {"text": "Hm", "signature": "c2ln"}}});
    let uses = json!({"toolUse": {"toolUseId": "t1", "name": "weather", "input": {"a": 1}}});
    let turns = |carried: Vec<Json>| {
        let mut request = asking(&json!({}));
        request.messages.extend([
            Message {
                tool_calls: vec![call.clone()],
                carried,
                ..Message::text(Role::Assistant, "")
            },
            Message {
                tool_call_id: Some("t1".into()),
                ..Message::text(Role::Tool, "sunny")
            },
            Message::text(Role::User, "And?"),
        ]);
        request
    };
    let answered = json!([{"toolResult": {"toolUseId": "t1", "content": [{"text": "sunny"}]}}, {"text": "And?"}]);
    let body = stage(CLAUDE).body_of(turns(vec![])).await;
    assert_eq!(
        body["messages"][1],
        json!({"role": "assistant", "content": [uses]})
    );
    assert_eq!(
        body["messages"][2],
        json!({"role": "user", "content": answered})
    );
    let declared =
        json!({"toolSpec": {"name": "weather", "inputSchema": {"json": {"type": "object"}}}});
    assert_eq!(body["toolConfig"], json!({"tools": [declared]}));
    let other = json!({"toolUse": {"toolUseId": "t9", "name": "weather", "input": {}}});
    let body = stage(CLAUDE)
        .body_of(turns(vec![thought.clone(), uses.clone(), other]))
        .await;
    assert_eq!(body["messages"][1]["content"], json!([thought, uses]));
}

#[tokio::test]
async fn a_choice_of_tools_is_told_as_far_as_there_are_words() {
    let spec = json!([{"toolSpec": {"name": "weather", "description": "The weather",
        "inputSchema": {"json": {"type": "object", "properties": {}}}}}]);
    for (choice, config) in [
        (json!({}), json!({"tools": spec})),
        (
            json!({"tool_choice": "auto"}),
            json!({"tools": spec, "toolChoice": {"auto": {}}}),
        ),
        (
            json!({"tool_choice": "required"}),
            json!({"tools": spec, "toolChoice": {"any": {}}}),
        ),
        (
            json!({"tool_choice": {"type": "tool", "name": "weather"}}),
            json!({"tools": spec, "toolChoice": {"tool": {"name": "weather"}}}),
        ),
        (json!({"tool_choice": "none"}), Json::Null),
    ] {
        let mut request = asking(&choice);
        request.tools = vec![weather()];
        let body = stage(CLAUDE).body_of(request).await;
        assert_eq!(
            body.get("toolConfig").unwrap_or(&Json::Null),
            &config,
            "{choice}"
        );
    }
}

#[tokio::test]
async fn what_the_newest_models_refuse_is_said_in_other_words() {
    let thought = json!({"reasoningContent": {"reasoningText": {"text": "", "signature": "c2ln"}}});
    let mut request = asking(&json!({"tool_choice": "required"}));
    request.tools = vec![weather()];
    request.messages.push(Message {
        carried: vec![thought],
        ..Message::text(Role::Assistant, "It is ")
    });
    let body = stage("us.anthropic.claude-opus-5-5").body_of(request).await;
    assert_eq!(body["toolConfig"].get("toolChoice"), None);
    assert!(
        body["system"][0]["text"]
            .as_str()
            .unwrap()
            .contains("Use one of the tools")
    );
    assert_eq!(body["messages"][2]["content"], json!([{"text": "Go on."}]));
    let bound =
        json!({"type": "adaptive", "block_binding": {"prefix_mismatch_behavior": "drop_block"}});
    let beta = json!(["thinking-binding-controls-2026-08-01"]);
    assert_eq!(
        body["additionalModelRequestFields"],
        json!({"thinking": bound, "anthropic_beta": beta})
    );
}

#[tokio::test]
async fn files_go_by_their_contents() {
    let file = |url: &str| Part::Document {
        url: url.to_owned(),
        mime_type: None,
    };
    let image = Part::Image {
        url: "data:image/jpeg;base64,QUJD".into(),
        mime_type: None,
        detail: None,
    };
    let question = |parts| ChatRequest {
        messages: vec![Message::parts(Role::User, parts)],
        ..ChatRequest::default()
    };
    let body = stage(CLAUDE)
        .body_of(question(vec![
            image,
            file("data:application/pdf;base64,UERG"),
            file("data:text/plain;base64,QQ=="),
        ]))
        .await;
    assert_eq!(
        body["messages"][0]["content"],
        json!([
            {"image": {"format": "jpeg", "source": {"bytes": "QUJD"}}},
            {"document": {"format": "pdf", "source": {"bytes": "UERG"}, "name": "document 1"}},
            {"document": {"format": "txt", "source": {"bytes": "QQ=="}, "name": "document 2"}},
            {"text": "Read the document."},
        ])
    );
    for part in [
        file("https://example.com/a.pdf"),
        file("data:application/zip;base64,QQ=="),
    ] {
        let stage = stage(CLAUDE);
        let error = stage.chat(question(vec![part])).await.unwrap_err();
        assert_eq!(error.error_type(), "InvokeBadRequestError", "{error}");
        assert!(stage.seen().is_empty());
    }
}

#[tokio::test]
async fn a_schema_is_held_to_or_told_and_marks_are_set() {
    let schema = json!({"type": "object", "properties": {}});
    let mut request = asking(
        &json!({"system_cache_checkpoint": true, "latest_two_messages_cache_checkpoint": true}),
    );
    request
        .messages
        .insert(0, Message::text(Role::System, "Be brief"));
    request.response_format = Some(ResponseFormat::JsonSchema {
        name: "n".into(),
        schema,
        strict: true,
    });
    let body = stage(CLAUDE).body_of(request.clone()).await;
    let format = &body["outputConfig"]["textFormat"];
    assert_eq!(format["type"], "json_schema");
    let written = format["structure"]["jsonSchema"]["schema"]
        .as_str()
        .unwrap();
    let written: Json = serde_json::from_str(written).unwrap();
    assert_eq!(written["additionalProperties"], false);
    let mark = json!({"cachePoint": {"type": "default"}});
    assert_eq!(body["system"], json!([{"text": "Be brief"}, mark]));
    assert_eq!(
        body["messages"][0]["content"],
        json!([{"text": "Say hi"}, mark])
    );
    let body = stage("amazon.nova-pro-v1:0").body_of(request).await;
    assert_eq!(body.get("outputConfig"), None);
    assert!(
        body["system"][1]["text"]
            .as_str()
            .unwrap()
            .contains("JSON Schema")
    );
}

#[tokio::test]
async fn vectors_come_by_the_text_or_by_the_batch_and_are_counted() {
    let titan = Stage::new(
        ("bedrock", "amazon.titan-embed-text-v2:0"),
        REGION,
        PAIR,
        |seen| {
            let length = seen.body()["inputText"].as_str().unwrap().len();
            answer(
                200,
                &json!({"embedding": [length, 1.0], "inputTextTokenCount": length}),
            )
        },
    );
    let (vectors, counts) = titan.embed(&["a", "bcd"]).await.unwrap();
    assert_eq!(vectors, [[1.0, 1.0], [3.0, 1.0]]);
    assert_eq!(counts, "1 reported, 3 reported");
    let path = "/model/amazon.titan-embed-text-v2%3A0/invoke";
    assert_eq!(titan.last().line(), format!("POST {HOST}{path}"));
    let cohere = Stage::new(
        ("bedrock", "cohere.embed-multilingual-v3"),
        REGION,
        KEY,
        |seen| {
            let texts = seen.body()["texts"].as_array().unwrap().len();
            let mut response = answer(
                200,
                &json!({"embeddings": {"float": vec![[1.0, 2.0]; texts]}}),
            );
            response
                .headers
                .push(("x-amzn-bedrock-input-token-count".into(), "9".into()));
            response
        },
    );
    let (vectors, counts) = cohere.embed(&["a", "b"]).await.unwrap();
    assert_eq!((vectors.len(), counts.as_str()), (2, "9 reported"));
}

#[tokio::test]
async fn documents_are_put_in_order() {
    let ranked = json!({"results": [{"index": 0, "relevance_score": 0.1}, {"index": 1, "relevance_score": 0.9}]});
    let stage = Stage::new(
        ("bedrock", "cohere.rerank-v3-5:0"),
        REGION,
        KEY,
        move |_| answer(200, &ranked),
    );
    let model = ModelRef {
        model_type: ModelType::Rerank,
        ..stage.world.model()
    };
    let instance = stage.manager.model_instance(&stage.world.context, &model);
    let documents = vec!["a".to_owned(), "b".to_owned()];
    let asked = RerankRequest {
        query: "q".into(),
        documents,
        top_n: 1,
    };
    let answered = instance.rerank(&asked).await.unwrap().value;
    assert_eq!((answered.len(), answered[0].index), (1, 1));
}

#[tokio::test]
async fn keys_are_tried_out_with_a_list_that_costs_nothing() {
    for (status, message, fault) in [
        (200, "", None),
        (
            403,
            "User: x is not authorized to perform: bedrock:ListAsyncInvokes",
            None,
        ),
        (
            403,
            "Authentication failed: Please make sure your API Key is valid.",
            Some(KeyFault::Dead),
        ),
    ] {
        let stage = Stage::new(("bedrock", CLAUDE), REGION, PAIR, move |_| {
            answer(status, &json!({"Message": message}))
        });
        let tried = stage.validate(None).await;
        assert_eq!(
            tried.as_ref().err().and_then(|error| error.key_fault),
            fault,
            "{tried:?}"
        );
        assert_eq!(tried.is_ok(), fault.is_none(), "{tried:?}");
        assert_eq!(
            stage.last().line(),
            format!("GET {HOST}/async-invoke?maxResults=1")
        );
        assert!(
            stage
                .last()
                .header("authorization")
                .starts_with("AWS4-HMAC-SHA256 ")
        );
    }
}

#[tokio::test]
async fn where_there_is_no_list_the_shortest_question_tells() {
    for (model, model_type, path) in [
        (CLAUDE, ModelType::Llm, "/converse"),
        (
            "amazon.titan-embed-text-v2:0",
            ModelType::TextEmbedding,
            "/invoke",
        ),
        ("cohere.rerank-v3-5:0", ModelType::Rerank, "/invoke"),
    ] {
        let stage = Stage::new(("bedrock", model), REGION, KEY, |seen| {
            let counts = json!({"usage": {"inputTokens": 8, "outputTokens": 1, "totalTokens": 9}, "inputTextTokenCount": 9});
            answer(if seen.method == "GET" { 404 } else { 200 }, &counts)
        });
        stage.validate(Some((model, model_type))).await.unwrap();
        assert!(stage.last().url.ends_with(path), "{}", stage.last().url);
        let rows = stage.book.rows();
        assert_eq!(rows[1].end.as_ref().unwrap().tokens.total(), 9, "{model}");
    }
}
