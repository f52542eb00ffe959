//! Who calls: every route takes a caller, so none can forget to ask.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use latchkey_domain::access::Caller;
use latchkey_service::{Error, ErrorKind, Service};

use crate::problem::Refusal;

/// The authenticated caller of a request.
pub(crate) struct Authenticated(pub(crate) Caller);

impl FromRequest for Authenticated {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let token = bearer(request).map(str::to_owned);
        let service = request.app_data::<Data<Service>>().cloned();
        Box::pin(async move {
            let refused = || {
                Error::new(
                    ErrorKind::Unauthenticated,
                    "unauthenticated",
                    "a key is needed: Authorization: Bearer lk_…",
                )
            };
            let (token, service) = (token.ok_or_else(refused)?, service.ok_or_else(refused)?);
            Ok(Self(service.authenticate(&token).await?))
        })
    }
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
