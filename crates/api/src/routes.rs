//! The routes of `/api/v1`.

mod credentials;
mod keys;
mod ledger;
mod providers;
mod runs;
mod workflows;

use actix_web::Resource;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use latchkey_domain::credential::Environment;
use latchkey_domain::time::Timestamp;
use latchkey_service::{Error, Version};
use serde_json::Value as Json;

use crate::caller::authenticate;
use crate::problem::{Refusal, no_such_method};

pub(crate) use self::credentials::*;
pub(crate) use self::keys::*;
pub(crate) use self::ledger::*;
pub(crate) use self::providers::*;
pub(crate) use self::runs::*;
pub(crate) use self::workflows::*;

/// The service in a handler.
type Data = web::Data<latchkey_service::Service>;

fn at(path: &str) -> Resource {
    web::resource(path).default_service(web::to(no_such_method))
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    let scope = web::scope("/api/v1")
        .wrap(from_fn(authenticate))
        .service(at("/workflows/import").route(web::post().to(import_workflow)))
        .service(
            at("/workflows")
                .route(web::get().to(list_workflows))
                .route(web::post().to(create_workflow)),
        )
        .service(
            at("/workflows/{id}")
                .route(web::get().to(get_workflow))
                .route(web::patch().to(change_workflow))
                .route(web::delete().to(delete_workflow)),
        )
        .service(at("/workflows/{id}/export").route(web::get().to(export_workflow)))
        .service(
            at("/workflows/{id}/draft")
                .route(web::get().to(get_draft))
                .route(web::put().to(put_draft)),
        )
        .service(at("/workflows/{id}/publish").route(web::post().to(publish)))
        .service(at("/workflows/{id}/versions").route(web::get().to(list_versions)))
        .service(
            at("/workflows/{id}/versions/{number}/restore").route(web::post().to(restore_version)),
        )
        .service(
            at("/workflows/{id}/credential-settings")
                .route(web::get().to(get_settings))
                .route(web::put().to(put_settings)),
        )
        .service(at("/workflows/{id}/credentials/resolve").route(web::post().to(resolve)))
        .service(at("/workflows/{id}/runs").route(web::post().to(start_run)))
        .service(at("/runs").route(web::get().to(list_runs)))
        .service(at("/runs/{id}").route(web::get().to(get_run)))
        .service(at("/runs/{id}/node-executions").route(web::get().to(list_node_executions)))
        .service(at("/runs/{id}/model-calls").route(web::get().to(list_model_calls_of_run)))
        .service(at("/runs/{id}/events").route(web::get().to(run_events)))
        .service(at("/runs/{id}/stop").route(web::post().to(stop_run)))
        .service(at("/model-calls").route(web::get().to(list_model_calls)))
        .service(at("/usage").route(web::get().to(usage)))
        .service(
            at("/credentials")
                .route(web::get().to(list_credentials))
                .route(web::post().to(create_credential)),
        )
        .service(
            at("/credentials/{id}")
                .route(web::get().to(get_credential))
                .route(web::patch().to(change_credential))
                .route(web::delete().to(delete_credential)),
        )
        .service(at("/credentials/{id}/validate").route(web::post().to(validate_credential)))
        .service(at("/credentials/{id}/references").route(web::get().to(credential_references)))
        .service(at("/credentials/{id}/usage").route(web::get().to(credential_usage)))
        .service(at("/providers").route(web::get().to(list_providers)))
        .service(at("/providers/{provider}").route(web::get().to(get_provider)))
        .service(at("/providers/{provider}/default").route(web::put().to(set_default)))
        .service(
            at("/api-keys")
                .route(web::get().to(list_keys))
                .route(web::post().to(create_key)),
        )
        .service(at("/api-keys/{id}").route(web::delete().to(delete_key)));
    config.service(scope);
}

/// A version as bodies and queries name it.
fn version(named: &Json) -> Result<Version, Refusal> {
    let number = match named {
        Json::String(word) if word == "published" => return Ok(Version::Published),
        Json::String(word) if word == "draft" => return Ok(Version::Draft),
        Json::String(text) => text.parse().ok(),
        Json::Number(number) => number
            .as_u64()
            .and_then(|number| u32::try_from(number).ok()),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    };
    number.map(Version::Number).ok_or_else(|| {
        wrong(
            "/version",
            "version is published, draft or a version's number",
        )
    })
}

fn wrong(pointer: &str, message: &str) -> Refusal {
    let item = latchkey_service::ErrorItem {
        code: "invalid_input".to_owned(),
        message: message.to_owned(),
        pointer: Some(pointer.to_owned()),
        ..Default::default()
    };
    Error::new(
        latchkey_service::ErrorKind::Unprocessable,
        "invalid_input",
        message,
    )
    .with([item])
    .into()
}

fn time(text: Option<&str>, pointer: &str) -> Result<Option<Timestamp>, Refusal> {
    let parse = |text: &str| {
        Timestamp::parse(text).ok_or_else(|| {
            wrong(
                pointer,
                "an RFC 3339 time is needed, such as 2026-11-24T12:00:00Z",
            )
        })
    };
    text.map(parse).transpose()
}

fn environment(name: Option<String>) -> Option<Environment> {
    name.map(Environment)
}
