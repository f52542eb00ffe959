//! Sealing and opening with the data keys of workspaces.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use latchkey_domain::credential::Fingerprint;
use latchkey_domain::id::{CredentialId, NodeId, RunId, WorkflowId, WorkspaceId};
use latchkey_domain::time::Timestamp;
use latchkey_domain::trigger::Trigger;
use latchkey_models::{CredentialValues, SystemCredential};
use latchkey_secrets::{DataKey, KeyedHash, MasterKey, Place, SealError, Secret, last4};
use latchkey_store::{RunSecret, SealedValues, Store};

use crate::error::Error;
use crate::inline::{InlineValues, Plain};
use crate::lock;

/// Opens and seals. Data keys stay wrapped in the database and unwrapped in memory.
pub(crate) struct Vault {
    store: Store,
    master: MasterKey,
    fingerprints: KeyedHash,
    keys: Mutex<HashMap<WorkspaceId, Arc<DataKey>>>,
}

impl Vault {
    pub(crate) fn new(store: Store, master: MasterKey) -> Self {
        Self {
            store,
            fingerprints: master.keyed_hash("fingerprints"),
            master,
            keys: Mutex::default(),
        }
    }

    pub(crate) const fn master(&self) -> &MasterKey {
        &self.master
    }

    async fn key(&self, workspace: WorkspaceId) -> Result<Arc<DataKey>, Error> {
        if let Some(key) = lock(&self.keys).get(&workspace) {
            return Ok(Arc::clone(key));
        }
        let all = self.store.workspaces().await?;
        let known = all.into_iter().find(|known| known.id == workspace);
        let known = known.ok_or_else(|| Error::not_found("workspace"))?;
        let key = Arc::new(
            self.master
                .unwrap_key(&known.data_key, &workspace.to_string())?,
        );
        lock(&self.keys).insert(workspace, Arc::clone(&key));
        Ok(key)
    }

    pub(crate) async fn seal_credential(
        &self,
        workspace: WorkspaceId,
        id: CredentialId,
        values: &CredentialValues,
    ) -> Result<SealedValues, Error> {
        let plain: BTreeMap<&str, &str> = values
            .secrets
            .iter()
            .map(|(name, value)| (name.as_str(), value.expose().as_str()))
            .collect();
        let plain = Secret::new(serde_json::to_vec(&plain).map_err(Error::internal)?);
        let place = credential_place(workspace, id);
        Ok(SealedValues(
            self.key(workspace).await?.seal(plain.expose(), &place)?,
        ))
    }

    pub(crate) async fn open_credential(
        &self,
        workspace: WorkspaceId,
        id: CredentialId,
        sealed: &SealedValues,
    ) -> Result<CredentialValues, Error> {
        let opened = self
            .key(workspace)
            .await?
            .open(&sealed.0, &credential_place(workspace, id))?;
        let plain: BTreeMap<String, String> =
            serde_json::from_slice(opened.expose()).map_err(|_| SealError::Format)?;
        let secrets = plain
            .into_iter()
            .map(|(name, value)| (name, Secret::new(value)))
            .collect();
        Ok(CredentialValues { secrets })
    }

    /// Seals the values of a document's secret variables; nothing when there are none.
    pub(crate) async fn seal_variables(
        &self,
        workspace: WorkspaceId,
        workflow: WorkflowId,
        values: &[(String, String)],
    ) -> Result<Option<Vec<u8>>, Error> {
        if values.is_empty() {
            return Ok(None);
        }
        let plain = Secret::new(serde_json::to_vec(values).map_err(Error::internal)?);
        let sealed = self
            .key(workspace)
            .await?
            .seal(plain.expose(), &variables_place(workspace, workflow))?;
        Ok(Some(sealed))
    }

    pub(crate) async fn open_variables(
        &self,
        workspace: WorkspaceId,
        workflow: WorkflowId,
        sealed: Option<&[u8]>,
    ) -> Result<Vec<(String, String)>, Error> {
        let Some(sealed) = sealed else {
            return Ok(Vec::new());
        };
        let opened = self
            .key(workspace)
            .await?
            .open(sealed, &variables_place(workspace, workflow))?;
        serde_json::from_slice(opened.expose()).map_err(|_| SealError::Format.into())
    }

    /// Seals the address of the webhook that a node is.
    pub(crate) async fn seal_address(
        &self,
        (workspace, workflow, node): (WorkspaceId, WorkflowId, &NodeId),
        address: &Secret<String>,
    ) -> Result<Vec<u8>, Error> {
        let place = address_place(workspace, workflow, node);
        let key = self.key(workspace).await?;
        Ok(key.seal(address.expose().as_bytes(), &place)?)
    }

    pub(crate) async fn open_address(
        &self,
        of: &Trigger,
        sealed: &[u8],
    ) -> Result<Secret<String>, Error> {
        let place = address_place(of.workspace, of.workflow, &of.node);
        let opened = self.key(of.workspace).await?.open(sealed, &place)?;
        let text = std::str::from_utf8(opened.expose()).map_err(|_| SealError::Format)?;
        Ok(Secret::from(text))
    }

    /// Tells values that a run states apart from others, without saying anything about them.
    pub(crate) fn fingerprint_of_inline(
        &self,
        workspace: WorkspaceId,
        provider: &str,
        values: &BTreeMap<String, Secret<String>>,
    ) -> String {
        let mut text = format!("{workspace}\n{}:{provider}", provider.len());
        for (name, value) in values {
            let value = value.expose();
            text.push_str(&format!("\n{}:{name}{}:{value}", name.len(), value.len()));
        }
        let text = Secret::new(text);
        self.fingerprints.hash(text.expose().as_bytes())
    }

    /// Seals what a run states under a new key of the run.
    pub(crate) async fn seal_inline(
        &self,
        (workspace, run): (WorkspaceId, RunId),
        values: &InlineValues,
        created_at: Timestamp,
        ends_at: Timestamp,
    ) -> Result<RunSecret, Error> {
        let key = DataKey::generate()?;
        let plain: BTreeMap<&str, Plain> = values
            .iter()
            .map(|(fingerprint, own)| (fingerprint.as_str(), Plain::of(own)))
            .collect();
        let plain = Secret::new(serde_json::to_vec(&plain).map_err(Error::internal)?);
        Ok(RunSecret {
            run,
            workspace,
            run_key: self
                .key(workspace)
                .await?
                .wrap(&key, &run_key_place(workspace, run))?,
            sealed: key.seal(plain.expose(), &run_place(workspace, run))?,
            created_at,
            ends_at,
        })
    }

    /// Opens one of the credentials that a run has stated; none when it has not stated it.
    pub(crate) async fn open_inline(
        &self,
        secret: &RunSecret,
        fingerprint: &str,
    ) -> Result<Option<SystemCredential>, Error> {
        let (workspace, run) = (secret.workspace, secret.run);
        let own = self.key(workspace).await?;
        let key = own.unwrap_key(&secret.run_key, &run_key_place(workspace, run))?;
        let opened = key.open(&secret.sealed, &run_place(workspace, run))?;
        let mut plain: BTreeMap<String, Plain> =
            serde_json::from_slice(opened.expose()).map_err(|_| SealError::Format)?;
        Ok(plain.remove(fingerprint).map(Plain::opened))
    }

    /// What reads may show of secrets.
    pub(crate) fn fingerprints(
        &self,
        workspace: WorkspaceId,
        values: &CredentialValues,
    ) -> BTreeMap<String, Fingerprint> {
        let show = |value: &str| Fingerprint {
            last4: last4(value),
            fingerprint: self.fingerprints.fingerprint(&workspace.to_string(), value),
        };
        values
            .secrets
            .iter()
            .map(|(name, value)| (name.clone(), show(value.expose())))
            .collect()
    }
}

fn credential_place(workspace: WorkspaceId, id: CredentialId) -> Place {
    Place::of(&[
        &workspace.to_string(),
        "credential",
        &id.to_string(),
        "values",
    ])
}

fn run_key_place(workspace: WorkspaceId, run: RunId) -> Place {
    Place::of(&[&workspace.to_string(), "run", &run.to_string(), "key"])
}

fn run_place(workspace: WorkspaceId, run: RunId) -> Place {
    Place::of(&[&workspace.to_string(), "run", &run.to_string(), "values"])
}

fn address_place(workspace: WorkspaceId, workflow: WorkflowId, node: &NodeId) -> Place {
    Place::of(&[
        &workspace.to_string(),
        "workflow",
        &workflow.to_string(),
        "webhook address",
        node.as_str(),
    ])
}

fn variables_place(workspace: WorkspaceId, workflow: WorkflowId) -> Place {
    Place::of(&[
        &workspace.to_string(),
        "workflow",
        &workflow.to_string(),
        "secret variables",
    ])
}
