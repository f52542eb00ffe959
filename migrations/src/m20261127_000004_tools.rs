//! Tool providers and bindings of a workspace; runs know the run that uses their workflow as a tool.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The bindings of the whole workspace have the nil UUID for a workflow: a key has no null.
const UP: &[&str] = &[
    "CREATE TABLE tool_providers (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL REFERENCES workspaces (id), name text NOT NULL, description text NOT NULL, source text NOT NULL,
       auth text NOT NULL, revision bigint NOT NULL, created_at bigint NOT NULL, updated_at bigint NOT NULL)",
    "CREATE UNIQUE INDEX tool_providers_by_name ON tool_providers (workspace_id, name)",
    "CREATE TABLE tool_bindings (workspace_id {id} NOT NULL REFERENCES workspaces (id), workflow_id {id} NOT NULL, bindings text NOT NULL, revision bigint NOT NULL, updated_at bigint NOT NULL,
       PRIMARY KEY (workspace_id, workflow_id))",
    "ALTER TABLE runs ADD COLUMN parent_run_id {id}",
    "CREATE INDEX runs_of_parent ON runs (parent_run_id) WHERE parent_run_id IS NOT NULL",
];

const DOWN: &[&str] = &[
    "DROP INDEX runs_of_parent",
    "ALTER TABLE runs DROP COLUMN parent_run_id",
    "DROP TABLE tool_bindings",
    "DROP TABLE tool_providers",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whoever dies half-way leaves nothing.
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
