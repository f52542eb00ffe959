//! Dify's service API under `/v1`: its routes, bodies, error envelope and event streams, so that its clients work unchanged.
//!
//! A key belongs to one app, and no address names it. Bodies are read as leniently as Dify reads them: unknown fields are left
//! alone, and what may be left out may be null.

pub(crate) mod answer;
mod app;
mod audio;
pub(crate) mod body;
mod chat;
mod conversations;
pub(crate) mod events;
mod files;
mod forms;
mod messages;
mod nodes;
pub(crate) mod refused;
mod rounds;
pub(crate) mod runs;
mod shapes;
mod stream;
mod thoughts;
mod variables;
mod workflows;

use actix_web::HttpResponse;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use serde_json::json;

use self::app::authenticate;
use self::refused::Refused;

/// The version of Dify's service API that this one follows.
const FOLLOWS: &str = "1.14.2";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(
        web::resource(["/v1", "/v1/"])
            .route(web::get().to(welcome))
            .default_service(web::to(no_such_method)),
    );
    let at = |path: &str| web::resource(path.to_owned()).default_service(web::to(no_such_method));
    let scope = web::scope("/v1")
        .wrap(from_fn(authenticate))
        .service(at("/workflows/run").route(web::post().to(workflows::run)))
        .service(at("/workflows/run/{run}").route(web::get().to(workflows::get_run)))
        .service(at("/workflows/logs").route(web::get().to(workflows::logs)))
        .service(at("/workflows/tasks/{task}/stop").route(web::post().to(workflows::stop)))
        .service(at("/workflows/{version}/run").route(web::post().to(workflows::run_version)))
        .service(at("/workflow/{run}/events").route(web::get().to(stream::attach)))
        .service(at("/chat-messages").route(web::post().to(chat::ask)))
        .service(at("/chat-messages/{task}/stop").route(web::post().to(chat::stop)))
        .service(at("/completion-messages").route(web::post().to(chat::complete)))
        .service(
            at("/completion-messages/{task}/stop").route(web::post().to(chat::stop_completion)),
        )
        .service(at("/conversations").route(web::get().to(conversations::list)))
        .service(
            at("/conversations/{id}")
                .route(web::delete().to(conversations::delete))
                .route(web::patch().to(conversations::rename)),
        )
        .service(at("/conversations/{id}/name").route(web::post().to(conversations::rename)))
        .service(at("/conversations/{id}/variables").route(web::get().to(variables::list)))
        .service(
            at("/conversations/{id}/variables/{variable}").route(web::put().to(variables::put)),
        )
        .service(at("/messages").route(web::get().to(messages::list)))
        .service(at("/messages/{id}/feedbacks").route(web::post().to(messages::rate)))
        .service(at("/messages/{id}/suggested").route(web::get().to(messages::suggested)))
        .service(at("/app/feedbacks").route(web::get().to(messages::feedbacks)))
        .service(at("/end-users/{id}").route(web::get().to(app::end_user)))
        .service(at("/files/upload").route(web::post().to(files::upload)))
        .service(at("/files/{id}/preview").route(web::get().to(files::preview)))
        .service(at("/info").route(web::get().to(app::info)))
        .service(at("/parameters").route(web::get().to(app::parameters)))
        .service(at("/meta").route(web::get().to(app::meta)))
        .service(at("/site").route(web::get().to(app::site)))
        .service(
            at("/form/human_input/{token}")
                .route(web::get().to(forms::get))
                .route(web::post().to(forms::submit)),
        )
        .service(at("/audio-to-text").route(web::post().to(audio::to_text)))
        .service(at("/text-to-audio").route(web::post().to(audio::from_text)))
        .default_service(web::to(no_such_route));
    config.service(scope);
}

async fn welcome() -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "welcome": "Dify OpenAPI",
        "api_version": "v1",
        "server_version": FOLLOWS,
    }))
}

async fn no_such_method() -> Result<HttpResponse, Refused> {
    let text = "The method is not allowed for the requested URL.";
    Err(Refused::new(405, "method_not_allowed", text))
}

async fn no_such_route() -> Result<HttpResponse, Refused> {
    let text = "The requested URL was not found on the server.";
    Err(Refused::new(404, "not_found", text))
}
