//! What one holder has taken: of its rates, by the generic cell rate algorithm, and of its budgets.

use std::collections::BTreeMap;

use latchkey_domain::credential::{Budget, BudgetPeriod};
use latchkey_domain::time::Timestamp;
use rust_decimal::Decimal;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, DatabaseTransaction, EntityTrait as _, IntoActiveModel as _, Iterable as _,
    QueryFilter as _,
};
use uuid::Uuid;

use crate::codec::{column, long};
use crate::entities::{call_guard, spending};
use crate::error::StoreError;

/// A minute in the unit of guards, nanoseconds.
const MINUTE: i64 = 60_000_000_000;
const PER_MILLI: i64 = 1_000_000;

/// What one holder has taken.
pub(super) struct Account {
    pub(super) guard: call_guard::Model,
    pub(super) is_guard_changed: bool,
    /// Calls under way.
    pub(super) under_way: u64,
    pub(super) spent: BTreeMap<SpentKey, Spent>,
}

/// A budget's period and unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SpentKey {
    pub(super) period: BudgetPeriod,
    pub(super) start: i64,
    pub(super) unit: String,
}

impl SpentKey {
    pub(super) fn of(budget: &Budget, at: Timestamp) -> Self {
        Self {
            period: budget.period,
            start: budget.period.start(at).millis(),
            unit: budget.allowance.unit().to_owned(),
        }
    }

    /// Whether a call that was opened at this time belongs to it.
    pub(super) fn holds(&self, opened_at: Timestamp) -> bool {
        self.period.start(opened_at).millis() == self.start
    }
}

/// What is used of a budget in one period.
#[derive(Clone, Debug)]
pub(super) struct Spent {
    pub(super) used: Decimal,
    pub(super) reserved: Decimal,
    pub(super) allowance: Decimal,
    pub(super) warns_at: Option<Decimal>,
    pub(super) warned_at: Option<i64>,
    pub(super) exceeded_at: Option<i64>,
    pub(super) is_changed: bool,
}

/// What a call takes of a holder's rates.
#[derive(Clone, Copy, Default)]
pub(super) struct Taken {
    pub(super) requests_at: Option<i64>,
    /// With the limit.
    pub(super) tokens_at: Option<(i64, u64)>,
}

/// Until when the room is taken after `count` of `limit` per minute more are; or after how many milliseconds there is room. A
/// whole minute's worth may be taken at once.
pub(super) fn take(taken_until: i64, now: Timestamp, count: u64, limit: u64) -> Result<i64, u64> {
    let now = now.millis().saturating_mul(PER_MILLI);
    let next = taken_until.max(now).saturating_add(length(count, limit));
    let over = next.saturating_sub(now).saturating_sub(MINUTE);
    if over <= 0 {
        return Ok(next);
    }
    Err(long(over).div_ceil(long(PER_MILLI)))
}

/// How long so many of a limit per minute last.
fn length(count: u64, limit: u64) -> i64 {
    let whole = u128::from(count) * u128::from(long(MINUTE)) / u128::from(limit.max(1));
    i64::try_from(whole).unwrap_or(i64::MAX)
}

/// How many tokens a call is charged when it is opened: one that may use more than a minute's worth takes the whole minute.
pub(super) fn charged(reserved: u64, limit: u64) -> u64 {
    reserved.min(limit)
}

impl Account {
    pub(super) const fn new(guard: call_guard::Model) -> Self {
        Self {
            guard,
            is_guard_changed: false,
            under_way: 0,
            spent: BTreeMap::new(),
        }
    }

    /// A guard that nobody has asked yet.
    pub(super) fn unused(holder: &str, workspace_id: Uuid) -> call_guard::Model {
        call_guard::Model {
            holder: holder.to_owned(),
            workspace_id,
            requests_at: 0,
            tokens_at: 0,
            tokens_per_minute: 0,
        }
    }

    pub(super) fn take_rates(&mut self, taken: Taken) {
        if let Some(at) = taken.requests_at {
            self.guard.requests_at = at;
            self.is_guard_changed = true;
        }
        if let Some((at, limit)) = taken.tokens_at {
            self.guard.tokens_at = at;
            self.guard.tokens_per_minute = column(limit);
            self.is_guard_changed = true;
        }
    }

    /// What was taken for a call and not used comes back; what it has used beyond that is taken.
    pub(super) fn give_back_tokens(&mut self, reserved: u64, used: u64) {
        let limit = long(self.guard.tokens_per_minute);
        if limit == 0 {
            return;
        }
        let taken = length(charged(reserved, limit), limit);
        let needed = length(used, limit);
        let at = self.guard.tokens_at.saturating_sub(taken);
        self.guard.tokens_at = at.saturating_add(needed);
        self.is_guard_changed = true;
    }

    pub(super) async fn store(
        self,
        transaction: &DatabaseTransaction,
        holder: &str,
    ) -> Result<(), StoreError> {
        let guard = self.guard;
        if self.is_guard_changed {
            call_guard::Entity::update_many()
                .col_expr(
                    call_guard::Column::RequestsAt,
                    Expr::value(guard.requests_at),
                )
                .col_expr(call_guard::Column::TokensAt, Expr::value(guard.tokens_at))
                .col_expr(
                    call_guard::Column::TokensPerMinute,
                    Expr::value(guard.tokens_per_minute),
                )
                .filter(call_guard::Column::Holder.eq(holder))
                .exec(transaction)
                .await?;
        }
        for (key, spent) in self.spent {
            if spent.is_changed {
                put(transaction, guard.workspace_id, holder, key, spent).await?;
            }
        }
        Ok(())
    }
}

async fn put(
    transaction: &DatabaseTransaction,
    workspace_id: Uuid,
    holder: &str,
    key: SpentKey,
    spent: Spent,
) -> Result<(), StoreError> {
    let row = spending::Model {
        holder: holder.to_owned(),
        period: key.period.as_str().to_owned(),
        start_at: key.start,
        unit: key.unit,
        workspace_id,
        used: spent.used.normalize().to_string(),
        reserved: spent.reserved.normalize().to_string(),
        allowance: spent.allowance.to_string(),
        warns_at: spent.warns_at.map(|at| at.to_string()),
        warned_at: spent.warned_at,
        exceeded_at: spent.exceeded_at,
    };
    let columns = [
        spending::Column::Holder,
        spending::Column::Period,
        spending::Column::StartAt,
        spending::Column::Unit,
    ];
    let replace = OnConflict::columns(columns)
        .update_columns(spending::Column::iter().skip(columns.len()))
        .to_owned();
    spending::Entity::insert(row.into_active_model())
        .on_conflict(replace)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use latchkey_domain::time::Timestamp;

    use super::{Account, MINUTE, PER_MILLI, charged, take};

    const NOW: i64 = 1_795_000_000_000;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(NOW + millis)
    }

    /// How many of `tries` get through at a time.
    fn through(guard: &mut i64, at: Timestamp, tries: u32, limit: u64) -> u32 {
        let mut passed = 0;
        for _ in 0..tries {
            if let Ok(next) = take(*guard, at, 1, limit) {
                *guard = next;
                passed += 1;
            }
        }
        passed
    }

    #[test]
    fn a_minutes_worth_at_once_and_then_evenly() {
        for limit in [1u64, 2, 3, 7, 60, 1000, 99_999] {
            let mut guard = 0;
            let tries = u32::try_from(limit).unwrap() + 10;
            assert_eq!(u64::from(through(&mut guard, at(0), tries, limit)), limit);
            let one = 60_000 / i64::try_from(limit).unwrap();
            if one > 1 {
                assert_eq!(through(&mut guard, at(one - 1), 5, limit), 0, "{limit}");
            }
            let part = through(&mut guard, at(30_000), tries, limit);
            assert!(u64::from(part) >= limit / 2 && u64::from(part) <= limit / 2 + 1);
            assert_eq!(
                u64::from(through(&mut guard, at(300_000), tries, limit)),
                limit
            );
        }
    }

    #[test]
    fn whoever_finds_no_room_is_told_when_there_is_some() {
        let mut guard = 0;
        assert_eq!(through(&mut guard, at(0), 9, 6), 6);
        let after = take(guard, at(0), 1, 6).unwrap_err();
        assert_eq!(after, 10_000);
        let after = i64::try_from(after).unwrap();
        assert!(take(guard, at(after - 1), 1, 6).is_err());
        assert!(take(guard, at(after), 1, 6).is_ok());
        // A clock that goes back makes no room.
        assert!(take(guard, at(-60_000), 1, 6).is_err());
    }

    #[test]
    fn tokens_that_were_not_used_come_back() {
        let mut account = Account::new(Account::unused("credential:x", uuid::Uuid::nil()));
        let limit = 1000;
        let whole = charged(5000, limit);
        let next = take(0, at(0), whole, limit).unwrap();
        assert_eq!(next, NOW * PER_MILLI + MINUTE);
        account.guard.tokens_at = next;
        account.guard.tokens_per_minute = 1000;
        assert!(take(account.guard.tokens_at, at(0), 1, limit).is_err());
        account.give_back_tokens(5000, 100);
        let left = take(account.guard.tokens_at, at(0), 900, limit);
        assert!(left.is_ok());
        assert!(take(account.guard.tokens_at, at(0), 901, limit).is_err());
        account.give_back_tokens(100, 2000);
        let after = take(account.guard.tokens_at, at(0), 1, limit).unwrap_err();
        assert_eq!(after, 60_000 + 60);
    }
}
