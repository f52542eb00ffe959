//! Sealing and opening with the data keys of workspaces.

mod inline;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use latchkey_domain::credential::{Fingerprint, ValueReference};
use latchkey_domain::id::{CredentialId, NodeId, WorkflowId, WorkspaceId};
use latchkey_domain::trigger::Trigger;
use latchkey_models::CredentialValues;
use latchkey_secrets::{DataKey, KeyId, KeyedHash, MasterKey, Place, SealError, Secret, last4};
use latchkey_store::{Sealed, SealedPlace, SealedValues, Store, WrappedKeys};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::external::External;
use crate::keyring::Keyring;
use crate::lock;
use crate::vault::inline::run_key_place;

/// Opens and seals. Data keys stay wrapped in the database and unwrapped in memory.
pub(crate) struct Vault {
    store: Store,
    master: Mutex<Arc<MasterKey>>,
    /// The hashes, which stay as they are when the master key changes.
    keyring: Keyring,
    fingerprints: KeyedHash,
    keys: Mutex<KnownKeys>,
    external: External,
    /// Keys are changed by one at a time.
    pub(crate) changing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct KnownKeys {
    /// Raised by every change, so that what was read before it is not kept.
    generation: u64,
    keys: HashMap<WorkspaceId, Arc<Keys>>,
}

/// The data keys of a workspace.
struct Keys {
    /// The one that seals.
    current: DataKey,
    /// Those that still open something.
    older: Vec<DataKey>,
}

impl Keys {
    fn unwrapped(master: &MasterKey, of: &WrappedKeys) -> Result<Self, SealError> {
        let workspace = of.workspace.to_string();
        let older = of.older.iter();
        let older = older.map(|key| master.unwrap_key(&key.wrapped, &workspace));
        Ok(Self {
            current: master.unwrap_key(&of.current, &workspace)?,
            older: older.collect::<Result<_, _>>()?,
        })
    }

    fn open(&self, sealed: &[u8], place: &Place) -> Result<Secret<Vec<u8>>, SealError> {
        let id = KeyId::of(sealed)?;
        let mut all = std::iter::once(&self.current).chain(&self.older);
        let key = all.find(|key| key.id() == id);
        key.ok_or(SealError::OtherKey)?.open(sealed, place)
    }
}

/// The references among the secret fields of a credential.
pub(crate) type References = BTreeMap<String, ValueReference>;

/// A secret field as it is sealed.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Field {
    Text(String),
    Reference {
        #[serde(rename = "ref")]
        reference: ValueReference,
    },
}

/// A text of it is a secret.
impl Drop for Field {
    fn drop(&mut self) {
        if let Self::Text(text) = self {
            drop(Secret::new(std::mem::take(text)));
        }
    }
}

impl Vault {
    pub(crate) fn new(store: Store, keyring: Keyring, external: External) -> Self {
        Self {
            store,
            fingerprints: keyring.hash("fingerprints"),
            master: Mutex::new(Arc::clone(&keyring.master)),
            keyring,
            keys: Mutex::default(),
            external,
            changing: tokio::sync::Mutex::default(),
        }
    }

    /// The value that a reference stands for now.
    pub(crate) async fn read_reference(
        &self,
        workspace: WorkspaceId,
        reference: &ValueReference,
    ) -> Result<Secret<String>, Error> {
        Ok(self.external.read(workspace, reference).await?)
    }

    /// The master key in force.
    pub(crate) fn master(&self) -> Arc<MasterKey> {
        Arc::clone(&lock(&self.master))
    }

    /// Another master key is in force: the data keys are the same, and wrapped with it.
    pub(crate) fn set_master(&self, new: Arc<MasterKey>) {
        *lock(&self.master) = new;
    }

    /// A keyed hash that outlives the master key.
    pub(crate) fn hash(&self, purpose: &'static str) -> KeyedHash {
        self.keyring.hash(purpose)
    }

    /// The data keys have changed: they are read again when they are needed.
    pub(crate) fn forget_keys(&self) {
        let mut known = lock(&self.keys);
        known.generation += 1;
        known.keys.clear();
    }

    /// The id of the data key that seals the values of a workspace.
    pub(crate) async fn current_key(&self, workspace: WorkspaceId) -> Result<KeyId, Error> {
        Ok(self.keys(workspace).await?.current.id())
    }

    async fn keys(&self, workspace: WorkspaceId) -> Result<Arc<Keys>, Error> {
        let generation = {
            let known = lock(&self.keys);
            if let Some(keys) = known.keys.get(&workspace) {
                return Ok(Arc::clone(keys));
            }
            known.generation
        };
        let mut again = true;
        loop {
            let master = self.master();
            let all = self.store.wrapped_keys().await?;
            let known = all.into_iter().find(|known| known.workspace == workspace);
            let known = known.ok_or_else(|| Error::not_found("workspace"))?;
            match Keys::unwrapped(&master, &known) {
                // They were wrapped with another master key meanwhile.
                Err(SealError::OtherKey) if std::mem::replace(&mut again, false) => {}
                unwrapped => {
                    let keys = Arc::new(unwrapped?);
                    let mut known = lock(&self.keys);
                    if known.generation == generation {
                        known.keys.insert(workspace, Arc::clone(&keys));
                    }
                    return Ok(keys);
                }
            }
        }
    }

    async fn seal(
        &self,
        workspace: WorkspaceId,
        value: &[u8],
        place: &Place,
    ) -> Result<Vec<u8>, Error> {
        Ok(self.keys(workspace).await?.current.seal(value, place)?)
    }

    async fn open(
        &self,
        workspace: WorkspaceId,
        sealed: &[u8],
        place: &Place,
    ) -> Result<Secret<Vec<u8>>, Error> {
        match self.keys(workspace).await?.open(sealed, place) {
            // There is a newer key than when they were read.
            Err(SealError::OtherKey) => {
                self.forget_keys();
                Ok(self.keys(workspace).await?.open(sealed, place)?)
            }
            opened => Ok(opened?),
        }
    }

    /// The same value, sealed with the key in force.
    pub(crate) async fn sealed_again(
        &self,
        workspace: WorkspaceId,
        old: &Sealed,
    ) -> Result<Vec<u8>, Error> {
        let place = match &old.place {
            SealedPlace::Credential(id) => credential_place(workspace, *id),
            SealedPlace::Variables(workflow) => variables_place(workspace, *workflow),
            SealedPlace::Address(workflow, node) => address_place(workspace, *workflow, node),
            SealedPlace::RunKey(run) => run_key_place(workspace, *run),
            SealedPlace::BudgetWebhook => webhook_place(workspace),
        };
        let opened = self.open(workspace, &old.bytes, &place).await?;
        self.seal(workspace, opened.expose(), &place).await
    }

    /// Seals the secret fields of a credential. Of those that are kept elsewhere only the reference is sealed.
    pub(crate) async fn seal_credential(
        &self,
        workspace: WorkspaceId,
        id: CredentialId,
        values: &CredentialValues,
        references: &References,
    ) -> Result<SealedValues, Error> {
        let field = |(name, value): (&String, &Secret<String>)| {
            let field = match references.get(name).cloned() {
                Some(reference) => Field::Reference { reference },
                None => Field::Text(value.expose().clone()),
            };
            (name.clone(), field)
        };
        let plain: BTreeMap<String, Field> = values.secrets.iter().map(field).collect();
        let plain = Secret::new(serde_json::to_vec(&plain).map_err(Error::internal)?);
        let place = credential_place(workspace, id);
        let sealed = self.seal(workspace, plain.expose(), &place).await?;
        Ok(SealedValues(sealed))
    }

    /// The secret fields of a credential; those that are kept elsewhere are read there.
    pub(crate) async fn open_credential(
        &self,
        workspace: WorkspaceId,
        id: CredentialId,
        sealed: &SealedValues,
    ) -> Result<CredentialValues, Error> {
        let (mut values, references) = self.open_fields(workspace, id, sealed).await?;
        for (name, reference) in references {
            let value = self.read_reference(workspace, &reference).await?;
            values.secrets.insert(name, value);
        }
        Ok(values)
    }

    /// The secret fields of a credential as they are sealed: values, and references.
    pub(crate) async fn open_fields(
        &self,
        workspace: WorkspaceId,
        id: CredentialId,
        sealed: &SealedValues,
    ) -> Result<(CredentialValues, References), Error> {
        let place = credential_place(workspace, id);
        let opened = self.open(workspace, &sealed.0, &place).await?;
        let plain: BTreeMap<String, Field> =
            serde_json::from_slice(opened.expose()).map_err(|_| SealError::Format)?;
        let (mut values, mut references) = (CredentialValues::default(), References::new());
        for (name, mut field) in plain {
            match &mut field {
                Field::Text(text) => {
                    let value = Secret::new(std::mem::take(text));
                    values.secrets.insert(name, value);
                }
                Field::Reference { reference } => {
                    references.insert(name, reference.clone());
                }
            }
        }
        Ok((values, references))
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
        let place = variables_place(workspace, workflow);
        self.seal(workspace, plain.expose(), &place).await.map(Some)
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
        let place = variables_place(workspace, workflow);
        let opened = self.open(workspace, sealed, &place).await?;
        serde_json::from_slice(opened.expose()).map_err(|_| SealError::Format.into())
    }

    /// Seals the address of the webhook that a node is.
    pub(crate) async fn seal_address(
        &self,
        (workspace, workflow, node): (WorkspaceId, WorkflowId, &NodeId),
        address: &Secret<String>,
    ) -> Result<Vec<u8>, Error> {
        let place = address_place(workspace, workflow, node);
        let address = address.expose().as_bytes();
        self.seal(workspace, address, &place).await
    }

    pub(crate) async fn open_address(
        &self,
        of: &Trigger,
        sealed: &[u8],
    ) -> Result<Secret<String>, Error> {
        let place = address_place(of.workspace, of.workflow, &of.node);
        let opened = self.open(of.workspace, sealed, &place).await?;
        let text = std::str::from_utf8(opened.expose()).map_err(|_| SealError::Format)?;
        Ok(Secret::from(text))
    }

    /// Seals the secret of a workspace's webhook.
    pub(crate) async fn seal_webhook(
        &self,
        workspace: WorkspaceId,
        secret: &Secret<String>,
    ) -> Result<Vec<u8>, Error> {
        let place = webhook_place(workspace);
        let secret = secret.expose().as_bytes();
        self.seal(workspace, secret, &place).await
    }

    pub(crate) async fn open_webhook(
        &self,
        workspace: WorkspaceId,
        sealed: &[u8],
    ) -> Result<Secret<String>, Error> {
        let place = webhook_place(workspace);
        let opened = self.open(workspace, sealed, &place).await?;
        let text = std::str::from_utf8(opened.expose()).map_err(|_| SealError::Format)?;
        Ok(Secret::from(text))
    }

    /// What reads may show of secrets; of one that is kept elsewhere, only where.
    pub(crate) fn fingerprints(
        &self,
        workspace: WorkspaceId,
        values: &CredentialValues,
        references: &References,
    ) -> BTreeMap<String, Fingerprint> {
        let stored = |value: &str| Fingerprint {
            last4: last4(value),
            fingerprint: self.fingerprints.fingerprint(&workspace.to_string(), value),
            reference: None,
        };
        let elsewhere = |reference: &ValueReference| Fingerprint {
            last4: String::new(),
            fingerprint: String::new(),
            reference: Some(reference.clone()),
        };
        let shown = |(name, value): (&String, &Secret<String>)| {
            let reference = references.get(name);
            let shown = reference.map_or_else(|| stored(value.expose()), elsewhere);
            (name.clone(), shown)
        };
        values.secrets.iter().map(shown).collect()
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

fn address_place(workspace: WorkspaceId, workflow: WorkflowId, node: &NodeId) -> Place {
    Place::of(&[
        &workspace.to_string(),
        "workflow",
        &workflow.to_string(),
        "webhook address",
        node.as_str(),
    ])
}

fn webhook_place(workspace: WorkspaceId) -> Place {
    Place::of(&[&workspace.to_string(), "budget webhook", "secret"])
}

fn variables_place(workspace: WorkspaceId, workflow: WorkflowId) -> Place {
    Place::of(&[
        &workspace.to_string(),
        "workflow",
        &workflow.to_string(),
        "secret variables",
    ])
}
