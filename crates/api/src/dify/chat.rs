//! Apps that answer in conversations: asked, and stopped (service API reference, 5); and what was a completion app.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use latchkey_domain::chat::ChatSource;
use latchkey_domain::id::MessageId;
use latchkey_service::{Service, StartRequest, TurnRequest, Version};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::answer;
use super::app::{Key, mode_of};
use super::body::Fields;
use super::events::Said;
use super::refused::Refused;
use super::runs::{Mode, overrides, start};
use super::stream::{self, Filter};
use super::workflows::{stop_task, version, with_method};

/// What the clients of an app know, by the mode that it had before it was given a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Chatflow,
    Chat,
    Agent,
    Completion,
}

impl Kind {
    fn of(mode: &str) -> Self {
        match mode {
            "chat" => Self::Chat,
            "agent-chat" => Self::Agent,
            "completion" => Self::Completion,
            _ => Self::Chatflow,
        }
    }

    const fn mode(self) -> &'static str {
        match self {
            Self::Chatflow => "advanced-chat",
            Self::Chat => "chat",
            Self::Agent => "agent-chat",
            Self::Completion => "completion",
        }
    }

    const fn filter(self) -> Filter {
        match self {
            Self::Chatflow => stream::of_graph,
            Self::Chat | Self::Completion => of_chat,
            Self::Agent => of_agent,
        }
    }
}

/// Without a graph there is no workflow that could be told of; a failure is told as one.
fn of_chat(said: Said) -> Option<Said> {
    match said.name {
        "message" | "message_file" | "message_end" | "message_replace" | "error" => Some(said),
        "workflow_finished" if said.body["data"]["status"] == "failed" => Some(failed(said)),
        _ => None,
    }
}

fn of_agent(said: Said) -> Option<Said> {
    if said.name == "agent_thought" {
        return Some(said);
    }
    let mut said = of_chat(said)?;
    if said.name == "message" {
        said.body["event"] = json!("agent_message");
    }
    Some(said)
}

fn failed(mut said: Said) -> Said {
    let why = said.body["data"]["error"].clone();
    if let Some(body) = said.body.as_object_mut() {
        for key in ["data", "workflow_run_id", "task_id"] {
            body.shift_remove(key);
        }
        body.insert("event".to_owned(), json!("error"));
        body.insert("code".to_owned(), json!("completion_request_error"));
        body.insert("message".to_owned(), why);
        body.insert("status".to_owned(), json!(400));
    }
    said
}

/// Asks.
pub(crate) async fn ask(
    service: Data<Service>,
    key: Key,
    body: Fields,
) -> Result<HttpResponse, Refused> {
    key.chats()?;
    let kind = kind(&service, &key).await?;
    if kind == Kind::Completion {
        return Err(Refused::not_chat());
    }
    let query = body.text("query")?.unwrap_or_default().replace('\0', "");
    if query.is_empty() {
        return Err(Refused::param("query is required"));
    }
    if body.object("inputs")?.is_none() {
        return Err(Refused::param("inputs: Field required"));
    }
    begin(&service, &key, &body, kind, query).await
}

/// Asks what was a completion app: every request is a conversation of its own.
pub(crate) async fn complete(
    service: Data<Service>,
    key: Key,
    body: Fields,
) -> Result<HttpResponse, Refused> {
    let kind = kind(&service, &key).await?;
    if kind != Kind::Completion {
        return Err(Refused::unavailable());
    }
    let inputs = body.object("inputs")?;
    let inputs = inputs.ok_or_else(|| Refused::param("inputs: Field required"))?;
    let within = inputs.get("query").and_then(Json::as_str);
    let query = body.text("query")?.filter(|query| !query.is_empty());
    let query = query.or(within).unwrap_or_default().to_owned();
    let mut alone = body.clone();
    alone.0.shift_remove("conversation_id");
    alone
        .0
        .insert("auto_generate_name".to_owned(), json!(false));
    begin(&service, &key, &alone, kind, query).await
}

async fn kind(service: &Service, key: &Key) -> Result<Kind, Refused> {
    let workflow = &key.app.workflow;
    if workflow.published_version.is_none() {
        return Ok(Kind::Chatflow);
    }
    let form = service.app_form(&key.caller, workflow.id).await?;
    Ok(Kind::of(&mode_of(&form, workflow.mode)))
}

async fn begin(
    service: &Service,
    key: &Key,
    body: &Fields,
    kind: Kind,
    query: String,
) -> Result<HttpResponse, Refused> {
    let conversation = body.text("conversation_id")?.unwrap_or_default().trim();
    let conversation = match conversation {
        "" => None,
        id => {
            let text = "conversation_id must be a valid UUID";
            Some(id.parse().map_err(|_| Refused::param(text))?)
        }
    };
    let chosen = body.text("workflow_id")?.filter(|id| !id.is_empty());
    let chosen = chosen.map_or(Ok(Version::Published), |id| version(key, id))?;
    let mode = Mode::of(body)?;
    // Dify ignores what is no message; so does this.
    let parent = body.get("parent_message_id").and_then(Json::as_str);
    let parent = parent.and_then(|id| Uuid::parse_str(id).ok());
    let request = StartRequest {
        inputs: body.object("inputs")?.cloned().unwrap_or_default(),
        query: Some(query),
        turn: Some(TurnRequest {
            conversation,
            parent: parent.filter(|id| !id.is_nil()).map(MessageId::new),
            source: ChatSource::ServiceApi,
            earlier: Vec::new(),
            is_named: body.flag("auto_generate_name")?.unwrap_or(true),
        }),
        files: with_method(body.list("files")?),
        version: chosen,
        end_user: Some(body.needed_user()?),
        overrides: overrides(body)?,
        ..StartRequest::default()
    };
    let accepted = start(service, &key.caller, &key.app, request).await?;
    match mode {
        Mode::Streaming => Ok(stream::of_run(accepted, kind.filter())),
        Mode::Blocking => {
            let ended = answer::ended(accepted).await?;
            Ok(HttpResponse::Ok().json(answer::of_chat(&ended, kind.mode())?))
        }
    }
}

/// Stops the answer to a question.
pub(crate) async fn stop(
    service: Data<Service>,
    key: Key,
    path: Path<String>,
    body: Fields,
) -> Result<HttpResponse, Refused> {
    key.chats()?;
    body.needed_user()?;
    stop_task(&service, &key, &path).await
}

/// Stops what was a completion app.
pub(crate) async fn stop_completion(
    service: Data<Service>,
    key: Key,
    path: Path<String>,
    body: Fields,
) -> Result<HttpResponse, Refused> {
    if kind(&service, &key).await? != Kind::Completion {
        return Err(Refused::unavailable());
    }
    body.needed_user()?;
    stop_task(&service, &key, &path).await
}
