//! How the server stands.

use actix_web::web::Json as Answer;

use super::Data;
use crate::caller::Authenticated;
use crate::problem::{Problem, Refusal};
use crate::views::status::StatusView;

/// Tells how the server stands: what people should know first, and how much waits.
#[utoipa::path(get, path = "/api/v1/status", tag = "server",
    responses((status = 200, body = StatusView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_status(
    service: Data,
    caller: Authenticated,
) -> Result<Answer<StatusView>, Refusal> {
    Ok(Answer(service.server_status(&caller.0).await?.into()))
}
