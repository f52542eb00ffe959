//! What calls have shown about credentials. The writer writes it with the end of a call; people take it back.

use std::collections::HashMap;

use latchkey_domain::credential::{Credential, CredentialState, Health};
use latchkey_domain::id::{CredentialId, WorkspaceId};
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::{Condition, Expr, OnConflict, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, IntoActiveModel as _,
    Iterable as _, QueryFilter as _,
};
use uuid::Uuid;

use crate::codec;
use crate::entities::credential_health;
use crate::error::StoreError;
use crate::key::row_of_key;
use crate::open::Store;

/// The health of a version of a credential, as a call has left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayerHealth {
    /// The credential.
    pub credential: CredentialId,
    /// The version of its values.
    pub version: i32,
    /// How it is now.
    pub health: Health,
}

/// The version under which the health of values is kept that a run states itself: stored ones begin at 1.
pub(crate) const INLINE: i64 = 0;

/// The id of the health of values that a run states itself: equal values of one workspace have the same.
pub(crate) fn inline_id(workspace: Uuid, fingerprint: &str) -> Uuid {
    let mut bytes = workspace.into_bytes();
    for (byte, of) in bytes.iter_mut().zip(fingerprint.bytes()) {
        *byte ^= of;
    }
    Uuid::from_bytes(bytes)
}

impl Store {
    /// Forgets what calls have shown about a credential, and makes it active if it was marked by them or not switched off by a
    /// person. The credential's revision is raised, so that calls resolve it anew.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such credential, or the database's.
    pub async fn reset_health(
        &self,
        workspace: WorkspaceId,
        id: CredentialId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let transaction = self.write.begin().await?;
        let marked = [CredentialState::Invalid, CredentialState::Exhausted];
        let one = of_workspace_and_id(workspace, id);
        if set_state(&transaction, awake(&marked), one, at).await? == 0 {
            return Err(StoreError::NotFound);
        }
        forget(&transaction, id).await?;
        Ok(transaction.commit().await?)
    }

    /// Marks a version of a credential as dead, unless a person has switched it off or it has other values by now; whether it
    /// was marked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mark_dead(
        &self,
        workspace: WorkspaceId,
        id: CredentialId,
        version: i32,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let (active, dead) = (CredentialState::Active, CredentialState::Invalid);
        let one = of_workspace_and_id(workspace, id)
            .add(Expr::col("version").eq(i64::from(version)))
            .add(Expr::col("state").eq(active.as_str()));
        let state = Expr::value(dead.as_str());
        Ok(set_state(&self.write, state, one, at).await? == 1)
    }
}

/// The two kinds of credentials, whose columns of these names are alike.
const TABLES: [&str; 2] = ["provider_credentials", "provider_model_credentials"];

fn of_workspace_and_id(workspace: WorkspaceId, id: CredentialId) -> Condition {
    Condition::all()
        .add(Expr::col("id").eq(id.uuid()))
        .add(Expr::col("workspace_id").eq(workspace.uuid()))
}

/// Gives the credentials that fit another state and raises their revisions, so that calls resolve them anew; how many fit.
async fn set_state(
    connection: &impl ConnectionTrait,
    state: SimpleExpr,
    fitting: Condition,
    at: Timestamp,
) -> Result<u64, StoreError> {
    let mut changed = 0;
    for table in TABLES {
        let update = Query::update()
            .table(table)
            .value("revision", Expr::cust("revision + 1"))
            .value("updated_at", at.millis())
            .value("state", state.clone())
            .cond_where(fitting.clone())
            .to_owned();
        changed += connection.execute(&update).await?.rows_affected();
    }
    Ok(changed)
}

/// The state after a reset: what calls have marked is active again, what a person has switched off stays so.
fn awake(marked: &[CredentialState]) -> SimpleExpr {
    let words = marked.iter().map(|state| format!("'{}'", state.as_str()));
    let words: Vec<String> = words.collect();
    let active = CredentialState::Active.as_str();
    let words = words.join(", ");
    Expr::cust(format!(
        "CASE WHEN state IN ({words}) THEN '{active}' ELSE state END"
    ))
}

/// The health of all versions in a workspace.
pub(crate) async fn of_workspace(
    connection: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<HashMap<(Uuid, i64), Health>, StoreError> {
    let rows = credential_health::Entity::find()
        .filter(credential_health::Column::WorkspaceId.eq(workspace.uuid()))
        .all(connection)
        .await?;
    let rows = rows.iter();
    Ok(rows
        .map(|row| ((row.id, row.version), health_of(row)))
        .collect())
}

/// The same credential with what is known of its version.
pub(crate) fn put(credential: Credential, known: &HashMap<(Uuid, i64), Health>) -> Credential {
    let key = (credential.id.uuid(), i64::from(credential.version));
    Credential {
        health: known.get(&key).cloned().unwrap_or_default(),
        ..credential
    }
}

pub(crate) async fn of(
    connection: &impl ConnectionTrait,
    id: CredentialId,
    version: i32,
) -> Result<Option<Health>, StoreError> {
    let find = credential_health::Entity::find_by_id((id.uuid(), i64::from(version)));
    Ok(row_of_key(find, connection).await?.as_ref().map(health_of))
}

/// Forgets all versions of a credential.
pub(crate) async fn forget(
    connection: &impl ConnectionTrait,
    id: CredentialId,
) -> Result<(), StoreError> {
    credential_health::Entity::delete_many()
        .filter(credential_health::Column::Id.eq(id.uuid()))
        .exec(connection)
        .await?;
    Ok(())
}

pub(crate) fn health_of(row: &credential_health::Model) -> Health {
    Health {
        cooling_until: row.cooling_until.map(codec::time),
        cooling_code: row.cooling_code.clone(),
        exhausted_at: row.exhausted_at.map(codec::time),
        probe_at: row.probe_at.map(codec::time),
        failures: codec::count(row.failures),
        last_success_at: row.last_success_at.map(codec::time),
        last_failure_at: row.last_failure_at.map(codec::time),
    }
}

pub(crate) fn row_of(
    (id, version): (Uuid, i64),
    workspace_id: Uuid,
    health: &Health,
) -> credential_health::Model {
    credential_health::Model {
        id,
        version,
        workspace_id,
        cooling_until: health.cooling_until.map(Timestamp::millis),
        cooling_code: health.cooling_code.clone(),
        exhausted_at: health.exhausted_at.map(Timestamp::millis),
        probe_at: health.probe_at.map(Timestamp::millis),
        failures: health.failures.into(),
        last_success_at: health.last_success_at.map(Timestamp::millis),
        last_failure_at: health.last_failure_at.map(Timestamp::millis),
    }
}

/// Writes a row, in place of the one that is there.
pub(crate) async fn write(
    connection: &impl ConnectionTrait,
    row: credential_health::Model,
) -> Result<(), StoreError> {
    let key = [
        credential_health::Column::Id,
        credential_health::Column::Version,
    ];
    let replace = OnConflict::columns(key)
        .update_columns(credential_health::Column::iter().skip(key.len()))
        .to_owned();
    credential_health::Entity::insert(row.into_active_model())
        .on_conflict(replace)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}
