//! The routes of `/api/v1`.

mod apps;
mod audit;
mod credentials;
mod datasets;
mod files;
mod forms;
mod keys;
mod ledger;
mod limits;
mod master_key;
mod members;
mod open;
mod pools;
mod prices;
mod providers;
mod runs;
mod sessions;
mod status;
mod tools;
mod triggers;
mod workflows;
mod workspace;

use std::str::FromStr;

use actix_web::Resource;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use latchkey_domain::credential::{Environment, ModelScope};
use latchkey_domain::provider::ModelType;
use latchkey_domain::time::Timestamp;
use latchkey_service::{Error, Version};
use serde_json::Value as Json;

use crate::caller::authenticate;
use crate::problem::{Refusal, no_such_method};
use crate::query;

pub(crate) use self::apps::*;
pub(crate) use self::audit::*;
pub(crate) use self::credentials::*;
pub(crate) use self::datasets::*;
pub(crate) use self::files::*;
pub(crate) use self::forms::*;
pub(crate) use self::keys::*;
pub(crate) use self::ledger::*;
pub(crate) use self::limits::*;
pub(crate) use self::master_key::*;
pub(crate) use self::members::*;
pub(crate) use self::open::*;
pub(crate) use self::pools::*;
pub(crate) use self::prices::*;
pub(crate) use self::providers::*;
pub(crate) use self::runs::*;
pub(crate) use self::sessions::*;
pub(crate) use self::status::*;
pub(crate) use self::tools::*;
pub(crate) use self::triggers::*;
pub(crate) use self::workflows::*;
pub(crate) use self::workspace::*;

/// The service in a handler.
type Data = web::Data<latchkey_service::Service>;

/// A route; other methods than these are refused with their list.
pub(crate) fn at(path: &str, methods: &'static str) -> Resource {
    web::resource(path).default_service(web::to(move || no_such_method(methods)))
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    let scope = web::scope("/api/v1")
        .wrap(from_fn(authenticate))
        .service(at("/workflows/import", "POST").route(web::post().to(import_workflow)))
        .service(
            at("/workflows", "GET, POST")
                .route(web::get().to(list_workflows))
                .route(web::post().to(create_workflow)),
        )
        .service(
            at("/workflows/{id}", "GET, PATCH, DELETE")
                .route(web::get().to(get_workflow))
                .route(web::patch().to(change_workflow))
                .route(web::delete().to(delete_workflow)),
        )
        .service(at("/workflows/{id}/export", "GET").route(web::get().to(export_workflow)))
        .service(
            at("/workflows/{id}/draft", "GET, PUT")
                .route(web::get().to(get_draft))
                .route(web::put().to(put_draft)),
        )
        .service(at("/workflows/{id}/publish", "POST").route(web::post().to(publish)))
        .service(at("/workflows/{id}/versions", "GET").route(web::get().to(list_versions)))
        .service(
            at("/workflows/{id}/versions/{number}/restore", "POST")
                .route(web::post().to(restore_version)),
        )
        .service(
            at("/workflows/{id}/credential-settings", "GET, PUT")
                .route(web::get().to(get_settings))
                .route(web::put().to(put_settings)),
        )
        .service(
            at("/workflows/{id}/limits", "GET, PUT")
                .route(web::get().to(get_workflow_limits))
                .route(web::put().to(put_workflow_limits)),
        )
        .service(
            at("/workflows/{id}/app", "GET, PATCH")
                .route(web::get().to(get_app))
                .route(web::patch().to(change_app)),
        )
        .service(at("/workflows/{id}/credentials/resolve", "POST").route(web::post().to(resolve)))
        .service(at("/workflows/{id}/triggers", "GET").route(web::get().to(list_triggers)))
        .service(
            at("/workflows/{id}/triggers/{trigger_id}", "PATCH")
                .route(web::patch().to(change_trigger)),
        )
        .service(at("/workflows/{id}/runs", "POST").route(web::post().to(start_run)))
        .service(at("/workflows/{id}/nodes/{node_id}/run", "POST").route(web::post().to(run_node)))
        .service(at("/status", "GET").route(web::get().to(get_status)))
        .service(at("/workspace", "PATCH").route(web::patch().to(change_workspace)))
        .service(at("/run-counts", "GET").route(web::get().to(count_runs)))
        .service(at("/runs", "GET").route(web::get().to(list_runs)))
        .service(at("/runs/{id}", "GET").route(web::get().to(get_run)))
        .service(at("/runs/{id}/node-executions", "GET").route(web::get().to(list_node_executions)))
        .service(at("/runs/{id}/model-calls", "GET").route(web::get().to(list_model_calls_of_run)))
        .service(at("/runs/{id}/events", "GET").route(web::get().to(run_events)))
        .service(at("/runs/{id}/forms", "GET").route(web::get().to(list_forms)))
        .service(at("/runs/{id}/forms/{form_id}", "POST").route(web::post().to(submit_form)))
        .service(at("/runs/{id}/stop", "POST").route(web::post().to(stop_run)))
        .service(at("/runs/{id}/retry", "POST").route(web::post().to(retry_run)))
        .service(at("/files", "POST").route(web::post().to(upload_file)))
        .service(
            at("/files/{id}", "GET, DELETE")
                .route(web::get().to(get_file))
                .route(web::delete().to(delete_file)),
        )
        .service(at("/files/{id}/content", "GET").route(web::get().to(get_file_content)))
        .service(at("/model-calls", "GET").route(web::get().to(list_model_calls)))
        .service(at("/usage", "GET").route(web::get().to(usage)))
        .service(at("/audit", "GET").route(web::get().to(list_audit)))
        .service(
            at("/prices", "GET, PUT")
                .route(web::get().to(list_prices))
                .route(web::put().to(put_price)),
        )
        .service(at("/prices/{id}", "DELETE").route(web::delete().to(delete_price)))
        .service(
            at("/credentials", "GET, POST")
                .route(web::get().to(list_credentials))
                .route(web::post().to(create_credential)),
        )
        .service(
            at("/credentials/{id}", "GET, PATCH, DELETE")
                .route(web::get().to(get_credential))
                .route(web::patch().to(change_credential))
                .route(web::delete().to(delete_credential)),
        )
        .service(
            at("/credentials/{id}/validate", "POST").route(web::post().to(validate_credential)),
        )
        .service(at("/credentials/{id}/reset-health", "POST").route(web::post().to(reset_health)))
        .service(at("/budget-events", "GET").route(web::get().to(list_budget_events)))
        .service(
            at("/budget-webhook", "GET, PUT, DELETE")
                .route(web::get().to(get_budget_webhook))
                .route(web::put().to(set_budget_webhook))
                .route(web::delete().to(remove_budget_webhook)),
        )
        .service(at("/master-key", "GET").route(web::get().to(get_master_key)))
        .service(at("/master-key/rotate", "POST").route(web::post().to(rotate_master_key)))
        .service(at("/master-key/reencrypt", "POST").route(web::post().to(reencrypt)))
        .service(at("/credentials/{id}/rotate", "POST").route(web::post().to(rotate_credential)))
        .service(
            at("/credentials/{id}/rollback", "POST").route(web::post().to(roll_back_credential)),
        )
        .service(at("/credentials/{id}/versions", "GET").route(web::get().to(credential_versions)))
        .service(
            at("/credentials/{id}/references", "GET").route(web::get().to(credential_references)),
        )
        .service(
            at("/credential-pools", "GET, POST")
                .route(web::get().to(list_pools))
                .route(web::post().to(create_pool)),
        )
        .service(
            at("/credential-pools/{id}", "GET, PATCH, DELETE")
                .route(web::get().to(get_pool))
                .route(web::patch().to(change_pool))
                .route(web::delete().to(delete_pool)),
        )
        .service(
            at("/credential-pools/{id}/references", "GET").route(web::get().to(pool_references)),
        )
        .service(at("/credentials/{id}/usage", "GET").route(web::get().to(credential_usage)))
        .service(
            at("/datasets", "GET, POST")
                .route(web::get().to(list_datasets))
                .route(web::post().to(create_dataset)),
        )
        .service(
            at("/datasets/{id}", "GET, PATCH, DELETE")
                .route(web::get().to(get_dataset))
                .route(web::patch().to(change_dataset))
                .route(web::delete().to(delete_dataset)),
        )
        .service(at("/datasets/{id}/search", "POST").route(web::post().to(search_dataset)))
        .service(
            at("/datasets/{id}/documents", "GET, POST")
                .route(web::get().to(list_documents))
                .route(web::post().to(create_document)),
        )
        .service(
            at("/datasets/{id}/documents/{document_id}", "GET, DELETE")
                .route(web::get().to(get_document))
                .route(web::delete().to(delete_document)),
        )
        .service(
            at("/datasets/{id}/documents/{document_id}/retry", "POST")
                .route(web::post().to(retry_document)),
        )
        .service(
            at("/datasets/{id}/documents/{document_id}/segments", "GET")
                .route(web::get().to(list_segments)),
        )
        .service(at("/providers", "GET").route(web::get().to(list_providers)))
        .service(at("/providers/{provider}", "GET").route(web::get().to(get_provider)))
        .service(at("/providers/{provider}/default", "PUT").route(web::put().to(set_default)))
        .service(
            at("/tool-providers", "GET, POST")
                .route(web::get().to(list_tool_providers))
                .route(web::post().to(create_tool_provider)),
        )
        .service(
            at("/tool-providers/{id}", "GET, PATCH, DELETE")
                .route(web::get().to(get_tool_provider))
                .route(web::patch().to(change_tool_provider))
                .route(web::delete().to(delete_tool_provider)),
        )
        .service(at("/tool-providers/{id}/tools", "GET").route(web::get().to(list_tools)))
        .service(
            at("/tool-providers/{id}/refresh", "POST").route(web::post().to(refresh_tool_provider)),
        )
        .service(
            at("/tool-bindings", "GET, PUT")
                .route(web::get().to(get_tool_bindings))
                .route(web::put().to(put_tool_bindings)),
        )
        .service(
            at("/api-keys", "GET, POST")
                .route(web::get().to(list_keys))
                .route(web::post().to(create_key)),
        )
        .service(
            at("/session", "GET, POST, PATCH, DELETE")
                .route(web::get().to(get_session))
                .route(web::patch().to(change_session))
                .route(web::delete().to(end_session)),
        )
        .service(at("/members", "GET").route(web::get().to(list_members)))
        .service(
            at("/members/{id}", "PATCH, DELETE")
                .route(web::patch().to(change_member))
                .route(web::delete().to(remove_member)),
        )
        .service(
            at("/invitations", "GET, POST")
                .route(web::get().to(list_invitations))
                .route(web::post().to(create_invitation)),
        )
        .service(at("/invitations/{id}", "DELETE").route(web::delete().to(delete_invitation)))
        .service(at("/api-keys/{id}", "DELETE").route(web::delete().to(delete_key)));
    config.service(scope);
}

/// A version as bodies name it.
fn version(named: &Json) -> Result<Version, Refusal> {
    let needed = "published, draft or a version's number is needed";
    version_of(named).ok_or_else(|| wrong("/version", needed))
}

/// A version as queries name it.
fn queried_version(named: Option<String>) -> Result<Option<Version>, Refusal> {
    let needed = "published, draft or a version's number is needed";
    let read = |text| version_of(&Json::String(text));
    named
        .map(|text| read(text).ok_or_else(|| query::wrong("version", needed)))
        .transpose()
}

fn version_of(named: &Json) -> Option<Version> {
    let number = match named {
        Json::String(word) if word == "published" => return Some(Version::Published),
        Json::String(word) if word == "draft" => return Some(Version::Draft),
        Json::String(text) => text.parse().ok(),
        Json::Number(number) => number
            .as_u64()
            .and_then(|number| u32::try_from(number).ok()),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    };
    number.map(Version::Number)
}

pub(crate) fn wrong(pointer: &str, message: &str) -> Refusal {
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

const TIME_NEEDED: &str = "an RFC 3339 time is needed, such as 2026-11-24T12:00:00Z";

/// A time in a body.
fn time(text: Option<&str>, pointer: &str) -> Result<Option<Timestamp>, Refusal> {
    let parse = |text: &str| Timestamp::parse(text).ok_or_else(|| wrong(pointer, TIME_NEEDED));
    text.map(parse).transpose()
}

/// A time in a query.
fn queried_time(text: Option<&str>, name: &str) -> Result<Option<Timestamp>, Refusal> {
    let parse = |text: &str| Timestamp::parse(text).ok_or_else(|| query::wrong(name, TIME_NEEDED));
    text.map(parse).transpose()
}

/// An id in a query.
fn queried_id<T: FromStr>(text: Option<&str>, name: &str) -> Result<Option<T>, Refusal> {
    let parse = |text: &str| {
        text.parse()
            .map_err(|_| query::wrong(name, "an id is needed"))
    };
    text.map(parse).transpose()
}

/// The model that a credential or a default is for.
fn model_scope(
    model: Option<String>,
    model_type: Option<ModelType>,
) -> Result<Option<ModelScope>, Refusal> {
    match (model, model_type) {
        (None, Some(_)) => Err(wrong(
            "/model",
            "model_type is the type of a model: a model is needed",
        )),
        (model, model_type) => Ok(model.map(|name| ModelScope {
            name,
            model_type: model_type.unwrap_or_default(),
        })),
    }
}

fn environment(name: Option<String>) -> Option<Environment> {
    name.map(Environment)
}
