//! Who executes a run: the processes that do, and what a run knows of its own.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// `worker_id`: who executes the run; none while it waits. `claims`: how often it was taken up since its last record. `queued_at`:
/// since when it waits to be taken up. `called_by`: the node execution and attempt that use its workflow as a tool.
const UP: &[&str] = &[
    "CREATE TABLE workers (id {id} NOT NULL PRIMARY KEY, name text NOT NULL, started_at bigint NOT NULL, beat_at bigint NOT NULL)",
    "ALTER TABLE runs ADD COLUMN worker_id {id}",
    "ALTER TABLE runs ADD COLUMN claims bigint NOT NULL DEFAULT 0",
    "ALTER TABLE runs ADD COLUMN queued_at bigint",
    "ALTER TABLE runs ADD COLUMN called_by text",
    "CREATE INDEX runs_queued ON runs (workspace_id, queued_at) WHERE status = 'queued'",
];

const DOWN: &[&str] = &[
    "DROP INDEX runs_queued",
    "ALTER TABLE runs DROP COLUMN called_by",
    "ALTER TABLE runs DROP COLUMN queued_at",
    "ALTER TABLE runs DROP COLUMN claims",
    "ALTER TABLE runs DROP COLUMN worker_id",
    "DROP TABLE workers",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whoever dies half-way leaves nothing: SQLite would otherwise keep half a schema.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let database = manager.get_connection();
        let id = match manager.get_database_backend() {
            DbBackend::Postgres => "uuid",
            DbBackend::Sqlite | DbBackend::MySql | _ => "blob",
        };
        for statement in UP {
            let statement = statement.replace("{id}", id);
            database.execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in DOWN {
            let database = manager.get_connection();
            database.execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
