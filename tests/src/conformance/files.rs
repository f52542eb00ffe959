//! The files of a case: uploads whose contents stand in it, files on its network, and those that nodes make.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use encoding_rs::Encoding;
use serde_json::{Map, Value as Json};

use latchkey_domain::value::{File, FileType, TransferMethod};
use latchkey_engine::node::RunFacts;
use latchkey_nodes::{FileError, Files, MadeFile, RemoteFiles};
use latchkey_outbound::Outbound;

use super::case::{Case, UPLOADS};

/// The files of one case.
pub(super) struct CaseFiles {
    uploads: Map<String, Json>,
    remote: RemoteFiles,
    made: Mutex<Vec<Bytes>>,
}

impl CaseFiles {
    pub(super) fn of(case: &Case, outbound: Outbound) -> Self {
        Self {
            uploads: case.map("files"),
            remote: RemoteFiles::new(outbound),
            made: Mutex::default(),
        }
    }

    fn stored(&self, id: &str) -> Option<Bytes> {
        if let Some(upload) = self.uploads.get(id) {
            return Some(content(upload).into());
        }
        let number: usize = id.strip_prefix("tool-file-")?.parse().ok()?;
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.get(number.checked_sub(1)?).cloned()
    }
}

#[async_trait]
impl Files for CaseFiles {
    async fn read(&self, run: &RunFacts, file: &File, max: u64) -> Result<Bytes, FileError> {
        if file.transfer_method == TransferMethod::RemoteUrl {
            return self.remote.read(run, file, max).await;
        }
        let id = file.related_id.as_deref().or(file.reference.as_deref());
        let id = id.unwrap_or_default();
        let stored = self.stored(id);
        let stored = stored.ok_or_else(|| FileError::NotFound(id.to_owned()))?;
        if stored.len() as u64 > max {
            return Err(FileError::TooLarge(max));
        }
        Ok(stored)
    }

    async fn keep(&self, _: &RunFacts, made: MadeFile) -> Result<File, FileError> {
        let size = i64::try_from(made.content.len()).unwrap_or(i64::MAX);
        let mut all = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(made.content);
        let id = format!("tool-file-{}", all.len());
        let mime_type = made.mime_type.unwrap_or_default();
        let extension = made.filename.as_deref().and_then(|name| {
            let (_, end) = name.rsplit_once('.')?;
            Some(format!(".{end}"))
        });
        let extension = extension.unwrap_or_else(|| ".bin".to_owned());
        Ok(File {
            id: None,
            file_type: FileType::guess(&extension, &mime_type),
            transfer_method: TransferMethod::ToolFile,
            remote_url: None,
            reference: Some(id.clone()),
            filename: Some(format!("{id}{extension}")),
            mime_type: Some(mime_type),
            size,
            related_id: Some(id.clone()),
            url: Some(format!("{UPLOADS}{id}{extension}")),
            extension: Some(extension),
        })
    }
}

/// A content: a text, a text in another encoding, or bytes.
fn content(raw: &Json) -> Vec<u8> {
    if let Some(text) = raw.as_str() {
        return text.as_bytes().to_vec();
    }
    if let Some(encoded) = raw["base64"].as_str() {
        return STANDARD.decode(encoded).unwrap_or_default();
    }
    let text = raw["text"].as_str().unwrap_or_default();
    let encoding = raw["encoding"].as_str().unwrap_or("utf-8");
    match Encoding::for_label(encoding.as_bytes()) {
        Some(encoding) => encoding.encode(text).0.into_owned(),
        None => text.as_bytes().to_vec(),
    }
}
