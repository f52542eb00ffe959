//! Credentials go: only those that nothing names, unless whoever removes one means it.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::id::CredentialId;
use serde_json::json;

use crate::error::Error;
use crate::{Service, require};

/// What becomes of a credential or a pool that something names when it is to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    /// It stays, and whoever asked is told what would break.
    Stays,
    /// It goes all the same.
    Goes,
}

impl Service {
    /// Deletes a credential. Its rows of the ledger stay.
    ///
    /// # Errors
    /// When the caller may not, there is no such credential, or something names it and whoever deletes it does not mean that
    /// (`credential_in_use`, with everything that would break).
    pub async fn delete_credential(
        &self,
        caller: &Caller,
        id: CredentialId,
        used: Used,
    ) -> Result<(), Error> {
        let change = move |service: Self, caller: Caller| async move {
            service.delete_credential_now(&caller, id, used).await
        };
        self.complete(caller, change).await
    }

    async fn delete_credential_now(
        &self,
        caller: &Caller,
        id: CredentialId,
        used: Used,
    ) -> Result<(), Error> {
        require(caller, Permission::CredentialsWrite)?;
        let (old, _) = self
            .inner
            .store
            .credential(caller.workspace, id)
            .await?
            .ok_or_else(|| Error::not_found("credential"))?;
        let broken = self.broken_without(caller, &old, used).await?;
        let deleted = self
            .inner
            .store
            .delete_credential(caller.workspace, id)
            .await;
        self.inner.facts.changed();
        deleted?;
        self.audit(
            caller,
            "credential.delete",
            id,
            json!({"provider": old.provider, "name": old.name, "named_in": broken}),
        )
        .await
    }
}
