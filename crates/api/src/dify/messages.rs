//! Messages: listed, rated; questions that could follow (service API reference, 5.3 and 6).

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use latchkey_domain::chat::Feedback;
use latchkey_domain::id::{ConversationId, MessageId};
use latchkey_domain::run::Run;
use latchkey_service::{Disclosure, MessageList, SaidMessage, Service};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::app::Key;
use super::body::{Asked, Fields, path_id};
use super::events::sources;
use super::nodes::sources_of;
use super::refused::Refused;
use super::shapes::files_in;
use super::thoughts::Thoughts;

const MISSING: &str = "Message Not Exists.";

/// The messages of a conversation.
pub(crate) async fn list(
    service: Data<Service>,
    key: Key,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    key.chats()?;
    let asked = Asked::of(&request);
    let limit = asked.number("limit", (1, 100), 20)?;
    let conversation = asked.id("conversation_id")?;
    let conversation =
        conversation.ok_or_else(|| Refused::param("conversation_id: Field required"))?;
    let list = MessageList {
        conversation: ConversationId::new(conversation),
        before: asked.id("first_id")?.map(MessageId::new),
        limit,
    };
    let user = key.user(&service, asked.user()?.as_deref()).await?;
    let workflow = key.app.workflow.id;
    let found = service.messages(&key.caller, workflow, &user, list);
    let (found, has_more) = found.await?;
    let disclosure = Disclosure::of(&key.caller);
    let mut data = Vec::new();
    for said in found {
        let told = Told::of(&service, &key, said.message.run.as_ref()).await?;
        data.push(shown(&service, disclosure, said, &told));
    }
    Ok(HttpResponse::Ok().json(json!({"limit": limit, "has_more": has_more, "data": data})))
}

/// What the nodes of an answer's run tell of it.
#[derive(Default)]
struct Told {
    sources: Vec<Json>,
    thoughts: Thoughts,
}

impl Told {
    async fn of(service: &Service, key: &Key, run: Option<&Run>) -> Result<Self, Refused> {
        let Some(run) = run else {
            return Ok(Self::default());
        };
        let executions = service.node_executions(&key.caller, run.id).await?;
        let found: Vec<Json> = executions.iter().flat_map(sources_of).cloned().collect();
        let cites = !found.is_empty() && service.told_of(run).await?.cites;
        Ok(Self {
            sources: if cites { sources(&found) } else { Vec::new() },
            thoughts: Thoughts::of(&executions),
        })
    }
}

fn shown(service: &Service, disclosure: Disclosure, said: SaidMessage, told: &Told) -> Json {
    let SaidMessage {
        mut message,
        files,
        feedback,
    } = said;
    message.run = message.run.map(|run| disclosure.run(run));
    let run = message.run.as_ref();
    let error = run
        .and_then(|run| run.error.as_ref())
        .map(|error| &error.message);
    let tokens = run.map(|run| run.usage.tokens);
    let cost = run.and_then(|run| run.usage.cost.first());
    let latency =
        run.and_then(|run| Some(run.finished_at?.millis_since(run.created_at) as f64 / 1000.0));
    let asked = (files.iter()).map(|file| shown_file(service, json!(file.id), &file.file, "user"));
    let answered = run
        .and_then(|run| run.outputs.as_ref())
        .map(files_in)
        .unwrap_or_default();
    let answered = (answered.iter()).map(|file| {
        let id = ["related_id", "reference", "id"]
            .into_iter()
            .find_map(|key| file.get(key).filter(|id| !id.is_null()));
        shown_file(service, json!(id), file, "assistant")
    });
    json!({
        "id": message.id, "conversation_id": message.conversation,
        "parent_message_id": message.parent.map_or(Uuid::nil(), MessageId::uuid), "inputs": message.inputs,
        "query": message.query, "answer": message.answer(), "status": message.status(),
        "error": error.filter(|_| message.status() == "error"),
        "feedback": feedback.map(|feedback| json!({"rating": feedback.rating})), "retriever_resources": told.sources,
        "message_files": asked.chain(answered).collect::<Vec<_>>(),
        "agent_thoughts": told.thoughts.listed(message.id, message.created_at), "created_at": message.created_at.seconds(), "extra_contents": [],
        "message_tokens": tokens.map_or(0, |tokens| tokens.prompt()),
        "answer_tokens": tokens.map_or(0, |tokens| tokens.completion()),
        "total_tokens": tokens.map_or(0, |tokens| tokens.total()),
        "provider_response_latency": latency.unwrap_or(0.0),
        "total_price": cost.map(|cost| cost.amount.to_string()), "currency": cost.map(|cost| cost.currency.as_str()),
    })
}

fn shown_file(service: &Service, id: Json, file: &Json, belongs_to: &str) -> Json {
    let of = |key: &str| file.get(key).cloned().unwrap_or(Json::Null);
    json!({
        "id": id, "filename": of("filename"), "type": of("type"), "url": service.address_of(file),
        "mime_type": of("mime_type"), "size": of("size"), "transfer_method": of("transfer_method"),
        "belongs_to": belongs_to, "upload_file_id": of("reference"),
    })
}

/// Rates an answer.
pub(crate) async fn rate(
    service: Data<Service>,
    key: Key,
    path: Path<String>,
    body: Fields,
) -> Result<HttpResponse, Refused> {
    key.chats()?;
    let id: MessageId = path_id(&path, MISSING)?;
    let user = key.user(&service, Some(&body.needed_user()?)).await?;
    let content = body.text("content")?.map(str::to_owned);
    let rating = match body.text("rating")? {
        None => None,
        Some(rating @ ("like" | "dislike")) => Some((rating, content)),
        Some(_) => {
            let text = "rating: Input should be 'like' or 'dislike'";
            return Err(Refused::param(text));
        }
    };
    let workflow = key.app.workflow.id;
    service
        .rate_message(&key.caller, workflow, &user, id, rating)
        .await?;
    Ok(HttpResponse::Ok().json(json!({"result": "success"})))
}

/// Questions that could follow an answer.
pub(crate) async fn suggested(
    service: Data<Service>,
    key: Key,
    path: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    key.chats()?;
    let id: MessageId = path_id(&path, MISSING)?;
    let user = Asked::of(&request).needed_user()?;
    let user = key.user(&service, Some(&user)).await?;
    let workflow = key.app.workflow.id;
    let found = service.suggested_questions(&key.caller, workflow, &user, id);
    Ok(HttpResponse::Ok().json(json!({"result": "success", "data": found.await?})))
}

/// What people think of the app's answers.
pub(crate) async fn feedbacks(
    service: Data<Service>,
    key: Key,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    key.chats()?;
    let asked = Asked::of(&request);
    let page = asked.number("page", (1, 1_000_000), 1)?;
    let limit = asked.number("limit", (1, 101), 20)?;
    let workflow = key.app.workflow.id;
    let from = (page - 1) * limit;
    let found = service.feedback(&key.caller, workflow, from, limit).await?;
    let data: Vec<Json> = found.iter().map(shown_feedback).collect();
    Ok(HttpResponse::Ok().json(json!({"data": data})))
}

fn shown_feedback(feedback: &Feedback) -> Json {
    json!({
        "id": feedback.id, "app_id": feedback.workflow, "conversation_id": feedback.conversation,
        "message_id": feedback.message, "rating": feedback.rating, "content": feedback.content, "from_source": "user",
        "from_end_user_id": feedback.end_user, "from_account_id": null, "created_at": feedback.created_at,
        "updated_at": feedback.updated_at,
    })
}
