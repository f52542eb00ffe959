//! Where documents are parsed.

use bytes::Bytes;
use latchkey_sandbox::{DocumentKind, extract};

use crate::host::Host;

/// The text of a document, or why it has none.
pub(super) async fn text(_: &Host, kind: DocumentKind, content: Bytes) -> Result<String, String> {
    let parsing = tokio::task::spawn_blocking(move || extract(kind, &content));
    let parsed = parsing.await.map_err(|cause| cause.to_string())?;
    parsed.map_err(|cause| cause.to_string())
}
