//! What people are told of budgets, and where: events stand in the transaction of the call that caused them, and are told later.

use latchkey_domain::id::WorkspaceId;
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::codec::{self, value};
use crate::entities::{budget_event, budget_webhook};
use crate::error::StoreError;
use crate::key::row_of_key;
use crate::open::Store;
use crate::page::{Page, Paged};

/// A budget has come to its warning or to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetEvent {
    /// Its id.
    pub id: Uuid,
    /// Where.
    pub workspace: WorkspaceId,
    /// When.
    pub at: Timestamp,
    /// `budget.warning` or `budget.exceeded`.
    pub kind: String,
    /// What is told: the holder, the budget, and how it stands.
    pub body: Json,
    /// When it is told next; none when it was told, is given up, or there is nobody to tell.
    pub deliver_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was told.
    pub delivered_at: Option<Timestamp>,
    /// Why it could not be told the last time.
    pub last_error: Option<String>,
}

/// What came of telling somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It was heard.
    Delivered(Timestamp),
    /// Nobody is to be told.
    NotWanted,
    /// It was not heard, and is tried again, or not.
    Failed {
        /// Why.
        error: String,
        /// When it is tried again.
        again_at: Option<Timestamp>,
    },
}

/// Where a workspace is told about its budgets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetWebhook {
    /// The URL.
    pub url: String,
    /// The secret that its requests are signed with, sealed.
    pub sealed: Vec<u8>,
    /// When it was set.
    pub updated_at: Timestamp,
}

impl Store {
    /// The events of a workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn budget_events(
        &self,
        workspace: WorkspaceId,
        page: Page,
    ) -> Result<Paged<BudgetEvent>, StoreError> {
        let mut find = budget_event::Entity::find()
            .filter(budget_event::Column::WorkspaceId.eq(workspace.uuid()));
        if let Some(after) = page.after {
            find = find.filter(budget_event::Column::Id.lt(after));
        }
        let rows = find
            .order_by_desc(budget_event::Column::Id)
            .limit(page.limit + 1)
            .all(&self.read)
            .await?;
        Paged::of(rows, page, |row| row.id).try_map(event_of)
    }

    /// Events that are to be told now, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_budget_events(
        &self,
        now: Timestamp,
        most: u64,
    ) -> Result<Vec<BudgetEvent>, StoreError> {
        let rows = budget_event::Entity::find()
            .filter(budget_event::Column::DeliverAt.lte(now.millis()))
            .order_by_asc(budget_event::Column::DeliverAt)
            .limit(most)
            .all(&self.read)
            .await?;
        rows.into_iter().map(event_of).collect()
    }

    /// Takes an event to tell it: nobody else does before `until`. Whether it was still to be had.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_budget_event(
        &self,
        event: &BudgetEvent,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let attempts = i64::from(event.attempts);
        let done = budget_event::Entity::update_many()
            .col_expr(budget_event::Column::DeliverAt, Expr::value(until.millis()))
            .col_expr(budget_event::Column::Attempts, Expr::value(attempts + 1))
            .filter(budget_event::Column::Id.eq(event.id))
            .filter(budget_event::Column::Attempts.eq(attempts))
            .filter(budget_event::Column::DeliverAt.is_not_null())
            .exec(&self.write)
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// Writes down what came of telling an event.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn budget_event_told(&self, id: Uuid, what: Delivery) -> Result<(), StoreError> {
        let (deliver_at, delivered_at, error) = match what {
            Delivery::Delivered(at) => (None, Some(at.millis()), None),
            Delivery::NotWanted => (None, None, None),
            Delivery::Failed { error, again_at } => {
                (again_at.map(Timestamp::millis), None, Some(error))
            }
        };
        budget_event::Entity::update_many()
            .col_expr(budget_event::Column::DeliverAt, Expr::value(deliver_at))
            .col_expr(budget_event::Column::DeliveredAt, Expr::value(delivered_at))
            .col_expr(budget_event::Column::LastError, Expr::value(error))
            .filter(budget_event::Column::Id.eq(id))
            .exec(&self.write)
            .await?;
        Ok(())
    }

    /// Where a workspace is told about its budgets.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn budget_webhook(
        &self,
        workspace: WorkspaceId,
    ) -> Result<Option<BudgetWebhook>, StoreError> {
        let find = budget_webhook::Entity::find_by_id(workspace.uuid());
        let row = row_of_key(find, &self.read).await?;
        Ok(row.map(|row| BudgetWebhook {
            url: row.url,
            sealed: row.sealed,
            updated_at: codec::time(row.updated_at),
        }))
    }

    /// Sets where a workspace is told about its budgets; none: nowhere.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_budget_webhook(
        &self,
        workspace: WorkspaceId,
        webhook: Option<&BudgetWebhook>,
    ) -> Result<(), StoreError> {
        let Some(webhook) = webhook else {
            budget_webhook::Entity::delete_by_id(workspace.uuid())
                .exec(&self.write)
                .await?;
            return Ok(());
        };
        let row = budget_webhook::Model {
            workspace_id: workspace.uuid(),
            url: webhook.url.clone(),
            sealed: webhook.sealed.clone(),
            updated_at: webhook.updated_at.millis(),
        };
        let replace = OnConflict::column(budget_webhook::Column::WorkspaceId)
            .update_columns([
                budget_webhook::Column::Url,
                budget_webhook::Column::Sealed,
                budget_webhook::Column::UpdatedAt,
            ])
            .to_owned();
        budget_webhook::Entity::insert(row.into_active_model())
            .on_conflict(replace)
            .exec_without_returning(&self.write)
            .await?;
        Ok(())
    }
}

fn event_of(row: budget_event::Model) -> Result<BudgetEvent, StoreError> {
    Ok(BudgetEvent {
        id: row.id,
        workspace: WorkspaceId::new(row.workspace_id),
        at: codec::time(row.at),
        kind: row.kind,
        body: value(&row.body)?,
        deliver_at: row.deliver_at.map(codec::time),
        attempts: codec::count(row.attempts),
        delivered_at: row.delivered_at.map(codec::time),
        last_error: row.last_error,
    })
}
