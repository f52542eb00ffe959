//! Who calls: every route takes a caller, so none can forget to ask.

use std::future::{Ready, ready};

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use latchkey_domain::access::Caller;
use latchkey_service::{CurrentSession, Error, ErrorKind, Service};

use crate::cookie;
use crate::problem::{Refusal, malformed};

/// What changing requests with a session's cookie bring besides it: other sites can make a browser send the cookie, not this.
const CSRF_TOKEN: &str = "x-csrf-token";

/// The authenticated caller of a request.
pub(crate) struct Authenticated(pub(crate) Caller);

/// The session that a request came with; none for a key.
pub(crate) struct OfSession(pub(crate) Option<CurrentSession>);

/// Finds out who calls before anything else of the request is read: the parts of a request are read side by side, and a
/// stranger is to hear nothing about the others. Then looks at the query, which every route would have to.
pub(crate) async fn authenticate(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let (caller, session) = caller_of(request.request()).await?;
    if has_control(request.query_string()) {
        return Err(malformed("malformed", "a query has no control characters").into());
    }
    request.extensions_mut().insert(Authenticated(caller));
    request.extensions_mut().insert(OfSession(session));
    next.call(request).await
}

/// A key comes before a cookie: whoever states one means it.
async fn caller_of(request: &HttpRequest) -> Result<(Caller, Option<CurrentSession>), Refusal> {
    let service = request.app_data::<Data<Service>>();
    let service = service.ok_or_else(unauthenticated)?;
    if request.headers().contains_key(AUTHORIZATION) {
        let token = bearer(request).ok_or_else(unauthenticated)?;
        return Ok((service.authenticate(token).await?, None));
    }
    let token = cookie::of(request, service).ok_or_else(unauthenticated)?;
    let (caller, session) = service.authenticate_session(&token).await?;
    let only_reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let shown = request.headers().get(CSRF_TOKEN);
    let shown = shown.and_then(|value| value.to_str().ok());
    if !only_reads && !shown.is_some_and(|shown| service.is_csrf_token(&session, shown)) {
        let detail = "the header X-CSRF-Token is not the csrf_token of GET /session";
        return Err(Error::new(ErrorKind::Forbidden, "csrf_token_missing", detail).into());
    }
    Ok((caller, Some(session)))
}

fn unauthenticated() -> Error {
    Error::new(
        ErrorKind::Unauthenticated,
        "unauthenticated",
        "a key is needed (Authorization: Bearer lk_…), or a session",
    )
}

impl FromRequest for OfSession {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let session = request.extensions_mut().remove::<Self>();
        ready(session.ok_or_else(|| unauthenticated().into()))
    }
}

impl FromRequest for Authenticated {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = request.extensions_mut().remove::<Self>();
        ready(caller.ok_or_else(|| unauthenticated().into()))
    }
}

/// Whether a query says a control character of ASCII: no filter needs one, and PostgreSQL takes no text with a NUL.
fn has_control(query: &str) -> bool {
    let escapes = query.split('%').skip(1);
    let codes = escapes.filter_map(|rest| u8::from_str_radix(rest.get(..2)?, 16).ok());
    codes.into_iter().any(|code| code.is_ascii_control())
}

/// What stands after `Bearer `.
pub(crate) fn bearer(request: &HttpRequest) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::has_control;

    #[test]
    fn control_characters_in_a_query_are_found() {
        for query in ["end_user=a%00", "a=%0A", "%7f=1", "a=%41%1F"] {
            assert!(has_control(query), "{query}");
        }
        for query in ["", "end_user=a%20b", "a=%", "a=%4", "a=100%&b=%C3%A4"] {
            assert!(!has_control(query), "{query}");
        }
    }
}
