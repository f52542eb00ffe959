//! The program interpreter of an ELF file: the loader that the system starts first. Nothing else of the format is read.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

/// The kind of a program header that names the loader.
const INTERP: u32 = 3;
/// Longer paths are not believed.
const LONGEST: u64 = 4096;

/// The loader of a program; none for a static program, a script or anything else.
pub(crate) fn loader(program: &Path) -> Option<PathBuf> {
    let mut file = File::open(program).ok()?;
    let mut head = [0; 64];
    file.read_exact(&mut head).ok()?;
    // 64 bits, little-endian: what x86-64 and aarch64 are.
    if !head.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let table = number(&head, 32, 8)?;
    let (size, count) = (number(&head, 54, 2)?, number(&head, 56, 2)?);
    for place in 0..count {
        let mut entry = [0; 56];
        file.seek(SeekFrom::Start(table + place * size)).ok()?;
        file.read_exact(&mut entry).ok()?;
        if number(&entry, 0, 4)? == u64::from(INTERP) {
            let (offset, length) = (number(&entry, 8, 8)?, number(&entry, 32, 8)?);
            file.seek(SeekFrom::Start(offset)).ok()?;
            let mut path = Vec::new();
            file.take(length.min(LONGEST)).read_to_end(&mut path).ok()?;
            path.retain(|byte| *byte != 0);
            return Some(PathBuf::from(std::ffi::OsString::from_vec(path)));
        }
    }
    None
}

fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let part = bytes.get(at..at + length)?;
    Some(
        part.iter()
            .rev()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::loader;

    #[test]
    fn a_program_names_its_loader() {
        let found = loader(&std::env::current_exe().unwrap());
        if let Some(found) = found {
            assert!(found.exists(), "{}", found.display());
        }
    }

    #[test]
    fn what_is_no_program_has_none() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert_eq!(loader(&here), None);
        assert_eq!(loader(Path::new("/no/such/file")), None);
    }
}
