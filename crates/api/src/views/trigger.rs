//! Triggers.

use latchkey_domain::trigger::TriggerRule;
use latchkey_service::TriggerView as Trigger;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What begins runs of the published version.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TriggerView {
    /// Its id.
    id: String,
    /// The node at which its runs begin.
    node_id: String,
    /// The node's title.
    title: String,
    /// webhook or schedule.
    kind: String,
    /// Whether it begins runs.
    enabled: bool,
    /// The environment of its runs.
    environment: String,
    /// The version that it runs.
    version: u32,
    /// What a webhook takes, and where.
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook: Option<WebhookView>,
    /// When a schedule begins runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<ScheduleView>,
    /// The last run of a published version that began at its node.
    last_run_id: Option<String>,
    /// When that run was accepted.
    last_run_at: Option<String>,
    /// Why the last attempt to begin a run has failed.
    last_error: Option<String>,
    /// When it was first published.
    created_at: String,
}

/// What a webhook takes, and where.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct WebhookView {
    /// The path of its address at this server. Whoever knows it may begin runs.
    path: String,
    /// The only method.
    method: String,
    /// The type of its bodies.
    content_type: String,
}

/// When a schedule begins runs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ScheduleView {
    /// The cron expression of five fields.
    cron: String,
    /// The time zone.
    timezone: String,
    /// The next time; null while it is switched off.
    next_at: Option<String>,
    /// The last time that was served.
    fired_at: Option<String>,
    /// How many times before that one went by without a run, because no server was there.
    missed: u32,
}

/// All triggers of a published version.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TriggersView {
    /// The triggers, oldest first.
    pub(crate) data: Vec<TriggerView>,
}

/// What is changed of a trigger.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TriggerChangeBody {
    /// Whether it begins runs.
    pub(crate) enabled: Option<bool>,
    /// The environment of its runs.
    pub(crate) environment: Option<String>,
}

impl From<Trigger> for TriggerView {
    fn from(view: Trigger) -> Self {
        let trigger = view.trigger;
        let (kind, webhook, schedule) = match trigger.rule {
            TriggerRule::Webhook(webhook) => {
                let address = view.address;
                let shown = WebhookView {
                    path: address.map_or_else(String::new, |address| {
                        format!("/webhooks/{}", address.expose())
                    }),
                    method: webhook.method,
                    content_type: webhook.content_type.as_str().to_owned(),
                };
                ("webhook", Some(shown), None)
            }
            TriggerRule::Schedule(schedule) => {
                let shown = ScheduleView {
                    cron: schedule.cron,
                    timezone: schedule.timezone,
                    next_at: trigger.next_at.map(|at| at.to_string()),
                    fired_at: trigger.fired_at.map(|at| at.to_string()),
                    missed: trigger.missed,
                };
                ("schedule", None, Some(shown))
            }
        };
        let (last_run, last_run_at) = view.last_run.unzip();
        Self {
            id: trigger.id.to_string(),
            node_id: trigger.node.to_string(),
            title: trigger.title,
            kind: kind.to_owned(),
            enabled: trigger.enabled,
            environment: trigger.environment.0,
            version: trigger.version,
            webhook,
            schedule,
            last_run_id: last_run.map(|id| id.to_string()),
            last_run_at: last_run_at.map(|at| at.to_string()),
            last_error: trigger.last_error,
            created_at: trigger.created_at.to_string(),
        }
    }
}
