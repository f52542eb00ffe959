//! API keys.

use actix_web::HttpResponse;
use actix_web::web::{Json as Answer, Path};
use latchkey_domain::access::{ApiKeyKind, Permission};
use latchkey_domain::credential::Environment;
use latchkey_service::NewKey;

use super::{Data, time, wrong};
use crate::body::Body;
use crate::caller::Authenticated;
use crate::page::{List, PageQuery, id};
use crate::problem::{Problem, Refusal};
use crate::query::Query;
use crate::views::key::{KeyView, NewKeyBody};

/// Makes a key; the answer is the only one that shows it.
#[utoipa::path(post, path = "/api/v1/api-keys", tag = "keys", request_body = NewKeyBody,
    responses((status = 201, body = KeyView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn create_key(
    service: Data,
    caller: Authenticated,
    body: Body<NewKeyBody>,
) -> Result<HttpResponse, Refusal> {
    let body = body.0;
    let scope = |name: &String| {
        let known = Permission::ALL.map(Permission::as_str).join(", ");
        Permission::parse(name)
            .ok_or_else(|| wrong("/scopes", &format!("a scope is one of {known}")))
    };
    let new = NewKey {
        name: body.name,
        kind: body.kind.unwrap_or(ApiKeyKind::Workspace),
        workflow: body
            .workflow_id
            .as_deref()
            .map(|text| id(text, "workflow"))
            .transpose()?,
        scopes: body.scopes.iter().map(scope).collect::<Result<_, _>>()?,
        environments: body.environments.into_iter().map(Environment).collect(),
        expires_at: time(body.expires_at.as_deref(), "/expires_at")?,
    };
    let created = service.create_api_key(&caller.0, new).await?;
    let mut view = KeyView::from(created.key);
    view.key = Some(created.token.expose().clone());
    Ok(HttpResponse::Created().json(view))
}

/// Lists keys.
#[utoipa::path(get, path = "/api/v1/api-keys", tag = "keys", params(PageQuery),
    responses((status = 200, body = List<KeyView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_keys(
    service: Data,
    caller: Authenticated,
    query: Query<PageQuery>,
) -> Result<Answer<List<KeyView>>, Refusal> {
    let page = service.api_keys(&caller.0, query.0.page()?).await?;
    Ok(Answer(List::of(page, KeyView::from)))
}

/// Revokes a key.
#[utoipa::path(delete, path = "/api/v1/api-keys/{id}", tag = "keys", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn delete_key(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<HttpResponse, Refusal> {
    service.delete_api_key(&caller.0, id(&path, "key")?).await?;
    Ok(HttpResponse::NoContent().finish())
}
