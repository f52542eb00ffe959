//! The connection that writes. Every write and every commit of the store goes through [`durable`], which numbers them for tests that
//! kill the process at each; nothing else may commit.

use std::future::Future;
use std::ops::Deref;
use std::panic::Location;

use latchkey_domain::points::{Kind, Side, pass};
use sea_orm::entity::prelude::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, Statement, TransactionTrait as _,
};

/// Does something that outlives the process.
async fn durable<T>(
    name: impl Fn() -> String,
    write: impl Future<Output = Result<T, DbErr>>,
) -> Result<T, DbErr> {
    pass(Kind::Durable, Side::Before, &name);
    let done = write.await;
    pass(Kind::Durable, Side::After, &name);
    done
}

/// The connection that writes.
#[derive(Clone, Debug)]
pub(crate) struct Durable(DatabaseConnection);

/// A transaction of it.
pub(crate) struct Transaction {
    inner: DatabaseTransaction,
    place: &'static Location<'static>,
}

impl Durable {
    pub(crate) const fn new(connection: DatabaseConnection) -> Self {
        Self(connection)
    }

    /// Begins a transaction, named after the place that asks for it.
    #[track_caller]
    pub(crate) fn begin(&self) -> impl Future<Output = Result<Transaction, DbErr>> + Send + '_ {
        let place = Location::caller();
        async move {
            Ok(Transaction {
                inner: self.0.begin().await?,
                place,
            })
        }
    }

    pub(crate) async fn close_by_ref(&self) -> Result<(), DbErr> {
        self.0.close_by_ref().await
    }
}

/// A transaction that only reads: it sees one state of everything, and is rolled back.
pub(crate) async fn look(connection: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    connection.begin().await
}

impl Transaction {
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        let place = self.place;
        let name = || {
            let file = place.file().rsplit('/').next().unwrap_or_default();
            format!("{file}:{}", place.line())
        };
        durable(name, self.inner.commit()).await
    }

    /// The same under another name.
    pub(crate) async fn commit_as(self, name: impl Fn() -> String) -> Result<(), DbErr> {
        durable(name, self.inner.commit()).await
    }
}

impl Deref for Transaction {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.inner
    }
}

/// What a statement does, in three words; without its values.
fn said(statement: &str) -> String {
    let words: Vec<&str> = statement.split_whitespace().take(3).collect();
    words.join(" ").replace('"', "")
}

#[async_trait::async_trait]
impl ConnectionTrait for Durable {
    fn get_database_backend(&self) -> DbBackend {
        self.0.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let sql = statement.sql.clone();
        durable(|| said(&sql), self.0.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        durable(|| said(sql), self.0.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let sql = statement.sql.clone();
        durable(|| said(&sql), self.0.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let sql = statement.sql.clone();
        durable(|| said(&sql), self.0.query_all_raw(statement)).await
    }

    fn support_returning(&self) -> bool {
        self.0.support_returning()
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.inner.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.inner.query_all_raw(statement).await
    }

    fn support_returning(&self) -> bool {
        self.inner.support_returning()
    }
}

#[cfg(test)]
mod tests {
    use std::fs::read_to_string;
    use std::path::PathBuf;

    /// The sources of this crate beside this file, without white space.
    fn sources(folder: PathBuf, found: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(path, found);
            } else if !path.ends_with("durable.rs") {
                let text = read_to_string(&path).unwrap();
                found.push((path, text.split_whitespace().collect()));
            }
        }
    }

    #[test]
    fn nothing_is_written_past_it() {
        let mut all = Vec::new();
        sources(
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut all,
        );
        assert!(all.len() > 20, "the sources are found");
        for (path, text) in all {
            let past = [
                // The pool that reads never writes, and a transaction begins at the connection that writes.
                ".exec(&self.read)",
                ".insert(&self.read)",
                "self.read.begin",
                "self.read.execute",
                // Transactions are begun and committed by the types of this file.
                "TransactionTrait",
            ];
            for word in past {
                assert!(!text.contains(word), "{}: {word}", path.display());
            }
        }
    }
}
