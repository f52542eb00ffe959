//! A small store that speaks the part of S3's API that the file store uses, on a port of its own: objects, uploads in parts, and
//! lists. It refuses what the real ones refuse: another key, and parts of less than 5 MiB before the last.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use actix_web::http::Method;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use bytes::Bytes;

use crate::provider::lock;

/// The id of the one key.
pub const KEY_ID: &str = "AKIATEST";
/// The smallest part before the last, in bytes.
const SMALLEST: usize = 5 << 20;

#[derive(Default)]
struct Kept {
    objects: BTreeMap<String, Bytes>,
    uploads: BTreeMap<String, BTreeMap<u32, Bytes>>,
    begun: usize,
}

/// The running store. Dropping it closes every connection.
pub struct BucketServer {
    address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
    server: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl BucketServer {
    /// Starts on 127.0.0.1.
    ///
    /// # Panics
    /// If no port is free.
    #[must_use]
    pub fn start() -> Self {
        // Whoever asks sets TLS up, whether it is used or not.
        latchkey_outbound::install_crypto();
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port is free");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let kept: Arc<Mutex<Kept>> = Arc::default();
        let state = Arc::clone(&kept);
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
                .disable_signals()
                .listen(listener)
                .expect("the socket listens")
                .run();
                tell.send(server.handle()).expect("the starter waits");
                server.await.expect("the bucket is served");
            });
        });
        Self {
            address,
            kept,
            server: told.recv().expect("the server starts"),
            thread: Some(thread),
        }
    }

    /// `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The names of the objects, each with the bucket before it.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        lock(&self.kept).objects.keys().cloned().collect()
    }

    /// Uploads that were neither completed nor given up.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        lock(&self.kept).uploads.len()
    }
}

impl Drop for BucketServer {
    fn drop(&mut self) {
        // The command is sent when the future is made.
        drop(self.server.stop(false));
        if let Some(thread) = self.thread.take() {
            // A panic there has already been printed.
            let _ = thread.join();
        }
    }
}

async fn answer(
    request: HttpRequest,
    body: web::Bytes,
    state: web::Data<Mutex<Kept>>,
) -> HttpResponse {
    let signed = request.headers().get("authorization");
    let signed = signed.and_then(|value| value.to_str().ok());
    let ours = format!("AWS4-HMAC-SHA256 Credential={KEY_ID}/");
    if !signed.is_some_and(|value| value.starts_with(&ours)) {
        return refused(403, "AccessDenied");
    }
    let query: BTreeMap<String, String> =
        web::Query::<BTreeMap<String, String>>::from_query(request.query_string())
            .map(web::Query::into_inner)
            .unwrap_or_default();
    let name = request.path().trim_start_matches('/').to_owned();
    let mut kept = lock(&state);
    match (request.method(), query.get("uploadId")) {
        (&Method::POST, None) if query.contains_key("uploads") => begin(&mut kept),
        (&Method::PUT, Some(upload)) => part(&mut kept, upload, &query, body),
        (&Method::POST, Some(upload)) => complete(&mut kept, upload, &name),
        (&Method::DELETE, Some(upload)) => {
            kept.uploads.remove(upload);
            HttpResponse::NoContent().finish()
        }
        (&Method::GET, None) if query.contains_key("list-type") => {
            list(&kept, &name, query.get("prefix"))
        }
        (&Method::PUT, None) => {
            kept.objects.insert(name, body);
            HttpResponse::Ok().insert_header(("ETag", "\"x\"")).finish()
        }
        (&Method::DELETE, None) => {
            kept.objects.remove(&name);
            HttpResponse::NoContent().finish()
        }
        (&Method::GET | &Method::HEAD, None) => match kept.objects.get(&name) {
            Some(content) => HttpResponse::Ok()
                .insert_header(("ETag", "\"x\""))
                .insert_header(("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT"))
                .body(content.clone()),
            None => refused(404, "NoSuchKey"),
        },
        _ => refused(405, "MethodNotAllowed"),
    }
}

fn begin(kept: &mut Kept) -> HttpResponse {
    kept.begun += 1;
    let id = format!("upload-{}", kept.begun);
    kept.uploads.insert(id.clone(), BTreeMap::new());
    xml(format!(
        "<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
    ))
}

fn part(
    kept: &mut Kept,
    upload: &str,
    query: &BTreeMap<String, String>,
    body: Bytes,
) -> HttpResponse {
    let number = query.get("partNumber").and_then(|text| text.parse().ok());
    let (Some(parts), Some(number)) = (kept.uploads.get_mut(upload), number) else {
        return refused(404, "NoSuchUpload");
    };
    parts.insert(number, body);
    let tag = format!("\"{number}\"");
    HttpResponse::Ok().insert_header(("ETag", tag)).finish()
}

fn complete(kept: &mut Kept, upload: &str, name: &str) -> HttpResponse {
    let Some(parts) = kept.uploads.remove(upload) else {
        return refused(404, "NoSuchUpload");
    };
    let before_last = parts.len().saturating_sub(1);
    if parts
        .values()
        .take(before_last)
        .any(|part| part.len() < SMALLEST)
    {
        return refused(400, "EntityTooSmall");
    }
    let whole: Vec<u8> = parts.into_values().flatten().collect();
    kept.objects.insert(name.to_owned(), whole.into());
    xml("<CompleteMultipartUploadResult><ETag>\"x\"</ETag></CompleteMultipartUploadResult>".into())
}

fn list(kept: &Kept, bucket: &str, prefix: Option<&String>) -> HttpResponse {
    let bucket = bucket.trim_end_matches('/');
    let wanted = format!("{bucket}/{}", prefix.map_or("", String::as_str));
    let mut rows = String::new();
    for (name, content) in kept.objects.range(wanted.clone()..) {
        let Some(key) = name.strip_prefix(&format!("{bucket}/")) else {
            continue;
        };
        if name.starts_with(&wanted) {
            let size = content.len();
            let _ = write!(
                rows,
                "<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>\"x\"</ETag><Size>{size}</Size></Contents>"
            );
        }
    }
    xml(format!("<ListBucketResult>{rows}</ListBucketResult>"))
}

fn xml(text: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/xml")
        .body(format!("<?xml version=\"1.0\"?>{text}"))
}

fn refused(status: u16, code: &str) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(status).expect("it is a status");
    HttpResponse::build(status).body(format!("<Error><Code>{code}</Code></Error>"))
}
