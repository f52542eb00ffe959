//! Event streams: `id: <epoch.sequence.part>`, `event: <name>`, `data: <JSON>`; a ping when nothing happens.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, HeaderName};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use futures::stream;
use latchkey_domain::event::{EventBody, Position, RunEvent};
use latchkey_domain::run::RunStatus;
use latchkey_service::{Disclosure, Events};
use serde_json::{Map, Value as Json, json};

use crate::problem::{Refusal, malformed};
use crate::views::run::{NodeExecutionView, RunErrorView, UsageView};

/// The place that a client continues after: the id of any event, or a plain `sequence`, which stands for everything up to the
/// end of that record.
pub(crate) fn after(request: &HttpRequest) -> Result<Option<Position>, Refusal> {
    let Some(id) = request.headers().get("last-event-id") else {
        return Ok(None);
    };
    let place = id.to_str().ok().and_then(place);
    let wrong = "Last-Event-ID is no id of an event";
    place.map(Some).ok_or_else(|| malformed("malformed", wrong))
}

fn place(id: &str) -> Option<Position> {
    let end_of = |sequence| Position {
        // The first: later epochs go on counting, so that whatever they say comes after it.
        epoch: 1,
        sequence,
        part: u32::MAX,
    };
    Position::parse(id).or_else(|| id.parse().ok().map(end_of))
}

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
        EventBody::RunPaused(paused) => json!({
            "status": RunStatus::Paused, "forms": paused.forms, "outputs": paused.outputs,
            "usage": UsageView::from(paused.usage), "steps": paused.steps, "exceptions": paused.exceptions,
        }),
        // What the system knows of a run is in its other answers.
        EventBody::RunStarted { inputs, system: _ } => json!({ "inputs": inputs }),
        body @ (EventBody::NodeStarted(_)
        | EventBody::ModelCall { .. }
        | EventBody::AgentLog { .. }
        | EventBody::TextChunk { .. }
        | EventBody::ReasoningChunk { .. }
        | EventBody::NodeRetry { .. }
        | EventBody::NodeRestarted { .. }
        | EventBody::IterationStarted(_)
        | EventBody::IterationNext(_)
        | EventBody::IterationSucceeded(_)
        | EventBody::IterationFailed(_)
        | EventBody::LoopStarted(_)
        | EventBody::LoopNext(_)
        | EventBody::LoopSucceeded(_)
        | EventBody::LoopFailed(_)
        | EventBody::FormRequested(_)
        | EventBody::FormAnswered { .. }) => json!(body),
    };
    if let Json::Object(body) = body {
        data.extend(body.into_iter().filter(|(name, _)| name != "event"));
    }
    data
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_plain_sequence_is_the_end_of_its_record() {
        let last_part = place("1.7.31").unwrap();
        let plain = place("7").unwrap();
        assert!(plain > last_part && plain < place("1.8.0").unwrap());
        for wrong in ["", "x", "1.7", "1.7.1.1", "-1"] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
