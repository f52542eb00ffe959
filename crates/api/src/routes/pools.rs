//! Pools of credentials.

use actix_web::HttpResponse;
use actix_web::web::{Json as Answer, Path};
use latchkey_domain::provider::ProviderId;
use latchkey_service::{ChangedPool, NewPool};

use super::Data;
use crate::body::Body;
use crate::caller::Authenticated;
use crate::page::{List, PageQuery, id};
use crate::problem::{Problem, Refusal};
use crate::query::Query;
use crate::views::credential::{DeleteQuery, ReferenceView};
use crate::views::pool::{NewPoolBody, PoolChangeBody, PoolView, entries};

/// Puts several credentials of a provider behind one name.
#[utoipa::path(post, path = "/api/v1/credential-pools", tag = "credentials", request_body = NewPoolBody,
    responses((status = 201, body = PoolView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn create_pool(
    service: Data,
    caller: Authenticated,
    body: Body<NewPoolBody>,
) -> Result<HttpResponse, Refusal> {
    let body = body.0;
    let new = NewPool {
        provider: ProviderId::normalise(&body.provider),
        name: body.name,
        strategy: body.strategy,
        members: entries(body.members),
    };
    let made = service.create_pool(&caller.0, new).await?;
    Ok(HttpResponse::Created().json(PoolView::from(made)))
}

/// Lists pools.
#[utoipa::path(get, path = "/api/v1/credential-pools", tag = "credentials", params(PageQuery),
    responses((status = 200, body = List<PoolView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_pools(
    service: Data,
    caller: Authenticated,
    query: Query<PageQuery>,
) -> Result<Answer<List<PoolView>>, Refusal> {
    let page = service.pools(&caller.0, query.0.page()?).await?;
    Ok(Answer(List::of(page, PoolView::from)))
}

/// Reads a pool.
#[utoipa::path(get, path = "/api/v1/credential-pools/{id}", tag = "credentials", params(("id" = String, Path)),
    responses((status = 200, body = PoolView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_pool(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<Answer<PoolView>, Refusal> {
    let found = service.pool(&caller.0, id(&path, "pool")?).await?;
    Ok(Answer(found.into()))
}

/// Changes a pool; effective at the next call.
#[utoipa::path(patch, path = "/api/v1/credential-pools/{id}", tag = "credentials", params(("id" = String, Path)), request_body = PoolChangeBody,
    responses((status = 200, body = PoolView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn change_pool(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    body: Body<PoolChangeBody>,
) -> Result<Answer<PoolView>, Refusal> {
    let body = body.0;
    let change = ChangedPool {
        name: body.name,
        strategy: body.strategy,
        members: body.members.map(entries),
    };
    let id = id(&path, "pool")?;
    let changed = service.change_pool(&caller.0, id, change).await?;
    Ok(Answer(changed.into()))
}

/// Tells where a pool is named.
#[utoipa::path(get, path = "/api/v1/credential-pools/{id}/references", tag = "credentials", params(("id" = String, Path), PageQuery),
    responses((status = 200, body = List<ReferenceView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn pool_references(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    query: Query<PageQuery>,
) -> Result<Answer<List<ReferenceView>>, Refusal> {
    let pool = id(&path, "pool")?;
    let found = service.pool_references(&caller.0, pool).await?;
    List::part(found, &query.0, |at, _| (at + 1).to_string()).map(Answer)
}

/// Deletes a pool; its members stay.
///
/// One that a binding, a dataset or a node names is refused with `pool_in_use` and the list of them, unless `force=true`.
#[utoipa::path(delete, path = "/api/v1/credential-pools/{id}", tag = "credentials", params(("id" = String, Path), DeleteQuery),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn delete_pool(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    query: Query<DeleteQuery>,
) -> Result<HttpResponse, Refusal> {
    let pool = id(&path, "pool")?;
    service.delete_pool(&caller.0, pool, query.0.used()).await?;
    Ok(HttpResponse::NoContent().finish())
}
