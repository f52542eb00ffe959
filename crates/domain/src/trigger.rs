//! Triggers: what begins runs of a published workflow without anybody asking for one (Dify DSL, trigger nodes).
//!
//! What a trigger node says becomes a rule when its version is published. No clock and no network: who receives a request
//! or waits for a time asks the rule.

mod request;
mod schedule;
mod webhook;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::credential::{Environment, Principal};
use crate::document::{Document, GraphNode, Problem};
use crate::id::{NodeId, TriggerId, WorkflowId, WorkspaceId};
use crate::time::Timestamp;

pub use self::request::{RequestProblem, WebhookBody, WebhookRequest};
pub use self::schedule::Schedule;
pub use self::webhook::{ContentType, Webhook, WebhookField, WebhookKind, webhook_variables};

/// The output of a webhook that has the whole request (Dify DSL, trigger-webhook).
pub const RAW_REQUEST: &str = "_webhook_raw";

/// A trigger of the published version of a workflow.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// Its id: the same as long as its node has the same id, over all versions.
    pub id: TriggerId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The workflow.
    pub workflow: WorkflowId,
    /// The node at which its runs begin.
    pub node: NodeId,
    /// The node's title.
    pub title: String,
    /// When it begins runs.
    pub rule: TriggerRule,
    /// The version that it runs.
    pub version: u32,
    /// Who has published that version: the caller of its runs.
    pub author: Principal,
    /// The environment of its runs.
    pub environment: Environment,
    /// Whether it begins any.
    pub enabled: bool,
    /// The next time of a schedule that is enabled.
    pub next_at: Option<Timestamp>,
    /// The time of a schedule for which a run was begun last.
    pub fired_at: Option<Timestamp>,
    /// Times that went by before that one while nothing watched the schedule: for these there were no runs.
    pub missed: u32,
    /// Why the last attempt to begin a run failed; none when it did not.
    pub last_error: Option<String>,
    /// When it was first published.
    pub created_at: Timestamp,
}

/// When a trigger begins runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TriggerRule {
    /// When its address is asked.
    Webhook(Webhook),
    /// When it is time.
    Schedule(Schedule),
}

/// A trigger node of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriggerNode {
    /// The node.
    pub node: NodeId,
    /// Its title.
    pub title: String,
    /// What it says.
    pub rule: TriggerRule,
}

/// The triggers of a document that a server can serve: webhooks and schedules. A plugin's events come to no server of ours, so
/// its node is an entry for the API only.
///
/// # Errors
/// Everything that a trigger node says and that makes no rule, with its field (`trigger_invalid`).
pub fn triggers(document: &Document) -> Result<Vec<TriggerNode>, Vec<Problem>> {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    let nodes = document.graph().nodes.iter();
    for node in nodes.filter(|node| node.container.is_none()) {
        match rule(node) {
            Ok(None) => {}
            Ok(Some(rule)) => found.push(TriggerNode {
                node: node.id.clone(),
                title: node.title.clone(),
                rule,
            }),
            Err(wrong) => problems.push(
                Problem::error("trigger_invalid", wrong.message)
                    .at_node(&node.id)
                    .in_field(format!("data.{}", wrong.field))
                    .on_line(node.place),
            ),
        }
    }
    if problems.is_empty() {
        Ok(found)
    } else {
        Err(problems)
    }
}

fn rule(node: &GraphNode) -> Result<Option<TriggerRule>, FieldProblem> {
    match node.node_type.as_str() {
        "trigger-webhook" => Webhook::of(&node.data).map(TriggerRule::Webhook).map(Some),
        "trigger-schedule" => Schedule::of(&node.data)
            .map(TriggerRule::Schedule)
            .map(Some),
        _ => Ok(None),
    }
}

/// A field of a trigger node that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldProblem {
    pub(crate) field: &'static str,
    pub(crate) message: String,
}

fn wrong(field: &'static str, message: impl Into<String>) -> FieldProblem {
    FieldProblem {
        field,
        message: message.into(),
    }
}

/// A text of a node's data, trimmed; none when it is absent, null or blank.
fn text<'a>(data: &'a Map<String, Json>, key: &str) -> Option<&'a str> {
    let text = data.get(key)?.as_str()?.trim();
    (!text.is_empty()).then_some(text)
}
