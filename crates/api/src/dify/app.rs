//! Who calls, and for which app; and what is told about an app.

use std::future::{Ready, ready};

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::web::{Data, Path};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, HttpResponse};
use latchkey_domain::access::Caller;
use latchkey_domain::chat::EndUser;
use latchkey_domain::id::EndUserId;
use latchkey_domain::workflow::Mode;
use latchkey_service::{App, AppForm, ErrorKind, Service};
use serde_json::{Map, Value as Json, json};

use super::body::path_id;
use super::refused::Refused;

/// The limits of files in megabytes, as Dify tells them.
const SIZES: [(&str, u32); 5] = [
    ("image_file_size_limit", 10),
    ("video_file_size_limit", 100),
    ("audio_file_size_limit", 50),
    ("file_size_limit", 15),
    ("workflow_file_upload_limit", 10),
];

/// A caller with the app of its key.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) caller: Caller,
    pub(crate) app: App,
}

/// Finds out who calls before anything else of the request is read.
pub(crate) async fn authenticate(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let key = key_of(request.request()).await?;
    request.extensions_mut().insert(key);
    next.call(request).await
}

async fn key_of(request: &HttpRequest) -> Result<Key, Refused> {
    let refused = |text: &str| Refused::new(401, "unauthorized", text);
    let service = request
        .app_data::<Data<Service>>()
        .ok_or_else(Refused::internal)?;
    let header = request.headers().get(AUTHORIZATION);
    let header = header.and_then(|header| header.to_str().ok());
    let split = header.and_then(|header| header.split_once(' '));
    let Some((scheme, token)) = split else {
        let text = "Authorization header must be provided and start with 'Bearer'";
        return Err(refused(text));
    };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(refused("Authorization scheme must be 'Bearer'"));
    }
    let unknown = |_| refused("Access token is invalid");
    let caller = service.authenticate(token.trim()).await;
    let caller = match caller {
        Err(error) if error.kind == ErrorKind::Unauthenticated => {
            return Err(unknown(error));
        }
        other => other?,
    };
    let app = service.app(&caller).await?;
    Ok(Key { caller, app })
}

impl FromRequest for Key {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let key = request.extensions().get::<Self>().cloned();
        ready(key.ok_or_else(Refused::internal))
    }
}

impl Key {
    /// The end user, kept if they were not seen before.
    pub(crate) async fn user(
        &self,
        service: &Service,
        name: Option<&str>,
    ) -> Result<EndUser, Refused> {
        let id = self.app.workflow.id;
        Ok(service.end_user(&self.caller, id, name).await?)
    }

    /// Refuses what only apps can do that answer in conversations.
    pub(crate) fn chats(&self) -> Result<(), Refused> {
        match self.app.workflow.mode {
            Mode::AdvancedChat => Ok(()),
            Mode::Workflow => Err(Refused::not_chat()),
        }
    }

    /// Refuses what only workflow apps can do.
    pub(crate) fn runs(&self) -> Result<(), Refused> {
        match self.app.workflow.mode {
            Mode::Workflow => Ok(()),
            Mode::AdvancedChat => Err(Refused::not_workflow()),
        }
    }

    async fn form(&self, service: &Service) -> Result<AppForm, Refused> {
        let form = service.app_form(&self.caller, self.app.workflow.id).await;
        form.map_err(|error| match error.code.as_str() {
            "workflow_not_published" => Refused::unavailable(),
            _ => error.into(),
        })
    }
}

/// What the app is.
pub(crate) async fn info(service: Data<Service>, key: Key) -> Result<HttpResponse, Refused> {
    let workflow = &key.app.workflow;
    let form = service.app_form(&key.caller, workflow.id).await;
    let mode = form.map_or_else(
        |_| workflow.mode.as_str().to_owned(),
        |form| mode_of(&form, workflow.mode),
    );
    Ok(HttpResponse::Ok().json(json!({
        "name": workflow.name, "description": workflow.description, "tags": [], "mode": mode, "author_name": null,
    })))
}

/// The mode that the app's clients know it by: the one that it had before it was given a graph.
pub(crate) fn mode_of(form: &AppForm, mode: Mode) -> String {
    let before = form.app.get("converted_from").and_then(Json::as_str);
    before.unwrap_or(mode.as_str()).to_owned()
}

/// What the app asks for and offers.
pub(crate) async fn parameters(service: Data<Service>, key: Key) -> Result<HttpResponse, Refused> {
    let form = key.form(&service).await?;
    let features = &form.features;
    let switch = |name: &str| {
        let told = features.get(name).filter(|told| told.is_object()).cloned();
        told.unwrap_or_else(|| json!({"enabled": false}))
    };
    let text = |name: &str| features.get(name).filter(|told| told.is_string()).cloned();
    let sizes = SIZES.map(|(name, most)| (name.to_owned(), json!(most)));
    let questions = features
        .get("suggested_questions")
        .filter(|told| told.is_array());
    let upload = features.get("file_upload").filter(|told| told.is_object());
    let avoidance = features
        .get("sensitive_word_avoidance")
        .filter(|told| told.is_object());
    Ok(HttpResponse::Ok().json(json!({
        "opening_statement": text("opening_statement"),
        "suggested_questions": questions.cloned().unwrap_or_else(|| json!([])),
        "suggested_questions_after_answer": switch("suggested_questions_after_answer"),
        "speech_to_text": switch("speech_to_text"),
        "text_to_speech": switch("text_to_speech"),
        "retriever_resource": switch("retriever_resource"),
        "annotation_reply": switch("annotation_reply"),
        "more_like_this": switch("more_like_this"),
        "user_input_form": form.variables.iter().map(control).collect::<Vec<_>>(),
        "sensitive_word_avoidance": avoidance.cloned().unwrap_or_else(|| json!({"enabled": false, "type": "", "configs": []})),
        "file_upload": upload.cloned().unwrap_or_else(|| json!({"image": {
            "enabled": false, "number_limits": 3, "detail": "high", "transfer_methods": ["remote_url", "local_file"]}})),
        "system_parameters": Map::from_iter(sizes),
    })))
}

/// A variable under the name of its control.
fn control(variable: &Json) -> Json {
    let kind = variable.get("type").and_then(Json::as_str);
    json!({ kind.unwrap_or("text-input"): variable })
}

/// The icons of the app's tools: there are none.
pub(crate) async fn meta(_: Key) -> HttpResponse {
    HttpResponse::Ok().json(json!({"tool_icons": {}}))
}

/// How a page of the app would look.
pub(crate) async fn site(service: Data<Service>, key: Key) -> Result<HttpResponse, Refused> {
    let workflow = &key.app.workflow;
    let form = service.app_form(&key.caller, workflow.id).await.ok();
    let app = form.map(|form| form.app).unwrap_or_default();
    let text = |name: &str| app.get(name).cloned().unwrap_or(Json::Null);
    let kind = app
        .get("icon_type")
        .and_then(Json::as_str)
        .unwrap_or("emoji");
    Ok(HttpResponse::Ok().json(json!({
        "title": workflow.name, "chat_color_theme": null, "chat_color_theme_inverted": false, "icon_type": kind,
        "icon": text("icon"), "icon_background": text("icon_background"), "icon_url": text("icon_url"),
        "description": workflow.description, "copyright": null, "privacy_policy": null, "custom_disclaimer": "",
        "default_language": "en-US", "show_workflow_steps": true,
        "use_icon_as_answer_icon": app.get("use_icon_as_answer_icon").and_then(Json::as_bool).unwrap_or(false),
    })))
}

/// Somebody who has used the app.
pub(crate) async fn end_user(
    service: Data<Service>,
    key: Key,
    path: Path<String>,
) -> Result<HttpResponse, Refused> {
    let missing = || Refused::new(404, "end_user_not_found", "End user not found.");
    let id: EndUserId = path_id(&path, "").map_err(|_| missing())?;
    let workflow = key.app.workflow.id;
    let user = service.known_end_user(&key.caller, workflow, id).await;
    let user = user.map_err(|error| {
        if error.kind == ErrorKind::NotFound {
            missing()
        } else {
            error.into()
        }
    })?;
    Ok(HttpResponse::Ok().json(json!({
        "id": user.id, "tenant_id": user.workspace, "app_id": user.workflow, "type": "service-api",
        "external_user_id": null, "name": null, "is_anonymous": user.is_anonymous, "session_id": user.session,
        "created_at": user.created_at, "updated_at": user.created_at,
    })))
}
