//! The OpenAPI document, made from the handlers.

mod needs;

use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, RefOr, Required, Schema};
use utoipa::{Modify, OpenApi};

use self::needs::Needs;
use crate::routes;

#[derive(OpenApi)]
#[openapi(
    info(title = "Latchkey", description = "Runs LLM workflows in which every workflow brings its own keys.", license(name = "Apache-2.0", identifier = "Apache-2.0")),
    modifiers(&Key, &Words, &Bodies, &Needs),
    security(("key" = []), ("session" = [])),
    tags((name = "workflows"), (name = "triggers"), (name = "runs"), (name = "files"), (name = "credentials"), (name = "providers"), (name = "tools"), (name = "usage"), (name = "audit"), (name = "keys"), (name = "members"), (name = "datasets"), (name = "server")),
    paths(
        routes::import_workflow, routes::list_workflows, routes::create_workflow, routes::get_workflow, routes::change_workflow, routes::delete_workflow,
        routes::export_workflow, routes::get_draft, routes::put_draft, routes::publish, routes::list_versions, routes::restore_version,
        routes::get_settings, routes::put_settings, routes::resolve, routes::start_run, routes::run_node, routes::list_runs, routes::get_run, routes::list_node_executions,
        routes::list_model_calls_of_run, routes::run_events, routes::list_forms, routes::submit_form, routes::stop_run, routes::retry_run, routes::list_model_calls, routes::usage, routes::list_audit, routes::list_prices, routes::put_price, routes::delete_price, routes::list_credentials,
        routes::create_credential, routes::get_credential, routes::change_credential, routes::delete_credential, routes::validate_credential,
        routes::get_app, routes::change_app, routes::get_workflow_limits, routes::put_workflow_limits, routes::reset_health, routes::list_budget_events,
        routes::get_budget_webhook, routes::set_budget_webhook, routes::remove_budget_webhook,
        routes::get_master_key, routes::rotate_master_key, routes::reencrypt,
        routes::rotate_credential, routes::roll_back_credential, routes::credential_versions,
        routes::create_pool, routes::list_pools, routes::get_pool, routes::change_pool, routes::delete_pool, routes::pool_references, routes::credential_references, routes::credential_usage, routes::list_providers, routes::get_provider, routes::set_default, routes::list_keys,
        routes::create_key, routes::delete_key, routes::upload_file, routes::get_file, routes::get_file_content, routes::delete_file, routes::preview_file,
        routes::list_triggers, routes::change_trigger, crate::webhooks::receive_webhook,
        routes::create_tool_provider, routes::list_tool_providers, routes::get_tool_provider, routes::change_tool_provider, routes::delete_tool_provider,
        routes::refresh_tool_provider, routes::list_tools, routes::get_tool_bindings, routes::put_tool_bindings,
        routes::list_datasets, routes::create_dataset, routes::get_dataset, routes::change_dataset, routes::delete_dataset,
        routes::search_dataset, routes::list_documents, routes::create_document, routes::get_document, routes::delete_document, routes::retry_document, routes::list_segments,
        routes::get_set_up, routes::set_up, routes::log_in, routes::get_session, routes::change_session, routes::end_session,
        routes::list_members, routes::change_member, routes::remove_member,
        routes::list_invitations, routes::create_invitation, routes::delete_invitation, routes::get_invitation, routes::accept_invitation,
        crate::pages::health, crate::pages::ready, crate::pages::metrics, routes::get_status, routes::change_workspace, routes::count_runs,
    )
)]
struct Document;

struct Key;

impl Modify for Key {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let key = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let cookie = "The cookie that logging in gives; over TLS its name begins with `__Host-`. Changing requests show the session's `csrf_token` in the header `X-CSRF-Token`.";
        let cookie = ApiKeyValue::with_description("latchkey_session", cookie);
        let session = SecurityScheme::ApiKey(ApiKey::Cookie(cookie));
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("key", key);
        components.add_security_scheme("session", session);
    }
}

/// Every response needs a description (OpenAPI 3.1, 4.8.17); most say no more than their status does.
struct Words;

impl Modify for Words {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for path in document.paths.paths.values_mut() {
            for operation in needs::operations(path) {
                for (status, response) in &mut operation.responses.responses {
                    if let RefOr::T(response) = response
                        && response.description.is_empty()
                    {
                        words(status).clone_into(&mut response.description);
                    }
                }
            }
        }
    }
}

fn words(status: &str) -> &'static str {
    match status {
        "201" => "made",
        "202" => "accepted",
        "204" => "removed",
        "4XX" => "refused; the code says why",
        "503" => "not now",
        _ => "done",
    }
}

/// An empty body is an empty object: it may be left out where that says enough.
struct Bodies;

impl Modify for Bodies {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let schemas = document.components.as_ref().map(|all| &all.schemas);
        let needs_nothing = |content: &RefOr<Content>| {
            let RefOr::T(Content {
                schema: Some(RefOr::Ref(named)),
                ..
            }) = content
            else {
                return false;
            };
            let name = named.ref_location.rsplit('/').next().unwrap_or_default();
            let schema = schemas.and_then(|all| all.get(name));
            matches!(schema, Some(RefOr::T(Schema::Object(object))) if object.required.is_empty())
        };
        for path in document.paths.paths.values_mut() {
            for operation in needs::operations(path) {
                if let Some(RefOr::T(body)) = &mut operation.request_body
                    && body
                        .content
                        .get("application/json")
                        .is_some_and(needs_nothing)
                {
                    body.required = Some(Required::False);
                }
            }
        }
    }
}

/// The OpenAPI 3.1 document.
#[must_use]
pub fn document() -> String {
    Document::openapi().to_pretty_json().unwrap_or_default() + "\n"
}
