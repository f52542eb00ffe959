//! The first schema: workspaces, workflows, credentials, runs, the journal and the ledger.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// `{id}`, `{bytes}` and `{int}` stand for the database's own types. Times are milliseconds since 1970, lists and objects are
/// JSON texts, money is a decimal text. A deleted workflow is only marked, since runs name its versions. The ledger refers to nothing: its rows outlive what they are about.
const TABLES: &[&str] = &[
    "CREATE TABLE facts (name text NOT NULL PRIMARY KEY, value {bytes} NOT NULL)",
    "CREATE TABLE workspaces (id {id} NOT NULL PRIMARY KEY, name text NOT NULL, environments text NOT NULL, data_key {bytes} NOT NULL, created_at {int} NOT NULL)",
    "CREATE TABLE members (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL REFERENCES workspaces (id), name text NOT NULL, role text NOT NULL, created_at {int} NOT NULL)",
    "CREATE TABLE api_keys (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL REFERENCES workspaces (id), name text NOT NULL, kind text NOT NULL, workflow_id {id}, permissions text NOT NULL,
       environments text NOT NULL, prefix text NOT NULL, hash text NOT NULL UNIQUE, expires_at {int}, created_at {int} NOT NULL, last_used_at {int})",
    "CREATE INDEX api_keys_of_workspace ON api_keys (workspace_id, id)",
    "CREATE TABLE workflows (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL REFERENCES workspaces (id), name text NOT NULL, mode text NOT NULL, description text NOT NULL, draft text NOT NULL,
       draft_secrets {bytes}, draft_revision {int} NOT NULL, published_version {int}, settings text NOT NULL, settings_revision {int} NOT NULL, created_at {int} NOT NULL, updated_at {int} NOT NULL, deleted_at {int})",
    "CREATE INDEX workflows_of_workspace ON workflows (workspace_id, id)",
    "CREATE TABLE workflow_versions (workflow_id {id} NOT NULL REFERENCES workflows (id), number {int} NOT NULL, document text NOT NULL, secrets {bytes}, note text NOT NULL,
       author text NOT NULL, published_at {int} NOT NULL, PRIMARY KEY (workflow_id, number))",
    "CREATE TABLE credential_names (workspace_id {id} NOT NULL, provider text NOT NULL, name text NOT NULL, credential_id {id} NOT NULL, PRIMARY KEY (workspace_id, provider, name))",
    "CREATE TABLE provider_credentials (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL REFERENCES workspaces (id), provider text NOT NULL, name text NOT NULL, hosts text NOT NULL,
       settings text NOT NULL, fingerprints text NOT NULL, sealed {bytes} NOT NULL, scope text NOT NULL, state text NOT NULL, expires_at {int}, version {int} NOT NULL, revision {int} NOT NULL,
       created_at {int} NOT NULL, updated_at {int} NOT NULL, last_used_at {int}, last_validated_at {int})",
    "CREATE INDEX provider_credentials_of_workspace ON provider_credentials (workspace_id)",
    "CREATE TABLE provider_model_credentials (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL REFERENCES workspaces (id), provider text NOT NULL, name text NOT NULL, model text NOT NULL,
       model_type text NOT NULL, hosts text NOT NULL, settings text NOT NULL, fingerprints text NOT NULL, sealed {bytes} NOT NULL, scope text NOT NULL, state text NOT NULL, expires_at {int},
       version {int} NOT NULL, revision {int} NOT NULL, created_at {int} NOT NULL, updated_at {int} NOT NULL, last_used_at {int}, last_validated_at {int})",
    "CREATE INDEX provider_model_credentials_of_workspace ON provider_model_credentials (workspace_id)",
    "CREATE TABLE credential_defaults (workspace_id {id} NOT NULL, provider text NOT NULL, model text NOT NULL, model_type text NOT NULL, credential_id {id} NOT NULL,
       PRIMARY KEY (workspace_id, provider, model, model_type))",
    "CREATE TABLE runs (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL REFERENCES workspaces (id), workflow_id {id} NOT NULL, draft_revision {int}, version {int}, author text NOT NULL,
       caller text NOT NULL, end_user text, environment text NOT NULL, overrides text NOT NULL, status text NOT NULL, epoch {int} NOT NULL, inputs text NOT NULL, outputs text, error text,
       retried_from {id}, usage text NOT NULL, steps {int} NOT NULL, exceptions {int} NOT NULL, created_at {int} NOT NULL, started_at {int}, finished_at {int})",
    "CREATE INDEX runs_of_workspace ON runs (workspace_id, id)",
    "CREATE INDEX runs_of_workflow ON runs (workflow_id, id)",
    "CREATE INDEX runs_in_status ON runs (workspace_id, status, id)",
    "CREATE INDEX runs_unfinished ON runs (status) WHERE finished_at IS NULL",
    "CREATE TABLE run_documents (run_id {id} NOT NULL PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE, document text NOT NULL, secrets {bytes})",
    "CREATE TABLE idempotency_keys (workspace_id {id} NOT NULL, caller text NOT NULL, workflow_id {id} NOT NULL, name text NOT NULL, body_hash text NOT NULL, run_id {id} NOT NULL, created_at {int} NOT NULL,
       PRIMARY KEY (workspace_id, caller, workflow_id, name))",
    "CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)",
    "CREATE TABLE journal (run_id {id} NOT NULL, seq {int} NOT NULL, epoch {int} NOT NULL, record text NOT NULL, PRIMARY KEY (run_id, seq))",
    "CREATE TABLE node_executions (id {id} NOT NULL PRIMARY KEY, run_id {id} NOT NULL, workspace_id {id} NOT NULL, node_id text NOT NULL, position {int} NOT NULL, status text NOT NULL,
       credential_id {id}, body text NOT NULL)",
    "CREATE INDEX node_executions_of_run ON node_executions (run_id, position)",
    "CREATE INDEX node_executions_of_credential ON node_executions (workspace_id, credential_id, run_id) WHERE credential_id IS NOT NULL",
    "CREATE TABLE model_calls (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL, workflow_id {id}, workflow_name text, version {int}, run_id {id}, epoch {int} NOT NULL, node_id text,
       node_execution_id {id}, iteration_path text NOT NULL, attempt {int} NOT NULL, environment text NOT NULL, end_user text, caller text NOT NULL, api_key_id {id}, credential_id {id},
       credential_name text, credential_version {int}, credential_revision {int}, level text, provider text NOT NULL, model text NOT NULL, model_type text NOT NULL, price text, opened_at {int} NOT NULL,
       outcome text, error_code text, http_status {int}, input_tokens {int} NOT NULL, cache_read_tokens {int} NOT NULL, cache_write_tokens {int} NOT NULL, output_tokens {int} NOT NULL,
       reasoning_tokens {int} NOT NULL, usage_source text, raw_usage text, provider_request_id text, latency_ms {int}, first_token_ms {int}, closed_at {int}, currency text, amount text)",
    "CREATE INDEX model_calls_of_workspace ON model_calls (workspace_id, id)",
    "CREATE INDEX model_calls_by_time ON model_calls (workspace_id, opened_at)",
    "CREATE INDEX model_calls_of_workflow ON model_calls (workflow_id, id)",
    "CREATE INDEX model_calls_of_run ON model_calls (run_id, id)",
    "CREATE INDEX model_calls_of_credential ON model_calls (credential_id, id)",
    "CREATE INDEX model_calls_open ON model_calls (run_id) WHERE closed_at IS NULL",
    "CREATE TABLE timers (run_id {id} NOT NULL, kind text NOT NULL, due_at {int} NOT NULL, PRIMARY KEY (run_id, kind))",
    "CREATE INDEX timers_due ON timers (due_at)",
    "CREATE TABLE audit (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL, at {int} NOT NULL, actor text NOT NULL, action text NOT NULL, subject text NOT NULL, detail text NOT NULL)",
    "CREATE INDEX audit_of_workspace ON audit (workspace_id, id)",
];

/// In the order in which they may go.
const NAMES: &[&str] = &[
    "audit",
    "timers",
    "model_calls",
    "node_executions",
    "journal",
    "idempotency_keys",
    "run_documents",
    "runs",
    "credential_defaults",
    "provider_model_credentials",
    "provider_credentials",
    "credential_names",
    "workflow_versions",
    "workflows",
    "api_keys",
    "members",
    "workspaces",
    "facts",
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
        for table in TABLES {
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
        Ok(())
    }
}
