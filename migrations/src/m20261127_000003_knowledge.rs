//! Knowledge: datasets, documents, segments, their vectors, and what finds them by their words.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// `{id}`, `{bytes}` and `{int}` as in the first schema. A vector is of length one, its numbers are 32-bit floats, the lowest
/// byte first.
const TABLES: &[&str] = &[
    "CREATE TABLE datasets (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL REFERENCES workspaces (id), name text NOT NULL, description text NOT NULL, source text NOT NULL,
       technique text NOT NULL, embedding text, choice text NOT NULL, retrieval text NOT NULL, chunking text NOT NULL, created_at {int} NOT NULL, updated_at {int} NOT NULL)",
    "CREATE INDEX datasets_of_workspace ON datasets (workspace_id, id)",
    "CREATE UNIQUE INDEX datasets_by_name ON datasets (workspace_id, name)",
    "CREATE TABLE dataset_aliases (workspace_id {id} NOT NULL, alias text NOT NULL, dataset_id {id} NOT NULL REFERENCES datasets (id) ON DELETE CASCADE, PRIMARY KEY (workspace_id, alias))",
    "CREATE INDEX dataset_aliases_of_dataset ON dataset_aliases (dataset_id)",
    "CREATE TABLE dataset_documents (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL, dataset_id {id} NOT NULL REFERENCES datasets (id), name text NOT NULL, metadata text NOT NULL,
       form text NOT NULL, chunking text NOT NULL, status text NOT NULL, error text, segments {int} NOT NULL, characters {int} NOT NULL, created_by text NOT NULL, environment text NOT NULL,
       created_at {int} NOT NULL, updated_at {int} NOT NULL)",
    "CREATE INDEX dataset_documents_of_dataset ON dataset_documents (dataset_id, id)",
    "CREATE INDEX dataset_documents_unfinished ON dataset_documents (id) WHERE status IN ('waiting', 'indexing')",
    "CREATE TABLE dataset_texts (document_id {id} NOT NULL PRIMARY KEY REFERENCES dataset_documents (id) ON DELETE CASCADE, body text NOT NULL)",
    "CREATE TABLE dataset_segments (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL, dataset_id {id} NOT NULL, document_id {id} NOT NULL REFERENCES dataset_documents (id) ON DELETE CASCADE,
       position {int} NOT NULL, content text NOT NULL, answer text, hits {int} NOT NULL, created_at {int} NOT NULL)",
    "CREATE UNIQUE INDEX dataset_segments_of_document ON dataset_segments (document_id, position)",
    "CREATE TABLE dataset_vectors (dataset_id {id} NOT NULL, segment_id {id} NOT NULL, workspace_id {id} NOT NULL, document_id {id} NOT NULL REFERENCES dataset_documents (id) ON DELETE CASCADE,
       model text NOT NULL, dimension {int} NOT NULL, vector {bytes} NOT NULL, PRIMARY KEY (dataset_id, segment_id))",
    "CREATE INDEX dataset_vectors_of_document ON dataset_vectors (document_id)",
];

/// The words of segments; they are not kept a second time, only where they are.
const SQLITE: &[&str] = &[
    "CREATE VIRTUAL TABLE segment_terms USING fts5(segment UNINDEXED, terms, content='', contentless_delete=1, contentless_unindexed=1, tokenize='unicode61 remove_diacritics 0')",
];
const POSTGRES: &[&str] = &[
    "CREATE TABLE segment_terms (segment uuid NOT NULL PRIMARY KEY, terms tsvector NOT NULL)",
    "CREATE INDEX segment_terms_by_term ON segment_terms USING gin (terms)",
];

/// Keys that may do everything may do this too: nobody could give it to them otherwise.
const KEYS: &str = r#"UPDATE api_keys SET permissions = replace(permissions, ']', ',"datasets:read","datasets:write"]')
    WHERE permissions LIKE '%"api_keys:write"%' AND permissions LIKE '%"credentials:write"%' AND permissions LIKE '%"workflows:write"%' AND permissions LIKE '%"runs:write"%'
      AND permissions NOT LIKE '%"datasets:read"%'"#;

/// In the order in which they may go.
const NAMES: &[&str] = &[
    "segment_terms",
    "dataset_vectors",
    "dataset_segments",
    "dataset_texts",
    "dataset_documents",
    "dataset_aliases",
    "datasets",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let database = manager.get_connection();
        let (id, bytes, terms) = match manager.get_database_backend() {
            DbBackend::Postgres => ("uuid", "bytea", POSTGRES),
            DbBackend::Sqlite | DbBackend::MySql | _ => ("blob", "blob", SQLITE),
        };
        for table in TABLES.iter().chain(terms).chain([&KEYS]) {
            let statement = table
                .replace("{id}", id)
                .replace("{bytes}", bytes)
                .replace("{int}", "bigint");
            database.execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in NAMES {
            let statement = format!("DROP TABLE {name}");
            manager
                .get_connection()
                .execute_unprepared(&statement)
                .await?;
        }
        // SQLite forgets this part of a full-text table that keeps some columns only (seen with 3.51.3).
        let forgotten = "DROP TABLE IF EXISTS segment_terms_content";
        let database = manager.get_connection();
        database.execute_unprepared(forgotten).await?;
        Ok(())
    }
}
