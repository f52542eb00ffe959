//! The first start: the check of the master key, a workspace, its owner's key and a sample; and what a start after a crash puts
//! in order.

use latchkey_domain::access::{ApiKey, ApiKeyKind, Permission};
use latchkey_domain::credential::Environment;
use latchkey_domain::id::{ApiKeyId, MemberId, WorkflowId, WorkspaceId};
use latchkey_secrets::{DataKey, Secret};
use latchkey_store::{Page, StoreError, Workspace};

use crate::Service;
use crate::error::{Error, ErrorKind};
use crate::import::ImportRequest;

/// The name of the sample workflow.
pub const SAMPLE_NAME: &str = "Sample";
/// The fact that tells whether a master key is the right one.
const CHECK: &str = "master key";
const SAMPLE: &str = include_str!("sample.yml");

/// What a start found or made.
#[derive(Debug)]
pub struct Bootstrapped {
    /// The owner's token, if this start has made it.
    pub first_token: Option<Secret<String>>,
    /// The sample workflow, if it is still there.
    pub sample: Option<WorkflowId>,
    /// Runs that a crash had interrupted.
    pub interrupted: usize,
}

impl Service {
    /// Makes an empty database ready, or checks that this one belongs to the master key; then ends what a crash has left.
    ///
    /// # Errors
    /// `master_key_wrong` when the database was made with another one; nothing was changed then.
    pub async fn bootstrap(&self, preset: Option<Secret<String>>) -> Result<Bootstrapped, Error> {
        self.check_master_key().await?;
        let workspaces = self.inner.store.workspaces().await?;
        let (workspace, first_token) = match workspaces.first() {
            Some(workspace) => (workspace.id, None),
            None => self.first_workspace(preset).await?,
        };
        let interrupted = self.end_interrupted_runs().await?;
        let page = self
            .inner
            .store
            .workflows(workspace, Page::first(200))
            .await?;
        let sample = page
            .rows
            .into_iter()
            .find(|workflow| workflow.name == SAMPLE_NAME && workflow.published_version.is_some());
        Ok(Bootstrapped {
            first_token,
            sample: sample.map(|workflow| workflow.id),
            interrupted,
        })
    }

    async fn check_master_key(&self) -> Result<(), Error> {
        let master = self.inner.vault.master();
        let Some(record) = self.inner.store.fact(CHECK).await? else {
            return match self
                .inner
                .store
                .insert_fact(CHECK, master.check_record()?)
                .await
            {
                Ok(()) | Err(StoreError::Taken) => Ok(()),
                Err(error) => Err(error.into()),
            };
        };
        if master.recognises(&record) {
            return Ok(());
        }
        let detail = "this database was made with another master key; nothing was changed";
        Err(Error::new(ErrorKind::Conflict, "master_key_wrong", detail))
    }

    async fn first_workspace(
        &self,
        preset: Option<Secret<String>>,
    ) -> Result<(WorkspaceId, Option<Secret<String>>), Error> {
        let id = WorkspaceId::new(Self::new_id());
        let now = self.now();
        let environments: Vec<Environment> = Environment::FIRST
            .map(|name| Environment(name.to_owned()))
            .to_vec();
        let workspace = Workspace {
            id,
            name: "Default".to_owned(),
            environments: environments.clone(),
            data_key: self
                .inner
                .vault
                .master()
                .wrap(&DataKey::generate()?, &id.to_string())?,
            created_at: now,
        };
        self.inner.store.insert_workspace(&workspace).await?;
        self.inner
            .store
            .insert_member(MemberId::new(Self::new_id()), id, "Owner", "owner", now)
            .await?;
        let key = ApiKey {
            id: ApiKeyId::new(Self::new_id()),
            workspace: id,
            name: "First token".to_owned(),
            kind: ApiKeyKind::Workspace,
            workflow: None,
            permissions: Permission::ALL.to_vec(),
            environments,
            prefix: String::new(),
            expires_at: None,
            created_at: now,
            last_used_at: None,
        };
        let is_preset = preset.is_some();
        let created = self.keep_key(key, preset).await?;
        let sample = ImportRequest {
            content: SAMPLE.to_owned(),
            publish: true,
            ..ImportRequest::default()
        };
        self.import(&Self::owner(id), sample).await?;
        Ok((id, (!is_preset).then_some(created.token)))
    }
}
