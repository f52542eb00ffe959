//! Several processes of the built binary on one PostgreSQL and one NATS: some answer, some work. They share a master key, a first
//! token and a folder of files, and each has a data folder of its own.

use futures::future::join_all;
use tempfile::TempDir;

use crate::nats::Nats;
use crate::server::{Server, Setup};
use crate::user::User;

/// The processes. Dropping it ends them all.
pub struct Cluster {
    /// Processes that answer and work at nothing.
    pub apis: Vec<Server>,
    /// Processes that work and answer only how they are.
    pub workers: Vec<Server>,
    /// The servers between them; none, and everybody looks into the database.
    pub nats: Vec<Nats>,
    _files: TempDir,
}

/// What a cluster is made of.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Processes that answer.
    pub apis: usize,
    /// Processes that work.
    pub workers: usize,
}

/// One of them, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Process {
    /// One that answers.
    Api(usize),
    /// One that works.
    Worker(usize),
}

impl Process {
    const fn role(self) -> &'static str {
        match self {
            Self::Api(_) => "api",
            Self::Worker(_) => "worker",
        }
    }
}

impl Cluster {
    /// Starts one on an empty database and waits until every process is ready. All of them start at once, as they do where a cluster is
    /// new.
    ///
    /// # Panics
    /// If a process does not become ready.
    pub async fn start(database_url: &str, nats: Vec<Nats>, size: Size) -> Self {
        Self::start_with(database_url, nats, size, |setup, _| setup).await
    }

    /// The same with more settings for each process.
    ///
    /// # Panics
    /// If a process does not become ready.
    pub async fn start_with(
        database_url: &str,
        nats: Vec<Nats>,
        size: Size,
        more: impl Fn(Setup, Process) -> Setup,
    ) -> Self {
        let files = tempfile::tempdir().expect("a temporary folder can be made");
        let master_key = latchkey_secrets::MasterKey::generate().expect("there is randomness");
        let token = latchkey_secrets::token::generate("lk_").expect("there is randomness");
        let urls: Vec<String> = nats.iter().map(Nats::url).collect();
        let storage = format!("file://{}", files.path().display());
        let process = |process: Process| {
            let setup = Setup::on(database_url)
                .with("LATCHKEY_MASTER_KEY", master_key.to_text().expose())
                .with("LATCHKEY_FIRST_TOKEN", token.expose())
                .with("LATCHKEY_STORAGE_URL", &storage)
                .with("LATCHKEY_LOG", "info,latchkey=debug")
                .with_role(process.role());
            let setup = if urls.is_empty() {
                setup
            } else {
                setup.with("LATCHKEY_NATS_URL", &urls.join(","))
            };
            more(setup, process).prepare_with_token(token.expose())
        };
        let mut apis: Vec<Server> = (0..size.apis)
            .map(|number| process(Process::Api(number)))
            .collect();
        let mut workers: Vec<Server> = (0..size.workers)
            .map(|number| process(Process::Worker(number)))
            .collect();
        join_all(apis.iter_mut().chain(&mut workers).map(Server::start)).await;
        Self {
            apis,
            workers,
            nats,
            _files: files,
        }
    }

    /// The owner, at one of the processes that answer.
    #[must_use]
    pub fn user(&self, api: usize) -> User {
        User::new(self.apis[api].client())
    }
}
