//! The data directory and the private files in it: readable by their owner only, and never half-written.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

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

/// Writes a new file that only its owner may read and waits until the disk has it; an existing one is an error.
pub(crate) fn write_private(path: &Path, content: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(path)?;
    let written = file
        .write_all(content.as_bytes())
        .and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a key would be taken for a key at the next start; the first error is the one to tell.
        let _ = std::fs::remove_file(path);
        return written;
    }
    // The name of the file is on disk only when its directory is.
    path.parent()
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::{create, write_private};

    #[test]
    fn private_files_are_private_and_never_overwritten() {
        let folder = std::env::temp_dir().join(uuid::Uuid::now_v7().to_string());
        create(&folder.join("inner")).unwrap();
        let file = folder.join("inner/secret");
        write_private(&file, "one").unwrap();
        assert!(write_private(&file, "two").is_err());
        let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(&folder.join("inner"))), (0o600, 0o700));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "one");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
