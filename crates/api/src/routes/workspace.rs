//! The workspace, and how many runs its workflows had.

use actix_web::web::Json as Answer;
use latchkey_domain::time::Timestamp;
use latchkey_service::RunCountQuery;

use super::{Data, queried_id, queried_time};
use crate::body::Body;
use crate::caller::Authenticated;
use crate::problem::{Problem, Refusal};
use crate::query::{Query, wrong};
use crate::views::session::SessionWorkspace;
use crate::views::workspace::{RunCountView, RunCountsQuery, WorkspaceChangeBody};

/// The most days that are counted at once, and how many are unless said.
const MOST: u64 = 400;
const USUAL: i64 = 7;
const DAY: i64 = 86_400_000;

/// Gives the workspace another name.
#[utoipa::path(patch, path = "/api/v1/workspace", tag = "members", request_body = WorkspaceChangeBody,
    responses((status = 200, body = SessionWorkspace), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn change_workspace(
    service: Data,
    caller: Authenticated,
    body: Body<WorkspaceChangeBody>,
) -> Result<Answer<SessionWorkspace>, Refusal> {
    let changed = service.rename_workspace(&caller.0, &body.0.name).await?;
    Ok(Answer(changed.into()))
}

/// Counts runs by workflow, day and status.
///
/// The days are those of UTC. At most 400 of them are counted; seven, up to now, unless said.
#[utoipa::path(get, path = "/api/v1/run-counts", tag = "runs", params(RunCountsQuery),
    responses((status = 200, body = Vec<RunCountView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn count_runs(
    service: Data,
    caller: Authenticated,
    query: Query<RunCountsQuery>,
) -> Result<Answer<Vec<RunCountView>>, Refusal> {
    let query = query.0;
    // What is made in this moment belongs to it.
    let now = || service.now().plus_millis(1);
    let to = queried_time(query.to.as_deref(), "to")?.unwrap_or_else(now);
    let usual = || Timestamp::from_millis(to.millis().saturating_sub(USUAL * DAY));
    let from = queried_time(query.from.as_deref(), "from")?.unwrap_or_else(usual);
    if to.millis_since(from) > MOST * DAY.unsigned_abs() {
        return Err(wrong("from", format!("at most {MOST} days before `to`")));
    }
    let query = RunCountQuery {
        workflow: queried_id(query.workflow_id.as_deref(), "workflow_id")?,
        from,
        to,
    };
    let counts = service.run_counts(&caller.0, query).await?;
    Ok(Answer(counts.into_iter().map(RunCountView::from).collect()))
}
