//! One transaction: what is needed to judge the writes is read first, they are judged in order, and what they come to is
//! written in as few statements as there are tables.

use std::collections::BTreeSet;

use latchkey_domain::id::RunId;
use latchkey_domain::ledger::{CallOutcome, ModelCallEnd, OpenRefusal, UsageSource};
use latchkey_domain::run::RunStatus;
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait as _, ColumnTrait as _, Condition, DatabaseTransaction,
    EntityTrait, IntoActiveModel, ModelTrait, QueryFilter as _,
};
use uuid::Uuid;

use super::chat::{Changed, Question, write_changed};
use super::facts::{Facts, Guard, KnownStart, key_of};
use super::follows::{Follows, Standing, record_answers};
use super::{
    Attempt, Done, Finished, IdempotencyKey, Inserted, KEY_HOLDS, MOST_CLAIMS, OpenCalls, Write,
    ended_without_answer,
};
use crate::codec::{column, count, text, word};
use crate::durable::Durable;
use crate::entities::{
    form, idempotency_key, journal, model_call, node_execution, provider_credential,
    provider_model_credential, run, run_document, timer,
};
use crate::error::StoreError;
use crate::ledger;

/// Rows that a statement inserts, most first. Few numbers are few statements, so that each is prepared once and then kept.
const ROWS: [usize; 4] = [64, 16, 4, 1];
/// How exact `last_used_at` is, in milliseconds.
const USED_EVERY: i64 = 60_000;

/// Writes them all, or none.
pub(super) async fn write(
    connection: &Durable,
    writes: &[&Write],
    attempt: Attempt,
) -> Result<Vec<Done>, StoreError> {
    let transaction = connection.begin().await?;
    let facts = Facts::read(&transaction, writes, attempt).await?;
    let mut batch = Batch {
        facts,
        ..Batch::default()
    };
    let mut done = Vec::with_capacity(writes.len());
    for write in writes {
        done.push(batch.judge(write)?);
    }
    let (used, used_at) = (std::mem::take(&mut batch.used), batch.used_at);
    batch.store(&transaction).await?;
    transaction.commit_as(|| said(writes)).await?;
    if let Err(error) = touch(connection, used, used_at).await {
        // It is a rough hint, and what matters is committed.
        tracing::warn!(%error, "when credentials were last used could not be written down");
    }
    Ok(done)
}

/// What is written, for whoever counts the places at which the process may die.
fn said(writes: &[&Write]) -> String {
    let mut words: Vec<&str> = writes.iter().map(|write| write.word()).collect();
    words.sort_unstable();
    words.dedup();
    words.join("+")
}

/// What the writes come to.
#[derive(Default)]
struct Batch {
    facts: Facts,
    runs: Vec<run::Model>,
    documents: Vec<run_document::Model>,
    keys: Vec<idempotency_key::Model>,
    records: Vec<journal::Model>,
    nodes: Vec<node_execution::Model>,
    forms: Vec<form::Model>,
    timers: Vec<timer::Model>,
    recorded: Vec<(Uuid, i64)>,
    questions: Vec<Question>,
    changed: Vec<(Uuid, Changed)>,
    standings: Vec<(Uuid, Standing)>,
    calls: Vec<model_call::Model>,
    ended: Vec<(Uuid, Finished)>,
    seized: Vec<(Uuid, u32)>,
    claimed: Vec<Claim>,
    /// Runs that were let go of, with their epochs, and when.
    parked: Vec<(Uuid, u32, i64)>,
    /// Runs that have recorded something since they were taken up.
    further: Vec<Uuid>,
    closed: Vec<model_call::Model>,
    used: BTreeSet<Uuid>,
    used_at: i64,
}

impl Batch {
    fn judge(&mut self, write: &Write) -> Result<Done, StoreError> {
        if self.facts.is_written(write) {
            return Ok(match write {
                Write::Insert { .. } => Done::Inserted(Inserted::New),
                Write::Append { .. }
                | Write::Open(_)
                | Write::Close(..)
                | Write::Closed(_)
                | Write::Seize(..)
                | Write::Claim(..)
                | Write::Park(..)
                | Write::Lose(..) => Done::Written,
            });
        }
        match write {
            Write::Insert {
                run,
                records,
                document,
                key,
                question,
            } => {
                let inserted = self.insert(run, document.as_ref(), key.as_ref())?;
                if inserted == Done::Inserted(Inserted::New) {
                    self.records.extend_from_slice(records);
                    self.questions.extend(question.as_deref().cloned());
                }
                Ok(inserted)
            }
            Write::Append {
                run,
                epoch,
                records,
                nodes,
                follows,
                finished,
                is_progress,
                attempt: _,
            } => {
                if !self.is_at(run.uuid(), *epoch) {
                    return Ok(Done::NotOurs);
                }
                self.records.extend_from_slice(records);
                self.nodes.extend_from_slice(nodes);
                if *is_progress {
                    self.come_further(run.uuid());
                }
                self.follow(run.uuid(), follows);
                if let Some(finished) = finished {
                    self.finish(run.uuid(), finished);
                }
                Ok(Done::Written)
            }
            Write::Open(row) => self.open(row),
            Write::Close(id, end) => self.close(id.uuid(), end),
            Write::Closed(row) => {
                self.calls.push(row.as_ref().clone());
                Ok(Done::Written)
            }
            Write::Seize(run, at) => Ok(self.seize(*run, *at)),
            Write::Claim(run, worker, at) => self.claim(*run, worker.uuid(), *at),
            Write::Park(run, epoch, at) => {
                if !self.is_at(run.uuid(), *epoch) || self.is_paused(run.uuid()) {
                    return Ok(Done::NotOurs);
                }
                self.park(run.uuid(), *at);
                Ok(Done::Written)
            }
            Write::Lose(of, at) => {
                self.lose(*of, *at)?;
                Ok(Done::Written)
            }
        }
    }

    /// Closes what was left open.
    fn lose(&mut self, of: OpenCalls, at: Timestamp) -> Result<(), StoreError> {
        let end = ended_without_answer(CallOutcome::Lost, UsageSource::Lost, at);
        let is_meant = |row: &&model_call::Model| match of {
            OpenCalls::OfRun(run) => row.run_id == Some(run.uuid()),
            OpenCalls::WithoutRun => row.run_id.is_none(),
        };
        let open = self.facts.open.values();
        let left: Vec<Uuid> = open.filter(is_meant).map(|row| row.id).collect();
        for id in left {
            self.close(id, &end)?;
        }
        Ok(())
    }

    /// Gives a run to a process if nobody alive has it.
    fn claim(&mut self, run: RunId, worker: Uuid, at: Timestamp) -> Result<Done, StoreError> {
        let id = run.uuid();
        let Some(guard) = self.facts.runs.get_mut(&id) else {
            return Ok(Done::NotOurs);
        };
        let living = &self.facts.living;
        let is_free = match guard.status {
            RunStatus::Queued => true,
            // Whoever asks has its own already, however late its heart beats.
            RunStatus::Running => guard
                .worker
                .is_none_or(|known| known != worker && !living.contains(&known)),
            RunStatus::Paused
            | RunStatus::Succeeded
            | RunStatus::PartialSucceeded
            | RunStatus::Failed
            | RunStatus::Stopped => false,
        };
        if guard.is_over || !is_free {
            return Ok(Done::NotOurs);
        }
        let is_poisoned = guard.claims >= MOST_CLAIMS;
        guard.epoch += 1;
        guard.claims += 1;
        guard.status = RunStatus::Running;
        guard.worker = Some(worker);
        let epoch = guard.epoch;
        self.claimed.push(Claim {
            run: id,
            worker,
            epoch,
            claims: guard.claims,
            at: at.millis(),
        });
        self.lose(OpenCalls::OfRun(run), at)?;
        Ok(if is_poisoned {
            Done::Poisoned(epoch)
        } else {
            Done::Epoch(epoch)
        })
    }

    fn park(&mut self, run: Uuid, at: Timestamp) {
        if let Some(guard) = self.facts.runs.get_mut(&run) {
            guard.epoch += 1;
            guard.claims = 0;
            guard.status = RunStatus::Queued;
            guard.worker = None;
            self.parked.push((run, guard.epoch, at.millis()));
        }
    }

    /// A run that was taken up has done something since: whoever has it does not die of it.
    fn come_further(&mut self, run: Uuid) {
        let guard = self.facts.runs.get_mut(&run);
        if let Some(guard) = guard.filter(|guard| guard.claims > 0) {
            guard.claims = 0;
            self.further.push(run);
        }
    }

    fn is_at(&self, run: Uuid, epoch: u32) -> bool {
        self.facts
            .runs
            .get(&run)
            .is_some_and(|guard| guard.epoch == epoch && !guard.is_over)
    }

    fn is_paused(&self, run: Uuid) -> bool {
        let guard = self.facts.runs.get(&run);
        guard.is_some_and(|guard| guard.status == RunStatus::Paused)
    }

    fn insert(
        &mut self,
        run: &run::Model,
        document: Option<&super::DocumentText>,
        key: Option<&IdempotencyKey>,
    ) -> Result<Done, StoreError> {
        if let Some(key) = key {
            let id = key_of(key)?;
            if let Some(known) = self.facts.keys.get(&id) {
                return Ok(Done::Inserted(known.answer(&key.body_hash)));
            }
            let known = KnownStart {
                body_hash: key.body_hash.clone(),
                run: RunId::new(run.id),
            };
            self.facts.keys.insert(id, known);
            self.keys.push(idempotency_key::Model {
                workspace_id: key.workspace.uuid(),
                caller: text(&key.caller)?,
                workflow_id: key.workflow.uuid(),
                name: key.name.clone(),
                body_hash: key.body_hash.clone(),
                run_id: run.id,
                created_at: run.created_at,
            });
        }
        let guard = Guard {
            epoch: count(run.epoch),
            is_over: run.finished_at.is_some(),
            status: word(&run.status, RunStatus::parse)?,
            worker: run.worker_id,
            claims: count(run.claims),
        };
        self.facts.runs.insert(run.id, guard);
        self.runs.push(run.clone());
        self.documents
            .extend(document.map(|document| run_document::Model {
                run_id: run.id,
                document: document.json.clone(),
                secrets: document.secrets.clone(),
            }));
        Ok(Done::Inserted(Inserted::New))
    }

    fn follow(&mut self, run: Uuid, follows: &Follows) {
        self.forms.extend_from_slice(&follows.forms);
        self.timers.extend_from_slice(&follows.timers);
        self.recorded.extend_from_slice(&follows.recorded);
        let changed = follows.changed.iter().cloned();
        self.changed.extend(changed.map(|changed| (run, changed)));
        let Some(standing) = follows.standing.clone() else {
            return;
        };
        if let Some(guard) = self.facts.runs.get_mut(&run) {
            guard.status = standing.status();
        }
        match self.runs.iter_mut().rev().find(|row| row.id == run) {
            Some(row) => standing.put(row),
            None => self.standings.push((run, standing)),
        }
    }

    fn finish(&mut self, run: Uuid, finished: &Finished) {
        if let Some(guard) = self.facts.runs.get_mut(&run) {
            guard.is_over = true;
        }
        // A run that is accepted and over in one transaction is one row written once.
        let Some(row) = self.runs.iter_mut().rev().find(|row| row.id == run) else {
            self.ended.push((run, finished.clone()));
            return;
        };
        row.status.clone_from(&finished.status);
        row.outputs = Some(finished.outputs.clone());
        row.error.clone_from(&finished.error);
        row.usage.clone_from(&finished.usage);
        row.steps = finished.steps;
        row.exceptions = finished.exceptions;
        row.finished_at = Some(finished.at);
    }

    fn seize(&mut self, run: RunId, at: Option<u32>) -> Done {
        match self.facts.runs.get_mut(&run.uuid()) {
            Some(guard) if !guard.is_over && at.is_none_or(|at| at == guard.epoch) => {
                guard.epoch += 1;
                // Until whoever seizes it has ended it, it is nobody's: should that one die, others find it.
                guard.worker = None;
                self.seized.push((run.uuid(), guard.epoch));
                Done::Epoch(guard.epoch)
            }
            Some(_) | None => Done::NotOurs,
        }
    }

    /// Opens a call if every guard lets it; nothing is taken of limits and budgets otherwise.
    fn open(&mut self, row: &model_call::Model) -> Result<Done, StoreError> {
        if let Some(run) = row.run_id
            && !self.is_at(run, count(row.epoch))
        {
            return Ok(Done::Refused(OpenRefusal::RunOver));
        }
        let mut payer = None;
        if let Some(id) = row.credential_id
            && let Some(revision) = row.credential_revision
        {
            // A key that is tried out may be switched off; one that pays may not.
            let pays = row.level.is_some();
            let known = self.facts.credentials.get(&id).copied();
            payer = known
                .filter(|known| known.revision == revision && (known.is_active || !pays))
                .map(|known| (id, known));
            if payer.is_none() {
                return Ok(Done::Refused(OpenRefusal::CredentialChanged));
            }
        }
        let wait_ms = row
            .credential_id
            .map_or(0, |id| self.facts.room.wait_of(id));
        if let Err(refusal) = self.facts.wellbeing.admit(row, wait_ms) {
            return Ok(Done::Refused(refusal));
        }
        let governed = match self.facts.room.admit(row)? {
            Ok(governed) => governed,
            Err(refusal) => return Ok(Done::Refused(OpenRefusal::NoRoom(refusal))),
        };
        if let Some((id, known)) = payer
            && known
                .last_used_at
                .is_none_or(|at| at + USED_EVERY < row.opened_at)
        {
            self.used.insert(id);
            self.used_at = self.used_at.max(row.opened_at);
        }
        let row = model_call::Model {
            governed: governed.into(),
            watched: self.facts.wellbeing.opened(row).into(),
            ..row.clone()
        };
        self.facts.open.insert(row.id, row.clone());
        self.calls.push(row);
        Ok(Done::Written)
    }

    fn close(&mut self, id: Uuid, end: &ModelCallEnd) -> Result<Done, StoreError> {
        // Closed already, or never opened: nothing to change.
        let Some(open) = self.facts.open.remove(&id) else {
            return Ok(Done::Closed(None));
        };
        let mut row = open.clone();
        ledger::close(&mut row, end)?;
        self.facts.room.settle(&open, &row)?;
        let health = self.facts.wellbeing.closed(&open, end);
        match self.calls.iter_mut().find(|new| new.id == id) {
            Some(new) => *new = row,
            None => self.closed.push(row),
        }
        Ok(Done::Closed(health.map(Box::new)))
    }

    async fn store(self, transaction: &DatabaseTransaction) -> Result<(), StoreError> {
        insert_all(transaction, self.runs).await?;
        insert_all(transaction, self.documents).await?;
        if let Some(now) = self.keys.iter().map(|key| key.created_at).max() {
            // A name may be used again when its day is over.
            idempotency_key::Entity::delete_many()
                .filter(idempotency_key::Column::CreatedAt.lte(now - KEY_HOLDS))
                .exec(transaction)
                .await?;
        }
        insert_all(transaction, self.keys).await?;
        for (run, epoch) in self.seized {
            run::Entity::update_many()
                .col_expr(run::Column::Epoch, Expr::value(column(epoch.into())))
                .col_expr(run::Column::WorkerId, Expr::value(Option::<Uuid>::None))
                .filter(run::Column::Id.eq(run))
                .exec(transaction)
                .await?;
        }
        for claim in self.claimed {
            claim.write(transaction).await?;
        }
        for (run, epoch, at) in self.parked {
            park_run(transaction, run, epoch, at).await?;
        }
        for question in self.questions {
            question.write(transaction).await?;
        }
        if !self.further.is_empty() {
            run::Entity::update_many()
                .col_expr(run::Column::Claims, Expr::value(0_i64))
                .filter(run::Column::Id.is_in(self.further))
                .exec(transaction)
                .await?;
        }
        insert_all(transaction, self.records).await?;
        insert_all(transaction, self.nodes).await?;
        insert_all(transaction, self.forms).await?;
        insert_all(transaction, self.timers).await?;
        record_answers(transaction, self.recorded).await?;
        write_changed(transaction, self.changed).await?;
        for (run, standing) in self.standings {
            standing.write(transaction, run).await?;
        }
        insert_all(transaction, self.calls).await?;
        for row in self.closed {
            let id = row.id;
            model_call::Entity::update_many()
                .set(row.into_active_model().reset_all())
                .filter(model_call::Column::Id.eq(id))
                .exec(transaction)
                .await?;
        }
        for (run, finished) in self.ended {
            end_run(transaction, run, finished).await?;
        }
        self.facts.room.store(transaction).await?;
        self.facts.wellbeing.store(transaction).await
    }
}

/// A run that is given to a process.
struct Claim {
    run: Uuid,
    worker: Uuid,
    epoch: u32,
    claims: u32,
    at: i64,
}

impl Claim {
    async fn write(self, transaction: &DatabaseTransaction) -> Result<(), StoreError> {
        use sea_orm::sea_query::ExprTrait as _;

        let begun = Expr::col(run::Column::StartedAt).if_null(self.at);
        run::Entity::update_many()
            .col_expr(run::Column::Epoch, Expr::value(i64::from(self.epoch)))
            .col_expr(
                run::Column::Status,
                Expr::value(RunStatus::Running.as_str()),
            )
            .col_expr(run::Column::WorkerId, Expr::value(self.worker))
            .col_expr(run::Column::Claims, Expr::value(i64::from(self.claims)))
            .col_expr(run::Column::QueuedAt, Expr::value(Option::<i64>::None))
            .col_expr(run::Column::StartedAt, begun)
            .filter(run::Column::Id.eq(self.run))
            .exec(transaction)
            .await?;
        Ok(())
    }
}

async fn park_run(
    transaction: &DatabaseTransaction,
    id: Uuid,
    epoch: u32,
    at: i64,
) -> Result<(), StoreError> {
    run::Entity::update_many()
        .col_expr(run::Column::Epoch, Expr::value(i64::from(epoch)))
        .col_expr(run::Column::Status, Expr::value(RunStatus::Queued.as_str()))
        .col_expr(run::Column::WorkerId, Expr::value(Option::<Uuid>::None))
        .col_expr(run::Column::Claims, Expr::value(0_i64))
        .col_expr(run::Column::QueuedAt, Expr::value(at))
        .filter(run::Column::Id.eq(id))
        .exec(transaction)
        .await?;
    Ok(())
}

async fn end_run(
    transaction: &DatabaseTransaction,
    id: Uuid,
    finished: Finished,
) -> Result<(), StoreError> {
    run::Entity::update_many()
        .col_expr(run::Column::Status, Expr::value(finished.status))
        .col_expr(run::Column::Outputs, Expr::value(finished.outputs))
        .col_expr(run::Column::Error, Expr::value(finished.error))
        .col_expr(run::Column::Usage, Expr::value(finished.usage))
        .col_expr(run::Column::Steps, Expr::value(finished.steps))
        .col_expr(run::Column::Exceptions, Expr::value(finished.exceptions))
        .col_expr(run::Column::FinishedAt, Expr::value(finished.at))
        .filter(run::Column::Id.eq(id))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Writes down, roughly, when credentials were last used. It is done after the transaction, which holds the credentials' rows
/// together with other writers: two that wanted to write them would wait for each other.
async fn touch(connection: &Durable, used: BTreeSet<Uuid>, at: i64) -> Result<(), StoreError> {
    if used.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = used.into_iter().collect();
    provider_credential::Entity::update_many()
        .col_expr(provider_credential::Column::LastUsedAt, Expr::value(at))
        .filter(provider_credential::Column::Id.is_in(ids.clone()))
        .filter(
            Condition::any()
                .add(provider_credential::Column::LastUsedAt.is_null())
                .add(provider_credential::Column::LastUsedAt.lt(at - USED_EVERY)),
        )
        .exec(connection)
        .await?;
    provider_model_credential::Entity::update_many()
        .col_expr(
            provider_model_credential::Column::LastUsedAt,
            Expr::value(at),
        )
        .filter(provider_model_credential::Column::Id.is_in(ids))
        .filter(
            Condition::any()
                .add(provider_model_credential::Column::LastUsedAt.is_null())
                .add(provider_model_credential::Column::LastUsedAt.lt(at - USED_EVERY)),
        )
        .exec(connection)
        .await?;
    Ok(())
}

/// Inserts rows, many with one statement.
pub(super) async fn insert_all<M, A>(
    transaction: &DatabaseTransaction,
    rows: Vec<M>,
) -> Result<(), StoreError>
where
    M: ModelTrait + IntoActiveModel<A>,
    A: ActiveModelBehavior<Entity = M::Entity> + Send,
    M::Entity: EntityTrait<ActiveModel = A, Model = M>,
{
    let mut left = rows.len();
    let mut rows = rows.into_iter().map(IntoActiveModel::into_active_model);
    for some in ROWS {
        while left >= some {
            let these: Vec<A> = rows.by_ref().take(some).collect();
            left -= some;
            M::Entity::insert_many(these)
                .exec_without_returning(transaction)
                .await?;
        }
    }
    Ok(())
}
