//! What is read before calls are judged: rules, guards (locked), sums of budgets, and how many calls are under way.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use latchkey_domain::credential::{BudgetPeriod, Holder, Rules};
use latchkey_domain::id::WorkspaceId;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait as _, DatabaseTransaction, DbBackend,
    EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    Statement, Value,
};
use uuid::Uuid;

use crate::codec::{self, long, value};
use crate::entities::{call_guard, model_call, spending, workflow_rules};
use crate::error::StoreError;
use crate::spending::{decimal, of_holder, of_ledger};
use crate::workers::of_the_living;

use super::account::{Account, Spent, SpentKey};
use super::{Room, holders, starts};

/// Somebody with rules, whose calls are to be opened.
struct Governed {
    holder: Holder,
    workspace: Uuid,
    /// When its calls are opened.
    times: BTreeSet<i64>,
}

/// Credential, workflow and end user of calls under way, and how many they are.
type UnderWay = (Option<Uuid>, Option<Uuid>, Option<String>, i64);

impl Room {
    /// Reads what is needed to judge the opening of some calls and to close others. Calls that are found to be governed only now
    /// are marked so, in the database and here.
    pub(in crate::writer) async fn read(
        transaction: &DatabaseTransaction,
        opening: &[&model_call::Model],
        credentials: HashMap<Uuid, Rules>,
        closing: &mut HashMap<Uuid, model_call::Model>,
    ) -> Result<Self, StoreError> {
        let mut room = Self {
            credentials,
            ..Self::default()
        };
        room.read_workflows(transaction, opening).await?;
        let governed = room.governed(opening);
        let settled = closing.values().filter(|row| row.governed != 0);
        let mut keys: BTreeSet<String> = settled
            .flat_map(|row| holders(row).map(|holder| holder.key()))
            .collect();
        keys.extend(governed.keys().cloned());
        if keys.is_empty() {
            return Ok(room);
        }
        room.lock_guards(transaction, &keys, &governed).await?;
        let times = governed.values().flat_map(|one| one.times.iter().copied());
        let times = times.chain(closing.values().map(|row| row.opened_at));
        let from: BTreeSet<i64> = times.flat_map(|at| starts(codec::time(at))).collect();
        room.read_spending(transaction, &keys, from).await?;
        for (key, one) in &governed {
            room.count_anew(transaction, key, one, closing).await?;
        }
        room.count_under_way(transaction, &governed).await?;
        Ok(room)
    }

    async fn read_workflows(
        &mut self,
        transaction: &DatabaseTransaction,
        opening: &[&model_call::Model],
    ) -> Result<(), StoreError> {
        let ids: BTreeSet<Uuid> = opening.iter().filter_map(|row| row.workflow_id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let rows: Vec<(Uuid, String)> = workflow_rules::Entity::find()
            .select_only()
            .columns([
                workflow_rules::Column::WorkflowId,
                workflow_rules::Column::Rules,
            ])
            .filter(workflow_rules::Column::WorkflowId.is_in(ids))
            .into_tuple()
            .all(transaction)
            .await?;
        for (id, rules) in rows {
            self.workflows.insert(id, value(&rules)?);
        }
        Ok(())
    }

    fn governed(&self, opening: &[&model_call::Model]) -> BTreeMap<String, Governed> {
        let mut governed = BTreeMap::new();
        if self.workflows.is_empty() && self.credentials.values().all(Rules::is_empty) {
            return governed;
        }
        for row in opening {
            for holder in holders(row).filter(|one| self.rules(one).is_some()) {
                let one = governed.entry(holder.key()).or_insert_with(|| Governed {
                    holder,
                    workspace: row.workspace_id,
                    times: BTreeSet::new(),
                });
                one.times.insert(row.opened_at);
            }
        }
        governed
    }

    /// Locks the guards, in their order; a guard that is not there yet is made.
    async fn lock_guards(
        &mut self,
        transaction: &DatabaseTransaction,
        keys: &BTreeSet<String>,
        governed: &BTreeMap<String, Governed>,
    ) -> Result<(), StoreError> {
        let find = |keys: Vec<String>| {
            let find = call_guard::Entity::find()
                .filter(call_guard::Column::Holder.is_in(keys))
                .order_by_asc(call_guard::Column::Holder);
            match transaction.get_database_backend() {
                DbBackend::Postgres => find.lock_exclusive(),
                DbBackend::Sqlite | DbBackend::MySql | _ => find,
            }
        };
        let known = find(keys.iter().cloned().collect())
            .all(transaction)
            .await?;
        for guard in known {
            self.accounts
                .insert(guard.holder.clone(), Account::new(guard));
        }
        let missing = governed
            .iter()
            .filter(|(key, _)| !self.accounts.contains_key(*key));
        let missing: Vec<_> = missing
            .map(|(key, one)| (key.clone(), one.workspace))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        for (key, workspace) in &missing {
            let is_there = OnConflict::column(call_guard::Column::Holder)
                .do_nothing()
                .to_owned();
            call_guard::Entity::insert(Account::unused(key, *workspace).into_active_model())
                .on_conflict(is_there)
                .exec_without_returning(transaction)
                .await?;
        }
        let made = find(missing.into_iter().map(|(key, _)| key).collect());
        for guard in made.all(transaction).await? {
            self.accounts
                .insert(guard.holder.clone(), Account::new(guard));
        }
        Ok(())
    }

    async fn read_spending(
        &mut self,
        transaction: &DatabaseTransaction,
        keys: &BTreeSet<String>,
        from: BTreeSet<i64>,
    ) -> Result<(), StoreError> {
        let rows = spending::Entity::find()
            .filter(spending::Column::Holder.is_in(keys.iter().cloned()))
            .filter(spending::Column::StartAt.is_in(from))
            .all(transaction)
            .await?;
        for row in rows {
            let key = SpentKey {
                period: codec::word(&row.period, BudgetPeriod::parse)?,
                start: row.start_at,
                unit: row.unit,
            };
            let spent = Spent {
                used: decimal(&row.used)?,
                reserved: decimal(&row.reserved)?,
                allowance: decimal(&row.allowance)?,
                warns_at: row.warns_at.as_deref().map(decimal).transpose()?,
                warned_at: row.warned_at,
                exceeded_at: row.exceeded_at,
                is_changed: false,
            };
            if let Some(account) = self.accounts.get_mut(&row.holder) {
                account.spent.insert(key, spent);
            }
        }
        Ok(())
    }

    /// Counts from the ledger what a holder has used of budgets of which no sum is kept yet. Its calls that are under way are
    /// marked first: whoever closes one meanwhile has closed it before it is counted, or gives back what was set aside.
    async fn count_anew(
        &mut self,
        transaction: &DatabaseTransaction,
        key: &str,
        one: &Governed,
        closing: &mut HashMap<Uuid, model_call::Model>,
    ) -> Result<(), StoreError> {
        let budgets = match self.rules(&one.holder) {
            Some(rules) => rules.budgets.clone(),
            None => return Ok(()),
        };
        let Some(account) = self.accounts.get_mut(key) else {
            return Ok(());
        };
        let mut is_marked = false;
        for budget in &budgets {
            for at in one.times.iter().map(|at| codec::time(*at)) {
                let key = SpentKey::of(budget, at);
                if account.spent.contains_key(&key) {
                    continue;
                }
                if !std::mem::replace(&mut is_marked, true) {
                    mark(transaction, &one.holder, closing).await?;
                }
                let workspace = WorkspaceId::new(one.workspace);
                let start = codec::time(key.start);
                let sums = of_ledger(transaction, workspace, &one.holder, start, &key.unit);
                let sums = sums.await?;
                let spent = Spent {
                    used: sums.used,
                    reserved: sums.reserved,
                    allowance: budget.allowance.amount(),
                    warns_at: budget.warns_at(),
                    warned_at: None,
                    exceeded_at: None,
                    is_changed: true,
                };
                account.spent.insert(key, spent);
            }
        }
        Ok(())
    }

    /// How many calls of those are under way whose number is limited.
    async fn count_under_way(
        &mut self,
        transaction: &DatabaseTransaction,
        governed: &BTreeMap<String, Governed>,
    ) -> Result<(), StoreError> {
        let is_limited = |one: &&Governed| {
            let rules = self.rules(&one.holder);
            rules.is_some_and(|rules| rules.limits.concurrent_calls.is_some())
        };
        let (mut credentials, mut workflows) = (Vec::new(), Vec::new());
        for one in governed.values().filter(is_limited) {
            match &one.holder {
                Holder::Credential(id) => credentials.push(id.uuid()),
                Holder::Workflow(id) | Holder::EndUser(id, _) => workflows.push(id.uuid()),
            }
        }
        if credentials.is_empty() && workflows.is_empty() {
            return Ok(());
        }
        let of_either = Condition::any()
            .add(model_call::Column::CredentialId.is_in(credentials))
            .add(model_call::Column::WorkflowId.is_in(workflows));
        let rows: Vec<UnderWay> = model_call::Entity::find()
            .select_only()
            .columns([
                model_call::Column::CredentialId,
                model_call::Column::WorkflowId,
                model_call::Column::EndUser,
            ])
            .column_as(Expr::col(model_call::Column::Id).count(), "calls")
            .filter(model_call::Column::ClosedAt.is_null())
            .filter(model_call::Column::Level.is_not_null())
            .filter(of_the_living(transaction.get_database_backend()))
            .filter(of_either)
            .group_by(model_call::Column::CredentialId)
            .group_by(model_call::Column::WorkflowId)
            .group_by(model_call::Column::EndUser)
            .into_tuple()
            .all(transaction)
            .await?;
        for (credential, workflow, end_user, calls) in rows {
            for holder in super::held_by(credential, workflow, end_user.as_ref()) {
                if let Some(account) = self.accounts.get_mut(&holder.key()) {
                    account.under_way += long(calls);
                }
            }
        }
        Ok(())
    }
}

/// Marks the calls of a holder that are under way as governed.
async fn mark(
    transaction: &DatabaseTransaction,
    holder: &Holder,
    closing: &mut HashMap<Uuid, model_call::Model>,
) -> Result<(), StoreError> {
    let backend = transaction.get_database_backend();
    let mut values: Vec<Value> = Vec::new();
    let only = of_holder(holder, backend, &mut values);
    let sql = format!(
        "UPDATE model_calls SET governed = 1 WHERE closed_at IS NULL AND governed = 0 AND {only}"
    );
    let update = Statement::from_sql_and_values(backend, sql, values);
    transaction.execute_raw(update).await?;
    for row in closing.values_mut() {
        if holders(row).any(|one| one == *holder) {
            row.governed = 1;
        }
    }
    Ok(())
}
