//! The sealing of what runs state themselves: under a key of each run, which is sealed like everything of its workspace.

use std::collections::BTreeMap;

use latchkey_domain::id::{RunId, WorkspaceId};
use latchkey_domain::time::Timestamp;
use latchkey_models::SystemCredential;
use latchkey_secrets::{DataKey, Place, SealError, Secret};
use latchkey_store::RunSecret;

use super::Vault;
use crate::error::Error;
use crate::inline::{InlineValues, Plain};

impl Vault {
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
        let keys = self.keys(workspace).await?;
        let plain: BTreeMap<&str, Plain> = values
            .iter()
            .map(|(fingerprint, own)| (fingerprint.as_str(), Plain::of(own)))
            .collect();
        let plain = Secret::new(serde_json::to_vec(&plain).map_err(Error::internal)?);
        Ok(RunSecret {
            run,
            workspace,
            run_key: keys.current.wrap(&key, &run_key_place(workspace, run))?,
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
        let place = run_key_place(workspace, run);
        let key = self.open(workspace, &secret.run_key, &place).await?;
        let key = DataKey::unwrapped(&key)?;
        let opened = key.open(&secret.sealed, &run_place(workspace, run))?;
        let mut plain: BTreeMap<String, Plain> =
            serde_json::from_slice(opened.expose()).map_err(|_| SealError::Format)?;
        Ok(plain.remove(fingerprint).map(Plain::opened))
    }
}

/// Where the key of a run belongs.
pub(super) fn run_key_place(workspace: WorkspaceId, run: RunId) -> Place {
    Place::of(&[&workspace.to_string(), "run", &run.to_string(), "key"])
}

fn run_place(workspace: WorkspaceId, run: RunId) -> Place {
    Place::of(&[&workspace.to_string(), "run", &run.to_string(), "values"])
}
