//! Who changed what.

use latchkey_domain::credential::Principal;
use latchkey_service::{AuditEntry, Names};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use utoipa::{IntoParams, ToSchema};

use super::ledger::cell;

/// Which changes.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditQuery {
    /// How many rows: 1 to 200, else 50.
    #[param(minimum = 1, maximum = 200)]
    pub(crate) limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
    /// Of the thing with this id.
    pub(crate) subject: Option<String>,
    /// By `api_key:<id>`, `member:<id>` or `operator`.
    pub(crate) actor: Option<String>,
    /// Of one action, such as `credential.create`, or of one kind of thing, such as `credential`.
    pub(crate) action: Option<String>,
    /// At this time or later.
    pub(crate) from: Option<String>,
    /// Before this time.
    pub(crate) to: Option<String>,
}

/// One change.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AuditView {
    /// Its id.
    id: String,
    /// When.
    at: String,
    /// Who: `api_key:<id>`, `member:<id>` or `operator`.
    actor: String,
    /// The name of that member or key; null for a key that is gone.
    actor_name: Option<String>,
    /// What, such as `credential.create`.
    action: String,
    /// The id of what was changed; of a default, a price or a tool's bindings the provider or workflow.
    subject: String,
    /// More about it: names of fields and of things, never a credential's value.
    #[schema(value_type = Object)]
    detail: Json,
}

impl AuditView {
    /// A change with the name of whoever has made it.
    pub(crate) fn of(entry: AuditEntry, names: &Names) -> Self {
        Self {
            actor_name: names.get(&entry.actor).cloned(),
            id: entry.id.to_string(),
            at: entry.at.to_string(),
            actor: actor(&entry.actor),
            action: entry.action,
            subject: entry.subject,
            detail: entry.detail,
        }
    }
}

impl AuditView {
    /// Changes as comma-separated values; what is more about them stands in one cell, as JSON.
    pub(crate) fn csv(rows: &[Self]) -> String {
        let mut text = "id,at,actor,action,subject,detail\r\n".to_owned();
        for row in rows {
            let texts = [&row.id, &row.at, &row.actor, &row.action, &row.subject];
            let cells = texts.map(|text| cell(Some(&json!(text))));
            let detail = cell(Some(&json!(row.detail.to_string())));
            text += &format!("{},{detail}\r\n", cells.join(","));
        }
        text
    }
}

/// Somebody as queries and answers name it.
pub(crate) fn actor(actor: &Principal) -> String {
    match actor {
        Principal::ApiKey(id) => format!("api_key:{id}"),
        Principal::Member(id) => format!("member:{id}"),
        Principal::Operator => "operator".to_owned(),
    }
}

/// Reads [`actor`] back.
pub(crate) fn actor_of(text: &str) -> Option<Principal> {
    match text.split_once(':') {
        Some(("api_key", id)) => id.parse().ok().map(Principal::ApiKey),
        Some(("member", id)) => id.parse().ok().map(Principal::Member),
        None if text == "operator" => Some(Principal::Operator),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{AuditView, actor, actor_of};

    #[test]
    fn an_actor_is_read_as_it_is_written() {
        let id = "01900000-0000-7000-8000-000000000001";
        for text in [
            "operator".to_owned(),
            format!("api_key:{id}"),
            format!("member:{id}"),
        ] {
            assert_eq!(actor(&actor_of(&text).unwrap()), text);
        }
        for text in ["", "somebody", "api_key:1", "operator:1", id] {
            assert_eq!(actor_of(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_is_no_formula_in_a_spreadsheet() {
        let row = AuditView {
            id: "1".to_owned(),
            at: "2026-01-01T00:00:00.000Z".to_owned(),
            actor: "operator".to_owned(),
            actor_name: None,
            action: "price.set".to_owned(),
            subject: "=1+1".to_owned(),
            detail: serde_json::json!({"name": "a,b"}),
        };
        let csv = AuditView::csv(&[row]);
        let line = csv.lines().nth(1).unwrap();
        assert_eq!(
            line,
            r#"1,2026-01-01T00:00:00.000Z,operator,price.set,'=1+1,"{""name"":""a,b""}""#
        );
    }
}
