//! Everything that is sealed with a workspace's data key, found by the key that sealed it and replaced value by value.
//!
//! Whoever adds a column of sealed values adds it here: a test compares this list with the schema.

use latchkey_domain::id::{CredentialId, NodeId, RunId, WorkflowId, WorkspaceId};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value as SqlValue};
use uuid::Uuid;

use crate::error::StoreError;
use crate::open::Store;

/// A column of sealed values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SealedTable {
    /// Credentials of providers.
    ProviderCredentials,
    /// Credentials of models.
    ModelCredentials,
    /// Versions of credentials that are still usable.
    CredentialVersions,
    /// Secret variables of drafts.
    Drafts,
    /// Secret variables of published versions.
    Versions,
    /// Secret variables of the drafts that runs were started from.
    RunDocuments,
    /// Addresses of webhooks.
    Webhooks,
    /// Keys of runs that state values of their own.
    RunKeys,
    /// What the webhooks about budgets are signed with.
    BudgetWebhooks,
}

/// A sealed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Where it is.
    pub table: SealedTable,
    /// What it is bound to.
    pub place: SealedPlace,
    /// The value.
    pub bytes: Vec<u8>,
    /// Its row: an id, and the number of a version where there is one.
    row: (Uuid, i64),
}

/// What a sealed value is bound to, besides its workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SealedPlace {
    /// The values of a credential.
    Credential(CredentialId),
    /// The secret variables of a workflow.
    Variables(WorkflowId),
    /// The address of a webhook.
    Address(WorkflowId, NodeId),
    /// The key of a run.
    RunKey(RunId),
    /// The secret of a workspace's webhook about budgets.
    BudgetWebhook,
}

/// A sealed value and the same sealed anew.
#[derive(Clone, Debug)]
pub struct Resealed {
    /// As it was read.
    pub old: Sealed,
    /// As it shall be.
    pub new: Vec<u8>,
}

/// How a table is read and written: what its rows are called, and where the parts of a place come from.
struct Sql {
    column: &'static str,
    from: &'static str,
    id: &'static str,
    number: &'static str,
    workspace: &'static str,
    workflow: &'static str,
    node: &'static str,
    update: &'static str,
}

const NULL_ID: &str = "NULL";

impl SealedTable {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::ProviderCredentials,
        Self::ModelCredentials,
        Self::CredentialVersions,
        Self::Drafts,
        Self::Versions,
        Self::RunDocuments,
        Self::Webhooks,
        Self::RunKeys,
        Self::BudgetWebhooks,
    ];

    /// Its table and column in the database.
    #[must_use]
    pub const fn column(self) -> (&'static str, &'static str) {
        match self {
            Self::ProviderCredentials => ("provider_credentials", "sealed"),
            Self::ModelCredentials => ("provider_model_credentials", "sealed"),
            Self::CredentialVersions => ("credential_versions", "sealed"),
            Self::Drafts => ("workflows", "draft_secrets"),
            Self::Versions => ("workflow_versions", "secrets"),
            Self::RunDocuments => ("run_documents", "secrets"),
            Self::Webhooks => ("triggers", "address_sealed"),
            Self::RunKeys => ("run_secrets", "run_key"),
            Self::BudgetWebhooks => ("budget_webhooks", "sealed"),
        }
    }

    const fn sql(self) -> Sql {
        let plain = Sql {
            column: "t.sealed",
            from: "provider_credentials t",
            id: "t.id",
            number: "0",
            workspace: "t.workspace_id",
            workflow: NULL_ID,
            node: "NULL",
            update: "UPDATE provider_credentials SET sealed = $1 WHERE sealed = $2 AND id = $3 AND 0 = $4",
        };
        match self {
            Self::ProviderCredentials => plain,
            Self::ModelCredentials => Sql {
                from: "provider_model_credentials t",
                update: "UPDATE provider_model_credentials SET sealed = $1 WHERE sealed = $2 AND id = $3 AND 0 = $4",
                ..plain
            },
            Self::CredentialVersions => Sql {
                from: "credential_versions t",
                id: "t.credential_id",
                number: "t.version",
                update: "UPDATE credential_versions SET sealed = $1 WHERE sealed = $2 AND credential_id = $3 AND version = $4",
                ..plain
            },
            Self::Drafts => Sql {
                column: "t.draft_secrets",
                from: "workflows t",
                workflow: "t.id",
                update: "UPDATE workflows SET draft_secrets = $1 WHERE draft_secrets = $2 AND id = $3 AND 0 = $4",
                ..plain
            },
            Self::Versions => Sql {
                column: "t.secrets",
                from: "workflow_versions t JOIN workflows w ON w.id = t.workflow_id",
                id: "t.workflow_id",
                number: "t.number",
                workspace: "w.workspace_id",
                workflow: "t.workflow_id",
                update: "UPDATE workflow_versions SET secrets = $1 WHERE secrets = $2 AND workflow_id = $3 AND number = $4",
                ..plain
            },
            Self::RunDocuments => Sql {
                column: "t.secrets",
                from: "run_documents t JOIN runs r ON r.id = t.run_id",
                id: "t.run_id",
                workspace: "r.workspace_id",
                workflow: "r.workflow_id",
                update: "UPDATE run_documents SET secrets = $1 WHERE secrets = $2 AND run_id = $3 AND 0 = $4",
                ..plain
            },
            Self::Webhooks => Sql {
                column: "t.address_sealed",
                from: "triggers t",
                workflow: "t.workflow_id",
                node: "t.node",
                update: "UPDATE triggers SET address_sealed = $1 WHERE address_sealed = $2 AND id = $3 AND 0 = $4",
                ..plain
            },
            Self::RunKeys => Sql {
                column: "t.run_key",
                from: "run_secrets t",
                id: "t.run_id",
                update: "UPDATE run_secrets SET run_key = $1 WHERE run_key = $2 AND run_id = $3 AND 0 = $4",
                ..plain
            },
            Self::BudgetWebhooks => Sql {
                from: "budget_webhooks t",
                id: "t.workspace_id",
                update: "UPDATE budget_webhooks SET sealed = $1 WHERE sealed = $2 AND workspace_id = $3 AND 0 = $4",
                ..plain
            },
        }
    }
}

impl Store {
    /// Values of a workspace in one column that another key than the one of this id has sealed: after a row, so many at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sealed_otherwise(
        &self,
        workspace: WorkspaceId,
        table: SealedTable,
        key: [u8; 8],
        after: Option<&Sealed>,
        limit: u32,
    ) -> Result<Vec<Sealed>, StoreError> {
        let Sql {
            column,
            from,
            id,
            number,
            workspace: of_workspace,
            workflow,
            node,
            ..
        } = table.sql();
        let mut values: Vec<SqlValue> = vec![workspace.uuid().into(), key.to_vec().into()];
        let mut beyond = "";
        let further = format!(" AND ({id} > $3 OR ({id} = $3 AND {number} > $4))");
        if let Some(Sealed { row, .. }) = after {
            values.extend([SqlValue::from(row.0), SqlValue::from(row.1)]);
            beyond = &further;
        }
        // The id of the key are the eight bytes after the first of each value.
        let sql = format!(
            "SELECT {id} AS id, CAST({number} AS bigint) AS number, {workflow} AS workflow, {node} AS node, {column} AS sealed FROM {from} \
             WHERE {of_workspace} = $1 AND {column} IS NOT NULL AND substr({column}, 2, 8) <> $2{beyond} ORDER BY {id}, number LIMIT {limit}"
        );
        let backend = self.read.get_database_backend();
        let ask = Statement::from_sql_and_values(backend, sql, values);
        let rows = self.read.query_all_raw(ask).await?;
        rows.iter().map(|row| sealed_of(table, row)).collect()
    }

    /// Replaces sealed values that are still as they were read; how many were.
    ///
    /// # Errors
    /// When the database fails; then none is replaced.
    pub async fn reseal(&self, values: &[Resealed]) -> Result<u64, StoreError> {
        let transaction = self.write.begin().await?;
        let backend = transaction.get_database_backend();
        let mut done = 0;
        for Resealed { old, new } in values {
            let values: [SqlValue; 4] = [
                new.clone().into(),
                old.bytes.clone().into(),
                old.row.0.into(),
                old.row.1.into(),
            ];
            let update = Statement::from_sql_and_values(backend, old.table.sql().update, values);
            done += transaction.execute_raw(update).await?.rows_affected();
        }
        transaction.commit().await?;
        Ok(done)
    }
}

fn sealed_of(table: SealedTable, row: &QueryResult) -> Result<Sealed, StoreError> {
    let id: Uuid = row.try_get("", "id")?;
    let workflow = || -> Result<WorkflowId, StoreError> {
        let workflow: Uuid = row.try_get("", "workflow")?;
        Ok(WorkflowId::new(workflow))
    };
    let place = match table {
        SealedTable::ProviderCredentials
        | SealedTable::ModelCredentials
        | SealedTable::CredentialVersions => SealedPlace::Credential(CredentialId::new(id)),
        SealedTable::Drafts | SealedTable::Versions | SealedTable::RunDocuments => {
            SealedPlace::Variables(workflow()?)
        }
        SealedTable::Webhooks => {
            let node: String = row.try_get("", "node")?;
            SealedPlace::Address(workflow()?, NodeId::new(&node))
        }
        SealedTable::RunKeys => SealedPlace::RunKey(RunId::new(id)),
        SealedTable::BudgetWebhooks => SealedPlace::BudgetWebhook,
    };
    Ok(Sealed {
        table,
        place,
        bytes: row.try_get("", "sealed")?,
        row: (id, row.try_get("", "number")?),
    })
}
