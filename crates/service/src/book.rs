//! The ledger over the database: the `CallBook` of the server.

use std::collections::HashSet;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use latchkey_domain::credential::{CredentialCode, FullRule, Principal, VersionEnd};
use latchkey_domain::id::{CredentialId, ModelCallId, WorkflowId, WorkspaceId};
use latchkey_domain::ledger::{CallOutcome, ModelCallEnd, ModelCallStart, OpenRefusal};
use latchkey_engine::run::Lease;
use latchkey_models::{BookError, CallBook, OpenError};
use latchkey_store::{AuditEntry, Store, StoreError};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::facts::Facts;
use crate::lock;
use crate::observed::Observed;
use crate::rotation::go_back;

/// The pause before a row is closed again that the database could not take.
const PAUSE: Duration = Duration::from_secs(1);

/// How long a refused use is written to the audit log once, however often it is tried, in milliseconds.
const HOUR: i64 = 3_600_000;

/// Which credential was refused to whom in which workflow.
type RefusedUse = (Option<CredentialId>, Option<WorkflowId>, Principal);

pub(crate) struct Book {
    store: Store,
    facts: Arc<Facts>,
    observed: Arc<Observed>,
    lease: Lease,
    /// What was refused in the hour that is counted from 1970.
    refused: Mutex<(i64, HashSet<RefusedUse>)>,
}

impl Book {
    pub(crate) fn new(
        store: Store,
        facts: Arc<Facts>,
        observed: Arc<Observed>,
        lease: Lease,
    ) -> Self {
        Self {
            store,
            facts,
            observed,
            lease,
            refused: Mutex::default(),
        }
    }

    /// Whether this is the first time in this hour.
    fn is_first(&self, start: &ModelCallStart) -> bool {
        let hour = start.at.millis().div_euclid(HOUR);
        let mut refused = lock(&self.refused);
        if refused.0 != hour {
            *refused = (hour, HashSet::new());
        }
        let tried = (start.credential, start.workflow, start.caller);
        refused.1.insert(tried)
    }

    /// Somebody tried to use a credential that is not for them: those who answer for it can read that.
    async fn tell_of(&self, start: &ModelCallStart, code: CredentialCode) {
        let subject = start.credential.map(|id| id.to_string());
        let entry = AuditEntry {
            id: Uuid::now_v7(),
            workspace: start.workspace,
            at: start.at,
            actor: start.caller,
            action: "credential.refused".to_owned(),
            subject: subject.unwrap_or_else(|| start.provider.to_string()),
            detail: json!({"code": code.as_str(), "credential_name": start.credential_name, "provider": start.provider, "model": start.model,
                "workflow_id": start.workflow, "run_id": start.run, "node_id": start.node, "environment": start.environment}),
        };
        if let Err(error) = self.store.insert_audit(&entry).await {
            tracing::warn!(%error, "a refused use of a credential could not be written to the audit log");
        }
    }
}

impl Book {
    /// Opens the row of a call, and repeats that while the database is away: what an attempt has committed unheard is there then.
    async fn opened(&self, start: &ModelCallStart) -> Result<Result<(), OpenRefusal>, StoreError> {
        let mut is_repeated = false;
        loop {
            if start.run.is_some() && !self.lease.holds() {
                // Nobody knows whose the run is.
                self.lease.clone().held().await;
            }
            match self.store.open_call(start).await {
                Err(StoreError::Unavailable(cause)) if start.run.is_some() => {
                    tracing::warn!(%cause, call = %start.id, "a call waits for the database");
                }
                Err(StoreError::Taken) if is_repeated => return Ok(Ok(())),
                done => return done,
            }
            is_repeated = true;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Lets the values before a rotation pay again, if they still may; whether they do.
    async fn fell_back(
        &self,
        workspace: WorkspaceId,
        id: CredentialId,
        version: i32,
    ) -> Result<bool, BookError> {
        let known = self.store.credential(workspace, id).await.map_err(failed)?;
        let Some((dead, _)) = known.filter(|(known, _)| known.version == version) else {
            return Ok(false);
        };
        let now = self.facts.now();
        let restored = go_back(&self.store, &dead, VersionEnd::Refused, now).await;
        self.facts.changed();
        let Some((restored, ended)) = restored.map_err(failed)? else {
            return Ok(false);
        };
        let detail = json!({"name": restored.name, "version": restored.version, "ended": ended,
            "why": "the provider does not accept the new values"});
        self.audit(workspace, "credential.rollback", id, detail)
            .await?;
        Ok(true)
    }

    async fn audit(
        &self,
        workspace: WorkspaceId,
        action: &str,
        subject: CredentialId,
        detail: Json,
    ) -> Result<(), BookError> {
        let entry = AuditEntry {
            id: Uuid::now_v7(),
            workspace,
            at: self.facts.now(),
            actor: Principal::Operator,
            action: action.to_owned(),
            subject: subject.to_string(),
            detail,
        };
        self.store.insert_audit(&entry).await.map_err(failed)
    }
}

#[async_trait]
impl CallBook for Book {
    async fn open(&self, start: ModelCallStart) -> Result<(), OpenError> {
        match self.opened(&start).await.map_err(failed)? {
            Ok(()) => {
                self.observed.call_opened(start);
                Ok(())
            }
            Err(refusal) => {
                if is_out_of_date(&refusal) {
                    // Somebody else changed it, or has found out how it is.
                    self.facts.changed();
                }
                Err(OpenError::Refused(refusal))
            }
        }
    }

    async fn close(&self, id: ModelCallId, end: ModelCallEnd) -> Result<(), BookError> {
        let close = || self.store.close_call(id, end.clone());
        let health = until_heard(id, close).await.map_err(failed)?;
        self.observed.call_closed(id, &end);
        if let Some(health) = health {
            self.facts.heard(&health);
        }
        if end.outcome == CallOutcome::Succeeded {
            self.facts.overlaps.succeeded();
        }
        Ok(())
    }

    async fn condemn(
        &self,
        workspace: WorkspaceId,
        id: CredentialId,
        version: i32,
    ) -> Result<(), BookError> {
        let now = self.facts.now();
        if self.fell_back(workspace, id, version).await? {
            return Ok(());
        }
        let marked = self.store.mark_dead(workspace, id, version, now).await;
        self.facts.changed();
        if !marked.map_err(failed)? {
            return Ok(());
        }
        tracing::warn!(credential.id = %id, "its provider calls a key dead: the credential is marked as invalid");
        let detail = json!({"version": version});
        self.audit(workspace, "credential.invalid", id, detail)
            .await
    }

    async fn refuse(&self, start: ModelCallStart, code: CredentialCode) -> Result<(), BookError> {
        self.store.refuse_call(&start, code).await.map_err(failed)?;
        if code == CredentialCode::Forbidden && self.is_first(&start) {
            self.tell_of(&start, code).await;
        }
        Ok(())
    }
}

/// Whether a refusal tells that what is known here of the credential is out of date.
const fn is_out_of_date(refusal: &OpenRefusal) -> bool {
    match refusal {
        OpenRefusal::CredentialChanged | OpenRefusal::Credential(_) => true,
        OpenRefusal::NoRoom(room) => matches!(room.rule, FullRule::Cooling),
        OpenRefusal::RunOver => false,
    }
}

fn failed(error: StoreError) -> BookError {
    BookError(error.to_string())
}

/// Repeats the closing of a row while the database is away: what a provider has seen is not given up.
async fn until_heard<T, F>(id: ModelCallId, close: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut is_told = false;
    loop {
        match close().await {
            Err(StoreError::Unavailable(cause)) => {
                if !is_told {
                    tracing::warn!(%cause, call = %id, "the row of a call could not be closed; it is tried again");
                }
                is_told = true;
            }
            result => return result,
        }
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use latchkey_domain::id::ModelCallId;
    use latchkey_store::StoreError;

    use super::until_heard;

    #[tokio::test]
    async fn a_row_is_closed_again_until_the_database_is_back() {
        let away = StoreError::Unavailable("away".to_owned());
        for last in [Ok(()), Err(StoreError::Failed("refused".to_owned()))] {
            let tries = Cell::new(0);
            let close = async || {
                tries.set(tries.get() + 1);
                if tries.get() < 2 {
                    return Err(away.clone());
                }
                last.clone()
            };
            let id = ModelCallId::new(uuid::Uuid::nil());
            assert_eq!(until_heard(id, close).await, last);
            assert_eq!(tries.get(), 2);
        }
    }
}
