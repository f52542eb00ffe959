//! A scripted model provider on a port of its own: speaks the OpenAI-compatible API for chats, vectors and orders, answers as
//! scripted and remembers which key sent what.
//!
//! **Counting rule**: a token is a word, that is a run of characters without white space. The input of a request are the
//! words of all its message texts, the output the words of the reply. Tests recompute bills with this rule.

mod reply;
mod retrieval;
mod serve;

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use serde_json::Value as Json;
use tokio::sync::{Semaphore, watch};

pub use reply::{Break, Reply, Rule};

use crate::wait;

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The path, such as `/v1/chat/completions`.
    pub path: String,
    /// What stood in `Authorization` after `Bearer `; empty without one.
    pub key: String,
    /// The `Host` header: where the key was sent.
    pub host: String,
    /// The id of the call, as its ledger row has it.
    pub call: String,
    /// The model asked for.
    pub model: String,
    /// The texts of all messages, one per line: marks written into a prompt are found here.
    pub prompt: String,
    /// The body as it arrived.
    pub body: Json,
    /// The same as text.
    pub text: String,
    /// What stood in `Latchkey-Signature`; empty without one.
    pub signature: String,
    /// The status it was answered with; 0 while, or if never, answered.
    pub status: u16,
    /// Input tokens reported to the caller; 0 if none were.
    pub input_tokens: u64,
    /// Output tokens reported to the caller.
    pub output_tokens: u64,
}

/// The running provider. Dropping it closes every connection.
pub struct Provider {
    address: SocketAddr,
    state: Arc<State>,
    server: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

pub(crate) struct State {
    pub(crate) rules: Mutex<Vec<Rule>>,
    pub(crate) seen: Mutex<Vec<Seen>>,
    /// Requests whose answer has not been sent to its end.
    pub(crate) open: watch::Sender<usize>,
    pub(crate) arrived: watch::Sender<usize>,
    /// Permits for the chunks of gated replies.
    pub(crate) gate: Arc<Semaphore>,
}

impl Provider {
    /// Starts on 127.0.0.1.
    #[must_use]
    pub fn start() -> Self {
        Self::start_on("127.0.0.1")
    }

    /// Starts on another loopback address, which is another host to anybody who compares hosts.
    #[must_use]
    pub fn start_on(ip: &str) -> Self {
        let listener = TcpListener::bind((ip, 0)).expect("a loopback port is free");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let state = Arc::new(State {
            rules: Mutex::default(),
            seen: Mutex::default(),
            open: watch::Sender::new(0),
            arrived: watch::Sender::new(0),
            gate: Arc::new(Semaphore::new(0)),
        });
        let (server, thread) = serve::start(listener, Arc::clone(&state));
        Self {
            address,
            state,
            server,
            thread: Some(thread),
        }
    }

    /// The base URL that a credential names: `http://127.0.0.1:<port>/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// `127.0.0.1:<port>`, as hosts of credentials are written.
    #[must_use]
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Adds a rule; the first rule that fits a request and is not used up decides. Without one the reply is
    /// [`Reply::words`] of a fixed sentence.
    pub fn script(&self, rule: Rule) -> &Self {
        lock(&self.state.rules).push(rule);
        self
    }

    /// Every request so far, in order of arrival.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.state.seen).clone()
    }

    /// The chat requests so far: validations and model lists left out.
    #[must_use]
    pub fn chats(&self) -> Vec<Seen> {
        let mut seen = self.seen();
        seen.retain(|one| one.path.ends_with("/chat/completions"));
        seen
    }

    /// The requests for vectors so far.
    #[must_use]
    pub fn embeddings(&self) -> Vec<Seen> {
        let mut seen = self.seen();
        seen.retain(|one| one.path.ends_with("/embeddings"));
        seen
    }

    /// Which keys sent chat requests, with their number.
    #[must_use]
    pub fn calls_by_key(&self) -> BTreeMap<String, usize> {
        let mut calls = BTreeMap::new();
        for seen in self.chats() {
            *calls.entry(seen.key).or_default() += 1;
        }
        calls
    }

    /// Forgets what was seen.
    pub fn forget(&self) {
        lock(&self.state.seen).clear();
    }

    /// Lets so many chunks of gated replies pass.
    pub fn release(&self, chunks: usize) {
        self.state.gate.add_permits(chunks);
    }

    /// Waits until so many requests have arrived since the start.
    pub async fn arrived(&self, requests: usize) {
        let mut arrived = self.state.arrived.subscribe();
        wait::within("requests arrive", arrived.wait_for(|n| *n >= requests))
            .await
            .expect("the provider lives");
    }

    /// Waits until no request is open: what hung has been closed by its caller.
    pub async fn is_quiet(&self) {
        let mut open = self.state.open.subscribe();
        wait::within("open requests are closed", open.wait_for(|n| *n == 0))
            .await
            .expect("the provider lives");
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // The command is sent when the future is made; waiting for it is what the thread's end is for.
        drop(self.server.stop(false));
        self.state.gate.close();
        if let Some(thread) = self.thread.take() {
            // A panic there has already been printed.
            let _ = thread.join();
        }
    }
}

/// The counting rule.
#[must_use]
pub fn tokens(text: &str) -> u64 {
    text.split_whitespace().count() as u64
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no holder of this lock panics")
}
