//! Archives whose content is read within bounds: neither many entries nor one that unfolds without end gets far.

use std::io::{Cursor, Read as _, copy, sink};

use zip::ZipArchive;

use super::DocumentError;

/// Entries, at most.
const ENTRIES: usize = 20_000;
/// How much all entries that are read may be together, in bytes.
const UNFOLDED: u64 = 256 << 20;

/// An archive and how much of it may still be unfolded.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    left: u64,
}

/// Whether the bytes begin as an archive does.
pub(super) fn is_one(content: &[u8]) -> bool {
    content.starts_with(b"PK")
}

/// Unfolds everything once, keeping nothing.
pub(super) fn check(content: &[u8]) -> Result<(), DocumentError> {
    let mut archive = Archive::open(content)?;
    for index in 0..archive.zip.len() {
        let entry = archive.zip.by_index(index).map_err(DocumentError::broken)?;
        let mut within = entry.take(archive.left + 1);
        let length = copy(&mut within, &mut sink()).map_err(DocumentError::broken)?;
        archive.left = archive.left.checked_sub(length).ok_or_else(bomb)?;
    }
    Ok(())
}

impl<'a> Archive<'a> {
    pub(super) fn open(content: &'a [u8]) -> Result<Self, DocumentError> {
        let zip = ZipArchive::new(Cursor::new(content)).map_err(DocumentError::broken)?;
        if zip.len() > ENTRIES {
            let why = format!("has more than {ENTRIES} entries");
            return Err(DocumentError::TooLarge(why));
        }
        Ok(Self {
            zip,
            left: UNFOLDED,
        })
    }

    /// The names of all entries, with slashes.
    pub(super) fn names(&self) -> Vec<String> {
        let names = self.zip.file_names().filter_map(Result::ok);
        names.map(|name| name.replace('\\', "/")).collect()
    }

    /// The content of an entry, also of one whose name some programs write with backslashes; none if there is none.
    pub(super) fn entry(&mut self, name: &str) -> Result<Option<Vec<u8>>, DocumentError> {
        let found = self.zip.index_for_name(name);
        let found = found.or_else(|| self.zip.index_for_name(&name.replace('/', "\\")));
        let Some(index) = found else {
            return Ok(None);
        };
        let entry = self.zip.by_index(index).map_err(DocumentError::broken)?;
        let mut content = Vec::new();
        let mut within = entry.take(self.left + 1);
        let length = within
            .read_to_end(&mut content)
            .map_err(DocumentError::broken)?;
        self.left = self.left.checked_sub(length as u64).ok_or_else(bomb)?;
        Ok(Some(content))
    }

    /// The content of an entry that must be there.
    pub(super) fn needed(&mut self, name: &str) -> Result<Vec<u8>, DocumentError> {
        let missing = || DocumentError::Broken(format!("it has no {name}"));
        self.entry(name)?.ok_or_else(missing)
    }
}

fn bomb() -> DocumentError {
    DocumentError::TooLarge(format!("unfolds to more than {} MiB", UNFOLDED >> 20))
}
