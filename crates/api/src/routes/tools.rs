//! Tool providers and tool bindings.

use actix_web::http::header::{ETAG, HeaderName};
use actix_web::web::{Json as Answer, Path};
use actix_web::{HttpRequest, HttpResponse};
use latchkey_domain::id::{ToolProviderId, WorkflowId};
use latchkey_domain::tool::ToolProvider;
use latchkey_service::ToolBindings;

use super::Data;
use crate::body::Body;
use crate::caller::Authenticated;
use crate::etag::IfMatch;
use crate::page::{List, PageQuery, id};
use crate::problem::{Problem, Refusal};
use crate::query::Query;
use crate::views::tool::{
    NewToolProviderBody, ProviderToolView, ToolProviderChangeBody, ToolProviderView,
};
use crate::views::tool_binding::{ToolBindingsBody, ToolBindingsQuery};

/// Makes a tool provider: an API from its OpenAPI document, an MCP server, or a workflow.
#[utoipa::path(post, path = "/api/v1/tool-providers", tag = "tools", request_body = NewToolProviderBody,
    responses((status = 201, body = ToolProviderView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn create_tool_provider(
    service: Data,
    caller: Authenticated,
    body: Body<NewToolProviderBody>,
) -> Result<HttpResponse, Refusal> {
    let made = service
        .create_tool_provider(&caller.0, body.0.provider()?)
        .await?;
    Ok(HttpResponse::Created()
        .insert_header(etag(&made))
        .json(ToolProviderView::from(made)))
}

/// Lists tool providers.
#[utoipa::path(get, path = "/api/v1/tool-providers", tag = "tools", params(PageQuery),
    responses((status = 200, body = List<ToolProviderView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_tool_providers(
    service: Data,
    caller: Authenticated,
    query: Query<PageQuery>,
) -> Result<Answer<List<ToolProviderView>>, Refusal> {
    let page = service.tool_providers(&caller.0, query.0.page()?).await?;
    Ok(Answer(List::of(page, ToolProviderView::from)))
}

/// Reads a tool provider, with the document of an API.
#[utoipa::path(get, path = "/api/v1/tool-providers/{id}", tag = "tools", params(("id" = String, Path)),
    responses((status = 200, description = "the provider; its ETag guards a change", body = ToolProviderView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_tool_provider(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<HttpResponse, Refusal> {
    let found = service
        .tool_provider(&caller.0, id(&path, "tool provider")?)
        .await?;
    Ok(provider(found))
}

fn provider(found: ToolProvider) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(etag(&found))
        .json(ToolProviderView::whole(found))
}

fn etag(of: &ToolProvider) -> (HeaderName, String) {
    (ETAG, format!("\"{}\"", of.revision))
}

/// Changes a tool provider, if it is still that of `If-Match`.
#[utoipa::path(patch, path = "/api/v1/tool-providers/{id}", tag = "tools", params(("id" = String, Path), ("If-Match" = Option<String>, Header)), request_body = ToolProviderChangeBody,
    responses((status = 200, body = ToolProviderView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn change_tool_provider(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    request: HttpRequest,
    body: Body<ToolProviderChangeBody>,
) -> Result<HttpResponse, Refusal> {
    let id: ToolProviderId = id(&path, "tool provider")?;
    let stated = IfMatch::of(&request)?;
    let old = service.tool_provider(&caller.0, id).await?;
    let revision = u32::try_from(old.revision).unwrap_or_default();
    let expected = stated.expected(|| async { Ok(revision) }).await?;
    let change = body.0.change(&old)?;
    let changed = service
        .change_tool_provider(&caller.0, id, expected, change)
        .await?;
    Ok(provider(changed))
}

/// Deletes a tool provider.
#[utoipa::path(delete, path = "/api/v1/tool-providers/{id}", tag = "tools", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn delete_tool_provider(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<HttpResponse, Refusal> {
    service
        .delete_tool_provider(&caller.0, id(&path, "tool provider")?)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Lists the tools of an MCP server again, with the workspace's default credential for it.
#[utoipa::path(post, path = "/api/v1/tool-providers/{id}/refresh", tag = "tools", params(("id" = String, Path)),
    responses((status = 200, body = ToolProviderView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn refresh_tool_provider(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<HttpResponse, Refusal> {
    let listed = service
        .refresh_tool_provider(&caller.0, id(&path, "tool provider")?)
        .await?;
    Ok(provider(listed))
}

/// Lists the tools of a provider.
#[utoipa::path(get, path = "/api/v1/tool-providers/{id}/tools", tag = "tools", params(("id" = String, Path), PageQuery),
    responses((status = 200, body = List<ProviderToolView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_tools(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    query: Query<PageQuery>,
) -> Result<Answer<List<ProviderToolView>>, Refusal> {
    let tools = service
        .tools_of_provider(&caller.0, id(&path, "tool provider")?)
        .await?;
    List::part(tools, &query.0, |_, tool| tool.name.clone()).map(Answer)
}

/// Reads what tools of documents are bound to.
#[utoipa::path(get, path = "/api/v1/tool-bindings", tag = "tools", params(ToolBindingsQuery),
    responses((status = 200, description = "the bindings; their ETag guards a replacement", body = ToolBindingsBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_tool_bindings(
    service: Data,
    caller: Authenticated,
    query: Query<ToolBindingsQuery>,
) -> Result<HttpResponse, Refusal> {
    let workflow = workflow(&query.0)?;
    Ok(bindings(service.tool_bindings(&caller.0, workflow).await?))
}

fn workflow(query: &ToolBindingsQuery) -> Result<Option<WorkflowId>, Refusal> {
    super::queried_id(query.workflow_id.as_deref(), "workflow_id")
}

fn bindings(of: ToolBindings) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((ETAG, format!("\"{}\"", of.revision)))
        .json(ToolBindingsBody::from(of.bindings))
}

/// Replaces what tools of documents are bound to, if it is still that of `If-Match`; effective at the next use.
#[utoipa::path(put, path = "/api/v1/tool-bindings", tag = "tools", params(ToolBindingsQuery, ("If-Match" = Option<String>, Header)), request_body = ToolBindingsBody,
    responses((status = 200, body = ToolBindingsBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn put_tool_bindings(
    service: Data,
    caller: Authenticated,
    query: Query<ToolBindingsQuery>,
    request: HttpRequest,
    body: Body<ToolBindingsBody>,
) -> Result<HttpResponse, Refusal> {
    let workflow = workflow(&query.0)?;
    let stated = IfMatch::of(&request)?;
    let current = || async { Ok(service.tool_bindings(&caller.0, workflow).await?.revision) };
    let expected = stated.expected(current).await?;
    let replaced = service
        .put_tool_bindings(&caller.0, workflow, expected, body.0.into())
        .await?;
    Ok(bindings(replaced))
}
