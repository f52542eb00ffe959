//! Rows of the ledger, handed to the writer.

use latchkey_domain::credential::CredentialCode;
use latchkey_domain::id::ModelCallId;
use latchkey_domain::ledger::{
    CallOutcome, ModelCallEnd, ModelCallStart, OpenRefusal, UsageSource,
};
use latchkey_domain::time::Timestamp;

use super::{Done, OpenCalls, Write, ended_without_answer, unexpected};
use crate::error::StoreError;
use crate::health::PayerHealth;
use crate::ledger;
use crate::open::Store;

impl Store {
    /// Closes the rows of the ledger that a dead epoch has left open, as lost.
    ///
    /// # Errors
    /// When the write failed.
    pub async fn lose_open_calls(&self, of: OpenCalls, at: Timestamp) -> Result<(), StoreError> {
        self.writer.write(Write::Lose(of, at)).await.map(|_| ())
    }

    /// Opens a row of the ledger if the run is at this epoch and not over, the credential at the revision that was resolved and
    /// well, and there is room for the call in everybody's limits and budgets: then it is taken.
    ///
    /// # Errors
    /// When the write failed; `Ok(Err(…))` when a guard says no.
    pub async fn open_call(
        &self,
        start: &ModelCallStart,
    ) -> Result<Result<(), OpenRefusal>, StoreError> {
        match self
            .writer
            .write(Write::Open(Box::new(ledger::row_of(start)?)))
            .await?
        {
            Done::Written => Ok(Ok(())),
            Done::Refused(refusal) => Ok(Err(refusal)),
            other @ (Done::Inserted(_)
            | Done::Closed(_)
            | Done::NotOurs
            | Done::Poisoned(_)
            | Done::Epoch(_)) => Err(unexpected(&other)),
        }
    }

    /// Closes an open row, gives back what it had set aside and not used, and writes down what it has shown about its credential;
    /// how that is now, if it is new. Closing a row again changes nothing.
    ///
    /// # Errors
    /// When the write failed.
    pub async fn close_call(
        &self,
        id: ModelCallId,
        end: ModelCallEnd,
    ) -> Result<Option<PayerHealth>, StoreError> {
        match self.writer.write(Write::Close(id, Box::new(end))).await? {
            Done::Closed(health) => Ok(health.map(|health| *health)),
            other @ (Done::Written
            | Done::Inserted(_)
            | Done::NotOurs
            | Done::Refused(_)
            | Done::Poisoned(_)
            | Done::Epoch(_)) => Err(unexpected(&other)),
        }
    }

    /// Writes the row of a call that our own rule forbade.
    ///
    /// # Errors
    /// When the write failed.
    pub async fn refuse_call(
        &self,
        start: &ModelCallStart,
        code: CredentialCode,
    ) -> Result<(), StoreError> {
        let mut row = ledger::row_of(start)?;
        let end = ended_without_answer(CallOutcome::Refused, UsageSource::None, start.at);
        let end = ModelCallEnd {
            error_code: Some(code.as_str().to_owned()),
            ..end
        };
        ledger::close(&mut row, &end)?;
        self.writer
            .write(Write::Closed(Box::new(row)))
            .await
            .map(|_| ())
    }
}
