//! The ledger as a call sees it.

use async_trait::async_trait;

use latchkey_domain::credential::CredentialCode;
use latchkey_domain::id::{CredentialId, ModelCallId, WorkspaceId};
use latchkey_domain::ledger::{ModelCallEnd, ModelCallStart, OpenRefusal};

/// Writes the ledger's rows: in a database, or in memory.
#[async_trait]
pub trait CallBook: Send + Sync {
    /// Opens a row by one guarded write. When this answers `Ok` the row is committed and the call may be made;
    /// otherwise nothing may leave the process.
    ///
    /// # Errors
    /// When the guard refuses, or the write failed.
    async fn open(&self, start: ModelCallStart) -> Result<(), OpenError>;

    /// Closes an open row. Closing it again changes nothing.
    ///
    /// # Errors
    /// When the write failed.
    async fn close(&self, id: ModelCallId, end: ModelCallEnd) -> Result<(), BookError>;

    /// The provider calls a key dead, and a validation call has said the same: its version pays for nobody any more.
    ///
    /// # Errors
    /// When the write failed.
    async fn condemn(
        &self,
        workspace: WorkspaceId,
        credential: CredentialId,
        version: i32,
    ) -> Result<(), BookError>;

    /// Writes the row of a call that our own rule forbade.
    ///
    /// # Errors
    /// When the write failed.
    async fn refuse(&self, start: ModelCallStart, code: CredentialCode) -> Result<(), BookError>;
}

/// Why a row was not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The guard said no.
    #[error("the call was refused")]
    Refused(OpenRefusal),
    /// The write failed.
    #[error("the ledger could not be written")]
    Failed(#[from] BookError),
}

/// The ledger could not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BookError(pub String);
