//! The API in this process: the product's routes and service over a database of their own, with a clock that only the test
//! moves and a scripted provider as the only place that a call can reach.
//!
//! Two workspaces, so that every test can ask what a stranger sees. When an app is dropped it ends as a server does, and
//! then looks into its database: a run that goes on or a ledger row that is still open fails the test.

use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::{App, HttpServer};
use anyhow::Context as _;
use latchkey_domain::access::Permission;
use latchkey_domain::time::Timestamp;
use latchkey_engine::clock::{Clock as _, ManualClock};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tokio::sync::oneshot;

use self::parts::Made;
use crate::client::{Answer, Client};
use crate::contract::Contract;
use crate::document::Document;
use crate::postgres::Postgres;
use crate::provider::{Provider, Reply, Rule};
use crate::user::{User, Workflow};

mod parts;

pub(crate) use self::parts::second_workspace;

/// The password of [`TestApp::member`].
pub const PASSWORD: &str = "test-password-1";
/// When every test begins.
pub const BEGIN: &str = "2026-01-01T00:00:00Z";
/// How long running work gets to end when the app is dropped; only tests that leave some wait for it.
const GRACE: Duration = Duration::from_secs(5);

/// The running app.
pub struct TestApp {
    clock: Arc<ManualClock>,
    provider: Provider,
    owner: User,
    stranger: User,
    end: Option<oneshot::Sender<Duration>>,
    thread: Option<JoinHandle<Vec<String>>>,
    _home: TempDir,
}

impl TestApp {
    /// Starts over an SQLite file of its own.
    pub async fn new() -> Self {
        let home = tempfile::tempdir().expect("a temporary folder can be made");
        let file = home.path().join("latchkey.db");
        Self::over(format!("sqlite://{}?mode=rwc", file.display()), home).await
    }

    /// Starts over a PostgreSQL database of its own.
    pub async fn on_postgres(server: &Postgres) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder can be made");
        Self::over(server.database().await, home).await
    }

    async fn over(url: String, home: TempDir) -> Self {
        let begin = Timestamp::parse(BEGIN).expect("it is a time");
        let clock = Arc::new(ManualClock::new(begin));
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port is free");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let (tell, told) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let of_app = Arc::clone(&clock);
        let place = parts::Place {
            url,
            address: format!("http://{address}"),
            files: home.path().join("files"),
        };
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .expect("a runtime can be made");
            runtime
                .block_on(Box::pin(serve(place, listener, of_app, tell, ended)))
                .expect("the app serves")
        });
        let made: Made = told.await.expect("the app starts");
        let client = Client::new(&format!("http://{address}"), Some(&made.owner))
            .checked(Arc::new(Contract::load()));
        Self {
            clock,
            provider: Provider::start(),
            owner: User::new(&client),
            stranger: User::new(&client.with_key(Some(&made.stranger))),
            end: Some(end),
            thread: Some(thread),
            _home: home,
        }
    }

    /// The owner of the first workspace.
    #[must_use]
    pub fn user(&self) -> &User {
        &self.owner
    }

    /// The owner of the second workspace.
    #[must_use]
    pub fn stranger(&self) -> &User {
        &self.stranger
    }

    /// Somebody without a key.
    #[must_use]
    pub fn nobody(&self) -> User {
        User::new(&self.owner.client().with_key(None))
    }

    /// A new member of the first workspace with his session; his address is `<name>@example.com`, his password
    /// [`PASSWORD`].
    ///
    /// # Panics
    /// If he cannot be invited.
    pub async fn member(&self, name: &str, role: &str) -> User {
        let invited = json!({"email": format!("{name}@example.com"), "role": role});
        let invited = self.owner.post("/invitations", invited).await.expect(201);
        let url = invited["url"].as_str().expect("a new link is shown");
        let token = url.rsplit_once("token=").expect("the link has a token").1;
        let accept = json!({"token": token, "name": name, "password": PASSWORD});
        let nobody = self.nobody();
        let accepted = nobody.post("/invitations/accept", accept).await;
        User::new(&nobody.client().logged_in(&accepted))
    }

    /// Logs a member in again.
    pub async fn log_in(&self, name: &str, password: &str) -> Answer {
        let body = json!({"email": format!("{name}@example.com"), "password": password});
        self.nobody().post("/session", body).await
    }

    /// Somebody in the first workspace who may do only this.
    pub async fn user_who_may(&self, scopes: &[Permission]) -> User {
        let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
        self.user_of_key(json!({"name": "restricted", "scopes": scopes}))
            .await
    }

    /// Somebody in the first workspace whose key is made with this body.
    pub async fn user_of_key(&self, body: Json) -> User {
        let made = self.owner.post("/api-keys", body).await.expect(201);
        let key = made["key"].as_str().expect("a new key is shown");
        User::new(&self.owner.client().with_key(Some(key)))
    }

    /// The provider that credentials of [`TestApp::credential`] lead to.
    #[must_use]
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// Makes the provider answer everything like this.
    #[must_use]
    pub fn answering(self, reply: Reply) -> Self {
        self.provider.script(Rule::always(reply));
        self
    }

    /// Stores a credential for the provider in the first workspace; its id. Its key is `test-key-<name>`.
    pub async fn credential(&self, name: &str) -> String {
        let key = format!("test-key-{name}");
        self.owner.credential(name, &key, &self.provider).await
    }

    /// Publishes a workflow in the first workspace whose one model node names a stored credential.
    pub async fn paid_by(&self, credential: &str) -> Workflow {
        self.publish(&crate::document::one_model(credential)).await
    }

    /// Publishes a workflow in the first workspace.
    pub async fn publish(&self, document: &Document) -> Workflow {
        self.owner.publish(document, &[]).await
    }

    /// Lets time pass, all at once.
    pub fn passes(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).expect("a test is short");
        self.clock.advance(millis);
    }

    /// What its clock shows, as answers write it.
    #[must_use]
    pub fn now(&self) -> String {
        self.clock.now().to_string()
    }

    /// Ends it as [`Drop`] does and answers what was left over instead of failing.
    #[must_use]
    pub fn leftovers(mut self) -> Vec<String> {
        self.finish(Duration::ZERO)
    }

    fn finish(&mut self, grace: Duration) -> Vec<String> {
        // The thread may have ended in a panic, which it has printed.
        let _ = self.end.take().map(|end| end.send(grace));
        let thread = self.thread.take();
        let ended = thread.map_or(Ok(Vec::new()), JoinHandle::join);
        ended.unwrap_or_else(|_| vec!["the app did not end in order".to_owned()])
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Its runs may hang, and the test has failed already.
            self.finish(Duration::ZERO);
        } else if self.thread.is_some() {
            let left = self.finish(GRACE);
            assert!(left.is_empty(), "left over: {left:#?}");
        }
    }
}

/// Serves until it is told to end; what was left over then.
async fn serve(
    place: parts::Place,
    listener: TcpListener,
    clock: Arc<ManualClock>,
    tell: oneshot::Sender<Made>,
    ended: oneshot::Receiver<Duration>,
) -> anyhow::Result<Vec<String>> {
    let (service, made) = parts::make(&place, clock).await?;
    service.watch_schedules();
    service.watch_budgets();
    let handler = service.clone();
    let studio = latchkey_api::Studio::default();
    let server = HttpServer::new(move || {
        App::new().configure(|config| latchkey_api::configure(config, &handler, &studio))
    })
    .workers(1)
    .disable_signals()
    .listen(listener)
    .context("the app listens")?
    .run();
    let handle = server.handle();
    // The starter may be gone if its test has been given up.
    let _ = tell.send(made);
    let ending = async {
        let grace = ended.await.unwrap_or_default();
        let given_up = service.drain(grace).await;
        handle.stop(false).await;
        service.close().await;
        given_up
    };
    let (served, given_up) = tokio::join!(server, ending);
    served.context("the app serves")?;
    drop(service);
    let mut left = parts::left_over(&place.url).await?;
    if given_up > 0 {
        left.push(format!("{given_up} runs had to be given up"));
    }
    Ok(left)
}
