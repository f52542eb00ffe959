//! Our provider modules against the LiteLLM proxy, which speaks the same formats by code of its own (`make interop`).
//! Without `LATCHKEY_INTEROP`, the proxy's address, there is nobody to ask.

use std::sync::Arc;

use latchkey_models::memory::{MemoryBook, MemorySource};
use latchkey_models::{
    ChatChunk, ChatRequest, CredentialValues, InvokeError, KeyFault, Message, ModelManager, Part,
    Role, Tool, ToolCall,
};
use latchkey_outbound::{Config, Outbound, target_host};
use serde_json::json;

use crate::world::{NOW, World, credential, named};

/// A dot.
const IMAGE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// Who is asked in which format.
#[derive(Clone, Copy, Debug)]
struct Format {
    provider: &'static str,
    /// Where the proxy speaks it.
    path: &'static str,
    /// The credential's setting.
    api: Option<&'static str>,
    /// How much of the question the proxy says was read from a cache; it does not translate that count for everybody.
    cached: u64,
    /// Whether the proxy understands images in it: of Gemini's two spellings, it reads one, and we write the other.
    sees: bool,
}

const FORMATS: [Format; 4] = [
    Format {
        provider: "openai",
        path: "/v1",
        api: Some("chat"),
        cached: 8,
        sees: true,
    },
    Format {
        provider: "openai",
        path: "/v1",
        api: Some("responses"),
        cached: 8,
        sees: true,
    },
    Format {
        provider: "anthropic",
        path: "/v1",
        api: None,
        cached: 8,
        sees: true,
    },
    Format {
        provider: "google",
        path: "/v1beta",
        api: None,
        cached: 0,
        sees: false,
    },
];

struct Interop {
    manager: ModelManager,
    world: World,
}

impl Interop {
    fn new(proxy: &str, format: Format) -> Self {
        let mut own = credential(1, format.provider, "mine");
        own.hosts = target_host(proxy).into_iter().collect();
        let url = format!("{proxy}{}", format.path);
        own.settings.insert("base_url".to_owned(), url);
        let api = format.api.map(|api| ("api".to_owned(), api.to_owned()));
        own.settings.extend(api);
        let mut world = World::new();
        world.provider = own.provider.clone();
        world.model = "interop".to_owned();
        world.node(named("mine"));
        let source = MemorySource::new(Arc::new(|| NOW));
        source.put(own, CredentialValues::one("api_key", "sk-test-interop"));
        let outbound = Outbound::new(Config {
            allow: vec!["127.0.0.0/8".parse().unwrap()],
            ..Config::default()
        });
        let book = Arc::new(MemoryBook::default());
        Self {
            manager: ModelManager::new(Arc::new(source), book, outbound.unwrap()),
            world,
        }
    }

    /// The whole answer; the pieces of calls of tools are put together.
    async fn ask(&self, request: ChatRequest) -> Result<ChatChunk, InvokeError> {
        let model = self.world.model();
        let instance = self.manager.model_instance(&self.world.context, &model);
        let mut stream = instance.invoke(request).await?;
        let mut all = ChatChunk::default();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk?;
            all.text.push_str(&chunk.text);
            for piece in chunk.tool_calls {
                match all.tool_calls.last_mut() {
                    Some(last) if last.index == piece.index => {
                        last.arguments.push_str(&piece.arguments);
                    }
                    _ => all.tool_calls.push(piece),
                }
            }
            all.carried.extend(chunk.carried);
            all.finish_reason = chunk.finish_reason.or(all.finish_reason);
            all.usage = chunk.usage.or(all.usage);
        }
        Ok(all)
    }
}

fn question(text: &str) -> ChatRequest {
    ChatRequest {
        messages: vec![Message::text(Role::User, text)],
        ..ChatRequest::default()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says where the proxy is"
)]
fn proxy() -> Option<String> {
    std::env::var("LATCHKEY_INTEROP").ok()
}

#[tokio::test]
async fn every_format_is_understood_by_code_that_is_not_ours() {
    let Some(proxy) = proxy() else {
        return;
    };
    for format in FORMATS {
        let interop = Interop::new(&proxy, format);
        greets(&interop, format).await;
        calls_a_tool(&interop, format).await;
        if format.sees {
            sees_an_image(&interop, format).await;
        }
        stops_at_its_limit(&interop, format).await;
        does_not_know_the_key(interop, format).await;
    }
}

async fn greets(interop: &Interop, format: Format) {
    let mut request = question("Say hi");
    let system = Message::text(Role::System, "Be kind");
    request.messages.insert(0, system);
    let answer = interop.ask(request).await.unwrap();
    assert_eq!(answer.text, "Grüezi 🎉 Be kind", "{format:?}");
    assert_eq!(answer.finish_reason.as_deref(), Some("stop"), "{format:?}");
    let tokens = answer.usage.unwrap().tokens;
    let columns = (tokens.input, tokens.cache_read, tokens.output);
    assert_eq!(
        columns,
        (20 - format.cached, format.cached, 7),
        "{format:?}"
    );
}

async fn calls_a_tool(interop: &Interop, format: Format) {
    let mut request = question("The weather?");
    request.tools = vec![Tool {
        name: "weather".into(),
        description: "The weather of a city".into(),
        parameters: json!({"type": "object", "properties": {"city": {"type": "string"}}}),
    }];
    let answer = interop.ask(request.clone()).await.unwrap();
    assert_eq!(
        answer.finish_reason.as_deref(),
        Some("tool_calls"),
        "{format:?}"
    );
    let piece = answer.tool_calls.first().unwrap().clone();
    let arguments: serde_json::Value = serde_json::from_str(&piece.arguments).unwrap();
    assert_eq!(arguments, json!({"city": "Zürich"}), "{format:?}");
    let call = ToolCall {
        id: piece.id.unwrap(),
        name: piece.name.unwrap(),
        arguments: piece.arguments,
    };
    let result = Message {
        tool_call_id: Some(call.id.clone()),
        ..Message::text(Role::Tool, "sunny")
    };
    request.messages.push(Message {
        tool_calls: vec![call],
        carried: answer.carried,
        ..Message::text(Role::Assistant, "")
    });
    request.messages.push(result);
    let answer = interop.ask(request).await.unwrap();
    assert!(
        answer.text.starts_with("The tool says: "),
        "{format:?}: {}",
        answer.text
    );
    assert!(answer.text.contains("sunny"), "{format:?}: {}", answer.text);
}

async fn sees_an_image(interop: &Interop, format: Format) {
    let image = Part::Image {
        url: IMAGE.into(),
        mime_type: None,
        detail: None,
    };
    let parts = vec![Part::Text("What is this?".into()), image];
    let request = ChatRequest {
        messages: vec![Message::parts(Role::User, parts)],
        ..ChatRequest::default()
    };
    let answer = interop.ask(request).await.unwrap();
    assert_eq!(answer.text, "I see an image", "{format:?}");
}

async fn stops_at_its_limit(interop: &Interop, format: Format) {
    let mut request = question("Say hi");
    request.parameters.insert("max_tokens".into(), json!(16));
    let answer = interop.ask(request).await.unwrap();
    assert_eq!(answer.text, "Cut", "{format:?}");
    assert_eq!(
        answer.finish_reason.as_deref(),
        Some("length"),
        "{format:?}"
    );
}

async fn does_not_know_the_key(mut interop: Interop, format: Format) {
    interop.world.model = "interop-locked".to_owned();
    let refused = interop.ask(question("Say hi")).await.unwrap_err();
    assert_eq!(
        refused.error_type(),
        "InvokeAuthorizationError",
        "{format:?}: {refused}"
    );
    assert_eq!(refused.key_fault, Some(KeyFault::Dead), "{format:?}");
}
