//! Several processes on NATS `JetStream`.
//!
//! Wake-ups are messages of a work queue, acknowledged once a claim was tried. Events travel on a fixed number of streams with the
//! run as subject, limited by age. Stops are said once to whoever is there. All of it is said through one task, in order; while the
//! server is away it is thrown away, since everybody then looks into the database.

mod streams;

use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::consumer::pull::Ordered;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectOptions, Event, Request, ServerAddr, Subject};
use bytes::Bytes;
use futures::StreamExt as _;
use latchkey_domain::event::RunEvent;
use latchkey_domain::id::RunId;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::Error;
use crate::listener::{Numbered, Numbers, Order};

use self::streams::Names;

/// What waits to be said; what finds no room is not said.
const ON_THE_WAY: usize = 8192;
/// Wake-ups that this process has taken and not tried yet.
const TAKEN: usize = 16;
/// The longest message, in bytes: servers refuse more than 1 MiB unless they are told otherwise. A longer event is missing, and the
/// journal has it.
const LONGEST: usize = 900 * 1024;
/// How long a wake-up may be on its way to a claim before another process gets it.
const ACKNOWLEDGED: Duration = Duration::from_secs(10);
/// How often a wake-up is given out: the relay says it again in any case.
const GIVEN_OUT: i64 = 3;
/// Asked stops that wait for this process.
const STOPS: usize = 1024;
/// Events that wait for a listener; then the stream keeps them.
const HEARD: usize = 256;
/// How long a server may take to answer a question.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pause before something is tried again that the server did not do.
const PAUSE: Duration = Duration::from_secs(1);

/// Where NATS is, and which processes belong together.
#[derive(Clone)]
pub struct NatsSettings {
    /// Addresses, separated by commas; they may hold a user and a password, or a token as user.
    pub url: String,
    /// What stands before the names of this installation's streams: letters, digits, `_` and `-`.
    pub installation: String,
}

/// Somebody says that there may be something to claim.
#[must_use = "it is said again until somebody has tried"]
pub struct Wakeup {
    run: RunId,
    message: jetstream::Message,
}

impl Wakeup {
    /// The run that it is about.
    #[must_use]
    pub const fn run(&self) -> RunId {
        self.run
    }

    /// A claim was tried, whatever came of it.
    pub async fn tried(self) {
        if let Err(cause) = self.message.ack().await {
            // It comes once more, which changes nothing.
            tracing::debug!(%cause, "a wake-up could not be acknowledged");
        }
    }
}

/// Somebody asks that a run is stopped, and waits.
pub struct StopAsked {
    run: RunId,
    reply: Option<Subject>,
    client: Client,
}

impl StopAsked {
    /// The run.
    #[must_use]
    pub const fn run(&self) -> RunId {
        self.run
    }

    /// It was executed here and is over now. Whoever does not have the run says nothing.
    pub async fn done(self) {
        if let Some(reply) = self.reply
            && let Err(cause) = self.client.publish(reply, Bytes::new()).await
        {
            tracing::debug!(%cause, "whoever asked for a stop does not hear of it");
        }
    }
}

/// A way that stays open. Clones share it.
#[derive(Clone)]
pub(crate) struct Nats(Arc<Inner>);

struct Inner {
    client: Client,
    context: Context,
    names: Names,
    out: mpsc::Sender<(String, Bytes)>,
    numbers: std::sync::Mutex<Numbers>,
    wakeups: Mutex<mpsc::Receiver<Wakeup>>,
    /// Somebody waits for wake-ups: a process that is no worker takes none.
    takes: Notify,
    stops: Mutex<mpsc::Receiver<StopAsked>>,
    runtime: Handle,
    tasks: TaskTracker,
    ending: CancellationToken,
}

impl Nats {
    pub(crate) async fn connect(settings: NatsSettings, runtime: &Handle) -> Result<Self, Error> {
        let servers: Result<Vec<ServerAddr>, _> = settings
            .url
            .split(',')
            .map(|address| address.trim().parse())
            .collect();
        // The library's own text could show a password.
        let servers = servers.map_err(|_| Error::Address("it is no list of URLs".to_owned()))?;
        let names = Names::new(&settings.installation, servers.len());
        let client = options(&servers)
            .connect(servers)
            .await
            .map_err(|cause| Error::Address(cause.kind().to_string()))?;
        let mut context = jetstream::new(client.clone());
        context.set_timeout(PATIENCE);
        let (out, to_say) = mpsc::channel(ON_THE_WAY);
        let (taken, wakeups) = mpsc::channel(TAKEN);
        let (asked, stops) = mpsc::channel(STOPS);
        let nats = Self(Arc::new(Inner {
            client,
            context,
            names,
            out,
            numbers: std::sync::Mutex::default(),
            wakeups: Mutex::new(wakeups),
            takes: Notify::new(),
            stops: Mutex::new(stops),
            runtime: runtime.clone(),
            tasks: TaskTracker::new(),
            ending: CancellationToken::new(),
        }));
        let inner = &nats.0;
        inner.tasks.spawn_on(nats.clone().say_all(to_say), runtime);
        inner
            .tasks
            .spawn_on(nats.clone().hear_stops(asked), runtime);
        inner
            .tasks
            .spawn_on(nats.clone().take_wakeups(taken), runtime);
        Ok(nats)
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.0.client.connection_state() == State::Connected
    }

    pub(crate) fn wake(&self, run: RunId) {
        self.put(self.0.names.wakeup(run), run.uuid().as_bytes().to_vec());
    }

    pub(crate) async fn woken(&self) -> Wakeup {
        self.0.takes.notify_one();
        let woken = self.0.wakeups.lock().await.recv().await;
        match woken {
            Some(wakeup) => wakeup,
            // The process ends.
            None => std::future::pending().await,
        }
    }

    pub(crate) fn say(&self, event: &RunEvent) {
        // Numbered although nobody hears it, so that it is missed.
        let number = self.numbers().next(event.run_id);
        if !self.is_connected() {
            return;
        }
        let numbered = Numbered {
            number,
            event: event.clone(),
        };
        match serde_json::to_vec(&numbered) {
            Ok(text) if text.len() <= LONGEST => {
                self.put(self.0.names.event(event.run_id), text);
            }
            Ok(_) | Err(_) => {}
        }
    }

    pub(crate) fn fall_silent(&self, run: RunId) {
        self.numbers().forget(run);
    }

    fn numbers(&self) -> std::sync::MutexGuard<'_, Numbers> {
        // A panic of somebody else leaves nothing half-done behind this lock.
        let numbers = self.0.numbers.lock();
        numbers.unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) async fn stop(&self, run: RunId, patience: Duration) -> bool {
        if !self.is_connected() {
            return false;
        }
        let request = Request::new()
            .payload(run.uuid().as_bytes().to_vec().into())
            .timeout(Some(patience));
        let subject = self.0.names.stops();
        let answer = self.0.client.send_request(subject, request).await;
        answer.is_ok_and(|answer| answer.status.is_none())
    }

    pub(crate) async fn asked_to_stop(&self) -> StopAsked {
        match self.0.stops.lock().await.recv().await {
            Some(asked) => asked,
            // The process ends.
            None => std::future::pending().await,
        }
    }

    /// What finds no room, or no server, is not said.
    fn put(&self, subject: String, payload: Vec<u8>) {
        if self.is_connected() {
            let _ = self.0.out.try_send((subject, payload.into()));
        }
    }

    pub(crate) async fn listen(&self, run: RunId) -> Option<mpsc::Receiver<Arc<RunEvent>>> {
        if !self.is_connected() {
            return None;
        }
        let messages = match tokio::time::timeout(PATIENCE, self.messages(run)).await {
            Ok(Ok(messages)) => messages,
            Ok(Err(cause)) => {
                tracing::debug!(run.id = %run, %cause, "nobody tells the events of a run now");
                return None;
            }
            Err(_) => return None,
        };
        let (hand_on, heard) = mpsc::channel(HEARD);
        let hear = hear(messages, hand_on, self.0.ending.clone());
        self.0.tasks.spawn_on(hear, &self.0.runtime);
        Some(heard)
    }

    async fn messages(&self, run: RunId) -> Result<Ordered, String> {
        let config = pull::OrderedConfig {
            filter_subject: self.0.names.event(run),
            deliver_policy: DeliverPolicy::All,
            ..pull::OrderedConfig::default()
        };
        let stream = self.0.context.get_stream(self.0.names.stream_of(run));
        let stream = stream.await.map_err(|cause| cause.to_string())?;
        let consumer = stream.create_consumer(config).await;
        let consumer = consumer.map_err(|cause| cause.to_string())?;
        consumer.messages().await.map_err(|cause| cause.to_string())
    }

    pub(crate) async fn close(&self, within: Duration) {
        let inner = &self.0;
        inner.ending.cancel();
        inner.tasks.close();
        // What hangs ends with the process.
        let _ = tokio::time::timeout(within, async {
            inner.tasks.wait().await;
            inner.client.flush().await
        })
        .await;
    }

    /// Says what is handed over, in order.
    async fn say_all(self, mut to_say: mpsc::Receiver<(String, Bytes)>) {
        let inner = &self.0;
        if !self.prepared().await {
            return;
        }
        loop {
            let next = tokio::select! {
                biased;
                next = to_say.recv() => next,
                () = inner.ending.cancelled() => to_say.try_recv().ok(),
            };
            let Some((subject, payload)) = next else {
                return;
            };
            // The streams take it from the subject; nobody waits for that.
            if let Err(cause) = inner.client.publish(subject, payload).await {
                tracing::debug!(%cause, "something could not be said to the other processes");
            }
        }
    }

    /// Makes the streams, as soon as there is a server; false when the process ends before.
    async fn prepared(&self) -> bool {
        let inner = &self.0;
        let mut is_told = false;
        loop {
            match inner.names.make(&inner.context).await {
                Ok(()) => return true,
                Err(cause) if !is_told => {
                    tracing::warn!(%cause, "NATS is not there yet: the database alone is looked at");
                    is_told = true;
                }
                Err(_) => {}
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = inner.ending.cancelled() => return false,
            }
        }
    }

    /// Hears what is asked to be stopped.
    async fn hear_stops(self, asked: mpsc::Sender<StopAsked>) {
        let inner = &self.0;
        while !inner.ending.is_cancelled() {
            let Ok(mut heard) = inner.client.subscribe(inner.names.stops()).await else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            loop {
                let message = tokio::select! {
                    message = heard.next() => message,
                    () = inner.ending.cancelled() => return,
                };
                let Some(message) = message else {
                    break;
                };
                if let Some(run) = run_of(&message.payload) {
                    // With no room for it, whoever asks ends the run without our help.
                    let _ = asked.try_send(StopAsked {
                        run,
                        reply: message.reply,
                        client: inner.client.clone(),
                    });
                }
            }
        }
    }

    /// Takes wake-ups as soon as somebody waits for them.
    async fn take_wakeups(self, taken: mpsc::Sender<Wakeup>) {
        let inner = &self.0;
        tokio::select! {
            () = inner.takes.notified() => {}
            () = inner.ending.cancelled() => return,
        }
        while !inner.ending.is_cancelled() {
            if let Err(cause) = self.take_until_it_breaks(&taken).await {
                tracing::debug!(%cause, "wake-ups cannot be taken now");
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = inner.ending.cancelled() => {}
            }
        }
    }

    async fn take_until_it_breaks(&self, taken: &mpsc::Sender<Wakeup>) -> Result<(), String> {
        let inner = &self.0;
        let text = |cause: &dyn std::fmt::Display| cause.to_string();
        let stream = inner.context.get_stream(inner.names.queue()).await;
        let stream = stream.map_err(|cause| text(&cause))?;
        let name = "workers";
        let config = pull::Config {
            durable_name: Some(name.to_owned()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: ACKNOWLEDGED,
            max_deliver: GIVEN_OUT,
            max_ack_pending: 10_000,
            ..pull::Config::default()
        };
        let consumer = stream.get_or_create_consumer(name, config).await;
        let consumer = consumer.map_err(|cause| text(&cause))?;
        loop {
            // One process does not take what another could try at once.
            let room = taken.reserve().await.map_err(|cause| text(&cause))?;
            let fetched = consumer
                .fetch()
                .max_messages(1)
                .expires(PATIENCE)
                .messages();
            let mut fetched = fetched.await.map_err(|cause| text(&cause))?;
            let message = tokio::select! {
                message = fetched.next() => message,
                () = inner.ending.cancelled() => return Ok(()),
            };
            match message {
                Some(Ok(message)) => {
                    if let Some(run) = run_of(&message.payload) {
                        room.send(Wakeup { run, message });
                    }
                }
                Some(Err(cause)) => return Err(text(&cause)),
                None => {}
            }
        }
    }
}

/// Hands on what is told of a run, until nobody listens any more.
async fn hear(
    mut messages: Ordered,
    hand_on: mpsc::Sender<Arc<RunEvent>>,
    ending: CancellationToken,
) {
    let mut order = Order::default();
    loop {
        let message = tokio::select! {
            message = messages.next() => message,
            () = hand_on.closed() => return,
            () = ending.cancelled() => return,
        };
        let message = match message {
            Some(Ok(message)) => message,
            // The library takes it up again where it can; the journal is looked at meanwhile.
            Some(Err(cause)) => {
                tracing::debug!(%cause, "a listener is cut off from the other processes");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            None => return,
        };
        let told = match serde_json::from_slice::<Numbered>(&message.payload) {
            Ok(told) => told,
            Err(cause) => {
                // Another version says something that is not known here: it is missed.
                tracing::debug!(%cause, "an event of another process cannot be read");
                continue;
            }
        };
        if let Some(event) = order.take(told)
            && hand_on.send(Arc::new(event)).await.is_err()
        {
            return;
        }
    }
}

fn options(servers: &[ServerAddr]) -> ConnectOptions {
    let told = |event: Event| async move {
        match event {
            Event::Connected => tracing::info!("NATS answers"),
            Event::Disconnected => {
                tracing::warn!("NATS is away: the database alone is looked at");
            }
            Event::LameDuckMode
            | Event::Draining
            | Event::Closed
            | Event::SlowConsumer(_)
            | Event::ServerError(_)
            | Event::ClientError(_) => tracing::debug!(%event, "NATS"),
        }
    };
    let options = ConnectOptions::new()
        .name("latchkey")
        .retry_on_initial_connect()
        .connection_timeout(PATIENCE)
        .event_callback(told);
    // A user alone is a token.
    let named = servers.iter().find_map(|server| {
        let user = server.username()?;
        Some((user.to_owned(), server.password().map(str::to_owned)))
    });
    match named {
        Some((user, Some(password))) => options.user_and_password(user, password),
        Some((token, None)) => options.token(token),
        None => options,
    }
}

fn run_of(payload: &[u8]) -> Option<RunId> {
    Uuid::from_slice(payload).ok().map(RunId::new)
}
