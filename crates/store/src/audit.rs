//! Who changed what.

use latchkey_domain::credential::Principal;
use latchkey_domain::id::WorkspaceId;
use latchkey_domain::time::Timestamp;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::codec::{self, text, value};
use crate::entities::audit;
use crate::error::StoreError;
use crate::open::Store;
use crate::page::{Page, Paged};

/// One change that somebody made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id.
    pub id: Uuid,
    /// Where.
    pub workspace: WorkspaceId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Principal,
    /// What, such as `credential.create`.
    pub action: String,
    /// The id of what was changed.
    pub subject: String,
    /// More about it; never a credential's value.
    pub detail: Json,
}

/// Which changes are wanted.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// Of this thing, by its id.
    pub subject: Option<String>,
    /// By somebody.
    pub actor: Option<Principal>,
    /// Of this kind: an action such as `credential.create`, or all of a kind of thing, such as `credential`.
    pub action: Option<String>,
    /// At this time or later.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
}

impl Store {
    /// Writes a change down.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_audit(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        let row = audit::Model {
            id: entry.id,
            workspace_id: entry.workspace.uuid(),
            at: entry.at.millis(),
            actor: text(&entry.actor)?,
            action: entry.action.clone(),
            subject: entry.subject.clone(),
            detail: text(&entry.detail)?,
        };
        row.into_active_model().insert(&self.write).await?;
        Ok(())
    }

    /// The changes in a workspace, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit(
        &self,
        workspace: WorkspaceId,
        filter: &AuditFilter,
        page: Page,
    ) -> Result<Paged<AuditEntry>, StoreError> {
        let mut find =
            audit::Entity::find().filter(audit::Column::WorkspaceId.eq(workspace.uuid()));
        if let Some(subject) = &filter.subject {
            find = find.filter(audit::Column::Subject.eq(&**subject));
        }
        if let Some(actor) = &filter.actor {
            find = find.filter(audit::Column::Actor.eq(text(actor)?));
        }
        if let Some(action) = &filter.action {
            let is_kind = action.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            let of_kind = audit::Column::Action.starts_with(format!("{action}."));
            let fits = Condition::any()
                .add(audit::Column::Action.eq(&**action))
                .add_option(is_kind.then_some(of_kind));
            find = find.filter(fits);
        }
        if let Some(from) = filter.from {
            find = find.filter(audit::Column::At.gte(from.millis()));
        }
        if let Some(to) = filter.to {
            find = find.filter(audit::Column::At.lt(to.millis()));
        }
        if let Some(after) = page.after {
            find = find.filter(audit::Column::Id.lt(after));
        }
        let rows = find
            .order_by_desc(audit::Column::Id)
            .limit(page.limit + 1)
            .all(&self.read)
            .await?;
        Paged::of(rows, page, |row| row.id).try_map(|row| {
            Ok(AuditEntry {
                id: row.id,
                workspace: WorkspaceId::new(row.workspace_id),
                at: codec::time(row.at),
                actor: value(&row.actor)?,
                action: row.action,
                subject: row.subject,
                detail: value(&row.detail)?,
            })
        })
    }
}
