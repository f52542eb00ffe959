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
    let shown = || database::shown(settings);
    if command == MigrateCommand::Up {
        // Looking is permitted beside a running server, changing is not.
        let _lock = lock::acquire(&settings.data_dir)?;
        let _claim = serve::claim(settings).await?;
        let store = Store::open(&options).await.with_context(shown)?;
        store.close().await;
    }
    let changes = Store::schema(&options).await.with_context(shown)?;
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
        let newer = Err(StoreError::Newer(name)).with_context(shown);
        return Ok(newer?);
    }
    Ok(())
}
