//! Who is to hear of a budget: once when a share of it is used, once when a call was refused for it, in each period.

use latchkey_domain::credential::{Holder, TOKENS};
use latchkey_domain::time::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::codec;
use crate::entities::{budget_event, model_call};

use super::account::{Spent, SpentKey};

/// A share of a budget is used.
const WARNING: &str = "budget.warning";
/// A call was refused.
const EXCEEDED: &str = "budget.exceeded";

impl Spent {
    /// What is told when the share has just been used at which people are warned.
    pub(super) fn warned(
        &mut self,
        holder: &Holder,
        row: &model_call::Model,
        key: &SpentKey,
        at: Timestamp,
    ) -> Option<budget_event::Model> {
        let is_due = self.warns_at.is_some_and(|share| self.used >= share);
        if !is_due || self.warned_at.is_some() {
            return None;
        }
        self.warned_at = Some(at.millis());
        self.is_changed = true;
        Some(self.event(WARNING, holder, row, key, at))
    }

    /// What is told when a call was refused for the first time.
    pub(super) fn exceeded(
        &mut self,
        holder: &Holder,
        row: &model_call::Model,
        key: &SpentKey,
    ) -> Option<budget_event::Model> {
        if self.exceeded_at.is_some() {
            return None;
        }
        self.exceeded_at = Some(row.opened_at);
        self.is_changed = true;
        let at = codec::time(row.opened_at);
        Some(self.event(EXCEEDED, holder, row, key, at))
    }

    fn event(
        &self,
        kind: &str,
        holder: &Holder,
        row: &model_call::Model,
        key: &SpentKey,
        at: Timestamp,
    ) -> budget_event::Model {
        let id = Uuid::now_v7();
        let start = codec::time(key.start);
        let body = json!({
            "id": id.to_string(),
            "type": kind,
            "at": at,
            "workspace_id": row.workspace_id.to_string(),
            "holder": named(holder, row),
            "period": key.period.as_str(),
            "started_at": start,
            "resets_at": key.period.end(start),
            "allowance": amount(self.allowance, &key.unit),
            "used": amount(self.used, &key.unit),
            "reserved": amount(self.reserved, &key.unit),
        });
        budget_event::Model {
            id,
            workspace_id: row.workspace_id,
            at: at.millis(),
            kind: kind.to_owned(),
            body: body.to_string(),
            deliver_at: Some(at.millis()),
            attempts: 0,
            delivered_at: None,
            last_error: None,
        }
    }
}

fn named(holder: &Holder, row: &model_call::Model) -> Json {
    let kind = holder.kind().as_str();
    match holder {
        Holder::Credential(id) => {
            json!({"kind": kind, "credential_id": id.to_string(), "credential_name": row.credential_name})
        }
        Holder::Workflow(id) => {
            json!({"kind": kind, "workflow_id": id.to_string(), "workflow_name": row.workflow_name})
        }
        Holder::EndUser(id, label) => {
            json!({"kind": kind, "workflow_id": id.to_string(), "workflow_name": row.workflow_name, "end_user": label})
        }
    }
}

fn amount(amount: Decimal, unit: &str) -> Json {
    let amount = amount.normalize();
    if unit == TOKENS {
        json!({"tokens": amount.to_string().parse::<u64>().unwrap_or_default()})
    } else {
        json!({"money": {"currency": unit, "amount": amount.to_string()}})
    }
}
