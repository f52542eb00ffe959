//! Messages: what they say, without headers and attachments.

use std::io::{Cursor, Read as _};

use encoding_rs::{UTF_16LE, WINDOWS_1252};
use mail_parser::MessageParser;

use super::{DocumentError, Output};

/// How long the body of a stored message may be, in bytes.
const LONGEST_BODY: u64 = 64 << 20;
/// The streams that have the body (MS-OXMSG): in Unicode, and in the writer's own characters.
const BODIES: [&str; 2] = ["/__substg1.0_1000001F", "/__substg1.0_1000001E"];

/// A message as it is sent; of one in HTML only, what it says.
pub(super) fn message(content: &[u8]) -> Result<String, DocumentError> {
    let parsed = MessageParser::default().parse(content);
    let message = parsed.ok_or_else(|| DocumentError::Broken("it is no message".to_owned()))?;
    let mut out = Output::default();
    for index in 0..message.text_body_count() {
        if let Some(text) = message.body_text(index) {
            out.line(text.trim_end())?;
        }
    }
    Ok(out.0)
}

/// A message as Outlook keeps it.
pub(super) fn outlook(content: &[u8]) -> Result<String, DocumentError> {
    let mut file = cfb::CompoundFile::open(Cursor::new(content)).map_err(DocumentError::broken)?;
    let mut bodies = BODIES.into_iter();
    let name = bodies.find(|name| file.is_stream(name));
    let name = name.ok_or_else(|| DocumentError::Broken("it has no text".to_owned()))?;
    let stream = file.open_stream(name).map_err(DocumentError::broken)?;
    let mut bytes = Vec::new();
    let mut within = stream.take(LONGEST_BODY);
    within
        .read_to_end(&mut bytes)
        .map_err(DocumentError::broken)?;
    let encoding = if name.ends_with('F') {
        UTF_16LE
    } else {
        WINDOWS_1252
    };
    let (text, _) = encoding.decode_without_bom_handling(&bytes);
    Ok(text.trim_end_matches('\0').replace("\r\n", "\n"))
}
