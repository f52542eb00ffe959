//! Where the data is, as the store wants to hear it.

use latchkey_store::{Options, Sync};

use crate::config::{Database, Settings, SqliteSync};

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
