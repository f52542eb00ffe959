//! The cookie of a session: for this server only, out of reach of scripts, and not sent along by other sites' forms.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use latchkey_service::{LoggedIn, Service};

/// Its name over TLS: with this prefix no other host of the domain can set it (RFC 6265bis, 4.1.3.2).
const OVER_TLS: &str = "__Host-latchkey_session";
/// Its name without TLS.
const PLAIN: &str = "latchkey_session";

const fn name(is_over_tls: bool) -> &'static str {
    if is_over_tls { OVER_TLS } else { PLAIN }
}

fn cookie(service: &Service, value: String, lasts: Duration) -> Cookie<'static> {
    let is_over_tls = service.is_reached_by_tls();
    Cookie::build(name(is_over_tls), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_over_tls)
        .max_age(lasts)
        .finish()
}

/// The cookie of a session that has begun.
pub(crate) fn given(service: &Service, begun: &LoggedIn) -> Cookie<'static> {
    let lasts = Duration::seconds(begun.seconds);
    cookie(service, begun.token.expose().clone(), lasts)
}

/// The cookie that takes a session's away.
pub(crate) fn taken(service: &Service) -> Cookie<'static> {
    cookie(service, String::new(), Duration::ZERO)
}

/// The session's token that a request brings.
pub(crate) fn of(request: &HttpRequest, service: &Service) -> Option<String> {
    let found = request.cookie(name(service.is_reached_by_tls()))?;
    Some(found.value().to_owned())
}
