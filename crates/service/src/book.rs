//! The ledger over the database: the `CallBook` of the server.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use latchkey_domain::credential::CredentialCode;
use latchkey_domain::id::ModelCallId;
use latchkey_domain::ledger::{CallOutcome, ModelCallEnd, ModelCallStart, OpenRefusal};
use latchkey_models::{BookError, CallBook, OpenError};
use latchkey_store::{Store, StoreError};

use crate::facts::Facts;

/// The pause before a row is closed again that the database could not take.
const PAUSE: Duration = Duration::from_secs(1);

pub(crate) struct Book {
    store: Store,
    facts: Arc<Facts>,
}

impl Book {
    pub(crate) const fn new(store: Store, facts: Arc<Facts>) -> Self {
        Self { store, facts }
    }
}

#[async_trait]
impl CallBook for Book {
    async fn open(&self, start: ModelCallStart) -> Result<(), OpenError> {
        match self.store.open_call(&start).await.map_err(failed)? {
            Ok(()) => Ok(()),
            Err(refusal) => {
                if refusal == OpenRefusal::CredentialChanged {
                    // Somebody else changed it: what is known here is out of date.
                    self.facts.changed();
                }
                Err(OpenError::Refused(refusal))
            }
        }
    }

    async fn close(&self, id: ModelCallId, end: ModelCallEnd) -> Result<(), BookError> {
        let close = || self.store.close_call(id, end.clone());
        until_heard(id, close).await.map_err(failed)?;
        if end.outcome == CallOutcome::Succeeded {
            self.facts.overlaps.succeeded();
        }
        Ok(())
    }

    async fn refuse(&self, start: ModelCallStart, code: CredentialCode) -> Result<(), BookError> {
        self.store.refuse_call(&start, code).await.map_err(failed)
    }
}

fn failed(error: StoreError) -> BookError {
    BookError(error.to_string())
}

/// Repeats the closing of a row while the database is away: what a provider has seen is not given up.
async fn until_heard<F>(id: ModelCallId, close: impl Fn() -> F) -> Result<(), StoreError>
where
    F: Future<Output = Result<(), StoreError>>,
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
