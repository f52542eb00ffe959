//! HTTP: routes, bodies, problems, event streams and the OpenAPI document. It translates; the service decides.

mod body;
mod caller;
mod cookie;
mod download;
mod etag;
mod openapi;
mod page;
mod pages;
mod problem;
mod query;
mod routes;
mod shape;
mod sse;
mod studio;
mod upload;
mod views;
mod webhooks;

use actix_web::web::{self, ServiceConfig};
use latchkey_service::Service;

pub use crate::openapi::document;
pub use crate::studio::Studio;

/// Adds all routes, and the studio where there is no route.
pub fn configure(config: &mut ServiceConfig, service: &Service, studio: &Studio) {
    config.app_data(web::Data::new(service.clone()));
    config.app_data(web::Data::new(studio.clone()));
    // Before what needs a caller: these answer to everybody.
    routes::configure_open(config);
    routes::configure(config);
    pages::configure(config);
    webhooks::configure(config);
    config.default_service(web::to(studio::rest));
}
