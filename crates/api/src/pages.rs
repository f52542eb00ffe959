//! What is at the root: health, the OpenAPI document, its page, and a first page for people.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpResponse, http::header::LOCATION};
use latchkey_service::Service;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::problem::{Problem, Refusal};

const FIRST: &str = include_str!("pages/index.html");

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .route("/", web::get().to(first))
        .route("/healthz", web::get().to(health))
        .route("/readyz", web::get().to(ready))
        .route("/openapi.json", web::get().to(openapi))
        .route("/docs", web::get().to(docs))
        .service(SwaggerUi::new("/docs/{_:.*}").config(Config::from("/openapi.json")));
}

async fn first() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(FIRST)
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
