//! Limits and budgets of workflows and of their end users: effective at the next call.

use latchkey_domain::credential::WorkflowRules;
use latchkey_domain::id::{WorkflowId, WorkspaceId};
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};

use crate::codec::{self, text, value};
use crate::entities::{spending, workflow_rules};
use crate::error::StoreError;
use crate::key::row_of_key;
use crate::open::Store;

impl Store {
    /// The rules of a workflow and their revision; those of one that has none are empty, at revision 0.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn workflow_rules(
        &self,
        workspace: WorkspaceId,
        workflow: WorkflowId,
    ) -> Result<(WorkflowRules, u32), StoreError> {
        let find = workflow_rules::Entity::find_by_id(workflow.uuid())
            .filter(workflow_rules::Column::WorkspaceId.eq(workspace.uuid()));
        match row_of_key(find, &self.read).await? {
            Some(row) => Ok((value(&row.rules)?, codec::count(row.revision))),
            None => Ok((WorkflowRules::default(), 0)),
        }
    }

    /// Replaces the rules of a workflow if they are still at the expected revision (any, when none is expected); their new one.
    /// What was used of budgets is counted anew from the ledger when they have changed.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when they are at another revision, or the database's.
    pub async fn replace_workflow_rules(
        &self,
        workspace: WorkspaceId,
        workflow: WorkflowId,
        expected: Option<u32>,
        rules: &WorkflowRules,
        at: Timestamp,
    ) -> Result<u32, StoreError> {
        let transaction = self.write.begin().await?;
        if self.is_postgres() {
            // Calls that are being opened by the rules before are waited for: what is counted anew then has them.
            let lock = "LOCK TABLE workflow_rules IN ACCESS EXCLUSIVE MODE";
            transaction.execute_unprepared(lock).await?;
        }
        let find = workflow_rules::Entity::find_by_id(workflow.uuid());
        let known = row_of_key(find, &transaction).await?;
        let revision = known.as_ref().map_or(0, |row| row.revision);
        if expected.is_some_and(|expected| i64::from(expected) != revision) {
            return Err(StoreError::Changed);
        }
        let before: Option<WorkflowRules> = codec::optional(known.as_ref().map(|row| &row.rules))?;
        let before = before.unwrap_or_default();
        workflow_rules::Entity::delete_by_id(workflow.uuid())
            .exec(&transaction)
            .await?;
        let row = workflow_rules::Model {
            workflow_id: workflow.uuid(),
            workspace_id: workspace.uuid(),
            rules: text(rules)?,
            revision: revision + 1,
            updated_at: at.millis(),
        };
        workflow_rules::Entity::insert(row.into_active_model())
            .exec_without_returning(&transaction)
            .await?;
        let holder = Expr::col(spending::Column::Holder);
        if before.workflow.budgets != rules.workflow.budgets {
            spending::Entity::delete_many()
                .filter(holder.clone().eq(format!("workflow:{workflow}")))
                .exec(&transaction)
                .await?;
        }
        if before.end_user.budgets != rules.end_user.budgets {
            // An id has no character that a pattern knows.
            spending::Entity::delete_many()
                .filter(holder.like(format!("end_user:{workflow}:%")))
                .exec(&transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(codec::count(revision + 1))
    }
}
