//! Opening the database: connections, settings of the engine, and the schema.

use std::path::Path;
use std::time::Duration;

use latchkey_migrations::{Migrator, MigratorTrait as _};
use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, DbErr, SqlxError,
};

use crate::blobs::Blobs;
use crate::durable::Durable;
use crate::error::StoreError;
use crate::writer::Writer;

/// How long a connection to PostgreSQL may be idle without being tried out before its next use.
const IDLE: Duration = Duration::from_millis(500);

/// Connections to PostgreSQL that read, at most.
const READING: u32 = 8;
/// Connections to PostgreSQL that write, at most: one is the writer's, the others are for changes that people make.
const WRITING: u32 = 4;

/// How much a commit of SQLite waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Sync {
    /// Until it is on the disk: nothing is lost when the power fails.
    #[default]
    Full,
    /// Until it is with the operating system: a power failure may lose the last commits, a crash of the process none.
    Normal,
}

/// What is needed to open the database.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite:…` or `postgres://…`.
    pub url: String,
    /// For SQLite.
    pub sync: Sync,
}

/// How a database stands to a change of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeState {
    /// It has it.
    Applied,
    /// The next start applies it.
    Missing,
    /// It has it from a newer version of this program.
    Newer,
}

/// The database. Clones share everything.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) read: DatabaseConnection,
    pub(crate) write: Durable,
    /// For heartbeats: nothing else may keep them waiting.
    pub(crate) pulse: Durable,
    pub(crate) writer: Writer,
    /// Where large values of runs are; none: in their rows.
    pub(crate) blobs: Option<Blobs>,
}

impl Store {
    /// Opens the database, brings its schema up to date and starts the writer.
    ///
    /// # Errors
    /// When it cannot be reached, or was written by a newer version of this program.
    pub async fn open(options: &Options) -> Result<Self, StoreError> {
        let Connections { read, write, pulse } = connect(options).await?;
        let known = known();
        let applied = latchkey_migrations::applied(&write).await?;
        if let Some(newer) = applied.into_iter().find(|name| !known.contains(name)) {
            return Err(StoreError::Newer(newer));
        }
        Migrator::up(&write, None).await?;
        let write = Durable::new(write);
        let writer = Writer::start(write.clone());
        Ok(Self {
            read,
            write,
            pulse: Durable::new(pulse),
            writer,
            blobs: None,
        })
    }

    /// The changes of the schema that this program or the database knows, in order. Nothing is changed, and no file is made.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn schema(options: &Options) -> Result<Vec<(String, ChangeState)>, StoreError> {
        let applied = match sqlite_file(&options.url) {
            Some(file) if !file.exists() => Vec::new(),
            Some(_) | None => {
                let connection = connect_to_read(options).await?;
                let applied = latchkey_migrations::applied(&connection).await;
                connection.close().await?;
                applied?
            }
        };
        let known = known();
        let newer = applied.iter().filter(|name| !known.contains(name));
        let newer: Vec<_> = newer
            .map(|name| (name.clone(), ChangeState::Newer))
            .collect();
        let state = |name: &String| {
            if applied.contains(name) {
                ChangeState::Applied
            } else {
                ChangeState::Missing
            }
        };
        let ours = known.iter().map(|name| (name.clone(), state(name)));
        Ok(ours.chain(newer).collect())
    }

    /// A fact, as [`Store::fact`] gives it, without opening the database for more: nothing is changed, and no file is made.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn peek_fact(options: &Options, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let is_there = sqlite_file(&options.url).is_none_or(Path::exists);
        if !is_there {
            return Ok(None);
        }
        let connection = connect_to_read(options).await?;
        let read = async {
            if latchkey_migrations::applied(&connection).await?.is_empty() {
                return Ok(None);
            }
            crate::workspaces::fact(&connection, name).await
        };
        let found = read.await;
        connection.close().await?;
        found
    }

    /// The same database with a file store for the large values of runs. A database that has some needs it.
    #[must_use]
    pub fn with_blobs(self, blobs: Blobs) -> Self {
        Self {
            blobs: Some(blobs),
            ..self
        }
    }

    /// Whether the database answers and the writer works.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        if !self.writer.is_alive() {
            return Err(StoreError::Unavailable("the writer has ended".to_owned()));
        }
        Ok(self.read.ping().await?)
    }

    /// Whether it is PostgreSQL.
    pub(crate) fn is_postgres(&self) -> bool {
        self.write.get_database_backend() == DbBackend::Postgres
    }

    /// Ends the writer after everything that was asked of it, and closes the connections.
    pub async fn close(&self) {
        self.writer.close().await;
        // What cannot be closed is closed by the end of the process.
        let _ = self.read.close_by_ref().await;
        let _ = self.write.close_by_ref().await;
        let _ = self.pulse.close_by_ref().await;
    }
}

fn known() -> Vec<String> {
    let all = Migrator::migrations();
    all.iter().map(|change| change.name().to_owned()).collect()
}

/// The file of an SQLite URL.
pub(crate) fn sqlite_file(url: &str) -> Option<&Path> {
    let rest = url
        .strip_prefix("sqlite://")
        .or_else(|| url.strip_prefix("sqlite:"))?;
    Some(Path::new(rest.split('?').next().unwrap_or(rest)))
}

async fn connect_to_read(options: &Options) -> Result<DatabaseConnection, StoreError> {
    let mut connect = quiet(&options.url, 1);
    connect.connect_timeout(Duration::from_secs(10));
    connect.map_sqlx_sqlite_opts(|sqlite| sqlite.create_if_missing(false).read_only(true));
    reached(Database::connect(connect).await)
}

/// The connections of a process.
struct Connections {
    read: DatabaseConnection,
    write: DatabaseConnection,
    pulse: DatabaseConnection,
}

async fn connect(options: &Options) -> Result<Connections, StoreError> {
    if let Some(file) = sqlite_file(&options.url) {
        keep_private(file);
        // One writer; more connections would only wait for each other.
        let write = sqlite(options, 1, false).await?;
        let read = sqlite(options, 2, true).await?;
        let pulse = write.clone();
        return Ok(Connections { read, write, pulse });
    }
    if !options.url.starts_with("postgres:") && !options.url.starts_with("postgresql:") {
        return Err(StoreError::Url);
    }
    // Each has its own: slow reads keep no write waiting, and neither keeps a heartbeat.
    let of = async |connections: u32| {
        let mut connect = quiet(&options.url, connections);
        connect
            .connect_timeout(Duration::from_secs(10))
            // A connection that a restart of the server has broken is not handed out.
            .test_before_acquire_if_idle_for(IDLE);
        postgres(&options.url, connect).await
    };
    Ok(Connections {
        read: of(READING).await?,
        write: of(WRITING).await?,
        pulse: of(1).await?,
    })
}

/// Connects to PostgreSQL.
pub(crate) async fn postgres(
    url: &str,
    connect: ConnectOptions,
) -> Result<DatabaseConnection, StoreError> {
    let connected = Database::connect(connect).await;
    if connected.is_err()
        && let Some(cause) = refusal(url).await
    {
        return Err(StoreError::Failed(cause));
    }
    reached(connected)
}

/// Why one connection cannot be made: a pool only says that it has waited in vain.
async fn refusal(url: &str) -> Option<String> {
    let options: PgConnectOptions = url.parse().ok()?;
    let refused = options.connect().await.err();
    refused.map(|cause| cause.to_string())
}

/// Makes the file of a new database readable for its owner only; SQLite gives the files beside it the same rights.
#[cfg(unix)]
fn keep_private(file: &Path) {
    use std::fs::OpenOptions;
    use std::io::ErrorKind;
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};

    if file.as_os_str().is_empty() || file == Path::new(":memory:") {
        return;
    }
    let mut new = OpenOptions::new();
    let made = new.write(true).create_new(true).mode(0o600).open(file);
    // Of other errors SQLite tells better.
    if made.is_err_and(|error| error.kind() == ErrorKind::AlreadyExists) {
        let mode = file.metadata().map(|known| known.permissions().mode());
        if mode.is_ok_and(|mode| mode & 0o077 != 0) {
            let shown = file.display();
            tracing::warn!(
                "others than its owner may use {shown}: `chmod 600` it, its -wal and its -shm"
            );
        }
    }
}

#[cfg(not(unix))]
fn keep_private(_: &Path) {}

async fn sqlite(
    options: &Options,
    connections: u32,
    reads: bool,
) -> Result<DatabaseConnection, StoreError> {
    let mut connect = quiet(&options.url, connections);
    let level = match options.sync {
        Sync::Full => "FULL",
        Sync::Normal => "NORMAL",
    };
    connect.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .create_if_missing(true)
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", level)
            .pragma("foreign_keys", "ON")
            .pragma("busy_timeout", "5000")
            .pragma("query_only", if reads { "ON" } else { "OFF" })
            .pragma("secure_delete", "ON")
            .statement_cache_capacity(512)
    });
    reached(Database::connect(connect).await)
}

pub(crate) fn quiet(url: &str, connections: u32) -> ConnectOptions {
    let mut connect = ConnectOptions::new(url);
    connect
        .max_connections(connections)
        .min_connections(1)
        .test_before_acquire(false)
        .sqlx_logging(false);
    connect
}

/// An error of connecting may hold the URL with its password: only the cause is told.
fn reached(connected: Result<DatabaseConnection, DbErr>) -> Result<DatabaseConnection, StoreError> {
    connected.map_err(|error| {
        let DbErr::Conn(sea_orm::RuntimeErr::SqlxError(cause)) = error else {
            return StoreError::Failed(error.to_string());
        };
        if let SqlxError::Configuration(_) = &*cause {
            return StoreError::Failed("its URL cannot be read".to_owned());
        }
        StoreError::Failed(cause.to_string())
    })
}
