//! `latchkey migrate`: brings the database to this version, or says how far it is.

use anyhow::Context as _;
use latchkey_store::Store;

use crate::cli::MigrateCommand;
use crate::config::Settings;
use crate::failure::Failure;
use crate::{database, lock, out};

/// Migrates, or shows what would be.
pub(crate) async fn migrate(command: MigrateCommand, settings: &Settings) -> Result<(), Failure> {
    let _lock = lock::acquire(&settings.data_dir)?;
    let options = database::options(settings);
    if command == MigrateCommand::Up {
        let store = Store::open(&options).await.context("the database")?;
        store.close().await;
    }
    let changes = Store::schema(&options).await.context("the database")?;
    for (name, is_applied) in changes {
        let state = if is_applied { "applied" } else { "missing" };
        out::line(format_args!("{state}  {name}"));
    }
    Ok(())
}
