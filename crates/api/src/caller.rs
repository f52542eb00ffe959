//! Who calls: every route takes a caller, so none can forget to ask.

use std::future::{Ready, ready};

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use latchkey_domain::access::Caller;
use latchkey_service::{Error, ErrorKind, Service};

use crate::problem::Refusal;

/// The authenticated caller of a request.
pub(crate) struct Authenticated(pub(crate) Caller);

/// Finds out who calls before anything else of the request is read: the parts of a request are read side by side, and a
/// stranger is to hear nothing about the others.
pub(crate) async fn authenticate(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let caller = caller_of(request.request()).await?;
    request.extensions_mut().insert(Authenticated(caller));
    next.call(request).await
}

async fn caller_of(request: &HttpRequest) -> Result<Caller, Refusal> {
    let token = bearer(request).ok_or_else(unauthenticated)?;
    let service = request.app_data::<Data<Service>>();
    let service = service.ok_or_else(unauthenticated)?;
    Ok(service.authenticate(token).await?)
}

fn unauthenticated() -> Error {
    Error::new(
        ErrorKind::Unauthenticated,
        "unauthenticated",
        "a key is needed: Authorization: Bearer lk_…",
    )
}

impl FromRequest for Authenticated {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = request.extensions_mut().remove::<Self>();
        ready(caller.ok_or_else(|| unauthenticated().into()))
    }
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
