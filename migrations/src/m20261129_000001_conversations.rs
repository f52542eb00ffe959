//! What apps are and who uses them: switches of an app, end users, conversations with their messages, variables, files and feedback.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE app_settings (workflow_id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL, settings text NOT NULL, revision bigint NOT NULL, updated_at bigint NOT NULL)",
    "CREATE TABLE end_users (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL, workflow_id {id} NOT NULL, session text NOT NULL, is_anonymous bigint NOT NULL, created_at bigint NOT NULL)",
    "CREATE UNIQUE INDEX end_users_by_session ON end_users (workflow_id, session)",
    "CREATE TABLE conversations (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL, workflow_id {id} NOT NULL, end_user_id {id} NOT NULL, source text NOT NULL,
       name text NOT NULL, inputs text NOT NULL, introduction text, created_at bigint NOT NULL, updated_at bigint NOT NULL)",
    "CREATE INDEX conversations_of_user ON conversations (workflow_id, end_user_id, updated_at)",
    "CREATE TABLE messages (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL, workflow_id {id} NOT NULL, conversation_id {id} NOT NULL, parent_id {id}, end_user_id {id} NOT NULL,
       run_id {id}, query text NOT NULL, inputs text NOT NULL, said text, created_at bigint NOT NULL)",
    "CREATE UNIQUE INDEX messages_of_run ON messages (run_id)",
    "CREATE INDEX messages_of_conversation ON messages (conversation_id, id)",
    "CREATE TABLE message_files (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL, workflow_id {id} NOT NULL, message_id {id} NOT NULL, file_id {id}, file text NOT NULL)",
    "CREATE INDEX message_files_of_message ON message_files (message_id)",
    "CREATE INDEX message_files_of_file ON message_files (file_id)",
    "CREATE TABLE message_feedbacks (message_id {id} NOT NULL PRIMARY KEY, id {id} NOT NULL, workspace_id {id} NOT NULL, workflow_id {id} NOT NULL, conversation_id {id} NOT NULL, end_user_id {id} NOT NULL,
       rating text NOT NULL, content text, created_at bigint NOT NULL, updated_at bigint NOT NULL)",
    "CREATE INDEX message_feedbacks_of_workflow ON message_feedbacks (workflow_id, created_at)",
    "CREATE TABLE conversation_variables (conversation_id {id} NOT NULL, variable text NOT NULL, workspace_id {id} NOT NULL, name text NOT NULL, value_type text NOT NULL, description text NOT NULL,
       value text NOT NULL, created_at bigint NOT NULL, updated_at bigint NOT NULL, PRIMARY KEY (conversation_id, variable))",
    "ALTER TABLE files ADD COLUMN end_user text",
];

const TABLES: [&str; 7] = [
    "app_settings",
    "end_users",
    "conversations",
    "messages",
    "message_files",
    "message_feedbacks",
    "conversation_variables",
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
        database
            .execute_unprepared("ALTER TABLE files DROP COLUMN end_user")
            .await?;
        for table in TABLES {
            database
                .execute_unprepared(&format!("DROP TABLE {table}"))
                .await?;
        }
        Ok(())
    }
}
