//! The ledger over the database: the `CallBook` of the server.

use std::sync::Arc;

use async_trait::async_trait;
use latchkey_domain::credential::CredentialCode;
use latchkey_domain::id::ModelCallId;
use latchkey_domain::ledger::{ModelCallEnd, ModelCallStart, OpenRefusal};
use latchkey_models::{BookError, CallBook, OpenError};
use latchkey_store::{Store, StoreError};

use crate::facts::Facts;

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
        self.store.close_call(id, end).await.map_err(failed)
    }

    async fn refuse(&self, start: ModelCallStart, code: CredentialCode) -> Result<(), BookError> {
        self.store.refuse_call(&start, code).await.map_err(failed)
    }
}

fn failed(error: StoreError) -> BookError {
    BookError(error.to_string())
}
