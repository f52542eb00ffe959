//! What can go wrong with what is kept.

use sea_orm::{DbErr, RuntimeErr, SqlErr, SqlxError};

/// Why something could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database did not answer, or cannot write now: the same may succeed later, and may have succeeded unheard.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The database refused.
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
    /// Another server works on this database.
    #[error("another latchkey server is running on {0}")]
    InUse(String),
    /// The URL is of no database that this program knows.
    #[error("unknown database URL: it must begin with sqlite: or postgres:")]
    Url,
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::Taken,
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => Self::NotFound,
            Some(_) | None if is_passing(&error) => Self::Unavailable(error.to_string()),
            Some(_) | None => Self::Failed(error.to_string()),
        }
    }
}

/// Whether the failure may pass by itself: a lost connection, a database that is busy, full, ending or starting.
fn is_passing(error: &DbErr) -> bool {
    let (DbErr::Conn(cause) | DbErr::Exec(cause) | DbErr::Query(cause)) = error else {
        return matches!(error, DbErr::ConnectionAcquire(_));
    };
    let RuntimeErr::SqlxError(cause) = cause else {
        return false;
    };
    if let SqlxError::Database(refusal) = &**cause {
        return refusal.code().is_some_and(|code| is_passing_code(&code));
    }
    matches!(
        **cause,
        SqlxError::Io(_)
            | SqlxError::Tls(_)
            | SqlxError::Protocol(_)
            | SqlxError::PoolTimedOut
            | SqlxError::PoolClosed
            | SqlxError::WorkerCrashed
    )
}

/// PostgreSQL's codes have five characters and a class, SQLite's are numbers whose last byte is the class.
fn is_passing_code(code: &str) -> bool {
    if code.len() == 5 {
        // Connection, transaction rollback, resources, operator intervention, system error.
        return ["08", "40", "53", "57", "58"].contains(&&code[..2]);
    }
    // Busy, locked, input or output failed, full, cannot open.
    code.parse()
        .is_ok_and(|code: u32| [5, 6, 10, 13, 14].contains(&(code & 0xff)))
}

#[cfg(test)]
mod tests {
    use super::is_passing_code;

    #[test]
    fn what_may_pass_is_told_by_its_class() {
        for passing in ["57P01", "08006", "40001", "53300", "5", "261", "13", "778"] {
            assert!(is_passing_code(passing), "{passing}");
        }
        for lasting in ["22021", "23505", "42P01", "1", "19", "2067"] {
            assert!(!is_passing_code(lasting), "{lasting}");
        }
    }
}
