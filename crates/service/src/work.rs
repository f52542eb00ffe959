//! How the work of a request is done: changes to their end, whoever waits for it, and what takes a processor long beside the
//! threads that answer requests.

use std::future::Future;

use latchkey_domain::access::Caller;
use latchkey_domain::id::RunId;

use crate::Service;
use crate::error::Error;

impl Service {
    /// Carries a change out as a task of its own. A client that leaves takes the future of its request with it; what was committed
    /// must take effect and be written down all the same.
    pub(crate) async fn complete<T, F>(
        &self,
        caller: &Caller,
        change: impl FnOnce(Self, Caller) -> F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let work = Box::pin(change(self.clone(), caller.clone()));
        let task = self.inner.tasks.spawn_on(work, &self.inner.runtime);
        task.await
            .unwrap_or_else(|cause| Err(Error::internal(cause)))
    }

    /// Stops a run whose only reader has left, for callers that can neither come back to it nor stop it. Whether it could be stopped
    /// stands in the log: nobody is there to be told.
    pub fn abandon_run(&self, caller: &Caller, run: RunId) {
        let (service, caller) = (self.clone(), caller.clone());
        let work = async move {
            if let Err(error) = Box::pin(service.stop_run(&caller, run)).await {
                tracing::warn!(run.id = %run, %error, "a run whose reader has left could not be stopped");
            }
        };
        self.inner.tasks.spawn_on(work, &self.inner.runtime);
    }

    /// Does what takes a processor long: as many at a time as there are processors.
    pub(crate) async fn at_length<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let permit = self.inner.long_work.clone().acquire_owned().await;
        let permit = permit.map_err(Error::internal)?;
        let service = self.clone();
        let task = self.inner.runtime.spawn_blocking(move || {
            let done = work(&service);
            // Not before: whoever waits may be gone, the work goes on.
            drop(permit);
            done
        });
        task.await.map_err(Error::internal)
    }
}
