//! The dispatcher: one task per run that feeds the state machine and does what it decides.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use latchkey_domain::event::RunEvent;
use latchkey_domain::journal::JournalRecord;

use crate::clock::Clock;

/// The run's ways to the outside.
pub struct Ports {
    /// Records to commit, in order. Bounded: a slow writer slows the run.
    pub journal: mpsc::Sender<JournalRecord>,
    /// The number of the last committed record; 0 before the first.
    pub committed: watch::Receiver<u64>,
    /// Events as they happen. Bounded, so the receiver must keep up or be dropped; dropping it does not stop the run.
    pub events: mpsc::Sender<RunEvent>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// Why a run ended without a terminal state: its journal is gone, so another worker or a later start continues it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the run's journal was closed before its end")]
pub struct Abandoned;
