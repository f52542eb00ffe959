//! What the database knows about what a batch of writes is about.

use std::collections::{BTreeSet, HashMap, HashSet};

use latchkey_domain::credential::Rules;
use latchkey_domain::id::RunId;
use latchkey_domain::run::RunStatus;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use super::health::Wellbeing;
use super::room::Room;
use super::{Attempt, IdempotencyKey, Inserted, KEY_HOLDS, OpenCalls, Write};
use crate::codec::{count, optional, text, word};
use crate::entities::{
    idempotency_key, journal, model_call, provider_credential, provider_model_credential, run,
};
use crate::error::StoreError;
use crate::key::row_of_key;
use crate::workers::living_ids;

/// A run as the guards see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guard {
    pub(super) epoch: u32,
    pub(super) is_over: bool,
    pub(super) status: RunStatus,
    pub(super) worker: Option<Uuid>,
    /// How often it was taken up since its last record.
    pub(super) claims: u32,
}

/// A credential as the guards see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Payer {
    pub(super) revision: i64,
    /// Whether it may pay.
    pub(super) is_active: bool,
    pub(super) last_used_at: Option<i64>,
}

/// What the database knows about what the writes are about.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) runs: HashMap<Uuid, Guard>,
    /// Processes that live, if a run is to be taken up.
    pub(super) living: HashSet<Uuid>,
    pub(super) credentials: HashMap<Uuid, Payer>,
    /// Limits and budgets.
    pub(super) room: Room,
    /// How those are who pay.
    pub(super) wellbeing: Wellbeing,
    pub(super) keys: HashMap<Key, KnownStart>,
    pub(super) open: HashMap<Uuid, model_call::Model>,
    /// What an attempt before has written, though nobody heard of it.
    written: HashSet<Mark>,
}

/// A write as the database remembers it: a run or a call by its id, records by their run and the number of the first.
pub(super) type Mark = (Uuid, i64);

pub(super) type Key = (Uuid, String, Uuid, String);

impl Facts {
    pub(super) async fn read(
        transaction: &DatabaseTransaction,
        writes: &[&Write],
        attempt: Attempt,
    ) -> Result<Self, StoreError> {
        let mut facts = Self::default();
        for write in writes {
            if attempt == Attempt::Repeated || write.is_repeated() {
                facts.read_written(transaction, write).await?;
            }
        }
        let mut runs = BTreeSet::new();
        let mut credentials = BTreeSet::new();
        let mut closing = BTreeSet::new();
        let mut losing = Vec::new();
        let mut claims = false;
        // Nothing is known yet of a run that comes with this batch, unless an attempt before has written it.
        let mut new = HashSet::new();
        for write in writes {
            match write {
                Write::Insert { run, key, .. } => {
                    if attempt == Attempt::First {
                        new.insert(run.id);
                    }
                    if let Some(key) = key {
                        facts.read_key(transaction, key, run.created_at).await?;
                    }
                }
                Write::Closed(_) => {}
                Write::Append { run, .. } | Write::Seize(run, _) | Write::Park(run, ..) => {
                    runs.extend(Some(run.uuid()).filter(|run| !new.contains(run)));
                }
                Write::Claim(run, ..) => {
                    runs.extend(Some(run.uuid()).filter(|run| !new.contains(run)));
                    losing.push(OpenCalls::OfRun(*run));
                    claims = true;
                }
                Write::Open(row) => {
                    runs.extend(row.run_id.filter(|run| !new.contains(run)));
                    credentials.extend(row.credential_id);
                }
                Write::Close(id, _) => drop(closing.insert(id.uuid())),
                Write::Lose(of, _) => losing.push(*of),
            }
        }
        facts.read_runs(transaction, runs).await?;
        if claims {
            facts.living = living_ids(transaction).await?;
        }
        let rules = facts.read_credentials(transaction, credentials).await?;
        facts.read_open(transaction, closing, losing).await?;
        facts.read_room(transaction, writes, rules).await?;
        Ok(facts)
    }

    pub(super) fn is_written(&self, write: &Write) -> bool {
        mark(write).is_some_and(|mark| self.written.contains(&mark))
    }

    /// All that a write comes to is in one transaction, so one row of it tells of all.
    async fn read_written(
        &mut self,
        transaction: &DatabaseTransaction,
        write: &Write,
    ) -> Result<(), StoreError> {
        let Some(mark) = mark(write) else {
            return Ok(());
        };
        let (id, _) = mark;
        let is_there = match write {
            Write::Insert { .. } => run::Entity::find_by_id(id)
                .one(transaction)
                .await?
                .is_some(),
            Write::Append { epoch, .. } => journal::Entity::find_by_id(mark)
                .one(transaction)
                .await?
                .is_some_and(|row| row.epoch == i64::from(*epoch)),
            Write::Open(_) | Write::Closed(_) => model_call::Entity::find_by_id(id)
                .one(transaction)
                .await?
                .is_some(),
            Write::Close(..)
            | Write::Seize(..)
            | Write::Claim(..)
            | Write::Park(..)
            | Write::Lose(..) => false,
        };
        if is_there {
            self.written.insert(mark);
        }
        Ok(())
    }

    async fn read_key(
        &mut self,
        transaction: &DatabaseTransaction,
        key: &IdempotencyKey,
        now: i64,
    ) -> Result<(), StoreError> {
        if let Some(known) = known_start(transaction, key, now).await? {
            self.keys.insert(key_of(key)?, known);
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
            .columns([
                run::Column::Id,
                run::Column::Epoch,
                run::Column::FinishedAt,
                run::Column::Status,
                run::Column::WorkerId,
                run::Column::Claims,
            ])
            .filter(run::Column::Id.is_in(ids))
            // Writers that lock in one order never wait for each other in a circle.
            .order_by_asc(run::Column::Id);
        if transaction.get_database_backend() == DbBackend::Postgres {
            find = find.lock_exclusive();
        }
        let rows: Vec<GuardRow> = find.into_tuple().all(transaction).await?;
        for (id, epoch, finished, status, worker, claims) in rows {
            let guard = Guard {
                epoch: count(epoch),
                is_over: finished.is_some(),
                status: word(&status, RunStatus::parse)?,
                worker,
                claims: count(claims),
            };
            self.runs.insert(id, guard);
        }
        Ok(())
    }

    /// What limits calls. It is read after everything else that is locked, so that all writers lock in one order.
    async fn read_room(
        &mut self,
        transaction: &DatabaseTransaction,
        writes: &[&Write],
        rules: HashMap<Uuid, Rules>,
    ) -> Result<(), StoreError> {
        let mut opening = Vec::new();
        let mut ends = Vec::new();
        for write in writes {
            match write {
                Write::Open(row) => opening.push(row.as_ref()),
                Write::Close(id, end) => ends.push((id.uuid(), end.as_ref())),
                Write::Insert { .. }
                | Write::Append { .. }
                | Write::Closed(_)
                | Write::Seize(..)
                | Write::Claim(..)
                | Write::Park(..)
                | Write::Lose(..) => {}
            }
        }
        self.room = Room::read(transaction, &opening, rules, &mut self.open).await?;
        let ends = ends.into_iter();
        let ends = ends.filter_map(|(id, end)| Some((self.open.get(&id)?, end)));
        self.wellbeing = Wellbeing::read(transaction, &opening, ends).await?;
        Ok(())
    }

    /// Reads credentials; the rules of those that have some.
    async fn read_credentials(
        &mut self,
        transaction: &DatabaseTransaction,
        ids: BTreeSet<Uuid>,
    ) -> Result<HashMap<Uuid, Rules>, StoreError> {
        let mut rules_of = HashMap::new();
        if ids.is_empty() {
            return Ok(rules_of);
        }
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let mut of_providers = provider_credential::Entity::find()
            .select_only()
            .columns([
                provider_credential::Column::Id,
                provider_credential::Column::Revision,
                provider_credential::Column::State,
                provider_credential::Column::LastUsedAt,
                provider_credential::Column::Rules,
            ])
            .filter(provider_credential::Column::Id.is_in(ids.clone()))
            .order_by_asc(provider_credential::Column::Id);
        let mut of_models = provider_model_credential::Entity::find()
            .select_only()
            .columns([
                provider_model_credential::Column::Id,
                provider_model_credential::Column::Revision,
                provider_model_credential::Column::State,
                provider_model_credential::Column::LastUsedAt,
                provider_model_credential::Column::Rules,
            ])
            .filter(provider_model_credential::Column::Id.is_in(ids))
            .order_by_asc(provider_model_credential::Column::Id);
        if transaction.get_database_backend() == DbBackend::Postgres {
            // A change that is under way is waited for, and one that comes later waits until these calls are open.
            of_providers = of_providers.lock_shared();
            of_models = of_models.lock_shared();
        }
        let of_providers: Vec<PayerRow> = of_providers.into_tuple().all(transaction).await?;
        let of_models: Vec<PayerRow> = of_models.into_tuple().all(transaction).await?;
        for (id, revision, state, last_used_at, rules) in of_providers.into_iter().chain(of_models)
        {
            let payer = Payer {
                revision,
                is_active: state == "active",
                last_used_at,
            };
            self.credentials.insert(id, payer);
            if let Some(rules) = optional(rules.as_ref())? {
                rules_of.insert(id, rules);
            }
        }
        Ok(rules_of)
    }

    async fn read_open(
        &mut self,
        transaction: &DatabaseTransaction,
        closing: BTreeSet<Uuid>,
        losing: Vec<OpenCalls>,
    ) -> Result<(), StoreError> {
        if closing.is_empty() && losing.is_empty() {
            return Ok(());
        }
        let mut find = model_call::Entity::find().filter(model_call::Column::ClosedAt.is_null());
        let runs = losing.iter().filter_map(|of| match of {
            OpenCalls::OfRun(run) => Some(run.uuid()),
            OpenCalls::WithoutRun => None,
        });
        let mut wanted = Condition::any()
            .add(model_call::Column::Id.is_in(closing))
            .add(model_call::Column::RunId.is_in(runs));
        if losing.contains(&OpenCalls::WithoutRun) {
            wanted = wanted.add(model_call::Column::RunId.is_null());
        }
        find = find.filter(wanted);
        if transaction.get_database_backend() == DbBackend::Postgres {
            // Whoever counts what calls under way have set aside waits for their end, or is waited for.
            find = find.order_by_asc(model_call::Column::Id).lock_exclusive();
        }
        for row in find.all(transaction).await? {
            self.open.insert(row.id, row);
        }
        Ok(())
    }
}

type GuardRow = (Uuid, i64, Option<i64>, String, Option<Uuid>, i64);
type PayerRow = (Uuid, i64, String, Option<i64>, Option<String>);

/// A start that is remembered under its name.
pub(super) struct KnownStart {
    pub(super) body_hash: String,
    pub(super) run: RunId,
}

impl KnownStart {
    /// What another start under the name comes to.
    pub(super) fn answer(&self, body_hash: &str) -> Inserted {
        if self.body_hash == body_hash {
            Inserted::Existing(self.run)
        } else {
            Inserted::KeyConflict
        }
    }
}

/// The start under a name, if the name still holds.
pub(super) async fn known_start(
    connection: &impl ConnectionTrait,
    key: &IdempotencyKey,
    now: i64,
) -> Result<Option<KnownStart>, StoreError> {
    let find = idempotency_key::Entity::find_by_id(key_of(key)?)
        .filter(idempotency_key::Column::CreatedAt.gt(now - KEY_HOLDS));
    let row = row_of_key(find, connection).await?;
    Ok(row.map(|row| KnownStart {
        body_hash: row.body_hash,
        run: RunId::new(row.run_id),
    }))
}

/// Closing, losing, seizing, claiming and parking do no harm twice.
fn mark(write: &Write) -> Option<Mark> {
    match write {
        Write::Insert { run, .. } => Some((run.id, 0)),
        Write::Append { run, records, .. } => {
            records.first().map(|record| (run.uuid(), record.seq))
        }
        Write::Open(row) | Write::Closed(row) => Some((row.id, 0)),
        Write::Close(..)
        | Write::Seize(..)
        | Write::Claim(..)
        | Write::Park(..)
        | Write::Lose(..) => None,
    }
}

pub(super) fn key_of(key: &IdempotencyKey) -> Result<Key, StoreError> {
    Ok((
        key.workspace.uuid(),
        text(&key.caller)?,
        key.workflow.uuid(),
        key.name.clone(),
    ))
}
