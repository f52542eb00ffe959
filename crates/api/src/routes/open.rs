//! What answers to everybody: the first account, logging in, and invitations. Each asks for a secret of its own.
//!
//! These routes give cookies, so that their bodies are taken as JSON only: what a form of another site sends is refused.

use actix_web::guard;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{self, Json as Answer, ServiceConfig};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use latchkey_service::{AcceptInvitation, Error, ErrorKind, LogIn, LoggedIn, Service, SetUp};

use super::{Data, at};
use crate::body::Body;
use crate::cookie;
use crate::problem::{Problem, Refusal};
use crate::query::Query;
use crate::views::member::{AcceptBody, OpenInvitationView};
use crate::views::session::{InvitationQuery, LogInBody, NeedView, SessionView, SetUpBody};

/// Adds the routes that need no caller, before all that do.
pub(crate) fn configure_open(config: &mut ServiceConfig) {
    config
        .service(
            at("/api/v1/setup", "GET, POST")
                .route(web::get().to(get_set_up))
                .route(web::post().to(set_up)),
        )
        .service(
            web::resource("/api/v1/session")
                .guard(guard::Post())
                .route(web::post().to(log_in)),
        )
        .service(at("/api/v1/invitations/by-token", "GET").route(web::get().to(get_invitation)))
        .service(at("/api/v1/invitations/accept", "POST").route(web::post().to(accept_invitation)));
}

/// A request whose body says that it is JSON.
pub(crate) struct SaysJson;

impl FromRequest for SaysJson {
    type Error = Refusal;
    type Future = std::future::Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|value| value.to_str().ok()).unwrap_or("");
        let kind = kind.split(';').next().unwrap_or("").trim();
        let is_json = kind.eq_ignore_ascii_case("application/json");
        let refused = || {
            let detail = "the body has to be application/json, and to say so";
            Error::new(ErrorKind::MediaType, "unsupported_media_type", detail).into()
        };
        std::future::ready(is_json.then_some(Self).ok_or_else(refused))
    }
}

/// Where a request comes from, as far as this server sees.
pub(crate) fn origin(request: &HttpRequest) -> String {
    let address = request.peer_addr();
    address.map_or_else(String::new, |address| address.ip().to_string())
}

fn begun(service: &Service, begun: LoggedIn) -> HttpResponse {
    let cookie = cookie::given(service, &begun);
    HttpResponse::Ok()
        .cookie(cookie)
        .json(SessionView::from(begun.account))
}

/// Says whether the owner's account is to be made.
#[utoipa::path(get, path = "/api/v1/setup", tag = "members", security(()), responses((status = 200, body = NeedView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_set_up(service: Data) -> Result<Answer<NeedView>, Refusal> {
    let needed = service.needs_set_up().await?;
    Ok(Answer(NeedView { needed }))
}

/// Makes the owner's account with the first start's token, and begins a session.
///
/// The token stays a key until it is revoked; the file that has it is removed.
#[utoipa::path(post, path = "/api/v1/setup", tag = "members", security(()), request_body = SetUpBody,
    responses((status = 200, body = SessionView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn set_up(
    service: Data,
    _: SaysJson,
    body: Body<SetUpBody>,
) -> Result<HttpResponse, Refusal> {
    let body = body.0;
    let asked = SetUp {
        token: body.token.secret(),
        name: body.name,
        email: body.email,
        password: body.password.secret(),
    };
    let logged_in = service.set_up(asked).await?;
    Ok(begun(&service, logged_in))
}

/// Logs in: begins a session, whose cookie comes with the answer.
#[utoipa::path(post, path = "/api/v1/session", tag = "members", security(()), request_body = LogInBody,
    responses((status = 200, body = SessionView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn log_in(
    service: Data,
    _: SaysJson,
    request: HttpRequest,
    body: Body<LogInBody>,
) -> Result<HttpResponse, Refusal> {
    let asked = LogIn {
        email: body.0.email,
        password: body.0.password.secret(),
        from: origin(&request),
    };
    let logged_in = service.log_in(asked).await?;
    Ok(begun(&service, logged_in))
}

/// Reads the invitation of a link.
#[utoipa::path(get, path = "/api/v1/invitations/by-token", tag = "members", security(()), params(InvitationQuery),
    responses((status = 200, body = OpenInvitationView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_invitation(
    service: Data,
    query: Query<InvitationQuery>,
) -> Result<Answer<OpenInvitationView>, Refusal> {
    let token = query.0.token.secret();
    let found = service.invitation_of(token.expose()).await?;
    Ok(Answer(found.into()))
}

/// Accepts an invitation: makes the member's account, and begins a session.
#[utoipa::path(post, path = "/api/v1/invitations/accept", tag = "members", security(()), request_body = AcceptBody,
    responses((status = 200, body = SessionView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn accept_invitation(
    service: Data,
    _: SaysJson,
    body: Body<AcceptBody>,
) -> Result<HttpResponse, Refusal> {
    let asked = AcceptInvitation {
        token: body.0.token.secret(),
        name: body.0.name,
        password: body.0.password.secret(),
    };
    let logged_in = service.accept_invitation(asked).await?;
    Ok(begun(&service, logged_in))
}
