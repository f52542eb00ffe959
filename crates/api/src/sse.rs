//! Event streams: `id: <epoch.sequence.part>`, `event: <name>`, `data: <JSON>`; a ping when nothing happens.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderName};
use actix_web::web::Bytes;
use futures::stream;
use latchkey_domain::event::{EventBody, RunEvent};
use latchkey_service::{Disclosure, Events};
use serde_json::{Map, Value as Json, json};

use crate::views::run::{NodeExecutionView, RunErrorView, UsageView};

/// How long a connection may be silent.
const SILENCE: Duration = Duration::from_secs(15);

/// Streams a run's events to their end. Dropping the connection does not stop the run.
pub(crate) fn stream_events(events: Events, disclosure: Disclosure) -> HttpResponse {
    let frames = stream::unfold(events, move |mut events| async move {
        loop {
            let Ok(next) = tokio::time::timeout(SILENCE, events.next()).await else {
                return Some((frame(None, "ping", &json!({})), events));
            };
            let event = RunEvent::clone(&*next?);
            if let Some(event) = disclosure.event(event) {
                let id = event.position.to_string();
                let name = event.body.name();
                return Some((frame(Some(&id), name, &Json::Object(data(event))), events));
            }
        }
    });
    let frames = futures::StreamExt::map(frames, Ok::<Bytes, Infallible>);
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((HeaderName::from_static("x-accel-buffering"), "no"))
        .streaming(frames)
}

fn frame(id: Option<&str>, name: &str, data: &Json) -> Bytes {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    format!("{id}event: {name}\ndata: {data}\n\n").into()
}

/// What an event says, with the same words as the rest of the API.
fn data(event: RunEvent) -> Map<String, Json> {
    let mut data = Map::new();
    data.insert("run_id".to_owned(), json!(event.run_id));
    data.insert("sequence".to_owned(), json!(event.position.sequence));
    data.insert("at".to_owned(), json!(event.at));
    let body = match event.body {
        EventBody::NodeFinished(node) => json!(NodeExecutionView::from(*node)),
        EventBody::RunFinished(end) => json!({
            "status": end.status, "outputs": end.outputs, "error": end.error.map(RunErrorView::from),
            "usage": UsageView::from(end.usage), "steps": end.steps, "exceptions": end.exceptions,
        }),
        body @ (EventBody::RunStarted { .. }
        | EventBody::NodeStarted(_)
        | EventBody::ModelCall { .. }
        | EventBody::TextChunk { .. }
        | EventBody::ReasoningChunk { .. }
        | EventBody::NodeRetry { .. }) => json!(body),
    };
    if let Json::Object(body) = body {
        data.extend(body.into_iter().filter(|(name, _)| name != "event"));
    }
    data
}
