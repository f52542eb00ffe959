//! Versions of credentials: values that others have replaced are kept sealed while they are usable, and then destroyed.

use latchkey_domain::credential::{ReplacedVersion, VersionEnd};
use latchkey_domain::id::{CredentialId, WorkspaceId};
use latchkey_domain::ledger::CallOutcome;
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use crate::codec::{self, text, value, word};
use crate::credentials::{CredentialChange, SealedValues, change_in};
use crate::entities::{credential_version, model_call};
use crate::error::StoreError;
use crate::key::row_of_key;
use crate::open::Store;

/// Values that are to be replaced.
#[derive(Clone, Debug)]
pub struct Replaced {
    /// What is known of them.
    pub version: ReplacedVersion,
    /// An id that is made now, smaller than those of calls with the new values.
    pub mark: Uuid,
    /// The values, sealed; none when they end with this change.
    pub sealed: Option<SealedValues>,
}

/// Values that are still usable beside those that have replaced them.
#[derive(Clone, Debug)]
pub struct Usable {
    /// What is known of them.
    pub version: ReplacedVersion,
    /// An id that is smaller than those of calls with the new values.
    pub mark: Uuid,
}

impl Store {
    /// Gives a credential new values in one step: it is changed if it is still at the expected revision, the values before
    /// are kept as asked, and those of older versions are destroyed.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when it is at another revision, [`StoreError::Taken`] when its new name is taken, or the
    /// database's.
    pub async fn rotate_credential(
        &self,
        change: &CredentialChange,
        replaced: &Replaced,
    ) -> Result<(), StoreError> {
        let transaction = self.write.begin().await?;
        change_in(&transaction, change).await?;
        let of = &replaced.version;
        let older = of_credential(of.workspace, of.credential);
        shred(&transaction, older, of.replaced_at, VersionEnd::Replaced).await?;
        let row = row_of(replaced)?.into_active_model();
        row.insert(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Puts the values of a replaced version back in the place of those that have replaced it, which are destroyed: the
    /// change has the restored values, `ended` tells of the others.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when the credential is at another revision or the version is not usable any more, or the
    /// database's.
    pub async fn roll_back_credential(
        &self,
        change: &CredentialChange,
        ended: &Replaced,
    ) -> Result<(), StoreError> {
        let credential = &change.credential;
        let transaction = self.write.begin().await?;
        change_in(&transaction, change).await?;
        let restored = credential_version::Entity::delete_many()
            .filter(of_credential(credential.workspace, credential.id))
            .filter(credential_version::Column::Version.eq(i64::from(credential.version)))
            .filter(credential_version::Column::EndedAt.is_null())
            .exec(&transaction)
            .await?;
        if restored.rows_affected != 1 {
            return Err(StoreError::Changed);
        }
        let row = row_of(ended)?.into_active_model();
        row.insert(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// What is known of the replaced versions of a credential, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn credential_versions(
        &self,
        workspace: WorkspaceId,
        id: CredentialId,
    ) -> Result<Vec<ReplacedVersion>, StoreError> {
        let rows = credential_version::Entity::find()
            .filter(of_credential(workspace, id))
            .order_by_desc(credential_version::Column::Version)
            .all(&self.read)
            .await?;
        rows.iter().map(version_of).collect()
    }

    /// The sealed values of a replaced version, as long as they are usable.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn version_values(
        &self,
        workspace: WorkspaceId,
        id: CredentialId,
        version: i32,
    ) -> Result<Option<SealedValues>, StoreError> {
        let key = (id.uuid(), i64::from(version));
        let find = credential_version::Entity::find_by_id(key)
            .filter(credential_version::Column::WorkspaceId.eq(workspace.uuid()))
            .filter(credential_version::Column::EndedAt.is_null());
        let row = row_of_key(find, &self.read).await?;
        Ok(row.and_then(|row| row.sealed).map(SealedValues))
    }

    /// All replaced versions that are still usable, of every workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn usable_versions(&self) -> Result<Vec<Usable>, StoreError> {
        let rows = credential_version::Entity::find()
            .filter(credential_version::Column::EndedAt.is_null())
            .all(&self.read)
            .await?;
        let usable = |row: &credential_version::Model| {
            Ok(Usable {
                version: version_of(row)?,
                mark: row.mark_id,
            })
        };
        rows.iter().map(usable).collect()
    }

    /// Whether a call that a credential paid has succeeded with other values than those of a replaced version. Trials of
    /// values are no such calls.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_proved_itself(&self, replaced: &Usable) -> Result<bool, StoreError> {
        let of = &replaced.version;
        let row = model_call::Entity::find()
            .select_only()
            .column(model_call::Column::Id)
            .filter(model_call::Column::CredentialId.eq(of.credential.uuid()))
            .filter(model_call::Column::Id.gt(replaced.mark))
            .filter(model_call::Column::CredentialVersion.gt(i64::from(of.version)))
            .filter(model_call::Column::Level.is_not_null())
            .filter(model_call::Column::Outcome.eq(CallOutcome::Succeeded.as_str()))
            .limit(1)
            .into_tuple::<Uuid>()
            .one(&self.read)
            .await?;
        Ok(row.is_some())
    }

    /// Destroys the values of a replaced version; false when they were destroyed or put back meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn shred_version(
        &self,
        of: &ReplacedVersion,
        at: Timestamp,
        end: VersionEnd,
    ) -> Result<bool, StoreError> {
        let which = of_credential(of.workspace, of.credential)
            .add(credential_version::Column::Version.eq(i64::from(of.version)));
        Ok(shred(&self.write, which, at, end).await? == 1)
    }
}

/// Forgets every version of a credential that is removed.
pub(crate) async fn forget(
    connection: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: CredentialId,
) -> Result<(), StoreError> {
    credential_version::Entity::delete_many()
        .filter(of_credential(workspace, id))
        .exec(connection)
        .await?;
    Ok(())
}

fn of_credential(workspace: WorkspaceId, id: CredentialId) -> Condition {
    Condition::all()
        .add(credential_version::Column::CredentialId.eq(id.uuid()))
        .add(credential_version::Column::WorkspaceId.eq(workspace.uuid()))
}

async fn shred(
    connection: &impl ConnectionTrait,
    which: Condition,
    at: Timestamp,
    end: VersionEnd,
) -> Result<u64, StoreError> {
    let done = credential_version::Entity::update_many()
        .col_expr(
            credential_version::Column::Sealed,
            Expr::value(None::<Vec<u8>>),
        )
        .col_expr(
            credential_version::Column::EndedAt,
            Expr::value(at.millis()),
        )
        .col_expr(credential_version::Column::Ended, Expr::value(end.as_str()))
        .filter(which)
        .filter(credential_version::Column::EndedAt.is_null())
        .exec(connection)
        .await?;
    Ok(done.rows_affected)
}

fn row_of(replaced: &Replaced) -> Result<credential_version::Model, StoreError> {
    let of = &replaced.version;
    Ok(credential_version::Model {
        credential_id: of.credential.uuid(),
        version: of.version.into(),
        workspace_id: of.workspace.uuid(),
        mark_id: replaced.mark,
        hosts: text(&of.hosts)?,
        settings: text(&of.settings)?,
        fingerprints: text(&of.secrets)?,
        sealed: replaced.sealed.as_ref().map(|sealed| sealed.0.clone()),
        expires_at: of.expires_at.map(Timestamp::millis),
        last_validated_at: of.last_validated_at.map(Timestamp::millis),
        replaced_at: of.replaced_at.millis(),
        overlap: text(&of.overlap)?,
        ended_at: of.ended.map(|(at, _)| at.millis()),
        ended: of.ended.map(|(_, end)| end.as_str().to_owned()),
    })
}

fn version_of(row: &credential_version::Model) -> Result<ReplacedVersion, StoreError> {
    let ended = match (row.ended_at, &row.ended) {
        (Some(at), Some(end)) => Some((codec::time(at), word(end, VersionEnd::parse)?)),
        _ => None,
    };
    Ok(ReplacedVersion {
        credential: CredentialId::new(row.credential_id),
        workspace: WorkspaceId::new(row.workspace_id),
        version: i32::try_from(row.version).unwrap_or(i32::MAX),
        hosts: value(&row.hosts)?,
        settings: value(&row.settings)?,
        secrets: value(&row.fingerprints)?,
        expires_at: row.expires_at.map(codec::time),
        last_validated_at: row.last_validated_at.map(codec::time),
        replaced_at: codec::time(row.replaced_at),
        overlap: value(&row.overlap)?,
        ended,
    })
}
