//! Workspaces, API keys and facts about the database itself.

use latchkey_domain::access::{ApiKey, ApiKeyKind, Permission};
use latchkey_domain::credential::Environment;
use latchkey_domain::id::{ApiKeyId, MemberId, WorkflowId, WorkspaceId};
use latchkey_domain::member::Role;
use latchkey_domain::time::Timestamp;
use latchkey_domain::workflow::Workflow;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DatabaseConnection, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use crate::codec::{self, text, value, word};
use crate::entities::{api_key, fact, member, workspace};
use crate::error::StoreError;
use crate::open::Store;
use crate::page::{Page, Paged};
use crate::workflows::{self, Besides, DocumentText};

/// A workspace as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Its name.
    pub name: String,
    /// The environments that it declares.
    pub environments: Vec<Environment>,
    /// Its data key, wrapped by the master key.
    pub data_key: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What the first start writes.
#[derive(Debug)]
pub struct Installation {
    /// Facts about the database, by name.
    pub facts: Vec<(String, Vec<u8>)>,
    /// The first workspace.
    pub workspace: Workspace,
    /// Its owner: id and name.
    pub owner: (MemberId, String),
    /// The owner's key, and its hash.
    pub key: (ApiKey, String),
    /// A workflow with its draft.
    pub sample: (Workflow, DocumentText, Besides),
}

pub(crate) async fn fact(
    connection: &DatabaseConnection,
    name: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row = fact::Entity::find_by_id(name.to_owned())
        .one(connection)
        .await?;
    Ok(row.map(|row| row.value))
}

impl Store {
    /// Makes an empty database an installation: all of it or nothing.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when it is one already, or the database's.
    pub async fn install(&self, new: Installation) -> Result<(), StoreError> {
        let at = new.workspace.created_at.millis();
        let transaction = self.write.begin().await?;
        for (name, value) in new.facts {
            let row = fact::Model { name, value };
            row.into_active_model().insert(&transaction).await?;
        }
        let workspace = workspace_row(&new.workspace)?.into_active_model();
        workspace.insert(&transaction).await?;
        let owner = member::Model {
            id: new.owner.0.uuid(),
            workspace_id: new.workspace.id.uuid(),
            name: new.owner.1,
            role: Role::Owner.as_str().to_owned(),
            created_at: at,
            email: None,
            password: None,
            disabled_at: None,
            removed_at: None,
            seen_at: None,
        };
        owner.into_active_model().insert(&transaction).await?;
        let key = key_row(&new.key.0, &new.key.1)?.into_active_model();
        key.insert(&transaction).await?;
        let (sample, draft, besides) = new.sample;
        workflows::insert_workflow(&transaction, &sample, &draft, besides).await?;
        Ok(transaction.commit().await?)
    }

    /// A fact about this database.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fact(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self::fact(&self.read, name).await
    }

    /// Writes a fact that is not there yet.
    ///
    /// # Errors
    /// When it is there, or the database fails.
    pub async fn insert_fact(&self, name: &str, value: Vec<u8>) -> Result<(), StoreError> {
        let row = fact::Model {
            name: name.to_owned(),
            value,
        };
        row.into_active_model().insert(&self.write).await?;
        Ok(())
    }

    /// All workspaces, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn workspaces(&self) -> Result<Vec<Workspace>, StoreError> {
        let rows = workspace::Entity::find()
            .order_by_asc(workspace::Column::Id)
            .all(&self.read)
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Workspace {
                    id: WorkspaceId::new(row.id),
                    name: row.name,
                    environments: value(&row.environments)?,
                    data_key: row.data_key,
                    created_at: codec::time(row.created_at),
                })
            })
            .collect()
    }

    /// Keeps a new workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_workspace(&self, new: &Workspace) -> Result<(), StoreError> {
        let row = workspace_row(new)?.into_active_model();
        row.insert(&self.write).await?;
        Ok(())
    }

    /// Gives a workspace another name; false: there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rename_workspace(
        &self,
        workspace: WorkspaceId,
        name: &str,
    ) -> Result<bool, StoreError> {
        let changed = workspace::Entity::update_many()
            .col_expr(workspace::Column::Name, Expr::value(name))
            .filter(workspace::Column::Id.eq(workspace.uuid()))
            .exec(&self.write)
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// Keeps a new API key by its hash.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_api_key(&self, key: &ApiKey, hash: &str) -> Result<(), StoreError> {
        let row = key_row(key, hash)?.into_active_model();
        row.insert(&self.write).await?;
        Ok(())
    }

    /// The key of a hash.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn api_key_by_hash(&self, hash: &str) -> Result<Option<ApiKey>, StoreError> {
        let find = api_key::Entity::find().filter(api_key::Column::Hash.eq(hash));
        find.one(&self.read).await?.map(key_of).transpose()
    }

    /// A key of a workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn api_key(
        &self,
        workspace: WorkspaceId,
        id: ApiKeyId,
    ) -> Result<Option<ApiKey>, StoreError> {
        let find = api_key::Entity::find_by_id(id.uuid())
            .filter(api_key::Column::WorkspaceId.eq(workspace.uuid()));
        find.one(&self.read).await?.map(key_of).transpose()
    }

    /// The keys of a workspace, or of one of its workflows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn api_keys(
        &self,
        workspace: WorkspaceId,
        workflow: Option<WorkflowId>,
        page: Page,
    ) -> Result<Paged<ApiKey>, StoreError> {
        let mut find =
            api_key::Entity::find().filter(api_key::Column::WorkspaceId.eq(workspace.uuid()));
        if let Some(workflow) = workflow {
            find = find.filter(api_key::Column::WorkflowId.eq(workflow.uuid()));
        }
        if let Some(after) = page.after {
            find = find.filter(api_key::Column::Id.lt(after));
        }
        let rows = find
            .order_by_desc(api_key::Column::Id)
            .limit(page.limit + 1)
            .all(&self.read)
            .await?;
        Paged::of(rows, page, |row| row.id).try_map(key_of)
    }

    /// Forgets a key.
    ///
    /// # Errors
    /// When this workspace has none of that id, or the database fails.
    pub async fn delete_api_key(
        &self,
        workspace: WorkspaceId,
        id: ApiKeyId,
    ) -> Result<(), StoreError> {
        let gone = api_key::Entity::delete_many()
            .filter(api_key::Column::Id.eq(id.uuid()))
            .filter(api_key::Column::WorkspaceId.eq(workspace.uuid()))
            .exec(&self.write)
            .await?;
        if gone.rows_affected == 0 {
            Err(StoreError::NotFound)
        } else {
            Ok(())
        }
    }

    /// Writes down that keys were used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn touch_api_keys(&self, ids: &[ApiKeyId], at: Timestamp) -> Result<(), StoreError> {
        api_key::Entity::update_many()
            .col_expr(api_key::Column::LastUsedAt, Expr::value(at.millis()))
            .filter(api_key::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
            .exec(&self.write)
            .await?;
        Ok(())
    }
}

fn workspace_row(of: &Workspace) -> Result<workspace::Model, StoreError> {
    Ok(workspace::Model {
        id: of.id.uuid(),
        name: of.name.clone(),
        environments: text(&of.environments)?,
        data_key: of.data_key.clone(),
        created_at: of.created_at.millis(),
    })
}

fn key_row(key: &ApiKey, hash: &str) -> Result<api_key::Model, StoreError> {
    Ok(api_key::Model {
        id: key.id.uuid(),
        workspace_id: key.workspace.uuid(),
        name: key.name.clone(),
        kind: match key.kind {
            ApiKeyKind::Workspace => "workspace".to_owned(),
            ApiKeyKind::App => "app".to_owned(),
        },
        workflow_id: key.workflow.map(WorkflowId::uuid),
        permissions: text(&key.permissions)?,
        environments: text(&key.environments)?,
        prefix: key.prefix.clone(),
        hash: hash.to_owned(),
        expires_at: key.expires_at.map(Timestamp::millis),
        created_at: key.created_at.millis(),
        last_used_at: None,
        member_id: key.member.map(MemberId::uuid),
    })
}

fn key_of(row: api_key::Model) -> Result<ApiKey, StoreError> {
    let names: Vec<String> = value(&row.permissions)?;
    Ok(ApiKey {
        id: ApiKeyId::new(row.id),
        workspace: WorkspaceId::new(row.workspace_id),
        member: row.member_id.map(MemberId::new),
        name: row.name,
        kind: word(&row.kind, |word| match word {
            "workspace" => Some(ApiKeyKind::Workspace),
            "app" => Some(ApiKeyKind::App),
            _ => None,
        })?,
        workflow: row.workflow_id.map(WorkflowId::new),
        // A permission that a newer version knew grants nothing here.
        permissions: names
            .iter()
            .filter_map(|name| Permission::parse(name))
            .collect(),
        environments: value(&row.environments)?,
        prefix: row.prefix,
        expires_at: row.expires_at.map(codec::time),
        created_at: codec::time(row.created_at),
        last_used_at: row.last_used_at.map(codec::time),
    })
}
