//! The people of workspaces. A member is a row with an address; whoever was removed stays as a name without one.

use latchkey_domain::id::{ApiKeyId, MemberId, SessionId, WorkspaceId};
use latchkey_domain::member::{Email, Member, Role};
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use crate::codec::{self, text, word};
use crate::entities::{api_key, invitation, member, session, workspace};
use crate::error::StoreError;
use crate::open::Store;
use crate::page::{Page, Paged};

/// What is changed about a member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberChange {
    /// His name.
    pub name: Option<String>,
    /// His role.
    pub role: Option<Role>,
    /// Since when he may do nothing; an inner none: he may again.
    pub disabled_at: Option<Option<Timestamp>>,
}

/// Why a member cannot be changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MemberError {
    /// A workspace would have no owner left who can log in.
    #[error("a workspace needs an owner")]
    LastOwner,
    /// The database's.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sea_orm::DbErr> for MemberError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// The members of a workspace, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn members(
        &self,
        workspace: WorkspaceId,
        page: Page,
    ) -> Result<Paged<Member>, StoreError> {
        let mut find = member::Entity::find()
            .filter(member::Column::WorkspaceId.eq(workspace.uuid()))
            .filter(member::Column::Email.is_not_null());
        if let Some(after) = page.after {
            find = find.filter(member::Column::Id.lt(after));
        }
        let rows = find
            .order_by_desc(member::Column::Id)
            .limit(page.limit + 1)
            .all(&self.read)
            .await?;
        Paged::of(rows, page, |row| row.id).try_map(member_of)
    }

    /// A member of a workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn member(
        &self,
        workspace: WorkspaceId,
        id: MemberId,
    ) -> Result<Option<Member>, StoreError> {
        let find = member::Entity::find_by_id(id.uuid())
            .filter(member::Column::WorkspaceId.eq(workspace.uuid()))
            .filter(member::Column::Email.is_not_null());
        find.one(&self.read).await?.map(member_of).transpose()
    }

    /// The names of members, also of those who were removed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn member_names(
        &self,
        workspace: WorkspaceId,
        ids: &[MemberId],
    ) -> Result<Vec<(MemberId, String)>, StoreError> {
        let rows = member::Entity::find()
            .filter(member::Column::WorkspaceId.eq(workspace.uuid()))
            .filter(member::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
            .all(&self.read)
            .await?;
        let name = |row: member::Model| (MemberId::new(row.id), row.name);
        Ok(rows.into_iter().map(name).collect())
    }

    /// The names of API keys that are still there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn api_key_names(
        &self,
        workspace: WorkspaceId,
        ids: &[ApiKeyId],
    ) -> Result<Vec<(ApiKeyId, String)>, StoreError> {
        let rows = api_key::Entity::find()
            .filter(api_key::Column::WorkspaceId.eq(workspace.uuid()))
            .filter(api_key::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
            .all(&self.read)
            .await?;
        let name = |row: api_key::Model| (ApiKeyId::new(row.id), row.name);
        Ok(rows.into_iter().map(name).collect())
    }

    /// The member of an address, in whatever workspace, with the hash of his password.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn member_by_email(
        &self,
        email: &Email,
    ) -> Result<Option<(Member, String)>, StoreError> {
        let find = member::Entity::find().filter(member::Column::Email.eq(email.as_str()));
        let Some(row) = find.one(&self.read).await? else {
            return Ok(None);
        };
        let password = row.password.clone().unwrap_or_default();
        Ok(Some((member_of(row)?, password)))
    }

    /// Whether a workspace has an owner who can log in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_owner(&self, workspace: WorkspaceId) -> Result<bool, StoreError> {
        Ok(owners(&self.read, workspace).await? > 0)
    }

    /// Makes the account of a workspace's first owner.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when it has an owner already, [`StoreError::Taken`] when somebody has the address.
    pub async fn set_up_owner(&self, new: &Member, password: &str) -> Result<Member, StoreError> {
        let transaction = self.write.begin().await?;
        alone(&transaction, new.workspace).await?;
        if owners(&transaction, new.workspace).await? > 0 {
            return Err(StoreError::Changed);
        }
        // The owner that the first start has made is a name only; the account is his.
        let nameless = member::Entity::find()
            .filter(member::Column::WorkspaceId.eq(new.workspace.uuid()))
            .filter(member::Column::Role.eq(Role::Owner.as_str()))
            .filter(member::Column::Email.is_null())
            .filter(member::Column::RemovedAt.is_null())
            .one(&transaction)
            .await?;
        let row = member_row(new, password);
        let row = match nameless {
            None => row.into_active_model().insert(&transaction).await?,
            Some(old) => {
                let row = member::Model {
                    id: old.id,
                    created_at: old.created_at,
                    ..row
                };
                let change = row.into_active_model().reset_all();
                change.update(&transaction).await?
            }
        };
        transaction.commit().await?;
        member_of(row)
    }

    /// Changes a member. A member whose rights change is logged out, and the invitations that he has made are withdrawn.
    ///
    /// # Errors
    /// When this workspace has none of that id, or it would have no owner left.
    pub async fn change_member(
        &self,
        workspace: WorkspaceId,
        id: MemberId,
        change: &MemberChange,
    ) -> Result<Member, MemberError> {
        let transaction = self.write.begin().await?;
        alone(&transaction, workspace).await?;
        let row = of_workspace(&transaction, workspace, id).await?;
        let before = owners(&transaction, workspace).await?;
        let changed = member::Model {
            name: change.name.clone().unwrap_or_else(|| row.name.clone()),
            role: change
                .role
                .map_or_else(|| row.role.clone(), |role| role.as_str().to_owned()),
            disabled_at: match change.disabled_at {
                None => row.disabled_at,
                // Since the first time.
                Some(Some(at)) => row.disabled_at.or(Some(at.millis())),
                Some(None) => None,
            },
            ..row.clone()
        };
        let rights = |row: &member::Model| (row.role.clone(), row.disabled_at.is_some());
        let is_other = rights(&changed) != rights(&row);
        let all = changed.into_active_model().reset_all();
        let changed = all.update(&transaction).await?;
        if is_other {
            log_out(&transaction, id, None).await?;
            withdraw(&transaction, id).await?;
            check_owner(&transaction, workspace, before).await?;
        }
        transaction.commit().await?;
        Ok(member_of(changed)?)
    }

    /// Removes a member with his sessions, invitations and API keys; his name stays with what he did.
    ///
    /// # Errors
    /// When this workspace has none of that id, or it would have no owner left.
    pub async fn remove_member(
        &self,
        workspace: WorkspaceId,
        id: MemberId,
        at: Timestamp,
    ) -> Result<Member, MemberError> {
        let transaction = self.write.begin().await?;
        alone(&transaction, workspace).await?;
        let row = of_workspace(&transaction, workspace, id).await?;
        let before = owners(&transaction, workspace).await?;
        log_out(&transaction, id, None).await?;
        withdraw(&transaction, id).await?;
        api_key::Entity::delete_many()
            .filter(api_key::Column::MemberId.eq(id.uuid()))
            .exec(&transaction)
            .await?;
        let gone = member::Model {
            email: None,
            password: None,
            removed_at: Some(at.millis()),
            ..row.clone()
        };
        let all = gone.into_active_model().reset_all();
        all.update(&transaction).await?;
        check_owner(&transaction, workspace, before).await?;
        transaction.commit().await?;
        Ok(member_of(row)?)
    }

    /// Gives a member another password and ends his sessions, but for one.
    ///
    /// # Errors
    /// When this workspace has none of that id, or the database fails.
    pub async fn set_password(
        &self,
        workspace: WorkspaceId,
        id: MemberId,
        password: &str,
        keep: Option<SessionId>,
    ) -> Result<(), StoreError> {
        let transaction = self.write.begin().await?;
        let changed = member::Entity::update_many()
            .col_expr(member::Column::Password, Expr::value(password))
            .filter(member::Column::Id.eq(id.uuid()))
            .filter(member::Column::WorkspaceId.eq(workspace.uuid()))
            .filter(member::Column::Email.is_not_null())
            .exec(&transaction)
            .await?;
        if changed.rows_affected == 0 {
            return Err(StoreError::NotFound);
        }
        log_out(&transaction, id, keep).await?;
        Ok(transaction.commit().await?)
    }
}

/// Whoever changes who is an owner does so alone: two owners who dismiss each other at the same time leave one.
async fn alone(
    transaction: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<(), StoreError> {
    use workspace::Column;
    let locked = workspace::Entity::update_many()
        .col_expr(Column::Name, Expr::col(Column::Name))
        .filter(Column::Id.eq(workspace.uuid()))
        .exec(transaction)
        .await?;
    if locked.rows_affected == 0 {
        return Err(StoreError::NotFound);
    }
    Ok(())
}

async fn owners(
    connection: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<u64, StoreError> {
    let find = member::Entity::find()
        .filter(member::Column::WorkspaceId.eq(workspace.uuid()))
        .filter(member::Column::Role.eq(Role::Owner.as_str()))
        .filter(member::Column::Password.is_not_null())
        .filter(member::Column::DisabledAt.is_null());
    Ok(find.count(connection).await?)
}

/// A workspace that only keys have ever worked with has no owner to lose.
async fn check_owner(
    transaction: &impl ConnectionTrait,
    workspace: WorkspaceId,
    before: u64,
) -> Result<(), MemberError> {
    if before > 0 && owners(transaction, workspace).await? == 0 {
        return Err(MemberError::LastOwner);
    }
    Ok(())
}

async fn of_workspace(
    transaction: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: MemberId,
) -> Result<member::Model, StoreError> {
    let find = member::Entity::find_by_id(id.uuid())
        .filter(member::Column::WorkspaceId.eq(workspace.uuid()))
        .filter(member::Column::Email.is_not_null());
    find.one(transaction).await?.ok_or(StoreError::NotFound)
}

async fn log_out(
    transaction: &impl ConnectionTrait,
    id: MemberId,
    keep: Option<SessionId>,
) -> Result<(), StoreError> {
    let mut end = session::Entity::delete_many().filter(session::Column::MemberId.eq(id.uuid()));
    if let Some(keep) = keep {
        end = end.filter(session::Column::Id.ne(keep.uuid()));
    }
    end.exec(transaction).await?;
    Ok(())
}

/// Takes back the invitations of a member who may perhaps not give them any more.
async fn withdraw(transaction: &impl ConnectionTrait, id: MemberId) -> Result<(), StoreError> {
    let by = text(&latchkey_domain::credential::Principal::Member(id))?;
    invitation::Entity::delete_many()
        .filter(invitation::Column::InvitedBy.eq(by))
        .exec(transaction)
        .await?;
    Ok(())
}

pub(crate) fn member_row(of: &Member, password: &str) -> member::Model {
    member::Model {
        id: of.id.uuid(),
        workspace_id: of.workspace.uuid(),
        name: of.name.clone(),
        role: of.role.as_str().to_owned(),
        created_at: of.created_at.millis(),
        email: Some(of.email.as_str().to_owned()),
        password: Some(password.to_owned()),
        disabled_at: of.disabled_at.map(Timestamp::millis),
        removed_at: None,
        seen_at: of.seen_at.map(Timestamp::millis),
    }
}

pub(crate) fn member_of(row: member::Model) -> Result<Member, StoreError> {
    Ok(Member {
        id: MemberId::new(row.id),
        workspace: WorkspaceId::new(row.workspace_id),
        name: row.name,
        email: email_of(&row.email.unwrap_or_default())?,
        role: word(&row.role, Role::parse)?,
        disabled_at: row.disabled_at.map(codec::time),
        created_at: codec::time(row.created_at),
        seen_at: row.seen_at.map(codec::time),
    })
}

pub(crate) fn email_of(text: &str) -> Result<Email, StoreError> {
    word(text, Email::parse)
}
