//! What those who ask and the task of a process know of each other: who waits, and why it is over.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::tools::mcp::{McpError, protocol};

/// One process, as both sides see it.
pub(super) struct State {
    /// It is not needed any more.
    pub(super) end: CancellationToken,
    /// It has said nothing since it was asked.
    pub(super) silent: CancellationToken,
    /// Why it is over is known.
    pub(super) told: CancellationToken,
    pub(super) over: OnceLock<McpError>,
    /// How much it has said, in pieces.
    pub(super) heard: AtomicU64,
    pub(super) used: AtomicU64,
    gate: Mutex<Gate>,
}

/// Whether it can be asked.
pub(super) struct Gate {
    /// How many wait for it.
    pub(super) waiting: usize,
    /// Nothing is sent any more.
    pub(super) is_shut: bool,
    needed_at: Instant,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            end: CancellationToken::new(),
            silent: CancellationToken::new(),
            told: CancellationToken::new(),
            over: OnceLock::new(),
            heard: AtomicU64::new(0),
            used: AtomicU64::new(0),
            gate: Mutex::new(Gate {
                waiting: 0,
                is_shut: false,
                needed_at: Instant::now(),
            }),
        }
    }

    /// A panic of somebody else leaves nothing half-done behind the lock.
    pub(super) fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets somebody ask, unless nothing is sent any more.
    fn enter(&self) -> Result<WaitingFor<'_>, McpError> {
        let mut gate = self.gate();
        if gate.is_shut {
            return Err(McpError::Closed);
        }
        gate.waiting += 1;
        Ok(WaitingFor(self))
    }

    /// Shuts it when nobody waits, and when it is to end or nobody has needed it for this long.
    pub(super) fn shut_when_unneeded(&self, idle: Duration) -> bool {
        let mut gate = self.gate();
        let is_unneeded = self.end.is_cancelled() || gate.needed_at.elapsed() >= idle;
        gate.is_shut |= gate.waiting == 0 && is_unneeded;
        gate.is_shut
    }

    /// What the process answers while it lasts, and for as long as it may take.
    pub(super) async fn within<T>(
        &self,
        patience: Duration,
        answer: impl Future<Output = Result<T, McpError>>,
    ) -> Result<T, McpError> {
        let _waiting = self.enter()?;
        let heard = self.heard.load(Ordering::Acquire);
        let answer = timeout(patience, async {
            tokio::select! {
                biased;
                () = self.told.cancelled() => Err(self.why()),
                answer = answer => match answer {
                    // The library only sees that nothing comes any more, and the task why.
                    Err(McpError::Protocol(_)) if self.gate().is_shut => {
                        self.told.cancelled().await;
                        Err(self.why())
                    }
                    answer => answer,
                },
            }
        });
        let Ok(answer) = answer.await else {
            if self.heard.load(Ordering::Acquire) == heard {
                self.silent.cancel();
            }
            return Err(McpError::Silent(patience));
        };
        answer
    }

    /// Why there is no answer to what may have been sent: never that it was not.
    fn why(&self) -> McpError {
        let why = self.over.get().filter(|why| **why != McpError::Closed);
        why.cloned()
            .unwrap_or_else(|| protocol("it has broken off"))
    }
}

/// Somebody waits.
struct WaitingFor<'a>(&'a State);

impl Drop for WaitingFor<'_> {
    fn drop(&mut self) {
        let mut gate = self.0.gate();
        gate.waiting -= 1;
        gate.needed_at = Instant::now();
    }
}
