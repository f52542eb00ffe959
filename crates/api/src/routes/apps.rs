//! How a workflow is reached besides the native API.

use actix_web::web::{Json as Answer, Path};
use latchkey_domain::id::WorkflowId;

use super::Data;
use crate::body::Body;
use crate::caller::Authenticated;
use crate::page::id;
use crate::problem::{Problem, Refusal};
use crate::views::app::{AppBody, AppView};

/// Reads how a workflow is reached by others: the service API, the MCP server.
#[utoipa::path(get, path = "/api/v1/workflows/{id}/app", tag = "workflows", params(("id" = String, Path)),
    responses((status = 200, body = AppView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_app(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<Answer<AppView>, Refusal> {
    let workflow: WorkflowId = id(&path, "workflow")?;
    let settings = service.app_settings(&caller.0, workflow).await?;
    Ok(Answer(AppView::from(settings)))
}

/// Changes how a workflow is reached by others; effective at the next request.
#[utoipa::path(patch, path = "/api/v1/workflows/{id}/app", tag = "workflows", params(("id" = String, Path)), request_body = AppBody,
    responses((status = 200, body = AppView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn change_app(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    body: Body<AppBody>,
) -> Result<Answer<AppView>, Refusal> {
    let workflow: WorkflowId = id(&path, "workflow")?;
    let settings = service.change_app(&caller.0, workflow, body.0.into());
    Ok(Answer(AppView::from(settings.await?)))
}
