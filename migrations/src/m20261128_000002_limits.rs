//! Limits, budgets and health: rules beside credentials and workflows, what is used of them, and what the ledger keeps of
//! what was set aside for a call.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Sums of money are texts of exact decimals.
const UP: &[&str] = &[
    "ALTER TABLE provider_credentials ADD COLUMN rules text",
    "ALTER TABLE provider_model_credentials ADD COLUMN rules text",
    "ALTER TABLE model_calls ADD COLUMN inline text",
    "ALTER TABLE model_calls ADD COLUMN reserved_input bigint NOT NULL DEFAULT 0",
    "ALTER TABLE model_calls ADD COLUMN reserved_output bigint NOT NULL DEFAULT 0",
    "ALTER TABLE model_calls ADD COLUMN governed bigint NOT NULL DEFAULT 0",
    "ALTER TABLE model_calls ADD COLUMN watched bigint NOT NULL DEFAULT 0",
    "CREATE INDEX model_calls_under_way ON model_calls (credential_id, workflow_id) WHERE closed_at IS NULL",
    "CREATE INDEX model_calls_of_end_user ON model_calls (workflow_id, end_user) WHERE end_user IS NOT NULL",
    "CREATE TABLE credential_health (id {id} NOT NULL, version bigint NOT NULL, workspace_id {id} NOT NULL, cooling_until bigint, cooling_code text, exhausted_at bigint, probe_at bigint,
       failures bigint NOT NULL, last_success_at bigint, last_failure_at bigint, PRIMARY KEY (id, version))",
    "CREATE INDEX credential_health_of_workspace ON credential_health (workspace_id)",
    "CREATE TABLE workflow_rules (workflow_id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL, rules text NOT NULL, revision bigint NOT NULL, updated_at bigint NOT NULL)",
    "CREATE TABLE call_guards (holder text NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL, requests_at bigint NOT NULL, tokens_at bigint NOT NULL, tokens_per_minute bigint NOT NULL)",
    "CREATE TABLE spending (holder text NOT NULL, period text NOT NULL, start_at bigint NOT NULL, unit text NOT NULL, workspace_id {id} NOT NULL, used text NOT NULL, reserved text NOT NULL,
       allowance text NOT NULL, warns_at text, warned_at bigint, exceeded_at bigint, PRIMARY KEY (holder, period, start_at, unit))",
    "CREATE TABLE budget_events (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL, at bigint NOT NULL, kind text NOT NULL, body text NOT NULL, deliver_at bigint, attempts bigint NOT NULL,
       delivered_at bigint, last_error text)",
    "CREATE INDEX budget_events_of_workspace ON budget_events (workspace_id, id)",
    "CREATE INDEX budget_events_due ON budget_events (deliver_at) WHERE deliver_at IS NOT NULL",
    "CREATE TABLE budget_webhooks (workspace_id {id} NOT NULL PRIMARY KEY, url text NOT NULL, sealed {bytes} NOT NULL, updated_at bigint NOT NULL)",
];

const DOWN: &[&str] = &[
    "DROP TABLE budget_webhooks",
    "DROP TABLE budget_events",
    "DROP TABLE spending",
    "DROP TABLE call_guards",
    "DROP TABLE workflow_rules",
    "DROP TABLE credential_health",
    "DROP INDEX model_calls_of_end_user",
    "DROP INDEX model_calls_under_way",
    "ALTER TABLE model_calls DROP COLUMN watched",
    "ALTER TABLE model_calls DROP COLUMN governed",
    "ALTER TABLE model_calls DROP COLUMN reserved_output",
    "ALTER TABLE model_calls DROP COLUMN reserved_input",
    "ALTER TABLE model_calls DROP COLUMN inline",
    "ALTER TABLE provider_model_credentials DROP COLUMN rules",
    "ALTER TABLE provider_credentials DROP COLUMN rules",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whoever dies half-way leaves nothing.
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
        for statement in DOWN {
            let database = manager.get_connection();
            database.execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
