//! Data keys of workspaces that newer ones have replaced, as long as something is still sealed with them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE data_keys (workspace_id {id} NOT NULL, key_id text NOT NULL, wrapped {bytes} NOT NULL, replaced_at bigint NOT NULL, PRIMARY KEY (workspace_id, key_id))",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whoever dies half-way leaves nothing: SQLite would otherwise keep half a schema.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let database = manager.get_connection();
        let [id, bytes] = match manager.get_database_backend() {
            DbBackend::Postgres => ["uuid", "bytea"],
            DbBackend::Sqlite | DbBackend::MySql | _ => ["blob", "blob"],
        };
        for statement in UP {
            let statement = statement.replace("{id}", id).replace("{bytes}", bytes);
            database.execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let database = manager.get_connection();
        database.execute_unprepared("DROP TABLE data_keys").await?;
        Ok(())
    }
}
