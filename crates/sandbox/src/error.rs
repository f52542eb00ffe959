//! Why a job has no result.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Why a job has no result. The texts are for the author of the workflow.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// This machine cannot confine a process: nothing was run.
    #[error("this machine cannot confine code, so none is run: {0}")]
    Unconfined(Refusal),
    /// There is no interpreter: nothing was run.
    #[error("there is no Python here: {0}")]
    NoPython(String),
    /// No process could be started, or it did not get ready.
    #[error("the sandbox could not start a process: {0}")]
    Start(String),
    /// The job was given more than it may be.
    #[error("the input is larger than {0} bytes")]
    InputTooLarge(u64),
    /// The code has failed; its own text, with the traceback.
    #[error("{0}")]
    Failed(String),
    /// The process ended before it had a result.
    #[error("the process ended without a result: {0}")]
    Ended(String),
    /// It took longer than it may.
    #[error("it ran longer than {} s and was stopped", .0.as_secs_f64())]
    TimedOut(Duration),
    /// It printed more than it may.
    #[error("it printed more than {0} bytes and was stopped")]
    PrintedTooMuch(u64),
    /// Its result is longer than it may be.
    #[error("the result is larger than {0} bytes")]
    ResultTooLarge(u64),
    /// What came back is no result.
    #[error("the result cannot be read: {0}")]
    Garbled(String),
}

/// What a machine lacks to confine a process, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{what}; {mend}")]
pub struct Refusal {
    /// What was tried, with the answer of the system.
    pub what: String,
    /// What an operator does about it.
    pub mend: String,
}
