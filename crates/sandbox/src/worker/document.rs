//! Documents: the pure functions of `documents`, by the word of the kind.

use crate::documents::{DocumentKind, extract};

/// The text of a document of a kind.
pub(super) fn text(kind: &[u8], bytes: &[u8]) -> Result<String, String> {
    let word = String::from_utf8_lossy(kind);
    let kind = DocumentKind::parse(&word);
    let kind = kind.ok_or_else(|| format!("there is no reader for {word} documents"))?;
    extract(kind, bytes).map_err(|cause| cause.to_string())
}
