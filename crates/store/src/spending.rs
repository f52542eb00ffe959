//! What is used of budgets. The sums are kept beside the ledger and change in the transaction that opens or closes a call; a sum
//! that is not there yet, of a new budget or a new period, is made from the ledger itself.

use latchkey_domain::credential::{Budget, BudgetPeriod, Holder, TOKENS};
use latchkey_domain::id::WorkspaceId;
use latchkey_domain::ledger::{CallOutcome, Reservation, Tokens};
use latchkey_domain::price::Price;
use latchkey_domain::time::Timestamp;
use rust_decimal::Decimal;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbBackend, EntityTrait as _, QueryFilter as _, QueryResult,
    Statement, Value,
};

use crate::codec::{long, optional};
use crate::entities::{call_guard, model_call, spending};
use crate::error::StoreError;
use crate::ledger::tokens_of;
use crate::open::Store;

/// How a budget stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetState {
    /// The budget.
    pub budget: Budget,
    /// What was used in the running period, in the budget's unit. A call that got lost has used what was set aside for it.
    pub used: Decimal,
    /// What calls under way may still use.
    pub reserved: Decimal,
    /// When the next period begins; none of a budget for ever.
    pub resets_at: Option<Timestamp>,
}

/// What was used and what is set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Sums {
    pub(crate) used: Decimal,
    pub(crate) reserved: Decimal,
}

impl Store {
    /// How budgets of a holder stand at a time, in their order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn budget_states(
        &self,
        workspace: WorkspaceId,
        holder: &Holder,
        budgets: &[Budget],
        at: Timestamp,
    ) -> Result<Vec<BudgetState>, StoreError> {
        let mut states = Vec::with_capacity(budgets.len());
        for budget in budgets {
            let (start, unit) = (budget.period.start(at), budget.allowance.unit());
            let key = (
                holder.key(),
                budget.period.as_str().to_owned(),
                start.millis(),
                unit.to_owned(),
            );
            let kept = spending::Entity::find_by_id(key).all(&self.read).await?;
            let sums = match kept.first() {
                Some(row) => Sums {
                    used: decimal(&row.used)?,
                    reserved: decimal(&row.reserved)?,
                },
                None => of_ledger(&self.read, workspace, holder, start, unit).await?,
            };
            states.push(BudgetState {
                budget: budget.clone(),
                used: sums.used,
                reserved: sums.reserved,
                resets_at: budget.period.end(at),
            });
        }
        Ok(states)
    }

    /// What the ledger itself says that a holder has used since a time, and what its calls under way may use, in a unit.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ledger_sums(
        &self,
        workspace: WorkspaceId,
        holder: &Holder,
        (period, at): (BudgetPeriod, Timestamp),
        unit: &str,
    ) -> Result<(Decimal, Decimal), StoreError> {
        let sums = of_ledger(&self.read, workspace, holder, period.start(at), unit).await?;
        Ok((sums.used, sums.reserved))
    }
}

/// The sums as the ledger has them. Amounts of closed calls are linear in tokens at their frozen price, so sums are exact.
pub(crate) async fn of_ledger(
    connection: &impl ConnectionTrait,
    workspace: WorkspaceId,
    holder: &Holder,
    start: Timestamp,
    unit: &str,
) -> Result<Sums, StoreError> {
    let backend = connection.get_database_backend();
    let mut values: Vec<Value> = vec![workspace.uuid().into(), start.millis().into()];
    let only = of_holder(holder, backend, &mut values);
    let place = |number| placeholder(backend, number);
    let sums = [
        "input_tokens",
        "cache_read_tokens",
        "cache_write_tokens",
        "output_tokens",
        "reasoning_tokens",
    ]
    .map(|name| format!("CAST(SUM({name}) AS bigint) AS {name}"))
    .join(", ");
    let state = "CASE WHEN closed_at IS NULL THEN 'open' WHEN usage_source = 'lost' THEN 'lost' ELSE outcome END";
    // What was set aside counts call by call, what was used in sums.
    let [held_input, held_output] = ["reserved_input", "reserved_output"].map(|name| {
        format!("CASE WHEN closed_at IS NULL OR usage_source = 'lost' THEN {name} ELSE 0 END")
    });
    let sql = format!(
        "SELECT price, {state} AS state, {held_input} AS held_input, {held_output} AS held_output, CAST(COUNT(*) AS bigint) AS calls, {sums} FROM model_calls
         WHERE workspace_id = {} AND opened_at >= {} AND {only} AND (outcome IS NULL OR outcome <> 'refused')
         GROUP BY price, {state}, {held_input}, {held_output}",
        place(1),
        place(2)
    );
    let ask = Statement::from_sql_and_values(backend, sql, values);
    let mut all = Sums::default();
    for row in &connection.query_all_raw(ask).await? {
        let part = part_of(row, unit)?;
        all.used += part.used;
        all.reserved += part.reserved;
    }
    Ok(all)
}

fn part_of(row: &QueryResult, unit: &str) -> Result<Sums, StoreError> {
    let number = |name: &str| row.try_get::<i64>("", name).map(long);
    let calls = number("calls")?;
    let price: Option<Price> = optional(row.try_get::<Option<String>>("", "price")?.as_ref())?;
    let reserved = Reservation {
        input: number("held_input")?,
        output: number("held_output")?,
    };
    let held = || most(price.as_ref(), reserved, unit) * Decimal::from(calls);
    let state: String = row.try_get("", "state")?;
    let (used, reserved) = match state.as_str() {
        "open" => (Decimal::ZERO, held()),
        // Nobody knows what it has used, so it is held to have used all that was set aside.
        "lost" => (held(), Decimal::ZERO),
        outcome => {
            let tokens = Tokens {
                input: number("input_tokens")?,
                cache_read: number("cache_read_tokens")?,
                cache_write: number("cache_write_tokens")?,
                output: number("output_tokens")?,
                reasoning: number("reasoning_tokens")?,
            };
            let has_succeeded = outcome == CallOutcome::Succeeded.as_str();
            let succeeded = if has_succeeded { calls } else { 0 };
            let used = cost(price.as_ref(), &tokens, succeeded, unit);
            (used, Decimal::ZERO)
        }
    };
    Ok(Sums { used, reserved })
}

/// The most that a call may use, in a unit; nothing in a currency that is not the price's.
pub(crate) fn most(price: Option<&Price>, reserved: Reservation, unit: &str) -> Decimal {
    if unit == TOKENS {
        return Decimal::from(reserved.total());
    }
    let price = price.filter(|price| price.currency == unit);
    price.map_or(Decimal::ZERO, |price| price.most(reserved).amount)
}

/// What calls have used, in a unit, of which so many have succeeded.
fn cost(price: Option<&Price>, tokens: &Tokens, succeeded: u64, unit: &str) -> Decimal {
    if unit == TOKENS {
        return Decimal::from(tokens.total());
    }
    let price = price.filter(|price| price.currency == unit);
    price.map_or(Decimal::ZERO, |price| {
        price.cost_of_calls(tokens, succeeded).amount
    })
}

/// What one call has used that is closed, in a unit.
pub(crate) fn used_by(row: &model_call::Model, unit: &str) -> Result<Decimal, StoreError> {
    if unit == TOKENS {
        return Ok(Decimal::from(tokens_of(row).total()));
    }
    match (&row.currency, &row.amount) {
        (Some(currency), Some(amount)) if currency == unit => decimal(amount),
        (_, _) => Ok(Decimal::ZERO),
    }
}

/// Which calls are a holder's, as a condition with its values.
pub(crate) fn of_holder(holder: &Holder, backend: DbBackend, values: &mut Vec<Value>) -> String {
    let mut next = |value: Value| {
        values.push(value);
        placeholder(backend, values.len())
    };
    match holder {
        Holder::Credential(id) => format!("credential_id = {}", next(id.uuid().into())),
        Holder::Workflow(id) => format!("workflow_id = {}", next(id.uuid().into())),
        Holder::EndUser(id, label) => {
            let workflow = next(id.uuid().into());
            let label = next(label.as_str().into());
            format!("workflow_id = {workflow} AND end_user = {label}")
        }
    }
}

fn placeholder(backend: DbBackend, number: usize) -> String {
    // SQLite knows numbered ones too, written in its own way.
    match backend {
        DbBackend::Postgres => format!("${number}"),
        DbBackend::Sqlite | DbBackend::MySql | _ => format!("?{number}"),
    }
}

pub(crate) fn decimal(text: &str) -> Result<Decimal, StoreError> {
    text.parse()
        .map_err(|_| StoreError::Corrupt("an amount is no number".to_owned()))
}

/// Forgets the sums of a holder whose budgets have changed: the next call that needs one counts it anew.
pub(crate) async fn forget(
    connection: &impl ConnectionTrait,
    holder: &Holder,
) -> Result<(), StoreError> {
    spending::Entity::delete_many()
        .filter(spending::Column::Holder.eq(holder.key()))
        .exec(connection)
        .await?;
    Ok(())
}

/// Forgets a holder that is gone.
pub(crate) async fn forget_wholly(
    connection: &impl ConnectionTrait,
    holder: &Holder,
) -> Result<(), StoreError> {
    forget(connection, holder).await?;
    call_guard::Entity::delete_many()
        .filter(call_guard::Column::Holder.eq(holder.key()))
        .exec(connection)
        .await?;
    Ok(())
}
