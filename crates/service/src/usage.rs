//! The ledger and its sums.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::id::{CredentialId, RunId};
use latchkey_domain::ledger::ModelCall;
use latchkey_store::{CallFilter, Page, Paged, UsageQuery, UsageRow};

use crate::error::Error;
use crate::{Service, require};

impl Service {
    /// Rows of the ledger.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn model_calls(
        &self,
        caller: &Caller,
        mut filter: CallFilter,
        page: Page,
    ) -> Result<Paged<ModelCall>, Error> {
        require(caller, Permission::UsageRead)?;
        if filter.credential.is_some() {
            require(caller, Permission::CredentialsRead)?;
        }
        if caller.workflow.is_some() {
            filter.workflow = caller.workflow;
        }
        Ok(self
            .inner
            .store
            .model_calls(caller.workspace, &filter, page)
            .await?)
    }

    /// The rows of one run.
    ///
    /// # Errors
    /// When the caller may not, or there is no such run.
    pub async fn model_calls_of_run(
        &self,
        caller: &Caller,
        run: RunId,
        page: Page,
    ) -> Result<Paged<ModelCall>, Error> {
        self.run(caller, run).await?;
        let filter = CallFilter {
            run: Some(run),
            ..CallFilter::default()
        };
        Ok(self
            .inner
            .store
            .model_calls(caller.workspace, &filter, page)
            .await?)
    }

    /// Sums over the ledger.
    ///
    /// # Errors
    /// When the caller may not; sums by credential are for those who may read credentials, as a filter by name would tell
    /// whether there is one.
    pub async fn usage(&self, caller: &Caller, query: &UsageQuery) -> Result<Vec<UsageRow>, Error> {
        require(caller, Permission::UsageRead)?;
        if query.is_about_credentials() {
            require(caller, Permission::CredentialsRead)?;
        }
        if caller.workflow.is_some() {
            return Err(Error::new(
                crate::ErrorKind::Forbidden,
                "forbidden",
                "an app's key sees its own runs only",
            ));
        }
        Ok(self.inner.store.usage(caller.workspace, query).await?)
    }

    /// Sums over the calls that one credential paid, by day.
    ///
    /// # Errors
    /// When the caller may not, or there is no such credential.
    pub async fn credential_usage(
        &self,
        caller: &Caller,
        id: CredentialId,
        mut query: UsageQuery,
    ) -> Result<Vec<UsageRow>, Error> {
        let credential = self.credential(caller, id).await?;
        query.credential = Some(credential.id);
        self.usage(caller, &query).await
    }
}
