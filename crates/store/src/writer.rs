//! The one writer of runs, journals and the ledger. What waits while a transaction commits shares the next one, so the cost of a
//! commit is divided by everything that needs it. An answer means *committed*.

mod batch;
mod calls;
mod chat;
mod facts;
mod follows;
mod health;
mod room;
mod work;

use latchkey_domain::chat::NewMessage;
use latchkey_domain::credential::{Finding, Principal};
use latchkey_domain::event::RunFinished;
use latchkey_domain::id::{ModelCallId, RunId, WorkerId, WorkflowId, WorkspaceId};
use latchkey_domain::journal::{JournalEntry, JournalRecord};
use latchkey_domain::ledger::{CallOutcome, ModelCallEnd, OpenRefusal, Tokens, UsageSource};
use latchkey_domain::run::{NodeExecution, Run};
use latchkey_domain::time::Timestamp;
use tokio::sync::{mpsc, oneshot};

use crate::codec::text;
use crate::durable::Durable;
use crate::entities::{journal, model_call, node_execution, run};
use crate::error::StoreError;
use crate::health::PayerHealth;
use crate::open::Store;
use crate::runs::{self, ToolCaller};
use crate::workflows::DocumentText;

use self::chat::Question;
use self::follows::Follows;

/// What may wait for the writer; when it is full, whoever asks waits.
const QUEUE: usize = 4096;
/// How long an idempotency key holds, in milliseconds.
const KEY_HOLDS: i64 = 24 * 60 * 60 * 1000;

/// A name under which a start was asked for: the same name and body are the same run, for a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Who asked.
    pub caller: Principal,
    /// For which workflow.
    pub workflow: WorkflowId,
    /// The name.
    pub name: String,
    /// A keyed hash of the canonical body.
    pub body_hash: String,
}

/// A run that is to be accepted.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// Its row.
    pub run: Run,
    /// What it executes, when that may change under it.
    pub document: Option<DocumentText>,
    /// The name under which it was asked for.
    pub key: Option<IdempotencyKey>,
    /// The question of a conversation that it answers, kept together with it.
    pub message: Option<Box<NewMessage>>,
    /// Who takes it up.
    pub place: Place,
    /// What its journal has from the beginning: whoever takes it up later begins with that.
    pub records: Vec<JournalRecord>,
    /// Whose tool it is.
    pub called_by: Option<ToolCaller>,
}

impl NewRun {
    /// A run that nobody is named for.
    #[must_use]
    pub const fn of(run: Run) -> Self {
        Self {
            run,
            document: None,
            key: None,
            place: Place::Nobody,
            records: Vec::new(),
            called_by: None,
            message: None,
        }
    }
}

/// Who takes a new run up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// This process, at once: it is accepted and taken up in one transaction.
    Here(WorkerId),
    /// Whoever comes first: it waits, and its status says so.
    Queue,
    /// Nobody is named. Whoever looks for runs without a process finds it.
    Nobody,
}

/// What came of taking a run up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// It is this process's, at this epoch.
    Taken(u32),
    /// It was taken up [`MOST_CLAIMS`] times without a new record: whoever takes it up dies of it. It is at this epoch now and must be
    /// ended.
    Poisoned(u32),
    /// It is over, paused, or somebody alive has it.
    NotFree,
}

/// How often a run is taken up without a new record before it is given up.
pub const MOST_CLAIMS: u32 = 5;

/// What became of a run that was to be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// It is accepted.
    New,
    /// The same start was asked for before: this is its run.
    Existing(RunId),
    /// That name stands for another body.
    KeyConflict,
}

/// Why records were not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The run is over, at another epoch, or was never accepted: nothing more may be recorded here.
    #[error("the run is not this writer's any more")]
    NotOurs,
    /// The write failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which rows of the ledger are meant that nobody will close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenCalls {
    /// Those of a run that nobody executes any more.
    OfRun(RunId),
    /// Those that belong to no run: no process has any under way.
    WithoutRun,
}

/// Whether a write is asked for again because nobody knows what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// It was never tried.
    First,
    /// It was tried, and may have been committed: what is there already is not written again.
    Repeated,
}

/// A run that was handed to the writer.
#[derive(Debug)]
#[must_use = "it is accepted only when it is committed"]
pub struct Pending(oneshot::Receiver<Result<Done, StoreError>>);

impl Pending {
    /// Waits for the commit.
    ///
    /// # Errors
    /// When it failed.
    pub async fn committed(self) -> Result<Inserted, StoreError> {
        match self.0.await.unwrap_or_else(|_| Err(closed()))? {
            Done::Inserted(inserted) => Ok(inserted),
            other @ (Done::Written
            | Done::Closed(_)
            | Done::NotOurs
            | Done::Refused(_)
            | Done::Poisoned(_)
            | Done::Epoch(_)) => Err(unexpected(&other)),
        }
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the writer has ended".to_owned())
}

/// One thing to write.
#[derive(Debug)]
struct Job {
    write: Write,
    reply: Reply,
}

/// What is written; everything is ready for its columns.
#[derive(Clone, Debug)]
pub(crate) enum Write {
    Insert {
        run: Box<run::Model>,
        records: Vec<journal::Model>,
        document: Option<DocumentText>,
        key: Option<IdempotencyKey>,
        question: Option<Box<Question>>,
    },
    Append {
        run: RunId,
        epoch: u32,
        records: Vec<journal::Model>,
        nodes: Vec<node_execution::Model>,
        follows: Follows,
        finished: Option<Box<Finished>>,
        /// Whether the run has come further, instead of only being taken up.
        is_progress: bool,
        attempt: Attempt,
    },
    Open(Box<model_call::Model>),
    Close(ModelCallId, Box<ModelCallEnd>),
    /// A row that is closed already.
    Closed(Box<model_call::Model>),
    /// Takes a run over from whoever executes it, if it is at this epoch; the answer is the new one.
    Seize(RunId, Option<u32>),
    /// Takes a run up that nobody alive has; its calls that were left open are lost.
    Claim(RunId, WorkerId, Timestamp),
    /// Lets go of a run in order, so that anybody may take it up.
    Park(RunId, u32, Timestamp),
    /// Closes rows that are left open.
    Lose(OpenCalls, Timestamp),
}

impl Write {
    /// What it is, in a word.
    const fn word(&self) -> &'static str {
        match self {
            Self::Insert { .. } => "insert",
            Self::Append { finished: None, .. } => "append",
            Self::Append { .. } => "finish",
            Self::Open(_) => "open",
            Self::Close(..) => "close",
            Self::Closed(_) => "refuse",
            Self::Seize(..) => "seize",
            Self::Claim(..) => "claim",
            Self::Park(..) => "park",
            Self::Lose(..) => "lose",
        }
    }

    /// Whether whoever asks has asked for the same before.
    const fn is_repeated(&self) -> bool {
        matches!(
            self,
            Self::Append {
                attempt: Attempt::Repeated,
                ..
            }
        )
    }
}

/// The end of a run, ready for its columns.
#[derive(Clone, Debug)]
pub(crate) struct Finished {
    status: String,
    pub(crate) outputs: String,
    error: Option<String>,
    usage: String,
    steps: i64,
    exceptions: i64,
    at: i64,
}

/// What a write came to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Done {
    Written,
    /// A row is closed; how its payer is now, if that is new.
    Closed(Option<Box<PayerHealth>>),
    Inserted(Inserted),
    NotOurs,
    Refused(OpenRefusal),
    Epoch(u32),
    Poisoned(u32),
}

type Reply = oneshot::Sender<Result<Done, StoreError>>;

/// The way to the writer's task.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Option<Job>>,
}

impl Writer {
    pub(crate) fn start(connection: Durable) -> Self {
        let (jobs, waiting) = mpsc::channel(QUEUE);
        #[expect(
            clippy::disallowed_methods,
            reason = "the writer lives as long as the store and is ended by `close`"
        )]
        tokio::spawn(work::work(connection, waiting));
        Self { jobs }
    }

    /// Everything that was handed over before is written when this returns.
    pub(crate) async fn close(&self) {
        if self.jobs.send(None).await.is_ok() {
            self.jobs.closed().await;
        }
    }

    /// Whether it still takes writes.
    pub(crate) fn is_alive(&self) -> bool {
        !self.jobs.is_closed()
    }

    async fn hand(
        &self,
        write: Write,
    ) -> Result<oneshot::Receiver<Result<Done, StoreError>>, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job = Job { write, reply };
        self.jobs.send(Some(job)).await.map_err(|_| closed())?;
        Ok(answer)
    }

    async fn write(&self, write: Write) -> Result<Done, StoreError> {
        let answer = self.hand(write).await?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }
}

impl Store {
    /// Hands a run to the writer. What is handed over later is written later, so its execution may begin; what it tells must wait
    /// for the commit.
    ///
    /// # Errors
    /// When the writer has ended.
    pub async fn insert_run(&self, new: &NewRun) -> Result<Pending, StoreError> {
        let mut row = runs::row_of(&new.run)?;
        match new.place {
            Place::Here(worker) => row.worker_id = Some(worker.uuid()),
            Place::Queue => row.queued_at = Some(row.created_at),
            Place::Nobody => {}
        }
        row.called_by = new.called_by.as_ref().map(ToolCaller::text);
        let records = new.records.iter();
        let records = records.map(|record| record_row(new.run.id, record));
        let mut write = Write::Insert {
            run: Box::new(row),
            records: records.collect::<Result<_, _>>()?,
            document: new.document.clone(),
            key: new.key.clone(),
            question: match &new.message {
                Some(message) => Some(Box::new(Question::of(new.run.id, message)?)),
                None => None,
            },
        };
        self.put_away(new.run.workspace, &mut write).await?;
        Ok(Pending(self.writer.hand(write).await?))
    }

    /// Appends to a run's journal, with the node executions that follow from it and, with the last record, its end.
    ///
    /// # Errors
    /// When the run is not at this epoch any more, or the write failed.
    pub async fn append(
        &self,
        run: RunId,
        workspace: WorkspaceId,
        epoch: u32,
        records: &[JournalRecord],
        nodes: &[NodeExecution],
        finished: Option<(&RunFinished, Timestamp)>,
    ) -> Result<(), AppendError> {
        let mut write = append_of(run, workspace, epoch, records, nodes, finished)?;
        self.put_away(workspace, &mut write).await?;
        self.write_records(write).await
    }

    /// The same once more, because nobody knows what became of it: what is there already is not written again.
    ///
    /// # Errors
    /// When the run is not at this epoch any more, or the write failed.
    pub async fn append_again(
        &self,
        run: RunId,
        workspace: WorkspaceId,
        epoch: u32,
        records: &[JournalRecord],
        nodes: &[NodeExecution],
        finished: Option<(&RunFinished, Timestamp)>,
    ) -> Result<(), AppendError> {
        let mut write = append_of(run, workspace, epoch, records, nodes, finished)?;
        if let Write::Append { attempt, .. } = &mut write {
            *attempt = Attempt::Repeated;
        }
        self.put_away(workspace, &mut write).await?;
        self.write_records(write).await
    }

    async fn write_records(&self, write: Write) -> Result<(), AppendError> {
        match self.writer.write(write).await? {
            Done::Written => Ok(()),
            Done::NotOurs => Err(AppendError::NotOurs),
            other @ (Done::Inserted(_)
            | Done::Closed(_)
            | Done::Refused(_)
            | Done::Poisoned(_)
            | Done::Epoch(_)) => Err(unexpected(&other).into()),
        }
    }

    /// Takes a run up that waits, or whose process has died: raises its epoch and closes its open calls as lost, if it is still free.
    ///
    /// # Errors
    /// When the write failed.
    pub async fn claim_run(
        &self,
        run: RunId,
        worker: WorkerId,
        at: Timestamp,
    ) -> Result<Claimed, StoreError> {
        match self.writer.write(Write::Claim(run, worker, at)).await? {
            Done::Epoch(epoch) => Ok(Claimed::Taken(epoch)),
            Done::Poisoned(epoch) => Ok(Claimed::Poisoned(epoch)),
            Done::NotOurs => Ok(Claimed::NotFree),
            other @ (Done::Written | Done::Closed(_) | Done::Inserted(_) | Done::Refused(_)) => {
                Err(unexpected(&other))
            }
        }
    }

    /// Lets go of a run that this process executes: anybody may take it up at once. False when it is not at this epoch any more, or
    /// waits for people: then nobody is to take it up.
    ///
    /// # Errors
    /// When the write failed.
    pub async fn park_run(
        &self,
        run: RunId,
        epoch: u32,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        match self.writer.write(Write::Park(run, epoch, at)).await? {
            Done::Written => Ok(true),
            Done::NotOurs => Ok(false),
            other @ (Done::Epoch(_)
            | Done::Poisoned(_)
            | Done::Closed(_)
            | Done::Inserted(_)
            | Done::Refused(_)) => Err(unexpected(&other)),
        }
    }

    /// Takes a run over to end it: raises its epoch, so that whoever executed it can record nothing more; it is nobody's until then. The
    /// new epoch; none when the run is over, unknown, or not at the epoch that is named.
    ///
    /// # Errors
    /// When the write failed.
    pub async fn seize_run(&self, run: RunId, at: Option<u32>) -> Result<Option<u32>, StoreError> {
        match self.writer.write(Write::Seize(run, at)).await? {
            Done::Epoch(epoch) => Ok(Some(epoch)),
            Done::NotOurs => Ok(None),
            other @ (Done::Written
            | Done::Closed(_)
            | Done::Inserted(_)
            | Done::Poisoned(_)
            | Done::Refused(_)) => Err(unexpected(&other)),
        }
    }

    /// The run that a start under this name has begun, if the name still holds.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known_start(
        &self,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<Inserted>, StoreError> {
        let known = facts::known_start(&self.read, key, now.millis()).await?;
        Ok(known.map(|known| known.answer(&key.body_hash)))
    }
}

/// The end of a call whose answer nobody has.
fn ended_without_answer(
    outcome: CallOutcome,
    usage_source: UsageSource,
    at: Timestamp,
) -> ModelCallEnd {
    ModelCallEnd {
        outcome,
        error_code: None,
        http_status: None,
        tokens: Tokens::default(),
        usage_source,
        raw_usage: None,
        provider_request_id: None,
        latency_ms: 0,
        first_token_ms: None,
        finding: Finding::Nothing,
        at,
    }
}

fn unexpected(done: &Done) -> StoreError {
    StoreError::Failed(format!("the writer answered {done:?} to another question"))
}

fn append_of(
    run: RunId,
    workspace: WorkspaceId,
    epoch: u32,
    records: &[JournalRecord],
    nodes: &[NodeExecution],
    finished: Option<(&RunFinished, Timestamp)>,
) -> Result<Write, StoreError> {
    let follows = Follows::of(run, workspace, records)?;
    let is_progress = records
        .iter()
        .any(|record| !matches!(record.entry, JournalEntry::TakenOver));
    let records = records.iter().map(|record| record_row(run, record));
    let nodes = nodes.iter().map(|node| node_row(run, workspace, node));
    let finished = finished.map(|(end, at)| finished_row(end, at).map(Box::new));
    Ok(Write::Append {
        run,
        epoch,
        records: records.collect::<Result<_, _>>()?,
        nodes: nodes.collect::<Result<_, _>>()?,
        follows,
        finished: finished.transpose()?,
        is_progress,
        attempt: Attempt::First,
    })
}

fn record_row(run: RunId, record: &JournalRecord) -> Result<journal::Model, StoreError> {
    Ok(journal::Model {
        run_id: run.uuid(),
        seq: crate::codec::column(record.sequence),
        epoch: record.epoch.into(),
        record: text(record)?,
    })
}

fn node_row(
    run: RunId,
    workspace: WorkspaceId,
    node: &NodeExecution,
) -> Result<node_execution::Model, StoreError> {
    Ok(node_execution::Model {
        id: node.id.uuid(),
        run_id: run.uuid(),
        workspace_id: workspace.uuid(),
        node_id: node.node_id.to_string(),
        position: node.index.into(),
        status: node.status.as_str().to_owned(),
        credential_id: node
            .resolution
            .as_ref()
            .and_then(|resolution| resolution.credential_id)
            .map(|id| id.uuid()),
        body: text(node)?,
    })
}

fn finished_row(end: &RunFinished, at: Timestamp) -> Result<Finished, StoreError> {
    Ok(Finished {
        status: end.status.as_str().to_owned(),
        outputs: text(&end.outputs)?,
        error: end.error.as_ref().map(text).transpose()?,
        usage: text(&end.usage)?,
        steps: end.steps.into(),
        exceptions: end.exceptions.into(),
        at: at.millis(),
    })
}
