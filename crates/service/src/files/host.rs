//! The port of `nodes` to the contents of files: a run reads what its own workspace has, and what is elsewhere, through
//! the way out.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use latchkey_domain::credential::Principal;
use latchkey_domain::file::StoredFile;
use latchkey_domain::id::FileId;
use latchkey_domain::value::{File, TransferMethod};
use latchkey_engine::node::RunFacts;
use latchkey_nodes::{FileError, Files as Port, MadeFile, RemoteFiles};
use latchkey_outbound::Outbound;
use latchkey_store::BlobError;
use uuid::Uuid;

use super::Files;

/// What runs read and keep.
pub(crate) struct StoredFiles {
    files: Arc<Files>,
    remote: RemoteFiles,
}

impl StoredFiles {
    pub(crate) fn new(files: Arc<Files>, outbound: Outbound) -> Self {
        Self {
            files,
            remote: RemoteFiles::new(outbound),
        }
    }
}

impl StoredFiles {
    /// An app's key reaches the files of its app, those of the workspace, and what its own runs have made.
    async fn may_read(&self, run: &RunFacts, stored: &StoredFile) -> Result<bool, FileError> {
        let Some(owner) = stored.workflow else {
            return Ok(true);
        };
        let Principal::ApiKey(id) = run.caller else {
            return Ok(true);
        };
        if Some(owner) == run.workflow || stored.created_by == run.caller {
            return Ok(true);
        }
        let key = self.files.store.api_key(run.workspace, id).await;
        let key = key.map_err(|cause| FileError::Unavailable(cause.to_string()))?;
        let app = key.and_then(|key| key.workflow);
        Ok(app.is_none_or(|app| app == owner))
    }
}

#[async_trait]
impl Port for StoredFiles {
    async fn read(&self, run: &RunFacts, file: &File, max: u64) -> Result<Bytes, FileError> {
        if file.transfer_method == TransferMethod::RemoteUrl {
            return self.remote.read(run, file, max).await;
        }
        let files = &self.files;
        let named = file.reference.as_deref().or(file.related_id.as_deref());
        let missing = || FileError::NotFound(file.filename.clone().unwrap_or_default());
        let id: FileId = named.and_then(|id| id.parse().ok()).ok_or_else(missing)?;
        let found = files.store.file(run.workspace, id).await;
        let found = found.map_err(|cause| FileError::Unavailable(cause.to_string()))?;
        let stored = found.ok_or_else(missing)?;
        if !self.may_read(run, &stored).await? {
            return Err(missing());
        }
        let read = files.blobs.read_whole(stored.workspace, stored.id, max);
        read.await.map_err(|cause| match cause {
            BlobError::NotFound => missing(),
            other @ (BlobError::TooLarge(_) | BlobError::Failed(_)) => failed(other),
        })
    }

    async fn keep(&self, run: &RunFacts, made: MadeFile) -> Result<File, FileError> {
        let files = &self.files;
        let named = made.named();
        let file = StoredFile {
            id: FileId::new(Uuid::now_v7()),
            workspace: run.workspace,
            workflow: run.workflow,
            name: named.name,
            extension: named.extension,
            mime_type: named.mime_type,
            size: 0,
            file_type: named.file_type,
            created_by: run.caller,
            run: Some(run.run),
            end_user: None,
            created_at: files.clock.now(),
            checksum: String::new(),
        };
        let begun = files.blobs.write(file.workspace, file.id, files.longest);
        let mut writer = begun.await.map_err(failed)?;
        writer.push(made.content).await.map_err(failed)?;
        let kept = files.finish(writer, file).await;
        let kept = kept.map_err(|cause| FileError::Unavailable(cause.detail))?;
        Ok(files.value(&kept))
    }
}

fn failed(cause: BlobError) -> FileError {
    match cause {
        BlobError::TooLarge(most) => FileError::TooLarge(most),
        BlobError::NotFound | BlobError::Failed(_) => FileError::Unavailable(cause.to_string()),
    }
}
