//! Logins of members. What is kept of a session's token is its keyed hash.

use latchkey_domain::id::{MemberId, SessionId, WorkspaceId};
use latchkey_domain::member::Member;
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};

use crate::codec;
use crate::entities::{member, session};
use crate::error::StoreError;
use crate::members::member_of;
use crate::open::Store;

/// A login that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Whose it is.
    pub member: MemberId,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub used_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

impl Store {
    /// Begins a session, if its member may log in still; sessions whose time is over go away.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the member was removed or disabled meanwhile, or the database's.
    pub async fn insert_session(&self, new: &Session, hash: &str) -> Result<(), StoreError> {
        let at = new.created_at.millis();
        let transaction = self.write.begin().await?;
        session::Entity::delete_many()
            .filter(session::Column::ExpiresAt.lte(at))
            .exec(&transaction)
            .await?;
        let seen = member::Entity::update_many()
            .col_expr(member::Column::SeenAt, Expr::value(at))
            .filter(member::Column::Id.eq(new.member.uuid()))
            .filter(member::Column::WorkspaceId.eq(new.workspace.uuid()))
            .filter(member::Column::Password.is_not_null())
            .filter(member::Column::DisabledAt.is_null())
            .exec(&transaction)
            .await?;
        if seen.rows_affected == 0 {
            return Err(StoreError::NotFound);
        }
        let row = session::Model {
            id: new.id.uuid(),
            workspace_id: new.workspace.uuid(),
            member_id: new.member.uuid(),
            hash: hash.to_owned(),
            created_at: at,
            used_at: new.used_at.millis(),
            expires_at: new.expires_at.millis(),
        };
        row.into_active_model().insert(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// The session of a hash with its member; whether it goes on still is the caller's to see.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session_by_hash(
        &self,
        hash: &str,
    ) -> Result<Option<(Session, Member)>, StoreError> {
        let find = session::Entity::find().filter(session::Column::Hash.eq(hash));
        let Some(row) = find.one(&self.read).await? else {
            return Ok(None);
        };
        let find = member::Entity::find_by_id(row.member_id)
            .filter(member::Column::Email.is_not_null())
            .filter(member::Column::DisabledAt.is_null());
        let Some(member) = find.one(&self.read).await? else {
            return Ok(None);
        };
        Ok(Some((session_of(&row), member_of(member)?)))
    }

    /// Writes down that a session, and so its member, was there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn touch_session(&self, session: &Session, at: Timestamp) -> Result<(), StoreError> {
        session::Entity::update_many()
            .col_expr(session::Column::UsedAt, Expr::value(at.millis()))
            .filter(session::Column::Id.eq(session.id.uuid()))
            .exec(&self.write)
            .await?;
        member::Entity::update_many()
            .col_expr(member::Column::SeenAt, Expr::value(at.millis()))
            .filter(member::Column::Id.eq(session.member.uuid()))
            .exec(&self.write)
            .await?;
        Ok(())
    }

    /// Ends a session; it may have ended already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_session(&self, id: SessionId) -> Result<(), StoreError> {
        session::Entity::delete_by_id(id.uuid())
            .exec(&self.write)
            .await?;
        Ok(())
    }
}

fn session_of(row: &session::Model) -> Session {
    Session {
        id: SessionId::new(row.id),
        workspace: WorkspaceId::new(row.workspace_id),
        member: MemberId::new(row.member_id),
        created_at: codec::time(row.created_at),
        used_at: codec::time(row.used_at),
        expires_at: codec::time(row.expires_at),
    }
}
