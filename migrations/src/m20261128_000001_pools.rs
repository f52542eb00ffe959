//! Pools of credentials, and the values that runs state themselves, each sealed under a key of its run.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// A pool's name is a row of `credential_names` too, so that it is unique over credentials and pools together.
const UP: &[&str] = &[
    "CREATE TABLE credential_pools (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL REFERENCES workspaces (id), provider text NOT NULL, name text NOT NULL, strategy text NOT NULL,
       revision bigint NOT NULL, created_at bigint NOT NULL, updated_at bigint NOT NULL)",
    "CREATE INDEX credential_pools_of_workspace ON credential_pools (workspace_id)",
    "CREATE TABLE credential_pool_members (pool_id {id} NOT NULL REFERENCES credential_pools (id) ON DELETE CASCADE, credential_id {id} NOT NULL, workspace_id {id} NOT NULL, place bigint NOT NULL,
       weight bigint NOT NULL, PRIMARY KEY (pool_id, credential_id))",
    "CREATE INDEX credential_pool_members_of_credential ON credential_pool_members (credential_id)",
    "CREATE INDEX credential_pool_members_of_workspace ON credential_pool_members (workspace_id)",
    "CREATE TABLE run_secrets (run_id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL REFERENCES workspaces (id), run_key {bytes} NOT NULL, sealed {bytes} NOT NULL, created_at bigint NOT NULL,
       ends_at bigint NOT NULL)",
    "CREATE INDEX run_secrets_by_end ON run_secrets (ends_at)",
];

const DOWN: &[&str] = &[
    "DROP TABLE run_secrets",
    "DELETE FROM credential_names WHERE credential_id IN (SELECT id FROM credential_pools)",
    "DROP TABLE credential_pool_members",
    "DROP TABLE credential_pools",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whoever dies half-way leaves nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let database = manager.get_connection();
        let (id, bytes) = match manager.get_database_backend() {
            DbBackend::Postgres => ("uuid", "bytea"),
            DbBackend::Sqlite | DbBackend::MySql | _ => ("blob", "blob"),
        };
        for statement in UP {
            let statement = statement.replace("{id}", id).replace("{bytes}", bytes);
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
