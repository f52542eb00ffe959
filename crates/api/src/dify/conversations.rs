//! Conversations: listed, named, removed (service API reference, 6).

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use latchkey_domain::chat::Conversation;
use latchkey_domain::id::ConversationId;
use latchkey_service::{ConversationList, ConversationOrder, Service};
use serde_json::{Value as Json, json};

use super::app::Key;
use super::body::{Asked, Fields, Perhaps, path_id};
use super::refused::Refused;

pub(crate) const MISSING: &str = "Conversation Not Exists.";

fn shown(conversation: &Conversation) -> Json {
    json!({
        "id": conversation.id, "name": conversation.name, "inputs": conversation.inputs, "status": "normal",
        "introduction": conversation.introduction, "created_at": conversation.created_at.seconds(),
        "updated_at": conversation.updated_at.seconds(),
    })
}

/// The conversations of an end user.
pub(crate) async fn list(
    service: Data<Service>,
    key: Key,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    key.chats()?;
    let asked = Asked::of(&request);
    let limit = asked.number("limit", (1, 100), 20)?;
    let sort = asked.get("sort_by").unwrap_or("-updated_at");
    let (order, is_descending) = match sort {
        "created_at" => (ConversationOrder::Created, false),
        "-created_at" => (ConversationOrder::Created, true),
        "updated_at" => (ConversationOrder::Updated, false),
        "-updated_at" => (ConversationOrder::Updated, true),
        _ => {
            let text = "sort_by: Input should be 'created_at', '-created_at', 'updated_at' or '-updated_at'";
            return Err(Refused::param(text));
        }
    };
    let list = ConversationList {
        order,
        is_descending,
        after: asked.id("last_id")?.map(ConversationId::new),
        limit,
    };
    let user = key.user(&service, asked.user()?.as_deref()).await?;
    let workflow = key.app.workflow.id;
    let found = service.conversations(&key.caller, workflow, &user, list);
    let (found, has_more) = found.await?;
    let data: Vec<Json> = found.iter().map(shown).collect();
    Ok(HttpResponse::Ok().json(json!({"limit": limit, "has_more": has_more, "data": data})))
}

/// Names a conversation.
pub(crate) async fn rename(
    service: Data<Service>,
    key: Key,
    path: Path<String>,
    body: Fields,
) -> Result<HttpResponse, Refused> {
    key.chats()?;
    let id: ConversationId = path_id(&path, MISSING)?;
    let is_found = body.flag("auto_generate")?.unwrap_or(false);
    let name = body.text("name")?.map(str::to_owned);
    if !is_found && name.as_deref().is_none_or(|name| name.trim().is_empty()) {
        return Err(Refused::param(
            "name is required when auto_generate is false",
        ));
    }
    let user = key.user(&service, body.user()?.as_deref()).await?;
    let workflow = key.app.workflow.id;
    let name = name.filter(|_| !is_found);
    let named = service.name_conversation(&key.caller, workflow, &user, id, name);
    Ok(HttpResponse::Ok().json(shown(&named.await?)))
}

/// Removes a conversation.
pub(crate) async fn delete(
    service: Data<Service>,
    key: Key,
    path: Path<String>,
    body: Perhaps,
) -> Result<HttpResponse, Refused> {
    key.chats()?;
    let id: ConversationId = path_id(&path, MISSING)?;
    let user = key.user(&service, body.0.user()?.as_deref()).await?;
    let workflow = key.app.workflow.id;
    service
        .delete_conversation(&key.caller, workflow, &user, id)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
