//! Where documents are parsed: in the sandbox, since parsers of what strangers made can do anything.

use bytes::Bytes;
use latchkey_sandbox::{DocumentKind, Job, Sandbox};

/// The text of a document, or why it has none.
pub(super) async fn text(
    sandbox: Option<&Sandbox>,
    kind: DocumentKind,
    content: Bytes,
) -> Result<String, String> {
    let sandbox = sandbox.ok_or("documents cannot be read here: this host has no sandbox")?;
    let bytes = content.into();
    let read = sandbox.run(Job::Document { kind, bytes }).await;
    read.map(|read| read.text)
        .map_err(|cause| cause.to_string())
}
