//! The master key: only who has it can give these orders, whatever else a key of the API may do.

use actix_web::HttpResponse;
use actix_web::web::Json as Answer;

use super::Data;
use crate::body::Body;
use crate::caller::Authenticated;
use crate::problem::{Problem, Refusal};
use crate::views::master_key::{KeyStateView, OrderBody};

/// Tells which master key is in force, and how far sealing anew has come.
#[utoipa::path(get, path = "/api/v1/master-key", tag = "server",
    responses((status = 200, body = KeyStateView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_master_key(
    service: Data,
    caller: Authenticated,
) -> Result<Answer<KeyStateView>, Refusal> {
    Ok(Answer(service.key_state(&caller.0).await?.into()))
}

/// Changes the master key, by a sealed order.
#[utoipa::path(post, path = "/api/v1/master-key/rotate", tag = "server", request_body = OrderBody,
    responses((status = 200, body = KeyStateView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn rotate_master_key(
    service: Data,
    caller: Authenticated,
    body: Body<OrderBody>,
) -> Result<Answer<KeyStateView>, Refusal> {
    let state = service.obey_to_rotate(&caller.0, &body.0.order).await?;
    Ok(Answer(state.into()))
}

/// Begins to seal everything anew, by a sealed order.
#[utoipa::path(post, path = "/api/v1/master-key/reencrypt", tag = "server", request_body = OrderBody,
    responses((status = 202, body = KeyStateView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn reencrypt(
    service: Data,
    caller: Authenticated,
    body: Body<OrderBody>,
) -> Result<HttpResponse, Refusal> {
    let state = service.obey_to_reencrypt(&caller.0, &body.0.order).await?;
    Ok(HttpResponse::Accepted().json(KeyStateView::from(state)))
}
