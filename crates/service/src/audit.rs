//! Who changed what, for those who may read it.

use latchkey_domain::access::{Caller, Permission};
use latchkey_store::{AuditEntry, AuditFilter, Page, Paged};

use crate::error::{Error, ErrorKind};
use crate::{Service, require};

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
    ) -> Result<Paged<AuditEntry>, Error> {
        require(caller, Permission::AuditRead)?;
        if caller.workflow.is_some() {
            let detail = "an app's key sees its own runs only";
            return Err(Error::new(ErrorKind::Forbidden, "forbidden", detail));
        }
        let store = &self.inner.store;
        Ok(store.audit(caller.workspace, filter, page).await?)
    }
}
