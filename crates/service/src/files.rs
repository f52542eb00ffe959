//! Files: uploaded, read and removed by those who have a key, read by address by those who were shown one, and found for the
//! inputs of runs.

mod address;
mod host;

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::document::Document;
use latchkey_domain::file::{NamedFile, StoredFile};
use latchkey_domain::form::Form;
use latchkey_domain::id::{FileId, WorkspaceId};
use latchkey_domain::inputs::{
    FileRules, StartVariable, fill_files, named_files, sent_files, stored_id,
};
use latchkey_domain::value::File;
use latchkey_engine::clock::Clock;
use latchkey_secrets::KeyedHash;
use latchkey_store::{BlobError, BlobStream, BlobWriter, Blobs, Store, StoreError};
use serde_json::{Map, Value as Json, json};

use self::address::Addresses;
use crate::error::{Error, ErrorKind};
use crate::{Service, require};

pub(crate) use self::host::StoredFiles;

/// Stored files that one start may name.
const NAMED: usize = 1000;

/// Where files are kept and how they are reached.
#[derive(Clone, Debug)]
pub struct FileSettings {
    /// Their contents.
    pub blobs: Blobs,
    /// How long one may be, in bytes.
    pub longest: u64,
    /// How clients reach this server, without a slash at the end.
    pub public_url: String,
}

/// A file that is to be uploaded.
#[derive(Clone, Debug, Default)]
pub struct NewFile {
    /// The name that its uploader gives it, whatever that is.
    pub name: String,
    /// The MIME type that its uploader states.
    pub mime_type: Option<String>,
    /// The end user for whom it is uploaded: only starts for the same one can name it.
    pub end_user: Option<String>,
}

/// A file with its content.
pub struct FileContent {
    /// What is known of it.
    pub file: StoredFile,
    /// The content, piece by piece.
    pub content: BlobStream,
}

/// The file store as use cases and runs share it.
pub(crate) struct Files {
    store: Store,
    blobs: Blobs,
    longest: u64,
    addresses: Addresses,
    clock: Arc<dyn Clock>,
}

impl Files {
    pub(crate) fn new(
        store: Store,
        settings: FileSettings,
        hash: KeyedHash,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            blobs: settings.blobs,
            longest: settings.longest,
            addresses: Addresses::new(settings.public_url, hash),
            clock,
        }
    }

    /// The value that stands for a file, with an address that is good for a while.
    fn value(&self, file: &StoredFile) -> File {
        file.value(Some(self.addresses.of(file.id, self.clock.now())))
    }

    /// Makes what was written a file.
    async fn finish(&self, writer: BlobWriter, mut new: StoredFile) -> Result<StoredFile, Error> {
        let written = writer.finish().await?;
        new.size = written.size;
        new.checksum = written.checksum;
        let kept = self.store.insert_file(&new).await;
        if kept.is_err() {
            self.remove_content(new.workspace, new.id).await;
        }
        kept?;
        Ok(new)
    }

    /// Removes a content of a file that is going to be removed.
    pub(crate) async fn delete_content(
        &self,
        workspace: WorkspaceId,
        id: FileId,
    ) -> Result<(), Error> {
        Ok(self.blobs.delete(workspace, id).await?)
    }

    /// Removes a content that nothing refers to any more; what is left over harms nobody but the disk.
    async fn remove_content(&self, workspace: WorkspaceId, id: FileId) {
        if let Err(cause) = self.blobs.delete(workspace, id).await {
            tracing::warn!(%cause, file.id = %id, "the content of a file is left over");
        }
    }
}

impl From<BlobError> for Error {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::NotFound => Self::not_found("file"),
            BlobError::TooLarge(most) => {
                let detail = format!("a file has at most {most} bytes");
                Self::new(ErrorKind::TooLarge, "too_large", detail)
            }
            BlobError::Failed(cause) => {
                tracing::error!(%cause, "the file store is not available");
                let detail = "the file store does not answer";
                Self::new(ErrorKind::Unavailable, "file_store_unavailable", detail)
            }
        }
    }
}

impl Service {
    /// Keeps a file, whose content comes piece by piece. If it breaks off, nothing of it is kept.
    ///
    /// # Errors
    /// When the caller may not, the content is too long, or it cannot be written.
    pub async fn upload_file(
        &self,
        caller: &Caller,
        new: NewFile,
        mut content: impl Stream<Item = Result<Bytes, Error>> + Unpin,
    ) -> Result<StoredFile, Error> {
        require(caller, Permission::RunsWrite)?;
        let files = &self.inner.files;
        let named = NamedFile::of(&new.name, new.mime_type.as_deref());
        let file = StoredFile {
            id: FileId::new(Self::new_id()),
            workspace: caller.workspace,
            workflow: caller.workflow,
            name: named.name,
            extension: named.extension,
            mime_type: named.mime_type,
            size: 0,
            file_type: named.file_type,
            created_by: caller.principal,
            run: None,
            end_user: new.end_user.clone(),
            created_at: self.now(),
            checksum: String::new(),
        };
        let blobs = &files.blobs;
        let mut writer = blobs.write(file.workspace, file.id, files.longest).await?;
        while let Some(piece) = content.next().await {
            writer.push(piece?).await?;
        }
        let keep =
            move |service: Self, _| async move { service.inner.files.finish(writer, file).await };
        self.complete(caller, keep).await
    }

    /// A file.
    ///
    /// # Errors
    /// When the caller may not, or there is no such file.
    pub async fn file(&self, caller: &Caller, id: FileId) -> Result<StoredFile, Error> {
        require(caller, Permission::RunsRead)?;
        self.visible_file(caller, id).await
    }

    /// A file with its content.
    ///
    /// # Errors
    /// When the caller may not, or there is no such file.
    pub async fn file_content(&self, caller: &Caller, id: FileId) -> Result<FileContent, Error> {
        let file = self.file(caller, id).await?;
        self.content_of(file).await
    }

    /// A file with its whole content of at most `max` bytes.
    pub(crate) async fn whole_file(
        &self,
        caller: &Caller,
        id: FileId,
        max: u64,
    ) -> Result<(StoredFile, Bytes), Error> {
        let file = self.file(caller, id).await?;
        let read = self.inner.files.blobs.read_whole(file.workspace, id, max);
        let content = read.await?;
        Ok((file, content))
    }

    /// Removes a file. Runs that name it cannot read it any more.
    ///
    /// # Errors
    /// When the caller may not, or there is no such file.
    pub async fn delete_file(&self, caller: &Caller, id: FileId) -> Result<(), Error> {
        require(caller, Permission::RunsWrite)?;
        self.visible_file(caller, id).await?;
        let remove = move |service: Self, caller: Caller| async move {
            let files = &service.inner.files;
            match files.store.delete_file(caller.workspace, id).await {
                Err(StoreError::NotFound) => return Err(Error::not_found("file")),
                deleted => deleted?,
            }
            files.remove_content(caller.workspace, id).await;
            service.audit(&caller, "file.delete", id, json!({})).await
        };
        self.complete(caller, remove).await
    }

    /// The value that stands for a file in a run.
    pub(crate) fn file_value(&self, file: &StoredFile) -> File {
        self.inner.files.value(file)
    }

    /// The address under which whoever is shown it reads a file, for a day.
    #[must_use]
    pub fn file_address(&self, file: &StoredFile) -> String {
        self.inner.files.addresses.of(file.id, self.now())
    }

    /// A file by its address.
    ///
    /// # Errors
    /// When the address is not one that this server gave, or is too old: to whoever has it, such a file is not there.
    pub async fn addressed_file(
        &self,
        id: FileId,
        expires: i64,
        signature: &str,
    ) -> Result<FileContent, Error> {
        let files = &self.inner.files;
        let missing = || Error::not_found("file");
        if !files.addresses.is_good(id, expires, signature, self.now()) {
            return Err(missing());
        }
        let file = files.store.file_of_anybody(id).await?;
        self.content_of(file.ok_or_else(missing)?).await
    }

    /// The address of a stored file from now on.
    pub(crate) fn stored_address(&self, id: FileId) -> String {
        self.inner.files.addresses.of(id, self.now())
    }

    pub(crate) async fn content_of(&self, file: StoredFile) -> Result<FileContent, Error> {
        let blobs = &self.inner.files.blobs;
        let content = blobs.read(file.workspace, file.id).await?;
        Ok(FileContent { file, content })
    }

    async fn visible_file(&self, caller: &Caller, id: FileId) -> Result<StoredFile, Error> {
        let found = self.inner.files.store.file(caller.workspace, id).await?;
        found
            .filter(|file| sees(caller, file))
            .ok_or_else(|| Error::not_found("file"))
    }

    /// Inputs with the files that they name in their dictionary form, defaults included. What is declared as something else
    /// is no file, whatever it looks like.
    pub(crate) async fn with_files(
        &self,
        caller: &Caller,
        variables: &[StartVariable],
        inputs: &Map<String, Json>,
        end_user: Option<&str>,
    ) -> Result<Map<String, Json>, Error> {
        let mut inputs = inputs.clone();
        for (name, value) in &mut inputs {
            let is_file = |it: &StartVariable| it.name == *name && it.is_file();
            if !variables.iter().any(is_file) {
                File::unmark(value);
            }
        }
        if variables.iter().any(StartVariable::is_file) {
            let named = named_files(variables, &inputs);
            let found = self
                .usable_files(caller, &named, "/inputs", end_user)
                .await?;
            let find = |id: FileId| found.get(&id).cloned();
            fill_files(variables, &mut inputs, &find).map_err(Error::of_inputs)?;
        }
        Ok(inputs)
    }

    /// The values of a form with the files that they name in their dictionary form.
    pub(crate) async fn with_form_files(
        &self,
        caller: &Caller,
        form: &Form,
        values: &Map<String, Json>,
        end_user: Option<&str>,
    ) -> Result<Map<String, Json>, Error> {
        let (variables, mut values) = (form.file_variables(), values.clone());
        if !variables.is_empty() {
            let named = named_files(&variables, &values);
            let found = self
                .usable_files(caller, &named, "/values", end_user)
                .await?;
            let find = |id: FileId| found.get(&id).cloned();
            let filled = fill_files(&variables, &mut values, &find);
            filled.map_err(|problems| Error::of_problems(problems, "/values/"))?;
        }
        Ok(values)
    }

    /// The files that a start sends besides its inputs (Dify DSL, `file_upload` and `sys.files`).
    pub(crate) async fn sent_files(
        &self,
        caller: &Caller,
        document: &Document,
        sent: &[Json],
        end_user: Option<&str>,
    ) -> Result<Vec<File>, Error> {
        let named: Vec<FileId> = sent.iter().filter_map(stored_id).collect();
        let found = self
            .usable_files(caller, &named, "/files", end_user)
            .await?;
        let find = |id: FileId| found.get(&id).cloned();
        let rules = FileRules::of_features(document.features());
        sent_files(rules.as_ref(), sent, &find).map_err(Error::of_files)
    }

    async fn usable_files(
        &self,
        caller: &Caller,
        ids: &[FileId],
        pointer: &str,
        end_user: Option<&str>,
    ) -> Result<HashMap<FileId, File>, Error> {
        if ids.len() > NAMED {
            let detail = format!("a start names at most {NAMED} stored files");
            return Err(Error::field("input_too_long", pointer, detail));
        }
        let files = &self.inner.files;
        let found = files.store.files(caller.workspace, ids).await?;
        let is_theirs = |file: &StoredFile| {
            let owner = file.end_user.as_deref();
            owner.is_none_or(|owner| end_user == Some(owner))
        };
        let usable = (found.iter()).filter(|file| sees(caller, file) && is_theirs(file));
        Ok(usable.map(|file| (file.id, files.value(file))).collect())
    }
}

/// An app's key sees the files of its app only.
fn sees(caller: &Caller, file: &StoredFile) -> bool {
    caller.workflow.is_none() || file.workflow == caller.workflow
}
