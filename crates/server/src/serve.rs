//! `latchkey serve`: puts the crates together and answers HTTP until it is told to stop.

use anyhow::anyhow;

use crate::cli::Role;
use crate::config::{Database, Settings};
use crate::failure::Failure;
use crate::key::{self, DatabaseState};
use crate::lock;

/// Serves until the process is told to stop.
pub(crate) async fn serve(settings: Settings, role: Role) -> Result<(), Failure> {
    let _lock = lock::acquire(&settings.data_dir)?;
    let state = match &settings.database {
        Database::Sqlite(path) if !path.exists() => DatabaseState::Empty,
        Database::Sqlite(_) | Database::Postgres(_) => DatabaseState::InUse,
    };
    let _key = key::load(&settings, state)?;
    Err(anyhow!("serving as {role:?} is not built in yet").into())
}
