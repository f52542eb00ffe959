//! What is at the root: health, files by address, the OpenAPI document, its page, and the first page for people.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{
    FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, http::header::LOCATION,
};
use latchkey_service::Service;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::caller::bearer;
use crate::problem::{Problem, Refusal};
use crate::routes::{at, preview_file};
use crate::studio;

pub(crate) fn configure(config: &mut ServiceConfig) {
    // The page's own validator would send the document's address to somebody else's server.
    let docs_config = Config::from("/openapi.json")
        .validator_url("none")
        .use_base_layout();
    config
        .service(page("/", studio::first))
        .service(page("/healthz", health))
        .service(page("/readyz", ready))
        .service(page("/metrics", metrics))
        .service(page("/openapi.json", openapi))
        .service(page("/files/{id}/preview", preview_file))
        .service(page("/docs", docs))
        .service(SwaggerUi::new("/docs/{_:.*}").config(docs_config));
}

/// What a process that only works answers.
pub(crate) fn configure_worker(config: &mut ServiceConfig) {
    config
        .service(page("/healthz", health))
        .service(page("/readyz", ready))
        .service(page("/metrics", metrics));
}

/// A page for reading, also of its headers alone.
fn page<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args> + Copy,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    at(path, "GET, HEAD")
        .route(web::get().to(handler))
        .route(web::head().to(handler))
}

async fn docs() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, "/docs/"))
        .finish()
}

async fn openapi() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(crate::openapi::document())
}

/// Whether the process lives.
#[utoipa::path(get, path = "/healthz", tag = "server", security(()), responses((status = 200, body = String, content_type = "text/plain")))]
pub(crate) async fn health() -> &'static str {
    "ok\n"
}

/// Whether it takes work: the database answers and the process is not ending.
#[utoipa::path(get, path = "/readyz", tag = "server", security(()), responses((status = 200, body = String, content_type = "text/plain"), (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn ready(service: Data<Service>) -> Result<&'static str, Refusal> {
    service.ready().await?;
    Ok("ready\n")
}

/// What an operator counts: runs, queue, workers, commits, model calls, tokens, requests; as OpenMetrics text.
///
/// The bearer is `LATCHKEY_METRICS_TOKEN`. Where that is not set and there is one workspace only, a key of it with `usage:read`.
#[utoipa::path(get, path = "/metrics", tag = "server",
    responses((status = 200, body = String, content_type = "application/openmetrics-text"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn metrics(
    service: Data<Service>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let text = service.metrics(bearer(&request)).await?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(HttpResponse::Ok().content_type(kind).body(text))
}
