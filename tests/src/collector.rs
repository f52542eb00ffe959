//! A collector of traces on a port of its own: it takes OTLP over HTTP and keeps what it is told, as spans and as it came.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

use crate::provider::lock;

#[derive(Default)]
struct Told {
    spans: Vec<Span>,
    raw: Vec<u8>,
    keys: Vec<String>,
}

/// The running collector. Dropping it closes every connection.
pub struct Collector {
    address: SocketAddr,
    told: Arc<Mutex<Told>>,
    server: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Collector {
    /// Starts on 127.0.0.1.
    ///
    /// # Panics
    /// If no port is free.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port is free");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let told: Arc<Mutex<Told>> = Arc::default();
        let state = Arc::clone(&told);
        let (tell, heard) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    App::new()
                        .app_data(web::Data::from(Arc::clone(&state)))
                        .app_data(web::PayloadConfig::new(16 << 20))
                        .route("/v1/traces", web::post().to(take))
                })
                .workers(1)
                .disable_signals()
                .listen(listener)
                .expect("the socket listens")
                .run();
                tell.send(server.handle()).expect("the starter waits");
                server.await.expect("the collector is served");
            });
        });
        Self {
            address,
            told,
            server: heard.recv().expect("the server starts"),
            thread: Some(thread),
        }
    }

    /// `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every span so far, in order of arrival.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        lock(&self.told).spans.clone()
    }

    /// Everything that came, as it came.
    #[must_use]
    pub fn raw(&self) -> Vec<u8> {
        lock(&self.told).raw.clone()
    }

    /// The header `x-collector-key` of every request.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        lock(&self.told).keys.clone()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        // The command is sent when the future is made.
        drop(self.server.stop(false));
        if let Some(thread) = self.thread.take() {
            // A panic there has already been printed.
            let _ = thread.join();
        }
    }
}

/// What a span says under a name, as text.
#[must_use]
pub fn said(span: &Span, name: &str) -> Option<String> {
    let found = span.attributes.iter().find(|pair| pair.key == name)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        other @ (Value::BoolValue(_)
        | Value::DoubleValue(_)
        | Value::ArrayValue(_)
        | Value::KvlistValue(_)
        | Value::BytesValue(_)
        | Value::StringValueStrindex(_)) => Some(format!("{other:?}")),
    }
}

async fn take(
    request: HttpRequest,
    body: web::Bytes,
    state: web::Data<Mutex<Told>>,
) -> HttpResponse {
    let key = request.headers().get("x-collector-key");
    let key = key
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let Ok(decoded) = ExportTraceServiceRequest::decode(body.clone()) else {
        return HttpResponse::BadRequest().finish();
    };
    let mut told = lock(&state);
    told.keys.push(key.to_owned());
    told.raw.extend_from_slice(&body);
    let scopes = decoded
        .resource_spans
        .into_iter()
        .flat_map(|resource| resource.scope_spans);
    told.spans.extend(scopes.flat_map(|scope| scope.spans));
    HttpResponse::Ok().finish()
}
