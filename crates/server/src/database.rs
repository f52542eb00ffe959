//! Where the data is, as the store wants to hear it.

use latchkey_store::{Options, Sync};

use crate::config::{Database, Settings, SqliteSync, masked};

/// How the database is opened.
pub(crate) fn options(settings: &Settings) -> Options {
    let url = match &settings.database {
        Database::Sqlite(file) => format!("sqlite://{}?mode=rwc", file.display()),
        Database::Postgres(url) => url.expose().clone(),
    };
    let sync = match settings.sqlite_sync {
        SqliteSync::Full => Sync::Full,
        SqliteSync::Normal => Sync::Normal,
    };
    Options { url, sync }
}

/// Which database it is, for messages: without user, password and query.
pub(crate) fn shown(settings: &Settings) -> String {
    match &settings.database {
        Database::Sqlite(file) => format!("the database {}", file.display()),
        Database::Postgres(url) => format!("the database {}", masked(url.expose())),
    }
}
