//! `latchkey migrate`: brings the database to this version, or says how far it is.

use anyhow::Context as _;
use latchkey_store::{ChangeState, Store, StoreError};

use crate::cli::MigrateCommand;
use crate::config::Settings;
use crate::failure::Failure;
use crate::{database, lock, out, serve};

/// Migrates, or shows what would be.
pub(crate) async fn migrate(command: MigrateCommand, settings: &Settings) -> Result<(), Failure> {
    let options = database::options(settings);
    if command == MigrateCommand::Up {
        let _lock = lock::acquire(&settings.data_dir)?;
        let _claim = serve::claim(settings).await?;
        let store = Store::open(&options).await.context("the database")?;
        store.close().await;
    }
    let changes = Store::schema(&options).await.context("the database")?;
    for (name, state) in &changes {
        let word = match state {
            ChangeState::Applied => "applied",
            ChangeState::Missing => "missing",
            ChangeState::Newer => "unknown",
        };
        out::line(format_args!("{word}  {name}"));
    }
    let newer = changes
        .into_iter()
        .find(|(_, state)| *state == ChangeState::Newer);
    if let Some((name, _)) = newer {
        let newer = Err(StoreError::Newer(name)).context("the database");
        return Ok(newer?);
    }
    Ok(())
}
