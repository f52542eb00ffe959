//! OpenAI's format over a real socket: what is sent, and what recorded-style streams come to.

use std::net::SocketAddr;
use std::sync::Arc;

use latchkey_domain::provider::ProviderId;
use latchkey_models::memory::{MemoryBook, MemorySource};
use latchkey_models::{
    Access, ChatChunk, ChatRequest, InvokeError, Message, ModelManager, Part, ResponseFormat, Role,
    Tool, Validation,
};
use latchkey_outbound::{Config, Outbound};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::world::{NOW, World, named, values};

/// Answers one connection with these pieces and gives what was asked.
async fn server(pieces: Vec<Vec<u8>>) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tracker = tokio_util::task::TaskTracker::new();
    let asked = tracker.spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        while !is_whole(&request) {
            let read = socket.read(&mut buffer).await.unwrap();
            assert!(read > 0, "the request broke off");
            request.extend_from_slice(&buffer[..read]);
        }
        for piece in pieces {
            socket.write_all(&piece).await.unwrap();
            socket.flush().await.unwrap();
            tokio::task::yield_now().await;
        }
        socket.shutdown().await.unwrap();
        String::from_utf8(request).unwrap()
    });
    (address, asked)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    });
    body.len() >= length.unwrap_or(0)
}

fn manager(address: SocketAddr) -> (ModelManager, World) {
    let mut world = World::new();
    world.node(named("customer-acme"));
    let acme = world.one(1);
    acme.settings
        .insert("base_url".into(), format!("http://{address}/v1/"));
    acme.hosts = vec![address.to_string()];
    let source = MemorySource::new(Arc::new(|| NOW));
    source.put(acme.clone(), values("acme"));
    let outbound = Outbound::new(Config {
        allow: vec!["127.0.0.0/8".parse().unwrap()],
        ..Config::default()
    });
    let book = Arc::new(MemoryBook::default());
    let manager = ModelManager::new(Arc::new(source), book, outbound.unwrap());
    (manager, world)
}

/// Asks and gives all pieces, and the request as the server saw it.
async fn ask(
    head: &str,
    body: &[Vec<u8>],
    request: ChatRequest,
) -> (Result<Vec<ChatChunk>, InvokeError>, String) {
    let mut pieces = vec![format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n").into_bytes()];
    pieces.extend_from_slice(body);
    let (address, asked) = server(pieces).await;
    let (manager, world) = manager(address);
    let instance = manager.model_instance(&world.context, &world.model());
    let answer = async {
        let mut stream = instance.invoke(request).await?;
        let mut chunks = Vec::new();
        while let Some(chunk) = stream.next().await {
            chunks.push(chunk?);
        }
        Ok(chunks)
    };
    let answer = answer.await;
    (answer, asked.await.unwrap())
}

const EVENTS: &str = "200 OK\r\ncontent-type: text/event-stream\r\nx-request-id: req-7";

fn question() -> ChatRequest {
    ChatRequest {
        messages: vec![Message::text(Role::User, "Say hi")],
        ..ChatRequest::default()
    }
}

fn body_of(request: &str) -> Json {
    serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap()
}

async fn read(stream: &str) -> Result<Vec<ChatChunk>, InvokeError> {
    ask(EVENTS, &[stream.as_bytes().to_vec()], question())
        .await
        .0
}

#[tokio::test]
async fn the_request_is_what_the_format_wants() {
    let mut request = question();
    request
        .messages
        .insert(0, Message::text(Role::System, "Be brief"));
    let image = Part::Image {
        url: "https://example.com/cat.png".into(),
        mime_type: None,
        detail: Some("low".into()),
    };
    let parts = vec![Part::Text("And this?".into()), image];
    request.messages.push(Message::parts(Role::User, parts));
    request.stop = vec!["END".into()];
    request.user = Some("end-user-1".into());
    request.parameters.extend([
        ("temperature".to_owned(), json!(0.7)),
        ("enable_thinking".to_owned(), json!(false)),
        ("seed".to_owned(), Json::Null),
        ("stream".to_owned(), json!(false)),
    ]);
    request.tools = vec![Tool {
        name: "look_up".into(),
        description: "Looks up".into(),
        parameters: json!({"type": "object"}),
    }];
    request.response_format = Some(ResponseFormat::JsonObject);
    let (_, seen) = ask(EVENTS, &[b"data: [DONE]\n\n".to_vec()], request).await;
    let head = seen.to_ascii_lowercase();
    assert!(
        head.starts_with("post /v1/chat/completions http/1.1\r\n"),
        "{head}"
    );
    assert!(head.contains("\r\nauthorization: bearer test-key-acme\r\n"));
    assert!(head.contains("\r\nx-client-request-id: "));
    assert_eq!(
        body_of(&seen),
        json!({
            "model": "gpt-4o",
            "messages": [
                {"role": "system", "content": "Be brief"},
                {"role": "user", "content": "Say hi"},
                {"role": "user", "content": [
                    {"type": "text", "text": "And this?"},
                    {"type": "image_url", "image_url": {"url": "https://example.com/cat.png", "detail": "low"}}
                ]}
            ],
            "stream": true,
            "stream_options": {"include_usage": true},
            "stop": ["END"],
            "user": "end-user-1",
            "temperature": 0.7,
            "enable_thinking": false,
            "tools": [{"type": "function", "function": {
                "name": "look_up", "description": "Looks up", "parameters": {"type": "object"}}}],
            "response_format": {"type": "json_object"}
        })
    );
}

#[tokio::test]
async fn a_stream_cut_anywhere_comes_to_the_same() {
    let stream = "\u{feff}: hello\r\n\r\n\
        data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\r\n\r\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"Hm\"}}]}\r\n\r\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"你好 🎉\"}}]}\r\n\r\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"some_new_reason\"}],\"service_tier\":\"unheard-of\"}\r\n\r\n\
        data: {\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":50,\"prompt_tokens_details\":{\"cached_tokens\":40},\
        \"completion_tokens_details\":{\"reasoning_tokens\":30}}}\r\n\r\ndata: [DONE]\r\n\r\n";
    for size in [1, 3, 7, 64, 10_000] {
        let pieces: Vec<Vec<u8>> = stream.as_bytes().chunks(size).map(<[u8]>::to_vec).collect();
        let chunks = ask(EVENTS, &pieces, question()).await.0.unwrap();
        let text: String = chunks.iter().map(|chunk| chunk.text.as_str()).collect();
        let reasoning: String = chunks
            .iter()
            .map(|chunk| chunk.reasoning.as_str())
            .collect();
        let reason = chunks.iter().find_map(|chunk| chunk.finish_reason.clone());
        assert_eq!(
            (text.as_str(), reasoning.as_str()),
            ("你好 🎉", "Hm"),
            "{size}"
        );
        assert_eq!(reason.as_deref(), Some("some_new_reason"));
        let tokens = chunks
            .iter()
            .find_map(|chunk| chunk.usage.clone())
            .unwrap()
            .tokens;
        let columns = (
            tokens.input,
            tokens.cache_read,
            tokens.output,
            tokens.reasoning,
        );
        assert_eq!(columns, (60, 40, 20, 30));
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_an_error_after_its_pieces() {
    let error = read("data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n")
        .await
        .unwrap_err();
    assert_eq!(error.error_type(), "InvokeConnectionError");
    let error = read("data: {\"choices\":[{\"delta\":{\"content\":\"Hel")
        .await
        .unwrap_err();
    assert_eq!(error.error_type(), "InvokeConnectionError");
    // A server that closes after its last piece without the end mark has said everything.
    let whole =
        read("data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}")
            .await;
    assert_eq!(whole.unwrap()[0].text, "Hi");
}

#[tokio::test]
async fn tool_calls_come_in_pieces() {
    let chunks = read(
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"type\":\"function\",\
         \"function\":{\"name\":\"look_up\",\"arguments\":\"{\\\"a\\\"\"}}]}}]}\n\n\
         data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\":1}\"}}]},\
         \"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n",
    )
    .await
    .unwrap();
    let pieces: Vec<_> = chunks.iter().flat_map(|chunk| &chunk.tool_calls).collect();
    assert_eq!(pieces[0].name.as_deref(), Some("look_up"));
    let arguments: String = pieces
        .iter()
        .map(|piece| piece.arguments.as_str())
        .collect();
    assert_eq!(arguments, "{\"a\":1}");
}

#[tokio::test]
async fn an_answer_at_once_is_read_too() {
    let body = json!({"choices": [{"message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 1}});
    let head = "200 OK\r\ncontent-type: application/json";
    let chunks = ask(head, &[body.to_string().into_bytes()], question())
        .await
        .0
        .unwrap();
    assert_eq!(chunks[0].text, "Hi");
    assert_eq!(chunks[0].usage.as_ref().unwrap().tokens.total(), 4);
    let nonsense = ask(head, &[b"{\"ok\": true}".to_vec()], question())
        .await
        .0
        .unwrap_err();
    assert_eq!(nonsense.error_type(), "InvokeBadRequestError");
}

#[tokio::test]
async fn refusals_are_told_without_the_key() {
    let body = b"{\"error\":{\"message\":\"Incorrect API key provided: test-key-acme\"}}".to_vec();
    let error = ask("401 Unauthorized", &[body], question())
        .await
        .0
        .unwrap_err();
    assert_eq!(error.message, "[401] Incorrect API key provided: [masked]");
    let error = ask(
        "429 Too Many Requests\r\nretry-after: 7",
        &[vec![]],
        question(),
    )
    .await
    .0
    .unwrap_err();
    assert_eq!(error.retry_after.unwrap().as_secs(), 7);
    let error = ask(
        "302 Found\r\nlocation: http://127.0.0.1:1/steal",
        &[vec![]],
        question(),
    )
    .await
    .0
    .unwrap_err();
    assert!(error.message.contains("never followed"), "{error}");
}

#[tokio::test]
async fn a_credential_is_tried_out_where_it_may_go() {
    let (address, asked) = server(vec![
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec(),
    ])
    .await;
    let (manager, world) = manager(address);
    let mut validation = Validation {
        context: world.context.clone(),
        provider: ProviderId::normalise("openai"),
        model: None,
        credential: None,
        hosts: vec!["api.openai.com".into()],
        access: Access {
            base_url: format!("http://{address}/v1"),
            settings: std::collections::BTreeMap::new(),
            values: values("acme"),
        },
        now: NOW,
    };
    let refused = manager.validate(validation.clone()).await.unwrap_err();
    assert!(refused.message.contains("not among"), "{refused}");
    validation.hosts = vec![address.to_string()];
    manager.validate(validation).await.unwrap();
    assert!(
        asked
            .await
            .unwrap()
            .starts_with("GET /v1/models HTTP/1.1\r\n")
    );
}
