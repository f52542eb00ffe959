//! The contents of files, in a directory of this machine or in a bucket. A content lies at a path made of typed ids only, so no
//! name that a stranger gives ever becomes part of a path.

mod bucket;

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use latchkey_domain::id::{FileId, RunId, WorkspaceId};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Place;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt as _, WriteMultipart};
use sha2::{Digest as _, Sha256};

/// Pieces of a content that wait to be written, at most; whoever writes more waits.
const WAITING: usize = 4;
/// What stands in the name of a content that is not whole; in none of an id.
const UNFINISHED: char = '#';
/// How large a piece is when it is written to a directory, in bytes.
const PIECE: usize = 1 << 20;
/// The folder of a workspace with the large values of its runs.
const RUNS: &str = "runs";

pub use self::bucket::{Bucket, BucketKey};

/// The contents of files. Clones share everything.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// What stands before every place.
    prefix: Option<Place>,
    /// How large a piece is when it is written, in bytes.
    piece: usize,
}

/// Why a content could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    /// It is not there.
    #[error("the content of the file is not there")]
    NotFound,
    /// It is longer than may be written or read.
    #[error("the content is longer than {0} bytes")]
    TooLarge(u64),
    /// The file store failed.
    #[error("the file store failed: {0}")]
    Failed(String),
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// How many bytes.
    pub size: u64,
    /// Their SHA-256, in hexadecimal digits.
    pub checksum: String,
}

/// Pieces of a content, as they are read.
pub type BlobStream = Pin<Box<dyn Stream<Item = Result<Bytes, BlobError>> + Send>>;

impl From<object_store::Error> for BlobError {
    fn from(error: object_store::Error) -> Self {
        if matches!(error, object_store::Error::NotFound { .. }) {
            Self::NotFound
        } else {
            Self::Failed(error.to_string())
        }
    }
}

impl Blobs {
    /// The contents in a directory, which is made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made or used.
    pub fn in_directory(directory: &Path) -> Result<Self, BlobError> {
        let failed =
            |cause: std::io::Error| BlobError::Failed(format!("{}: {cause}", directory.display()));
        make_private(directory).map_err(failed)?;
        let store = LocalFileSystem::new_with_prefix(directory)?;
        Ok(Self {
            // What a run leaves behind when it is removed is no empty folder.
            store: Arc::new(store.with_fsync(true).with_automatic_cleanup(true)),
            prefix: None,
            piece: PIECE,
        })
    }

    /// Removes what uploads have left in a directory of contents that were under way when a process died, if nobody has
    /// written to it for so long; how many there were.
    ///
    /// # Errors
    /// When the directory cannot be read, or something in it cannot be removed.
    pub fn sweep(directory: &Path, untouched: Duration) -> std::io::Result<usize> {
        let mut removed = 0;
        for workspace in std::fs::read_dir(directory)? {
            let workspace = workspace?;
            if !workspace.file_type()?.is_dir() {
                continue;
            }
            for entry in std::fs::read_dir(workspace.path())? {
                let entry = entry?;
                // The file store writes beside the place of a content, and moves what is whole.
                let name = entry.file_name();
                let is_unfinished = name.to_str().is_some_and(|name| name.contains(UNFINISHED));
                let changed = entry.metadata()?.modified()?;
                // A time to come is now.
                if is_unfinished && changed.elapsed().unwrap_or_default() >= untouched {
                    std::fs::remove_file(entry.path())?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }

    /// Begins to write a content of at most `max` bytes; nothing is to be seen of it before [`BlobWriter::finish`].
    ///
    /// # Errors
    /// When the file store fails.
    pub async fn write(
        &self,
        workspace: WorkspaceId,
        id: FileId,
        max: u64,
    ) -> Result<BlobWriter, BlobError> {
        let place = self.place([workspace.to_string(), id.to_string()]);
        let upload = self.store.put_multipart(&place).await?;
        Ok(BlobWriter::new(upload, self.piece, max))
    }

    /// A content, piece by piece.
    ///
    /// # Errors
    /// When it is not there, or the file store fails.
    pub async fn read(&self, workspace: WorkspaceId, id: FileId) -> Result<BlobStream, BlobError> {
        let place = self.place([workspace.to_string(), id.to_string()]);
        let found = self.store.get(&place).await?;
        Ok(found.into_stream().map_err(BlobError::from).boxed())
    }

    /// A whole content of at most `max` bytes.
    ///
    /// # Errors
    /// When it is not there, is longer, or the file store fails.
    pub async fn read_whole(
        &self,
        workspace: WorkspaceId,
        id: FileId,
        max: u64,
    ) -> Result<Bytes, BlobError> {
        let place = self.place([workspace.to_string(), id.to_string()]);
        self.whole(&place, max).await
    }

    async fn whole(&self, place: &Place, max: u64) -> Result<Bytes, BlobError> {
        let found = self.store.get(place).await?;
        if found.meta.size > max {
            return Err(BlobError::TooLarge(max));
        }
        Ok(found.bytes().await?)
    }

    /// Keeps a large value of a run, under a name that follows from what it says.
    pub(crate) async fn put_of_run(
        &self,
        workspace: WorkspaceId,
        run: RunId,
        name: &str,
        content: Bytes,
    ) -> Result<(), BlobError> {
        let place = self.of_run_at(workspace, run).join(name);
        self.store.put(&place, content.into()).await?;
        Ok(())
    }

    /// A large value of a run of at most `max` bytes.
    pub(crate) async fn of_run(
        &self,
        workspace: WorkspaceId,
        run: RunId,
        name: &str,
        max: u64,
    ) -> Result<Bytes, BlobError> {
        let place = self.of_run_at(workspace, run).join(name);
        self.whole(&place, max).await
    }

    /// Removes a large value of a run; one that is not there is removed already.
    pub(crate) async fn delete_of_run_named(
        &self,
        workspace: WorkspaceId,
        run: RunId,
        name: &str,
    ) -> Result<(), BlobError> {
        let place = self.of_run_at(workspace, run).join(name);
        match self.store.delete(&place).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    /// Removes all large values of a run.
    pub(crate) async fn delete_of_run(
        &self,
        workspace: WorkspaceId,
        run: RunId,
    ) -> Result<(), BlobError> {
        let folder = self.of_run_at(workspace, run);
        let mut found = self.store.list(Some(&folder));
        while let Some(content) = found.next().await {
            match self.store.delete(&content?.location).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Ok(())
    }

    fn of_run_at(&self, workspace: WorkspaceId, run: RunId) -> Place {
        self.place([workspace.to_string(), RUNS.to_owned(), run.to_string()])
    }

    fn place<const N: usize>(&self, parts: [String; N]) -> Place {
        let prefix = self.prefix.iter().flat_map(Place::parts);
        prefix
            .chain(parts.iter().map(|part| part.as_str().into()))
            .collect()
    }

    /// Removes a content; one that is not there is removed already.
    ///
    /// # Errors
    /// When the file store fails.
    pub async fn delete(&self, workspace: WorkspaceId, id: FileId) -> Result<(), BlobError> {
        let place = self.place([workspace.to_string(), id.to_string()]);
        match self.store.delete(&place).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }
}

/// A content that is being written. Dropped unfinished, it leaves nothing.
pub struct BlobWriter {
    upload: WriteMultipart,
    digest: Sha256,
    size: u64,
    max: u64,
}

impl BlobWriter {
    fn new(upload: Box<dyn MultipartUpload>, piece: usize, max: u64) -> Self {
        Self {
            upload: WriteMultipart::new_with_chunk_size(upload, piece),
            digest: Sha256::new(),
            size: 0,
            max,
        }
    }

    /// Writes the next piece.
    ///
    /// # Errors
    /// When the content becomes too long, or the file store fails. It then cannot be finished.
    pub async fn push(&mut self, piece: Bytes) -> Result<(), BlobError> {
        self.size = self.size.saturating_add(piece.len() as u64);
        if self.size > self.max {
            return Err(BlobError::TooLarge(self.max));
        }
        self.upload.wait_for_capacity(WAITING).await?;
        self.digest.update(&piece);
        self.upload.put(piece);
        Ok(())
    }

    /// Makes the content readable.
    ///
    /// # Errors
    /// When the file store fails.
    pub async fn finish(self) -> Result<Written, BlobError> {
        self.upload.finish().await?;
        let digest = self.digest.finalize();
        Ok(Written {
            size: self.size,
            checksum: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        })
    }

    /// Gives the content up.
    ///
    /// # Errors
    /// When what is written so far cannot be removed.
    pub async fn abort(self) -> Result<(), BlobError> {
        Ok(self.upload.abort().await?)
    }
}

/// Makes a directory that its owner alone may use.
fn make_private(directory: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}
