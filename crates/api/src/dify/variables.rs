//! The variables of conversations: listed, and changed (service API reference, 6).

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use latchkey_domain::chat::ConversationVariable;
use latchkey_domain::id::ConversationId;
use latchkey_service::Service;
use serde_json::{Value as Json, json};

use super::app::Key;
use super::body::{Asked, Fields, path_id};
use super::conversations::MISSING;
use super::refused::Refused;

fn shown(variable: &ConversationVariable) -> Json {
    let value = match &variable.value {
        Json::Null => Json::Null,
        Json::String(text) => json!(text),
        other @ (Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_)) => {
            json!(other.to_string())
        }
    };
    json!({
        "id": variable.id, "name": variable.name, "value_type": variable.value_type, "value": value,
        "description": variable.description, "created_at": variable.created_at.seconds(),
        "updated_at": variable.updated_at.seconds(),
    })
}

/// The variables of a conversation.
pub(crate) async fn list(
    service: Data<Service>,
    key: Key,
    path: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    key.chats()?;
    let asked = Asked::of(&request);
    let id: ConversationId = path_id(&path, MISSING)?;
    let limit = asked.number("limit", (1, 100), 20)?;
    let part = asked.get("variable_name").map(part).transpose()?;
    let user = key.user(&service, asked.user()?.as_deref()).await?;
    let workflow = key.app.workflow.id;
    let found = service.conversation_variables(&key.caller, workflow, &user, id);
    let mut found = found.await?;
    if let Some(last) = asked.get("last_id") {
        let at = found.iter().position(|variable| variable.id == last);
        let at = at.ok_or_else(|| Refused::param("Last variable not found."))?;
        found.drain(..=at);
    }
    if let Some(part) = part {
        found.retain(|variable| variable.name.to_lowercase().contains(&part));
    }
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = found.len() > most;
    let data: Vec<Json> = found.iter().take(most).map(shown).collect();
    Ok(HttpResponse::Ok().json(json!({"limit": limit, "has_more": has_more, "data": data})))
}

fn part(text: &str) -> Result<String, Refused> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if text.len() > 255 || !text.chars().all(is_plain) {
        let text =
            "variable_name: only letters, digits, hyphens, underscores and periods are allowed";
        return Err(Refused::param(text));
    }
    Ok(text.to_lowercase())
}

/// Changes a variable of a conversation.
pub(crate) async fn put(
    service: Data<Service>,
    key: Key,
    path: Path<(String, String)>,
    body: Fields,
) -> Result<HttpResponse, Refused> {
    key.chats()?;
    let (id, variable) = path.into_inner();
    let id: ConversationId = path_id(&id, MISSING)?;
    let value = body.0.get("value").cloned();
    let value = value.ok_or_else(|| Refused::param("value: Field required"))?;
    let user = key.user(&service, body.user()?.as_deref()).await?;
    let workflow = key.app.workflow.id;
    let place = (id, variable.as_str());
    let changed = service
        .set_conversation_variable(&key.caller, workflow, &user, place, value)
        .await?;
    Ok(HttpResponse::Ok().json(shown(&changed)))
}
