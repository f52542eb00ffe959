//! A manager whose provider is a function, with everything that was sent.

use std::sync::{Arc, Mutex};

use latchkey_models::memory::{MemoryBook, MemorySource};
use latchkey_models::{ChatRequest, ChatStream, InvokeError, Message, ModelManager, Role};
use latchkey_outbound::{Error, Outbound, Request, Response, ScriptedTransport};

use crate::world::{NOW, World, named, values};

pub(crate) const WHOLE: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n\
    data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
    data: {\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}\n\ndata: [DONE]\n\n";

/// A manager whose provider is a function, with everything that was sent.
pub(crate) struct House {
    pub(crate) world: World,
    pub(crate) manager: ModelManager,
    pub(crate) source: Arc<MemorySource>,
    pub(crate) book: Arc<MemoryBook>,
    sent: Arc<Mutex<Vec<String>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl House {
    pub(crate) fn new(
        world: World,
        answer: impl Fn(&str) -> Result<Response, Error> + Send + Sync + 'static,
    ) -> Self {
        Self::asking(world, move |request| {
            answer(&header(request, "authorization"))
        })
    }

    /// The same, whose provider sees the whole request.
    pub(crate) fn asking(
        world: World,
        answer: impl Fn(&Request) -> Result<Response, Error> + Send + Sync + 'static,
    ) -> Self {
        let source = Arc::new(MemorySource::new(Arc::new(|| NOW)));
        for credential in &world.credentials {
            source.put(credential.clone(), values(&credential.name));
        }
        source.set_settings(world.settings.clone());
        let book = Arc::new(MemoryBook::default());
        let sent: Arc<Mutex<Vec<String>>> = Arc::default();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let transport: ScriptedTransport = {
            let (sent, asked) = (Arc::clone(&sent), Arc::clone(&asked));
            Arc::new(move |request: &Request| {
                let key = header(request, "authorization");
                sent.lock().unwrap().push(key);
                let headers: Vec<String> = request
                    .headers()
                    .map(|(name, value)| format!(" {name}={value}"))
                    .collect();
                let line = format!("{} {}", request.method().as_str(), request.url());
                asked.lock().unwrap().push(line + &headers.concat());
                answer(request)
            })
        };
        let outbound = Outbound::scripted(transport);
        let manager = ModelManager::new(source.clone(), book.clone(), outbound);
        Self {
            world,
            manager,
            source,
            book,
            sent,
            asked,
        }
    }

    pub(crate) async fn invoke(&self) -> Result<ChatStream, InvokeError> {
        let instance = self
            .manager
            .model_instance(&self.world.context, &self.world.model());
        instance.invoke(question()).await
    }

    pub(crate) fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().clone()
    }

    /// Each request as `METHOD URL header=value …`.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Each row as `outcome usage-source credential code`.
    pub(crate) async fn rows(&self) -> Vec<String> {
        self.manager.close().await;
        let rows = self.book.rows();
        rows.iter()
            .map(|row| {
                let end = row.end.as_ref().expect("every row is closed");
                let (outcome, source) = (end.outcome.as_str(), end.usage_source.as_str());
                let name = row.start.credential_name.as_deref().unwrap_or("-");
                let code = end.error_code.as_deref().unwrap_or("-");
                format!("{outcome} {source} {name} {code}")
            })
            .collect()
    }
}

pub(crate) fn header(request: &Request, name: &str) -> String {
    let found = request
        .headers()
        .find(|(given, _)| given.eq_ignore_ascii_case(name));
    found.map_or_else(String::new, |(_, value)| value.to_owned())
}

pub(crate) fn question() -> ChatRequest {
    ChatRequest {
        messages: vec![Message::text(Role::User, "Say hi")],
        ..ChatRequest::default()
    }
}

pub(crate) fn events(text: &'static str) -> Result<Response, Error> {
    let kind = vec![("content-type".to_owned(), "text/event-stream".to_owned())];
    Ok(Response::ready(200, kind, text))
}

pub(crate) fn status(status: u16) -> Result<Response, Error> {
    Ok(Response::ready(
        status,
        vec![],
        r#"{"error": {"message": "told"}}"#,
    ))
}

pub(crate) fn node_names(name: &str) -> World {
    let mut world = World::new();
    world.node(named(name));
    world
}

pub(crate) async fn text_of(stream: &mut ChatStream) -> Result<String, InvokeError> {
    let mut text = String::new();
    while let Some(chunk) = stream.next().await {
        text.push_str(&chunk?.text);
    }
    Ok(text)
}
