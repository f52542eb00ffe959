//! Triggers of published versions, and at which node a run begins.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// `{id}`, `{bytes}` and `{int}` stand for the database's own types. A trigger that a newer version does not have any more is only
/// marked: its address comes back with it. The address stands there as a keyed hash and sealed, never as itself.
const UP: &[&str] = &[
    "CREATE TABLE triggers (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL REFERENCES workspaces (id), workflow_id {id} NOT NULL REFERENCES workflows (id),
       node text NOT NULL, title text NOT NULL, rule text NOT NULL, version {int} NOT NULL, author text NOT NULL, environment text NOT NULL, enabled {int} NOT NULL,
       address_hash text UNIQUE, address_sealed {bytes}, next_at {int}, fired_at {int}, missed {int} NOT NULL, last_error text, created_at {int} NOT NULL, removed_at {int})",
    "CREATE UNIQUE INDEX triggers_of_workflow ON triggers (workflow_id, node)",
    "CREATE INDEX triggers_due ON triggers (next_at) WHERE next_at IS NOT NULL",
    "ALTER TABLE runs ADD COLUMN trigger_node text",
    "CREATE INDEX runs_of_trigger ON runs (workflow_id, trigger_node, id) WHERE trigger_node IS NOT NULL",
];

const DOWN: &[&str] = &[
    "DROP INDEX runs_of_trigger",
    "ALTER TABLE runs DROP COLUMN trigger_node",
    "DROP TABLE triggers",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whoever dies half-way leaves nothing: SQLite would otherwise keep half a schema.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let [id, bytes] = match manager.get_database_backend() {
            DbBackend::Postgres => ["uuid", "bytea"],
            DbBackend::Sqlite | DbBackend::MySql | _ => ["blob", "blob"],
        };
        for statement in UP {
            let statement = statement
                .replace("{id}", id)
                .replace("{bytes}", bytes)
                .replace("{int}", "bigint");
            let database = manager.get_connection();
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
