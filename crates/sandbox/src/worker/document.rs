//! Readers of documents: a table from the kind to a pure function from bytes to text.

type Reader = fn(&[u8]) -> Result<String, String>;

/// The readers by kind.
const READERS: &[(&str, Reader)] = &[("text", plain)];

/// The text of a document of a kind.
pub(super) fn text(kind: &[u8], bytes: &[u8]) -> Result<String, String> {
    let kind = String::from_utf8_lossy(kind);
    let reader = READERS.iter().find(|(name, _)| *name == kind);
    let (_, read) = reader.ok_or_else(|| format!("there is no reader for {kind} documents"))?;
    read(bytes)
}

/// Text as it is, in UTF-8.
fn plain(bytes: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(bytes);
    text.map(str::to_owned).map_err(|cause| cause.to_string())
}
