//! People who log in: addresses and passwords of members, their sessions, invitations, and whose an API key is.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &[&str] = &[
    "ALTER TABLE members ADD COLUMN email text",
    "ALTER TABLE members ADD COLUMN password text",
    "ALTER TABLE members ADD COLUMN disabled_at bigint",
    "ALTER TABLE members ADD COLUMN removed_at bigint",
    "ALTER TABLE members ADD COLUMN seen_at bigint",
    "CREATE UNIQUE INDEX members_of_email ON members (email)",
    "CREATE INDEX members_of_workspace ON members (workspace_id, id)",
    "ALTER TABLE api_keys ADD COLUMN member_id {id}",
    "CREATE INDEX api_keys_of_member ON api_keys (member_id)",
    "CREATE TABLE sessions (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL REFERENCES workspaces (id), member_id {id} NOT NULL REFERENCES members (id), hash text NOT NULL,
       created_at bigint NOT NULL, used_at bigint NOT NULL, expires_at bigint NOT NULL)",
    "CREATE UNIQUE INDEX sessions_of_hash ON sessions (hash)",
    "CREATE INDEX sessions_of_member ON sessions (member_id)",
    "CREATE INDEX sessions_by_end ON sessions (expires_at)",
    "CREATE TABLE invitations (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL REFERENCES workspaces (id), email text NOT NULL, role text NOT NULL, hash text NOT NULL,
       invited_by text NOT NULL, created_at bigint NOT NULL, expires_at bigint NOT NULL)",
    "CREATE UNIQUE INDEX invitations_of_hash ON invitations (hash)",
    "CREATE UNIQUE INDEX invitations_of_email ON invitations (workspace_id, email)",
    // A key that might do everything may do everything: the first token makes the owner's account.
    r#"UPDATE api_keys SET permissions = '["workflows:read","workflows:write","workflows:publish","runs:read","runs:write","credentials:read","credentials:write","credentials:bind","usage:read","api_keys:write","datasets:read","datasets:write","audit:read","members:read","members:write","workspace:write"]'
       WHERE permissions = '["workflows:read","workflows:write","workflows:publish","runs:read","runs:write","credentials:read","credentials:write","credentials:bind","usage:read","api_keys:write","datasets:read","datasets:write","audit:read"]'"#,
];

const DOWN: &[&str] = &[
    "DROP TABLE invitations",
    "DROP TABLE sessions",
    "DROP INDEX api_keys_of_member",
    "ALTER TABLE api_keys DROP COLUMN member_id",
    "DROP INDEX members_of_workspace",
    "DROP INDEX members_of_email",
    "ALTER TABLE members DROP COLUMN seen_at",
    "ALTER TABLE members DROP COLUMN removed_at",
    "ALTER TABLE members DROP COLUMN disabled_at",
    "ALTER TABLE members DROP COLUMN password",
    "ALTER TABLE members DROP COLUMN email",
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
        for statement in DOWN {
            database.execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
