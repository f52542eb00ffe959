//! The workspace, and how many runs its workflows had.

use latchkey_domain::id::WorkspaceId;
use latchkey_service::RunCount;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::session::SessionWorkspace;

/// What is changed of the workspace.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorkspaceChangeBody {
    /// Its name: 1 to 200 characters on one line.
    pub(crate) name: String,
}

impl From<(WorkspaceId, String)> for SessionWorkspace {
    fn from((id, name): (WorkspaceId, String)) -> Self {
        Self {
            id: id.to_string(),
            name,
        }
    }
}

/// Which runs are counted.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunCountsQuery {
    /// Of one workflow.
    pub(crate) workflow_id: Option<String>,
    /// Made at this time (RFC 3339) or later; seven days before `to` unless said.
    pub(crate) from: Option<String>,
    /// Made before this time; now unless said.
    pub(crate) to: Option<String>,
}

/// How many runs of a workflow a day had in one status.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RunCountView {
    /// The workflow.
    workflow_id: String,
    /// The day, by UTC, such as `2026-11-27`.
    day: String,
    /// queued, running, succeeded, partial-succeeded, failed, stopped or paused.
    status: String,
    /// So many.
    runs: u64,
}

impl From<RunCount> for RunCountView {
    fn from(count: RunCount) -> Self {
        let day = count.day.to_string();
        Self {
            workflow_id: count.workflow.to_string(),
            day: day.chars().take(10).collect(),
            status: count.status.as_str().to_owned(),
            runs: count.runs,
        }
    }
}
