//! Rotation: a credential gets new values while the old ones stay usable for an overlap, in which there is a way back.
//!
//! New calls are paid with the new values at once. A call that was opened before finishes with the old ones. When the overlap
//! is over, or a call with the new values has succeeded, the old ones are destroyed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::{
    Credential, CredentialState, Overlap, Principal, ReplacedVersion, VersionEnd,
};
use latchkey_domain::id::{CredentialId, WorkspaceId};
use latchkey_domain::time::Timestamp;
use latchkey_models::catalogue::Wire;
use latchkey_secrets::Secret;
use latchkey_store::{AuditEntry, CredentialChange, Replaced, SealedValues, Store, StoreError};
use serde_json::json;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::access::check_expiry;
use crate::credentials::name_taken;
use crate::error::{Error, ErrorKind};
use crate::{Service, require};

/// The longest overlap: 90 days, in milliseconds.
const LONGEST: u64 = 90 * 24 * 60 * 60 * 1_000;
/// How long nobody looks for overlaps at most, in milliseconds: another process may have begun some.
const LOOK: i64 = 60_000;
/// How long is waited between two looks: of many calls that succeed at once one is enough.
const REST: Duration = Duration::from_millis(50);

/// New values for a credential.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// Fields of its form; those that are absent stay, except that no secret goes where it has not been.
    pub values: BTreeMap<String, Secret<String>>,
    /// Secret fields whose values are kept elsewhere, as references.
    pub references: BTreeMap<String, String>,
    /// How long the old values stay usable, in milliseconds, up to 90 days; 0: not at all.
    pub overlap_ms: Option<u64>,
    /// Whether the old values stay only until a call with the new ones has succeeded. Without a time this is the default.
    pub until_proven: bool,
    /// From when on the new values may not pay; none leaves the date as it is, `Some(None)` takes it away.
    pub expires_at: Option<Option<Timestamp>>,
    /// Whether the provider is asked first.
    pub validate: bool,
}

/// What is known of overlaps without asking the database.
#[derive(Default)]
pub(crate) struct Overlaps {
    /// Some values wait for the ones that have replaced them to prove themselves.
    unproven: AtomicBool,
    changed: Notify,
}

impl Overlaps {
    /// A call has succeeded: perhaps with values that had to prove themselves.
    pub(crate) fn succeeded(&self) {
        if self.unproven.load(Ordering::Relaxed) {
            self.changed.notify_one();
        }
    }

    fn begun(&self) {
        self.unproven.store(true, Ordering::Relaxed);
        self.changed.notify_one();
    }
}

impl Service {
    /// Gives a credential new values; the old ones stay usable for the overlap.
    ///
    /// # Errors
    /// When the caller may not, the form is filled in badly, the provider does not accept the values, or the credential was
    /// changed meanwhile.
    pub async fn rotate_credential(
        &self,
        caller: &Caller,
        id: CredentialId,
        rotation: Rotation,
    ) -> Result<Credential, Error> {
        let change = move |service: Self, caller: Caller| async move {
            service.rotate_credential_now(&caller, id, rotation).await
        };
        self.complete(caller, change).await
    }

    async fn rotate_credential_now(
        &self,
        caller: &Caller,
        id: CredentialId,
        rotation: Rotation,
    ) -> Result<Credential, Error> {
        require(caller, Permission::CredentialsWrite)?;
        let (old, sealed) = self.stored(caller, id).await?;
        self.check_rotation(caller, &old, &rotation).await?;
        let mut new = old.clone();
        self.renew_expiry(&mut new, rotation.expires_at)?;
        let given = (&rotation.values, &rotation.references);
        let form = self
            .entered_again(caller, &old, &sealed, given, None)
            .await?;
        let entered = self
            .replace_values(caller, &old, &mut new, form, rotation.validate)
            .await?;
        new.revision += 1;
        let now = self.now();
        new.updated_at = now;
        let overlap = overlap_of(&rotation, now);
        // Who is dead already is no way back.
        let stays = rotation.overlap_ms != Some(0) && old.state != CredentialState::Invalid;
        let end = (!stays).then_some((now, VersionEnd::Replaced));
        let replaced = replaced(&old, stays.then_some(sealed), now, overlap, end);
        let change = CredentialChange {
            credential: new.clone(),
            expected_revision: old.revision,
            sealed: Some(entered),
        };
        let store = &self.inner.store;
        let kept = store.rotate_credential(&change, &replaced).await;
        // Even if it failed: a commit whose answer was lost is one.
        self.inner.facts.changed();
        self.inner.facts.overlaps.begun();
        kept.map_err(|error| name_taken(error, &new))?;
        let detail = json!({"name": new.name, "version": new.version, "replaced": old.version,
            "overlap_ms": rotation.overlap_ms, "until_proven": overlap.until_proven});
        self.audit(caller, "credential.rotate", id, detail).await?;
        Ok(new)
    }

    async fn check_rotation(
        &self,
        caller: &Caller,
        old: &Credential,
        rotation: &Rotation,
    ) -> Result<(), Error> {
        if rotation.values.is_empty() && rotation.references.is_empty() {
            let detail = "say which values are new";
            return Err(Error::field("invalid_input", "/values", detail));
        }
        if rotation.overlap_ms.is_some_and(|millis| millis > LONGEST) {
            let detail = format!("an overlap has at most {LONGEST} ms, which are 90 days");
            return Err(Error::field("invalid_input", "/overlap_ms", detail));
        }
        let (info, _) = self.provider_info(caller, &old.provider).await?;
        let waits = rotation.until_proven || rotation.overlap_ms.is_none();
        if info.wire == Wire::Tool && waits {
            let detail = "calls of tools are not in the ledger, so that nothing proves a new key: say overlap_ms alone";
            return Err(Error::field("invalid_input", "/overlap_ms", detail));
        }
        Ok(())
    }

    /// A date that has passed already would keep the new values from ever paying.
    fn renew_expiry(
        &self,
        new: &mut Credential,
        given: Option<Option<Timestamp>>,
    ) -> Result<(), Error> {
        if let Some(given) = given {
            check_expiry(given, self.now())?;
            new.expires_at = given;
            return Ok(());
        }
        if new.expires_at.is_some_and(|end| end <= self.now()) {
            let detail =
                "the credential has expired: give the new values a date of their own, or null";
            return Err(Error::field("invalid_input", "/expires_at", detail));
        }
        Ok(())
    }

    /// Puts the values before the last rotation back in their place. The values since then are destroyed.
    ///
    /// # Errors
    /// When the caller may not, there is nothing to go back to, or the credential was changed meanwhile.
    pub async fn roll_back_credential(
        &self,
        caller: &Caller,
        id: CredentialId,
    ) -> Result<Credential, Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::CredentialsWrite)?;
            let (old, _) = service.stored(&caller, id).await?;
            let restored = service.go_back(&old, VersionEnd::RolledBack).await?;
            let (restored, ended) = restored.ok_or_else(|| {
                let detail = "the values before the last rotation are destroyed: there is nothing to go back to";
                Error::new(ErrorKind::Conflict, "conflict", detail)
            })?;
            let detail =
                json!({"name": restored.name, "version": restored.version, "ended": ended});
            service
                .audit(&caller, "credential.rollback", id, detail)
                .await?;
            Ok(restored)
        };
        self.complete(caller, change).await
    }

    /// Lets the values before the last rotation pay again when the new ones turn out to be dead; none when there are none.
    pub(crate) async fn fall_back(
        &self,
        caller: &Caller,
        old: &Credential,
    ) -> Result<Option<Credential>, Error> {
        let Some((restored, ended)) = self.go_back(old, VersionEnd::Refused).await? else {
            return Ok(None);
        };
        let detail = json!({"name": restored.name, "version": restored.version, "ended": ended,
            "why": "the provider does not accept the new values"});
        self.audit(caller, "credential.rollback", restored.id, detail)
            .await?;
        Ok(Some(restored))
    }

    async fn go_back(
        &self,
        old: &Credential,
        end: VersionEnd,
    ) -> Result<Option<(Credential, i32)>, Error> {
        let restored = go_back(&self.inner.store, old, end, self.now()).await;
        self.inner.facts.changed();
        Ok(restored?)
    }

    /// The versions of a credential's values that were replaced, newest first.
    ///
    /// # Errors
    /// When the caller may not, or there is no such credential.
    pub async fn credential_versions(
        &self,
        caller: &Caller,
        id: CredentialId,
    ) -> Result<(Credential, Vec<ReplacedVersion>), Error> {
        let credential = self.credential(caller, id).await?;
        let store = &self.inner.store;
        let versions = store.credential_versions(caller.workspace, id).await?;
        Ok((credential, versions))
    }

    async fn stored(
        &self,
        caller: &Caller,
        id: CredentialId,
    ) -> Result<(Credential, SealedValues), Error> {
        let found = self.inner.store.credential(caller.workspace, id).await?;
        found.ok_or_else(|| Error::not_found("credential"))
    }

    /// The number of a credential's next values. One that was rolled back is not given again: the ledger has its calls.
    pub(crate) async fn next_version(&self, of: &Credential) -> Result<i32, Error> {
        let store = &self.inner.store;
        let known = store.credential_versions(of.workspace, of.id).await?;
        let newest = known.first().map_or(0, |newest| newest.version);
        Ok(newest.max(of.version) + 1)
    }

    /// Begins to watch overlaps, until the server ends.
    pub(crate) fn watch_overlaps(&self) {
        let watching = Box::pin(self.clone().watch_versions());
        self.inner.tasks.spawn_on(watching, &self.inner.runtime);
    }

    async fn watch_versions(self) {
        while !self.inner.ending.is_cancelled() {
            let latest = self.now().plus_millis(LOOK);
            let next = match self.end_overlaps().await {
                Ok(next) => next.map_or(latest, |next| next.min(latest)),
                Err(error) => {
                    tracing::error!(%error, "overlaps of rotated credentials cannot be ended now");
                    latest
                }
            };
            tokio::select! {
                () = self.inner.ending.cancelled() => return,
                () = self.inner.facts.overlaps.changed.notified() => {}
                () = self.inner.clock.sleep_until(next) => {}
            }
            tokio::time::sleep(REST).await;
        }
    }

    /// Destroys the values whose overlap is over. When the next one ends by its time.
    async fn end_overlaps(&self) -> Result<Option<Timestamp>, Error> {
        let overlaps = &self.inner.facts.overlaps;
        let mut unproven = false;
        let mut next: Option<Timestamp> = None;
        for usable in self.inner.store.usable_versions().await? {
            let version = &usable.version;
            let waits = version.overlap.until_proven;
            let is_proved = waits && self.inner.store.has_proved_itself(&usable).await?;
            let now = self.now();
            let Some(end) = version.overlap.end(now, is_proved) else {
                unproven |= waits;
                let until = version.overlap.until;
                next = until
                    .map(|at| next.map_or(at, |known| known.min(at)))
                    .or(next);
                continue;
            };
            if self.inner.store.shred_version(version, now, end).await? {
                self.tell_end(version.workspace, version, end, now).await?;
            }
        }
        // A rotation since then has left word, so that there is another look.
        overlaps.unproven.store(unproven, Ordering::Relaxed);
        Ok(next)
    }

    async fn tell_end(
        &self,
        workspace: WorkspaceId,
        version: &ReplacedVersion,
        end: VersionEnd,
        at: Timestamp,
    ) -> Result<(), Error> {
        let entry = AuditEntry {
            id: Self::new_id(),
            workspace,
            at,
            actor: Principal::Operator,
            action: "credential.shred".to_owned(),
            subject: version.credential.to_string(),
            detail: json!({"version": version.version, "why": end.as_str()}),
        };
        Ok(self.inner.store.insert_audit(&entry).await?)
    }
}

/// The credential with the values before its last rotation, and the version that has ended; none when there is no way back.
pub(crate) async fn go_back(
    store: &Store,
    old: &Credential,
    end: VersionEnd,
    now: Timestamp,
) -> Result<Option<(Credential, i32)>, StoreError> {
    let versions = store.credential_versions(old.workspace, old.id).await?;
    let usable = versions.into_iter().find(|known| known.ended.is_none());
    let Some(before) = usable else {
        return Ok(None);
    };
    let values = store.version_values(old.workspace, old.id, before.version);
    let Some(values) = values.await? else {
        return Ok(None);
    };
    let mut new = old.clone();
    new.version = before.version;
    new.hosts = before.hosts;
    new.settings = before.settings;
    new.secrets = before.secrets;
    new.expires_at = before.expires_at;
    new.last_validated_at = before.last_validated_at;
    if new.state == CredentialState::Invalid {
        new.state = CredentialState::Active;
    }
    new.revision += 1;
    new.updated_at = now;
    let ended = replaced(old, None, now, Overlap::default(), Some((now, end)));
    let change = CredentialChange {
        credential: new.clone(),
        expected_revision: old.revision,
        sealed: Some(values),
    };
    store.roll_back_credential(&change, &ended).await?;
    Ok(Some((new, old.version)))
}

/// The values of a credential, as those that are replaced.
pub(crate) fn replaced(
    old: &Credential,
    sealed: Option<SealedValues>,
    replaced_at: Timestamp,
    overlap: Overlap,
    ended: Option<(Timestamp, VersionEnd)>,
) -> Replaced {
    Replaced {
        version: ReplacedVersion {
            credential: old.id,
            workspace: old.workspace,
            version: old.version,
            hosts: old.hosts.clone(),
            settings: old.settings.clone(),
            secrets: old.secrets.clone(),
            expires_at: old.expires_at,
            last_validated_at: old.last_validated_at,
            replaced_at,
            overlap,
            ended,
        },
        mark: Uuid::now_v7(),
        sealed,
    }
}

fn overlap_of(rotation: &Rotation, now: Timestamp) -> Overlap {
    let millis = rotation.overlap_ms;
    let millis = millis.map(|millis| i64::try_from(millis).unwrap_or(i64::MAX));
    Overlap {
        until: millis.map(|millis| now.plus_millis(millis)),
        until_proven: rotation.until_proven || millis.is_none(),
    }
}
