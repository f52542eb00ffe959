//! One server per data directory: an exclusive lock on a file in it, held as long as the process lives.
//!
//! The operating system lets go of it when the process dies in whatever way, so that no stale lock has to be removed.

use std::fs::{File, TryLockError};
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::failure::Halt;
use crate::folder;

const NAME: &str = "latchkey.lock";

/// The lock; dropping it lets another server in.
#[derive(Debug)]
#[must_use = "the lock is held only as long as this value lives"]
pub(crate) struct Lock {
    _file: File,
}

/// Takes the data directory for this process, making it if it is not there.
///
/// # Errors
/// When another server holds it, or it cannot be made or written to.
pub(crate) fn acquire(data_dir: &Path) -> anyhow::Result<Lock> {
    let shown = data_dir.display();
    let unusable = |cause: std::io::Error| {
        let detail = format!("the data directory {shown} cannot be used: {cause}");
        Halt::new("data_dir_unusable", detail)
    };
    folder::create(data_dir).map_err(unusable)?;
    let path = data_dir.join(NAME);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock { _file: file }),
        Err(TryLockError::WouldBlock) => {
            let detail =
                format!("another latchkey server is running on the data directory {shown}");
            bail!(Halt::new("already_running", detail))
        }
        Err(TryLockError::Error(cause)) => {
            Err(cause).with_context(|| format!("the lock file {}", path.display()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::acquire;

    #[test]
    fn a_second_one_is_refused_until_the_first_is_gone() {
        let folder = std::env::temp_dir().join(uuid::Uuid::now_v7().to_string());
        let first = acquire(&folder).unwrap();
        let refused = acquire(&folder).unwrap_err().to_string();
        assert!(refused.contains("another"), "{refused}");
        drop(first);
        drop(acquire(&folder).unwrap());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
