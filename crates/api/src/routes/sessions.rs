//! The session of whoever asks.

use actix_web::web::Json as Answer;
use actix_web::{HttpRequest, HttpResponse};
use latchkey_service::AccountChange;

use super::open::origin;
use super::{Data, wrong};
use crate::body::Body;
use crate::caller::{Authenticated, OfSession};
use crate::cookie;
use crate::problem::{Problem, Refusal};
use crate::views::session::{SessionChangeBody, SessionView};

/// Says who asks and what he may do, also for a key.
#[utoipa::path(get, path = "/api/v1/session", tag = "members",
    responses((status = 200, body = SessionView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_session(
    service: Data,
    caller: Authenticated,
    session: OfSession,
) -> Result<Answer<SessionView>, Refusal> {
    let account = service.account(&caller.0, session.0.as_ref()).await?;
    Ok(Answer(account.into()))
}

/// Changes the name or the password of the member whose session it is.
#[utoipa::path(patch, path = "/api/v1/session", tag = "members", request_body = SessionChangeBody,
    responses((status = 200, body = SessionView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn change_session(
    service: Data,
    caller: Authenticated,
    session: OfSession,
    request: HttpRequest,
    body: Body<SessionChangeBody>,
) -> Result<Answer<SessionView>, Refusal> {
    let body = body.0;
    let password = match (body.current_password, body.new_password) {
        (Some(current), Some(new)) => Some((current.secret(), new.secret())),
        (None, None) => None,
        (None, Some(_)) => {
            let needed = "the password so far is needed for a new one";
            return Err(wrong("/current_password", needed));
        }
        (Some(_), None) => return Err(wrong("/new_password", "the new password is missing")),
    };
    let change = AccountChange {
        name: body.name,
        password,
        from: origin(&request),
    };
    let session = session.0.as_ref();
    let account = service.change_account(&caller.0, session, change).await?;
    Ok(Answer(account.into()))
}

/// Logs out: the session ends. A key has none.
#[utoipa::path(delete, path = "/api/v1/session", tag = "members",
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn end_session(
    service: Data,
    caller: Authenticated,
    session: OfSession,
) -> Result<HttpResponse, Refusal> {
    service.log_out(&caller.0, session.0.as_ref()).await?;
    let cookie = cookie::taken(&service);
    Ok(HttpResponse::NoContent().cookie(cookie).finish())
}
