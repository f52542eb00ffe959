//! The master key: from the settings, else from the data directory, else made for a database that has nothing in it yet.
//!
//! Whether a key is the one that the database was made with is asked of the database, not here.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context as _, bail};
use latchkey_secrets::MasterKey;

use crate::config::Settings;
use crate::failure::Halt;
use crate::folder;

const NAME: &str = "master.key";

/// What is in the database that the key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DatabaseState {
    /// Nothing: a new key loses nothing.
    Empty,
    /// Something, which only the key that it was made with can open.
    InUse,
}

/// The master key of this installation.
///
/// # Errors
/// When it is needed and missing, cannot be read, or is no key.
pub(crate) fn load(settings: &Settings, database: DatabaseState) -> anyhow::Result<MasterKey> {
    if let Some(key) = find(settings)? {
        return Ok(key);
    }
    let path = settings.data_dir.join(NAME);
    match database {
        DatabaseState::Empty => generate(&path),
        DatabaseState::InUse => bail!(Halt::new(
            "master_key_missing",
            format!(
                "the master key is missing: the database is in use, so no new one is made; \
                 set LATCHKEY_MASTER_KEY or put the key's file back to {}",
                path.display()
            )
        )),
    }
}

/// The master key that is there; none where nothing was given and no file is kept.
///
/// # Errors
/// When it cannot be read, or is no key.
pub(crate) fn find(settings: &Settings) -> anyhow::Result<Option<MasterKey>> {
    if let Some(text) = &settings.master_key {
        let key = MasterKey::parse(text.expose()).context("LATCHKEY_MASTER_KEY");
        return key.map(Some);
    }
    let path = settings.data_dir.join(NAME);
    let shown = path.display();
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            warn_if_open(&path);
            let text = latchkey_secrets::Secret::new(text);
            let key = MasterKey::parse(text.expose());
            key.map(Some).with_context(|| format!("the file {shown}"))
        }
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(cause).with_context(|| format!("the master key cannot be read: {shown}")),
    }
}

fn generate(path: &Path) -> anyhow::Result<MasterKey> {
    let shown = path.display();
    let key = MasterKey::generate().context("a master key cannot be made")?;
    if let Some(folder) = path.parent() {
        folder::create(folder).with_context(|| format!("the directory of {shown}"))?;
    }
    folder::write_private(path, key.to_text().expose())
        .with_context(|| format!("the master key cannot be written to {shown}"))?;
    tracing::info!("a new master key is in {shown}: keep a copy of it apart from the database");
    Ok(key)
}

#[cfg(unix)]
fn warn_if_open(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let open = std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0);
    if open {
        let shown = path.display();
        tracing::warn!("others than its owner may read {shown}: `chmod 600` it");
    }
}

#[cfg(not(unix))]
fn warn_if_open(_path: &Path) {}

#[cfg(test)]
mod tests {
    use super::{DatabaseState, load};
    use crate::config::{Environment, Settings};

    fn settings(folder: &std::path::Path, key: Option<&str>) -> Settings {
        let mut given = vec![("LATCHKEY_DATA_DIR", folder.to_str().unwrap())];
        given.extend(key.map(|key| ("LATCHKEY_MASTER_KEY", key)));
        Settings::load(None, &Environment::of(&given)).unwrap()
    }

    #[test]
    fn it_is_made_once_and_only_for_an_empty_database() {
        let folder = std::env::temp_dir().join(uuid::Uuid::now_v7().to_string());
        let settings = settings(&folder, None);
        let missing = load(&settings, DatabaseState::InUse)
            .unwrap_err()
            .to_string();
        assert!(missing.contains("master key is missing"), "{missing}");
        let made = load(&settings, DatabaseState::Empty).unwrap();
        let again = load(&settings, DatabaseState::InUse).unwrap();
        assert!(again.recognises(&made.check_record().unwrap()));
        std::fs::write(folder.join("master.key"), "c2hvcnQ=").unwrap();
        let broken = load(&settings, DatabaseState::Empty).unwrap_err();
        assert!(!format!("{broken:#}").contains("c2hvcnQ="), "{broken:#}");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_settings_win_over_the_file() {
        let folder = std::env::temp_dir().join(uuid::Uuid::now_v7().to_string());
        let made = load(&settings(&folder, None), DatabaseState::Empty).unwrap();
        let other = settings(
            &folder,
            Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        );
        let loaded = load(&other, DatabaseState::InUse).unwrap();
        assert!(!loaded.recognises(&made.check_record().unwrap()));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
