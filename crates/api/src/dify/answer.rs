//! Whole answers: a run is listened to until it ends or pauses.

use serde_json::{Value as Json, json};

use super::events::Said;
use super::refused::Refused;
use super::runs::{Accepted, unfinished};

/// How a run has ended, with what is said of it.
pub(crate) struct Ended {
    pub(crate) accepted: Accepted,
    /// The last thing that was said: its end, or its pause.
    pub(crate) last: Said,
    /// The files of the answer.
    pub(crate) files: Json,
}

/// Waits for the end, or the pause.
pub(crate) async fn ended(mut accepted: Accepted) -> Result<Ended, Refused> {
    let mut last = None;
    let mut files = json!([]);
    while let Some(event) = accepted.events.next().await {
        let Some(event) = accepted.disclosure.event((*event).clone()) else {
            continue;
        };
        for said in accepted.translator.push(&event) {
            if said.name == "message_end" {
                files = said.body["files"].clone();
            }
            if matches!(said.name, "workflow_finished" | "workflow_paused") {
                last = Some(said);
            }
        }
    }
    let last = last.ok_or_else(unfinished)?;
    Ok(Ended {
        accepted,
        last,
        files,
    })
}

/// The answer of a workflow app.
pub(crate) fn of_workflow(ended: &Ended) -> Json {
    let place = ended.accepted.translator.place();
    let end = &ended.last.body["data"];
    let mut data = json!({
        "id": place.run.id, "workflow_id": place.version(), "status": end["status"], "outputs": end["outputs"],
        "error": end["error"], "elapsed_time": end["elapsed_time"], "total_tokens": end["total_tokens"],
        "total_steps": end["total_steps"], "created_at": end["created_at"], "finished_at": end["finished_at"],
    });
    if ended.last.name == "workflow_paused" {
        data["paused_nodes"] = end["paused_nodes"].clone();
        data["reasons"] = end["reasons"].clone();
    }
    json!({"task_id": place.run.id.task(), "workflow_run_id": place.run.id, "data": data})
}

/// The answer of an app that answers in conversations; a run that failed is a refusal.
pub(crate) fn of_chat(ended: &Ended, mode: &str) -> Result<Json, Refused> {
    let translator = &ended.accepted.translator;
    let place = translator.place();
    let message = place.message.as_ref().ok_or_else(Refused::internal)?;
    let end = &ended.last.body["data"];
    if end["status"] == "failed" {
        let why = end["error"].as_str().unwrap_or_default();
        return Err(Refused::param(format!("Run failed: {why}")));
    }
    // What the outputs say is whole; a run that was stopped has said what it has said.
    let whole = end["outputs"]["answer"].as_str();
    let answer = whole.unwrap_or_else(|| translator.answer());
    let created_at = message.created_at.seconds();
    if ended.last.name == "workflow_paused" {
        let data = json!({
            "id": message.message, "mode": mode, "conversation_id": message.conversation, "message_id": message.message,
            "workflow_run_id": place.run.id, "answer": translator.answer(), "metadata": translator.metadata(),
            "created_at": created_at, "paused_nodes": end["paused_nodes"], "reasons": end["reasons"], "status": "paused",
            "elapsed_time": end["elapsed_time"], "total_tokens": end["total_tokens"], "total_steps": end["total_steps"],
        });
        return Ok(json!({
            "event": "workflow_paused", "task_id": place.run.id.task(), "id": message.message, "message_id": message.message,
            "conversation_id": message.conversation, "mode": mode, "answer": translator.answer(),
            "metadata": translator.metadata(), "created_at": created_at, "workflow_run_id": place.run.id, "data": data,
        }));
    }
    Ok(json!({
        "event": "message", "task_id": place.run.id.task(), "id": message.message, "message_id": message.message,
        "conversation_id": message.conversation, "mode": mode, "answer": answer, "metadata": translator.metadata(),
        "files": ended.files, "created_at": created_at,
    }))
}
