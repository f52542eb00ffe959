//! `ProviderCredential` and `ProviderModelCredential`: two tables, one kind of thing. Values are sealed before they come here.

use latchkey_domain::credential::{Credential, CredentialState, Health, Holder, ModelScope, Rules};
use latchkey_domain::id::{CredentialId, WorkspaceId};
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DatabaseTransaction,
    EntityTrait as _, IntoActiveModel as _, NotSet, QueryFilter as _, QuerySelect as _,
};

use crate::codec::{self, text, value};
use crate::credential_versions;
use crate::entities::{
    credential_default, credential_name, provider_credential, provider_model_credential,
};
use crate::error::StoreError;
use crate::key::row_of_key;
use crate::open::Store;
use crate::pools::leave_pools;
use crate::{health, spending};

/// The sealed secret fields of a credential.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedValues(pub Vec<u8>);

impl std::fmt::Debug for SealedValues {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedValues({} bytes)", self.0.len())
    }
}

/// What is changed of a stored credential.
#[derive(Clone, Debug)]
pub struct CredentialChange {
    /// The credential as it shall be, with its version and revision raised.
    pub credential: Credential,
    /// The revision that it must still have.
    pub expected_revision: i32,
    /// New values; none keeps the old ones.
    pub sealed: Option<SealedValues>,
}

/// What a default is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultKey {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The provider.
    pub provider: ProviderId,
    /// The model; none for the provider as a whole.
    pub model: Option<ModelScope>,
}

impl Store {
    /// Keeps a new credential, and makes it a default if asked to.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when its name is taken, or the database's.
    pub async fn insert_credential(
        &self,
        new: &Credential,
        sealed: &SealedValues,
        make_default: bool,
    ) -> Result<(), StoreError> {
        let transaction = self.write.begin().await?;
        let name = credential_name::Model {
            workspace_id: new.workspace.uuid(),
            provider: new.provider.to_string(),
            name: new.name.clone(),
            credential_id: new.id.uuid(),
        };
        name.into_active_model().insert(&transaction).await?;
        match &new.model {
            None => drop(
                provider_row(new, sealed)?
                    .into_active_model()
                    .insert(&transaction)
                    .await?,
            ),
            Some(model) => drop(
                model_row(new, model, sealed)?
                    .into_active_model()
                    .insert(&transaction)
                    .await?,
            ),
        }
        if make_default {
            let key = DefaultKey {
                workspace: new.workspace,
                provider: new.provider.clone(),
                model: new.model.clone(),
            };
            put_default(&transaction, &key, new.id).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// All credentials of a workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn credentials(&self, workspace: WorkspaceId) -> Result<Vec<Credential>, StoreError> {
        let of_providers = provider_credential::Entity::find()
            .filter(provider_credential::Column::WorkspaceId.eq(workspace.uuid()))
            .all(&self.read)
            .await?;
        let of_models = provider_model_credential::Entity::find()
            .filter(provider_model_credential::Column::WorkspaceId.eq(workspace.uuid()))
            .all(&self.read)
            .await?;
        let health = health::of_workspace(&self.read, workspace).await?;
        let of_providers = of_providers
            .into_iter()
            .map(|row| credential_of(Row::Provider(row)));
        let of_models = of_models
            .into_iter()
            .map(|row| credential_of(Row::Model(row)));
        of_providers
            .chain(of_models)
            .map(|both| both.map(|(credential, _)| health::put(credential, &health)))
            .collect()
    }

    /// A credential with its sealed values.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn credential(
        &self,
        workspace: WorkspaceId,
        id: CredentialId,
    ) -> Result<Option<(Credential, SealedValues)>, StoreError> {
        let of_provider = provider_credential::Entity::find_by_id(id.uuid())
            .filter(provider_credential::Column::WorkspaceId.eq(workspace.uuid()));
        if let Some(row) = row_of_key(of_provider, &self.read).await? {
            let (credential, sealed) = credential_of(Row::Provider(row))?;
            return Ok(Some((self.with_health(credential).await?, sealed)));
        }
        let of_model = provider_model_credential::Entity::find_by_id(id.uuid())
            .filter(provider_model_credential::Column::WorkspaceId.eq(workspace.uuid()));
        let Some(row) = row_of_key(of_model, &self.read).await? else {
            return Ok(None);
        };
        let (credential, sealed) = credential_of(Row::Model(row))?;
        Ok(Some((self.with_health(credential).await?, sealed)))
    }

    async fn with_health(&self, credential: Credential) -> Result<Credential, StoreError> {
        let known = health::of(&self.read, credential.id, credential.version).await?;
        Ok(Credential {
            health: known.unwrap_or_default(),
            ..credential
        })
    }

    /// Changes a credential of its workspace if it is still at the expected revision; when it was last used is not changed.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when it is not, [`StoreError::Taken`] when its new name is taken, or the database's.
    pub async fn change_credential(&self, change: &CredentialChange) -> Result<(), StoreError> {
        let transaction = self.write.begin().await?;
        change_in(&transaction, change).await?;
        Ok(transaction.commit().await?)
    }

    /// Removes a credential, its name, its versions, its places in pools and the defaults that name it.
    ///
    /// # Errors
    /// When it is not there, or the database fails.
    pub async fn delete_credential(
        &self,
        workspace: WorkspaceId,
        id: CredentialId,
    ) -> Result<(), StoreError> {
        let transaction = self.write.begin().await?;
        // The name first: `set_default` holds on to it.
        credential_name::Entity::delete_many()
            .filter(credential_name::Column::CredentialId.eq(id.uuid()))
            .filter(credential_name::Column::WorkspaceId.eq(workspace.uuid()))
            .exec(&transaction)
            .await?;
        credential_default::Entity::delete_many()
            .filter(credential_default::Column::CredentialId.eq(id.uuid()))
            .filter(credential_default::Column::WorkspaceId.eq(workspace.uuid()))
            .exec(&transaction)
            .await?;
        leave_pools(&transaction, workspace, id).await?;
        let of_providers = provider_credential::Entity::delete_many()
            .filter(provider_credential::Column::Id.eq(id.uuid()))
            .filter(provider_credential::Column::WorkspaceId.eq(workspace.uuid()))
            .exec(&transaction)
            .await?;
        let of_models = provider_model_credential::Entity::delete_many()
            .filter(provider_model_credential::Column::Id.eq(id.uuid()))
            .filter(provider_model_credential::Column::WorkspaceId.eq(workspace.uuid()))
            .exec(&transaction)
            .await?;
        if of_providers.rows_affected + of_models.rows_affected == 0 {
            return Err(StoreError::NotFound);
        }
        health::forget(&transaction, id).await?;
        spending::forget_wholly(&transaction, &Holder::Credential(id)).await?;
        credential_versions::forget(&transaction, workspace, id).await?;
        Ok(transaction.commit().await?)
    }

    /// All defaults of a workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn credential_defaults(
        &self,
        workspace: WorkspaceId,
    ) -> Result<Vec<(DefaultKey, CredentialId)>, StoreError> {
        let rows = credential_default::Entity::find()
            .filter(credential_default::Column::WorkspaceId.eq(workspace.uuid()))
            .all(&self.read)
            .await?;
        rows.into_iter()
            .map(|row| {
                let model = if row.model.is_empty() {
                    None
                } else {
                    Some(ModelScope {
                        name: row.model,
                        model_type: model_type(&row.model_type)?,
                    })
                };
                let key = DefaultKey {
                    workspace,
                    provider: ProviderId::normalise(&row.provider),
                    model,
                };
                Ok((key, CredentialId::new(row.credential_id)))
            })
            .collect()
    }

    /// Makes a credential a default, or takes the default away.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the workspace has no such credential of that provider, or the database's.
    pub async fn set_default(
        &self,
        key: &DefaultKey,
        credential: Option<CredentialId>,
    ) -> Result<(), StoreError> {
        if let Some(credential) = credential {
            let transaction = self.write.begin().await?;
            let mut find = credential_name::Entity::find()
                .filter(credential_name::Column::WorkspaceId.eq(key.workspace.uuid()))
                .filter(credential_name::Column::Provider.eq(key.provider.as_str()))
                .filter(credential_name::Column::CredentialId.eq(credential.uuid()));
            if self.is_postgres() {
                find = find.lock_shared();
            }
            find.one(&transaction).await?.ok_or(StoreError::NotFound)?;
            put_default(&transaction, key, credential).await?;
            return Ok(transaction.commit().await?);
        }
        let (model, kind) = default_columns(key);
        credential_default::Entity::delete_by_id((
            key.workspace.uuid(),
            key.provider.to_string(),
            model,
            kind,
        ))
        .exec(&self.write)
        .await?;
        Ok(())
    }
}

/// The change of a credential, inside of a transaction.
pub(crate) async fn change_in(
    transaction: &DatabaseTransaction,
    change: &CredentialChange,
) -> Result<(), StoreError> {
    let credential = &change.credential;
    credential_name::Entity::update_many()
        .col_expr(
            credential_name::Column::Name,
            Expr::value(credential.name.clone()),
        )
        .filter(credential_name::Column::CredentialId.eq(credential.id.uuid()))
        .filter(credential_name::Column::WorkspaceId.eq(credential.workspace.uuid()))
        .exec(transaction)
        .await?;
    let before = rules_before(transaction, credential).await?;
    let rows = match &credential.model {
        None => change_of_provider(transaction, change).await?,
        Some(model) => change_of_model(transaction, change, model).await?,
    };
    if rows == 0 {
        return Err(StoreError::Changed);
    }
    if before.budgets != credential.budgets {
        // What is left of them is counted anew from the ledger by the next call that needs it.
        spending::forget(transaction, &Holder::Credential(credential.id)).await?;
    }
    Ok(())
}

async fn put_default(
    connection: &impl ConnectionTrait,
    key: &DefaultKey,
    credential: CredentialId,
) -> Result<(), StoreError> {
    let (model, model_type) = default_columns(key);
    let row = credential_default::Model {
        workspace_id: key.workspace.uuid(),
        provider: key.provider.to_string(),
        model,
        model_type,
        credential_id: credential.uuid(),
    };
    let columns = [
        credential_default::Column::WorkspaceId,
        credential_default::Column::Provider,
        credential_default::Column::Model,
        credential_default::Column::ModelType,
    ];
    let replace = OnConflict::columns(columns)
        .update_column(credential_default::Column::CredentialId)
        .to_owned();
    credential_default::Entity::insert(row.into_active_model())
        .on_conflict(replace)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

fn default_columns(key: &DefaultKey) -> (String, String) {
    match &key.model {
        None => (String::new(), String::new()),
        Some(model) => (model.name.clone(), model.model_type.as_str().to_owned()),
    }
}

async fn change_of_provider(
    connection: &impl ConnectionTrait,
    change: &CredentialChange,
) -> Result<u64, StoreError> {
    let new = &change.credential;
    let sealed = change.sealed.as_ref();
    let mut row = provider_row(new, sealed.unwrap_or(&NONE))?
        .into_active_model()
        .reset_all();
    if sealed.is_none() {
        row.sealed = NotSet;
    }
    // The writer knows when it was used last, perhaps since whoever changes it has read it.
    row.last_used_at = NotSet;
    let done = provider_credential::Entity::update_many()
        .set(row)
        .filter(provider_credential::Column::Id.eq(new.id.uuid()))
        .filter(provider_credential::Column::WorkspaceId.eq(new.workspace.uuid()))
        .filter(provider_credential::Column::Revision.eq(i64::from(change.expected_revision)))
        .exec(connection)
        .await?;
    Ok(done.rows_affected)
}

async fn change_of_model(
    connection: &impl ConnectionTrait,
    change: &CredentialChange,
    model: &ModelScope,
) -> Result<u64, StoreError> {
    let new = &change.credential;
    let sealed = change.sealed.as_ref();
    let mut row = model_row(new, model, sealed.unwrap_or(&NONE))?
        .into_active_model()
        .reset_all();
    if sealed.is_none() {
        row.sealed = NotSet;
    }
    // The writer knows when it was used last, perhaps since whoever changes it has read it.
    row.last_used_at = NotSet;
    let done = provider_model_credential::Entity::update_many()
        .set(row)
        .filter(provider_model_credential::Column::Id.eq(new.id.uuid()))
        .filter(provider_model_credential::Column::WorkspaceId.eq(new.workspace.uuid()))
        .filter(provider_model_credential::Column::Revision.eq(i64::from(change.expected_revision)))
        .exec(connection)
        .await?;
    Ok(done.rows_affected)
}

/// Stands where the values are not written.
const NONE: SealedValues = SealedValues(Vec::new());

fn model_type(text: &str) -> Result<ModelType, StoreError> {
    value(&format!("{text:?}"))
}

fn provider_row(
    of: &Credential,
    sealed: &SealedValues,
) -> Result<provider_credential::Model, StoreError> {
    Ok(provider_credential::Model {
        id: of.id.uuid(),
        workspace_id: of.workspace.uuid(),
        provider: of.provider.to_string(),
        name: of.name.clone(),
        hosts: text(&of.hosts)?,
        settings: text(&of.settings)?,
        fingerprints: text(&of.secrets)?,
        sealed: sealed.0.clone(),
        scope: text(&of.scope)?,
        state: of.state.as_str().to_owned(),
        expires_at: of.expires_at.map(Timestamp::millis),
        version: of.version.into(),
        revision: of.revision.into(),
        created_at: of.created_at.millis(),
        updated_at: of.updated_at.millis(),
        last_used_at: of.last_used_at.map(Timestamp::millis),
        last_validated_at: of.last_validated_at.map(Timestamp::millis),
        rules: rules_text(of)?,
    })
}

fn model_row(
    of: &Credential,
    model: &ModelScope,
    sealed: &SealedValues,
) -> Result<provider_model_credential::Model, StoreError> {
    let row = provider_row(of, sealed)?;
    Ok(provider_model_credential::Model {
        id: row.id,
        workspace_id: row.workspace_id,
        provider: row.provider,
        name: row.name,
        model: model.name.clone(),
        model_type: model.model_type.as_str().to_owned(),
        hosts: row.hosts,
        settings: row.settings,
        fingerprints: row.fingerprints,
        sealed: row.sealed,
        scope: row.scope,
        state: row.state,
        expires_at: row.expires_at,
        version: row.version,
        revision: row.revision,
        created_at: row.created_at,
        updated_at: row.updated_at,
        last_used_at: row.last_used_at,
        last_validated_at: row.last_validated_at,
        rules: row.rules,
    })
}

/// The rules that a credential has before it is changed.
async fn rules_before(
    connection: &impl ConnectionTrait,
    credential: &Credential,
) -> Result<Rules, StoreError> {
    let id = credential.id.uuid();
    let found: Option<Option<String>> = match &credential.model {
        None => {
            provider_credential::Entity::find_by_id(id)
                .select_only()
                .column(provider_credential::Column::Rules)
                .into_tuple()
                .one(connection)
                .await?
        }
        Some(_) => {
            provider_model_credential::Entity::find_by_id(id)
                .select_only()
                .column(provider_model_credential::Column::Rules)
                .into_tuple()
                .one(connection)
                .await?
        }
    };
    Ok(codec::optional(found.flatten().as_ref())?.unwrap_or_default())
}

/// Most credentials have no rules; theirs is no text, so that whoever opens a call has nothing to read.
fn rules_text(of: &Credential) -> Result<Option<String>, StoreError> {
    let rules = Rules {
        limits: of.limits,
        budgets: of.budgets.clone(),
    };
    let is_plain = rules == Rules::default();
    (!is_plain).then(|| text(&rules)).transpose()
}

/// A row of either table.
enum Row {
    Provider(provider_credential::Model),
    Model(provider_model_credential::Model),
}

fn credential_of(row: Row) -> Result<(Credential, SealedValues), StoreError> {
    let (row, model) = match row {
        Row::Provider(row) => (row, None),
        Row::Model(row) => {
            let model = ModelScope {
                name: row.model,
                model_type: model_type(&row.model_type)?,
            };
            let row = provider_credential::Model {
                id: row.id,
                workspace_id: row.workspace_id,
                provider: row.provider,
                name: row.name,
                hosts: row.hosts,
                settings: row.settings,
                fingerprints: row.fingerprints,
                sealed: row.sealed,
                scope: row.scope,
                state: row.state,
                expires_at: row.expires_at,
                version: row.version,
                revision: row.revision,
                created_at: row.created_at,
                updated_at: row.updated_at,
                last_used_at: row.last_used_at,
                last_validated_at: row.last_validated_at,
                rules: row.rules,
            };
            (row, Some(model))
        }
    };
    let small = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
    let rules: Rules = codec::optional(row.rules.as_ref())?.unwrap_or_default();
    let credential = Credential {
        id: CredentialId::new(row.id),
        workspace: WorkspaceId::new(row.workspace_id),
        provider: ProviderId::normalise(&row.provider),
        name: row.name,
        model,
        hosts: value(&row.hosts)?,
        settings: value(&row.settings)?,
        secrets: value(&row.fingerprints)?,
        scope: value(&row.scope)?,
        state: codec::word(&row.state, CredentialState::parse)?,
        limits: rules.limits,
        budgets: rules.budgets,
        health: Health::default(),
        expires_at: row.expires_at.map(codec::time),
        version: small(row.version),
        revision: small(row.revision),
        created_at: codec::time(row.created_at),
        updated_at: codec::time(row.updated_at),
        last_used_at: row.last_used_at.map(codec::time),
        last_validated_at: row.last_validated_at.map(codec::time),
    };
    Ok((credential, SealedValues(row.sealed)))
}
