//! Triggers: replaced together with a version that is published, found by their address or when they are due, moved on by a
//! guarded update.

use latchkey_domain::credential::{Environment, Principal};
use latchkey_domain::id::{NodeId, RunId, TriggerId, WorkflowId, WorkspaceId};
use latchkey_domain::time::Timestamp;
use latchkey_domain::trigger::{Trigger, TriggerRule};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};
use uuid::Uuid;

use crate::codec::{self, column, count, text, value};
use crate::entities::{run, trigger};
use crate::error::StoreError;
use crate::open::Store;

/// A trigger of a version that is to be published. Where its node had one before, that one is kept: its id, its address, its
/// environment, and whether it is enabled.
#[derive(Clone, Debug)]
pub struct NewTrigger {
    /// The id of one that is new.
    pub id: TriggerId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The node.
    pub node: NodeId,
    /// The node's title.
    pub title: String,
    /// What it says.
    pub rule: TriggerRule,
    /// The environment of one that is new.
    pub environment: Environment,
    /// The address of a webhook that is new.
    pub address: Option<WebhookAddress>,
    /// The next time of a schedule.
    pub next_at: Option<Timestamp>,
}

/// The address of a webhook as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookAddress {
    /// By which it is found.
    pub hash: String,
    /// The address itself, sealed.
    pub sealed: Vec<u8>,
}

/// A trigger as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptTrigger {
    /// The trigger.
    pub trigger: Trigger,
    /// The sealed address of a webhook.
    pub sealed: Option<Vec<u8>>,
}

/// What is changed of a trigger.
#[derive(Clone, Debug, Default)]
pub struct TriggerChange {
    /// Whether it begins runs; with it goes the next time of a schedule.
    pub enabled: Option<(bool, Option<Timestamp>)>,
    /// The environment of its runs.
    pub environment: Option<Environment>,
}

/// How a schedule goes on after a time that was due.
#[derive(Clone, Debug)]
pub struct Fired {
    /// The due time at which it was found.
    pub due: Timestamp,
    /// The time for which a run was begun, or tried.
    pub at: Timestamp,
    /// Its next time.
    pub next_at: Option<Timestamp>,
    /// Times between `due` and `at` for which there was no run.
    pub missed: u32,
    /// Why no run was begun.
    pub error: Option<String>,
}

/// The version whose triggers are put in place.
pub(crate) struct Published {
    pub(crate) workflow: WorkflowId,
    pub(crate) number: i64,
    pub(crate) author: Principal,
    pub(crate) at: Timestamp,
}

impl Store {
    /// The triggers of the published version of a workflow, by their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn triggers(
        &self,
        workspace: WorkspaceId,
        workflow: WorkflowId,
    ) -> Result<Vec<KeptTrigger>, StoreError> {
        let rows = active()
            .filter(trigger::Column::WorkspaceId.eq(workspace.uuid()))
            .filter(trigger::Column::WorkflowId.eq(workflow.uuid()))
            .order_by_asc(trigger::Column::Id)
            .all(&self.read)
            .await?;
        rows.into_iter().map(kept).collect()
    }

    /// The webhook of an address.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn trigger_by_address(&self, hash: &str) -> Result<Option<Trigger>, StoreError> {
        let find = active().filter(trigger::Column::AddressHash.eq(hash));
        let found = find.one(&self.read).await?;
        found
            .map(|row| kept(row).map(|kept| kept.trigger))
            .transpose()
    }

    /// Schedules of all workspaces whose time has come, the longest due first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_triggers(
        &self,
        now: Timestamp,
        most: u64,
    ) -> Result<Vec<Trigger>, StoreError> {
        let rows = active()
            .filter(trigger::Column::NextAt.lte(now.millis()))
            .order_by_asc(trigger::Column::NextAt)
            .limit(most)
            .all(&self.read)
            .await?;
        let triggers = rows
            .into_iter()
            .map(|row| kept(row).map(|kept| kept.trigger));
        triggers.collect()
    }

    /// When the next schedule of all workspaces is due.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let next: Option<Option<i64>> = active()
            .filter(trigger::Column::NextAt.is_not_null())
            .order_by_asc(trigger::Column::NextAt)
            .select_only()
            .column(trigger::Column::NextAt)
            .into_tuple()
            .one(&self.read)
            .await?;
        Ok(next.flatten().map(codec::time))
    }

    /// Moves a schedule on that is still due at the time at which it was found; whether it was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn trigger_fired(&self, id: TriggerId, fired: &Fired) -> Result<bool, StoreError> {
        let next = fired.next_at.map(Timestamp::millis);
        let done = trigger::Entity::update_many()
            .col_expr(trigger::Column::NextAt, Expr::value(next))
            .col_expr(trigger::Column::FiredAt, Expr::value(fired.at.millis()))
            .col_expr(
                trigger::Column::Missed,
                Expr::value(i64::from(fired.missed)),
            )
            .col_expr(trigger::Column::LastError, Expr::value(fired.error.clone()))
            .filter(trigger::Column::Id.eq(id.uuid()))
            .filter(trigger::Column::NextAt.eq(fired.due.millis()))
            .exec(&self.write)
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// Writes down how the last attempt of a webhook to begin a run has failed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn trigger_failed(&self, id: TriggerId, error: &str) -> Result<(), StoreError> {
        trigger::Entity::update_many()
            .col_expr(trigger::Column::LastError, Expr::value(error))
            .filter(trigger::Column::Id.eq(id.uuid()))
            .exec(&self.write)
            .await?;
        Ok(())
    }

    /// Changes a trigger of the published version of a workflow; the trigger as it is then.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none of this id, or the database's.
    pub async fn change_trigger(
        &self,
        (workspace, workflow): (WorkspaceId, WorkflowId),
        id: TriggerId,
        change: TriggerChange,
    ) -> Result<KeptTrigger, StoreError> {
        let transaction = self.write.begin().await?;
        let find = || {
            active()
                .filter(trigger::Column::Id.eq(id.uuid()))
                .filter(trigger::Column::WorkspaceId.eq(workspace.uuid()))
                .filter(trigger::Column::WorkflowId.eq(workflow.uuid()))
        };
        find()
            .one(&transaction)
            .await?
            .ok_or(StoreError::NotFound)?;
        let this = || trigger::Entity::update_many().filter(trigger::Column::Id.eq(id.uuid()));
        if let Some(environment) = change.environment {
            this()
                .col_expr(trigger::Column::Environment, Expr::value(environment.0))
                .exec(&transaction)
                .await?;
        }
        if let Some((enabled, next_at)) = change.enabled {
            let next_at = next_at.filter(|_| enabled).map(Timestamp::millis);
            this()
                .col_expr(trigger::Column::Enabled, Expr::value(i64::from(enabled)))
                .col_expr(trigger::Column::NextAt, Expr::value(next_at))
                .exec(&transaction)
                .await?;
        }
        let changed = find().one(&transaction).await?;
        transaction.commit().await?;
        kept(changed.ok_or(StoreError::NotFound)?)
    }

    /// The last run of a published version that began at each of these nodes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_runs(
        &self,
        workflow: WorkflowId,
        nodes: &[NodeId],
    ) -> Result<Vec<Option<(RunId, Timestamp)>>, StoreError> {
        let mut last = Vec::with_capacity(nodes.len());
        for node in nodes {
            let found: Option<(Uuid, i64)> = run::Entity::find()
                .filter(run::Column::WorkflowId.eq(workflow.uuid()))
                .filter(run::Column::TriggerNode.eq(node.as_str()))
                .filter(run::Column::Version.is_not_null())
                .order_by_desc(run::Column::Id)
                .select_only()
                .columns([run::Column::Id, run::Column::CreatedAt])
                .into_tuple()
                .one(&self.read)
                .await?;
            last.push(found.map(|(id, at)| (RunId::new(id), codec::time(at))));
        }
        Ok(last)
    }
}

/// Triggers of published versions.
fn active() -> Select<trigger::Entity> {
    trigger::Entity::find().filter(trigger::Column::RemovedAt.is_null())
}

fn kept(row: trigger::Model) -> Result<KeptTrigger, StoreError> {
    Ok(KeptTrigger {
        trigger: Trigger {
            id: TriggerId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            workflow: WorkflowId::new(row.workflow_id),
            node: NodeId::new(&row.node),
            title: row.title,
            rule: value(&row.rule)?,
            version: count(row.version),
            author: value(&row.author)?,
            environment: Environment(row.environment),
            enabled: row.enabled != 0,
            next_at: row.next_at.map(codec::time),
            fired_at: row.fired_at.map(codec::time),
            missed: count(row.missed),
            last_error: row.last_error,
            created_at: codec::time(row.created_at),
        },
        sealed: row.address_sealed,
    })
}

/// Puts the triggers of a version in the place of those of the version before.
pub(crate) async fn replace(
    connection: &impl ConnectionTrait,
    published: &Published,
    triggers: Vec<NewTrigger>,
) -> Result<(), StoreError> {
    let nodes: Vec<&str> = triggers.iter().map(|new| new.node.as_str()).collect();
    trigger::Entity::update_many()
        .col_expr(
            trigger::Column::RemovedAt,
            Expr::value(published.at.millis()),
        )
        .col_expr(trigger::Column::NextAt, Expr::value(None::<i64>))
        .filter(trigger::Column::WorkflowId.eq(published.workflow.uuid()))
        .filter(trigger::Column::RemovedAt.is_null())
        .filter(trigger::Column::Node.is_not_in(nodes))
        .exec(connection)
        .await?;
    for new in triggers {
        let before = trigger::Entity::find()
            .filter(trigger::Column::WorkflowId.eq(published.workflow.uuid()))
            .filter(trigger::Column::Node.eq(new.node.as_str()))
            .one(connection)
            .await?;
        match before {
            Some(before) => renew(connection, published, before, new).await?,
            None => insert(connection, published, new).await?,
        }
    }
    Ok(())
}

async fn insert(
    connection: &impl ConnectionTrait,
    published: &Published,
    new: NewTrigger,
) -> Result<(), StoreError> {
    let (hash, sealed) = new.address.map(|known| (known.hash, known.sealed)).unzip();
    let row = trigger::Model {
        id: new.id.uuid(),
        workspace_id: new.workspace.uuid(),
        workflow_id: published.workflow.uuid(),
        node: new.node.as_str().to_owned(),
        title: new.title,
        rule: text(&new.rule)?,
        version: published.number,
        author: text(&published.author)?,
        environment: new.environment.0,
        enabled: 1,
        address_hash: hash,
        address_sealed: sealed,
        next_at: new.next_at.map(Timestamp::millis),
        fired_at: None,
        missed: column(0),
        last_error: None,
        created_at: published.at.millis(),
        removed_at: None,
    };
    row.into_active_model().insert(connection).await?;
    Ok(())
}

async fn renew(
    connection: &impl ConnectionTrait,
    published: &Published,
    before: trigger::Model,
    new: NewTrigger,
) -> Result<(), StoreError> {
    let rule = text(&new.rule)?;
    let next_at = if before.enabled == 0 {
        None
    } else if before.rule == rule && before.removed_at.is_none() {
        // A time that is due just now is not passed over.
        before.next_at
    } else {
        new.next_at.map(Timestamp::millis)
    };
    let mut update = trigger::Entity::update_many()
        .col_expr(trigger::Column::Title, Expr::value(new.title))
        .col_expr(trigger::Column::Rule, Expr::value(rule))
        .col_expr(trigger::Column::Version, Expr::value(published.number))
        .col_expr(
            trigger::Column::Author,
            Expr::value(text(&published.author)?),
        )
        .col_expr(trigger::Column::NextAt, Expr::value(next_at))
        .col_expr(trigger::Column::LastError, Expr::value(None::<String>))
        .col_expr(trigger::Column::RemovedAt, Expr::value(None::<i64>))
        .filter(trigger::Column::Id.eq(before.id));
    // A node that was a schedule and is a webhook now has an address from now on.
    if let (None, Some(address)) = (before.address_hash, new.address) {
        update = update
            .col_expr(trigger::Column::AddressHash, Expr::value(address.hash))
            .col_expr(trigger::Column::AddressSealed, Expr::value(address.sealed));
    }
    update.exec(connection).await?;
    Ok(())
}

/// A workflow is gone: its triggers begin no more runs.
pub(crate) async fn remove_all(
    connection: &impl ConnectionTrait,
    workflow: WorkflowId,
    at: Timestamp,
) -> Result<(), StoreError> {
    trigger::Entity::update_many()
        .col_expr(trigger::Column::RemovedAt, Expr::value(at.millis()))
        .col_expr(trigger::Column::NextAt, Expr::value(None::<i64>))
        .filter(trigger::Column::WorkflowId.eq(workflow.uuid()))
        .filter(trigger::Column::RemovedAt.is_null())
        .exec(connection)
        .await?;
    Ok(())
}
