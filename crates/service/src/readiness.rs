//! Whether the process takes work: it is not ending, its threads get to what waits for them, and the database answers.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::Service;
use crate::error::{Error, ErrorKind};

/// How long something new may wait for a thread.
const BEGINNING: Duration = Duration::from_secs(2);
/// How long the database may take to answer.
const ANSWERING: Duration = Duration::from_secs(5);

impl Service {
    /// Whether it takes work.
    ///
    /// # Errors
    /// When it is ending, when nothing that begins gets a thread in time, or when the database does not answer in time.
    pub async fn ready(&self) -> Result<(), Error> {
        if self.inner.tasks.is_closed() {
            return Err(unavailable("shutting_down", "the server is ending"));
        }
        if !begins(&self.inner.runtime, BEGINNING).await {
            let text = "what begins here gets no thread: all of them are busy";
            return Err(unavailable("overloaded", text));
        }
        let answer = timeout(ANSWERING, self.inner.store.ping()).await;
        let late = |_| unavailable("database_unavailable", "the database does not answer");
        Ok(answer.map_err(late)??)
    }
}

fn unavailable(code: &'static str, text: &str) -> Error {
    Error::new(ErrorKind::Unavailable, code, text)
}

/// Whether a task of the runtime begins in time. The time is that of whoever asks, which passes whatever the runtime does.
async fn begins(runtime: &Handle, within: Duration) -> bool {
    timeout(within, runtime.spawn(async {})).await.is_ok()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::begins;

    #[tokio::test]
    async fn a_runtime_whose_threads_hang_begins_nothing() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .unwrap();
        assert!(begins(runtime.handle(), Duration::from_secs(20)).await);
        let (release, hang) = mpsc::channel::<()>();
        drop(runtime.spawn(async move { hang.recv() }));
        assert!(!begins(runtime.handle(), Duration::from_millis(200)).await);
        release.send(()).unwrap();
        assert!(begins(runtime.handle(), Duration::from_secs(20)).await);
        runtime.shutdown_background();
    }
}
