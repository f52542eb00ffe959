//! Values of credentials that others have replaced. Those that are still usable have their sealed bytes here; of the others
//! only what reads may show is left.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE credential_versions (credential_id {id} NOT NULL, version bigint NOT NULL, workspace_id {id} NOT NULL, mark_id {id} NOT NULL, hosts text NOT NULL, settings text NOT NULL,
       fingerprints text NOT NULL, sealed {bytes}, expires_at bigint, last_validated_at bigint, replaced_at bigint NOT NULL, overlap text NOT NULL, ended_at bigint, ended text,
       PRIMARY KEY (credential_id, version))",
    "CREATE INDEX credential_versions_usable ON credential_versions (credential_id) WHERE ended_at IS NULL",
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
        database
            .execute_unprepared("DROP TABLE credential_versions")
            .await?;
        Ok(())
    }
}
