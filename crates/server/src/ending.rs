//! The end of the process: it is heard by a thread of its own, so that it is heard however busy all others are, and that
//! thread ends the process for good when everything else takes too long.

use std::time::Duration;

use anyhow::Context as _;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Hears SIGTERM and SIGINT.
pub(crate) struct Ending {
    told: CancellationToken,
}

impl Ending {
    /// Begins to listen. `give_up` is called when the process still lives so long after it was told to stop.
    ///
    /// # Errors
    /// When the signals cannot be heard.
    pub(crate) fn listen(
        latest: Duration,
        give_up: impl FnOnce() + Send + 'static,
    ) -> anyhow::Result<Self> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .context("the thread that hears signals")?;
        let signals = Signals::of(&runtime)?;
        let told = CancellationToken::new();
        let ending = Self { told: told.clone() };
        let listen = move || {
            runtime.block_on(async {
                signals.one().await;
                told.cancel();
                tokio::time::sleep(latest).await;
            });
            give_up();
        };
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(listen)
            .context("the thread that hears signals")?;
        Ok(ending)
    }

    /// Waits until the process is told to stop.
    pub(crate) async fn told(&self) {
        self.told.cancelled().await;
    }
}

struct Signals {
    terminated: Signal,
    interrupted: Signal,
}

impl Signals {
    fn of(runtime: &Runtime) -> anyhow::Result<Self> {
        let _inside = runtime.enter();
        Ok(Self {
            terminated: signal(SignalKind::terminate()).context("SIGTERM cannot be heard")?,
            interrupted: signal(SignalKind::interrupt()).context("SIGINT cannot be heard")?,
        })
    }

    async fn one(mut self) {
        tokio::select! {
            _ = self.terminated.recv() => {}
            _ = self.interrupted.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    use super::Ending;

    /// Every thread of the runtime hangs, so that it hears nothing and no time passes in it.
    #[test]
    fn a_process_that_hangs_is_told_and_given_up() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (release, hang) = mpsc::channel::<()>();
        drop(runtime.spawn(async move { hang.recv() }));
        let (given_up, heard) = mpsc::channel();
        let latest = Duration::from_millis(200);
        let ending = Ending::listen(latest, move || given_up.send(()).unwrap()).unwrap();
        let kill = Command::new("kill")
            .arg(std::process::id().to_string())
            .status();
        assert!(kill.unwrap().success());
        runtime.block_on(ending.told());
        heard.recv_timeout(Duration::from_secs(20)).unwrap();
        release.send(()).unwrap();
    }

    #[test]
    fn a_runtime_ends_though_a_blocking_thread_hangs() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (release, hang) = mpsc::channel::<()>();
        drop(runtime.spawn_blocking(move || hang.recv()));
        let begun = Instant::now();
        crate::leave(runtime);
        assert!(begun.elapsed() < Duration::from_secs(20));
        drop(release);
    }
}
