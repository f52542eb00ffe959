//! Answers: whole, or piece by piece.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderName};
use actix_web::web::{Bytes, Data};
use futures::{StreamExt as _, stream};
use latchkey_domain::access::Caller;
use latchkey_domain::id::RunId;
use latchkey_domain::workflow::Mode;
use latchkey_service::{ErrorKind, Service};
use serde_json::{Map, Value as Json, json};
use tokio::time::timeout;

use super::question::Question;
use super::refused::Refused;
use super::{Key, found};
use crate::dify::answer::ended;
use crate::dify::body::Fields;
use crate::dify::events::{Said, Translator};
use crate::dify::runs::{Accepted, overrides, start};

/// How long a stream may be silent: that a reader has left shows when something is written.
const SILENCE: Duration = Duration::from_secs(3);
/// The names of outputs that are an answer, the first that is a text.
const ANSWERS: [&str; 5] = ["answer", "text", "output", "result", "content"];

/// Answers the last message.
pub(super) async fn complete(
    service: Data<Service>,
    key: Key,
    body: Result<Fields, crate::dify::refused::Refused>,
) -> Result<HttpResponse, Refused> {
    let caller = key.0;
    let body = body?;
    let model = body
        .text("model")?
        .ok_or_else(|| Refused::request("model is needed"))?;
    let app = found(&service, &caller, model).await?;
    let question = Question::of(body.list("messages")?)?;
    let form = service.app_form(&caller, app.workflow.id).await;
    let form = form.map_err(|error| {
        if error.kind == ErrorKind::Conflict {
            Refused::no_model(model)
        } else {
            error.into()
        }
    })?;
    let mut request = question.start(app.workflow.mode, &form, &body)?;
    request.end_user = body.user()?;
    request.overrides = overrides(&body)?;
    let accepted = start(&service, &caller, &app, request).await?;
    let head = Head {
        id: format!("chatcmpl-{}", accepted.translator.place().run.id),
        created: accepted.translator.place().run.created_at.seconds(),
        model: model.to_owned(),
        mode: app.workflow.mode,
    };
    if body.flag("stream")?.unwrap_or(false) {
        let options = body.object("stream_options")?;
        let usage = options.and_then(|options| options.get("include_usage")?.as_bool());
        let reader = Reader {
            run: accepted.translator.place().run.id,
            has_heard: false,
            service,
            caller,
        };
        return Ok(streamed(accepted, head, usage.unwrap_or(false), reader));
    }
    let ended = ended(accepted).await?;
    let translator = &ended.accepted.translator;
    let text = text_of(&ended.last, translator.answer(), head.mode).map_err(Refused::failed)?;
    Ok(HttpResponse::Ok().json(json!({
        "id": head.id, "object": "chat.completion", "created": head.created, "model": head.model,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text, "refusal": null}, "logprobs": null, "finish_reason": "stop"}],
        "usage": usage_of(translator),
    })))
}

/// What all pieces of an answer say.
struct Head {
    id: String,
    created: i64,
    model: String,
    mode: Mode,
}

/// Who reads a stream. This format knows no way to come back to one or to stop it: whoever leaves wants no more of it.
struct Reader {
    service: Data<Service>,
    caller: Caller,
    run: RunId,
    has_heard: bool,
}

impl Drop for Reader {
    fn drop(&mut self) {
        if !self.has_heard {
            self.service.abandon_run(&self.caller, self.run);
        }
    }
}

impl Head {
    fn chunk(&self, choices: &Json, usage: &Json) -> Bytes {
        let mut chunk = json!({
            "id": self.id, "object": "chat.completion.chunk", "created": self.created, "model": self.model, "choices": choices,
        });
        if !usage.is_null() {
            chunk["usage"] = usage.clone();
        }
        format!("data: {chunk}\n\n").into()
    }

    fn delta(&self, delta: &Json, finish: Option<&str>) -> Bytes {
        let choice =
            json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]);
        self.chunk(&choice, &Json::Null)
    }
}

fn usage_of(translator: &Translator) -> Json {
    let (prompt, completion, total) = translator.usage().tokens();
    json!({"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total})
}

/// The answer of a run that has ended; why there is none.
fn text_of(last: &Said, said: &str, mode: Mode) -> Result<String, String> {
    let data = &last.body["data"];
    if last.name == "workflow_paused" {
        return Err("the run waits for people, which a chat completion cannot".to_owned());
    }
    match data["status"].as_str() {
        Some("succeeded" | "partial-succeeded") => {}
        other => {
            let why = data["error"].as_str();
            return Err(why.or(other).unwrap_or("the run failed").to_owned());
        }
    }
    let nothing = Map::new();
    let outputs = data["outputs"].as_object().unwrap_or(&nothing);
    Ok(match mode {
        Mode::AdvancedChat => outputs
            .get("answer")
            .and_then(Json::as_str)
            .unwrap_or(said)
            .to_owned(),
        Mode::Workflow => text_of_outputs(outputs),
    })
}

/// The one text among outputs; else all of them.
fn text_of_outputs(outputs: &Map<String, Json>) -> String {
    let named = ANSWERS.iter().find_map(|name| outputs.get(*name)?.as_str());
    let alone = || match outputs.len() {
        1 => outputs.values().next().and_then(Json::as_str),
        _ => None,
    };
    match named.or_else(alone) {
        Some(text) => text.to_owned(),
        None => Json::Object(outputs.clone()).to_string(),
    }
}

struct Pieces {
    accepted: Accepted,
    head: Head,
    with_usage: bool,
    waiting: VecDeque<Bytes>,
    is_over: bool,
    reader: Reader,
}

fn streamed(accepted: Accepted, head: Head, with_usage: bool, reader: Reader) -> HttpResponse {
    let first = head.delta(&json!({"role": "assistant", "content": ""}), None);
    let pieces = Pieces {
        accepted,
        head,
        with_usage,
        waiting: VecDeque::from([first]),
        is_over: false,
        reader,
    };
    let pieces = stream::unfold(pieces, |mut pieces| async move {
        let piece = pieces.next().await?;
        Some((piece, pieces))
    });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((HeaderName::from_static("x-accel-buffering"), "no"))
        .streaming(pieces.map(Ok::<Bytes, Infallible>))
}

impl Pieces {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(piece) = self.waiting.pop_front() {
                return Some(piece);
            }
            if self.is_over {
                return None;
            }
            let Ok(event) = timeout(SILENCE, self.accepted.events.next()).await else {
                return Some(Bytes::from_static(b": ping\n\n"));
            };
            let Some(event) = event else {
                self.fail("the run's end is not known; ask for it again");
                continue;
            };
            let Some(event) = self.accepted.disclosure.event((*event).clone()) else {
                continue;
            };
            for said in self.accepted.translator.push(&event) {
                self.take(&said);
            }
        }
    }

    fn take(&mut self, said: &Said) {
        match said.name {
            "message" | "text_chunk" => {
                let text = said.body["answer"]
                    .as_str()
                    .or(said.body["data"]["text"].as_str());
                let text = text.filter(|text| !text.is_empty());
                let piece = text.map(|text| self.head.delta(&json!({"content": text}), None));
                self.waiting.extend(piece);
            }
            "workflow_finished" | "workflow_paused" => self.end(said),
            _ => {}
        }
    }

    fn end(&mut self, last: &Said) {
        let answer = self.accepted.translator.answer().to_owned();
        let text = match text_of(last, &answer, self.head.mode) {
            Ok(text) => text,
            Err(why) => return self.fail(&why),
        };
        if answer.is_empty() && !text.is_empty() {
            let whole = self.head.delta(&json!({"content": text}), None);
            self.waiting.push_back(whole);
        }
        self.waiting
            .push_back(self.head.delta(&json!({}), Some("stop")));
        if self.with_usage {
            let usage = usage_of(&self.accepted.translator);
            self.waiting.push_back(self.head.chunk(&json!([]), &usage));
        }
        self.done();
    }

    fn fail(&mut self, why: &str) {
        let body = Refused::failed(why).body();
        self.waiting.push_back(format!("data: {body}\n\n").into());
        self.done();
    }

    fn done(&mut self) {
        self.waiting
            .push_back(Bytes::from_static(b"data: [DONE]\n\n"));
        self.is_over = true;
        self.reader.has_heard = true;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::text_of_outputs;

    #[test]
    fn outputs_are_a_text_where_one_is() {
        for (outputs, text) in [
            (json!({"greeting": "hi"}), "hi"),
            (json!({"n": 1, "text": "hi"}), "hi"),
            (json!({"n": 1}), "{\"n\":1}"),
            (json!({}), "{}"),
        ] {
            assert_eq!(text_of_outputs(outputs.as_object().unwrap()), text);
        }
    }
}
