//! Limits and budgets of workflows, health of credentials, and who is told about budgets.

use actix_web::http::header::{ETAG, HeaderName};
use actix_web::web::{Json as Answer, Path};
use actix_web::{HttpRequest, HttpResponse};
use latchkey_domain::id::WorkflowId;
use latchkey_service::WorkflowStanding;

use super::Data;
use crate::body::Body;
use crate::caller::Authenticated;
use crate::etag::IfMatch;
use crate::page::{List, PageQuery, id};
use crate::problem::{Problem, Refusal};
use crate::query::Query;
use crate::views::credential::CredentialView;
use crate::views::limits::{
    BudgetEventView, BudgetWebhookBody, BudgetWebhookView, EndUserQuery, WorkflowLimitsBody,
    WorkflowLimitsView,
};

/// Reads limits and budgets of a workflow and of its end users, and how they stand.
#[utoipa::path(get, path = "/api/v1/workflows/{id}/limits", tag = "workflows", params(("id" = String, Path), EndUserQuery),
    responses((status = 200, description = "the limits; their ETag guards a replacement", body = WorkflowLimitsView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_workflow_limits(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    query: Query<EndUserQuery>,
) -> Result<HttpResponse, Refusal> {
    let workflow = id(&path, "workflow")?;
    let end_user = query.0.end_user.as_deref();
    let found = service.workflow_limits(&caller.0, workflow, end_user);
    Ok(limits(found.await?))
}

fn limits(standing: WorkflowStanding) -> HttpResponse {
    let etag: (HeaderName, String) = (ETAG, format!("\"{}\"", standing.revision));
    HttpResponse::Ok()
        .insert_header(etag)
        .json(WorkflowLimitsView::from(standing))
}

/// Replaces limits and budgets of a workflow and of its end users; effective at the next call.
#[utoipa::path(put, path = "/api/v1/workflows/{id}/limits", tag = "workflows", params(("id" = String, Path), ("If-Match" = Option<String>, Header)), request_body = WorkflowLimitsBody,
    responses((status = 200, body = WorkflowLimitsView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn put_workflow_limits(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    request: HttpRequest,
    body: Body<WorkflowLimitsBody>,
) -> Result<HttpResponse, Refusal> {
    let workflow: WorkflowId = id(&path, "workflow")?;
    let stated = IfMatch::of(&request)?;
    let current = || async {
        let found = service.workflow_limits(&caller.0, workflow, None).await?;
        Ok(found.revision)
    };
    let expected = stated.expected(current).await?;
    let rules = body.0.rules()?;
    let replaced = service.put_workflow_limits(&caller.0, workflow, expected, rules);
    Ok(limits(replaced.await?))
}

/// Forgets what calls have shown about a credential: pauses, an empty account, a dead key.
#[utoipa::path(post, path = "/api/v1/credentials/{id}/reset-health", tag = "credentials", params(("id" = String, Path)),
    responses((status = 200, body = CredentialView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn reset_health(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<Answer<CredentialView>, Refusal> {
    let reset = service
        .reset_health(&caller.0, id(&path, "credential")?)
        .await?;
    Ok(Answer(service.standing(&caller.0, reset).await?.into()))
}

/// Lists what has happened to budgets, newest first.
#[utoipa::path(get, path = "/api/v1/budget-events", tag = "usage", params(PageQuery),
    responses((status = 200, body = List<BudgetEventView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_budget_events(
    service: Data,
    caller: Authenticated,
    query: Query<PageQuery>,
) -> Result<Answer<List<BudgetEventView>>, Refusal> {
    let page = service.budget_events(&caller.0, query.0.page()?).await?;
    Ok(Answer(List::of(page, BudgetEventView::from)))
}

/// Tells where the workspace is told about its budgets.
#[utoipa::path(get, path = "/api/v1/budget-webhook", tag = "usage",
    responses((status = 200, body = BudgetWebhookView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_budget_webhook(
    service: Data,
    caller: Authenticated,
) -> Result<Answer<BudgetWebhookView>, Refusal> {
    Ok(Answer(service.budget_webhook(&caller.0).await?.into()))
}

/// Sets where the workspace is told about its budgets.
#[utoipa::path(put, path = "/api/v1/budget-webhook", tag = "usage", request_body = BudgetWebhookBody,
    responses((status = 200, body = BudgetWebhookView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn set_budget_webhook(
    service: Data,
    caller: Authenticated,
    body: Body<BudgetWebhookBody>,
) -> Result<Answer<BudgetWebhookView>, Refusal> {
    let (webhook, secret) = service.set_budget_webhook(&caller.0, body.0.url).await?;
    let mut view = BudgetWebhookView::from(Some(webhook));
    view.secret = Some(secret.expose().clone());
    Ok(Answer(view))
}

/// Tells nobody about budgets any more.
#[utoipa::path(delete, path = "/api/v1/budget-webhook", tag = "usage",
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn remove_budget_webhook(
    service: Data,
    caller: Authenticated,
) -> Result<HttpResponse, Refusal> {
    service.remove_budget_webhook(&caller.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
