//! The master key is changed, and everything is sealed anew, while the server serves.
//!
//! *Rotating* wraps the data keys with another master key: one transaction, and nothing that is sealed is touched. *Re-encrypting*
//! gives every workspace a new data key and seals its values anew in batches; until that is done the older keys open what they have
//! sealed. Whoever dies in between goes on at the next start. Only who has the master key can ask for either.

use std::sync::Arc;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::id::WorkspaceId;
use latchkey_domain::time::Timestamp;
use latchkey_secrets::{DataKey, KeyId, MasterKey, SealError, Secret};
use latchkey_store::{
    NewDataKey, OlderKey, Resealed, Rewrapped, Sealed, SealedTable, StoreError, WrappedKeys,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::{Error, ErrorKind};
use crate::keyring::{CHECK, LASTING, fact_of};
use crate::{Service, lock, require};

/// Values that are sealed anew in one transaction.
const BATCH: u32 = 100;
/// How long a value that was sealed with an older key may take to reach the database, in milliseconds: its provider may be
/// asked in between.
const GRACE: i64 = 10 * 60 * 1_000;
/// How far the clock of whoever gives an order may be off, in milliseconds.
const DRIFT: u64 = 10 * 60 * 1_000;
/// How often a change is tried that somebody else's comes before.
const TRIES: usize = 5;

/// What somebody who has the master key asks of a server, sealed with that key: nobody else can ask, and nobody on the way can
/// read it.
#[derive(Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Order {
    /// Wrap the data keys with this master key.
    Rotate { key: String, at: Timestamp },
    /// Seal everything anew.
    Reencrypt { at: Timestamp },
}

/// A sealed order.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn order_to_rotate(
    master: &MasterKey,
    new: &MasterKey,
    at: Timestamp,
) -> Result<String, SealError> {
    let key = new.to_text().expose().clone();
    sealed(master, &Order::Rotate { key, at })
}

/// A sealed order.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn order_to_reencrypt(master: &MasterKey, at: Timestamp) -> Result<String, SealError> {
    sealed(master, &Order::Reencrypt { at })
}

fn sealed(master: &MasterKey, order: &Order) -> Result<String, SealError> {
    let text = serde_json::to_vec(order).map_err(|_| SealError::Format)?;
    master.seal_message(Secret::new(text).expose())
}

/// Whether anybody else writes while everything is sealed anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Haste {
    /// Others do: the older keys are kept for ten minutes more.
    Serving,
    /// Nobody does.
    Alone,
}

/// How the keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyState {
    /// What tells the master key from others; it tells nothing of it.
    pub master_key: String,
    /// Older data keys that are kept: while values are sealed anew, and ten minutes longer.
    pub older_keys: usize,
    /// How far sealing anew has come.
    pub reencryption: Reencryption,
}

/// How far sealing anew has come since the process started.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Reencryption {
    /// Whether it is under way.
    pub is_running: bool,
    /// Values that were sealed anew.
    pub resealed: u64,
    /// Values that no key opens: they stay as they are, and so do the older keys.
    pub unreadable: u64,
    /// Why it has ended before its time; the next start, or the next order, goes on.
    pub failure: Option<String>,
}

impl Service {
    /// How the keys are.
    ///
    /// # Errors
    /// When the caller may not, or the database fails.
    pub async fn key_state(&self, caller: &Caller) -> Result<KeyState, Error> {
        require(caller, Permission::CredentialsRead)?;
        self.keys_now().await
    }

    /// The same without a caller: for a command that has the database for itself.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keys_now(&self) -> Result<KeyState, Error> {
        let keys = self.inner.store.wrapped_keys().await?;
        Ok(KeyState {
            master_key: self.inner.vault.master().id().to_string(),
            older_keys: keys.iter().map(|keys| keys.older.len()).sum(),
            reencryption: lock(&self.inner.reencryption).clone(),
        })
    }

    /// Wraps the data keys with the master key of a sealed order.
    ///
    /// # Errors
    /// When the caller may not, `order_invalid` when it was not given by who has the master key, or the database's.
    pub async fn obey_to_rotate(&self, caller: &Caller, order: &str) -> Result<KeyState, Error> {
        require(caller, Permission::CredentialsWrite)?;
        let Order::Rotate { key, .. } = self.order(order)? else {
            return Err(invalid("it is no order to rotate"));
        };
        let key = Secret::new(key);
        let new = MasterKey::parse(key.expose()).map_err(|why| invalid(&why.to_string()))?;
        let change = move |service: Self, caller: Caller| async move {
            let before = service.inner.vault.master().id().to_string();
            service.change_master_key(new).await?;
            let after = service.inner.vault.master().id().to_string();
            let detail = json!({"before": before, "after": after});
            service
                .audit(&caller, "master_key.rotate", &after, detail)
                .await?;
            service.keys_now().await
        };
        self.complete(caller, change).await
    }

    /// Begins to seal everything anew, by a sealed order.
    ///
    /// # Errors
    /// When the caller may not, `order_invalid` when it was not given by who has the master key, or the database's.
    pub async fn obey_to_reencrypt(&self, caller: &Caller, order: &str) -> Result<KeyState, Error> {
        require(caller, Permission::CredentialsWrite)?;
        let Order::Reencrypt { .. } = self.order(order)? else {
            return Err(invalid("it is no order to re-encrypt"));
        };
        let change = move |service: Self, caller: Caller| async move {
            service.begin_reencryption().await?;
            let id = service.inner.vault.master().id();
            service
                .audit(&caller, "master_key.reencrypt", id, json!({}))
                .await?;
            service.spawn_reencryption();
            service.keys_now().await
        };
        self.complete(caller, change).await
    }

    fn order(&self, order: &str) -> Result<Order, Error> {
        let opened = self.inner.vault.master().open_message(order);
        let opened = opened.map_err(|_| invalid("it was not given by who has the master key"))?;
        let order: Order = serde_json::from_slice(opened.expose())
            .map_err(|_| invalid("it is an order of another version"))?;
        let (Order::Rotate { at, .. } | Order::Reencrypt { at }) = &order;
        let now = self.now();
        if now.millis_since(*at).max(at.millis_since(now)) > DRIFT {
            return Err(invalid(
                "it is too old, or the clocks of the two machines differ",
            ));
        }
        Ok(order)
    }

    /// Wraps the data keys with another master key. One that has been cut short has changed nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_master_key(&self, new: MasterKey) -> Result<(), Error> {
        let vault = &self.inner.vault;
        let _alone = vault.changing.lock().await;
        let new = Arc::new(new);
        for _ in 0..TRIES {
            match self.rewrap(&new).await {
                // A workspace came or a data key was replaced since it was read.
                Err(StoreError::Changed) => {}
                result => {
                    result?;
                    vault.set_master(new);
                    return Ok(());
                }
            }
        }
        Err(StoreError::Changed.into())
    }

    async fn rewrap(&self, new: &MasterKey) -> Result<(), StoreError> {
        let (store, vault) = (&self.inner.store, &self.inner.vault);
        let old = vault.master();
        let corrupt = |error: SealError| StoreError::Corrupt(error.to_string());
        let record = store.fact(CHECK).await?.unwrap_or_default();
        if !old.recognises(&record) {
            let told = "the database was made with another master key";
            return Err(StoreError::Corrupt(told.to_owned()));
        }
        let mut facts = Vec::new();
        for purpose in LASTING {
            let hash = vault.hash(purpose);
            let wrapped = new.wrap_hash(&hash, purpose).map_err(corrupt)?;
            facts.push((fact_of(purpose), wrapped));
        }
        let mut keys = Vec::new();
        for before in store.wrapped_keys().await? {
            let workspace = before.workspace.to_string();
            let again = |wrapped: &[u8]| {
                let key = old.unwrap_key(wrapped, &workspace)?;
                new.wrap(&key, &workspace)
            };
            let older = before.older.iter().map(|key| -> Result<_, SealError> {
                Ok(OlderKey {
                    wrapped: again(&key.wrapped)?,
                    ..key.clone()
                })
            });
            let after = WrappedKeys {
                workspace: before.workspace,
                current: again(&before.current).map_err(corrupt)?,
                older: older.collect::<Result<_, SealError>>().map_err(corrupt)?,
            };
            keys.push((before, after));
        }
        let check = new.check_record().map_err(corrupt)?;
        let rewrapped = Rewrapped {
            record: (CHECK.to_owned(), record, check),
            facts,
            keys,
        };
        store.rewrap_keys(&rewrapped).await
    }

    /// Gives every workspace a new data key, unless an earlier re-encryption is not done: that is then gone on with.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_reencryption(&self) -> Result<(), Error> {
        let (store, vault) = (&self.inner.store, &self.inner.vault);
        let _alone = vault.changing.lock().await;
        let keys = store.wrapped_keys().await?;
        if keys.iter().any(|keys| !keys.older.is_empty()) {
            return Ok(());
        }
        let master = vault.master();
        let mut new = Vec::with_capacity(keys.len());
        for keys in keys {
            let workspace = keys.workspace.to_string();
            let current = master.unwrap_key(&keys.current, &workspace)?;
            new.push(NewDataKey {
                workspace: keys.workspace,
                expected_id: current.id().to_string(),
                expected: keys.current,
                wrapped: master.wrap(&DataKey::generate()?, &workspace)?,
            });
        }
        let renewed = store.renew_data_keys(&new, self.now()).await;
        // Even if it failed: a commit whose answer was lost is one.
        vault.forget_keys();
        Ok(renewed?)
    }

    /// Goes on with what a process that died has begun.
    pub(crate) async fn resume_reencryption(&self) -> Result<(), Error> {
        let keys = self.inner.store.wrapped_keys().await?;
        if keys.iter().any(|keys| !keys.older.is_empty()) {
            tracing::info!("sealing anew goes on where it was interrupted");
            self.spawn_reencryption();
        }
        Ok(())
    }

    fn spawn_reencryption(&self) {
        {
            let mut state = lock(&self.inner.reencryption);
            if state.is_running {
                return;
            }
            *state = Reencryption {
                is_running: true,
                ..Reencryption::default()
            };
        }
        let service = self.clone();
        let work = async move {
            let ended = service.inner.ending.clone();
            let done = tokio::select! {
                done = Box::pin(service.reencrypt(Haste::Serving)) => done,
                // The next start goes on.
                () = ended.cancelled() => Ok(()),
            };
            let mut state = lock(&service.inner.reencryption);
            state.is_running = false;
            if let Err(error) = done {
                tracing::error!(%error, "sealing anew was interrupted");
                state.failure = Some(error.detail);
            }
        };
        self.inner.tasks.spawn_on(work, &self.inner.runtime);
    }

    /// Seals everything anew that older data keys have sealed, and forgets these keys. Values may be read and written meanwhile.
    ///
    /// # Errors
    /// When the database fails; what is done is done.
    pub async fn reencrypt(&self, haste: Haste) -> Result<(), Error> {
        let all = self.inner.store.wrapped_keys().await?;
        let mut until = self.now();
        let mut unreadable = 0;
        for keys in all.iter().filter(|keys| !keys.older.is_empty()) {
            unreadable += self.reseal_workspace(keys.workspace).await?;
            let replaced = keys.older.iter().map(|key| key.replaced_at);
            until = replaced.fold(until, |until, at| until.max(at.plus_millis(GRACE)));
        }
        {
            let mut state = lock(&self.inner.reencryption);
            state.is_running = false;
            state.unreadable = unreadable;
        }
        if haste == Haste::Serving {
            self.inner.clock.sleep_until(until).await;
        }
        for keys in all {
            // Once more, for what was under way then.
            if keys.older.is_empty() || self.reseal_workspace(keys.workspace).await? > 0 {
                continue;
            }
            for key in keys.older {
                let store = &self.inner.store;
                store.forget_data_key(keys.workspace, &key.id).await?;
            }
        }
        self.inner.vault.forget_keys();
        Ok(())
    }

    /// Seals the values of a workspace anew; how many no key opens.
    async fn reseal_workspace(&self, workspace: WorkspaceId) -> Result<u64, Error> {
        let mut unreadable = 0;
        for table in SealedTable::ALL {
            let mut after: Option<Sealed> = None;
            loop {
                let key = self.inner.vault.current_key(workspace).await?;
                let found = self.inner.store.sealed_otherwise(
                    workspace,
                    table,
                    key.bytes(),
                    after.as_ref(),
                    BATCH,
                );
                let found = found.await?;
                let Some(last) = found.last().cloned() else {
                    break;
                };
                unreadable += self.reseal_batch(workspace, found).await?;
                after = Some(last);
            }
        }
        Ok(unreadable)
    }

    async fn reseal_batch(&self, workspace: WorkspaceId, found: Vec<Sealed>) -> Result<u64, Error> {
        let (mut again, mut unreadable) = (Vec::with_capacity(found.len()), 0);
        for old in found {
            match self.inner.vault.sealed_again(workspace, &old).await {
                Ok(new) => again.push(Resealed { old, new }),
                Err(error) => {
                    let key =
                        KeyId::of(&old.bytes).map_or_else(|_| String::new(), |id| id.to_string());
                    tracing::error!(table = ?old.table, place = ?old.place, %key, %error, "a sealed value cannot be opened");
                    unreadable += 1;
                }
            }
        }
        let resealed = self.inner.store.reseal(&again).await?;
        lock(&self.inner.reencryption).resealed += resealed;
        Ok(unreadable)
    }
}

fn invalid(why: &str) -> Error {
    let detail = format!("the order is not obeyed: {why}");
    Error::new(ErrorKind::Unprocessable, "order_invalid", detail)
}
