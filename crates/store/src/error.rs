//! What can go wrong with what is kept.

use sea_orm::{DbErr, SqlErr};

/// Why something could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database did not answer, or refused.
    #[error("the database failed: {0}")]
    Failed(String),
    /// Something else has that name or number already.
    #[error("it is there already")]
    Taken,
    /// It was changed meanwhile.
    #[error("it was changed meanwhile")]
    Changed,
    /// It is not there.
    #[error("it is not there")]
    NotFound,
    /// A stored value cannot be understood.
    #[error("a stored value cannot be read: {0}")]
    Corrupt(String),
    /// The database was written by a newer version of this program.
    #[error(
        "the database is of a newer version (it has the change {0:?}); start the program that wrote it"
    )]
    Newer(String),
    /// The URL is of no database that this program knows.
    #[error("unknown database URL: it must begin with sqlite: or postgres:")]
    Url,
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::Taken,
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => Self::NotFound,
            Some(_) | None => Self::Failed(error.to_string()),
        }
    }
}
