//! The data directory and the private files in it: readable by their owner only, and never half-written.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

#[cfg(unix)]
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};

/// Makes a directory for its owner only, with its parents; one that is there keeps its permissions.
pub(crate) fn create(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(0o700);
    builder.create(path)
}

/// Writes a file that only its owner may read and waits until the disk has it. It has the old content or the new one, never a part.
pub(crate) fn write_private(path: &Path, content: &str) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    // Whoever died while writing has left it.
    match std::fs::remove_file(&beside) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
        Ok(()) | Err(_) => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(&beside)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    settle(path)
}

/// Waits until the disk has the name of a file: it has it only when it has the directory.
pub(crate) fn settle(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if folder != Path::new("") => File::open(folder)?.sync_all(),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::{create, write_private};

    #[test]
    fn private_files_are_private_and_replaced_as_a_whole() {
        let folder = std::env::temp_dir().join(uuid::Uuid::now_v7().to_string());
        create(&folder.join("inner")).unwrap();
        let file = folder.join("inner/secret");
        write_private(&file, "one").unwrap();
        std::fs::write(folder.join("inner/secret.new"), "half of").unwrap();
        write_private(&file, "two").unwrap();
        assert_eq!(std::fs::read_dir(folder.join("inner")).unwrap().count(), 1);
        let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(&folder.join("inner"))), (0o600, 0o700));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "two");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
