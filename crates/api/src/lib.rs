//! HTTP: routes, bodies, problems, event streams and the OpenAPI document. It translates; the service decides.

mod body;
mod caller;
mod dify;
mod download;
mod etag;
mod measured;
mod mcp;
mod openai;
mod openapi;
mod page;
mod pages;
mod problem;
mod query;
mod routes;
mod shape;
mod sse;
mod upload;
mod views;
mod webhooks;

use actix_web::web::{self, ServiceConfig};
use latchkey_service::Service;

pub use crate::measured::measured;
pub use crate::openapi::document;

/// Adds the routes of a process that only works: how it is, and what it counts.
pub fn configure_worker(config: &mut ServiceConfig, service: &Service) {
    config.app_data(web::Data::new(service.clone()));
    pages::configure_worker(config);
    config.default_service(web::to(problem::no_such_route));
}

/// Adds all routes.
pub fn configure(config: &mut ServiceConfig, service: &Service) {
    config.app_data(web::Data::new(service.clone()));
    routes::configure(config);
    pages::configure(config);
    webhooks::configure(config);
    dify::configure(config);
    openai::configure(config);
    mcp::configure(config);
    config.default_service(web::to(problem::no_such_route));
}
