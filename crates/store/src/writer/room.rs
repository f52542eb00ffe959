//! Room for calls: limits and budgets of those whom a batch of calls is about. What is known of a holder is read under a lock on
//! its guard, so that what two writers decide at the same time is decided one after the other; calls that nobody limits cost nothing here.

mod account;
mod notice;
mod read;

use std::collections::{BTreeMap, HashMap};

use latchkey_domain::credential::{
    Allowance, BudgetPeriod, FullRule, Holder, Level, NoRoom, Rules, WorkflowRules,
};
use latchkey_domain::id::{CredentialId, WorkflowId};
use latchkey_domain::ledger::Reservation;
use latchkey_domain::price::Price;
use latchkey_domain::time::Timestamp;
use rust_decimal::Decimal;
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use crate::codec::{self, long, optional};
use crate::entities::{budget_event, model_call};
use crate::error::StoreError;
use crate::spending::{most, used_by};

use self::account::{Account, SpentKey, Taken, charged, take};

/// Limits and budgets of a batch's calls, and what has been taken of them.
#[derive(Default)]
pub(super) struct Room {
    credentials: HashMap<Uuid, Rules>,
    workflows: HashMap<Uuid, WorkflowRules>,
    accounts: BTreeMap<String, Account>,
    events: Vec<budget_event::Model>,
}

/// A call, as rules see it.
struct Call<'a> {
    row: &'a model_call::Model,
    price: Option<Price>,
    reserved: Reservation,
    /// Whether it only tries a credential out: it spends, but it is not made to wait.
    is_trial: bool,
    /// Whether nobody is to be paid.
    is_free: bool,
}

impl<'a> Call<'a> {
    fn of(row: &'a model_call::Model) -> Result<Self, StoreError> {
        let reserved = Reservation {
            input: long(row.reserved_input),
            output: long(row.reserved_output),
        };
        let level = row.level.as_deref();
        Ok(Self {
            row,
            price: optional(row.price.as_ref())?,
            reserved,
            is_trial: level.is_none(),
            is_free: level == Some(Level::NotNeeded.as_str()) || reserved.total() == 0,
        })
    }

    const fn at(&self) -> Timestamp {
        codec::time(self.row.opened_at)
    }
}

/// Everybody whose call it is.
fn holders(row: &model_call::Model) -> impl Iterator<Item = Holder> + use<> {
    held_by(row.credential_id, row.workflow_id, row.end_user.as_ref())
}

fn held_by(
    credential: Option<Uuid>,
    workflow: Option<Uuid>,
    end_user: Option<&String>,
) -> impl Iterator<Item = Holder> + use<> {
    let workflow = workflow.map(WorkflowId::new);
    let end_user = end_user.filter(|label| !label.is_empty());
    let credential = credential.map(CredentialId::new);
    let end_user = workflow.zip(end_user);
    [
        credential.map(Holder::Credential),
        workflow.map(Holder::Workflow),
        end_user.map(|(workflow, label)| Holder::EndUser(workflow, label.clone())),
    ]
    .into_iter()
    .flatten()
}

impl Room {
    fn rules(&self, holder: &Holder) -> Option<&Rules> {
        let rules = match holder {
            Holder::Credential(id) => self.credentials.get(&id.uuid()),
            Holder::Workflow(id) => self.workflows.get(&id.uuid()).map(|all| &all.workflow),
            Holder::EndUser(id, _) => self.workflows.get(&id.uuid()).map(|all| &all.end_user),
        };
        rules.filter(|rules| !rules.is_empty())
    }

    /// How long a call may wait until a credential's pause is over, in milliseconds.
    pub(super) fn wait_of(&self, credential: Uuid) -> u64 {
        let rules = self.credentials.get(&credential);
        rules
            .and_then(|rules| rules.limits.wait_ms)
            .unwrap_or_default()
    }

    /// Takes what a call needs of everybody's limits and budgets, or of nobody's; whether there was anything to take.
    pub(super) fn admit(
        &mut self,
        row: &model_call::Model,
    ) -> Result<Result<bool, NoRoom>, StoreError> {
        let governed: Vec<Holder> = holders(row)
            .filter(|one| self.rules(one).is_some())
            .collect();
        if governed.is_empty() {
            return Ok(Ok(false));
        }
        let call = Call::of(row)?;
        for holder in &governed {
            if let Some(refusal) = self.over_budget(holder, &call) {
                return Ok(Err(refusal));
            }
        }
        let mut taken = Vec::with_capacity(governed.len());
        for holder in &governed {
            match self.rates(holder, &call) {
                Ok(rates) => taken.push(rates),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        for (holder, rates) in governed.iter().zip(taken) {
            self.take(holder, &call, rates);
        }
        Ok(Ok(true))
    }

    /// The first budget of a holder that has less left than the call may use. It is told about once a period.
    fn over_budget(&mut self, holder: &Holder, call: &Call<'_>) -> Option<NoRoom> {
        let budgets = self.rules(holder)?.budgets.clone();
        let account = self.accounts.get_mut(&holder.key())?;
        let refusal = |rule| NoRoom {
            whose: holder.kind(),
            rule,
            retry_after_ms: None,
            wait_ms: 0,
        };
        for budget in &budgets {
            if let Allowance::Money(money) = &budget.allowance {
                let price = call
                    .price
                    .as_ref()
                    .filter(|price| price.currency == money.currency);
                if price.is_none() && !call.is_free {
                    return Some(refusal(FullRule::Unpriced));
                }
            }
            let key = SpentKey::of(budget, call.at());
            let Some(spent) = account.spent.get_mut(&key) else {
                continue;
            };
            let needed = most(call.price.as_ref(), call.reserved, &key.unit);
            let left = budget.allowance.amount() - spent.used - spent.reserved;
            if needed > left.max(Decimal::ZERO) {
                if let Some(event) = spent.exceeded(holder, call.row, &key) {
                    self.events.push(event);
                }
                return Some(refusal(FullRule::Budget {
                    period: budget.period,
                    needed: needed.normalize(),
                    left: left.max(Decimal::ZERO).normalize(),
                }));
            }
        }
        None
    }

    /// Whether a holder's limits leave room now, and what the call takes of them.
    fn rates(&self, holder: &Holder, call: &Call<'_>) -> Result<Taken, NoRoom> {
        let (Some(rules), Some(account)) = (self.rules(holder), self.accounts.get(&holder.key()))
        else {
            return Ok(Taken::default());
        };
        if call.is_trial {
            return Ok(Taken::default());
        }
        let limits = rules.limits;
        let refusal = |rule, retry_after_ms, wait_ms| NoRoom {
            whose: holder.kind(),
            rule,
            retry_after_ms,
            wait_ms,
        };
        let wait_ms = limits.wait_ms.unwrap_or_default();
        if let Some(most) = limits.concurrent_calls
            && account.under_way >= u64::from(most)
        {
            return Err(refusal(FullRule::Concurrent(most), None, wait_ms));
        }
        let mut taken = Taken::default();
        if let Some(most) = limits.requests_per_minute {
            let next = take(account.guard.requests_at, call.at(), 1, most.into());
            let full = |after| refusal(FullRule::Requests(most), Some(after), wait_ms);
            taken.requests_at = Some(next.map_err(full)?);
        }
        if let Some(most) = limits.tokens_per_minute {
            if call.reserved.input > most {
                // It never fits, however long it waits.
                return Err(refusal(FullRule::Tokens(most), None, 0));
            }
            let tokens = charged(call.reserved.total(), most);
            let next = take(account.guard.tokens_at, call.at(), tokens, most);
            let full = |after| refusal(FullRule::Tokens(most), Some(after), wait_ms);
            taken.tokens_at = Some((next.map_err(full)?, most));
        }
        Ok(taken)
    }

    fn take(&mut self, holder: &Holder, call: &Call<'_>, taken: Taken) {
        let Some(account) = self.accounts.get_mut(&holder.key()) else {
            return;
        };
        account.take_rates(taken);
        if !call.is_trial {
            account.under_way += 1;
        }
        for (key, spent) in &mut account.spent {
            if key.holds(call.at()) {
                spent.reserved += most(call.price.as_ref(), call.reserved, &key.unit);
                spent.is_changed = true;
                self.events
                    .extend(spent.warned(holder, call.row, key, call.at()));
            }
        }
    }

    /// Gives back what a call had taken and has not used. `open` is its row before it was closed.
    pub(super) fn settle(
        &mut self,
        open: &model_call::Model,
        closed: &model_call::Model,
    ) -> Result<(), StoreError> {
        if self.accounts.is_empty() {
            return Ok(());
        }
        let call = Call::of(open)?;
        let is_lost = closed.usage_source.as_deref() == Some("lost");
        let used = crate::ledger::tokens_of(closed);
        let at = codec::time(closed.closed_at.unwrap_or(closed.opened_at));
        for holder in holders(open) {
            let Some(account) = self.accounts.get_mut(&holder.key()) else {
                continue;
            };
            if !call.is_trial {
                account.under_way = account.under_way.saturating_sub(1);
            }
            if open.governed == 0 {
                continue;
            }
            if !is_lost && !call.is_trial {
                account.give_back_tokens(call.reserved.total(), used.total());
            }
            for (key, spent) in &mut account.spent {
                if !key.holds(call.at()) {
                    continue;
                }
                let set_aside = most(call.price.as_ref(), call.reserved, &key.unit);
                spent.reserved -= set_aside;
                spent.used += if is_lost {
                    set_aside
                } else {
                    used_by(closed, &key.unit)?
                };
                spent.is_changed = true;
                self.events.extend(spent.warned(&holder, open, key, at));
            }
        }
        Ok(())
    }

    /// Writes down what has changed.
    pub(super) async fn store(self, transaction: &DatabaseTransaction) -> Result<(), StoreError> {
        for (holder, account) in self.accounts {
            account.store(transaction, &holder).await?;
        }
        super::batch::insert_all(transaction, self.events).await
    }
}

/// The beginnings of all periods that a time is in.
fn starts(at: Timestamp) -> [i64; 3] {
    BudgetPeriod::ALL.map(|period| period.start(at).millis())
}
