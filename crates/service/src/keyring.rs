//! The master key with the keyed hashes that outlive it: after a change of the master key API keys, webhooks and fingerprints are
//! recognised as before.

use std::collections::BTreeMap;
use std::sync::Arc;

use latchkey_secrets::{KeyedHash, MasterKey};
use latchkey_store::Store;

use crate::error::{Error, ErrorKind};

/// The fact that tells that the database is an installation, and whether a master key is the right one.
pub(crate) const CHECK: &str = "master key";

/// What keyed hashes are for that outlive a master key. Addresses of files are none of them: they are good for a day only.
pub(crate) const LASTING: [&str; 5] = [
    "api keys",
    "idempotency",
    "webhooks",
    "fingerprints",
    "accounts",
];

/// The name of the fact that keeps a hash's key, wrapped.
pub(crate) fn fact_of(purpose: &str) -> String {
    format!("hash key: {purpose}")
}

/// A master key and the keyed hashes of an installation.
#[derive(Debug)]
pub struct Keyring {
    pub(crate) master: Arc<MasterKey>,
    hashes: BTreeMap<&'static str, KeyedHash>,
}

impl Keyring {
    /// The keyring of a database. In one whose master key was never changed, the hashes come from the master key itself.
    ///
    /// # Errors
    /// `master_key_wrong` when the database was made with another master key, or the database's.
    pub async fn load(store: &Store, master: MasterKey) -> Result<Self, Error> {
        let mut hashes = BTreeMap::new();
        for purpose in LASTING {
            let hash = match store.fact(&fact_of(purpose)).await? {
                None => master.keyed_hash(purpose),
                Some(wrapped) => master
                    .unwrap_hash(&wrapped, purpose)
                    .map_err(|_| wrong_master_key())?,
            };
            hashes.insert(purpose, hash);
        }
        Ok(Self {
            master: Arc::new(master),
            hashes,
        })
    }

    /// The keyed hash for a purpose.
    pub(crate) fn hash(&self, purpose: &'static str) -> KeyedHash {
        let known = self.hashes.get(purpose).cloned();
        known.unwrap_or_else(|| self.master.keyed_hash(purpose))
    }
}

pub(crate) fn wrong_master_key() -> Error {
    let detail = "this database was made with another master key; nothing was changed";
    Error::new(ErrorKind::Conflict, "master_key_wrong", detail)
}
