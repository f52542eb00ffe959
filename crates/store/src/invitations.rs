//! Invitations into workspaces. What is kept of an invitation's token is its keyed hash.

use latchkey_domain::id::{InvitationId, WorkspaceId};
use latchkey_domain::member::{Invitation, Member, Role};
use latchkey_domain::time::Timestamp;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use crate::codec::{self, text, value, word};
use crate::entities::invitation;
use crate::error::StoreError;
use crate::members::{email_of, member_row};
use crate::open::Store;
use crate::page::{Page, Paged};

impl Store {
    /// Keeps an invitation; an older one of the same address is withdrawn.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_invitation(&self, new: &Invitation, hash: &str) -> Result<(), StoreError> {
        let transaction = self.write.begin().await?;
        invitation::Entity::delete_many()
            .filter(invitation::Column::WorkspaceId.eq(new.workspace.uuid()))
            .filter(invitation::Column::Email.eq(new.email.as_str()))
            .exec(&transaction)
            .await?;
        let row = invitation::Model {
            id: new.id.uuid(),
            workspace_id: new.workspace.uuid(),
            email: new.email.as_str().to_owned(),
            role: new.role.as_str().to_owned(),
            hash: hash.to_owned(),
            invited_by: text(&new.invited_by)?,
            created_at: new.created_at.millis(),
            expires_at: new.expires_at.millis(),
        };
        row.into_active_model().insert(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// The invitations of a workspace that are still good, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn invitations(
        &self,
        workspace: WorkspaceId,
        now: Timestamp,
        page: Page,
    ) -> Result<Paged<Invitation>, StoreError> {
        let mut find = invitation::Entity::find()
            .filter(invitation::Column::WorkspaceId.eq(workspace.uuid()))
            .filter(invitation::Column::ExpiresAt.gt(now.millis()));
        if let Some(after) = page.after {
            find = find.filter(invitation::Column::Id.lt(after));
        }
        let rows = find
            .order_by_desc(invitation::Column::Id)
            .limit(page.limit + 1)
            .all(&self.read)
            .await?;
        Paged::of(rows, page, |row| row.id).try_map(invitation_of)
    }

    /// The invitation of a hash; whether it is still good is the caller's to see.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn invitation_by_hash(&self, hash: &str) -> Result<Option<Invitation>, StoreError> {
        let find = invitation::Entity::find().filter(invitation::Column::Hash.eq(hash));
        find.one(&self.read).await?.map(invitation_of).transpose()
    }

    /// An invitation of a workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn invitation(
        &self,
        workspace: WorkspaceId,
        id: InvitationId,
    ) -> Result<Option<Invitation>, StoreError> {
        let find = invitation::Entity::find_by_id(id.uuid())
            .filter(invitation::Column::WorkspaceId.eq(workspace.uuid()));
        find.one(&self.read).await?.map(invitation_of).transpose()
    }

    /// Withdraws an invitation.
    ///
    /// # Errors
    /// When this workspace has none of that id, or the database fails.
    pub async fn delete_invitation(
        &self,
        workspace: WorkspaceId,
        id: InvitationId,
    ) -> Result<(), StoreError> {
        let gone = invitation::Entity::delete_many()
            .filter(invitation::Column::Id.eq(id.uuid()))
            .filter(invitation::Column::WorkspaceId.eq(workspace.uuid()))
            .exec(&self.write)
            .await?;
        if gone.rows_affected == 0 {
            return Err(StoreError::NotFound);
        }
        Ok(())
    }

    /// Makes a member of whoever was invited: once, whoever else tries at the same time.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the invitation was withdrawn or accepted, [`StoreError::Taken`] when somebody has the
    /// address.
    pub async fn accept_invitation(
        &self,
        id: InvitationId,
        new: &Member,
        password: &str,
    ) -> Result<(), StoreError> {
        let transaction = self.write.begin().await?;
        let taken = invitation::Entity::delete_many()
            .filter(invitation::Column::Id.eq(id.uuid()))
            .filter(invitation::Column::WorkspaceId.eq(new.workspace.uuid()))
            .filter(invitation::Column::Role.eq(new.role.as_str()))
            .exec(&transaction)
            .await?;
        if taken.rows_affected == 0 {
            return Err(StoreError::NotFound);
        }
        let row = member_row(new, password).into_active_model();
        row.insert(&transaction).await?;
        Ok(transaction.commit().await?)
    }
}

fn invitation_of(row: invitation::Model) -> Result<Invitation, StoreError> {
    Ok(Invitation {
        id: InvitationId::new(row.id),
        workspace: WorkspaceId::new(row.workspace_id),
        email: email_of(&row.email)?,
        role: word(&row.role, Role::parse)?,
        invited_by: value(&row.invited_by)?,
        created_at: codec::time(row.created_at),
        expires_at: codec::time(row.expires_at),
    })
}
