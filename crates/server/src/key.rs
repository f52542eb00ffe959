//! The master key: from the settings, else from the data directory, else made for a database that has nothing in it yet.
//!
//! Whether a key is the one that the database was made with is asked of the database, not here.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use latchkey_secrets::MasterKey;

use crate::config::Settings;
use crate::failure::Halt;
use crate::folder;

const NAME: &str = "master.key";
/// The key that is to take its place: the database tells whether it has.
const NEXT: &str = "master.key.next";

/// The master key of this installation.
///
/// # Errors
/// When it is needed and missing, cannot be read, or is no key.
///
/// `record` tells whether a key is the one that the database was made with; a database that has nothing in it has none.
pub(crate) fn load(settings: &Settings, record: Option<&[u8]>) -> anyhow::Result<MasterKey> {
    if let Some(record) = record {
        take_next(settings, record)?;
    }
    if let Some(key) = find(settings)? {
        return Ok(key);
    }
    let path = settings.data_dir.join(NAME);
    match record {
        None => generate(&path),
        Some(_) => bail!(Halt::new(
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
    of_file(&settings.data_dir.join(NAME))
}

fn of_file(path: &Path) -> anyhow::Result<Option<MasterKey>> {
    let shown = path.display();
    match std::fs::read_to_string(path) {
        Ok(text) => {
            warn_if_open(path);
            let text = latchkey_secrets::Secret::new(text);
            let key = MasterKey::parse(text.expose());
            key.map(Some).with_context(|| format!("the file {shown}"))
        }
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(cause).with_context(|| format!("the master key cannot be read: {shown}")),
    }
}

/// Ends a change of the key that was cut short: the key that the database knows is the one.
fn take_next(settings: &Settings, record: &[u8]) -> anyhow::Result<()> {
    let (path, next) = files(settings);
    let Some(key) = of_file(&next)? else {
        return Ok(());
    };
    if key.recognises(record) {
        tracing::info!("the change of the master key that was cut short has taken place");
        replace(&next, &path)
    } else {
        discard_next(settings)
    }
}

/// The key of this id, in the settings or in a file: after a change that was cut short it may be the one that was to come.
///
/// # Errors
/// When a key cannot be read, or the file system fails.
pub(crate) fn named(settings: &Settings, id: &str) -> anyhow::Result<Option<MasterKey>> {
    let is_meant = |key: &MasterKey| key.id().to_string() == id;
    if let Some(key) = find(settings)?.filter(is_meant) {
        return Ok(Some(key));
    }
    let (path, next) = files(settings);
    let key = of_file(&next)?.filter(is_meant);
    if key.is_some() {
        replace(&next, &path)?;
    }
    Ok(key)
}

/// Writes a new key beside the one in force, before anything knows it.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write_next(settings: &Settings, key: &MasterKey) -> anyhow::Result<()> {
    let (_, next) = files(settings);
    folder::write_private(&next, key.to_text().expose())
        .with_context(|| format!("the new master key cannot be written to {}", next.display()))
}

/// The key that was written beside the one in force takes its place.
///
/// # Errors
/// When the file system fails.
pub(crate) fn keep_next(settings: &Settings) -> anyhow::Result<()> {
    let (path, next) = files(settings);
    replace(&next, &path)
}

/// Forgets the key that was written beside the one in force.
///
/// # Errors
/// When the file system fails.
pub(crate) fn discard_next(settings: &Settings) -> anyhow::Result<()> {
    let (_, next) = files(settings);
    std::fs::remove_file(&next).with_context(|| format!("{} cannot be removed", next.display()))
}

/// The file of the key, and of the one that is to take its place.
fn files(settings: &Settings) -> (PathBuf, PathBuf) {
    let folder = &settings.data_dir;
    (folder.join(NAME), folder.join(NEXT))
}

fn replace(next: &Path, path: &Path) -> anyhow::Result<()> {
    std::fs::rename(next, path)
        .and_then(|()| folder::settle(path))
        .with_context(|| format!("{} cannot be replaced", path.display()))
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
    use latchkey_secrets::MasterKey;

    use super::{keep_next, load, write_next};
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
        let missing = load(&settings, Some(&[])).unwrap_err().to_string();
        assert!(missing.contains("master key is missing"), "{missing}");
        let made = load(&settings, None).unwrap();
        let record = made.check_record().unwrap();
        let again = load(&settings, Some(&record)).unwrap();
        assert!(again.recognises(&record));
        std::fs::write(folder.join("master.key"), "c2hvcnQ=").unwrap();
        let broken = load(&settings, None).unwrap_err();
        assert!(!format!("{broken:#}").contains("c2hvcnQ="), "{broken:#}");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_settings_win_over_the_file() {
        let folder = std::env::temp_dir().join(uuid::Uuid::now_v7().to_string());
        let made = load(&settings(&folder, None), None).unwrap();
        let other = settings(
            &folder,
            Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        );
        let record = made.check_record().unwrap();
        let loaded = load(&other, Some(&record)).unwrap();
        assert!(!loaded.recognises(&record));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_database_tells_which_of_two_keys_is_in_force() {
        let folder = std::env::temp_dir().join(uuid::Uuid::now_v7().to_string());
        let settings = settings(&folder, None);
        let (old, new) = (
            load(&settings, None).unwrap(),
            MasterKey::generate().unwrap(),
        );
        let [before, after] = [&old, &new].map(|key| key.check_record().unwrap());
        let left = || folder.join("master.key.next").exists();
        // Whoever changed it died before the database knew the new one.
        write_next(&settings, &new).unwrap();
        assert!(load(&settings, Some(&before)).unwrap().recognises(&before));
        assert!(!left());
        // And after.
        write_next(&settings, &new).unwrap();
        assert!(load(&settings, Some(&after)).unwrap().recognises(&after));
        assert!(!left());
        assert!(load(&settings, Some(&after)).unwrap().recognises(&after));
        write_next(&settings, &old).unwrap();
        keep_next(&settings).unwrap();
        assert!(load(&settings, Some(&before)).unwrap().recognises(&before));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
