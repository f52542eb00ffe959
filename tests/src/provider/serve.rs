//! The HTTP side of the scripted provider: one actix server on a thread of its own.

use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use bytes::Bytes;
use futures::stream::{self, Stream, StreamExt};
use serde_json::{Value as Json, json};

use super::reply::{Break, DEFAULT_WORDS, Reply, prompt_of};
use super::{Seen, State, lock, retrieval, tokens};

pub(super) fn start(listener: TcpListener, state: Arc<State>) -> (ServerHandle, JoinHandle<()>) {
    let (tell, told) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(move || {
                App::new()
                    .app_data(web::Data::from(Arc::clone(&state)))
                    .app_data(web::PayloadConfig::new(64 << 20))
                    .default_service(web::to(answer))
            })
            .workers(1)
            // A caller that leaves ends its request, also while nothing is being written.
            .h1_allow_half_closed(false)
            .disable_signals()
            .listen(listener)
            .expect("the socket listens")
            .run();
            tell.send(server.handle()).expect("the starter waits");
            server.await.expect("the provider serves");
        });
    });
    let handle = told.recv().expect("the provider starts");
    (handle, thread)
}

/// A request between its arrival and the end of its answer.
struct Open(Arc<State>);

impl Open {
    fn new(state: &Arc<State>) -> Self {
        state.open.send_modify(|n| *n += 1);
        Self(Arc::clone(state))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.send_modify(|n| *n -= 1);
    }
}

async fn answer(request: HttpRequest, body: Bytes, state: web::Data<State>) -> HttpResponse {
    let state = state.into_inner();
    let open = Open::new(&state);
    let exchange = Exchange::arrive(&request, &body, state);
    let is_models = request.path().ends_with("/models");
    let reply = match exchange.reply(is_models) {
        Some(reply) => reply,
        None if is_models => {
            let list =
                json!({"object": "list", "data": [{"id": "deepseek-chat", "object": "model"}]});
            return exchange.plain(200, list.to_string());
        }
        None if request.path().ends_with("/embeddings") => {
            exchange.usage("");
            return exchange.plain(200, retrieval::vectors(&exchange.body).to_string());
        }
        None if request.path().ends_with("/rerank") => {
            exchange.usage("");
            return exchange.plain(200, retrieval::order(&exchange.body).to_string());
        }
        None => Reply::words(DEFAULT_WORDS),
    };
    match reply {
        Reply::Words(text) if exchange.streams() => {
            exchange.usage(&text);
            let ends = [
                exchange.end(),
                exchange.usage_chunk(&text),
                "data: [DONE]\n\n".into(),
            ];
            let chunks = exchange
                .chunks(&text)
                .into_iter()
                .chain(ends)
                .map(Bytes::from);
            exchange.stream(open, stream::iter(chunks.map(Ok)))
        }
        Reply::Words(text) | Reply::Gated(text) if !exchange.streams() => {
            exchange.usage(&text);
            exchange.plain(200, exchange.completion(&text).to_string())
        }
        Reply::Words(text) | Reply::Gated(text) => {
            exchange.usage(&text);
            let ends = [
                exchange.end(),
                exchange.usage_chunk(&text),
                "data: [DONE]\n\n".into(),
            ];
            let gated = gated(exchange.chunks(&text), &exchange.state);
            exchange.stream(
                open,
                gated.chain(stream::iter(ends.map(Bytes::from).map(Ok))),
            )
        }
        Reply::Status {
            status,
            retry_after,
            body,
        } => {
            let body = body
                .replace("{key}", &exchange.key)
                .replace("{json-key}", &exchange.key_in_json());
            let mut response = exchange.plain(status, body);
            if let Some(seconds) = retry_after {
                let value = seconds
                    .to_string()
                    .parse()
                    .expect("digits are a header value");
                response
                    .headers_mut()
                    .insert(actix_web::http::header::RETRY_AFTER, value);
            }
            response
        }
        Reply::Hangs => std::future::pending().await,
        Reply::HangsAfter(text) => {
            let chunks = exchange.chunks(&text).into_iter().map(Bytes::from).map(Ok);
            exchange.stream(open, stream::iter(chunks).chain(stream::pending()))
        }
        Reply::Cut(text, at) => {
            let chunks = exchange.chunks(&text).into_iter().map(Bytes::from);
            let pieces = stream::iter(chunks.chain(broken(at)).map(Ok));
            exchange.stream(open, pieces.chain(stream::once(cut())))
        }
        Reply::Redirect(to) => {
            exchange.answered(307);
            HttpResponse::TemporaryRedirect()
                .insert_header(("location", to))
                .finish()
        }
        Reply::Event(data) => {
            let data = data.replace("{key}", &exchange.key_in_json());
            let event = Bytes::from(format!("data: {data}\n\n"));
            exchange.stream(open, stream::iter([Ok(event)]))
        }
        Reply::Garbage(text) => exchange.plain(200, text.replace("{key}", &exchange.key)),
    }
}

/// The end of a cut stream. What stands in the write buffer is sent first: it is flushed whenever the body has to wait.
async fn cut() -> std::io::Result<Bytes> {
    tokio::task::yield_now().await;
    Err(std::io::Error::other("cut, as scripted"))
}

/// What is sent of the event in whose middle a stream breaks.
fn broken(at: Break) -> Option<Bytes> {
    match at {
        Break::BetweenEvents => None,
        Break::InsideEvent => Some(Bytes::from_static(b"data: {\"id\": \"x\", \"choi")),
        Break::InsideCharacter => Some(Bytes::from_static(
            b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"gr\xc3",
        )),
    }
}

fn gated(
    chunks: Vec<String>,
    state: &Arc<State>,
) -> impl Stream<Item = std::io::Result<Bytes>> + use<> {
    let gate = Arc::clone(&state.gate);
    stream::iter(chunks).then(move |chunk| {
        let gate = Arc::clone(&gate);
        async move {
            let permit = gate.acquire().await.map_err(std::io::Error::other)?;
            permit.forget();
            Ok(Bytes::from(chunk))
        }
    })
}

/// One request and its place in the record.
struct Exchange {
    state: Arc<State>,
    place: usize,
    key: String,
    model: String,
    prompt: String,
    body: Json,
}

impl Exchange {
    fn arrive(request: &HttpRequest, body: &Bytes, state: Arc<State>) -> Self {
        let header = |name| {
            let value = request.headers().get(name).and_then(|v| v.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let text = String::from_utf8_lossy(body).into_owned();
        let body: Json = serde_json::from_slice(body).unwrap_or(Json::Null);
        let key = header("authorization")
            .trim_start_matches("Bearer ")
            .to_owned();
        let model = body["model"].as_str().unwrap_or_default().to_owned();
        let mut prompt = prompt_of(&body);
        if prompt.is_empty() {
            prompt = retrieval::texts_of(&body);
        }
        let mut seen = lock(&state.seen);
        let place = seen.len();
        seen.push(Seen {
            path: request.path().to_owned(),
            key: key.clone(),
            host: header("host"),
            call: header("x-client-request-id"),
            model: model.clone(),
            prompt: prompt.clone(),
            body: body.clone(),
            text,
            signature: header("latchkey-signature"),
            status: 0,
            input_tokens: 0,
            output_tokens: 0,
        });
        drop(seen);
        state.arrived.send_modify(|n| *n += 1);
        Self {
            state,
            place,
            key,
            model,
            prompt,
            body,
        }
    }

    fn reply(&self, is_models: bool) -> Option<Reply> {
        let mut rules = lock(&self.state.rules);
        rules
            .iter_mut()
            .find_map(|rule| rule.take(&self.key, &self.prompt, is_models))
    }

    fn key_in_json(&self) -> String {
        let quoted = Json::from(self.key.as_str()).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    }

    fn streams(&self) -> bool {
        self.body["stream"] == json!(true)
    }

    fn change(&self, change: impl FnOnce(&mut Seen)) {
        // The record may have been forgotten meanwhile.
        if let Some(seen) = lock(&self.state.seen).get_mut(self.place) {
            change(seen);
        }
    }

    fn answered(&self, status: u16) {
        self.change(|seen| seen.status = status);
    }

    fn usage(&self, text: &str) {
        let input = tokens(&self.prompt);
        self.change(|seen| {
            seen.input_tokens = input;
            seen.output_tokens = tokens(text);
        });
    }

    fn plain(&self, status: u16, body: String) -> HttpResponse {
        self.answered(status);
        let status = StatusCode::from_u16(status).expect("a script names valid statuses");
        HttpResponse::build(status)
            .insert_header(("x-request-id", format!("req-{}", self.place)))
            .content_type("application/json")
            .body(body)
    }

    fn stream(
        &self,
        open: Open,
        chunks: impl Stream<Item = std::io::Result<Bytes>> + 'static,
    ) -> HttpResponse {
        self.answered(200);
        let held = chunks.map(move |chunk| {
            let _held_until_the_body_ends = &open;
            chunk
        });
        HttpResponse::Ok()
            .insert_header(("x-request-id", format!("req-{}", self.place)))
            .content_type("text/event-stream")
            .streaming(Box::pin(held))
    }

    /// The words of a text as events; blanks go with the word before them.
    fn chunks(&self, text: &str) -> Vec<String> {
        let event = |word| {
            self.event(json!([{"index": 0, "delta": {"content": word}, "finish_reason": null}]))
        };
        text.split_inclusive(' ').map(event).collect()
    }

    fn end(&self) -> String {
        self.event(json!([{"index": 0, "delta": {}, "finish_reason": "stop"}]))
    }

    fn event(&self, choices: Json) -> String {
        let event = json!({"id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 1, "model": self.model, "choices": choices});
        format!("data: {event}\n\n")
    }

    /// The last event before `[DONE]`, only for callers that ask for usage.
    fn usage_chunk(&self, text: &str) -> String {
        if self.body["stream_options"]["include_usage"] != json!(true) {
            return String::new();
        }
        let event = json!({"id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 1, "model": self.model, "choices": [], "usage": self.counted(text)});
        format!("data: {event}\n\n")
    }

    fn counted(&self, text: &str) -> Json {
        let (input, output) = (tokens(&self.prompt), tokens(text));
        json!({"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output})
    }

    fn completion(&self, text: &str) -> Json {
        let message = json!({"role": "assistant", "content": text});
        json!({"id": "chatcmpl-scripted", "object": "chat.completion", "created": 1, "model": self.model,
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": self.counted(text)})
    }
}
