//! The first start: the check of the master key, a workspace, its owner's key and a sample; and what a start after a crash puts
//! in order.

use latchkey_domain::access::{ApiKey, ApiKeyKind, Permission};
use latchkey_domain::credential::Environment;
use latchkey_domain::document::{ImportOptions, import};
use latchkey_domain::id::{ApiKeyId, MemberId, WorkflowId, WorkspaceId};
use latchkey_domain::settings::CredentialSettings;
use latchkey_domain::workflow::Workflow;
use latchkey_engine::node::NodeTypes as _;
use latchkey_secrets::{DataKey, Secret};
use latchkey_store::{Besides, DocumentText, Installation, NewVersion, Page, Workspace};

use crate::Service;
use crate::access::WORKSPACE_PREFIX;
use crate::documents::Separated;
use crate::error::Error;
use crate::keyring::{CHECK, wrong_master_key};

/// The name of the sample workflow.
pub const SAMPLE_NAME: &str = "Sample";
const SAMPLE: &str = include_str!("sample.yml");

/// What a start found or made.
#[derive(Debug)]
pub struct Bootstrapped {
    /// Whether this start has made the installation.
    pub is_new: bool,
    /// The sample workflow, if it is still there.
    pub sample: Option<WorkflowId>,
    /// Runs that wait to be taken up: a crash has interrupted them, or the last process has let go of them.
    pub waiting: u64,
}

impl Service {
    /// A token for the owner of a new installation. Whoever keeps it does so before [`Service::bootstrap`], which makes it valid.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn first_token() -> Result<Secret<String>, Error> {
        Ok(latchkey_secrets::token::generate(WORKSPACE_PREFIX)?)
    }

    /// Whether the database is no installation yet.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn is_new(&self) -> Result<bool, Error> {
        Ok(self.inner.store.fact(CHECK).await?.is_none())
    }

    /// Makes an empty database an installation whose owner has this token, or checks that it belongs to the master key; then goes on
    /// with what a crash has left, and begins to watch the forms of paused runs and the overlaps of rotated credentials.
    ///
    /// # Errors
    /// `master_key_wrong` when the database was made with another one; nothing was changed then.
    pub async fn bootstrap(&self, first_token: Secret<String>) -> Result<Bootstrapped, Error> {
        let record = self.inner.store.fact(CHECK).await?;
        let is_new = record.is_none();
        match record {
            None => self.install(first_token).await?,
            Some(record) if self.inner.vault.master().recognises(&record) => {}
            Some(_) => return Err(wrong_master_key()),
        }
        let waiting = self.begin_to_work().await?;
        self.watch_forms();
        self.watch_overlaps();
        self.resume_reencryption().await?;
        self.watch_inline();
        // Documents that nobody has finished.
        self.inner.indexer.wake();
        Ok(Bootstrapped {
            is_new,
            sample: self.sample().await?,
            waiting,
        })
    }

    /// The sample workflow of the first workspace, if it is still there: the first page for people shows how to run it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sample(&self) -> Result<Option<WorkflowId>, Error> {
        let workspaces = self.inner.store.workspaces().await?;
        let Some(workspace) = workspaces.first() else {
            return Ok(None);
        };
        let page = Page::first(200);
        let page = self.inner.store.workflows(workspace.id, page).await?;
        let sample = page
            .rows
            .into_iter()
            .find(|workflow| workflow.name == SAMPLE_NAME && workflow.published_version.is_some());
        Ok(sample.map(|workflow| workflow.id))
    }

    /// Everything that a new installation has, in one transaction: whoever dies half-way leaves an empty database.
    async fn install(&self, first_token: Secret<String>) -> Result<(), Error> {
        let id = WorkspaceId::new(Self::new_id());
        let now = self.now();
        let environments: Vec<Environment> = Environment::FIRST
            .map(|name| Environment(name.to_owned()))
            .to_vec();
        let master = self.inner.vault.master();
        let workspace = Workspace {
            id,
            name: "Default".to_owned(),
            environments: environments.clone(),
            data_key: master.wrap(&DataKey::generate()?, &id.to_string())?,
            created_at: now,
        };
        let key = ApiKey {
            id: ApiKeyId::new(Self::new_id()),
            workspace: id,
            member: None,
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
        let created = Self::give_token(key, Some(first_token))?;
        let hash = self.inner.keys.hash(created.token.expose());
        let new = Installation {
            facts: vec![(CHECK.to_owned(), master.check_record()?)],
            workspace,
            owner: (MemberId::new(Self::new_id()), "Owner".to_owned()),
            key: (created.key, hash),
            sample: self.new_sample(id)?,
        };
        Ok(self.inner.store.install(new).await?)
    }

    /// The sample with its first version. It has no secrets, so nothing of it is sealed.
    fn new_sample(
        &self,
        workspace: WorkspaceId,
    ) -> Result<(Workflow, DocumentText, Besides), Error> {
        let supported = |node_type: &str| self.inner.nodes.supports(node_type);
        let options = ImportOptions {
            confirm_newer: true,
            supported: &supported,
        };
        let document = import(SAMPLE, &options).document;
        let document = document.ok_or_else(|| Error::internal("the sample cannot be read"))?;
        self.check_publishable(&document, &CredentialSettings::default())?;
        let document = Separated::of(&document)?;
        let owner = Self::owner(workspace);
        let workflow = Self::new_workflow(&owner, &document, self.now());
        let text = DocumentText {
            json: document.json,
            secrets: None,
        };
        let version = NewVersion {
            document: text.clone(),
            note: String::new(),
            author: owner.principal,
            at: workflow.created_at,
            triggers: Vec::new(),
        };
        let besides = Besides {
            settings: None,
            version: Some(version),
        };
        Ok((workflow, text, besides))
    }
}
