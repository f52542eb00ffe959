//! The contents of a case's files: a text, a text in an encoding, or base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use latchkey_nodes::{MemoryFiles, RemoteFiles};
use latchkey_outbound::Outbound;
use serde_json::Value as Json;

use super::case::Case;

/// The files of a case; those at a URL are asked for there.
pub(super) fn of(case: &Case, outbound: Outbound) -> MemoryFiles {
    let files = MemoryFiles::new(RemoteFiles::new(outbound));
    for (id, said) in case.map("files") {
        files.put(id, content(&said));
    }
    files
}

fn content(said: &Json) -> Bytes {
    let text = |key: &str| said.get(key).and_then(Json::as_str);
    if let Some(encoded) = text("base64") {
        return STANDARD
            .decode(encoded)
            .expect("the case has base64")
            .into();
    }
    let plain = said.as_str().or_else(|| text("text")).unwrap_or_default();
    match text("encoding") {
        None | Some("utf-8" | "utf8" | "utf_8") => plain.to_owned().into(),
        Some("latin-1" | "latin_1" | "latin1" | "iso-8859-1") => {
            let latin =
                |letter| u8::try_from(u32::from(letter)).expect("the case has Latin letters");
            plain.chars().map(latin).collect()
        }
        Some(other) => panic!("the runner does not know the encoding {other}"),
    }
}
