//! Golden answers of providers, each with what it must come to however it is cut.
//!
//! `tests/golden/<set>/<case>.<kind>` is the body of an answer and `<case>.expected.json` what it comes to. The kind is
//! `sse` (server-sent events), `ndjson` (a JSON text on each line), `bin` (AWS event stream) or `json` (an answer at
//! once). An expectation has
//!
//! - of the answer's head: `status` (200) and `headers`;
//! - of the result, each only where there is any: `text`, `reasoning`, `tool_calls`, `structured`, `carried`,
//!   `finish_reason`, `tokens` (of the columns those that are not 0), `raw_usage` (only compared where it is stated),
//!   `request_id` (where it stands in the answer itself) and `error` with its `type` and `message`, and as far as they are known its `status`, `retry_after` in seconds and
//!   what it says of the `key` (`dead`, `exhausted`).
//!
//! Whatever a case is about, [`check`] reads it whole, in two pieces cut at every byte, byte by byte, and cut short at
//! every byte, by a connection that ends and by one that breaks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream;
use latchkey_domain::credential::CredentialCode;
use latchkey_domain::id::{CredentialId, ModelCallId, WorkspaceId};
use latchkey_domain::ledger::{ModelCallEnd, ModelCallStart};
use latchkey_models::memory::MemorySource;
use latchkey_models::{
    BookError, CallBook, ChatChunk, ChatRequest, CredentialValues, InvokeError, KeyFault,
    ModelManager, OpenError, ToolCallPiece,
};
use latchkey_outbound::{Error, Outbound, Request, Response, ScriptedTransport};
use latchkey_secrets::Secret;
use serde_json::{Map, Value as Json, json};

use crate::house::question;
use crate::world::{NOW, World, credential, named};

/// A provider, a model of it, and a credential: whoever is to give the golden answers.
#[derive(Clone, Copy)]
pub(crate) struct Speaker {
    pub(crate) provider: &'static str,
    pub(crate) model: &'static str,
    pub(crate) settings: &'static [(&'static str, &'static str)],
    pub(crate) secrets: &'static [(&'static str, &'static str)],
}

/// Checks every golden answer of a set.
pub(crate) async fn check(set: &str, speaker: Speaker) {
    let cases = cases(set);
    assert!(!cases.is_empty(), "there are golden answers of {set}");
    let listener = Listener::new(speaker);
    for case in cases {
        case.check(&listener).await;
    }
}

struct Case {
    name: String,
    kind: &'static str,
    body: Bytes,
    status: u16,
    headers: Vec<(String, String)>,
    expected: Json,
}

fn cases(set: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(set);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|cause| panic!("{folder:?}: {cause}"));
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    let is_expected = |path: &PathBuf| path.to_string_lossy().ends_with(".expected.json");
    let (expected, answers): (Vec<_>, Vec<_>) = files.into_iter().partition(is_expected);
    assert_eq!(
        expected.len(),
        answers.len(),
        "{set}: each answer has its result"
    );
    answers.iter().map(|path| Case::read(set, path)).collect()
}

impl Case {
    fn read(set: &str, path: &Path) -> Self {
        let kind = match path.extension().and_then(|kind| kind.to_str()) {
            Some("sse") => "text/event-stream; charset=utf-8",
            Some("ndjson") => "application/x-ndjson",
            Some("bin") => "application/vnd.amazon.eventstream",
            Some("json") => "application/json",
            other => panic!("{path:?}: no kind of answer: {other:?}"),
        };
        let expected = std::fs::read(path.with_extension("expected.json")).unwrap();
        let mut expected: Map<String, Json> = serde_json::from_slice(&expected).unwrap();
        let status = expected
            .remove("status")
            .map_or(200, |status| status.as_u64().unwrap());
        let headers = expected.remove("headers").unwrap_or_else(|| json!({}));
        let headers: BTreeMap<String, String> = serde_json::from_value(headers).unwrap();
        Self {
            name: format!("{set}/{}", path.file_name().unwrap().to_string_lossy()),
            kind,
            body: std::fs::read(path).unwrap().into(),
            status: u16::try_from(status).unwrap(),
            headers: headers.into_iter().collect(),
            expected: Json::Object(expected),
        }
    }

    async fn check(&self, listener: &Listener) {
        let whole = self
            .hear(listener, vec![self.body.clone()], Ending::Ends)
            .await;
        self.is_as_expected(&whole, "whole");
        let bytes = self.body.chunks(1).map(Bytes::copy_from_slice).collect();
        let by_byte = self.hear(listener, bytes, Ending::Ends).await;
        self.is_as_expected(&by_byte, "byte by byte");
        for cut in 1..self.body.len() {
            let pieces = vec![self.body.slice(..cut), self.body.slice(cut..)];
            let heard = self.hear(listener, pieces, Ending::Ends).await;
            self.is_as_expected(&heard, &format!("cut at {cut}"));
        }
        for end in 0..self.body.len() {
            for ending in [Ending::Ends, Ending::Breaks] {
                let pieces = vec![self.body.slice(..end)];
                let heard = self.hear(listener, pieces, ending).await;
                self.is_honest(&heard, &format!("{ending:?} at {end}"));
            }
        }
    }

    async fn hear(&self, listener: &Listener, pieces: Vec<Bytes>, ending: Ending) -> Heard {
        let mut headers = vec![("content-type".to_owned(), self.kind.to_owned())];
        headers.extend(self.headers.iter().cloned());
        listener.hear(self.status, headers, pieces, ending).await
    }

    fn is_as_expected(&self, heard: &Heard, how: &str) {
        let mut told = heard.told();
        if self.expected.get("raw_usage").is_none() {
            told.remove("raw_usage");
        }
        let told = Json::Object(told);
        assert_eq!(told, self.expected, "{} {how}:\n{told:#}", self.name);
        let is_counted = heard.told().contains_key("tokens");
        let source = heard.usage_source.as_deref();
        assert!(
            !is_counted || source == Some("reported"),
            "{} {how}: {source:?}",
            self.name
        );
    }

    /// What was cut short is either told as broken, or nothing of the answer itself was missing; and nobody has counted
    /// what the provider did not say.
    fn is_honest(&self, heard: &Heard, how: &str) {
        let place = format!("{} {how}", self.name);
        let (told, whole) = (heard.told(), &self.expected);
        let is_beginning = |key: &str| {
            let of =
                |json: Option<&Json>| json.and_then(Json::as_str).unwrap_or_default().to_owned();
            of(whole.get(key)).starts_with(&of(told.get(key)))
        };
        assert!(
            is_beginning("text") && is_beginning("reasoning"),
            "{place}: {told:?}"
        );
        if let Some(tokens) = told.get("tokens") {
            assert_eq!(Some(tokens), whole.get("tokens"), "{place}");
        }
        match &heard.error {
            None => {
                for key in [
                    "text",
                    "reasoning",
                    "tool_calls",
                    "structured",
                    "finish_reason",
                    "error",
                ] {
                    assert_eq!(told.get(key), whole.get(key), "{place}: {key}");
                }
            }
            Some(error) => {
                let known = whole.pointer("/error/type").and_then(Json::as_str);
                let broken = ["InvokeConnectionError", "InvokeBadRequestError"];
                let kind = error.error_type();
                assert!(
                    broken.contains(&kind) || known == Some(kind),
                    "{place}: {error}"
                );
            }
        }
    }
}

/// How a connection is over that was cut short.
#[derive(Clone, Copy, Debug)]
enum Ending {
    Ends,
    Breaks,
}

/// Asks a provider whose next answer is laid out for it.
struct Listener {
    manager: ModelManager,
    world: World,
    next: Arc<Mutex<Option<Response>>>,
}

impl Listener {
    fn new(speaker: Speaker) -> Self {
        let mut world = World::new();
        let mut own = credential(1, speaker.provider, "golden");
        let texts = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        own.settings = speaker.settings.iter().map(texts).collect();
        world.provider = own.provider.clone();
        world.model = speaker.model.to_owned();
        world.node(named("golden"));
        let secrets = speaker.secrets.iter().map(texts);
        let values = CredentialValues {
            secrets: secrets
                .map(|(name, value)| (name, Secret::new(value)))
                .collect(),
        };
        let source = MemorySource::new(Arc::new(|| NOW));
        source.put(own, values);
        let next: Arc<Mutex<Option<Response>>> = Arc::default();
        let transport: ScriptedTransport = {
            let next = Arc::clone(&next);
            // A key that is called dead is tried once more: that request is not answered.
            let gone = || Error::Connection("nobody answers a second time".to_owned());
            Arc::new(move |_: &Request| next.lock().unwrap().take().ok_or_else(gone))
        };
        let (source, outbound) = (Arc::new(source), Outbound::scripted(transport));
        Self {
            manager: ModelManager::new(source, Arc::new(Forgetful), outbound),
            world,
            next,
        }
    }

    async fn hear(
        &self,
        status: u16,
        headers: Vec<(String, String)>,
        pieces: Vec<Bytes>,
        ending: Ending,
    ) -> Heard {
        let mut body: Vec<Result<Bytes, Error>> = pieces.into_iter().map(Ok).collect();
        if matches!(ending, Ending::Breaks) {
            body.push(Err(Error::Connection("reset by peer".to_owned())));
        }
        *self.next.lock().unwrap() = Some(Response::streamed(status, headers, stream::iter(body)));
        let instance = self
            .manager
            .model_instance(&self.world.context, &self.world.model());
        let mut heard = Heard::default();
        let request: ChatRequest = question();
        match instance.invoke(request).await {
            Err(error) => heard.error = Some(error),
            Ok(mut stream) => {
                while let Some(piece) = stream.next().await {
                    match piece {
                        Ok(chunk) => heard.take(chunk),
                        Err(error) => heard.error = Some(error),
                    }
                }
                let report = stream.report().expect("the stream is over");
                heard.usage_source = Some(report.usage_source.as_str().to_owned());
            }
        }
        heard
    }
}

/// A ledger that keeps nothing: there are tens of thousands of calls.
struct Forgetful;

#[async_trait]
impl CallBook for Forgetful {
    async fn open(&self, _: ModelCallStart) -> Result<(), OpenError> {
        Ok(())
    }

    async fn close(&self, _: ModelCallId, _: ModelCallEnd) -> Result<(), BookError> {
        Ok(())
    }

    async fn condemn(&self, _: WorkspaceId, _: CredentialId, _: i32) -> Result<(), BookError> {
        Ok(())
    }

    async fn refuse(&self, start: ModelCallStart, code: CredentialCode) -> Result<(), BookError> {
        panic!("{} {}", start.provider, code.as_str())
    }
}

/// What an answer has come to.
#[derive(Default)]
struct Heard {
    all: ChatChunk,
    calls: BTreeMap<u32, (String, String, String)>,
    usage_source: Option<String>,
    error: Option<InvokeError>,
}

impl Heard {
    fn take(&mut self, chunk: ChatChunk) {
        assert!(self.error.is_none(), "nothing comes after an error");
        self.all.text.push_str(&chunk.text);
        self.all.reasoning.push_str(&chunk.reasoning);
        self.all.carried.extend(chunk.carried);
        for ToolCallPiece {
            index,
            id,
            name,
            arguments,
        } in chunk.tool_calls
        {
            let call = self.calls.entry(index).or_default();
            call.0.push_str(&id.unwrap_or_default());
            call.1.push_str(&name.unwrap_or_default());
            call.2.push_str(&arguments);
        }
        let all = &mut self.all;
        all.structured = chunk.structured.or(all.structured.take());
        all.finish_reason = chunk.finish_reason.or(all.finish_reason.take());
        all.usage = chunk.usage.or(all.usage.take());
        all.request_id = chunk.request_id.or(all.request_id.take());
    }

    /// The same in the words of an expectation.
    fn told(&self) -> Map<String, Json> {
        let calls: Vec<Json> = self
            .calls
            .values()
            .map(|(id, name, arguments)| json!({"id": id, "name": name, "arguments": arguments}))
            .collect();
        let all = json!({
            "text": self.all.text,
            "reasoning": self.all.reasoning,
            "tool_calls": calls,
            "structured": self.all.structured,
            "carried": self.all.carried,
            "finish_reason": self.all.finish_reason,
            "tokens": self.all.usage.as_ref().map(|usage| counted(&json!(usage.tokens))),
            "raw_usage": self.all.usage.as_ref().map(|usage| &usage.raw),
            "request_id": self.all.request_id,
            "error": self.error.as_ref().map(told_error),
        });
        let Json::Object(all) = all else {
            unreachable!("it is an object")
        };
        let is_something =
            |value: &Json| *value != json!(null) && *value != json!("") && *value != json!([]);
        all.into_iter()
            .filter(|(_, value)| is_something(value))
            .collect()
    }
}

fn counted(tokens: &Json) -> Json {
    let columns = tokens.as_object().into_iter().flatten();
    let columns = columns.filter(|(_, count)| **count != json!(0));
    columns
        .map(|(name, count)| (name.clone(), count.clone()))
        .collect::<Map<_, _>>()
        .into()
}

fn told_error(error: &InvokeError) -> Json {
    let mut told = json!({"type": error.error_type(), "message": error.message});
    if let Some(status) = error.http_status {
        told["status"] = json!(status);
    }
    if let Some(fault) = error.key_fault {
        told["key"] = json!(match fault {
            KeyFault::Dead => "dead",
            KeyFault::Exhausted => "exhausted",
        });
    }
    if let Some(wait) = error.retry_after {
        told["retry_after"] = json!(wait.as_secs());
    }
    told
}

#[tokio::test]
async fn openai_chat() {
    let speaker = Speaker {
        provider: "openai",
        model: "gpt-4o",
        settings: &[],
        secrets: &[("api_key", "test-key-golden")],
    };
    check("openai", speaker).await;
}

#[tokio::test]
async fn openai_responses() {
    let speaker = Speaker {
        provider: "openai",
        model: "gpt-5-mini",
        settings: &[("api", "responses")],
        secrets: &[("api_key", "test-key-golden")],
    };
    check("responses", speaker).await;
}

#[tokio::test]
async fn azure_openai() {
    let speaker = Speaker {
        provider: "azure_openai",
        model: "my-deployment",
        settings: &[
            ("base_url", "https://golden.openai.azure.com"),
            ("api_version", "2024-10-21"),
        ],
        secrets: &[("api_key", "test-key-golden")],
    };
    check("azure", speaker).await;
}

#[tokio::test]
async fn gemini() {
    let speaker = Speaker {
        provider: "google",
        model: "gemini-2.5-flash",
        settings: &[],
        secrets: &[("api_key", "test-key-golden")],
    };
    check("gemini", speaker).await;
}

#[tokio::test]
async fn ollama() {
    let speaker = Speaker {
        provider: "ollama",
        model: "qwen3",
        settings: &[],
        secrets: &[("api_key", "test-key-golden")],
    };
    check("ollama", speaker).await;
}

#[tokio::test]
async fn anthropic() {
    let speaker = Speaker {
        provider: "anthropic",
        model: "claude-sonnet-4-5",
        settings: &[],
        secrets: &[("api_key", "test-key-golden")],
    };
    check("anthropic", speaker).await;
}
