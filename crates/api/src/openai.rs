//! OpenAI's chat format under `/openai/v1`, where a model is a workflow: for clients that speak nothing else.

mod completion;
mod question;
mod refused;

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use latchkey_domain::access::Caller;
use latchkey_service::{App, Service};
use serde_json::{Value as Json, json};

use self::refused::Refused;

pub(crate) fn configure(config: &mut ServiceConfig) {
    let at = |path: &str| web::resource(path.to_owned()).default_service(web::to(no_such_method));
    let scope = web::scope("/openai/v1")
        .service(at("/models").route(web::get().to(models)))
        .service(at("/models/{model}").route(web::get().to(model)))
        .service(at("/chat/completions").route(web::post().to(completion::complete)))
        .default_service(web::to(no_such_route));
    config.service(scope);
}

/// Who calls.
struct Key(Caller);

impl FromRequest for Key {
    type Error = Refused;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refused>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = request.headers().get(AUTHORIZATION);
        let token = header
            .and_then(|header| header.to_str().ok()?.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim().to_owned());
        let service = request.app_data::<Data<Service>>().cloned();
        Box::pin(async move {
            let (Some(token), Some(service)) = (token, service) else {
                return Err(Refused::key());
            };
            match service.authenticate(&token).await {
                Ok(caller) => Ok(Self(caller)),
                Err(error) if error.kind == latchkey_service::ErrorKind::Unauthenticated => {
                    Err(Refused::key())
                }
                Err(error) => Err(error.into()),
            }
        })
    }
}

/// What a client knows a workflow by: its name, or its id where several have that name.
fn names(apps: &[App]) -> Vec<(String, &App)> {
    let is_alone = |app: &App| {
        let same = apps.iter();
        let same = same.filter(|other| other.workflow.name == app.workflow.name);
        same.count() == 1 && !app.workflow.name.is_empty()
    };
    let named = apps.iter().map(|app| {
        let workflow = &app.workflow;
        let name = if is_alone(app) {
            workflow.name.clone()
        } else {
            workflow.id.to_string()
        };
        (name, app)
    });
    named.collect()
}

/// The workflow that a model stands for.
async fn found(service: &Service, caller: &Caller, model: &str) -> Result<App, Refused> {
    let apps = service.apps(caller).await?;
    let by_name = names(&apps).into_iter();
    let mut by_name =
        by_name.filter(|(name, app)| name == model || app.workflow.id.to_string() == model);
    let found = by_name.next().map(|(_, app)| app.clone());
    found.ok_or_else(|| Refused::no_model(model))
}

fn shown(name: &str, app: &App) -> Json {
    let workflow = &app.workflow;
    json!({
        "id": name, "object": "model", "created": workflow.created_at.seconds(), "owned_by": "latchkey",
        "workflow_id": workflow.id, "mode": workflow.mode.as_str(), "description": workflow.description,
    })
}

async fn models(service: Data<Service>, key: Key) -> Result<HttpResponse, Refused> {
    let apps = service.apps(&key.0).await?;
    let named = names(&apps);
    let data: Vec<Json> = named.iter().map(|(name, app)| shown(name, app)).collect();
    Ok(HttpResponse::Ok().json(json!({"object": "list", "data": data})))
}

async fn model(
    service: Data<Service>,
    key: Key,
    path: Path<String>,
) -> Result<HttpResponse, Refused> {
    let app = found(&service, &key.0, &path).await?;
    Ok(HttpResponse::Ok().json(shown(&path, &app)))
}

async fn no_such_method() -> Result<HttpResponse, Refused> {
    Err(Refused::new(
        405,
        "method_not_allowed",
        "the method is not allowed here",
    ))
}

async fn no_such_route() -> Result<HttpResponse, Refused> {
    let text =
        "there is no such route; /openai/v1/models and /openai/v1/chat/completions are known";
    Err(Refused::new(404, "not_found", text))
}
