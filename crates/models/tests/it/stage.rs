//! A manager with one credential, and a provider that is a function: what is sent, and what an answer comes to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures::stream;
use latchkey_domain::credential::ModelScope;
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_models::memory::{MemoryBook, MemorySource};
use latchkey_models::{
    Access, ChatChunk, ChatRequest, CredentialValues, InvokeError, Message, ModelManager, ModelRef,
    Role, Validation,
};
use latchkey_outbound::{Error, Outbound, Request, Response, ScriptedTransport};
use latchkey_secrets::Secret;
use serde_json::Value as Json;

use crate::world::{NOW, World, credential, named};

/// A request as its receiver saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
}

impl Seen {
    fn of(request: &Request) -> Self {
        let headers = request.headers();
        Self {
            method: request.method().as_str().to_owned(),
            url: request.url().to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect(),
            text: String::from_utf8_lossy(request.body_bytes()).into_owned(),
        }
    }

    /// `METHOD URL`
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.url)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn body(&self) -> Json {
        serde_json::from_str(&self.text).unwrap()
    }
}

/// The stage.
pub(crate) struct Stage {
    pub(crate) manager: ModelManager,
    pub(crate) world: World,
    pub(crate) book: Arc<MemoryBook>,
    access: Access,
    hosts: Vec<String>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Stage {
    pub(crate) fn new(
        (provider, model): (&str, &str),
        settings: &[(&str, &str)],
        secrets: &[(&str, &str)],
        answer: impl Fn(&Seen) -> Response + Send + Sync + 'static,
    ) -> Self {
        let texts = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let settings: BTreeMap<String, String> = settings.iter().map(texts).collect();
        let secrets = secrets.iter().map(texts);
        let values = CredentialValues {
            secrets: secrets
                .map(|(name, value)| (name, Secret::new(value)))
                .collect(),
        };
        let mut own = credential(1, provider, "mine");
        own.settings.clone_from(&settings);
        let mut world = World::new();
        world.provider = own.provider.clone();
        world.model = model.to_owned();
        world.node(named("mine"));
        let source = MemorySource::new(Arc::new(|| NOW));
        source.put(own, values.clone());
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let transport: ScriptedTransport = {
            let seen = Arc::clone(&seen);
            Arc::new(move |request: &Request| {
                let request = Seen::of(request);
                seen.lock().unwrap().push(request.clone());
                Ok(answer(&request))
            })
        };
        let book = Arc::new(MemoryBook::default());
        let outbound = Outbound::scripted(transport);
        let manager = ModelManager::new(Arc::new(source), book.clone(), outbound);
        let catalogue = manager.catalogue();
        let info = catalogue
            .provider(&ProviderId::normalise(provider))
            .unwrap();
        Self {
            hosts: info.default_hosts(&settings),
            access: Access {
                base_url: settings.get("base_url").cloned().unwrap_or_default(),
                settings,
                values,
            },
            manager: manager.clone(),
            world,
            book,
            seen,
        }
    }

    /// Asks a language model and gives the whole answer.
    pub(crate) async fn chat(&self, request: ChatRequest) -> Result<ChatChunk, InvokeError> {
        let instance = self
            .manager
            .model_instance(&self.world.context, &self.world.model());
        let mut stream = instance.invoke(request).await?;
        let mut all = ChatChunk::default();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk?;
            all.text.push_str(&chunk.text);
            all.reasoning.push_str(&chunk.reasoning);
            all.tool_calls.extend(chunk.tool_calls);
            all.carried.extend(chunk.carried);
            all.finish_reason = chunk.finish_reason.or(all.finish_reason);
            all.usage = chunk.usage.or(all.usage);
        }
        Ok(all)
    }

    /// Asks a language model and gives the body of the last request.
    pub(crate) async fn body_of(&self, request: ChatRequest) -> Json {
        self.chat(request).await.unwrap();
        self.last().body()
    }

    /// Asks for vectors; their number of tokens, if anybody counted, stands beside them.
    pub(crate) async fn embed(
        &self,
        texts: &[&str],
    ) -> Result<(Vec<Vec<f32>>, String), InvokeError> {
        let model = ModelRef {
            model_type: ModelType::TextEmbedding,
            ..self.world.model()
        };
        let instance = self.manager.model_instance(&self.world.context, &model);
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        let answered = instance.embed(&texts).await?;
        let counts = answered
            .calls
            .iter()
            .map(|call| format!("{} {}", call.tokens.total(), call.usage_source.as_str()));
        Ok((answered.value, counts.collect::<Vec<_>>().join(", ")))
    }

    /// Tries the credential out, with a model if one is given.
    pub(crate) async fn validate(
        &self,
        model: Option<(&str, ModelType)>,
    ) -> Result<(), InvokeError> {
        let validation = Validation {
            context: self.world.context.clone(),
            provider: self.world.provider.clone(),
            model: model.map(|(name, model_type)| ModelScope {
                name: name.to_owned(),
                model_type,
            }),
            credential: None,
            hosts: self.hosts.clone(),
            access: self.access.clone(),
            now: NOW,
        };
        self.manager.validate(validation).await
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn last(&self) -> Seen {
        self.seen().pop().expect("something was sent")
    }
}

/// An answer at once.
pub(crate) fn json(status: u16, body: &Json) -> Response {
    let kind = vec![("content-type".to_owned(), "application/json".to_owned())];
    Response::ready(status, kind, body.to_string())
}

/// An answer in server-sent events.
pub(crate) fn events(events: &[Json]) -> Response {
    let events = events.iter().map(|event| format!("data: {event}\n\n"));
    let kind = vec![("content-type".to_owned(), "text/event-stream".to_owned())];
    Response::ready(200, kind, events.collect::<String>())
}

/// An answer that breaks off.
pub(crate) fn broken(text: &'static str) -> Response {
    let pieces = [
        Ok(text.into()),
        Err(Error::Connection("reset by peer".to_owned())),
    ];
    Response::streamed(200, vec![], stream::iter(pieces))
}

/// A question with parameters.
pub(crate) fn asking(parameters: &Json) -> ChatRequest {
    ChatRequest {
        messages: vec![Message::text(Role::User, "Say hi")],
        parameters: parameters.as_object().cloned().unwrap_or_default(),
        ..ChatRequest::default()
    }
}
