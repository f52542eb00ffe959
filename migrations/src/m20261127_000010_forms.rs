//! Forms that runs ask. Their deadlines are rows of `timers`, of the kind `form:<id>`.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE forms (id {id} NOT NULL PRIMARY KEY, run_id {id} NOT NULL, workspace_id {id} NOT NULL, request text NOT NULL, answer text, created_at bigint NOT NULL,
       answered_at bigint, recorded_at bigint)",
    "CREATE INDEX forms_of_run ON forms (run_id, id)",
    "CREATE INDEX forms_unrecorded ON forms (answered_at) WHERE answered_at IS NOT NULL AND recorded_at IS NULL",
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
        let database = manager.get_connection();
        database.execute_unprepared("DROP TABLE forms").await?;
        Ok(())
    }
}
