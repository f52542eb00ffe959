//! The built binary as a user starts it: its own data folder, a port of its own, killed when the test is over.
//!
//! The binary is looked for beside the test's own executable (`target/<profile>/latchkey`). If it is missing it is built
//! once with `cargo build --package latchkey-server`; an old one is not noticed, so build it after changes (`make test` does).

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, OnceLock};

use tempfile::TempDir;

use crate::client::Client;
use crate::far::Far;
use crate::requirement::workspace;
use crate::{postgres, wait};

/// The built `latchkey`.
///
/// # Panics
/// If it is missing and cannot be built.
#[must_use]
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let own = std::env::current_exe().expect("a process knows its executable");
        // target/<profile>/deps/<test>, or target/<profile>/<program>
        let folder = own.parent().expect("a program lies in a folder");
        let profile = match folder.file_name() {
            Some(name) if name == "deps" => folder.parent(),
            _ => Some(folder),
        };
        let profile = profile.expect("tests lie in target/<profile>/deps");
        let binary = profile.join("latchkey");
        if !binary.exists() {
            let built = Command::new("cargo")
                .args(["build", "--package", "latchkey-server", "--target-dir"])
                .arg(
                    profile
                        .parent()
                        .expect("the profile lies in a target folder"),
                )
                .current_dir(workspace())
                .status()
                .expect("cargo runs");
            assert!(built.success(), "the binary cannot be built");
        }
        binary
    })
}

/// A server that is to be started.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    database_url: Option<String>,
    variables: Vec<(String, String)>,
    role: Option<String>,
    far: Option<Arc<Far>>,
}

impl Setup {
    /// On SQLite in the data folder.
    #[must_use]
    pub fn sqlite() -> Self {
        Self::default()
    }

    /// On a new database of a PostgreSQL server.
    pub async fn postgres(server: &postgres::Postgres) -> Self {
        Self {
            database_url: Some(server.database().await),
            ..Self::default()
        }
    }

    /// On the database of a URL.
    #[must_use]
    pub fn on(database_url: &str) -> Self {
        Self {
            database_url: Some(database_url.to_owned()),
            ..Self::default()
        }
    }

    /// With another setting.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// In a role (`--role`).
    #[must_use]
    pub fn with_role(mut self, role: &str) -> Self {
        self.role = Some(role.to_owned());
        self
    }

    /// On the other side of a cable.
    #[must_use]
    pub fn in_network(mut self, far: &Arc<Far>) -> Self {
        self.far = Some(Arc::clone(far));
        self
    }

    /// Starts it and waits until it is ready.
    pub async fn start(self) -> Server {
        let mut server = self.prepare();
        server.start().await;
        server
    }

    /// A server that has not been started yet.
    ///
    /// # Panics
    /// If there is no place for its data.
    #[must_use]
    pub fn prepare(self) -> Server {
        let token = latchkey_secrets::token::generate("lk_");
        self.prepare_with_token(token.expect("the system has randomness").expose())
    }

    /// The same with a first token that others have too.
    ///
    /// # Panics
    /// If there is no place for its data.
    #[must_use]
    pub fn prepare_with_token(self, token: &str) -> Server {
        let home = tempfile::tempdir().expect("a temporary folder can be made");
        Server {
            home,
            token: token.to_owned(),
            port: free_port(),
            setup: self,
            child: None,
            client: None,
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port is free");
    listener
        .local_addr()
        .expect("a bound socket has an address")
        .port()
}

/// A running server.
pub struct Server {
    home: TempDir,
    token: String,
    port: u16,
    setup: Setup,
    child: Option<Child>,
    client: Option<Client>,
}

impl Server {
    /// Starts the process (again) on the same data and waits until it is ready.
    ///
    /// # Panics
    /// With what it printed, if it ends or does not become ready.
    pub async fn start(&mut self) {
        let role = self.setup.role.clone();
        let arguments: Vec<&str> = match &role {
            Some(role) => vec!["serve", "--role", role],
            None => vec!["serve"],
        };
        let child = self.command(&arguments).spawn();
        let child = child.expect("the binary starts");
        self.child = Some(child);
        let client = Client::new(&self.url(), Some(&self.token));
        wait::until("the server is ready", async || {
            if let Some(status) = self.ended() {
                panic!("the server ended with {status}:\n{}", self.printed());
            }
            let ready = client.request("GET", "/readyz").try_send().await.ok()?;
            (ready.status == 200).then_some(())
        })
        .await;
        self.client = Some(client);
    }

    /// The command with the settings of this server; its output is appended to this server's logs.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare_command(arguments);
        command
            .stdin(Stdio::null())
            .stdout(self.log("stdout"))
            .stderr(self.log("stderr"));
        command
    }

    fn bare_command(&self, arguments: &[&str]) -> Command {
        let mut command = match &self.setup.far {
            Some(far) => far.command(binary()),
            None => Command::new(binary()),
        };
        command
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LATCHKEY_LISTEN", self.at())
            .env("LATCHKEY_DATA_DIR", self.data())
            .env("LATCHKEY_FIRST_TOKEN", &self.token)
            .env("LATCHKEY_OUTBOUND_ALLOW", "127.0.0.0/8")
            .env("LATCHKEY_LOG", "debug")
            .current_dir(self.home.path());
        if let Some(url) = &self.setup.database_url {
            command.env("LATCHKEY_DATABASE_URL", url);
        }
        command.envs(
            self.setup
                .variables
                .iter()
                .map(|(name, value)| (name, value)),
        );
        command
    }

    fn log(&self, stream: &str) -> File {
        let path = self.home.path().join(stream);
        let opened = File::options().create(true).append(true).open(path);
        opened.expect("a log can be opened")
    }

    /// Runs the command line against this server and answers what it printed.
    ///
    /// # Panics
    /// If the binary does not start.
    #[must_use]
    pub fn cli(&self, arguments: &[&str]) -> Output {
        self.bare_command(arguments)
            .env("LATCHKEY_URL", self.url())
            .env("LATCHKEY_API_KEY", &self.token)
            .stdin(Stdio::null())
            .output()
            .expect("the binary starts")
    }

    /// Runs the command line with a text on its input.
    ///
    /// # Panics
    /// If the binary does not start.
    #[must_use]
    pub fn cli_with_input(&self, arguments: &[&str], input: &str) -> Output {
        let file = self.home.path().join("stdin");
        std::fs::write(&file, input).expect("a file can be written");
        self.bare_command(arguments)
            .env("LATCHKEY_URL", self.url())
            .env("LATCHKEY_API_KEY", &self.token)
            .stdin(File::open(&file).expect("the file is there"))
            .output()
            .expect("the binary starts")
    }

    /// Starts a second server with other settings than this one's and waits for its end.
    ///
    /// # Panics
    /// If it does not end within the deadline.
    pub async fn refused(&self, change: impl FnOnce(&mut Command)) -> Output {
        let mut command = self.bare_command(&["serve"]);
        change(&mut command);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let looked = tokio::time::timeout(wait::DEADLINE, async {
            let mut look = tokio::time::interval(std::time::Duration::from_millis(20));
            while child.try_wait().expect("a child can be asked").is_none() {
                look.tick().await;
            }
        });
        if looked.await.is_err() {
            child.kill().expect("a child can be killed");
            panic!(
                "it was to be refused, but it runs: {:?}",
                child.wait_with_output()
            );
        }
        child
            .wait_with_output()
            .expect("a child that has ended has an output")
    }

    /// The base URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.at())
    }

    fn at(&self) -> String {
        let far = self.setup.far.as_ref().map(|far| far.there());
        format!("{}:{}", far.as_deref().unwrap_or("127.0.0.1"), self.port)
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its data.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// The folder of everything it can write: data and logs.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The owner's first token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Its process.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// The URL of its database if it is not SQLite's.
    #[must_use]
    pub fn database_url(&self) -> Option<&str> {
        self.setup.database_url.as_deref()
    }

    /// A client with the owner's key.
    ///
    /// # Panics
    /// Before the first start.
    #[must_use]
    pub fn client(&self) -> &Client {
        self.client.as_ref().expect("the server has been started")
    }

    /// Everything it printed.
    #[must_use]
    pub fn printed(&self) -> String {
        let read = |name| std::fs::read_to_string(self.home.path().join(name)).unwrap_or_default();
        format!("{}\n{}", read("stdout"), read("stderr"))
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        let child = self.child.as_mut()?;
        child.try_wait().expect("a child can be asked")
    }

    /// Sets a variable for the next start, or takes it away.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        self.setup.variables.retain(|(known, _)| known != name);
        let set = value.map(|value| (name.to_owned(), value.to_owned()));
        self.setup.variables.extend(set);
    }

    /// Starts the process again, which may die before it is ready; whether it is.
    ///
    /// # Panics
    /// If the binary is gone.
    pub async fn start_if_it_lives(&mut self) -> bool {
        self.child = Some(self.command(&["serve"]).spawn().expect("the binary starts"));
        let client = Client::new(&self.url(), Some(&self.token));
        let lives = wait::until("the server is ready or dead", async || {
            if self.ended().is_some() {
                return Some(false);
            }
            let ready = client.request("GET", "/readyz").try_send().await.ok()?;
            (ready.status == 200).then_some(true)
        })
        .await;
        if !lives {
            self.child = None;
        }
        self.client = Some(client);
        lives
    }

    /// Whether the process has died.
    pub fn is_dead(&mut self) -> bool {
        let is_dead = self
            .child
            .as_mut()
            .is_none_or(|child| !matches!(child.try_wait(), Ok(None)));
        if is_dead {
            self.child = None;
        }
        is_dead
    }

    /// `kill -9`.
    ///
    /// # Panics
    /// If it is not running.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("the server runs");
        child.kill().expect("a child can be killed");
        child.wait().expect("a killed child ends");
    }

    /// SIGTERM; the end is waited for with [`Server::exit`].
    ///
    /// # Panics
    /// If it is not running.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends a signal, such as `STOP`.
    ///
    /// # Panics
    /// If it is not running.
    pub fn signal(&self, name: &str) {
        let process = self.process().expect("the server runs").to_string();
        let signal = format!("-{name}");
        let sent = Command::new("kill").args([&signal, &process]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Waits for its end.
    pub async fn exit(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("the server runs");
        wait::within("the server ends", async {
            let mut look = tokio::time::interval(std::time::Duration::from_millis(20));
            loop {
                look.tick().await;
                if let Some(status) = child.try_wait().expect("a child can be asked") {
                    return status;
                }
            }
        })
        .await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
