//! Files that were uploaded or made by runs: what is known of them. The contents are in the file store.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// A file outlives the workflow and the run that made it, so it refers to neither.
const STATEMENTS: &[&str] = &[
    "CREATE TABLE files (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL REFERENCES workspaces (id), workflow_id {id}, name text NOT NULL, extension text NOT NULL,
       mime_type text NOT NULL, size bigint NOT NULL, file_type text NOT NULL, created_by text NOT NULL, run_id {id}, created_at bigint NOT NULL, checksum text NOT NULL)",
    "CREATE INDEX files_of_workspace ON files (workspace_id, id)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let database = manager.get_connection();
        let id = match manager.get_database_backend() {
            DbBackend::Postgres => "uuid",
            DbBackend::Sqlite | DbBackend::MySql | _ => "blob",
        };
        for statement in STATEMENTS {
            let statement = statement.replace("{id}", id);
            database.execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let database = manager.get_connection();
        database.execute_unprepared("DROP TABLE files").await?;
        Ok(())
    }
}
