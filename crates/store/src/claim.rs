//! One server per database, wherever its data directory is: two would take each other's runs over, and each would trust what it
//! remembers although the other has changed it.
//!
//! Processes that know of each other share a PostgreSQL database, and keep one that does not know of them away.
//!
//! SQLite: an exclusive lock on a file beside the database. PostgreSQL: an advisory lock of a session of its own. The operating
//! system and the database server let go of them when the process dies in whatever way.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement};

use crate::error::StoreError;
use crate::open::{Options, Store, postgres, quiet, sqlite_file};

/// What the advisory lock is called: "latchkey" in ASCII. It counts within one database of the server only.
const NAME: i64 = i64::from_be_bytes(*b"latchkey");
/// What the lock is called under which one process at a time makes the tables and the first rows: "lkbegins" in ASCII.
const BEGINS: i64 = i64::from_be_bytes(*b"lkbegins");
/// How often the lock is tried: the session of a server that was just killed takes a moment to end.
const TRIES: u32 = 20;
const BETWEEN: Duration = Duration::from_millis(100);
/// How often it is looked whether the lock is still held.
const WATCHED: Duration = Duration::from_secs(3);
/// The database server finds out within half a minute that the machine of a server is gone, and keeps an idle session.
const SESSION: [&str; 4] = [
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 4",
    "SET idle_session_timeout = 0",
];

/// The database belongs to this process.
#[derive(Debug)]
#[must_use = "the database is held only as long as this value lives"]
pub struct Claim {
    held: Held,
}

#[derive(Debug)]
enum Held {
    File {
        _file: File,
    },
    Session {
        connection: DatabaseConnection,
        /// The function that takes the lock; none for a lock that is held for a moment only.
        lock: Option<&'static str>,
    },
}

impl Claim {
    /// Watches over the lock: a restart of PostgreSQL takes it away, and it is taken again. Answers only when that cannot be, because
    /// another process has it now: then this one must end.
    pub async fn lost(&self) {
        let Held::Session {
            connection,
            lock: Some(lock),
        } = &self.held
        else {
            return std::future::pending().await;
        };
        loop {
            tokio::time::sleep(WATCHED).await;
            match is_held(connection).await {
                Ok(true) => {}
                Ok(false) => match take(connection, lock).await {
                    Ok(true) => tracing::info!("the lock of the database is taken again"),
                    Ok(false) => return,
                    Err(error) => {
                        tracing::warn!(%error, "the lock of the database cannot be taken again yet");
                    }
                },
                Err(error) => {
                    tracing::warn!(%error, "the lock of the database cannot be looked at");
                }
            }
        }
    }
}

/// Whether the session of a connection holds the lock.
async fn is_held(connection: &DatabaseConnection) -> Result<bool, StoreError> {
    let [high, low] = [NAME >> 32, NAME & 0xffff_ffff];
    let ask = format!(
        "SELECT count(*) > 0 AS held FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid() \
         AND classid = {high} AND objid = {low}"
    );
    let asked = Statement::from_string(DbBackend::Postgres, ask);
    let answer = connection.query_one_raw(asked).await?;
    Ok(answer.is_some_and(|row| row.try_get("", "held") == Ok(true)))
}

impl Store {
    /// Takes the database for this process.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process has it, or it cannot be reached.
    pub async fn claim(options: &Options) -> Result<Claim, StoreError> {
        let held = match sqlite_file(&options.url) {
            Some(file) => Held::File {
                _file: lock_beside(file)?,
            },
            None => lock_in(&options.url, "pg_try_advisory_lock").await?,
        };
        Ok(Claim { held })
    }

    /// Takes the database for this process and others that say the same: a process that wants it for itself is refused, and so is this
    /// one while there is such a process.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when a process has it for itself, [`StoreError::Url`] when it is not PostgreSQL, or it cannot be reached.
    pub async fn join(options: &Options) -> Result<Claim, StoreError> {
        let held = lock_in(&options.url, "pg_try_advisory_lock_shared").await?;
        Ok(Claim { held })
    }

    /// Waits until no other process makes tables and first rows; as long as the answer lives, none begins to.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin_alone(options: &Options) -> Result<Option<Claim>, StoreError> {
        if sqlite_file(&options.url).is_some() {
            // The file has one process only.
            return Ok(None);
        }
        let connection = session(&options.url).await?;
        let lock = format!("SELECT pg_advisory_lock({BEGINS})");
        connection.execute_unprepared(&lock).await?;
        Ok(Some(Claim {
            held: Held::Session {
                connection,
                lock: None,
            },
        }))
    }
}

fn lock_beside(database: &Path) -> Result<File, StoreError> {
    // By another name it is the same database.
    let database = database
        .canonicalize()
        .unwrap_or_else(|_| database.to_owned());
    let mut path = database.clone().into_os_string();
    path.push(".lock");
    let path = PathBuf::from(path);
    let failed =
        |cause: &std::io::Error| StoreError::Failed(format!("{}: {cause}", path.display()));
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|cause| failed(&cause))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(format!(
            "the database {}",
            database.display()
        ))),
        Err(TryLockError::Error(cause)) => Err(failed(&cause)),
    }
}

/// A connection of its own, which must never be ended or replaced: a lock is its session's.
async fn session(url: &str) -> Result<DatabaseConnection, StoreError> {
    if !url.starts_with("postgres:") && !url.starts_with("postgresql:") {
        return Err(StoreError::Url);
    }
    let mut connect = quiet(url, 1);
    connect
        .connect_timeout(Duration::from_secs(10))
        .idle_timeout(None)
        .max_lifetime(None);
    let connection = postgres(url, connect).await?;
    for setting in SESSION {
        // Older servers do not know all of them; the lock works without.
        let _ = connection.execute_unprepared(setting).await;
    }
    Ok(connection)
}

async fn lock_in(url: &str, lock: &'static str) -> Result<Held, StoreError> {
    let connection = session(url).await?;
    if take(&connection, lock).await? {
        return Ok(Held::Session {
            connection,
            lock: Some(lock),
        });
    }
    Err(StoreError::InUse("this PostgreSQL database".to_owned()))
}

/// Takes the lock in the session of a connection; false when another process has it.
async fn take(connection: &DatabaseConnection, lock: &str) -> Result<bool, StoreError> {
    let ask = format!("SELECT {lock}({NAME}) AS held");
    for _ in 0..TRIES {
        let asked = Statement::from_string(DbBackend::Postgres, ask.clone());
        let answer = connection.query_one_raw(asked).await?;
        if answer.is_some_and(|row| row.try_get("", "held") == Ok(true)) {
            return Ok(true);
        }
        tokio::time::sleep(BETWEEN).await;
    }
    Ok(false)
}
