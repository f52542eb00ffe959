//! Who changed what, for those who may read it.

use std::collections::{HashMap, HashSet};

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::Principal;
use latchkey_store::{AuditEntry, AuditFilter, Page, Paged};

use crate::error::{Error, ErrorKind};
use crate::{Service, require};

/// How people call those who have changed something.
pub type Names = HashMap<Principal, String>;

impl Service {
    /// The changes in the workspace, newest first. They name fields and things, never a credential's value.
    ///
    /// # Errors
    /// When the caller may not, or its key sees one workflow only.
    pub async fn audit_log(
        &self,
        caller: &Caller,
        filter: &AuditFilter,
        page: Page,
    ) -> Result<(Paged<AuditEntry>, Names), Error> {
        require(caller, Permission::AuditRead)?;
        if caller.workflow.is_some() {
            let detail = "an app's key sees its own runs only";
            return Err(Error::new(ErrorKind::Forbidden, "forbidden", detail));
        }
        let store = &self.inner.store;
        let found = store.audit(caller.workspace, filter, page).await?;
        let names = self.names_of(caller, found.rows.iter().map(|row| row.actor));
        let names = names.await?;
        Ok((found, names))
    }

    /// The names of members, also of those who were removed, and of keys that are still there.
    pub(crate) async fn names_of(
        &self,
        caller: &Caller,
        actors: impl Iterator<Item = Principal>,
    ) -> Result<Names, Error> {
        let (mut members, mut keys) = (Vec::new(), Vec::new());
        for actor in actors.collect::<HashSet<_>>() {
            match actor {
                Principal::Member(id) => members.push(id),
                Principal::ApiKey(id) => keys.push(id),
                Principal::Operator => {}
            }
        }
        let (store, workspace) = (&self.inner.store, caller.workspace);
        let members = store.member_names(workspace, &members).await?.into_iter();
        let keys = store.api_key_names(workspace, &keys).await?.into_iter();
        let members = members.map(|(id, name)| (Principal::Member(id), name));
        let keys = keys.map(|(id, name)| (Principal::ApiKey(id), name));
        Ok(members.chain(keys).collect())
    }
}
