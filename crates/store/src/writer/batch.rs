//! One transaction: what is needed to judge the writes is read first, they are judged in order, and what they come to is
//! written in as few statements as there are tables.

use std::collections::{BTreeSet, HashMap};

use latchkey_domain::id::RunId;
use latchkey_domain::ledger::{CallOutcome, ModelCallEnd, OpenRefusal, UsageSource};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait as _,
    DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait, IntoActiveModel,
    Iterable as _, ModelTrait, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    TransactionTrait as _,
};
use uuid::Uuid;

use super::{Done, Finished, IdempotencyKey, Inserted, Write, ended_without_answer};
use crate::codec::{column, count, text};
use crate::entities::{
    idempotency_key, journal, model_call, node_execution, provider_credential,
    provider_model_credential, run, run_document,
};
use crate::error::StoreError;
use crate::ledger;

/// Bound values that a statement may have; SQLite takes 32,766.
const PLACES: usize = 30_000;
/// How long an idempotency key holds, in milliseconds.
const KEY_HOLDS: i64 = 24 * 60 * 60 * 1000;
/// How exact `last_used_at` is, in milliseconds.
const USED_EVERY: i64 = 60_000;

/// Writes them all, or none.
pub(super) async fn write(
    connection: &DatabaseConnection,
    writes: &[&Write],
) -> Result<Vec<Done>, StoreError> {
    let transaction = connection.begin().await?;
    let facts = Facts::read(&transaction, writes).await?;
    let mut batch = Batch {
        facts,
        ..Batch::default()
    };
    let mut done = Vec::with_capacity(writes.len());
    for write in writes {
        done.push(batch.judge(write)?);
    }
    batch.store(&transaction).await?;
    transaction.commit().await?;
    Ok(done)
}

/// A run as the guards see it.
#[derive(Clone, Copy, Debug)]
struct Guard {
    epoch: u32,
    is_over: bool,
}

/// What the database knows about what the writes are about.
#[derive(Default)]
struct Facts {
    runs: HashMap<Uuid, Guard>,
    /// Revision and whether it may pay, by credential.
    credentials: HashMap<Uuid, (i64, bool)>,
    keys: HashMap<Key, (String, Uuid)>,
    open: HashMap<Uuid, model_call::Model>,
}

type Key = (Uuid, String, Uuid, String);

impl Facts {
    async fn read(
        transaction: &DatabaseTransaction,
        writes: &[&Write],
    ) -> Result<Self, StoreError> {
        let mut facts = Self::default();
        let mut runs = BTreeSet::new();
        let mut credentials = BTreeSet::new();
        let mut closing = BTreeSet::new();
        let mut losing = BTreeSet::new();
        for write in writes {
            match write {
                Write::Insert {
                    run,
                    key: Some(key),
                    ..
                } => facts.read_key(transaction, key, run.created_at).await?,
                Write::Insert { .. } | Write::Closed(_) => {}
                Write::Append { run, .. } | Write::Seize(run) => drop(runs.insert(run.uuid())),
                Write::Open(row) => {
                    runs.extend(row.run_id);
                    credentials.extend(row.credential_id);
                }
                Write::Close(id, _) => drop(closing.insert(id.uuid())),
                Write::Lose(run, _) => drop(losing.insert(run.uuid())),
            }
        }
        facts.read_runs(transaction, runs).await?;
        facts.read_credentials(transaction, credentials).await?;
        facts.read_open(transaction, closing, losing).await?;
        Ok(facts)
    }

    async fn read_key(
        &mut self,
        transaction: &DatabaseTransaction,
        key: &IdempotencyKey,
        now: i64,
    ) -> Result<(), StoreError> {
        let id = key_of(key)?;
        let row = idempotency_key::Entity::find_by_id(id.clone())
            .one(transaction)
            .await?;
        if let Some(row) = row.filter(|row| row.created_at > now - KEY_HOLDS) {
            self.keys.insert(id, (row.body_hash, row.run_id));
        }
        Ok(())
    }

    async fn read_runs(
        &mut self,
        transaction: &DatabaseTransaction,
        ids: BTreeSet<Uuid>,
    ) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut find = run::Entity::find()
            .select_only()
            .columns([run::Column::Id, run::Column::Epoch, run::Column::FinishedAt])
            .filter(run::Column::Id.is_in(ids));
        if transaction.get_database_backend() == DbBackend::Postgres {
            find = find.lock_exclusive();
        }
        let rows: Vec<(Uuid, i64, Option<i64>)> = find.into_tuple().all(transaction).await?;
        for (id, epoch, finished) in rows {
            let guard = Guard {
                epoch: count(epoch),
                is_over: finished.is_some(),
            };
            self.runs.insert(id, guard);
        }
        Ok(())
    }

    async fn read_credentials(
        &mut self,
        transaction: &DatabaseTransaction,
        ids: BTreeSet<Uuid>,
    ) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let mut of_providers = provider_credential::Entity::find()
            .select_only()
            .columns([
                provider_credential::Column::Id,
                provider_credential::Column::Revision,
                provider_credential::Column::State,
            ])
            .filter(provider_credential::Column::Id.is_in(ids.clone()))
            .order_by_asc(provider_credential::Column::Id);
        let mut of_models = provider_model_credential::Entity::find()
            .select_only()
            .columns([
                provider_model_credential::Column::Id,
                provider_model_credential::Column::Revision,
                provider_model_credential::Column::State,
            ])
            .filter(provider_model_credential::Column::Id.is_in(ids))
            .order_by_asc(provider_model_credential::Column::Id);
        if transaction.get_database_backend() == DbBackend::Postgres {
            // A change that is under way is waited for, and one that comes later waits until these calls are open.
            of_providers = of_providers.lock_shared();
            of_models = of_models.lock_shared();
        }
        let of_providers: Vec<(Uuid, i64, String)> =
            of_providers.into_tuple().all(transaction).await?;
        let of_models: Vec<(Uuid, i64, String)> = of_models.into_tuple().all(transaction).await?;
        for (id, revision, state) in of_providers.into_iter().chain(of_models) {
            self.credentials.insert(id, (revision, state == "active"));
        }
        Ok(())
    }

    async fn read_open(
        &mut self,
        transaction: &DatabaseTransaction,
        ids: BTreeSet<Uuid>,
        runs: BTreeSet<Uuid>,
    ) -> Result<(), StoreError> {
        if ids.is_empty() && runs.is_empty() {
            return Ok(());
        }
        let wanted = Condition::any()
            .add(model_call::Column::Id.is_in(ids))
            .add(model_call::Column::RunId.is_in(runs));
        let find = model_call::Entity::find()
            .filter(wanted)
            .filter(model_call::Column::ClosedAt.is_null());
        for row in find.all(transaction).await? {
            self.open.insert(row.id, row);
        }
        Ok(())
    }
}

fn key_of(key: &IdempotencyKey) -> Result<Key, StoreError> {
    Ok((
        key.workspace.uuid(),
        text(&key.caller)?,
        key.workflow.uuid(),
        key.name.clone(),
    ))
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
    calls: Vec<model_call::Model>,
    ended: Vec<(Uuid, Finished)>,
    seized: Vec<(Uuid, u32)>,
    closed: Vec<model_call::Model>,
    used: BTreeSet<Uuid>,
    used_at: i64,
}

impl Batch {
    fn judge(&mut self, write: &Write) -> Result<Done, StoreError> {
        match write {
            Write::Insert { run, document, key } => {
                self.insert(run, document.as_ref(), key.as_ref())
            }
            Write::Append {
                run,
                epoch,
                records,
                nodes,
                finished,
            } => {
                if !self.is_at(run.uuid(), *epoch) {
                    return Ok(Done::NotOurs);
                }
                self.records.extend_from_slice(records);
                self.nodes.extend_from_slice(nodes);
                if let Some(finished) = finished {
                    self.finish(run.uuid(), finished);
                }
                Ok(Done::Written)
            }
            Write::Open(row) => Ok(self.open(row)),
            Write::Close(id, end) => self.close(id.uuid(), end),
            Write::Closed(row) => {
                self.calls.push(row.as_ref().clone());
                Ok(Done::Written)
            }
            Write::Seize(run) => Ok(self.seize(*run)),
            Write::Lose(run, at) => {
                let end = ended_without_answer(CallOutcome::Lost, UsageSource::Lost, *at);
                let left: Vec<Uuid> = self
                    .facts
                    .open
                    .values()
                    .filter(|row| row.run_id == Some(run.uuid()))
                    .map(|row| row.id)
                    .collect();
                for id in left {
                    self.close(id, &end)?;
                }
                Ok(Done::Written)
            }
        }
    }

    fn is_at(&self, run: Uuid, epoch: u32) -> bool {
        self.facts
            .runs
            .get(&run)
            .is_some_and(|guard| guard.epoch == epoch && !guard.is_over)
    }

    fn insert(
        &mut self,
        run: &run::Model,
        document: Option<&super::DocumentText>,
        key: Option<&IdempotencyKey>,
    ) -> Result<Done, StoreError> {
        if let Some(key) = key {
            let id = key_of(key)?;
            if let Some((hash, known)) = self.facts.keys.get(&id) {
                let same = *hash == key.body_hash;
                return Ok(Done::Inserted(if same {
                    Inserted::Existing(RunId::new(*known))
                } else {
                    Inserted::KeyConflict
                }));
            }
            self.facts.keys.insert(id, (key.body_hash.clone(), run.id));
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

    fn finish(&mut self, run: Uuid, finished: &Finished) {
        if let Some(guard) = self.facts.runs.get_mut(&run) {
            guard.is_over = true;
        }
        // A run that is accepted and over in one transaction is one row written once.
        let Some(row) = self.runs.iter_mut().find(|row| row.id == run) else {
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

    fn seize(&mut self, run: RunId) -> Done {
        match self.facts.runs.get_mut(&run.uuid()) {
            Some(guard) if !guard.is_over => {
                guard.epoch += 1;
                self.seized.push((run.uuid(), guard.epoch));
                Done::Epoch(guard.epoch)
            }
            Some(_) | None => Done::NotOurs,
        }
    }

    fn open(&mut self, row: &model_call::Model) -> Done {
        if let Some(run) = row.run_id
            && !self.is_at(run, count(row.epoch))
        {
            return Done::Refused(OpenRefusal::RunOver);
        }
        if let Some(id) = row.credential_id
            && let Some(revision) = row.credential_revision
        {
            // A key that is tried out may be switched off; one that pays may not.
            let pays = row.run_id.is_some();
            let fits = self
                .facts
                .credentials
                .get(&id)
                .is_some_and(|(known, active)| *known == revision && (*active || !pays));
            if !fits {
                return Done::Refused(OpenRefusal::CredentialChanged);
            }
            self.used.insert(id);
            self.used_at = self.used_at.max(row.opened_at);
        }
        self.facts.open.insert(row.id, row.clone());
        self.calls.push(row.clone());
        Done::Written
    }

    fn close(&mut self, id: Uuid, end: &ModelCallEnd) -> Result<Done, StoreError> {
        // Closed already, or never opened: nothing to change.
        let Some(mut row) = self.facts.open.remove(&id) else {
            return Ok(Done::Written);
        };
        ledger::close(&mut row, end)?;
        match self.calls.iter_mut().find(|new| new.id == id) {
            Some(new) => *new = row,
            None => self.closed.push(row),
        }
        Ok(Done::Written)
    }

    async fn store(self, transaction: &DatabaseTransaction) -> Result<(), StoreError> {
        insert_all(transaction, self.runs).await?;
        insert_all(transaction, self.documents).await?;
        for key in self.keys {
            // A name may be used again when its day is over.
            let id = (
                key.workspace_id,
                key.caller.clone(),
                key.workflow_id,
                key.name.clone(),
            );
            idempotency_key::Entity::delete_by_id(id)
                .exec(transaction)
                .await?;
            idempotency_key::Entity::insert(key.into_active_model())
                .exec_without_returning(transaction)
                .await?;
        }
        for (run, epoch) in self.seized {
            run::Entity::update_many()
                .col_expr(run::Column::Epoch, Expr::value(column(epoch.into())))
                .filter(run::Column::Id.eq(run))
                .exec(transaction)
                .await?;
        }
        insert_all(transaction, self.records).await?;
        insert_all(transaction, self.nodes).await?;
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
        touch(transaction, self.used, self.used_at).await
    }
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

/// Writes down, roughly, when credentials were last used.
async fn touch(
    transaction: &DatabaseTransaction,
    used: BTreeSet<Uuid>,
    at: i64,
) -> Result<(), StoreError> {
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
        .exec(transaction)
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
        .exec(transaction)
        .await?;
    Ok(())
}

/// Inserts rows, many with one statement.
async fn insert_all<M, A>(transaction: &DatabaseTransaction, rows: Vec<M>) -> Result<(), StoreError>
where
    M: ModelTrait + IntoActiveModel<A>,
    A: ActiveModelBehavior<Entity = M::Entity> + Send,
    M::Entity: EntityTrait<ActiveModel = A, Model = M>,
{
    let columns = <M::Entity as EntityTrait>::Column::iter().count();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<A> = rows
            .by_ref()
            .take(PLACES / columns)
            .map(IntoActiveModel::into_active_model)
            .collect();
        M::Entity::insert_many(some)
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}
