//! The floor: bare actix handlers that write one run row and four node rows and do nothing else, once with a transaction per
//! request and once with a writer thread whose waiting requests share one. It runs as a process of its own, like the service.

mod ledger;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::web::Data;
use actix_web::{App, HttpResponse, HttpServer, Responder, get};
use anyhow::Context as _;
use tempfile::TempDir;

use self::ledger::{Ledger, Shared};
use crate::client::{get as ask, request};
use crate::cores::Cores;
use crate::process::{Process, free_address};

/// What every handler answers.
pub(crate) const DONE: &str = "done";

/// Which handler is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Handler {
    /// One that stores nothing.
    Empty,
    /// One with a transaction for each request.
    Single,
    /// One whose waiting requests share a transaction.
    Shared,
}

/// A running floor.
pub(crate) struct Floor {
    /// Its process.
    pub(crate) process: Process,
    _folder: TempDir,
}

impl Floor {
    /// Starts it in an empty folder below `place`.
    pub(crate) async fn start(cores: Cores, place: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(place)?;
        let address = free_address()?;
        let own = std::env::current_exe().context("a process knows its executable")?;
        let mut command = cores.measured(own);
        command
            .arg("floor")
            .arg(address.port().to_string())
            .arg(folder.path());
        Ok(Self {
            process: Process::start(command, address, "/empty").await?,
            _folder: folder,
        })
    }

    /// The request of a handler.
    pub(crate) fn request(&self, handler: Handler) -> Arc<[u8]> {
        let address = self.process.address;
        match handler {
            Handler::Empty => ask("/empty", address).into(),
            Handler::Single => ask("/single", address).into(),
            Handler::Shared => ask("/shared", address).into(),
        }
    }
}

/// The request of a chat completion, for the provider itself: what the service adds is measured against it.
pub(crate) fn chat(provider: std::net::SocketAddr, prompt: &str) -> Arc<[u8]> {
    let body = serde_json::json!({"model": "deepseek-chat", "stream": true, "stream_options": {"include_usage": true},
        "messages": [{"role": "user", "content": prompt}]});
    let (path, kind) = ("/v1/chat/completions", "application/json");
    request(
        "POST",
        path,
        provider,
        "test-key-bench",
        kind,
        &body.to_string(),
    )
    .into()
}

struct Handlers {
    single: Mutex<Ledger>,
    shared: Shared,
}

#[get("/empty")]
async fn empty() -> impl Responder {
    HttpResponse::Ok().body(DONE)
}

#[get("/single")]
async fn single(handlers: Data<Handlers>) -> impl Responder {
    // One worker, so nobody else waits for this lock; the commit blocks the worker, which is what is measured.
    let mut ledger = handlers
        .single
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    answer(ledger.write(1))
}

#[get("/shared")]
async fn shared(handlers: Data<Handlers>) -> impl Responder {
    answer(handlers.shared.write().await)
}

fn answer(written: anyhow::Result<()>) -> HttpResponse {
    match written {
        Ok(()) => HttpResponse::Ok().body(DONE),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

/// Serves until it is killed.
pub(crate) fn serve(port: u16, folder: &Path) -> anyhow::Result<()> {
    let handlers = Data::new(Handlers {
        single: Mutex::new(Ledger::open(&folder.join("single.db"))?),
        shared: Shared::start(Ledger::open(&folder.join("shared.db"))?),
    });
    let server = move || {
        App::new()
            .app_data(handlers.clone())
            .service(empty)
            .service(single)
            .service(shared)
    };
    actix_web::rt::System::new().block_on(async move {
        HttpServer::new(server)
            .workers(1)
            .bind(("127.0.0.1", port))?
            .run()
            .await?;
        Ok(())
    })
}
