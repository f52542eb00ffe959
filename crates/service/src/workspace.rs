//! The workspace itself.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::id::WorkspaceId;
use serde_json::json;

use crate::access::check_name;
use crate::error::Error;
use crate::{Service, require_workspace};

impl Service {
    /// Gives the caller's workspace another name.
    ///
    /// # Errors
    /// When the caller may not, or the name is empty, endless or has several lines (`invalid_name`).
    pub async fn rename_workspace(
        &self,
        caller: &Caller,
        name: &str,
    ) -> Result<(WorkspaceId, String), Error> {
        let name = name.trim().to_owned();
        let change = move |service: Self, caller: Caller| async move {
            require_workspace(&caller, Permission::WorkspaceWrite)?;
            check_name(&name)?;
            let id = caller.workspace;
            let before = service.workspace_name(id).await?;
            if !service.inner.store.rename_workspace(id, &name).await? {
                return Err(Error::not_found("workspace"));
            }
            let detail = json!({"name": {"from": before, "to": name}});
            service
                .audit(&caller, "workspace.change", id, detail)
                .await?;
            Ok((id, name))
        };
        self.complete(caller, change).await
    }
}
