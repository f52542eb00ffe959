//! HTTP: routes, bodies, problems, event streams and the OpenAPI document. It translates; the service decides.

mod body;
mod caller;
mod cookie;
mod dify;
mod download;
mod etag;
mod mcp;
mod measured;
mod openai;
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

pub use crate::measured::measured;
pub use crate::openapi::document;
pub use crate::studio::Studio;

/// Adds the routes of a process that only works: how it is, and what it counts.
pub fn configure_worker(config: &mut ServiceConfig, service: &Service) {
    config.app_data(web::Data::new(service.clone()));
    pages::configure_worker(config);
    config.default_service(web::to(problem::no_such_route));
}

/// Adds all routes, and the studio where there is no route.
pub fn configure(config: &mut ServiceConfig, service: &Service, studio: &Studio) {
    config.app_data(web::Data::new(service.clone()));
    config.app_data(web::Data::new(studio.clone()));
    // Before what needs a caller: these answer to everybody.
    routes::configure_open(config);
    routes::configure(config);
    pages::configure(config);
    webhooks::configure(config);
    dify::configure(config);
    openai::configure(config);
    mcp::configure(config);
    config.default_service(web::to(studio::rest));
}
