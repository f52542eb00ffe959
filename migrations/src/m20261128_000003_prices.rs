//! What workspaces state about prices, and the way to what happened to one thing.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE prices (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL, provider text NOT NULL, model text NOT NULL, model_type text NOT NULL, effective_from bigint NOT NULL,
       price text NOT NULL, updated_at bigint NOT NULL)",
    "CREATE UNIQUE INDEX prices_of_model ON prices (workspace_id, provider, model, model_type, effective_from)",
    "CREATE INDEX audit_of_subject ON audit (workspace_id, subject, id)",
];

const DOWN: &[&str] = &["DROP INDEX audit_of_subject", "DROP TABLE prices"];

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
        let database = manager.get_connection();
        for statement in DOWN {
            database.execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
