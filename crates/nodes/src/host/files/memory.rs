//! Files in memory, for runs without a server: the command line's and the conformance runner's.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use latchkey_domain::file::NamedFile;
use latchkey_domain::value::{File, TransferMethod};
use latchkey_engine::node::RunFacts;

use super::{FileError, Files, MadeFile, RemoteFiles};

/// Files in memory by their ids; what is elsewhere is fetched.
pub struct MemoryFiles {
    contents: Mutex<HashMap<String, Bytes>>,
    remote: RemoteFiles,
}

impl MemoryFiles {
    /// No files yet.
    #[must_use]
    pub fn new(remote: RemoteFiles) -> Self {
        Self {
            contents: Mutex::default(),
            remote,
        }
    }

    /// Keeps a content under an id.
    pub fn put(&self, id: impl Into<String>, content: Bytes) {
        self.contents().insert(id.into(), content);
    }

    /// Keeps a file that is named by its uploader; the value that stands for it, with its id as its address.
    #[must_use]
    pub fn add(&self, name: &str, mime_type: Option<&str>, content: Bytes) -> File {
        let named = NamedFile::of(name, mime_type);
        let size = content.len();
        let mut contents = self.contents();
        let id = format!("file-{}", contents.len() + 1);
        contents.insert(id.clone(), content);
        File {
            file_type: named.file_type,
            transfer_method: TransferMethod::LocalFile,
            reference: Some(id.clone()),
            filename: Some(named.name),
            extension: Some(named.extension).filter(|text| !text.is_empty()),
            mime_type: Some(named.mime_type),
            size: i64::try_from(size).unwrap_or(i64::MAX),
            related_id: Some(id.clone()),
            url: Some(id),
            ..File::default()
        }
    }

    fn contents(&self) -> MutexGuard<'_, HashMap<String, Bytes>> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Files for MemoryFiles {
    async fn read(&self, run: &RunFacts, file: &File, max: u64) -> Result<Bytes, FileError> {
        if file.transfer_method == TransferMethod::RemoteUrl {
            return self.remote.read(run, file, max).await;
        }
        let id = file.reference.as_deref().unwrap_or_default();
        let found = self.contents().get(id).cloned();
        let missing = || FileError::NotFound(file.filename.clone().unwrap_or_default());
        let content = found.ok_or_else(missing)?;
        if content.len() as u64 > max {
            return Err(FileError::TooLarge(max));
        }
        Ok(content)
    }

    async fn keep(&self, _: &RunFacts, made: MadeFile) -> Result<File, FileError> {
        let named = made.named();
        let file = self.add(&named.name, Some(&named.mime_type), made.content);
        Ok(File {
            transfer_method: TransferMethod::ToolFile,
            ..file
        })
    }
}
