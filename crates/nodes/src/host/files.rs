//! The contents of files: a [`File`] in the pool is a description, this port reads and keeps what it describes.

mod memory;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use latchkey_domain::file::{NamedFile, extension_for};
use latchkey_domain::value::File;
use latchkey_engine::node::RunFacts;
use latchkey_outbound::{Deadlines, Outbound, Request};

pub use self::memory::MemoryFiles;

/// How long reading a file from somebody else's URL may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many redirects are followed on the way to it; every address is checked.
const REDIRECTS: u8 = 10;

/// The way to the contents of files.
#[async_trait]
pub trait Files: Send + Sync {
    /// The content of a file, wherever it is.
    ///
    /// # Errors
    /// When there is no such file in the run's workspace, or it is longer than `max` bytes.
    async fn read(&self, run: &RunFacts, file: &File, max: u64) -> Result<Bytes, FileError>;

    /// Keeps what a node made and answers the file that stands for it (transfer method `tool_file`).
    ///
    /// # Errors
    /// When it cannot be kept.
    async fn keep(&self, run: &RunFacts, made: MadeFile) -> Result<File, FileError>;
}

/// What a node made.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct MadeFile {
    /// Its name, if it has one.
    pub filename: Option<String>,
    /// Its MIME type, if it is known.
    pub mime_type: Option<String>,
    /// Its content.
    pub content: Bytes,
}

impl MadeFile {
    /// What is known of it; a file that nobody named is called after what it is.
    #[must_use]
    pub fn named(&self) -> NamedFile {
        let mime_type = self.mime_type.as_deref();
        let name = self.filename.clone().unwrap_or_else(|| {
            let end = mime_type.and_then(extension_for).unwrap_or_default();
            format!("file{end}")
        });
        NamedFile::of(&name, mime_type)
    }
}

/// Why a file cannot be read or kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// There is no such file here.
    #[error("the file {0:?} does not exist")]
    NotFound(String),
    /// It is longer than may be read.
    #[error("the file is longer than {0} bytes")]
    TooLarge(u64),
    /// It could not be fetched from where it is.
    #[error("the file could not be fetched: {0}")]
    Fetch(String),
    /// This host keeps no files.
    #[error("files cannot be kept here: {0}")]
    Unavailable(String),
}

/// Files that are at a URL of somebody else; it keeps none.
pub struct RemoteFiles {
    outbound: Outbound,
}

impl RemoteFiles {
    /// Over the way out.
    #[must_use]
    pub const fn new(outbound: Outbound) -> Self {
        Self { outbound }
    }
}

#[async_trait]
impl Files for RemoteFiles {
    async fn read(&self, _: &RunFacts, file: &File, max: u64) -> Result<Bytes, FileError> {
        let name = file.filename.clone().unwrap_or_default();
        let url = file
            .remote_url
            .as_deref()
            .ok_or(FileError::NotFound(name))?;
        let deadlines = Deadlines {
            head: PATIENCE,
            idle: PATIENCE,
            total: PATIENCE,
        };
        let request = Request::get(url).deadlines(deadlines).max_body(max);
        let request = request.follow_redirects(REDIRECTS);
        let failed = |cause: latchkey_outbound::Error| {
            if let latchkey_outbound::Error::TooLarge(max) = cause {
                return FileError::TooLarge(max);
            }
            FileError::Fetch(cause.to_string())
        };
        let answer = self.outbound.send(request).await.map_err(failed)?;
        if !(200..300).contains(&answer.status) {
            return Err(FileError::Fetch(format!("status {}", answer.status)));
        }
        answer.bytes().await.map_err(failed)
    }

    async fn keep(&self, _: &RunFacts, _: MadeFile) -> Result<File, FileError> {
        Err(FileError::Unavailable("there is no file store".into()))
    }
}
