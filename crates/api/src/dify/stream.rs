//! Streams: frames of one line, pings when nothing happens, and runs that are attached to again.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, HeaderName};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use futures::{StreamExt as _, stream};
use latchkey_domain::event::{EventBody, RunEvent};
use latchkey_domain::id::RunId;
use latchkey_domain::run::Run;
use latchkey_domain::workflow::Mode;
use latchkey_service::{Disclosure, Events, Service};
use serde_json::{Value as Json, json};
use tokio::time::{Instant, timeout};

use super::app::Key;
use super::body::Asked;
use super::events::{Place, Said, Translator};
use super::refused::Refused;
use super::runs::Accepted;

/// How long a stream may be silent.
const SILENCE: Duration = Duration::from_secs(10);
/// How often it is looked whether a paused run goes on.
const LOOK: Duration = Duration::from_millis(500);
/// How long a paused run is waited for (Dify).
const PATIENCE: Duration = Duration::from_secs(300);
const PING: &[u8] = b"event: ping\n\n";

/// What an app of a kind says; `None` for what its clients do not know.
pub(crate) type Filter = fn(Said) -> Option<Said>;

/// What the clients of graphs know: the steps of agents and the files of answers are told there in other ways.
pub(crate) fn of_graph(said: Said) -> Option<Said> {
    (!matches!(said.name, "agent_thought" | "message_file")).then_some(said)
}

/// A stream that is under way.
struct Frames {
    events: Option<Events>,
    translator: Translator,
    disclosure: Disclosure,
    filter: Filter,
    waiting: VecDeque<Bytes>,
    is_over: bool,
    resumed: Option<Resumed>,
}

/// How a stream goes on when its run goes on after a pause.
struct Resumed {
    service: Data<Service>,
    key: Key,
    run: RunId,
    until: Instant,
}

/// The stream of a run that was just accepted.
pub(crate) fn of_run(accepted: Accepted, filter: Filter) -> HttpResponse {
    let Accepted {
        translator,
        events,
        disclosure,
    } = accepted;
    answer(Frames {
        events: Some(events),
        translator,
        disclosure,
        filter,
        waiting: VecDeque::from([Bytes::from_static(PING)]),
        is_over: false,
        resumed: None,
    })
}

fn answer(frames: Frames) -> HttpResponse {
    let frames = stream::unfold(frames, |mut frames| async move {
        let frame = frames.next().await?;
        Some((frame, frames))
    });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((HeaderName::from_static("x-accel-buffering"), "no"))
        .streaming(frames.map(Ok::<Bytes, Infallible>))
}

fn frame(said: &Said) -> Bytes {
    format!("data: {}\n\n", said.body).into()
}

impl Frames {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(frame) = self.waiting.pop_front() {
                return Some(frame);
            }
            if self.is_over {
                return None;
            }
            let Some(events) = &mut self.events else {
                self.go_on().await?;
                continue;
            };
            match timeout(SILENCE, events.next()).await {
                Err(_) => return Some(Bytes::from_static(PING)),
                Ok(Some(event)) => self.take(&event),
                Ok(None) => {
                    self.events = None;
                    self.resumed.as_ref()?;
                }
            }
        }
    }

    fn take(&mut self, event: &RunEvent) {
        let Some(event) = self.disclosure.event(event.clone()) else {
            return;
        };
        for said in self.translator.push(&event) {
            let is_paused = said.name == "workflow_paused";
            let is_last = said.name == "workflow_finished" || is_paused && self.resumed.is_none();
            let told = (self.filter)(said);
            self.waiting.extend(told.as_ref().map(frame));
            if is_last {
                self.is_over = true;
                return;
            }
        }
    }

    /// Waits for a paused run to go on.
    async fn go_on(&mut self) -> Option<()> {
        let resumed = self.resumed.as_ref()?;
        let pinged = Instant::now();
        while Instant::now() < resumed.until {
            let found = resumed.service.attach(&resumed.key.caller, resumed.run);
            let found = found.await.ok()?;
            let is_paused = (found.said.last())
                .is_some_and(|event| matches!(event.body, EventBody::RunPaused(_)));
            if !is_paused {
                let known = self.translator.place().clone();
                // Everything anew, silently up to the last pause: what is after it is said.
                self.translator = Translator::new(known);
                let pause = (found.said.iter())
                    .rposition(|event| matches!(event.body, EventBody::RunPaused(_)));
                let pause = pause.map_or(0, |at| at + 1);
                for event in &found.said[..pause] {
                    self.silently(event);
                }
                for event in &found.said[pause..] {
                    self.take(event);
                }
                self.events = found.further;
                return (self.events.is_some() || self.is_over || !self.waiting.is_empty())
                    .then_some(());
            }
            if pinged.elapsed() >= SILENCE {
                self.waiting.push_back(Bytes::from_static(PING));
                return Some(());
            }
            tokio::time::sleep(LOOK).await;
        }
        None
    }

    fn silently(&mut self, event: &RunEvent) -> Vec<Said> {
        let event = self.disclosure.event(event.clone());
        event.map_or_else(Vec::new, |event| self.translator.push(&event))
    }

    /// What somebody who comes later is told of what has happened.
    fn catch_up(&mut self, said: &[std::sync::Arc<RunEvent>]) {
        let mut told = Vec::new();
        for event in said {
            told.extend(self.silently(event));
        }
        let mut shown = Vec::new();
        let started = told.iter().find(|said| said.name == "workflow_started");
        shown.extend(started.cloned());
        shown.extend(self.translator.replaced());
        let nodes = told
            .iter()
            .filter(|said| matches!(said.name, "node_started" | "node_finished"));
        shown.extend(nodes.cloned().map(without_details));
        let paused = said
            .last()
            .is_some_and(|event| matches!(event.body, EventBody::RunPaused(_)));
        if paused {
            let last = told
                .iter()
                .rev()
                .find(|said| said.name == "workflow_paused");
            let forms = last.map(|said| said.body["data"]["reasons"].clone());
            let is_open = |said: &&Said| {
                let form = &said.body["data"]["form_id"];
                let mut open = forms.iter().filter_map(Json::as_array).flatten();
                open.any(|reason| reason["form_id"] == *form)
            };
            let asked = told
                .iter()
                .filter(|said| said.name == "human_input_required");
            shown.extend(asked.filter(is_open).cloned());
            shown.extend(last.cloned());
        }
        for said in shown {
            self.waiting.extend((self.filter)(said).as_ref().map(frame));
        }
    }
}

/// A node as a snapshot shows it.
fn without_details(mut said: Said) -> Said {
    if let Some(data) = said.body["data"].as_object_mut() {
        for key in [
            "inputs",
            "outputs",
            "process_data",
            "execution_metadata",
            "error",
        ] {
            if data.contains_key(key) {
                data.insert(key.to_owned(), Json::Null);
            }
        }
        data.retain(|key, _| !key.ends_with("_truncated"));
        if data.contains_key("files") {
            data.insert("files".to_owned(), json!([]));
        }
    }
    said
}

/// Attaches to a run of an end user, also after its end.
pub(crate) async fn attach(
    service: Data<Service>,
    key: Key,
    path: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let asked = Asked::of(&request);
    let user = asked.needed_user()?;
    let missing = "Workflow run not found";
    let id: RunId = path.parse().map_err(|_| Refused::not_found(missing))?;
    let found = service.attach(&key.caller, id).await;
    let found = found.map_err(|error| Refused::from(error).missing(missing))?;
    let workflow = key.app.workflow.id;
    if found.run.workflow != workflow || found.run.end_user.as_deref() != Some(&user) {
        return Err(Refused::not_found(missing));
    }
    let place = place(&service, &key, found.run, &user).await?;
    let mut frames = Frames {
        events: found.further,
        translator: Translator::new(place),
        disclosure: Disclosure::of(&key.caller),
        filter: of_graph,
        waiting: VecDeque::new(),
        is_over: false,
        resumed: None,
    };
    let is_over = (found.said.last()).is_some_and(|event| event.body.is_last());
    if is_over {
        let mut end = None;
        for event in &found.said {
            end = frames.silently(event).pop().or(end);
        }
        if let Some(mut said) = end {
            said.body["task_id"] = json!(id);
            frames.waiting.push_back(frame(&said));
        }
        frames.is_over = true;
        return Ok(answer(frames));
    }
    frames.waiting.push_back(Bytes::from_static(PING));
    if asked.flag("include_state_snapshot")? {
        frames.catch_up(&found.said);
    } else {
        for event in &found.said {
            frames.silently(event);
        }
    }
    let is_paused =
        (found.said.last()).is_some_and(|event| matches!(event.body, EventBody::RunPaused(_)));
    if asked.flag("continue_on_pause")? {
        frames.resumed = Some(Resumed {
            service,
            key,
            run: id,
            until: Instant::now() + PATIENCE,
        });
    } else if is_paused {
        frames.is_over = true;
    }
    Ok(answer(frames))
}

/// The place of a run that was begun before.
async fn place(service: &Service, key: &Key, run: Run, user: &str) -> Result<Place, Refused> {
    let message = match key.app.workflow.mode {
        Mode::Workflow => None,
        Mode::AdvancedChat => service.message_of_run(&key.caller, run.id).await?,
    };
    let user = service.end_user(&key.caller, run.workflow, Some(user));
    Ok(Place {
        told: service.told_of(&run).await?,
        user: user.await?,
        message,
        run,
    })
}
