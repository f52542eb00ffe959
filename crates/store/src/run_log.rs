//! The log of an app: the runs of its published versions that somebody outside has asked for, by page number.

use latchkey_domain::id::{WorkflowId, WorkspaceId};
use latchkey_domain::run::{Run, RunStatus};
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, LikeExpr};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use crate::entities::run;
use crate::error::StoreError;
use crate::open::Store;

/// Which runs of a log are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunLogQuery {
    /// Of this workflow.
    pub workflow: WorkflowId,
    /// With this text in the inputs, the outputs or the end user's name, whatever its case; or with this id.
    pub keyword: Option<String>,
    /// In one status.
    pub status: Option<RunStatus>,
    /// Made at this time or before.
    pub before: Option<Timestamp>,
    /// Made at this time or later.
    pub after: Option<Timestamp>,
    /// For this end user.
    pub end_user: Option<String>,
    /// Rows that are left out.
    pub from: u64,
    /// Rows at most.
    pub limit: u64,
}

impl Store {
    /// A page of a log, the newest first, and how many rows there are in all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_log(
        &self,
        workspace: WorkspaceId,
        query: &RunLogQuery,
    ) -> Result<(Vec<Run>, u64), StoreError> {
        use run::Column;
        let mut find = run::Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.uuid()))
            .filter(Column::WorkflowId.eq(query.workflow.uuid()))
            .filter(Column::Version.is_not_null())
            .filter(Column::ParentRunId.is_null());
        if let Some(status) = query.status {
            find = find.filter(Column::Status.eq(status.as_str()));
        }
        if let Some(before) = query.before {
            find = find.filter(Column::CreatedAt.lte(before.millis()));
        }
        if let Some(after) = query.after {
            find = find.filter(Column::CreatedAt.gte(after.millis()));
        }
        if let Some(end_user) = &query.end_user {
            find = find.filter(Column::EndUser.eq(end_user));
        }
        if let Some(keyword) = &query.keyword {
            find = find.filter(with_keyword(keyword));
        }
        let total = find.clone().count(&self.read).await?;
        let rows = find
            .order_by_desc(Column::Id)
            .offset(query.from)
            .limit(query.limit)
            .all(&self.read)
            .await?;
        Ok((self.whole_runs(rows).await?, total))
    }
}

fn with_keyword(keyword: &str) -> Condition {
    // In columns of JSON a text stands as JSON writes it.
    let written = serde_json::Value::from(keyword).to_string();
    let written = &written[1..written.len() - 1];
    let has = |column: run::Column, text: &str| {
        let mut pattern = String::from("%");
        for letter in text.to_lowercase().chars() {
            if matches!(letter, '%' | '_' | '!') {
                pattern.push('!');
            }
            pattern.push(letter);
        }
        pattern.push('%');
        Expr::expr(Func::lower(Expr::col(column))).like(LikeExpr::new(pattern).escape('!'))
    };
    let any = Condition::any()
        .add(has(run::Column::Inputs, written))
        .add(has(run::Column::Outputs, written))
        .add(has(run::Column::EndUser, keyword));
    match Uuid::parse_str(keyword) {
        Ok(id) => any.add(run::Column::Id.eq(id)),
        Err(_) => any,
    }
}
