//! Files that a provider cannot fetch, because only this host has them: their contents go into the request.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use latchkey_domain::value::{File, TransferMethod};
use latchkey_engine::node::NodeContext;
use latchkey_models::{Content, Message, Part};

use crate::host::{FileError, Host};

use super::files;

/// How long the files of one request may be together, in bytes.
const LONGEST: u64 = 20 * 1024 * 1024;

/// A file that is neither here nor at an address that a provider could fetch it from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the file {name:?} cannot be sent to the model: {cause}")]
pub(crate) struct Unreadable {
    name: String,
    cause: FileError,
}

/// Puts the contents of files that this host keeps in the place of their addresses. One that cannot be read stays an
/// address, if it has one that others can follow.
pub(crate) async fn put(
    messages: &mut [Message],
    files: &[File],
    host: &Host,
    context: &NodeContext,
) -> Result<(), Unreadable> {
    let is_kept = |file: &&File| file.transfer_method != TransferMethod::RemoteUrl;
    let mut contents = HashMap::new();
    let mut left = LONGEST;
    for file in files.iter().filter(is_kept) {
        let place = files::place(file);
        if contents.contains_key(&place) || !stands_in(messages, &place) {
            continue;
        }
        match host.files.read(&context.run, file, left).await {
            Ok(bytes) => {
                left = left.saturating_sub(bytes.len() as u64);
                let data = STANDARD.encode(&bytes);
                contents.insert(place, format!("data:{};base64,{data}", kind(file)));
            }
            Err(_) if place.starts_with("http") => {}
            Err(cause) => {
                let name = file.filename.clone().unwrap_or_default();
                return Err(Unreadable { name, cause });
            }
        }
    }
    for url in messages.iter_mut().flat_map(urls) {
        if let Some(data) = contents.get(url) {
            url.clone_from(data);
        }
    }
    Ok(())
}

/// Whether any message has the file: one that the model cannot read has been left out.
fn stands_in(messages: &mut [Message], place: &str) -> bool {
    messages.iter_mut().flat_map(urls).any(|url| url == place)
}

fn urls(message: &mut Message) -> impl Iterator<Item = &mut String> {
    let parts = match &mut message.content {
        Content::Text(_) => [].iter_mut(),
        Content::Parts(parts) => parts.iter_mut(),
    };
    parts.filter_map(|part| match part {
        Part::Text(_) => None,
        Part::Image { url, .. }
        | Part::Document { url, .. }
        | Part::Audio { url, .. }
        | Part::Video { url, .. } => Some(url),
    })
}

/// The MIME type, told by the extension where nobody says it.
fn kind(file: &File) -> &str {
    if let Some(kind) = file.mime_type.as_deref().filter(|kind| !kind.is_empty()) {
        return kind;
    }
    match file
        .extension
        .as_deref()
        .map(|it| it.trim_start_matches('.'))
    {
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("gif") => "image/gif",
        Some("pdf") => "application/pdf",
        Some("mp3") => "audio/mpeg",
        Some("wav") => "audio/wav",
        Some("mp4") => "video/mp4",
        _ => "application/octet-stream",
    }
}
