//! What goes into the machine and what comes out of it.

use latchkey_domain::event::{RunEvent, RunFinished, RunPaused};
use latchkey_domain::form::FormAnswer;
use latchkey_domain::id::NodeExecutionId;
use latchkey_domain::journal::{
    JournalEntry, JournalRecord, Limits, NodeResult, ReportBody, StartValues,
};
use latchkey_domain::run::Failure;
use latchkey_domain::time::Timestamp;

use crate::node::{Attempt, Question};

/// What happened, as the dispatcher tells it.
#[derive(Debug)]
pub enum Happened {
    /// The run begins.
    Started {
        /// With these values.
        values: StartValues,
        /// Under these limits.
        limits: Limits,
    },
    /// A running node told something.
    Reported {
        /// The node execution.
        execution_id: NodeExecutionId,
        /// What.
        body: ReportBody,
    },
    /// An attempt of a node ended.
    Ended {
        /// The node execution.
        execution_id: NodeExecutionId,
        /// When the attempt began.
        started_at: Timestamp,
        /// What came of it.
        attempt: Box<Attempt>,
    },
    /// A node asks a person.
    Asked {
        /// The node execution.
        execution_id: NodeExecutionId,
        /// When it began.
        started_at: Timestamp,
        /// What it asks.
        question: Question,
    },
    /// A form was answered, or its deadline has passed.
    Answered {
        /// The node execution that asked.
        execution_id: NodeExecutionId,
        /// The answer.
        answer: FormAnswer,
    },
    /// The wait before a repetition is over.
    RetryDue {
        /// The node execution.
        execution_id: NodeExecutionId,
    },
    /// Somebody asks the run to stop.
    StopAsked {
        /// Why, for people.
        reason: String,
    },
    /// Somebody else goes on with the run.
    TakenOver,
    /// The time that the run may take may be over.
    TimeOver,
    /// Nodes that were asked to end have not done so in time.
    GraceOver,
}

/// What the dispatcher has to do, in order.
#[derive(Debug)]
pub enum Effect {
    /// Append to the journal.
    Record(JournalRecord),
    /// Tell whoever watches.
    Publish(RunEvent),
    /// Run a node without effects, here and now; of a node that asks, the half that is its turn.
    Compute(NodeExecutionId),
    /// Start a task for an attempt, once everything recorded so far is committed.
    Start {
        /// The node execution.
        execution_id: NodeExecutionId,
        /// Which attempt, from 1.
        attempt: u32,
        /// The record that must be committed before.
        after: u64,
    },
    /// Tell the end of an attempt that whoever executed the run before has not told: it is not made again.
    Interrupted(NodeExecutionId),
    /// Tell [`Happened::RetryDue`] at that time.
    Wait {
        /// The node execution.
        execution_id: NodeExecutionId,
        /// When.
        due: Timestamp,
    },
    /// Ask all running nodes to end, and tell [`Happened::GraceOver`] if they do not.
    CancelNodes,
    /// Go on only when everything recorded so far is committed.
    AwaitCommit,
    /// The run is paused: whoever executes it lets go of it.
    Pause(RunPaused),
    /// The run has ended.
    Finish(RunFinished),
}

/// The entry for an attempt that ended.
pub(super) fn ended(
    execution_id: NodeExecutionId,
    started_at: Timestamp,
    attempt: Attempt,
) -> JournalEntry {
    let (outcome, result): (Result<(), Failure>, NodeResult) = attempt.into_parts();
    let result = Box::new(result);
    match outcome {
        Ok(()) => JournalEntry::NodeSucceeded {
            execution_id,
            started_at,
            result,
        },
        Err(failure) => JournalEntry::NodeFailed {
            execution_id,
            started_at,
            failure,
            result,
        },
    }
}
